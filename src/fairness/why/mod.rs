//! Why groups are treated differently, and what would change it: parts of a gap, and the thresholds
//! at which a rule would pass.

mod curves;
mod groups;
mod labels;
mod manual;
mod parts;
mod thresholds;

pub use thresholds::ThresholdRule;

use super::ranking::Ranking;
use super::{Frame, Options};
use crate::domain::{Finding, Groups, Meta, Stage, Subject, Undefined};
use crate::stats::newcombe;
use groups::{Group, Members, Scored, cell, numbers};
use rayon::prelude::*;
use thresholds::{Swept, cuts};

/// The manuals, in the order of the findings.
pub(super) fn metas() -> impl Iterator<Item = &'static Meta> {
    [&manual::PARTS, &manual::ROC, &manual::RELIABILITY, &manual::THRESHOLDS]
        .into_iter()
        .chain(&manual::LABELS)
}

/// Explains the gaps of every grouping: the parts of each group's gap to the reference, the
/// curves of the scores, for each rule the thresholds that would keep it, and how many wrong labels
/// would close each gap.
#[must_use]
pub fn explain(frame: &Frame, options: &Options, rules: &[ThresholdRule]) -> Vec<Finding> {
    let ranks = !frame.groups.is_empty() && frame.weight.is_none();
    let ranking = if ranks { Ranking::of(frame) } else { None };
    explained(frame, ranking.as_ref(), options, rules)
}

/// The same with a ranking at hand.
pub(super) fn explained(
    frame: &Frame,
    ranking: Option<&Ranking<'_>>,
    options: &Options,
    rules: &[ThresholdRule],
) -> Vec<Finding> {
    if frame.groups.is_empty() {
        return Vec::new();
    }
    if frame.weight.is_some() {
        let because = "it counts rows, and these rows carry weights".to_owned();
        let subject = Subject { split: Some(frame.split.name().to_owned()), ..Subject::default() };
        let refused = |meta| {
            let value = Err(Undefined::NotRun { because: because.clone() });
            Finding::new(meta, Stage::Fairness, subject.clone(), value, 0)
        };
        return metas().map(refused).collect();
    }
    let scored = ranking.map(Scored::of);
    let of_one = |grouping: &Groups| {
        let members = Members::of(frame, grouping, scored.as_ref(), options);
        let mut findings = gaps(&members, options);
        let reference = members.reference(options);
        let wrong = reference.map(|reference| labels::findings(&members, reference));
        findings.extend(curves::findings(&members, options.min_group_size));
        findings.extend(sweeps(&members, rules));
        findings.extend(wrong.into_iter().flatten());
        findings
    };
    frame.groups.par_iter().map(of_one).collect::<Vec<_>>().concat()
}

/// The parts of each group's gap.
fn gaps(members: &Members<'_>, options: &Options) -> Vec<Finding> {
    let Some(reference) = members.reference(options) else { return Vec::new() };
    let others = members.large.iter().filter(|group| group.id != reference.id);
    others.map(|group| gap(members, [group, reference], options.confidence)).collect()
}

fn gap(members: &Members<'_>, [group, reference]: [&Group; 2], confidence: f64) -> Finding {
    let (own, other) = (group.counts, reference.counts);
    let rows = own.n() + other.n();
    let subject = members.pair(group, reference);
    let found = parts::parts(group, reference).map_err(|(reason, of_reference)| {
        members.undefined(if of_reference { reference } else { group }, reason)
    });
    let parts = match found {
        Ok(parts) => parts,
        Err(reason) => {
            return Finding::new(&manual::PARTS, Stage::Fairness, subject, Err(reason), rows);
        }
    };
    let mut cells = vec![cell("base_rate", parts.base_rate, rows)];
    match (parts.score_distribution, parts.operating_point()) {
        (Some(scores), Some(cut)) => {
            cells.push(cell("score_distribution", scores, rows));
            cells.push(cell("operating_point", cut, rows));
        }
        _ => cells.push(cell("error_rates", parts.error_rates, rows)),
    }
    let share = |c: crate::domain::Confusion| (c.selected(), c.n());
    let interval = newcombe(share(own), share(other), confidence);
    Finding::new(&manual::PARTS, Stage::Fairness, subject, Ok(parts.gap), rows)
        .with_interval(interval)
        .with(numbers("parts", cells))
}

/// The thresholds that keep each rule.
fn sweeps(members: &Members<'_>, rules: &[ThresholdRule]) -> Vec<Finding> {
    let known: Vec<ThresholdRule> = rules.iter().filter(|r| r.is_known()).cloned().collect();
    let cuts = members.scored.map(|scored| cuts(members, scored, &known)).unwrap_or_default();
    let rows = members.groups.of().len();
    let rows = u64::try_from(rows).unwrap_or_else(|_| unreachable!("usize fits u64"));
    let one = |(at, rule): (usize, &ThresholdRule)| {
        let subject = Subject { label: Some(rule.check.clone()), ..members.subject() };
        let swept = Swept { cuts: &cuts, rule: at, bound: rule.bound, rows };
        let refusal = match members.scored {
            None => Some(Undefined::NoScores),
            Some(_) => thresholds::refusal(members, rule),
        };
        let value = match refusal {
            Some(reason) => Err(reason),
            None => swept.share().ok_or(Undefined::ZeroDenominator),
        };
        let found = value.is_ok();
        let finding = Finding::new(&manual::THRESHOLDS, Stage::Fairness, subject, value, rows);
        if found { swept.evidence().into_iter().fold(finding, Finding::with) } else { finding }
    };
    known.iter().enumerate().map(one).collect()
}

#[cfg(test)]
mod tests;
