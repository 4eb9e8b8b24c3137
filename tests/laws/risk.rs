//! Laws of the risk register: a worse measurement never looks better.

use audit::domain::{
    Bound, By, Finding, GateRow, GateRule, Harm, HarmKind, Interval, Judge, Level, OnUndefined,
    Stage, Subject, System, Verdict,
};
use audit::risk::{bin, level, magnitude, register};
use proptest::prelude::*;

fn system(decisions_per_year: Option<u64>, kind: HarmKind) -> System {
    System {
        name: "Law".to_owned(),
        purpose: "a law".to_owned(),
        domain: "general".to_owned(),
        users: Vec::new(),
        out_of_scope: Vec::new(),
        harm: Harm { kind, reversible: true, minors: false },
        jurisdictions: Vec::new(),
        decisions_per_year,
        owner: None,
    }
}

/// A finding whose interval has the same width wherever its value lies.
fn finding(stage: Stage, value: f64, half_width: f64) -> Finding {
    Finding {
        code: "FA900".to_owned(),
        check: "law".to_owned(),
        stage,
        subject: Subject::default(),
        value: Ok(value),
        interval: Some(Interval {
            low: value - half_width,
            high: value + half_width,
            level: 0.95,
            method: "wilson".to_owned(),
        }),
        n: 1000,
        evidence: Vec::new(),
    }
}

fn row(finding: &Finding, bound: Bound) -> GateRow {
    let rule = GateRule {
        check: finding.check.clone(),
        by: By::Whole,
        group: None,
        attack: None,
        label: None,
        bound,
        judge: Judge::Point,
        on_undefined: OnUndefined::Undecided,
        because: None,
        line: 1,
    };
    GateRow {
        rule,
        finding: Some(finding.id()),
        verdict: Verdict::Fail,
        because: String::new(),
        n_needed: None,
        waiver: None,
    }
}

fn level_of(finding: &Finding, bound: Bound, system: &System) -> Level {
    let gate = [row(finding, bound)];
    let (risks, _) = register(std::slice::from_ref(finding), &gate, system);
    risks[0].level
}

fn kind() -> impl Strategy<Value = HarmKind> {
    prop_oneof![Just(HarmKind::Safety), Just(HarmKind::Rights), Just(HarmKind::Quality)]
}

proptest! {
    #[test]
    fn a_worse_value_never_lowers_the_level(
        value in 0.0..1.0_f64,
        worse in 0.0..0.5_f64,
        limit in 0.0..1.0_f64,
        half_width in 0.0..0.3_f64,
        kind in kind(),
        misuse in any::<bool>(),
    ) {
        let stage = if misuse { Stage::Misuse } else { Stage::Fairness };
        let system = system(Some(500), kind);
        for limit in [0.0, limit] {
            let at = |v| level_of(&finding(stage, v, half_width), Bound::AtMost(limit), &system);
            prop_assert!(at(value) <= at(value + worse));
            let at = |v| level_of(&finding(stage, v, half_width), Bound::AtLeast(limit), &system);
            prop_assert!(at(value) <= at(value - worse));
        }
    }

    #[test]
    fn a_looser_bound_never_raises_the_likelihood(
        value in 0.0..1.0_f64,
        limit in 0.1..1.0_f64,
        looser in 0.0..0.5_f64,
        half_width in 0.0..0.3_f64,
    ) {
        let f = finding(Stage::Fairness, value, half_width);
        let p = |limit| audit::risk::likelihood(&f, Bound::AtMost(limit), None).probability;
        prop_assert!(p(limit + looser) <= p(limit));
        prop_assert!((0.0..=1.0).contains(&p(limit)));
        prop_assert!(
            magnitude(&f.value, Bound::AtMost(limit + looser))
                <= magnitude(&f.value, Bound::AtMost(limit))
        );
    }

    #[test]
    fn probability_bins_and_matrix_are_monotone(a in 0.0..=1.0_f64, b in 0.0..=1.0_f64) {
        let (low, high) = if a <= b { (a, b) } else { (b, a) };
        prop_assert!(bin(low) <= bin(high));
        for severity in Level::ALL {
            prop_assert!(level(bin(low), severity) <= level(bin(high), severity));
        }
    }

    #[test]
    fn the_order_of_the_gate_changes_no_level(values in prop::collection::vec(0.0..1.0_f64, 1..6)) {
        let system = system(None, HarmKind::Finance);
        let checks = ["accuracy", "precision", "roc_auc", "f1", "recall", "brier_score"];
        let findings: Vec<Finding> = values
            .iter()
            .zip(checks)
            .map(|(&v, check)| Finding { check: check.to_owned(), ..finding(Stage::Fairness, v, 0.1) })
            .collect();
        let gate: Vec<GateRow> = findings.iter().map(|f| row(f, Bound::AtLeast(0.9))).collect();
        let reversed: Vec<GateRow> = gate.iter().rev().cloned().collect();
        let forward = register(&findings, &gate, &system);
        prop_assert_eq!(&forward, &register(&findings, &reversed, &system));
        let levels: Vec<Level> = forward.0.iter().map(|r| r.level).collect();
        prop_assert!(levels.windows(2).all(|w| w[0] >= w[1]));
    }
}
