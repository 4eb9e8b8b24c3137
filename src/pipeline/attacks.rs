//! Attacks on the audited model's outputs: made once, shown to everything that is measured on them.

use super::leakage::DELTA;
use super::measure::Measured;
use super::noisy::Private;
use super::predict::logits_of;
use super::{Inputs, PipelineError};
use crate::config::Config;
use crate::domain::{Examples, Logits, Members, Predictions, Seed, Split};
use crate::privacy::dp;
use crate::privacy::membership::{self, Attacked, Options, Outputs, References, Scene};

/// A scene of training rows and held-out ones, and the scores of each attack on it.
pub(super) struct Attacks<'a> {
    pub(super) config: &'a Config,
    pub(super) inputs: &'a Inputs,
    pub(super) examples: &'a Examples,
    /// The examples of the scene's pool, in its order.
    pub(super) rows: Vec<usize>,
    pub(super) scene: Scene,
    pub(super) attacked: Vec<Attacked>,
}

/// Attacks that need nothing but the outputs, and what is measured on them.
pub(super) fn membership(
    config: &Config,
    inputs: &Inputs,
    predictions: &Predictions,
    m: &mut Measured,
) -> Result<(), PipelineError> {
    let examples = &predictions.examples;
    let rows = Members { seen: examples.rows(Split::Train), unseen: examples.rows(Split::Test) };
    if rows.seen.is_empty() || rows.unseen.is_empty() {
        let because = "the predictions do not hold both training rows and held-out rows";
        m.skip("membership", "no_training_rows", because);
        return Ok(());
    }
    let Some(logits) = logits_of(predictions) else {
        let because = "there are neither logits nor probabilities strictly between 0 and 1";
        m.skip("membership", "no_logits", because);
        return Ok(());
    };
    let attacks = Attacks::make((config, inputs), (examples, &logits), &rows, None)?;
    attacks.findings(m)?;
    attacks.leakage(m)?;
    attacks.lower_bounds(m);
    Ok(())
}

impl<'a> Attacks<'a> {
    /// Makes the attacks of the configuration on rows that were trained on and rows that were not, with
    /// `references` about them all.
    pub(super) fn make(
        (config, inputs): (&'a Config, &'a Inputs),
        (examples, logits): (&'a Examples, &Logits),
        rows: &Members<Vec<usize>>,
        references: Option<References>,
    ) -> Result<Self, PipelineError> {
        let part = |rows: &[usize]| -> (Logits, Vec<u32>) {
            (logits.select(rows), rows.iter().map(|&i| examples.y_true[i]).collect())
        };
        let (seen, unseen) = (part(&rows.seen), part(&rows.unseen));
        let mut scene = Scene::of_members(&Members {
            seen: Outputs { logits: &seen.0, labels: &seen.1 },
            unseen: Outputs { logits: &unseen.0, labels: &unseen.1 },
        })?;
        scene.references = references;
        let mut attacks = config.privacy.membership.attacks.clone();
        if attacks.is_empty() && scene.references.is_none() {
            attacks = membership::DEFAULT.map(str::to_owned).to_vec();
        }
        let options = Options { attacks, confidence: config.fairness.confidence };
        let attacked = membership::attack_scene(&scene, &options, Seed::new(config.seed))?;
        let rows = [rows.seen.as_slice(), &rows.unseen].concat();
        Ok(Self { config, inputs, examples, rows, scene, attacked })
    }

    /// What the attacks found.
    pub(super) fn findings(&self, m: &mut Measured) -> Result<(), PipelineError> {
        let (level, seed) = (self.config.fairness.confidence, Seed::new(self.config.seed));
        m.findings.extend(membership::audit_scores(&self.scene, &self.attacked, level, seed)?);
        Ok(())
    }

    /// What each attack proves about the ε of a private training.
    pub(super) fn lower_bounds(&self, m: &mut Measured) {
        if claimed_delta(self.config, self.inputs).is_none() {
            return;
        }
        let options = bound_options(self.config, self.inputs, m);
        let (seed, made) = (Seed::new(self.config.seed), attacks_made(m));
        for attack in self.attacked.iter().filter(|a| made.contains(&a.attack)) {
            let scores = attack.split(&self.scene);
            let found = scores.map(|s| dp::lower_bounds(&attack.attack, &s, &options, seed));
            m.findings.extend(found.into_iter().flatten());
        }
    }
}

/// The δ of a private training, our own or a declared one.
pub(super) fn claimed_delta(config: &Config, inputs: &Inputs) -> Option<f64> {
    let own = inputs.private.as_ref().map(Private::delta);
    own.or(config.privacy.dp.as_ref().map(|declared| declared.delta))
}

/// The attacks on the rows of the data that could be made.
fn attacks_made(m: &Measured) -> Vec<String> {
    let made = m.findings.iter().filter(|f| f.check == "membership_auc" && f.value.is_ok());
    made.filter_map(|f| f.subject.attack.clone()).collect()
}

/// What all lower bounds of the audit share: where there is a δ to hold them against, each attack makes
/// some, and the canaries one more.
pub(super) fn bound_options(config: &Config, inputs: &Inputs, m: &Measured) -> dp::Options {
    let delta = claimed_delta(config, inputs);
    let attacks = delta.map_or(0, |_| u64::try_from(attacks_made(m).len()).unwrap_or(u64::MAX));
    dp::Options {
        delta: delta.unwrap_or(DELTA),
        confidence: config.fairness.confidence,
        guesses: None,
        family: attacks * dp::Options::per_attack(None) + u64::from(inputs.planted.is_some()),
    }
}
