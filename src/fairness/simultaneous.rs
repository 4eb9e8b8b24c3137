//! Intervals of one group, of one pair of groups, and of the worst pair out of all.
//!
//! The worst gap is picked after the fact, so its interval must hold for every pair at once. With
//! a critical value for which the intervals of all pairs hold together, the largest gap lies between
//! the largest lower end and the largest upper end of all pairs.

use super::Options;
use super::aggregate::Aggregate;
use super::level::Measured;
use super::metrics::Basis;
use crate::domain::{Interval, to_f64};
use crate::stats::{
    Estimate, clopper_pearson, koopman_ends, mover, normal_cdf, simultaneous, two_sided,
};

/// How the interval of a single share is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ShareInterval {
    /// The score interval: covers its level on average.
    #[default]
    Wilson,
    /// The exact interval: covers at least its level for every share, and is wider.
    ClopperPearson,
}

impl ShareInterval {
    /// The one of this name; the score interval where there is none.
    #[must_use]
    pub fn named(name: &str) -> Self {
        if name == "clopper_pearson" { Self::ClopperPearson } else { Self::Wilson }
    }
}

/// The groups of one base metric.
pub(super) struct Groups<'a> {
    /// The metric in each group that has a value, at least two.
    pub(super) measured: Vec<&'a Measured>,
    /// Confidence of the result.
    pub(super) level: f64,
}

impl Measured {
    /// The interval of this number alone.
    pub(super) fn interval(&self, options: &Options) -> Option<Interval> {
        match (self.basis, options.statistics.share) {
            (Basis::Share { hits, n }, ShareInterval::ClopperPearson) if self.value.is_ok() => {
                clopper_pearson(hits, n, options.confidence)
            }
            _ => self.at(options.confidence),
        }
    }

    /// The interval of confidence `level`: the closed form, or what stands in for it.
    fn at(&self, level: f64) -> Option<Interval> {
        let value = *self.value.as_ref().ok()?;
        self.basis.interval(value, level).or_else(|| self.instead.interval(value, level))
    }

    /// The value between its ends with a critical value of `z`; none where groups are not independent.
    fn ends(&self, z: f64) -> Option<Estimate> {
        if matches!(self.basis, Basis::Portion { .. }) {
            return None;
        }
        let found = self.at(2.0 * normal_cdf(z) - 1.0)?;
        Some(Estimate { value: *self.value.as_ref().ok()?, low: found.low, high: found.high })
    }

    fn share(&self) -> Option<(u64, u64)> {
        match self.basis {
            Basis::Share { hits, n } => Some((hits, n)),
            _ => None,
        }
    }

    /// The ends of `a / b`; the upper one may be infinite.
    fn over(&self, other: &Self, z: f64) -> Option<(f64, f64)> {
        match (self.share(), other.share()) {
            (Some(a), Some(b)) => koopman_ends(a, b, z),
            _ => mover::ratio(self.ends(z)?, other.ends(z)?),
        }
    }
}

/// The interval of `a − b`, two groups named beforehand: by the formula of what they rest on, or
/// from both intervals (`mover`).
pub(super) fn pair(a: &Measured, b: &Measured, level: f64) -> Option<Interval> {
    let difference = a.value.clone().ok()? - b.value.clone().ok()?;
    let areas = matches!(a.basis, Basis::Area { .. });
    let closed = if areas { None } else { a.basis.difference(&b.basis, difference, level) };
    closed.or_else(|| {
        let z = two_sided(level);
        let (low, high) = mover::difference(a.ends(z)?, b.ends(z)?);
        Some(Interval { low, high, level, method: "mover".to_owned() })
    })
}

/// The interval of `a / b`, two groups named beforehand: Koopman's for shares, else from both
/// intervals (`mover_ratio`); `None` where it has no upper end.
pub(super) fn over(a: &Measured, b: &Measured, level: f64) -> Option<Interval> {
    let (low, high) = a.over(b, two_sided(level))?;
    let shares = a.share().is_some() && b.share().is_some();
    let method = if shares { "koopman" } else { "mover_ratio" }.to_owned();
    high.is_finite().then_some(Interval { low, high, level, method })
}

