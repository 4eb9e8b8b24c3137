//! `audit train --folds`, `--search`, `--learning-curve`: many models, and no weights.

use super::clock::Stopwatch;
use super::options::{ConfigArgs, RunArgs};
use super::output::{self, Folder};
use super::progress::Progress;
use super::registry::Registries;
use super::{CliError, Streams, error, files, text};
use crate::config::{Config, Model, Train};
use crate::pipeline::{self, Entry, Estimate, Score, Site, Study, Trial};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use std::num::NonZeroUsize;

/// Models of each share of a learning curve.
const REPEATS: usize = 3;

/// Studies of a training.
#[derive(Debug, Clone, Default, Args)]
pub struct StudyArgs {
    /// Cross-validate in K folds, stratified and subject-disjoint; the test rows take no part.
    #[arg(
        long,
        value_name = "K",
        value_parser = RangedU64ValueParser::<usize>::new().range(2..),
        conflicts_with_all = ["search", "learning_curve"],
        help_heading = "Studies, which write no weights"
    )]
    pub folds: Option<usize>,
    /// Try the settings of the configuration's `search` block, judged on the validation rows.
    #[arg(
        long,
        conflicts_with = "learning_curve",
        help_heading = "Studies, which write no weights"
    )]
    pub search: bool,
    /// Learn from shares of the training rows, e.g. 10%,25%,50%,100%.
    #[arg(
        long,
        value_name = "SHARES",
        value_delimiter = ',',
        value_parser = share,
        help_heading = "Studies, which write no weights"
    )]
    pub learning_curve: Vec<f64>,
    /// Models of each share of the learning curve, with seeds of their own; 3 where absent.
    #[arg(
        long,
        value_name = "N",
        requires = "learning_curve",
        help_heading = "Studies, which write no weights"
    )]
    pub repeats: Option<NonZeroUsize>,
}

impl StudyArgs {
    /// The file of the result; none when no study is asked for.
    pub(super) fn file(&self) -> Option<&'static str> {
        match (self.folds, self.search, self.learning_curve.is_empty()) {
            (Some(_), ..) => Some("folds.json"),
            (None, true, _) => Some("search.json"),
            (None, false, false) => Some("learning-curve.json"),
            (None, false, true) => None,
        }
    }
}

/// Reads a share of the rows, written as a percentage.
fn share(text: &str) -> Result<f64, String> {
    let number = text.trim().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    match number {
        Some(percent) if percent > 0.0 && percent <= 100.0 => Ok(percent / 100.0),
        _ => Err("expected a percentage above 0% and up to 100%, e.g. 25%".to_owned()),
    }
}

/// What `audit train` was told, as far as a study needs it.
pub(super) struct Told<'a> {
    pub(super) config: &'a ConfigArgs,
    pub(super) run: &'a RunArgs,
    pub(super) study: &'a StudyArgs,
    pub(super) json: bool,
}

