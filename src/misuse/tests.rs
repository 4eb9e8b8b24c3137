//! The policy and the audit as a whole; each part is tested beside its code.

use super::*;
use crate::domain::{Evidence, Finding, LogLine, Undefined};

fn log(lines: &[&str]) -> Log {
    Log::parse("usage.jsonl", lines.join("\n").as_bytes()).unwrap()
}

fn audited(lines: &[&str]) -> Vec<Finding> {
    audit(&log(lines), &Policy::built_in().unwrap(), &canary::facts()).unwrap()
}

fn of<'a>(findings: &'a [Finding], check: &str) -> &'a Finding {
    findings.iter().find(|f| f.check == check).unwrap()
}

fn violations(finding: &Finding) -> u64 {
    match &finding.evidence[0] {
        Evidence::Counts { counts } => counts["violations"],
        other => panic!("{other:?}"),
    }
}

fn lines(finding: &Finding) -> &[LogLine] {
    match finding.evidence.get(1) {
        Some(Evidence::Lines { lines }) => lines,
        _ => &[],
    }
}

/// Whether one record, the canary with `change`, breaks exactly `rule`.
fn breaks(change: &serde_json::Value, rule: Option<&str>) {
    let mut record = serde_json::to_value(canary::record()).unwrap();
    for (path, value) in change.as_object().unwrap() {
        let mut at = &mut record;
        for part in path.split('.') {
            at = &mut at[part];
        }
        *at = value.clone();
    }
    let findings = audited(&[&record.to_string()]);
    for f in findings.iter().filter(|f| f.subject.label.is_some()) {
        let expected = u64::from(f.subject.label.as_deref() == rule);
        assert_eq!(violations(f), expected, "{} for {change}", f.check);
    }
    assert_eq!(violations(of(&findings, "usage_violations")), u64::from(rule.is_some()));
}

#[test]
fn each_rule_fires_and_stops_just_before() {
    use serde_json::json;
    breaks(&json!({}), None);
    breaks(&json!({"purpose": "marketing"}), Some("purpose_not_allowed"));
    breaks(&json!({"purpose": "Triage"}), Some("purpose_not_allowed"));
    breaks(&json!({"purpose": null}), None);
    breaks(&json!({"domain": "radiology"}), Some("domain_not_allowed"));
    breaks(&json!({"domain": null}), None);
    breaks(&json!({"use": "self-diagnosis"}), Some("prohibited_use"));
    breaks(&json!({"use": "self-diagnosis "}), None);
    breaks(&json!({"ts": "2026-06-30T23:59:59Z"}), None);
    breaks(&json!({"ts": "2026-07-01T00:00:00Z"}), Some("approval_expired"));
    breaks(&json!({"ts": "2026-07-01T01:00:00+02:00"}), None);
    breaks(&json!({"ts": "2026-06-30T23:00:00-02:00"}), Some("approval_expired"));
    breaks(&json!({"approval_id": "A-2"}), Some("approval_unknown"));
    breaks(&json!({"approval_id": null}), None);
    breaks(&json!({"review": {"required": true, "done": false}}), Some("missing_review"));
    breaks(&json!({"review": {"required": true}}), Some("missing_review"));
    breaks(&json!({"review": null}), Some("missing_review"));
    breaks(&json!({"review": null, "output.confidence": 0.8}), None);
    breaks(&json!({"review": null, "output.confidence": 0.799_999}), Some("missing_review"));
    breaks(&json!({"review": null, "output.decision": "favourable"}), None);
}

#[test]
fn a_rule_that_nobody_breaks_is_a_finding_of_zero_with_its_interval() {
    let line = serde_json::to_string(&canary::record()).unwrap();
    let findings = audited(&[line.as_str(); 20]);
    assert_eq!(findings.len(), 9);
    let f = of(&findings, "usage_prohibited_use");
    assert_eq!((f.value.clone(), f.n), (Ok(0.0), 20));
    assert_eq!(f.subject.place.as_deref(), Some("usage.jsonl"));
    assert_eq!(f.subject.label.as_deref(), Some("prohibited_use"));
    // 1 − 0.025^(1/20), the exact upper end when none of 20 is seen.
    let high = f.interval.as_ref().unwrap().high;
    assert!((high - (1.0 - 0.025_f64.powf(0.05))).abs() < 1e-9, "{high}");
    assert!(lines(f).is_empty());
}

#[test]
fn missing_fields_are_counted_by_field_before_the_policy() {
    let findings = audited(&[
        r#"{"id":"a","purpose":"triage","actor":{"role":"nurse"}}"#,
        r#"{"id":"b","purpose":" "}"#,
        r#"{"id":"c","purpose":"triage"}"#,
    ]);
    let f = of(&findings, "usage_missing_field");
    let Evidence::Counts { counts } = &f.evidence[0] else { panic!() };
    let expected = [("actor.role", 2), ("purpose", 1), ("records", 3), ("violations", 2)];
    assert!(counts.iter().map(|(k, v)| (k.as_str(), *v)).eq(expected), "{counts:?}");
    assert_eq!(lines(f)[0].message, "missing: actor.role, purpose");
}

#[test]
fn five_examples_are_shown_and_hostile_text_is_tamed() {
    let hostile = r#"{"id":"x\u202ey","purpose":"<script>\u001b[2J"}"#;
    let findings = audited(&[hostile; 7]);
    let shown = lines(of(&findings, "usage_purpose_not_allowed"));
    assert_eq!((shown.len(), shown[4].line), (5, 5));
    assert_eq!(shown[0].id, "x\\u{202e}y");
    assert!(shown[0].message.contains("<script>\\u{1b}[2J"), "{}", shown[0].message);
}

