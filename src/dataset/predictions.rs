//! `predictions`: a table of what some classifier said, one row per example.

use super::error::DatasetError;
use super::rows::{Classes, Rows, row_number};
use super::source::{Loaded, Source, SplitPlan};
use super::{Format, digest, table};
use crate::domain::{ClassId, Examples, InputFile, Logits, Predictions, Seed, Split};

/// How far the probabilities of a row may be from summing to 1.
const SUM_TOLERANCE: f64 = 1e-3;

/// The reader.
#[derive(Debug)]
pub(crate) struct PredictionsTable;

impl Format for PredictionsTable {
    fn name(&self) -> &'static str {
        "predictions"
    }

    /// Columns `y_true`, `y_pred`, `score` or `prob_<class>`, `logit_<class>`, `id`, `split` and
    /// groups. Without a split column all rows are test rows.
    fn read(&self, source: &Source, _: Seed) -> Result<Loaded, DatasetError> {
        let because = "the table of predictions";
        let Some(given) = &source.path else {
            return Err(DatasetError::MissingKey { format: self.name(), key: "path", because });
        };
        if matches!(source.split, SplitPlan::Drawn { .. }) {
            return Err(DatasetError::DrawnTooLate);
        }
        let path = source.base.join(given);
        let read = table::read(&path, given, None)?;
        let rows = Rows { table: &read.text, file: &path, source, kept: None };
        let predictions = predictions(&rows)?;
        let path = given.to_string_lossy().into_owned();
        Ok(Loaded {
            examples: predictions.examples.clone(),
            images: None,
            digest: digest::predictions(&predictions),
            predictions: Some(predictions),
            tables: vec![read.text],
            names: Vec::new(),
            usage_log: None,
            skipped: Vec::new(),
            inputs: vec![InputFile { path, sha256: read.sha256 }],
        })
    }
}

fn predictions(rows: &Rows<'_>) -> Result<Predictions, DatasetError> {
    let columns = &rows.source.columns;
    let truth = rows.labels(columns.y_true.as_deref().unwrap_or("y_true"))?;
    let name = columns.y_pred.as_deref().unwrap_or("y_pred");
    let given = rows.declared(columns.y_pred.as_ref(), name)?.map(|_| rows.labels(name));
    let given = given.transpose()?;
    let prob = columns.prob.as_deref().unwrap_or("prob_");
    let logit = columns.logit.as_deref().unwrap_or("logit_");
    let named: Vec<String> = [prob, logit].iter().flat_map(|p| suffixes(rows, p)).collect();
    let classes = rows.classes(truth.iter().chain(given.iter().flatten()).chain(&named))?;
    let probabilities = family(rows, prob, &classes, 0.0..=1.0)?;
    if let Some(values) = &probabilities {
        check_sums(rows, prob, values)?;
    }
    let score = score(rows, &classes, probabilities.as_deref())?;
    let y_pred = match (given, &probabilities, rows.source.threshold, &score) {
        (Some(labels), ..) => classes.ids(&labels),
        (None, Some(values), ..) => values.chunks(classes.names.len()).map(largest).collect(),
        (None, None, Some(threshold), Some(score)) => decided(rows, &classes, score, threshold)?,
        (None, None, ..) => {
            let (file, y_pred) = (rows.file.to_owned(), name.to_owned());
            return Err(DatasetError::NoPrediction { file, y_pred, prob: prob.to_owned() });
        }
    };
    let logits = family(rows, logit, &classes, f64::MIN..=f64::MAX)?;
    let logits = logits.map(|values| Logits::new(values, classes.names.len())).transpose()?;
    let split = splits(rows)?;
    let weight = weights(rows, &split)?;
    let examples = Examples {
        y_true: classes.ids(&truth),
        classes: classes.names,
        positive: classes.positive,
        id: rows.ids()?,
        split,
        groups: rows.groups()?,
        subject: rows.subjects()?,
    };
    Ok(Predictions { examples: examples.check()?, y_pred, score, logits, weight }.check()?)
}

