//! Arrays of stored outputs, whatever kind of file they lie in.

use super::stored_error::StoredError;
use safetensors::{Dtype, SafeTensors};
use std::borrow::Cow;

/// What the entries of an array are; numbers are little-endian.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// Floats of four bytes.
    F32,
    /// Floats of eight bytes.
    F64,
    /// Bytes; also truth values, a byte each.
    U8,
    /// Signed integers of eight bytes.
    I64,
    /// Anything else, by its name.
    Other(String),
}

impl Kind {
    /// Bytes of an entry.
    pub(super) fn width(&self) -> usize {
        match self {
            Self::U8 | Self::Other(_) => 1,
            Self::F32 => 4,
            Self::F64 | Self::I64 => 8,
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::U8 => "u8",
            Self::I64 => "i64",
            Self::Other(name) => name,
        }
    }
}

/// An array: shape and entries, the last axis fastest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor<'a> {
    /// Its name in the file.
    pub name: String,
    /// What its entries are.
    pub kind: Kind,
    /// Entries along each axis.
    pub shape: Vec<usize>,
    /// The entries.
    pub data: Cow<'a, [u8]>,
}

impl Tensor<'_> {
    /// The same, if it is of one of these kinds and as long as its shape says.
    pub(super) fn checked(
        self,
        kinds: &[Kind],
        expected: &'static str,
    ) -> Result<Self, StoredError> {
        let name = self.name.clone();
        if !kinds.contains(&self.kind) {
            let found = self.kind.name().to_owned();
            return Err(StoredError::Type { name, found, expected });
        }
        let width = self.kind.width();
        let bytes = self.shape.iter().try_fold(width, |all, side| all.checked_mul(*side));
        if bytes == Some(self.data.len()) {
            return Ok(self);
        }
        Err(StoredError::Entries { name, shape: self.shape, entries: self.data.len() / width })
    }
}

/// Three arrays of a safetensors file, by their names.
pub(super) fn in_safetensors<'a>(
    bytes: &'a [u8],
    names: [&str; 3],
) -> Result<[Tensor<'a>; 3], StoredError> {
    let file = SafeTensors::deserialize(bytes).map_err(|e| StoredError::Format(e.to_string()))?;
    let [values, masks, labels] = names.map(|name| tensor(&file, name));
    Ok([values?, masks?, labels?])
}

fn tensor<'a>(file: &SafeTensors<'a>, name: &str) -> Result<Tensor<'a>, StoredError> {
    let view = file.tensor(name).map_err(|_| {
        let mut names: Vec<&str> = file.names();
        names.sort_unstable();
        StoredError::Missing { name: name.to_owned(), present: names.join(", ") }
    })?;
    let kind = match view.dtype() {
        Dtype::F32 => Kind::F32,
        Dtype::F64 => Kind::F64,
        Dtype::U8 | Dtype::BOOL => Kind::U8,
        Dtype::I64 => Kind::I64,
        other => Kind::Other(format!("{other:?}").to_lowercase()),
    };
    let (shape, data) = (view.shape().to_vec(), Cow::Borrowed(view.data()));
    Ok(Tensor { name: name.to_owned(), kind, shape, data })
}
