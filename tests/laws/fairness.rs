//! Laws that hold for every table, and controls whose answer is known.

use audit::domain::{Finding, GroupKey, Groups, Seed, Split, Subject, Undefined, Value};
use audit::fairness::{Frame, Options, audit, checks};
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
/// is smoothed or corrected for the number of rows, because that fades with more rows.
fn values(findings: &[Finding]) -> BTreeMap<(String, Subject), f64> {
    let smoothed = |f: &&Finding| {
        of_the_sample(&f.check)
            || ["differential_fairness", "debiased"].iter().any(|part| f.check.contains(part))
    };
    let kept =
        findings.iter().filter(|f| f.check != "count" && !smoothed(f) && !of_the_sample(&f.check));
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
    of.filter(|f| f.subject.reference.is_none())
        .map(|f| ((f.subject.by.clone(), f.subject.group.clone()), f.value.clone()))
        .collect()
}

/// The range that the manual names; a pair with a reference group is signed.
fn range(finding: &Finding) -> (f64, f64) {
    let meta = checks().into_iter().find(|meta| meta.name == finding.check).unwrap();
    let text = meta.section("Range").unwrap().replace('\u{2212}', "-");
    let (low, high) = match text.split_once(" to ") {
        Some((low, high)) => (low.parse().unwrap(), high.parse().unwrap()),
        None => (0.0, f64::INFINITY),
    };
    match finding.subject.reference {
        Some(_) if finding.check.ends_with("_ratio") || finding.check == "disparate_impact" => {
            (0.0, f64::INFINITY)
        }
        Some(_) => (-high, high),
        None => (low, high),
    }
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
        for finding in findings(&frame(&rows, plain)).iter().filter(|f| f.check != "count") {
            let Ok(value) = finding.value else { continue };
            let (low, high) = match finding.check.as_str() {
                "differential_fairness_bias_amplification" => (f64::MIN, f64::MAX),
                _ if finding.code.starts_with("FA5") => (0.0, f64::MAX),
                _ => range(finding),
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
            ("error_rate", "accuracy"),
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn weights_of_one_change_nothing(rows in rows()) {
        let plain = frame(&rows, plain);
        let ones = Frame { weight: Some(vec![1.0; rows.len()]), ..plain.clone() };
        let (plain, ones) = (findings(&plain), findings(&ones));
        prop_assert_eq!(plain.len(), ones.len());
        for (a, b) in plain.iter().zip(&ones) {
            prop_assert_eq!(&a.subject, &b.subject);
            if a.check.ends_with("_test") || a.check.ends_with("_pooled") {
                // These refuse weights, even if they are all one.
                let refused = matches!(b.value, Err(Undefined::NotRun { .. }));
                prop_assert!(refused || a.value == b.value, "{:?}", b);
                continue;
            }
            let near = |a: f64, b: f64, within: f64| (a - b).abs() < within * a.abs().max(1.0);
            match (&a.value, &b.value) {
                (Ok(v), Ok(w)) => prop_assert!(near(*v, *w, 1e-12), "{a:?} {b:?}"),
                (a, b) => prop_assert_eq!(a, b),
            }
            let to_overall = a.check.ends_with("to_overall");
            let portion = a.check.starts_with("predicted_positive_share");
            // Without weights their rows are drawn again or counted; with weights they have no interval.
            let counted = ["matthews", "average_precision", "f1", "abroca"];
            let counted = counted.iter().any(|metric| a.check.starts_with(metric));
            if let Some(i) = a.interval.as_ref().filter(|_| !to_overall && !portion && !counted) {
                // An area of few rows has a plain interval only.
                let area = ["roc_auc", "auc_"].iter().any(|metric| a.check.starts_with(metric));
                prop_assert!(area || b.interval.is_some(), "{:?}", a);
                let Some(j) = b.interval.as_ref() else { continue };
                if area || i.method.contains("koopman") || i.method == "delta_method" {
                    continue; // Koopman's ratio is one of whole rows; the delta method weighs rows itself.
                }
                let same = near(i.low, j.low, 1e-9) && near(i.high, j.high, 1e-9);
                prop_assert!(same, "{a:?} {b:?}");
                // Newcombe's interval is `mover` of two score intervals; with weights it goes by that name.
                let named = |method: &str| format!("{method}, effective n");
                let mover = named(&i.method.replace("newcombe", "mover"));
                prop_assert!(j.method == named(&i.method) || j.method == mover, "{}", j.method);
            }
        }
    }

    #[test]
    fn a_weight_of_two_is_a_row_that_is_there_twice(
        rows in rows(),
        twice in proptest::collection::vec(any::<bool>(), 60),
    ) {
        let doubled: Vec<Row> = rows
            .iter()
            .zip(&twice)
            .flat_map(|(row, twice)| std::iter::repeat_n(*row, if *twice { 2 } else { 1 }))
            .collect();
        let weight = twice.iter().take(rows.len()).map(|t| if *t { 2.0 } else { 1.0 }).collect();
        let weighted = Frame { weight: Some(weight), ..frame(&rows, plain) };
        assert_same(&values(&findings(&frame(&doubled, plain))), &values(&findings(&weighted)));
    }

    #[test]
    fn a_common_factor_of_the_weights_and_the_order_of_the_rows_change_nothing(
        rows in rows(),
        weights in proptest::collection::vec(0.1..4.0_f64, 60),
        seed in any::<u64>(),
    ) {
        let mut both: Vec<(Row, f64)> = rows.iter().copied().zip(weights).collect();
        let weighted = |both: &[(Row, f64)], factor: f64| {
            let rows: Vec<Row> = both.iter().map(|(row, _)| *row).collect();
            let weight = both.iter().map(|(_, w)| w * factor).collect();
            findings(&Frame { weight: Some(weight), ..frame(&rows, plain) })
        };
        let once = values(&weighted(&both, 1.0));
        assert_same(&once, &values(&weighted(&both, 8.0)));
        Seed::new(seed).stream().shuffle(&mut both);
        assert_same(&once, &values(&weighted(&both, 1.0)));
    }

    #[test]
    fn swapping_the_positive_class_swaps_the_rates(rows in rows()) {
        let straight = frame(&rows, plain);
        let flip = |flags: &[bool]| flags.iter().map(|flag| !flag).collect();
        let swapped = Frame {
            y_true: flip(&straight.y_true),
            y_pred: flip(&straight.y_pred),
            score: straight.score.as_ref().map(|s| s.iter().map(|s| 1.0 - s).collect()),
            ..straight.clone()
        };
        let (straight, swapped) = (findings(&straight), findings(&swapped));
        for (a, b) in [
            ("true_positive_rate", "true_negative_rate"),
            ("false_positive_rate", "false_negative_rate"),
            ("precision", "negative_predictive_value"),
            ("false_discovery_rate", "false_omission_rate"),
            ("accuracy", "accuracy"),
            ("balanced_accuracy", "balanced_accuracy"),
            ("matthews_corrcoef", "matthews_corrcoef"),
            ("roc_auc", "roc_auc"),
            ("brier_score", "brier_score"),
            ("log_loss", "log_loss"),
            ("abroca", "abroca"),
            ("average_abs_odds_difference", "average_abs_odds_difference"),
        ] {
            let others = rates(&swapped, b);
            for (subject, value) in rates(&straight, a) {
                match (value.ok(), others[&subject].clone().ok()) {
                    (Some(a), Some(b)) => prop_assert!((a - b).abs() < 1e-9, "{} {}", a, b),
                    (a, b) => prop_assert_eq!(a, b),
                }
            }
        }
    }

    #[test]
    fn the_area_between_the_curves_is_at_least_the_gap_of_their_areas(rows in rows()) {
        let findings = findings(&frame(&rows, plain));
        let gaps = rates(&findings, "roc_auc_difference");
        for (subject, value) in rates(&findings, "abroca") {
            if let (Ok(area), Ok(gap), None) = (value, gaps[&subject].clone(), &subject.1) {
                prop_assert!(area >= gap - 1e-12, "{} {}", area, gap);
            }
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
