//! fairlearn 0.15.0: `MetricFrame` and the named fairness metrics. A rate 0/0 is 0.

use super::manual::manual;
use super::{MISSING_REFUSED, Said, Table, note, python_max, python_min};
use crate::domain::{Evidence, GroupId, Meta};
use crate::fairness::tally::Tally;

/// A named metric: base metrics and how two groups become one number.
struct Named {
    meta: Meta,
    metrics: &'static [usize],
    ratio: bool,
}

macro_rules! named {
    ($code:literal, $name:literal, $ideal:ident, $ratio:literal, $metrics:expr, $summary:literal,
     $formula:literal) => {
        Named {
            meta: manual!(
                $code,
                concat!("fairlearn.", $name),
                $ideal,
                $summary,
                $formula,
                "0 to 1",
                "`Empty` when no group has a row; `ZeroDenominator` for a ratio of rates that are \
                 all 0. Never because of a group's 0/0, which counts as 0",
                "a rate whose denominator is 0 counts as 0: a perfect classifier with one group \
                 without positives has an equalized odds difference of 1 and a ratio of 0. The \
                 evidence `counted_as_zero` names such groups. Groups of any size decide. The \
                 label says the method (between_groups or to_overall) and, of equalized odds, \
                 the aggregate (worst_case or mean)",
                "Bird et al. 2020, Fairlearn, MSR-TR-2020-32; read in version 0.15.0",
                concat!("fairlearn.metrics.", $name)
            ),
            metrics: $metrics,
            ratio: $ratio,
        }
    };
}

/// Positions in [`METRICS`].
const SELECTION: usize = 0;
const TPR: usize = 1;
const FPR: usize = 2;

static NAMED: [Named; 6] = [
    named!(
        "FA541",
        "demographic_parity_difference",
        Zero,
        false,
        &[SELECTION],
        "Selection rates apart, as fairlearn counts it.",
        "max_g rate − min_g rate, or max_g |rate − rate over all rows|"
    ),
    named!(
        "FA542",
        "demographic_parity_ratio",
        One,
        true,
        &[SELECTION],
        "Smallest ratio of selection rates, as fairlearn counts it.",
        "min_g rate / max_g rate, or the smallest ratio to all rows, folded below 1"
    ),
    named!(
        "FA543",
        "equalized_odds_difference",
        Zero,
        false,
        &[TPR, FPR],
        "True and false positive rates apart, as fairlearn counts it.",
        "max (or mean) of the differences of TPR and FPR"
    ),
    named!(
        "FA544",
        "equalized_odds_ratio",
        One,
        true,
        &[TPR, FPR],
        "Smallest ratio of true and false positive rates, as fairlearn counts it.",
        "min (or mean) of the ratios of TPR and FPR"
    ),
    named!(
        "FA545",
        "equal_opportunity_difference",
        Zero,
        false,
        &[TPR],
        "True positive rates apart, as fairlearn counts it.",
        "max_g TPR − min_g TPR, or max_g |TPR − TPR over all rows|"
    ),
    named!(
        "FA546",
        "equal_opportunity_ratio",
        One,
        true,
        &[TPR],
        "Smallest ratio of true positive rates, as fairlearn counts it.",
        "min_g TPR / max_g TPR, or the smallest ratio to all rows, folded below 1"
    ),
];

macro_rules! frame {
    ($code:literal, $name:literal, $summary:literal, $formula:literal) => {
        manual!(
            $code,
            concat!("fairlearn.metric_frame_", $name),
            None,
            $summary,
            $formula,
            "0 to 1",
            "`Empty` for a group or a table without rows; `ZeroDenominator` for a ratio of 0 to 0. \
             Never because of a group's 0/0, which counts as 0",
            "a rate whose denominator is 0 counts as 0, so that a group without positives has a \
             true positive rate of 0 and a false negative rate of 0, and the aggregates take them \
             for real. Groups without rows are skipped. The evidence `counted_as_zero` and \
             `empty_groups_skipped` name them. The label names the metric",
            "Bird et al. 2020, Fairlearn, MSR-TR-2020-32; read in version 0.15.0",
            concat!("fairlearn.metrics.MetricFrame.", $name)
        )
    };
}

static BY_GROUP: Meta = frame!(
    "FA547",
    "by_group",
    "A metric of one group, as fairlearn counts it.",
    "the metric over the group's rows, 0/0 = 0"
);
static GROUP_MIN: Meta = frame!(
    "FA548",
    "group_min",
    "The lowest of all groups, as fairlearn counts it.",
    "min over the groups with rows"
);
static GROUP_MAX: Meta = frame!(
    "FA549",
    "group_max",
    "The highest of all groups, as fairlearn counts it.",
    "max over the groups with rows"
);
static DIFFERENCE: Meta = frame!(
    "FA550",
    "difference",
    "Groups apart in any metric, as fairlearn counts it.",
    "max − min over the groups, or max |m(g) − m(all rows)|"
);
static RATIO: Meta = frame!(
    "FA551",
    "ratio",
    "Smallest ratio between groups in any metric, as fairlearn counts it.",
    "min / max over the groups, or the smallest ratio to all rows, folded below 1"
);

