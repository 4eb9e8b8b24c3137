//! `audit fairness`: group and bias metrics of a predictions table.

use super::findings::{self, Destination};
use super::options::assignment;
use super::{CliError, Outcome, Streams, error};
use crate::dataset::{self, Columns, Source};
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
    /// A feature, or an intersection as `race*sex` (repeatable).
    #[arg(long, value_name = "FEATURE")]
    pub by: Vec<String>,
    /// Compare the other groups with this one (repeatable).
    #[arg(long, value_name = "FEATURE=LEVEL", value_parser = assignment)]
    pub reference: Vec<(String, String)>,
    /// Level of the intervals, above 0 and below 1.
    #[arg(long, value_name = "LEVEL", default_value_t = 0.95, value_parser = confidence)]
    pub confidence: f64,
    /// Interval of a single share: on average its level, or at least its level and wider.
    #[arg(long, value_name = "METHOD", value_enum, default_value_t = Interval::Wilson)]
    pub interval: Interval,
    /// Groups with fewer rows have no value. 1 here, because a table is looked at rather than
    /// judged; `audit run` asks for 30.
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub min_group_size: u64,
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

impl From<Interval> for fairness::ShareInterval {
    fn from(interval: Interval) -> Self {
        match interval {
            Interval::Wilson => Self::Wilson,
            Interval::ClopperPearson => Self::ClopperPearson,
        }
    }
}

impl FairnessArgs {
    /// The groupings, each one feature or several.
    #[must_use]
    pub fn groups(&self) -> Vec<Vec<String>> {
        let features = |by: &String| by.split('*').map(|f| f.trim().to_owned()).collect();
        self.by.iter().map(features).collect()
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

/// Measures the table and prints every group and comparison.
pub fn run(args: &FairnessArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let ended = measure(args, streams);
    error::shown(ended, streams)
}

fn measure(args: &FairnessArgs, streams: &mut Streams<'_>) -> Result<Outcome, CliError> {
    let source = Source {
        format: "predictions".to_owned(),
        path: Some(args.table.clone()),
        columns: Columns {
            y_true: Some(args.y_true.clone()),
            y_pred: Some(args.y_pred.clone()),
            score: args.score.clone(),
            ..Columns::default()
        },
        positive: args.positive.clone(),
        groups: args.groups(),
        ..Source::default()
    };
    let answers = dataset::read_answers(&source)?;
    let inputs = vec![answers.input.clone()];
    let options = fairness::Options {
        confidence: args.confidence,
        min_group_size: args.min_group_size,
        reference: args.references(),
        statistics: fairness::Statistics {
            share: args.interval.into(),
            ..fairness::Statistics::default()
        },
        ..fairness::Options::default()
    };
    let frame = pipeline::frame_of(answers);
    let mut findings = fairness::audit(&frame, &options);
    if !frame.groups.is_empty() {
        let confidence = args.confidence;
        let search = fairness::SliceOptions { confidence, ..fairness::SliceOptions::default() };
        findings.extend(fairness::worst_slices(&frame, &search));
    }
    findings.extend(fairness::explain(&frame, &options, &fairness::ThresholdRule::usual()));
    let name = args.table.display().to_string();
    let to = Destination { json: args.json, out: args.out.as_deref() };
    findings::show(&name, findings, inputs, &to, streams)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_level_lies_strictly_between_zero_and_one() {
        assert!(confidence("0.95").is_ok());
        for text in ["0", "1", "95", "nan", "x"] {
            assert!(confidence(text).is_err(), "{text}");
        }
    }
}
