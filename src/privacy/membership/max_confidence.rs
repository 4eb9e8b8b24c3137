//! The max-confidence attack.

use super::logs::predicted;
use super::loss;
use super::{Needs, Probe, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed};

crate::check! {
    /// Rows about which the model is sure, right or wrong, are taken for members.
    ///
    /// **Formula** `ln max_j p_j = −ln(1 + Σ_{j≠m} e^{z_j − z_m})`, `m` the class of the largest logit.
    /// **Range** minus ln k to 0, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where only losses are stored; never for finite logits.
    /// **Source** Salem et al. 2019 (arXiv 1806.01246).
    MaxConfidence, "PR023", "max_confidence", Ideal::None
}

impl Probe for MaxConfidence {
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

/// Logarithm of the largest probability.
pub(super) fn score(logits: &[f64], _label: usize) -> f64 {
    loss::score(logits, predicted(logits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // p = (¾, ¼): ln ¾ whichever class is true.
        for label in [0, 1] {
            let found = score(&[3.0_f64.ln(), 0.0], label);
            assert!((found - 0.75_f64.ln()).abs() < 1e-15);
        }
        // Softmax of both is exactly 1 in f64.
        assert!(score(&[200.0, -190.0], 0) < score(&[200.0, -200.0], 0));
    }
}
