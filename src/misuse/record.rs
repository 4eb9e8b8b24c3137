//! One line of a usage log, typed. Absent fields are `None`; a wrong type never gets this far.

use serde::{Deserialize, Serialize};

/// Declares the objects of a record: every field optional, unknown fields refused, absent fields
/// not written, so that the policy sees them as undefined.
macro_rules! object {
    ($(#[doc = $doc:literal])* $name:ident { $($(#[doc = $about:literal])* $field:ident: $type:ty,)* }) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub(super) struct $name {
            $(
                $(#[doc = $about])*
                #[serde(skip_serializing_if = "Option::is_none")]
                pub(super) $field: Option<$type>,
            )*
        }
    };
}

/// Who acted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum ActorKind {
    /// A person.
    Human,
    /// A program.
    Service,
}

/// What the decision meant for the person it was about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Decision {
    /// To their disadvantage.
    Adverse,
    /// To their advantage.
    Favourable,
    /// No decision was taken.
    None,
}

object! {
    /// The model that answered.
    Model {
        /// Name.
        name: String,
        /// Version.
        version: String,
        /// SHA-256 of its weights.
        sha256: String,
    }
}

object! {
    /// Who asked.
    Actor {
        /// Pseudonym.
        id_hash: String,
        /// Role.
        role: String,
        /// Person or program.
        kind: ActorKind,
    }
}

object! {
    /// Whom it was about.
    Person {
        /// Pseudonym.
        id_hash: String,
        /// Age band, e.g. `14-17`.
        age_band: String,
        /// Whether consent was given.
        consent: bool,
    }
}

object! {
    /// What went in.
    Input {
        /// SHA-256.
        sha256: String,
        /// `image`, `tabular`, `text`, …
        modality: String,
        /// How unlike the training data it is; the larger the further.
        ood_score: f64,
    }
}

object! {
    /// What came out.
    Output {
        /// Predicted class.
        label: String,
        /// Probability of that class, 0 to 1.
        confidence: f64,
        /// What it meant.
        decision: Decision,
    }
}

object! {
    /// The human review.
    Review {
        /// Whether one was required.
        required: bool,
        /// Whether one took place.
        done: bool,
        /// Pseudonym of the reviewer.
        by_hash: String,
        /// When, RFC 3339.
        at: String,
        /// Whether the reviewer changed the decision.
        changed: bool,
    }
}

object! {
    /// One use of the classifier.
    Record {
        /// Version of this shape: 1.
        v: u64,
        /// The record's own name.
        id: String,
        /// When, RFC 3339; brought to UTC when the log is read.
        ts: String,
        /// The model that answered.
        model: Model,
        /// Who asked.
        actor: Actor,
        /// Under which approval.
        approval_id: String,
        /// What for.
        purpose: String,
        /// In which field.
        domain: String,
        /// In which way.
        r#use: String,
        /// Where.
        region: String,
        /// Whom it was about.
        subject: Person,
        /// What went in.
        input: Input,
        /// What came out.
        output: Output,
        /// The human review.
        review: Review,
        /// Hash of the line before.
        prev_hash: String,
        /// Hash of this line.
        hash: String,
    }
}
