//! What kind of table a file is, which columns it has, and reading some of them in parts.

use super::error::DatasetError;
use super::lines;
use super::pages;
use super::table::{check_columns, not_a_table};
use polars::io::parquet::metadata::FileMetadataRef;
use polars::prelude::{
    ArrowDataType, Column, CsvParseOptions, CsvReadOptions, DataFrame, ParallelStrategy,
    ParquetReader, SerReader,
};
use polars_parquet::parquet::metadata::SchemaDescriptor;
use polars_parquet::parquet::schema::types::{
    IntegerType, ParquetType, PrimitiveConvertedType, PrimitiveLogicalType,
};
use polars_parquet::read::ColumnChunkMetadata;
use std::collections::BTreeMap;
use std::io::Cursor;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

/// The kind of a file, and what is known of it before its cells are read.
#[derive(Debug)]
pub(crate) enum Form {
    /// Parquet: column names and the footer.
    Parquet(Vec<String>, FileMetadataRef),
    /// CSV: column names, separator, rows, and where the text lies among the bytes.
    Csv(Vec<String>, u8, usize, Range<usize>),
    /// JSON Lines, read already: every column as strings.
    Json(Vec<String>, DataFrame),
}

/// Some columns of a table, cut at the same rows.
pub(crate) struct Parts<'a> {
    /// Rows of each part, `(parts,)`.
    pub(crate) lengths: Vec<usize>,
    cells: Cells<'a>,
}

enum Cells<'a> {
    Parquet(&'a [u8], FileMetadataRef),
    Frame(DataFrame),
}

/// First bytes of files that are often taken for tables, and what to do about them.
const STRANGERS: [(&[u8], &str); 6] = [
    (b"ARROW1", "it is an Arrow IPC (Feather) file, which this build does not read"),
    (b"PK\x03\x04", "it is a zip archive or an Excel workbook; save the sheet as CSV"),
    (b"\x1f\x8b", "it is compressed with gzip; unpack it first"),
    (b"\xff\xfe", "it is UTF-16 text; save it as UTF-8"),
    (b"\xfe\xff", "it is UTF-16 text; save it as UTF-8"),
    (b"[", "it looks like a JSON array; write one object per line (JSON Lines)"),
];

/// Tells what the bytes are: `PAR1` starts a Parquet file, `{` JSON Lines, the rest is CSV.
///
/// # Errors
/// When the bytes are none of these, two columns share a name, or there is no row.
pub(crate) fn form(path: &Path, bytes: &[u8]) -> Result<Form, DatasetError> {
    let form = if bytes.starts_with(b"PAR1") {
        parquet(path, bytes)?
    } else if bytes.trim_ascii_start().starts_with(b"{") {
        json(path, bytes)?
    } else {
        if let Some((_, because)) = STRANGERS.iter().find(|(head, _)| bytes.starts_with(head)) {
            let (file, because) = (path.to_owned(), (*because).to_owned());
            return Err(DatasetError::NotATable { file, because });
        }
        let shape = lines::scan(path, bytes)?;
        let from = if bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        Form::Csv(shape.header, shape.separator, shape.rows, from..from + shape.body.len())
    };
    check_columns(path, form.names(), None)?;
    if form.rows() == 0 {
        return Err(DatasetError::EmptyFile { file: path.to_owned() });
    }
    Ok(form)
}

/// The footer, without the note of another library on how its own types were stored: a dictionary
/// is a way to store strings.
fn parquet(path: &Path, bytes: &[u8]) -> Result<Form, DatasetError> {
    let failed = |e| not_a_table(path, &e);
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    let mut metadata = reader.get_metadata().map_err(failed)?.as_ref().clone();
    metadata.key_value_metadata = None;
    let name = metadata.schema_descr.name().into();
    let fields = metadata.schema_descr.fields().iter().map(widened).collect();
    metadata.schema_descr = SchemaDescriptor::new(name, fields);
    let metadata = Arc::new(metadata);
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    reader.set_metadata(metadata.clone());
    let schema = reader.schema().map_err(failed)?;
    Ok(Form::Parquet(schema.iter_names().map(ToString::to_string).collect(), metadata))
}

