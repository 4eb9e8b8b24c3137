//! `audit pii`: personal data in tables.

use super::findings::{self, Destination};
use super::{CliError, Outcome, Streams, error};
use crate::config::FilePath;
use crate::pipeline;
use crate::privacy::pii;
use clap::Args;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// Find personal data in tables and file names.
///
/// What is found is shown masked, never in full.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: audit pii data/metadata.csv data/images --json")]
pub struct PiiArgs {
    /// Tables (CSV, Parquet), or folders of them; of other files only the names are scanned.
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Print the findings as JSON.
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// Scans the paths and prints what was found, masked.
pub fn run(args: &PiiArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let ended = scan(args, streams);
    error::shown(ended, streams)
}

fn scan(args: &PiiArgs, streams: &mut Streams<'_>) -> Result<Outcome, CliError> {
    let path = |p: &PathBuf| FilePath { given: p.display().to_string(), resolved: p.clone() };
    let paths: Vec<FilePath> = args.paths.iter().map(path).collect();
    let (tables, names) = pipeline::read_scan_paths(&paths)?;
    let findings = pii::audit(&tables, &names, &pii::Options { max_examples: 5 });
    let to = Destination { json: args.json, out: None, settings: BTreeMap::new() };
    findings::show("Personal data", findings, Vec::new(), &to, streams)
}
