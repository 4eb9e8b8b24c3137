//! The table of comparisons between groups: base metrics, aggregate, name, code and manual.
//!
//! The field's own names come first, then `<metric>_difference` and `<metric>_ratio` of every base
//! metric: code `FA1nn` is the difference and `FA2nn` the ratio of the metric `FA0nn`.

use super::aggregate::Aggregate;
use super::metrics::{
    Accuracy, BalancedAccuracy, BaseRate, F1, FalseDiscoveryRate, FalseNegativeRate,
    FalseOmissionRate, FalsePositiveRate, Metric, NegativePredictiveValue, Precision, RocAuc,
    SelectionRate, TrueNegativeRate, TruePositiveRate,
};
use crate::domain::{Ideal, Meta};

/// One way to compare the groups of a grouping in one number.
pub struct Comparison {
    /// Code, name and manual.
    pub meta: Meta,
    /// The base metrics; of several, the worst one decides.
    pub metrics: &'static [&'static dyn Metric],
    /// How two groups become one number.
    pub aggregate: Aggregate,
    /// Whether it is also measured between each group and a declared reference.
    pub pairs: Pairs,
}

/// Whether a comparison is also measured between each group and a declared reference group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pairs {
    /// Yes, signed `group − reference`.
    Signed,
    /// No.
    Absent,
}

/// The rule on groups that all manuals share.
macro_rules! groups {
    () => {
        "`GroupUndefined` when a group with rows has no value itself; the evidence \
         `over_defined_groups` then holds the value of the other groups. `NoScores` when the \
         predictions carry no score but the metric needs one. `OneGroup` when fewer than two \
         groups are left: a group below the declared minimum size takes no part and is named in \
         the evidence `excluded_small_groups`, and a level without rows takes no part because \
         nobody is in it"
    };
}

macro_rules! simultaneous {
    ($two:literal) => {
        concat!(
            "of the worst pair out of all, so it accounts for the extremes having been picked: \
             it lies between the largest lower and the largest upper end of all pairs of groups, ",
            $two,
            ", each with the critical value of the studentized range with which all pairs hold \
             together (Agresti, Bini, Bertaccini, Ryu 2008, Biometrics 64, 1270–1275); several \
             metrics share the error evenly. It covers at least its level, and with two groups it \
             is the usual one; none where a group has no interval of its own"
        )
    };
}

macro_rules! interval {
    (difference share) => {
        simultaneous!("by Newcombe's hybrid score method")
    };
    (ratio share) => {
        simultaneous!("by Koopman's score method, smallest in place of largest")
    };
    (difference $basis:ident) => {
        simultaneous!("from both groups' own intervals (Zou and Donner 2008)")
    };
    (ratio $basis:ident) => {
        simultaneous!(
            "from both groups' own intervals (Donner and Zou 2012), smallest in place of largest"
        )
    };
}

/// One line of the table that has a name of its own.
macro_rules! named {
    ($aggregate:ident $basis:ident $pairs:ident, $code:literal, $name:expr, [$($metric:expr),+],
     $summary:expr, $formula:expr, $source:expr, $peer:expr) => {
        Comparison {
            meta: Meta {
                code: $code,
                name: $name,
                ideal: ideal!($aggregate),
                explain: concat!(
                    $summary, "\n\n**Formula** `", $formula, "`. **Range** 0 to 1. **Ideal** ",
                    ideal!(text $aggregate), ".\n**Undefined** ", ideal!(undefined $aggregate),
                    groups!(), ".\n**Interval** ", interval!($aggregate $basis),
                    ideal!($pairs), ".\n**Source** ", $source, ".\n**Peer** ", $peer, ".\n"
                ),
            },
            metrics: &[$(&$metric),+],
            aggregate: ideal!(aggregate $aggregate),
            pairs: Pairs::$pairs,
        }
    };
}

/// What differs between differences and ratios.
macro_rules! ideal {
    (difference) => {
        Ideal::Zero
    };
    (ratio) => {
        Ideal::One
    };
    (text difference) => {
        "0"
    };
    (text ratio) => {
        "1"
    };
    (undefined difference) => {
        ""
    };
    (undefined ratio) => {
        "`ZeroDenominator` when the metric is 0 in every group. "
    };
    (aggregate difference) => {
        Aggregate::Difference
    };
    (aggregate ratio) => {
        Aggregate::Ratio
    };
    (Absent) => {
        ""
    };
    (Signed) => {
        ". **Pairs** with a declared reference group, also one signed finding per other group, \
         `m(group) − m(reference)` in −1 to 1, with Newcombe's interval of that pair; \
         `GroupUndefined` when one of the two has no value"
    };
}

/// `<metric>_difference` or `<metric>_ratio`.
macro_rules! generic {
    (difference $basis:ident $pairs:ident, $code:literal, $name:literal, $metric:expr) => {
        named!(
            difference $basis $pairs, $code, concat!($name, "_difference"), [$metric],
            concat!("Largest difference of `", $name, "` between two groups."),
            concat!("max_g m(g) − min_g m(g), m = ", $name),
            "Bird et al. 2020, Fairlearn, MSR-TR-2020-32; for the metric see its own page",
            "`fairlearn.metrics.MetricFrame.difference`"
        )
    };
    (ratio $basis:ident $pairs:ident, $code:literal, $name:literal, $metric:expr) => {
        named!(
            ratio $basis $pairs, $code, concat!($name, "_ratio"), [$metric],
            concat!("Smallest ratio of `", $name, "` between two groups."),
            concat!("min_g m(g) / max_g m(g), m = ", $name),
            "Bird et al. 2020, Fairlearn, MSR-TR-2020-32; for the metric see its own page",
            "`fairlearn.metrics.MetricFrame.ratio`"
        )
    };
}

