//! The kinds of files that stored outputs come in, told apart by their first bytes.

use super::CliError;
use crate::dataset::{NumpyArray, OutputNames, OutputTable, read_arrays, read_outputs};
use crate::privacy::stored::{self, Kind, Layout, Stored, Tensor};
use std::borrow::Cow;
use std::path::Path;

/// Reads and checks a file whose bytes are at hand.
pub(super) fn read<'a>(
    path: &Path,
    bytes: &'a [u8],
    layout: &Layout,
) -> Result<Stored<'a>, CliError> {
    let made = match bytes {
        [] => return Err(CliError::read(path, &"it is empty")),
        [b'P', b'K', ..] => stored::of(of_archive(path, bytes, layout)?, layout),
        [b'P', b'A', b'R', b'1', ..] => stored::of(of_table(path, bytes, layout)?, layout),
        _ => stored::read(bytes, layout),
    };
    made.map_err(|e| CliError::read(path, &e))
}

/// Arrays of numpy. Truth values and integers of any width will do for masks and labels.
fn of_archive(
    path: &Path,
    bytes: &[u8],
    layout: &Layout,
) -> Result<[Tensor<'static>; 3], CliError> {
    let names = [layout.values(), &layout.masks, &layout.labels];
    let arrays = read_arrays(bytes, &names).map_err(|problem| problem.of(path))?;
    let Ok([values, masks, labels]) = <[NumpyArray; 3]>::try_from(arrays) else {
        unreachable!("as many arrays as names")
    };
    let values = tensor(names[0], values, |array| match array.kind.as_str() {
        "<f4" => (Kind::F32, array.entries),
        "<f8" => (Kind::F64, array.entries),
        _ => (Kind::Other(array.kind), array.entries),
    });
    let masks = tensor(names[1], masks, |array| {
        let bytes = |all: Vec<i64>| all.into_iter().map(|v| u8::try_from(v).ok()).collect();
        match array.integers().map(bytes) {
            Some(Some(all)) => (Kind::U8, all),
            Some(None) => (Kind::Other("integers beyond 0 to 255".to_owned()), array.entries),
            None => (Kind::Other(array.kind), array.entries),
        }
    });
    let labels = tensor(names[2], labels, |array| match array.integers() {
        Some(all) => (Kind::I64, all.into_iter().flat_map(i64::to_le_bytes).collect()),
        None => (Kind::Other(array.kind), array.entries),
    });
    Ok([values, masks, labels])
}

fn tensor(
    name: &str,
    array: NumpyArray,
    entries: impl Fn(NumpyArray) -> (Kind, Vec<u8>),
) -> Tensor<'static> {
    let shape = array.shape.clone();
    let (kind, data) = entries(array);
    Tensor { name: name.to_owned(), kind, shape, data: Cow::Owned(data) }
}

/// Columns of a table.
fn of_table(path: &Path, bytes: &[u8], layout: &Layout) -> Result<[Tensor<'static>; 3], CliError> {
    let names = OutputNames {
        logits: &layout.logits,
        losses: layout.losses.as_deref(),
        masks: &layout.masks,
        labels: &layout.labels,
    };
    let OutputTable { values, masks, labels, sizes } = read_outputs(path, bytes, &names)?;
    let [models, rows, classes, pool] = sizes;
    let name = str::to_owned;
    let values = Tensor {
        name: name(layout.values()),
        kind: Kind::F64,
        shape: match layout.losses {
            Some(_) => vec![models, rows],
            None => vec![models, rows, classes],
        },
        data: Cow::Owned(values.into_iter().flat_map(f64::to_le_bytes).collect()),
    };
    let (kind, shape) = (Kind::U8, vec![models, pool]);
    let masks = Tensor { name: name(&layout.masks), kind, shape, data: Cow::Owned(masks) };
    let data = Cow::Owned(labels.into_iter().flat_map(i64::to_le_bytes).collect());
    let (kind, shape) = (Kind::I64, vec![rows]);
    Ok([values, masks, Tensor { name: name(&layout.labels), kind, shape, data }])
}
