//! The change of a base metric of one set of rows.

use super::rows::{Counts, Paired, Run, alarmed, found, right, selected};
use crate::domain::{Ideal, Interval, Meta, Seed, Undefined, Value};
use crate::fairness::metrics::{
    Accuracy, BalancedAccuracy, BrierScore, F1, FalsePositiveRate, LogLoss, MatthewsCorrcoef,
    Metric, NegativePredictiveValue, Precision, RocAuc, SelectionRate, TruePositiveRate,
};
use crate::fairness::slice::Slice;
use crate::stats::{
    Agreement, Cube, delong_paired, mcnemar, mean_change, tango, tango_ends, two_sided,
};

/// How the change of a metric is measured.
enum Kind {
    /// A share whose rows are the same in both runs.
    Rate(Counts),
    /// The mean of two such shares of different rows.
    Halves,
    /// By drawing the rows again.
    Drawn,
    /// The area under the ROC curve.
    Area,
    /// A mean of a number of the score and the truth, at most so large.
    Mean(fn(f64, bool) -> f64, f64),
}

/// One base metric.
pub(super) struct Measure {
    /// Code, name and manual of its change.
    pub(super) meta: Meta,
    /// The metric.
    pub(super) metric: &'static dyn Metric,
    kind: Kind,
}

/// What changed.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// New minus old.
    pub(super) value: Value,
    /// The new and the old number.
    pub(super) runs: [Option<f64>; 2],
    /// How sure.
    pub(super) interval: Option<Interval>,
    /// The p-value of no change.
    pub(super) p: Option<f64>,
    /// Rows that it rests on.
    pub(super) n: u64,
    /// Of a share, on what both runs agree.
    pub(super) agreement: Option<Agreement>,
}

impl Change {
    /// No number.
    pub(super) fn undefined(because: Undefined, n: u64) -> Self {
        let (runs, interval, p) = ([None; 2], None, None);
        Self { value: Err(because), runs, interval, p, n, agreement: None }
    }
}

/// The power of ten of the smallest p-value that is told apart where an interval is inverted.
const SMALLEST: f64 = -12.0;
/// Draws.
const DRAWS: u32 = 2000;
/// Rows of each class and of each decision that draws need.
const LEAST_SIDE: u64 = 5;
/// Rows on which the runs differ that draws need; with 15 or 20, 90 to 93 % of the intervals cover.
const LEAST_DIFFERENT: u64 = 50;

macro_rules! measure {
    ($code:literal, $name:literal, $metric:expr, $kind:expr, $range:literal, $interval:expr) => {
        Measure {
            meta: Meta {
                code: $code,
                name: concat!($name, "_change"),
                ideal: Ideal::None,
                explain: concat!(
                    "Change of `", $name, "` since an earlier run on the same rows.\n\n**Formula** \
                     `m(new) − m(old)`, m = ", $name, ", of all rows and of each group. **Range** ", $range,
                    ". **Ideal** none; a rule `at_least: -0.02, judge: lower` asks that it is not worse by \
                     more than 0.02 (non-inferiority).\n**Undefined** as `", $name, "` in either run; \
                     `TooFew` below the declared minimum size; `NotRun` when the rows are weighted or a run \
                     has no scores but the metric needs them.\n**Interval** ", $interval, " **Evidence** \
                     `runs`: both numbers; `significance`: the p-value of no change, Holm's and Benjamini and \
                     Hochberg's over all changes of the comparison, and their number.\n"
                ),
            },
            metric: &$metric,
            kind: $kind,
        }
    };
}

macro_rules! by_rate {
    () => {
        "Tango's score interval of paired shares; p-value of McNemar's test, exact below 25 rows \
         on which the runs differ. The evidence counts these rows.\n**Source** Tango 1998, Statistics in Medicine \
         17, 891–908; McNemar 1947, Psychometrika 12, 153–157. **Peer** \
         `statsmodels.stats.contingency_tables.mcnemar` for the p-value."
    };
}

macro_rules! by_draws {
    () => {
        "bias-corrected and accelerated bootstrap of the rows, each with both runs; the p-value is \
         the level at which the interval ends at 0, at least 0.001. None with fewer than 50 rows on \
         which the runs differ, or than five of a class or of a decision.\n**Source** Efron 1987, JASA 82, \
         171–185. **Peer** none."
    };
}

macro_rules! by_mean {
    () => {
        "Student's of the difference of each row, none below ten rows; where no row differs, \
         the share of rows that could still differ.\n**Source** Student 1908, Biometrika 6, 1–25. **Peer** \
         `scipy.stats.ttest_rel`."
    };
}

