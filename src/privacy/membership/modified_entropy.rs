//! The modified-entropy attack.

use super::logs::{others, softplus};
use super::{Needs, Probe, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed};
use crate::stats::sum;

crate::check! {
    /// Rows whose prediction is both certain and right are taken for members.
    ///
    /// **Formula** minus `−(1−p_y) ln p_y − Σ_{j≠y} p_j ln(1−p_j)`, with `ln p_j` and `ln(1−p_j)`
    /// from log-sum-exp over the other classes, never from a softmax.
    /// **Range** minus infinity to 0, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where only losses are stored; never for finite logits; where `1 − p_y` is below 1e-162, its square is 0 in
    /// f64 and rows tie.
    /// **Source** Song and Mittal 2021 (arXiv 2003.10595).
    /// **Peer** `tensorflow_privacy` threshold-entropy attack.
    ModifiedEntropy, "PR021", "modified_entropy", Ideal::None
}

impl Probe for ModifiedEntropy {
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

/// Minus the modified entropy.
pub(super) fn score(logits: &[f64], label: usize) -> f64 {
    let term = |(j, (z, rest)): (usize, (&f64, f64))| {
        let (ln_p, ln_not_p) = (-softplus(rest - z), -softplus(z - rest));
        if j == label { ln_not_p.exp() * ln_p } else { ln_p.exp() * ln_not_p }
    };
    sum(logits.iter().zip(others(logits)).enumerate().map(term))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // p = (¾, ¼), y = 0: ¼ ln ¾ + ¼ ln ¾ = ½ ln ¾.
        let found = score(&[3.0_f64.ln(), 0.0], 0);
        assert!((found - 0.5 * 0.75_f64.ln()).abs() < 1e-15, "{found}");
        // y = 1: ¾ ln ¼ + ¾ ln ¼ = 3/2 ln ¼.
        let found = score(&[3.0_f64.ln(), 0.0], 1);
        assert!((found - 1.5 * 0.25_f64.ln()).abs() < 1e-15, "{found}");
    }

    #[test]
    fn saturated_logits_still_rank() {
        let of = |z: f64| score(&[z, -z, 0.0], 0);
        assert!(of(190.0) < of(200.0) && of(200.0) < 0.0);
        assert!(score(&[200.0, -200.0, 0.0], 1).is_finite());
    }
}
