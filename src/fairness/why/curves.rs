//! The curves of the groups' scores: ROC and reliability, with the largest distance as the number.

use super::groups::{Group, Members, cell, numbers};
use crate::domain::{Evidence, Finding, Stage, Undefined, Value, to_f64};
use crate::stats::Roc;
use std::collections::BTreeMap;

/// Points of a curve, and bins of the reliability.
const MOST_POINTS: usize = 65;
const BINS: u64 = 10;

/// Both curves of a grouping.
pub(super) fn findings(members: &Members<'_>, least: u64) -> [Finding; 2] {
    let rows = members.large.iter().map(|g| g.counts.n()).sum();
    let subject = || members.subject();
    let finding = |meta, value| Finding::new(meta, Stage::Fairness, subject(), value, rows);
    let fail = |reason: &Undefined| {
        [&super::manual::ROC, &super::manual::RELIABILITY].map(|m| finding(m, Err(reason.clone())))
    };
    if members.frame.score.is_none() {
        return fail(&Undefined::NoScores);
    }
    if members.large.len() < 2 {
        return fail(&Undefined::OneGroup);
    }
    let bins = edges(members);
    let (need, reliability) = (least.max(10), reliability(members, &bins));
    let value = largest(reliability.iter().flat_map(|(_, bins)| bins), need);
    let evidence =
        reliability.into_iter().flat_map(|(group, bins)| shown(members, group, &bins, need));
    let reliability = evidence.fold(finding(&super::manual::RELIABILITY, value), Finding::with);
    let roc = match curves(members) {
        Err(reason) => finding(&super::manual::ROC, Err(reason)),
        Ok(curves) => {
            let found = finding(&super::manual::ROC, Ok(distance(&curves)));
            let name = |group: &Group| format!("roc {}", members.groups.label(group.id));
            let named = members.large.iter().zip(&curves).map(|(g, curve)| thinned(name(g), curve));
            named.fold(found, Finding::with)
        }
    };
    [roc, reliability]
}

fn curves(members: &Members<'_>) -> Result<Vec<Roc>, Undefined> {
    let one = |group: &Group| group.roc().map_err(|reason| members.undefined(group, reason));
    members.large.iter().map(one).collect()
}

/// The largest difference of the highest true positive rates at one false positive rate.
fn distance(curves: &[Roc]) -> f64 {
    let mut stops: Vec<f64> = curves.iter().flat_map(|curve| curve.points().0).copied().collect();
    stops.sort_unstable_by(f64::total_cmp);
    stops.dedup();
    let mut ends = vec![(1.0_f64, 0.0_f64); stops.len()];
    for curve in curves {
        let mut right = 0;
        for (x, (low, high)) in stops.iter().zip(&mut ends) {
            while curve.points().0.get(right).is_some_and(|f| f <= x) {
                right += 1;
            }
            let y = height(curve, right, *x);
            (*low, *high) = (low.min(y), high.max(y));
        }
    }
    ends.iter().map(|(low, high)| high - low).fold(0.0, f64::max)
}

/// The highest point of a curve above an abscissa, vertices joined by straight lines; `right` is the
/// first vertex beyond it.
fn height(curve: &Roc, right: usize, x: f64) -> f64 {
    let (fpr, tpr) = curve.points();
    match (right.checked_sub(1), fpr.get(right)) {
        (Some(left), Some(next)) => {
            tpr[left] + (tpr[right] - tpr[left]) * (x - fpr[left]) / (next - fpr[left])
        }
        (Some(left), None) => tpr[left],
        _ => 0.0,
    }
}

/// The curve with its first and last and evenly chosen other vertices.
fn thinned(name: String, curve: &Roc) -> Evidence {
    let (fpr, tpr) = curve.points();
    let points = fpr.len().min(MOST_POINTS);
    let at = |i: usize| if points < 2 { 0 } else { i * (fpr.len() - 1) / (points - 1) };
    let pick = |values: &[f64]| (0..points).map(|i| values[at(i)]).collect();
    Evidence::Curve { name, x: pick(fpr), y: pick(tpr) }
}

/// Rows of one group whose scores lie in one bin.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Bin {
    n: u64,
    positives: u64,
    score: f64,
}

/// The last step of each bin but the highest: tenths of all scores of the grouping, equal ones once.
fn edges(members: &Members<'_>) -> Vec<usize> {
    let mut rows: BTreeMap<usize, u64> = BTreeMap::new();
    for (step, [negatives, positives]) in members.large.iter().flat_map(|group| &group.rows) {
        *rows.entry(*step).or_default() += negatives + positives;
    }
    let all: u64 = rows.values().sum();
    let mut ranks = (1..BINS).map(|k| (k * all).div_ceil(BINS).max(1)).peekable();
    let (mut below, mut cuts) = (0, Vec::new());
    for (step, n) in rows {
        below += n;
        if ranks.next_if(|rank| *rank <= below).is_some() {
            cuts.push(step);
            while ranks.next_if(|rank| *rank <= below).is_some() {}
        }
    }
    cuts
}

