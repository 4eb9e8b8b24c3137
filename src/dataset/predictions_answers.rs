//! The held-out rows of a table of predictions, reduced to what fairness needs of them.
//!
//! The same columns and rules as the format `predictions`, without a text for every cell: only the
//! columns that are asked for are read.

use super::bins;
use super::coded::Coded;
use super::error::DatasetError;
use super::rows::{Classes, Rows, check_cells, check_levels, row_number, whole};
use super::source::Source;
use super::table_typed::{Data, Opened, Use, open};
use crate::domain::{Groups, InputFile, Predictions, Seed, Split, TextTable};
use rayon::prelude::*;
use std::path::Path;

/// Truth, decision, score and groups of the test rows, one class against the rest. All columns
/// have `n` entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Answers {
    /// Whether each row is actually positive, `(n,)`.
    pub y_true: Vec<bool>,
    /// Whether each row is predicted positive, `(n,)`.
    pub y_pred: Vec<bool>,
    /// Probability of the positive class, `(n,)`, in 0 to 1.
    pub score: Option<Vec<f64>>,
    /// Weight of each row, `(n,)`, at least 0 and not all 0.
    pub weight: Option<Vec<f64>>,
    /// The declared groupings.
    pub groups: Vec<Groups>,
    /// The table and its digest, where that was asked for.
    pub input: Option<InputFile>,
}

/// Reads the table of predictions that `source` describes. `digested` asks for its SHA-256, which takes a
/// tenth of the time of a large table.
///
/// # Errors
/// Names the file, the row and the column that do not fit, and what to do about it.
pub fn read_answers(source: &Source, digested: bool) -> Result<Answers, DatasetError> {
    let Some(given) = &source.path else {
        let because = "the table of predictions";
        return Err(DatasetError::MissingKey { format: "predictions", key: "path", because });
    };
    let path = source.base.join(given);
    let opened = open(&path)?;
    let prob = source.columns.prob.as_deref().unwrap_or("prob_");
    let names = Names::of(source, &opened);
    let binned = names.features.iter().any(|feature| asks_for_bins(feature, &opened));
    let undecided = source.threshold.is_some() && !opened.names().iter().any(|n| n == names.y_pred);
    if binned
        || undecided
        || names.score.is_none() && opened.names().iter().any(|name| name.starts_with(prob))
    {
        drop(opened);
        return by_rows(source);
    }
    answers(source, (&path, digested), opened, &names)
}

/// Whether a feature is written as bins of a column, and is none itself.
fn asks_for_bins(feature: &str, opened: &Opened) -> bool {
    bins::asked(feature).is_some() && !opened.names().iter().any(|name| name == feature)
}

/// The way of the format `predictions`, for tables with a column of probabilities per class and for
/// bins of a column.
fn by_rows(source: &Source) -> Result<Answers, DatasetError> {
    let mut loaded = super::read(source, Seed::new(0))?;
    let Some(predictions) = loaded.predictions.take() else {
        unreachable!("the format `predictions` brings predictions")
    };
    let Predictions { examples, y_pred, score, weight, .. } = predictions;
    let test: Vec<bool> = examples.split.iter().map(|s| *s == Split::Test).collect();
    let is = |ids: &[u32]| ids.iter().map(|id| *id == examples.positive).collect();
    Ok(Answers {
        y_true: kept(is(&examples.y_true), Some(&test)),
        y_pred: kept(is(&y_pred), Some(&test)),
        score: score.map(|score| kept(score, Some(&test))),
        weight: weight.map(|weight| kept(weight, Some(&test))),
        groups: examples.groups.into_iter().map(|g| of_rows(g, Some(&test))).collect(),
        input: loaded.inputs.pop(),
    })
}

/// Where the columns are.
struct Names<'a> {
    y_true: &'a str,
    y_pred: &'a str,
    score: Option<&'a str>,
    weight: Option<&'a str>,
    split: Option<&'a str>,
    features: Vec<&'a str>,
}

