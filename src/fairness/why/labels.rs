//! How much wrong or missing group labels can hide: bounds on a gap by counts, exact worst cases.

use super::groups::{Group, Members, cell, numbers};
use crate::domain::{Confusion, Evidence, Finding, MISSING, Stage, Undefined, to_f64};

/// Shares of wrong labels for which the bounds are shown.
const SHARES: [(u64, &str, &str); 4] = [
    (1, "lowest_at_1_percent", "highest_at_1_percent"),
    (2, "lowest_at_2_percent", "highest_at_2_percent"),
    (5, "lowest_at_5_percent", "highest_at_5_percent"),
    (10, "lowest_at_10_percent", "highest_at_10_percent"),
];

/// A group's share: rows that count, and rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Side {
    hits: u64,
    n: u64,
}

impl Side {
    fn rate(self) -> Option<f64> {
        (self.n > 0).then(|| to_f64(self.hits) / to_f64(self.n))
    }
}

/// The counts of one rate.
type Share = fn(&Confusion) -> (u64, u64);

/// The rates, with the reason why one does not exist.
const RATES: [(Share, Undefined); 3] = [
    (|c| (c.selected(), c.n()), Undefined::Empty),
    (|c| (c.tp, c.positives()), Undefined::NoPositives),
    (|c| (c.fp, c.negatives()), Undefined::NoNegatives),
];

/// The largest `rate(a) − rate(b)` when at most `wrong` rows of the two carry the other's label.
///
/// A row that counts raises the side that it moves to and lowers the one that it leaves, a row that
/// does not count the other way round; so only misses of `a` and hits of `b` are moved, and as many
/// as may be. While only the share of the two changes, the gap has at most one turning point.
fn largest(a: Side, b: Side, wrong: u64) -> Option<f64> {
    let gap = |misses: u64| {
        let hits = (wrong - misses).min(b.hits).min((b.n + misses).saturating_sub(1));
        let to = Side { hits: a.hits + hits, n: a.n - misses + hits };
        let from = Side { hits: b.hits - hits, n: b.n + misses - hits };
        Some(to.rate()? - from.rate()?)
    };
    let most = wrong.min(a.n - a.hits);
    let corners = [0, 1, wrong.saturating_sub(b.hits), turn(a, b, wrong), most];
    let near = |corner: u64| corner.saturating_sub(2)..=(corner + 2).min(most);
    corners.into_iter().flat_map(|corner| near(corner.min(most))).filter_map(gap).reduce(f64::max)
}

/// Near which number of moved misses the gap turns, where it does.
///
/// With `m` misses and `w − m` hits the gap is `(A − m)/(B − 2m) − (C + m)/(D + 2m)`, and its slope
/// `(2A − B)/(B − 2m)² − (D − 2C)/(D + 2m)²` has one root with positive denominators.
fn turn(a: Side, b: Side, wrong: u64) -> u64 {
    let [hits, n, others, rest] = [a.hits + wrong, a.n + wrong, b.hits, b.n].map(to_f64);
    let moved = to_f64(wrong);
    let (others, rest) = (others - moved, rest - moved);
    let (p, q) = ((2.0 * hits - n).abs().sqrt(), (rest - 2.0 * others).abs().sqrt());
    let at = (p.mul_add(-rest, q * n) / (2.0 * (p + q))).clamp(0.0, moved);
    if at.is_finite() { whole(at) } else { 0 }
}

/// A number from 0 to 2^51 as a count.
fn whole(number: f64) -> u64 {
    // Beyond 2^52 the last bits of a number count its whole part.
    (number + 4_503_599_627_370_496.0).to_bits() & ((1 << 52) - 1)
}

