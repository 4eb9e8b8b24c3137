//! Counts of a binary decision against the truth, and how counts become rates.

use super::value::{Undefined, Value};
use serde::{Deserialize, Serialize};

/// Widens a count. Exact up to 2^53.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "the one place where a count becomes a float; tables stay far below 2^53 rows"
)]
#[must_use]
pub fn to_f64(count: u64) -> f64 {
    count as f64
}

/// `part / whole`, or `undefined` when `whole` is 0. Range 0 to 1.
///
/// # Errors
/// Returns `undefined` when the denominator is zero.
pub fn rate(part: u64, whole: u64, undefined: Undefined) -> Value {
    if whole == 0 { Err(undefined) } else { Ok(to_f64(part) / to_f64(whole)) }
}

/// `numerator / denominator` of two defined numbers, or `ZeroDenominator`.
///
/// # Errors
/// Returns [`Undefined::ZeroDenominator`] when the denominator is zero or the result not finite.
pub fn ratio_of(numerator: f64, denominator: f64) -> Value {
    let ratio = numerator / denominator;
    if denominator.abs() > 0.0 && ratio.is_finite() {
        Ok(ratio)
    } else {
        Err(Undefined::ZeroDenominator)
    }
}

/// One of the four outcomes of a binary decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quadrant {
    /// An actual positive predicted positive.
    Tp,
    /// An actual negative predicted positive.
    Fp,
    /// An actual negative predicted negative.
    Tn,
    /// An actual positive predicted negative.
    Fn,
}

impl Quadrant {
    /// The outcome of one row.
    #[must_use]
    pub fn of(y_true: bool, y_pred: bool) -> Self {
        match (y_true, y_pred) {
            (true, true) => Self::Tp,
            (false, true) => Self::Fp,
            (false, false) => Self::Tn,
            (true, false) => Self::Fn,
        }
    }
}

/// The 2×2 counts, by name and never by matrix index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Confusion {
    /// Actual positives predicted positive.
    pub tp: u64,
    /// Actual negatives predicted positive.
    pub fp: u64,
    /// Actual negatives predicted negative.
    pub tn: u64,
    /// Actual positives predicted negative.
    #[serde(rename = "fn")]
    pub fn_: u64,
}

impl Confusion {
    /// Counts pairs of (truth, decision).
    pub fn count(pairs: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut c = Self::default();
        for (y_true, y_pred) in pairs {
            c.add(y_true, y_pred);
        }
        c
    }

    /// Adds one row.
    pub fn add(&mut self, y_true: bool, y_pred: bool) {
        let cell = match Quadrant::of(y_true, y_pred) {
            Quadrant::Tp => &mut self.tp,
            Quadrant::Fp => &mut self.fp,
            Quadrant::Tn => &mut self.tn,
            Quadrant::Fn => &mut self.fn_,
        };
        *cell += 1;
    }

    /// Rows of some of the four outcomes.
    #[must_use]
    pub fn over(&self, quadrants: &[Quadrant]) -> u64 {
        let rows = |quadrant: &Quadrant| match quadrant {
            Quadrant::Tp => self.tp,
            Quadrant::Fp => self.fp,
            Quadrant::Tn => self.tn,
            Quadrant::Fn => self.fn_,
        };
        quadrants.iter().map(rows).sum()
    }

    /// The counts of two sets of rows together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            tp: self.tp + other.tp,
            fp: self.fp + other.fp,
            tn: self.tn + other.tn,
            fn_: self.fn_ + other.fn_,
        }
    }

    /// All rows.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.tp + self.fp + self.tn + self.fn_
    }

    /// Actual positives, `TP + FN`.
    #[must_use]
    pub fn positives(&self) -> u64 {
        self.tp + self.fn_
    }

    /// Actual negatives, `FP + TN`.
    #[must_use]
    pub fn negatives(&self) -> u64 {
        self.fp + self.tn
    }

    /// Predicted positives, `TP + FP`.
    #[must_use]
    pub fn selected(&self) -> u64 {
        self.tp + self.fp
    }
}

/// The 2×2 sums of weights, or of any other number per row; of weight 1 they are the counts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Masses {
    /// Actual positives predicted positive.
    pub tp: f64,
    /// Actual negatives predicted positive.
    pub fp: f64,
    /// Actual negatives predicted negative.
    pub tn: f64,
    /// Actual positives predicted negative.
    pub fn_: f64,
}

impl From<Confusion> for Masses {
    fn from(c: Confusion) -> Self {
        Self { tp: to_f64(c.tp), fp: to_f64(c.fp), tn: to_f64(c.tn), fn_: to_f64(c.fn_) }
    }
}

impl Masses {
    /// The sum over some of the four outcomes.
    #[must_use]
    pub fn over(&self, quadrants: &[Quadrant]) -> f64 {
        let mass = |quadrant: &Quadrant| match quadrant {
            Quadrant::Tp => self.tp,
            Quadrant::Fp => self.fp,
            Quadrant::Tn => self.tn,
            Quadrant::Fn => self.fn_,
        };
        quadrants.iter().map(mass).sum()
    }

    /// The sum over all rows.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.tp + self.fp + self.tn + self.fn_
    }

    /// The sums of two sets of rows together.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        Self {
            tp: self.tp + other.tp,
            fp: self.fp + other.fp,
            tn: self.tn + other.tn,
            fn_: self.fn_ + other.fn_,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_each_of_the_four_cells() {
        let c = Confusion::count([(true, true), (false, true), (false, false), (true, false)]);
        assert_eq!(c, Confusion { tp: 1, fp: 1, tn: 1, fn_: 1 });
        assert_eq!((c.n(), c.positives(), c.negatives(), c.selected()), (4, 2, 2, 2));
    }

    #[test]
    fn outcomes_are_summed_by_name() {
        let c = Confusion { tp: 1, fp: 2, tn: 4, fn_: 8 };
        assert_eq!((c.over(&[Quadrant::Tp, Quadrant::Fn]), c.plus(&c).fp), (9, 4));
        let m = Masses::from(c);
        assert!((m.over(&[Quadrant::Fp, Quadrant::Tn]) - 6.0).abs() < 1e-15);
        assert!((m.plus(&m).total() - 30.0).abs() < 1e-15);
    }

    #[test]
    fn zero_over_zero_is_undefined_and_never_zero() {
        assert_eq!(rate(0, 0, Undefined::NoPositives), Err(Undefined::NoPositives));
        assert_eq!(ratio_of(1.0, 0.0), Err(Undefined::ZeroDenominator));
        assert_eq!(ratio_of(0.0, 0.0), Err(Undefined::ZeroDenominator));
    }
}
