//! Sorted scores and places among them.

use crate::domain::to_f64;

/// The values in ascending order; −0 becomes 0 so that the two tie.
pub(super) fn ascending(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.map(|value| value + 0.0).collect();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// For each score the share of the population whose score is at most as large; 0 without a
/// population. `O((n + m) log m)`, without a table of all pairs.
#[must_use]
pub fn share_at_most(population: &[f64], scores: &[f64]) -> Vec<f64> {
    let sorted = ascending(population.iter().copied());
    let all = to_f64(u64::try_from(sorted.len()).unwrap_or(u64::MAX)).max(1.0);
    let below = |score: &f64| sorted.partition_point(|z| z <= score);
    let share = |score: &f64| to_f64(u64::try_from(below(score)).unwrap_or(u64::MAX)) / all;
    scores.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_by_hand() {
        let shares = share_at_most(&[3.0, 1.0, 2.0, 2.0], &[2.0, 0.0, 9.0, 2.5]);
        assert_eq!(shares, [0.75, 0.0, 1.0, 0.75]);
        assert_eq!(share_at_most(&[], &[1.0]), [0.0]);
    }
}