/// Integers of 8 and 16 bits are stored in 32, and read as such.
fn widened(field: &ParquetType) -> ParquetType {
    use IntegerType::{Int8, Int16, UInt8, UInt16};
    use PrimitiveConvertedType as Converted;
    let mut field = field.clone();
    if let ParquetType::PrimitiveType(kind) = &mut field {
        let small = match (&kind.logical_type, &kind.converted_type) {
            (Some(PrimitiveLogicalType::Integer(kind)), _) => {
                matches!(kind, Int8 | Int16 | UInt8 | UInt16)
            }
            (None, Some(kind)) => {
                matches!(
                    kind,
                    Converted::Int8 | Converted::Int16 | Converted::Uint8 | Converted::Uint16
                )
            }
            _ => false,
        };
        if small {
            (kind.logical_type, kind.converted_type) = (None, None);
        }
    }
    field
}

impl Form {
    /// Names of all columns.
    pub(crate) fn names(&self) -> &[String] {
        match self {
            Self::Parquet(names, _) | Self::Csv(names, ..) | Self::Json(names, _) => names,
        }
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        match self {
            Self::Parquet(_, metadata) => metadata.num_rows,
            Self::Csv(_, _, rows, _) => *rows,
            Self::Json(_, frame) => frame.height(),
        }
    }

    /// Where one column of one row group lies in a Parquet file.
    pub(crate) fn chunk(&self, name: &str, part: usize) -> Option<&ColumnChunkMetadata> {
        let Self::Parquet(_, metadata) = self else { return None };
        metadata.row_groups[part].columns_under_root_iter(name)?.next()
    }

    /// The parts of some columns, which must exist.
    ///
    /// # Errors
    /// When a Parquet column has a type without text form, or the CSV cannot be read.
    pub(crate) fn parts<'a>(
        &self,
        path: &Path,
        bytes: &'a [u8],
        names: &[&str],
    ) -> Result<Parts<'a>, DatasetError> {
        match self {
            Self::Parquet(_, metadata) => {
                readable(path, bytes, metadata, names)?;
                let lengths = lengths(path, metadata)?;
                self.sound(path, bytes, (names, &lengths))?;
                Ok(Parts { lengths, cells: Cells::Parquet(bytes, metadata.clone()) })
            }
            Self::Csv(_, separator, rows, body) => {
                let frame = csv(path, &bytes[body.clone()], *separator, names)?;
                if frame.height() == *rows {
                    return Ok(Parts { lengths: vec![*rows], cells: Cells::Frame(frame) });
                }
                let because = format!("{rows} rows were counted, {} read", frame.height());
                Err(DatasetError::NotATable { file: path.to_owned(), because })
            }
            Self::Json(_, frame) => {
                let lengths = vec![frame.height()];
                Ok(Parts { lengths, cells: Cells::Frame(frame.clone()) })
            }
        }
    }

    /// Whether the pages of some columns can be what they say.
    fn sound(
        &self,
        path: &Path,
        bytes: &[u8],
        (names, lengths): (&[&str], &[usize]),
    ) -> Result<(), DatasetError> {
        for name in names {
            let sound = |(part, rows): (usize, &usize)| {
                self.chunk(name, part).is_some_and(|chunk| pages::plausible(bytes, chunk, *rows))
            };
            if !lengths.iter().enumerate().all(sound) {
                let because = format!("the pages of column `{name}` are damaged; write it again");
                return Err(DatasetError::NotATable { file: path.to_owned(), because });
            }
        }
        Ok(())
    }
}

impl Parts<'_> {
    /// One column in one part.
    ///
    /// # Errors
    /// When the pages of a Parquet file cannot be decoded.
    pub(crate) fn column(
        &self,
        path: &Path,
        name: &str,
        part: usize,
    ) -> Result<Column, DatasetError> {
        let failed = |e| not_a_table(path, &e);
        let frame = match &self.cells {
            Cells::Frame(frame) => return frame.column(name).cloned().map_err(failed),
            Cells::Parquet(bytes, metadata) => {
                let start = self.lengths[..part].iter().sum();
                let mut reader = ParquetReader::new(Cursor::new(bytes))
                    .with_columns(Some(vec![name.to_owned()]))
                    .with_slice(Some((start, self.lengths[part])))
                    .read_parallel(ParallelStrategy::None);
                reader.set_metadata(metadata.clone());
                reader.finish().map_err(failed)?
            }
        };
        let column = frame.column(name).cloned().map_err(failed)?;
        if column.len() == self.lengths[part] {
            return Ok(column);
        }
        let because = format!("column `{name}` has fewer rows than the file says");
        Err(DatasetError::NotATable { file: path.to_owned(), because })
    }
}

