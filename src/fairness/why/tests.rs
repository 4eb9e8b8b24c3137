//! Explanations small enough to sum by hand, and against a slow twin.

use super::*;
use crate::domain::{Bound, Cell, Evidence, Groups, Seed, Split};

/// Rows of a grouping `g`: level, truth, score; decided at ½.
fn frame(rows: &[(&str, bool, f64)]) -> Frame {
    let names: Vec<Option<&str>> = rows.iter().map(|row| Some(row.0)).collect();
    Frame {
        split: Split::Test,
        y_true: rows.iter().map(|row| row.1).collect(),
        y_pred: rows.iter().map(|row| row.2 >= 0.5).collect(),
        score: Some(rows.iter().map(|row| row.2).collect()),
        weight: None,
        groups: vec![Groups::encode("g", &names)],
    }
}

fn small() -> Frame {
    frame(&[
        ("a", true, 0.9),
        ("a", true, 0.6),
        ("a", false, 0.4),
        ("a", false, 0.1),
        ("b", true, 0.8),
        ("b", true, 0.3),
        ("b", false, 0.6),
        ("b", false, 0.2),
    ])
}

fn cells<'a>(finding: &'a Finding, of: &str) -> &'a [Cell] {
    let list = finding.evidence.iter().find_map(|e| match e {
        Evidence::Numbers { name, cells } if name == of => Some(cells.as_slice()),
        _ => None,
    });
    list.unwrap_or_default()
}

fn named(cells: &[Cell]) -> Vec<(&str, f64)> {
    cells.iter().map(|c| (c.name.as_str(), c.value.unwrap())).collect()
}

fn rule(check: &str, bound: Bound) -> ThresholdRule {
    ThresholdRule { check: check.to_owned(), bound }
}

#[test]
fn the_reference_is_the_declared_group_or_the_first_of_the_largest() {
    let findings = explain(&small(), &Options::default(), &[]);
    let checks: Vec<&str> = findings.iter().map(|f| f.check.as_str()).collect();
    assert_eq!(checks[..3], ["selection_rate_gap_parts", "roc_gap", "reliability_gap"]);
    assert_eq!((checks.len(), checks[3]), (6, "selection_rate_label_error"));
    assert_eq!(findings[0].subject.reference.as_ref().unwrap()["g"], "a");
    let mut options = Options::default();
    options.reference.insert("g".to_owned(), "b".to_owned());
    let other = explain(&small(), &options, &[]);
    assert_eq!(other[0].subject.group.as_ref().unwrap()["g"], "a");
    options.min_group_size = 5;
    let few = explain(&small(), &options, &[]);
    assert!(few.len() == 2 && few.iter().all(|f| f.value == Err(Undefined::OneGroup)));
}

#[test]
fn the_thresholds_that_keep_a_ratio_by_hand() {
    // Selected of a and b, of 4 each, from below 0.2 upwards: (3, 4), (3, 3), (3, 2), (2, 2) up to
    // 0.6, then (1, 1) up to 0.8, (1, 0) up to 0.9. Ratios 3/4, 1, 2/3, 1, 1, 0.
    let rules = [rule("demographic_parity_ratio", Bound::AtLeast(0.8))];
    let findings = explain(&small(), &Options::default(), &rules);
    let found = &findings[3];
    assert_eq!((found.check.as_str(), found.value.clone()), ("passing_thresholds", Ok(0.5)));
    assert_eq!(found.subject.label.as_deref(), Some("demographic_parity_ratio"));
    // Right decisions at the six cuts: 5, 6, 5, 6, 6, 5 of 8.
    let ranges = named(cells(found, "passing_thresholds"));
    let expected = [
        ("above", 0.2),
        ("up_to", 0.3),
        ("accuracy", 0.75),
        ("above", 0.4),
        ("up_to", 0.8),
        ("accuracy", 0.75),
    ];
    assert_eq!(ranges, expected);
    assert_eq!(cells(found, "passing_thresholds")[4].n, 2);
    let best = named(cells(found, "most_accurate_passing_threshold"));
    assert_eq!(best, [("above", 0.2), ("up_to", 0.3), ("accuracy", 0.75), ("value", 1.0)]);
}

