//! How a network is taught, as declared: optimiser, learning rates, loss, pictures, calibration.

use serde::Serialize;
use std::collections::BTreeMap;

/// Everything about a training beside the network, its length and its batches.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Recipe {
    /// How weights move (default Adam).
    pub optimizer: Optimizer,
    /// How the learning rate changes (default not at all).
    pub schedule: Schedule,
    /// When to stop before the last epoch (default never). Needs validation rows.
    pub early_stopping: Option<EarlyStopping>,
    /// What a row counts in the loss, by its class (default all the same).
    pub class_weights: ClassWeights,
    /// Share of the truth that is spread over all classes, from 0 (default) to below 1.
    pub label_smoothing: f64,
    /// Longest gradient, as the norm over all weights; a longer one is shortened to it (default no
    /// limit).
    pub gradient_clip: Option<f64>,
    /// How training pictures are changed (default not at all).
    pub augment: Augment,
    /// How probabilities are made from outputs after training (default by softmax alone). Needs
    /// validation rows.
    pub calibration: Option<CalibrationMethod>,
}

/// A rule of descent with its settings, each equal to `PyTorch`'s optimiser of that name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(tag = "name", rename_all = "lowercase")]
pub enum Optimizer {
    /// Stochastic gradient descent.
    Sgd {
        /// Share of the last step that is taken again, from 0 (default) to below 1.
        momentum: f64,
        /// Whether the momentum is looked ahead along (default no).
        nesterov: bool,
        /// Share of each weight that is added to its gradient, at least 0 (default).
        weight_decay: f64,
    },
    /// Kingma and Ba 2015, algorithm 1.
    Adam {
        /// Decay of the first moment, from 0 to below 1 (default 0.9).
        beta1: f64,
        /// Decay of the second moment, from 0 to below 1 (default 0.999).
        beta2: f64,
        /// Keeps the step finite, above 0 (default 1e-8).
        epsilon: f64,
        /// Share of each weight that is added to its gradient, at least 0 (default).
        weight_decay: f64,
    },
    /// Loshchilov and Hutter 2019, algorithm 2.
    AdamW {
        /// Decay of the first moment, from 0 to below 1 (default 0.9).
        beta1: f64,
        /// Decay of the second moment, from 0 to below 1 (default 0.999).
        beta2: f64,
        /// Keeps the step finite, above 0 (default 1e-8).
        epsilon: f64,
        /// Share of each weight, times the learning rate, by which it shrinks in each step, at
        /// least 0 (default 0.01).
        weight_decay: f64,
    },
}

impl Optimizer {
    /// Adam with the settings of the paper.
    pub const ADAM: Self =
        Self::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.0 };

    /// The name in configurations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sgd { .. } => "sgd",
            Self::Adam { .. } => "adam",
            Self::AdamW { .. } => "adamw",
        }
    }

    /// Its settings by their names in configurations.
    #[must_use]
    pub fn settings(self) -> Vec<(&'static str, f64)> {
        match self {
            Self::Sgd { momentum, nesterov: _, weight_decay } => {
                vec![("momentum", momentum), ("weight_decay", weight_decay)]
            }
            Self::Adam { beta1, beta2, epsilon, weight_decay }
            | Self::AdamW { beta1, beta2, epsilon, weight_decay } => vec![
                ("beta1", beta1),
                ("beta2", beta2),
                ("epsilon", epsilon),
                ("weight_decay", weight_decay),
            ],
        }
    }
}

impl Default for Optimizer {
    fn default() -> Self {
        Self::ADAM
    }
}

/// The learning rate over time.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Schedule {
    /// The course after the warm-up (default constant).
    pub course: Course,
    /// When the rate changes (default between epochs).
    pub per: Per,
    /// Epochs, at least 0 (default), in which the rate rises in equal steps to the first rate of
    /// the course.
    pub warmup: usize,
}

/// The course of the learning rate, each equal to `PyTorch`'s scheduler.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Course {
    /// The learning rate all the time.
    #[default]
    Constant,
    /// `StepLR`: times `gamma` after each `step_size` epochs (or steps).
    Step {
        /// Epochs (or steps) with the same rate, at least 1.
        step_size: usize,
        /// Above 0 and at most 1 (default 0.1).
        gamma: f64,
    },
    /// `CosineAnnealingLR` down to `final_rate` at the end of the training.
    Cosine {
        /// At least 0 (default).
        final_rate: f64,
    },
    /// `OneCycleLR` with its defaults: from a 25th of the learning rate up to it in the first 30 %,
    /// then down to a 10,000th of where it began, both as a cosine. Momentum is left alone.
    OneCycle,
}

impl Course {
    /// The name in configurations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Constant => "constant",
            Self::Step { .. } => "step",
            Self::Cosine { .. } => "cosine",
            Self::OneCycle => "one_cycle",
        }
    }
}

/// When a learning rate changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Per {
    /// After each batch.
    Step,
    /// After each epoch.
    #[default]
    Epoch,
}

impl Per {
    /// The name in configurations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Epoch => "epoch",
        }
    }
}

/// Stops when the validation loss no longer falls.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct EarlyStopping {
    /// Epochs in a row without improvement after which training stops, at least 1.
    pub patience: usize,
    /// How far the loss must fall below the best one so far to count as better, at least 0
    /// (default).
    pub min_delta: f64,
}

