//! Draws of a cell in proportion to its rows, in the same few steps however many rows there are.

use crate::domain::Stream;

/// Columns of equal width, each of which belongs to at most two cells.
///
/// All numbers are integers, so every cell is drawn with exactly its share of the rows.
/// Source: Walker 1977, ACM Transactions on Mathematical Software 3, 253–256; Vose 1991, IEEE
/// Transactions on Software Engineering 17, 972–975.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alias {
    /// Below `0`, the column's own cell; else cell `1`.
    columns: Vec<(u64, usize)>,
    /// Bits that choose the column.
    bits: u32,
    /// Rows of all cells: the width of a column.
    rows: u64,
    /// Where the rest of the bits is not spread evenly.
    uneven: u64,
}

impl Alias {
    /// Of cells with fewer than 2^32 rows in all, and at least one.
    pub(super) fn new(cells: &[u64]) -> Self {
        let rows: u64 = cells.iter().sum();
        let bits = cells.len().next_power_of_two().ilog2().max(1);
        let size = 1_usize << bits;
        let mut left: Vec<u64> = cells.iter().map(|rows| rows << bits).collect();
        left.resize(size, 0);
        let mut columns: Vec<(u64, usize)> = (0..size).map(|cell| (rows, cell)).collect();
        let (mut small, mut large): (Vec<usize>, Vec<usize>) =
            (0..size).partition(|cell| left[*cell] < rows);
        while let (Some(cell), Some(&giver)) = (small.pop(), large.last()) {
            columns[cell] = (left[cell], giver);
            left[giver] -= rows - left[cell];
            if left[giver] < rows {
                large.pop();
                small.push(giver);
            }
        }
        Self { columns, bits, rows, uneven: (1 << (64 - bits)) % rows }
    }

    /// A cell.
    #[inline]
    pub(super) fn draw(&self, stream: &mut Stream) -> usize {
        loop {
            let random = stream.bits();
            let (column, rest) = (random & ((1 << self.bits) - 1), random >> self.bits);
            let wide = u128::from(rest) * u128::from(self.rows);
            let place = u64::try_from(wide >> (64 - self.bits)).unwrap_or(0);
            let over = wide & ((1 << (64 - self.bits)) - 1);
            if over >= u128::from(self.uneven) {
                let column = usize::try_from(column).unwrap_or(0);
                let (own, other) = self.columns[column];
                return if place < own { column } else { other };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Seed, to_f64};

    /// Width of each cell over all columns.
    fn widths(alias: &Alias, cells: usize) -> Vec<u64> {
        let mut widths = vec![0; alias.columns.len()];
        for (column, (own, other)) in alias.columns.iter().enumerate() {
            widths[column] += own;
            widths[*other] += alias.rows - own;
        }
        assert!(widths[cells..].iter().all(|width| *width == 0));
        widths.truncate(cells);
        widths
    }

    #[test]
    fn every_cell_has_exactly_its_share() {
        let mut draw = Seed::new(3).stream();
        for n in [2, 3, 7, 64, 1000] {
            let mut cells: Vec<u64> =
                (0..n).map(|_| u64::try_from(draw.below(50)).unwrap()).collect();
            cells[0] += 1;
            let alias = Alias::new(&cells);
            let size = u64::try_from(alias.columns.len()).unwrap();
            let expected: Vec<u64> = cells.iter().map(|rows| rows * size).collect();
            assert_eq!(widths(&alias, n), expected);
        }
    }

    #[test]
    fn draws_come_in_proportion() {
        let (cells, mut stream) = ([30_u64, 0, 50, 20], Seed::new(4).stream());
        let alias = Alias::new(&cells);
        let mut drawn = [0_u64; 4];
        (0..40_000).for_each(|_| drawn[alias.draw(&mut stream)] += 1);
        // Standard error at most √(40,000 / 4) = 100.
        for (found, cell) in drawn.into_iter().zip(cells) {
            assert!((to_f64(found) - 400.0 * to_f64(cell)).abs() < 450.0, "{drawn:?}");
        }
        assert_eq!(drawn[1], 0);
    }
}
