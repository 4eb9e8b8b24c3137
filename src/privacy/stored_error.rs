//! Why stored outputs cannot be used.

use super::membership::ProbeError;

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoredError {
    /// Not one of the formats.
    #[error("no safetensors, npz or Parquet file ({0})")]
    Format(String),
    /// A tensor is absent.
    #[error("there is no tensor `{name}`; the file holds {present}")]
    Missing {
        /// The name asked for.
        name: String,
        /// The names that exist.
        present: String,
    },
    /// A tensor has another element type.
    #[error("tensor `{name}` is {found}, not {expected}")]
    Type {
        /// The tensor.
        name: String,
        /// Its type.
        found: String,
        /// The type that is read.
        expected: &'static str,
    },
    /// A tensor has another number of axes.
    #[error("tensor `{name}` has shape {found:?}, not {expected}")]
    Axes {
        /// The tensor.
        name: String,
        /// Its shape.
        found: Vec<usize>,
        /// The shape that is read.
        expected: &'static str,
    },
    /// Logits and masks disagree on the number of models.
    #[error("the logits come from {logits} models, the masks from {masks}")]
    Models {
        /// Models of the logits.
        logits: usize,
        /// Models of the masks.
        masks: usize,
    },
    /// The masks speak of more rows than there are.
    #[error("the masks have {pool} rows, but the logits only {rows}")]
    Pool {
        /// Rows of the masks.
        pool: usize,
        /// Rows of the logits.
        rows: usize,
    },
    /// Labels and logits disagree on the number of rows.
    #[error("there are {labels} labels for {rows} rows of logits")]
    Labels {
        /// Labels.
        labels: usize,
        /// Rows of the logits.
        rows: usize,
    },
    /// No such model.
    #[error("model {target} is asked for, but there are only {models} (counted from 0)")]
    Target {
        /// The model asked for.
        target: usize,
        /// Models in the file.
        models: usize,
    },
    /// The target cannot be left out.
    #[error("model {0} is the target; it cannot be excluded")]
    TargetExcluded(usize),
    /// An array is shorter or longer than its shape.
    #[error("tensor `{name}` has {entries} entries, which is not its shape {shape:?}")]
    Entries {
        /// The tensor.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
        /// Its entries.
        entries: usize,
    },
    /// A mask is neither 0 nor 1.
    #[error("the mask of model {model}, row {row} is {value}, neither 0 nor 1")]
    Mask {
        /// Model, from 0.
        model: usize,
        /// Row, from 0.
        row: usize,
        /// The value.
        value: u8,
    },
    /// A label is not one of the classes.
    #[error("the label of row {row} is {value}, but there are {classes} classes")]
    Label {
        /// Row, from 0.
        row: usize,
        /// The value.
        value: i64,
        /// Classes.
        classes: usize,
    },
    /// A logit is NaN or infinite.
    #[error("logit {class} of model {model}, row {row} is {value}, not a finite number")]
    Number {
        /// Model, from 0.
        model: usize,
        /// Row, from 0.
        row: usize,
        /// Class, from 0.
        class: usize,
        /// What was found.
        value: String,
    },
    /// A loss is no cross-entropy.
    #[error("the loss of model {model}, row {row} is {value}, not a finite number from 0 up")]
    Loss {
        /// Model, from 0.
        model: usize,
        /// Row, from 0.
        row: usize,
        /// What was found.
        value: String,
    },
    /// The target was trained on every row of the pool, or on none.
    #[error(
        "model {target} was trained on {members} of the {pool} rows of the masks; an attack needs rows \
         of both kinds"
    )]
    OneSided {
        /// The target.
        target: usize,
        /// Its members.
        members: usize,
        /// Rows of the masks.
        pool: usize,
    },
    /// The outputs cannot be attacked.
    #[error(transparent)]
    Probe(#[from] ProbeError),
}
