//! A number, or the reason why there is none.

use serde::{Deserialize, Serialize};

/// A measured number, or the reason that it does not exist. Never NaN, never infinite.
pub type Value = Result<f64, Undefined>;

/// Why a quantity has no value. It is neither a pass nor a fail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Undefined {
    /// The rows hold no actual positive, so a rate among the positives does not exist.
    #[error("no row is actually positive")]
    NoPositives,
    /// The rows hold no actual negative.
    #[error("no row is actually negative")]
    NoNegatives,
    /// Nothing was predicted positive.
    #[error("no row is predicted positive")]
    NoPredictedPositives,
    /// Nothing was predicted negative.
    #[error("no row is predicted negative")]
    NoPredictedNegatives,
    /// The group, split or cell has no row.
    #[error("there is no row")]
    Empty,
    /// A denominator is zero for another reason than an empty margin.
    #[error("the denominator is zero")]
    ZeroDenominator,
    /// No finite number satisfies the definition.
    #[error("no finite number satisfies the definition")]
    Unbounded,
    /// Only one class is present, so a ranking measure does not exist.
    #[error("only one class is present")]
    OneClass,
    /// The group is smaller than the declared minimum.
    #[error("{n} rows, fewer than the minimum of {need}")]
    TooFew {
        /// Rows that there are.
        n: u64,
        /// Rows that are needed.
        need: u64,
    },
    /// A group that takes part in the comparison has no value itself.
    #[error("undefined in group `{group}`: {because}")]
    GroupUndefined {
        /// The group, as `feature=level` pairs joined by `|`.
        group: String,
        /// That group's own reason.
        because: Box<Undefined>,
    },
    /// A comparison needs at least two groups.
    #[error("fewer than two groups")]
    OneGroup,
    /// There is no score column, so ranking and calibration measures do not exist.
    #[error("the predictions carry no score")]
    NoScores,
    /// The check did not run.
    #[error("not run, because {because}")]
    NotRun {
        /// The reason, a fragment that fits after "because".
        because: String,
    },
}