/// What a row counts in the loss, by its class.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ClassWeights {
    /// All rows count 1.
    #[default]
    Equal,
    /// Training rows ÷ (classes · training rows of the class); a class without rows weighs 1.
    Balanced,
    /// Class name → weight, above 0; classes that are not named weigh 1.
    Given(BTreeMap<String, f64>),
}

/// Random changes of training pictures; each is drawn anew for each epoch and row. Rows of other
/// splits are never changed.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Augment {
    /// Probability of left and right changing places, 0 (default) to 1.
    pub horizontal_flip: f64,
    /// Probability of top and bottom changing places, 0 (default) to 1.
    pub vertical_flip: f64,
    /// Largest angle in degrees, either way, 0 (default) to 180; the border is drawn out.
    pub rotation: f64,
    /// Least share of the area, above 0 and at most 1; a part of the picture of its proportions is
    /// cut out and resized to the whole (default none).
    pub crop: Option<f64>,
    /// Brightness is multiplied by a factor of 1 ± this, 0 (default) to 1.
    pub brightness: f64,
    /// The distance from the mean grey is multiplied by a factor of 1 ± this, 0 (default) to 1.
    pub contrast: f64,
    /// The distance from each pixel's own grey is multiplied by a factor of 1 ± this, 0 (default)
    /// to 1; nothing happens to grey pictures.
    pub saturation: f64,
}

/// How outputs become calibrated probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CalibrationMethod {
    /// Guo et al. 2017: outputs are divided by one number, which is fitted on the validation rows.
    Temperature,
}

impl Recipe {
    /// The settings that have an effect, by their keys in configurations.
    #[must_use]
    pub fn settings(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::new();
        let mut put = |key: &str, value: String| all.insert(key.to_owned(), value);
        put("optimizer", self.optimizer.name().to_owned());
        for (key, value) in self.optimizer.settings() {
            put(key, value.to_string());
        }
        if let Optimizer::Sgd { nesterov, .. } = self.optimizer {
            put("nesterov", nesterov.to_string());
        }
        for (key, value) in self.schedule.settings() {
            put(key, value);
        }
        if let Some(stop) = self.early_stopping {
            put("early_stopping.patience", stop.patience.to_string());
            put("early_stopping.min_delta", stop.min_delta.to_string());
        }
        match &self.class_weights {
            ClassWeights::Equal => {}
            ClassWeights::Balanced => drop(put("class_weights", "balanced".to_owned())),
            ClassWeights::Given(weights) => {
                for (class, weight) in weights {
                    put(&format!("class_weights.{class}"), weight.to_string());
                }
            }
        }
        put("label_smoothing", self.label_smoothing.to_string());
        if let Some(clip) = self.gradient_clip {
            put("gradient_clip", clip.to_string());
        }
        for (key, value) in self.augment.settings() {
            put(&format!("augment.{key}"), value.to_string());
        }
        if let Some(CalibrationMethod::Temperature) = self.calibration {
            put("calibration", "temperature".to_owned());
        }
        all
    }
}

impl Schedule {
    fn settings(&self) -> Vec<(&'static str, String)> {
        let mut all = vec![("schedule", self.course.name().to_owned())];
        match self.course {
            Course::Constant | Course::OneCycle => {}
            Course::Step { step_size, gamma } => {
                all.push(("schedule.step_size", step_size.to_string()));
                all.push(("schedule.gamma", gamma.to_string()));
            }
            Course::Cosine { final_rate } => {
                all.push(("schedule.final_rate", final_rate.to_string()));
            }
        }
        if self.course != Course::Constant || self.warmup > 0 {
            all.push(("schedule.per", self.per.name().to_owned()));
            all.push(("schedule.warmup", self.warmup.to_string()));
        }
        all
    }
}

impl Augment {
    /// The changes that can happen, with their ranges.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, f64)> {
        let always = [
            ("horizontal_flip", self.horizontal_flip),
            ("vertical_flip", self.vertical_flip),
            ("rotation", self.rotation),
            ("brightness", self.brightness),
            ("contrast", self.contrast),
            ("saturation", self.saturation),
        ];
        let crop = self.crop.map(|area| ("crop", area));
        always.into_iter().filter(|(_, range)| *range > 0.0).chain(crop).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_name_what_has_an_effect_and_nothing_else() {
        let keys = |recipe: &Recipe| recipe.settings().into_keys().collect::<Vec<_>>().join(" ");
        let plain = "beta1 beta2 epsilon label_smoothing optimizer schedule weight_decay";
        assert_eq!(keys(&Recipe::default()), plain);
        let recipe = Recipe {
            optimizer: Optimizer::Sgd { momentum: 0.9, nesterov: true, weight_decay: 0.0 },
            schedule: Schedule {
                course: Course::Step { step_size: 3, gamma: 0.1 },
                ..Schedule::default()
            },
            class_weights: ClassWeights::Given([("a".to_owned(), 2.0)].into()),
            augment: Augment { rotation: 10.0, crop: Some(0.8), ..Augment::default() },
            ..Recipe::default()
        };
        assert_eq!(
            keys(&recipe),
            "augment.crop augment.rotation class_weights.a label_smoothing momentum nesterov \
             optimizer schedule schedule.gamma schedule.per schedule.step_size schedule.warmup \
             weight_decay"
        );
        assert_eq!(recipe.settings()["schedule.per"], "epoch");
    }
}
