//! The measures of numbers and their manuals.

use crate::domain::Meta;
use crate::fairness::measures::Measure;
use crate::fairness::metrics::METRICS;

macro_rules! student {
    () => {
        "Student's t of the mean, none below 10 effective rows"
    };
}

macro_rules! drawn {
    () => {
        "bias-corrected and accelerated bootstrap of the rows, 1,000 draws, of more than 2,000 rows \
         m out of n; none below 30 rows or with weights (Efron 1987, JASA 82, 171–185; Bickel, \
         Götze, van Zwet 1997, Statistica Sinica 7, 1–31)"
    };
}

static ABSOLUTE: Measure = measure!(
    own!(
        "FA341" "mean_absolute_error" Zero "0" "Mean distance of the prediction from the outcome.",
        "`mean of |ŷ − y|`", "0 and up", "`Empty` when there is no row", student!(),
        "Willmott, Matsuura 2005, Climate Research 30, 79–82",
        "`sklearn.metrics.mean_absolute_error`; `holisticai`'s `mae_ratio` compares two groups"
    ),
    "mean_absolute_error"; "FA351" "0 and up" own; "FA361"
);

static SQUARED: Measure = measure!(
    own!(
        "FA342" "root_mean_squared_error" Zero "0"
        "Root of the mean squared distance of the prediction from the outcome; large misses weigh \
         more.",
        "`√(mean of (ŷ − y)²)`", "0 and up", "`Empty` when there is no row", drawn!(),
        "Willmott, Matsuura 2005, Climate Research 30, 79–82",
        "`sklearn.metrics.root_mean_squared_error`; `holisticai`'s `rmse_ratio` compares two groups"
    ),
    "root_mean_squared_error"; "FA352" "0 and up" own; "FA362"
);

static DETERMINATION: Measure = measure!(
    own!(
        "FA343" "r2_score" One "1; 0 is what the mean outcome of the same rows gives"
        "Share of the spread of the outcomes that the predictions account for.",
        "`1 − Σ(ŷ − y)² / Σ(y − ȳ)²`, `ȳ` the mean outcome of the group itself; a group of little \
         spread has a low value without larger errors",
        "any number, at most 1",
        "`ZeroDenominator` when all outcomes are equal, `TooFew` for one row, `Empty` for none",
        drawn!(), "Kvålseth 1985, The American Statistician 39, 279–285",
        "`sklearn.metrics.r2_score`, which is 1 or 0 where all outcomes are equal"
    ),
    "r2_score"; "FA353" "0 and up" own
);

static MEDIAN: Measure = measure!(
    own!(
        "FA344" "median_absolute_error" Zero "0"
        "Median distance of the prediction from the outcome; a few large misses do not move it.",
        "`median of |ŷ − y|`, the mean of the two middle ones of an even number; with weights the \
         value at which half of the weight is reached",
        "0 and up", "`Empty` when there is no row",
        "of the order statistics, which holds for every distribution; none with weights or below 6 \
         rows (Thompson 1936, Annals of Mathematical Statistics 7, 122–128)",
        "Thompson 1936, Annals of Mathematical Statistics 7, 122–128",
        "`sklearn.metrics.median_absolute_error`"
    ),
    "median_absolute_error"; "FA354" "0 and up" own; "FA364"
);

static ERROR: Measure = measure!(
    own!(
        "FA345" "mean_error" Zero "0; above it the group is overrated, below it underrated"
        "Mean of prediction minus outcome: the bias.",
        "`mean of (ŷ − y)`", "any number", "`Empty` when there is no row", student!(),
        "Calders, Karim, Kamiran, Ali, Zhang 2013, ICDM, definition of the balanced residuals",
        "none; `holisticai` compares the mean predictions"
    ),
    "mean_error"; "FA355" "0 and up" own
);

static PREDICTION: Measure = measure!(
    own!(
        "FA346" "mean_prediction" None "none; what differs between groups is their treatment"
        "Mean prediction.",
        "`mean of ŷ`; its difference between groups is the statistical parity of a number",
        "any number", "`Empty` when there is no row", student!(),
        "Calders, Karim, Kamiran, Ali, Zhang 2013, ICDM, definition of the equal means",
        "`holisticai.bias.metrics.avg_score_diff` and `avg_score_ratio` compare two groups"
    ),
    "mean_prediction"; "FA356" "0 and up" own; "FA366"
);

static OUTCOME: Measure = measure!(
    own!(
        "FA347" "mean_outcome" None "none; it says how the groups differ before any prediction"
        "Mean outcome.",
        "`mean of y`", "any number", "`Empty` when there is no row", student!(),
        "Calders, Karim, Kamiran, Ali, Zhang 2013, ICDM", "none"
    ),
    "mean_outcome"; "FA357" "0 and up" own; "FA367"
);

/// All measures; the first is the count.
pub(super) fn measures() -> Vec<Measure> {
    let count = Measure { meta: METRICS[0].meta(), difference: None, ratio: None };
    let own = |m: &&Measure| Measure { meta: m.meta, difference: m.difference, ratio: m.ratio };
    let all = [&ABSOLUTE, &SQUARED, &DETERMINATION, &MEDIAN, &ERROR, &PREDICTION, &OUTCOME];
    std::iter::once(count).chain(all.iter().map(own)).collect()
}

/// The manuals that only this task has.
pub(super) fn metas() -> impl Iterator<Item = &'static Meta> {
    measures().into_iter().skip(1).flat_map(|measure| measure.metas())
}
