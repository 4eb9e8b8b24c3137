//! `audit membership`: membership inference on stored outputs.

use super::claim::ClaimArgs;
use super::fairness::confidence;
use super::findings::{self, Destination};
use super::{CliError, Outcome, Streams, error};
use crate::domain::{InputFile, Seed, digest_hex};
use crate::privacy::{membership, stored};
use clap::Args;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;

/// Attack stored outputs: can one tell who was trained on?
///
/// Reads the raw outputs of K models, f32 `(K, n_pool + n_population, C)`, who was trained on by
/// which, u8 `(K, n_pool)`, and the true classes, i64.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Example: audit membership scores.safetensors --target 0 --attack loss --json"
)]
pub struct MembershipArgs {
    /// Stored outputs, safetensors.
    #[arg(value_name = "SCORES")]
    pub scores: PathBuf,
    /// Tensor of the raw outputs.
    #[arg(long, value_name = "NAME", default_value = "logits")]
    pub logits: String,
    /// Tensor that is 1 where a model has seen an example.
    #[arg(long, value_name = "NAME", default_value = "masks")]
    pub masks: String,
    /// Tensor of the true classes.
    #[arg(long, value_name = "NAME", default_value = "labels")]
    pub labels: String,
    /// The model that is attacked, from 0.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub target: usize,
    /// A model that is never a reference (repeatable): the target's complement, which was trained on
    /// what the target was not. All other models are references.
    #[arg(long, value_name = "N")]
    pub exclude: Vec<usize>,
    /// Attack to run (repeatable); all where absent.
    #[arg(long = "attack", value_name = "NAME")]
    pub attacks: Vec<String>,
    /// Level of the intervals, above 0 and below 1.
    #[arg(long, value_name = "LEVEL", default_value_t = 0.95, value_parser = confidence)]
    pub confidence: f64,
    #[command(flatten)]
    /// What the attacks prove about ε.
    pub claim: ClaimArgs,
    /// Print the findings as JSON.
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

/// Attacks the stored outputs and prints what one can tell.
pub fn run(args: &MembershipArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let ended = attack(args, streams);
    error::shown(ended, streams)
}

fn attack(args: &MembershipArgs, streams: &mut Streams<'_>) -> Result<Outcome, CliError> {
    if args.exclude.contains(&args.target) {
        let message = format!("model {} cannot be both `--target` and `--exclude`", args.target);
        return Err(CliError::Usage(message));
    }
    let bytes = std::fs::read(&args.scores).map_err(|e| CliError::read(&args.scores, &e))?;
    let layout = stored::Layout {
        logits: args.logits.clone(),
        masks: args.masks.clone(),
        labels: args.labels.clone(),
        target: args.target,
        exclude: args.exclude.clone(),
    };
    let read = stored::read(&bytes, &layout).map_err(|e| CliError::read(&args.scores, &e))?;
    let mut scene = read.scene().map_err(|e| CliError::read(&args.scores, &e))?;
    scene.references = read.references();
    let options =
        membership::Options { attacks: args.attacks.clone(), confidence: args.confidence };
    let findings = membership::audit_scene(&scene, &options, Seed::new(0))?;
    let scores = |attack: &str| {
        let scored = membership::scores(attack, &scene, Seed::new(0))?;
        Ok(scene.split(&scored.pool))
    };
    let findings = args.claim.bounded(findings, args.confidence, &scores)?;
    let ended = args.claim.judged(&findings, streams)?;
    let name = args.scores.display().to_string();
    let inputs = vec![InputFile { path: name.clone(), sha256: digest_hex(&bytes) }];
    let to = Destination { json: args.json, out: None, settings: BTreeMap::new() };
    findings::show(&name, findings, inputs, &to, streams)?;
    Ok(ended)
}
