//! `audit membership`: membership inference on stored outputs.

use super::claim::ClaimArgs;
use super::fairness::confidence;
use super::findings::{self, Destination};
use super::membership_rows::{Known, RowArgs};
use super::{CliError, Outcome, Streams, error, membership_file, output};
use crate::dataset::{ScoreTable, write_scores};
use crate::domain::{Finding, InputFile, Seed, digest_hex};
use crate::privacy::membership;
use crate::privacy::membership::{Attacked, Grouping, Scene};
use crate::privacy::stored::{self, Stored};
use crate::{pipeline, report};
use clap::Args;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Attack stored outputs: can one tell who was trained on?
///
/// Reads the raw outputs of K models, f32 or f64 `(K, n_pool + n_population, C)`, who was trained on by
/// which, u8 `(K, n_pool)`, and the true classes, i64. In a Parquet file an example is a row, and an
/// entry a column: `logits_0_3` (model, class), `masks_0` (empty in the rows of the population, which
/// come last), `labels`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Example: audit membership scores.safetensors --target 0 --attack loss --json"
)]
pub struct MembershipArgs {
    /// Stored outputs: safetensors, npz or Parquet.
    #[arg(value_name = "SCORES")]
    pub scores: PathBuf,
    /// Tensor of the raw outputs.
    #[arg(long, value_name = "NAME", default_value = "logits")]
    pub logits: String,
    /// Tensor of the cross-entropies, `(K, n_pool + n_population)`, where those are stored and not the raw
    /// outputs.
    #[arg(long, value_name = "NAME", conflicts_with = "logits")]
    pub losses: Option<String>,
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
    /// What is known of the rows.
    pub rows: RowArgs,
    #[command(flatten)]
    /// What the attacks prove about ε.
    pub claim: ClaimArgs,
    /// Print the findings as JSON.
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Also write the scores of every row here, Parquet, one column per attack, higher = member.
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub scores_out: Option<PathBuf>,
    /// Also write a report into this folder.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub out: Option<PathBuf>,
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
    let read = membership_file::read(&args.scores, &bytes, &args.layout())?;
    let mut scene = read.scene().map_err(|e| CliError::read(&args.scores, &e))?;
    scene.references = read.references();
    let options =
        membership::Options { attacks: args.attacks.clone(), confidence: args.confidence };
    let known = args.rows.read(&scene)?;
    let attacked = membership::attack_scene(&scene, &options, Seed::new(0))?;
    let findings = args.measured(&scene, &attacked, &known)?;
    let scores = |attack: &str| {
        let made = attacked.iter().find(|a| a.attack == attack).and_then(|a| a.split(&scene));
        made.ok_or_else(|| CliError::Usage(format!("attack `{attack}` was not made")))
    };
    let findings = args.claim.bounded(findings, args.confidence, &scores)?;
    if let Some(path) = &args.scores_out {
        write(path, &scene, &attacked, &known)?;
    }
    let ended = args.claim.judged(&findings, streams)?;
    let name = args.scores.display().to_string();
    let mut inputs = vec![InputFile { path: name.clone(), sha256: digest_hex(&bytes) }];
    inputs.extend(known.inputs);
    let said = report::leak_in_words(&findings);
    let to = Destination { json: args.json, out: args.out.as_deref(), settings: BTreeMap::new() };
    findings::show(&name, findings, inputs, &to, streams)?;
    if !args.json {
        said.facts.iter().try_for_each(|line| writeln!(streams.out, "{line}"))?;
    }
    let cheats = read.complements().into_iter().map(complement);
    let warnings: Vec<String> = cheats.chain(without_loss(&read)).chain(said.warnings).collect();
    warnings.iter().try_for_each(|line| writeln!(streams.err, "warning: {line}"))?;
    Ok(ended)
}

impl MembershipArgs {
    fn layout(&self) -> stored::Layout {
        stored::Layout {
            logits: self.logits.clone(),
            losses: self.losses.clone(),
            masks: self.masks.clone(),
            labels: self.labels.clone(),
            target: self.target,
            exclude: self.exclude.clone(),
        }
    }

    /// All attacks, the strongest and the named ones in groups, and the blind baseline.
    fn measured(
        &self,
        scene: &Scene,
        attacked: &[Attacked],
        known: &Known,
    ) -> Result<Vec<Finding>, CliError> {
        let (seed, confidence) = (Seed::new(0), self.confidence);
        let mut findings = membership::audit_scores(scene, attacked, confidence, seed)?;
        let chosen = membership::for_groups(&findings, attacked, !self.attacks.is_empty());
        let grouping = Grouping {
            groups: &known.groups,
            min_group_size: self.rows.min_group_size,
            confidence,
            delta: self.claim.delta.unwrap_or(pipeline::DELTA),
        };
        findings.extend(membership::by_group(scene, &chosen, &grouping, seed));
        if let Some(classes) = &known.classes {
            let made = (attacked, findings.as_slice());
            let joined = membership::class_size_correlation(scene, made, classes, confidence);
            findings.extend(joined);
        }
        if let Some((features, rows)) = &known.features {
            let member: Vec<bool> = rows.iter().map(|row| scene.member[*row]).collect();
            findings.push(membership::blind(features, &member, confidence, seed));
        }
        Ok(findings)
    }
}

/// What is wrong with a reference that is the target's complement.
fn complement(model: usize) -> String {
    format!(
        "model {model} was trained on exactly the rows that the target was not; as a reference it tells \
         the attacks the answer: leave it out with `--exclude {model}`"
    )
}

/// What is lost where losses are 0.
fn without_loss(read: &Stored<'_>) -> Option<String> {
    let n = read.without_loss();
    let message = || {
        format!(
            "the target's loss is exactly 0 on {n} rows, which losses therefore do not tell apart; \
             logits would"
        )
    };
    (n > 0).then(message)
}

/// Writes the scores of the attacks that were made.
fn write(path: &Path, scene: &Scene, attacked: &[Attacked], known: &Known) -> Result<(), CliError> {
    let made = attacked.iter().filter_map(|a| {
        a.scored.as_ref().ok().map(|scored| (a.attack.as_str(), scored.pool.as_slice()))
    });
    let table = ScoreTable {
        id: known.id.as_deref(),
        label: scene.pool.labels(),
        member: &scene.member,
        scores: made.collect(),
    };
    output::replace(path, &write_scores(&table)?).map_err(|e| CliError::write(path, &e))
}