/// Each group's bins.
fn reliability<'a>(members: &'a Members<'_>, cuts: &[usize]) -> Vec<(&'a Group, Vec<Bin>)> {
    let ends = members.scored.map_or(&[][..], |scored| &scored.steps.ends);
    let of = |group: &'a Group| {
        let mut bins = vec![Bin::default(); cuts.len() + 1];
        for (step, [negatives, positives]) in &group.rows {
            let bin = &mut bins[cuts.partition_point(|cut| cut < step)];
            let n = negatives + positives;
            bin.n += n;
            bin.positives += positives;
            bin.score += to_f64(n) * f64::midpoint(ends[*step].0, ends[*step].1);
        }
        (group, bins)
    };
    members.large.iter().map(of).collect()
}

impl Bin {
    /// Mean score and share of actual positives.
    fn point(&self) -> (f64, f64) {
        (self.score / to_f64(self.n), to_f64(self.positives) / to_f64(self.n))
    }
}

/// The largest miss of the bins with enough rows.
fn largest<'a>(bins: impl Iterator<Item = &'a Bin>, need: u64) -> Value {
    let (mut most, mut found) = (0, None);
    for bin in bins {
        most = most.max(bin.n);
        if bin.n >= need {
            let (score, share) = bin.point();
            found = Some((score - share).abs().max(found.unwrap_or(0.0)));
        }
    }
    found.ok_or(Undefined::TooFew { n: most, need })
}

fn shown(members: &Members<'_>, group: &Group, bins: &[Bin], need: u64) -> [Evidence; 2] {
    let bins: Vec<&Bin> = bins.iter().filter(|bin| bin.n >= need).collect();
    let label = members.groups.label(group.id);
    let (x, y) = bins.iter().map(|bin| bin.point()).unzip();
    let rows = bins.iter().map(|bin| cell("bin", bin.point().1, bin.n)).collect();
    [
        Evidence::Curve { name: format!("reliability {label}"), x, y },
        numbers(&format!("bins {label}"), rows),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::roc;

    #[test]
    fn the_distance_between_curves_by_hand() {
        // First: all positives above all negatives. Second: one negative above both positives.
        let first = roc(&[0.9, 0.8], &[0.2, 0.1]).unwrap();
        let second = roc(&[0.6, 0.5], &[0.7, 0.1]).unwrap();
        // At FPR 0 the heights are 1 and 0, from ½ on both are 1.
        assert!((distance(&[first.clone(), second.clone()]) - 1.0).abs() < 1e-15);
        let height =
            |curve: &Roc, x: f64| height(curve, curve.points().0.partition_point(|f| *f <= x), x);
        assert!((height(&second, 0.25)).abs() < 1e-15);
        assert!((height(&second, 0.5) - 1.0).abs() < 1e-15);
        assert!(distance(&[first.clone(), first]).abs() < 1e-15);
        // Ties are joined: half the positives and half the negatives at one score.
        let tied = roc(&[0.5, 0.5], &[0.5, 0.1]).unwrap();
        assert!((height(&tied, 0.25) - 0.5).abs() < 1e-15);
        assert!((height(&tied, 1.0) - 1.0).abs() < 1e-15);
        // From (½, ½) to (1, 1): a step that starts at neither axis.
        let late = roc(&[0.9, 0.5], &[0.8, 0.5]).unwrap();
        assert!((height(&late, 0.75) - 0.75).abs() < 1e-15);
    }

    #[test]
    fn a_long_curve_keeps_its_ends() {
        let scores: Vec<f64> = (0..500).map(f64::from).collect();
        let Evidence::Curve { x, y, .. } =
            thinned("roc".to_owned(), &roc(&scores, &scores).unwrap())
        else {
            panic!("no curve")
        };
        assert_eq!((x.len(), y.len()), (MOST_POINTS, MOST_POINTS));
        assert!(x[0].abs() < 1e-15 && (y[MOST_POINTS - 1] - 1.0).abs() < 1e-15);
        let short = thinned("roc".to_owned(), &roc(&[0.5], &[0.5]).unwrap());
        let ends = vec![0.0, 1.0];
        assert_eq!(short, Evidence::Curve { name: "roc".to_owned(), x: ends.clone(), y: ends });
    }

    #[test]
    fn the_largest_miss_of_a_bin_by_hand() {
        // Mean score 0.4 and 3 of 4 positive; 0.9 and 9 of 10.
        let bins =
            [Bin { n: 4, positives: 3, score: 1.6 }, Bin { n: 10, positives: 9, score: 9.0 }];
        assert!((largest(bins.iter(), 4).unwrap() - 0.35).abs() < 1e-12);
        assert_eq!(largest(bins.iter(), 11), Err(Undefined::TooFew { n: 10, need: 11 }));
    }
}
