//! What is known of each row, and what the classifier said about it.

use super::groups::Groups;
use serde::{Deserialize, Serialize};

/// Index of a class in [`Examples::classes`].
pub type ClassId = u32;

/// The part a row plays. Fairness is measured on `Test`; members are `Train`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Split {
    /// Rows that the model learned from.
    Train,
    /// Rows that chose an epoch or a threshold.
    Validation,
    /// Rows that the model has never influenced or seen.
    Test,
}

impl Split {
    /// All splits in order.
    pub const ALL: [Self; 3] = [Self::Train, Self::Validation, Self::Test];

    /// The canonical name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Validation => "validation",
            Self::Test => "test",
        }
    }

    /// Reads the usual spellings: `train`/`training`, `val`/`valid`/`validation`/`dev`,
    /// `test`/`testing`/`holdout`. Case does not matter.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_ascii_lowercase().as_str() {
            "train" | "training" => Some(Self::Train),
            "val" | "valid" | "validation" | "dev" => Some(Self::Validation),
            "test" | "testing" | "holdout" => Some(Self::Test),
            _ => None,
        }
    }
}

/// One value for the rows that the model has seen and one for those that it has not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Members<T> {
    /// Of the training rows.
    pub seen: T,
    /// Of rows that took no part in training.
    pub unseen: T,
}

/// Why a set of rows is inconsistent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExamplesError {
    /// A column has another length than the labels.
    #[error("column `{column}` has {found} rows, the labels have {expected}")]
    Length {
        /// The column.
        column: String,
        /// Its rows.
        found: usize,
        /// Rows of the labels.
        expected: usize,
    },
    /// A label is not one of the classes.
    #[error("row {row} has class {class}, but there are only {classes} classes")]
    Class {
        /// Row, from 0.
        row: usize,
        /// The class id.
        class: ClassId,
        /// Number of classes.
        classes: usize,
    },
    /// A number is NaN, infinite or out of its range.
    #[error("row {row} of `{column}` is {value}, which is not {expected}")]
    Number {
        /// The column.
        column: String,
        /// Row, from 0.
        row: usize,
        /// What was found.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
}

/// The rows of a data set without their inputs. All columns have `n` entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Examples {
    /// Class names, in id order.
    pub classes: Vec<String>,
    /// The class that counts as positive.
    pub positive: ClassId,
    /// True class of each row, `(n,)`.
    pub y_true: Vec<ClassId>,
    /// A name for each row, `(n,)`.
    pub id: Vec<String>,
    /// The part each row plays, `(n,)`.
    pub split: Vec<Split>,
    /// Sensitive features and declared intersections.
    pub groups: Vec<Groups>,
    /// Whose row it is (a person, a lesion), `(n,)`.
    pub subject: Option<Vec<String>>,
}

impl Examples {
    /// Checks lengths and class ids.
    ///
    /// # Errors
    /// Names the first column or row that does not fit.
    pub fn check(self) -> Result<Self, ExamplesError> {
        let n = self.y_true.len();
        let length = |column: &str, found: usize| {
            if found == n {
                Ok(())
            } else {
                Err(ExamplesError::Length { column: column.to_owned(), found, expected: n })
            }
        };
        length("id", self.id.len())?;
        length("split", self.split.len())?;
        for g in &self.groups {
            length(&g.name(), g.len())?;
        }
        length("subject", self.subject.as_ref().map_or(n, Vec::len))?;
        let classes = self.classes.len();
        let known = |c: ClassId| usize::try_from(c).is_ok_and(|c| c < classes);
        match self.y_true.iter().position(|&c| !known(c)) {
            Some(row) => Err(ExamplesError::Class { row, class: self.y_true[row], classes }),
            None => Ok(self),
        }
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.y_true.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.y_true.is_empty()
    }

