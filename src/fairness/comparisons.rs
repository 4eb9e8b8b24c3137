//! The table of comparisons between groups: base metrics, aggregate, name, code and manual.
//!
//! The field's own names come first, then of every base metric `<metric>_difference` and
//! `<metric>_ratio` between the groups and `<metric>_difference_to_overall` and
//! `<metric>_ratio_to_overall`: codes `FA1nn`, `FA2nn`, `FA6nn` and `FA9nn` of the metric `FA0nn`.

use super::aggregate::Aggregate;
use super::manuals::ideal;
use super::metrics::{
    Accuracy, AverageOdds, AveragePrecision, BalancedAccuracy, BaseRate, BrierScore, ErrorRate,
    ExpectedCalibrationError, ExpectedCalibrationErrorDebiased, ExpectedCalibrationErrorEqualMass,
    ExpectedCalibrationErrorRightClosed, F1, FalseDiscoveryRate, FalseNegativeRate,
    FalseOmissionRate, FalsePositiveRate, GeneralizedFalsePositiveRate,
    GeneralizedTruePositiveRate, LogLoss, MatthewsCorrcoef, MaximumCalibrationError, MeanScore,
    Metric, NegativePredictiveValue, Precision, PredictedPositiveShare, RocAuc, SelectionRate,
    TrueNegativeRate, TruePositiveRate,
};
use super::pairwise::{Distance, abroca, average_abs_odds, calibration_gap};
use crate::domain::Meta;

/// One way to compare the groups of a grouping in one number.
pub struct Comparison {
    /// Code, name and manual.
    pub meta: Meta,
    /// The base metrics; none where the rows of both groups are compared directly.
    pub metrics: &'static [&'static dyn Metric],
    /// How two numbers become one.
    pub aggregate: Aggregate,
    /// Whether it is also measured between each group and a declared reference.
    pub pairs: Pairs,
    /// Which numbers are compared.
    pub how: How,
}

/// Which numbers a comparison compares.
#[derive(Debug, Clone, Copy)]
pub enum How {
    /// Those of the extreme groups; of several base metrics the worst one decides.
    Worst,
    /// Those of the extreme groups, averaged over the base metrics.
    Mean,
    /// That of each group with that of all rows; the worst one decides.
    ToOverall,
    /// The rows of each two groups; the worst pair decides.
    Pairwise(Distance),
}

/// Whether a comparison is also measured between each group and a declared reference group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// Yes: `group − reference`, or `group / reference`.
    Signed,
    /// No.
    Absent,
}

/// The source of equalised odds.
macro_rules! hardt {
    () => {
        "Hardt, Price, Srebro 2016, definition 2.1; Agarwal et al. 2018, ICML, definition 2"
    };
}

macro_rules! aif {
    () => {
        "Bellamy et al. 2018, AI Fairness 360, arXiv:1810.01943"
    };
}

