//! `audit fairness`: group and bias metrics of a predictions table.

use super::findings::{self, Destination};
use super::options::assignment;
use super::{CliError, Outcome, Streams, error};
use crate::dataset::{self, Columns, Source};
use crate::domain::{Finding, Seed};
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
    /// CSV or Parquet, one row per example.
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
    /// The label that counts as positive.
    #[arg(long, value_name = "LABEL", default_value = "1")]
    pub positive: String,
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

/// Reads the name of a library whose conventions are reproduced.
fn peer(text: &str) -> Result<Peer, String> {
    let names = Peer::ALL.map(Peer::name).join(", ");
    Peer::parse(text).ok_or_else(|| format!("expected one of {names}"))
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
        positive: Some(args.positive.clone()),
        groups: args.groups(),
        ..Source::default()
    };
    let data = dataset::read(&source, Seed::new(0))?;
    let Some(predictions) = data.predictions else {
        unreachable!("the format `predictions` brings predictions")
    };
    let options = fairness::Options {
        confidence: args.confidence,
        min_group_size: args.min_group_size,
        reference: args.references(),
        compat: args.compat.clone(),
        local_law_144: args.local_law_144,
        statistics: fairness::Statistics {
            share: args.interval.into(),
            ..fairness::Statistics::default()
        },
        ..fairness::Options::default()
    };
    let frame = pipeline::frame(&predictions);
    let findings = findings_of(args, &frame, &options)?;
    let name = args.table.display().to_string();
    let to = Destination { json: args.json, out: args.out.as_deref() };
    findings::show(&name, findings, data.inputs, &to, streams)
}

/// Everything that is measured on the rows.
fn findings_of(
    args: &FairnessArgs,
    frame: &fairness::Frame,
    options: &fairness::Options,
) -> Result<Vec<Finding>, CliError> {
    let mut findings = fairness::audit(frame, options);
    if let Some(file) = &args.features {
        let features = pipeline::read_features(file, &args.skip_feature)?;
        let found = individual::audit(frame, &features, options);
        findings.extend(found.map_err(|error| CliError::Usage(error.to_string()))?);
    }
    if !frame.groups.is_empty() {
        let confidence = args.confidence;
        let search = fairness::SliceOptions { confidence, ..fairness::SliceOptions::default() };
        findings.extend(fairness::worst_slices(frame, &search));
    }
    findings.extend(fairness::explain(frame, options, &fairness::ThresholdRule::usual()));
    Ok(findings)
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