/// The declared weights; a column is never used unless it is named.
fn weights(rows: &Rows<'_>, split: &[Split]) -> Result<Option<Vec<f64>>, DatasetError> {
    let Some(column) = &rows.source.columns.weight else { return Ok(None) };
    let weights = rows.numbers(column, 0.0..=f64::MAX, "a finite weight of at least 0")?;
    let weighs = |(w, split): (&f64, &Split)| *split == Split::Test && *w > 0.0;
    if weights.iter().zip(split).any(weighs) {
        return Ok(Some(weights));
    }
    Err(DatasetError::NoWeight { file: rows.file.to_owned(), column: column.clone() })
}

/// The decisions that a threshold makes of two classes: positive from the threshold up.
fn decided(
    rows: &Rows<'_>,
    classes: &Classes,
    score: &[f64],
    threshold: f64,
) -> Result<Vec<ClassId>, DatasetError> {
    let (file, count) = (rows.file.to_owned(), classes.names.len());
    if count != 2 {
        return Err(DatasetError::Threshold { file, classes: count });
    }
    let negative = 1 - classes.positive;
    let decide = |s: &f64| if *s >= threshold { classes.positive } else { negative };
    Ok(score.iter().map(decide).collect())
}

/// The declared splits; all rows are test rows where there are none.
pub(super) fn splits(rows: &Rows<'_>) -> Result<Vec<Split>, DatasetError> {
    let split = rows.splits()?.unwrap_or_else(|| vec![Split::Test; rows.table.rows()]);
    if split.contains(&Split::Test) {
        return Ok(split);
    }
    Err(DatasetError::EmptySplit {
        place: format!("`{}`", rows.file.display()),
        split: Split::Test.name(),
        hint: "fairness is measured on test rows",
    })
}

/// The classes that columns `<prefix><class>` name.
pub(super) fn suffixes(rows: &Rows<'_>, prefix: &str) -> Vec<String> {
    let names = rows.table.columns.iter().filter_map(|(name, _)| name.strip_prefix(prefix));
    names.filter(|class| !class.is_empty()).map(str::to_owned).collect()
}

/// The columns `<prefix><class>` of all classes, `(n, k)` row-major; `None` when there is none.
pub(super) fn family(
    rows: &Rows<'_>,
    prefix: &str,
    classes: &Classes,
    range: std::ops::RangeInclusive<f64>,
) -> Result<Option<Vec<f64>>, DatasetError> {
    let names: Vec<String> = classes.names.iter().map(|c| format!("{prefix}{c}")).collect();
    let missing: Vec<String> =
        names.iter().filter(|n| rows.table.column(n).is_none()).cloned().collect();
    if missing.len() == names.len() {
        return Ok(None);
    }
    if !missing.is_empty() {
        let (file, prefix) = (rows.file.to_owned(), prefix.to_owned());
        return Err(DatasetError::ClassColumns { file, prefix, missing });
    }
    let bounded = *range.end() <= 1.0;
    let expected = if bounded { "a probability between 0 and 1" } else { "a finite number" };
    let columns: Vec<Vec<f64>> =
        names.iter().map(|n| rows.numbers(n, range.clone(), expected)).collect::<Result<_, _>>()?;
    Ok(Some((0..rows.table.rows()).flat_map(|i| columns.iter().map(move |c| c[i])).collect()))
}

pub(super) fn check_sums(
    rows: &Rows<'_>,
    prefix: &str,
    values: &[f64],
) -> Result<(), DatasetError> {
    let classes = values.len() / rows.table.rows();
    let sums = values.chunks(classes).map(|row| row.iter().sum::<f64>());
    match sums.enumerate().find(|(_, sum)| (sum - 1.0).abs() > SUM_TOLERANCE) {
        Some((i, sum)) => Err(DatasetError::ProbabilitySum {
            file: rows.file.to_owned(),
            prefix: prefix.to_owned(),
            row: row_number(i),
            sum,
        }),
        None => Ok(()),
    }
}

