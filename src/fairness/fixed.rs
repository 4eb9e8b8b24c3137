//! Sums of many numbers in fixed point: integers, so that they depend neither on the order of the
//! rows nor on how the rows are split.

use crate::domain::to_f64;
use crate::stats::wide;

/// Steps from 0 to 1.
const ONE: f64 = 1_125_899_906_842_624.0;

/// More rows than this do not fit the sum of squares.
pub(super) const MOST_ROWS: usize = (1 << 28) - 1;

/// A number from 0 to 1 in steps of 2⁻⁵⁰.
#[inline]
pub(super) fn fixed(number: f64) -> u64 {
    // Beyond 2^52 the last bits of a number count its whole part.
    const WHOLE: f64 = 4_503_599_627_370_496.0;
    (number * ONE + WHOLE).to_bits() & ((1 << 52) - 1)
}

/// A sum of such steps as a number.
pub(super) fn number(total: u128) -> f64 {
    wide(total) / ONE
}

/// The sum of numbers from 0 to 1, and that of their squares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Sums {
    total: u128,
    squares: u128,
    /// What the total lacks, in 64ths of a step.
    rest: i64,
}

impl Sums {
    /// Adds one number in fixed point.
    #[inline]
    pub(super) fn add(&mut self, fixed: u64) {
        let wide = u128::from(fixed);
        self.total += wide;
        self.squares += wide * wide;
    }

    /// Adds one number that is known to 64ths of a step, too.
    #[inline]
    pub(super) fn add_fine(&mut self, fixed: u64, fine: u64) {
        self.rest += fine.wrapping_sub(fixed << 6).cast_signed();
        self.add(fixed);
    }

    /// The sums of two sets of numbers together.
    pub(super) fn plus(&self, other: &Self) -> Self {
        Self {
            total: self.total + other.total,
            squares: self.squares + other.squares,
            rest: self.rest + other.rest,
        }
    }

    /// The sum, in steps.
    pub(super) fn total(&self) -> u128 {
        self.total
    }

    /// The mean of `n > 0` numbers.
    pub(super) fn mean(&self, n: u64) -> f64 {
        number((self.total << 6).wrapping_add_signed(i128::from(self.rest))) / 64.0 / to_f64(n)
    }

    /// The mean squared distance of `n > 0` numbers from their mean; 0 where all are equal.
    pub(super) fn spread(&self, n: u64) -> f64 {
        // Around the mean's whole part, exactly: what overflows on the way comes back.
        let rows = u128::from(n);
        let (middle, rest) = (self.total / rows, self.total % rows);
        let twice = middle.wrapping_mul(self.total).wrapping_mul(2);
        let around = middle.wrapping_mul(middle).wrapping_mul(rows);
        let squares = self.squares.wrapping_sub(twice).wrapping_add(around);
        let rest = wide(rest);
        ((wide(squares) - rest * rest / to_f64(n)) / to_f64(n)).max(0.0) / (ONE * ONE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;

    #[test]
    fn mean_and_spread_are_those_of_the_numbers() {
        let mut draw = Seed::new(5).stream();
        for width in [1.0, 1e-3, 1e-9] {
            let numbers: Vec<f64> = (0..999).map(|_| 0.7 + 0.3 * width * draw.uniform()).collect();
            let mut sums = Sums::default();
            for x in &numbers {
                sums.add(fixed(*x));
            }
            let mean = crate::stats::sum(numbers.iter().copied()) / 999.0;
            let spread = crate::stats::sum(numbers.iter().map(|x| (x - mean).powi(2))) / 999.0;
            assert!((sums.mean(999) - mean).abs() < 1e-15);
            assert!((sums.spread(999) / spread - 1.0).abs() < 1e-5 * 1e-9 / width + 1e-9);
        }
    }

    #[test]
    fn equal_numbers_have_no_spread_and_the_ends_fit() {
        for x in [0.0, 0.1, 1.0] {
            let mut sums = Sums::default();
            (0..77).for_each(|_| sums.add(fixed(x)));
            assert!(sums.spread(77) <= 0.0 && (sums.mean(77) - x).abs() < 1e-15);
        }
        let most = u128::try_from(MOST_ROWS).unwrap();
        let square = u128::from(fixed(1.0)) * u128::from(fixed(1.0));
        assert!(square.checked_mul(most).is_some());
    }

    #[test]
    fn sums_of_parts_are_the_sum() {
        let numbers = [0.1, 0.25, 0.999, 1e-17, 0.5];
        let of = |part: &[f64]| {
            let mut sums = Sums::default();
            for x in part {
                sums.add(fixed(*x));
            }
            sums
        };
        assert_eq!(of(&numbers[..2]).plus(&of(&numbers[2..])), of(&numbers));
    }

    #[test]
    fn a_finer_part_of_a_step_counts_in_64ths() {
        // 3 + 5/64 and 2 − 7/64 steps.
        let (mut one, mut other) = (Sums::default(), Sums::default());
        one.add_fine(3, 3 * 64 + 5);
        other.add_fine(2, 2 * 64 - 7);
        let both = one.plus(&other);
        assert_eq!((one.total(), other.total(), both.total()), (3, 2, 5));
        let steps = |sums: &Sums, n| sums.mean(n) * ONE * 64.0;
        assert_eq!(
            [steps(&one, 1), steps(&other, 1)].map(f64::to_bits),
            [197.0_f64, 121.0].map(f64::to_bits)
        );
        assert_eq!(steps(&both, 2).to_bits(), 159.0_f64.to_bits());
        assert_eq!(steps(&both.plus(&one), 1).to_bits(), 515.0_f64.to_bits());
    }

    #[test]
    fn numbers_a_step_apart_have_the_spread_of_their_steps() {
        // 3 and 4 steps: mean 7/2, mean square of the distances 1/4.
        let mut sums = Sums::default();
        sums.add(3);
        sums.add(4);
        assert!((sums.spread(2) * ONE * ONE - 0.25).abs() < 1e-15);
    }
}
