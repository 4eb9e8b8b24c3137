//! `audit run`: the whole audit.

use super::options::{ConfigArgs, GateArgs, RunArgs, StageArgs};
use clap::Args;
use std::path::PathBuf;

/// Run the whole audit.
///
/// Data, model, predictions, checks, risks, gate, reports. Exit code 0: the gate passed; 1: it did
/// not; 2: the audit could not be made.
#[derive(Debug, Clone, Default, Args)]
#[command(
    after_help = "Examples: audit run audits/quickstart.yaml\n          audit run audit.yaml --only fairness --json"
)]
pub struct AuditArgs {
    #[command(flatten)]
    /// What to audit.
    pub config: ConfigArgs,
    #[command(flatten)]
    /// How to compute.
    pub run: RunArgs,
    #[command(flatten)]
    /// Which stages run.
    pub stages: StageArgs,
    #[command(flatten)]
    /// What makes the exit code.
    pub gate: GateArgs,
    /// Report folder; `reports/<audit name>` where absent.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Report format (repeatable), in place of the configuration's.
    #[arg(long = "format", value_name = "FORMAT", help_heading = "Output")]
    pub formats: Vec<String>,
    /// Print the assessment as JSON.
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}
