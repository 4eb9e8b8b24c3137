//! `audit pii`: personal data in tables.

use clap::Args;
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
