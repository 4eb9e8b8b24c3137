//! The configuration as the rest of the program may rely on it: valid, resolved, complete.

pub use super::fairness::{Fairness, Metrics};
use super::search::Search;
use super::train_dp::TrainDp;
use crate::domain::{Architecture, GateRule, Recipe, System};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A valid configuration. Every default is filled in; every path is resolved.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Config {
    /// Path of the configuration file, as given on the command line.
    #[serde(skip)]
    pub file: String,
    /// Name of the audit.
    pub name: String,
    /// The name as a folder name: lowercase ASCII letters, digits and single hyphens. A name with
    /// other letters gives way to the stem of the file name.
    pub slug: String,
    /// Root of all randomness.
    pub seed: u64,
    /// What the classifier is for.
    pub system: System,
    /// The rows.
    pub dataset: Dataset,
    /// The classifier.
    pub model: Model,
    /// Settings of the training to try; only `audit train --search` looks at it.
    pub search: Option<Search>,
    /// Group and bias metrics.
    pub fairness: Fairness,
    /// Membership and personal data.
    pub privacy: Privacy,
    /// The usage log; none where the block is absent, and then the stage does not run.
    pub misuse: Option<Misuse>,
    /// The rules, in file order. Without any the gate passes.
    pub gate: Vec<GateRule>,
    /// File of waivers; read it and give it to [`super::load_waivers`].
    pub waivers: Option<FilePath>,
    /// What is written.
    pub report: Report,
}

/// A path of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FilePath {
    /// As typed; this is what reports show.
    pub given: String,
    /// From the working directory: relative paths start at the configuration's folder.
    #[serde(skip)]
    pub resolved: PathBuf,
}

/// `dataset:`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dataset {
    /// Format name: `synthetic`, `image-folder`, `idx`, `npz`, `cifar`,
    /// `predictions`.
    pub format: String,
    /// Folder of pictures, or the predictions table; none for synthetic data.
    pub path: Option<FilePath>,
    /// Table of an image folder, `metadata.csv` where none is named.
    pub metadata: Option<FilePath>,
    /// What the columns are called.
    pub columns: Columns,
    /// The label that counts as positive.
    pub positive: Option<String>,
    /// Groupings in declared order: one feature, or several for an intersection.
    pub groups: Vec<Vec<String>>,
    /// Shares to draw; none lets the split column decide.
    pub split: Option<Shares>,
    /// What an unreadable row does.
    pub on_error: OnError,
    /// `[height, width]` in pixels.
    pub resize: Option<[usize; 2]>,
    /// Most bytes of decoded pictures in memory. Changes no result.
    #[serde(skip)]
    pub memory_limit: Option<usize>,
    /// Names of the labels 0, 1, 2, …; empty where a label is its own name.
    pub classes: Vec<String>,
    /// Most training rows; none means all.
    pub limit: Option<usize>,
    /// Share of the training rows that validates, where the data has no validation rows; none means
    /// the format's own default.
    pub validation: Option<f64>,
    /// Rows of synthetic data (default 1200).
    pub n: usize,
    /// Defects in synthetic data (default none), in the order of [`Plant`].
    pub plants: Vec<Plant>,
}

/// Column names; none means that the format's own default applies.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Columns {
    /// Path of the picture.
    pub image: Option<String>,
    /// True class.
    pub label: Option<String>,
    /// Whose row it is.
    pub subject: Option<String>,
    /// Part that the row plays.
    pub split: Option<String>,
    /// Name of the row.
    pub id: Option<String>,
    /// True class in a predictions table.
    pub y_true: Option<String>,
    /// Predicted class in a predictions table.
    pub y_pred: Option<String>,
    /// Probability of the positive class.
    pub score: Option<String>,
    /// Weight of the row in a predictions table.
    pub weight: Option<String>,
    /// Prefix of one probability column per class.
    pub prob: Option<String>,
    /// Prefix of one logit column per class.
    pub logit: Option<String>,
}

/// Shares of the rows, each 0 to 1, together 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Shares {
    /// The model learns from these.
    pub train: f64,
    /// These choose the epoch.
    pub validation: f64,
    /// The audit measures these.
    pub test: f64,
}

/// What an unreadable row does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OnError {
    /// The audit stops.
    Error,
    /// The row is left out and reported.
    Skip,
}

/// A known defect in synthetic data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Plant {
    /// Labels depend on a group.
    Bias,
    /// Few rows and noisy labels, so that the model learns rows by heart.
    Overfit,
    /// Names, addresses and numbers in the metadata.
    PersonalData,
    /// Violations in the usage log.
    Misuse,
}

/// `model:`, exactly one of three.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Model {
    /// Train a network.
    Train(Box<Train>),
    /// Load weights.
    Load(Load),
    /// A table of predictions; none where the data set is that table.
    Predictions(Option<FilePath>),
}

