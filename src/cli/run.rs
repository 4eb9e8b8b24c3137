//! `audit run`: the whole audit.

use super::options::{ConfigArgs, GateArgs, RunArgs, StageArgs};
use super::output::Folder;
use super::progress::Progress;
use super::registry::Registries;
use super::{CliError, ExitZero, Outcome, Streams, clock, error, files, text};
use crate::config::Config;
use crate::domain::{Assessment, InputFile, Stage, digest_hex};
use crate::pipeline::{self, Circumstances};
use crate::report;
use clap::Args;
use std::io;
use std::path::{Path, PathBuf};

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
    /// Compare with an earlier run on the same rows: its report folder, its assessment.json, or a table
    /// of predictions.
    #[arg(long, value_name = "ASSESSMENT")]
    pub baseline: Option<PathBuf>,
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

/// Runs the audit, writes the folder and says how the gate answered.
pub fn run(
    args: &AuditArgs,
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> io::Result<Outcome> {
    let ended = audit(args, registries, streams);
    error::shown(ended, streams)
}

fn audit(
    args: &AuditArgs,
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> Result<Outcome, CliError> {
    let overrides = args.config.overrides(&args.run, &args.formats);
    let (config, waivers) = files::audit_config(&args.config.config, &overrides, registries)?;
    let read = read_files(&config)?;
    let folder = Folder::new(&folder(args.out.as_deref(), &config));
    if args.run.fresh {
        folder.clear_work().map_err(|e| CliError::write(folder.root(), &e))?;
    }
    let threads = error::threads(args.run.threads);
    let circumstances = Circumstances {
        baseline: args.baseline.clone(),
        ..circumstances(threads, |stage| args.stages.runs(stage))
    };
    let mut progress = Progress::new(streams.talk, args.run.no_progress, Some(folder.clone()));
    let mut audit = pipeline::run(&config, waivers, &circumstances, &mut progress)?;
    drop(progress);
    audit.assessment.provenance.inputs.splice(0..0, read);
    let options = report::Options {
        formats: config.report.formats.clone(),
        languages: config.report.languages.clone(),
    };
    publish(&folder, &audit.assessment, audit.files, &options)?;
    if args.json {
        writeln!(streams.out, "{}", record(&audit.assessment))?;
    } else {
        let text = text::verdict(&audit.assessment);
        writeln!(streams.out, "{text}report: {}", folder.root().join("index.html").display())?;
    }
    let outcome = Outcome::of(audit.assessment.verdict, args.gate.fail_on);
    Ok(outcome.forgiven(ExitZero(args.gate.exit_zero)))
}

/// The configuration and the waivers as they lie on disk, for the list of inputs.
fn read_files(config: &Config) -> Result<Vec<InputFile>, CliError> {
    let waivers = config.waivers.iter().map(|file| (file.given.clone(), file.resolved.clone()));
    let own = (config.file.clone(), PathBuf::from(&config.file));
    let digest = |(path, place): (String, PathBuf)| {
        let bytes = std::fs::read(&place).map_err(|e| CliError::read(&place, &e))?;
        Ok(InputFile { path, sha256: digest_hex(&bytes) })
    };
    std::iter::once(own).chain(waivers).map(digest).collect()
}

/// The report folder: the given one, or `reports/<audit name>`.
pub(super) fn folder(given: Option<&Path>, config: &Config) -> PathBuf {
    given.map_or_else(|| Path::new("reports").join(&config.slug), Path::to_path_buf)
}

/// What the steps may not look up themselves.
pub(super) fn circumstances(threads: usize, runs: impl Fn(Stage) -> bool) -> Circumstances {
    let stages = [Stage::Dataset, Stage::Fairness, Stage::Privacy, Stage::Misuse];
    Circumstances {
        threads,
        started: clock::started(),
        today: clock::today(),
        stages: stages.into_iter().filter(|s| runs(*s)).collect(),
        baseline: None,
    }
}

/// The record as pretty JSON.
pub(super) fn record(assessment: &Assessment) -> String {
    serde_json::to_string_pretty(assessment)
        .unwrap_or_else(|_| unreachable!("the record is made of plain values"))
}

/// Renders the reports and writes them with `files`; the manifest comes last.
pub(super) fn publish(
    folder: &Folder,
    assessment: &Assessment,
    files: Vec<(String, Vec<u8>)>,
    options: &report::Options,
) -> Result<(), CliError> {
    let given = files.into_iter().map(|(path, bytes)| report::Artifact { path, bytes });
    let mut artifacts: Vec<report::Artifact> = given.collect();
    artifacts.extend(report::render(assessment, options)?);
    let manifest = report::manifest(&artifacts, &assessment.provenance);
    artifacts.push(manifest);
    let files: Vec<_> = artifacts.into_iter().map(|a| (a.path, a.bytes)).collect();
    folder.publish(&files).map_err(|e| CliError::write(folder.root(), &e))
}
