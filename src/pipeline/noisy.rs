//! A training with differential privacy: its noise before it begins, its promise afterwards.

use super::PipelineError;
use crate::config::{Config, Dp, Keep, Model, Noise, Train};
use crate::domain::{DpRecord, EpochRecord, Examples, Finding, Split, to_f64};
use crate::model::DpSgd;
use crate::privacy::dp::{self, Certificate};

/// How far a declared number may lie from that of the training, as a share: declared ones are rounded.
const ROUNDED: f64 = 1e-3;

/// A private training of this configuration on these rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Private {
    certificate: Certificate,
    clip: f64,
    /// The ε that was asked for.
    asked: Option<f64>,
}

impl Private {
    /// Fixes the noise of a training that asks for privacy; none for every other one, and where there is
    /// nothing to learn from.
    pub(super) fn planned(
        config: &Config,
        examples: &Examples,
    ) -> Result<Option<Self>, PipelineError> {
        let Model::Train(train) = &config.model else { return Ok(None) };
        let rows = examples.rows(Split::Train).len();
        let Some(dp) = train.dp.filter(|_| rows > 0) else { return Ok(None) };
        let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
        let rate = to_f64(count(train.batch_size.min(rows))) / to_f64(count(rows));
        let steps = count(train.epochs).saturating_mul(count(rows.div_ceil(train.batch_size)));
        let (certificate, asked) = match dp.noise {
            Noise::Multiplier(noise) => (Certificate::new(rate, noise, steps, dp.delta), None),
            Noise::Epsilon(epsilon) => {
                (Certificate::for_epsilon(rate, steps, dp.delta, epsilon), Some(epsilon))
            }
        };
        let senseless = |e| PipelineError::Impossible(format!("model.train.dp: {e}"));
        let private = Self { certificate: certificate.map_err(senseless)?, clip: dp.clip, asked };
        match config.privacy.dp.as_ref().and_then(|declared| private.contradicted(declared)) {
            Some(why) => Err(PipelineError::Impossible(why)),
            None => Ok(Some(private)),
        }
    }

    /// The first declared number that is not that of the training.
    fn contradicted(&self, declared: &Dp) -> Option<String> {
        let own = &self.certificate;
        let pairs = [
            ("sampling_rate", declared.sampling_rate, own.rate()),
            ("noise_multiplier", declared.noise_multiplier, own.noise()),
            ("steps", to_f64(declared.steps), to_f64(own.steps())),
            ("delta", declared.delta, own.delta()),
        ];
        let far = |found: f64, expected: f64| (found - expected).abs() > ROUNDED * expected.abs();
        let (key, found, expected) = pairs.into_iter().find(|(_, a, b)| far(*a, *b))?;
        Some(format!(
            "`privacy.dp.{key}` is {found}, but the training of `model.train.dp` has {expected}; remove \
             `privacy.dp`, since the training brings its own certificate, or correct it"
        ))
    }

    /// The settings in the words of the model room.
    pub(super) fn settings(&self) -> DpSgd {
        DpSgd { clip: self.clip, noise_multiplier: self.certificate.noise() }
    }

    /// The `δ` of the guarantee.
    pub(super) fn delta(&self) -> f64 {
        self.certificate.delta()
    }

    /// The promise in one line.
    #[must_use]
    pub fn summary(&self) -> String {
        let own = &self.certificate;
        format!(
            "differential privacy of single rows: epsilon {:.4} at delta {}; noise multiplier {}, clip {}, \
             sampling rate {:.4}, {} steps; void where the seed is known",
            own.epsilon(),
            own.delta(),
            own.noise(),
            self.clip,
            own.rate(),
            own.steps()
        )
    }

    /// What is promised, and what is not.
    pub(super) fn record(&self, train: &Train, examples: &Examples) -> DpRecord {
        let own = &self.certificate;
        DpRecord {
            sampler: "poisson".to_owned(),
            sampling_rate: own.rate(),
            steps: own.steps(),
            clip: self.clip,
            noise_multiplier: own.noise(),
            delta: own.delta(),
            epsilon: self.asked,
            not_covered: not_covered(train, examples),
        }
    }

    /// The certificate of the training, and what `found` holds against it: against the declared claim,
    /// else against the ε that was asked for, else against the certificate itself.
    pub(super) fn findings(
        &self,
        training: &[EpochRecord],
        declared: Option<f64>,
        found: &[Finding],
    ) -> Vec<Finding> {
        let shares: Vec<f64> = training.iter().filter_map(|epoch| epoch.clipped).collect();
        let epochs = to_f64(u64::try_from(shares.len()).unwrap_or(u64::MAX));
        let clipped = (!shares.is_empty()).then(|| shares.iter().sum::<f64>() / epochs);
        let mut own = dp::trained(&self.certificate, self.clip, clipped);
        let claimed = declared.or(self.asked).unwrap_or_else(|| self.certificate.epsilon());
        let against = [found, &own].concat();
        own.extend(dp::against_claim(&against, claimed));
        own
    }
}

/// What the guarantee says nothing about, by its key.
fn not_covered(train: &Train, examples: &Examples) -> Vec<String> {
    let validated = !examples.rows(Split::Validation).is_empty();
    let own = [
        ("seed", true),
        ("floating_point", true),
        ("row_count", true),
        ("measurements", true),
        ("subjects", examples.subject.is_some()),
        ("epoch_choice", validated && train.keep == Keep::Best),
        ("early_stopping", train.recipe.early_stopping.is_some()),
        ("calibration", train.recipe.calibration.is_some()),
        ("init_from", train.init_from.is_some()),
    ];
    own.into_iter().filter(|(_, holds)| *holds).map(|(key, _)| key.to_owned()).collect()
}
