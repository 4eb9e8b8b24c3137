//! Why two groups are selected at different rates: base rates, what the scores can tell apart, and
//! where on its curve each group is cut.

use super::groups::Group;
use crate::domain::{Confusion, Undefined, to_f64};
use crate::stats::Roc;

/// The parts of a gap; they add up to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parts {
    /// Selection rate of the group minus that of the reference.
    pub(super) gap: f64,
    /// From the shares of actual positives.
    pub(super) base_rate: f64,
    /// From the true and false positive rates.
    pub(super) error_rates: f64,
    /// The error rates' part that remains when both curves are cut at the same slope; none without
    /// scores. The rest of it is the operating point.
    pub(super) score_distribution: Option<f64>,
}

impl Parts {
    /// The part of the error rates that comes from cutting the curves at different places.
    pub(super) fn operating_point(&self) -> Option<f64> {
        self.score_distribution.map(|part| self.error_rates - part)
    }
}

/// A point of a ROC curve, false then true positive rate.
type Point = (f64, f64);

/// Base rate, false and true positive rate.
fn rates(counts: &Confusion) -> Result<(f64, Point), Undefined> {
    let (positives, negatives) = (counts.positives(), counts.negatives());
    match (positives, negatives) {
        (0, _) => return Err(Undefined::NoPositives),
        (_, 0) => return Err(Undefined::NoNegatives),
        _ => {}
    }
    let share = |hits: u64, n: u64| to_f64(hits) / to_f64(n);
    let base = share(positives, counts.n());
    Ok((base, (share(counts.fp, negatives), share(counts.tp, positives))))
}

/// Splits the gap between the selection rates of a group and of the reference.
///
/// # Errors
/// The reason and whether it is the reference's, where one has only one class.
pub(super) fn parts(group: &Group, reference: &Group) -> Result<Parts, (Undefined, bool)> {
    let (base, own) = rates(&group.counts).map_err(|reason| (reason, false))?;
    let (other_base, other) = rates(&reference.counts).map_err(|reason| (reason, true))?;
    let mean = f64::midpoint(base, other_base);
    // The difference of the error rates, weighted by the mean base rate.
    let weighed = |a: Point, b: Point| mean * (a.1 - b.1) + (1.0 - mean) * (a.0 - b.0);
    let told_apart = f64::midpoint(own.1 - own.0, other.1 - other.0);
    let (base_rate, error_rates) = ((base - other_base) * told_apart, weighed(own, other));
    let moved = tangents(group, reference, f64::midpoint(own.0, other.0));
    let score_distribution = moved.map(|[a, b]| weighed(a, b));
    Ok(Parts { gap: base_rate + error_rates, base_rate, error_rates, score_distribution })
}

/// The points at which both curves have the slope of their mean curve at a false positive rate.
fn tangents(group: &Group, reference: &Group, at: f64) -> Option<[Point; 2]> {
    let curves = [group, reference].map(|g| g.roc().ok());
    let [Some(own), Some(other)] = curves else { return None };
    let slope = slope(&hull(&mean_curve(group, reference)), at);
    Some([touch(&own, slope), touch(&other, slope)])
}

/// The mean of both curves, threshold by threshold, thresholds descending.
fn mean_curve(a: &Group, b: &Group) -> Vec<Point> {
    let all = [a, b].map(|g| [g.counts.negatives(), g.counts.positives()].map(to_f64));
    let mut above = [[0_u64; 2]; 2];
    let mut left = [a, b].map(|g| g.rows.iter().rev().peekable());
    let mut curve = vec![(0.0, 0.0)];
    while let Some(step) = left.iter_mut().filter_map(|rows| rows.peek().map(|row| row.0)).max() {
        for (rows, above) in left.iter_mut().zip(&mut above) {
            if let Some((_, [negatives, positives])) = rows.next_if(|row| row.0 == step) {
                *above = [above[0] + negatives, above[1] + positives];
            }
        }
        let share = |group: usize, class: usize| to_f64(above[group][class]) / all[group][class];
        curve.push((
            f64::midpoint(share(0, 0), share(1, 0)),
            f64::midpoint(share(0, 1), share(1, 1)),
        ));
    }
    curve
}

/// The upper convex hull of a curve that rises to the right.
fn hull(points: &[Point]) -> Vec<Point> {
    let mut hull: Vec<Point> = Vec::new();
    for &p in points {
        while let [.., a, b] = hull.as_slice() {
            if (b.0 - a.0) * (p.1 - a.1) < (b.1 - a.1) * (p.0 - a.0) {
                break;
            }
            hull.pop();
        }
        hull.push(p);
    }
    hull
}

/// The direction `(across, up)` of the hull at an abscissa: its edge there, or at a corner the chord
/// between the two neighbouring corners.
fn slope(hull: &[Point], at: f64) -> Point {
    const SAME: f64 = 1e-12;
    let corner = hull.iter().position(|p| (p.0 - at).abs() < SAME);
    let last = hull.len() - 1;
    let (from, to) = corner.map_or_else(
        || {
            let right = hull.partition_point(|p| p.0 < at).clamp(1, last);
            (right - 1, right)
        },
        |i| (i.saturating_sub(1), (i + 1).min(last)),
    );
    (hull[to].0 - hull[from].0, hull[to].1 - hull[from].1)
}

