//! `audit check`: is the configuration valid?

use super::files;
use super::options::{ConfigArgs, RunArgs};
use super::registry::Registries;
use super::{Outcome, Streams};
use clap::Args;
use std::io;

/// Validate a configuration; reads no data.
///
/// Shows all problems at once, each with its place and a way out.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: audit check audits/quickstart.yaml --set seed=7")]
pub struct CheckArgs {
    #[command(flatten)]
    /// What to check.
    pub config: ConfigArgs,
}

/// Checks, and says what the configuration asks for.
pub fn run(
    args: &CheckArgs,
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> io::Result<Outcome> {
    let overrides = args.config.overrides(&RunArgs::default(), &[]);
    match files::audit_config(&args.config.config, &overrides, registries) {
        Ok(_) if streams.talk.quiet => Ok(Outcome::Passed),
        Ok((config, waivers)) => {
            let count =
                |n: usize, noun: &str| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
            writeln!(
                streams.out,
                "{}: valid; {}, {}, {}",
                config.file,
                count(config.dataset.groups.len(), "grouping"),
                count(config.gate.len(), "gate rule"),
                count(waivers.len(), "waiver"),
            )?;
            Ok(Outcome::Passed)
        }
        Err(error) => {
            error.show(streams)?;
            Ok(Outcome::CouldNotAudit)
        }
    }
}
