//! The command line: clap types, one file per command, and how a command ends.
//!
//! Only this room touches the terminal, the environment, the clock and the files that a run writes.

pub mod anonymity;
pub mod bench;
pub mod check;
pub mod claim;
mod clock;
pub mod completions;
pub mod diagnostics;
mod error;
pub mod explain;
pub mod fairness;
mod fairness_brief;
mod fairness_change;
pub mod fairness_tasks;
pub mod files;
mod findings;
pub mod list;
pub mod membership;
mod membership_file;
mod membership_rows;
pub mod options;
mod outcome;
mod output;
pub mod pii;
pub mod predict;
mod progress;
pub mod registry;
pub mod report;
pub mod run;
pub mod schema;
pub mod study;
mod text;
pub mod train;
pub mod usage;
pub mod verify;

pub use error::CliError;
pub use outcome::{ExitZero, FailOn, Outcome};

use clap::{Parser, Subcommand};
use options::Talk;
use registry::Registries;
use std::ffi::OsString;
use std::io::{self, Write};

/// A responsible-AI audit around a classifier.
///
/// Trains or loads a classifier, measures what it does to people, and says yes or no.
#[derive(Debug, Parser)]
#[command(
    name = "audit",
    version,
    propagate_version = false,
    subcommand_required = true,
    arg_required_else_help = true
)]
#[command(
    after_help = "Example: audit check audits/quickstart.yaml\n\nExit codes: 0 passed, 1 the gate did not pass, 2 could not audit."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    #[command(flatten)]
    /// How to talk.
    pub talk: Talk,
}

/// The commands; each says what it does in its own arguments.
#[derive(Debug, Subcommand)]
#[expect(missing_docs, reason = "a comment here would replace the help of the arguments")]
pub enum Command {
    Run(run::AuditArgs),
    Check(check::CheckArgs),
    Fairness(fairness::FairnessArgs),
    Membership(membership::MembershipArgs),
    Anonymity(anonymity::AnonymityArgs),
    Pii(pii::PiiArgs),
    Usage(usage::UsageArgs),
    Train(train::TrainArgs),
    Predict(predict::PredictArgs),
    Bench(bench::BenchArgs),
    Report(report::ReportArgs),
    Verify(verify::VerifyArgs),
    Explain(explain::ExplainArgs),
    List(list::ListArgs),
    Schema(schema::SchemaArgs),
    Completions(completions::CompletionsArgs),
}

/// Where a command writes: `out` is the result, `err` the story.
pub struct Streams<'a> {
    /// The result.
    pub out: &'a mut dyn Write,
    /// The story.
    pub err: &'a mut dyn Write,
    /// Whether the story is coloured.
    pub colour: bool,
    /// How much is said.
    pub talk: Talk,
}

/// Parses the arguments and runs the command. `registries` is asked only when a command needs it.
pub fn main(args: impl Iterator<Item = OsString>, registries: fn() -> Registries) -> Outcome {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // A closed pipe is no reason to end differently.
            drop(error.print());
            return if error.use_stderr() { Outcome::CouldNotAudit } else { Outcome::Passed };
        }
    };
    let (mut out, mut err) = (Pipe(io::stdout().lock()), Pipe(io::stderr().lock()));
    let colour = cli.talk.colour.on_stderr();
    let mut streams = Streams { out: &mut out, err: &mut err, colour, talk: cli.talk };
    let ended = dispatch(&cli.command, registries, &mut streams);
    match ended.and_then(|outcome| streams.out.flush().map(|()| outcome)) {
        Ok(outcome) => outcome,
        Err(error) => {
            let line = diagnostics::line(&format!("cannot write: {error}"), colour);
            drop(streams.err.write_all(line.as_bytes()));
            Outcome::CouldNotAudit
        }
    }
}

/// A stream whose reader may leave early (`audit list | head`) without changing how we end.
struct Pipe<W>(W);

impl<W: Write> Write for Pipe<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.0.write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(bytes.len()),
            other => other,
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self.0.flush() {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            other => other,
        }
    }
}

fn dispatch(
    command: &Command,
    registries: fn() -> Registries,
    streams: &mut Streams<'_>,
) -> io::Result<Outcome> {
    match command {
        Command::Run(args) => run::run(args, &registries(), streams),
        Command::Train(args) => train::run(args, &registries(), streams),
        Command::Predict(args) => predict::run(args, &registries(), streams),
        Command::Bench(args) => bench::run(args, streams),
        Command::Fairness(args) => fairness::run(args, streams),
        Command::Membership(args) => membership::run(args, streams),
        Command::Anonymity(args) => anonymity::run(args, streams),
        Command::Pii(args) => pii::run(args, streams),
        Command::Usage(args) => usage::run(args, &registries(), streams),
        Command::Report(args) => report::run(args, streams),
        Command::Check(args) => check::run(args, &registries(), streams),
        Command::Verify(args) => verify::run(args, streams),
        Command::Explain(args) => explain::run(args, &registries(), streams),
        Command::List(args) => list::run(args, &registries(), streams),
        Command::Schema(args) => schema::run(args, &registries(), streams),
        Command::Completions(args) => completions::run(args, streams),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
