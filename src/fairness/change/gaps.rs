//! The change of the worst gap between groups.
//!
//! The worst pair of groups may be another in each run, and drawing rows again misses the change where
//! groups are nearly alike. So each pair's own change gets an interval, all of them at once; the worst gap
//! changes at least as much as the least change among the pairs that may be the old run's worst, and at
//! most as much as the largest among those that may be the new run's worst. Nor can it change more than the
//! intervals of both gaps themselves allow, which helps where groups are nearly alike.

use super::measures::{Change, inverted};
use super::rows::{Counts, Paired, alarmed, found, right, selected};
use crate::domain::{Ideal, Interval, Meta, Undefined, Value, to_f64};
use crate::stats::{
    Estimate, area_score, delong, delong_paired, mover, normal_cdf, simultaneous, tango_ends,
    wilson,
};

/// The share of the error that is spent, for each run, on which pairs may be the worst.
const SEARCH: f64 = 0.05;

/// One number of a group whose gap is looked at.
#[derive(Clone, Copy)]
enum Part {
    /// A share whose rows are the same in both runs.
    Rate(Counts),
    /// The area under the ROC curve.
    Area,
}

/// The worst gap of one or several numbers.
pub(super) struct Gap {
    /// Code, name and manual of its change.
    pub(super) meta: Meta,
    /// The name of the gap.
    pub(super) name: &'static str,
    parts: &'static [Part],
}

macro_rules! gap {
    ($code:literal, $name:literal, $parts:expr) => {
        Gap {
            meta: Meta {
                code: $code,
                name: concat!($name, "_change"),
                ideal: Ideal::None,
                explain: concat!(
                    "Change of `", $name, "` since an earlier run on the same rows.\n\n**Formula** \
                     `gap(new) − gap(old)`, gap = ", $name, "; above 0 the gap has grown. **Range** −1 to 1. \
                     **Ideal** none; a rule `at_most: 0.02, judge: upper` asks that it has not grown by more \
                     than 0.02 (non-inferiority).\n**Undefined** `GroupUndefined` when a group that takes part \
                     has no value in a run; `OneGroup` when fewer than two groups are left; `NotRun` when the rows are \
                     weighted or a run has no scores but the gap needs them.\n**Interval** `mover_tango`, for areas \
                     `mover_delong`: every pair's own change, from the paired intervals of both groups, with the \
                     critical value of the studentized range; its ends are the least change of the pairs that may be the \
                     worst of the old run and the largest of those that may be the worst of the new one, no further than the \
                     intervals of both gaps allow. A tenth of the error is spent on which these are. It covers at least \
                     its level. **Evidence** `runs`: both gaps; \
                     `significance`: the p-value, which is the level at which the interval ends at 0, Holm's and \
                     Benjamini and Hochberg's over all changes of the comparison, and their number.\n**Source** pairs: \
                     Tango 1998, Statistics in Medicine 17, 891–908; Zou and Donner 2008, Statistics in Medicine 27, \
                     1693–1702; all at once: Agresti, Bini, Bertaccini, Ryu 2008, Biometrics 64, 1270–1275; which may be \
                     the worst: Berger and Boos 1994, JASA 89, 1012–1016. **Peer** none.\n"
                ),
            },
            name: $name,
            parts: $parts,
        }
    };
}

/// All gaps, in the order of the findings.
pub(super) static GAPS: [Gap; 6] = [
    gap!("FC031", "demographic_parity_difference", &[Part::Rate(selected)]),
    gap!("FC033", "equalized_odds_difference", &[Part::Rate(found), Part::Rate(alarmed)]),
    gap!("FC035", "equal_opportunity_difference", &[Part::Rate(found)]),
    gap!("FC040", "predictive_equality_difference", &[Part::Rate(alarmed)]),
    gap!("FC055", "accuracy_difference", &[Part::Rate(right)]),
    gap!("FC060", "roc_auc_difference", &[Part::Area]),
];

/// What is known of one group at some critical values.
struct Side {
    change: Estimate,
    runs: [Estimate; 2],
}

