//! A search: settings are drawn, tried, and judged on the validation rows alone.

use super::PipelineError;
use super::curves::judged_on;
use super::predict::train_options;
use super::study::{Entry, Site, Study, Task, judge, judges};
use crate::config::{Parameter, Range, Scale, Search, SearchMethod, Train};
use crate::domain::{Seed, Stream};
use crate::model::{Divergence, Job, TrainOptions};
use std::cmp::Ordering;

/// Settings to try: what was drawn, by its keys below `model.train`, and the whole training.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Key and value, in the order of the configuration.
    pub settings: Vec<(String, String)>,
    /// The training with these settings.
    pub train: Train,
}

/// The settings of each trial, by their keys below `model.train`: each value is drawn from a stream
/// of its own, so that one more trial or key changes no other value.
#[must_use]
pub fn draw_trials(search: &Search, seed: u64) -> Vec<Vec<(String, String)>> {
    let root = Seed::new(seed).child("study/search");
    let value = |trial: usize, parameter: &Parameter| {
        let mut stream = root.child(&format!("{trial}/{}", parameter.key)).stream();
        (parameter.key.clone(), draw(&parameter.range, &mut stream))
    };
    let trial = |trial| search.parameters.iter().map(|p| value(trial, p)).collect();
    (0..search.trials).map(trial).collect()
}

fn draw(range: &Range, stream: &mut Stream) -> String {
    let (from, to, scale, whole) = match range {
        Range::Values(values) => return values[stream.below(values.len())].clone(),
        Range::Between { from, to, scale, whole } => (*from, *to, *scale, *whole),
    };
    // Of whole numbers each has an interval of its own, from half below it to half above it.
    let half = if whole { 0.5 } else { 0.0 };
    let (low, high) = (from - half, to + half);
    let at = stream.uniform();
    let drawn = match scale {
        Scale::Linear => low + at * (high - low),
        Scale::Log => low * (high / low).powf(at),
    };
    if whole {
        return format!("{:.0}", drawn.round().clamp(from, to));
    }
    // Four digits, so that what is printed is what was tried.
    let rounded: f64 = format!("{drawn:.3e}").parse().unwrap_or(drawn);
    rounded.clamp(from, to).to_string()
}

/// Tries all trials. With [`SearchMethod::Halving`] all get few epochs, then one in `keep` of the
/// best goes on from the start with `keep` times as many, until the last ones get those of the
/// configuration (successive halving: Jamieson and Talwalkar 2016, AISTATS, algorithm 1). A trial
/// that diverges is the worst.
///
/// # Errors
/// When there are no validation rows, or a model cannot be trained at all.
pub fn search(
    search: &Search,
    trials: &[Trial],
    site: &mut Site<'_>,
) -> Result<Study, PipelineError> {
    judges(&site.inputs.data.examples)?;
    let mut left: Vec<usize> = (0..trials.len()).collect();
    let mut results = Vec::new();
    let rounds = rounds(search, trials.len());
    for round in 0..rounds {
        let cut = search.keep.saturating_pow(u32::try_from(rounds - 1 - round).unwrap_or(u32::MAX));
        let mut entries = tried(search, trials, (&left, cut), site)?;
        entries.sort_by(|a, b| better(&search.metric, &a.1, &b.1).then(a.0.cmp(&b.0)));
        let stay =
            if round + 1 == rounds { entries.len() } else { (left.len() / search.keep).max(1) };
        let out = entries.split_off(stay);
        left = entries.iter().map(|(trial, _)| *trial).collect();
        results.splice(0..0, out.into_iter().map(|(_, entry)| entry));
        if round + 1 == rounds {
            results.splice(0..0, entries.into_iter().map(|(_, entry)| entry));
        }
    }
    Ok(Study {
        study: "search",
        judged_on: trials.first().map_or_else(String::new, |trial| judged_on(&trial.train)),
        confidence: site.config.fairness.confidence,
        metric: Some(search.metric.clone()),
        results,
    })
}

/// How often trials are chosen from: until one in `keep` would leave less than one.
fn rounds(search: &Search, trials: usize) -> usize {
    match search.method {
        SearchMethod::Random => 1,
        SearchMethod::Halving => {
            let sizes = std::iter::successors(Some(trials), |n| Some(n / search.keep));
            sizes.take_while(|n| *n > 0).count()
        }
    }
}

