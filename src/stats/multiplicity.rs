//! p-values of several tests, adjusted for their number.

use crate::domain::to_f64;

fn count(values: &[f64]) -> u64 {
    u64::try_from(values.len()).unwrap_or_else(|_| unreachable!("usize fits u64"))
}

/// Indices in ascending order of the p-values, earlier ones first where equal.
fn ascending(p: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    order
}

/// Holm's adjusted p-values, in the order given: the chance of any false alarm among all tests stays
/// below the level, whatever the dependence.
///
/// The `i`-th smallest becomes `max_{j ≤ i} (m − j + 1) p_(j)`, at most 1.
/// Source: Holm 1979, Scandinavian Journal of Statistics 6, 65–70.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let (mut adjusted, mut left, mut largest) = (vec![0.0; p.len()], count(p), 0.0_f64);
    for at in ascending(p) {
        largest = largest.max(p[at] * to_f64(left)).min(1.0);
        adjusted[at] = largest;
        left -= 1;
    }
    adjusted
}

/// Benjamini and Hochberg's adjusted p-values, in the order given: the expected share of false
/// alarms among those called stays below the level, for independent or positively dependent tests.
///
/// The `i`-th smallest becomes `min_{j ≥ i} m p_(j) / j`, at most 1.
/// Source: Benjamini and Hochberg 1995, JRSS B 57, 289–300.
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let (mut adjusted, all, mut smallest) = (vec![0.0; p.len()], count(p), 1.0_f64);
    let mut rank = all;
    for at in ascending(p).into_iter().rev() {
        smallest = smallest.min(p[at] * to_f64(all) / to_f64(rank));
        adjusted[at] = smallest;
        rank -= 1;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: &[f64], expected: &[f64]) {
        assert_eq!(found.len(), expected.len());
        for (a, b) in found.iter().zip(expected) {
            assert!((a - b).abs() < 1e-12, "{found:?}");
        }
    }

    #[test]
    fn by_hand() {
        // Sorted 0.01, 0.02, 0.03, 0.2: times 4, 3, 2, 1 → 0.04, 0.06, 0.06, 0.2.
        close(&holm(&[0.03, 0.01, 0.2, 0.02]), &[0.06, 0.04, 0.2, 0.06]);
        // Times 4/1, 4/2, 4/3, 4/4 → 0.04, 0.04, 0.04, 0.2.
        close(&benjamini_hochberg(&[0.03, 0.01, 0.2, 0.02]), &[0.04, 0.04, 0.2, 0.04]);
    }

    #[test]
    fn none_and_one_and_the_limit() {
        assert!(holm(&[]).is_empty() && benjamini_hochberg(&[]).is_empty());
        close(&holm(&[0.3]), &[0.3]);
        close(&holm(&[0.9, 0.8]), &[1.0, 1.0]);
        close(&benjamini_hochberg(&[0.9, 0.8]), &[0.9, 0.9]);
    }
}
