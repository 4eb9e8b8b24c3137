//! The rows in ascending order of their score, sorted once and used by every grouping.
//!
//! Rows of the same groups, truth and decision are alike in all that is counted, so each carries
//! the number of its cell and not its own, and a grouping reads the order from front to back. Where
//! there are too many cells, or weights, every row is a cell of its own.

use super::frame::Frame;
use super::sorting::sorted;
use crate::domain::{Confusion, GroupId, Groups};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Rows that one task goes through.
pub(super) const CHUNK: usize = 1 << 16;

/// Cells at most; their tables then fit the cache.
const CELLS: usize = 1 << 18;

/// No cell, no row.
const NONE: u32 = u32::MAX;

/// Rows of one cell: how many, and the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Cell {
    n: u64,
    first: u32,
}

/// The order of the rows by score.
#[derive(Debug)]
pub(super) struct Ranking {
    /// Scores in ascending order, −0 as 0, `(n,)`.
    scores: Vec<f64>,
    /// The cell of each, `(n,)`.
    of: Vec<u32>,
    /// `(cells,)`.
    cells: Vec<Cell>,
}

impl Ranking {
    /// The ranking of a frame, where it has scores.
    pub(super) fn of(frame: &Frame) -> Option<Self> {
        let scores = frame.score.as_ref()?;
        let (of, cells) = cells(frame);
        let (scores, mut of) = sorted(scores, &of);
        if let Some(weight) = &frame.weight {
            by_weight(&scores, &mut of, weight);
        }
        Some(Self { scores, of, cells })
    }

    /// Scores in ascending order, each with its cell.
    pub(super) fn iter(&self) -> impl Iterator<Item = (f64, usize)> {
        self.scores.iter().zip(&self.of).map(|(score, cell)| (*score, place(*cell)))
    }

    /// One row of each cell, which stands for all of them; none for a cell without rows.
    pub(super) fn examples(&self) -> impl Iterator<Item = Option<usize>> {
        self.cells.iter().map(|cell| (cell.n > 0).then(|| place(cell.first)))
    }

    /// The counts of each of `levels` levels, where `level` tells that of a row.
    pub(super) fn confusions(
        &self,
        frame: &Frame,
        levels: usize,
        level: impl Fn(usize) -> usize,
    ) -> Vec<Confusion> {
        let mut confusions = vec![Confusion::default(); levels];
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

fn place(id: u32) -> usize {
    usize::try_from(id).unwrap_or_else(|_| unreachable!("u32 fits usize on our targets"))
}

fn id(place: usize) -> u32 {
    u32::try_from(place).unwrap_or_else(|_| unreachable!("a frame has fewer than 2^32 rows"))
}

/// The cell of each row, and what each cell holds.
fn cells(frame: &Frame) -> (Vec<u32>, Vec<Cell>) {
    let n = frame.y_true.len();
    let basis = basis(&frame.groups, n).filter(|_| frame.weight.is_none());
    if let Some((basis, size)) = basis {
        let of = crossed(frame, &basis);
        let cells = tallied(&of, size);
        if frame.groups.iter().all(|groups| determined(groups, &of, &cells)) {
            return (of, cells);
        }
    }
    let own = |row| Cell { n: 1, first: id(row) };
    ((0..n).map(id).collect(), (0..n).map(own).collect())
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

/// The groupings that span the others, and the number of cells; `None` where these are too many to
/// be worth it.
fn basis(groups: &[Groups], n: usize) -> Option<(Vec<&Groups>, usize)> {
    let mut order: Vec<&Groups> = groups.iter().collect();
    order.sort_by_key(|groups| groups.features().len());
    let (mut known, mut basis, mut size) = (BTreeSet::new(), Vec::new(), 4_usize);
    for groups in order {
        let before = known.len();
        known.extend(groups.features());
        if known.len() > before {
            size = size.checked_mul(groups.n_levels())?;
            basis.push(groups);
        }
    }
    (size <= CELLS.min(n)).then_some((basis, size))
}

/// Truth and decision fastest, the last grouping slowest.
fn crossed(frame: &Frame, basis: &[&Groups]) -> Vec<u32> {
    let mut of = vec![0; frame.y_true.len()];
    of.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, of)| {
        let rows = chunk * CHUNK..chunk * CHUNK + of.len();
        let answers = frame.y_true[rows.clone()].iter().zip(&frame.y_pred[rows.clone()]);
        for (cell, (y_true, y_pred)) in of.iter_mut().zip(answers) {
            *cell = 2 * u32::from(*y_true) + u32::from(*y_pred);
        }
        let mut stride = 4;
        for groups in basis {
            for (cell, level) in of.iter_mut().zip(&groups.of()[rows.clone()]) {
                *cell += stride * level.0;
            }
            stride *= id(groups.n_levels());
        }
    });
    of
}

fn tallied(of: &[u32], size: usize) -> Vec<Cell> {
    let empty = || vec![Cell { n: 0, first: NONE }; size];
    let chunk = (of.len() / rayon::current_num_threads()).max(CHUNK);
    let tally = |(at, part): (usize, &[u32])| {
        let mut cells = empty();
        for (i, cell) in part.iter().enumerate() {
            let cell = &mut cells[place(*cell)];
            if cell.n == 0 {
                cell.first = id(at * chunk + i);
            }
            cell.n += 1;
        }
        cells
    };
    let both = |a: Cell, b: Cell| Cell { n: a.n + b.n, first: a.first.min(b.first) };
    let join = |a: Vec<Cell>, b: Vec<Cell>| a.into_iter().zip(b).map(|(a, b)| both(a, b)).collect();
    of.par_chunks(chunk).enumerate().map(tally).reduce(empty, join)
}

/// Whether all rows of a cell are in the same level, as the names of the features promise.
fn determined(groups: &Groups, of: &[u32], cells: &[Cell]) -> bool {
    let of_first = |cell: &Cell| groups.of().get(place(cell.first)).copied();
    let levels: Vec<_> = cells.iter().map(of_first).collect();
    let same = |(of, found): (&[u32], &[GroupId])| {
        of.iter().zip(found).all(|(cell, level)| levels[place(*cell)] == Some(*level))
    };
    of.par_chunks(CHUNK).zip(groups.of().par_chunks(CHUNK)).all(same)
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
        assert_eq!(bits(&ranking.scores), bits(&plain));
        // Each level and class keeps its own scores.
        let examples: Vec<Option<usize>> = ranking.examples().collect();
        for groups in &frame.groups {
            let of = |row: usize| (groups.of()[row], frame.y_true[row], frame.y_pred[row]);
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
            let level = |row: usize| groups.of()[row].index();
            assert_eq!(ranking.confusions(frame, groups.n_levels(), level), counts);
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
