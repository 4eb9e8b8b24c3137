//! Weights as safetensors bytes.

use super::architecture::{Plan, TensorSpec};
use super::error::ModelError;
use crate::domain::Temperature;
use safetensors::tensor::{Dtype, SafeTensorError, SafeTensors, TensorView, serialize};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The key under which [`pack`] keeps its note.
const NOTE: &str = "audit";

/// A tensor to be written: name, shape, numbers.
pub(crate) type Named<'a> = (String, Vec<usize>, &'a [f32]);

/// Tensors, and a note, as safetensors bytes: the same bytes for the same input.
pub(crate) fn pack(tensors: &[Named<'_>], note: Option<String>) -> Result<Vec<u8>, ModelError> {
    let bytes_of = |numbers: &[f32]| numbers.iter().flat_map(|n| n.to_le_bytes()).collect();
    let bytes: Vec<Vec<u8>> = tensors.iter().map(|t| bytes_of(t.2)).collect();
    let views = tensors.iter().zip(&bytes).map(|((name, shape, _), bytes)| {
        Ok((name.as_str(), TensorView::new(Dtype::F32, shape.clone(), bytes)?))
    });
    let views = views.collect::<Result<Vec<_>, SafeTensorError>>().map_err(unreadable)?;
    let note = note.map(|note| std::iter::once((NOTE.to_owned(), note)).collect());
    serialize(views, note).map_err(unreadable)
}

/// The note of [`pack`].
pub(crate) fn note(bytes: &[u8]) -> Result<Option<String>, ModelError> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(unreadable)?;
    Ok(header.metadata().as_ref().and_then(|m| m.get(NOTE)).cloned())
}

/// The tensors of [`pack`].
pub(crate) fn open(bytes: &[u8]) -> Result<SafeTensors<'_>, ModelError> {
    SafeTensors::deserialize(bytes).map_err(unreadable)
}

/// The numbers of one tensor, which must have this shape.
pub(crate) fn read(
    file: &SafeTensors<'_>,
    name: &str,
    shape: &[usize],
) -> Result<Vec<f32>, ModelError> {
    let refuse = |found: String| {
        let expected = format!("f32 {shape:?}");
        Err(ModelError::Shape { tensor: name.to_owned(), found, expected })
    };
    let Ok(tensor) = file.tensor(name) else { return refuse("missing".to_owned()) };
    if tensor.dtype() != Dtype::F32 || tensor.shape() != shape {
        let dtype = tensor.dtype().to_string().to_lowercase();
        return refuse(format!("{dtype} {:?}", tensor.shape()));
    }
    let (numbers, _) = tensor.data().as_chunks::<4>();
    Ok(numbers.iter().map(|&b| f32::from_le_bytes(b)).collect())
}

/// What stands beside the weights of a network.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Beside {
    calibration: Option<Temperature>,
}

/// The weights of a network, and their temperature if they have one.
pub(crate) fn save(
    plan: &Plan,
    numbers: &[Vec<f32>],
    calibration: Option<&Temperature>,
) -> Result<Vec<u8>, ModelError> {
    let note = |calibration: &Temperature| {
        serde_json::to_string(&Beside { calibration: Some(*calibration) })
            .map_err(|e| ModelError::Weights { because: e.to_string() })
    };
    let note = calibration.map(note).transpose()?;
    let specs = plan.specs().into_iter().zip(numbers);
    let tensors: Vec<Named<'_>> = specs.map(|((n, shape), x)| (n, shape, x.as_slice())).collect();
    pack(&tensors, note)
}

/// The temperature that stands beside the weights, if one does.
pub(crate) fn calibration(bytes: &[u8]) -> Result<Option<Temperature>, ModelError> {
    let Some(note) = note(bytes)? else { return Ok(None) };
    let refuse = |because: String| ModelError::Weights { because };
    let beside: Beside = serde_json::from_str(&note)
        .map_err(|e| refuse(format!("the note beside the weights is not ours: {e}")))?;
    match beside.calibration {
        Some(found) if !(found.temperature > 0.0 && found.temperature.is_finite()) => {
            Err(refuse(format!("the temperature {} is not above 0", found.temperature)))
        }
        other => Ok(other),
    }
}

/// The numbers of each tensor in the order of [`Plan::specs`], from a file that uses our names or
/// those of a `PyTorch` `Sequential`, and holds nothing else but the batches that `PyTorch` counts.
/// The tensors of the layers `but` may be missing or of any shape; they are not read.
pub(crate) fn load(
    plan: &Plan,
    bytes: &[u8],
    but: &[String],
) -> Result<Vec<Option<Vec<f32>>>, ModelError> {
    let file = open(bytes)?;
    let found: BTreeSet<&str> = file.names().into_iter().collect();
    let tensors = plan.tensors();
    let sequential = tensors.iter().any(|tensor| found.contains(tensor.sequential.as_str()));
    let name = |t: &&TensorSpec| if sequential { t.sequential.clone() } else { t.name.clone() };
    let names: BTreeSet<String> = tensors.iter().map(name).collect();
    let numbers = tensors.iter().map(|tensor| {
        let wanted = !but.iter().any(|layer| layer == tensor.layer());
        wanted.then(|| read(&file, &name(tensor), &tensor.shape)).transpose()
    });
    let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
    let counter = |n: &str| {
        let norm = n.strip_suffix(".num_batches_tracked");
        norm.is_some_and(|norm| names.contains(&format!("{norm}.running_mean")))
    };
    let known = |n: &&&str| names.contains(**n) || counter(n);
    match found.iter().find(|name| !known(name)) {
        None => Ok(numbers),
        Some(name) => Err(ModelError::Weights {
            because: format!("`{}` has no tensor `{name}`", plan.architecture.name()),
        }),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "the shape that `map_err` wants")]
fn unreadable(error: SafeTensorError) -> ModelError {
    ModelError::Weights { because: error.to_string() }
}
