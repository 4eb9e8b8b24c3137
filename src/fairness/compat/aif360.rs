//! aif360 0.6.1: `ClassificationMetric` and `BinaryLabelDatasetMetric`, the other groups against a
//! privileged one. Signs are `unprivileged − privileged`, ratios `unprivileged / privileged`.

use super::aif360_manual as manual;
use super::{MISSING_REFUSED, Said, Table, cell, note, python_max};
use crate::domain::{Evidence, GroupId, Meta, to_f64};
use crate::fairness::differential::epsilon;
use crate::fairness::individual::{Features, OwnRow, alike};
use crate::fairness::inequality::{Atom, benefits, generalized_entropy, group_benefits};
use crate::fairness::tally::{Rows, Tally};
use crate::stats::sum;
use std::collections::BTreeSet;

/// The manuals.
pub(super) fn checks() -> Vec<&'static Meta> {
    manual::all()
}

/// The entropies that are shown.
const ALPHAS: [(f64, &str); 5] =
    [(0.0, "alpha=0"), (0.5, "alpha=0.5"), (1.0, "alpha=1"), (2.0, "alpha=2"), (3.0, "alpha=3")];

/// A rate of the rows of one side; 0/0 is NaN among the actual, but 0 among the predicted.
type Rate = fn(&Tally) -> f64;

/// A share of the predicted positives or negatives.
fn zero(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}

fn selection(t: &Tally) -> f64 {
    t.predicted(true) / t.total()
}

fn base(t: &Tally) -> f64 {
    t.actual(true) / t.total()
}

fn tpr(t: &Tally) -> f64 {
    t.cell(true, true) / t.actual(true)
}

fn fpr(t: &Tally) -> f64 {
    t.cell(false, true) / t.actual(false)
}

fn fnr(t: &Tally) -> f64 {
    t.cell(true, false) / t.actual(true)
}

fn omission(t: &Tally) -> f64 {
    zero(t.cell(true, false), t.predicted(false))
}

fn discovery(t: &Tally) -> f64 {
    zero(t.cell(false, true), t.predicted(true))
}

fn precision(t: &Tally) -> f64 {
    zero(t.cell(true, true), t.predicted(true))
}

fn error(t: &Tally) -> f64 {
    (t.cell(true, false) + t.cell(false, true)) / t.total()
}

fn generalized_tpr(t: &Tally) -> f64 {
    t.scores(true) / t.actual(true)
}

fn generalized_fpr(t: &Tally) -> f64 {
    t.scores(false) / t.actual(false)
}

/// The two sides of a comparison.
struct Sides {
    unprivileged: Tally,
    privileged: Tally,
}

impl Sides {
    fn difference(&self, rate: Rate) -> f64 {
        rate(&self.unprivileged) - rate(&self.privileged)
    }

    fn ratio(&self, rate: Rate) -> f64 {
        rate(&self.unprivileged) / rate(&self.privileged)
    }

    /// The sides that have no row to divide by, where a check divides by predictions.
    fn counted_as_zero(&self, check: &str) -> Option<Evidence> {
        let decision = if check.contains("omission") {
            false
        } else if check.contains("discovery") || check.contains("predictive") {
            true
        } else {
            return None;
        };
        let sides = [("unprivileged", &self.unprivileged), ("privileged", &self.privileged)];
        let without = |t: &Tally| {
            let both = check.contains("predictive") && t.predicted(false) <= 0.0;
            t.predicted(decision) <= 0.0 || both
        };
        let empty = sides.into_iter().filter(|(_, t)| without(t));
        note("counted_as_zero", empty.map(|(name, t)| cell(name, 0.0, t.rows())).collect())
    }

    fn n(&self) -> u64 {
        self.unprivileged.rows() + self.privileged.rows()
    }
}

/// Everything that aif360 says about one grouping.
pub(super) fn say(table: &Table<'_>) -> Vec<Said> {
    if table.missing() > 0 {
        return checks().into_iter().map(|meta| Said::refused(meta, MISSING_REFUSED)).collect();
    }
    let levels = table.groups.ids().zip(Tally::by_level(&table.rows, table.groups));
    let levels: Vec<(GroupId, Tally)> = levels.filter(|(_, t)| t.rows() > 0).collect();
    let mut said = all_groups(table, &levels);
    let Some((privileged, tally)) = privileged(table, &levels) else { return said };
    let others = || levels.iter().filter(|(id, _)| *id != privileged);
    let rest = others().fold(Tally::default(), |sum, (_, level)| sum.with(level));
    let sides = |unprivileged| Sides { unprivileged, privileged: tally };
    if rest.rows() > 0 {
        let all = pair(table, &sides(rest)).into_iter().chain(between_sides(table, privileged));
        said.extend(all.map(|one| one.against(privileged)));
    }
    for (id, level) in others() {
        let one = pair(table, &sides(*level)).into_iter();
        said.extend(one.map(|one| one.of(*id).against(privileged)));
    }
    said
}

