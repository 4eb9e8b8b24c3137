//! How the scores of members and non-members lie beside each other.

use super::findings::count;
use crate::domain::{Evidence, Members, to_f64};

/// Intervals of the histogram.
const BINS: usize = 40;

/// The share of members and of non-members in each of forty equally wide intervals between the
/// half-per-cent quantiles of all scores; what lies beyond belongs to the outermost. Abscissae are
/// the intervals' lower ends. Nothing where there is no score or all are equal.
pub(super) fn histogram(scores: &Members<Vec<f64>>) -> Vec<Evidence> {
    let mut all: Vec<f64> = scores.seen.iter().chain(&scores.unseen).copied().collect();
    let cut = all.len() / 200;
    let Some(last) = all.len().checked_sub(1 + cut) else { return Vec::new() };
    let high = *all.select_nth_unstable_by(last, f64::total_cmp).1;
    let low = *all.select_nth_unstable_by(cut, f64::total_cmp).1;
    let width = (high - low) / to_f64(count(BINS));
    if !(width > 0.0 && width.is_finite()) {
        return Vec::new();
    }
    let edges: Vec<f64> = (0..BINS).map(|i| to_f64(count(i)).mul_add(width, low)).collect();
    let curve = |name: &str, scores: &[f64]| {
        let mut counts = [0_u64; BINS];
        for score in scores {
            counts[edges.partition_point(|edge| edge <= score).saturating_sub(1)] += 1;
        }
        let all = to_f64(count(scores.len())).max(1.0);
        let y = counts.iter().map(|n| to_f64(*n) / all).collect();
        Evidence::Curve { name: name.to_owned(), x: edges.clone(), y }
    };
    vec![curve("scores_members", &scores.seen), curve("scores_non_members", &scores.unseen)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_add_up_to_one_and_outliers_stay_inside() {
        let seen: Vec<f64> = (0..400).map(f64::from).chain([1e300, -1e300]).collect();
        let unseen: Vec<f64> = (0..100).map(f64::from).collect();
        let found = histogram(&Members { seen, unseen });
        assert_eq!(found.len(), 2);
        for evidence in &found {
            let Evidence::Curve { x, y, .. } = evidence else { panic!() };
            assert_eq!((x.len(), y.len()), (40, 40));
            assert!((y.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            assert!(x.iter().all(|x| x.abs() < 1e3));
        }
        assert!(histogram(&Members { seen: vec![], unseen: vec![] }).is_empty());
        assert!(histogram(&Members { seen: vec![1.0], unseen: vec![1.0] }).is_empty());
    }
}
