//! The features that decide which rows are near each other.

use super::PipelineError;
use crate::dataset;
use crate::domain::TextTable;
use crate::fairness::individual::Features;
use std::path::Path;

/// Reads all columns of a CSV or Parquet file but the skipped ones as numbers.
///
/// # Errors
/// Names the file, and the column and row that is no number; a skipped column must be there.
pub fn read_features(path: &Path, skip: &[String]) -> Result<Features, PipelineError> {
    let table = dataset::read_text_table(path)?;
    let wrong = |because: String| PipelineError::Features { path: table.file.clone(), because };
    if let Some(absent) = skip.iter().find(|name| table.column(name).is_none()) {
        return Err(wrong(format!("there is no column `{absent}` to skip")));
    }
    let columns = numbers(&table, skip).map_err(wrong)?;
    Features::new(&columns).map_err(|error| wrong(error.to_string()))
}

/// The kept columns as numbers, or the first cell that is none.
fn numbers(table: &TextTable, skip: &[String]) -> Result<Vec<(String, Vec<f64>)>, String> {
    let kept = table.columns.iter().filter(|(name, _)| !skip.contains(name));
    let column = |(name, cells): &(String, Vec<Option<String>>)| {
        let number = |(row, cell): (usize, &Option<String>)| {
            let text = cell.as_deref().unwrap_or_default();
            text.trim().parse::<f64>().map_err(|_| {
                let help = "leave it out with --skip-feature, or encode it";
                format!("feature `{name}` is not a number in row {}: `{text}`; {help}", row + 1)
            })
        };
        let cells = cells.iter().enumerate().map(number).collect::<Result<_, String>>()?;
        Ok((name.clone(), cells))
    };
    kept.map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> TextTable {
        let cells = |values: &[&str]| values.iter().map(|v| Some((*v).to_owned())).collect();
        let columns =
            vec![("id".to_owned(), cells(&["r1", "r2"])), ("x".to_owned(), cells(&["1", " 2.5"]))];
        TextTable { file: "f.csv".to_owned(), columns }
    }

    #[test]
    fn a_cell_that_is_no_number_is_named_with_the_way_out() {
        let error = numbers(&table(), &[]).unwrap_err();
        assert!(error.contains("`id` is not a number in row 1: `r1`"), "{error}");
        assert!(error.contains("--skip-feature"), "{error}");
        let found = numbers(&table(), &["id".to_owned()]).unwrap();
        assert_eq!(found, [("x".to_owned(), vec![1.0, 2.5])]);
    }
}
