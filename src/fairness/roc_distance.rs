//! How sure the largest area between the ROC curves of groups is.
//!
//! An area between curves adds up absolute distances, and drawing adds noise to every one of them, so
//! that the draws of a small area lie above it. What is drawn is therefore how far the difference of two
//! curves is from the one seen: by the triangle inequality the area is off by no more than that.

use super::slice::Slice;
use crate::domain::{Interval, Seed, Undefined, to_f64};
use crate::stats::Cube;

/// Draws.
const DRAWS: u32 = 500;
/// Rows of a class beyond this are drawn m out of n.
const MOST_ROWS: u64 = 5000;
/// Rows of each class that a group needs.
const LEAST: usize = 10;
/// Places along the false positive rate at which curves are compared.
const PLACES: u32 = 200;

/// The distinct scores of a group, ascending, with the negatives and the positives at each.
struct Scored {
    counts: [Vec<u64>; 2],
}

impl Scored {
    /// `None` without scores, with weights, or with too few rows of a class.
    fn of(rows: &Slice<'_>) -> Option<Self> {
        let scores = rows.scores().filter(|_| rows.weights().is_none())?;
        let (negative, positive) = (scores.negative, scores.positive);
        if negative.len().min(positive.len()) < LEAST {
            return None;
        }
        let (mut counts, mut at) = ([Vec::new(), Vec::new()], [0, 0]);
        while at[0] < negative.len() || at[1] < positive.len() {
            let next = |class: &[f64], at: usize| class.get(at).copied().unwrap_or(f64::INFINITY);
            let score = next(negative, at[0]).min(next(positive, at[1]));
            for (class, values) in [negative, positive].into_iter().enumerate() {
                let start = at[class];
                while at[class] < values.len() && values[at[class]] <= score {
                    at[class] += 1;
                }
                counts[class].push(u64::try_from(at[class] - start).ok()?);
            }
        }
        Some(Self { counts })
    }

    /// The share of the rows of each class that is drawn.
    fn drawn(&self) -> [f64; 2] {
        self.counts.each_ref().map(|counts| {
            let rows = counts.iter().sum::<u64>();
            to_f64(rows.min(MOST_ROWS)) / to_f64(rows)
        })
    }
}

/// The true positive rates at the middles of equal steps of the false positive rate.
fn curve(negative: &[u64], positive: &[u64]) -> Vec<f64> {
    let total = |counts: &[u64]| to_f64(counts.iter().sum());
    let (negatives, positives) = (total(negative), total(positive));
    let place = |at: u32| (f64::from(at) + 0.5) / f64::from(PLACES);
    let (mut values, mut at) = (Vec::new(), 0);
    let (mut alarms, mut hits) = (0, 0);
    let mut last = (0.0, 0.0);
    for (n, p) in negative.iter().zip(positive).rev() {
        alarms += n;
        hits += p;
        let next = (to_f64(alarms) / negatives, to_f64(hits) / positives);
        while at < PLACES && place(at) <= next.0 {
            let share = (place(at) - last.0) / (next.0 - last.0).max(f64::MIN_POSITIVE);
            values.push(last.1 + share * (next.1 - last.1));
            at += 1;
        }
        last = next;
    }
    values.resize(values.len().max(usize::try_from(PLACES).unwrap_or(0)), 1.0);
    values
}

/// The mean distance of two curves.
fn distance(a: &[f64], b: &[f64]) -> f64 {
    let sum = crate::stats::sum(a.iter().zip(b).map(|(a, b)| (a - b).abs()));
    sum / f64::from(PLACES)
}