/// Trains and judges those trials that are left, with a `cut`-th of their epochs.
fn tried(
    search: &Search,
    trials: &[Trial],
    (left, cut): (&[usize], usize),
    site: &mut Site<'_>,
) -> Result<Vec<(usize, Entry)>, PipelineError> {
    let examples = &site.inputs.data.examples;
    let judged = judges(examples)?;
    let rows = examples.rows(crate::domain::Split::Train);
    let root = Seed::new(site.config.seed).child("study/search/model");
    let epochs = |trial: usize| (trials[trial].train.epochs / cut).max(1);
    let task = |trial: usize, repeat: usize| {
        let options = train_options(&trials[trial].train, site.inputs, 1);
        let job = Job {
            name: format!("trial {} {}", trial + 1, repeat + 1),
            seed: root.child(&repeat.to_string()),
            options: TrainOptions { epochs: epochs(trial), ..options },
            train: rows.clone(),
            validation: judged.clone(),
            divergence: Divergence::IsAResult,
        };
        Task { job, judged: judged.clone() }
    };
    let pairs =
        left.iter().flat_map(|&trial| (0..search.repeats).map(move |repeat| (trial, repeat)));
    let tasks: Vec<Task> = pairs.map(|(trial, repeat)| task(trial, repeat)).collect();
    let mut scores = judge(&tasks, site)?.into_iter();
    let confidence = site.config.fairness.confidence;
    let entry = |&trial: &usize| {
        let models = scores.by_ref().take(search.repeats).collect();
        let name = format!("trial {}", trial + 1);
        let entry = Entry::new(name, epochs(trial), models, confidence);
        (trial, Entry { settings: trials[trial].settings.clone(), ..entry })
    };
    Ok(left.iter().map(entry).collect())
}

/// Better entries come first; one without a value is the worst.
fn better(metric: &str, a: &Entry, b: &Entry) -> Ordering {
    let value = |entry: &Entry| match metric {
        "accuracy" => entry.accuracy.map(|found| -found.mean),
        "roc_auc" => entry.roc_auc.map(|found| -found.mean),
        _ => entry.log_loss.map(|found| found.mean),
    };
    let cost = |entry| value(entry).unwrap_or(f64::INFINITY);
    cost(a).total_cmp(&cost(b))
}

#[cfg(test)]
mod tests {
    use super::super::study::count;
    use super::*;
    use crate::domain::to_f64;

    fn between(from: f64, to: f64, scale: Scale, whole: bool) -> Range {
        Range::Between { from, to, scale, whole }
    }

    fn drawn(range: &Range, n: usize) -> Vec<f64> {
        let mut stream = Seed::new(5).stream();
        (0..n).map(|_| draw(range, &mut stream).parse().unwrap()).collect()
    }

    fn share(values: &[f64], inside: impl Fn(f64) -> bool) -> f64 {
        let n = values.iter().filter(|value| inside(**value)).count();
        to_f64(count(n)) / to_f64(count(values.len()))
    }

    #[test]
    fn values_are_drawn_evenly_on_their_scale_and_inside_their_range() {
        let linear = drawn(&between(1.0, 3.0, Scale::Linear, false), 4000);
        assert!(linear.iter().all(|v| (1.0..=3.0).contains(v)));
        assert!((share(&linear, |v| v < 1.5) - 0.25).abs() < 0.03);
        let log = drawn(&between(1e-4, 1e-2, Scale::Log, false), 4000);
        assert!(log.iter().all(|v| (1e-4..=1e-2).contains(v)));
        assert!((share(&log, |v| v < 1e-3) - 0.5).abs() < 0.03);
        let whole = drawn(&between(1.0, 4.0, Scale::Linear, true), 4000);
        for value in 1..=4 {
            let of = share(&whole, |v| (v - f64::from(value)).abs() < 1e-9);
            assert!((of - 0.25).abs() < 0.03, "{value}: {of}");
        }
        let sizes = drawn(&between(8.0, 128.0, Scale::Log, true), 500);
        assert!(sizes.iter().all(|v| v.fract().abs() < 1e-12 && (8.0..=128.0).contains(v)));
    }

    #[test]
    fn one_more_trial_or_key_changes_no_other_value() {
        let parameter = |key: &str, range| Parameter { key: key.to_owned(), range };
        let mut search = Search {
            method: SearchMethod::Random,
            trials: 3,
            keep: 3,
            repeats: 1,
            metric: "log_loss".to_owned(),
            parameters: vec![parameter("a", between(0.0, 1.0, Scale::Linear, false))],
        };
        let before = draw_trials(&search, 7);
        search.trials = 4;
        let words = Range::Values(["x", "y"].map(str::to_owned).to_vec());
        search.parameters.insert(0, parameter("b", words));
        let after = draw_trials(&search, 7);
        assert_eq!((after.len(), after[0].len()), (4, 2));
        assert!(before.iter().zip(&after).all(|(old, new)| old[0] == new[1]));
        assert_ne!(draw_trials(&search, 8), after);
    }

    #[test]
    fn halving_has_as_many_rounds_as_the_trials_can_be_cut() {
        let search = |method| Search {
            method,
            trials: 2,
            keep: 3,
            repeats: 1,
            metric: "log_loss".to_owned(),
            parameters: Vec::new(),
        };
        let halving = search(SearchMethod::Halving);
        let found = [2, 3, 8, 9, 26, 27].map(|trials| rounds(&halving, trials));
        assert_eq!(found, [1, 2, 2, 3, 3, 4]);
        assert_eq!(rounds(&search(SearchMethod::Random), 27), 1);
    }
}
