//! Exact nearest neighbours of every row, by brute force over all pairs.

use rayon::prelude::*;

/// A table of numbers, `(n, d)`, one row after the other.
#[derive(Debug, Clone, PartialEq)]
pub struct Features {
    values: Vec<f64>,
    n: usize,
    d: usize,
}

/// Why columns are no table of features.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FeaturesError {
    /// There is nothing to compare rows by.
    #[error("there is no feature column")]
    NoColumn,
    /// A column has another length than the first.
    #[error("feature `{column}` has {rows} rows, the first has {expected}")]
    Ragged {
        /// The column.
        column: String,
        /// Its rows.
        rows: usize,
        /// Rows of the first column.
        expected: usize,
    },
    /// The table describes other rows than the predictions.
    #[error("the features have {rows} rows, the predictions {expected}")]
    OtherRows {
        /// Rows of the features.
        rows: usize,
        /// Rows of the predictions.
        expected: usize,
    },
    /// A cell is not a finite number.
    #[error("feature `{column}` is not a finite number in row {row}")]
    NotFinite {
        /// The column.
        column: String,
        /// Row, from 1.
        row: usize,
    },
}

impl Features {
    /// The table of these columns; every value must be finite.
    ///
    /// # Errors
    /// Names the first column that does not fit.
    pub fn new(columns: &[(String, Vec<f64>)]) -> Result<Self, FeaturesError> {
        let Some((_, first)) = columns.first() else { return Err(FeaturesError::NoColumn) };
        let (n, d) = (first.len(), columns.len());
        let mut values = vec![0.0; n * d];
        for (at, (column, cells)) in columns.iter().enumerate() {
            if cells.len() != n {
                let (column, rows) = (column.clone(), cells.len());
                return Err(FeaturesError::Ragged { column, rows, expected: n });
            }
            for (row, cell) in cells.iter().enumerate() {
                if !cell.is_finite() {
                    let (column, row) = (column.clone(), row + 1);
                    return Err(FeaturesError::NotFinite { column, row });
                }
                values[row * d + at] = *cell;
            }
        }
        Ok(Self { values, n, d })
    }

    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.n
    }

    /// Number of columns.
    #[must_use]
    pub fn columns(&self) -> usize {
        self.d
    }

    /// The same rows with one more column.
    ///
    /// # Panics
    /// Panics when the column has another length: a bug of the caller.
    #[must_use]
    pub fn with(&self, column: &[f64]) -> Self {
        assert_eq!(column.len(), self.n, "the column describes the same rows");
        let rows = self.values.chunks_exact(self.d).zip(column);
        let values = rows.flat_map(|(row, cell)| row.iter().copied().chain([*cell])).collect();
        Self { values, n: self.n, d: self.d + 1 }
    }

    fn row(&self, row: usize) -> &[f64] {
        &self.values[row * self.d..(row + 1) * self.d]
    }

    /// The neighbours of every row, `(n,)`, the same for any number of threads.
    #[must_use]
    pub fn neighbours(&self, k: usize, own: OwnRow) -> Vec<Neighbours> {
        (0..self.n).into_par_iter().map(|row| self.of(row, k, own)).collect()
    }

    /// The `k` nearest rows to `row` by Euclidean distance; of equally near ones the earlier row.
    fn of(&self, row: usize, k: usize, own: OwnRow) -> Neighbours {
        let others = if own == OwnRow::Included { k.saturating_sub(1) } else { k };
        let (here, mut next) = (self.row(row), f64::INFINITY);
        let mut best: Vec<(f64, usize)> = Vec::with_capacity(others + 1);
        for other in (0..self.n).filter(|other| *other != row) {
            let square = square_distance(here, self.row(other));
            let full = best.len() == others;
            if full && best.last().is_none_or(|last| square >= last.0) {
                next = next.min(square);
                continue;
            }
            let at = best.partition_point(|near| near.0 <= square);
            best.insert(at, (square, other));
            if full {
                next = next.min(best.pop().map_or(f64::INFINITY, |last| last.0));
            }
        }
        let tie = best.last().is_some_and(|last| last.0 >= next);
        let mut rows: Vec<usize> = best.into_iter().map(|(_, other)| other).collect();
        if own == OwnRow::Included && k > 0 {
            rows.insert(0, row);
        }
        Neighbours { rows, tie }
    }
}