/// The squared distance of a score from the truth.
pub(in crate::fairness) fn squared(score: f64, truth: bool) -> f64 {
    (score - if truth { 1.0 } else { 0.0 }).powi(2)
}

/// Minus the logarithm of the score of the truth, as in the log loss.
pub(in crate::fairness) fn logarithm(score: f64, truth: bool) -> f64 {
    let score = score.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
    -(if truth { score } else { 1.0 - score }).ln()
}

/// All measures, in the order of the findings.
pub(super) static MEASURES: [Measure; 12] = [
    measure!("FC004", "selection_rate", SelectionRate, Kind::Rate(selected), "−1 to 1", by_rate!()),
    measure!("FC005", "accuracy", Accuracy, Kind::Rate(right), "−1 to 1", by_rate!()),
    measure!(
        "FC002",
        "true_positive_rate",
        TruePositiveRate,
        Kind::Rate(found),
        "−1 to 1",
        by_rate!()
    ),
    measure!(
        "FC006",
        "false_positive_rate",
        FalsePositiveRate,
        Kind::Rate(alarmed),
        "−1 to 1",
        by_rate!()
    ),
    measure!("FC009", "precision", Precision, Kind::Drawn, "−1 to 1", by_draws!()),
    measure!(
        "FC014",
        "negative_predictive_value",
        NegativePredictiveValue,
        Kind::Drawn,
        "−1 to 1",
        by_draws!()
    ),
    measure!(
        "FC011",
        "balanced_accuracy",
        BalancedAccuracy,
        Kind::Halves,
        "−1 to 1",
        "from Tango's score intervals of the positives and of the negatives (Zou and Donner 2008); the \
         p-value is the level at which it ends at 0.\n**Source** Tango 1998, Statistics in Medicine 17, 891–908; Zou \
         and Donner 2008, Statistics in Medicine 27, 1693–1702. **Peer** none."
    ),
    measure!("FC012", "f1", F1, Kind::Drawn, "−1 to 1", by_draws!()),
    measure!("FC017", "matthews_corrcoef", MatthewsCorrcoef, Kind::Drawn, "−2 to 2", by_draws!()),
    measure!(
        "FC010",
        "roc_auc",
        RocAuc,
        Kind::Area,
        "−1 to 1",
        "DeLong's variance of the paired difference with Student's quantile at Welch and \
         Satterthwaite's degrees of freedom; none where a class has fewer than 20 rows. Where no row is \
         ranked otherwise, the share of rows that could still be.\n**Source** DeLong, DeLong, Clarke-Pearson 1988, \
         Biometrics 44, 837–845. **Peer** `pROC::roc.test(paired=TRUE)`, with the normal quantile."
    ),
    measure!("FC023", "brier_score", BrierScore, Kind::Mean(squared, 1.0), "−1 to 1", by_mean!()),
    measure!(
        "FC024",
        "log_loss",
        LogLoss,
        Kind::Mean(logarithm, f64::INFINITY),
        "any number",
        by_mean!()
    ),
];

impl Measure {
    /// What changed in these rows.
    pub(super) fn of(&self, rows: &Paired, level: f64, seed: Seed) -> Change {
        match self.kind {
            Kind::Rate(counts) => self.rate(rows, counts, level),
            Kind::Halves => self.halves(rows, level),
            Kind::Drawn => self.drawn(rows, level, seed),
            Kind::Area => area(rows, level),
            Kind::Mean(of, most) => mean(rows, of, most, level),
        }
    }

    /// Whether it needs scores.
    pub(super) fn scored(&self) -> bool {
        matches!(self.kind, Kind::Area | Kind::Mean(..))
    }

    /// Both numbers by their counts, and the change.
    fn counted(&self, rows: &Paired) -> Change {
        let counts = rows.counts();
        let run = |run| self.metric.of(&Slice::counted(Paired::confusion(&counts, run)));
        match (run(Run::New), run(Run::Old)) {
            (Ok(new), Ok(old)) => {
                let (value, runs) = (Ok(new - old), [Some(new), Some(old)]);
                Change { value, runs, interval: None, p: None, n: rows.n(), agreement: None }
            }
            (Err(because), _) | (_, Err(because)) => Change::undefined(because, rows.n()),
        }
    }

    fn rate(&self, rows: &Paired, counts: Counts, level: f64) -> Change {
        let (change, pairs) = (self.counted(rows), rows.agreement(counts));
        if change.value.is_err() {
            return change;
        }
        let (interval, p) = (tango(&pairs, level), Some(mcnemar(&pairs)));
        Change {
            value: pairs.difference(),
            interval,
            p,
            n: pairs.n(),
            agreement: Some(pairs),
            ..change
        }
    }

