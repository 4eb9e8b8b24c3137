//! Likelihood ratios: how well the target's confidence in a row fits the references that have seen
//! it and those that have not.

use super::calibrated::against;
use super::references::{About, Side};
use super::{References, Scene, Scored};
use crate::domain::to_f64;

/// Whose standard deviation the normal distributions have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Variance {
    /// The row's own.
    PerExample,
    /// One for all rows, about the grand mean.
    Global,
    /// One for all rows, about the rows' medians.
    Residual,
}

/// Standard deviations of one side.
#[derive(Debug, Clone, Copy)]
enum Sigma {
    OfRow,
    OfAll(f64),
}

impl Sigma {
    fn new(references: &References, wanted: bool, variance: Variance) -> Self {
        match variance {
            Variance::PerExample => Self::OfRow,
            Variance::Global => Self::OfAll(references.spread(wanted, About::Everything)),
            Variance::Residual => Self::OfAll(references.spread(wanted, About::Medians)),
        }
    }

    /// The deviation for one row; never quite 0, as in the published code.
    fn of(self, side: &Side) -> f64 {
        let sigma = match self {
            Self::OfRow => (side.squares / to_f64(u64::try_from(side.n).unwrap_or(1))).sqrt(),
            Self::OfAll(sigma) => sigma,
        };
        sigma + 1e-30
    }
}

/// `ln N(x; μ, σ)`.
fn ln_normal(x: f64, mean: f64, sigma: f64) -> f64 {
    let z = (x - mean) / sigma;
    -0.5 * z * z - sigma.ln() - 0.5 * std::f64::consts::TAU.ln()
}

fn references(scene: &Scene) -> &References {
    let Some(references) = &scene.references else {
        unreachable!("what an attack needs is checked before it runs")
    };
    references
}

/// `ln N(φ; μ_in, σ_in) − ln N(φ; μ_out, σ_out)` with medians for μ. With one variance for all rows,
/// `global` takes that of the IN side for both, `residual` one for each side.
pub(super) fn online(scene: &Scene, variance: Variance) -> Scored {
    let all = references(scene);
    let inside = Sigma::new(all, true, variance);
    let outside = match variance {
        Variance::Global => inside,
        _ => Sigma::new(all, false, variance),
    };
    let score = |phi: f64, references: &References, row: usize, buffer: &mut Vec<f64>| {
        if row >= references.pool() {
            return 0.0;
        }
        let seen = references.side(row, true, buffer);
        let unseen = references.side(row, false, buffer);
        ln_normal(phi, seen.median, inside.of(&seen))
            - ln_normal(phi, unseen.median, outside.of(&unseen))
    };
    Scored { population: Vec::new(), ..against(scene, score) }
}

/// `(φ − μ_out) / σ_out`, which ranks as the one-sided test `Φ` of it does, without running out of
/// numbers.
pub(super) fn one_sided(scene: &Scene, variance: Variance) -> Scored {
    let outside = Sigma::new(references(scene), false, variance);
    against(scene, |phi, references, row, buffer| {
        let unseen = references.side(row, false, buffer);
        (phi - unseen.median) / outside.of(&unseen)
    })
}

/// `−ln N(φ; μ_out, σ_out)`, which is large on either side of μ.
pub(super) fn two_sided(scene: &Scene, variance: Variance) -> Scored {
    let outside = Sigma::new(references(scene), false, variance);
    against(scene, |phi, references, row, buffer| {
        let unseen = references.side(row, false, buffer);
        -ln_normal(phi, unseen.median, outside.of(&unseen))
    })
}
