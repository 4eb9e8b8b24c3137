//! Stored outputs of models in a table: a row for each example, a column for each number.
//!
//! A column is named like an entry of an array: `logits_0_3` is what model 0 says of class 3,
//! `masks_0` whether model 0 has seen the row, `labels` its class. In rows that no model has seen,
//! which come last, the masks are empty.

use super::error::DatasetError;
use super::table_typed::{Data, Use, open_bytes};
use std::collections::BTreeSet;
use std::path::Path;

/// What the columns are called, before their numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutputNames<'a> {
    /// Raw outputs, a column for each model and class; not read where there are losses.
    pub logits: &'a str,
    /// Losses, a column for each model.
    pub losses: Option<&'a str>,
    /// Who was trained on, a column for each model.
    pub masks: &'a str,
    /// The classes, one column.
    pub labels: &'a str,
}

/// Checked columns as arrays.
#[derive(Debug, Clone, PartialEq)]
pub struct OutputTable {
    /// Logits, `(models, rows, classes)`, or losses, `(models, rows)`; finite.
    pub values: Vec<f64>,
    /// 1 where a model was trained on a row, `(models, pool)`.
    pub masks: Vec<u8>,
    /// Classes, `(rows,)`.
    pub labels: Vec<i64>,
    /// Models, rows, classes (1 of losses) and rows of the pool.
    pub sizes: [usize; 4],
}

/// Reads the columns of every model from a file whose bytes are at hand; messages name its path.
///
/// # Errors
/// When the file is no table, a column is not there, a cell is empty or no number, a mask is neither 0
/// nor 1, or the rows without masks do not come last.
pub fn read_outputs(
    path: &Path,
    bytes: &[u8],
    names: &OutputNames<'_>,
) -> Result<OutputTable, DatasetError> {
    let opened = open_bytes(path, bytes)?;
    let columns = Columns::of(path, opened.names(), names)?;
    let finite = || Use::Numbers(f64::MIN..=f64::MAX, "a finite number");
    let class = || Use::Numbers(0.0..=f64::from(u32::MAX), "a class from 0");
    let mut wanted: Vec<(&str, Use)> =
        columns.values.iter().map(|name| (name.as_str(), finite())).collect();
    wanted.push((names.labels, class()));
    wanted.extend(columns.masks.iter().map(|name| (name.as_str(), Use::Texts)));
    let read = opened.read(&wanted, false).map_err(nan)?;
    let mut read = read.columns.into_iter();
    let values: Vec<Vec<f64>> =
        read.by_ref().take(columns.values.len()).map(Data::into_numbers).collect();
    let labels = read.by_ref().take(1).flat_map(Data::into_numbers);
    let labels = labels.enumerate().map(|(row, value)| whole(path, names.labels, (row, value)));
    let labels = labels.collect::<Result<Vec<i64>, DatasetError>>()?;
    let masks = columns.masks.iter().zip(read);
    let masks = masks.map(|(name, data)| mask(path, name, data)).collect::<Result<Vec<_>, _>>()?;
    let pool = masks.first().map_or(0, Vec::len);
    if let Some(at) = masks.iter().position(|mask| mask.len() != pool) {
        let name = &columns.masks[at];
        let because = format!(
            "`{name}` has {} rows with a mask, `{}` {pool}",
            masks[at].len(),
            columns.masks[0]
        );
        return Err(DatasetError::NotATable { file: path.to_owned(), because });
    }
    let (models, classes) = (columns.masks.len(), columns.classes);
    let sizes = [models, labels.len(), classes, pool];
    let values = values.chunks(classes).flat_map(interleaved).collect();
    Ok(OutputTable { values, masks: masks.concat(), labels, sizes })
}

/// Names of the columns that there must be.
struct Columns {
    values: Vec<String>,
    masks: Vec<String>,
    classes: usize,
}

impl Columns {
    /// As many models as masks, as many classes as model 0 has.
    fn of(path: &Path, known: &[String], names: &OutputNames<'_>) -> Result<Self, DatasetError> {
        let there: BTreeSet<&str> = known.iter().map(String::as_str).collect();
        let counted = |prefix: &str| {
            let name = |i: usize| format!("{prefix}_{i}");
            (0..known.len())
                .map(name)
                .take_while(|name| there.contains(name.as_str()))
                .collect::<Vec<_>>()
        };
        let absent = |column: String| DatasetError::NoColumn {
            file: path.to_owned(),
            column,
            known: known.to_vec(),
        };
        let masks = counted(names.masks);
        if masks.is_empty() {
            return Err(absent(format!("{}_0", names.masks)));
        }
        let first = || counted(&format!("{}_0", names.logits)).len().max(1);
        let classes = if names.losses.is_some() { 1 } else { first() };
        let of_model = |model: usize| match names.losses {
            Some(losses) => vec![format!("{losses}_{model}")],
            None => (0..classes).map(|class| format!("{}_{model}_{class}", names.logits)).collect(),
        };
        let values: Vec<String> = (0..masks.len()).flat_map(of_model).collect();
        match values.iter().find(|name| !there.contains(name.as_str())) {
            Some(name) => Err(absent(name.clone())),
            None => Ok(Self { values, masks, classes }),
        }
    }
}

/// An empty cell of numbers may have been a NaN.
fn nan(error: DatasetError) -> DatasetError {
    let DatasetError::EmptyCell { file, column, row } = error else { return error };
    let (value, expected) = ("NaN or empty".to_owned(), "a finite number");
    DatasetError::Number { file, column, row, value, expected }
}