/// The point of a curve that lies furthest beyond the line of this direction; of equals the one that
/// tells the classes apart best, then the one with fewer false positives.
fn touch(curve: &Roc, (across, up): Point) -> Point {
    const SAME: f64 = 1e-12;
    let (fpr, tpr) = curve.points();
    let mut best: Option<(f64, Point)> = None;
    for (&x, &y) in fpr.iter().zip(tpr) {
        let beyond = y * across - x * up;
        let better = best.is_none_or(|(most, (u, v))| {
            beyond > most + SAME || (beyond > most - SAME && y - x > v - u + SAME)
        });
        if better {
            best = Some((beyond, (x, y)));
        }
    }
    best.map_or((0.0, 0.0), |(_, point)| point)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::GroupId;
    use proptest::prelude::*;

    /// The scores of positives and negatives.
    type Sides<'a> = (&'a [f64], &'a [f64]);

    /// Groups decided at ½ from the scores of their positives and negatives.
    fn groups(sides: [Sides<'_>; 2]) -> [Group; 2] {
        let mut steps: Vec<f64> =
            sides.iter().flat_map(|(p, n)| p.iter().chain(*n)).copied().collect();
        steps.sort_by(f64::total_cmp);
        steps.dedup();
        sides.map(|(positive, negative)| {
            let rows = positive.iter().map(|s| (true, *s >= 0.5));
            let counts = Confusion::count(rows.chain(negative.iter().map(|s| (false, *s >= 0.5))));
            let equal = |scores: &[f64], step: f64| {
                let same = scores.iter().filter(|s| s.total_cmp(&step).is_eq());
                u64::try_from(same.count()).unwrap()
            };
            let row =
                |(at, step): (usize, &f64)| (at, [equal(negative, *step), equal(positive, *step)]);
            let rows = steps.iter().enumerate().map(row).filter(|(_, rows)| *rows != [0, 0]);
            Group { id: GroupId(0), counts, rows: rows.collect() }
        })
    }

    fn of(a: Sides<'_>, b: Sides<'_>) -> Parts {
        let [a, b] = groups([a, b]);
        parts(&a, &b).unwrap()
    }

    fn near(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-12, "{a} and {b}");
    }

    #[test]
    fn the_hull_its_slope_and_where_a_line_touches_by_hand() {
        let curve = [(0.0, 0.0), (0.1, 0.5), (0.5, 0.6), (0.6, 0.95), (1.0, 1.0)];
        let hull = hull(&curve);
        assert_eq!(hull, [(0.0, 0.0), (0.1, 0.5), (0.6, 0.95), (1.0, 1.0)]);
        for (at, across, up) in [
            (0.05, 0.1, 0.5),
            (0.1, 0.6, 0.95),
            (0.3, 0.5, 0.45),
            (0.0, 0.1, 0.5),
            (1.0, 0.4, 0.05),
        ] {
            let found = slope(&hull, at);
            near(found.0, across);
            near(found.1, up);
        }
        // (0, ⅓) (0, ⅔) (⅓, ⅔) (⅓, 1) (⅔, 1) (1, 1).
        let curve = crate::stats::roc(&[0.9, 0.8, 0.3], &[0.7, 0.2, 0.1]).unwrap();
        for (direction, x, y) in [
            ((1.0, 1.0), 0.0, 2.0 / 3.0),
            ((1.0, 0.1), 1.0 / 3.0, 1.0),
            ((0.1, 1.0), 0.0, 2.0 / 3.0),
            ((1.0, 0.0), 1.0 / 3.0, 1.0),
            ((0.0, 1.0), 0.0, 2.0 / 3.0),
        ] {
            let found = touch(&curve, direction);
            near(found.0, x);
            near(found.1, y);
        }
        let diagonal = touch(&curve, (0.5, 0.5));
        near(diagonal.0, 0.0);
        near(diagonal.1, 2.0 / 3.0);
        // (⅛, ½) and (¼, ¾) lie on one line of slope 2; the second tells the classes apart better.
        let negative = [0.9, 0.8, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5];
        let curve = crate::stats::roc(&[0.9, 0.9, 0.8, 0.5], &negative).unwrap();
        assert_eq!(touch(&curve, (0.25, 0.5)), (0.25, 0.75));
    }

    #[test]
    fn a_hull_has_no_corner_on_a_straight_line() {
        let straight = [(0.0, 0.0), (0.25, 0.25), (0.5, 0.5), (1.0, 1.0)];
        assert_eq!(hull(&straight), [(0.0, 0.0), (1.0, 1.0)]);
        // Slopes 3/2, 1, 1, 3/4.
        let bent = [(0.0, 0.0), (0.25, 0.375), (0.375, 0.5), (0.5, 0.625), (1.0, 1.0)];
        assert_eq!(hull(&bent), [(0.0, 0.0), (0.25, 0.375), (0.5, 0.625), (1.0, 1.0)]);
    }

    #[test]
    fn the_mean_of_two_curves_by_hand() {
        let first: Sides<'_> = (&[0.9, 0.4], &[0.6, 0.1]);
        let second: Sides<'_> = (&[0.6, 0.6], &[0.9, 0.9, 0.4, 0.1]);
        let [a, b] = groups([first, second]);
        // Above 0.9, 0.6, 0.4 and 0.1: (0, ½) (½, ½) (½, 1) (1, 1) and (½, 0) (½, 1) (¾, 1) (1, 1).
        let mean = [(0.0, 0.0), (0.25, 0.25), (0.5, 0.75), (0.625, 1.0), (1.0, 1.0)];
        assert_eq!(mean_curve(&a, &b), mean);
    }

    #[test]
    fn only_base_rates_differ() {
        // Equal scores within each class; three times as many positives in the first group.
        let (positive, negative) = ([0.3, 0.6, 0.9], [0.1, 0.4, 0.7]);
        let many: Vec<f64> = positive.repeat(3);
        let found = of((&many, &negative), (&positive, &negative));
        // (6 + 1)/12 − (2 + 1)/6 = 1/12
        near(found.gap, 1.0 / 12.0);
        near(found.base_rate, found.gap);
        near(found.score_distribution.unwrap(), 0.0);
        near(found.operating_point().unwrap(), 0.0);
    }

    #[test]
    fn only_calibration_differs() {
        // The same people, the scores of the first group squared: the same ROC, cut elsewhere.
        let (positive, negative) = ([0.3, 0.6, 0.8, 0.9], [0.1, 0.2, 0.4, 0.7]);
        let squared = |scores: &[f64]| scores.iter().map(|s| s * s).collect::<Vec<_>>();
        let (high, low) = (squared(&positive), squared(&negative));
        let found = of((&high, &low), (&positive, &negative));
        // 2 of 8 selected against 4 of 8.
        near(found.gap, -0.25);
        near(found.base_rate, 0.0);
        near(found.score_distribution.unwrap(), 0.0);
        near(found.operating_point().unwrap(), found.gap);
    }

    #[test]
    fn only_what_the_scores_tell_apart_differs() {
        // ROC through (0.1, 0.9) against (0.2, 0.6), both cut there, and equal base rates.
        let scores = |high: usize, low: usize| [vec![0.8; high], vec![0.2; low]].concat();
        let (first, second) = ([scores(9, 1), scores(1, 9)], [scores(6, 4), scores(2, 8)]);
        let found = of((&first[0], &first[1]), (&second[0], &second[1]));
        // (9 + 1)/20 − (6 + 2)/20
        near(found.gap, 0.1);
        near(found.base_rate, 0.0);
        near(found.score_distribution.unwrap(), found.gap);
        near(found.operating_point().unwrap(), 0.0);
    }

    #[test]
    fn without_scores_there_are_two_parts_and_one_class_has_none() {
        let plain = |tp, fp, tn, fn_| {
            let counts = Confusion { tp, fp, tn, fn_ };
            Group { id: GroupId(0), counts, rows: Vec::new() }
        };
        let found = parts(&plain(3, 1, 4, 1), &plain(2, 3, 1, 2)).unwrap();
        near(found.gap, 4.0 / 9.0 - 5.0 / 8.0);
        near(found.base_rate + found.error_rates, found.gap);
        assert_eq!((found.score_distribution, found.operating_point()), (None, None));
        let refused = parts(&plain(3, 1, 4, 1), &plain(0, 3, 1, 0)).unwrap_err();
        assert_eq!(refused, (Undefined::NoPositives, true));
        assert_eq!(
            parts(&plain(3, 0, 0, 1), &plain(1, 1, 1, 1)).unwrap_err().0,
            Undefined::NoNegatives
        );
    }

    fn scores() -> impl Strategy<Value = Vec<f64>> {
        proptest::collection::vec((0..=20_u32).prop_map(|s| f64::from(s) / 20.0), 1..40)
    }

    proptest! {
        #[test]
        fn the_parts_add_up_and_turn_their_sign_with_the_sides(
            (p, n, q, m) in (scores(), scores(), scores(), scores())
        ) {
            let [a, b] = groups([(&p, &n), (&q, &m)]);
            let (there, back) = (parts(&a, &b).unwrap(), parts(&b, &a).unwrap());
            let rate = |g: &Group| to_f64(g.counts.selected()) / to_f64(g.counts.n());
            near(there.gap, rate(&a) - rate(&b));
            let sum = |f: &Parts| {
                f.base_rate + f.score_distribution.unwrap() + f.operating_point().unwrap()
            };
            near(sum(&there), there.gap);
            near(there.base_rate, -back.base_rate);
            near(there.score_distribution.unwrap(), -back.score_distribution.unwrap());
            near(parts(&a, &a).unwrap().score_distribution.unwrap(), 0.0);
        }
    }
}
