//! Everything that can be wrong with the data, each with its place and the way out.

use super::packed_files::PackedProblem;
use crate::domain::{ExamplesError, hint};
use std::path::PathBuf;

/// Why a picture could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureProblem {
    /// The picture as the metadata names it.
    pub file: String,
    /// Row of the metadata, from 1 for the first data row.
    pub row: u64,
    /// What is wrong with it.
    pub because: String,
}

/// Why the data could not be read. Rows count from 1 for the first data row.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// No reader has this name.
    #[error("unknown data format `{name}`{}; the formats are {}", hint(.name, .known), list(.known))]
    UnknownFormat {
        /// As written.
        name: String,
        /// All formats.
        known: Vec<String>,
    },
    /// A setting that the format cannot do without.
    #[error("the format `{format}` needs `{key}`, {because}")]
    MissingKey {
        /// The format.
        format: &'static str,
        /// The setting.
        key: &'static str,
        /// What it is for.
        because: &'static str,
    },
    /// The file or folder is not there.
    #[error("`{}` does not exist; {hint}", file.display())]
    NoFile {
        /// The file.
        file: PathBuf,
        /// Where to look.
        hint: String,
    },
    /// The operating system refused.
    #[error("`{}` cannot be read: {because}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// The system's words.
        because: String,
    },
    /// No byte, or no row below the header.
    #[error("`{}` holds no rows; write a header line and at least one row", file.display())]
    EmptyFile {
        /// The file.
        file: PathBuf,
    },
    /// No table that can be read.
    #[error("`{}` is not a table: {because}; give a CSV (UTF-8, with a header), Parquet or JSON Lines file", file.display())]
    NotATable {
        /// The file.
        file: PathBuf,
        /// What shows it.
        because: String,
    },
    /// A line with too few or too many fields.
    #[error("`{}` line {line} has {found} fields, the header has {expected}; quote fields that hold separators or line breaks", file.display())]
    Ragged {
        /// The file.
        file: PathBuf,
        /// Line on which the record starts, from 1.
        line: u64,
        /// Fields of the record.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// The table lacks a column.
    #[error("`{}` has no column `{column}`{}; its columns are {}", file.display(), hint(.column, .known), list(.known))]
    NoColumn {
        /// The file.
        file: PathBuf,
        /// The column that was asked for.
        column: String,
        /// The columns that there are.
        known: Vec<String>,
    },
    /// Two columns share a name.
    #[error("`{}` has more than one column `{column}`; rename one of them", file.display())]
    DuplicateColumn {
        /// The file.
        file: PathBuf,
        /// The name.
        column: String,
    },
    /// A column whose cells have no text form.
    #[error("column `{column}` of `{}` holds {kind}; only strings, integers, floats and booleans can be read, so convert it", file.display())]
    ColumnType {
        /// The file.
        file: PathBuf,
        /// The column.
        column: String,
        /// Its type.
        kind: String,
    },
    /// A column of labels or groups that has too many different values.
    #[error("column `{column}` of `{}` has more than {most} different values, so it looks like an id or a measurement and not like labels or groups; name another column, or write bands or regions into one", file.display())]
    ManyLevels {
        /// The file.
        file: PathBuf,
        /// The column.
        column: String,
        /// As many as are allowed.
        most: usize,
    },
    /// A cell that must not be empty.
    #[error("row {row} of column `{column}` in `{}` is empty; fill it or remove the row", file.display())]
    EmptyCell {
        /// The file.
        file: PathBuf,
        /// The column.
        column: String,
        /// The row.
        row: u64,
    },
    /// A cell that is no usable number.
    #[error("row {row} of column `{column}` in `{}` is `{value}`, not {expected}", file.display())]
    Number {
        /// The file.
        file: PathBuf,
        /// The column.
        column: String,
        /// The row.
        row: u64,
        /// The cell.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The declared positive class does not occur.
    #[error("no row has the positive class `{positive}`{}; the labels in `{}` are {}", hint(.positive, .known), file.display(), list(.known))]
    PositiveAbsent {
        /// The file.
        file: PathBuf,
        /// As declared.
        positive: String,
        /// The labels that occur.
        known: Vec<String>,
    },
    /// Truth and decision share no label.
    #[error("the columns of truth and decision in `{}` share no label: {} and {}; write both with the same labels", file.display(), list(.y_true), list(.y_pred))]
    LabelsApart {
        /// The file.
        file: PathBuf,
        /// Labels of the truth.
        y_true: Vec<String>,
        /// Labels of the decisions.
        y_pred: Vec<String>,
    },
    /// Nobody said which class is positive, and the labels are not 0 and 1.
    #[error("set `positive` (on the command line `--positive`) to one of the labels in `{}`: {}", file.display(), list(.known))]
    PositiveUnnamed {
        /// The file.
        file: PathBuf,
        /// The labels that occur.
        known: Vec<String>,
    },
    /// All rows have the same label.
    #[error("every row of `{}` has the label `{label}`; a classifier needs two", file.display())]
    OneClass {
        /// The file.
        file: PathBuf,
        /// The label.
        label: String,
    },
    /// A word that names no split.
    #[error("row {row} of column `{column}` in `{}` is `{value}`, which is no split; write train, validation or test", file.display())]
    UnknownSplit {
        /// The file.
        file: PathBuf,
        /// The column.
        column: String,
        /// The row.
        row: u64,
        /// The cell.
        value: String,
    },
    /// The rows say nothing about their split.
    #[error("`{}` has no column `{column}`; name the split column or let the split be drawn", file.display())]
    NoSplit {
        /// The file.
        file: PathBuf,
        /// The column that was looked for.
        column: String,
    },
    /// A split that is needed has no row.
    #[error("no row of {place} is in the {split} split; {hint}")]
    EmptySplit {
        /// The file or format.
        place: String,
        /// The split.
        split: &'static str,
        /// What it is needed for.
        hint: &'static str,
    },
    /// Shares that do not add up.
    #[error(
        "the split shares train {train}, validation {validation}, test {test} must lie between 0 and 1 and sum to 1"
    )]
    Shares {
        /// Share of the training rows.
        train: f64,
        /// Share of the validation rows.
        validation: f64,
        /// Share of the test rows.
        test: f64,
    },
    /// A split cannot be drawn after the predictions were made.
    #[error(
        "a split cannot be drawn for predictions that were made before; give a split column, or none to take all rows as test rows"
    )]
    DrawnTooLate,
    /// There is a score but no decision.
    #[error("`{}` has no column `{y_pred}`; a score alone does not say which threshold the decisions used, so add the decisions (or one `{prob}<class>` column per class, of which the largest decides), or name a threshold", file.display())]
    NoPrediction {
        /// The file.
        file: PathBuf,
        /// The column that was looked for.
        y_pred: String,
        /// Prefix of the probability columns.
        prob: String,
    },
    /// A threshold without decisions among other than two classes.
    #[error("a threshold alone decides between two classes, and `{}` has {classes}; add a column of decisions", file.display())]
    Threshold {
        /// The file.
        file: PathBuf,
        /// Classes that there are.
        classes: usize,
    },
    /// No test row weighs anything.
    #[error("every test row of column `{column}` in `{}` has weight 0; at least one must weigh more", file.display())]
    NoWeight {
        /// The file.
        file: PathBuf,
        /// The column.
        column: String,
    },
    /// Columns of a family exist for some classes only.
    #[error("`{}` has `{prefix}<class>` columns for some classes only; missing: {}", file.display(), list(.missing))]
    ClassColumns {
        /// The file.
        file: PathBuf,
        /// Prefix of the family.
        prefix: String,
        /// The columns that are not there.
        missing: Vec<String>,
    },
    /// The probabilities of a row do not sum to 1.
    #[error("the `{prefix}<class>` columns of row {row} in `{}` sum to {sum}, not 1", file.display())]
    ProbabilitySum {
        /// The file.
        file: PathBuf,
        /// Prefix of the family.
        prefix: String,
        /// The row.
        row: u64,
        /// Their sum.
        sum: f64,
    },
    /// Pictures that are missing or damaged.
    #[error("{}", pictures(*.total, .first, *.of))]
    Pictures {
        /// How many.
        total: usize,
        /// Rows of the metadata.
        of: usize,
        /// The first of them, at most five.
        first: Vec<PictureProblem>,
    },
    /// A packed file that is not what its format says.
    #[error("`{}` {problem}", file.display())]
    Packed {
        /// The file or folder.
        file: PathBuf,
        /// What is wrong with it.
        problem: PackedProblem,
    },
    /// A picture whose name leads out of its folder.
    #[error("row {row} names `{picture}`, which leads outside `{}`; picture paths must be relative and free of `..`", folder.display())]
    Outside {
        /// The folder.
        folder: PathBuf,
        /// The row.
        row: u64,
        /// The path as written.
        picture: String,
    },
    /// Pictures of several sizes, and no size to bring them to.
    #[error("`{}` is {}x{} pixels (height x width) but `{}` is {}x{}; set `resize: [height, width]`", .other, .other_size[0], .other_size[1], .first, .first_size[0], .first_size[1])]
    Sizes {
        /// The first picture.
        first: String,
        /// Its height and width.
        first_size: [usize; 2],
        /// The first picture that differs.
        other: String,
        /// Its height and width.
        other_size: [usize; 2],
    },
    /// A size of zero, or too many pixels for the memory's address range.
    #[error("`resize: [{}, {}]` is no size; both numbers must lie between 1 and 4096", .size[0], .size[1])]
    Resize {
        /// As given.
        size: [usize; 2],
    },
    /// The generator cannot make so few or so many rows.
    #[error("`n` is {n}; the generator makes between {least} and {most} rows")]
    Amount {
        /// As given.
        n: usize,
        /// Fewest.
        least: usize,
        /// Most.
        most: usize,
    },
    /// Rows that do not fit together.
    #[error(transparent)]
    Examples(#[from] ExamplesError),
    /// A table could not be written.
    #[error("the table could not be written: {because}")]
    Write {
        /// The library's words.
        because: String,
    },
}

