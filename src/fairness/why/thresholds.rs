//! At which thresholds of the score a rule of the gate would pass: every cut between neighbouring
//! scores is tried.

use super::groups::{Members, Scored, cell, numbers};
use crate::domain::{Bound, Cell, Confusion, Evidence, Undefined, to_f64};

/// A rule that a threshold can keep or break.
#[derive(Debug, Clone, PartialEq)]
pub struct ThresholdRule {
    /// The comparison's name.
    pub check: String,
    /// Its limit.
    pub bound: Bound,
}

/// Comparisons that follow from the decisions alone.
const KNOWN: [&str; 6] = [
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equalized_odds_difference",
    "equalized_odds_ratio",
    "equal_opportunity_difference",
    "equal_opportunity_ratio",
];

impl ThresholdRule {
    /// The rules that are tried where none is declared: four fifths, and one tenth.
    #[must_use]
    pub fn usual() -> Vec<Self> {
        let rule = |check: &str, bound| Self { check: check.to_owned(), bound };
        vec![
            rule("demographic_parity_ratio", Bound::AtLeast(0.8)),
            rule("equalized_odds_difference", Bound::AtMost(0.1)),
        ]
    }

    /// Whether the comparison follows from the decisions alone.
    #[must_use]
    pub fn is_known(&self) -> bool {
        KNOWN.contains(&self.check.as_str())
    }

    fn errors(&self) -> bool {
        !self.check.starts_with("demographic")
    }

    /// The comparison's value; none where a rate or the ratio does not exist.
    fn value(&self, groups: &[Confusion]) -> Option<f64> {
        let ratio = self.check.ends_with("_ratio");
        let compare = |share: fn(&Confusion) -> (u64, u64)| {
            let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
            for group in groups {
                let (hits, n) = share(group);
                let rate = (n > 0).then(|| to_f64(hits) / to_f64(n))?;
                (low, high) = (low.min(rate), high.max(rate));
            }
            if ratio { (high > 0.0).then(|| low / high) } else { Some(high - low) }
        };
        let tpr = || compare(|c| (c.tp, c.positives()));
        match self.check.as_str() {
            "demographic_parity_difference" | "demographic_parity_ratio" => {
                compare(|c| (c.selected(), c.n()))
            }
            "equal_opportunity_difference" | "equal_opportunity_ratio" => tpr(),
            "equalized_odds_difference" => Some(tpr()?.max(compare(|c| (c.fp, c.negatives()))?)),
            "equalized_odds_ratio" => Some(tpr()?.min(compare(|c| (c.fp, c.negatives()))?)),
            _ => None,
        }
    }
}

/// One cut: every threshold above `above` and up to `up_to` decides the same.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cut {
    above: f64,
    up_to: f64,
    selected: u64,
    right: u64,
    /// Value of each rule.
    values: Vec<Option<f64>>,
}

/// All cuts of a grouping, thresholds ascending; those that select everybody or nobody are none.
pub(super) fn cuts(
    members: &Members<'_>,
    scored: &Scored<'_>,
    rules: &[ThresholdRule],
) -> Vec<Cut> {
    let frame = members.frame;
    let mut at: Vec<Option<usize>> = vec![None; members.groups.n_levels()];
    for (place, group) in members.large.iter().enumerate() {
        at[group.id.index()] = Some(place);
    }
    // Below every score everybody is selected.
    let everybody =
        |c: &Confusion| Confusion { tp: c.positives(), fp: c.negatives(), tn: 0, fn_: 0 };
    let mut groups: Vec<Confusion> = members.large.iter().map(|g| everybody(&g.counts)).collect();
    let mut all = everybody(&scored.ranking.confusions(1, |_| 0)[0]);
    let (ends, mut cuts) = (&scored.steps.ends, Vec::new());
    for (step, next) in ends.iter().enumerate().skip(1) {
        for (row, n) in scored.step(step - 1) {
            refuse(&mut all, frame.y_true[row], n);
            if let Some(group) = at[members.groups.at(row).index()] {
                refuse(&mut groups[group], frame.y_true[row], n);
            }
        }
        let values = rules.iter().map(|rule| rule.value(&groups)).collect();
        let (selected, right) = (all.selected(), all.tp + all.tn);
        cuts.push(Cut { above: ends[step - 1].1, up_to: next.0, selected, right, values });
    }
    cuts
}

/// Takes selected rows out of the selection.
fn refuse(counts: &mut Confusion, positive: bool, n: u64) {
    if positive {
        counts.tp -= n;
        counts.fn_ += n;
    } else {
        counts.fp -= n;
        counts.tn += n;
    }
}

/// Why a rule has no value at any threshold.
pub(super) fn refusal(members: &Members<'_>, rule: &ThresholdRule) -> Option<Undefined> {
    if members.large.len() < 2 {
        return Some(Undefined::OneGroup);
    }
    let fpr = rule.check.starts_with("equalized");
    members.large.iter().filter(|_| rule.errors()).find_map(|group| {
        let (positives, negatives) = (group.counts.positives(), group.counts.negatives());
        match (positives, negatives) {
            (0, _) => Some(members.undefined(group, Undefined::NoPositives)),
            (_, 0) if fpr => Some(members.undefined(group, Undefined::NoNegatives)),
            _ => None,
        }
    })
}

/// What the cuts say about one rule.
pub(super) struct Swept<'a> {
    /// The cuts.
    pub(super) cuts: &'a [Cut],
    /// Which rule.
    pub(super) rule: usize,
    /// Its limit.
    pub(super) bound: Bound,
    /// All rows.
    pub(super) rows: u64,
}