impl<'a> Names<'a> {
    /// Declared columns must exist; those with their default name need not.
    fn of(source: &'a Source, opened: &Opened) -> Self {
        let columns = &source.columns;
        let there = |name: &str| opened.names().iter().any(|known| known == name);
        let optional = |name: &'a Option<String>, default: &'static str| match name {
            Some(name) => Some(name.as_str()),
            None => Some(default).filter(|name| there(name)),
        };
        let mut features: Vec<&str> = source.groups.iter().flatten().map(String::as_str).collect();
        features.sort_unstable();
        features.dedup();
        Self {
            y_true: columns.y_true.as_deref().unwrap_or("y_true"),
            y_pred: columns.y_pred.as_deref().unwrap_or("y_pred"),
            score: optional(&columns.score, "score"),
            weight: columns.weight.as_deref(),
            split: optional(&columns.split, "split"),
            features,
        }
    }

    fn wanted(&self) -> Vec<(&'a str, Use)> {
        let text = |name: &'a str| (name, Use::Texts);
        let probability = Use::Numbers(0.0..=1.0, "a probability between 0 and 1");
        let mut wanted = vec![text(self.y_true), text(self.y_pred)];
        wanted.extend(self.split.map(text));
        wanted.extend(self.score.map(|name| (name, probability)));
        let weight = Use::Numbers(0.0..=f64::MAX, "a finite weight of at least 0");
        wanted.extend(self.weight.map(|name| (name, weight)));
        wanted.extend(self.features.iter().map(|name| text(name)));
        wanted
    }
}

fn answers(
    source: &Source,
    (path, digested): (&Path, bool),
    opened: Opened,
    names: &Names<'_>,
) -> Result<Answers, DatasetError> {
    let typed = opened.read(&names.wanted(), digested)?;
    let mut columns = typed.columns.into_iter();
    let mut texts = || columns.next().map_or_else(Coded::default, Data::into_texts);
    let (y_true, y_pred) = (texts(), texts());
    let split = names.split.map(|name| (name, texts()));
    let mut numbers = || columns.next().map_or_else(Vec::new, Data::into_numbers);
    let (score, weight) = (names.score.map(|_| numbers()), names.weight.map(|_| numbers()));
    let truth = labels(path, names.y_true, &y_true)?;
    let decision = labels(path, names.y_pred, &y_pred)?;
    let positive = positive(source, path, &truth, &decision)?;
    let test = split.map(|(name, split)| test(path, name, &split)).transpose()?.flatten();
    let test = test.as_deref();
    let y_true = kept(equal(&y_true, &truth, &positive), test);
    let y_pred = kept(equal(&y_pred, &decision, &positive), test);
    let features: Vec<_> = names.features.iter().zip(columns).collect();
    let group = |(feature, data): (&&str, Data)| grouped(path, feature, data.into_texts(), test);
    let features: Vec<_> = features.into_par_iter().map(group).collect();
    let features: Vec<Groups> = features.into_iter().collect::<Result<_, _>>()?;
    let given = source.path.as_ref().map(|p| p.to_string_lossy().into_owned());
    Ok(Answers {
        y_true,
        y_pred,
        score: score.map(|score| kept(score, test)),
        weight: weighing(path, names, weight.map(|weight| kept(weight, test)))?,
        groups: groupings(source, path, &features)?,
        input: typed.sha256.map(|sha256| InputFile { path: given.unwrap_or_default(), sha256 }),
    })
}

/// Whether each row has a label.
fn equal(coded: &Coded, labels: &[String], label: &str) -> Vec<bool> {
    let is: Vec<bool> = labels.iter().map(|known| known == label).collect();
    coded.each(&is, false)
}

/// What each level of a label column says: text without spaces around it, `1.0` as `1`.
fn labels(path: &Path, column: &str, coded: &Coded) -> Result<Vec<String>, DatasetError> {
    let labels: Vec<String> = coded.levels.iter().map(|level| whole(level.trim())).collect();
    match coded.first(|level| level.is_none_or(|level| labels[level].is_empty())) {
        Some(at) => Err(DatasetError::EmptyCell {
            file: path.to_owned(),
            column: column.to_owned(),
            row: row_number(at),
        }),
        None => Ok(labels),
    }
}

