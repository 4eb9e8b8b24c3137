//! Laws of the classes, and the worst class by hand.

use super::super::audit as audit_two;
use super::*;
use crate::domain::{Evidence, Undefined};

fn names(k: usize) -> Vec<String> {
    (0..k).map(|class| format!("c{class}")).collect()
}

/// Rows of groups `a`, `b`, …: each with its k×k table.
pub(super) fn frame(tables: &[&[u32]], k: usize) -> ClassFrame {
    let (mut group, mut y_true, mut y_pred) = (Vec::new(), Vec::new(), Vec::new());
    let width = u32::try_from(k).unwrap();
    for (name, table) in ["a", "b", "c"].iter().zip(tables) {
        for (cell, count) in (0..).zip(*table) {
            for _ in 0..*count {
                group.push(Some(*name));
                y_true.push(cell / width);
                y_pred.push(cell % width);
            }
        }
    }
    let groups = vec![Groups::encode("g", &group)];
    let split = Split::Test;
    ClassFrame { split, classes: names(k), y_true, y_pred, prob: None, weight: None, groups }
}

pub(super) fn find<'a>(
    findings: &'a [Finding],
    check: &str,
    label: Option<&str>,
) -> Vec<&'a Finding> {
    let is = |f: &&Finding| f.check == check && f.subject.label.as_deref() == label;
    findings.iter().filter(is).collect()
}

fn between<'a>(findings: &'a [Finding], check: &str) -> &'a Finding {
    let all = find(findings, check, None);
    all.into_iter().find(|f| f.subject.group.is_none() && !f.subject.by.is_empty()).unwrap()
}

pub(super) fn evidence(finding: &Finding, of: &str) -> Vec<(String, Option<f64>)> {
    let cells = finding.evidence.iter().find_map(|e| match e {
        Evidence::Numbers { name, cells } if name == of => Some(cells),
        _ => None,
    });
    cells.into_iter().flatten().map(|cell| (cell.name.clone(), cell.value)).collect()
}

const A: [u32; 9] = [20, 5, 1, 3, 15, 2, 2, 4, 18];
const B: [u32; 9] = [10, 9, 6, 2, 22, 1, 3, 2, 25];

#[test]
fn two_classes_have_the_numbers_of_two_classes() {
    let table = frame(&[&[30, 6, 4, 22], &[18, 9, 7, 30]], 2);
    let options = Options { metrics: Selection::Default, ..Options::default() };
    let many = audit(&table, &options);
    let is = |ids: &[ClassId]| ids.iter().map(|id| *id == 1).collect();
    let (y_true, y_pred) = (is(&table.y_true), is(&table.y_pred));
    let (split, groups) = (Split::Test, table.groups.clone());
    let two =
        audit_two(&Frame { split, y_true, y_pred, score: None, weight: None, groups }, &options);
    for check in ["accuracy", "balanced_accuracy", "matthews_corrcoef", "accuracy_difference"] {
        let (found, expected) = (find(&many, check, None), find(&two, check, None));
        assert!(!found.is_empty() && found.len() == expected.len(), "{check}");
        for (a, b) in found.iter().zip(&expected) {
            let (x, y) = (a.value.clone().unwrap(), b.value.clone().unwrap());
            assert!((x - y).abs() < 1e-12 && a.n == b.n, "{check} {x} {y}");
        }
    }
    assert_eq!(find(&many, "accuracy", None)[1].interval, find(&two, "accuracy", None)[1].interval);
    // Against the rest, each class is the other turned round: its recall is one minus the false
    // positive rate of the other.
    let of = |check, label| find(&many, check, Some(label))[1].value.clone().unwrap();
    assert!((of("true_positive_rate", "c0") + of("false_positive_rate", "c1") - 1.0).abs() < 1e-12);
    let same = find(&two, "precision", None)[1].value.clone().unwrap();
    assert!((of("precision", "c1") - same).abs() < 1e-15);
}

