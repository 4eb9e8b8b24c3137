//! The logit-scaled-confidence attack.

use super::logs::scaled_confidence;
use super::{Probe, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed};

crate::check! {
    /// Rows whose true class is far more likely than all others together are taken for members.
    ///
    /// **Formula** `φ = ln(p_y / (1 − p_y)) = z_y − ln Σ_{j≠y} e^{z_j}`, never through a softmax.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** never for finite logits.
    /// **Source** Carlini et al. 2022, §IV-C (arXiv 2112.03570).
    /// **Peer** `mi_lira_2021` and others form `ln(p + 1e-45)`, which ends at about ±103; it ranks as the loss
    /// does, but stays a number where the loss runs out of them.
    LogitScaledConfidence, "PR024", "logit_scaled_confidence", Ideal::None
}

impl Probe for LogitScaledConfidence {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        scene.each(score)
    }
}

/// The logit of the probability of the true class.
pub(super) fn score(logits: &[f64], label: usize) -> f64 {
    scaled_confidence(logits, label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_goes_on_where_probabilities_end() {
        assert!((score(&[500.0, -500.0], 0) - 1000.0).abs() < 1e-12);
        assert!((score(&[500.0, -500.0], 1) + 1000.0).abs() < 1e-12);
    }
}
