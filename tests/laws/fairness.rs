//! Laws that hold for every table, and controls whose answer is known.

use audit::domain::{Finding, GroupKey, Groups, Seed, Split, Subject, Value};
use audit::fairness::{Frame, Options, audit};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Truth, decision, score in tenths, and the levels of two features.
type Row = (bool, bool, u8, u8, u8);

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (any::<bool>(), any::<bool>(), 0..=10_u8, 0..4_u8, 0..2_u8);
    proptest::collection::vec(row, 1..60)
}

fn frame(rows: &[Row], name: impl Fn(u8) -> String) -> Frame {
    let column = |feature: &str, level: &dyn Fn(&Row) -> String| {
        let cells: Vec<Option<String>> = rows.iter().map(|row| Some(level(row))).collect();
        Groups::encode(feature, &cells)
    };
    let (a, b) = (column("a", &|row| name(row.3)), column("b", &|row| row.4.to_string()));
    let both = Groups::cross(&[&a, &b]);
    Frame {
        split: Split::Test,
        y_true: rows.iter().map(|row| row.0).collect(),
        y_pred: rows.iter().map(|row| row.1).collect(),
        score: Some(rows.iter().map(|row| f64::from(row.2) / 10.0).collect()),
        weight: None,
        groups: vec![a, b, both],
    }
}

fn findings(frame: &Frame) -> Vec<Finding> {
    let reference = BTreeMap::from([("b".to_owned(), "0".to_owned())]);
    let options = Options { reference, ..Options::default() };
    audit(frame, &options)
}

fn plain(level: u8) -> String {
    format!("level {level}")
}

/// Whether the value says how much the rows can tell, which more rows change, and which of several
/// equally large groups is the reference.
fn of_the_sample(check: &str) -> bool {
    check.ends_with("_test") || check.ends_with("_pooled")
}

/// Check and subject → defined value; counts grow with the rows and are left out, and so is what
/// is smoothed, because smoothing fades with more rows.
fn values(findings: &[Finding]) -> BTreeMap<(String, Subject), f64> {
    let smoothed = |f: &&Finding| f.check.contains("differential_fairness");
    let kept = findings.iter().filter(|f| f.check != "count" && !smoothed(f));
    let entry = |f: &Finding| {
        f.value.as_ref().ok().map(|value| ((f.check.clone(), f.subject.clone()), *value))
    };
    kept.filter_map(entry).collect()
}

fn assert_same(a: &BTreeMap<(String, Subject), f64>, b: &BTreeMap<(String, Subject), f64>) {
    assert!(a.keys().eq(b.keys()), "the same values are defined");
    for (key, value) in a {
        assert!((value - b[key]).abs() < 1e-12, "{key:?}: {value} and {}", b[key]);
    }
}

