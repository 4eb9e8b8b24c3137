//! What the commands share that measure one thing and print it.

use super::error::CliError;
use super::output::Folder;
use super::run::{circumstances, publish, record};
use super::{Outcome, Streams, text};
use crate::domain::{Finding, InputFile};
use crate::{pipeline, report};
use std::collections::BTreeMap;
use std::path::Path;

/// Where the findings of one measurement go.
pub(super) struct Destination<'a> {
    pub(super) json: bool,
    pub(super) out: Option<&'a Path>,
    /// What the record must say of the numbers.
    pub(super) settings: BTreeMap<String, String>,
}

/// Prints the findings as a table or as the record, and writes a report folder when asked to.
pub(super) fn show(
    name: &str,
    findings: Vec<Finding>,
    inputs: Vec<InputFile>,
    to: &Destination<'_>,
    streams: &mut Streams<'_>,
) -> Result<Outcome, CliError> {
    let mut assessment = pipeline::bare(name, findings, inputs, &circumstances(1, |_| true));
    assessment.model.settings.extend(to.settings.clone());
    if to.json {
        writeln!(streams.out, "{}", record(&assessment))?;
    } else {
        write!(streams.out, "{}", text::findings(&assessment.findings))?;
    }
    if let Some(out) = to.out {
        let languages = vec!["en".to_owned(), "zh".to_owned()];
        let options = report::Options { formats: Vec::new(), languages };
        publish(&Folder::new(out), &assessment, Vec::new(), &options)?;
    }
    Ok(Outcome::Passed)
}
