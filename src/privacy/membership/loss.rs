//! The loss attack.

use super::logs::{scaled_confidence, softplus};
use super::{Probe, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed};

crate::check! {
    /// Rows of small loss are taken for members.
    ///
    /// **Formula** `−ℓ = z_y − ln Σ_j e^{z_j}`, computed as `−ln(1 + e^t)` with
    /// `t = ln Σ_{j≠y} e^{z_j} − z_y`, so that confident models keep their order.
    /// **Range** minus infinity to 0, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** never for finite logits.
    /// **Source** Yeom, Giacomelli, Fredrikson, Jha 2018 (arXiv 1709.01604).
    /// **Peer** `tensorflow_privacy` threshold attack.
    Loss, "PR020", "loss", Ideal::None
}

impl Probe for Loss {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        scene.each(score)
    }
}

/// `ln p_y`.
pub(super) fn score(logits: &[f64], label: usize) -> f64 {
    -softplus(-scaled_confidence(logits, label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Equal logits of two classes: p = ½.
        assert!((score(&[3.0, 3.0], 1) + 2.0_f64.ln()).abs() < 1e-15);
        // p = 3/4.
        assert!((score(&[3.0_f64.ln(), 0.0], 0) - 0.75_f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn saturated_logits_still_rank() {
        // Softmax of both is exactly 1 in f64.
        let (sure, surer) = (score(&[200.0, -190.0], 0), score(&[200.0, -200.0], 0));
        assert!(sure < surer && surer < 0.0, "{sure} {surer}");
        assert!((score(&[200.0, -200.0], 1) + 400.0).abs() < 1e-12);
    }
}
