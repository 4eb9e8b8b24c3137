//! The level of each row of a feature, in as few bytes as the number of levels allows.

use super::groups::GroupId;
use rayon::prelude::*;

/// Ids of up to so many levels take two bytes.
const NARROW: usize = 1 << 16;

/// `(n,)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum GroupIds {
    /// Of up to 65,536 levels.
    Narrow(Vec<u16>),
    /// Of more.
    Wide(Vec<u32>),
}

impl GroupIds {
    /// The ids of rows in one of `levels` levels.
    pub(super) fn new(levels: usize, of: impl Iterator<Item = usize>) -> Self {
        if levels <= NARROW {
            Self::Narrow(of.map(narrow).collect())
        } else {
            Self::Wide(of.map(wide).collect())
        }
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Narrow(of) => of.len(),
            Self::Wide(of) => of.len(),
        }
    }

    /// The level of one row.
    pub(super) fn at(&self, row: usize) -> GroupId {
        match self {
            Self::Narrow(of) => GroupId(u32::from(of[row])),
            Self::Wide(of) => GroupId(of[row]),
        }
    }

    /// The same for chosen rows.
    pub(super) fn select(&self, rows: &[usize]) -> Self {
        match self {
            Self::Narrow(of) => Self::Narrow(rows.iter().map(|row| of[*row]).collect()),
            Self::Wide(of) => Self::Wide(rows.iter().map(|row| of[*row]).collect()),
        }
    }

    /// The place in all pairs of a level of these and of one of `width` levels of others over the same
    /// rows, of `pairs` in all.
    pub(super) fn pairs(&self, others: &Self, width: usize, pairs: usize) -> Self {
        if let (Self::Narrow(a), Self::Narrow(b), true) = (self, others, pairs <= NARROW) {
            let width = u16::try_from(width).unwrap_or(u16::MAX);
            let pair = |(a, b): (&u16, &u16)| a * width + b;
            return Self::Narrow(a.par_iter().zip(b).map(pair).collect());
        }
        let pair = |row| self.at(row).index() * width + others.at(row).index();
        Self::new(pairs, (0..self.len()).map(pair))
    }
}

fn narrow(level: usize) -> u16 {
    u16::try_from(level).unwrap_or_else(|_| unreachable!("one of up to 2^16 levels"))
}

fn wide(level: usize) -> u32 {
    u32::try_from(level).unwrap_or_else(|_| unreachable!("fewer than 2^32 levels"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_as_wide_as_their_levels_ask_for() {
        let (few, many) = (NARROW, NARROW + 1);
        let of = |levels| GroupIds::new(levels, [0, 7, levels - 1].into_iter());
        assert!(matches!(of(few), GroupIds::Narrow(_)) && matches!(of(many), GroupIds::Wide(_)));
        for levels in [few, many] {
            let ids = of(levels);
            assert_eq!((ids.len(), ids.at(1).index(), ids.at(2).index()), (3, 7, levels - 1));
            assert_eq!(ids.select(&[2, 0]), GroupIds::new(levels, [levels - 1, 0].into_iter()));
        }
    }

    #[test]
    fn pairs_count_the_first_slowest() {
        for (a, b) in [(256, 256), (256, 257), (1, 65_536), (65_536, 1), (70_000, 2)] {
            let (left, right) = ([0, a - 1, a / 2], [b - 1, 0, b / 2]);
            let ids = |levels, of: [usize; 3]| GroupIds::new(levels, of.into_iter());
            let expected = std::array::from_fn(|row| left[row] * b + right[row]);
            assert_eq!(ids(a, left).pairs(&ids(b, right), b, a * b), ids(a * b, expected));
        }
    }
}
