//! Weights to begin with in place of drawn ones, and the layers that keep them.

use super::architecture::Plan;
use super::error::ModelError;
use super::weights;
use crate::domain::{Seed, digest_hex};
use std::fmt;
use std::sync::Arc;

/// The name that stands for the last dense layer, whose own name depends on the network.
const HEAD: &str = "head";

/// Where a training begins, if not with drawn weights.
#[derive(Clone, PartialEq)]
pub struct FineTune {
    /// The file of the weights, for messages.
    pub file: String,
    /// Its bytes: safetensors, named as [`super::load`] wants them.
    pub weights: Arc<[u8]>,
    /// Layers that are drawn nevertheless, by name (`fc2`), or `head` for the last one.
    pub reset: Vec<String>,
    /// Layers that training does not change.
    pub freeze: Vec<String>,
    /// Whether all layers but the last are frozen, and what they make of each picture is computed once.
    pub linear_probe: bool,
}

/// Without the file's name, and with the digest of its bytes: equal text for equal trainings.
impl fmt::Debug for FineTune {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file: _, weights, reset, freeze, linear_probe } = self;
        let digest = digest_hex(weights);
        write!(f, "FineTune {digest} {reset:?} {freeze:?} {linear_probe}")
    }
}

impl FineTune {
    /// Freezes layers of the plan, and gives the numbers to begin with.
    pub(crate) fn start(&self, plan: &mut Plan, seed: Seed) -> Result<Vec<Vec<f32>>, ModelError> {
        let reset = layers(plan, "reset", &self.reset)?;
        let mut freeze = layers(plan, "freeze", &self.freeze)?;
        if self.linear_probe {
            freeze = plan.layer_names();
            freeze.pop();
        }
        if let Some(name) = freeze.iter().find(|name| reset.contains(name)) {
            let (key, found) = ("freeze", format!("`{name}`, which is reset"));
            return Err(ModelError::Setting {
                key,
                found,
                expected: "a layer with weights to keep",
            });
        }
        plan.freeze(&freeze);
        if !plan.tensors().iter().any(|tensor| tensor.moves()) {
            let (key, found) = ("freeze", "every layer".to_owned());
            return Err(ModelError::Setting { key, found, expected: "leaving one to be trained" });
        }
        let found =
            weights::load(plan, &self.weights, &reset).map_err(|e| self.refused(plan, e))?;
        let drawn = plan.drawn(seed).into_iter();
        Ok(found.into_iter().zip(drawn).map(|(found, drawn)| found.unwrap_or(drawn)).collect())
    }

    /// Where only the last layer has another shape, how to begin it afresh.
    fn refused(&self, plan: &Plan, source: ModelError) -> ModelError {
        let head = plan.head().tensors();
        let other_head = matches!(&source, ModelError::Shape { tensor, .. }
            if head.iter().any(|t| t.name == *tensor || t.sequential == *tensor));
        let help = if other_head { "; `reset: [head]` begins the last layer afresh" } else { "" };
        ModelError::Init { file: self.file.clone(), source: Box::new(source), help }
    }
}

/// The layers of these names.
fn layers(plan: &Plan, key: &'static str, names: &[String]) -> Result<Vec<String>, ModelError> {
    let known = plan.layer_names();
    let layer = |name: &String| {
        let head = plan.head().tensors().first().map(|tensor| tensor.layer().to_owned());
        let found = if name == HEAD { head } else { Some(name.clone()) };
        found.filter(|found| known.contains(found)).ok_or_else(|| ModelError::NoLayer {
            key,
            name: name.clone(),
            layers: known.clone(),
        })
    };
    names.iter().map(layer).collect()
}
