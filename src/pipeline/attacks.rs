//! Attacks on the audited model's outputs: made once, shown to everything that is measured on them.

use super::measure::Measured;
use super::noisy::Private;
use super::predict::logits_of;
use super::{Inputs, PipelineError};
use crate::config::Config;
use crate::domain::{Examples, Finding, Logits, Members, Predictions, Seed, Split};
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

    /// The δ of a private training, our own or a declared one.
    pub(super) fn delta(&self) -> Option<f64> {
        let own = self.inputs.private.as_ref().map(Private::delta);
        own.or(self.config.privacy.dp.as_ref().map(|declared| declared.delta))
    }

    /// What each attack proves about the ε of a private training.
    pub(super) fn lower_bounds(&self, m: &mut Measured) {
        let Some(delta) = self.delta() else { return };
        let area = |attack: &str, f: &Finding| {
            f.check == "membership_auc" && f.subject.attack.as_deref() == Some(attack)
        };
        let measured = |attack: &str| m.findings.iter().any(|f| area(attack, f) && f.value.is_ok());
        let made: Vec<&Attacked> = self.attacked.iter().filter(|a| measured(&a.attack)).collect();
        let options = dp::Options {
            delta,
            confidence: self.config.fairness.confidence,
            guesses: None,
            family: u64::try_from(made.len()).unwrap_or(u64::MAX) * dp::Options::per_attack(None),
        };
        let seed = Seed::new(self.config.seed);
        for attack in made {
            let scores = attack.split(&self.scene);
            let found = scores.map(|s| dp::lower_bounds(&attack.attack, &s, &options, seed));
            m.findings.extend(found.into_iter().flatten());
        }
    }
}
