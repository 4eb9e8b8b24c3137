//! From predictions to findings: each stage in turn, and a reason for each that did not run.

use super::attacks::membership;
use super::inputs::anonymity_options;
use super::label_only;
use super::planted;
use super::shadows::Shadowed;
use super::{Baseline, Circumstances, Classified, Inputs, PipelineError, Watcher};
use crate::config::{Config, Metrics};
use crate::domain::{Finding, GateRule, NotRun, Predictions, Seed, Split, Stage};
use crate::fairness::Selection;
use crate::fairness::compat::Peer;
use crate::fairness::multiclass::ClassFrame;
use crate::{dataset, fairness, misuse, privacy};

/// What was measured, and what was not.
#[derive(Debug, Default)]
pub(super) struct Measured {
    pub(super) findings: Vec<Finding>,
    pub(super) not_run: Vec<NotRun>,
}

impl Measured {
    /// Notes that something was not measured, and why.
    pub(super) fn skip(&mut self, what: &str, reason: &str, because: &str) {
        self.not_run.push(NotRun {
            what: what.to_owned(),
            reason: reason.to_owned(),
            because: because.to_owned(),
        });
    }
}

/// Runs the stages that were asked for.
pub(super) fn all(
    config: &Config,
    inputs: &Inputs,
    classified: &Classified,
    circumstances: &Circumstances,
    watcher: &mut dyn Watcher,
) -> Result<Measured, PipelineError> {
    let mut m = Measured::default();
    for stage in [Stage::Dataset, Stage::Fairness, Stage::Privacy, Stage::Misuse] {
        let name = stage_name(stage);
        if !circumstances.stages.contains(&stage) {
            m.skip(name, "skipped", "the stage was left out on the command line");
            continue;
        }
        watcher.step(name, "");
        match stage {
            Stage::Dataset => m.findings.extend(dataset::findings(&inputs.data)),
            Stage::Fairness => {
                measure_fairness(
                    config,
                    (&classified.predictions, inputs.baseline.as_ref()),
                    &mut m,
                );
            }
            Stage::Privacy => {
                match config.privacy.membership.shadow_models {
                    None => membership(config, inputs, &classified.predictions, &mut m)?,
                    Some(models) => {
                        let (predictions, workers) =
                            (&classified.predictions, circumstances.threads);
                        let shadowed = Shadowed { config, inputs, predictions, models, workers };
                        shadowed.measure(watcher, &mut m)?;
                    }
                }
                planted::measure(config, inputs, classified, &mut m)?;
                label_only::measure(config, inputs, classified, watcher, &mut m)?;
                noisy_training(config, inputs, classified, &mut m)?;
                personal_data(inputs, &mut m);
                anonymity(config, inputs, &mut m)?;
            }
            Stage::Misuse => usage(inputs, &mut m)?,
        }
    }
    Ok(m)
}

/// The name of a stage in the record and on the command line.
pub(super) fn stage_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Dataset => "dataset",
        Stage::Fairness => "fairness",
        Stage::Privacy => "privacy",
        Stage::Misuse => "misuse",
    }
}

/// The held-out rows as the fairness room wants them: the positive class against the rest. A
/// threshold takes the place of the decisions where there are scores.
fn frame(predictions: &Predictions, threshold: Option<f64>) -> fairness::Frame {
    let examples = &predictions.examples;
    let rows = examples.rows(Split::Test);
    let positive = |class: &[u32]| rows.iter().map(|&i| class[i] == examples.positive).collect();
    let score: Option<Vec<f64>> =
        predictions.score.as_ref().map(|s| rows.iter().map(|&i| s[i]).collect());
    let y_pred = match (threshold, &score) {
        (Some(threshold), Some(score)) => score.iter().map(|s| *s >= threshold).collect(),
        _ => positive(&predictions.y_pred),
    };
    fairness::Frame {
        split: Split::Test,
        y_true: positive(&examples.y_true),
        y_pred,
        score,
        weight: predictions.weight.as_ref().map(|w| rows.iter().map(|&i| w[i]).collect()),
        groups: examples.groups.iter().map(|g| g.select(&rows)).collect(),
    }
}

