//! Tables as text: the one place that knows the table library.

use super::error::DatasetError;
use super::guard::guarded;
use super::table_content::Content;
use super::table_form::form;
use crate::domain::{Predictions, TextTable, digest_hex};
use polars::prelude::{Column, DataFrame, DataType, ParquetWriter};
use std::path::Path;

/// A table and the digest of the file it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// The cells.
    pub(crate) text: TextTable,
    /// SHA-256 of the file.
    pub(crate) sha256: String,
}

/// Reads a CSV, Parquet or JSON Lines file, all columns, all cells as text.
///
/// Strings, integers, floats and booleans become their natural text (`45`, `0.1`, `true`); empty
/// cells, nulls and the NaN of a Parquet float become `None`. A file that starts with `PAR1` is
/// Parquet whatever its name, one that starts with `{` JSON Lines. A CSV is UTF-8 with or without a byte order mark; its separator is
/// the one of comma, semicolon and tab that the header holds most often.
///
/// # Errors
/// When the file is missing, empty, ragged or no table.
pub fn read_text_table(path: &Path) -> Result<TextTable, DatasetError> {
    Ok(read(path, path, None)?.text)
}

/// The same for some columns only, in the order asked for.
///
/// # Errors
/// As [`read_text_table`], and when a column does not exist.
pub fn read_columns(path: &Path, columns: &[&str]) -> Result<TextTable, DatasetError> {
    Ok(read(path, path, Some(columns))?.text)
}

/// Reads `path`, which the user wrote as `given`.
pub(crate) fn read(
    path: &Path,
    given: &Path,
    columns: Option<&[&str]>,
) -> Result<Table, DatasetError> {
    let content = Content::load(path)?;
    let columns = guarded(path, || cells(path, &content, columns))?;
    content.same()?;
    Ok(Table { text: TextTable { file: shown(given), columns }, sha256: digest_hex(&content) })
}

/// A name and its cells.
type Named = (String, Vec<Option<String>>);

/// Some columns, or all.
fn cells(
    path: &Path,
    content: &Content,
    columns: Option<&[&str]>,
) -> Result<Vec<Named>, DatasetError> {
    let form = form(path, content)?;
    check_columns(path, form.names(), columns)?;
    let known: Vec<&str> = form.names().iter().map(String::as_str).collect();
    let wanted = columns.unwrap_or(&known);
    let parts = form.parts(path, content, wanted)?;
    let cells = |name: &&str| {
        let mut cells = Vec::with_capacity(form.rows());
        for part in 0..parts.lengths.len() {
            cells.extend(texts(path, &parts.column(path, name, part)?)?);
        }
        Ok(((*name).to_owned(), cells))
    };
    wanted.iter().map(cells).collect()
}

/// A path as a report may name it: as given when relative, its last part when absolute.
pub(crate) fn shown(given: &Path) -> String {
    let name = given.file_name().map(Path::new);
    let path = if given.is_absolute() { name.unwrap_or(given) } else { given };
    path.to_string_lossy().replace('\\', "/")
}

pub(crate) fn not_a_table(path: &Path, error: &dyn std::error::Error) -> DatasetError {
    let because = error.to_string().lines().next().unwrap_or_default().to_owned();
    DatasetError::NotATable { file: path.to_owned(), because }
}

pub(super) fn check_columns(
    path: &Path,
    known: &[String],
    wanted: Option<&[&str]>,
) -> Result<(), DatasetError> {
    let twice = |(i, name): &(usize, &String)| known[..*i].contains(name);
    if let Some((_, column)) = known.iter().enumerate().find(twice) {
        let (file, column) = (path.to_owned(), column.clone());
        return Err(DatasetError::DuplicateColumn { file, column });
    }
    match wanted.unwrap_or_default().iter().find(|w| !known.iter().any(|k| k == *w)) {
        Some(column) => Err(DatasetError::NoColumn {
            file: path.to_owned(),
            column: (*column).to_owned(),
            known: known.to_vec(),
        }),
        None => Ok(()),
    }
}

/// The cells of one column as text.
pub(super) fn texts(path: &Path, column: &Column) -> Result<Vec<Option<String>>, DatasetError> {
    let failed = |e| not_a_table(path, &e);
    let kind = column.dtype();
    let cells = match kind {
        DataType::String => {
            let filled = |v: Option<&str>| v.filter(|v| !v.is_empty()).map(str::to_owned);
            column.str().map_err(failed)?.iter().map(filled).collect()
        }
        DataType::Boolean => {
            column.bool().map_err(failed)?.iter().map(|v| v.map(|v| v.to_string())).collect()
        }
        DataType::Float64 => {
            let text = |v: Option<f64>| v.filter(|v| !v.is_nan()).map(|v| v.to_string());
            column.f64().map_err(failed)?.iter().map(text).collect()
        }
        DataType::Float32 => {
            let text = |v: Option<f32>| v.filter(|v| !v.is_nan()).map(|v| v.to_string());
            column.f32().map_err(failed)?.iter().map(text).collect()
        }
        DataType::Null => vec![None; column.len()],
        _ if kind.is_integer() || kind.is_categorical() => {
            let cast = column.cast(&DataType::String).map_err(failed)?;
            return texts(path, &cast);
        }
        _ => {
            let (column, kind) = (column.name().to_string(), kind.to_string());
            return Err(DatasetError::ColumnType { file: path.to_owned(), column, kind });
        }
    };
    Ok(cells)
}

/// Predictions as Parquet: `id`, `split`, `y_true`, `y_pred` (class names), `score` and
/// `logit_<class>` where there are any, and one column per single feature.
///
/// # Errors
/// When the table cannot be written, e.g. because two columns share a name.
pub fn write_predictions(p: &Predictions) -> Result<Vec<u8>, DatasetError> {
    let failed = |e: polars::error::PolarsError| DatasetError::Write { because: e.to_string() };
    let rows = &p.examples;
    let class = |id: &u32| rows.classes[usize::try_from(*id).unwrap_or(usize::MAX)].as_str();
    let text = |name: &str, cells: Vec<&str>| Column::new(name.into(), cells);
    let mut columns = vec![
        text("id", rows.id.iter().map(String::as_str).collect()),
        text("split", rows.split.iter().map(|s| s.name()).collect()),
        text("y_true", rows.y_true.iter().map(class).collect()),
        text("y_pred", p.y_pred.iter().map(class).collect()),
    ];
    columns.extend(p.score.as_ref().map(|s| Column::new("score".into(), s.as_slice())));
    columns.extend(p.weight.as_ref().map(|w| Column::new("sample_weight".into(), w.as_slice())));
    for (i, name) in rows.classes.iter().enumerate().filter(|_| p.logits.is_some()) {
        let values: Vec<f64> =
            p.logits.iter().flat_map(|l| (0..l.len()).map(move |r| l.row(r)[i])).collect();
        columns.push(Column::new(format!("logit_{name}").as_str().into(), values));
    }
    for (i, groups) in rows.groups.iter().enumerate() {
        for (part, feature) in groups.features().iter().enumerate() {
            let written = |g: &crate::domain::Groups| g.features().contains(feature);
            if !rows.groups[..i].iter().any(written) {
                let level = |id: crate::domain::GroupId| groups.parts(id)[part].as_str();
                columns.push(text(feature, groups.of().map(level).collect()));
            }
        }
    }
    let mut frame = DataFrame::new(rows.len(), columns).map_err(failed)?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
