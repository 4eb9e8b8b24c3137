//! The measures of more than two classes and their manuals.

use super::square::Number as Of;
use crate::domain::{Ideal, Meta};
use crate::fairness::comparisons::COMPARISONS;
use crate::fairness::measures::Measure;
use crate::fairness::metrics::METRICS;

macro_rules! drawn {
    () => {
        "bias-corrected and accelerated bootstrap of the k×k table, 2,000 draws; none below 30 rows, \
         where a class has 1 to 4 actual or 1 to 4 predicted rows, above 50 classes, or with weights (Efron 1987, JASA 82, 171–185)"
    };
}

macro_rules! averages {
    () => {
        "Sokolova, Lapalme 2009, Information Processing and Management 45, 427–437, table 3"
    };
}

static RECALL: Measure = measure!(
    own!(
        "FA301" "recall_macro" One "1"
        "Mean of the shares of every class that are predicted rightly, each class alike.",
        "`(1/k) Σ_c n_cc / n_c·`, `n_ab` the rows of class `a` predicted as `b`", "0 to 1",
        "`GroupUndefined` with the name of the class when a class of the table has no actual row \
         here; the evidence `over_present_classes` then holds the mean of the other classes",
        drawn!(), averages!(),
        "`sklearn.metrics.recall_score(average=\"macro\")`, which counts a class without rows as 0"
    ),
    "recall_macro"; "FA311" "0 to 1" own; "FA321"
);

static PRECISION: Measure = measure!(
    own!(
        "FA302" "precision_macro" One "1"
        "Mean over the classes of the share of the predicted that are right, each class alike.",
        "`(1/k) Σ_c n_cc / n_·c`", "0 to 1",
        "`GroupUndefined` with the name of the class when a class of the table is never predicted here",
        drawn!(), averages!(),
        "`sklearn.metrics.precision_score(average=\"macro\")`, which counts such a class as 0"
    ),
    "precision_macro"; "FA312" "0 to 1" own; "FA322"
);

static F1: Measure = measure!(
    own!(
        "FA303" "f1_macro" One "1"
        "Mean F1 of the classes, each class alike.",
        "`(1/k) Σ_c 2 n_cc / (n_c· + n_·c)`", "0 to 1",
        "`GroupUndefined` with the name of the class when a class of the table has neither an actual \
         nor a predicted row here",
        drawn!(), averages!(),
        "`sklearn.metrics.f1_score(average=\"macro\")`, which counts such a class as 0"
    ),
    "f1_macro"; "FA313" "0 to 1" own; "FA323"
);

static F1_MICRO: Measure = measure!(
    own!(
        "FA304" "f1_micro" One "1"
        "F1 of the hits and misses of all classes together.",
        "`2 Σ_c n_cc / Σ_c (n_c· + n_·c)`, which is the accuracy, as are the precision and the \
         recall of all classes together",
        "0 to 1", "`Empty` when there is no row", "Wilson's", averages!(),
        "`sklearn.metrics.f1_score(average=\"micro\")`"
    ),
    "f1_micro"; "FA314" "0 to 1" share; "FA324"
);

static F1_WEIGHTED: Measure = measure!(
    own!(
        "FA305" "f1_weighted" One "1"
        "Mean F1 of the classes, each by its share of the actual rows.",
        "`Σ_c (n_c· / n) 2 n_cc / (n_c· + n_·c)`", "0 to 1", "`Empty` when there is no row",
        drawn!(), averages!(), "`sklearn.metrics.f1_score(average=\"weighted\")`"
    ),
    "f1_weighted"; "FA315" "0 to 1" own; "FA325"
);

static PRECISION_WEIGHTED: Measure = measure!(
    own!(
        "FA306" "precision_weighted" One "1"
        "Mean precision of the classes, each by its share of the actual rows.",
        "`Σ_c (n_c· / n) n_cc / n_·c`; the recall weighted so is the accuracy", "0 to 1",
        "`GroupUndefined` with the name of the class when a class that has rows here is never \
         predicted",
        drawn!(), averages!(), "`sklearn.metrics.precision_score(average=\"weighted\")`, which counts \
         such a class as 0"
    ),
    "precision_weighted"; "FA316" "0 to 1" own; "FA326"
);

static KAPPA: Measure = measure!(
    own!(
        "FA307" "cohen_kappa" One "1"
        "Agreement of actual and predicted class beyond that of chance.",
        "`(p_o − p_e) / (1 − p_e)`, `p_o` the accuracy, `p_e = Σ_c n_c· n_·c / n²`", "−1 to 1",
        "`ZeroDenominator` when all rows are of one class and predicted to be of it; `Empty` when \
         there is no row",
        drawn!(), "Cohen 1960, Educational and Psychological Measurement 20, 37–46",
        "`sklearn.metrics.cohen_kappa_score`, which is NaN there"
    ),
    "cohen_kappa"; "FA317" "0 to 2" own; "FA327"
);

static AUC: Measure = measure!(
    own!(
        "FA308" "roc_auc_ovr_macro" One "1"
        "Mean over the classes of the area under the ROC curve of its probability, one versus rest.",
        "`(1/k) Σ_c AUC_c`, `AUC_c` the chance that a row of class `c` has a higher `prob_c` than a \
         row of another class, ties counting half",
        "0 to 1",
        "`NoScores` when the predictions carry no probability of each class; `GroupUndefined` with \
         the name of the class when a class of the table, or everything but it, has no row here",
        "none; the areas of the classes share their rows",
        "Fawcett 2006, Pattern Recognition Letters 27, §9.2, with equal weights",
        "`sklearn.metrics.roc_auc_score(multi_class=\"ovr\", average=\"macro\")`"
    ),
    "roc_auc_ovr_macro"; "FA318" "0 to 1" none; "FA328"
);

