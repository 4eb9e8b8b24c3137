//! The loss attack.

use super::Probe;
use super::logs::{log_sum_exp, softplus};
use crate::domain::{Ideal, Meta};

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

    fn score(&self, logits: &[f64], label: usize) -> f64 {
        let others = logits.iter().enumerate().filter(|(j, _)| *j != label).map(|(_, z)| *z);
        -softplus(log_sum_exp(others) - logits[label])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_hand() {
        // Equal logits of two classes: p = ½.
        assert!((Loss.score(&[3.0, 3.0], 1) + 2.0_f64.ln()).abs() < 1e-15);
        // p = 3/4.
        assert!((Loss.score(&[3.0_f64.ln(), 0.0], 0) - 0.75_f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn saturated_logits_still_rank() {
        // Softmax of both is exactly 1 in f64.
        let (sure, surer) = (Loss.score(&[200.0, -190.0], 0), Loss.score(&[200.0, -200.0], 0));
        assert!(sure < surer && surer < 0.0, "{sure} {surer}");
        assert!((Loss.score(&[200.0, -200.0], 1) + 400.0).abs() < 1e-12);
    }
}
