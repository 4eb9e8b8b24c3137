//! The binomial distribution as a whole, so that tails are sums of all their terms.

use crate::domain::to_f64;
use crate::stats::sum;
use statrs::function::factorial::ln_binomial;

/// `P(W = w)` for `w` from 0 to `r`, `(r + 1,)`.
///
/// From the most likely value outwards by the ratio of neighbours, so that what underflows is what
/// does not count.
pub(super) fn probabilities(r: u64, success: f64, failure: f64) -> Vec<f64> {
    let n = usize::try_from(r).unwrap_or(usize::MAX);
    let mode = (0..=r).rev().find(|w| to_f64(*w) <= to_f64(r + 1) * success).unwrap_or(0);
    let mode = mode.min(r);
    let at_mode = ln_binomial(r, mode)
        + weighted_ln(to_f64(mode), success)
        + weighted_ln(to_f64(r - mode), failure);
    let at = usize::try_from(mode).unwrap_or(usize::MAX);
    let mut p = vec![0.0; n + 1];
    p[at] = at_mode.exp();
    let (mut above, mut below) = (p[at], p[at]);
    for w in mode..r {
        above *= to_f64(r - w) / to_f64(w + 1) * (success / failure);
        p[usize::try_from(w + 1).unwrap_or(n)] = above;
    }
    for w in (1..=mode).rev() {
        below *= to_f64(w) / to_f64(r - w + 1) * (failure / success);
        p[usize::try_from(w - 1).unwrap_or(0)] = below;
    }
    let total = sum(p.iter().copied());
    p.iter().map(|x| x / total).collect()
}

/// `n ln p`, 0 where `n` is 0 whatever `p`.
fn weighted_ln(n: f64, p: f64) -> f64 {
    if n > 0.0 { n * p.ln() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_flips_of_a_bent_coin() {
        let p = probabilities(4, 0.25, 0.75);
        let expected = [81.0, 108.0, 54.0, 12.0, 1.0].map(|x| x / 256.0);
        for (found, by_hand) in p.iter().zip(expected) {
            assert!((found - by_hand).abs() < 1e-15);
        }
        assert_eq!(probabilities(0, 0.3, 0.7), [1.0]);
    }

    #[test]
    fn far_tails_underflow_and_the_rest_stands() {
        let p = probabilities(5000, 0.5, 0.5);
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(p[0] < 1e-300 && p[2500] > 0.01);
    }
}
