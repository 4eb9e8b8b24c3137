//! The manuals of aif360's numbers.

use super::manual::manual;
use crate::domain::Meta;

/// What all differences and ratios of two sides share.
macro_rules! pair {
    ($code:literal, $name:literal, $ideal:ident, $summary:literal, $formula:literal, $range:literal,
     $misleads:expr) => {
        manual!(
            $code, concat!("aif360.", $name), $ideal, $summary, $formula, $range,
            "`ZeroDenominator` when a rate of either side is 0/0 (NaN there), and for a ratio to 0 \
             (infinite there, evidence `peer_says_infinity`)",
            concat!(
                $misleads, ". Without a group in the subject, all other groups are pooled into one \
                 side, where a large group hides a small one. The privileged side is the declared \
                 reference, else the largest group"
            ),
            "Bellamy et al. 2019, AI Fairness 360, IBM J. Res. Dev. 63(4/5); read in version 0.6.1",
            concat!("aif360.metrics.ClassificationMetric.", $name)
        )
    };
}

/// What all entropies share.
macro_rules! entropy {
    ($code:literal, $name:literal, $summary:literal, $formula:literal, $misleads:literal) => {
        manual!(
            $code, concat!("aif360.", $name), Zero, $summary, $formula, "0 and up",
            "`ZeroDenominator` when every benefit is 0 (NaN there), and for alpha = 0 when any is \
             (infinite there, evidence `peer_says_infinity`)",
            concat!(
                $misleads, "Weights are ignored without a word; the evidence `weights_ignored` \
                 holds the number with them"
            ),
            "Speicher et al. 2018, KDD; Bellamy et al. 2019, IBM J. Res. Dev. 63(4/5); read in version 0.6.1",
            concat!("aif360.metrics.ClassificationMetric.", $name)
        )
    };
}

/// Differences of one rate.
pub(super) static DIFFERENCES: [Meta; 7] = [
    pair!(
        "FA552",
        "equal_opportunity_difference",
        Zero,
        "Difference of true positive rates, unprivileged minus privileged, as aif360 counts it.",
        "TPR(unprivileged) − TPR(privileged)",
        "−1 to 1",
        "the sign says who is ahead, so that a rule with a one-sided limit passes half of all gaps"
    ),
    pair!(
        "FA553",
        "true_positive_rate_difference",
        Zero,
        "Difference of true positive rates, unprivileged minus privileged, as aif360 counts it.",
        "TPR(unprivileged) − TPR(privileged)",
        "−1 to 1",
        "the sign says who is ahead, so that a rule with a one-sided limit passes half of all gaps"
    ),
    pair!(
        "FA554",
        "false_positive_rate_difference",
        Zero,
        "Difference of false positive rates, unprivileged minus privileged, as aif360 counts it.",
        "FPR(unprivileged) − FPR(privileged)",
        "−1 to 1",
        "the sign says who is ahead, so that a rule with a one-sided limit passes half of all gaps"
    ),
    pair!(
        "FA555",
        "false_negative_rate_difference",
        Zero,
        "Difference of false negative rates, unprivileged minus privileged, as aif360 counts it.",
        "FNR(unprivileged) − FNR(privileged)",
        "−1 to 1",
        "the sign says who is ahead, so that a rule with a one-sided limit passes half of all gaps"
    ),
    pair!(
        "FA556",
        "false_omission_rate_difference",
        Zero,
        "Difference of false omission rates, unprivileged minus privileged, as aif360 counts it.",
        "FOR(unprivileged) − FOR(privileged)",
        "−1 to 1",
        "the sign says who is ahead, so that a rule with a one-sided limit passes half of all gaps. A side without such predictions has a rate of 0 (evidence `counted_as_zero`), of precision as of false discoveries"
    ),
    pair!(
        "FA557",
        "false_discovery_rate_difference",
        Zero,
        "Difference of false discovery rates, unprivileged minus privileged, as aif360 counts it.",
        "FDR(unprivileged) − FDR(privileged)",
        "−1 to 1",
        "the sign says who is ahead, so that a rule with a one-sided limit passes half of all gaps. A side without such predictions has a rate of 0 (evidence `counted_as_zero`), of precision as of false discoveries"
    ),
    pair!(
        "FA558",
        "error_rate_difference",
        Zero,
        "Difference of error rates, unprivileged minus privileged, as aif360 counts it.",
        "ERR(unprivileged) − ERR(privileged)",
        "−1 to 1",
        "the sign says who is ahead, so that a rule with a one-sided limit passes half of all gaps"
    ),
];

