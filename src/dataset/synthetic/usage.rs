//! A log of how the classifier was used, one JSON object a line, each chained to the one before.

use crate::domain::{Seed, Stream, digest_hex};
use chrono::{DateTime, Duration};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Lines of the log.
const LINES: usize = 400;
/// Below this confidence a human must look, whatever the decision.
const REVIEW_BELOW: f64 = 0.7;
/// An approval that ended before the first line of the log.
const EXPIRED: (&str, &str) = ("AP-2024-07", "2025-12-31");
/// Rule, as the check of that name after `usage_`, → lines that break it when planted.
const BREACHES: [(&str, usize); 5] = [
    ("approval_expired", 7),
    ("missing_field", 4),
    ("missing_review", 9),
    ("prohibited_use", 5),
    ("purpose_not_allowed", 6),
];

/// The rules of use that the log is meant to keep, as plain data.
#[derive(Debug, Clone, PartialEq)]
pub struct UsageFacts {
    /// Purposes that are allowed.
    pub purposes: Vec<String>,
    /// Domains that are allowed.
    pub domains: Vec<String>,
    /// Uses that are forbidden.
    pub prohibited_uses: Vec<String>,
    /// Approval → last day on which it holds, `YYYY-MM-DD`.
    pub approvals: BTreeMap<String, String>,
    /// Confidence below which a human must look, 0 to 1.
    pub review_below: f64,
    /// Fields that every line must have.
    pub required_fields: Vec<String>,
}

/// The rules of use of the generated log.
#[must_use]
pub fn usage_facts() -> UsageFacts {
    let list = |items: &[&str]| items.iter().map(|i| (*i).to_owned()).collect();
    let approvals = [("AP-2026-01", "2027-06-30"), ("AP-2026-02", "2028-12-31"), EXPIRED];
    UsageFacts {
        purposes: list(&["triage", "second_opinion", "follow_up"]),
        domains: list(&["dermatology", "teledermatology"]),
        prohibited_uses: list(&["insurance_pricing", "recruitment_screening", "identification"]),
        approvals: approvals.map(|(id, until)| (id.to_owned(), until.to_owned())).into(),
        review_below: REVIEW_BELOW,
        required_fields: list(&[
            "id",
            "ts",
            "actor",
            "approval_id",
            "purpose",
            "domain",
            "use",
            "region",
            "output",
            "review",
        ]),
    }
}

/// The log and what was planted in it.
#[derive(Debug)]
pub(super) struct Log {
    /// JSON Lines.
    pub(super) text: String,
    /// Rule → lines that break it.
    pub(super) breaches: BTreeMap<&'static str, u64>,
}

/// Writes the log, with breaches when `misuse`.
pub(super) fn write(misuse: bool, seed: Seed) -> Log {
    let mut records: Vec<Value> =
        (0..LINES).map(|i| record(i, &mut seed.child(&format!("usage/{i}")).stream())).collect();
    let breaches = if misuse { plant(&mut records, seed) } else { BTreeMap::new() };
    let (mut text, mut before) = (String::new(), "0".repeat(64));
    for mut record in records {
        record["prev_hash"] = json!(before);
        before = digest_hex(record.to_string().as_bytes());
        record["hash"] = json!(before);
        text.push_str(&record.to_string());
        text.push('\n');
    }
    Log { text, breaches }
}

fn record(i: usize, s: &mut Stream) -> Value {
    let facts = usage_facts();
    let minutes = i64::try_from(i * 320 + s.below(300)).unwrap_or(0);
    let confidence = f64::from(u32::try_from(510 + s.below(490)).unwrap_or(0)) / 1000.0;
    let malignant = s.flip(0.4);
    let label = if malignant { "malignant" } else { "benign" };
    let decision = if malignant { "adverse" } else { "favourable" };
    let purpose = s.below(facts.purposes.len());
    let task = ["image_review", "referral_letter", "progress_check"][purpose];
    let domain = &facts.domains[s.below(facts.domains.len())];
    let version = digest_hex(b"lesion-triage 1.4.0");
    let (role, approval) =
        (pick(s, ["dermatologist", "nurse"]), pick(s, ["AP-2026-01", "AP-2026-02"]));
    let (region, age_band) = (pick(s, ["eu", "cn", "us"]), pick(s, ["18-39", "40-59", "60+"]));
    json!({
        "v": 1,
        "id": format!("call-{:05}", i + 1),
        "ts": at(minutes),
        "model": {"name": "lesion-triage", "version": "1.4.0", "sha256": version},
        "actor": {"id_hash": hash(s), "role": role, "kind": "human"},
        "approval_id": approval,
        "purpose": facts.purposes[purpose],
        "domain": domain,
        "use": task,
        "region": region,
        "subject": {"id_hash": hash(s), "age_band": age_band, "consent": true},
        "input": {"sha256": digest_hex(&s.bits().to_le_bytes()), "modality": "image"},
        "output": {"label": label, "confidence": confidence, "decision": decision},
        "review": review(malignant || confidence < REVIEW_BELOW, minutes, s),
    })
}

fn review(required: bool, minutes: i64, s: &mut Stream) -> Value {
    if !required {
        return json!({"required": false, "done": false, "by_hash": null, "at": null, "changed": false});
    }
    let at = at(minutes + 5 + i64::try_from(s.below(50)).unwrap_or(0));
    json!({"required": true, "done": true, "by_hash": hash(s), "at": at, "changed": s.flip(0.1)})
}

/// RFC 3339, minutes after 2026-03-01.
fn at(minutes: i64) -> String {
    let start = DateTime::UNIX_EPOCH + Duration::days(20_513);
    (start + Duration::minutes(minutes)).format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn hash(s: &mut Stream) -> String {
    format!("{:016x}", s.bits())
}

fn pick<const N: usize>(s: &mut Stream, from: [&'static str; N]) -> &'static str {
    from[s.below(N)]
}

/// Breaks each rule on lines of its own.
fn plant(records: &mut [Value], seed: Seed) -> BTreeMap<&'static str, u64> {
    let mut s = seed.child("plant/misuse").stream();
    let mut lines: Vec<usize> = (0..records.len()).collect();
    s.shuffle(&mut lines);
    let mut lines = lines.into_iter();
    let mut counts = BTreeMap::new();
    for (rule, wanted) in BREACHES {
        for (i, line) in lines.by_ref().take(wanted).enumerate() {
            break_rule(&mut records[line], rule, i);
            *counts.entry(rule).or_default() += 1;
        }
    }
    counts
}

fn break_rule(record: &mut Value, rule: &str, i: usize) {
    let none =
        json!({"required": true, "done": false, "by_hash": null, "at": null, "changed": false});
    match rule {
        "approval_expired" => record["approval_id"] = json!(EXPIRED.0),
        "missing_review" => {
            record["output"]["label"] = json!("malignant");
            record["output"]["decision"] = json!("adverse");
            record["output"]["confidence"] = json!(0.62);
            record["review"] = none;
        }
        "missing_field" => {
            let field = ["region", "actor"][i % 2];
            record.as_object_mut().and_then(|fields| fields.remove(field));
        }
        "prohibited_use" => {
            let uses = usage_facts().prohibited_uses;
            record["use"] = json!(uses[i % uses.len()]);
        }
        _ => record["purpose"] = json!(["marketing", "staff_rating"][i % 2]),
    }
}
