//! `audit usage`: a usage log against a policy.

use clap::Args;
use std::path::PathBuf;

/// Check a usage log against a policy.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Example: audit usage logs/usage.jsonl --policy policies/usage.rego --facts facts.yaml"
)]
pub struct UsageArgs {
    /// The log, JSON Lines.
    #[arg(value_name = "LOG")]
    pub log: PathBuf,
    /// Rego policy; the built-in one where absent.
    #[arg(long, value_name = "FILE")]
    pub policy: Option<PathBuf>,
    /// What the policy is told, YAML with the keys of `misuse:` (purposes, approvals, …).
    #[arg(long, value_name = "FILE")]
    pub facts: Option<PathBuf>,
    /// Print the findings as JSON.
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}
