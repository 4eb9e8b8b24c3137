//! A risk: how likely, how bad, and which findings say so.

use super::finding::FindingId;
use serde::{Deserialize, Serialize};

/// The five levels of NIST SP 800-30 r1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Very low.
    VeryLow,
    /// Low.
    Low,
    /// Moderate.
    Moderate,
    /// High.
    High,
    /// Very high.
    VeryHigh,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Self; 5] =
        [Self::VeryLow, Self::Low, Self::Moderate, Self::High, Self::VeryHigh];
}

/// How a risk was derived, so that a reader can do it again by hand.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Derivation {
    /// Probability that the true value breaches the threshold, 0 to 1.
    pub probability: f64,
    /// How that probability was obtained: `normal_interval`, `count`, `yearly_volume`, `undefined`.
    pub method: String,
    /// Floor of the severity from the declared harm.
    pub harm_floor: Level,
    /// Band of the distance past the threshold.
    pub magnitude: Level,
    /// Value that entered; null when undefined.
    pub value: Option<f64>,
    /// The limit.
    pub limit: f64,
    /// Whether the confidence is low (small n or wide interval).
    pub low_confidence: bool,
}

/// What could be done about a risk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Measure {
    /// Catalogue key, e.g. `group_thresholds`; the report holds the words.
    pub key: String,
    /// The risks it addresses.
    pub risks: Vec<String>,
}

/// One row of the risk register.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Risk {
    /// `R1`, `R2`, … by descending level.
    pub id: String,
    /// Catalogue key, e.g. `unequal_selection`, `membership_leak`, `personal_data`, `misuse`.
    pub kind: String,
    /// The check that shows it.
    pub check: String,
    /// How likely the breach is.
    pub likelihood: Level,
    /// How bad it is.
    pub severity: Level,
    /// Likelihood and severity through the matrix.
    pub level: Level,
    /// After measures whose effect was shown; equals `level` as long as none was re-run.
    pub residual: Level,
    /// The steps.
    pub derivation: Derivation,
    /// The findings. Never empty: no reason, no risk.
    pub because: Vec<FindingId>,
}