#[test]
fn every_cut_agrees_with_deciding_anew() {
    let mut stream = Seed::new(4).child("why").stream();
    let rows: Vec<(&str, bool, f64)> = (0..300)
        .map(|_| {
            let score = crate::domain::to_f64(stream.bits() % 20) / 20.0;
            (["a", "b", "c"][stream.below(3)], stream.flip(score), score)
        })
        .collect();
    let frame = frame(&rows);
    let checks =
        ["demographic_parity_difference", "equalized_odds_difference", "equal_opportunity_ratio"];
    let rules: Vec<ThresholdRule> = checks.iter().map(|c| rule(c, Bound::AtMost(0.1))).collect();
    let findings = explain(&frame, &Options::default(), &rules);
    for check in checks {
        let label = |f: &&Finding| f.subject.label.as_deref() == Some(check);
        let swept = findings.iter().find(label).unwrap();
        let Some(Evidence::Curve { x, y, .. }) =
            swept.evidence.iter().find(|e| matches!(e, Evidence::Curve { .. }))
        else {
            panic!("no curve")
        };
        assert_eq!(x.len(), 19);
        for (threshold, value) in x.iter().zip(y) {
            let scores = frame.score.as_ref().unwrap();
            let y_pred = scores.iter().map(|s| s >= threshold).collect();
            let decided = Frame { y_pred, ..frame.clone() };
            let metrics = crate::fairness::Selection::Named(vec![check.to_owned()]);
            let options = Options { metrics, ..Options::default() };
            let again = crate::fairness::audit(&decided, &options);
            let again = again.iter().find(|f| f.check == check).unwrap();
            assert!((again.value.clone().unwrap() - value).abs() < 1e-12, "{check} {threshold}");
        }
    }
}

#[test]
fn reasons_are_named() {
    let usual = ThresholdRule::usual();
    let reason = |frame: &Frame| explain(frame, &Options::default(), &usual)[3].value.clone();
    let mut plain = small();
    plain.score = None;
    assert_eq!(reason(&plain), Err(Undefined::NoScores));
    let parts = &explain(&plain, &Options::default(), &[])[0];
    assert_eq!(cells(parts, "parts").len(), 2);
    let level = frame(&[("a", true, 0.5), ("a", false, 0.5), ("b", true, 0.5), ("b", false, 0.5)]);
    assert_eq!(reason(&level), Err(Undefined::ZeroDenominator));
    let one_class = frame(&[("a", true, 0.5), ("a", false, 0.4), ("b", true, 0.3)]);
    let findings = explain(&one_class, &Options::default(), &usual);
    assert!(findings.iter().filter(|f| f.value.is_err()).count() == 5, "{findings:?}");
    let mut weighted = small();
    weighted.weight = Some(vec![1.0; 8]);
    let refused = explain(&weighted, &Options::default(), &usual);
    assert!(refused.iter().all(|f| matches!(f.value, Err(Undefined::NotRun { .. }))));
}

#[test]
fn the_reliability_of_two_groups_by_hand() {
    // 200 rows a group in turn, scores (i + ½)/400: tenths of 40 rows, 20 a group. Of `a` half the
    // rows of each tenth are positive, of `b` the first 2k of tenth k.
    let mut rows = Vec::new();
    for i in 0..400_u32 {
        let (tenth, within) = (i / 40, i % 40 / 2);
        let score = (f64::from(i) + 0.5) / 400.0;
        let row = if i % 2 == 0 {
            ("a", within % 2 == 0, score)
        } else {
            ("b", within < 2 * tenth, score)
        };
        rows.push(row);
    }
    let findings = explain(&frame(&rows), &Options::default(), &[]);
    let found = findings.iter().find(|f| f.check == "reliability_gap").unwrap();
    let shares: [(&str, fn(f64) -> f64); 2] = [("a", |_| 0.5), ("b", |k| k / 10.0)];
    for (group, share) in shares {
        let bins = cells(found, &format!("bins {group}"));
        assert_eq!(bins.len(), 10);
        for (k, bin) in (0..10_u32).map(f64::from).zip(bins) {
            assert!((bin.value.unwrap() - share(k)).abs() < 1e-12 && bin.n == 20);
        }
        let name = format!("reliability {group}");
        let curve = found.evidence.iter().find_map(|e| match e {
            Evidence::Curve { name: of, x, .. } if *of == name => Some(x.clone()),
            _ => None,
        });
        // Mean of i over the group's rows of tenth k: 40k + 19, or one more.
        let first = if group == "a" { 19.5 } else { 20.5 };
        for (k, x) in (0..10_u32).map(f64::from).zip(curve.unwrap()) {
            assert!((x - (40.0 * k + first) / 400.0).abs() < 1e-3, "{k} {x}");
        }
    }
    // The farthest: tenth 0 of `a`, ½ positive at a mean score of 19.5/400; tenth 9: 380/400.
    assert!((found.value.clone().unwrap() - (0.5 - 19.5 / 400.0)).abs() < 1e-3);
}
