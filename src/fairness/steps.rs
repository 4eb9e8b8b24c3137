//! The scores in at most so many steps, each with its rows by cell: what curves and thresholds need.
//!
//! A step is one distinct score. Where there are too many rows and scores, neighbouring scores share
//! one, so that all steps have nearly equally many rows.

use super::records::index;

/// So many rows keep every score.
const EXACT: usize = 16_384;

/// Most steps of more rows.
const MOST: usize = 4_096;

/// Steps of one score each that a part of so many rows may have.
const ROOM: usize = 1_024;

/// Of so many rows, what [`Builder::new`] takes: the rows of a step, and steps of one score each.
pub(super) fn room(rows: usize) -> (usize, usize) {
    (rows.div_ceil(MOST), if rows <= EXACT { usize::MAX } else { ROOM })
}

/// Consecutive steps in ascending order.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Steps {
    /// Least and greatest score of each step, `(steps,)`.
    pub(super) ends: Vec<(f64, f64)>,
    /// Where the entries of each step start, `(steps + 1,)` once there is a step.
    starts: Vec<usize>,
    /// Cell and rows.
    entries: Vec<(u32, u32)>,
}

impl Steps {
    /// Number of steps.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// Cell and rows of one step.
    pub(super) fn step(&self, at: usize) -> &[(u32, u32)] {
        &self.entries[self.starts[at]..self.starts[at + 1]]
    }

    /// These steps and then others.
    pub(super) fn extend(&mut self, other: &Self) {
        if other.ends.is_empty() {
            return;
        }
        let before = self.entries.len();
        let skip = usize::from(!self.starts.is_empty());
        self.ends.extend_from_slice(&other.ends);
        self.starts.extend(other.starts.iter().skip(skip).map(|start| before + start));
        self.entries.extend_from_slice(&other.entries);
    }

    /// Neighbouring steps joined until there are few enough for their rows.
    pub(super) fn few(self) -> Self {
        if self.rows() <= EXACT { self } else { self.at_most(MOST) }
    }

    fn at_most(self, most: usize) -> Self {
        if self.len() <= most { self } else { self.joined(self.rows().div_ceil(most)) }
    }

    fn rows(&self) -> usize {
        self.entries.iter().map(|(_, rows)| index(u64::from(*rows))).sum()
    }

    /// Neighbouring steps joined until each but the last has `enough` rows.
    fn joined(&self, enough: usize) -> Self {
        let mut joined = Builder::new(enough, 0);
        for at in 0..self.len() {
            joined.score(self.ends[at].0);
            self.step(at).iter().for_each(|(cell, rows)| joined.add(*cell, *rows));
            joined.high = self.ends[at].1;
        }
        joined.finish()
    }
}

/// Steps in the making.
#[derive(Debug)]
pub(super) struct Builder {
    steps: Steps,
    /// Rows that a step has at least, but for the last one: one, until there are too many steps.
    least: usize,
    /// Then this many.
    enough: usize,
    /// Steps of one score each that there is room for.
    room: usize,
    /// Rows of each cell in the open step.
    open: Vec<u32>,
    touched: Vec<u32>,
    rows: usize,
    low: f64,
    high: f64,
}

impl Builder {
    /// No step yet. Every score is a step; where there are more than `room` of them, a step has at
    /// least `enough` rows.
    pub(super) fn new(enough: usize, room: usize) -> Self {
        let (open, touched) = (Vec::new(), Vec::new());
        let (steps, least) = (Steps::default(), if room > 0 { 1 } else { enough });
        Self { steps, least, enough, room, open, touched, rows: 0, low: 0.0, high: 0.0 }
    }

    /// Begins the rows of the next score, which is greater than all before.
    #[inline]
    pub(super) fn score(&mut self, score: f64) {
        if self.rows >= self.least {
            self.close();
        }
        if self.rows == 0 {
            self.low = score;
        }
        self.high = score;
    }

    /// Adds rows of one cell with the score that was begun.
    #[inline]
    pub(super) fn add(&mut self, cell: u32, rows: u32) {
        let at = index(u64::from(cell));
        if at >= self.open.len() {
            self.open.resize(at + 1, 0);
        }
        if self.open[at] == 0 {
            self.touched.push(cell);
        }
        self.open[at] += rows;
        self.rows += index(u64::from(rows));
    }

    /// All steps.
    pub(super) fn finish(mut self) -> Steps {
        // A last step that was opened again is closed again.
        while self.rows > 0 {
            self.close();
        }
        self.steps
    }

