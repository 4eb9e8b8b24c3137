//! Reads configurations from disk, and says why it could not.

use super::Streams;
use super::diagnostics;
use super::registry::Registries;
use crate::config::{self, Config, Document, Problem};
use crate::domain::Waiver;
use std::io;
use std::path::Path;

/// Why a configuration could not be used.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be read.
    #[error("cannot read `{path}`: {source}")]
    Read {
        /// As given.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// The file is not text.
    #[error("cannot read `{path}`: not UTF-8 text at byte {at}")]
    Encoding {
        /// As given.
        path: String,
        /// The first byte that is not UTF-8, from 0.
        at: usize,
    },
    /// The file has problems.
    #[error("{} problems in `{}`", problems.len(), document.path)]
    Problems {
        /// The file.
        document: Document,
        /// All of them; at least one.
        problems: Vec<Problem>,
    },
}

impl FileError {
    /// Writes the error, with carets where it has places.
    pub fn show(&self, streams: &mut Streams<'_>) -> io::Result<()> {
        let text = match self {
            Self::Problems { document, problems } => {
                diagnostics::draw(document, problems, streams.colour)
            }
            other => diagnostics::line(&other.to_string(), streams.colour),
        };
        streams.err.write_all(text.as_bytes())
    }
}

/// Reads a text file.
pub fn document(path: &Path) -> Result<Document, FileError> {
    let shown = path.display().to_string();
    let bytes =
        std::fs::read(path).map_err(|source| FileError::Read { path: shown.clone(), source })?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Document { path: shown, text }),
        Err(error) => {
            Err(FileError::Encoding { path: shown, at: error.utf8_error().valid_up_to() })
        }
    }
}

/// Reads and checks a configuration and the waivers that it names.
pub fn audit_config(
    path: &Path,
    overrides: &[(String, String)],
    registries: &Registries,
) -> Result<(Config, Vec<Waiver>), FileError> {
    let known = registries.known();
    let document = document(path)?;
    let config = config::load(&document, overrides, &known, &Path::exists)
        .map_err(|problems| FileError::Problems { document, problems })?;
    let waivers = match &config.waivers {
        Some(file) => {
            let document = self::document(&file.resolved)?;
            config::load_waivers(&document, &known)
                .map_err(|problems| FileError::Problems { document, problems })?
        }
        None => Vec::new(),
    };
    Ok((config, waivers))
}
