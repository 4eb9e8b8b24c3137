//! Comparisons that need the rows of both groups at once; the worst pair of groups decides.

use super::aggregate::{about, of_groups};
use super::comparisons::Comparison;
use super::level::{Grouping, Level};
use super::metrics::calibration::{Bins, merged};
use super::metrics::{FalsePositiveRate, Metric, TruePositiveRate};
use super::roc_distance;
use super::slice::{Scored, Slice};
use crate::domain::{Evidence, Finding, Interval, Undefined, Value};
use crate::stats::sum;

/// A distance of two sets of rows; of a set to itself it says whether the set has what it takes.
pub type Distance = fn(&Slice<'_>, &Slice<'_>) -> Value;

/// The largest distance of two groups.
pub(super) fn compare(comparison: &Comparison, of: Distance, grouping: &Grouping<'_>) -> Finding {
    let (mut able, mut undefined) = (Vec::new(), None);
    for level in grouping.taking_part() {
        let rows = grouping.rows(level);
        match of(&rows, &rows) {
            Ok(_) => able.push((level, rows)),
            Err(reason) => {
                undefined.get_or_insert_with(|| grouping.undefined(level, &reason));
            }
        }
    }
    let mut worst: Option<(f64, [&Level; 2])> = None;
    for (i, (a, of_a)) in able.iter().enumerate() {
        for (b, of_b) in &able[i + 1..] {
            match of(of_a, of_b) {
                Ok(found) if worst.is_none_or(|(so_far, _)| found > so_far) => {
                    worst = Some((found, [a, b]));
                }
                Ok(_) => {}
                Err(reason) => {
                    undefined.get_or_insert(reason);
                }
            }
        }
    }
    let value = of_groups(grouping, || match undefined {
        Some(reason) => Err(reason),
        None => worst.map(|(found, _)| found).ok_or(Undefined::OneGroup),
    });
    let finding = about(comparison, grouping, value);
    match worst.filter(|_| finding.value.is_ok()) {
        Some((worst, pair)) => {
            let count = |level: &Level| (grouping.groups.label(level.id), level.n);
            let groups: Vec<Slice<'_>> = able.into_iter().map(|(_, rows)| rows).collect();
            let interval = interval(comparison, worst, &groups, grouping);
            finding
                .with_interval(interval)
                .with(Evidence::Counts { counts: pair.map(count).into() })
        }
        None => finding,
    }
}

