//! Sums that lose no small addend and do not depend on how the rows are grouped into threads.

/// A compensated sum that grows: the rounding errors of all additions are collected and added at the
/// end, so that it is as good as one computed in twice the precision. Every value must be finite.
///
/// Source: Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen",
/// ZAMM 54.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Running {
    total: f64,
    lost: f64,
}

impl Running {
    /// Adds one value.
    pub(crate) fn add(&mut self, value: f64) {
        let next = self.total + value;
        self.lost += if self.total.abs() >= value.abs() {
            (self.total - next) + value
        } else {
            (value - next) + self.total
        };
        self.total = next;
    }

    /// The sum so far; 0 for no value.
    pub(crate) fn total(&self) -> f64 {
        self.total + self.lost
    }
}

/// The compensated sum of `values` in the given order; 0 for no value. Every value must be finite.
pub fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut running = Running::default();
    values.into_iter().for_each(|value| running.add(value));
    running.total()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_addends_survive_between_large_ones() {
        // 1 + 1e100 + 1 − 1e100 = 2; a plain sum gives 0.
        assert!((sum([1.0, 1e100, 1.0, -1e100]) - 2.0).abs() < 1e-15);
    }

    #[test]
    fn ten_tenths_are_one_and_nothing_is_zero() {
        assert!((sum([0.1; 10]) - 1.0).abs() < f64::EPSILON);
        assert!(sum([]).abs() < f64::MIN_POSITIVE);
    }
}
