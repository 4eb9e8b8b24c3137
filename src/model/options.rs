//! The settings of a training, and where it computes.

use super::dp_sgd::DpSgd;
use super::error::ModelError;
use super::fine_tune::FineTune;
use crate::domain::{Architecture, Recipe};
use candle_core::Device;

/// Which epoch's weights are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// The epoch with the lowest validation loss, the first of equals. Without validation rows
    /// nothing can choose, and the last epoch is kept.
    Best,
    /// The last epoch.
    Last,
}

impl Keep {
    /// The name in configurations.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Best => "best",
            Self::Last => "last",
        }
    }
}

/// How to train. The default is ten epochs of batches of 32 with Adam at a learning rate of 0.001,
/// the best epoch kept, on one thread of the processor, and a [`Recipe`] that adds nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainOptions {
    /// One of [`super::architectures`], or a list of layers.
    pub architecture: Architecture,
    /// Passes over the training rows, at least 1.
    pub epochs: usize,
    /// Most rows of a batch, at least 1: each epoch's rows are cut into near-equal batches.
    pub batch_size: usize,
    /// Step size, greater than 0; the recipe's schedule starts from it.
    pub learning_rate: f64,
    /// Optimiser, schedule, loss, augmentation, calibration.
    pub recipe: Recipe,
    /// Clipped rows, noise and Poisson sampling; none for a training that protects nobody.
    pub dp: Option<DpSgd>,
    /// Weights to begin with; drawn ones where there are none.
    pub fine_tune: Option<FineTune>,
    /// Which weights are kept.
    pub keep: Keep,
    /// `cpu`, `cuda` or `metal`; the latter two need the cargo feature of that name.
    pub device: String,
    /// The vector instructions of the kernels, one of [`super::kernels`], or `auto` for the widest
    /// of the processor. Only chains of convolutions and dense layers have kernels to choose from.
    pub kernel: String,
    /// Threads on the processor, at least 1. They change no bit of the result.
    pub threads: usize,
}

impl Default for TrainOptions {
    fn default() -> Self {
        Self {
            architecture: Architecture::default(),
            epochs: 10,
            batch_size: 32,
            learning_rate: 0.001,
            recipe: Recipe::default(),
            dp: None,
            fine_tune: None,
            keep: Keep::Best,
            device: "cpu".to_owned(),
            kernel: "auto".to_owned(),
            threads: 1,
        }
    }
}

impl TrainOptions {
    /// Refuses settings that cannot be meant.
    pub(crate) fn check(&self) -> Result<(), ModelError> {
        let counts =
            [("epochs", self.epochs), ("batch_size", self.batch_size), ("threads", self.threads)];
        if let Some((key, _)) = counts.into_iter().find(|(_, count)| *count == 0) {
            let found = "0".to_owned();
            return Err(ModelError::Setting { key, found, expected: "at least 1" });
        }
        if !(self.learning_rate.is_finite() && self.learning_rate > 0.0) {
            let (key, found) = ("learning_rate", self.learning_rate.to_string());
            return Err(ModelError::Setting { key, found, expected: "a number greater than 0" });
        }
        self.dp.map_or(Ok(()), |dp| dp.check(self))?;
        self.recipe.check(self.epochs)
    }
}

/// The device of that name.
pub(crate) fn device(name: &str) -> Result<Device, ModelError> {
    match name {
        "cpu" => Ok(Device::Cpu),
        "cuda" => cuda(),
        "metal" => metal(),
        _ => Err(ModelError::unknown("device", name, &["cpu", "cuda", "metal"])),
    }
}

#[cfg(feature = "cuda")]
fn cuda() -> Result<Device, ModelError> {
    Ok(Device::new_cuda(0)?)
}

#[cfg(not(feature = "cuda"))]
fn cuda() -> Result<Device, ModelError> {
    Err(ModelError::Feature { feature: "cuda" })
}

#[cfg(feature = "metal")]
fn metal() -> Result<Device, ModelError> {
    Ok(Device::new_metal(0)?)
}

#[cfg(not(feature = "metal"))]
fn metal() -> Result<Device, ModelError> {
    Err(ModelError::Feature { feature: "metal" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_settings_are_named() {
        let message = |o: TrainOptions| o.check().unwrap_err().to_string();
        let with = TrainOptions::default;
        assert_eq!(
            message(TrainOptions { epochs: 0, ..with() }),
            "`epochs` is 0, which is not at least 1"
        );
        let message_of = |learning_rate| message(TrainOptions { learning_rate, ..with() });
        assert_eq!(message_of(-1.0), "`learning_rate` is -1, which is not a number greater than 0");
        assert_eq!(
            message_of(f64::NAN),
            "`learning_rate` is NaN, which is not a number greater than 0"
        );
        let dp = Some(DpSgd { clip: 0.0, noise_multiplier: 1.0 });
        let clipped = TrainOptions { dp, ..with() };
        assert_eq!(message(clipped), "`dp.clip` is 0, which is not a number greater than 0");
        assert!(with().check().is_ok());
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn a_missing_feature_says_how_to_get_it() {
        assert_eq!(
            device("cuda").unwrap_err().to_string(),
            "this build has no `cuda` feature; build with `cargo build --release --features cuda`"
        );
        assert!(device("gpu").is_err() && device("cpu").is_ok());
    }
}
