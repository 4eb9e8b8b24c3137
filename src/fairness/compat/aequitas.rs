//! aequitas 1.1.0: absolute metrics of each group, their ratio to a reference group, and whether it
//! lies within `[τ, 1/τ]`. A number divided by 0 is 10; weights are not looked at.

use super::manual::manual;
use super::{Said, Table, cell, note};
use crate::domain::{Evidence, GroupId, Meta, to_f64};
use crate::fairness::tally::{Rows, Tally};

static ABSOLUTE: Meta = manual!(
    "FA583",
    "aequitas.absolute_metric",
    None,
    "A number about one group, as aequitas counts it.",
    "counts of the group's rows; ppr = predicted positives of the group / of all rows, pprev = \
     selection rate, prev = base rate",
    "0 and up",
    "`ZeroDenominator` for 0/0",
    "weights are ignored, and `ppr` grows with the size of the group. Rows whose group is missing \
     belong to no group but still count in `k` and `total_entities`. The label names the column",
    "Saleiro et al. 2018, Aequitas, arXiv 1811.05577; read in version 1.1.0",
    "aequitas.group.Group.get_crosstabs"
);

static DISPARITY: Meta = manual!(
    "FA584",
    "aequitas.disparity",
    One,
    "A metric of a group divided by that of a reference group, as aequitas counts it.",
    "m(group) / m(reference), x/0 = 10",
    "0 and up",
    "`ZeroDenominator` for 0/0 and when either side is undefined",
    "a reference of 0 makes the ratio 10, whatever the group (evidence `filled_with_ten`). The \
     rule min_metric takes the group with the smallest number, often a tiny one or one at 0 \
     (evidence `small_reference`). Weights are ignored. The label names metric and rule: \
     majority_group (most rows), min_metric, predefined (the declared reference)",
    "Saleiro et al. 2018, Aequitas, arXiv 1811.05577; read in version 1.1.0",
    "aequitas.bias.Bias.get_disparity_major_group, get_disparity_min_metric, get_disparity_predefined_groups"
);

static PARITY: Meta = manual!(
    "FA585",
    "aequitas.parity",
    One,
    "Whether a disparity lies within [τ, 1/τ] with τ = 0.8, as aequitas judges it: 1 yes, 0 no.",
    "τ ≤ disparity ≤ 1/τ; of two parts: 1 iff both are 1",
    "0 to 1",
    "`ZeroDenominator` when the disparity, or both parts, do not exist",
    "a point estimate decides, whatever the number of rows. Of two parts an undefined one counts \
     as unfair as soon as the other exists (evidence `undefined_part_counts_as_unfair`). \
     Statistical Parity compares counts (`ppr`), not rates, so a small group is always unfair. The \
     label names the parity and the rule of the reference",
    "Saleiro et al. 2018, Aequitas, arXiv 1811.05577; read in version 1.1.0",
    "aequitas.fairness.Fairness.get_group_value_fairness"
);

/// The threshold of aequitas' parities.
const TAU: f64 = 0.8;
/// What aequitas puts where it divides by 0.
const FILL: f64 = 10.0;

/// The manuals.
pub(super) fn checks() -> Vec<&'static Meta> {
    vec![&ABSOLUTE, &DISPARITY, &PARITY]
}

/// The metrics that have a disparity, with the parity that judges it.
static METRICS: [(&str, &str); 10] = [
    ("ppr", "Statistical Parity"),
    ("pprev", "Impact Parity"),
    ("precision", "Precision Parity"),
    ("fdr", "FDR Parity"),
    ("for", "FOR Parity"),
    ("fpr", "FPR Parity"),
    ("fnr", "FNR Parity"),
    ("tpr", "TPR Parity"),
    ("tnr", "TNR Parity"),
    ("npv", "NPV Parity"),
];

