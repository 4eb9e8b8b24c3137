//! `audit predict`: the predictions of given weights.

use super::options::{ConfigArgs, RunArgs};
use super::output;
use super::progress::Progress;
use super::registry::Registries;
use super::{CliError, Outcome, Streams, error, files, run};
use crate::config::Model;
use crate::{dataset, pipeline};
use clap::Args;
use std::io;
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

/// Predicts every row and writes the table.
pub fn run(
    args: &PredictArgs,
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> io::Result<Outcome> {
    let ended = predict(args, registries, streams);
    error::shown(ended, streams)
}

fn predict(
    args: &PredictArgs,
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> Result<Outcome, CliError> {
    let kernel = args.run.kernel.as_deref().unwrap_or("auto");
    let run_args = RunArgs { kernel: None, ..args.run.clone() };
    let overrides = args.config.overrides(&run_args, &[]);
    let (config, _) = files::audit_config(&args.config.config, &overrides, registries)?;
    let (architecture, own) = match &config.model {
        Model::Train(train) => (&train.architecture, None),
        Model::Load(load) => (&load.architecture, Some(load.path.resolved.clone())),
        Model::Predictions(_) => {
            return Err(CliError::Usage(format!("`{}` names no model to run", config.file)));
        }
    };
    let Some(file) = args.weights.clone().or(own) else {
        return Err(CliError::Usage(
            "no weights: give `--weights FILE` or `model.load`".to_owned(),
        ));
    };
    let weights = std::fs::read(&file).map_err(|e| CliError::read(&file, &e))?;
    error::threads(args.run.threads);
    let mut progress = Progress::new(streams.talk, args.run.no_progress, None);
    let inputs = pipeline::read_data(&config, &mut progress)?;
    let predictions = pipeline::predict(architecture, &weights, &inputs, kernel)
        .map_err(|e| CliError::read(&file, &e))?;
    drop(progress);
    let table = dataset::write_predictions(&predictions)?;
    let default = || run::folder(None, &config).join("predictions.parquet");
    let path = args.out.clone().unwrap_or_else(default);
    output::replace(&path, &table).map_err(|e| CliError::write(&path, &e))?;
    writeln!(streams.out, "{} rows: {}", predictions.y_pred.len(), path.display())?;
    Ok(Outcome::Passed)
}