/// The fewest wrong labels with which the gap is 0 or of the other sign.
fn closing(a: Side, b: Side) -> Option<u64> {
    let (low, high) = if a.rate()? >= b.rate()? { (b, a) } else { (a, b) };
    let closes = |wrong: u64| largest(low, high, wrong).is_some_and(|gap| gap >= 0.0);
    let all = a.n + b.n;
    let mut reach = 0;
    while !closes(reach) {
        if reach >= all {
            return None;
        }
        reach = (2 * reach).max(1).min(all);
    }
    let mut fewest = reach / 2;
    while fewest < reach {
        let middle = fewest.midpoint(reach);
        if closes(middle) { reach = middle } else { fewest = middle + 1 }
    }
    Some(reach)
}

/// For each rate how many wrong labels would close the gap of a group to the reference.
pub(super) fn findings(members: &Members<'_>, reference: &Group) -> Vec<Finding> {
    let others = members.large.iter().filter(|group| {
        group.id != reference.id && !members.groups.parts(group.id).iter().any(|p| p == MISSING)
    });
    let all = |group| {
        let rates = RATES.iter().zip(&super::manual::LABELS);
        rates.map(move |((share, none), meta)| {
            let subject = members.pair(group, reference);
            let n = share(&group.counts).1 + share(&reference.counts).1;
            let found = bounds(members, [group, reference], (*share, none));
            let (value, evidence) = match found {
                Ok((value, evidence)) => (Ok(value), evidence),
                Err(reason) => (Err(reason), Vec::new()),
            };
            let finding = Finding::new(meta, Stage::Fairness, subject, value, n);
            evidence.into_iter().fold(finding, Finding::with)
        })
    };
    others.flat_map(all).collect()
}

fn bounds(
    members: &Members<'_>,
    [group, reference]: [&Group; 2],
    (share, none): (Share, &Undefined),
) -> Result<(f64, Vec<Evidence>), Undefined> {
    let side = |g: &Group| {
        let (hits, n) = share(&g.counts);
        let side = Side { hits, n };
        side.rate().map(|_| side).ok_or_else(|| members.undefined(g, none.clone()))
    };
    let (own, other) = (side(group)?, side(reference)?);
    let rows = own.n + other.n;
    let wrong = closing(own, other).ok_or(Undefined::ZeroDenominator)?;
    let range = |wrong: u64| Some((-largest(other, own, wrong)?, largest(own, other, wrong)?));
    let mut cells = Vec::new();
    for (percent, low_name, high_name) in SHARES {
        if let Some((low, high)) = range(rows * percent / 100) {
            cells.push(cell(low_name, low, rows * percent / 100));
            cells.push(cell(high_name, high, rows * percent / 100));
        }
    }
    let mut evidence = vec![
        numbers("wrong_labels", vec![cell("fewest_that_close", to_f64(wrong), rows)]),
        numbers("gap_with_wrong_labels", cells),
    ];
    if let Some(missing) = members.missing {
        let (hits, n) = share(&missing);
        evidence.extend(known(own, other, Side { hits, n }));
    }
    Ok((to_f64(wrong) / to_f64(rows), evidence))
}

