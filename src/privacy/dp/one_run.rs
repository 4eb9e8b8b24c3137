//! Bounds from one training run: many records, each in or out by its own coin.

use super::binomial::probabilities;
use super::gdp::smallest;
use crate::domain::{Members, Seed, to_f64};
use crate::stats::{normal_cdf, normal_quantile};

/// How the guesses of an audit went. Valid only where each record was a member by its own fair coin
/// and the number of guesses was fixed before the scores were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Guesses {
    /// Records that could have been guessed.
    pub records: u64,
    /// Guesses.
    pub made: u64,
    /// Guesses that were right.
    pub right: u64,
}

/// Guesses that the `each` highest scores are members and the `each` lowest are not; at most half of
/// the records each. Equal scores are ordered by lot, never by who is a member.
#[must_use]
pub fn guess(scores: &Members<Vec<f64>>, each: usize, lot: Seed) -> Guesses {
    let seen = scores.seen.iter().map(|s| (*s, true));
    let mut all: Vec<(f64, bool)> = seen.chain(scores.unseen.iter().map(|s| (*s, false))).collect();
    lot.stream().shuffle(&mut all);
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let each = each.min(all.len() / 2);
    let inside = all.iter().take(each).filter(|(_, member)| *member).count();
    let outside = all.iter().rev().take(each).filter(|(_, member)| !*member).count();
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    Guesses { records: count(all.len()), made: count(2 * each), right: count(inside + outside) }
}

/// The most that chance and an (ε, δ)-private training could do: the probability of at least as
/// many right guesses, in 0 to 1.
///
/// `P[W ≥ v] + 2mδ max_{1≤i≤v} P[v−i ≤ W < v]/i` with `W ~ Bin(r, e^ε/(1+e^ε))`, `m` records, `r`
/// guesses and `v` right ones.
///
/// Source: Steinke, Nasr, Jagielski 2023 (arXiv 2305.08846), theorem 5.2 and its algorithm.
#[must_use]
pub fn p_value(guesses: Guesses, epsilon: f64, delta: f64) -> f64 {
    let (success, failure) = (1.0 / (1.0 + (-epsilon).exp()), 1.0 / (1.0 + epsilon.exp()));
    let p = probabilities(guesses.made, success, failure);
    let right = usize::try_from(guesses.right).unwrap_or(usize::MAX).min(p.len() - 1);
    // From the smallest term, which is the last one wherever this is a tail.
    let tail: f64 = p[right..].iter().rev().sum();
    let mut worst = 0.0_f64;
    if delta > 0.0 {
        let (mut below, mut i) = (0.0, 0.0);
        for probability in p[..right].iter().rev() {
            below += probability;
            i += 1.0;
            worst = worst.max(below / i);
        }
    }
    (tail + 2.0 * to_f64(guesses.records) * delta * worst).min(1.0)
}

/// Lower bound on `ε` with error probability `alpha`: every smaller `ε` has a p-value below it.
#[must_use]
pub fn epsilon_lower_bound(guesses: Guesses, delta: f64, alpha: f64) -> f64 {
    smallest(|epsilon| p_value(guesses, epsilon, delta) >= alpha)
}

/// Lower bound on the `μ` of Gaussian differential privacy with error probability `alpha`. Tighter
/// than an `ε`, and only for mechanisms whose trade-off is Gaussian.
///
/// Source: Mahloujifar, Melis, Chaudhuri 2024 (arXiv 2410.22235), algorithm 2, for two options.
#[must_use]
pub fn mu_lower_bound(guesses: Guesses, alpha: f64) -> f64 {
    if guesses.made == 0 {
        return 0.0;
    }
    smallest(|mu| !refuted(guesses, mu, alpha))
}

/// Whether a μ-GDP training would make this many right guesses with a probability below `alpha`.
///
/// From the right guesses down to none, `r` bounds the mass of right ones and `h` of wrong ones; the
/// masses of all guesses must fit into the share of records that is guessed.
fn refuted(guesses: Guesses, mu: f64, alpha: f64) -> bool {
    let Guesses { records, made, right } = guesses;
    let (m, all) = (to_f64(records), to_f64(made));
    let mut h = alpha * to_f64(made - right) / m;
    let mut r = alpha * to_f64(right) / m;
    for i in (0..right).rev() {
        let next = h.max(trade_off(r, mu));
        r += to_f64(i) / (all - to_f64(i)) * (next - h);
        h = next;
        if r + h > all / m {
            return true;
        }
    }
    r + h > all / m
}

/// `Φ(Φ⁻¹(x) − μ)`: the least false share that goes with a right share `x`.
fn trade_off(x: f64, mu: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x >= 1.0 {
        1.0
    } else {
        normal_cdf(normal_quantile(x) - mu)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_right_has_a_closed_form() {
        // (e^ε/(1+e^ε))^r = α, so ε = −ln(α^(−1/r) − 1).
        let guesses = Guesses { records: 100, made: 20, right: 20 };
        let expected = -(0.05_f64.powf(-1.0 / 20.0) - 1.0).ln();
        assert!((epsilon_lower_bound(guesses, 0.0, 0.05) - expected).abs() < 1e-9);
    }

    #[test]
    fn half_right_and_no_guess_say_nothing() {
        for (made, right) in [(0, 0), (1000, 500), (10, 0)] {
            let guesses = Guesses { records: 1000, made, right };
            assert!(epsilon_lower_bound(guesses, 1e-5, 0.05) <= 0.0);
            assert!(mu_lower_bound(guesses, 0.05) <= 0.0);
        }
    }

    #[test]
    fn equal_scores_are_guessed_by_lot() {
        // Members come first in the list; an order that kept them there would look like a leak.
        let scores = Members { seen: vec![1.0; 500], unseen: vec![1.0; 500] };
        let guesses = guess(&scores, 200, Seed::new(1));
        assert_eq!((guesses.records, guesses.made), (1000, 400));
        assert!((150..250).contains(&guesses.right), "{guesses:?}");
        assert_eq!(guess(&scores, 900, Seed::new(1)).made, 1000);
    }

    #[test]
    fn a_plain_leak_is_seen() {
        let scores = Members { seen: vec![1.0; 50], unseen: vec![0.0; 50] };
        let guesses = guess(&scores, 50, Seed::new(1));
        assert_eq!(guesses.right, 100);
        assert!(epsilon_lower_bound(guesses, 0.0, 0.05) > 3.0);
        assert!(mu_lower_bound(guesses, 0.05) > 1.0);
    }
}
