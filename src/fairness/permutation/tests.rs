//! Permutation tests where there is a gap, and where there is none.

use super::super::{Selection, Statistics, audit};
use super::*;
use crate::domain::{Evidence, Seed, Stream};

/// Groups a and b of `n` rows each; of a's rows a share `rate` is positive, and their scores lie
/// higher by `lift`; of b's rows half are, and their scores are those of its negatives.
fn frame(draw: &mut Stream, n: usize, (rate, lift): (f64, f64)) -> Frame {
    let rows: Vec<(&str, bool, f64)> = (0..2 * n)
        .map(|row| {
            let group = row % 2;
            let positive = draw.flip([rate, 0.5][group]);
            let shift = if positive && group == 0 { lift } else { 0.0 };
            (["a", "b"][group], positive, (0.3 + 0.1 * draw.normal() + shift).clamp(0.0, 1.0))
        })
        .collect();
    Frame::of_scores(&rows, 0.35)
}

fn test_of(frame: &Frame, check: &str) -> Vec<Finding> {
    let statistics = Statistics { permutation: true, ..Statistics::default() };
    let metrics = Selection::Named(vec![check.to_owned()]);
    audit(frame, &Options { metrics, statistics, ..Options::default() })
}

fn p(finding: &Finding) -> f64 {
    let cells = finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Numbers { name, cells } if name == "significance" => Some(cells),
        _ => None,
    });
    cells.unwrap().iter().find(|cell| cell.name == "p").and_then(|cell| cell.value).unwrap()
}

#[test]
fn a_gap_is_found_and_its_absence_too() {
    let mut draw = Seed::new(12).stream();
    let apart = frame(&mut draw, 100, (0.5, 0.2));
    let rare = frame(&mut draw, 100, (0.9, 0.0));
    let alike = frame(&mut draw, 100, (0.5, 0.0));
    for test in &TESTS {
        let calibration = test.meta.name.contains("calibration");
        let found = test_of(if calibration { &rare } else { &apart }, test.meta.name);
        assert_eq!(found.len(), 1, "{}", test.meta.name);
        assert!(p(&found[0]) < 0.05, "{} {}", test.meta.name, p(&found[0]));
        let none = test_of(&alike, test.meta.name);
        assert!(p(&none[0]) > 0.01, "{} {}", test.meta.name, p(&none[0]));
        assert_eq!(none, test_of(&alike, test.meta.name));
    }
}

#[test]
fn without_a_gap_every_p_value_is_as_likely_as_another() {
    // 200 tables without a gap: about 20 p-values of at most 0.1; 33 is three standard errors above.
    let mut draw = Seed::new(13).stream();
    for check in ["roc_auc_test", "brier_score_test"] {
        let small =
            (0..200).filter(|_| p(&test_of(&frame(&mut draw, 30, (0.5, 0.0)), check)[0]) <= 0.1);
        let small = small.count();
        assert!((7..=33).contains(&small), "{check}: {small}");
    }
}

#[test]
fn labels_are_dealt_within_a_class_where_areas_are_compared() {
    let mut draw = Seed::new(14).stream();
    let frame = frame(&mut draw, 25, (0.5, 0.1));
    let options = Options::default();
    let plan = super::super::selection::Plan::new(&options, true);
    let ranking = super::super::ranking::Ranking::of(&frame);
    let grouping = Grouping::measure(&frame, &frame.groups[0], ranking.as_ref(), &options, &plan);
    let part: Vec<&Level> = grouping.taking_part().collect();
    let mut dealt = Dealt::of(&frame, grouping.groups, &part).unwrap();
    let positives = |dealt: &Dealt| {
        let of = |at: &&usize| dealt.labels[**at] == 0;
        dealt.classes[1].iter().filter(of).count()
    };
    let (before, labels) = (positives(&dealt), dealt.labels.clone());
    dealt.labels = dealt.anew(&mut draw, true);
    assert!(before == positives(&dealt) && labels != dealt.labels);
    let area = dealt.areas(&labels).unwrap();
    assert_eq!(area.len(), 2);
    assert!(dealt.rows.windows(2).all(|pair| pair[0].score <= pair[1].score));
}

