//! What the gate asks of a check, and how it may answer.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The limit of a gate rule.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bound {
    /// The value must not exceed this.
    AtMost(f64),
    /// The value must not fall below this.
    AtLeast(f64),
}

impl Bound {
    /// The number.
    #[must_use]
    pub fn limit(self) -> f64 {
        match self {
            Self::AtMost(limit) | Self::AtLeast(limit) => limit,
        }
    }

    /// Whether `value` keeps the bound; equality passes.
    #[must_use]
    pub fn holds(self, value: f64) -> bool {
        match self {
            Self::AtMost(limit) => value <= limit,
            Self::AtLeast(limit) => value >= limit,
        }
    }
}

/// Which number of a finding is compared with the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Judge {
    /// The value; a pass whose interval crosses the bound is a warning.
    #[default]
    Point,
    /// The lower end of the interval.
    Lower,
    /// The upper end of the interval.
    Upper,
    /// Fail only if the whole interval is beyond, pass only if it is wholly inside.
    Interval,
}

/// What an undefined value means to a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnUndefined {
    /// The rule is undecided, which does not pass.
    #[default]
    Undecided,
    /// The rule passes; the configuration must say why.
    Pass,
}

/// The groupings that a rule covers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// `by: "*"`: every declared grouping.
    Every,
    /// One grouping, e.g. `["sex"]` or `["sex", "age_group"]`.
    Features(Vec<String>),
    /// No `by`: the whole population, or a check that knows no groups.
    Whole,
}

/// One rule of the gate. `code`s and names are resolved by the caller.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GateRule {
    /// The check's name.
    pub check: String,
    /// The groupings.
    pub by: By,
    /// The level of one group, for per-group checks; none for comparisons.
    pub group: Option<BTreeMap<String, String>>,
    /// Only this attack; none means each attack must keep the bound.
    pub attack: Option<String>,
    /// Only this kind of personal data or policy rule.
    pub label: Option<String>,
    /// The limit.
    pub bound: Bound,
    /// Which number is judged.
    pub judge: Judge,
    /// What an undefined value means.
    pub on_undefined: OnUndefined,
    /// Why an undefined value may pass.
    pub because: Option<String>,
    /// Line in the configuration, from 1, for SARIF and messages.
    pub line: u64,
}

/// The answer of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The bound is kept.
    Pass,
    /// A failed rule that somebody accepted, with a reason and a date.
    Waived,
    /// Kept, but the interval crosses the bound.
    Warn,
    /// The data cannot tell. Does not pass.
    Undecided,
    /// The check did not run. Does not pass.
    NotRun,
    /// The bound is broken.
    Fail,
}

impl Verdict {
    /// The name in the record.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Waived => "waived",
            Self::Warn => "warn",
            Self::Undecided => "undecided",
            Self::NotRun => "not_run",
            Self::Fail => "fail",
        }
    }

    /// Whether the run may end with exit code 0.
    #[must_use]
    pub fn lets_pass(self) -> bool {
        matches!(self, Self::Pass | Self::Waived | Self::Warn)
    }
}

/// A failed rule that somebody accepts for a while. Dates are `YYYY-MM-DD`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Waiver {
    /// The check's name.
    pub check: String,
    /// The grouping, as in the gate; none matches any.
    #[serde(default)]
    pub by: Option<String>,
    /// The attack; none matches any.
    #[serde(default)]
    pub attack: Option<String>,
    /// The kind of personal data or policy rule; none matches any.
    #[serde(default)]
    pub label: Option<String>,
    /// Why the breach is accepted.
    pub because: String,
    /// Last day on which it is accepted.
    pub until: String,
    /// Who answers for it.
    pub owner: String,
}