#[test]
fn the_worst_class_is_named_with_its_groups() {
    let findings = audit(&frame(&[&A, &B], 3), &Options::default());
    // Recall of c0: 20/26 and 10/25, of c1 15/20 and 22/25, of c2 18/24 and 25/30.
    let worst = between(&findings, "worst_class_true_positive_rate_difference");
    let expected = 20.0 / 26.0 - 0.4;
    assert!((worst.value.clone().unwrap() - expected).abs() < 1e-12);
    assert_eq!(evidence(worst, "deciding_class")[0].0, "c0");
    assert_eq!(
        evidence(worst, "extremes").iter().map(|c| c.0.as_str()).collect::<Vec<_>>(),
        ["b", "a"]
    );
    assert_eq!(evidence(worst, "components").len(), 3);
    let of_class = find(&findings, "true_positive_rate_difference", Some("c0"))[0];
    assert_eq!(of_class.value, worst.value);
    // Three classes share the error: wider than that of the class alone.
    let (all, alone) = (worst.interval.as_ref().unwrap(), of_class.interval.as_ref().unwrap());
    assert!(all.low < alone.low && all.method == "simultaneous_newcombe", "{all:?} {alone:?}");
    // Selected as c0 25 of 70 and 15 of 80, as c1 24/70 and 33/80, as c2 21/70 and 32/80.
    let ratio = between(&findings, "worst_class_selection_rate_ratio");
    assert!((ratio.value.clone().unwrap() - (15.0 / 80.0) / (25.0 / 70.0)).abs() < 1e-12);
}

#[test]
fn the_count_holds_the_table_of_each_group() {
    let findings = audit(&frame(&[&A, &B], 3), &Options::default());
    let of_b = find(&findings, "count", None)[2];
    let row: Vec<Option<f64>> =
        evidence(of_b, "predicted_of_actual c0").iter().map(|c| c.1).collect();
    assert_eq!((of_b.value.clone(), row), (Ok(80.0), vec![Some(10.0), Some(9.0), Some(6.0)]));
}

#[test]
fn a_group_without_a_class_has_no_average_and_says_which() {
    let table = frame(&[&A, &[10, 9, 6, 2, 22, 1, 0, 0, 0]], 3);
    let findings = audit(&table, &Options::default());
    let of_b = find(&findings, "recall_macro", None)[2];
    let because = Box::new(Undefined::NoPositives);
    let class = Undefined::GroupUndefined { group: "class=c2".to_owned(), because };
    assert_eq!((&of_b.value, &of_b.interval), (&Err(class.clone()), &None));
    assert_eq!(evidence(of_b, "over_present_classes")[0].1, Some(0.64));
    let because = Box::new(class);
    let group = Undefined::GroupUndefined { group: "g=b".to_owned(), because };
    assert_eq!(between(&findings, "recall_macro_difference").value, Err(group));
    assert!(between(&findings, "accuracy_difference").value.is_ok());
    let worst = between(&findings, "worst_class_true_positive_rate_difference");
    assert!(worst.value.is_err() && evidence(worst, "over_defined_groups").len() == 3);
}

#[test]
fn small_groups_take_no_part_and_one_group_is_no_comparison() {
    let table = frame(&[&A, &B, &[1, 0, 0, 0, 1, 0, 0, 0, 1]], 3);
    let options = Options { min_group_size: 10, ..Options::default() };
    let findings = audit(&table, &options);
    let gap = between(&findings, "recall_macro_difference");
    assert!(gap.value.is_ok() && evidence(gap, "excluded_small_groups")[0].0 == "c");
    assert_eq!(
        find(&findings, "f1_macro", None)[3].value,
        Err(Undefined::TooFew { n: 3, need: 10 })
    );
    let alone = audit(&frame(&[&A], 3), &Options::default());
    assert_eq!(between(&alone, "f1_macro_ratio").value, Err(Undefined::OneGroup));
    let worst = between(&alone, "worst_class_precision_difference");
    assert_eq!(worst.value, Err(Undefined::OneGroup));
}