table! { [
    named!(
        Difference share Absent Worst, "FA031", "demographic_parity_difference", [SelectionRate],
        "Largest difference of the selection rate between two groups.",
        "max_g P(ŷ = 1 | g) − min_g P(ŷ = 1 | g)",
        "Agarwal, Beygelzimer, Dudík, Langford, Wallach 2018, ICML, definition 1",
        "`fairlearn.metrics.demographic_parity_difference`"
    ),
    named!(
        Ratio share Absent Worst, "FA032", "demographic_parity_ratio", [SelectionRate],
        "Smallest ratio of the selection rate between two groups; the four-fifths rule asks for 0.8.",
        "min_g P(ŷ = 1 | g) / max_g P(ŷ = 1 | g)",
        "Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D",
        "`fairlearn.metrics.demographic_parity_ratio`"
    ),
    named!(
        Difference share Absent Worst, "FA033", "equalized_odds_difference",
        [TruePositiveRate, FalsePositiveRate],
        "The larger of the largest differences of the true and of the false positive rate.",
        "max(max_g TPR − min_g TPR, max_g FPR − min_g FPR)", hardt!(),
        "`fairlearn.metrics.equalized_odds_difference`, which counts 0/0 as 0"
    ),
    named!(
        Ratio share Absent Worst, "FA034", "equalized_odds_ratio",
        [TruePositiveRate, FalsePositiveRate],
        "The smaller of the smallest ratios of the true and of the false positive rate.",
        "min(min_g TPR / max_g TPR, min_g FPR / max_g FPR)", hardt!(),
        "`fairlearn.metrics.equalized_odds_ratio`, which counts 0/0 as 0"
    ),
    named!(
        Difference share Absent Worst, "FA035", "equal_opportunity_difference", [TruePositiveRate],
        "Largest difference of the true positive rate between two groups.",
        "max_g TPR − min_g TPR",
        "Hardt, Price, Srebro 2016, definition 2.2",
        "`fairlearn.metrics.equal_opportunity_difference`, which counts 0/0 as 0"
    ),
    named!(
        Ratio share Absent Worst, "FA036", "equal_opportunity_ratio", [TruePositiveRate],
        "Smallest ratio of the true positive rate between two groups.",
        "min_g TPR / max_g TPR",
        "Hardt, Price, Srebro 2016, definition 2.2",
        "`fairlearn.metrics.equal_opportunity_ratio`, which counts 0/0 as 0"
    ),
    named!(
        Difference share Absent Worst, "FA037", "predictive_parity_difference", [Precision],
        "Largest difference of the precision between two groups.",
        "max_g P(y = 1 | ŷ = 1, g) − min_g P(y = 1 | ŷ = 1, g)",
        "Chouldechova 2017, Big Data 5, §2",
        "`fairlearn.metrics.MetricFrame.difference` of `sklearn.metrics.precision_score`"
    ),
    named!(
        Difference share Absent Worst, "FA040", "predictive_equality_difference", [FalsePositiveRate],
        "Largest difference of the false positive rate between two groups.",
        "max_g FPR − min_g FPR",
        "Chouldechova 2017, Big Data 5, §2; Corbett-Davies et al. 2017, KDD, §2",
        "`fairlearn.metrics.MetricFrame.difference` of `fairlearn.metrics.false_positive_rate`"
    ),
    named!(
        Ratio share Absent Worst, "FA041", "predictive_equality_ratio", [FalsePositiveRate],
        "Smallest ratio of the false positive rate between two groups.",
        "min_g FPR / max_g FPR",
        "Chouldechova 2017, Big Data 5, §2; Corbett-Davies et al. 2017, KDD, §2",
        "`fairlearn.metrics.MetricFrame.ratio` of `fairlearn.metrics.false_positive_rate`"
    ),
    named!(
        Difference share Absent Mean, "FA042", "equalized_odds_difference_mean",
        [TruePositiveRate, FalsePositiveRate],
        "The mean of the largest differences of the true and of the false positive rate.",
        "((max_g TPR − min_g TPR) + (max_g FPR − min_g FPR)) / 2", hardt!(),
        "`fairlearn.metrics.equalized_odds_difference(agg=\"mean\")`, which counts 0/0 as 0"
    ),
    named!(
        Ratio share Absent Mean, "FA043", "equalized_odds_ratio_mean",
        [TruePositiveRate, FalsePositiveRate],
        "The mean of the smallest ratios of the true and of the false positive rate.",
        "(min_g TPR / max_g TPR + min_g FPR / max_g FPR) / 2", hardt!(),
        "`fairlearn.metrics.equalized_odds_ratio(agg=\"mean\")`, which counts 0/0 as 0"
    ),
    named!(
        Difference share Absent ToOverall, "FA044", "equalized_odds_difference_to_overall",
        [TruePositiveRate, FalsePositiveRate],
        "Largest difference of the true or the false positive rate between a group and all rows.",
        "max_g max(|TPR(g) − TPR|, |FPR(g) − FPR|)", hardt!(),
        "`fairlearn.metrics.equalized_odds_difference(method=\"to_overall\")`, which counts 0/0 as 0"
    ),
    named!(
        Ratio share Absent ToOverall, "FA045", "equalized_odds_ratio_to_overall",
        [TruePositiveRate, FalsePositiveRate],
        "Smallest ratio of the true or the false positive rate of a group and of all rows.",
        "min_g min(r, 1/r) over r = TPR(g) / TPR and r = FPR(g) / FPR", hardt!(),
        "`fairlearn.metrics.equalized_odds_ratio(method=\"to_overall\")`, which counts 0/0 as 0"
    ),
    named!(
        Difference halves Signed Worst, "FA046", "average_odds_difference", [AverageOdds],
        "Largest difference between two groups of the mean of true and false positive rate; \
         differences of opposite sign cancel.",
        "max_g a(g) − min_g a(g), a = (TPR + FPR) / 2", aif!(),
        "`aif360.metrics.ClassificationMetric.average_odds_difference` is the signed pair"
    ),
    named!(
        Difference share Signed Pairwise(average_abs_odds), "FA047",
        "average_abs_odds_difference", [],
        "Largest mean distance of true and false positive rate between two groups; differences of \
         opposite sign do not cancel.",
        "max_{g,h} (|TPR(g) − TPR(h)| + |FPR(g) − FPR(h)|) / 2", aif!(),
        "`aif360.metrics.ClassificationMetric.average_abs_odds_difference` is the pair"
    ),
    named!(
        Ratio share Signed Worst, "FA048", "disparate_impact", [SelectionRate],
        "Smallest ratio of the selection rate between two groups, the lower over the higher; below \
         0.8 the four-fifths rule sees evidence of adverse impact.",
        "min_{g,h} min(r, 1/r), r = P(ŷ = 1 | g) / P(ŷ = 1 | h)",
        "29 CFR 1607.4 D; Feldman et al. 2015, KDD, definition 1.1",
        "`aif360.metrics.ClassificationMetric.disparate_impact` is the pair with a reference"
    ),
    named!(
        Difference area Signed Pairwise(abroca), "FA049", "abroca", [],
        "Largest area between the ROC curves of two groups; unlike the difference of their areas it \
         does not vanish where the curves cross.",
        "max_{g,h} ∫₀¹ |ROC_g(t) − ROC_h(t)| dt, ties joined by straight lines",
        "Gardner, Brooks, Baker 2019, Evaluating the fairness of predictive student models, LAK",
        "`abroca.compute_abroca`, which interpolates on a grid; the number of this name in \
         `holisticai` is a difference of areas"
    ),
    named!(
        Difference bins Signed Pairwise(calibration_gap), "FA050", "calibration_gap", [],
        "Largest mean distance of the shares of positives of two groups at the same score.",
        "max_{g,h} Σ_b W_b |P(y = 1 | b, g) − P(y = 1 | b, h)| / Σ_b W_b over the tenths b of the \
         score in which both groups have rows, W_b the weight of both",
        "Barocas, Hardt, Narayanan 2023, Fairness and machine learning, chapter 3, sufficiency",
        "none"
    ),
]
    "03" "base_rate" BaseRate share;
    "04" "selection_rate" SelectionRate share;
    "05" "accuracy" Accuracy share;
    "02" "true_positive_rate" TruePositiveRate share;
    "06" "false_positive_rate" FalsePositiveRate share;
    "07" "true_negative_rate" TrueNegativeRate share;
    "08" "false_negative_rate" FalseNegativeRate share;
    "09" "precision" Precision share;
    "10" "roc_auc" RocAuc area;
    "11" "balanced_accuracy" BalancedAccuracy halves;
    "12" "f1" F1 rows;
    "13" "false_discovery_rate" FalseDiscoveryRate share;
    "14" "negative_predictive_value" NegativePredictiveValue share;
    "15" "false_omission_rate" FalseOmissionRate share;
    "16" "error_rate" ErrorRate share;
    "17" "matthews_corrcoef" MatthewsCorrcoef signed;
    "18" "predicted_positive_share" PredictedPositiveShare portion;
    "19" "generalized_true_positive_rate" GeneralizedTruePositiveRate mean;
    "20" "generalized_false_positive_rate" GeneralizedFalsePositiveRate mean;
    "21" "mean_score" MeanScore mean;
    "22" "average_precision" AveragePrecision rows;
    "23" "brier_score" BrierScore mean;
    "24" "log_loss" LogLoss loss;
    "25" "expected_calibration_error" ExpectedCalibrationError rows;
    "26" "expected_calibration_error_right_closed" ExpectedCalibrationErrorRightClosed rows;
    "27" "expected_calibration_error_equal_mass" ExpectedCalibrationErrorEqualMass rows;
    "28" "expected_calibration_error_debiased" ExpectedCalibrationErrorDebiased rows;
    "29" "maximum_calibration_error" MaximumCalibrationError rows;
}