/// The declared reference, or the largest group; the first where several are equal.
fn privileged(table: &Table<'_>, levels: &[(GroupId, Tally)]) -> Option<(GroupId, Tally)> {
    if let Some(declared) = table.declared() {
        return levels.iter().find(|(id, _)| *id == declared).copied();
    }
    let larger = |best: (GroupId, Tally), level: (GroupId, Tally)| {
        if level.1.rows() > best.1.rows() { level } else { best }
    };
    levels.iter().copied().reduce(larger)
}

/// The numbers about two sides, but for the entropies.
fn pair(table: &Table<'_>, sides: &Sides) -> Vec<Said> {
    let n = sides.n();
    let differences: [Rate; 7] = [tpr, tpr, fpr, fnr, omission, discovery, error];
    let ratios: [Rate; 5] = [fpr, fnr, omission, discovery, error];
    let one = |meta: &'static Meta, value| {
        Said::new(meta, "", value, n).with(sides.counted_as_zero(meta.name))
    };
    let differences = manual::DIFFERENCES.iter().zip(differences);
    let ratios = manual::RATIOS.iter().zip(ratios);
    let mut said: Vec<Said> =
        differences.map(|(meta, rate)| one(meta, sides.difference(rate))).collect();
    said.extend(ratios.map(|(meta, rate)| one(meta, sides.ratio(rate))));
    let overall: [(&str, Rate); 2] = [("predictions", selection), ("labels", base)];
    for (label, rate) in overall {
        said.push(Said::new(&manual::DISPARATE_IMPACT, label, sides.ratio(rate), n));
        said.push(Said::new(&manual::STATISTICAL_PARITY, label, sides.difference(rate), n));
    }
    said.extend(averages(sides));
    said.push(worst(&manual::EQUALIZED_ODDS, sides, [("fpr", fpr), ("tpr", tpr)]));
    if table.rows.score.is_some() {
        let rates: [(&str, Rate); 2] =
            [("generalized_fpr", generalized_fpr), ("generalized_tpr", generalized_tpr)];
        said.push(worst(&manual::GENERALIZED_ODDS, sides, rates));
    }
    said
}

/// Means of two differences; opposite signs cancel unless they are taken absolutely.
fn averages(sides: &Sides) -> Vec<Said> {
    let n = sides.n();
    let mean = |meta: &'static Meta, parts: [(&str, f64); 2]| {
        let [(_, a), (_, b)] = parts;
        let cells = parts.map(|(name, value)| cell(name, value, n)).into();
        let opposite = note("opposite_gaps_cancel", cells).filter(|_| a * b < 0.0);
        let zeros = sides.counted_as_zero(meta.name);
        Said::new(meta, "", 0.5 * (a + b), n).with(opposite).with(zeros)
    };
    let (by_fpr, by_tpr) = (sides.difference(fpr), sides.difference(tpr));
    let predictive = [("ppv", sides.difference(precision)), ("for", sides.difference(omission))];
    let absolute = 0.5 * (by_fpr.abs() + by_tpr.abs());
    vec![
        mean(&manual::AVERAGE_ODDS, [("fpr", by_fpr), ("tpr", by_tpr)]),
        Said::new(&manual::AVERAGE_ABS_ODDS, "", absolute, n),
        mean(&manual::AVERAGE_PREDICTIVE_VALUE, predictive),
    ]
}

/// The larger of two absolute differences as Python's `max` finds it.
fn worst(meta: &'static Meta, sides: &Sides, rates: [(&str, Rate); 2]) -> Said {
    let [(first, a), (second, b)] = rates.map(|(name, rate)| (name, sides.difference(rate).abs()));
    let cells = vec![cell(first, a, sides.n()), cell(second, b, sides.n())];
    let dropped = note("undefined_part_dropped", cells).filter(|_| b.is_nan() && !a.is_nan());
    Said::new(meta, "", python_max(a, b), sides.n()).with(dropped)
}

/// Entropies of one kind for all alphas, Theil's index and the coefficient of variation; `weighted`
/// are the same benefits with the weights that aif360 ignores.
fn entropies(
    metas: &'static [Meta; 3],
    atoms: &[Atom],
    weighted: Option<&[Atom]>,
    n: u64,
) -> Vec<Said> {
    let root = |entropy: f64| (2.0 * entropy).sqrt();
    let ours = |alpha: f64, shown: fn(f64) -> f64| -> Option<Evidence> {
        let value = generalized_entropy(weighted?, alpha).map_or(f64::NAN, shown);
        note("weights_ignored", vec![cell("with_weights", value, n)])
    };
    let mut said = Vec::new();
    for (alpha, label) in ALPHAS {
        let paper = generalized_entropy(atoms, alpha);
        let by_paper = cell("by_the_paper", paper.clone().unwrap_or(f64::NAN), n);
        let divided = note("divided_by_the_mean_once_too_often", vec![by_paper]);
        let divided = divided.filter(|_| alpha < 0.1);
        let value = entropy(atoms, alpha);
        said.push(Said::new(&metas[0], label, value, n).with(divided).with(ours(alpha, |v| v)));
    }
    said.push(Said::new(&metas[1], "", entropy(atoms, 1.0), n).with(ours(1.0, |v| v)));
    let value = root(entropy(atoms, 2.0));
    said.push(Said::new(&metas[2], "", value, n).with(ours(2.0, |v| (2.0 * v).sqrt())));
    said
}

