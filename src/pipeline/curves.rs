//! Two studies of one set of settings: cross-validation, and a learning curve.

use super::PipelineError;
use super::predict::train_options;
use super::study::{Entry, Site, Study, Task, count, judge, judges};
use crate::config::{Keep, Train};
use crate::domain::{ClassId, Examples, Seed, Split, to_f64};
use crate::model::{Divergence, Job, folds};
use std::collections::BTreeMap;

/// Cross-validation over the training and validation rows in `k` folds that are stratified on the
/// class and subject-disjoint. Each model is judged on a fold of its own. Where something chooses
/// the epoch, the next fold does, so that no model is judged by rows that chose it.
///
/// # Errors
/// When so many folds cannot be made, or a model cannot be trained.
pub fn cross_validate(
    train: &Train,
    k: usize,
    site: &mut Site<'_>,
) -> Result<Study, PipelineError> {
    let seed = Seed::new(site.config.seed).child("study/folds");
    let folded = Folded::new(&site.inputs.data.examples, k, seed)?;
    let chooses = chooses(train);
    if chooses && k < 3 {
        let because = "two folds leave no rows to choose the epoch by; ask for three or more, or \
                       set `model.train.keep: last`";
        return Err(PipelineError::Impossible(because.to_owned()));
    }
    let task = |fold: usize| {
        let next = chooses.then_some((fold + 1) % k);
        let job = Job {
            name: format!("fold {}", fold + 1),
            seed: seed.child(&format!("model/{fold}")),
            options: train_options(train, site.inputs, 1),
            train: folded.rows(|of| of != fold && Some(of) != next),
            validation: folded.rows(|of| Some(of) == next),
            divergence: Divergence::Fails,
        };
        Task { job, judged: folded.rows(|of| of == fold) }
    };
    let tasks: Vec<Task> = (0..k).map(task).collect();
    let scores = judge(&tasks, site)?;
    let confidence = site.config.fairness.confidence;
    let chosen = if chooses { "; the next fold chose the epoch" } else { "" };
    Ok(Study {
        study: "folds",
        judged_on: format!("a fold of the training and validation rows{chosen}"),
        confidence,
        metric: None,
        results: vec![Entry::new(format!("{k} folds"), train.epochs, scores, confidence)],
    })
}

/// The training and validation rows with the fold of each.
struct Folded(Vec<(usize, usize)>);

impl Folded {
    fn new(examples: &Examples, k: usize, seed: Seed) -> Result<Self, PipelineError> {
        let taking_part = |&row: &usize| examples.split[row] != Split::Test;
        let rows: Vec<usize> = (0..examples.len()).filter(taking_part).collect();
        let classes: Vec<ClassId> = rows.iter().map(|&row| examples.y_true[row]).collect();
        let subject = examples.subject.as_ref();
        let subjects: Option<Vec<String>> =
            subject.map(|subject| rows.iter().map(|&row| subject[row].clone()).collect());
        let folds = folds(&classes, subjects.as_deref(), k, seed)?;
        Ok(Self(rows.into_iter().zip(folds).collect()))
    }

    /// The rows of some folds.
    fn rows(&self, wanted: impl Fn(usize) -> bool) -> Vec<usize> {
        self.0.iter().filter(|(_, fold)| wanted(*fold)).map(|(row, _)| *row).collect()
    }
}

/// Whether anything is chosen by validation rows.
fn chooses(train: &Train) -> bool {
    let recipe = &train.recipe;
    train.keep == Keep::Best || recipe.early_stopping.is_some() || recipe.calibration.is_some()
}

