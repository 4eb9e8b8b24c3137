//! An earlier run on the same rows: finds each row of this one in it.

use super::PipelineError;
use crate::dataset::{self, Source};
use crate::domain::{ClassId, Examples, InputFile, Predictions, Seed, Split};
use crate::fairness::Frame;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The predictions in a report folder.
const TABLE: &str = "predictions.parquet";

/// Why two runs cannot be compared.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaselineError {
    /// The folder is not one of a run with predictions.
    #[error(
        "the baseline `{place}` holds no `{TABLE}`; give the report folder of a run, its assessment.json, or a table of predictions"
    )]
    NoPredictions {
        /// What was given.
        place: String,
    },
    /// Rows of this run are missing from the baseline.
    #[error(
        "{count} test rows are missing from the baseline `{place}`, the first is `{id}`; two runs are compared on the same rows, named by the same ids (`--id COLUMN`)"
    )]
    Missing {
        /// The baseline.
        place: String,
        /// How many.
        count: usize,
        /// The first.
        id: String,
    },
    /// The baseline has test rows that this run has not.
    #[error(
        "the baseline `{place}` holds {count} test rows that are missing here, the first is `{id}`; two runs are compared on the same rows, named by the same ids (`--id COLUMN`)"
    )]
    Extra {
        /// The baseline.
        place: String,
        /// How many.
        count: usize,
        /// The first.
        id: String,
    },
    /// An id names several rows.
    #[error(
        "{place}: the id `{id}` names several test rows; ids must be unique for rows to be compared"
    )]
    Duplicate {
        /// The baseline, or these predictions.
        place: String,
        /// The id.
        id: String,
    },
    /// The same row has another true label.
    #[error(
        "{count} rows have another true label in the baseline `{place}`, the first is `{id}`: `{old}` there, `{new}` here; runs on different labels cannot be compared"
    )]
    Truth {
        /// The baseline.
        place: String,
        /// How many.
        count: usize,
        /// The first.
        id: String,
        /// The label here.
        new: String,
        /// The label there.
        old: String,
    },
    /// A threshold is asked for, and the earlier run has no scores.
    #[error(
        "the baseline `{place}` has no scores, but the threshold needs them in both runs; give a baseline with scores or leave the threshold out"
    )]
    NoScores {
        /// The baseline.
        place: String,
    },
    /// Rows without ids belong to another group.
    #[error(
        "row {row} belongs to another group of `{by}` in the baseline `{place}`; without ids rows are compared by their position, so name the column of ids with `--id`"
    )]
    Group {
        /// The baseline.
        place: String,
        /// The grouping.
        by: String,
        /// The first such row.
        row: String,
    },
}

/// An earlier run, brought into the order of this one.
#[derive(Debug, Clone, PartialEq)]
pub struct Baseline {
    /// Its decisions and scores on the test rows of this run.
    pub frame: Frame,
    /// What the findings call it.
    pub name: String,
    /// The table that was read.
    pub input: InputFile,
}

/// The table of predictions behind a report folder, its assessment.json, or a table itself.
fn table(given: &Path) -> Result<PathBuf, BaselineError> {
    let record = given.extension().is_some_and(|end| end == "json") && !given.is_dir();
    let folder = if record { given.parent().unwrap_or(given) } else { given };
    if !record && !given.is_dir() {
        return Ok(given.to_owned());
    }
    let table = folder.join(TABLE);
    let place = given.display().to_string();
    if table.is_file() { Ok(table) } else { Err(BaselineError::NoPredictions { place }) }
}

/// Reads an earlier run and finds the rows of `new` in it. `source` says how its table is laid out;
/// path, positive class and groups are set here.
///
/// # Errors
/// Names the table that could not be read, and the first row that does not fit.
pub(super) fn read(
    given: &Path,
    source: &Source,
    new: &Examples,
) -> Result<Baseline, PipelineError> {
    let path = table(given)?;
    let positive = Some(label(new, new.positive));
    let source = Source {
        base: PathBuf::new(),
        path: Some(path),
        format: "predictions".to_owned(),
        positive,
        ..source.clone()
    };
    let bare = Source { groups: Vec::new(), ..source.clone() };
    let mut loaded = dataset::read(&bare, Seed::new(0))?;
    let Some(old) = loaded.predictions.take() else {
        unreachable!("the format `predictions` brings predictions")
    };
    let name = given.display().to_string();
    if numbered(new) && numbered(&old.examples) && !source.groups.is_empty() {
        let grouped = dataset::read(&source, Seed::new(0))?.examples;
        same_groups(new, &grouped, &name)?;
    }
    if source.threshold.is_some() && old.score.is_none() {
        return Err(BaselineError::NoScores { place: name }.into());
    }
    let rows = joined(new, &old.examples, &name)?;
    let frame = frame(new, &old, &rows, source.threshold);
    Ok(Baseline { frame, name, input: loaded.inputs.swap_remove(0) })
}

/// Reads an earlier run against a table of predictions, both laid out as `source` says.
///
/// # Errors
/// As [`read`].
pub(crate) fn against(given: &Path, source: &Source) -> Result<Baseline, PipelineError> {
    read(given, source, &dataset::read(source, Seed::new(0))?.examples)
}

fn label(examples: &Examples, class: ClassId) -> String {
    let at = usize::try_from(class).unwrap_or(usize::MAX);
    examples.classes.get(at).cloned().unwrap_or_default()
}

/// Whether rows are named by their numbers, as those without ids are.
fn numbered(examples: &Examples) -> bool {
    examples.id.iter().enumerate().all(|(i, id)| *id == (i + 1).to_string())
}

