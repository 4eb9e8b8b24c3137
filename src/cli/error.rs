//! Why a command could not do its work, and how many threads it may use to do it.

use super::files::FileError;
use super::{Outcome, Streams, diagnostics};
use crate::dataset::DatasetError;
use crate::misuse::{LogError, MisuseError, PolicyError};
use crate::model::ModelError;
use crate::pipeline::PipelineError;
use crate::privacy::anonymity::AnonymityError;
use crate::privacy::membership::ProbeError;
use crate::report::RenderError;
use std::io;
use std::num::NonZeroUsize;
use std::path::Path;

/// Why a command could not do its work. Exit code 2.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// A configuration could not be used.
    #[error(transparent)]
    File(#[from] FileError),
    /// The audit could not be made.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// The reports could not be drawn.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// Data could not be read or written.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// Weights could not be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// Stored outputs could not be used.
    #[error(transparent)]
    Probe(#[from] ProbeError),
    /// A table could not be measured.
    #[error(transparent)]
    Anonymity(#[from] AnonymityError),
    /// A policy could not be used.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A log could not be used.
    #[error(transparent)]
    Log(#[from] LogError),
    /// A policy could not be evaluated.
    #[error(transparent)]
    Misuse(#[from] MisuseError),
    /// A file could not be written.
    #[error("cannot write `{path}`: {because}")]
    Write {
        /// The file or folder.
        path: String,
        /// The system's reason.
        because: String,
    },
    /// A file could not be read.
    #[error("cannot read `{path}`: {because}")]
    Read {
        /// The file.
        path: String,
        /// The reason.
        because: String,
    },
    /// The arguments contradict each other or the input.
    #[error("{0}")]
    Usage(String),
    /// The terminal could not be written to.
    #[error(transparent)]
    Terminal(#[from] io::Error),
}

impl CliError {
    pub(super) fn write(path: &Path, error: &io::Error) -> Self {
        Self::Write { path: path.display().to_string(), because: error.to_string() }
    }

    pub(super) fn read(path: &Path, because: &impl ToString) -> Self {
        Self::Read { path: path.display().to_string(), because: because.to_string() }
    }
}

/// Shows an error and ends with 2; passes any other ending on.
pub(super) fn shown(
    result: Result<Outcome, CliError>,
    streams: &mut Streams<'_>,
) -> io::Result<Outcome> {
    match result {
        Ok(outcome) => return Ok(outcome),
        Err(CliError::File(error)) => error.show(streams)?,
        Err(CliError::Terminal(error)) => return Err(error),
        Err(other) => {
            let text = diagnostics::line(&other.to_string(), streams.colour);
            streams.err.write_all(text.as_bytes())?;
        }
    }
    Ok(Outcome::CouldNotAudit)
}

/// The number of threads that work in parallel: as asked for, or one per processor.
pub(super) fn threads(asked: Option<NonZeroUsize>) -> usize {
    let available = || std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = asked.map_or_else(available, NonZeroUsize::get);
    // A second call in one process finds the pool made; the results do not depend on its size.
    let _made_before = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    threads
}