/// The class with the largest probability, the first of equals.
pub(super) fn largest(row: &[f64]) -> ClassId {
    let better = |best: usize, i: usize| if row[i] > row[best] { i } else { best };
    let at = (0..row.len()).fold(0, better);
    ClassId::try_from(at).unwrap_or_else(|_| unreachable!("fewer than 2^32 classes"))
}

/// The score column, or the probability of the positive class.
fn score(
    rows: &Rows<'_>,
    classes: &Classes,
    probabilities: Option<&[f64]>,
) -> Result<Option<Vec<f64>>, DatasetError> {
    let name = rows.source.columns.score.as_deref().unwrap_or("score");
    if rows.declared(rows.source.columns.score.as_ref(), name)?.is_some() {
        return rows.numbers(name, 0.0..=1.0, "a probability between 0 and 1").map(Some);
    }
    let positive = usize::try_from(classes.positive).unwrap_or(usize::MAX);
    let pick = |values: &[f64]| values.chunks(classes.names.len()).map(|r| r[positive]).collect();
    Ok(probabilities.map(pick))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::read;
    use crate::dataset::scratch::Scratch;

    fn source(folder: &Scratch, text: &str) -> Source {
        folder.file("p.csv", text);
        Source {
            base: folder.root().to_owned(),
            format: "predictions".to_owned(),
            path: Some("p.csv".into()),
            ..Source::default()
        }
    }

    fn loaded(text: &str) -> Result<Predictions, DatasetError> {
        let folder = Scratch::new("predictions");
        let read = read(&source(&folder, text), Seed::new(1))?;
        assert_eq!(read.inputs[0].path, "p.csv");
        Ok(read.predictions.unwrap())
    }

    fn message(text: &str) -> String {
        loaded(text).unwrap_err().to_string()
    }

    #[test]
    fn decisions_scores_and_logits_are_read() {
        let p = loaded("y_true,y_pred,score,logit_0,logit_1\n1,0,0.25,1.5,-1\n0.0,1.0,1,0,2\n");
        let p = p.unwrap();
        assert_eq!((p.examples.y_true.clone(), p.y_pred.clone()), (vec![1, 0], vec![0, 1]));
        assert_eq!(p.score, Some(vec![0.25, 1.0]));
        assert_eq!(p.logits.unwrap().row(0), [1.5, -1.0]);
        assert_eq!(p.examples.rows(Split::Test), [0, 1]);
    }

    #[test]
    fn the_largest_probability_decides_where_nothing_else_does() {
        let p = loaded("y_true,prob_0,prob_1\n1,0.4,0.6\n0,0.5,0.5\n").unwrap();
        assert_eq!((p.y_pred, p.score), (vec![1, 0], Some(vec![0.6, 0.5])));
    }

    #[test]
    fn a_score_alone_decides_nothing() {
        let text = message("y_true,score\n1,0.4\n0,0.6\n");
        assert!(text.contains("no column `y_pred`") && text.contains("threshold"), "{text}");
    }

    #[test]
    fn a_threshold_decides_where_nothing_else_does() {
        let folder = Scratch::new("predictions");
        let mut s = source(&folder, "y_true,score\n1,0.4\n0,0.6\n");
        s.threshold = Some(0.4);
        let p = read(&s, Seed::new(1)).unwrap().predictions.unwrap();
        assert_eq!(p.y_pred, [1, 1]);
        let mut three = source(&folder, "y_true,score\n1,0.4\n0,0.6\n2,0.5\n");
        (three.threshold, three.positive) = (Some(0.4), Some("1".to_owned()));
        let text = read(&three, Seed::new(1)).unwrap_err().to_string();
        assert!(text.contains("has 3"), "{text}");
    }

    #[test]
    fn weights_are_read_where_they_are_named_and_checked() {
        let read_with = |text: &str| {
            let folder = Scratch::new("predictions");
            let mut s = source(&folder, text);
            s.columns.weight = Some("w".to_owned());
            read(&s, Seed::new(1)).map(|loaded| (loaded.predictions.unwrap(), loaded.digest))
        };
        let table = "y_true,y_pred,w\n1,0,0.5\n0,1,2\n";
        let (p, digest) = read_with(table).unwrap();
        assert_eq!(p.weight, Some(vec![0.5, 2.0]));
        assert_ne!(read_with("y_true,y_pred,w\n1,0,1\n0,1,2\n").unwrap().1, digest);
        assert_eq!(loaded(table).unwrap().weight, None);
        for (cell, named) in [("-1", "-1"), ("nan", "nan"), ("inf", "inf"), ("", "")] {
            let text = read_with(&format!("y_true,y_pred,w\n1,0,1\n0,1,{cell}\n")).unwrap_err();
            let text = text.to_string();
            assert!(text.contains("row 2 of column `w`") && text.contains(named), "{text}");
        }
        let text = read_with("y_true,y_pred,w\n1,0,0\n0,1,0\n").unwrap_err().to_string();
        assert!(text.contains("has weight 0"), "{text}");
    }

    #[test]
    fn numbers_out_of_range_name_their_row() {
        let text = message("y_true,y_pred,score\n1,0,0.4\n0,1,1.4\n");
        assert!(text.contains("row 2 of column `score`") && text.contains("1.4"), "{text}");
        let text = message("y_true,y_pred,logit_0,logit_1\n1,0,inf,1\n0,1,1,1\n");
        assert!(text.contains("row 1 of column `logit_0`"), "{text}");
        let text = message("y_true,prob_0,prob_1\n1,0.4,0.6\n0,0.5,0.6\n");
        assert!(text.contains("row 2") && text.contains("sum to 1.1"), "{text}");
        let text = message("y_true,y_pred,prob_0\n1,0,0.4\n0,1,0.5\n");
        assert!(text.contains("`prob_1`"), "{text}");
    }

    #[test]
    fn a_label_that_is_not_there_cannot_be_positive() {
        let folder = Scratch::new("predictions");
        let mut s = source(&folder, "y_true,y_pred\ngood,bad\nbad,bad\n");
        s.positive = Some("Good".to_owned());
        let text = read(&s, Seed::new(1)).unwrap_err().to_string();
        assert!(text.contains("`bad`, `good`") && text.contains("did you mean `good`?"), "{text}");
        s.positive = Some("good".to_owned());
        assert_eq!(read(&s, Seed::new(1)).unwrap().examples.positive, 1);
    }

    #[test]
    fn splits_come_from_the_table_or_are_all_test() {
        let text = message("y_true,y_pred,split\n1,0,train\n0,1,val\n");
        assert!(text.contains("in the test split"), "{text}");
        let p = loaded("y_true,y_pred,split\n1,0,train\n0,1,holdout\n").unwrap();
        assert_eq!(p.examples.split, [Split::Train, Split::Test]);
        let folder = Scratch::new("predictions");
        let mut s = source(&folder, "y_true,y_pred\n1,0\n0,1\n");
        s.split = SplitPlan::Drawn { train: 0.5, validation: 0.0, test: 0.5 };
        assert!(matches!(read(&s, Seed::new(1)), Err(DatasetError::DrawnTooLate)));
        s.format = "prediction".to_owned();
        let text = read(&s, Seed::new(1)).unwrap_err().to_string();
        assert!(text.contains("did you mean `predictions`?"), "{text}");
    }

    #[test]
    fn the_digest_follows_the_rows_and_not_the_file() {
        let digest = |text: &str| {
            let folder = Scratch::new("predictions");
            read(&source(&folder, text), Seed::new(1)).unwrap().digest
        };
        let base = digest("y_true,y_pred,note\n1,0,a\n0,1,b\n");
        assert_eq!(base, digest("note,y_true,y_pred\nother,1,0\nnotes,0,1\n"));
        assert_ne!(base, digest("y_true,y_pred\n1,0\n0,0\n"));
    }
}
