//! The held-out rows of a table of predictions that are numbers.

use super::error::DatasetError;
use super::predictions_classes::{picked, test_rows, weights, with_rows};
use super::source::Source;
use crate::domain::{Groups, InputFile};

/// Outcome, prediction and groups of the test rows. All columns have `n` entries.
#[derive(Debug, Clone, PartialEq)]
pub struct NumberAnswers {
    /// Outcome of each row, `(n,)`, finite.
    pub y_true: Vec<f64>,
    /// Prediction of each row, `(n,)`, finite.
    pub y_pred: Vec<f64>,
    /// Weight of each row, `(n,)`, at least 0 and not all 0.
    pub weight: Option<Vec<f64>>,
    /// The declared groupings.
    pub groups: Vec<Groups>,
    /// Digest of the table.
    pub input: InputFile,
}

/// Reads the table of predictions that `source` describes, truth and prediction as numbers.
///
/// # Errors
/// Names the file, the row and the column that do not fit, and what to do about it.
pub fn read_numbers(source: &Source) -> Result<NumberAnswers, DatasetError> {
    with_rows(source, |rows, input| {
        let number = |name: &Option<String>, default: &str| {
            let name = name.as_deref().unwrap_or(default);
            rows.numbers(name, f64::MIN..=f64::MAX, "a finite number")
        };
        let (y_true, y_pred) =
            (number(&source.columns.y_true, "y_true")?, number(&source.columns.y_pred, "y_pred")?);
        let test = test_rows(rows)?;
        Ok(NumberAnswers {
            y_true: picked(&y_true, &test),
            y_pred: picked(&y_pred, &test),
            weight: weights(rows, &test)?,
            groups: rows.groups()?.iter().map(|groups| groups.select(&test)).collect(),
            input,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::scratch::Scratch;

    fn read(text: &str) -> Result<NumberAnswers, DatasetError> {
        let folder = Scratch::new("numbers");
        folder.file("p.csv", text);
        read_numbers(&Source {
            base: folder.root().to_owned(),
            path: Some("p.csv".into()),
            ..Source::default()
        })
    }

    #[test]
    fn truth_and_prediction_are_finite_numbers() {
        let found = read("y_true,y_pred\n-1.5,2\n1e3,0.25\n").unwrap();
        assert_eq!((found.y_true, found.y_pred), (vec![-1.5, 1000.0], vec![2.0, 0.25]));
        for cell in ["", "inf", "nan", "x"] {
            let error = read(&format!("y_true,y_pred\n1,2\n3,{cell}\n")).unwrap_err().to_string();
            assert!(error.contains("row 2 of column `y_pred`"), "{error}");
        }
    }
}