/// Ratios of one rate.
pub(super) static RATIOS: [Meta; 5] = [
    pair!(
        "FA559",
        "false_positive_rate_ratio",
        One,
        "Ratio of false positive rates, unprivileged to privileged, as aif360 counts it.",
        "FPR(unprivileged) / FPR(privileged)",
        "0 and up",
        "the ratio may be above 1, so that a rule with a one-sided limit passes half of all gaps"
    ),
    pair!(
        "FA560",
        "false_negative_rate_ratio",
        One,
        "Ratio of false negative rates, unprivileged to privileged, as aif360 counts it.",
        "FNR(unprivileged) / FNR(privileged)",
        "0 and up",
        "the ratio may be above 1, so that a rule with a one-sided limit passes half of all gaps"
    ),
    pair!(
        "FA561",
        "false_omission_rate_ratio",
        One,
        "Ratio of false omission rates, unprivileged to privileged, as aif360 counts it.",
        "FOR(unprivileged) / FOR(privileged)",
        "0 and up",
        "the ratio may be above 1, so that a rule with a one-sided limit passes half of all gaps. A side without such predictions has a rate of 0 (evidence `counted_as_zero`), of precision as of false discoveries"
    ),
    pair!(
        "FA562",
        "false_discovery_rate_ratio",
        One,
        "Ratio of false discovery rates, unprivileged to privileged, as aif360 counts it.",
        "FDR(unprivileged) / FDR(privileged)",
        "0 and up",
        "the ratio may be above 1, so that a rule with a one-sided limit passes half of all gaps. A side without such predictions has a rate of 0 (evidence `counted_as_zero`), of precision as of false discoveries"
    ),
    pair!(
        "FA563",
        "error_rate_ratio",
        One,
        "Ratio of error rates, unprivileged to privileged, as aif360 counts it.",
        "ERR(unprivileged) / ERR(privileged)",
        "0 and up",
        "the ratio may be above 1, so that a rule with a one-sided limit passes half of all gaps"
    ),
];

/// Ratio of selection rates.
pub(super) static DISPARATE_IMPACT: Meta = pair!(
    "FA564",
    "disparate_impact",
    One,
    "Ratio of selection rates, unprivileged to privileged, as aif360 counts it.",
    "P(ŷ = 1 | unprivileged) / P(ŷ = 1 | privileged); of labels P(y = 1 | …)",
    "0 and up",
    "the ratio may be above 1, so that a rule with a one-sided limit passes half of all gaps; the label says whether of predictions or of labels"
);

/// Difference of selection rates.
pub(super) static STATISTICAL_PARITY: Meta = pair!(
    "FA565",
    "statistical_parity_difference",
    Zero,
    "Difference of selection rates, unprivileged minus privileged, as aif360 counts it.",
    "P(ŷ = 1 | unprivileged) − P(ŷ = 1 | privileged); of labels P(y = 1 | …)",
    "−1 to 1",
    "the sign says who is ahead, so that a rule with a one-sided limit passes half of all gaps; the label says whether of predictions or of labels"
);

/// Mean of two differences.
pub(super) static AVERAGE_ODDS: Meta = pair!(
    "FA566",
    "average_odds_difference",
    Zero,
    "Mean of the differences of FPR and TPR, with their signs, as aif360 counts it.",
    "½ (FPR difference + TPR difference)",
    "−1 to 1",
    "gaps of opposite sign cancel to 0; the evidence `opposite_gaps_cancel` holds both"
);

