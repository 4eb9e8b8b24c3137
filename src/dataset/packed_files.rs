//! The files of packed formats: finding and reading them, and what can be wrong with them.

use super::error::DatasetError;
use super::source::Source;
use super::table;
use crate::domain::{InputFile, digest_hex};
use std::path::{Path, PathBuf};

/// What is wrong with a packed file, in words that follow its name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackedProblem {
    /// No byte, or a header that announces no row.
    #[error("holds no rows")]
    Empty,
    /// It is something else.
    #[error("begins with {found}, not with {expected}; is it the right file?")]
    Magic {
        /// The first bytes, hexadecimal.
        found: String,
        /// The first bytes of the right file.
        expected: String,
    },
    /// A header that announces pictures without pixels, or more bytes than a machine has.
    #[error("announces the shape {shape:?}, which no file has")]
    Shape {
        /// The announced dimensions.
        shape: Vec<u32>,
    },
    /// The end is missing.
    #[error("ends after {found} of the {expected} bytes that its header announces; fetch it again")]
    Truncated {
        /// Bytes that there are.
        found: u64,
        /// Bytes that there should be.
        expected: u64,
    },
    /// There is more than the header announces.
    #[error("goes on after the {expected} bytes that its header announces; fetch it again")]
    Trailing {
        /// Bytes that there should be.
        expected: u64,
    },
    /// The last record is cut off, or it is something else.
    #[error("has {bytes} bytes, no whole number of records of {record}; is it the right file?")]
    Records {
        /// Bytes that there are.
        bytes: u64,
        /// Bytes of a record.
        record: u64,
    },
    /// The arrays of a part are not there.
    #[error("holds no pictures and labels of `{part}`; its arrays are {}", names.join(", "))]
    Arrays {
        /// The part.
        part: &'static str,
        /// What there is.
        names: Vec<String>,
    },
    /// An array is not there.
    #[error("holds no array `{name}`; its arrays are {}", present.join(", "))]
    NoArray {
        /// Its name.
        name: String,
        /// What there is.
        present: Vec<String>,
    },
    /// An array is not what it should be.
    #[error("holds the array `{name}`, which {because}")]
    Array {
        /// Its name.
        name: String,
        /// What is wrong with it.
        because: String,
    },
    /// It cannot be unpacked.
    #[error("cannot be unpacked: {because}; fetch it again")]
    Damaged {
        /// What the unpacker says.
        because: String,
    },
    /// Pictures and labels do not belong together.
    #[error("holds {labels} labels, but `{pictures_file}` holds {pictures} pictures")]
    Counts {
        /// Labels.
        labels: usize,
        /// File of the pictures.
        pictures_file: String,
        /// Pictures.
        pictures: usize,
    },
    /// The pictures of two files differ in size.
    #[error("holds pictures of {found:?} (height, width, channels), but `{other}` of {expected:?}")]
    Size {
        /// Here.
        found: [usize; 3],
        /// The other file.
        other: String,
        /// There.
        expected: [usize; 3],
    },
    /// A label that no class name stands for.
    #[error("has the label {label} in row {row}, but `classes` has {classes} names, for 0 to {}", classes - 1)]
    Label {
        /// Row, from 1.
        row: u64,
        /// The label.
        label: u8,
        /// Named classes.
        classes: usize,
    },
    /// More than one file could be meant.
    #[error("holds several files of {what}: {}; leave one of them", names.join(", "))]
    Several {
        /// What was looked for.
        what: String,
        /// Their names.
        names: Vec<String>,
    },
}

impl PackedProblem {
    /// With the file that has it.
    pub(crate) fn of(self, file: &Path) -> DatasetError {
        DatasetError::Packed { file: file.to_owned(), problem: self }
    }
}

/// A folder of packed files.
#[derive(Debug)]
pub(crate) struct Folder {
    at: PathBuf,
    given: PathBuf,
}

impl Folder {
    /// The folder of a source. `needed` says what it must hold.
    pub(crate) fn of(
        source: &Source,
        format: &'static str,
        needed: &str,
    ) -> Result<Self, DatasetError> {
        let because = "the folder of the files";
        let Some(given) = source.path.clone() else {
            return Err(DatasetError::MissingKey { format, key: "path", because });
        };
        let at = source.base.join(&given);
        if at.is_dir() {
            return Ok(Self { at, given });
        }
        Err(DatasetError::NoFile { file: at, hint: needed.to_owned() })
    }

    /// Where a file of this name lies, or would lie.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        if name.is_empty() { self.at.clone() } else { self.at.join(name) }
    }

    /// A whole file, and its line in the list of inputs.
    pub(crate) fn read(&self, name: &str) -> Result<(Vec<u8>, InputFile), DatasetError> {
        let file = self.path(name);
        let bytes = std::fs::read(&file);
        let bytes = bytes
            .map_err(|e| DatasetError::Unreadable { file: file.clone(), because: e.to_string() })?;
        let path = format!("{}/{name}", table::shown(&self.given));
        let input = InputFile { path, sha256: digest_hex(&bytes) };
        Ok((bytes, input))
    }

    /// The names of everything in it, in order.
    pub(crate) fn names(&self) -> Result<Vec<String>, DatasetError> {
        let names = std::fs::read_dir(&self.at).and_then(|entries| {
            let name = |entry: std::fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
            entries.map(|entry| entry.map(name)).collect::<std::io::Result<Vec<_>>>()
        });
        let mut names = names.map_err(|e| DatasetError::Unreadable {
            file: self.at.clone(),
            because: e.to_string(),
        })?;
        names.sort_unstable();
        Ok(names)
    }
}

/// A number of bytes or rows.
pub(crate) fn whole(n: usize) -> u64 {
    u64::try_from(n).unwrap_or_else(|_| unreachable!("usize fits u64"))
}