/// Whether some columns of a Parquet file have types with a text form.
fn readable(
    path: &Path,
    bytes: &[u8],
    metadata: &FileMetadataRef,
    names: &[&str],
) -> Result<(), DatasetError> {
    let mut reader = ParquetReader::new(Cursor::new(bytes));
    reader.set_metadata(metadata.clone());
    let schema = reader.schema().map_err(|e| not_a_table(path, &e))?;
    for name in names {
        let kind = schema.get(name).and_then(|field| unreadable(field.dtype()));
        if let Some(kind) = kind {
            let (file, column) = (path.to_owned(), (*name).to_owned());
            return Err(DatasetError::ColumnType { file, column, kind });
        }
    }
    Ok(())
}

/// The rows of each row group, which make up the file.
fn lengths(path: &Path, metadata: &FileMetadataRef) -> Result<Vec<usize>, DatasetError> {
    let groups = metadata.row_groups.iter();
    let lengths: Vec<usize> =
        groups.map(polars_parquet::read::RowGroupMetadata::num_rows).collect();
    let add = |sum: usize, rows: &usize| sum.checked_add(*rows);
    if lengths.iter().try_fold(0, add) == Some(metadata.num_rows) {
        return Ok(lengths);
    }
    let because = "it says different numbers of rows; write it again".to_owned();
    Err(DatasetError::NotATable { file: path.to_owned(), because })
}

/// What a column holds that cannot be read, in a user's words.
fn unreadable(kind: &ArrowDataType) -> Option<String> {
    use ArrowDataType as Kind;
    let word = match kind {
        Kind::Null
        | Kind::Boolean
        | Kind::Float32
        | Kind::Float64
        | Kind::Int8
        | Kind::Int16
        | Kind::Int32
        | Kind::Int64
        | Kind::UInt8
        | Kind::UInt16
        | Kind::UInt32
        | Kind::UInt64
        | Kind::Utf8
        | Kind::LargeUtf8
        | Kind::Utf8View => return None,
        Kind::Date32 | Kind::Date64 => "dates",
        Kind::Timestamp(..) | Kind::Time32(_) | Kind::Time64(_) | Kind::Duration(_) => "times",
        Kind::List(_) | Kind::LargeList(_) | Kind::FixedSizeList(..) => "lists",
        Kind::Struct(_) | Kind::Map(..) => "nested values",
        Kind::Binary | Kind::LargeBinary | Kind::BinaryView | Kind::FixedSizeBinary(_) => "bytes",
        Kind::Decimal(..) | Kind::Decimal32(..) | Kind::Decimal64(..) | Kind::Decimal256(..) => {
            "decimals"
        }
        other => return Some(format!("{other:?}")),
    };
    Some(word.to_owned())
}

/// All cells as strings, exactly as written.
fn csv(path: &Path, body: &[u8], separator: u8, names: &[&str]) -> Result<DataFrame, DatasetError> {
    CsvReadOptions::default()
        .with_has_header(true)
        .with_infer_schema_length(Some(0))
        .with_columns(Some(names.iter().map(|n| (*n).into()).collect()))
        .with_parse_options(CsvParseOptions::default().with_separator(separator))
        .into_reader_with_file_handle(Cursor::new(body))
        .finish()
        .map_err(|e| not_a_table(path, &e))
}

/// One object per line; a key that a line lacks is an empty cell.
fn json(path: &Path, bytes: &[u8]) -> Result<Form, DatasetError> {
    let refuse = |because: String| DatasetError::NotATable { file: path.to_owned(), because };
    let text = std::str::from_utf8(bytes)
        .map_err(|e| refuse(format!("byte {} is not UTF-8", e.valid_up_to() + 1)))?;
    let mut columns: BTreeMap<String, Vec<Option<String>>> = BTreeMap::new();
    let mut rows = 0;
    for (number, line) in text.lines().enumerate().filter(|(_, l)| !l.trim().is_empty()) {
        let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line)
            .map_err(|e| refuse(format!("line {} is no JSON object: {e}", number + 1)))?;
        for (key, value) in object {
            if value.is_array() || value.is_object() {
                let line = number + 1;
                return Err(refuse(format!("`{key}` in line {line} holds a list or an object")));
            }
            let cell = cell(&value);
            let column = columns.entry(key).or_default();
            column.resize(rows, None);
            column.push(cell);
        }
        rows += 1;
    }
    for column in columns.values_mut() {
        column.resize(rows, None);
    }
    let names = columns.keys().cloned().collect();
    let column = |(name, cells): (String, Vec<_>)| Column::new(name.into(), cells);
    let frame = DataFrame::new(rows, columns.into_iter().map(column).collect());
    Ok(Form::Json(names, frame.map_err(|e| not_a_table(path, &e))?))
}

/// The text of a plain JSON value; `None` for null.
fn cell(value: &serde_json::Value) -> Option<String> {
    match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}
