//! The `search` block as the rest of the program may rely on it.

use serde::Serialize;

/// `search:`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Search {
    /// How the trials are made.
    pub method: SearchMethod,
    /// Settings to draw, at least 2.
    pub trials: usize,
    /// One trial in so many goes on, at least 2.
    pub keep: usize,
    /// Models of each trial.
    pub repeats: usize,
    /// `log_loss`, `accuracy` or `roc_auc`.
    pub metric: String,
    /// What is drawn, in file order.
    pub parameters: Vec<Parameter>,
}

/// How the trials of a search are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SearchMethod {
    /// Every trial in full.
    Random,
    /// Short trials first, of which the best go on.
    Halving,
}

/// A setting to search.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Parameter {
    /// Key below `model.train`.
    pub key: String,
    /// The values that it may take.
    pub range: Range,
}

/// The values that a setting may take.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Range {
    /// These, as typed.
    Values(Vec<String>),
    /// All from one number to a greater one.
    Between {
        /// The least; above 0 on the log scale.
        from: f64,
        /// The greatest.
        to: f64,
        /// What is as likely as what.
        scale: Scale,
        /// Whole numbers only.
        whole: bool,
    },
}

/// What is drawn evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Scale {
    /// The number.
    Linear,
    /// Its logarithm.
    Log,
}