/// The same rows with all their classes. Probabilities of every class are not part of stored
/// predictions.
fn class_frame(predictions: &Predictions, two: fairness::Frame) -> ClassFrame {
    let examples = &predictions.examples;
    let rows = examples.rows(Split::Test);
    ClassFrame {
        split: two.split,
        classes: examples.classes.clone(),
        y_true: rows.iter().map(|&i| examples.y_true[i]).collect(),
        y_pred: rows.iter().map(|&i| predictions.y_pred[i]).collect(),
        prob: None,
        weight: two.weight,
        groups: two.groups,
    }
}

/// The same of a table of which only the answers were read.
pub(crate) fn frame_of(answers: dataset::Answers, threshold: Option<f64>) -> fairness::Frame {
    let y_pred = match (threshold, &answers.score) {
        (Some(threshold), Some(score)) => score.iter().map(|s| *s >= threshold).collect(),
        _ => answers.y_pred,
    };
    fairness::Frame {
        split: Split::Test,
        y_true: answers.y_true,
        y_pred,
        score: answers.score,
        weight: answers.weight,
        groups: answers.groups,
    }
}

fn measure_fairness(
    config: &Config,
    (predictions, baseline): (&Predictions, Option<&Baseline>),
    m: &mut Measured,
) {
    let chosen = &config.fairness;
    let frame = frame(predictions, chosen.threshold);
    if frame.y_true.is_empty() {
        return m.skip("fairness", "no_test_rows", "no row belongs to the split `test`");
    }
    if chosen.threshold.is_some() && frame.score.is_none() {
        let because = "`fairness.threshold` needs scores, and the predictions carry none";
        return m.skip("fairness", "no_scores", because);
    }
    let options = options_of(config);
    if chosen.task == "multiclass" {
        if baseline.is_some() {
            let because = "an earlier run is compared for two classes only";
            m.skip("baseline", "unsupported", because);
        }
        return measure_classes(config, (predictions, frame), &options, m);
    }
    let prepared = fairness::Prepared::of(&frame);
    m.findings.extend(prepared.audit(&options));
    compare(&frame, baseline, &options, m);
    let wanted = chosen.slices.is_some() || !matches!(chosen.metrics, Metrics::Named(_));
    if wanted && !frame.groups.is_empty() {
        m.findings.extend(prepared.worst_slices(&slices(&config.fairness)));
    }
    let why = prepared.explain(&options, &threshold_rules(&config.gate));
    let asked = |f: &Finding| options.wants(&f.check);
    m.findings.extend(why.into_iter().filter(asked));
}

/// What to measure, as the configuration says.
fn options_of(config: &Config) -> fairness::Options {
    let chosen = &config.fairness;
    fairness::Options {
        confidence: chosen.confidence,
        min_group_size: chosen.min_group_size,
        reference: chosen.reference.clone(),
        metrics: match &chosen.metrics {
            Metrics::Default => Selection::Default,
            Metrics::All => Selection::All,
            Metrics::Named(names) => Selection::Named(names.clone()),
        },
        required: config.gate.iter().map(|rule| rule.check.clone()).collect(),
        control: chosen.control.clone(),
        compat: chosen.compat.iter().filter_map(|name| Peer::parse(name)).collect(),
        local_law_144: chosen.local_law_144,
        statistics: fairness::Statistics {
            share: fairness::ShareInterval::named(&chosen.interval),
            seed: Seed::new(config.seed),
            permutation: chosen.tests == "permutation",
        },
    }
}

/// What changed since an earlier run, if one was given; else why rules about changes have no answer.
fn compare(
    frame: &fairness::Frame,
    baseline: Option<&Baseline>,
    options: &fairness::Options,
    m: &mut Measured,
) {
    if let Some(Baseline { frame: old, name, .. }) = baseline {
        let earlier = fairness::Earlier { frame: old, name };
        return m.findings.extend(fairness::changes(frame, &earlier, options));
    }
    let because = "there is no earlier run to compare with; give one with `--baseline`";
    for rule in options.required.iter().filter(|rule| rule.ends_with("_change")) {
        m.skip(rule, "no_baseline", because);
    }
}

