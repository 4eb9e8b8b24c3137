//! The gap attack.

use super::logs::predicted;
use super::{Needs, Probe, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed};

crate::check! {
    /// Rows that the model gets right are taken for members: all that an outsider who sees only labels can do
    /// without further queries.
    ///
    /// **Formula** 1 where the largest logit (the first of equals) is that of the true class, else 0. Its
    /// advantage is the generalisation gap.
    /// **Range** minus infinity to infinity: 0 or 1, higher = member.
    /// **Ideal** members and non-members look alike. **Undefined** an error where only losses are stored; never for finite logits.
    /// **Source** Yeom et al. 2018 (arXiv 1709.01604); Choquette-Choo et al. 2021 (arXiv 2007.14321).
    /// **Peer** `art` `MembershipInferenceBlackBoxRuleBased`, whose `probabilities=True` writes every row alike
    /// for binary models.
    Gap, "PR026", "gap", Ideal::None
}

impl Probe for Gap {
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

/// Whether the prediction is right.
pub(super) fn score(logits: &[f64], label: usize) -> f64 {
    f64::from(u8::from(predicted(logits) == label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_equals_is_predicted() {
        let scores = [0, 1].map(|label| score(&[2.0, 2.0], label).to_bits());
        assert_eq!(scores, [1.0_f64.to_bits(), 0.0_f64.to_bits()]);
    }
}
