//! What an attack needs beside the target's outputs.

use super::{Probe, ProbeError, Scene};
use crate::domain::Undefined;

/// What an attack needs beside the target's outputs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Needs {
    /// References that were trained on a row, for each row.
    pub inside: usize,
    /// References that were not, for each row.
    pub outside: usize,
    /// Rows that no model was trained on.
    pub population: bool,
    /// The outputs of every class, not that of the true one alone.
    pub outputs: bool,
}

impl Needs {
    /// All outputs of the target.
    pub(super) const OUTPUTS: Self =
        Self { inside: 0, outside: 0, population: false, outputs: true };

    /// Whether the target's outputs are enough.
    #[must_use]
    pub fn nothing(self) -> bool {
        Self { outputs: false, ..self } == Self::default()
    }
}

/// What the scene lacks for an attack.
pub(super) fn unmet(probe: &dyn Probe, scene: &Scene) -> Option<ProbeError> {
    let (needs, attack) = (probe.needs(), probe.meta().name.to_owned());
    if needs.outputs && !scene.pool.whole() {
        return Some(ProbeError::NeedsOutputs(attack));
    }
    let population = scene.population.as_ref().is_some_and(|rows| rows.len() > 1);
    if needs.population && !population {
        return Some(ProbeError::NeedsPopulation(attack));
    }
    if needs.inside == 0 && needs.outside == 0 {
        return None;
    }
    let Some(references) = &scene.references else {
        return Some(ProbeError::NeedsReferences(attack));
    };
    let sides =
        [(true, needs.inside, "were trained on"), (false, needs.outside, "were not trained on")];
    sides.into_iter().find_map(|(wanted, need, side)| {
        let (row, found) = references.fewest(wanted)?;
        let attack = attack.clone();
        (found < need).then_some(ProbeError::TooFewReferences { attack, side, row, found, need })
    })
}

/// The reason of an attack that was not named and cannot run.
pub(super) fn because(error: &ProbeError) -> Undefined {
    let because = match error {
        ProbeError::NeedsReferences(_) => "there are no reference models",
        ProbeError::NeedsOutputs(_) => "a loss does not say what it needs",
        ProbeError::NeedsPopulation(_) => "there is no population",
        _ => "a row has too few reference models",
    };
    Undefined::NotRun { because: because.to_owned() }
}