impl Part {
    /// The numbers of both runs.
    fn values(self, rows: &Paired) -> Result<[f64; 2], Undefined> {
        match self {
            Self::Rate(counts) => {
                let pairs = rows.agreement(counts);
                let share = |hits| to_f64(hits) / to_f64(pairs.n());
                if pairs.n() == 0 {
                    return Err(empty(counts));
                }
                Ok([share(pairs.both + pairs.first), share(pairs.both + pairs.second)])
            }
            Self::Area => {
                let areas = delong_paired(rows.scores(true), rows.scores(false))?;
                Ok([areas.first, areas.second])
            }
        }
    }

    /// The change with a critical value of `z[0]`, the numbers with one of `z[1]`.
    fn side(self, rows: &Paired, z: [f64; 2]) -> Option<Side> {
        let [new, old] = self.values(rows).ok()?;
        let level = z.map(|z| 2.0 * normal_cdf(z) - 1.0);
        let at = |value, (low, high)| Estimate { value, low, high };
        let within = |i: Interval| (i.low, i.high);
        let (change, runs) = match self {
            Self::Rate(counts) => {
                let p = rows.agreement(counts);
                let run = |hits| wilson(hits, p.n(), level[1]).map(within);
                (tango_ends(&p, z[0])?, [run(p.both + p.first)?, run(p.both + p.second)?])
            }
            Self::Area => {
                let areas = delong_paired(rows.scores(true), rows.scores(false)).ok()?;
                (within(areas.interval(level[0])?), [0, 1].map(|run| area(rows, run, level[1])))
            }
        };
        Some(Side { change: at(new - old, change), runs: [at(new, runs[0]), at(old, runs[1])] })
    }
}

/// Why a rate without rows has no value.
fn empty(counts: Counts) -> Undefined {
    match (counts(true, true), counts(false, true)) {
        (Some(_), None) => Undefined::NoPositives,
        (None, Some(_)) => Undefined::NoNegatives,
        _ => Undefined::Empty,
    }
}

/// The ends of the area of one run.
fn area(rows: &Paired, run: usize, level: f64) -> (f64, f64) {
    let scores = |positive| -> Vec<f64> {
        rows.scores(positive).iter().map(|pair| if run == 0 { pair.0 } else { pair.1 }).collect()
    };
    let (positive, negative) = (scores(true), scores(false));
    let rows = |scores: &[f64]| u64::try_from(scores.len()).unwrap_or(u64::MAX);
    let found = match delong(&positive, &negative, level) {
        Ok((_, Some(interval))) => interval,
        Ok((auc, None)) => area_score(auc, (rows(&positive), rows(&negative)), level),
        Err(_) => return (0.0, 1.0),
    };
    (found.low, found.high)
}

impl Gap {
    /// Whether it needs scores.
    pub(super) fn scored(&self) -> bool {
        self.parts.iter().any(|part| matches!(part, Part::Area))
    }

    /// What changed between these groups, whose rows are given; an error names the group's place.
    pub(super) fn of(&self, groups: &[&Paired], level: f64) -> Result<Change, (usize, Undefined)> {
        let n = groups.iter().map(|rows| rows.n()).sum();
        if groups.len() < 2 {
            return Ok(Change::undefined(Undefined::OneGroup, n));
        }
        let [new, old] = self.gaps(groups)?;
        let ends = |level: f64| self.ends(groups, level);
        let method = if self.scored() { "mover_delong" } else { "mover_tango" }.to_owned();
        let made = |(low, high)| Interval { low, high, level, method };
        let (interval, runs) = (ends(level).map(made), [Some(new), Some(old)]);
        let value: Value = Ok(new - old);
        Ok(Change { value, runs, interval, p: inverted(ends), n, agreement: None })
    }

