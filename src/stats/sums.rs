//! Sums that lose no small addend and do not depend on how the rows are grouped into threads.

/// The compensated sum of `values` in the given order; 0 for no value.
///
/// The rounding errors of all additions are collected and added at the end, so that the result is
/// as good as one computed in twice the precision. Every value must be finite.
///
/// Source: Neumaier 1974, "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen",
/// ZAMM 54.
pub fn sum(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0_f64, 0.0_f64);
    for value in values {
        let next = total + value;
        lost += if total.abs() >= value.abs() {
            (total - next) + value
        } else {
            (value - next) + total
        };
        total = next;
    }
    total + lost
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
