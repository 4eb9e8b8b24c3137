//! Logarithms of probabilities, computed from logits without ever forming a softmax.

/// `ln(1 + eᵗ)` without overflow, and without losing small values.
pub(super) fn softplus(t: f64) -> f64 {
    t.max(0.0) + (-t.abs()).exp().ln_1p()
}

/// `φ = z_y − ln Σ_{j≠y} e^{z_j}`, the logit of the probability of class `y`; finite for finite logits
/// of two classes or more.
#[must_use]
pub fn scaled_confidence(logits: &[f64], label: usize) -> f64 {
    let others = || logits[..label].iter().chain(&logits[label + 1..]).copied();
    let top = others().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = others().map(|z| (z - top).exp()).sum();
    logits[label] - top - total.ln()
}

/// The class of the largest logit, the first of equals.
pub(super) fn predicted(logits: &[f64]) -> usize {
    (0..logits.len()).fold(0, |best, j| if logits[j] > logits[best] { j } else { best })
}

/// For each class, the log-sum-exp of all others, `(k,)`, in one sweep from either side.
pub(super) fn others(logits: &[f64]) -> Vec<f64> {
    let add = |a: f64, b: f64| if a >= b { grown(a, b) } else { grown(b, a) };
    let sweep = |total: &mut f64, z: &f64| {
        let before = *total;
        *total = add(before, *z);
        Some(before)
    };
    let left: Vec<f64> = logits.iter().scan(f64::NEG_INFINITY, sweep).collect();
    let right = logits.iter().rev().scan(f64::NEG_INFINITY, sweep).collect::<Vec<_>>();
    left.into_iter().zip(right.into_iter().rev()).map(|(a, b)| add(a, b)).collect()
}

/// `ln(e^large + e^small)`.
fn grown(large: f64, small: f64) -> f64 {
    if large.is_finite() { large + (small - large).exp().ln_1p() } else { large }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_by_hand() {
        // ln(1 + e^0) = ln 2.
        assert!((softplus(0.0) - 2.0_f64.ln()).abs() < 1e-15);
    }

    #[test]
    fn the_logit_of_a_probability_by_hand() {
        // p = 3/4: ln 3. Others of (ln 4, 0, 0): ln 4 − ln 2 = ln 2.
        assert!((scaled_confidence(&[3.0_f64.ln(), 0.0], 0) - 3.0_f64.ln()).abs() < 1e-15);
        assert!((scaled_confidence(&[4.0_f64.ln(), 0.0, 0.0], 0) - 2.0_f64.ln()).abs() < 1e-15);
        assert!((scaled_confidence(&[900.0, -900.0], 0) - 1800.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_overflows_and_nothing_vanishes() {
        assert!((softplus(1000.0) - 1000.0).abs() < 1e-12);
        assert!(softplus(-400.0) > 0.0);
    }

    #[test]
    fn each_class_sees_the_others() {
        // Others of 0 among (0, ln 2, ln 3): ln 5; of ln 2: ln 4; of ln 3: ln 3.
        let seen = others(&[0.0, 2.0_f64.ln(), 3.0_f64.ln()]);
        for (found, expected) in seen.iter().zip([5.0_f64, 4.0, 3.0]) {
            assert!((found - expected.ln()).abs() < 1e-14);
        }
    }
}
