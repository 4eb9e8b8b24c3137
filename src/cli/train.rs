//! `audit train`: the training stage alone.

use super::options::{ConfigArgs, RunArgs};
use clap::Args;
use std::path::PathBuf;

/// Train the network of a configuration.
///
/// Writes `model.safetensors` and `training.jsonl`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "Example: audit train audits/skin-lesion.yaml --set model.train.epochs=2")]
pub struct TrainArgs {
    #[command(flatten)]
    /// What to train on.
    pub config: ConfigArgs,
    #[command(flatten)]
    /// How to compute.
    pub run: RunArgs,
    /// Folder for the weights; `reports/<audit name>` where absent.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Print the epochs as JSON.
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}