/// The entropy as aif360 computes it: for alpha 0 divided by the mean once too often, and infinite
/// where a benefit is 0.
fn entropy(atoms: &[Atom], alpha: f64) -> f64 {
    let weight: f64 = atoms.iter().map(|atom| atom.weight).sum();
    let mean = atoms.iter().map(|atom| atom.weight * atom.benefit).sum::<f64>() / weight;
    match generalized_entropy(atoms, alpha) {
        Ok(index) if alpha < 0.1 => index / mean,
        Ok(index) => index,
        Err(_) if alpha < 0.1 && mean > 0.0 => f64::INFINITY,
        Err(_) => f64::NAN,
    }
}

/// The entropy between the privileged group and the rest, as if they were the only two groups.
fn between_sides(table: &Table<'_>, privileged: GroupId) -> Vec<Said> {
    let sides = |rows: &Rows<'_>| {
        let levels = table.groups.ids().zip(Tally::by_level(rows, table.groups));
        let (one, rest): (Vec<_>, Vec<_>) = levels.partition(|(id, _)| *id == privileged);
        let pooled = |part: Vec<(GroupId, Tally)>| {
            part.iter().fold(Tally::default(), |sum, (_, level)| sum.with(level))
        };
        group_benefits(&[pooled(one), pooled(rest)])
    };
    let plain = sides(&Rows { weight: None, ..table.rows });
    let weighted = table.rows.weight.map(|_| sides(&table.rows));
    entropies(&manual::BETWEEN_GROUP, &plain, weighted.as_deref(), table.rows.n())
}

/// The numbers about all groups.
fn all_groups(table: &Table<'_>, levels: &[(GroupId, Tally)]) -> Vec<Said> {
    let n = table.rows.n();
    let plain = Rows { weight: None, ..table.rows };
    let weighted = table.rows.weight.is_some();
    let atoms = |rows: &Rows<'_>| benefits(&Tally::whole(rows));
    let grouped = |rows: &Rows<'_>| group_benefits(&Tally::by_level(rows, table.groups));
    let with_weights = weighted.then(|| atoms(&table.rows));
    let mut said = entropies(&manual::INDIVIDUAL, &atoms(&plain), with_weights.as_deref(), n);
    let with_weights = weighted.then(|| grouped(&table.rows));
    let between = &manual::BETWEEN_ALL_GROUPS;
    said.extend(entropies(between, &grouped(&plain), with_weights.as_deref(), n));
    let smoothed = |of: fn(&Tally) -> f64| {
        let pairs: Vec<(f64, f64)> = levels.iter().map(|(_, t)| (of(t), t.total())).collect();
        epsilon(&pairs).map_or(f64::NAN, |found| found.value)
    };
    let (labels, decisions) = (smoothed(|t| t.actual(true)), smoothed(|t| t.predicted(true)));
    said.push(Said::new(&manual::DIFFERENTIAL, "labels", labels, n));
    said.push(Said::new(&manual::DIFFERENTIAL, "predictions", decisions, n));
    said.push(Said::new(&manual::AMPLIFICATION, "", decisions - labels, n));
    said
}

/// aif360's consistency: five neighbours, the row itself among them, and the protected columns
/// among the features, each coded by the order of its levels.
pub(super) fn consistency(table: &Table<'_>, features: &Features) -> Vec<Said> {
    let n = table.rows.n();
    let groups = table.groups;
    if features.rows() < 5 {
        return Vec::new();
    }
    let mut all = features.clone();
    for at in 0..groups.features().len() {
        let part = |id: GroupId| groups.parts(id)[at].clone();
        let levels: BTreeSet<String> = groups.of().map(part).collect();
        let code = |id: GroupId| {
            let before = levels.iter().take_while(|level| **level != part(id)).count();
            to_f64(u64::try_from(before).unwrap_or_else(|_| unreachable!("usize fits u64")))
        };
        all = all.with(&groups.of().map(code).collect::<Vec<f64>>());
    }
    let neighbours = all.neighbours(5, OwnRow::Included);
    let one = |(label, labels): (&str, &[bool])| {
        let value = sum(alike(labels, &neighbours)) / to_f64(n);
        let protected = groups.features().iter().map(|name| cell(name.clone(), f64::NAN, n));
        Said::new(&manual::CONSISTENCY, label, value, n)
            .with(note("protected_columns_among_the_features", protected.collect()))
            .with(note("own_row_counts", vec![cell("own_row_is_a_neighbour", 1.0, n)]))
    };
    [("predictions", table.rows.y_pred), ("labels", table.rows.y_true)].map(one).into()
}
