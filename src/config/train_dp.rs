//! `model.train.dp` as the rest of the program may rely on it.

use serde::Serialize;

/// `model.train.dp:`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TrainDp {
    /// Longest gradient of a single row.
    pub clip: f64,
    /// How much noise.
    pub noise: Noise,
    /// The `δ` of the guarantee, above 0 and below 1.
    pub delta: f64,
}

/// How the noise of a private training is given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Noise {
    /// `noise_multiplier`: standard deviation in units of the clipping norm.
    Multiplier(f64),
    /// `epsilon`: the least noise whose training has at most this ε.
    Epsilon(f64),
}
