//! The rows in ascending order of their score, sorted once and used by every grouping.
//!
//! Rows of the same groups, truth and decision are alike in all that is counted, so each carries
//! the number of its cell and not its own, and a grouping reads the order from front to back. Where
//! there are too many cells, or weights, every row is a cell of its own.

use super::cells::{Cell, cells, id, place};
use super::fixed;
use super::frame::Frame;
use super::pass::{Layout, Pass, Summary};
use super::records::CELL_BITS;
use super::sorting::sorted;
use super::steps::{self, Builder, Steps};
use crate::domain::{Confusion, Groups};
use rayon::prelude::*;
use std::sync::OnceLock;

/// Rows that one task goes through.
pub(super) const CHUNK: usize = 1 << 16;

/// Scores in ascending order, −0 as 0, and the cell of each, `(n,)`.
type Ordered = (Vec<f64>, Vec<u32>);

/// The rows of a frame by score.
#[derive(Debug)]
pub(super) struct Ranking<'a> {
    frame: &'a Frame,
    /// The cell of each row, `(n,)`.
    of: Vec<u32>,
    /// `(cells,)`.
    cells: Vec<Cell>,
    /// Where the scores are chances of few enough cells, without weights.
    pass: Option<Pass>,
    /// Made when a metric asks for the scores of a group.
    ordered: OnceLock<Ordered>,
    /// The same for the steps where there was no pass.
    steps: OnceLock<Steps>,
}

impl<'a> Ranking<'a> {
    /// The ranking of a frame, where it has scores.
    pub(super) fn of(frame: &'a Frame) -> Option<Self> {
        let scores = frame.score.as_ref()?;
        let (of, cells) = cells(frame);
        let (pass, ordered, steps) = (None, OnceLock::new(), OnceLock::new());
        let mut ranking = Self { frame, of, cells, pass, ordered, steps };
        if ranking.passes(scores) {
            ranking.pass = Some(Pass::of(scores, &ranking.of, &ranking.layout()));
        }
        Some(ranking)
    }

    /// Whether one pass is enough.
    fn passes(&self, scores: &[f64]) -> bool {
        let shared = self.frame.weight.is_none() && self.cells.len() < self.of.len();
        let chance = |score: &f64| (0.0..=1.0).contains(score);
        shared
            && self.cells.len() >> 1 <= 1 << CELL_BITS
            && scores.len() <= fixed::MOST_ROWS
            && scores.par_iter().all(chance)
    }

    /// All rows are the first set; the levels of each grouping follow.
    fn layout(&self) -> Layout {
        let groups = &self.frame.groups;
        let width = 1 + groups.len();
        let mut places = vec![0; self.cells.len() / 4 * width];
        for (at, cells) in self.cells.chunks(4).enumerate() {
            let Some(cell) = cells.iter().find(|cell| cell.n > 0) else { continue };
            let mut first = 1;
            for (i, groups) in groups.iter().enumerate() {
                places[at * width + 1 + i] = id(first + groups.at(place(cell.first)).index());
                first += groups.n_levels();
            }
        }
        let sets = 1 + groups.iter().map(Groups::n_levels).sum::<usize>();
        Layout { cells: self.cells.len() / 2, sets, places, width }
    }

    /// What the pass found for each level of a grouping of the frame, or for all rows as one level;
    /// `None` where there was no pass.
    pub(super) fn summaries(&self, groups: Option<&Groups>) -> Option<Vec<Summary>> {
        let pass = self.pass.as_ref()?;
        let mut first = 0;
        let mut levels = 1;
        if let Some(groups) = groups {
            let at = self.frame.groups.iter().position(|own| std::ptr::eq(own, groups))?;
            first = 1 + self.frame.groups[..at].iter().map(Groups::n_levels).sum::<usize>();
            levels = groups.n_levels();
        }
        let empty =
            |curve: &super::curve::Curve| Summary { classes: Default::default(), curve: *curve };
        let mut found: Vec<Summary> =
            pass.curves[first..first + levels].iter().map(empty).collect();
        for (at, cell) in pass.cells.iter().enumerate() {
            let Some(level) = self.level_of(2 * at, groups) else { continue };
            let class = &mut found[level].classes[at % 2];
            *class = class.plus(cell);
        }
        Some(found)
    }

