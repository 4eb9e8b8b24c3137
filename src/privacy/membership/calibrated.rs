//! Calibrated differences: the target's confidence against that of the references.

use super::logs::scaled_confidence;
use super::{Needs, Probe, References, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed};

crate::check! {
    /// Rows of which the target is more sure than the models that have not seen them are taken for
    /// members.
    ///
    /// **Formula** `φ_target(x) − mean_OUT φ(x)`, OUT being the references that were not trained on x.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has no OUT reference.
    /// **Source** Watson et al. 2022 (arXiv 2111.08440); Ye et al. 2022, Attack-R (arXiv 2111.09679).
    /// **Peer** `PrivacyGuard` calibration attack.
    OutMean, "PR030", "calibrated.out_mean", Ideal::None
}

crate::check! {
    /// Rows of which the target is more sure than midway between the models that have seen them and
    /// those that have not are taken for members.
    ///
    /// **Formula** `φ_target(x) − (median_IN φ(x) + median_OUT φ(x)) / 2`.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has no IN or no OUT reference.
    /// **Source** Sablayrolles et al. 2019 (arXiv 1908.11229); Watson et al. 2022 (arXiv 2111.08440).
    /// **Peer** `tensorflow_privacy` `compute_score_offset`, option `both`.
    Midpoint, "PR031", "calibrated.midpoint", Ideal::None
}

impl Probe for OutMean {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { outside: 1, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        against(scene, |phi, references, row, buffer| {
            phi - references.side(row, false, buffer).mean
        })
    }
}

impl Probe for Midpoint {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { inside: 1, outside: 1, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        let score = |phi: f64, references: &References, row: usize, buffer: &mut Vec<f64>| {
            let inside = references.side(row, true, buffer).median;
            phi - f64::midpoint(inside, references.side(row, false, buffer).median)
        };
        Scored { population: Vec::new(), ..against(scene, score) }
    }
}

/// Scores every row of pool and population by the target's `φ` and the references.
pub(super) fn against(
    scene: &Scene,
    score: impl Fn(f64, &References, usize, &mut Vec<f64>) -> f64,
) -> Scored {
    let Some(references) = &scene.references else {
        unreachable!("what an attack needs is checked before it runs")
    };
    let mut buffer = Vec::with_capacity(references.models());
    let mut of = |rows: &super::Rows, from: usize| -> Vec<f64> {
        let phi = |i: usize| scaled_confidence(rows.row(i).0, rows.row(i).1);
        (0..rows.len()).map(|i| score(phi(i), references, from + i, &mut buffer)).collect()
    };
    let pool = of(&scene.pool, 0);
    let population = scene.population.as_ref().map(|rows| of(rows, references.pool()));
    Scored { pool, population: population.unwrap_or_default() }
}
