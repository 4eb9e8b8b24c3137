//! Rows of the same groups, truth and decision are alike in all that is counted: one cell each.

use super::frame::Frame;
use super::ranking::CHUNK;
use crate::domain::{GroupIds, Groups};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Cells at most; their tables then fit the cache.
const CELLS: usize = 1 << 18;

/// No cell, no row.
const NONE: u32 = u32::MAX;

/// Rows of one cell: how many, and the first of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cell {
    /// Rows.
    pub(super) n: u64,
    /// The first of them.
    pub(super) first: u32,
}

/// A row or a cell as an index.
pub(super) fn place(id: u32) -> usize {
    usize::try_from(id).unwrap_or_else(|_| unreachable!("u32 fits usize on our targets"))
}

/// An index as a row or a cell.
pub(super) fn id(place: usize) -> u32 {
    u32::try_from(place).unwrap_or_else(|_| unreachable!("a frame has fewer than 2^32 rows"))
}

/// The cell of each row, and what each cell holds.
pub(super) fn cells(frame: &Frame) -> (Vec<u32>, Vec<Cell>) {
    let n = frame.y_true.len();
    let basis = basis(&frame.groups, n).filter(|_| frame.weight.is_none());
    if let Some((basis, size)) = basis {
        let of = crossed(frame, &basis);
        let cells = tallied(&of, size);
        let follows = |groups: &Groups| groups.follows_from(&basis);
        if frame.groups.iter().all(|groups| follows(groups) || determined(groups, &of, &cells)) {
            return (of, cells);
        }
    }
    let own = |row| Cell { n: 1, first: id(row) };
    ((0..n).map(id).collect(), (0..n).map(own).collect())
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
            match groups.column() {
                GroupIds::Narrow(levels) => count(of, &levels[rows.clone()], stride),
                GroupIds::Wide(levels) => count(of, &levels[rows.clone()], stride),
            }
            stride *= id(groups.n_levels());
        }
    });
    of
}

fn count<T: Copy + Into<u32>>(of: &mut [u32], levels: &[T], stride: u32) {
    for (cell, level) in of.iter_mut().zip(levels) {
        *cell += stride * (*level).into();
    }
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
    let n = groups.len();
    let of_first =
        |cell: &Cell| Some(place(cell.first)).filter(|row| *row < n).map(|row| groups.at(row));
    let levels: Vec<_> = cells.iter().map(of_first).collect();
    let same = |(row, cell): (usize, &u32)| levels[place(*cell)] == Some(groups.at(row));
    of.par_iter().enumerate().all(|(row, cell)| same((row, cell)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Split;

    /// Two columns of three and five levels and their intersection.
    fn frame(n: usize) -> Frame {
        let column = |name: &str, of: &dyn Fn(usize) -> usize| {
            Groups::encode(name, &(0..n).map(|row| Some(of(row).to_string())).collect::<Vec<_>>())
        };
        let (a, b) = (column("a", &|row| row % 3), column("b", &|row| row / 2 % 5));
        let groups = vec![Groups::cross(&[&a, &b]), a, b];
        // The last rows are the only ones of their decision.
        let y_pred = (0..n).map(|row| row + 30 >= n).collect();
        let y_true = (0..n).map(|row| row % 7 == 0).collect();
        Frame { split: Split::Test, y_true, y_pred, score: None, weight: None, groups }
    }

    fn check(frame: &Frame) {
        let (of, found) = cells(frame);
        assert_eq!(of.len(), frame.y_true.len());
        let mut plain = vec![Cell { n: 0, first: NONE }; 4 * 3 * 5];
        for (row, found) in of.iter().enumerate() {
            let level = |at: usize| frame.groups[at].at(row).index();
            let answers = 2 * usize::from(frame.y_true[row]) + usize::from(frame.y_pred[row]);
            let cell = answers + 4 * (level(1) + 3 * level(2));
            assert_eq!(*found, id(cell));
            plain[cell] = Cell { n: plain[cell].n + 1, first: plain[cell].first.min(id(row)) };
        }
        assert_eq!(found, plain);
    }

    #[test]
    fn cells_are_numbered_by_truth_decision_and_the_columns_that_span_the_rest() {
        check(&frame(200));
        check(&frame(60));
        check(&frame(CHUNK + 2000));
    }

    #[test]
    fn more_cells_than_rows_and_weights_leave_each_row_alone() {
        let alone = |frame: &Frame| {
            let own = |row| Cell { n: 1, first: row };
            let rows = 0..id(frame.y_true.len());
            assert_eq!(cells(frame), (rows.clone().collect(), rows.map(own).collect()));
        };
        alone(&frame(59));
        alone(&Frame { weight: Some(vec![1.0; 200]), ..frame(200) });
    }

    #[test]
    fn a_grouping_is_determined_where_each_cell_lies_in_one_level() {
        let levels = ["a", "b", "a", "b"].map(Some);
        let groups = Groups::encode("g", &levels);
        let is = |of: [u32; 4]| determined(&groups, &of, &tallied(&of, 3));
        assert!(is([0, 1, 0, 1]) && is([0, 2, 0, 2]) && is([2, 0, 1, 0]));
        assert!(!is([0, 0, 0, 1]) && !is([1, 0, 2, 1]));
    }
}
