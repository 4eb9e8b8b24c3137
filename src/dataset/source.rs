//! What to read and how, and what comes of it.

use super::synthetic::SyntheticOptions;
use crate::domain::{Examples, Images, InputFile, Predictions, TextTable};
use std::path::PathBuf;

/// The names of the columns that mean something. `None` is the default named at each field.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Columns {
    /// Path of the picture, relative to the folder. Default `path`.
    pub image: Option<String>,
    /// True class of a picture. Default `label`.
    pub label: Option<String>,
    /// Whose row it is (a person, a lesion). Default: unknown.
    pub subject: Option<String>,
    /// The part the row plays. Default `split`.
    pub split: Option<String>,
    /// A name for the row. Default: the row's number, from 1.
    pub id: Option<String>,
    /// True class in a predictions table. Default `y_true`.
    pub y_true: Option<String>,
    /// Predicted class in a predictions table. Default `y_pred`.
    pub y_pred: Option<String>,
    /// Probability of the positive class. Default `score`.
    pub score: Option<String>,
    /// Weight of the row in a predictions table. Default: none, every row counts one.
    pub weight: Option<String>,
    /// Prefix of one probability column per class. Default `prob_`.
    pub prob: Option<String>,
    /// Prefix of one logit column per class. Default `logit_`.
    pub logit: Option<String>,
}

/// Where the split comes from.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum SplitPlan {
    /// From the column [`Columns::split`].
    #[default]
    Column,
    /// Drawn with these shares, stratified on the label and subject-disjoint.
    Drawn {
        /// Share of training rows, 0 to 1.
        train: f64,
        /// Share of validation rows, 0 to 1.
        validation: f64,
        /// Share of test rows, 0 to 1. The three sum to 1.
        test: f64,
    },
}

/// What a picture that cannot be read does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnError {
    /// It stops the audit.
    #[default]
    Fail,
    /// It is left out, counted and reported.
    Skip,
}

/// What to read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Source {
    /// The folder where relative paths start (the configuration's); empty for the current one.
    pub base: PathBuf,
    /// Name of the format, one of [`super::formats`].
    pub format: String,
    /// The table of predictions, or the folder of pictures, as given.
    pub path: Option<PathBuf>,
    /// Table that describes the pictures, looked for in `path` and then in `base`. Default
    /// `metadata.csv`, then `metadata.parquet`.
    pub metadata: Option<PathBuf>,
    /// Names of the columns.
    pub columns: Columns,
    /// Score from which a row counts as predicted positive, where a table of two classes carries no
    /// decisions.
    pub threshold: Option<f64>,
    /// The class that counts as positive. Default: 1 of 0 and 1, or true of false and true.
    pub positive: Option<String>,
    /// Each one feature, or several for an intersection.
    pub groups: Vec<Vec<String>>,
    /// Where the split comes from.
    pub split: SplitPlan,
    /// What an unreadable picture does.
    pub on_error: OnError,
    /// Height and width to bring pictures to.
    pub resize: Option<[usize; 2]>,
    /// Most bytes of decoded pictures in memory; where a folder's exceed it, they are streamed. No
    /// limit where absent.
    pub memory_limit: Option<usize>,
    /// Names of the labels 0, 1, 2, … of a packed format; without any a label is its own name.
    pub classes: Vec<String>,
    /// Most training rows of a packed format, drawn from the seed; all where absent.
    pub limit: Option<usize>,
    /// Share of the training rows of a packed format that validates, 0 to 1. Default 0.1.
    pub validation: Option<f64>,
    /// Settings of the format `synthetic`.
    pub synthetic: SyntheticOptions,
}

/// A row that was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Skipped {
    /// Row of the metadata, from 1 for the first data row.
    pub row: u64,
    /// The picture as the metadata names it.
    pub file: String,
    /// Why.
    pub because: String,
}

/// What was read.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The rows.
    pub examples: Examples,
    /// Their pictures, in row order; none for a table of predictions.
    pub images: Option<Images>,
    /// The predictions, where the data brings its own.
    pub predictions: Option<Predictions>,
    /// The tables as text, all columns and all rows, skipped ones included: what a scan for
    /// personal data looks at.
    pub tables: Vec<TextTable>,
    /// `(place, file names)` of the pictures.
    pub names: Vec<(String, Vec<String>)>,
    /// Usage log that comes with the data (JSON Lines); only the generator brings one.
    pub usage_log: Option<String>,
    /// Rows that were left out.
    pub skipped: Vec<Skipped>,
    /// Tables that were read, paths as given.
    pub inputs: Vec<InputFile>,
    /// SHA-256 over pixels or cells and labels, in row order.
    pub digest: String,
}

impl Loaded {
    /// Leaves only these rows and their pictures; tables, file names and logs stay whole.
    pub(crate) fn keep(&mut self, rows: &[usize]) {
        self.examples = self.examples.select(rows);
        if let Some(images) = &self.images {
            let kept = images.arranged(rows, Vec::new());
            let kept = kept.unwrap_or_else(|| unreachable!("pictures of one size stay so"));
            self.digest = super::digest::images(&self.examples, &kept);
            self.images = Some(kept);
        }
    }
}
