//! From findings to risks: how likely a declared threshold is breached, and how bad that would be.
//!
//! The steps are those of ISO 31000:2018, 6.4: identify (a gate row that was not plainly kept),
//! analyse (likelihood and severity), evaluate (the matrix of NIST SP 800-30 r1, table I-2). Every
//! step is pure and ends up in the record, so that a reader can do it again by hand.

mod kinds;
mod likelihood;
mod matrix;
mod measures;
mod severity;

pub use likelihood::{Likelihood, bin, likelihood};
pub use matrix::level;
pub use severity::{harm_floor, magnitude};

use crate::domain::{
    Derivation, Finding, FindingId, GateRow, Level, Measure, Risk, System, Verdict,
};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// The risk register, worst first, and the measures that could lower its rows.
///
/// A gate row enters when its finding exists and either the row did not pass or a breach is more
/// than very unlikely although it passed. Rows about one thing (all groupings and aggregates of
/// `demographic_parity`, all attacks of the membership family) form one risk; its numbers are those
/// of its worst row, and `because` names all of its findings. Ids `R1`, `R2`, … follow the order:
/// level, severity, likelihood, probability (all descending), then kind and check.
///
/// `residual` equals `level`: a measure lowers a risk only once the same check was run again.
#[must_use]
pub fn register(
    findings: &[Finding],
    gate: &[GateRow],
    system: &System,
) -> (Vec<Risk>, Vec<Measure>) {
    let by_id: BTreeMap<FindingId, &Finding> = findings.iter().map(|f| (f.id(), f)).collect();
    let mut families: BTreeMap<(&str, String), Vec<Assessed>> = BTreeMap::new();
    for row in gate {
        let Some(finding) = row.finding.as_ref().and_then(|id| by_id.get(id)) else { continue };
        let assessed = Assessed::of(row, finding, system);
        if row.verdict != Verdict::Pass || assessed.likelihood > Level::VeryLow {
            families.entry(kinds::kind_and_family(finding)).or_default().push(assessed);
        }
    }
    let mut risks: Vec<Risk> =
        families.into_iter().map(|((kind, _), rows)| risk(kind, rows)).collect();
    risks.sort_by(|a, b| {
        let order = |r: &Risk| Reverse((r.level, r.severity, r.likelihood));
        let unlikely_last = b.derivation.probability.total_cmp(&a.derivation.probability);
        let name = (&a.kind, &a.check).cmp(&(&b.kind, &b.check));
        order(a).cmp(&order(b)).then(unlikely_last).then(name)
    });
    for (i, risk) in risks.iter_mut().enumerate() {
        risk.id = format!("R{}", i + 1);
    }
    let measures = measures::measures(&risks);
    (risks, measures)
}

/// One gate row with its risk.
struct Assessed {
    check: String,
    finding: FindingId,
    likelihood: Level,
    severity: Level,
    level: Level,
    derivation: Derivation,
}

impl Assessed {
    fn of(row: &GateRow, finding: &Finding, system: &System) -> Self {
        let bound = row.rule.bound;
        let likely = likelihood(finding, bound, system.decisions_per_year);
        let harm_floor = harm_floor(system);
        let magnitude = magnitude(&finding.value, bound);
        let (likelihood, severity) = (bin(likely.probability), harm_floor.max(magnitude));
        Self {
            check: finding.check.clone(),
            finding: finding.id(),
            likelihood,
            severity,
            level: level(likelihood, severity),
            derivation: Derivation {
                probability: likely.probability,
                method: likely.method.to_owned(),
                harm_floor,
                magnitude,
                value: finding.value.as_ref().ok().copied(),
                limit: bound.limit(),
                low_confidence: likely.low_confidence,
            },
        }
    }

    /// Whether this row is worse than `other`; the first of equals stays.
    fn is_worse_than(&self, other: &Self) -> bool {
        let rank = |a: &Self| (a.level, a.severity, a.likelihood);
        let more_likely = self.derivation.probability > other.derivation.probability;
        rank(self) > rank(other) || (rank(self) == rank(other) && more_likely)
    }
}

/// The risk of one family: the numbers of its worst row, the findings of all.
fn risk(kind: &str, rows: Vec<Assessed>) -> Risk {
    let mut because: Vec<FindingId> = Vec::new();
    for row in &rows {
        if !because.contains(&row.finding) {
            because.push(row.finding.clone());
        }
    }
    let worst = rows
        .into_iter()
        .reduce(|worst, row| if row.is_worse_than(&worst) { row } else { worst })
        .unwrap_or_else(|| unreachable!("a family is made by its first row"));
    Risk {
        id: String::new(),
        kind: kind.to_owned(),
        check: worst.check,
        likelihood: worst.likelihood,
        severity: worst.severity,
        level: worst.level,
        residual: worst.level,
        derivation: worst.derivation,
        because,
    }
}

#[cfg(test)]
mod tests;
