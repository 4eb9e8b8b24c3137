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

    /// Few scores in cells of which some, the first among them, have no row.
    fn coarse(n: usize) -> Frame {
        let mut draw = Seed::new(5).stream();
        let scores: Vec<f64> = (0..n).map(|_| (draw.uniform() * 8.0).floor() / 8.0).collect();
        let mut frame = frame(scores, 3);
        let (a, b) = (frame.groups[1].clone(), frame.groups[2].clone());
        for row in 0..n {
            frame.y_true[row] = draw.below(2) == 0;
            let first = a.at(row).index() + b.at(row).index() == 0;
            frame.y_pred[row] |= first && !frame.y_true[row];
        }
        frame
    }

    #[test]
    fn one_pass_finds_the_classes_and_the_steps_of_every_level() {
        let frame = coarse(600);
        let ranking = Ranking::of(&frame).unwrap();
        let scores = frame.score.as_ref().unwrap();
        let whole = Groups::encode("all", &vec![Some("all"); 600]);
        for groups in frame.groups.iter().map(Some).chain([None]) {
            let of = groups.unwrap_or(&whole);
            let summaries = ranking.summaries(groups).unwrap();
            let by_step = ranking.by_step(groups).unwrap();
            assert_eq!(by_step.len(), summaries.len());
            for (level, (summary, steps)) in summaries.iter().zip(&by_step).enumerate() {
                let class = |truth: bool| -> Vec<f64> {
                    let is =
                        |row: &usize| of.at(*row).index() == level && frame.y_true[*row] == truth;
                    let mut own: Vec<f64> = (0..600).filter(is).map(|row| scores[row]).collect();
                    own.sort_by(f64::total_cmp);
                    own
                };
                let classes = [class(false), class(true)];
                let placed = crate::stats::Placements::of(&classes[1], &classes[0]);
                assert_eq!(summary.curve.placements(), placed);
                for (at, class) in classes.iter().enumerate() {
                    assert_eq!(summary.classes[at].n, u64::try_from(class.len()).unwrap());
                    let rows = |step: u32| {
                        let score = f64::from(step) / 8.0;
                        u64::try_from(
                            class.iter().filter(|s| s.to_bits() == score.to_bits()).count(),
                        )
                        .unwrap()
                    };
                    let found: Vec<u64> = steps.iter().map(|counts| counts[at]).collect();
                    assert_eq!(found, (0..8).map(rows).collect::<Vec<_>>());
                }
            }
        }
    }

    #[test]
    fn rows_that_are_alike_are_named_once() {
        let frame = coarse(600);
        let ranking = Ranking::of(&frame).unwrap();
        let of = |row: usize| (frame.groups[0].at(row), frame.y_true[row], frame.y_pred[row]);
        let mut plain = std::collections::BTreeMap::new();
        (0..600).for_each(|row| plain.entry(of(row)).or_insert((row, 0)).1 += 1);
        let mut found = ranking.alike();
        found.sort_unstable();
        let mut plain: Vec<(usize, u64)> = plain.into_values().collect();
        plain.sort_unstable();
        assert_eq!(found, plain);
        assert!(ranking.steps().1.iter().flatten().all(|row| *row < 600));
        let cells = ranking.examples().flatten().count();
        assert_eq!((cells, ranking.steps().1.iter().flatten().count()), (plain.len(), 18));
    }

    #[test]
    fn one_pass_is_for_chances_of_few_cells() {
        let passes = |frame: &Frame| Ranking::of(frame).unwrap().pass.is_some();
        assert!(passes(&coarse(600)));
        assert!(!passes(&coarse(20)));
        let mut frame = coarse(600);
        frame.score.as_mut().unwrap()[0] = 1.5;
        assert!(!passes(&frame));
        // 600 levels have 2,400 cells.
        let level = |row: usize| Some((row % 600).to_string());
        let groups = Groups::encode("a", &(0..3000).map(level).collect::<Vec<_>>());
        assert!(passes(&Frame { groups: vec![groups], ..coarse(3000) }));
    }

    #[test]
    fn rows_of_equal_score_come_in_the_order_of_their_weights() {
        let mut rows = [4, 2, 0, 3, 1, 5];
        let weight = [3.0, 9.0, 5.0, 1.0, 8.0, 2.0];
        by_weight(&[0.1, 0.2, 0.2, 0.2, 0.7, 0.7], &mut rows, &weight);
        assert_eq!(rows, [4, 3, 0, 2, 5, 1]);
    }
}