/// The positive label among those of truth and decision: the declared one, or of two labels 1, or
/// true of false and true.
fn positive(
    source: &Source,
    path: &Path,
    truth: &[String],
    decision: &[String],
) -> Result<String, DatasetError> {
    let known = truth.iter().chain(decision);
    if !truth.iter().any(|label| decision.contains(label)) && truth.len() + decision.len() > 2 {
        let (y_true, y_pred) = (truth.to_vec(), decision.to_vec());
        return Err(DatasetError::LabelsApart { file: path.to_owned(), y_true, y_pred });
    }
    let two = Classes::all(known.clone()).names.len() < 3;
    let one = || known.clone().any(|label| two && label == "1").then(|| "1".to_owned());
    let source = Source { positive: source.positive.clone().or_else(one), ..Source::default() };
    let table = TextTable::default();
    let rows = Rows { table: &table, file: path, source: &source, kept: None };
    let Classes { names, positive } = rows.classes(known.clone())?;
    let positive = usize::try_from(positive).unwrap_or(usize::MAX);
    Ok(names[positive].clone())
}

/// Which rows are test rows; `None` where all are.
fn test(path: &Path, column: &str, split: &Coded) -> Result<Option<Vec<bool>>, DatasetError> {
    let known: Vec<Option<Split>> = split.levels.iter().map(|level| Split::parse(level)).collect();
    let unknown = |level: Option<usize>| level.is_none_or(|level| known[level].is_none());
    if let Some(at) = split.first(unknown) {
        let texts: Vec<&str> = split.levels.iter().map(String::as_str).collect();
        let value = split.each(&texts, "")[at].to_owned();
        let (file, column, row) = (path.to_owned(), column.to_owned(), row_number(at));
        return Err(DatasetError::UnknownSplit { file, column, row, value });
    }
    if !known.contains(&Some(Split::Test)) {
        return Err(DatasetError::EmptySplit {
            place: format!("`{}`", path.display()),
            split: Split::Test.name(),
            hint: "fairness is measured on test rows",
        });
    }
    let all = known.iter().all(|split| *split == Some(Split::Test));
    let is: Vec<bool> = known.iter().map(|split| *split == Some(Split::Test)).collect();
    Ok((!all).then(|| split.each(&is, false)))
}

/// The weights, of which one must be more than 0.
fn weighing(
    path: &Path,
    names: &Names<'_>,
    weight: Option<Vec<f64>>,
) -> Result<Option<Vec<f64>>, DatasetError> {
    match (names.weight, &weight) {
        (Some(column), Some(values)) if values.iter().all(|w| *w <= 0.0) => {
            Err(DatasetError::NoWeight { file: path.to_owned(), column: column.to_owned() })
        }
        _ => Ok(weight),
    }
}

fn grouped(
    path: &Path,
    feature: &str,
    mut coded: Coded,
    test: Option<&[bool]>,
) -> Result<Groups, DatasetError> {
    check_levels(path, feature, coded.levels.len(), coded.len())?;
    let empty = coded.first(|level| level.is_none()).is_some();
    let levels = std::mem::take(&mut coded.levels);
    let numbered = |ids: &[u16], missing| coded.renumbered(ids, missing);
    let groups = Groups::coded(feature, &levels, empty, numbered);
    Ok(of_rows(groups, test))
}

/// The declared groupings of features that are encoded.
fn groupings(
    source: &Source,
    path: &Path,
    features: &[Groups],
) -> Result<Vec<Groups>, DatasetError> {
    let feature = |name: &String| {
        let found = features.iter().find(|g| g.features() == std::slice::from_ref(name));
        found.unwrap_or_else(|| unreachable!("every feature was read"))
    };
    let declared = source.groups.iter().filter(|names| !names.is_empty());
    let cross = |names: &Vec<String>| {
        let parts: Vec<&Groups> = names.iter().map(feature).collect();
        check_cells(path, &parts)?;
        Ok(Groups::cross(&parts))
    };
    declared.map(cross).collect()
}

fn of_rows(groups: Groups, test: Option<&[bool]>) -> Groups {
    let Some(test) = test else { return groups };
    let rows: Vec<usize> = (0..groups.len()).filter(|i| test[*i]).collect();
    groups.select(&rows)
}

fn kept<T: Copy>(values: Vec<T>, test: Option<&[bool]>) -> Vec<T> {
    let Some(test) = test else { return values };
    values.iter().zip(test).filter(|(_, kept)| **kept).map(|(value, _)| *value).collect()
}
