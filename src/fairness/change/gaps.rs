//! The change of the worst gap between groups.
//!
//! The worst pair of groups may be another in each run, and drawing rows again misses the change where
//! groups are nearly alike. So each pair's gap in both runs and its change get intervals, all of them at
//! once; the worst gap grows at least as much as the gap of the pair that was the old run's worst, and at
//! most as much as that of the pair that is the new run's worst, whichever of the possible ones they are.

use super::measures::{Change, inverted};
use super::rows::{Counts, Paired, alarmed, found, right, selected};
use crate::domain::{Ideal, Interval, Meta, Undefined, Value, to_f64};
use crate::stats::{
    Agreement, AreaChange, Estimate, area_score, delong_paired, delong_variance, interval_of_auc,
    mover, normal_cdf, simultaneous, tango_ends, wilson,
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
                     critical value of the studentized range; its ends are the least growth of the gaps of the pairs that may be the \
                     worst of the old run and the largest of those that may be the worst of the new one, as far as the \
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

/// One number of one group, counted once for all levels.
enum Known {
    Rate(Agreement),
    Area { change: AreaChange, runs: [Area; 2] },
}

/// The area of one run with its variance, where it has one, and the sizes of both classes.
#[derive(Clone, Copy)]
struct Area {
    value: f64,
    variance: Option<f64>,
    classes: (u64, u64),
}

/// What is known of one group at some critical values.
struct Side {
    change: Estimate,
    runs: [Estimate; 2],
}

impl Part {
    fn known(self, rows: &Paired) -> Result<Known, Undefined> {
        match self {
            Self::Rate(counts) => match rows.agreement(counts) {
                pairs if pairs.n() == 0 => Err(empty(counts)),
                pairs => Ok(Known::Rate(pairs)),
            },
            Self::Area => {
                let change = delong_paired(rows.scores(true), rows.scores(false))?;
                let runs = [
                    area(rows, change.first, |pair| pair.0),
                    area(rows, change.second, |pair| pair.1),
                ];
                Ok(Known::Area { change, runs })
            }
        }
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

fn area(rows: &Paired, value: f64, run: fn(&(f64, f64)) -> f64) -> Area {
    let scores = |positive| -> Vec<f64> { rows.scores(positive).iter().map(run).collect() };
    let (positive, negative) = (scores(true), scores(false));
    let variance = delong_variance(&positive, &negative).ok().map(|(_, variance)| variance);
    let rows = |scores: &[f64]| u64::try_from(scores.len()).unwrap_or(u64::MAX);
    Area { value, variance, classes: (rows(&positive), rows(&negative)) }
}

impl Known {
    /// The numbers of both runs.
    fn values(&self) -> [f64; 2] {
        match self {
            Self::Rate(pairs) => {
                let share = |hits| to_f64(hits) / to_f64(pairs.n());
                [share(pairs.both + pairs.first), share(pairs.both + pairs.second)]
            }
            Self::Area { change, .. } => [change.first, change.second],
        }
    }

    /// The change with a critical value of `z[0]`, the numbers with one of `z[1]`.
    fn side(&self, z: [f64; 2]) -> Option<Side> {
        let [new, old] = self.values();
        let level = z.map(|z| 2.0 * normal_cdf(z) - 1.0);
        let at = |value, (low, high)| Estimate { value, low, high };
        let within = |i: Interval| (i.low, i.high);
        let (change, runs) = match self {
            Self::Rate(p) => {
                let run = |hits| wilson(hits, p.n(), level[1]).map(within);
                (tango_ends(p, z[0])?, [run(p.both + p.first)?, run(p.both + p.second)?])
            }
            Self::Area { change, runs } => {
                let run = |area: Area| {
                    let delong = |v| interval_of_auc(area.value, v, level[1]);
                    let score = || area_score(area.value, area.classes, level[1]);
                    within(area.variance.and_then(delong).unwrap_or_else(score))
                };
                (within(change.interval(level[0])?), runs.map(run))
            }
        };
        Some(Side { change: at(new - old, change), runs: [at(new, runs[0]), at(old, runs[1])] })
    }
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
        let known = |part: &Part| -> Result<Vec<Known>, (usize, Undefined)> {
            let each = groups.iter().enumerate();
            each.map(|(at, rows)| part.known(rows).map_err(|because| (at, because))).collect()
        };
        let parts: Vec<Vec<Known>> = self.parts.iter().map(known).collect::<Result<_, _>>()?;
        let [new, old] = worst(&parts);
        let method = if self.scored() { "mover_delong" } else { "mover_tango" }.to_owned();
        let made = |(low, high)| Interval { low, high, level, method };
        let interval = ends(&parts, level).map(made);
        let p = inverted(|level| ends(&parts, level));
        let (value, runs): (Value, _) = (Ok(new - old), [Some(new), Some(old)]);
        Ok(Change { value, runs, interval, p, n, agreement: None })
    }
}

/// The worst gap of both runs over all parts.
fn worst(parts: &[Vec<Known>]) -> [f64; 2] {
    [0, 1].map(|run| {
        let gap = |part: &Vec<Known>| {
            let values = part.iter().map(|known| known.values()[run]);
            let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |ends, value| {
                (ends.0.min(value), ends.1.max(value))
            });
            high - low
        };
        parts.iter().map(gap).fold(0.0, f64::max)
    })
}

/// The ends of the change; `None` where a group has no interval.
fn ends(parts: &[Vec<Known>], level: f64) -> Option<(f64, f64)> {
    let error = (1.0 - level) / to_f64(u64::try_from(parts.len()).ok()?);
    let groups = parts.first()?.len();
    let z = [1.0 - 2.0 * SEARCH, SEARCH].map(|share| simultaneous(1.0 - share * error, groups));
    let sides = |part: &Vec<Known>| -> Option<Vec<Side>> {
        part.iter().map(|known| known.side(z)).collect()
    };
    let parts: Vec<Vec<Side>> = parts.iter().map(sides).collect::<Option<_>>()?;
    Some(bounds(&parts))
}

/// A pair of groups: the ends of its signed gap in the new and in the old run, and of its change.
struct Pair {
    runs: [(f64, f64); 2],
    change: (f64, f64),
}

impl Pair {
    /// How small and how large the gap of a run may be, whichever group is ahead.
    fn gap(&self, run: usize) -> (f64, f64) {
        let (low, high) = self.runs[run];
        (low.max(-high).max(0.0), high.max(-low))
    }

    /// The least and the largest `|new| − |old|` within all three pairs of ends.
    ///
    /// It is linear between the lines on which an end is met or a gap is 0, so its extremes lie where two
    /// such lines cross.
    fn reach(&self) -> (f64, f64) {
        let ([new, old], change) = (self.runs, self.change);
        let mut corners = Vec::new();
        for x in [old.0, old.1, 0.0] {
            corners.extend([new.0, new.1, 0.0].map(|y| (x, y)));
            corners.extend([change.0, change.1].map(|c| (x, x + c)));
        }
        for y in [new.0, new.1, 0.0] {
            corners.extend([change.0, change.1].map(|c| (y - c, y)));
        }
        let within = |v: f64, ends: (f64, f64)| ends.0 - 1e-12 <= v && v <= ends.1 + 1e-12;
        let possible =
            |(x, y): &(f64, f64)| within(*x, old) && within(*y, new) && within(y - x, change);
        let grown = corners.into_iter().filter(possible).map(|(x, y)| y.abs() - x.abs());
        grown.fold((f64::INFINITY, f64::NEG_INFINITY), |ends, v| (ends.0.min(v), ends.1.max(v)))
    }
}

/// The ends of the change of the worst gap over all parts and pairs.
fn bounds(parts: &[Vec<Side>]) -> (f64, f64) {
    let mut pairs = Vec::new();
    for sides in parts {
        for (i, a) in sides.iter().enumerate() {
            for b in &sides[..i] {
                let runs = [0, 1].map(|run| mover::difference(a.runs[run], b.runs[run]));
                pairs.push(Pair { runs, change: mover::difference(a.change, b.change) });
            }
        }
    }
    let least = |run: usize| pairs.iter().map(|pair| pair.gap(run).0).fold(0.0, f64::max);
    let most = |run: usize| pairs.iter().map(|pair| pair.gap(run).1).fold(0.0, f64::max);
    let may_be_worst = |run: usize| {
        let surely = least(run);
        pairs.iter().filter(move |pair| pair.gap(run).1 >= surely)
    };
    let low = may_be_worst(1).map(|pair| pair.reach().0).fold(f64::INFINITY, f64::min);
    let high = may_be_worst(0).map(|pair| pair.reach().1).fold(f64::NEG_INFINITY, f64::max);
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

    #[test]
    fn where_the_worst_pair_changes_the_gaps_of_the_runs_bound_the_change() {
        // Old worst gap 0.6 − 0.25, new one 0.8 − 0.2, each of other groups and known to √2 · 0.04.
        let sides = vec![side(0.2, 0.8, 0.6), side(-0.1, 0.2, 0.3), side(0.45, 0.7, 0.25)];
        let (low, high) = bounds(&[sides]);
        let run = 0.04 * std::f64::consts::SQRT_2;
        assert!((low - 0.25 + 2.0 * run).abs() < 1e-12, "{low}");
        assert!((high - 0.25 - 2.0 * run).abs() < 1e-12, "{high}");
    }

    #[test]
    fn the_growth_of_a_gap_has_its_extremes_at_the_corners() {
        // The group behind may have been ahead by 0.05: −0.1 + 0.05 + … by hand: the old gap lies in
        // [−0.12, 0.05], it changed by [−0.15, −0.07]; smallest growth at 0.05 − 0.07 = −0.02: 0.02 − 0.05.
        let pair = Pair { runs: [(-0.3, 0.1), (-0.12, 0.05)], change: (-0.15, -0.07) };
        let (low, high) = pair.reach();
        assert!((low + 0.03).abs() < 1e-12 && (high - 0.15).abs() < 1e-12, "{low} {high}");
        // No point within the ends lies beyond, and points at random come near.
        let mut draw = crate::domain::Seed::new(3).stream();
        for _ in 0..300 {
            let mut between = |low: f64, high: f64| low + (high - low) * draw.uniform();
            let (old, new) = (between(-0.3, 0.3), between(-0.3, 0.3));
            let mut around = |v: f64| (v - between(0.0, 0.2), v + between(0.0, 0.2));
            let pair = Pair { runs: [around(new), around(old)], change: around(new - old) };
            let (low, high) = pair.reach();
            let (mut least, mut most) = (f64::INFINITY, f64::NEG_INFINITY);
            for at in 0..40 * 40 {
                let share = |i: u32| f64::from(i) / 39.0;
                let place = |(low, high): (f64, f64), i| low + (high - low) * share(i);
                let (y, x) = (place(pair.runs[0], at % 40), place(pair.runs[1], at / 40));
                if pair.change.0 <= y - x && y - x <= pair.change.1 {
                    least = least.min(y.abs() - x.abs());
                    most = most.max(y.abs() - x.abs());
                }
            }
            assert!(low <= least + 1e-9 && most <= high + 1e-9, "{low} {least} {most} {high}");
            assert!(least - low < 0.05 && high - most < 0.05, "{low} {least} {most} {high}");
        }
    }

    #[test]
    fn a_tenth_of_the_error_is_spent_on_the_search_and_parts_share_it() {
        // Shares 0.9 and 0.8 against 0.3 and 0.35: one pair, surely apart, whose change is 0.15.
        let a = Agreement { both: 320, first: 40, second: 0, neither: 40 };
        let b = Agreement { both: 110, first: 10, second: 30, neither: 250 };
        let part = || vec![Known::Rate(a), Known::Rate(b)];
        let found = ends(&[part()], 0.95).unwrap();
        let change = |pairs: &Agreement, value: f64| {
            let Interval { low, high, .. } = crate::stats::tango(pairs, 1.0 - 0.9 * 0.05).unwrap();
            Estimate { value, low, high }
        };
        let expected = mover::difference(change(&a, 0.1), change(&b, -0.05));
        let near = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).abs().max((a.1 - b.1).abs()) < 1e-9;
        assert!(near(found, expected), "{found:?} {expected:?}");
        assert!(near(ends(&[part(), part()], 0.95).unwrap(), ends(&[part()], 0.975).unwrap()));
    }
}