/// Mean of two absolute differences.
pub(super) static AVERAGE_ABS_ODDS: Meta = pair!(
    "FA567",
    "average_abs_odds_difference",
    Zero,
    "Mean of the absolute differences of FPR and TPR, as aif360 counts it.",
    "½ (|FPR difference| + |TPR difference|)",
    "0 to 1",
    "a mean is half the worst gap when the other is 0"
);

/// Mean of two differences.
pub(super) static AVERAGE_PREDICTIVE_VALUE: Meta = pair!(
    "FA568",
    "average_predictive_value_difference",
    Zero,
    "Mean of the differences of precision and of false omission rate, as aif360 counts it.",
    "½ (PPV difference + FOR difference)",
    "−1 to 1",
    "a side without predicted positives has a precision of 0 (evidence `counted_as_zero`); gaps of opposite sign cancel to 0; the evidence `opposite_gaps_cancel` holds both"
);

/// Worse of two differences.
pub(super) static EQUALIZED_ODDS: Meta = pair!(
    "FA569",
    "equalized_odds_difference",
    Zero,
    "The larger absolute difference of FPR and TPR, as aif360 counts it.",
    "max(|FPR difference|, |TPR difference|)",
    "0 to 1",
    "Python finds max(0, NaN) = 0: a group without positives looks fair whatever it gets. The evidence `undefined_part_dropped` holds both parts"
);

/// Worse of two differences of mean scores.
pub(super) static GENERALIZED_ODDS: Meta = pair!(
    "FA570",
    "generalized_equalized_odds_difference",
    Zero,
    "The larger absolute difference of mean scores among negatives and among positives, as aif360 counts it.",
    "max(|difference of E[s | y = 0]|, |difference of E[s | y = 1]|)",
    "0 to 1",
    "Python finds max(0, NaN) = 0: a group without positives looks fair whatever it gets. The evidence `undefined_part_dropped` holds both parts; absent without scores"
);

/// Entropies of individuals.
pub(super) static INDIVIDUAL: [Meta; 3] = [
    entropy!(
        "FA571",
        "generalized_entropy_index",
        "Generalised entropy of benefit, as aif360 counts it.",
        "E[(b/μ)^α − 1] / α(α − 1), b = 1 + ŷ − y; the label says alpha",
        "For alpha = 0 the peer divides by the mean once too often against its own manual; the evidence holds the number by the paper. "
    ),
    entropy!(
        "FA572",
        "theil_index",
        "Theil index of benefit, as aif360 counts it.",
        "E[(b/μ)^α − 1] / α(α − 1), b = 1 + ŷ − y, alpha = 1",
        ""
    ),
    entropy!(
        "FA573",
        "coefficient_of_variation",
        "Coefficient of variation of benefit, as aif360 counts it.",
        "√(2 GE(2)) of the same benefits",
        ""
    ),
];

/// Entropies between all groups.
pub(super) static BETWEEN_ALL_GROUPS: [Meta; 3] = [
    entropy!(
        "FA574",
        "between_all_groups_generalized_entropy_index",
        "Generalised entropy of benefit between all groups, as aif360 counts it.",
        "the entropy with each benefit replaced by the mean of its group; the label says alpha",
        "For alpha = 0 the peer divides by the mean once too often against its own manual; the evidence holds the number by the paper. "
    ),
    entropy!(
        "FA575",
        "between_all_groups_theil_index",
        "Theil index of benefit between all groups, as aif360 counts it.",
        "the entropy with each benefit replaced by the mean of its group, alpha = 1",
        ""
    ),
    entropy!(
        "FA576",
        "between_all_groups_coefficient_of_variation",
        "Coefficient of variation of benefit between all groups, as aif360 counts it.",
        "√(2 GE(2)) of the same benefits",
        ""
    ),
];

