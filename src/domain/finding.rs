//! One measured fact: what was measured, about whom, the number, how sure, and the evidence.

use super::meta::Meta;
use super::seed::digest_hex;
use super::value::{Undefined, Value};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// `feature → level`.
pub type GroupKey = BTreeMap<String, String>;

/// The key of an earlier run in the `reference` of a subject; no feature is called so.
pub const BASELINE: &str = "(baseline)";

/// The room that a finding comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// The data set itself.
    Dataset,
    /// Groups.
    Fairness,
    /// Membership and personal data.
    Privacy,
    /// The usage log against the policy.
    Misuse,
}

/// Identity of a finding: depends on its check and subject only, so it is the same in the next run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FindingId(String);

impl FindingId {
    /// Sixteen hexadecimal digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// The rows it was measured on, e.g. `test`; absent for logs and tables.
    pub split: Option<String>,
    /// The features that form the groups; empty for the whole population.
    pub by: Vec<String>,
    /// The group; null for a comparison between all groups or the whole population.
    pub group: Option<GroupKey>,
    /// The group it is compared with, in a pair comparison (signed `group − reference`).
    pub reference: Option<GroupKey>,
    /// The stratum that both groups belong to, in a comparison under a control feature; `(mean)` or
    /// `(worst)` for all strata together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<GroupKey>,
    /// The full name of the attack, for membership.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attack: Option<String>,
    /// The place in the data: `file` or `file:column`, for personal data; the log's name for misuse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The kind of personal data (`EMAIL`), or the policy rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
}

impl Subject {
    /// Whether it is compared with an earlier run rather than with another group.
    #[must_use]
    pub fn against_baseline(&self) -> bool {
        self.reference.as_ref().is_some_and(|reference| reference.contains_key(BASELINE))
    }
}

/// A confidence interval.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Confidence level, e.g. 0.95.
    pub level: f64,
    /// How it was made: `wilson`, `newcombe`, `katz_log`, `delong`, `clopper_pearson`, …
    pub method: String,
}

impl Interval {
    /// Whether it belongs to a ratio, whose errors are even on the scale of logarithms.
    #[must_use]
    pub fn is_of_ratio(&self) -> bool {
        let method = self.method.trim_end_matches(", effective n");
        ["katz_log", "koopman", "mover_ratio"].iter().any(|end| method.ends_with(end))
    }
}

/// A place where personal data was found. The text itself is masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Masked {
    /// Row of the table, from 1 for the first data row; or the position in a list of names.
    pub row: u64,
    /// Column, or `name` for a file name.
    pub column: String,
    /// Kind of personal data.
    pub label: String,
    /// Shape only, e.g. `1101**********411X`.
    pub masked: String,
}

/// A line of a log that shows a violation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogLine {
    /// Line in the file, from 1.
    pub line: u64,
    /// The record's own id, if it has one.
    pub id: String,
    /// What is wrong, in the policy's words.
    pub message: String,
}

/// One row of a small table of evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// What it is, e.g. a group label or an interval's name.
    pub name: String,
    /// The number; null where undefined.
    pub value: Option<f64>,
    /// Rows behind it.
    pub n: u64,
}

/// What a finding rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Evidence {
    /// Named integer counts (`tp`, `fp`, `members`, …).
    Counts {
        /// Name → count.
        counts: BTreeMap<String, u64>,
    },
    /// A curve, e.g. the ROC: `x` and `y` have the same length.
    Curve {
        /// What it is, e.g. `roc`.
        name: String,
        /// Abscissae.
        x: Vec<f64>,
        /// Ordinates.
        y: Vec<f64>,
    },
    /// Named numbers, e.g. the groups that form a gap, or a null run.
    Numbers {
        /// What they are, e.g. `extremes`, `null_run`, `resolution`.
        name: String,
        /// The numbers.
        cells: Vec<Cell>,
    },
    /// Personal data, masked.
    Cells {
        /// Where.
        cells: Vec<Masked>,
    },
    /// Log lines, the first examples.
    Lines {
        /// Where.
        lines: Vec<LogLine>,
    },
}