/// All comparisons, in the order of the findings.
pub static COMPARISONS: [Comparison; 35] = [
    named!(
        difference share Absent, "FA031", "demographic_parity_difference", [SelectionRate],
        "Largest difference of the selection rate between two groups.",
        "max_g P(ŷ = 1 | g) − min_g P(ŷ = 1 | g)",
        "Agarwal, Beygelzimer, Dudík, Langford, Wallach 2018, ICML, definition 1",
        "`fairlearn.metrics.demographic_parity_difference`"
    ),
    named!(
        ratio share Absent, "FA032", "demographic_parity_ratio", [SelectionRate],
        "Smallest ratio of the selection rate between two groups; the four-fifths rule asks for 0.8.",
        "min_g P(ŷ = 1 | g) / max_g P(ŷ = 1 | g)",
        "Uniform Guidelines on Employee Selection Procedures, 29 CFR 1607.4 D",
        "`fairlearn.metrics.demographic_parity_ratio`"
    ),
    named!(
        difference share Absent, "FA033", "equalized_odds_difference",
        [TruePositiveRate, FalsePositiveRate],
        "The larger of the largest differences of the true and of the false positive rate.",
        "max(max_g TPR − min_g TPR, max_g FPR − min_g FPR)",
        "Hardt, Price, Srebro 2016, definition 2.1; Agarwal et al. 2018, ICML, definition 2",
        "`fairlearn.metrics.equalized_odds_difference`, which counts 0/0 as 0"
    ),
    named!(
        ratio share Absent, "FA034", "equalized_odds_ratio",
        [TruePositiveRate, FalsePositiveRate],
        "The smaller of the smallest ratios of the true and of the false positive rate.",
        "min(min_g TPR / max_g TPR, min_g FPR / max_g FPR)",
        "Hardt, Price, Srebro 2016, definition 2.1; Agarwal et al. 2018, ICML, definition 2",
        "`fairlearn.metrics.equalized_odds_ratio`, which counts 0/0 as 0"
    ),
    named!(
        difference share Absent, "FA035", "equal_opportunity_difference", [TruePositiveRate],
        "Largest difference of the true positive rate between two groups.",
        "max_g TPR − min_g TPR",
        "Hardt, Price, Srebro 2016, definition 2.2",
        "`fairlearn.metrics.equal_opportunity_difference`, which counts 0/0 as 0"
    ),
    named!(
        ratio share Absent, "FA036", "equal_opportunity_ratio", [TruePositiveRate],
        "Smallest ratio of the true positive rate between two groups.",
        "min_g TPR / max_g TPR",
        "Hardt, Price, Srebro 2016, definition 2.2",
        "`fairlearn.metrics.equal_opportunity_ratio`, which counts 0/0 as 0"
    ),
    named!(
        difference share Absent, "FA037", "predictive_parity_difference", [Precision],
        "Largest difference of the precision between two groups.",
        "max_g P(y = 1 | ŷ = 1, g) − min_g P(y = 1 | ŷ = 1, g)",
        "Chouldechova 2017, Big Data 5, §2",
        "`fairlearn.metrics.MetricFrame.difference` of `sklearn.metrics.precision_score`"
    ),
    generic!(difference share Absent, "FA103", "base_rate", BaseRate),
    generic!(ratio share Absent, "FA203", "base_rate", BaseRate),
    generic!(difference share Signed, "FA104", "selection_rate", SelectionRate),
    generic!(ratio share Absent, "FA204", "selection_rate", SelectionRate),
    generic!(difference share Signed, "FA105", "accuracy", Accuracy),
    generic!(ratio share Absent, "FA205", "accuracy", Accuracy),
    generic!(difference share Signed, "FA102", "true_positive_rate", TruePositiveRate),
    generic!(ratio share Absent, "FA202", "true_positive_rate", TruePositiveRate),
    generic!(difference share Signed, "FA106", "false_positive_rate", FalsePositiveRate),
    generic!(ratio share Absent, "FA206", "false_positive_rate", FalsePositiveRate),
    generic!(difference share Absent, "FA107", "true_negative_rate", TrueNegativeRate),
    generic!(ratio share Absent, "FA207", "true_negative_rate", TrueNegativeRate),
    generic!(difference share Absent, "FA108", "false_negative_rate", FalseNegativeRate),
    generic!(ratio share Absent, "FA208", "false_negative_rate", FalseNegativeRate),
    generic!(difference share Signed, "FA109", "precision", Precision),
    generic!(ratio share Absent, "FA209", "precision", Precision),
    generic!(difference area Absent, "FA110", "roc_auc", RocAuc),
    generic!(ratio area Absent, "FA210", "roc_auc", RocAuc),
    generic!(difference rows Absent, "FA111", "balanced_accuracy", BalancedAccuracy),
    generic!(ratio rows Absent, "FA211", "balanced_accuracy", BalancedAccuracy),
    generic!(difference rows Absent, "FA112", "f1", F1),
    generic!(ratio rows Absent, "FA212", "f1", F1),
    generic!(difference share Absent, "FA113", "false_discovery_rate", FalseDiscoveryRate),
    generic!(ratio share Absent, "FA213", "false_discovery_rate", FalseDiscoveryRate),
    generic!(difference share Absent, "FA114", "negative_predictive_value", NegativePredictiveValue),
    generic!(ratio share Absent, "FA214", "negative_predictive_value", NegativePredictiveValue),
    generic!(difference share Absent, "FA115", "false_omission_rate", FalseOmissionRate),
    generic!(ratio share Absent, "FA215", "false_omission_rate", FalseOmissionRate),
];
