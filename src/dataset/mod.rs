//! The data: rows, pictures, predictions, and the tables around them.
//!
//! A format is one file and one line in [`formats`]. Whatever the format, what comes out is
//! [`Loaded`]: checked rows, and beside them the tables, file names and logs that other rooms scan.

mod bins;
mod cifar;
mod coded;
mod decode;
mod dictionary;
mod digest;
mod error;
mod findings;
mod guard;
mod idx;
mod image_folder;
mod lines;
mod npy;
mod npz;
mod outputs;
mod packed;
mod packed_files;
mod pages;
mod predictions;
mod predictions_answers;
mod predictions_classes;
mod predictions_numbers;
mod predictions_rankings;
mod rows;
mod score_table;
#[cfg(test)]
mod scratch;
mod source;
mod split;
mod streamed;
pub mod synthetic;
mod table;
mod table_cells;
mod table_content;
mod table_form;
mod table_levels;
mod table_typed;
mod zip;

pub use error::{DatasetError, PictureProblem};
pub use findings::{checks, findings};
pub use guard::silence_guarded_panics;
pub use npy::{NumpyArray, read_arrays};
pub use outputs::{OutputNames, OutputTable, read_outputs};
pub use packed_files::PackedProblem;
pub use predictions_answers::{Answers, read_answers};
pub use predictions_classes::{ClassAnswers, read_classes};
pub use predictions_numbers::{NumberAnswers, read_numbers};
pub use predictions_rankings::{RankingAnswers, RankingColumns, read_rankings};
pub use score_table::{ScoreTable, write_scores};
pub use source::{Columns, Loaded, OnError, Skipped, Source, SplitPlan};
pub use table::{read_columns, read_text_table, write_predictions};

use crate::domain::Seed;

/// A way to lay out data.
pub trait Format: Sync {
    /// The name in the configuration.
    fn name(&self) -> &'static str;

    /// Reads the data.
    ///
    /// # Errors
    /// Names the file, the row and the column that do not fit, and what to do about it.
    fn read(&self, source: &Source, seed: Seed) -> Result<Loaded, DatasetError>;
}

/// All formats.
static FORMATS: [&dyn Format; 6] = [
    &synthetic::Synthetic,
    &image_folder::ImageFolder,
    &idx::Idx,
    &npz::Npz,
    &cifar::Cifar,
    &predictions::PredictionsTable,
];

/// All formats, in the order in which they are listed.
#[must_use]
pub fn formats() -> &'static [&'static dyn Format] {
    &FORMATS
}

/// Reads the data with the format that the source names.
///
/// # Errors
/// When the format is unknown, or whatever it says.
pub fn read(source: &Source, seed: Seed) -> Result<Loaded, DatasetError> {
    let format = formats().iter().find(|f| f.name() == source.format);
    let format = format.ok_or_else(|| DatasetError::UnknownFormat {
        name: source.format.clone(),
        known: formats().iter().map(|f| f.name().to_owned()).collect(),
    })?;
    format.read(source, seed)
}