    /// The worst gap of both runs.
    fn gaps(&self, groups: &[&Paired]) -> Result<[f64; 2], (usize, Undefined)> {
        let mut worst = [0.0_f64; 2];
        for part in self.parts {
            let mut ends = [(f64::INFINITY, f64::NEG_INFINITY); 2];
            for (at, rows) in groups.iter().enumerate() {
                let values = part.values(rows).map_err(|because| (at, because))?;
                for (ends, value) in ends.iter_mut().zip(values) {
                    *ends = (ends.0.min(value), ends.1.max(value));
                }
            }
            for (worst, (low, high)) in worst.iter_mut().zip(ends) {
                *worst = worst.max(high - low);
            }
        }
        Ok(worst)
    }

    /// The ends of the change; `None` where a group has no interval.
    fn ends(&self, groups: &[&Paired], level: f64) -> Option<(f64, f64)> {
        let error = (1.0 - level) / to_f64(u64::try_from(self.parts.len()).ok()?);
        let z = [1.0 - 2.0 * SEARCH, SEARCH]
            .map(|share| simultaneous(1.0 - share * error, groups.len()));
        let sides = |part: &Part| -> Option<Vec<Side>> {
            groups.iter().map(|rows| part.side(rows, z)).collect()
        };
        let parts: Vec<Vec<Side>> = self.parts.iter().map(sides).collect::<Option<_>>()?;
        Some(bounds(&parts))
    }
}

/// A pair of groups, one way round: the ends of its gap in both runs, and of its change.
struct Pair {
    runs: [(f64, f64); 2],
    change: (f64, f64),
}

/// The ends of the change of the worst gap over all parts and pairs.
fn bounds(parts: &[Vec<Side>]) -> (f64, f64) {
    let mut pairs = Vec::new();
    for sides in parts {
        for (i, a) in sides.iter().enumerate() {
            for (_, b) in sides.iter().enumerate().filter(|(j, _)| *j != i) {
                let runs = [0, 1].map(|run| mover::difference(a.runs[run], b.runs[run]));
                pairs.push(Pair { runs, change: mover::difference(a.change, b.change) });
            }
        }
    }
    let least = |run: usize| pairs.iter().map(|pair| pair.runs[run].0).fold(0.0, f64::max);
    let most = |run: usize| pairs.iter().map(|pair| pair.runs[run].1).fold(0.0, f64::max);
    let may_be_worst = |run: usize| {
        let surely = least(run);
        pairs.iter().filter(move |pair| pair.runs[run].1 >= surely)
    };
    let low = may_be_worst(1).map(|pair| pair.change.0).fold(f64::INFINITY, f64::min);
    let high = may_be_worst(0).map(|pair| pair.change.1).fold(f64::NEG_INFINITY, f64::max);
    (low.max(least(0) - most(1)).max(-1.0), high.min(most(0) - least(1)).min(1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(change: f64, new: f64, old: f64) -> Side {
        let at = |value: f64, half: f64| Estimate { value, low: value - half, high: value + half };
        Side { change: at(change, 0.03), runs: [at(new, 0.04), at(old, 0.04)] }
    }

    #[test]
    fn two_groups_far_apart_have_the_change_of_their_pair() {
        // Gaps of 0.5 and 0.3: the pair's change is 0.2 with √2 · 0.03 on either side.
        let (low, high) = bounds(&[vec![side(0.1, 0.8, 0.7), side(-0.1, 0.3, 0.4)]]);
        let half = 0.03 * std::f64::consts::SQRT_2;
        assert!((low - 0.2 + half).abs() < 1e-12 && (high - 0.2 - half).abs() < 1e-12);
    }

    #[test]
    fn gaps_that_are_nearly_none_change_by_what_both_of_them_allow() {
        // No gap in the old run: either way round may have been the worst, and their least change is
        // −0.2. But the new gap is at least 0.2 − √2 · 0.04, and the old one at most √2 · 0.04.
        let (low, high) = bounds(&[vec![side(0.2, 0.7, 0.5), side(0.0, 0.5, 0.5)]]);
        let half = 0.03 * std::f64::consts::SQRT_2;
        let run = 0.04 * std::f64::consts::SQRT_2;
        assert!((low - 0.2 + 2.0 * run).abs() < 1e-12, "{low}");
        assert!((high - 0.2 - half).abs() < 1e-12, "{high}");
    }
}
