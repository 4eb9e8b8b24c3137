//! What attacks prove about ε, held against what was claimed.

use super::{CliError, Outcome, Streams};
use crate::domain::{Finding, Members, Seed};
use crate::privacy::dp;
use clap::Args;

/// Options of the bounds on ε.
#[derive(Debug, Clone, Args)]
pub struct ClaimArgs {
    /// Also bound ε from below, at this δ.
    #[arg(long, value_name = "D", value_parser = delta, help_heading = "Differential privacy")]
    pub delta: Option<f64>,
    /// The ε that the training is said to have; a bound above it ends with 1.
    #[arg(long, value_name = "E", requires = "delta", value_parser = epsilon, help_heading = "Differential privacy")]
    pub claimed_epsilon: Option<f64>,
    /// Guesses on each side of a one-run audit, chosen before the scores are seen. Valid only where
    /// each example was in or out by its own fair coin.
    #[arg(long, value_name = "N", requires = "delta", help_heading = "Differential privacy")]
    pub guesses: Option<usize>,
}

fn delta(text: &str) -> Result<f64, String> {
    let read = text.parse::<f64>().ok().filter(|d| (0.0..1.0).contains(d));
    read.ok_or_else(|| "expected a number from 0 to below 1, e.g. 1e-5".to_owned())
}

fn epsilon(text: &str) -> Result<f64, String> {
    let read = text.parse::<f64>().ok().filter(|e| e.is_finite() && *e >= 0.0);
    read.ok_or_else(|| "expected a number that is not below 0, e.g. 8".to_owned())
}

/// Gives the scores of an attack by its name.
type Scores<'a> = dyn Fn(&str) -> Result<Members<Vec<f64>>, CliError> + 'a;

impl ClaimArgs {
    /// The findings of the attacks with the bounds that follow from the scores of each, and, where
    /// there is a claim, what they say about it.
    pub(super) fn bounded(
        &self,
        mut findings: Vec<Finding>,
        confidence: f64,
        scores: &Scores<'_>,
    ) -> Result<Vec<Finding>, CliError> {
        let Some(delta) = self.delta else { return Ok(findings) };
        let attacks = attacks(&findings);
        let family = u64::try_from(attacks.len()).unwrap_or(u64::MAX)
            * dp::Options::per_attack(self.guesses);
        let options = dp::Options { delta, confidence, guesses: self.guesses, family };
        for attack in &attacks {
            findings.extend(dp::lower_bounds(attack, &scores(attack)?, &options, Seed::new(0)));
        }
        let claim = self.claimed_epsilon.and_then(|claimed| dp::against_claim(&findings, claimed));
        findings.extend(claim);
        Ok(findings)
    }

    /// The ending: failed where a bound exceeds the claim.
    pub(super) fn judged(
        &self,
        findings: &[Finding],
        streams: &mut Streams<'_>,
    ) -> Result<Outcome, CliError> {
        let excess = findings.iter().find(|f| f.check == "dp_claim_excess");
        let excess = excess.and_then(|f| f.value.as_ref().ok().copied()).unwrap_or(0.0);
        let Some(claimed) = self.claimed_epsilon.filter(|_| excess > 0.0) else {
            return Ok(Outcome::Passed);
        };
        let found = claimed + excess;
        writeln!(streams.err, "the claimed ε of {claimed} is refuted: it is at least {found:.4}")?;
        Ok(Outcome::Failed)
    }
}

/// The attacks that were made, in their order.
fn attacks(findings: &[Finding]) -> Vec<String> {
    let made = findings.iter().filter(|f| f.check == "membership_auc" && f.value.is_ok());
    made.filter_map(|f| f.subject.attack.clone()).collect()
}