/// How well models do that learn from a share of the training rows only, `repeats` for each share.
/// The rows of a smaller share are among those of a larger one; a subject is taken whole. All are
/// judged on the validation rows.
///
/// # Errors
/// When there are no validation rows, or a model cannot be trained.
pub fn learning_curve(
    train: &Train,
    shares: &[f64],
    repeats: usize,
    site: &mut Site<'_>,
) -> Result<Study, PipelineError> {
    let examples = &site.inputs.data.examples;
    let judged = judges(examples)?;
    let root = Seed::new(site.config.seed).child("study/learning_curve");
    let task = |share: f64, repeat: usize| {
        let seed = root.child(&repeat.to_string());
        let job = Job {
            name: format!("{} {}", percent(share), repeat + 1),
            seed,
            options: train_options(train, site.inputs, 1),
            train: subset(examples, share, seed.child("rows")),
            validation: judged.clone(),
            divergence: Divergence::Fails,
        };
        Task { job, judged: judged.clone() }
    };
    let pairs = shares.iter().flat_map(|&share| (0..repeats).map(move |repeat| (share, repeat)));
    let tasks: Vec<Task> = pairs.map(|(share, repeat)| task(share, repeat)).collect();
    let mut scores = judge(&tasks, site)?.into_iter();
    let confidence = site.config.fairness.confidence;
    let entry = |&share: &f64| {
        let models = scores.by_ref().take(repeats).collect();
        Entry::new(percent(share), train.epochs, models, confidence)
    };
    let results = shares.iter().map(entry).collect();
    let judged_on = judged_on(train);
    Ok(Study { study: "learning_curve", judged_on, confidence, metric: None, results })
}

/// On what models are judged whose epoch the same rows may have chosen.
pub(super) fn judged_on(train: &Train) -> String {
    let chosen = if chooses(train) { ", which also chose the epochs" } else { "" };
    format!("the validation rows{chosen}")
}

fn percent(share: f64) -> String {
    format!("{} %", (share * 1e6).round() / 1e4)
}

/// About `share` of the training rows of each class; whole subjects, counted under their most
/// frequent class, the first of equals.
fn subset(examples: &Examples, share: f64, seed: Seed) -> Vec<usize> {
    let mut units: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for row in examples.rows(Split::Train) {
        let own = || format!("{row:020}");
        let unit = examples.subject.as_ref().map_or_else(own, |subject| subject[row].clone());
        units.entry(unit).or_default().push(row);
    }
    let mut strata: BTreeMap<ClassId, Vec<Vec<usize>>> = BTreeMap::new();
    for unit in units.into_values() {
        strata.entry(most_frequent(&unit, examples)).or_default().push(unit);
    }
    let mut rows = Vec::new();
    for (class, mut units) in strata {
        seed.child(&class.to_string()).stream().shuffle(&mut units);
        let total: usize = units.iter().map(Vec::len).sum();
        let wanted = share * to_f64(count(total));
        let mut taken = 0;
        for unit in units {
            if to_f64(count(taken)) < wanted {
                taken += unit.len();
                rows.extend(unit);
            }
        }
    }
    rows.sort_unstable();
    rows
}

fn most_frequent(unit: &[usize], examples: &Examples) -> ClassId {
    let mut counts: BTreeMap<ClassId, usize> = BTreeMap::new();
    for &row in unit {
        *counts.entry(examples.y_true[row]).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(0);
    counts.into_iter().find(|(_, n)| *n == most).map_or(0, |(class, _)| class)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 60 training rows of two classes, 20 subjects of three rows, and 10 test rows.
    fn examples() -> Examples {
        let n = 70;
        Examples {
            classes: vec!["a".to_owned(), "b".to_owned()],
            positive: 1,
            y_true: (0..n).map(|row| u32::from(row % 60 >= 45)).collect(),
            id: vec![String::new(); 70],
            split: (0..n).map(|row| if row < 60 { Split::Train } else { Split::Test }).collect(),
            groups: Vec::new(),
            subject: Some((0..n).map(|row| (row / 3).to_string()).collect()),
        }
    }

    #[test]
    fn a_smaller_share_lies_in_a_larger_one_with_whole_subjects_of_both_classes() {
        let examples = examples();
        let take = |share| subset(&examples, share, Seed::new(3));
        let (small, half, all) = (take(0.1), take(0.5), take(1.0));
        assert_eq!(all, (0..60).collect::<Vec<_>>());
        assert!(small.iter().all(|row| half.contains(row)));
        // A tenth of 45 and of 15 rows, in threes: 4.5 gives 6, 1.5 gives 3.
        assert_eq!((small.len(), half.len()), (9, 33));
        for rows in [small, half] {
            let whole = |row: &usize| (0..3).all(|i| rows.contains(&(row / 3 * 3 + i)));
            assert!(rows.iter().all(whole));
            assert!(rows.iter().any(|row| *row < 45) && rows.iter().any(|row| *row >= 45));
        }
    }

    #[test]
    fn shares_are_written_as_percentages() {
        assert_eq!([0.1, 0.125, 1.0].map(percent), ["10 %", "12.5 %", "100 %"]);
    }
}
