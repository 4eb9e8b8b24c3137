//! What the strongest attack of the example gives away: scores, rows that can be named, groups, and the
//! blind baseline.

use crate::domain::{
    Cell, Evidence, Finding, GroupKey, Interval, Stage, Subject, Undefined, Value,
};

/// Feature, level, rows, AUC, members found; the last level is too small.
const GROUPS: [(&str, &str, u64, f64, f64); 5] = [
    ("class", "benign", 2600, 0.58, 0.02),
    ("class", "malignant", 1400, 0.81, 0.19),
    ("sex", "female", 1900, 0.66, 0.09),
    ("sex", "male", 2080, 0.64, 0.07),
    ("sex", "(missing)", 20, 0.0, 0.0),
];

fn finding(code: &str, check: &str, subject: Subject, value: Value, n: u64) -> Finding {
    let (code, check) = (code.to_owned(), check.to_owned());
    let interval = value.as_ref().ok().map(|v| Interval {
        low: (v - 0.03).max(0.0),
        high: v + 0.03,
        level: 0.95,
        method: "normal".to_owned(),
    });
    let stage = Stage::Privacy;
    Finding { code, check, stage, subject, value, interval, n, evidence: Vec::new() }
}

fn curve(name: &str, x: &[f64], y: Vec<f64>) -> Evidence {
    Evidence::Curve { name: name.to_owned(), x: x.to_vec(), y }
}

fn about(by: &str, level: Option<&str>) -> Subject {
    Subject {
        by: vec![by.to_owned()],
        group: level.map(|level| GroupKey::from([(by.to_owned(), level.to_owned())])),
        attack: Some("loss".to_owned()),
        ..Subject::default()
    }
}

/// The findings.
pub(super) fn findings() -> Vec<Finding> {
    let mut findings = groups();
    let whole = Subject::default;
    let edges: Vec<f64> = (0..40).map(|i| f64::from(i) / 4.0 - 10.0).collect();
    let bell = |centre: f64| -> Vec<f64> {
        let y = edges.iter().map(|x| (-(x - centre).powi(2) / 8.0).exp()).collect::<Vec<_>>();
        let all: f64 = y.iter().sum();
        y.into_iter().map(|y| y / all).collect()
    };
    let named = Cell { name: "loss".to_owned(), value: Some(0.079), n: 4000 };
    let named = Evidence::Numbers { name: "strongest".to_owned(), cells: vec![named] };
    let strongest = "membership_strongest_tpr_at_fpr_0.01";
    findings.push(
        finding("PR010", strongest, whole(), Ok(0.079), 4000)
            .with(named)
            .with(curve("scores_members", &edges, bell(-2.0)))
            .with(curve("scores_non_members", &edges, bell(-4.0))),
    );
    let attack = Subject { attack: Some("loss".to_owned()), ..whole() };
    let rates = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5];
    let counts = vec![0.0, 0.0, 12.0, 31.0, 60.0, 98.0, 260.0, 911.0];
    let identifiable = "membership_identifiable_records";
    findings.push(
        finding("PR009", identifiable, attack, Ok(12.0), 2000).with_interval(None).with(curve(
            "identifiable_by_rate",
            &rates,
            counts,
        )),
    );
    findings.push(finding("PR018", "membership_blind_auc", whole(), Ok(0.508), 4000));
    findings
}

fn groups() -> Vec<Finding> {
    let mut findings = Vec::new();
    for (by, level, n, auc, tpr) in GROUPS {
        let few = Undefined::TooFew { n: 8, need: 30 };
        let of = |value: f64| if n < 60 { Err(few.clone()) } else { Ok(value) };
        for (code, check, value) in [
            ("PR011", "membership_group_auc", auc),
            ("PR012", "membership_group_tpr_at_fpr_0.01", tpr),
            ("PR013", "membership_group_own_tpr_at_fpr_0.01", tpr * 0.8),
            ("PR014", "membership_group_advantage", 2.0 * auc - 1.0),
            ("PR015", "membership_group_epsilon_lower_bound", tpr * 6.0),
        ] {
            findings.push(finding(code, check, about(by, Some(level)), of(value), n));
        }
    }
    for (by, auc, tpr) in [("class", 0.23, 0.17), ("sex", 0.02, 0.02)] {
        let (first, second) =
            ("membership_group_auc_difference", "membership_group_tpr_at_fpr_0.01_difference");
        findings.push(finding("PR016", first, about(by, None), Ok(auc), 4000));
        findings.push(finding("PR017", second, about(by, None), Ok(tpr), 4000));
    }
    findings
}

/// Limits of a rate.
pub(super) fn band(rate: f64) -> Evidence {
    let cell =
        |(name, value): (&str, f64)| Cell { name: name.to_owned(), value: Some(value), n: 2000 };
    let cells = [("low", rate * 0.8), ("high", rate * 1.2)].map(cell).to_vec();
    Evidence::Numbers { name: "band".to_owned(), cells }
}

/// Limits of a whole curve.
pub(super) fn limits(name: &str, strength: f64, times: f64) -> Evidence {
    let x: Vec<f64> = (0..=40).map(|i| 10_f64.powf(f64::from(i) / 10.0 - 4.0)).collect();
    let y = x.iter().map(|x| (x.powf(strength) * times).min(1.0)).collect();
    curve(name, &x, y)
}
