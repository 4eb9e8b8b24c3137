//! The step ROC: every threshold, ties merged, no vertex dropped, nothing interpolated.

use super::delong::sorted;
use crate::domain::{Undefined, to_f64};

/// Hits and false alarms at every threshold, thresholds descending, from (0, 0) to (1, 1).
///
/// Vertex `i` counts the rows whose score is at least the `i`-th distinct score; rows of equal
/// score enter together. There is one vertex more than there are distinct scores.
#[derive(Debug, Clone, PartialEq)]
pub struct Roc {
    tp: Vec<u64>,
    fp: Vec<u64>,
    tpr: Vec<f64>,
    fpr: Vec<f64>,
}

/// The ROC of two samples of finite scores; a higher score means "positive".
///
/// # Errors
/// [`Undefined::Empty`] without any score, [`Undefined::OneClass`] when one sample is empty.
pub fn roc(positive: &[f64], negative: &[f64]) -> Result<Roc, Undefined> {
    let (positive, negative) = (sorted(positive), sorted(negative));
    if positive.is_empty() || negative.is_empty() {
        let nothing = positive.is_empty() && negative.is_empty();
        return Err(if nothing { Undefined::Empty } else { Undefined::OneClass });
    }
    let (mut tp, mut fp) = (vec![0], vec![0]);
    let (mut above_p, mut above_n) = (0, 0);
    let (mut p, mut n) = (positive.iter().rev().peekable(), negative.iter().rev().peekable());
    while let Some(threshold) = match (p.peek(), n.peek()) {
        (Some(a), Some(b)) => Some(a.max(**b)),
        (Some(a), None) => Some(**a),
        (None, Some(b)) => Some(**b),
        (None, None) => None,
    } {
        while p.next_if(|score| **score >= threshold).is_some() {
            above_p += 1;
        }
        while n.next_if(|score| **score >= threshold).is_some() {
            above_n += 1;
        }
        tp.push(above_p);
        fp.push(above_n);
    }
    let (tpr, fpr) = (shares(&tp, above_p), shares(&fp, above_n));
    Ok(Roc { tp, fp, tpr, fpr })
}

/// The ROC of rows counted by ascending score and class: negatives, positives.
///
/// # Errors
/// As [`roc`].
pub(crate) fn roc_of_counts(
    scores: impl DoubleEndedIterator<Item = [u64; 2]>,
) -> Result<Roc, Undefined> {
    let (mut tp, mut fp) = (vec![0], vec![0]);
    let (mut above_p, mut above_n) = (0, 0);
    for [negatives, positives] in scores.rev().filter(|rows| *rows != [0, 0]) {
        above_p += positives;
        above_n += negatives;
        tp.push(above_p);
        fp.push(above_n);
    }
    match (above_p, above_n) {
        (0, 0) => return Err(Undefined::Empty),
        (0, _) | (_, 0) => return Err(Undefined::OneClass),
        _ => {}
    }
    let (tpr, fpr) = (shares(&tp, above_p), shares(&fp, above_n));
    Ok(Roc { tp, fp, tpr, fpr })
}

fn shares(counts: &[u64], all: u64) -> Vec<f64> {
    counts.iter().map(|&count| to_f64(count) / to_f64(all)).collect()
}

impl Roc {
    /// Area under the curve, 0 to 1; ties count one half (trapezoids).
    ///
    /// Source: Hanley and `McNeil` 1982, Radiology 143, 29–36.
    #[must_use]
    pub fn auc(&self) -> f64 {
        let steps = self.fp.windows(2).zip(self.tp.windows(2));
        let doubled = steps.map(|(f, t)| u128::from(f[1] - f[0]) * u128::from(t[0] + t[1])).sum();
        let (positives, negatives) = self.sizes();
        super::delong::wide(doubled) / (2.0 * to_f64(positives) * to_f64(negatives))
    }

    /// The largest `|TPR − FPR|` over all thresholds, 0 to 1: the attacker's advantage.
    ///
    /// Source: Yeom, Giacomelli, Fredrikson, Jha 2018, CSF.
    #[must_use]
    pub fn advantage(&self) -> f64 {
        self.tpr.iter().zip(&self.fpr).map(|(t, f)| (t - f).abs()).fold(0.0, f64::max)
    }

    /// The largest `(TPR + TNR) / 2` over all thresholds, ½ to 1.
    ///
    /// Source: Carlini et al. 2022, IEEE S&P.
    #[must_use]
    pub fn balanced_accuracy(&self) -> f64 {
        let gap = self.tpr.iter().zip(&self.fpr).map(|(t, f)| t - f).fold(0.0, f64::max);
        f64::midpoint(1.0, gap)
    }