/// One measured fact.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "Record", try_from = "Record")]
pub struct Finding {
    /// Stable code of the check.
    pub code: String,
    /// The check's name.
    pub check: String,
    /// The room it comes from.
    pub stage: Stage,
    /// What it is about.
    pub subject: Subject,
    /// The number, or why there is none.
    pub value: Value,
    /// How sure.
    pub interval: Option<Interval>,
    /// Rows that the number rests on.
    pub n: u64,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}

impl Finding {
    /// A finding without interval and evidence yet.
    #[must_use]
    pub fn new(meta: &Meta, stage: Stage, subject: Subject, value: Value, n: u64) -> Self {
        Self {
            code: meta.code.to_owned(),
            check: meta.name.to_owned(),
            stage,
            subject,
            value,
            interval: None,
            n,
            evidence: Vec::new(),
        }
    }

    /// The same finding with an interval.
    #[must_use]
    pub fn with_interval(mut self, interval: Option<Interval>) -> Self {
        self.interval = interval;
        self
    }

    /// The same finding with one more piece of evidence.
    #[must_use]
    pub fn with(mut self, evidence: Evidence) -> Self {
        self.evidence.push(evidence);
        self
    }

    /// Identity from check and subject.
    #[must_use]
    pub fn id(&self) -> FindingId {
        let subject = serde_json::to_string(&self.subject)
            .unwrap_or_else(|_| unreachable!("a subject is made of strings"));
        let digest = digest_hex(format!("{}\n{subject}", self.check).as_bytes());
        FindingId(digest[..16].to_owned())
    }
}

/// The JSON shape of a finding.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Record {
    id: FindingId,
    code: String,
    check: String,
    stage: Stage,
    subject: Subject,
    value: Option<f64>,
    undefined: Option<Undefined>,
    interval: Option<Interval>,
    n: u64,
    evidence: Vec<Evidence>,
}

impl From<Finding> for Record {
    fn from(f: Finding) -> Self {
        let id = f.id();
        let (value, undefined) = match f.value {
            Ok(v) => (Some(v), None),
            Err(u) => (None, Some(u)),
        };
        let Finding { code, check, stage, subject, interval, n, evidence, .. } = f;
        Self { id, code, check, stage, subject, value, undefined, interval, n, evidence }
    }
}

impl TryFrom<Record> for Finding {
    type Error = String;

    fn try_from(r: Record) -> Result<Self, String> {
        let value = match (r.value, r.undefined) {
            (Some(v), None) => Ok(v),
            (None, Some(u)) => Err(u),
            _ => return Err(format!("finding {} needs either a value or a reason", r.id.0)),
        };
        let Record { code, check, stage, subject, interval, n, evidence, .. } = r;
        Ok(Self { code, check, stage, subject, value, interval, n, evidence })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Ideal;

    const META: Meta =
        Meta { code: "FA002", name: "true_positive_rate", ideal: Ideal::One, explain: "" };

    fn finding(value: Value) -> Finding {
        Finding::new(&META, Stage::Fairness, Subject::default(), value, 310)
    }

    #[test]
    fn the_identity_ignores_the_number() {
        assert_eq!(finding(Ok(0.5)).id(), finding(Err(Undefined::Empty)).id());
        let mut other = finding(Ok(0.5));
        other.subject.by = vec!["sex".to_owned()];
        assert_ne!(other.id(), finding(Ok(0.5)).id());
    }

    #[test]
    fn json_holds_a_number_or_a_reason_and_reads_back() {
        for value in [Ok(0.812_7), Err(Undefined::NoPositives)] {
            let f = finding(value);
            let json = serde_json::to_string(&f).unwrap();
            assert_eq!(serde_json::from_str::<Finding>(&json).unwrap(), f);
        }
        let json = serde_json::to_string(&finding(Err(Undefined::NoPositives))).unwrap();
        assert!(json.contains(r#""value":null,"undefined":{"kind":"no_positives"}"#), "{json}");
    }
}