/// Parities of two parts, each in terms of those before it.
static PAIRS: [(&str, [&str; 2]); 5] = [
    ("TypeI Parity", ["FDR Parity", "FPR Parity"]),
    ("TypeII Parity", ["FOR Parity", "FNR Parity"]),
    ("Equalized Odds", ["FPR Parity", "TPR Parity"]),
    ("Unsupervised Fairness", ["Statistical Parity", "Impact Parity"]),
    ("Supervised Fairness", ["TypeI Parity", "TypeII Parity"]),
];

/// One row of the cross table.
struct Row {
    id: GroupId,
    label: String,
    n: u64,
    columns: Vec<(&'static str, f64)>,
}

impl Row {
    fn get(&self, column: &str) -> f64 {
        let found = self.columns.iter().find(|(name, _)| *name == column);
        found.unwrap_or_else(|| unreachable!("`{column}` is a column of the cross table")).1
    }
}

/// The columns of a group, given all rows.
fn columns(t: &Tally, all: &Tally) -> Vec<(&'static str, f64)> {
    let (tp, fp) = (t.cell(true, true), t.cell(false, true));
    let (tn, fn_) = (t.cell(false, false), t.cell(true, false));
    let (pp, pn, n) = (t.predicted(true), t.predicted(false), t.total());
    vec![
        ("k", all.predicted(true)),
        ("accuracy", (tp + tn) / n),
        ("tpr", tp / (tp + fn_)),
        ("tnr", tn / (tn + fp)),
        ("for", fn_ / pn),
        ("fdr", fp / pp),
        ("fpr", fp / (tn + fp)),
        ("fnr", fn_ / (tp + fn_)),
        ("npv", tn / pn),
        ("precision", tp / pp),
        ("pp", pp),
        ("pn", pn),
        ("ppr", pp / all.predicted(true)),
        ("pprev", pp / n),
        ("fp", fp),
        ("fn", fn_),
        ("tn", tn),
        ("tp", tp),
        ("group_label_pos", tp + fn_),
        ("group_label_neg", tn + fp),
        ("group_size", n),
        ("total_entities", all.total()),
        ("prev", (tp + fn_) / n),
    ]
}

/// How the reference is chosen.
#[derive(Clone, Copy, PartialEq)]
enum Rule {
    MajorityGroup,
    MinMetric,
    Predefined,
}

impl Rule {
    const ALL: [Self; 3] = [Self::MajorityGroup, Self::MinMetric, Self::Predefined];

    fn name(self) -> &'static str {
        match self {
            Self::MajorityGroup => "majority_group",
            Self::MinMetric => "min_metric",
            Self::Predefined => "predefined",
        }
    }

    /// The reference for a metric; the first in the order of the names where several are equal.
    fn reference<'r>(
        self,
        rows: &'r [Row],
        metric: &str,
        declared: Option<GroupId>,
    ) -> Option<&'r Row> {
        match self {
            Self::MajorityGroup => {
                let larger = |best: &'r Row, row: &'r Row| if row.n > best.n { row } else { best };
                rows.iter().reduce(larger)
            }
            Self::MinMetric => {
                let defined = rows.iter().filter(|row| !row.get(metric).is_nan());
                let smaller = |best: &'r Row, row: &'r Row| {
                    if row.get(metric) < best.get(metric) { row } else { best }
                };
                // Without any number pandas falls back to the first group.
                defined.reduce(smaller).or(rows.first())
            }
            Self::Predefined => rows.iter().find(|row| Some(row.id) == declared),
        }
    }
}