    /// TPR at the last vertex whose FPR is at most `limit`; nothing is interpolated.
    ///
    /// Source: Carlini et al. 2022, IEEE S&P.
    #[must_use]
    pub fn tpr_at_fpr(&self, limit: f64) -> f64 {
        self.tpr[self.last_within(limit)]
    }

    /// The counts `(tp, fp)` at the last vertex whose FPR is at most `limit`.
    #[must_use]
    pub fn hits_at_fpr(&self, limit: f64) -> (u64, u64) {
        let at = self.last_within(limit);
        (self.tp[at], self.fp[at])
    }

    /// The vertices `(fpr, tpr)`, two slices of the same length.
    #[must_use]
    pub fn points(&self) -> (&[f64], &[f64]) {
        (&self.fpr, &self.tpr)
    }

    /// The numbers of positive and negative scores.
    #[must_use]
    pub fn sizes(&self) -> (u64, u64) {
        (self.tp.last().copied().unwrap_or(0), self.fp.last().copied().unwrap_or(0))
    }

    fn last_within(&self, limit: f64) -> usize {
        self.fpr.partition_point(|fpr| *fpr <= limit).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example() -> Roc {
        // Descending: 0.9 P | 0.8 N | 0.7 PN | 0.1 PN, so (FPR, TPR) in thirds:
        // (0,0) (0,1) (1,1) (2,2) (3,3).
        roc(&[0.9, 0.7, 0.1], &[0.8, 0.7, 0.1]).unwrap()
    }

    #[test]
    fn ties_are_one_vertex_and_none_is_dropped() {
        let (r, third) = (example(), 1.0 / 3.0);
        let (fpr, tpr) = r.points();
        let expected = [(0.0, 0.0), (0.0, 1.0), (1.0, 1.0), (2.0, 2.0), (3.0, 3.0)];
        assert_eq!(fpr.len(), expected.len());
        for (i, (f, t)) in expected.into_iter().enumerate() {
            assert!((fpr[i] - f * third).abs() < 1e-15 && (tpr[i] - t * third).abs() < 1e-15);
        }
    }

    #[test]
    fn counted_rows_have_the_same_curve() {
        // 0.1 PN | 0.7 PN | nothing | 0.8 N | 0.9 P.
        let counts = [[1, 1], [1, 1], [0, 0], [1, 0], [0, 1]];
        assert_eq!(roc_of_counts(counts.into_iter()).unwrap(), example());
        assert_eq!(roc_of_counts([[2, 0]].into_iter()), Err(Undefined::OneClass));
        assert_eq!(roc_of_counts([].into_iter()), Err(Undefined::Empty));
    }

    #[test]
    fn area_by_counting_pairs() {
        // 0.9 beats 3; 0.7 beats 0.1 and ties 0.7: 1.5; 0.1 ties 0.1: 0.5. Sum 5 of 9.
        assert!((example().auc() - 5.0 / 9.0).abs() < 1e-15);
        assert_eq!(example().sizes(), (3, 3));
    }

    #[test]
    fn the_best_threshold_by_hand() {
        // TPR − FPR is 0, 1/3, 0, 0, 0.
        assert!((example().advantage() - 1.0 / 3.0).abs() < 1e-15);
        assert!((example().balanced_accuracy() - 2.0 / 3.0).abs() < 1e-15);
        // Turned round, |TPR − FPR| is the same, but no threshold is better than chance.
        let turned = roc(&[0.8, 0.7, 0.1], &[0.9, 0.7, 0.1]).unwrap();
        assert!((turned.advantage() - 1.0 / 3.0).abs() < 1e-15);
        assert!((turned.balanced_accuracy() - 0.5).abs() < 1e-15);
    }

    #[test]
    fn a_limit_takes_the_last_vertex_within_it() {
        assert_eq!(example().hits_at_fpr(0.0), (1, 0));
        assert_eq!(example().hits_at_fpr(0.5), (1, 1));
        assert!((example().tpr_at_fpr(0.7) - 2.0 / 3.0).abs() < 1e-15);
        assert_eq!(example().hits_at_fpr(1.0), (3, 3));
        // The best score is a false alarm: within FPR 0 nothing is found.
        assert_eq!(roc(&[0.1], &[0.2]).unwrap().hits_at_fpr(0.0), (0, 0));
    }

    #[test]
    fn negative_zero_ties_with_zero() {
        assert_eq!(roc(&[-0.0], &[0.0]).unwrap().points().0.len(), 2);
    }

    #[test]
    fn one_class_has_no_curve() {
        assert_eq!(roc(&[0.5], &[]), Err(Undefined::OneClass));
        assert_eq!(roc(&[], &[0.5]), Err(Undefined::OneClass));
        assert_eq!(roc(&[], &[]), Err(Undefined::Empty));
    }
}
