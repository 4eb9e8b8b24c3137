//! `audit predict`: the predictions of given weights.

use super::options::{ConfigArgs, RunArgs};
use clap::Args;
use std::path::PathBuf;

/// Predict all rows of a configuration's data set.
///
/// Writes a Parquet table: id, split, true and predicted class, score, logits, groups.
#[derive(Debug, Clone, Default, Args)]
#[command(
    after_help = "Example: audit predict audits/skin-lesion.yaml --weights reports/skin-lesion/model.safetensors"
)]
pub struct PredictArgs {
    #[command(flatten)]
    /// The data set.
    pub config: ConfigArgs,
    #[command(flatten)]
    /// How to compute.
    pub run: RunArgs,
    /// Weights, safetensors; `model.load.path` of the configuration where absent.
    #[arg(long, value_name = "FILE")]
    pub weights: Option<PathBuf>,
    /// Where to write; `reports/<audit name>/predictions.parquet` where absent.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub out: Option<PathBuf>,
}