/// The bounds if the rows without a label belonged to the two groups, each to the worse one.
fn known(own: Side, other: Side, missing: Side) -> Option<Evidence> {
    let misses = missing.n - missing.hits;
    let with = |s: Side, hits: u64, misses: u64| {
        Side { hits: s.hits + hits, n: s.n + hits + misses }.rate()
    };
    let high = with(own, missing.hits, 0)? - with(other, 0, misses)?;
    let low = with(own, 0, misses)? - with(other, missing.hits, 0)?;
    let cells = vec![cell("lowest", low, missing.n), cell("highest", high, missing.n)];
    (missing.n > 0).then(|| numbers("gap_with_missing_labels", cells))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(hits: u64, n: u64) -> Side {
        Side { hits, n }
    }

    /// Every exchange of hits and misses in both directions, none left out.
    fn slow(a: Side, b: Side, wrong: u64) -> f64 {
        let mut best = f64::NEG_INFINITY;
        for hits_out in 0..=a.hits.min(wrong) {
            for misses_out in 0..=(a.n - a.hits).min(wrong - hits_out) {
                for hits_in in 0..=b.hits.min(wrong - hits_out - misses_out) {
                    let left = wrong - hits_out - misses_out - hits_in;
                    for misses_in in 0..=(b.n - b.hits).min(left) {
                        let to = side(
                            a.hits + hits_in - hits_out,
                            a.n + hits_in + misses_in - hits_out - misses_out,
                        );
                        let from = side(b.hits + hits_out - hits_in, a.n + b.n - to.n);
                        if let (Some(x), Some(y)) = (to.rate(), from.rate()) {
                            best = best.max(x - y);
                        }
                    }
                }
            }
        }
        best
    }

    #[test]
    fn no_exchange_is_worse_than_the_bound() {
        for (a, b) in [
            (side(3, 7), side(2, 6)),
            (side(0, 4), side(5, 5)),
            (side(6, 6), side(0, 3)),
            (side(1, 1), side(4, 9)),
        ] {
            for wrong in 0..=a.n + b.n {
                let found = largest(a, b, wrong).unwrap();
                assert!((found - slow(a, b, wrong)).abs() < 1e-12, "{a:?} {b:?} {wrong}");
            }
            let fewest = closing(a, b).unwrap();
            let (low, high) = if a.rate().unwrap() >= b.rate().unwrap() { (b, a) } else { (a, b) };
            assert!(slow(low, high, fewest) >= 0.0);
            assert!(fewest == 0 || slow(low, high, fewest - 1) < 0.0);
        }
    }

    #[test]
    fn the_gap_may_be_largest_between_the_corners() {
        // Rows enough that the turning point lies far from what is looked at besides.
        for (a, b, wrong) in [
            (side(2, 107), side(90, 90), 69),
            (side(2, 98), side(105, 106), 71),
            (side(1, 72), side(87, 89), 58),
            (side(27, 120), side(82, 106), 23),
        ] {
            let gap = |misses: u64| {
                let hits = wrong - misses;
                let (to, from) = (a.n + hits - misses, b.n + misses - hits);
                let rate = |side: Side| side.rate().unwrap();
                rate(side(a.hits + hits, to)) - rate(side(b.hits - hits, from))
            };
            let all = wrong.saturating_sub(b.n - 1)..=wrong.min(a.n - a.hits);
            let best = all.map(gap).fold(f64::NEG_INFINITY, f64::max);
            assert!((largest(a, b, wrong).unwrap() - best).abs() < 1e-12, "{a:?} {b:?} {wrong}");
        }
    }

    #[test]
    fn bounds_by_hand() {
        // 6/10 − 4/10; one wrong label: a hit of b more in a, 7/11 − 3/9, or a miss less, 6/9 − 4/11.
        let (a, b) = (side(6, 10), side(4, 10));
        let best = (7.0 / 11.0 - 3.0 / 9.0_f64).max(6.0 / 9.0 - 4.0 / 11.0);
        assert!((largest(a, b, 1).unwrap() - best).abs() < 1e-12);
        // Closing: with 2, b: (4 + 2)/12 = a: (6 − 2)/8.
        assert_eq!(closing(a, b), Some(2));
        assert_eq!(closing(a, side(3, 5)), Some(0));
        assert_eq!(closing(a, side(0, 0)), None);
    }

    #[test]
    fn missing_labels_go_to_the_worse_side() {
        let Some(Evidence::Numbers { cells, .. }) = known(side(6, 10), side(4, 10), side(2, 5))
        else {
            panic!("bounds")
        };
        // 6/13 − 6/12 and 8/12 − 4/13.
        assert!((cells[0].value.unwrap() - (6.0 / 13.0 - 0.5)).abs() < 1e-12);
        assert!((cells[1].value.unwrap() - (8.0 / 12.0 - 4.0 / 13.0)).abs() < 1e-12);
        assert!(known(side(6, 10), side(4, 10), side(0, 0)).is_none());
    }
}