    fn close(&mut self) {
        if self.steps.starts.is_empty() {
            self.steps.starts.push(0);
        }
        self.touched.sort_unstable();
        for cell in self.touched.drain(..) {
            let open = &mut self.open[index(u64::from(cell))];
            self.steps.entries.push((cell, std::mem::take(open)));
        }
        self.steps.starts.push(self.steps.entries.len());
        self.steps.ends.push((self.low, self.high));
        self.rows = 0;
        if self.least < self.enough && self.steps.len() > self.room {
            self.steps = self.steps.joined(self.enough);
            self.least = self.enough;
            self.reopen();
        }
    }

    /// The last step may take more rows.
    fn reopen(&mut self) {
        let Some(last) = self.steps.len().checked_sub(1) else { return };
        let rows = self.steps.step(last).iter().map(|(_, rows)| index(u64::from(*rows)));
        if rows.sum::<usize>() >= self.enough {
            return;
        }
        let entries = self.steps.entries.split_off(self.steps.starts[last]);
        self.steps.starts.pop();
        let ends = self.steps.ends.pop();
        (self.low, self.high) = ends.unwrap_or_default();
        for (cell, rows) in entries {
            self.add(cell, rows);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn steps(enough: usize, rows: &[(f64, u32)]) -> Steps {
        let mut builder = Builder::new(enough, 0);
        for tied in rows.chunk_by(|a, b| a.0 >= b.0) {
            builder.score(tied[0].0);
            for (_, cell) in tied {
                builder.add(*cell, 1);
            }
        }
        builder.finish()
    }

    const ROWS: [(f64, u32); 6] = [(0.1, 3), (0.1, 0), (0.1, 3), (0.2, 1), (0.7, 0), (0.9, 0)];

    #[test]
    fn a_step_is_a_score_or_several_neighbours() {
        let each = steps(1, &ROWS);
        assert_eq!(each.ends, [(0.1, 0.1), (0.2, 0.2), (0.7, 0.7), (0.9, 0.9)]);
        assert_eq!((each.step(0), each.step(3)), (&[(0, 1), (3, 2)][..], &[(0, 1)][..]));
        let two = steps(2, &ROWS);
        assert_eq!(two.ends, [(0.1, 0.1), (0.2, 0.7), (0.9, 0.9)]);
        assert_eq!(two.step(1), [(0, 1), (1, 1)]);
        assert_eq!(each.clone().at_most(2).ends, [(0.1, 0.1), (0.2, 0.9)]);
        assert_eq!(each.clone().at_most(2).step(1), [(0, 2), (1, 1)]);
        assert_eq!(each.clone().at_most(9), each);
    }

    #[test]
    fn scores_keep_their_own_step_while_there_is_room() {
        let built = |enough, room| {
            let mut builder = Builder::new(enough, room);
            for tied in ROWS.chunk_by(|a, b| a.0 >= b.0) {
                builder.score(tied[0].0);
                for (_, cell) in tied {
                    builder.add(*cell, 1);
                }
            }
            builder.finish()
        };
        assert_eq!(built(2, 4), steps(1, &ROWS));
        for (enough, room) in [(2, 1), (2, 2), (2, 3), (3, 1), (3, 3), (9, 2)] {
            assert_eq!(built(enough, room), steps(enough, &ROWS), "{enough} {room}");
        }
    }

    #[test]
    fn parts_one_after_the_other_are_the_whole() {
        let mut all = Steps::default();
        all.extend(&Steps::default());
        all.extend(&steps(1, &ROWS[..4]));
        all.extend(&steps(1, &ROWS[4..]));
        assert_eq!(all, steps(1, &ROWS));
    }

    #[test]
    fn steps_of_many_rows_share_them_out() {
        // 2^14 rows keep every score; one more is shared out among 2^12 steps of five rows.
        assert_eq!(room(1), (1, usize::MAX));
        assert_eq!(room(16_384), (4, usize::MAX));
        assert_eq!(room(16_385), (5, 1_024));
    }

    #[test]
    fn neighbours_are_joined_where_there_are_too_many_rows() {
        let each = |n: u32| {
            let rows: Vec<(f64, u32)> = (0..n).map(|row| (f64::from(row), 0)).collect();
            steps(1, &rows)
        };
        assert_eq!(each(16_384).few().len(), 16_384);
        let few = each(16_385).few();
        // Five rows each.
        assert_eq!((few.len(), few.ends[1], few.step(0)), (3277, (5.0, 9.0), &[(0, 5)][..]));
    }
}
