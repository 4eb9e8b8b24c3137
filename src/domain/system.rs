//! What the classifier is for. Feeds severity, misuse and the report's first page.

use serde::{Deserialize, Serialize};

/// What a wrong decision can do to a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HarmKind {
    /// Life and health.
    Safety,
    /// Rights and access: work, education, justice, public services.
    Rights,
    /// Money and credit.
    Finance,
    /// Privacy and reputation.
    Privacy,
    /// Inconvenience: a worse recommendation.
    Quality,
}

/// The declared harm of a wrong decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Harm {
    /// Its kind.
    pub kind: HarmKind,
    /// Whether it can be undone.
    pub reversible: bool,
    /// Whether minors are among those decided about.
    pub minors: bool,
}

/// Who answers for the system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Owner {
    /// Name of the team or person.
    pub name: String,
    /// Where to reach them.
    pub contact: String,
}

/// The declared system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct System {
    /// The audit's name.
    pub name: String,
    /// What the classifier is for, in words.
    pub purpose: String,
    /// Profile: `medical-imaging`, `credit-scoring`, `recommendation`, `general`.
    pub domain: String,
    /// Who uses it.
    pub users: Vec<String>,
    /// What it is not for.
    pub out_of_scope: Vec<String>,
    /// Harm of a wrong decision.
    pub harm: Harm,
    /// `eu`, `cn`, `us`.
    pub jurisdictions: Vec<String>,
    /// Yearly volume, for the likelihood of log violations.
    pub decisions_per_year: Option<u64>,
    /// Who answers for it.
    pub owner: Option<Owner>,
}
