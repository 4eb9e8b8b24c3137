//! `audit fairness`: group and bias metrics of a predictions table.

use super::fairness_tasks::{self, Task, TaskArgs};
use super::findings::{self, Destination};
use super::options::assignment;
use super::{CliError, Outcome, Streams, error, fairness_brief, fairness_change};
use crate::dataset::{self, Columns, Source};
use crate::domain::{Finding, InputFile, nearest};
use crate::fairness::Selection;
use crate::fairness::compat::Peer;
use crate::fairness::individual;
use crate::{fairness, pipeline};
use clap::Args;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// Measure a predictions table by group; needs no configuration.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Example: audit fairness compas.csv --positive 1 --score score --by race --by 'race*sex' --reference race=Caucasian"
)]
pub struct FairnessArgs {
    /// CSV, Parquet or JSON Lines, one row per example.
    #[arg(value_name = "TABLE")]
    pub table: PathBuf,
    /// Column of the true labels.
    #[arg(long, value_name = "COLUMN", default_value = "y_true")]
    pub y_true: String,
    /// Column of the predicted labels.
    #[arg(long, value_name = "COLUMN", default_value = "y_pred")]
    pub y_pred: String,
    /// Column of the probability of the positive label; ranking and calibration need it.
    #[arg(long, value_name = "COLUMN")]
    pub score: Option<String>,
    /// The label that counts as positive; where absent 1, or true of false and true.
    #[arg(long, value_name = "LABEL")]
    pub positive: Option<String>,
    /// Column of the weight of each row; without it every row counts one.
    #[arg(long, value_name = "COLUMN")]
    pub weight: Option<String>,
    /// Take a row as predicted positive from this score up, in place of the decisions.
    #[arg(long, value_name = "SCORE", value_parser = share)]
    pub threshold: Option<f64>,
    /// A feature, or an intersection as `race*sex` (repeatable).
    #[arg(long, value_name = "FEATURE")]
    pub by: Vec<String>,
    /// Compare the other groups with this one (repeatable).
    #[arg(long, value_name = "FEATURE=LEVEL", value_parser = assignment)]
    pub reference: Vec<(String, String)>,
    /// Also compare the groups within each level of this feature (repeatable; several are crossed).
    #[arg(long, value_name = "FEATURE")]
    pub control: Vec<String>,
    /// What to measure: default, all, or names joined by commas.
    #[arg(long, value_name = "NAMES", default_value = "default", value_parser = selection)]
    pub metrics: Selection,
    /// Level of the intervals, above 0 and below 1.
    #[arg(long, value_name = "LEVEL", default_value_t = 0.95, value_parser = confidence)]
    pub confidence: f64,
    /// Interval of a single share: on average its level, or at least its level and wider.
    #[arg(long, value_name = "METHOD", value_enum, default_value_t = Interval::Wilson)]
    pub interval: Interval,
    /// Tests of gaps: by formula, or by permutation, which also tests areas, scores and F1 and is slower.
    #[arg(long, value_name = "METHOD", value_enum, default_value_t = Tests::Analytic)]
    pub tests: Tests,
    /// Groups with fewer rows have no value. 1 here, because a table is looked at rather than
    /// judged; `audit run` asks for 30.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub min_group_size: u64,
    /// Also show the numbers of this library by its own conventions: fairlearn, aif360 or
    /// aequitas (repeatable).
    #[arg(long, value_name = "LIBRARY", value_parser = peer)]
    pub compat: Vec<Peer>,
    /// Also make the tables of New York City's Local Law 144.
    #[arg(long)]
    pub local_law_144: bool,
    /// Table of numeric features in the order of the rows; measures consistency of neighbours.
    #[arg(long, value_name = "FILE")]
    pub features: Option<PathBuf>,
    /// A column of that file that is no feature, e.g. an id (repeatable).
    #[arg(long, value_name = "COLUMN", requires = "features")]
    pub skip_feature: Vec<String>,
    /// Also say what changed since an earlier run on the same rows: a table of predictions with the same
    /// columns, or a report folder.
    #[arg(long, value_name = "TABLE")]
    pub baseline: Option<PathBuf>,
    /// Column of the ids by which the rows of both runs are joined; `id` where there is one, else by
    /// position.
    #[arg(long, value_name = "COLUMN", requires = "baseline")]
    pub id: Option<String>,
    /// What is predicted.
    #[command(flatten)]
    pub task: TaskArgs,
    /// Print the findings as JSON.
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Also write a report into this folder.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub out: Option<PathBuf>,
}