/// Test rows by id.
fn by_id<'a>(
    examples: &'a Examples,
    place: &str,
) -> Result<BTreeMap<&'a str, usize>, BaselineError> {
    let mut rows = BTreeMap::new();
    for row in examples.rows(Split::Test) {
        let id = examples.id[row].as_str();
        if rows.insert(id, row).is_some() {
            let place = place.to_owned();
            return Err(BaselineError::Duplicate { place, id: id.to_owned() });
        }
    }
    Ok(rows)
}

/// For each test row of `new`, in their order, the row of `old`.
fn joined(new: &Examples, old: &Examples, name: &str) -> Result<Vec<usize>, BaselineError> {
    let here = by_id(new, "these predictions")?;
    let there = by_id(old, &format!("the baseline `{name}`"))?;
    let place = || name.to_owned();
    let tests = new.rows(Split::Test);
    let ids = || tests.iter().map(|row| new.id[*row].as_str());
    let missing: Vec<&str> = ids().filter(|id| !there.contains_key(id)).collect();
    if let Some(id) = missing.first() {
        let (count, id) = (missing.len(), (*id).to_owned());
        return Err(BaselineError::Missing { place: place(), count, id });
    }
    let old_rows = old.rows(Split::Test);
    let extra =
        || old_rows.iter().map(|row| &old.id[*row]).filter(|id| !here.contains_key(id.as_str()));
    if let Some(id) = extra().next() {
        return Err(BaselineError::Extra {
            place: place(),
            count: extra().count(),
            id: id.clone(),
        });
    }
    let rows: Vec<usize> = ids().map(|id| there[id]).collect();
    let labels = |(row, other): (&usize, &usize)| {
        [label(new, new.y_true[*row]), label(old, old.y_true[*other])]
    };
    let differs = || {
        tests.iter().zip(&rows).filter(|pair| {
            let [new, old] = labels(*pair);
            new != old
        })
    };
    if let Some(first) = differs().next() {
        let ([new_label, old_label], id) = (labels(first), new.id[*first.0].clone());
        let count = differs().count();
        let (new, old) = (new_label, old_label);
        return Err(BaselineError::Truth { place: place(), count, id, new, old });
    }
    Ok(rows)
}

/// Rows without ids must at least be of the same groups.
fn same_groups(new: &Examples, old: &Examples, name: &str) -> Result<(), BaselineError> {
    for (here, there) in new.groups.iter().zip(&old.groups) {
        let differs = |(a, b)| here.label(a) != there.label(b);
        if let Some(at) = here.of().zip(there.of()).position(differs) {
            let (place, by) = (name.to_owned(), here.name());
            return Err(BaselineError::Group { place, by, row: new.id[at].clone() });
        }
    }
    Ok(())
}

/// The earlier run on the test rows of this one.
fn frame(new: &Examples, old: &Predictions, rows: &[usize], threshold: Option<f64>) -> Frame {
    let tests = new.rows(Split::Test);
    let score: Option<Vec<f64>> =
        old.score.as_ref().map(|score| rows.iter().map(|row| score[*row]).collect());
    let positive = old.examples.positive;
    let y_pred = match (threshold, &score) {
        (Some(threshold), Some(score)) => score.iter().map(|s| *s >= threshold).collect(),
        _ => rows.iter().map(|row| old.y_pred[*row] == positive).collect(),
    };
    let y_true = tests.iter().map(|row| new.y_true[*row] == new.positive).collect();
    Frame { split: Split::Test, y_true, y_pred, score, weight: None, groups: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn examples(id: &[&str], y_true: &[u32], classes: [&str; 2]) -> Examples {
        Examples {
            id: id.iter().map(|id| (*id).to_owned()).collect(),
            split: vec![Split::Test; id.len()],
            y_true: y_true.to_vec(),
            classes: classes.map(str::to_owned).to_vec(),
            positive: 1,
            groups: Vec::new(),
            subject: None,
        }
    }

    #[test]
    fn rows_are_found_by_their_ids_and_labels_by_their_names() {
        let new = examples(&["a", "b", "c"], &[0, 1, 0], ["no", "yes"]);
        let mut old = examples(&["c", "x", "a", "b"], &[1, 0, 1, 0], ["yes", "no"]);
        old.split[1] = Split::Train;
        assert_eq!(joined(&new, &old, "old"), Ok(vec![2, 3, 0]));
        assert!(numbered(&examples(&["1", "2"], &[0, 1], ["no", "yes"])) && !numbered(&new));
    }

    #[test]
    fn rows_that_do_not_fit_are_named() {
        let new = examples(&["a", "b"], &[0, 1], ["no", "yes"]);
        let of = |id: &[&str], y_true: &[u32]| {
            joined(&new, &examples(id, y_true, ["no", "yes"]), "old").unwrap_err().to_string()
        };
        let text = of(&["a", "c", "d"], &[0, 1, 1]);
        assert!(text.starts_with("1 test rows are missing") && text.contains("`b`"), "{text}");
        let text = of(&["a", "b", "c", "d"], &[0, 1, 1, 1]);
        assert!(text.contains("holds 2 test rows") && text.contains("`c`"), "{text}");
        let text = of(&["a", "b", "b"], &[0, 1, 1]);
        assert!(text.contains("the id `b` names several"), "{text}");
        let text = of(&["a", "b"], &[0, 0]);
        assert!(text.contains("`b`: `no` there, `yes` here"), "{text}");
    }
}
