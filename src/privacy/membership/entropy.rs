//! The entropy attack.

use super::logs::{others, softplus};
use super::{Needs, Probe, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed};
use crate::stats::sum;

crate::check! {
    /// Rows whose prediction is certain, whatever their class, are taken for members.
    ///
    /// **Formula** minus the entropy, `Σ p_j ln p_j`, with `ln p_j` from log-sum-exp over the other classes.
    /// **Range** minus ln k to 0, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where only losses are stored; never for finite logits.
    /// **Source** Salem et al. 2019 (arXiv 1806.01246); Song and Mittal 2021 (arXiv 2003.10595).
    /// **Peer** `tensorflow_privacy` clips probabilities at 1e-30 first, so its certain rows tie.
    Entropy, "PR022", "entropy", Ideal::None
}

impl Probe for Entropy {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs::OUTPUTS
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        scene.each(score)
    }
}

/// Minus the entropy of the prediction.
pub(super) fn score(logits: &[f64], _label: usize) -> f64 {
    let term = |(z, rest): (&f64, f64)| {
        let ln_p = -softplus(rest - z);
        ln_p.exp() * ln_p
    };
    sum(logits.iter().zip(others(logits)).map(term))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // p = (½, ½): −ln 2. p = (¾, ¼): ¾ ln ¾ + ¼ ln ¼.
        assert!((score(&[3.0, 3.0], 1) + 2.0_f64.ln()).abs() < 1e-15);
        let expected = 0.75 * 0.75_f64.ln() + 0.25 * 0.25_f64.ln();
        assert!((score(&[3.0_f64.ln(), 0.0], 0) - expected).abs() < 1e-15);
        assert!(score(&[200.0, -190.0], 0) < score(&[200.0, -200.0], 0));
    }
}
