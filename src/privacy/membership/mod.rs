//! Membership inference: can an outsider tell which rows the model has learned from?
//!
//! Each attack gives every row a score, higher meaning "member"; what the scores are worth is measured
//! in one place, the same for all attacks.

mod findings;
mod logs;
mod loss;
mod modified_entropy;
mod worth;

pub(crate) use findings::GeneralizationGap;
pub(crate) use worth::{
    MembershipAdvantage, MembershipAuc, MembershipTprAtFpr0001, MembershipTprAtFpr001,
};

use crate::domain::{ClassId, Finding, Logits, Members, Meta, Seed};

/// One attack.
pub trait Probe: Sync {
    /// Identity and manual; the name is the attack's full name.
    fn meta(&self) -> &'static Meta;

    /// The score of one row, higher = member. `logits` is `(k,)`, `label` an index into it.
    fn score(&self, logits: &[f64], label: usize) -> f64;
}

/// All attacks, in order of their codes.
const PROBES: [&dyn Probe; 2] = [&loss::Loss, &modified_entropy::ModifiedEntropy];

/// All attacks, in order of their codes.
#[must_use]
pub fn attacks() -> &'static [&'static dyn Probe] {
    &PROBES
}

/// What to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Full names of attacks; empty means all.
    pub attacks: Vec<String>,
    /// Level of the intervals, e.g. 0.95.
    pub confidence: f64,
}

/// What the model said about some rows, and their true classes.
#[derive(Debug, Clone, Copy)]
pub struct Outputs<'a> {
    /// Raw outputs, `(n, k)`.
    pub logits: &'a Logits,
    /// Classes that the rows were trained with, `(n,)`.
    pub labels: &'a [ClassId],
}

/// Why no attack could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// Logits and labels describe different numbers of rows.
    #[error("the logits have {logits} rows, but there are {labels} labels")]
    Rows {
        /// Rows of the logits.
        logits: usize,
        /// Labels.
        labels: usize,
    },
    /// A label is not one of the outputs.
    #[error("row {row} has class {class}, but the logits have {classes} columns")]
    Label {
        /// Row, from 0.
        row: usize,
        /// The label.
        class: ClassId,
        /// Columns of the logits.
        classes: usize,
    },
    /// Members and non-members come from different models.
    #[error("the members' logits have {seen} columns, the non-members' {unseen}")]
    Classes {
        /// Columns of the members' logits.
        seen: usize,
        /// Columns of the non-members' logits.
        unseen: usize,
    },
    /// There is no attack of this name.
    #[error("no attack is called `{name}`; known: {known}")]
    UnknownAttack {
        /// The name.
        name: String,
        /// The names that exist.
        known: String,
    },
}

/// The scores of one attack, `(n,)`, higher = member.
///
/// # Errors
/// An unknown name, or logits and labels that do not fit.
pub fn score(attack: &str, outputs: &Outputs<'_>) -> Result<Vec<f64>, ProbeError> {
    scores(find(attack)?, outputs)
}

/// Runs the attacks against members (`seen`) and non-members (`unseen`).
///
/// Findings: the generalisation gap, then AUC, advantage and the two rates at a fixed false-positive
/// rate for each attack in the order asked for. With fewer than two members or non-members all values
/// are `TooFew`.
///
/// # Errors
/// An unknown name, or logits and labels that do not fit.
pub fn audit(
    members: &Members<Outputs<'_>>,
    options: &Options,
    seed: Seed,
) -> Result<Vec<Finding>, ProbeError> {
    let classes = |outputs: &Outputs<'_>| outputs.logits.classes();
    let (of_seen, of_unseen) = (classes(&members.seen), classes(&members.unseen));
    if of_seen != of_unseen {
        return Err(ProbeError::Classes { seen: of_seen, unseen: of_unseen });
    }
    let chosen: Vec<&dyn Probe> = if options.attacks.is_empty() {
        PROBES.to_vec()
    } else {
        options.attacks.iter().map(|name| find(name)).collect::<Result<_, _>>()?
    };
    check(&members.seen)?;
    check(&members.unseen)?;
    let mut findings = vec![findings::generalization_gap(members, options.confidence)];
    for probe in chosen {
        let scored = Members {
            seen: scores(probe, &members.seen)?,
            unseen: scores(probe, &members.unseen)?,
        };
        let name = probe.meta().name;
        let null = seed.child(&format!("privacy/membership/null/{name}"));
        findings.extend(findings::of_attack(name, &scored, options.confidence, null));
    }
    Ok(findings)
}

fn find(name: &str) -> Result<&'static dyn Probe, ProbeError> {
    PROBES.into_iter().find(|p| p.meta().name == name).ok_or_else(|| {
        let known: Vec<&str> = PROBES.iter().map(|p| p.meta().name).collect();
        ProbeError::UnknownAttack { name: name.to_owned(), known: known.join(", ") }
    })
}

fn scores(probe: &dyn Probe, outputs: &Outputs<'_>) -> Result<Vec<f64>, ProbeError> {
    let labels = check(outputs)?;
    Ok(labels.iter().enumerate().map(|(i, y)| probe.score(outputs.logits.row(i), *y)).collect())
}

/// The labels as column indices.
fn check(outputs: &Outputs<'_>) -> Result<Vec<usize>, ProbeError> {
    let (logits, labels) = (outputs.logits.len(), outputs.labels.len());
    if logits != labels {
        return Err(ProbeError::Rows { logits, labels });
    }
    let classes = outputs.logits.classes();
    let index = |(row, &class): (usize, &ClassId)| {
        let column = usize::try_from(class).ok().filter(|c| *c < classes);
        column.ok_or(ProbeError::Label { row, class, classes })
    };
    outputs.labels.iter().enumerate().map(index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logits(values: &[f64]) -> Logits {
        Logits::new(values.to_vec(), 2).unwrap()
    }

    #[test]
    fn each_mismatch_has_its_error() {
        let two = logits(&[1.0, 0.0, 0.0, 1.0]);
        let rows = score("loss", &Outputs { logits: &two, labels: &[0] });
        assert_eq!(rows, Err(ProbeError::Rows { logits: 2, labels: 1 }));
        let label = score("loss", &Outputs { logits: &two, labels: &[0, 2] });
        assert_eq!(label, Err(ProbeError::Label { row: 1, class: 2, classes: 2 }));
        let unknown = score("lira", &Outputs { logits: &two, labels: &[0, 1] }).unwrap_err();
        assert!(unknown.to_string().contains("known: loss, modified_entropy"), "{unknown}");
    }

    #[test]
    fn both_sides_must_come_from_one_model() {
        let (two, three) = (logits(&[1.0, 0.0]), Logits::new(vec![0.0; 3], 3).unwrap());
        let members = Members {
            seen: Outputs { logits: &two, labels: &[0] },
            unseen: Outputs { logits: &three, labels: &[0] },
        };
        let options = Options { attacks: vec![], confidence: 0.95 };
        let error = audit(&members, &options, Seed::new(1)).unwrap_err();
        assert_eq!(error, ProbeError::Classes { seen: 2, unseen: 3 });
    }
}
