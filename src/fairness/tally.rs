//! Weighted counts of the rows of one group, or of all.

use super::frame::Frame;
use crate::domain::{Cell, Confusion, Evidence, Groups, to_f64};
use crate::stats::Running;

/// The columns of a frame, or columns made from it; all have `n` entries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rows<'a> {
    /// Whether each row is actually positive, `(n,)`.
    pub y_true: &'a [bool],
    /// Whether each row is predicted positive, `(n,)`.
    pub y_pred: &'a [bool],
    /// Score of the positive class, `(n,)`.
    pub score: Option<&'a [f64]>,
    /// Weight of each row, `(n,)`, at least 0; 1 each where absent.
    pub weight: Option<&'a [f64]>,
}

impl<'a> Rows<'a> {
    /// The columns of a frame.
    #[must_use]
    pub fn of(frame: &'a Frame) -> Self {
        Self {
            y_true: &frame.y_true,
            y_pred: &frame.y_pred,
            score: frame.score.as_deref(),
            weight: frame.weight.as_deref(),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn n(&self) -> u64 {
        u64::try_from(self.y_true.len()).unwrap_or_else(|_| unreachable!("usize fits u64"))
    }
}

/// Weighted counts of a set of rows. Cells are named `[actual][predicted]`.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Tally {
    rows: u64,
    cells: [[Running; 2]; 2],
    squares: [[Running; 2]; 2],
    scores: [Running; 2],
}

impl Tally {
    /// Rows that were counted, each of weight one, without scores.
    pub(super) fn counted(counts: &Confusion) -> Self {
        let running = |n: u64| {
            let mut sum = Running::default();
            sum.add(to_f64(n));
            sum
        };
        let cells =
            [[running(counts.tn), running(counts.fp)], [running(counts.fn_), running(counts.tp)]];
        Self { rows: counts.n(), cells, squares: cells, scores: Default::default() }
    }

    /// All rows as one set.
    #[must_use]
    pub fn whole(rows: &Rows<'_>) -> Self {
        let mut all = Self::default();
        (0..rows.y_true.len()).for_each(|row| all.add(rows, row));
        all
    }

    /// Each level of a grouping, empty ones included.
    #[must_use]
    pub fn by_level(rows: &Rows<'_>, groups: &Groups) -> Vec<Self> {
        let mut levels = vec![Self::default(); groups.n_levels()];
        for (row, level) in groups.of().enumerate() {
            levels[level.index()].add(rows, row);
        }
        levels
    }

    fn add(&mut self, rows: &Rows<'_>, row: usize) {
        let (truth, decision) = (usize::from(rows.y_true[row]), usize::from(rows.y_pred[row]));
        let weight = rows.weight.map_or(1.0, |weights| weights[row]);
        self.rows += 1;
        self.cells[truth][decision].add(weight);
        self.squares[truth][decision].add(weight * weight);
        self.scores[truth].add(weight * rows.score.map_or(0.0, |scores| scores[row]));
    }

    /// The rows of two sets that share none.
    #[must_use]
    pub fn with(mut self, other: &Self) -> Self {
        self.rows += other.rows;
        for truth in 0..2 {
            for decision in 0..2 {
                self.cells[truth][decision].add(other.cells[truth][decision].total());
                self.squares[truth][decision].add(other.squares[truth][decision].total());
            }
            self.scores[truth].add(other.scores[truth].total());
        }
        self
    }

    /// Number of rows, whatever their weight.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Weight of the rows with this truth and this decision.
    #[must_use]
    pub fn cell(&self, truth: bool, decision: bool) -> f64 {
        self.cells[usize::from(truth)][usize::from(decision)].total()
    }

    /// Sum of the squared weights of the rows with this truth and this decision.
    #[must_use]
    pub fn square(&self, truth: bool, decision: bool) -> f64 {
        self.squares[usize::from(truth)][usize::from(decision)].total()
    }

    /// Weighted sum of the scores of the rows with this truth.
    #[must_use]
    pub fn scores(&self, truth: bool) -> f64 {
        self.scores[usize::from(truth)].total()
    }

    /// Weight of all rows.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.actual(true) + self.actual(false)
    }

    /// Weight of the rows with this truth.
    #[must_use]
    pub fn actual(&self, truth: bool) -> f64 {
        self.cell(truth, true) + self.cell(truth, false)
    }

    /// Weight of the rows with this decision.
    #[must_use]
    pub fn predicted(&self, decision: bool) -> f64 {
        self.cell(true, decision) + self.cell(false, decision)
    }
}

/// The levels that take part: with rows, and at least `min` of them.
pub(super) fn taking_part(levels: &[Tally], min: u64) -> Vec<usize> {
    (0..levels.len()).filter(|&level| levels[level].rows >= min.max(1)).collect()
}

/// The groups with rows, but fewer than `min`, as evidence.
pub(super) fn small_groups(groups: &Groups, levels: &[Tally], min: u64) -> Option<Evidence> {
    let sizes = groups.ids().zip(levels.iter().map(Tally::rows));
    let cells: Vec<Cell> = sizes
        .filter(|(_, n)| (1..min).contains(n))
        .map(|(id, n)| Cell { name: groups.label(id), value: Some(to_f64(n)), n })
        .collect();
    let name = "excluded_small_groups".to_owned();
    (!cells.is_empty()).then_some(Evidence::Numbers { name, cells })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_and_scores_by_hand() {
        let groups = Groups::encode("g", &[Some("a"), Some("b"), Some("a"), Some("b")]);
        let rows = Rows {
            y_true: &[true, true, false, false],
            y_pred: &[true, false, true, false],
            score: Some(&[0.5, 0.25, 1.0, 0.0]),
            weight: Some(&[2.0, 3.0, 0.5, 1.0]),
        };
        let levels = Tally::by_level(&rows, &groups);
        let (a, whole) = (levels[0], Tally::whole(&rows));
        let close = |x: f64, y: f64| assert!((x - y).abs() < 1e-15, "{x} {y}");
        close(a.cell(true, true), 2.0);
        close(a.square(true, true), 4.0);
        close(levels[1].square(true, false), 9.0);
        assert_eq!(rows.n(), 4);
        close(a.predicted(true), 2.5);
        close(a.scores(false), 0.5);
        close(whole.total(), 6.5);
        close(whole.actual(true), 5.0);
        // 2 · 0.5 + 3 · 0.25
        close(whole.scores(true), 1.75);
        assert_eq!(levels[0].with(&levels[1]).rows(), 4);
        close(levels[0].with(&levels[1]).total(), 6.5);
        let counted = Tally::counted(&Confusion { tp: 3, fp: 1, tn: 4, fn_: 2 });
        close(counted.cell(true, false), 2.0);
        close(counted.square(false, true), 1.0);
        assert_eq!((counted.rows(), counted.predicted(false).to_bits()), (10, 6_f64.to_bits()));
        assert!(taking_part(&levels, 3).is_empty());
        assert_eq!(taking_part(&levels, 0), [0, 1]);
    }
}