/// Ranges that the evidence lists, and points of its curves.
const MOST_RANGES: usize = 20;
const MOST_POINTS: usize = 101;

impl Swept<'_> {
    fn keeps(&self, cut: &Cut) -> bool {
        cut.values[self.rule].is_some_and(|value| self.bound.holds(value))
    }

    /// The share of the cuts that keep the rule.
    pub(super) fn share(&self) -> Option<f64> {
        let count = |n: usize| to_f64(u64::try_from(n).unwrap_or(u64::MAX));
        let kept = self.cuts.iter().filter(|cut| self.keeps(cut)).count();
        (!self.cuts.is_empty()).then(|| count(kept) / count(self.cuts.len()))
    }

    /// Limit, best cuts, ranges and curves.
    pub(super) fn evidence(&self) -> Vec<Evidence> {
        let mut evidence =
            vec![numbers("limit", vec![cell("limit", self.bound.limit(), self.rows)])];
        let best = |kept: bool| {
            let cuts = self.cuts.iter().filter(|cut| !kept || self.keeps(cut));
            cuts.fold(None, |best: Option<&Cut>, cut| match best {
                Some(best) if best.right >= cut.right => Some(best),
                _ => Some(cut),
            })
        };
        evidence.extend(best(false).map(|cut| numbers("most_accurate_threshold", self.point(cut))));
        evidence.extend(
            best(true).map(|cut| numbers("most_accurate_passing_threshold", self.point(cut))),
        );
        let ranges: Vec<Cell> = self.ranges().into_iter().take(MOST_RANGES).flatten().collect();
        if !ranges.is_empty() {
            evidence.push(numbers("passing_thresholds", ranges));
        }
        evidence.extend(self.curves());
        evidence
    }

    fn point(&self, cut: &Cut) -> Vec<Cell> {
        let accuracy = to_f64(cut.right) / to_f64(self.rows);
        let value = cut.values[self.rule];
        vec![
            cell("above", cut.above, cut.selected),
            cell("up_to", cut.up_to, cut.selected),
            cell("accuracy", accuracy, self.rows),
            Cell { name: "value".to_owned(), value, n: self.rows },
        ]
    }

    /// Runs of passing cuts: both ends, and the best accuracy within; `n` is the rows selected there.
    fn ranges(&self) -> Vec<[Cell; 3]> {
        let mut ranges = Vec::new();
        for run in self.cuts.chunk_by(|a, b| self.keeps(a) == self.keeps(b)) {
            let (Some(first), Some(last)) = (run.first(), run.last()) else { continue };
            if self.keeps(first) {
                let right = run.iter().map(|cut| cut.right).max().unwrap_or(0);
                ranges.push([
                    cell("above", first.above, first.selected),
                    cell("up_to", last.up_to, last.selected),
                    cell("accuracy", to_f64(right) / to_f64(self.rows), self.rows),
                ]);
            }
        }
        ranges
    }

    /// The rule's value and the accuracy over the thresholds, thinned to a bounded number of points.
    fn curves(&self) -> [Evidence; 2] {
        let all: Vec<(&Cut, f64)> =
            self.cuts.iter().filter_map(|cut| Some((cut, cut.values[self.rule]?))).collect();
        let last = all.len().saturating_sub(1);
        let points = MOST_POINTS.min(all.len());
        let at = |i: usize| if points < 2 { 0 } else { i * last / (points - 1) };
        let shown: Vec<&(&Cut, f64)> = (0..points).map(|i| &all[at(i)]).collect();
        let x: Vec<f64> =
            shown.iter().map(|(cut, _)| f64::midpoint(cut.above, cut.up_to)).collect();
        let accuracy = |(cut, _): &&(&Cut, f64)| to_f64(cut.right) / to_f64(self.rows);
        let curve = |name: &str, y| Evidence::Curve { name: name.to_owned(), x: x.clone(), y };
        [
            curve("value_by_threshold", shown.iter().map(|(_, value)| *value).collect()),
            curve("accuracy_by_threshold", shown.iter().map(accuracy).collect()),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(check: &str, groups: &[Confusion]) -> Option<f64> {
        ThresholdRule { check: check.to_owned(), bound: Bound::AtMost(0.1) }.value(groups)
    }

    #[test]
    fn the_value_of_each_rule_by_hand() {
        // Selected 5/10 and 4/8; true positive rates 3/4 and 2/4; false positive rates 2/6 and 2/4.
        let groups =
            [Confusion { tp: 3, fp: 2, tn: 4, fn_: 1 }, Confusion { tp: 2, fp: 2, tn: 2, fn_: 2 }];
        let expected = [0.0, 1.0, 0.25, 2.0 / 3.0, 0.25, 2.0 / 3.0];
        for (check, expected) in KNOWN.iter().zip(expected) {
            let found = value(check, &groups).unwrap();
            assert!((found - expected).abs() < 1e-12, "{check}: {found}");
        }
        assert_eq!(value("accuracy_difference", &groups), None);
    }

    #[test]
    fn a_rate_or_ratio_that_does_not_exist_is_no_value() {
        let nobody = [Confusion { tn: 3, fn_: 1, ..Confusion::default() }; 2];
        assert_eq!(value("demographic_parity_ratio", &nobody), None);
        assert_eq!(value("demographic_parity_difference", &nobody), Some(0.0));
        let all = Confusion { tp: 1, fp: 1, tn: 1, fn_: 1 };
        let no_positives = [all, Confusion { fp: 1, tn: 1, ..Confusion::default() }];
        assert_eq!(value("equal_opportunity_difference", &no_positives), None);
    }
}
