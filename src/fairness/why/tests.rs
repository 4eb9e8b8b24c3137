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
    let share = |group: &str, k: f64| if group == "a" { 0.5 } else { k / 10.0 };
    for group in ["a", "b"] {
        let bins = cells(found, &format!("bins {group}"));
        assert_eq!(bins.len(), 10);
        for (k, bin) in (0..10_u32).map(f64::from).zip(bins) {
            assert!((bin.value.unwrap() - share(group, k)).abs() < 1e-12 && bin.n == 20);
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

#[test]
fn every_finding_says_what_it_is_about_and_how_many_rows_it_rests_on() {
    let findings = explain(&small(), &Options::default(), &ThresholdRule::usual());
    let all = |finding: &Finding| (finding.subject.by.join("|"), finding.subject.split.clone());
    assert!(findings.iter().all(|f| f.subject.split.as_deref() == Some("test")), "{findings:?}");
    assert_eq!(all(&findings[1]), ("g".to_owned(), Some("test".to_owned())));
    assert_eq!((findings[0].n, findings[1].n, findings[3].n), (8, 8, 8));
    let parts: Vec<&str> = cells(&findings[0], "parts").iter().map(|c| c.name.as_str()).collect();
    assert_eq!(parts, ["base_rate", "score_distribution", "operating_point"]);
    let mut weighted = small();
    weighted.weight = Some(vec![1.0; 8]);
    let refused = explain(&weighted, &Options::default(), &[]);
    assert!(refused.iter().all(|f| f.subject.split.as_deref() == Some("test")));
}

#[test]
fn a_positive_and_a_negative_with_one_score_are_one_step() {
    let tied = frame(&[
        ("a", true, 0.9),
        ("a", true, 0.5),
        ("a", false, 0.5),
        ("a", false, 0.1),
        ("b", true, 0.9),
        ("b", false, 0.1),
    ]);
    let findings = explain(&tied, &Options::default(), &[]);
    let roc = findings.iter().find(|f| f.check == "roc_gap").unwrap();
    let curve = |x: &[f64], y: &[f64]| Evidence::Curve {
        name: "roc a".to_owned(),
        x: x.to_vec(),
        y: y.to_vec(),
    };
    assert_eq!(roc.evidence[0], curve(&[0.0, 0.0, 0.5, 1.0], &[0.0, 0.5, 1.0, 1.0]));
}

#[test]
fn wrong_labels_of_two_hundred_rows_by_hand() {
    // 60 of 100 are selected in the reference `a`, 40 of 100 in `b`; every second row is positive.
    let row = |group, at: u32, selected| {
        (group, at.is_multiple_of(2), if at < selected { 0.75 } else { 0.25 })
    };
    let rows: Vec<(&str, bool, f64)> =
        (0..100).map(|at| row("a", at, 60)).chain((0..100).map(|at| row("b", at, 40))).collect();
    let findings = explain(&frame(&rows), &Options::default(), &[]);
    let of = |check: &str| findings.iter().find(|f| f.check == check).unwrap();
    let found = of("selection_rate_label_error");
    // 20 selected rows of `a` in `b`: 60/120 and 40/80. With fewer the gap stays.
    assert_eq!((found.value.clone(), found.n), (Ok(0.1), 200));
    let [fewest] = cells(found, "wrong_labels") else { panic!("one number") };
    assert_eq!((fewest.value, fewest.n), (Some(20.0), 200));
    let bounds = cells(found, "gap_with_wrong_labels");
    let names: Vec<&str> = bounds.iter().map(|c| c.name.as_str()).collect();
    let pairs =
        SHARES_SHOWN.map(|p| [format!("lowest_at_{p}_percent"), format!("highest_at_{p}_percent")]);
    assert_eq!(names, pairs.as_flattened());
    assert_eq!(bounds.iter().map(|c| c.n).collect::<Vec<_>>(), [2, 2, 4, 4, 10, 10, 20, 20]);
    // Lowest: so many selected rows move from `b` to `a`. Highest: half of them not selected and
    // from `b`, half selected and from `a`.
    let expected = [
        38.0 / 98.0 - 62.0 / 102.0,
        41.0 / 100.0 - 59.0 / 100.0,
        36.0 / 96.0 - 64.0 / 104.0,
        42.0 / 100.0 - 58.0 / 100.0,
        30.0 / 90.0 - 70.0 / 110.0,
        45.0 / 100.0 - 55.0 / 100.0,
        20.0 / 80.0 - 80.0 / 120.0,
        0.0,
    ];
    for (cell, expected) in bounds.iter().zip(expected) {
        assert!((cell.value.unwrap() - expected).abs() < 1e-12, "{cell:?} {expected}");
    }
    assert_eq!(of("true_positive_rate_label_error").n, 100);
}

/// Percents of wrong labels for which bounds are shown.
const SHARES_SHOWN: [u8; 4] = [1, 2, 5, 10];

#[test]
fn a_rule_is_refused_only_where_it_needs_the_missing_class() {
    let no_negatives = frame(&[
        ("a", true, 0.9),
        ("a", true, 0.4),
        ("a", false, 0.6),
        ("a", false, 0.3),
        ("b", true, 0.8),
        ("b", true, 0.2),
    ]);
    let mut no_positives = no_negatives.clone();
    no_positives.y_true = vec![true, true, false, false, false, false];
    let reasons = |frame: &Frame| {
        let checks =
            ["demographic_parity_ratio", "equal_opportunity_ratio", "equalized_odds_ratio"];
        let rules = checks.map(|check| rule(check, Bound::AtLeast(0.5)));
        let findings = explain(frame, &Options::default(), &rules);
        let swept = findings.into_iter().filter(|f| f.check == "passing_thresholds");
        swept.map(|f| f.value.err().map(|reason| reason.to_string())).collect::<Vec<_>>()
    };
    let of_b = |because: Undefined| {
        let because = Box::new(because);
        Some(Undefined::GroupUndefined { group: "g=b".to_owned(), because }.to_string())
    };
    assert_eq!(reasons(&no_negatives), [None, None, of_b(Undefined::NoNegatives)]);
    let none = of_b(Undefined::NoPositives);
    assert_eq!(reasons(&no_positives), [None, none.clone(), none]);
    let unknown = rule("accuracy_difference", Bound::AtMost(0.1));
    assert!(!unknown.is_known());
    let findings = explain(&no_negatives, &Options::default(), &[unknown]);
    assert!(findings.iter().all(|f| f.check != "passing_thresholds"));
}

#[test]
fn the_best_threshold_may_break_the_rule() {
    // Right decisions at the cuts from below upwards: 3, 4, 3 of 4; selected of a and b, of 2 each:
    // (2, 1), (2, 0), (1, 0).
    let frame = frame(&[("a", true, 0.9), ("a", true, 0.7), ("b", false, 0.4), ("b", false, 0.1)]);
    let rules = [rule("demographic_parity_difference", Bound::AtMost(0.5))];
    let findings = explain(&frame, &Options::default(), &rules);
    let found = findings.iter().find(|f| f.check == "passing_thresholds").unwrap();
    assert_eq!(found.value, Ok(2.0 / 3.0));
    let best = named(cells(found, "most_accurate_threshold"));
    assert_eq!(best, [("above", 0.4), ("up_to", 0.7), ("accuracy", 1.0), ("value", 1.0)]);
    let passing = named(cells(found, "most_accurate_passing_threshold"));
    assert_eq!(passing, [("above", 0.1), ("up_to", 0.4), ("accuracy", 0.75), ("value", 0.5)]);
}

#[test]
fn the_curves_over_the_thresholds_keep_their_ends_and_even_steps_between() {
    let curves = |rows: u32| {
        let level = |at: u32| if at.is_multiple_of(2) { "a" } else { "b" };
        let row = |at: u32| (level(at), 2 * at >= rows, f64::from(at));
        let rules = [rule("demographic_parity_difference", Bound::AtMost(0.5))];
        let rows: Vec<(&str, bool, f64)> = (0..rows).map(row).collect();
        let findings = explain(&frame(&rows), &Options::default(), &rules);
        let found = findings.iter().find(|f| f.check == "passing_thresholds").unwrap();
        let curves = found.evidence.iter().filter_map(|e| match e {
            Evidence::Curve { x, y, .. } => Some((x.clone(), y.clone())),
            _ => None,
        });
        let [value, accuracy] = curves.collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(value.0, accuracy.0);
        accuracy
    };
    // Of two rows one threshold is between, of three two; the upper half is positive.
    assert_eq!(curves(2), (vec![0.5], vec![1.0]));
    assert_eq!(curves(3), (vec![0.5, 1.5], vec![2.0 / 3.0, 1.0]));
    // 300 cuts at 0.5, 1.5, …; the i-th of 101 points is the cut 299 i / 100.
    let (x, y) = curves(301);
    let expected: Vec<f64> = (0..=100_u32).map(|i| f64::from(299 * i / 100) + 0.5).collect();
    assert_eq!(x, expected);
    assert!((y[0] - 151.0 / 301.0).abs() < 1e-12 && (y[50] - 300.0 / 301.0).abs() < 1e-12);
}
