//! The hinge attack.

use super::{Needs, Probe, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed};

crate::check! {
    /// Rows whose true class beats the next best by far are taken for members.
    ///
    /// **Formula** `z_y − max_{j≠y} z_j`.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where only losses are stored; never for finite logits.
    /// **Source** Carlini et al. 2022, §VI-D (arXiv 2112.03570).
    Hinge, "PR025", "hinge", Ideal::None
}

impl Probe for Hinge {
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

/// The margin of the true class.
pub(super) fn score(logits: &[f64], label: usize) -> f64 {
    let others = logits.iter().enumerate().filter(|(j, _)| *j != label).map(|(_, z)| *z);
    logits[label] - others.fold(f64::NEG_INFINITY, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        assert!((score(&[3.0, 1.0, 2.5], 0) - 0.5).abs() < 1e-15);
        assert!((score(&[3.0, 1.0, 2.5], 1) + 2.0).abs() < 1e-15);
    }
}
