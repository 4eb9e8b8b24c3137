//! `audit train`: the training stage alone.

use super::options::{ConfigArgs, RunArgs};
use super::output::{self, Folder};
use super::progress::Progress;
use super::registry::Registries;
use super::study::{self, StudyArgs};
use super::{CliError, Outcome, Streams, error, files, run};
use crate::config::Model;
use crate::{model, pipeline};
use clap::Args;
use std::io;
use std::path::PathBuf;

/// Train the network of a configuration.
///
/// Writes `model.safetensors` and `training.jsonl`, and an event file with `tensorboard: true`.
#[derive(Debug, Clone, Default, Args)]
#[command(
    after_help = "Examples: audit train audits/skin-lesion.yaml --set model.train.epochs=2\n          audit train audits/skin-lesion.yaml --folds 5\n          audit train audits/skin-lesion.yaml --search"
)]
pub struct TrainArgs {
    #[command(flatten)]
    /// What to train on.
    pub config: ConfigArgs,
    #[command(flatten)]
    /// How to compute.
    pub run: RunArgs,
    #[command(flatten)]
    /// Many models instead of one.
    pub study: StudyArgs,
    /// Folder for the weights or the result of a study; `reports/<audit name>` where absent.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Print the epochs, or the result of a study, as JSON.
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// Trains and writes the weights and the course of training.
pub fn run(
    args: &TrainArgs,
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> io::Result<Outcome> {
    let ended = train(args, registries, streams);
    error::shown(ended, streams)
}

fn train(
    args: &TrainArgs,
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> Result<Outcome, CliError> {
    let overrides = args.config.overrides(&args.run, &[]);
    let (config, _) = files::audit_config(&args.config.config, &overrides, registries)?;
    let Model::Train(options) = &config.model else {
        let message = format!("`{}` has no `model.train` block", config.file);
        return Err(CliError::Usage(message));
    };
    let folder = Folder::new(&run::folder(args.out.as_deref(), &config));
    if args.run.fresh {
        folder.clear_work().map_err(|e| CliError::write(folder.root(), &e))?;
    }
    if let Some(file) = args.study.file() {
        let (config_args, json) = (&args.config, args.json);
        let told = study::Told { config: config_args, run: &args.run, study: &args.study, json };
        study::run(&told, (&config, options), (&folder, file), registries, streams)?;
        return Ok(Outcome::Passed);
    }
    let threads = error::threads(args.run.threads);
    let mut progress = Progress::new(streams.talk, args.run.no_progress, Some(folder.clone()));
    let inputs = pipeline::read_data(&config, &mut progress)?;
    let trained = pipeline::train(&config, options, &inputs, threads, &mut progress)?;
    drop(progress);
    let lines = pipeline::training_lines(&trained.history);
    let events = options.tensorboard.then(|| model::tensorboard(&trained.history));
    let events = events.as_ref().map(|events| (model::TENSORBOARD_FILE, events));
    let files = [("model.safetensors", &trained.weights), ("training.jsonl", &lines)];
    for (name, bytes) in files.into_iter().chain(events) {
        let path = folder.root().join(name);
        output::replace(&path, bytes).map_err(|e| CliError::write(&path, &e))?;
    }
    folder.clear_work().map_err(|e| CliError::write(folder.root(), &e))?;
    if args.json {
        write!(streams.out, "{}", String::from_utf8_lossy(&lines))?;
    } else {
        let path = folder.root().join("model.safetensors");
        writeln!(streams.out, "kept epoch {}: {}", trained.kept_epoch, path.display())?;
        if let Some(private) = &inputs.private {
            writeln!(streams.out, "{}", private.summary())?;
        }
    }
    Ok(Outcome::Passed)
}