/// Entropies between the privileged group and the rest.
pub(super) static BETWEEN_GROUP: [Meta; 3] = [
    entropy!(
        "FA577",
        "between_group_generalized_entropy_index",
        "Generalised entropy of benefit between the privileged group and the rest, as aif360 counts it.",
        "the entropy with each benefit replaced by the mean of its side; the label says alpha",
        "For alpha = 0 the peer divides by the mean once too often against its own manual; the evidence holds the number by the paper. For one group against the privileged one the peer counts all other rows as benefit 0; that number is not shown. "
    ),
    entropy!(
        "FA578",
        "between_group_theil_index",
        "Theil index of benefit between the privileged group and the rest, as aif360 counts it.",
        "the entropy with each benefit replaced by the mean of its side, alpha = 1",
        "For one group against the privileged one the peer counts all other rows as benefit 0; that number is not shown. "
    ),
    entropy!(
        "FA579",
        "between_group_coefficient_of_variation",
        "Coefficient of variation of benefit between the privileged group and the rest, as aif360 counts it.",
        "√(2 GE(2)) of the same benefits",
        "For one group against the privileged one the peer counts all other rows as benefit 0; that number is not shown. "
    ),
];

/// Smoothed differential fairness.
pub(super) static DIFFERENTIAL: Meta = manual!(
    "FA580",
    "aif360.smoothed_empirical_differential_fairness",
    Zero,
    "Largest log ratio of smoothed rates between two groups, as aif360 counts it.",
    "max over groups and outcomes of |ln p_g − ln p_h|, p_g = (positives_g + ½) / (n_g + 1)",
    "0 and up",
    "`ZeroDenominator` for fewer than two groups",
    "nothing but that the pair of groups is not named; our own check of this name names it. The \
     label says whether of labels or of predictions",
    "Foulds, Islam, Keya, Pan 2020, ICDE; read in version 0.6.1",
    "aif360.metrics.BinaryLabelDatasetMetric.smoothed_empirical_differential_fairness"
);

/// What the classifier adds to it.
pub(super) static AMPLIFICATION: Meta = manual!(
    "FA581",
    "aif360.differential_fairness_bias_amplification",
    Zero,
    "Smoothed differential fairness of the predictions minus that of the labels, as aif360 counts it.",
    "ε(predictions) − ε(labels)",
    "any number",
    "`ZeroDenominator` for fewer than two groups",
    "the two may come from different pairs of groups",
    "Foulds, Islam, Keya, Pan 2020, ICDE; read in version 0.6.1",
    "aif360.metrics.ClassificationMetric.differential_fairness_bias_amplification"
);

/// Consistency of neighbours.
pub(super) static CONSISTENCY: Meta = manual!(
    "FA582",
    "aif360.consistency",
    One,
    "How alike the labels of a row and of its five nearest rows are, as aif360 counts it.",
    "1 − mean_i |y_i − mean of y over the 5 nearest rows|, Euclidean",
    "0 to 1",
    "absent for fewer than five rows, or without features",
    "the row is one of its own five neighbours, which lifts the number by up to a fifth, and the \
     protected columns are among the features, coded by the order of their levels, so that groups \
     keep apart. The label says whether of labels or of predictions",
    "Zemel et al. 2013, ICML; read in version 0.6.1",
    "aif360.metrics.BinaryLabelDatasetMetric.consistency"
);

/// All of them, in the order of the codes.
pub(super) fn all() -> Vec<&'static Meta> {
    let pairs = [
        &DISPARATE_IMPACT,
        &STATISTICAL_PARITY,
        &AVERAGE_ODDS,
        &AVERAGE_ABS_ODDS,
        &AVERAGE_PREDICTIVE_VALUE,
        &EQUALIZED_ODDS,
        &GENERALIZED_ODDS,
    ];
    let entropies = INDIVIDUAL.iter().chain(&BETWEEN_ALL_GROUPS).chain(&BETWEEN_GROUP);
    let rates = DIFFERENCES.iter().chain(&RATIOS).chain(pairs).chain(entropies);
    rates.chain([&DIFFERENTIAL, &AMPLIFICATION, &CONSISTENCY]).collect()
}