/// How the interval of a single share is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Interval {
    /// Wilson's score interval.
    Wilson,
    /// The exact interval of Clopper and Pearson.
    ClopperPearson,
}

/// How gaps are tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Tests {
    /// Fisher's and Pearson's tests of rates.
    Analytic,
    /// Labels dealt at random.
    Permutation,
}

impl From<Interval> for fairness::ShareInterval {
    fn from(interval: Interval) -> Self {
        match interval {
            Interval::Wilson => Self::Wilson,
            Interval::ClopperPearson => Self::ClopperPearson,
        }
    }
}

impl FairnessArgs {
    /// The groupings, each one feature or several; a control feature is one of them.
    #[must_use]
    pub fn groups(&self) -> Vec<Vec<String>> {
        let features = |by: &String| by.split('*').map(|f| f.trim().to_owned()).collect();
        let mut groups: Vec<Vec<String>> = self.by.iter().map(features).collect();
        for feature in &self.control {
            let alone = vec![feature.clone()];
            if !groups.contains(&alone) {
                groups.push(alone);
            }
        }
        groups
    }

    /// What the record must say: the threshold and the column of weights.
    #[must_use]
    pub fn settings(&self) -> BTreeMap<String, String> {
        let threshold = self.threshold.map(|t| ("threshold".to_owned(), t.to_string()));
        let weight = self.weight.clone().map(|column| ("weight".to_owned(), column));
        [threshold, weight].into_iter().flatten().collect()
    }

    /// Feature → level; of several for one feature the last.
    #[must_use]
    pub fn references(&self) -> BTreeMap<String, String> {
        self.reference.iter().cloned().collect()
    }
}

/// Reads a confidence level.
pub(super) fn confidence(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(level) if 0.0 < level && level < 1.0 => Ok(level),
        _ => Err("expected a number above 0 and below 1, e.g. 0.95".to_owned()),
    }
}

/// Reads the name of a library whose conventions are reproduced.
fn peer(text: &str) -> Result<Peer, String> {
    let names = Peer::ALL.map(Peer::name).join(", ");
    Peer::parse(text).ok_or_else(|| format!("expected one of {names}"))
}

/// Reads a share, 0 to 1.
fn share(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1, e.g. 0.5".to_owned()),
    }
}

/// Reads `default`, `all` or names joined by commas.
fn selection(text: &str) -> Result<Selection, String> {
    let checks = fairness::checks();
    let known = |name: &str| checks.iter().any(|meta| meta.name == name);
    match text {
        "default" => return Ok(Selection::Default),
        "all" => return Ok(Selection::All),
        _ => {}
    }
    let names: Vec<String> = text.split(',').map(|name| name.trim().to_owned()).collect();
    let Some(unknown) = names.iter().find(|name| !known(name)) else {
        return Ok(Selection::Named(names));
    };
    let help = match nearest(unknown, checks.iter().map(|meta| meta.name)) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`audit list checks` shows all names".to_owned(),
    };
    Err(format!("no metric or comparison is called `{unknown}`; {help}"))
}

/// Measures the table and prints every group and comparison.
pub fn run(args: &FairnessArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let ended = measure(args, streams);
    error::shown(ended, streams)
}

fn measure(args: &FairnessArgs, streams: &mut Streams<'_>) -> Result<Outcome, CliError> {
    let source = source_of(args);
    if let Some(task) = args.task.task.filter(|task| *task != Task::Binary) {
        return other_task(task, args, &source, streams);
    }
    // What is printed names no digest.
    let recorded = args.json || args.out.is_some();
    let answers = match dataset::read_answers(&source, recorded) {
        Err(error) if fairness_tasks::more_than_two(args, &error) => {
            return other_task(Task::Multiclass, args, &source, streams);
        }
        answers => answers?,
    };
    let mut inputs: Vec<InputFile> = answers.input.iter().cloned().collect();
    let options = options_of(args);
    let frame = pipeline::frame_of(answers, args.threshold);
    if args.threshold.is_some() && frame.score.is_none() {
        let because = "`--threshold` needs scores; name their column with `--score`".to_owned();
        return Err(CliError::Usage(because));
    }
    let since = fairness_change::since(args, &source, &frame, &options)?;
    let prepared = fairness::Prepared::of(&frame);
    let mut findings = prepared.audit(&options);
    findings.extend(neighbours(args, &frame, &options)?);
    findings.extend(beyond(&frame, &prepared, &options));
    drop(prepared);
    frame.free();
    let mut text = String::new();
    if let Some(since) = since {
        text = fairness_change::text(&since);
        findings.extend(since.changes);
        inputs.push(since.input);
    }
    let name = args.table.display().to_string();
    let to = Destination { json: args.json, out: args.out.as_deref(), settings: args.settings() };
    let outcome = shown(args, &name, (findings, inputs), &to, streams)?;
    if !args.json {
        write!(streams.out, "{text}")?;
    }
    Ok(outcome)
}