fn list(names: &[String]) -> String {
    const SHOWN: usize = 20;
    let quoted: Vec<String> = names.iter().take(SHOWN).map(|n| format!("`{n}`")).collect();
    let more = names.len().saturating_sub(SHOWN);
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{tail}", quoted.join(", "))
}

fn pictures(total: usize, first: &[PictureProblem], of: usize) -> String {
    let line = |p: &PictureProblem| format!("\n  row {}: `{}` {}", p.row, p.file, p.because);
    let lines: String = first.iter().map(line).collect();
    let more = total.saturating_sub(first.len());
    let tail = if more > 0 { format!("\n  and {more} more") } else { String::new() };
    format!(
        "{total} of {of} pictures cannot be read (mend them, or set `on_error: skip`):{lines}{tail}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut_and_say_so() {
        assert!(list(&vec!["c".to_owned(); 25]).ends_with("`c` and 5 more"));
    }

    #[test]
    fn five_pictures_are_named_and_the_rest_counted() {
        let because = "is missing".to_owned();
        let problem =
            |row| PictureProblem { file: format!("{row}.png"), row, because: because.clone() };
        let first = (1..=5).map(problem).collect();
        let text = DatasetError::Pictures { total: 7, of: 9, first }.to_string();
        assert!(text.starts_with("7 of 9 pictures cannot be read"), "{text}");
        assert!(text.contains("row 5: `5.png` is missing") && text.ends_with("and 2 more"));
    }
}