    /// The level of the rows of the cells `cell` and `cell + 1`, which differ in their decision
    /// alone; `None` without rows.
    fn level_of(&self, cell: usize, groups: Option<&Groups>) -> Option<usize> {
        let cell = self.cells[cell..cell + 2].iter().find(|cell| cell.n > 0)?;
        Some(groups.map_or(0, |groups| groups.at(place(cell.first)).index()))
    }

    /// The rows by score and class, see [`Steps`]; and one row for each cell of a step, none where it
    /// has no row.
    pub(super) fn steps(&self) -> (&Steps, Vec<Option<usize>>) {
        match &self.pass {
            Some(pass) => {
                let row = |cells: &[Cell]| cells.iter().find(|c| c.n > 0).map(|c| place(c.first));
                (&pass.steps, self.cells.chunks(2).map(row).collect())
            }
            None => (self.steps.get_or_init(|| self.stepped()), self.examples().collect()),
        }
    }

    /// Rows of each level by step of the score and class, see [`Steps`]; `None` where there was no pass.
    pub(super) fn by_step(&self, groups: Option<&Groups>) -> Option<Vec<Vec<[u64; 2]>>> {
        let pass = self.pass.as_ref()?;
        let levels = groups.map_or(1, Groups::n_levels);
        let cells = pass.cells.len();
        let level: Vec<_> = (0..cells).map(|at| self.level_of(2 * at, groups)).collect();
        let mut rows = vec![vec![[0; 2]; pass.steps.len()]; levels];
        for step in 0..pass.steps.len() {
            for (cell, n) in pass.steps.step(step) {
                if let Some(level) = level[place(*cell)] {
                    let counts: &mut Vec<[u64; 2]> = &mut rows[level];
                    counts[step][place(cell % 2)] += u64::from(*n);
                }
            }
        }
        Some(rows)
    }

    fn stepped(&self) -> Steps {
        let (scores, cells) = self.ordered();
        let (enough, room) = steps::room(scores.len());
        let (mut builder, mut at) = (Builder::new(enough, room), 0);
        for tied in scores.chunk_by(|a, b| a >= b) {
            builder.score(tied[0]);
            cells[at..at + tied.len()].iter().for_each(|cell| builder.add(*cell, 1));
            at += tied.len();
        }
        builder.finish().few()
    }

    fn ordered(&self) -> &Ordered {
        self.ordered.get_or_init(|| {
            let scores = self.frame.score.as_ref().map_or(&[][..], Vec::as_slice);
            let (scores, mut of) = sorted(scores, &self.of);
            if let Some(weight) = &self.frame.weight {
                by_weight(&scores, &mut of, weight);
            }
            (scores, of)
        })
    }

    /// Scores in ascending order, each with its cell.
    pub(super) fn iter(&self) -> impl Iterator<Item = (f64, usize)> {
        let (scores, of) = self.ordered();
        scores.iter().zip(of).map(|(score, cell)| (*score, place(*cell)))
    }

    /// One row of each cell, which stands for all of them; none for a cell without rows.
    pub(super) fn examples(&self) -> impl Iterator<Item = Option<usize>> {
        self.cells.iter().map(|cell| (cell.n > 0).then(|| place(cell.first)))
    }

    /// A row of each cell that has any, and how many rows the cell has.
    pub(super) fn alike(&self) -> Vec<(usize, u64)> {
        let some = self.cells.iter().filter(|cell| cell.n > 0);
        some.map(|cell| (place(cell.first), cell.n)).collect()
    }

    /// The counts of each of `levels` levels, where `level` tells that of a row.
    pub(super) fn confusions(
        &self,
        levels: usize,
        level: impl Fn(usize) -> usize,
    ) -> Vec<Confusion> {
        let (frame, mut confusions) = (self.frame, vec![Confusion::default(); levels]);
        for cell in self.cells.iter().filter(|cell| cell.n > 0) {
            let row = place(cell.first);
            let counts = &mut confusions[level(row)];
            let counted = match (frame.y_true[row], frame.y_pred[row]) {
                (true, true) => &mut counts.tp,
                (false, true) => &mut counts.fp,
                (false, false) => &mut counts.tn,
                (true, false) => &mut counts.fn_,
            };
            *counted += cell.n;
        }
        confusions
    }
}