fn rates(findings: &[Finding], check: &str) -> BTreeMap<(Vec<String>, Option<GroupKey>), Value> {
    let of = findings.iter().filter(|f| f.check == check);
    of.map(|f| ((f.subject.by.clone(), f.subject.group.clone()), f.value.clone())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_the_rows_changes_nothing(rows in rows(), seed in any::<u64>()) {
        let mut shuffled = rows.clone();
        Seed::new(seed).stream().shuffle(&mut shuffled);
        prop_assert_eq!(findings(&frame(&rows, plain)), findings(&frame(&shuffled, plain)));
    }

    #[test]
    fn duplicating_every_row_changes_no_defined_value(rows in rows()) {
        let twice: Vec<Row> = rows.iter().chain(&rows).copied().collect();
        let (once, twice) = (findings(&frame(&rows, plain)), findings(&frame(&twice, plain)));
        assert_same(&values(&once), &values(&twice));
    }

    #[test]
    fn renaming_the_groups_changes_the_names_only(rows in rows()) {
        // The new names sort in the opposite order.
        let renamed = |level: u8| format!("level {}", 9 - level);
        let back = |name: &String| match name.strip_prefix("level ").map(str::parse::<u8>) {
            Some(Ok(level)) => format!("level {}", 9 - level),
            _ => name.clone(),
        };
        let restore = |(mut key, value): ((String, Subject), f64)| {
            for side in [&mut key.1.group, &mut key.1.reference].into_iter().flatten() {
                for name in side.values_mut() {
                    *name = back(name);
                }
            }
            (key, value)
        };
        let there = values(&findings(&frame(&rows, renamed))).into_iter().map(restore).collect();
        assert_same(&values(&findings(&frame(&rows, plain))), &there);
    }

    #[test]
    fn every_value_lies_in_its_range_and_in_its_interval(rows in rows()) {
        for finding in findings(&frame(&rows, plain)).iter().filter(|f| f.check != "count" && !of_the_sample(&f.check)) {
            let Ok(value) = finding.value else { continue };
            let (low, high) = match finding.check.as_str() {
                "differential_fairness_bias_amplification" => (f64::MIN, f64::MAX),
                _ if finding.code.starts_with("FA5") => (0.0, f64::MAX),
                _ if finding.subject.reference.is_some() => (-1.0, 1.0),
                _ => (0.0, 1.0),
            };
            prop_assert!((low..=high).contains(&value), "{finding:?}");
            if let Some(i) = &finding.interval {
                prop_assert!(i.low <= value + 1e-12 && value <= i.high + 1e-12, "{finding:?}");
                prop_assert!(i.low.is_finite() && i.high.is_finite(), "{finding:?}");
            }
        }
    }

    #[test]
    fn complements_add_to_one(rows in rows()) {
        let findings = findings(&frame(&rows, plain));
        for (a, b) in [
            ("false_positive_rate", "true_negative_rate"),
            ("false_negative_rate", "true_positive_rate"),
            ("false_discovery_rate", "precision"),
            ("false_omission_rate", "negative_predictive_value"),
        ] {
            let others = rates(&findings, b);
            for (subject, value) in rates(&findings, a) {
                match (&value, &others[&subject]) {
                    (Ok(value), Ok(other)) => prop_assert!((value + other - 1.0).abs() < 1e-12),
                    (value, other) => prop_assert_eq!(value, other),
                }
            }
        }
    }

    #[test]
    fn swapping_truth_and_decision_swaps_precision_and_recall(rows in rows()) {
        let straight = frame(&rows, plain);
        let swapped = Frame {
            y_true: straight.y_pred.clone(),
            y_pred: straight.y_true.clone(),
            ..straight.clone()
        };
        let (straight, swapped) = (findings(&straight), findings(&swapped));
        let recall = rates(&swapped, "true_positive_rate");
        for (subject, value) in rates(&straight, "precision") {
            prop_assert_eq!(value.ok(), recall[&subject].clone().ok());
        }
    }
}

/// Rows whose decision is positive with probability `p[group]`, whatever the truth.
fn drawn(p: [f64; 2], seed: u64) -> Frame {
    let mut draw = Seed::new(seed).stream();
    let rows: Vec<Row> = (0..4000_u16)
        .map(|i| {
            let group = u8::try_from(i % 2).unwrap();
            let truth = draw.flip(0.4);
            (truth, draw.flip(p[usize::from(group)]), 0, group, 0)
        })
        .collect();
    frame(&rows, plain)
}

fn parity_gap(frame: &Frame) -> Finding {
    let found = findings(frame)
        .into_iter()
        .find(|f| f.check == "demographic_parity_difference" && f.subject.by == ["a"]);
    found.unwrap()
}

#[test]
fn null_control_groups_drawn_alike_show_no_gap() {
    // The extremes of two groups are the two groups, so the 95 % interval misses 0 in about one
    // seed of twenty.
    let misses = (0..40)
        .filter(|seed| {
            let interval = parity_gap(&drawn([0.3, 0.3], *seed)).interval.unwrap();
            interval.low > 0.0
        })
        .count();
    assert!(misses <= 6, "{misses} of 40 intervals miss 0");
}

#[test]
fn positive_control_a_planted_gap_is_found() {
    let finding = parity_gap(&drawn([0.3, 0.5], 7));
    let interval = finding.interval.unwrap();
    assert!(interval.low > 0.1 && interval.low < 0.2 && interval.high > 0.2, "{interval:?}");
}
