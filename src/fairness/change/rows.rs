//! The rows of a group with the decisions and scores of two runs.

use crate::domain::{Confusion, Groups};
use crate::fairness::Frame;
use crate::stats::Agreement;

/// Rows by truth and by what both runs decided, and their scores.
#[derive(Debug, Clone, Default)]
pub(super) struct Paired {
    /// Counts `[truth][new][old]`.
    cells: [[[u64; 2]; 2]; 2],
    /// `(new, old)` of the negatives and of the positives; empty without scores.
    scores: [Vec<(f64, f64)>; 2],
}

/// Which of two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run {
    New,
    Old,
}

/// Whether a row counts, by truth and decision; `None` where it has no part in the rate.
pub(super) type Counts = fn(bool, bool) -> Option<bool>;

impl Paired {
    /// The rows of each level, empty ones included. Both frames describe the same rows.
    pub(super) fn by_level(new: &Frame, old: &Frame, groups: &Groups) -> Vec<Self> {
        let mut levels = vec![Self::default(); groups.n_levels()];
        for (row, level) in groups.of().enumerate() {
            levels[level.index()].add(new, old, row);
        }
        levels
    }

    /// All rows.
    pub(super) fn whole(new: &Frame, old: &Frame) -> Self {
        let mut all = Self::default();
        (0..new.y_true.len()).for_each(|row| all.add(new, old, row));
        all
    }

    fn add(&mut self, new: &Frame, old: &Frame, row: usize) {
        let truth = usize::from(new.y_true[row]);
        let decisions = [new, old].map(|frame| usize::from(frame.y_pred[row]));
        self.cells[truth][decisions[0]][decisions[1]] += 1;
        if let (Some(new), Some(old)) = (&new.score, &old.score) {
            self.scores[truth].push((new[row], old[row]));
        }
    }

    /// Number of rows.
    pub(super) fn n(&self) -> u64 {
        self.counts().iter().sum()
    }

    /// The eight counts in a row.
    pub(super) fn counts(&self) -> Vec<u64> {
        self.cells.iter().flatten().flatten().copied().collect()
    }

    /// The rows of a run as counts of such a row.
    pub(super) fn confusion(counts: &[u64], run: Run) -> Confusion {
        let mut confusion = Confusion::default();
        for (at, rows) in counts.iter().enumerate() {
            let (truth, decided) = (at & 4 > 0, at & if run == Run::New { 2 } else { 1 } > 0);
            let cell = match (truth, decided) {
                (true, true) => &mut confusion.tp,
                (false, true) => &mut confusion.fp,
                (false, false) => &mut confusion.tn,
                (true, false) => &mut confusion.fn_,
            };
            *cell += rows;
        }
        confusion
    }

    /// What both runs agree on among the rows of a rate; the new run is the first.
    pub(super) fn agreement(&self, counts: Counts) -> Agreement {
        let mut found = Agreement::default();
        for (at, rows) in self.counts().into_iter().enumerate() {
            let [truth, new, old] = [4, 2, 1].map(|bit| at & bit > 0);
            let cell = match (counts(truth, new), counts(truth, old)) {
                (Some(true), Some(true)) => &mut found.both,
                (Some(true), Some(false)) => &mut found.first,
                (Some(false), Some(true)) => &mut found.second,
                (Some(false), Some(false)) => &mut found.neither,
                _ => continue,
            };
            *cell += rows;
        }
        found
    }

    /// `(new, old)` of one class.
    pub(super) fn scores(&self, positive: bool) -> &[(f64, f64)] {
        &self.scores[usize::from(positive)]
    }
}

/// Every row, by its decision.
#[expect(clippy::unnecessary_wraps, reason = "one of several `Counts`")]
pub(super) fn selected(_: bool, decision: bool) -> Option<bool> {
    Some(decision)
}

/// Every row, by whether it was decided rightly.
#[expect(clippy::unnecessary_wraps, reason = "one of several `Counts`")]
pub(super) fn right(truth: bool, decision: bool) -> Option<bool> {
    Some(truth == decision)
}

/// Actual positives, by their decision.
pub(super) fn found(truth: bool, decision: bool) -> Option<bool> {
    truth.then_some(decision)
}

/// Actual negatives, by their decision.
pub(super) fn alarmed(truth: bool, decision: bool) -> Option<bool> {
    (!truth).then_some(decision)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Split;

    #[test]
    fn rows_are_counted_by_truth_and_both_decisions() {
        let frame = |y_pred: [bool; 4], score: [f64; 4]| Frame {
            split: Split::Test,
            y_true: vec![true, true, false, false],
            y_pred: y_pred.to_vec(),
            score: Some(score.to_vec()),
            weight: None,
            groups: vec![Groups::encode("g", &[Some("a"), Some("b"), Some("a"), Some("a")])],
        };
        let new = frame([true, false, true, false], [0.9, 0.1, 0.6, 0.2]);
        let old = frame([false, true, true, false], [0.4, 0.7, 0.5, 0.3]);
        let all = Paired::whole(&new, &old);
        let of = |run| Paired::confusion(&all.counts(), run);
        assert_eq!(of(Run::New), Confusion { tp: 1, fp: 1, tn: 1, fn_: 1 });
        assert_eq!(of(Run::Old), Confusion { tp: 1, fp: 1, tn: 1, fn_: 1 });
        assert_eq!(all.agreement(found), Agreement { first: 1, second: 1, ..Agreement::default() });
        assert_eq!(
            all.agreement(alarmed),
            Agreement { both: 1, neither: 1, ..Agreement::default() }
        );
        assert_eq!(all.agreement(right), Agreement { both: 1, first: 1, second: 1, neither: 1 });
        assert_eq!(all.agreement(selected), all.agreement(right));
        let levels = Paired::by_level(&new, &old, &new.groups[0]);
        assert_eq!((levels[0].n(), levels[1].n()), (3, 1));
        assert_eq!(levels[0].scores(true), [(0.9, 0.4)]);
        assert_eq!(levels[0].scores(false), [(0.6, 0.5), (0.2, 0.3)]);
    }
}
