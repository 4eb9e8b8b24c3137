//! A training as it stands after an epoch, as bytes from which it goes on to the same result.

use super::architecture::Plan;
use super::error::ModelError;
use super::weights::{self, Named};
use crate::domain::EpochRecord;
use serde::{Deserialize, Serialize};

/// Everything that changes from epoch to epoch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Checkpoint {
    /// The records so far; their number is the number of epochs done.
    pub(crate) history: Vec<EpochRecord>,
    /// Steps of the optimiser.
    pub(crate) step: i32,
    /// The weights, in the order of [`Plan::specs`].
    pub(crate) weights: Vec<Vec<f32>>,
    /// The optimiser's first and second moments.
    pub(crate) moments: [Vec<Vec<f32>>; 2],
    /// The best epoch so far, from 1, and its weights.
    pub(crate) best: Option<(usize, Vec<Vec<f32>>)>,
}

/// What goes beside the tensors.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    checkpoint: u32,
    fingerprint: String,
    step: i32,
    best: Option<usize>,
    history: Vec<EpochRecord>,
}

/// The version of the layout.
const VERSION: u32 = 2;

impl Checkpoint {
    /// As bytes. `fingerprint` says of which settings and data.
    pub(crate) fn pack(&self, plan: &Plan, fingerprint: &str) -> Result<Vec<u8>, ModelError> {
        let note = Note {
            checkpoint: VERSION,
            fingerprint: fingerprint.to_owned(),
            step: self.step,
            best: self.best.as_ref().map(|best| best.0),
            history: self.history.clone(),
        };
        let note = serde_json::to_string(&note).map_err(|e| damaged(&e))?;
        let specs = plan.specs();
        let tensors = self.parts().into_iter().flat_map(|(part, tensors)| {
            let named = specs.iter().zip(tensors);
            named.map(move |((n, shape), x)| (format!("{part}.{n}"), shape.clone(), x.as_slice()))
        });
        weights::pack(&tensors.collect::<Vec<Named<'_>>>(), Some(note))
    }

    fn parts(&self) -> Vec<(&'static str, &[Vec<f32>])> {
        let [first, second] = &self.moments;
        let mut parts =
            vec![("weights", self.weights.as_slice()), ("first", first), ("second", second)];
        parts.extend(self.best.as_ref().map(|best| ("best", best.1.as_slice())));
        parts
    }

    /// From bytes, if they are of these settings and data.
    pub(crate) fn unpack(bytes: &[u8], plan: &Plan, fingerprint: &str) -> Result<Self, ModelError> {
        let note = weights::note(bytes).map_err(|e| damaged(&e))?;
        let note = note.ok_or_else(|| damaged(&"it carries no note of ours"))?;
        let note: Note = serde_json::from_str(&note).map_err(|e| damaged(&e))?;
        if note.checkpoint != VERSION {
            return Err(ModelError::StaleCheckpoint { because: "another version wrote it" });
        }
        if note.fingerprint != fingerprint {
            return Err(ModelError::StaleCheckpoint { because: "another fingerprint" });
        }
        if note.best.is_some_and(|best| best == 0 || best > note.history.len()) {
            return Err(damaged(&"its best epoch is none of its epochs"));
        }
        let file = weights::open(bytes).map_err(|e| damaged(&e))?;
        let specs = plan.specs();
        let part = |part: &str| {
            let read = |(n, shape): &(String, Vec<usize>)| {
                weights::read(&file, &format!("{part}.{n}"), shape).map_err(|e| damaged(&e))
            };
            specs.iter().map(read).collect::<Result<Vec<_>, _>>()
        };
        let best = note.best.map(|best| part("best").map(|tensors| (best, tensors)));
        Ok(Self {
            history: note.history,
            step: note.step,
            weights: part("weights")?,
            moments: [part("first")?, part("second")?],
            best: best.transpose()?,
        })
    }
}

fn damaged(error: &impl ToString) -> ModelError {
    ModelError::Checkpoint { because: error.to_string() }
}