/// Whether a row is a neighbour of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnRow {
    /// Yes, always the first of the `k`.
    Included,
    /// No.
    Excluded,
}

/// The nearest rows to one row, nearest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Neighbours {
    /// Positions of the rows.
    pub rows: Vec<usize>,
    /// Whether a row that was left out is as near as the last one taken.
    pub tie: bool,
}

/// Sum of squared differences, in eight interleaved sums that are added in a fixed order.
fn square_distance(a: &[f64], b: &[f64]) -> f64 {
    const LANES: usize = 8;
    let mut lanes = [0.0; LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let rest = a_lanes.remainder().iter().zip(b_lanes.remainder());
    let rest: f64 = rest.map(|(x, y)| (x - y) * (x - y)).sum();
    for (x, y) in a_lanes.zip(b_lanes) {
        for lane in 0..LANES {
            let difference = x[lane] - y[lane];
            lanes[lane] += difference * difference;
        }
    }
    lanes.iter().sum::<f64>() + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;

    fn line(values: &[f64]) -> Features {
        Features::new(&[("x".to_owned(), values.to_vec())]).unwrap()
    }

    #[test]
    fn the_nearest_on_a_line_with_ties_by_row() {
        // Of 0: 1 and −1 are equally near; the earlier row is taken and the tie is told.
        let some = line(&[0.0, 1.0, -1.0, 5.0]);
        let found = some.neighbours(1, OwnRow::Excluded);
        assert_eq!(found[0], Neighbours { rows: vec![1], tie: true });
        assert_eq!(found[3], Neighbours { rows: vec![1], tie: false });
        let found = some.neighbours(2, OwnRow::Included);
        assert_eq!(found[0], Neighbours { rows: vec![0, 1], tie: true });
        assert_eq!(some.neighbours(2, OwnRow::Excluded)[0].rows, [1, 2]);
        // None is none, even of the own row.
        for own in [OwnRow::Included, OwnRow::Excluded] {
            assert!(some.neighbours(0, own)[0].rows.is_empty());
        }
    }

    #[test]
    fn own_row_alone_and_copies_of_it() {
        let same = line(&[2.0, 2.0, 2.0]);
        assert_eq!(same.neighbours(1, OwnRow::Included)[1].rows, [1]);
        assert_eq!(
            same.neighbours(2, OwnRow::Included)[1],
            Neighbours { rows: vec![1, 0], tie: true }
        );
    }

    #[test]
    fn agrees_with_sorting_all_distances() {
        let mut draw = Seed::new(5).stream();
        let columns: Vec<(String, Vec<f64>)> =
            (0..19).map(|i| (i.to_string(), (0..60).map(|_| draw.uniform()).collect())).collect();
        let features = Features::new(&columns).unwrap();
        for (row, found) in features.neighbours(4, OwnRow::Excluded).into_iter().enumerate() {
            let distance = |other: usize| -> f64 {
                columns.iter().map(|(_, cells)| (cells[row] - cells[other]).powi(2)).sum()
            };
            let mut all: Vec<usize> = (0..60).filter(|other| *other != row).collect();
            all.sort_by(|a, b| distance(*a).total_cmp(&distance(*b)));
            assert_eq!(found.rows, all[..4]);
        }
    }

    #[test]
    fn one_more_column_is_the_same_as_a_table_with_it() {
        let (a, b) = (("a".to_owned(), vec![1.0, 2.0]), ("b".to_owned(), vec![3.0, 4.0]));
        let both = Features::new(&[a.clone(), b]).unwrap();
        assert_eq!(Features::new(&[a]).unwrap().with(&[3.0, 4.0]), both);
        assert_eq!((both.rows(), both.columns()), (2, 2));
    }

    #[test]
    fn bad_columns_are_named() {
        assert_eq!(Features::new(&[]), Err(FeaturesError::NoColumn));
        let column = |name: &str, cells: &[f64]| (name.to_owned(), cells.to_vec());
        let ragged = Features::new(&[column("a", &[1.0]), column("b", &[])]);
        assert!(ragged.unwrap_err().to_string().contains("`b` has 0 rows, the first has 1"));
        let missing = Features::new(&[column("a", &[1.0, f64::NAN])]);
        assert!(missing.unwrap_err().to_string().contains("in row 2"));
    }
}
