//! `audit usage`: a usage log against a policy.

use super::findings::{self, Destination};
use super::registry::Registries;
use super::{CliError, Outcome, Streams, error, files};
use crate::config;
use crate::domain::{InputFile, digest_hex};
use crate::misuse::{self, Log, Policy};
use crate::pipeline;
use clap::Args;
use std::collections::BTreeMap;
use std::io;
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

/// Checks the log and prints each rule's share of violations.
pub fn run(
    args: &UsageArgs,
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> io::Result<Outcome> {
    let ended = check(args, registries, streams);
    error::shown(ended, streams)
}

fn check(
    args: &UsageArgs,
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> Result<Outcome, CliError> {
    let policy = match &args.policy {
        Some(path) => {
            let document = files::document(path)?;
            Policy::compile(&document.path, &document.text)?
        }
        None => Policy::built_in()?,
    };
    let document = match &args.facts {
        Some(path) => files::document(path)?,
        None => config::Document { path: "facts".to_owned(), text: "{}".to_owned() },
    };
    let facts = config::load_facts(&document, &registries.known())
        .map_err(|problems| files::FileError::Problems { document, problems })?;
    let bytes = std::fs::read(&args.log).map_err(|e| CliError::read(&args.log, &e))?;
    let name = args.log.display().to_string();
    let log = Log::parse(&name, &bytes)?;
    let findings = misuse::audit(&log, &policy, &pipeline::facts(&facts, 0.95))?;
    let inputs = vec![InputFile { path: name.clone(), sha256: digest_hex(&bytes) }];
    let to = Destination { json: args.json, out: None, settings: BTreeMap::new() };
    findings::show(&name, findings, inputs, &to, streams)
}
