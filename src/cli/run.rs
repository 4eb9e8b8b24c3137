//! `audit run`: the whole audit, into a report folder.

use super::output::Folder;
use super::progress::{Bars, Progress, Talk};
use super::{CliError, Outcome, clock, text};
use crate::config::Config;
use crate::domain::{Assessment, Stage, Verdict, Waiver};
use crate::pipeline::{self, Circumstances};
use crate::report;
use std::collections::BTreeSet;
use std::path::PathBuf;

/// How a run behaves, from the command line.
#[derive(Debug, Clone)]
pub(crate) struct Manner {
    /// The report folder; `reports/<slug>` when not given.
    pub(crate) out: Option<PathBuf>,
    /// Report formats in place of the configured ones.
    pub(crate) formats: Vec<String>,
    /// Print the record on stdout in place of the summary.
    pub(crate) json: bool,
    /// The stages to run.
    pub(crate) stages: BTreeSet<Stage>,
    /// Whether a warning is a failure.
    pub(crate) fail_on: FailOn,
    /// End with 0 whatever the gate says.
    pub(crate) exit_zero: bool,
    /// Threads.
    pub(crate) threads: usize,
    /// Ignore the checkpoint of an interrupted run.
    pub(crate) fresh: bool,
    /// How much is told.
    pub(crate) talk: Talk,
    /// Whether bars are drawn.
    pub(crate) bars: Bars,
}

/// The mildest verdict that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum FailOn {
    /// A broken, undecided or not measured rule.
    Fail,
    /// Also a rule that holds while its interval crosses the bound.
    Warn,
}

/// Runs the audit and writes the folder.
pub(crate) fn run(
    config: &Config,
    waivers: Vec<Waiver>,
    manner: &Manner,
) -> Result<Outcome, CliError> {
    let root = manner.out.clone().unwrap_or_else(|| PathBuf::from("reports").join(&config.slug));
    let folder = Folder::new(&root);
    if manner.fresh {
        folder.clear_work().map_err(|e| CliError::write(&root, &e))?;
    }
    let mut progress = Progress::new(manner.talk, manner.bars, Some(folder.clone()));
    let circumstances = Circumstances {
        threads: manner.threads,
        started: clock::started(),
        today: clock::today(),
        stages: manner.stages.clone(),
    };
    let audit = pipeline::run(config, waivers, &circumstances, &mut progress)?;
    drop(progress);
    let formats = if manner.formats.is_empty() { &config.report.formats } else { &manner.formats };
    let options =
        report::Options { formats: formats.clone(), languages: config.report.languages.clone() };
    publish(&folder, &audit.assessment, audit.files, &options)?;
    if manner.json {
        let record = serde_json::to_string_pretty(&audit.assessment)
            .unwrap_or_else(|_| unreachable!("the record is made of plain values"));
        super::print(&record)?;
    } else {
        super::print(&format!(
            "{}report: {}\n",
            text::verdict(&audit.assessment),
            root.join("index.html").display()
        ))?;
    }
    Ok(outcome(audit.assessment.verdict, manner.fail_on, manner.exit_zero))
}

/// Renders the reports and writes them with `files`; the manifest comes last.
pub(crate) fn publish(
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

/// The exit of a verdict.
pub(crate) fn outcome(verdict: Verdict, fail_on: FailOn, exit_zero: bool) -> Outcome {
    let warned = fail_on == FailOn::Warn && verdict == Verdict::Warn;
    if exit_zero || (verdict.lets_pass() && !warned) { Outcome::Passed } else { Outcome::Failed }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_decided_or_did_not_run_does_not_pass() {
        for (verdict, passes) in [
            (Verdict::Pass, true),
            (Verdict::Waived, true),
            (Verdict::Warn, true),
            (Verdict::Undecided, false),
            (Verdict::NotRun, false),
            (Verdict::Fail, false),
        ] {
            assert_eq!(outcome(verdict, FailOn::Fail, false) == Outcome::Passed, passes);
            assert_eq!(outcome(verdict, FailOn::Fail, true), Outcome::Passed);
        }
        assert_eq!(outcome(Verdict::Warn, FailOn::Warn, false), Outcome::Failed);
        assert_eq!(outcome(Verdict::Waived, FailOn::Warn, false), Outcome::Passed);
    }
}