/// Brings rows of equal score into the order of their weights, so that no sum depends on the order
/// in which the rows came.
fn by_weight(scores: &[f64], rows: &mut [u32], weight: &[f64]) {
    let mut start = 0;
    for tied in scores.chunk_by(|a, b| a >= b) {
        let rows = &mut rows[start..start + tied.len()];
        rows.sort_unstable_by(|a, b| weight[place(*a)].total_cmp(&weight[place(*b)]));
        start += tied.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Seed, Split as Part};
    use crate::fairness::sorting::key;

    fn frame(scores: Vec<f64>, levels: usize) -> Frame {
        let mut draw = Seed::new(3).stream();
        let mut column = |name: &str| {
            let level = |_| Some(draw.below(levels).to_string());
            Groups::encode(name, &scores.iter().map(level).collect::<Vec<_>>())
        };
        let (a, b) = (column("a"), column("b"));
        let both = Groups::cross(&[&a, &b]);
        let y_true = scores.iter().map(|s| s.to_bits().is_multiple_of(3)).collect();
        let y_pred = scores.iter().map(|s| *s > 0.5).collect();
        let groups = vec![both, a, b];
        let score = Some(scores);
        Frame { split: Part::Test, y_true, y_pred, score, weight: None, groups }
    }

    fn check(frame: &Frame) {
        let ranking = Ranking::of(frame).unwrap();
        let scores = frame.score.as_ref().unwrap();
        let mut plain: Vec<f64> = scores.iter().map(|s| s + 0.0).collect();
        plain.sort_by(f64::total_cmp);
        let bits = |s: &[f64]| s.iter().map(|s| s.to_bits()).collect::<Vec<_>>();
        let found: Vec<f64> = ranking.iter().map(|row| row.0).collect();
        assert_eq!(bits(&found), bits(&plain));
        // Each level and class keeps its own scores.
        let examples: Vec<Option<usize>> = ranking.examples().collect();
        for groups in &frame.groups {
            let of = |row: usize| (groups.at(row), frame.y_true[row], frame.y_pred[row]);
            let mut own: Vec<_> = (0..scores.len()).map(|i| (of(i), key(scores[i]))).collect();
            let found = ranking.iter().map(|(s, cell)| (of(examples[cell].unwrap()), key(s)));
            let mut found: Vec<_> = found.collect();
            own.sort_unstable();
            found.sort_unstable();
            assert_eq!(own, found);
            let mut counts = vec![Confusion::default(); groups.n_levels()];
            for row in 0..scores.len() {
                counts[of(row).0.index()].add(of(row).1, of(row).2);
            }
            let level = |row: usize| groups.at(row).index();
            assert_eq!(ranking.confusions(groups.n_levels(), level), counts);
        }
    }

    #[test]
    fn scores_are_in_order_and_keep_their_cells() {
        let mut draw = Seed::new(7).stream();
        let n = 200_000;
        check(&frame((0..n).map(|_| draw.uniform()).collect(), 3));
        check(&frame((0..n).map(|_| (draw.uniform() * 10.0).floor() / 10.0).collect(), 5));
        check(&frame((0..n).map(|_| draw.normal() * 1e3).collect(), 2));
        check(&frame((0..n).map(|_| (40.0 * draw.normal()).exp()).collect(), 2));
        // Almost all in one part, far from the rest.
        let far = |i: usize| {
            if i == 7 {
                1e300
            } else {
                1.0 / (2.0 + crate::domain::to_f64(u64::try_from(i).unwrap()))
            }
        };
        check(&frame((0..n).map(far).collect(), 2));
    }

    #[test]
    fn few_rows_extremes_and_zeros() {
        check(&frame(vec![0.5], 1));
        check(&frame(vec![0.0, -0.0, 0.0, f64::MIN, f64::MAX, f64::MIN_POSITIVE, -1e-310], 2));
        check(&frame(vec![0.25; 5000], 3));
    }

    #[test]
    fn more_cells_than_rows_are_no_gain_and_no_harm() {
        let mut draw = Seed::new(9).stream();
        check(&frame((0..3000).map(|_| draw.uniform()).collect(), 60));
    }

    #[test]
    fn an_intersection_of_other_columns_than_its_names_say_is_noticed() {
        let mut draw = Seed::new(9).stream();
        let mut frame = frame((0..3000).map(|_| draw.uniform()).collect(), 2);
        let strange: Vec<Option<&str>> = (0..3000).map(|i| Some(["x", "y"][i % 2])).collect();
        let a = Groups::encode("a", &strange);
        frame.groups[0] = Groups::cross(&[&a, &Groups::encode("b", &strange)]);
        check(&frame);
    }
}