macro_rules! worst_class {
    ($code:literal $name:literal $ideal:ident $best:literal $rate:literal $formula:literal) => {
        Meta {
            code: $code,
            name: $name,
            ideal: Ideal::$ideal,
            explain: concat!(
                "The worst class: ", $rate, ", each class against all others.\n\n**Formula** `",
                $formula, "`; the evidence `deciding_class` names the class, `components` holds \
                 every class, and the findings of the class hold the rest. **Range** 0 to 1. ",
                "**Ideal** ", $best, ".\n**Undefined** ", groups!(),
                ". One class without a value is enough: it is never skipped.\n**Interval** of the \
                 worst pair of groups and the worst class out of all: the classes share the error \
                 evenly (Bonferroni), the pairs as for one class (Agresti, Bini, Bertaccini, Ryu \
                 2008, Biometrics 64, 1270–1275); none with weights.\n**Source** one versus rest: \
                 Sokolova, Lapalme 2009, Information Processing and Management 45, 427–437; ",
                "four-fifths: 29 CFR 1607.4 D.\n**Peer** none; `holisticai`'s multi-class metrics \
                 average over the classes or take the largest without an interval.\n"
            ),
        }
    };
}

/// Smallest ratio of the selection rates of one class.
pub(super) static SELECTION_GAP: Meta = worst_class!(
    "FA331" "worst_class_selection_rate_ratio" One "1; below 0.8 the four-fifths rule sees evidence \
     of adverse impact in that class"
    "smallest ratio between two groups of the share predicted to be of the class"
    "min_c min_g P(ŷ = c | g) / max_g P(ŷ = c | g)"
);

/// Largest difference of the recall of one class.
pub(super) static RECALL_GAP: Meta = worst_class!(
    "FA332" "worst_class_true_positive_rate_difference" Zero "0"
    "largest difference between two groups of the share of the class that is found"
    "max_c (max_g TPR_c(g) − min_g TPR_c(g))"
);

/// Largest difference of the false positive rate of one class.
pub(super) static FALSE_GAP: Meta = worst_class!(
    "FA333" "worst_class_false_positive_rate_difference" Zero "0"
    "largest difference between two groups of the share of the others that is taken for the class"
    "max_c (max_g FPR_c(g) − min_g FPR_c(g))"
);

/// Largest difference of the precision of one class.
pub(super) static PRECISION_GAP: Meta = worst_class!(
    "FA334" "worst_class_precision_difference" Zero "0"
    "largest difference between two groups of the share of those predicted to be of the class that \
     are"
    "max_c (max_g PPV_c(g) − min_g PPV_c(g))"
);

/// Where a number of the measures comes from.
#[derive(Clone, Copy)]
pub(super) enum From {
    /// The rows.
    Count,
    /// The share of rows that are right.
    Right,
    /// The table alone; its interval is drawn.
    Table(Of),
    /// The probability of the actual class.
    Loss,
    /// The probabilities of all classes.
    Areas,
}

/// All measures with what their number comes from; those that two classes have too bear the same
/// name.
pub(super) fn measures() -> Vec<(Measure, From)> {
    let own = |m: &Measure| Measure { meta: m.meta, difference: m.difference, ratio: m.ratio };
    vec![
        (as_of_two("count"), From::Count),
        (as_of_two("accuracy"), From::Right),
        (as_of_two("balanced_accuracy"), From::Table(Of::RecallMacro)),
        (own(&RECALL), From::Table(Of::RecallMacro)),
        (own(&PRECISION), From::Table(Of::PrecisionMacro)),
        (own(&F1), From::Table(Of::F1Macro)),
        (own(&F1_MICRO), From::Right),
        (own(&F1_WEIGHTED), From::Table(Of::F1Weighted)),
        (own(&PRECISION_WEIGHTED), From::Table(Of::PrecisionWeighted)),
        (own(&KAPPA), From::Table(Of::Kappa)),
        (as_of_two("matthews_corrcoef"), From::Table(Of::Correlation)),
        (as_of_two("log_loss"), From::Loss),
        (own(&AUC), From::Areas),
    ]
}

/// A measure of two classes under its own name.
fn as_of_two(name: &str) -> Measure {
    let metric = METRICS.iter().find(|metric| metric.meta().name == name);
    let compared = |end: &str| {
        let wanted = format!("{name}_{end}");
        COMPARISONS.iter().find(|c| c.meta.name == wanted).map(|c| &c.meta)
    };
    let Some(metric) = metric else { unreachable!("`{name}` is a metric of two classes") };
    Measure { meta: metric.meta(), difference: compared("difference"), ratio: compared("ratio") }
}

/// The manuals that only this task has.
pub(super) fn metas() -> impl Iterator<Item = &'static Meta> {
    let own =
        [&RECALL, &PRECISION, &F1, &F1_MICRO, &F1_WEIGHTED, &PRECISION_WEIGHTED, &KAPPA, &AUC];
    let gaps = [&SELECTION_GAP, &RECALL_GAP, &FALSE_GAP, &PRECISION_GAP];
    own.into_iter().flat_map(Measure::metas).chain(gaps)
}