#[test]
fn each_reason_is_reached_and_nothing_is_said_unasked() {
    let mut draw = Seed::new(15).stream();
    let plain = frame(&mut draw, 20, (0.5, 0.0));
    assert!(audit(&plain, &Options::default()).iter().all(|f| f.check != "roc_auc_test"));
    let required = vec!["roc_auc_test".to_owned()];
    let judged = audit(&plain, &Options { required, ..Options::default() });
    assert!(judged.iter().any(|f| f.check == "roc_auc_test" && f.value.is_ok()));
    let weighted = Frame { weight: Some(vec![1.0; 40]), ..plain.clone() };
    let found = &test_of(&weighted, "roc_auc_test")[0].value;
    assert!(matches!(found, Err(Undefined::NotRun { .. })));
    let bare = Frame { score: None, ..plain.clone() };
    assert_eq!(test_of(&bare, "brier_score_test")[0].value, Err(Undefined::NoScores));
    assert!(test_of(&bare, "f1_test")[0].value.is_ok());
    let negative = Frame { y_true: vec![false; 40], ..plain };
    let found = &test_of(&negative, "roc_auc_test")[0].value;
    assert!(matches!(found, Err(Undefined::GroupUndefined { .. })));
}

fn largest_gap(frame: &Frame, check: &str) -> f64 {
    let found = test_of(frame, check);
    let cells = found[0].evidence.iter().find_map(|evidence| match evidence {
        Evidence::Numbers { cells, .. } => cells.iter().find(|cell| cell.name == "largest_gap"),
        _ => None,
    });
    cells.and_then(|cell| cell.value).unwrap()
}

#[test]
fn the_largest_gap_by_hand() {
    let (a, b) = ("a", "b");
    let rows =
        [(a, false, 0.1), (a, false, 0.3), (b, false, 0.2), (b, false, 0.4), (b, false, 0.6)];
    // Squared errors 0.01, 0.09 against 0.04, 0.16, 0.36: variances of the means 0.0032 / 2 and
    // 0.05227 / 2 / 3.
    let apart = (0.56_f64 / 3.0 - 0.05) / (0.0016_f64 + 0.392 / 15.0 / 3.0).sqrt();
    assert!((largest_gap(&Frame::of_scores(&rows, 0.5), "brier_score_test") - apart).abs() < 1e-12);
    // F1 of 2/3 against 1/2, as they are.
    let rows = [
        (a, true, 0.9),
        (a, false, 0.8),
        (b, true, 0.7),
        (b, true, 0.2),
        (b, false, 0.6),
        (a, false, 0.1),
    ];
    assert!((largest_gap(&Frame::of_scores(&rows, 0.5), "f1_test") - 1.0 / 6.0).abs() < 1e-12);
    // Areas of 3/4 and 1 with the variances of their placements: positives 1/2 and 1, negatives 1
    // and 1/2 have a variance of 1/8 each.
    let rows = [
        (a, false, 0.1),
        (a, true, 0.2),
        (a, false, 0.3),
        (a, true, 0.4),
        (b, false, 0.1),
        (b, false, 0.1),
        (b, true, 0.8),
        (b, true, 0.9),
    ];
    let gap = largest_gap(&Frame::of_scores(&rows, 0.5), "roc_auc_test");
    assert!((gap - 0.25 / (0.125_f64 / 2.0 + 0.125 / 2.0).sqrt()).abs() < 1e-12, "{gap}");
}

#[test]
fn zero_with_a_sign_is_zero() {
    let rows = |zero| {
        let rows = [("a", true, 0.0), ("a", false, zero), ("a", true, 0.3), ("a", false, 0.1)];
        let turned = rows.map(|(_, class, score)| ("b", class, 1.0 - score));
        Frame::of_scores(&[rows, turned].concat(), 0.5)
    };
    let gap = |zero| largest_gap(&rows(zero), "roc_auc_test");
    assert!((gap(0.0) - gap(-0.0)).abs() < 1e-15 && gap(0.0) > 0.1);
}

#[test]
fn errors_need_two_rows_of_each_class_and_two_groups_are_needed() {
    let value = |rows: &[(&str, bool, f64)], check| {
        test_of(&Frame::of_scores(rows, 0.5), check)[0].value.clone()
    };
    let refused = |n| {
        let because = Box::new(Undefined::TooFew { n, need: 2 });
        Err(Undefined::GroupUndefined { group: "g=b".to_owned(), because })
    };
    let a = [("a", true, 0.7), ("a", true, 0.4), ("a", false, 0.6), ("a", false, 0.2)];
    let b = [("b", true, 0.8), ("b", false, 0.3), ("b", false, 0.1), ("b", true, 0.2)];
    let both = |n: usize| [&a[..], &b[..n]].concat();
    assert_eq!(value(&both(3), "roc_auc_test"), refused(1));
    assert_eq!(value(&both(1), "brier_score_test"), refused(1));
    assert!(value(&both(1), "f1_test").is_ok());
    assert!(value(&both(2), "brier_score_test").is_ok());
    assert!(value(&both(4), "roc_auc_test").is_ok());
    assert_eq!(value(&a, "roc_auc_test"), Err(Undefined::OneGroup));
    assert!(checks().all(|meta| super::super::checks().iter().any(|m| m.code == meta.code)));
    assert_eq!(checks().count(), TESTS.len());
}
