//! Laws of predictions that are numbers.

use super::*;
use crate::domain::{Undefined, Value};

/// Rows of group, outcome and prediction, all from whole numbers.
fn frame(n: u32) -> NumberFrame {
    let seeds: Vec<u32> = (0..n).map(|i| (i * i * 7 + 3 * i) % 101).collect();
    let names: Vec<Option<&str>> =
        seeds.iter().map(|s| Some(if s % 3 == 0 { "f" } else { "m" })).collect();
    NumberFrame {
        split: Split::Test,
        y_true: seeds.iter().map(|s| f64::from(s % 20)).collect(),
        y_pred: seeds.iter().map(|s| f64::from(s % 20) + f64::from(s % 7) - 2.5).collect(),
        weight: None,
        groups: vec![Groups::encode("sex", &names)],
    }
}

fn find<'a>(findings: &'a [Finding], check: &str, group: Option<&str>) -> &'a Finding {
    let is = |f: &&Finding| {
        let of = f.subject.group.as_ref().map(|key| key["sex"].as_str());
        f.check == check && of == group && f.subject.reference.is_none()
    };
    findings.iter().find(is).unwrap_or_else(|| panic!("no {check}"))
}

#[test]
fn gaps_are_those_of_the_groups_and_have_intervals() {
    let findings = audit(&frame(120), &Options::default());
    for check in [
        "mean_absolute_error",
        "root_mean_squared_error",
        "r2_score",
        "mean_error",
        "mean_prediction",
    ] {
        let of = |group| find(&findings, check, Some(group));
        let (f, m) = (of("f").value.clone().unwrap(), of("m").value.clone().unwrap());
        let gap = find(&findings, &format!("{check}_difference"), None);
        assert!((gap.value.clone().unwrap() - (f - m).abs()).abs() < 1e-12, "{check}");
        assert!(gap.interval.is_some(), "{check}");
        let interval = of("m").interval.clone().unwrap();
        assert!(interval.low < m && m < interval.high, "{check} {interval:?}");
    }
    let method = |check| find(&findings, check, Some("m")).interval.clone().unwrap().method;
    assert_eq!(method("root_mean_squared_error"), "bootstrap_bca");
    assert_eq!(
        (method("mean_error"), method("median_absolute_error")),
        ("student_t".into(), "order_statistics".into())
    );
    // Means below 0 have no ratio.
    assert!(findings.iter().all(|f| f.check != "mean_error_ratio" && f.check != "r2_score_ratio"));
}

#[test]
fn the_order_of_rows_changes_nothing_and_their_repetition_no_value() {
    let plain = frame(90);
    let pick = |order: &[usize]| NumberFrame {
        y_true: order.iter().map(|row| plain.y_true[*row]).collect(),
        y_pred: order.iter().map(|row| plain.y_pred[*row]).collect(),
        groups: vec![plain.groups[0].select(order)],
        ..plain.clone()
    };
    let turned: Vec<usize> = (0..90).rev().collect();
    let once = audit(&plain, &Options::default());
    assert_eq!(once, audit(&pick(&turned), &Options::default()));
    let twice: Vec<usize> = (0..90).chain(0..90).collect();
    let twice = audit(&pick(&twice), &Options::default());
    for (a, b) in once.iter().zip(&twice).filter(|(a, _)| a.check != "count") {
        let (x, y) = (a.value.clone().unwrap(), b.value.clone().unwrap());
        assert!((x - y).abs() < 1e-9, "{} {x} {y}", a.check);
    }
}

#[test]
fn shifting_and_scaling_outcome_and_prediction_do_what_they_must() {
    let plain = frame(90);
    let turn = |of: fn(f64) -> f64| NumberFrame {
        y_true: plain.y_true.iter().map(|y| of(*y)).collect(),
        y_pred: plain.y_pred.iter().map(|y| of(*y)).collect(),
        ..plain.clone()
    };
    let value = |frame: &NumberFrame, check: &str| -> Value {
        find(&audit(frame, &Options::default()), check, None).value.clone()
    };
    let (shifted, scaled) = (turn(|y| y + 1000.0), turn(|y| 3.0 * y));
    for (check, factor) in
        [("mean_absolute_error", 3.0), ("root_mean_squared_error", 3.0), ("r2_score", 1.0)]
    {
        let before = value(&plain, check).unwrap();
        assert!((value(&shifted, check).unwrap() - before).abs() < 1e-9, "{check}");
        assert!((value(&scaled, check).unwrap() - factor * before).abs() < 1e-9, "{check}");
    }
}

#[test]
fn a_group_of_equal_outcomes_has_no_share_of_spread_and_blames_itself() {
    let mut table = frame(120);
    for (row, level) in table.groups[0].of().enumerate() {
        if level.index() == 0 {
            table.y_true[row] = 4.0;
        }
    }
    let findings = audit(&table, &Options::default());
    assert_eq!(find(&findings, "r2_score", Some("f")).value, Err(Undefined::ZeroDenominator));
    let because = Box::new(Undefined::ZeroDenominator);
    let group = Undefined::GroupUndefined { group: "sex=f".to_owned(), because };
    assert_eq!(find(&findings, "r2_score_difference", None).value, Err(group));
    assert!(find(&findings, "mean_absolute_error_difference", None).value.is_ok());
}

#[test]
fn a_perfect_prediction_has_no_error_and_explains_everything() {
    let mut table = frame(60);
    table.y_pred.clone_from(&table.y_true);
    let findings = audit(&table, &Options::default());
    assert_eq!(find(&findings, "mean_absolute_error", None).value, Ok(0.0));
    assert_eq!(find(&findings, "r2_score", None).value, Ok(1.0));
    assert_eq!(find(&findings, "mean_absolute_error_difference", None).value, Ok(0.0));
    assert_eq!(
        find(&findings, "mean_absolute_error_ratio", None).value,
        Err(Undefined::ZeroDenominator)
    );
}

#[test]
fn weights_stand_for_repeated_rows() {
    let mut weighted = frame(60);
    weighted.weight = Some((0..60).map(|row| if row < 20 { 2.0 } else { 1.0 }).collect());
    let order: Vec<usize> = (0..60).chain(0..20).collect();
    let plain = frame(60);
    let repeated = NumberFrame {
        y_true: order.iter().map(|row| plain.y_true[*row]).collect(),
        y_pred: order.iter().map(|row| plain.y_pred[*row]).collect(),
        groups: vec![plain.groups[0].select(&order)],
        ..plain
    };
    let (a, b) = (audit(&weighted, &Options::default()), audit(&repeated, &Options::default()));
    for (a, b) in a.iter().zip(&b).filter(|(a, _)| a.check != "count") {
        let (x, y) = (a.value.clone().unwrap(), b.value.clone().unwrap());
        assert!((x - y).abs() < 1e-9, "{} {x} {y}", a.check);
    }
}

#[test]
fn every_finding_has_a_manual() {
    let known: Vec<&str> = super::super::checks().iter().map(|meta| meta.name).collect();
    let findings = audit(&frame(60), &Options::default());
    assert!(!findings.is_empty());
    assert!(findings.iter().all(|f| known.contains(&f.check.as_str())));
}