/// Prints everything, or in short where nothing was chosen.
fn shown(
    args: &FairnessArgs,
    name: &str,
    (findings, inputs): (Vec<Finding>, Vec<InputFile>),
    to: &Destination<'_>,
    streams: &mut Streams<'_>,
) -> Result<Outcome, CliError> {
    if args.json || args.metrics != Selection::Default {
        return findings::show(name, findings, inputs, to, streams);
    }
    write!(streams.out, "{}", fairness_brief::text(&findings))?;
    let Streams { colour, talk, .. } = *streams;
    let mut rest = Streams { out: &mut io::sink(), err: &mut *streams.err, colour, talk };
    findings::show(name, findings, inputs, to, &mut rest)
}

/// Where the columns of the table are.
fn source_of(args: &FairnessArgs) -> Source {
    Source {
        format: "predictions".to_owned(),
        path: Some(args.table.clone()),
        columns: Columns {
            y_true: Some(args.y_true.clone()),
            y_pred: Some(args.y_pred.clone()),
            score: args.score.clone(),
            weight: args.weight.clone(),
            id: args.id.clone(),
            ..Columns::default()
        },
        positive: args.positive.clone(),
        threshold: args.threshold,
        groups: args.groups(),
        ..Source::default()
    }
}

/// Measures a task other than the binary one.
fn other_task(
    task: Task,
    args: &FairnessArgs,
    source: &Source,
    streams: &mut Streams<'_>,
) -> Result<Outcome, CliError> {
    let (findings, input) = fairness_tasks::measure(task, args, source)?;
    let mut settings = args.settings();
    settings.insert("task".to_owned(), task.name().to_owned());
    if task == Task::Ranking {
        settings.insert("at".to_owned(), args.task.at.to_string());
    }
    let name = args.table.display().to_string();
    let to = Destination { json: args.json, out: args.out.as_deref(), settings };
    findings::show(&name, findings, vec![input], &to, streams)
}

/// What to measure, as the arguments say.
pub(super) fn options_of(args: &FairnessArgs) -> fairness::Options {
    fairness::Options {
        confidence: args.confidence,
        min_group_size: args.min_group_size,
        reference: args.references(),
        metrics: args.metrics.clone(),
        control: args.control.clone(),
        required: Vec::new(),
        compat: args.compat.clone(),
        local_law_144: args.local_law_144,
        statistics: fairness::Statistics {
            share: args.interval.into(),
            permutation: args.tests == Tests::Permutation,
            ..fairness::Statistics::default()
        },
    }
}

/// How alike the decisions of near rows are, where features are given.
fn neighbours(
    args: &FairnessArgs,
    frame: &fairness::Frame,
    options: &fairness::Options,
) -> Result<Vec<Finding>, CliError> {
    let Some(file) = &args.features else { return Ok(Vec::new()) };
    let features = pipeline::read_features(file, &args.skip_feature)?;
    let found = individual::audit(frame, &features, options);
    found.map_err(|error| CliError::Usage(error.to_string()))
}

/// The worst slices and what explains the gaps, as far as they were asked for.
fn beyond(
    frame: &fairness::Frame,
    prepared: &fairness::Prepared<'_>,
    options: &fairness::Options,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !frame.groups.is_empty() {
        let confidence = options.confidence;
        let search = fairness::SliceOptions { confidence, ..fairness::SliceOptions::default() };
        findings.extend(prepared.worst_slices(&search));
    }
    findings.extend(prepared.explain(options, &fairness::ThresholdRule::usual()));
    findings.into_iter().filter(|finding| options.wants(&finding.check)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selection_is_a_word_or_known_names() {
        assert_eq!(selection("all"), Ok(Selection::All));
        assert_eq!(selection("default"), Ok(Selection::Default));
        let names = vec!["accuracy".to_owned(), "abroca".to_owned()];
        assert_eq!(selection("accuracy, abroca"), Ok(Selection::Named(names)));
        assert!(selection("acuracy").unwrap_err().contains("did you mean `accuracy`?"));
    }

    #[test]
    fn a_level_lies_strictly_between_zero_and_one() {
        assert!(confidence("0.95").is_ok());
        for text in ["0", "1", "95", "nan", "x"] {
            assert!(confidence(text).is_err(), "{text}");
        }
    }
}
