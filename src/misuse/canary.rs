//! A record with every field, and facts of every kind. A policy is evaluated on it when it is
//! loaded, so that a mistake that only shows at evaluation shows before the audit.

use super::Facts;
use super::record::{Actor, ActorKind, Decision, Input, Model, Output, Person, Record, Review};

/// A record in which every field is present.
pub(super) fn record() -> Record {
    let text = |s: &str| Some(s.to_owned());
    Record {
        v: Some(1),
        id: text("canary"),
        ts: text("2026-01-02T03:04:05Z"),
        model: Some(Model { name: text("m"), version: text("1"), sha256: text("00") }),
        actor: Some(Actor {
            id_hash: text("a"),
            role: text("dermatologist"),
            kind: Some(ActorKind::Human),
        }),
        approval_id: text("A-1"),
        purpose: text("triage"),
        domain: text("dermatology"),
        r#use: text("second-reading"),
        region: text("eu"),
        subject: Some(Person { id_hash: text("s"), age_band: text("18+"), consent: Some(true) }),
        input: Some(Input { sha256: text("00"), modality: text("image"), ood_score: Some(0.5) }),
        output: Some(Output {
            label: text("malignant"),
            confidence: Some(0.5),
            decision: Some(Decision::Adverse),
        }),
        review: Some(Review {
            required: Some(true),
            done: Some(true),
            by_hash: text("r"),
            at: text("2026-01-02T03:05:05Z"),
            changed: Some(false),
        }),
        prev_hash: text("00"),
        hash: text("00"),
    }
}

/// Facts under which the record breaks no rule.
pub(super) fn facts() -> Facts {
    Facts {
        purposes: vec!["triage".to_owned()],
        domains: vec!["dermatology".to_owned()],
        prohibited_uses: vec!["self-diagnosis".to_owned()],
        approvals: [("A-1".to_owned(), "2026-06-30".to_owned())].into(),
        review_below: 0.8,
        required_fields: vec!["purpose".to_owned(), "actor.role".to_owned()],
        confidence: 0.95,
    }
}