/// Runs the study, writes its result as JSON and prints it.
pub(super) fn run(
    told: &Told<'_>,
    (config, train): (&Config, &Train),
    (folder, file): (&Folder, &str),
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> Result<(), CliError> {
    let unwritten = |e| CliError::write(folder.root(), &e);
    let workers = error::threads(told.run.threads);
    let trials = if told.study.search { trials(told, config, registries)? } else { Vec::new() };
    let mut progress = Progress::new(streams.talk, told.run.no_progress, Some(folder.clone()));
    let inputs = pipeline::read_data(config, &mut progress)?;
    let watch = Stopwatch::started();
    let clock = || watch.moment();
    let (inputs, ledger) = (&inputs, &mut progress);
    let mut site = Site { config, inputs, workers, clock: &clock, ledger };
    let curve = &told.study.learning_curve;
    let study = match (told.study.folds, &config.search) {
        (Some(k), _) => pipeline::cross_validate(train, k, &mut site)?,
        (None, Some(search)) if told.study.search => pipeline::search(search, &trials, &mut site)?,
        (None, _) => {
            let repeats = told.study.repeats.map_or(REPEATS, NonZeroUsize::get);
            pipeline::learning_curve(train, curve, repeats, &mut site)?
        }
    };
    drop(progress);
    let json = serde_json::to_string_pretty(&study)
        .unwrap_or_else(|_| unreachable!("a study is made of plain values"));
    let path = folder.root().join(file);
    output::replace(&path, format!("{json}\n").as_bytes())
        .map_err(|e| CliError::write(&path, &e))?;
    folder.clear_study().map_err(unwritten)?;
    if told.json {
        writeln!(streams.out, "{json}")?;
    } else {
        writeln!(streams.out, "{}result: {}", shown(&study), path.display())?;
    }
    Ok(())
}

/// The trials of the `search` block, each checked as a configuration of its own before anything is
/// trained.
fn trials(
    told: &Told<'_>,
    config: &Config,
    registries: &Registries,
) -> Result<Vec<Trial>, CliError> {
    let Some(search) = &config.search else {
        let message = format!("`{}` has no `search` block to say what to try", config.file);
        return Err(CliError::Usage(message));
    };
    let trial = |settings: Vec<(String, String)>| {
        let mut overrides = told.config.overrides(told.run, &[]);
        let key = |(key, value): &(String, String)| (format!("model.train.{key}"), value.clone());
        overrides.extend(settings.iter().map(key));
        let (config, _) = files::audit_config(&told.config.config, &overrides, registries)?;
        match config.model {
            Model::Train(train) => Ok(Trial { settings, train: *train }),
            _ => unreachable!("the overrides lie below `model.train`"),
        }
    };
    pipeline::draw_trials(search, config.seed).into_iter().map(trial).collect()
}

/// The study as text.
fn shown(study: &Study) -> String {
    let mut text = format!("judged on {}\n\n", study.judged_on);
    if let ("folds", [entry]) = (study.study, &study.results[..]) {
        text += &models(entry);
        text += "\n";
    }
    text += &summary(&study.results);
    if study.results.iter().any(|entry| entry.models.len() > 1) {
        let percent = text::number(100.0 * study.confidence);
        text += &format!("\n[…] is a {percent} % interval of the mean over the models\n");
    }
    if study.study == "folds" {
        text += "folds share training rows, so the true interval is wider\n";
    }
    text + &best(study)
}

fn models(entry: &Entry) -> String {
    let head = ["model", "trained on", "n", "positive", "log_loss", "accuracy", "roc_auc"];
    let mut rows = vec![head.map(str::to_owned)];
    let value = |value: Option<f64>| value.map_or("undefined".to_owned(), text::number);
    rows.extend(entry.models.iter().map(|m: &Score| {
        let numbers = [m.log_loss, m.accuracy, m.roc_auc].map(value);
        let [log_loss, accuracy, roc_auc] = numbers;
        let counts = [m.trained_on, m.n, m.positives].map(|n| n.to_string());
        let [trained_on, n, positives] = counts;
        [m.name.clone(), trained_on, n, positives, log_loss, accuracy, roc_auc]
    }));
    text::columns(&rows)
}

fn summary(results: &[Entry]) -> String {
    let head = ["of", "models", "epochs", "trained on", "n", "log_loss", "accuracy", "roc_auc", ""];
    let mut rows = vec![head.map(str::to_owned)];
    for entry in results {
        let of = |pick: fn(&Score) -> u64| range(entry.models.iter().map(pick));
        let [log_loss, accuracy, roc_auc] =
            [entry.log_loss, entry.accuracy, entry.roc_auc].map(estimate);
        let setting = |(key, value): &(String, String)| format!("{key}={value}");
        rows.push([
            entry.name.clone(),
            entry.models.len().to_string(),
            entry.epochs.to_string(),
            of(|m| m.trained_on),
            of(|m| m.n),
            log_loss,
            accuracy,
            roc_auc,
            entry.settings.iter().map(setting).collect::<Vec<_>>().join(" "),
        ]);
    }
    text::columns(&rows)
}

/// One number where all are equal.
fn range(values: impl Iterator<Item = u64> + Clone) -> String {
    let (least, most) = (values.clone().min().unwrap_or(0), values.max().unwrap_or(0));
    if least == most { least.to_string() } else { format!("{least} to {most}") }
}

fn estimate(found: Option<Estimate>) -> String {
    let Some(Estimate { mean, low, high }) = found else { return "undefined".to_owned() };
    let ends = low.zip(high).map(|(low, high)| [low, high].map(text::number).join(", "));
    format!("{}{}", text::number(mean), ends.map_or(String::new(), |ends| format!(" [{ends}]")))
}

/// The settings of the best trial as a block for the configuration.
fn best(study: &Study) -> String {
    let (Some(metric), Some(first)) = (&study.metric, study.results.first()) else {
        return String::new();
    };
    let value = match metric.as_str() {
        "accuracy" => first.accuracy,
        "roc_auc" => first.roc_auc,
        _ => first.log_loss,
    };
    if value.is_none() {
        return "\nno trial has a value, so none is best\n".to_owned();
    }
    format!("\nbest by {metric}: {}\nmodel:\n  train:\n{}", first.name, yaml(&first.settings))
}

/// Dotted keys and their values as nested YAML, four spaces in.
fn yaml(settings: &[(String, String)]) -> String {
    let mut settings: Vec<(Vec<&str>, &String)> =
        settings.iter().map(|(key, value)| (key.split('.').collect(), value)).collect();
    settings.sort();
    let (mut text, mut open) = (String::new(), Vec::new());
    for (path, value) in settings {
        let (last, above) = path.split_last().unwrap_or((&"", &[]));
        let same = above.iter().zip(&open).take_while(|(a, b)| a == b).count();
        for (depth, key) in above.iter().enumerate().skip(same) {
            text += &format!("{}{key}:\n", "  ".repeat(depth + 2));
        }
        text += &format!("{}{last}: {}\n", "  ".repeat(above.len() + 2), word(value));
        open = above.to_vec();
    }
    text
}

/// A value as YAML reads it back: bare where nothing in it means anything to YAML.
fn word(value: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "._-+".contains(c);
    let bare = value.chars().all(plain) && value.chars().next().is_some_and(char::is_alphanumeric);
    if bare || value.parse::<f64>().is_ok() { value.to_owned() } else { format!("{value:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_percentage_above_zero() {
        assert_eq!([share("10%"), share("100%")], [Ok(0.1), Ok(1.0)]);
        for text in ["0%", "101%", "10", "x%", "nan%", ""] {
            assert!(share(text).is_err(), "{text}");
        }
    }

    #[test]
    fn settings_become_nested_yaml() {
        let settings = [("batch_size", "32"), ("augment.rotation", "5"), ("augment.crop", "0.5")];
        let settings = settings.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let expected = "    augment:\n      crop: 0.5\n      rotation: 5\n    batch_size: 32\n";
        assert_eq!(yaml(&settings), expected);
        assert_eq!([word("cosine"), word("a: b"), word("-1")], ["cosine", "\"a: b\"", "-1"]);
    }

    #[test]
    fn means_are_shown_with_their_interval_where_there_is_one() {
        let found = Estimate { mean: 0.75, low: Some(0.5), high: Some(1.0) };
        assert_eq!(estimate(Some(found)), "0.7500 [0.5000, 1]");
        assert_eq!(estimate(Some(Estimate { low: None, ..found })), "0.7500");
        assert_eq!(estimate(None), "undefined");
        assert_eq!([range([3, 3].into_iter()), range([2, 5].into_iter())], ["3", "2 to 5"]);
    }
}