#[test]
fn the_order_of_rows_and_their_repetition_change_no_value() {
    let plain = frame(&[&A, &B], 3);
    let n = plain.y_true.len();
    let order: Vec<usize> = (0..n).rev().chain(0..n).collect();
    let pick = |ids: &[ClassId]| order.iter().map(|row| ids[*row]).collect();
    let twice = ClassFrame {
        y_true: pick(&plain.y_true),
        y_pred: pick(&plain.y_pred),
        groups: vec![plain.groups[0].select(&order)],
        ..plain.clone()
    };
    let options = Options { metrics: Selection::Default, ..Options::default() };
    let (once, twice) = (audit(&plain, &options), audit(&twice, &options));
    assert_eq!(once.len(), twice.len());
    for (a, b) in once.iter().zip(&twice).filter(|(a, _)| a.check != "count") {
        if a.check.ends_with("_test") || a.check.ends_with("_pooled") {
            continue;
        }
        match (&a.value, &b.value) {
            (Ok(x), Ok(y)) => assert!((x - y).abs() < 1e-12, "{} {x} {y}", a.check),
            (a, b) => assert_eq!(a, b),
        }
    }
    assert_eq!(audit(&plain, &options), audit(&plain, &options));
}

#[test]
fn drawn_intervals_hold_the_number_and_need_rows_of_every_class() {
    let findings = audit(&frame(&[&A, &B], 3), &Options::default());
    for check in ["recall_macro", "f1_macro", "cohen_kappa", "matthews_corrcoef"] {
        let found = find(&findings, check, None)[1];
        let (value, interval) = (found.value.clone().unwrap(), found.interval.clone().unwrap());
        assert!(interval.low < value && value < interval.high, "{check} {interval:?}");
        assert_eq!(interval.method, "bootstrap_bca");
        let gap = between(&findings, &format!("{check}_difference"));
        assert_eq!(gap.interval.as_ref().unwrap().method, "mover");
    }
    let thin = audit(&frame(&[&A, &[10, 9, 6, 2, 22, 1, 1, 0, 3]], 3), &Options::default());
    assert_eq!(find(&thin, "f1_macro", None)[2].interval, None);
}

#[test]
fn a_reference_is_compared_with_and_identities_are_unique() {
    let reference = [("g".to_owned(), "a".to_owned())].into();
    let options = Options { reference, metrics: Selection::Default, ..Options::default() };
    let findings = audit(&frame(&[&A, &B], 3), &options);
    let pair = |f: &&&Finding| f.subject.reference.is_some();
    let pairs = find(&findings, "f1_macro_difference", None);
    let pair = pairs.iter().find(pair).unwrap();
    assert_eq!(pair.subject.group.as_ref().unwrap()["g"], "b");
    assert!(pair.value.clone().unwrap() < 0.0 && pair.interval.is_some());
    let ids: std::collections::BTreeSet<_> = findings.iter().map(Finding::id).collect();
    assert_eq!(ids.len(), findings.len());
    // Without probabilities the default leaves out what needs them.
    assert!(find(&findings, "log_loss", None).is_empty());
    let asked = Options { required: vec!["log_loss".to_owned()], ..options };
    let findings = audit(&frame(&[&A, &B], 3), &asked);
    assert_eq!(find(&findings, "log_loss", None)[0].value, Err(Undefined::NoScores));
    assert!(find(&findings, "roc_auc_ovr_macro", None).is_empty());
}

#[test]
#[should_panic(expected = "all columns describe the same rows")]
fn columns_of_different_lengths_are_a_bug_of_the_caller() {
    let mut table = frame(&[&A, &B], 3);
    table.y_pred.push(0);
    let _ = audit(&table, &Options::default());
}

#[test]
fn every_number_of_all_classes_has_a_manual() {
    let known: Vec<&str> = super::super::checks().iter().map(|meta| meta.name).collect();
    let findings = audit(&frame(&[&A, &B], 3), &Options::default());
    assert!(findings.iter().any(|f| f.check == "worst_class_precision_difference"));
    assert!(findings.iter().all(|f| known.contains(&f.check.as_str())));
}

#[test]
#[should_panic(expected = "all columns describe the same rows")]
fn a_row_without_a_decision_is_a_bug_of_the_caller() {
    let mut frame = frame(&[&[1, 2, 3, 4]], 2);
    frame.y_pred.pop();
    let _ = audit(&frame, &Options::default());
}