/// The interval of a distance; only that of ROC curves has one.
pub(super) fn interval(
    comparison: &Comparison,
    worst: f64,
    groups: &[Slice<'_>],
    grouping: &Grouping<'_>,
) -> Option<Interval> {
    let curves = comparison.meta.name == "abroca";
    let seed = grouping.seed.filter(|_| curves)?.child("fairness/abroca");
    let seed = seed.child(&grouping.groups.name());
    roc_distance::interval(worst, groups, grouping.confidence, seed)
}

/// `(|TPR_a − TPR_b| + |FPR_a − FPR_b|) / 2`.
pub(super) fn average_abs_odds(a: &Slice<'_>, b: &Slice<'_>) -> Value {
    let tpr = TruePositiveRate.of(a)? - TruePositiveRate.of(b)?;
    let fpr = FalsePositiveRate.of(a)? - FalsePositiveRate.of(b)?;
    Ok(f64::midpoint(tpr.abs(), fpr.abs()))
}

/// The mean over the bins of score that both groups have rows in, weighted with the rows of both, of
/// the distance of their shares of positives.
pub(super) fn calibration_gap(a: &Slice<'_>, b: &Slice<'_>) -> Value {
    let (a, b) = (Bins::left_closed(a)?, Bins::left_closed(b)?);
    let both = || a.all().iter().zip(b.all()).filter(|(a, b)| a.weight.min(b.weight) > 0.0);
    let weight = sum(both().map(|(a, b)| a.weight + b.weight));
    if weight <= 0.0 {
        let because = "no bin of scores holds rows of both groups".to_owned();
        return Err(Undefined::NotRun { because });
    }
    let gap = sum(both().map(|(a, b)| {
        (a.weight + b.weight) * (a.positive / a.weight - b.positive / b.weight).abs()
    }));
    Ok((gap / weight).clamp(0.0, 1.0))
}

/// The area between the ROC curves of two groups.
pub(super) fn abroca(a: &Slice<'_>, b: &Slice<'_>) -> Value {
    let (a, b) = (Curve::of(a)?, Curve::of(b)?);
    let mut stops: Vec<f64> = a.0.iter().chain(&b.0).map(|(fpr, _)| *fpr).collect();
    stops.sort_unstable_by(f64::total_cmp);
    let between = |ends: &[f64]| {
        let [low, high] = [ends[0], ends[1]];
        let (start, end) = (a.after(low) - b.after(low), a.before(high) - b.before(high));
        (high - low) * mean_distance(start, end)
    };
    Ok(sum(stops.windows(2).filter(|w| w[0] < w[1]).map(between)).clamp(0.0, 1.0))
}

/// The mean of `|d|` on a line from `start` to `end`.
fn mean_distance(start: f64, end: f64) -> f64 {
    let (s, e) = (start.abs(), end.abs());
    let crosses = start * end < 0.0;
    if crosses { (s * s + e * e) / (2.0 * (s + e)) } else { f64::midpoint(s, e) }
}

/// The vertices `(FPR, TPR)` of a ROC curve from (0, 0) to (1, 1), rows of equal score together.
struct Curve(Vec<(f64, f64)>);

impl Curve {
    fn of(rows: &Slice<'_>) -> Result<Self, Undefined> {
        let merged = merged(rows)?;
        let mass = |rows: &[Scored], y: bool| {
            sum(rows.iter().filter(|row| row.positive == y).map(|row| row.weight))
        };
        let (positives, negatives) = (mass(&merged, true), mass(&merged, false));
        match (positives > 0.0, negatives > 0.0) {
            (true, true) => {}
            (false, false) => return Err(Undefined::Empty),
            _ => return Err(Undefined::OneClass),
        }
        let (mut hits, mut alarms, mut vertices) = (0.0, 0.0, vec![(0.0, 0.0)]);
        for tied in merged.chunk_by(|a, b| a.score >= b.score).rev() {
            hits += mass(tied, true);
            alarms += mass(tied, false);
            vertices.push(((alarms / negatives).min(1.0), (hits / positives).min(1.0)));
        }
        if let Some(last) = vertices.last_mut() {
            *last = (1.0, 1.0);
        }
        Ok(Self(vertices))
    }

    /// TPR just right of a false positive rate: the top of a vertical step there.
    fn after(&self, fpr: f64) -> f64 {
        let at = self.0.partition_point(|vertex| vertex.0 <= fpr);
        self.between(at.saturating_sub(1), at, fpr)
    }

    /// TPR just left of a false positive rate: the foot of a vertical step there.
    fn before(&self, fpr: f64) -> f64 {
        let at = self.0.partition_point(|vertex| vertex.0 < fpr);
        self.between(at.saturating_sub(1), at, fpr)
    }

    fn between(&self, left: usize, right: usize, fpr: f64) -> f64 {
        let (x, y) = self.0[left];
        match self.0.get(right) {
            Some((next_x, next_y)) if *next_x > x => y + (next_y - y) * (fpr - x) / (next_x - x),
            _ => y,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Confusion;

    fn rows<'a>(positive: &'a [f64], negative: &'a [f64]) -> Slice<'a> {
        Slice::ranked(Confusion::default(), positive, negative)
    }

    #[test]
    fn the_area_between_two_curves_that_cross_is_not_the_gap_of_their_areas() {
        // a: ½ of the positives first, then all negatives, then the rest: flat at ½. b: all scores
        // equal, the diagonal. They cross at ½; the areas are ½ each, the area between them is ¼.
        let (a, b) = (rows(&[0.1, 0.9], &[0.5, 0.5]), rows(&[0.5], &[0.5]));
        assert!((abroca(&a, &b).unwrap() - 0.25).abs() < 1e-15);
        assert!((abroca(&b, &a).unwrap() - 0.25).abs() < 1e-15);
        assert!(abroca(&a, &a).unwrap().abs() < 1e-15);
    }

    #[test]
    fn the_area_between_two_bent_curves_by_hand() {
        // a bends at (¾, ½), b at (½, ¾): distances 0, 3/4 − 1/3, 7/8 − 1/2, 0 at 0, ½, ¾, 1.
        let a = rows(&[0.1, 0.9], &[0.1, 0.9, 0.9, 0.9]);
        let b = rows(&[0.1, 0.9, 0.9, 0.9], &[0.1, 0.9]);
        let (first, second) = (5.0 / 12.0, 3.0 / 8.0);
        let area = 0.25 * first + 0.125 * (first + second) + 0.125 * second;
        assert!((abroca(&a, &b).unwrap() - area).abs() < 1e-15);
        // From 0.3 above to 0.1 below: triangles of widths ¾ and ¼.
        assert!((mean_distance(0.3, -0.1) - 0.125).abs() < 1e-15);
        assert_eq!(abroca(&a, &rows(&[], &[])), Err(Undefined::Empty));
        assert_eq!(abroca(&a, &rows(&[], &[0.1])), Err(Undefined::OneClass));
    }

    #[test]
    fn a_perfect_and_a_reversed_ranking_leave_the_whole_square_between_them() {
        let (best, worst) = (rows(&[0.9], &[0.1]), rows(&[0.1], &[0.9]));
        assert!((abroca(&best, &worst).unwrap() - 1.0).abs() < 1e-15);
        assert_eq!(abroca(&best, &rows(&[0.9], &[])), Err(Undefined::OneClass));
    }

    #[test]
    fn gaps_of_calibration_are_seen_at_the_same_score() {
        // Bin 2: one of two against none of one, weight 3; bin 8 holds rows of one group only.
        let (a, b) = (rows(&[0.25, 0.85], &[0.25]), rows(&[], &[0.29]));
        assert!((calibration_gap(&a, &b).unwrap() - 0.5).abs() < 1e-15);
        // One of two against three of four.
        let (a, b) = (rows(&[0.25], &[0.25]), rows(&[0.25, 0.26, 0.27], &[0.28]));
        assert!((calibration_gap(&a, &b).unwrap() - 0.25).abs() < 1e-15);
        let apart = calibration_gap(&a, &rows(&[0.5], &[]));
        assert!(matches!(apart, Err(Undefined::NotRun { .. })));
    }

    #[test]
    fn opposite_gaps_of_the_odds_do_not_cancel() {
        let counted = |tp, fn_, fp, tn| Slice::counted(Confusion { tp, fp, tn, fn_ });
        // TPR ½ and 1, FPR ½ and 0.
        let (a, b) = (counted(1, 1, 1, 1), counted(2, 0, 0, 2));
        assert!((average_abs_odds(&a, &b).unwrap() - 0.5).abs() < 1e-15);
        assert_eq!(average_abs_odds(&a, &counted(2, 0, 0, 0)), Err(Undefined::NoNegatives));
    }
}
