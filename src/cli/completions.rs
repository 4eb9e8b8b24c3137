//! `audit completions`: a script for a shell.

use super::{Cli, Outcome, Streams};
use clap::{Args, CommandFactory};
use clap_complete::Shell;
use std::io;

/// Print shell completions.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Example: audit completions bash > ~/.local/share/bash-completion/completions/audit"
)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(value_name = "SHELL", value_enum)]
    pub shell: Shell,
}

/// Prints the script.
pub fn run(args: &CompletionsArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "audit", &mut script);
    streams.out.write_all(&script)?;
    Ok(Outcome::Passed)
}
