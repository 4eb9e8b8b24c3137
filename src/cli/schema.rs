//! `audit schema`: JSON Schema for editors.

use super::registry::Registries;
use super::{Outcome, Streams};
use clap::{Args, ValueEnum};
use std::io;

/// Print a JSON Schema (draft 2020-12).
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: audit schema config > audit.schema.json")]
pub struct SchemaArgs {
    /// Of what.
    #[arg(value_name = "WHAT", value_enum)]
    pub what: SchemaOf,
}

/// What has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The configuration file.
    Config,
}

/// Prints the schema.
pub fn run(
    args: &SchemaArgs,
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> io::Result<Outcome> {
    let schema = match args.what {
        SchemaOf::Config => crate::config::schema(&registries.known()),
    };
    writeln!(streams.out, "{schema:#}")?;
    Ok(Outcome::Passed)
}