/// The manuals.
pub(super) fn checks() -> Vec<&'static Meta> {
    let frame = [&BY_GROUP, &GROUP_MIN, &GROUP_MAX, &DIFFERENCE, &RATIO];
    NAMED.iter().map(|named| &named.meta).chain(frame).collect()
}

/// A metric of a `MetricFrame`: its name, and numerator and denominator.
struct Metric {
    name: &'static str,
    of: fn(&Tally) -> f64,
    /// What the metric divides by, to see where it divided by 0.
    over: fn(&Tally) -> f64,
}

static METRICS: [Metric; 9] = [
    Metric { name: "selection_rate", of: |t| t.predicted(true) / t.total(), over: Tally::total },
    Metric {
        name: "true_positive_rate",
        of: |t| zero(t.cell(true, true), t.actual(true)),
        over: |t| t.actual(true),
    },
    Metric {
        name: "false_positive_rate",
        of: |t| zero(t.cell(false, true), t.actual(false)),
        over: |t| t.actual(false),
    },
    Metric {
        name: "false_negative_rate",
        of: |t| zero(t.cell(true, false), t.actual(true)),
        over: |t| t.actual(true),
    },
    Metric {
        name: "true_negative_rate",
        of: |t| zero(t.cell(false, false), t.actual(false)),
        over: |t| t.actual(false),
    },
    Metric {
        name: "accuracy_score",
        of: |t| (t.cell(true, true) + t.cell(false, false)) / t.total(),
        over: Tally::total,
    },
    Metric {
        name: "balanced_accuracy_score",
        of: balanced,
        over: |t| t.actual(true).min(t.actual(false)),
    },
    Metric {
        name: "precision_score",
        of: |t| zero(t.cell(true, true), t.predicted(true)),
        over: |t| t.predicted(true),
    },
    Metric {
        name: "f1_score",
        of: |t| zero(2.0 * t.cell(true, true), t.predicted(true) + t.actual(true)),
        over: |t| t.predicted(true) + t.actual(true),
    },
];

/// A rate as scikit-learn's confusion matrix and `zero_division=0` give it.
fn zero(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

/// The mean recall of the classes that are there.
fn balanced(t: &Tally) -> f64 {
    let recall = |truth| (t.actual(truth) > 0.0).then(|| t.cell(truth, truth) / t.actual(truth));
    match (recall(true), recall(false)) {
        (Some(positive), Some(negative)) => f64::midpoint(positive, negative),
        (Some(only), None) | (None, Some(only)) => only,
        (None, None) => f64::NAN,
    }
}

/// How an aggregate is taken.
#[derive(Clone, Copy, PartialEq)]
enum Method {
    BetweenGroups,
    ToOverall,
}

impl Method {
    const ALL: [Self; 2] = [Self::BetweenGroups, Self::ToOverall];

    fn name(self) -> &'static str {
        match self {
            Self::BetweenGroups => "between_groups",
            Self::ToOverall => "to_overall",
        }
    }
}

/// One metric over all groups.
struct Column {
    by_group: Vec<f64>,
    overall: f64,
}

impl Column {
    fn defined(&self) -> impl Iterator<Item = f64> + '_ {
        self.by_group.iter().copied().filter(|value| !value.is_nan())
    }

    fn min(&self) -> f64 {
        self.defined().fold(f64::NAN, f64::min)
    }

    fn max(&self) -> f64 {
        self.defined().fold(f64::NAN, f64::max)
    }

    fn difference(&self, method: Method) -> f64 {
        match method {
            Method::BetweenGroups => self.max() - self.min(),
            Method::ToOverall => {
                self.defined().map(|value| (value - self.overall).abs()).fold(f64::NAN, f64::max)
            }
        }
    }

    fn ratio(&self, method: Method) -> f64 {
        let folded = |ratio: f64| if ratio > 1.0 { 1.0 / ratio } else { ratio };
        match method {
            Method::BetweenGroups => self.min() / self.max(),
            Method::ToOverall => {
                self.defined().map(|v| folded(v / self.overall)).fold(f64::NAN, f64::min)
            }
        }
    }

    fn aggregate(&self, ratio: bool, method: Method) -> f64 {
        if ratio { self.ratio(method) } else { self.difference(method) }
    }
}

/// The counts of one grouping.
struct Counts {
    levels: Vec<(GroupId, Tally)>,
    whole: Tally,
}

