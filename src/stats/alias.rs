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
            if let Some(cell) = self.cell(stream.bits()) {
                return cell;
            }
        }
    }

    /// The cell of 64 random bits, `None` for the few of which some cell would get one more.
    #[inline]
    fn cell(&self, random: u64) -> Option<usize> {
        let (column, rest) = (random & ((1 << self.bits) - 1), random >> self.bits);
        let wide = u128::from(rest) * u128::from(self.rows);
        let place = u64::try_from(wide >> (64 - self.bits)).unwrap_or(0);
        let over = wide & ((1 << (64 - self.bits)) - 1);
        let column = usize::try_from(column).unwrap_or(0);
        let (own, other) = self.columns[column];
        let cell = if place < own { column } else { other };
        (over >= u128::from(self.uneven)).then_some(cell)
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
            // What is left of the 2^64 / size bits when each row has got equally many.
            let all = (1_u128 << 64) / u128::from(size);
            assert_eq!(u128::from(alias.uneven), all % u128::from(alias.rows));
        }
    }

    #[test]
    fn every_place_has_equally_many_bits() {
        // Two columns of 3 places, 63 bits for a place, 2^63 = 3k + 2: the first bits of two places
        // are refused. A place begins where 3 · rest passes a multiple of 2^63.
        let alias = Alias::new(&[2, 1]);
        assert_eq!((alias.bits, alias.rows, alias.uneven), (1, 3, 2));
        assert_eq!(alias.columns, [(3, 0), (2, 0)]);
        let (own, third) = (|rest: u64| alias.cell(rest << 1 | 1), (1_u64 << 63) / 3);
        assert_eq!((own(0), own(1)), (None, Some(1)));
        assert_eq!((own(third), own(third + 1), own(third + 2)), (Some(1), None, Some(1)));
        // The last place begins on a multiple with just 2 over, which is even again.
        assert_eq!((own(2 * third + 1), own(2 * third + 2)), (Some(1), Some(0)));
        assert_eq!(own((1 << 63) - 1), Some(0));
        assert_eq!((alias.cell(2), alias.cell((1 << 63) - 2)), (Some(0), Some(0)));
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
