//! From denials to findings: how many records break each rule, and which ones show it.

use super::log::{Entry, Log};
use super::policy::{Denial, Policy};
use super::rules::{MalformedRecord, MissingField, PolicyViolation, RULES, Violations};
use super::schema::is_missing;
use super::text::tame;
use super::{Facts, MisuseError};
use crate::domain::{Evidence, Finding, LogLine, Meta, Stage, Subject, Undefined, rate};
use crate::stats::clopper_pearson;
use rayon::prelude::*;
use std::collections::BTreeMap;

/// Lines that a finding shows.
const EXAMPLES: usize = 5;

/// Records that one thread takes at a time.
const CHUNK: usize = 1024;

/// Audits a log: `usage_violations`, `usage_malformed_record`, `usage_missing_field`, then one finding
/// per rule of the policy in its order, also for rules that no record breaks.
///
/// Shares carry an exact interval (Clopper and Pearson 1934) at `facts.confidence`, counts of
/// violations and records, and the first five lines.
///
/// # Errors
/// A fact is out of range, or the policy fails on a record: an audit that skipped a record would look
/// cleaner than the log is.
pub fn audit(log: &Log, policy: &Policy, facts: &Facts) -> Result<Vec<Finding>, MisuseError> {
    facts.check()?;
    let denials = denials(log, policy, facts)?;
    let mut findings = vec![violations(log, &denials), malformed(log, facts), missing(log, facts)];
    for rule in policy.rules() {
        findings.push(broken(log, policy, facts, (rule, &denials)));
    }
    Ok(findings)
}

/// What each record breaks, in the order of the log whatever the number of threads.
fn denials(log: &Log, policy: &Policy, facts: &Facts) -> Result<Vec<Vec<Denial>>, MisuseError> {
    let value = facts.to_value();
    let chunk = |entries: &[Entry]| {
        let mut machine = policy.machine(value.clone())?;
        entries.iter().map(|e| machine.deny(e.line, &e.record)).collect::<Result<Vec<_>, _>>()
    };
    let chunks: Vec<Result<Vec<_>, _>> = log.entries().par_chunks(CHUNK).map(chunk).collect();
    let mut denials = Vec::with_capacity(log.len());
    for chunk in chunks {
        denials.extend(chunk?);
    }
    Ok(denials)
}

fn violations(log: &Log, denials: &[Vec<Denial>]) -> Finding {
    let broken = log.entries().iter().zip(denials).filter(|(_, d)| !d.is_empty());
    let (mut count, mut lines) = (0, Vec::new());
    for (entry, denied) in broken {
        count += 1;
        if lines.len() < EXAMPLES {
            let rules: Vec<&str> = denied.iter().map(|d| d.rule.as_str()).collect();
            lines.push(line(entry, &rules.join(", ")));
        }
    }
    let n = records(log);
    let value = Ok(crate::domain::to_f64(count));
    let finding = Finding::new(&Violations::META, Stage::Misuse, subject(log, None), value, n);
    evidence(finding, counts(count, n), lines)
}

fn malformed(log: &Log, facts: &Facts) -> Finding {
    let found = log.malformed();
    let count = to_count(found.len());
    let n = records(log) + count;
    let lines = found.iter().take(EXAMPLES).cloned().collect();
    let finding = share(&MalformedRecord::META, subject(log, None), (count, n), facts);
    evidence(finding, counts(count, n), lines)
}

fn missing(log: &Log, facts: &Facts) -> Finding {
    let n = records(log);
    if facts.required_fields.is_empty() {
        return idle(&MissingField::META, subject(log, None), n, "no field is required");
    }
    let (mut count, mut lines) = (0, Vec::new());
    let mut fields: BTreeMap<String, u64> =
        facts.required_fields.iter().map(|field| (field.clone(), 0)).collect();
    for entry in log.entries() {
        let json = serde_json::to_value(&entry.record)
            .unwrap_or_else(|_| unreachable!("a record is made of texts, numbers and flags"));
        let lacking: Vec<&str> = fields
            .iter_mut()
            .filter(|(field, _)| is_missing(&json, field))
            .map(|(field, times)| {
                *times += 1;
                field.as_str()
            })
            .collect();
        if !lacking.is_empty() {
            count += 1;
            if lines.len() < EXAMPLES {
                lines.push(line(entry, &format!("missing: {}", lacking.join(", "))));
            }
        }
    }
    let finding = share(&MissingField::META, subject(log, None), (count, n), facts);
    fields.extend(counts(count, n));
    evidence(finding, fields, lines)
}

/// The finding of one rule.
fn broken(
    log: &Log,
    policy: &Policy,
    facts: &Facts,
    (rule, denials): (&str, &[Vec<Denial>]),
) -> Finding {
    let known = RULES.iter().find(|r| r.name == rule);
    let meta = known.map_or(&PolicyViolation::META, |r| r.meta);
    let subject = subject(log, Some(rule));
    let n = records(log);
    if let Some(because) = known.filter(|_| policy.is_built_in()).and_then(|r| (r.idle)(facts)) {
        return idle(meta, subject, n, because);
    }
    let (mut count, mut lines) = (0, Vec::new());
    for (entry, denied) in log.entries().iter().zip(denials) {
        if let Some(denial) = denied.iter().find(|d| d.rule == rule) {
            count += 1;
            if lines.len() < EXAMPLES {
                lines.push(line(entry, &denial.message));
            }
        }
    }
    evidence(share(meta, subject, (count, n), facts), counts(count, n), lines)
}

fn share(meta: &Meta, subject: Subject, (hits, n): (u64, u64), facts: &Facts) -> Finding {
    Finding::new(meta, Stage::Misuse, subject, rate(hits, n, Undefined::Empty), n)
        .with_interval(clopper_pearson(hits, n, facts.confidence))
}

fn idle(meta: &Meta, subject: Subject, n: u64, because: &str) -> Finding {
    let value = Err(Undefined::NotRun { because: because.to_owned() });
    Finding::new(meta, Stage::Misuse, subject, value, n)
}

fn evidence(finding: Finding, counts: BTreeMap<String, u64>, lines: Vec<LogLine>) -> Finding {
    let finding = finding.with(Evidence::Counts { counts });
    if lines.is_empty() { finding } else { finding.with(Evidence::Lines { lines }) }
}

fn counts(violations: u64, records: u64) -> BTreeMap<String, u64> {
    [("violations".to_owned(), violations), ("records".to_owned(), records)].into()
}

fn subject(log: &Log, rule: Option<&str>) -> Subject {
    Subject {
        place: Some(log.name().to_owned()),
        label: rule.map(str::to_owned),
        ..Subject::default()
    }
}

fn line(entry: &Entry, message: &str) -> LogLine {
    let id = tame(entry.record.id.as_deref().unwrap_or_default());
    LogLine { line: entry.line, id, message: tame(message) }
}

fn records(log: &Log) -> u64 {
    to_count(log.len())
}

fn to_count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or_else(|_| unreachable!("usize fits u64"))
}