impl Counts {
    fn column(&self, metric: &Metric) -> Column {
        let of = |t: &Tally| if t.rows() == 0 { f64::NAN } else { (metric.of)(t) };
        let by_group = self.levels.iter().map(|(_, tally)| of(tally)).collect();
        Column { by_group, overall: of(&self.whole) }
    }
}

/// Everything that fairlearn says about one grouping.
pub(super) fn say(table: &Table<'_>) -> Vec<Said> {
    if table.missing() > 0 {
        return NAMED.iter().map(|n| Said::refused(&n.meta, MISSING_REFUSED)).collect();
    }
    let levels = table.groups.ids().zip(Tally::by_level(&table.rows, table.groups));
    // A single feature lists the values that occur, an intersection all combinations.
    let several = table.groups.features().len() > 1;
    let levels = levels.filter(|(_, tally)| several || tally.rows() > 0).collect();
    let counts = Counts { levels, whole: Tally::whole(&table.rows) };
    let mut said = named(table, &counts);
    for metric in &METRICS {
        said.extend(metric_frame(table, &counts, metric));
    }
    said
}

fn named(table: &Table<'_>, counts: &Counts) -> Vec<Said> {
    let n = counts.whole.rows();
    let mut said = Vec::new();
    for named in &NAMED {
        let columns: Vec<Column> =
            named.metrics.iter().map(|&at| counts.column(&METRICS[at])).collect();
        let zeros = || named.metrics.iter().filter_map(|&at| zeros(table, counts, &METRICS[at]));
        for method in Method::ALL {
            let parts: Vec<f64> =
                columns.iter().map(|c| c.aggregate(named.ratio, method)).collect();
            for (label, value) in aggregated(named, method, &parts) {
                let one = Said::new(&named.meta, label, value, n);
                said.push(zeros().fold(one, |said, zeros| said.with(Some(zeros))));
            }
        }
    }
    said
}

/// The parts in one number: itself, or the worst and the mean of two.
fn aggregated(named: &Named, method: Method, parts: &[f64]) -> Vec<(String, f64)> {
    let [first, second] = *parts else {
        return parts.iter().map(|part| (method.name().to_owned(), *part)).collect();
    };
    let worst = if named.ratio { python_min } else { python_max };
    // pandas' mean skips NaN.
    let mean = match (first.is_nan(), second.is_nan()) {
        (false, false) => f64::midpoint(first, second),
        (false, true) => first,
        _ => second,
    };
    let label = |agg: &str| format!("{}, {agg}", method.name());
    vec![(label("worst_case"), worst(first, second)), (label("mean"), mean)]
}

fn metric_frame(table: &Table<'_>, counts: &Counts, metric: &Metric) -> Vec<Said> {
    let (column, n) = (counts.column(metric), counts.whole.rows());
    let mut said: Vec<Said> = Vec::new();
    for ((id, tally), value) in counts.levels.iter().zip(&column.by_group) {
        let zero = tally.rows() > 0 && (metric.over)(tally) <= 0.0;
        let cells = if zero { vec![table.size(*id, tally.rows())] } else { Vec::new() };
        let one = Said::new(&BY_GROUP, metric.name, *value, tally.rows());
        said.push(one.of(*id).with(note(zero_note(metric), cells)));
    }
    let label = |method: Method| format!("{}, {}", metric.name, method.name());
    let mut all = vec![
        Said::new(&GROUP_MIN, metric.name, column.min(), n),
        Said::new(&GROUP_MAX, metric.name, column.max(), n),
    ];
    for method in Method::ALL {
        all.push(Said::new(&DIFFERENCE, label(method), column.difference(method), n));
        all.push(Said::new(&RATIO, label(method), column.ratio(method), n));
    }
    let zeros = zeros(table, counts, metric);
    let empty = counts.levels.iter().filter(|(_, tally)| tally.rows() == 0);
    let empty = note("empty_groups_skipped", empty.map(|(id, _)| table.size(*id, 0)).collect());
    said.extend(all.into_iter().map(|one| one.with(zeros.clone()).with(empty.clone())));
    said
}

/// What a metric does where it divides by 0.
fn zero_note(metric: &Metric) -> &'static str {
    if metric.name == "balanced_accuracy_score" {
        "averaged_over_one_class"
    } else {
        "counted_as_zero"
    }
}

/// The groups with rows for which a metric divides by 0.
fn zeros(table: &Table<'_>, counts: &Counts, metric: &Metric) -> Option<Evidence> {
    let zero = |(_, tally): &&(GroupId, Tally)| tally.rows() > 0 && (metric.over)(tally) <= 0.0;
    let cells = counts.levels.iter().filter(zero);
    note(zero_note(metric), cells.map(|(id, tally)| table.size(*id, tally.rows())).collect())
}
