//! Misuse: a usage log against a usage policy.
//!
//! The log is typed first, so that a malformed or incomplete record is a finding and not a silent
//! pass; then the policy (Rego, the shipped one or one's own) is evaluated record by record.

mod canary;
mod count;
mod facts;
mod log;
mod policy;
mod record;
mod references;
mod rules;
mod schema;
mod text;
mod tokens;

pub use count::audit;
pub use facts::Facts;
pub use log::{Log, LogError};
pub use policy::{At, Policy, PolicyError};
pub use rules::checks;

/// Why a log could not be audited.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum MisuseError {
    /// A required field is not one of the record's.
    #[error("a record has no field `{field}`{help}")]
    UnknownField {
        /// The field.
        field: String,
        /// `; did you mean …?`, or nothing.
        help: String,
    },
    /// An approval's last day is not a date.
    #[error(
        "the approval `{id}` expires on `{expires}`, which is not a date of the form YYYY-MM-DD"
    )]
    Date {
        /// The approval.
        id: String,
        /// What was found.
        expires: String,
    },
    /// A number is outside its range.
    #[error("`{name}` is {value}, which is not between 0 and 1")]
    Number {
        /// The key.
        name: &'static str,
        /// What was found.
        value: f64,
    },
    /// The policy fails on a record.
    #[error("the policy `{policy}` fails on line {line} of the log: {message}")]
    Evaluation {
        /// The policy's name.
        policy: String,
        /// The line, from 1; 0 for the facts.
        line: u64,
        /// What the engine says.
        message: String,
    },
}

#[cfg(test)]
mod tests;
