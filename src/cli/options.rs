//! Options that several commands share.

use super::diagnostics::Colour;
use super::outcome::FailOn;
use crate::domain::Stage;
use clap::{ArgAction, Args, ValueEnum};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// How the program talks.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct Talk {
    /// When to use colour: auto, always or never.
    #[arg(
        long = "color",
        hide_possible_values = true,
        value_name = "WHEN",
        value_enum,
        default_value_t,
        global = true,
        help_heading = "Output"
    )]
    pub colour: Colour,
    /// Say less: errors only.
    #[arg(short, long, global = true, conflicts_with = "verbose", help_heading = "Output")]
    pub quiet: bool,
    /// Say more: how long each step took.
    #[arg(short, long, action = ArgAction::Count, global = true, help_heading = "Output")]
    pub verbose: u8,
}

/// A configuration and changes to it.
#[derive(Debug, Clone, Default, Args)]
pub struct ConfigArgs {
    /// The audit's configuration, YAML.
    #[arg(value_name = "CONFIG")]
    pub config: PathBuf,
    /// Change one key, e.g. `--set model.train.epochs=5`; `KEY=null` removes it.
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = assignment)]
    pub set: Vec<(String, String)>,
}

/// What every command that computes shares.
#[derive(Debug, Clone, Default, Args)]
pub struct RunArgs {
    /// Root of all randomness, in place of the configuration's.
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Threads to use; all processors where absent. Results do not depend on it.
    #[arg(long, value_name = "N")]
    pub threads: Option<NonZeroUsize>,
    /// Vector instructions that train the model: auto, avx512, avx2, neon or portable. The last bits
    /// of a result depend on it, and the record names it.
    #[arg(long, value_name = "NAME")]
    pub kernel: Option<String>,
    /// Ignore finished stages of an earlier run.
    #[arg(long)]
    pub fresh: bool,
    /// Draw no progress bars.
    #[arg(long, help_heading = "Output")]
    pub no_progress: bool,
}

/// What makes the exit code.
#[derive(Debug, Clone, Copy, Default, Args)]
pub struct GateArgs {
    /// What ends with exit code 1.
    #[arg(long, value_name = "VERDICT", value_enum, default_value_t)]
    pub fail_on: FailOn,
    /// End with 0 even if the gate fails; 2 stays 2.
    #[arg(long)]
    pub exit_zero: bool,
}

/// Which stages run.
#[derive(Debug, Clone, Default, Args)]
pub struct StageArgs {
    /// Run only this stage (repeatable).
    #[arg(long, value_name = "STAGE", value_enum, conflicts_with = "skip")]
    pub only: Vec<StageName>,
    /// Leave this stage out (repeatable); the report says so.
    #[arg(long, value_name = "STAGE", value_enum)]
    pub skip: Vec<StageName>,
}

/// A stage on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum StageName {
    /// The data set itself.
    Dataset,
    /// Groups.
    Fairness,
    /// Membership and personal data.
    Privacy,
    /// The usage log against the policy.
    Misuse,
}

impl StageArgs {
    /// Whether a stage runs.
    #[must_use]
    pub fn runs(&self, stage: Stage) -> bool {
        let is = |name: &StageName| Stage::from(*name) == stage;
        (self.only.is_empty() || self.only.iter().any(is)) && !self.skip.iter().any(is)
    }
}

impl From<StageName> for Stage {
    fn from(name: StageName) -> Self {
        match name {
            StageName::Dataset => Self::Dataset,
            StageName::Fairness => Self::Fairness,
            StageName::Privacy => Self::Privacy,
            StageName::Misuse => Self::Misuse,
        }
    }
}

impl ConfigArgs {
    /// The changes in order; `--seed`, `--kernel` and `--format` are changes too, and come last.
    #[must_use]
    pub fn overrides(&self, run: &RunArgs, formats: &[String]) -> Vec<(String, String)> {
        let mut all = self.set.clone();
        all.extend(run.seed.map(|seed| ("seed".to_owned(), seed.to_string())));
        let kernel = run.kernel.iter().cloned();
        all.extend(kernel.map(|kernel| ("model.train.kernel".to_owned(), kernel)));
        if !formats.is_empty() {
            all.push(("report.formats".to_owned(), format!("[{}]", formats.join(", "))));
        }
        all
    }
}

/// Reads `KEY=VALUE`.
pub(super) fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.trim().is_empty() => {
            Ok((key.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("expected KEY=VALUE".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assignment_splits_at_the_first_equals_sign() {
        assert_eq!(assignment("a.b=c=d"), Ok(("a.b".to_owned(), "c=d".to_owned())));
        assert_eq!(assignment("a="), Ok(("a".to_owned(), String::new())));
        assert!(assignment("a").is_err() && assignment("=1").is_err());
    }

    #[test]
    fn stages_are_chosen_or_left_out() {
        let only = StageArgs { only: vec![StageName::Privacy], skip: Vec::new() };
        assert!(only.runs(Stage::Privacy) && !only.runs(Stage::Fairness));
        let skip = StageArgs { only: Vec::new(), skip: vec![StageName::Misuse] };
        assert!(skip.runs(Stage::Privacy) && !skip.runs(Stage::Misuse));
    }

    #[test]
    fn seed_and_formats_are_overrides() {
        let args = ConfigArgs { set: vec![("a".to_owned(), "1".to_owned())], ..Default::default() };
        let run = RunArgs { seed: Some(7), kernel: Some("avx2".to_owned()), ..RunArgs::default() };
        let all = args.overrides(&run, &["html".to_owned(), "json".to_owned()]);
        let shown: Vec<String> = all.iter().map(|(k, v)| format!("{k}={v}")).collect();
        assert_eq!(
            shown,
            ["a=1", "seed=7", "model.train.kernel=avx2", "report.formats=[html, json]"]
        );
    }
}
