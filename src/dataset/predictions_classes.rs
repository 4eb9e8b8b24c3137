//! The held-out rows of a table of predictions of more than two classes.

use super::error::DatasetError;
use super::predictions::{check_sums, family, largest, suffixes};
use super::rows::{Classes, Rows};
use super::source::Source;
use super::table;
use crate::domain::{ClassId, Groups, InputFile, Split};

/// Truth, decision, probabilities and groups of the test rows. All columns have `n` entries.
#[derive(Debug, Clone, PartialEq)]
pub struct ClassAnswers {
    /// Names of the classes, sorted; by size when all are integers.
    pub classes: Vec<String>,
    /// Actual class of each row, `(n,)`, a place in `classes`.
    pub y_true: Vec<ClassId>,
    /// Predicted class of each row, `(n,)`, a place in `classes`.
    pub y_pred: Vec<ClassId>,
    /// Probability of each class, `(n, k)` row-major, where the table has columns of it.
    pub prob: Option<Vec<f64>>,
    /// Weight of each row, `(n,)`, at least 0 and not all 0.
    pub weight: Option<Vec<f64>>,
    /// The declared groupings.
    pub groups: Vec<Groups>,
    /// Digest of the table.
    pub input: InputFile,
}

/// Reads the table of predictions that `source` describes, with all its classes.
///
/// The classes are the labels of truth and decision and those that columns `prob_<class>` name.
/// Without a column of decisions the most probable class is the decision, the first of equals.
///
/// # Errors
/// Names the file, the row and the column that do not fit, and what to do about it.
pub fn read_classes(source: &Source) -> Result<ClassAnswers, DatasetError> {
    with_rows(source, |rows, input| {
        let columns = &source.columns;
        let truth = rows.labels(columns.y_true.as_deref().unwrap_or("y_true"))?;
        let name = columns.y_pred.as_deref().unwrap_or("y_pred");
        let given = rows.table.column(name).map(|_| rows.labels(name)).transpose()?;
        let prefix = columns.prob.as_deref().unwrap_or("prob_");
        let named = suffixes(rows, prefix);
        let labels = truth.iter().chain(given.iter().flatten()).chain(&named);
        let classes = Classes::all(labels);
        let prob = family(rows, prefix, &classes, 0.0..=1.0)?;
        if let Some(values) = &prob {
            check_sums(rows, prefix, values)?;
        }
        let k = classes.names.len();
        let y_pred = match (given, &prob) {
            (Some(labels), _) => classes.ids(&labels),
            (None, Some(values)) => values.chunks(k).map(largest).collect(),
            (None, None) => {
                let (file, y_pred) = (rows.file.to_owned(), name.to_owned());
                return Err(DatasetError::NoPrediction { file, y_pred, prob: prefix.to_owned() });
            }
        };
        let test = test_rows(rows)?;
        let y_true = picked(&classes.ids(&truth), &test);
        let chosen = |prob: Vec<f64>| {
            test.iter().flat_map(|row| prob[row * k..(row + 1) * k].to_vec()).collect()
        };
        Ok(ClassAnswers {
            y_true,
            y_pred: picked(&y_pred, &test),
            prob: prob.map(chosen),
            weight: weights(rows, &test)?,
            groups: rows.groups()?.iter().map(|groups| groups.select(&test)).collect(),
            classes: classes.names,
            input,
        })
    })
}

/// Reads the whole table and hands its rows on.
pub(super) fn with_rows<T>(
    source: &Source,
    read: impl FnOnce(&Rows<'_>, InputFile) -> Result<T, DatasetError>,
) -> Result<T, DatasetError> {
    let Some(given) = &source.path else {
        let because = "the table of predictions";
        return Err(DatasetError::MissingKey { format: "predictions", key: "path", because });
    };
    let path = source.base.join(given);
    let found = table::read(&path, given, None)?;
    let rows = Rows { table: &found.text, file: &path, source, kept: None };
    let path = given.to_string_lossy().into_owned();
    read(&rows, InputFile { path, sha256: found.sha256 })
}

/// The places of the test rows: all of them where there is no split.
pub(super) fn test_rows(rows: &Rows<'_>) -> Result<Vec<usize>, DatasetError> {
    let split = super::predictions::splits(rows)?;
    Ok((0..split.len()).filter(|row| split[*row] == Split::Test).collect())
}

/// The values of some rows.
pub(super) fn picked<T: Clone>(values: &[T], rows: &[usize]) -> Vec<T> {
    rows.iter().map(|row| values[*row].clone()).collect()
}

/// The declared weights of the test rows, of which one must be more than 0.
pub(super) fn weights(rows: &Rows<'_>, test: &[usize]) -> Result<Option<Vec<f64>>, DatasetError> {
    let Some(column) = &rows.source.columns.weight else { return Ok(None) };
    let all = rows.numbers(column, 0.0..=f64::MAX, "a finite weight of at least 0")?;
    let weights = picked(&all, test);
    if weights.iter().any(|weight| *weight > 0.0) {
        return Ok(Some(weights));
    }
    Err(DatasetError::NoWeight { file: rows.file.to_owned(), column: column.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::scratch::Scratch;

    fn read(text: &str) -> Result<ClassAnswers, DatasetError> {
        let folder = Scratch::new("classes");
        folder.file("p.csv", text);
        read_classes(&Source {
            base: folder.root().to_owned(),
            path: Some("p.csv".into()),
            groups: vec![vec!["g".to_owned()]],
            ..Source::default()
        })
    }

    #[test]
    fn labels_of_any_kind_are_classes_and_only_test_rows_stay() {
        let found = read("y_true,y_pred,g,split\na,b,x,test\nc,c,y,train\nb,b,y,test\n").unwrap();
        assert_eq!(found.classes, ["a", "b", "c"]);
        assert_eq!((found.y_true, found.y_pred), (vec![0, 1], vec![1, 1]));
        assert_eq!(found.groups[0].counts(), [1, 1]);
    }

    #[test]
    fn the_most_probable_class_decides_where_nothing_else_does() {
        let text = "y_true,g,prob_0,prob_1,prob_2\n0,x,0.5,0.3,0.2\n2.0,y,0.2,0.2,0.6\n";
        let found = read(text).unwrap();
        assert_eq!((found.y_true, found.y_pred), (vec![0, 2], vec![0, 2]));
        assert_eq!(found.prob.unwrap()[3..], [0.2, 0.2, 0.6]);
        let error = read("y_true,g\na,x\nb,y\n").unwrap_err().to_string();
        assert!(error.contains("`y_pred`"), "{error}");
    }
}