/// All classes, together and each against the rest, in place of the positive one alone.
fn measure_classes(
    config: &Config,
    (predictions, two): (&Predictions, fairness::Frame),
    options: &fairness::Options,
    m: &mut Measured,
) {
    let chosen = &config.fairness;
    if chosen.threshold.is_some() || chosen.local_law_144 || !chosen.compat.is_empty() {
        let because = "`threshold`, `compat` and `local_law_144` are for two classes";
        return m.skip("fairness", "unsupported", because);
    }
    let frame = class_frame(predictions, two);
    m.findings.extend(fairness::multiclass::audit(&frame, options));
}

/// The limits of the gate that a threshold of the score can keep, the first for each comparison, and
/// the usual ones where the gate has none.
fn threshold_rules(gate: &[GateRule]) -> Vec<fairness::ThresholdRule> {
    let rule =
        |rule: &GateRule| fairness::ThresholdRule { check: rule.check.clone(), bound: rule.bound };
    let mut rules: Vec<fairness::ThresholdRule> = Vec::new();
    for rule in gate.iter().map(rule).chain(fairness::ThresholdRule::usual()) {
        if rule.is_known() && rules.iter().all(|other| other.check != rule.check) {
            rules.push(rule);
        }
    }
    rules
}

/// How the search for the worst slices was declared; the defaults where it was not.
fn slices(declared: &crate::config::Fairness) -> fairness::SliceOptions {
    let confidence = declared.confidence;
    let Some(slices) = &declared.slices else {
        return fairness::SliceOptions { confidence, ..fairness::SliceOptions::default() };
    };
    let named = |m: &fairness::Searched| slices.metrics.iter().any(|name| name == m.name());
    fairness::SliceOptions {
        features: slices.features.clone(),
        max_depth: slices.max_depth,
        min_support: slices.min_support,
        metrics: fairness::Searched::ALL.into_iter().filter(named).collect(),
        report: slices.report,
        confidence,
    }
}

/// The ε of our own or a declared training, and what there is against the one that is claimed.
fn noisy_training(
    config: &Config,
    inputs: &Inputs,
    classified: &Classified,
    m: &mut Measured,
) -> Result<(), PipelineError> {
    let claimed = config.privacy.dp.as_ref().and_then(|declared| declared.claimed_epsilon);
    if let Some(private) = &inputs.private {
        let found = private.findings(&classified.record.training, claimed, &m.findings);
        m.findings.extend(found);
        return Ok(());
    }
    let Some(d) = &config.privacy.dp else { return Ok(()) };
    let (rate, noise) = (d.sampling_rate, d.noise_multiplier);
    let certificate = privacy::dp::Certificate::new(rate, noise, d.steps, d.delta)?;
    m.findings.extend(privacy::dp::certified(&certificate));
    let claim = claimed.and_then(|claimed| privacy::dp::against_claim(&m.findings, claimed));
    m.findings.extend(claim);
    Ok(())
}

fn personal_data(inputs: &Inputs, m: &mut Measured) {
    if inputs.tables.is_empty() && inputs.names.is_empty() {
        return m.skip("personal_data", "nothing_to_scan", "there is no metadata table to scan");
    }
    let options = privacy::pii::Options { max_examples: 5 };
    m.findings.extend(privacy::pii::audit(&inputs.tables, &inputs.names, &options));
}

fn anonymity(config: &Config, inputs: &Inputs, m: &mut Measured) -> Result<(), PipelineError> {
    let (Some(asked), Some((table, population))) = (&config.privacy.anonymity, &inputs.released)
    else {
        return Ok(());
    };
    let options = anonymity_options(asked);
    m.findings.extend(privacy::anonymity::audit(table, population.as_ref(), &options)?);
    Ok(())
}

fn usage(inputs: &Inputs, m: &mut Measured) -> Result<(), PipelineError> {
    let Some(usage) = &inputs.usage else {
        m.skip("misuse", "not_configured", "the configuration names no usage log");
        return Ok(());
    };
    m.findings.extend(misuse::audit(&usage.log, &usage.policy, &usage.facts)?);
    Ok(())
}
