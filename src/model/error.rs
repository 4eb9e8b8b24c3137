//! What can go wrong with a model.

use crate::domain::{ExamplesError, nearest};

/// Why a model could not be trained, loaded or run.
#[derive(Debug, thiserror::Error)]
pub enum ModelError {
    /// A name that nothing here bears.
    #[error("there is no {kind} `{name}`{} (known: {})", hint(suggestion.as_deref()), known.join(", "))]
    Unknown {
        /// What should have been named, e.g. `architecture`.
        kind: &'static str,
        /// What was asked for.
        name: String,
        /// The nearest known name, where one is near.
        suggestion: Option<String>,
        /// All known names.
        known: Vec<&'static str>,
    },
    /// A setting is out of its range.
    #[error("`{key}` is {found}, which is not {expected}")]
    Setting {
        /// The setting.
        key: &'static str,
        /// What was given.
        found: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The device needs a cargo feature that this build lacks.
    #[error(
        "this build has no `{feature}` feature; build with `cargo build --release --features {feature}`"
    )]
    Feature {
        /// The feature.
        feature: &'static str,
    },
    /// The processor lacks the instructions of a kernel path.
    #[error("this processor has no `{name}`; it has {}", here.join(", "))]
    Kernel {
        /// The path that was asked for.
        name: String,
        /// The paths of this processor.
        here: Vec<&'static str>,
    },
    /// Pictures and rows do not belong together.
    #[error("there are {images} pictures, but {rows} rows")]
    Rows {
        /// Pictures.
        images: usize,
        /// Rows.
        rows: usize,
    },
    /// Nothing to learn from.
    #[error("no row belongs to the split `train`, so there is nothing to learn from")]
    NoTrainingRows,
    /// Nothing to tell apart.
    #[error("all training rows are of class `{class}`; a classifier needs at least two classes")]
    OneClass {
        /// The class.
        class: String,
    },
    /// The pictures vanish in the network.
    #[error("the pictures are {height}x{width}, but `{what}` needs at least {need}x{need}")]
    TooSmall {
        /// The network, or the place of the layer in its list.
        what: String,
        /// Height of the pictures.
        height: usize,
        /// Width of the pictures.
        width: usize,
        /// Least height and width.
        need: usize,
    },
    /// A layer does not fit.
    #[error("`{place}` {because}; {help}")]
    Layer {
        /// Its place, e.g. `architecture[4].residual[1]`.
        place: String,
        /// What is wrong, read after the place.
        because: String,
        /// The way out.
        help: &'static str,
    },
    /// The network would not fit into memory.
    #[error(
        "the network has {numbers} numbers, more than {most}; use fewer filters or units, or a pool \
         before the first dense layer"
    )]
    TooLarge {
        /// Its numbers.
        numbers: usize,
        /// Most that a network may have.
        most: usize,
    },
    /// A normalisation has nothing to take a variance of.
    #[error(
        "`{place}` gets a single number of each channel, because a batch has one row only; raise \
         `batch_size`"
    )]
    OneRow {
        /// Its place, e.g. `architecture[4]`.
        place: String,
    },
    /// Pictures whose channels have no known meaning cannot be augmented.
    #[error("`augment` needs pictures of 1 or 3 channels, these have {channels}")]
    Channels {
        /// Channels of the pictures.
        channels: usize,
    },
    /// The pictures are not those that the model was made for.
    #[error(
        "the model reads pictures of {expected:?} (height, width, channels), these are {found:?}"
    )]
    Pictures {
        /// What the model reads.
        expected: [usize; 3],
        /// What came.
        found: [usize; 3],
    },
    /// Something is chosen by validation rows, and there are none.
    #[error(
        "`{key}` needs validation rows; give `dataset.split.validation` a share, or leave it out"
    )]
    NoValidationRows {
        /// The setting.
        key: &'static str,
    },
    /// A weight is given to a class that the data does not have.
    #[error("`class_weights` names the class `{class}`, the data has {}", classes.join(", "))]
    NoSuchClass {
        /// What was named.
        class: String,
        /// The classes of the data.
        classes: Vec<String>,
    },
    /// So many folds cannot be made.
    #[error("{subjects} subjects cannot be cut into {folds} folds; ask for 2 to {subjects}")]
    Folds {
        /// Folds that were asked for.
        folds: usize,
        /// Subjects that there are.
        subjects: usize,
    },
    /// Classes and subjects do not belong together.
    #[error("there are {rows} rows, but subjects for {subjects}")]
    Subjects {
        /// Rows with a class.
        rows: usize,
        /// Rows with a subject.
        subjects: usize,
    },
    /// The loss is no number any more.
    #[error(
        "the {what} is {value} in epoch {epoch} at step {step}, at a learning rate of \
         {learning_rate}, after the rows {}; lower `learning_rate`, set `gradient_clip`, or look at \
         these rows",
        few(rows)
    )]
    Diverged {
        /// `loss`, `gradient's norm` or `validation loss`.
        what: &'static str,
        /// NaN or infinite.
        value: f64,
        /// Epoch, from 1.
        epoch: usize,
        /// Batch within the epoch, from 1.
        step: usize,
        /// The step's learning rate.
        learning_rate: f64,
        /// Ids of the rows of the step's batch.
        rows: Vec<String>,
    },
    /// Outputs of a loaded model are no numbers.
    #[error("the model's outputs are unusable: {0}")]
    Outputs(#[from] ExamplesError),
    /// A file of weights cannot be read.
    #[error("not usable weights: {because}")]
    Weights {
        /// Why.
        because: String,
    },
    /// A tensor does not have the shape that the network needs.
    #[error("tensor `{tensor}` is {found}, the network needs {expected}")]
    Shape {
        /// The tensor, by the name that the file gives it.
        tensor: String,
        /// Type and shape in the file, or `missing`.
        found: String,
        /// Type and shape of the network.
        expected: String,
    },
    /// A training cannot begin from these weights.
    #[error("cannot begin from `{file}`: {source}{help}")]
    Init {
        /// The file.
        file: String,
        /// Why.
        source: Box<ModelError>,
        /// The way out, where there is one.
        help: &'static str,
    },
    /// A picture that is read on the way can be used no more.
    #[error("cannot read a picture again: {because}")]
    Picture {
        /// The file, and what is wrong.
        because: String,
    },
    /// Two batches do not fit into the memory for pictures.
    #[error(
        "a batch of {pictures} pictures in use and the next one need {needed} bytes, more than the \
         {limit} of `dataset.memory_limit`; raise it or lower `batch_size`"
    )]
    MemoryLimit {
        /// Bytes that there may be.
        limit: usize,
        /// Bytes that are needed.
        needed: usize,
        /// Pictures of a batch.
        pictures: usize,
    },
    /// The network has no such layer.
    #[error("`{key}` names the layer `{name}`, the network has {} and `head` for the last", layers.join(", "))]
    NoLayer {
        /// The setting.
        key: &'static str,
        /// What was named.
        name: String,
        /// The layers with weights, in order.
        layers: Vec<String>,
    },
    /// The checkpoint is whole, but of other settings or data. Training afresh is the way out.
    #[error(
        "the checkpoint is of other settings or data ({because}), so training cannot go on from it"
    )]
    StaleCheckpoint {
        /// What differs.
        because: &'static str,
    },
    /// The checkpoint is damaged.
    #[error("the checkpoint cannot be read: {because}; delete it, and training starts afresh")]
    Checkpoint {
        /// Why.
        because: String,
    },
    /// The observer could not store a checkpoint.
    #[error("the checkpoint of epoch {epoch} could not be stored: {source}")]
    Observer {
        /// Epoch, from 1.
        epoch: usize,
        /// The observer's reason.
        source: std::io::Error,
    },
    /// Threads could not be started.
    #[error("{threads} threads could not be started: {because}")]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// Why.
        because: String,
    },
    /// The tensor library failed.
    #[error("the tensor library failed: {0}")]
    Tensor(Box<candle_core::Error>),
}

