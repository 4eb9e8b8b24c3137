//! The register as a whole; each step is tested beside its code.

use super::*;
use crate::domain::{
    Bound, By, GateRule, Harm, HarmKind, Interval, Judge, OnUndefined, Stage, Subject, Undefined,
    Value,
};

/// A fairness finding on 100 rows.
pub(super) fn finding(check: &str, value: Value, interval: Option<Interval>) -> Finding {
    Finding {
        code: "FA900".to_owned(),
        check: check.to_owned(),
        stage: Stage::Fairness,
        subject: Subject::default(),
        value,
        interval,
        n: 100,
        evidence: Vec::new(),
    }
}

/// A system of reversible financial harm.
pub(super) fn system(domain: &str) -> System {
    System {
        name: "Example".to_owned(),
        purpose: "an example".to_owned(),
        domain: domain.to_owned(),
        users: Vec::new(),
        out_of_scope: Vec::new(),
        harm: Harm { kind: HarmKind::Finance, reversible: true, minors: false },
        jurisdictions: Vec::new(),
        decisions_per_year: Some(1000),
        owner: None,
    }
}

fn row(finding: &Finding, bound: Bound, verdict: Verdict) -> GateRow {
    let rule = GateRule {
        check: finding.check.clone(),
        by: By::Every,
        group: None,
        attack: None,
        label: None,
        bound,
        judge: Judge::Point,
        on_undefined: OnUndefined::Undecided,
        because: None,
        line: 1,
    };
    let finding = Some(finding.id());
    GateRow { rule, finding, verdict, because: String::new(), n_needed: None, waiver: None }
}

fn by(mut f: Finding, feature: &str) -> Finding {
    f.subject.by = vec![feature.to_owned()];
    f
}

fn ratio(value: f64, feature: &str) -> Finding {
    let interval =
        Interval { low: value * 0.9, high: value / 0.9, level: 0.95, method: "katz_log".into() };
    by(finding("demographic_parity_ratio", Ok(value), Some(interval)), feature)
}

const FOUR_FIFTHS: Bound = Bound::AtLeast(0.8);

#[test]
fn what_is_plainly_kept_is_no_risk() {
    let f = ratio(0.95, "sex");
    let gate = [row(&f, FOUR_FIFTHS, Verdict::Pass)];
    assert_eq!(register(&[f], &gate, &system("general")), (Vec::new(), Vec::new()));
}

#[test]
fn a_pass_that_may_well_be_a_breach_is_a_risk() {
    let f = ratio(0.82, "sex");
    let gate = [row(&f, FOUR_FIFTHS, Verdict::Pass)];
    let (risks, _) = register(&[f], &gate, &system("general"));
    assert_eq!(risks.len(), 1);
    assert_eq!(risks[0].likelihood, Level::Moderate);
    assert!(risks[0].derivation.low_confidence);
}

#[test]
fn groupings_of_one_measure_form_one_risk_with_the_numbers_of_the_worst() {
    let findings = [ratio(0.7, "age"), ratio(0.5, "sex"), ratio(0.95, "race")];
    let gate = [
        row(&findings[0], FOUR_FIFTHS, Verdict::Fail),
        row(&findings[1], FOUR_FIFTHS, Verdict::Waived),
        row(&findings[2], FOUR_FIFTHS, Verdict::Pass),
    ];
    let (risks, measures) = register(&findings, &gate, &system("credit-scoring"));
    assert_eq!(risks.len(), 1);
    let risk = &risks[0];
    assert_eq!((risk.id.as_str(), risk.kind.as_str()), ("R1", "unequal_selection"));
    assert_eq!(risk.because, [findings[0].id(), findings[1].id()]);
    // 0.5 is 0.375 of a bound past it: high. Certain and high: high.
    assert_eq!(risk.derivation.value, Some(0.5));
    assert_eq!(risk.derivation.magnitude, Level::High);
    assert_eq!(risk.derivation.harm_floor, Level::Moderate);
    assert_eq!((risk.likelihood, risk.severity), (Level::VeryHigh, Level::High));
    assert_eq!((risk.level, risk.residual), (Level::High, Level::High));
    let keys: Vec<&str> = measures.iter().map(|m| m.key.as_str()).collect();
    assert_eq!(keys, ["group_thresholds", "collect_more_data", "human_review"]);
    assert!(measures.iter().all(|m| m.risks == ["R1"]));
}

#[test]
fn the_register_is_sorted_worst_first() {
    let mut leak = finding("membership_auc", Err(Undefined::OneClass), None);
    leak.stage = Stage::Privacy;
    let mut pii = finding("pii_direct_identifiers", Ok(9.0), None);
    pii.stage = Stage::Privacy;
    let findings = [leak, ratio(0.75, "sex"), pii];
    let gate = [
        row(&findings[0], Bound::AtMost(0.6), Verdict::Undecided),
        row(&findings[1], FOUR_FIFTHS, Verdict::Fail),
        row(&findings[2], Bound::AtMost(0.0), Verdict::Fail),
    ];
    let (risks, _) = register(&findings, &gate, &system("general"));
    let kinds: Vec<&str> = risks.iter().map(|r| r.kind.as_str()).collect();
    assert_eq!(kinds, ["personal_data", "unequal_selection", "membership_leak"]);
    assert_eq!(risks[0].level, Level::VeryHigh);
    let ids: Vec<&str> = risks.iter().map(|r| r.id.as_str()).collect();
    assert_eq!(ids, ["R1", "R2", "R3"]);
    assert_eq!(risks[2].derivation.method, "undefined");
}

#[test]
fn a_rule_that_no_finding_answered_makes_no_risk() {
    let mut gate = row(&ratio(0.5, "sex"), FOUR_FIFTHS, Verdict::NotRun);
    gate.finding = None;
    assert!(register(&[], &[gate], &system("general")).0.is_empty());
}