    fn halves(&self, rows: &Paired, level: f64) -> Change {
        let change = self.counted(rows);
        let Ok(value) = change.value else { return change };
        let pairs = [rows.agreement(found), rows.agreement(|t, d| (!t).then_some(!d))];
        let ends = |level: f64| {
            let z = two_sided(level);
            let (mut down, mut up) = (0.0_f64, 0.0_f64);
            for pairs in &pairs {
                let (at, (low, high)) = (pairs.difference().ok()?, tango_ends(pairs, z)?);
                (down, up) = (down.hypot((at - low) / 2.0), up.hypot((high - at) / 2.0));
            }
            Some((value - down, value + up))
        };
        let made = |(low, high)| Interval { low, high, level, method: "mover_tango".to_owned() };
        Change { interval: ends(level).map(made), p: inverted(ends), ..change }
    }

    fn drawn(&self, rows: &Paired, level: f64, seed: Seed) -> Change {
        let change = self.counted(rows);
        let (Ok(value), counts) = (change.value.clone(), rows.counts()) else { return change };
        if !enough(&counts, rows) {
            return change;
        }
        let of = |cells: &[Vec<u64>]| {
            let run = |run| self.metric.of(&Slice::counted(Paired::confusion(&cells[0], run)));
            Ok(run(Run::New)? - run(Run::Old)?)
        };
        let cube = Cube::new(vec![counts]);
        let (draws, skew) = (cube.draws(DRAWS, seed, of), cube.acceleration(of));
        let ends = |level| draws.bca(value, skew, level).map(|i| (i.low, i.high));
        let p = inverted(ends).map(|p| p.max(2.0 / f64::from(DRAWS)));
        Change { interval: draws.bca(value, skew, level), p, ..change }
    }
}

/// Whether the rows can be drawn from: what is not among them cannot be drawn.
fn enough(counts: &[u64], rows: &Paired) -> bool {
    let runs = [Run::New, Run::Old].map(|run| Paired::confusion(counts, run));
    let sides = runs
        .iter()
        .flat_map(|c| [c.positives(), c.negatives(), c.selected(), c.n() - c.selected()]);
    let differ = rows.agreement(selected).discordant();
    differ >= LEAST_DIFFERENT && sides.into_iter().all(|n| n >= LEAST_SIDE)
}

/// The smallest error at which an interval excludes 0; `None` where there is no interval.
pub(super) fn inverted(ends: impl Fn(f64) -> Option<(f64, f64)>) -> Option<f64> {
    ends(0.95)?;
    let excludes =
        |alpha: f64| ends(1.0 - alpha).is_some_and(|(low, high)| low > 0.0 || high < 0.0);
    // In powers of ten, since small ones matter.
    let (mut keeps, mut beyond) = (SMALLEST, 0.0_f64);
    if excludes(10_f64.powf(keeps)) {
        return Some(10_f64.powf(keeps));
    }
    for _ in 0..20 {
        let middle = f64::midpoint(keeps, beyond);
        if excludes(10_f64.powf(middle)) { beyond = middle } else { keeps = middle }
    }
    Some(10_f64.powf(beyond))
}

fn area(rows: &Paired, level: f64) -> Change {
    match delong_paired(rows.scores(true), rows.scores(false)) {
        Err(because) => Change::undefined(because, rows.n()),
        Ok(areas) => Change {
            value: Ok(areas.difference()),
            runs: [Some(areas.first), Some(areas.second)],
            interval: areas.interval(level),
            p: areas.p(),
            n: rows.n(),
            agreement: None,
        },
    }
}

fn mean(rows: &Paired, of: fn(f64, bool) -> f64, most: f64, level: f64) -> Change {
    let both = [false, true].into_iter().flat_map(|truth| {
        rows.scores(truth).iter().map(move |(new, old)| (of(*new, truth), of(*old, truth)))
    });
    let both: Vec<(f64, f64)> = both.collect();
    let gaps: Vec<f64> = both.iter().map(|(new, old)| new - old).collect();
    let of_run = |values: Vec<f64>| crate::stats::mean(&values, level).ok().map(|(mean, _)| mean);
    let new = of_run(both.iter().map(|b| b.0).collect());
    let old = of_run(both.iter().map(|b| b.1).collect());
    match mean_change(&gaps, most, level) {
        Err(because) => Change::undefined(because, rows.n()),
        Ok(found) => Change {
            value: Ok(found.mean),
            runs: [new, old],
            interval: found.interval,
            p: found.p,
            n: rows.n(),
            agreement: None,
        },
    }
}
