//! The interval of a median from the order of the values alone.

use crate::domain::{Interval, to_f64};

/// The interval of the median of ascending `values`, method `order_statistics`: it covers at least
/// `level` whatever the distribution. `None` where too few values are there, 6 at a level of 0.95.
///
/// From the `r`-th value to the `r`-th from the end, `r` the largest with `P(B < r) ≤ (1 − level)/2`,
/// `B` binomial with `n` trials of chance ½.
/// Source: Thompson 1936, Annals of Mathematical Statistics 7, 122–128.
pub(crate) fn median_interval(values: &[f64], level: f64) -> Option<Interval> {
    let n = u64::try_from(values.len()).ok()?;
    let (mut below, mut rank) = (0.0_f64, 0_u64);
    // The logarithm of the chance of exactly `rank` trials.
    let mut chance = -to_f64(n) * std::f64::consts::LN_2;
    while rank < n {
        below += chance.exp();
        if below > (1.0 - level) / 2.0 {
            break;
        }
        chance += (to_f64(n - rank) / to_f64(rank + 1)).ln();
        rank += 1;
    }
    let at = usize::try_from(rank.checked_sub(1)?).ok()?;
    let (low, high) = (*values.get(at)?, *values.get(values.len().checked_sub(at + 1)?)?);
    Some(Interval { low, high, level, method: "order_statistics".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(n: u32) -> Vec<f64> {
        (1..=n).map(f64::from).collect()
    }

    #[test]
    fn ranks_of_the_tables() {
        // Conover 1999, table A3: 2⁻⁵ > 0.025 ≥ 2⁻⁶; 10 values: ranks 2 and 9; 20: 6 and 15.
        assert_eq!(median_interval(&values(5), 0.95), None);
        for (n, low, high) in [(6, 1.0, 6.0), (10, 2.0, 9.0), (20, 6.0, 15.0), (100, 40.0, 61.0)] {
            let found = median_interval(&values(n), 0.95).unwrap();
            assert!((found.low - low).abs() + (found.high - high).abs() < 1e-12, "{n} {found:?}");
        }
        assert_eq!(median_interval(&[], 0.95), None);
        // The chance that two values lie on one side is a half, which is what is allowed.
        assert!(median_interval(&values(2), 0.5).is_some());
    }

    #[test]
    fn many_values_are_near_the_normal_ranks() {
        let found = median_interval(&values(100_000), 0.95).unwrap();
        // n/2 ± 1.96 √n/2 = 50,000 ± 309.9
        assert!(
            (found.low - 49_690.1).abs() < 1.5 && (found.high - 50_310.9).abs() < 1.5,
            "{found:?}"
        );
    }
}