/// `model.train:`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Train {
    /// The network.
    pub architecture: Architecture,
    /// Passes over the training rows.
    pub epochs: usize,
    /// Rows per step.
    pub batch_size: usize,
    /// Step size, from which the schedule starts.
    pub learning_rate: f64,
    /// Optimiser, schedule, loss, augmentation, calibration.
    pub recipe: Recipe,
    /// Differential privacy; none for a training that protects nobody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dp: Option<TrainDp>,
    /// Weights to begin with; drawn ones where there are none.
    pub init_from: Option<FilePath>,
    /// Layers that are drawn nevertheless.
    pub reset: Vec<String>,
    /// Layers that keep the weights that they begin with.
    pub freeze: Vec<String>,
    /// Whether only the last layer is trained, on what the others make of each picture.
    pub linear_probe: bool,
    /// Which epoch's weights are kept.
    pub keep: Keep,
    /// `cpu`, `cuda`, `metal`.
    pub device: String,
    /// Vector instructions of the kernels, or `auto`.
    pub kernel: String,
    /// Whether the course of training is also written for `TensorBoard`.
    pub tensorboard: bool,
}

/// Which epoch's weights are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Keep {
    /// The one with the lowest validation loss.
    Best,
    /// The final one.
    Last,
}

/// `model.load:`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Load {
    /// `safetensors`.
    pub format: String,
    /// The weights.
    pub path: FilePath,
    /// The network.
    pub architecture: Architecture,
}

/// `privacy:`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Privacy {
    /// Membership inference.
    pub membership: Membership,
    /// Personal data.
    pub pii: Pii,
    /// Training with noisy gradients as declared; none where the block is absent.
    pub dp: Option<Dp>,
    /// A table that is to be released; none where the block is absent.
    pub anonymity: Option<Anonymity>,
    /// Records to plant into the training; none where the block is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub canaries: Option<Canaries>,
}

/// `privacy.canaries:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Canaries {
    /// Records, each in or out by its own coin.
    pub count: usize,
    /// What they are.
    pub kind: CanaryKind,
    /// Root of their randomness in place of the audit's.
    pub seed: Option<u64>,
}

/// What is planted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CanaryKind {
    /// Training rows that leave the data and come back with another class.
    Mislabelled,
    /// Pictures of random bytes with a random class, beside the training rows.
    Noise,
}

/// `privacy.dp:`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dp {
    /// Probability with which a row takes part in a step, above 0.
    pub sampling_rate: f64,
    /// Standard deviation of the noise in units of the clipping norm.
    pub noise_multiplier: f64,
    /// Steps.
    pub steps: u64,
    /// The `δ` of the claim, above 0 and below 1.
    pub delta: f64,
    /// The `ε` of the claim.
    pub claimed_epsilon: Option<f64>,
}

/// `privacy.anonymity:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Anonymity {
    /// The table.
    pub path: FilePath,
    /// Columns that an attacker may know.
    pub quasi: Vec<String>,
    /// Columns that must not be learned.
    pub sensitive: Vec<String>,
    /// Everybody from whom the rows were drawn.
    pub population: Option<FilePath>,
    /// The `l` of the recursive diversity.
    pub l: Option<u64>,
}

/// `privacy.membership:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Membership {
    /// Full names of the attacks to run; empty means the usual ones.
    pub attacks: Vec<String>,
    /// Models to train like the audited one, on other rows, for the attacks to compare with.
    pub shadow_models: Option<usize>,
    /// What the attacks that see labels only may ask; none where they do not run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label_only: Option<LabelOnly>,
}

/// `privacy.membership.label_only:`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct LabelOnly {
    /// Most changed copies of a row that each attack asks about.
    pub queries_per_example: usize,
    /// Most members, and most held-out rows.
    pub examples: usize,
}

/// `privacy.pii:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pii {
    /// Tables to scan besides the data set's own.
    pub paths: Vec<FilePath>,
}

/// `misuse:`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Misuse {
    /// Rego policy; none means the built-in one.
    pub policy: Option<FilePath>,
    /// Usage log; none for synthetic data, which brings its own.
    pub log: Option<FilePath>,
    /// What the policy is told.
    pub facts: MisuseFacts,
}

/// What a usage policy is told about the system.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MisuseFacts {
    /// Purposes that are allowed.
    pub purposes: Vec<String>,
    /// Domains that are allowed.
    pub domains: Vec<String>,
    /// Uses that are never allowed.
    pub prohibited_uses: Vec<String>,
    /// Approval id → last day, `YYYY-MM-DD`.
    pub approvals: BTreeMap<String, String>,
    /// Confidence below which a person must review, 0 to 1.
    pub review_below: f64,
    /// Fields that every record must have.
    pub required_fields: Vec<String>,
}

/// `report:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What is written.
    pub formats: Vec<String>,
    /// `en`, `zh`.
    pub languages: Vec<String>,
}

impl Config {
    /// The configuration as one line of JSON for hashing. Equal audits give equal text: comments,
    /// order of keys, spelled-out defaults and the place of the checkout do not matter.
    #[must_use]
    pub fn canonical(&self) -> String {
        let mut plain = self.clone();
        plain.gate.iter_mut().for_each(|rule| rule.line = 0);
        serde_json::to_string(&plain)
            .unwrap_or_else(|_| unreachable!("the configuration is made of plain values"))
    }
}

impl CanaryKind {
    /// The name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Mislabelled => "mislabelled",
            Self::Noise => "noise",
        }
    }
}

impl Plant {
    /// All defects in order.
    pub const ALL: [Self; 4] = [Self::Bias, Self::Overfit, Self::PersonalData, Self::Misuse];

    /// The name in the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Bias => "bias",
            Self::Overfit => "overfit",
            Self::PersonalData => "personal_data",
            Self::Misuse => "misuse",
        }
    }
}