/// Everything that aequitas says about one grouping.
pub(super) fn say(table: &Table<'_>) -> Vec<Said> {
    let rows = Rows { weight: None, ..table.rows };
    let all = Tally::whole(&rows);
    let levels = table.groups.ids().zip(Tally::by_level(&rows, table.groups));
    let listed = levels.filter(|(id, t)| t.rows() > 0 && !table.is_missing(*id));
    let row = |(id, t): (GroupId, Tally)| Row {
        id,
        label: table.groups.label(id),
        n: t.rows(),
        columns: columns(&t, &all),
    };
    let mut cross: Vec<Row> = listed.map(row).collect();
    cross.sort_by(|a, b| a.label.cmp(&b.label));
    let mut said: Vec<Said> = Vec::new();
    for row in &cross {
        let one =
            |(name, value): &(&str, f64)| Said::new(&ABSOLUTE, *name, *value, row.n).of(row.id);
        said.extend(row.columns.iter().map(one));
    }
    for rule in Rule::ALL {
        for row in &cross {
            said.extend(judge(table, &cross, row, rule));
        }
    }
    let n = all.rows();
    let weights = table.rows.weight.map(|_| vec![cell("weighted_rows", to_f64(n), n)]);
    let weights = weights.and_then(|cells| note("weights_ignored", cells));
    let missing = vec![cell("missing_rows", to_f64(table.missing()), table.missing())];
    let missing = note("missing_rows_dropped", missing).filter(|_| table.missing() > 0);
    said.into_iter().map(|one| one.with(weights.clone()).with(missing.clone())).collect()
}

/// The disparities of one group by one rule, and what aequitas makes of them.
fn judge(table: &Table<'_>, cross: &[Row], row: &Row, rule: Rule) -> Vec<Said> {
    let mut said = Vec::new();
    let mut parities: Vec<(&str, f64)> = Vec::new();
    for (metric, parity) in METRICS {
        let Some(reference) = rule.reference(cross, metric, table.declared()) else {
            return Vec::new();
        };
        let below = reference.get(metric);
        let ratio = row.get(metric) / below;
        let disparity = if ratio.is_infinite() { FILL } else { ratio };
        let label = format!("{metric}, {}", rule.name());
        let shown = |value| vec![cell(reference.label.clone(), value, reference.n)];
        let filled = note("filled_with_ten", shown(below)).filter(|_| ratio.is_infinite());
        let few = reference.n < table.options.min_group_size;
        let small = note("small_reference", shown(to_f64(reference.n))).filter(|_| few);
        let one = Said::new(&DISPARITY, label, disparity, row.n).of(row.id).against(reference.id);
        said.push(one.with(filled).with(small));
        parities.push((parity, flag(disparity)));
    }
    for (name, parts) in PAIRS {
        let part = |name: &str| {
            let found = parities.iter().find(|(known, _)| *known == name);
            found.unwrap_or_else(|| unreachable!("`{name}` was judged before")).1
        };
        parities.push((name, both(parts.map(part))));
    }
    let one = |&(name, value): &(&'static str, f64)| {
        let label = format!("{name}, {}", rule.name());
        Said::new(&PARITY, label, value, row.n).of(row.id).with(half_known(name, &parities))
    };
    said.extend(parities.iter().map(one));
    said
}

/// 1 within the band, 0 outside, NaN stays.
fn flag(disparity: f64) -> f64 {
    if disparity.is_nan() {
        f64::NAN
    } else if (TAU..=1.0 / TAU).contains(&disparity) {
        1.0
    } else {
        0.0
    }
}

/// NaN iff both are; 1 iff both are 1.
fn both([a, b]: [f64; 2]) -> f64 {
    if a.is_nan() && b.is_nan() {
        f64::NAN
    } else if a > 0.5 && b > 0.5 {
        1.0
    } else {
        0.0
    }
}

/// A parity of two parts, one of which does not exist.
fn half_known(name: &str, parities: &[(&str, f64)]) -> Option<Evidence> {
    let (_, parts) = PAIRS.iter().find(|(pair, _)| *pair == name)?;
    let known = parities.iter().filter(|(part, _)| parts.contains(part));
    let cells: Vec<_> = known.map(|(part, value)| cell(*part, *value, 0)).collect();
    let undefined = cells.iter().filter(|cell| cell.value.is_none()).count();
    note("undefined_part_counts_as_unfair", cells).filter(|_| undefined == 1)
}