#[test]
fn a_shipped_rule_without_its_facts_did_not_run() {
    let mut facts = canary::facts();
    facts.purposes.clear();
    facts.approvals.clear();
    facts.required_fields.clear();
    let findings =
        audit(&log(&[r#"{"purpose":"x"}"#]), &Policy::built_in().unwrap(), &facts).unwrap();
    let not_run: Vec<&str> = findings
        .iter()
        .filter(|f| matches!(f.value, Err(Undefined::NotRun { .. })))
        .map(|f| f.check.as_str())
        .collect();
    assert_eq!(
        not_run,
        [
            "usage_missing_field",
            "usage_purpose_not_allowed",
            "usage_approval_expired",
            "usage_approval_unknown"
        ]
    );
}

#[test]
fn the_order_of_the_examples_does_not_depend_on_threads() {
    let record = |i: usize| format!(r#"{{"id":"{i}","purpose":"marketing"}}"#);
    let all: Vec<String> = (0..5000).map(record).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let findings = audited(&all);
    let f = of(&findings, "usage_purpose_not_allowed");
    assert_eq!(violations(f), 5000);
    let ids: Vec<&str> = lines(f).iter().map(|l| l.id.as_str()).collect();
    assert_eq!(ids, ["0", "1", "2", "3", "4"]);
}

/// A custom policy with one rule of the given body.
fn custom(body: &str) -> Result<Policy, PolicyError> {
    let rego = format!(
        "package audit.usage\n\ndeny contains {{\"rule\": \"own\", \"message\": \"words\"}} if {{\n\t{body}\n}}\n"
    );
    Policy::compile("own.rego", &rego)
}

#[test]
fn a_rule_of_ones_own_is_a_policy_violation_with_its_name() {
    let policy = custom("input.region == \"us\"").unwrap();
    assert_eq!(policy.rules(), ["own"]);
    let records = [r#"{"region":"us"}"#, r#"{"region":"eu"}"#, "{}"];
    let findings = audit(&log(&records), &policy, &canary::facts()).unwrap();
    let f = of(&findings, "usage_policy_violation");
    assert_eq!((f.subject.label.as_deref(), violations(f), f.n), (Some("own"), 1, 3));
    assert_eq!(lines(f)[0].message, "words");
    assert_eq!(findings.len(), 4);
}

#[test]
fn a_misspelled_field_is_refused_with_a_suggestion() {
    let error = custom("input.output.confidnce < 0.5").unwrap_err();
    assert!(matches!(error, PolicyError::UnknownField { .. }));
    assert_eq!(
        error.to_string(),
        "own.rego:4:2: a record has no field `input.output.confidnce`; did you mean `input.output.confidence`?"
    );
}

#[test]
fn an_unknown_function_is_refused_at_load_wherever_it_stands() {
    for body in
        ["starts_with(input.purpose, \"t\")", "input.region == \"xx\"\n\tstarts_with(\"a\", \"b\")"]
    {
        let error = custom(body).unwrap_err().to_string();
        assert!(error.starts_with("own.rego:") && error.contains("starts_with"), "{error}");
    }
}

#[test]
fn a_syntax_error_carries_its_place() {
    let error = Policy::compile("own.rego", "package audit.usage\n\ndeny contains {").unwrap_err();
    let PolicyError::Rego { at, message } = error else { panic!("{error:?}") };
    assert_eq!((at.policy.as_str(), at.line), ("own.rego", 3));
    assert!(!message.is_empty() && !message.contains("-->"), "{message}");
}

#[test]
fn another_package_or_no_deny_is_refused() {
    for rego in [
        "package other\n\ndeny contains {\"rule\": \"a\", \"message\": \"m\"} if input.v == 1",
        "package audit.usage\n\nallow contains {\"rule\": \"a\", \"message\": \"m\"} if input.v == 1",
    ] {
        let error = Policy::compile("own.rego", rego).unwrap_err();
        assert_eq!(error, PolicyError::NoDeny { policy: "own.rego".to_owned() });
    }
}

#[test]
fn a_policy_that_runs_away_is_stopped() {
    let body =
        "some i in numbers.range(1, 2000)\n\tsome j in numbers.range(1, 2000)\n\ti * j == -1";
    let error = custom(body).unwrap_err();
    assert!(matches!(error, PolicyError::Canary { .. }), "{error}");
}

#[test]
fn a_builtin_that_fails_on_a_complete_record_is_refused() {
    for body in ["to_number(input.subject.age_band) < 18", "time.parse_rfc3339_ns(input.id) > 0"] {
        let error = custom(body).expect_err(body).to_string();
        assert!(error.contains("pars"), "{error}");
    }
}

#[test]
fn the_policy_passes_its_own_tests() {
    let mut engine = regorus::Engine::new();
    for (name, rego) in [
        ("usage.rego", include_str!("usage.rego")),
        ("usage_test.rego", include_str!("usage_test.rego")),
    ] {
        engine.add_policy(name.to_owned(), rego.to_owned()).unwrap();
    }
    let names: Vec<&str> = include_str!("usage_test.rego")
        .lines()
        .filter_map(|l| l.strip_prefix("test_")?.split_whitespace().next())
        .collect();
    assert!(names.len() >= 12, "{names:?}");
    for name in names {
        let rule = format!("data.audit.usage_test.test_{name}");
        let answer = engine.eval_rule(rule).unwrap();
        assert_eq!(answer, regorus::Value::from(true), "test_{name}");
    }
}