/// The interval of `area`, the largest one between two of these groups, method `bootstrap_norm`.
///
/// The rows of each class of each group are drawn again; where one has more than 5,000, 5,000 of them,
/// and the distances shrink by `√(m / n)` of the class that shrinks least. `None` where a group has fewer
/// than ten rows of a class, where the rows have weights, or without scores.
pub(super) fn interval(
    area: f64,
    groups: &[Slice<'_>],
    level: f64,
    seed: Seed,
) -> Option<Interval> {
    let scored: Vec<Scored> = groups.iter().map(Scored::of).collect::<Option<_>>()?;
    let seen: Vec<Vec<f64>> = scored.iter().map(|s| curve(&s.counts[0], &s.counts[1])).collect();
    let shrink = scored.iter().flat_map(Scored::drawn).fold(0.0, f64::max).sqrt();
    let cube = Cube::new(scored.into_iter().flat_map(|s| s.counts).collect()).at_most(MOST_ROWS);
    let furthest = |cells: &[Vec<u64>]| {
        let moved = |(pair, seen): (&[Vec<u64>], &Vec<f64>)| -> Vec<f64> {
            curve(&pair[0], &pair[1]).iter().zip(seen).map(|(drawn, seen)| drawn - seen).collect()
        };
        let moved: Vec<Vec<f64>> = cells.chunks(2).zip(&seen).map(moved).collect();
        let pairs =
            moved.iter().enumerate().flat_map(|(i, a)| moved[..i].iter().map(move |b| (a, b)));
        pairs.map(|(a, b)| distance(a, b)).reduce(f64::max).ok_or(Undefined::OneGroup)
    };
    // The value that a share `level` of the draws does not exceed.
    let draws = cube.draws(DRAWS, seed, furthest);
    let reach = shrink * draws.percentile(2.0 * level - 1.0)?.high;
    let (low, high) = ((area - reach).max(0.0), (area + reach).min(1.0));
    Some(Interval { low, high, level, method: "bootstrap_norm".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;

    #[test]
    fn a_curve_by_hand() {
        // Descending: 0.9 P, 0.5 PN, 0.1 N: (0,0) (0,½) (½,1) (1,1).
        let rows = Slice::ranked(Confusion::default(), &[0.5, 0.9], &[0.1, 0.5]);
        assert!(Scored::of(&rows).is_none());
        let values = curve(&[1, 1, 0], &[0, 1, 1]);
        assert_eq!(values.len(), 200);
        // At 0.0025: ½ + 0.0025; at 0.4975: 0.9975; from ½ on 1.
        assert!((values[0] - 0.5025).abs() < 1e-12 && (values[99] - 0.9975).abs() < 1e-12);
        assert!((values[100] - 1.0).abs() < 1e-12 && (values[199] - 1.0).abs() < 1e-12);
        // (0,0) (½,0) (1,1): at 0.7525 it is 0.505.
        let late = curve(&[1, 1], &[2, 0]);
        assert!(late[99].abs() < 1e-12 && (late[150] - 0.505).abs() < 1e-12, "{}", late[150]);
        let apart = distance(&[0.25; 200], &[0.5; 200]);
        assert!((apart - 0.25).abs() < 1e-12);
    }

    #[test]
    fn rows_by_score_from_ten_of_each_class_on() {
        let positive = [0.2, 0.2, 0.3, 0.5, 0.5, 0.5, 0.8, 0.9, 0.9, 1.0];
        let negative = [0.0, 0.0, 0.2, 0.3, 0.3, 0.4, 0.5, 0.5, 0.6, 0.6];
        let of = |positive, negative| {
            Scored::of(&Slice::ranked(Confusion::default(), positive, negative)).map(|s| s.counts)
        };
        assert_eq!(
            of(&positive, &negative).unwrap(),
            [vec![2, 1, 2, 1, 2, 2, 0, 0, 0], vec![0, 2, 1, 0, 3, 0, 1, 2, 1]]
        );
        // The last score is a negative's.
        assert_eq!(
            of(&negative, &positive).unwrap(),
            [vec![0, 2, 1, 0, 3, 0, 1, 2, 1], vec![2, 1, 2, 1, 2, 2, 0, 0, 0]]
        );
        assert!(of(&positive[1..], &negative).is_none() && of(&positive, &negative[1..]).is_none());
    }

    #[test]
    fn a_surer_interval_reaches_further() {
        let (low, high): (Vec<f64>, Vec<f64>) =
            (0..60).map(|i| (f64::from(i) / 200.0, f64::from(i) / 200.0 + 0.1)).unzip();
        let rows = Slice::ranked(Confusion::default(), &high, &low);
        let reach = |level| interval(0.0, &[rows, rows], level, Seed::new(6)).unwrap().high;
        let [half, most, all] = [0.5, 0.9, 0.99].map(reach);
        assert!(0.0 < half && half < most && most < all, "{half} {most} {all}");
    }

    #[test]
    fn equal_groups_reach_zero_and_unlike_ones_do_not() {
        let scores =
            |shift: f64| -> Vec<f64> { (0..100).map(|i| f64::from(i) / 200.0 + shift).collect() };
        let (low, high) = (scores(0.0), scores(0.4));
        let rows = |positive, negative| Slice::ranked(Confusion::default(), positive, negative);
        let of = |area: f64, groups: &[Slice<'_>]| interval(area, groups, 0.95, Seed::new(2));
        let alike = [rows(&high, &low), rows(&high, &low)];
        let i = of(0.0, &alike).unwrap();
        assert!(i.low.abs() < 1e-15 && i.high > 0.0 && i.high < 0.1, "{i:?}");
        assert_eq!(of(0.0, &alike), Some(i));
        let unlike = [rows(&high, &low), rows(&low, &low)];
        let i = of(0.4, &unlike).unwrap();
        assert!((0.25..0.4).contains(&i.low) && i.method == "bootstrap_norm", "{i:?}");
        assert!((0.4..0.55).contains(&i.high), "{i:?}");
        let few = [rows(&high[..9], &low), rows(&low, &low)];
        assert_eq!(of(0.4, &few), None);
    }

    #[test]
    fn the_interval_covers_and_that_of_no_distance_reaches_zero() {
        // Uniform scores of the negatives, √u of the positives: ROC curves of x ↦ 1 − (1 − x)². In the other
        // group positives are uniform too: the area between is ⅙ + … = ∫ (1 − (1 − x)²) − x dx = 1/6.
        let mut draw = Seed::new(8).stream();
        let mut covered = [0, 0];
        for table in 0..200 {
            let mut class = |n: usize, power: f64| -> Vec<f64> {
                let mut scores: Vec<f64> = (0..n).map(|_| draw.uniform().powf(power)).collect();
                scores.sort_unstable_by(f64::total_cmp);
                scores
            };
            let groups = [(60, 0.5), (60, 1.0)].map(|(n, power)| [class(n, power), class(n, 1.0)]);
            let alike = [40, 80].map(|n| [class(n, 0.5), class(n, 1.0)]);
            for (at, (groups, truth)) in [(groups, 1.0 / 6.0), (alike, 0.0)].iter().enumerate() {
                let slices = groups.each_ref().map(|[positive, negative]| {
                    Slice::ranked(Confusion::default(), positive, negative)
                });
                let area = crate::fairness::pairwise::abroca(&slices[0], &slices[1]).unwrap();
                let i = interval(area, &slices, 0.95, Seed::new(table)).unwrap();
                covered[at] += u32::from(i.low <= *truth && *truth <= i.high);
            }
        }
        // At least 95 %, less three standard errors of 1.5 points.
        assert!(covered.iter().all(|c| *c >= 181), "{covered:?}");
    }

    #[test]
    fn many_rows_are_drawn_in_part_and_the_reach_shrinks() {
        let scores = |n: u32| -> Vec<f64> { (0..n).map(|i| f64::from(i % 40) / 40.0).collect() };
        let width = |n: u32| {
            let mut class = scores(n);
            class.sort_unstable_by(f64::total_cmp);
            let rows = Slice::ranked(Confusion::default(), &class, &class);
            interval(0.0, &[rows, rows], 0.95, Seed::new(4)).unwrap().high
        };
        // 5,000 rows are drawn whole; of 45,000 a ninth: a third of the width.
        assert!((width(45_000) / width(5000) - 1.0 / 3.0).abs() < 0.03);
    }
}