impl From<candle_core::Error> for ModelError {
    fn from(error: candle_core::Error) -> Self {
        Self::Tensor(Box::new(error))
    }
}

impl ModelError {
    /// An unknown name, with the nearest known one.
    pub(crate) fn unknown(kind: &'static str, name: &str, known: &[&'static str]) -> Self {
        let suggestion = nearest(name, known.iter().copied()).map(str::to_owned);
        Self::Unknown { kind, name: name.to_owned(), suggestion, known: known.to_vec() }
    }
}

/// The first names of a list.
fn few(names: &[String]) -> String {
    let shown: Vec<String> = names.iter().take(8).map(|name| format!("`{name}`")).collect();
    match names.len().checked_sub(shown.len()) {
        Some(more) if more > 0 => format!("{} and {more} more", shown.join(", ")),
        _ => shown.join(", "),
    }
}

fn hint(suggestion: Option<&str>) -> String {
    suggestion.map_or_else(String::new, |s| format!(", did you mean `{s}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rows_of_a_broken_batch_are_named() {
        let names = |n: usize| few(&(0..n).map(|i| i.to_string()).collect::<Vec<_>>());
        assert_eq!(names(2), "`0`, `1`");
        assert_eq!(names(10), "`0`, `1`, `2`, `3`, `4`, `5`, `6`, `7` and 2 more");
    }

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        let near = ModelError::unknown("architecture", "seed-cmn", &["seed-cnn"]);
        assert_eq!(
            near.to_string(),
            "there is no architecture `seed-cmn`, did you mean `seed-cnn`? (known: seed-cnn)"
        );
        let far = ModelError::unknown("architecture", "transformer", &["seed-cnn"]);
        assert_eq!(far.to_string(), "there is no architecture `transformer` (known: seed-cnn)");
    }
}