/// The interval of the worst gap over all pairs of groups and all `components`.
///
/// Holds with at least the confidence `level` whichever pair is the worst. Each component uses
/// the studentized range over its groups (Tukey–Kramer); several components share the error evenly
/// (Bonferroni). `None` when a group has no interval of its own.
///
/// Source: Agresti, Bini, Bertaccini, Ryu 2008, Biometrics 64, 1270–1275.
pub(super) fn worst(aggregate: Aggregate, components: &[Groups<'_>]) -> Option<Interval> {
    let level = components.first()?.level;
    let parts = to_f64(u64::try_from(components.len()).ok()?);
    let mut ends: Option<(f64, f64)> = None;
    for groups in components {
        let z = simultaneous(1.0 - (1.0 - level) / parts, groups.measured.len());
        let sides: Vec<Estimate> =
            groups.measured.iter().map(|group| group.ends(z)).collect::<Option<_>>()?;
        let found = match aggregate {
            Aggregate::Difference => largest(&sides),
            Aggregate::Ratio => smallest(&groups.measured, z),
        };
        ends = Some(match (ends, aggregate) {
            (None, _) => found,
            (Some((low, high)), Aggregate::Difference) => (low.max(found.0), high.max(found.1)),
            (Some((low, high)), Aggregate::Ratio) => (low.min(found.0), high.min(found.1)),
        });
    }
    let (low, high) = ends?;
    Some(Interval { low, high, level, method: method(aggregate, components) })
}

/// The ends of the largest difference, at least 0.
fn largest(sides: &[Estimate]) -> (f64, f64) {
    let mut ends = (0.0_f64, 0.0_f64);
    for (i, a) in sides.iter().enumerate() {
        for b in &sides[..i] {
            let (low, high) = mover::difference(*a, *b);
            ends = (ends.0.max(low).max(-high), ends.1.max(high).max(-low));
        }
    }
    ends
}

/// The ends of the smallest ratio, 0 to 1; each pair counts in both orders.
fn smallest(groups: &[&Measured], z: f64) -> (f64, f64) {
    let over_1 = |end: f64| if end > 0.0 { 1.0 / end } else { f64::INFINITY };
    let turned = |(low, high): (f64, f64)| (over_1(high), over_1(low));
    let mut ends = (1.0_f64, 1.0_f64);
    for (i, a) in groups.iter().enumerate() {
        for b in &groups[..i] {
            // A ratio over a group at 0 does not exist; the other order of the pair does.
            let over = a.over(b, z).or_else(|| b.over(a, z).map(turned));
            let (low, high) = over.unwrap_or((0.0, f64::INFINITY));
            ends = (ends.0.min(low).min(over_1(high)), ends.1.min(high).min(over_1(low)));
        }
    }
    ends
}

fn method(aggregate: Aggregate, components: &[Groups<'_>]) -> String {
    let shares = components.iter().all(|c| c.measured.iter().all(|m| m.share().is_some()));
    let base = match (aggregate, shares) {
        (Aggregate::Difference, true) => "newcombe",
        (Aggregate::Difference, false) => "mover",
        (Aggregate::Ratio, true) => "koopman",
        (Aggregate::Ratio, false) => "mover_ratio",
    };
    match components {
        [one] if one.measured.len() == 2 => base.to_owned(),
        _ => format!("simultaneous_{base}"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::bootstrap::Instead;
    use super::*;
    use crate::stats::{koopman, newcombe};

    fn share(hits: u64, n: u64) -> Measured {
        let value = Ok(to_f64(hits) / to_f64(n));
        Measured::new("FA998", value, Basis::Share { hits, n }, Instead::None)
    }

    fn worst_of(aggregate: Aggregate, groups: &[Measured]) -> Interval {
        let measured = groups.iter().collect();
        worst(aggregate, &[Groups { measured, level: 0.95 }]).unwrap()
    }

    #[test]
    fn two_groups_are_the_named_pair_folded_at_0_and_1() {
        let groups = [share(3, 17), share(12, 21)];
        let (found, named) =
            (worst_of(Aggregate::Difference, &groups), newcombe((12, 21), (3, 17), 0.95).unwrap());
        assert!((found.low - named.low).abs() < 1e-9 && (found.high - named.high).abs() < 1e-9);
        let (found, named) =
            (worst_of(Aggregate::Ratio, &groups), koopman((3, 17), (12, 21), 0.95).unwrap());
        assert!((found.low - named.low).abs() < 1e-9 && (found.high - named.high).abs() < 1e-9);
    }

    #[test]
    fn the_order_of_the_groups_changes_nothing() {
        let groups = [share(3, 17), share(12, 21), share(8, 30)];
        let turned = [share(8, 30), share(12, 21), share(3, 17)];
        for aggregate in [Aggregate::Difference, Aggregate::Ratio] {
            let (a, b) = (worst_of(aggregate, &groups), worst_of(aggregate, &turned));
            assert!((a.low - b.low).abs() < 1e-12 && (a.high - b.high).abs() < 1e-12);
        }
    }

    #[test]
    fn a_named_ratio_is_koopmans_for_shares_and_carried_over_for_others() {
        let (a, b) = (share(3, 17), share(12, 21));
        assert_eq!(over(&a, &b, 0.95), koopman((3, 17), (12, 21), 0.95));
        assert_eq!(over(&a, &share(0, 21), 0.95), None);
        let mean = |value: f64| {
            let basis = Basis::Mean { variance: 0.0001, freedom: 50.0, most: 1.0, n: 51 };
            Measured::new("FA998", Ok(value), basis, Instead::None)
        };
        let i = over(&a, &mean(0.5), 0.95).unwrap();
        assert!(i.method == "mover_ratio" && i.low < 6.0 / 17.0 && i.high > 6.0 / 17.0, "{i:?}");
        let i = pair(&mean(0.5), &mean(0.3), 0.95).unwrap();
        assert!((i.low + i.high - 0.4).abs() < 1e-12 && i.method == "welch_t", "{i:?}");
    }

    #[test]
    fn more_groups_widen_it_and_a_tiny_one_reaches_far() {
        let pair = [share(30, 100), share(60, 100)];
        let three = [share(30, 100), share(60, 100), share(45, 100)];
        let (narrow, wide) =
            (worst_of(Aggregate::Difference, &pair), worst_of(Aggregate::Difference, &three));
        assert!(wide.low < narrow.low && wide.high > narrow.high && wide.low > 0.0);
        assert_eq!(wide.method, "simultaneous_newcombe");
        // Two rows, both hits: the largest gap could be anything up to nearly 1.
        let tiny = [share(30, 100), share(60, 100), share(1, 2)];
        let far = worst_of(Aggregate::Difference, &tiny);
        assert!(far.high > 0.6 && far.low > 0.0, "{far:?}");
        let ratio = worst_of(Aggregate::Ratio, &tiny);
        assert!(ratio.low < 0.25 && ratio.high < 1.0, "{ratio:?}");
    }

    #[test]
    fn a_group_without_interval_leaves_none() {
        let bare = Measured::new("FA998", Ok(0.3), Basis::Rows(9), Instead::None);
        let groups = [share(1, 2), bare];
        for aggregate in [Aggregate::Difference, Aggregate::Ratio] {
            let sides = Groups { measured: groups.iter().collect(), level: 0.95 };
            assert_eq!(worst(aggregate, &[sides]), None);
        }
        assert_eq!(pair(&groups[0], &groups[1], 0.95), None);
    }

    #[test]
    fn the_exact_interval_is_for_single_shares_only() {
        assert_eq!(ShareInterval::named("clopper_pearson"), ShareInterval::ClopperPearson);
        assert_eq!(ShareInterval::named("wilson"), ShareInterval::Wilson);
        let found = pair(&share(3, 4), &share(1, 4), 0.9);
        assert_eq!(found, newcombe((3, 4), (1, 4), 0.9));
    }

    #[test]
    fn the_exact_interval_is_for_shares_that_exist() {
        let mut options = Options::default();
        options.statistics.share = ShareInterval::ClopperPearson;
        let of = |value, basis| Measured::new("FA998", value, basis, Instead::None);
        let basis = Basis::Share { hits: 3, n: 17 };
        assert_eq!(share(3, 17).interval(&options), clopper_pearson(3, 17, 0.95));
        assert_eq!(of(Err(crate::domain::Undefined::Empty), basis).interval(&options), None);
        assert_eq!(share(3, 17).interval(&Options::default()), crate::stats::wilson(3, 17, 0.95));
    }
}