    /// The chosen rows in this order; all classes and levels of groups stay.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let words = |all: &[String]| rows.iter().map(|&i| all[i].clone()).collect();
        Self {
            classes: self.classes.clone(),
            positive: self.positive,
            y_true: rows.iter().map(|&i| self.y_true[i]).collect(),
            id: words(&self.id),
            split: rows.iter().map(|&i| self.split[i]).collect(),
            groups: self.groups.iter().map(|g| g.select(rows)).collect(),
            subject: self.subject.as_deref().map(words),
        }
    }

    /// Indices of the rows of one split, in row order.
    #[must_use]
    pub fn rows(&self, split: Split) -> Vec<usize> {
        (0..self.len()).filter(|&i| self.split[i] == split).collect()
    }
}

/// Raw model outputs before any softmax, `(n, k)` row-major, every entry finite.
#[derive(Debug, Clone, PartialEq)]
pub struct Logits {
    values: Vec<f64>,
    classes: usize,
}

impl Logits {
    /// Takes `(n, classes)` row-major values.
    ///
    /// # Errors
    /// When the length is not a multiple of `classes` or an entry is not finite.
    pub fn new(values: Vec<f64>, classes: usize) -> Result<Self, ExamplesError> {
        if classes == 0 || !values.len().is_multiple_of(classes) {
            let column = "logits".to_owned();
            return Err(ExamplesError::Length { column, found: values.len(), expected: classes });
        }
        if let Some(at) = values.iter().position(|v| !v.is_finite()) {
            return Err(ExamplesError::Number {
                column: format!("logits[{}]", at % classes),
                row: at / classes,
                value: values[at].to_string(),
                expected: "a finite number",
            });
        }
        Ok(Self { values, classes })
    }

    /// Number of rows, n.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len() / self.classes
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Number of classes, k.
    #[must_use]
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The logits of row `i`, `(k,)`.
    #[must_use]
    pub fn row(&self, i: usize) -> &[f64] {
        &self.values[i * self.classes..(i + 1) * self.classes]
    }

    /// The chosen rows.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        let values = rows.iter().flat_map(|&i| self.row(i).iter().copied()).collect();
        Self { values, classes: self.classes }
    }
}

/// What the classifier said about each of the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Predictions {
    /// The rows.
    pub examples: Examples,
    /// Predicted class of each row, `(n,)`.
    pub y_pred: Vec<ClassId>,
    /// Probability of the positive class, `(n,)`, in 0 to 1.
    pub score: Option<Vec<f64>>,
    /// Raw outputs, where the model's are at hand.
    pub logits: Option<Logits>,
    /// Weight of each row, `(n,)`, finite and at least 0; every row counts one where absent.
    pub weight: Option<Vec<f64>>,
}

impl Predictions {
    /// Checks lengths and ranges.
    ///
    /// # Errors
    /// Names the first column or row that does not fit.
    pub fn check(self) -> Result<Self, ExamplesError> {
        let n = self.examples.len();
        let found = [
            ("y_pred", self.y_pred.len()),
            ("score", self.score.as_ref().map_or(n, Vec::len)),
            ("logits", self.logits.as_ref().map_or(n, Logits::len)),
            ("weight", self.weight.as_ref().map_or(n, Vec::len)),
        ];
        if let Some((column, found)) = found.into_iter().find(|(_, len)| *len != n) {
            let column = column.to_owned();
            return Err(ExamplesError::Length { column, found, expected: n });
        }
        let score = self.score.iter().flatten();
        if let Some((row, v)) = score.enumerate().find(|(_, v)| !(0.0..=1.0).contains(*v)) {
            return Err(ExamplesError::Number {
                column: "score".to_owned(),
                row,
                value: v.to_string(),
                expected: "a probability between 0 and 1",
            });
        }
        let weighs = |w: f64| w.is_finite() && w >= 0.0;
        let weight = self.weight.iter().flatten();
        if let Some((row, w)) = weight.enumerate().find(|(_, w)| !weighs(**w)) {
            return Err(ExamplesError::Number {
                column: "weight".to_owned(),
                row,
                value: w.to_string(),
                expected: "a finite number of at least 0",
            });
        }
        Ok(self)
    }
}