fn whole(path: &Path, name: &str, (row, value): (usize, f64)) -> Result<i64, DatasetError> {
    let text = value.to_string();
    text.parse().map_err(|_| refused(path, name, (row, text), "a class from 0"))
}

/// A cell that does not fit its use.
fn refused(
    path: &Path,
    name: &str,
    (row, value): (usize, String),
    expected: &'static str,
) -> DatasetError {
    let row = super::rows::row_number(row);
    DatasetError::Number { file: path.to_owned(), column: name.to_owned(), row, value, expected }
}

/// The masks of the first rows, up to the first empty one.
fn mask(path: &Path, name: &str, data: Data) -> Result<Vec<u8>, DatasetError> {
    const EMPTY: u8 = 2;
    let coded = data.into_texts();
    let value = |level: &String| match level.trim() {
        "1" | "1.0" | "true" | "True" => Ok(1),
        "0" | "0.0" | "false" | "False" => Ok(0),
        "" => Ok(EMPTY),
        _ => Err(level.clone()),
    };
    let found: Result<Vec<u8>, String> = coded.levels.iter().map(value).collect();
    let refused = |row, value, expected| refused(path, name, (row, value), expected);
    let found = found.map_err(|value| {
        let is = |at: Option<usize>| at.is_some_and(|at| coded.levels[at] == value);
        let row = coded.first(is).unwrap_or(0);
        refused(row, value, "a mask of 0 or 1")
    })?;
    let mut masks = coded.each(&found, EMPTY);
    let pool = masks.iter().position(|mask| *mask == EMPTY).unwrap_or(masks.len());
    if let Some(after) = masks[pool..].iter().position(|mask| *mask != EMPTY) {
        let expected = "empty like a row before it; rows without masks come last";
        return Err(refused(pool + after, masks[pool + after].to_string(), expected));
    }
    masks.truncate(pool);
    Ok(masks)
}

/// The entries of some columns, row by row.
fn interleaved(columns: &[Vec<f64>]) -> Vec<f64> {
    let rows = columns.first().map_or(0, Vec::len);
    (0..rows).flat_map(|row| columns.iter().map(move |column| column[row])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: OutputNames<'_> =
        OutputNames { logits: "logits", losses: None, masks: "masks", labels: "labels" };

    fn on(text: &str, names: &OutputNames<'_>) -> Result<OutputTable, DatasetError> {
        read_outputs(Path::new("o.csv"), text.as_bytes(), names)
    }

    #[test]
    fn columns_become_arrays() {
        let text = "id,labels,masks_1,masks_0,logits_0_0,logits_0_1,logits_1_0,logits_1_1\n\
                    a,0,true,0,1,2,3,4\nb,1,false,1,5,6,7,8\nc,1,,,9,10,11,12\n";
        let found = on(text, &NAMES).unwrap();
        assert_eq!(found.sizes, [2, 3, 2, 2]);
        let values = [1.0, 2.0, 5.0, 6.0, 9.0, 10.0, 3.0, 4.0, 7.0, 8.0, 11.0, 12.0];
        assert_eq!(found.values, values);
        assert_eq!((found.masks, found.labels), (vec![0, 1, 1, 0], vec![0, 1, 1]));
        let losses = OutputNames { losses: Some("loss"), ..NAMES };
        let found = on("labels,masks_0,loss_0\n3,1,0.25\n0,0,1e-9\n", &losses).unwrap();
        assert_eq!((found.values, found.sizes), (vec![0.25, 1e-9], [1, 2, 1, 2]));
    }

    #[test]
    fn each_fault_has_its_own_message() {
        let losses = OutputNames { losses: Some("loss"), ..NAMES };
        for (text, expected) in [
            ("labels,loss_0\n0,1\n", "has no column `masks_0`"),
            ("labels,masks_0\n0,1\n", "has no column `loss_0`"),
            ("labels,masks_0,masks_1,loss_0\n0,1,1,1\n", "has no column `loss_1`"),
            ("masks_0,loss_0\n1,1\n", "has no column `labels`"),
            ("labels,masks_0,loss_0\n0,1,1\n0,2,1\n", "row 2 of column `masks_0`"),
            ("labels,masks_0,loss_0\n0,1,1\n0,,1\n0,0,1\n", "rows without masks come last"),
            ("labels,masks_0,loss_0\n0.5,1,1\n", "is `0.5`, not a class from 0"),
            ("labels,masks_0,loss_0\n-1,1,1\n", "is `-1`, not a class from 0"),
            ("labels,masks_0,loss_0\n0,1,inf\n", "is `inf`, not a finite number"),
            ("labels,masks_0,loss_0\n0,1,\n", "is `NaN or empty`, not a finite number"),
        ] {
            let message = on(text, &losses).unwrap_err().to_string();
            assert!(message.contains(expected), "{message} lacks {expected}");
        }
        let text = "labels,masks_0,masks_1,loss_0,loss_1\n0,1,1,1,1\n0,1,,1,1\n";
        let message = on(text, &losses).unwrap_err().to_string();
        assert!(message.contains("`masks_1` has 1 rows with a mask, `masks_0` 2"), "{message}");
        let message = on("labels,masks_0,loss_0\n0,1,1\n", &NAMES).unwrap_err().to_string();
        assert!(message.contains("has no column `logits_0_0`"), "{message}");
    }
}
