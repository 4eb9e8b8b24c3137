//! The registry, and comparisons small enough to sum by hand.

use super::*;
use crate::domain::{Cell, Evidence, Groups, Split, Undefined};
use std::collections::BTreeSet;

mod details;
mod more;
mod pass;

/// Rows of a grouping `g`: level name and `[tp, fp, tn, fn]`.
fn frame(levels: &[(&str, [usize; 4])]) -> Frame {
    let (mut names, mut y_true, mut y_pred) = (Vec::new(), Vec::new(), Vec::new());
    let cells = [(true, true), (false, true), (false, false), (true, false)];
    for (name, counts) in levels {
        for ((truth, decision), count) in cells.into_iter().zip(counts) {
            names.extend(std::iter::repeat_n(Some(*name), *count));
            y_true.extend(std::iter::repeat_n(truth, *count));
            y_pred.extend(std::iter::repeat_n(decision, *count));
        }
    }
    let groups = vec![Groups::encode("g", &names)];
    Frame { split: Split::Test, y_true, y_pred, score: None, weight: None, groups }
}

fn options() -> Options {
    Options::default()
}

fn comparison(frame: &Frame, options: &Options, check: &str) -> Finding {
    let found = audit(frame, options)
        .into_iter()
        .find(|f| f.check == check && f.subject.group.is_none() && f.subject.reference.is_none());
    found.unwrap_or_else(|| panic!("no finding `{check}`"))
}

fn numbers<'a>(finding: &'a Finding, of: &str) -> &'a [Cell] {
    let cells = finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Numbers { name, cells } if name == of => Some(cells.as_slice()),
        _ => None,
    });
    cells.unwrap_or_default()
}

fn names(cells: &[Cell]) -> Vec<&str> {
    cells.iter().map(|cell| cell.name.as_str()).collect()
}

/// a: TPR 3/4, FPR 1/5, selection 4/9. b: TPR 1/2, FPR 3/4, selection 5/8.
fn two_groups() -> Frame {
    frame(&[("a", [3, 1, 4, 1]), ("b", [2, 3, 1, 2])])
}

#[test]
fn codes_and_names_are_unique_and_every_manual_has_its_heads() {
    let checks = checks();
    let codes: BTreeSet<&str> = checks.iter().map(|meta| meta.code).collect();
    let names: BTreeSet<&str> = checks.iter().map(|meta| meta.name).collect();
    assert_eq!((codes.len(), names.len()), (checks.len(), checks.len()));
    for meta in checks {
        let digits =
            ["FA", "FC"].into_iter().find_map(|family| meta.code.strip_prefix(family)).unwrap();
        assert!(digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()), "{}", meta.code);
        let snake = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_' || b == b'.';
        assert!(meta.name.bytes().all(snake), "{}", meta.name);
        assert!(!meta.summary().is_empty() && !meta.summary().contains("**"), "{}", meta.name);
        for head in ["Formula", "Range", "Ideal", "Undefined", "Source", "Peer"] {
            let section = meta.section(head);
            assert!(section.is_some_and(|text| !text.is_empty()), "{}: {head}", meta.name);
        }
    }
}

#[test]
fn every_metric_but_the_count_is_compared_under_its_own_name_and_number() {
    for metric in METRICS.iter().skip(1) {
        let (name, number) = (metric.meta().name, &metric.meta().code[3..]);
        for (suffix, family) in [
            ("difference", "FA1"),
            ("ratio", "FA2"),
            ("difference_to_overall", "FA6"),
            ("ratio_to_overall", "FA9"),
        ] {
            let wanted = format!("{name}_{suffix}");
            let line = COMPARISONS.iter().find(|c| c.meta.name == wanted);
            let line = line.unwrap_or_else(|| panic!("{wanted} is missing"));
            assert_eq!(line.meta.code, format!("{family}{number}"));
            assert_eq!(line.metrics[0].meta().name, name);
        }
    }
}

#[test]
fn a_difference_is_the_gap_of_the_extremes_with_their_newcombe_interval() {
    let finding = comparison(&two_groups(), &options(), "demographic_parity_difference");
    // 5/8 − 4/9 = 13/72, b above a.
    assert!((finding.value.clone().unwrap() - 13.0 / 72.0).abs() < 1e-15);
    // Two groups are one pair; a largest gap is never below 0.
    let pair = crate::stats::newcombe((5, 8), (4, 9), 0.95).unwrap();
    let found = finding.interval.clone().unwrap();
    assert!(pair.low < 0.0 && found.low.abs() < 1e-15 && (found.high - pair.high).abs() < 1e-9);
    assert_eq!(found.method, "newcombe");
    assert_eq!((names(numbers(&finding, "extremes")), finding.n), (vec!["a", "b"], 17));
}

#[test]
fn a_ratio_is_the_lower_over_the_higher_with_the_score_interval() {
    let finding = comparison(&two_groups(), &options(), "demographic_parity_ratio");
    // (4/9) / (5/8) = 32/45
    assert!((finding.value.clone().unwrap() - 32.0 / 45.0).abs() < 1e-15);
    let pair = crate::stats::koopman((4, 9), (5, 8), 0.95).unwrap();
    let found = finding.interval.unwrap();
    assert!((found.low - pair.low).abs() < 1e-9 && pair.high > 1.0 && found.high <= 1.0);
    assert_eq!(found.method, "koopman");
}

#[test]
fn equalized_odds_is_decided_by_the_worse_component() {
    let difference = comparison(&two_groups(), &options(), "equalized_odds_difference");
    // TPR 3/4 − 1/2 = 0.25; FPR 3/4 − 1/5 = 0.55.
    assert!((difference.value.clone().unwrap() - 0.55).abs() < 1e-15);
    // Two rates share the error: each holds with 97.5 %.
    let (found, both) =
        (difference.interval.clone().unwrap(), crate::stats::newcombe((3, 4), (1, 5), 0.975));
    assert!((found.high - both.unwrap().high).abs() < 1e-9, "{found:?}");
    assert_eq!((found.method.as_str(), found.level), ("simultaneous_newcombe", 0.95));
    let components = numbers(&difference, "components");
    assert_eq!(names(components), ["true_positive_rate", "false_positive_rate"]);
    let ratio = comparison(&two_groups(), &options(), "equalized_odds_ratio");
    // TPR (1/2)/(3/4) = 2/3; FPR (1/5)/(3/4) = 4/15.
    assert!((ratio.value.unwrap() - 4.0 / 15.0).abs() < 1e-15);
}

#[test]
fn a_group_without_positives_makes_the_comparison_undefined_and_the_rest_is_shown() {
    let frame = frame(&[("a", [3, 1, 4, 1]), ("b", [2, 3, 1, 2]), ("c", [0, 1, 2, 0])]);
    let finding = comparison(&frame, &options(), "equal_opportunity_difference");
    let because = Box::new(Undefined::NoPositives);
    assert_eq!(finding.value, Err(Undefined::GroupUndefined { group: "g=c".to_owned(), because }));
    let rest = numbers(&finding, "over_defined_groups");
    assert_eq!((names(rest), rest[0].value), (vec!["value", "b", "a"], Some(0.25)));
    assert_eq!((finding.interval, finding.n), (None, 20));
}

#[test]
fn a_perfect_classifier_is_not_blamed_for_a_group_without_positives() {
    // A peer that counts 0/0 as 0 reports a difference of 1 here.
    let frame = frame(&[("a", [3, 0, 4, 0]), ("b", [0, 0, 5, 0])]);
    let finding = comparison(&frame, &options(), "equalized_odds_difference");
    assert!(matches!(finding.value, Err(Undefined::GroupUndefined { .. })));
    assert_eq!(numbers(&finding, "over_defined_groups"), []);
}

#[test]
fn a_group_below_the_minimum_is_left_out_and_named() {
    let frame = frame(&[("a", [3, 1, 4, 1]), ("b", [2, 3, 1, 2]), ("tiny", [1, 0, 0, 0])]);
    let options = Options { min_group_size: 5, ..options() };
    let finding = comparison(&frame, &options, "demographic_parity_difference");
    assert!((finding.value.clone().unwrap() - 13.0 / 72.0).abs() < 1e-15);
    assert_eq!(names(numbers(&finding, "excluded_small_groups")), ["tiny"]);
    let tiny: Vec<Finding> = audit(&frame, &options)
        .into_iter()
        .filter(|f| f.subject.group.as_ref().is_some_and(|key| key["g"] == "tiny"))
        .collect();
    assert_eq!((tiny[0].check.as_str(), &tiny[0].value), ("count", &Ok(1.0)));
    let refused = |f: &Finding| f.value == Err(Undefined::TooFew { n: 1, need: 5 });
    assert!(tiny[1..].iter().all(|f| refused(f) && f.interval.is_none()));
}

#[test]
fn one_remaining_group_is_no_comparison() {
    let frame = frame(&[("a", [3, 1, 4, 1]), ("tiny", [1, 0, 0, 0])]);
    let finding = |min_group_size| {
        comparison(&frame, &Options { min_group_size, ..options() }, "accuracy_difference")
    };
    assert_eq!(finding(2).value, Err(Undefined::OneGroup));
    assert!(finding(1).value.is_ok());
    assert_eq!(finding(100).value, Err(Undefined::OneGroup));
}

#[test]
fn a_ratio_of_zeros_has_no_value_and_a_zero_an_interval_from_0() {
    let zeros = frame(&[("a", [3, 0, 4, 1]), ("b", [2, 0, 1, 2])]);
    let finding = comparison(&zeros, &options(), "false_positive_rate_ratio");
    assert_eq!(finding.value, Err(Undefined::ZeroDenominator));
    let one = frame(&[("a", [3, 0, 4, 1]), ("b", [2, 1, 1, 2])]);
    let finding = comparison(&one, &options(), "false_positive_rate_ratio");
    let interval = finding.interval.unwrap();
    assert_eq!((finding.value, interval.method.as_str()), (Ok(0.0), "koopman"));
    assert!(interval.low.abs() < 1e-15 && interval.high <= 1.0);
}

#[test]
fn an_empty_level_is_listed_and_disturbs_nothing() {
    let mut frame = two_groups();
    let half = Groups::encode("h", &vec![Some("x"); 17]);
    let mut sides = vec![Some("y"); 17];
    sides[0] = Some("z");
    let side = Groups::encode("s", &sides);
    frame.groups = vec![Groups::cross(&[&frame.groups[0], &half, &side])];
    let findings = audit(&frame, &options());
    let empty: Vec<&Finding> = findings
        .iter()
        .filter(|f| f.subject.group.as_ref().is_some_and(|k| k["g"] == "b" && k["s"] == "z"))
        .collect();
    assert_eq!((empty.len(), &empty[0].value), (METRICS.len(), &Ok(0.0)));
    assert!(empty[1..].iter().all(|f| f.value == Err(Undefined::Empty) && f.n == 0));
    assert!(comparison(&frame, &options(), "demographic_parity_difference").value.is_ok());
}

#[test]
fn without_scores_the_area_says_so_and_blames_no_group() {
    let finding = comparison(&two_groups(), &options(), "roc_auc_difference");
    assert_eq!(finding.value, Err(Undefined::NoScores));
}

#[test]
fn areas_are_compared_with_both_variances() {
    let mut frame = two_groups();
    frame.score = Some((0..17).map(|i| f64::from((i * 7) % 17) / 17.0).collect());
    let finding = comparison(&frame, &options(), "roc_auc_difference");
    let interval = finding.interval.unwrap();
    assert_eq!(interval.method, "mover");
    assert!(
        interval.low < finding.value.clone().unwrap() && interval.high > finding.value.unwrap()
    );
}

#[test]
fn pairs_are_signed_and_name_both_sides() {
    let reference = BTreeMap::from([("g".to_owned(), "b".to_owned())]);
    let options = Options { reference, metrics: Selection::Default, ..options() };
    let findings = audit(&two_groups(), &options);
    let is_pair = |f: &&Finding| f.subject.reference.is_some() && !f.check.ends_with("_test");
    let pairs: Vec<&Finding> = findings.iter().filter(is_pair).collect();
    let checks: Vec<&str> = pairs.iter().map(|f| f.check.as_str()).collect();
    assert_eq!(checks[..2], ["average_odds_difference", "disparate_impact"]);
    let expected =
        ["selection_rate", "accuracy", "true_positive_rate", "false_positive_rate", "precision"];
    assert_eq!(checks[2..], expected.map(|m| format!("{m}_difference")));
    // ((3/4 − 1/2) + (1/5 − 3/4)) / 2 = −0.15: the two gaps cancel in part.
    assert!((pairs[0].value.clone().unwrap() + 0.15).abs() < 1e-15);
    assert_eq!(pairs[0].interval.as_ref().unwrap().method, "mover");
    // (4/9) / (5/8) = 32/45
    assert!((pairs[1].value.clone().unwrap() - 32.0 / 45.0).abs() < 1e-15);
    // 4/9 − 5/8
    assert!((pairs[2].value.clone().unwrap() + 13.0 / 72.0).abs() < 1e-15);
    assert_eq!(pairs[2].interval, crate::stats::newcombe((4, 9), (5, 8), 0.95));
    assert_eq!(pairs[2].subject.group.as_ref().unwrap()["g"], "a");
    assert_eq!(pairs[2].subject.reference.as_ref().unwrap()["g"], "b");
}

#[test]
fn a_ratio_with_a_reference_may_exceed_one_and_shows_the_other_direction() {
    let reference = BTreeMap::from([("g".to_owned(), "a".to_owned())]);
    let findings = audit(&two_groups(), &Options { reference, ..options() });
    let pair = findings
        .iter()
        .find(|f| f.check == "disparate_impact" && f.subject.reference.is_some())
        .unwrap();
    // (5/8) / (4/9) = 45/32
    assert!((pair.value.clone().unwrap() - 45.0 / 32.0).abs() < 1e-15);
    let folded = numbers(pair, "either_direction")[0].value.unwrap();
    assert!((folded - 32.0 / 45.0).abs() < 1e-15);
}

#[test]
fn a_reference_that_nobody_belongs_to_is_said() {
    let reference = BTreeMap::from([("g".to_owned(), "typo".to_owned())]);
    let options = Options { reference, metrics: Selection::Default, ..options() };
    let findings = audit(&two_groups(), &options);
    let said = findings.iter().filter(|f| {
        f.subject.reference.is_some() && matches!(f.value, Err(Undefined::NotRun { .. }))
    });
    assert_eq!(said.count(), 7);
}

#[test]
fn a_pair_with_an_undefined_side_names_that_side() {
    let frame = frame(&[("a", [3, 1, 4, 1]), ("c", [0, 1, 2, 0])]);
    let reference = BTreeMap::from([("g".to_owned(), "a".to_owned())]);
    let findings = audit(&frame, &Options { reference, ..options() });
    let pair = findings
        .iter()
        .find(|f| f.check == "true_positive_rate_difference" && f.subject.reference.is_some());
    let because = Box::new(Undefined::NoPositives);
    let expected = Err(Undefined::GroupUndefined { group: "g=c".to_owned(), because });
    assert_eq!((&pair.unwrap().value, &pair.unwrap().interval), (&expected, &None));
}

#[test]
fn the_order_is_whole_then_levels_then_comparisons_and_identities_are_unique() {
    let reference = BTreeMap::from([("g".to_owned(), "b".to_owned())]);
    let findings = audit(&two_groups(), &Options { reference, ..options() });
    let (m, c) = (METRICS.len(), COMPARISONS.len());
    let pairs = COMPARISONS.iter().filter(|c| c.pairs == Pairs::Signed).count();
    assert_eq!(findings.len(), m + 2 * m + c + pairs + 12 + 4 + 7);
    // Then the six tests of all groups and of the pair, four indices of individuals, and seven of
    // the grouping.
    assert!(findings[..m].iter().all(|f| f.subject.by.is_empty()));
    assert!(findings[m..3 * m].iter().all(|f| f.subject.group.is_some()));
    let ids: BTreeSet<_> = findings.iter().map(Finding::id).collect();
    assert_eq!(ids.len(), findings.len());
}

#[test]
fn only_the_wanted_checks_are_reported() {
    let metrics =
        Selection::Named(vec!["selection_rate".to_owned(), "demographic_parity_ratio".to_owned()]);
    let findings = audit(&two_groups(), &Options { metrics, ..options() });
    let checks: Vec<&str> = findings.iter().map(|f| f.check.as_str()).collect();
    let [rate, ratio] = ["selection_rate", "demographic_parity_ratio"];
    assert_eq!(checks, [rate, rate, rate, ratio]);
}

#[test]
fn the_count_carries_the_confusion_table() {
    let findings = audit(&two_groups(), &options());
    let expected = [("tp", 5), ("fp", 4), ("tn", 5), ("fn", 3)];
    let counts = expected.map(|(name, n)| (name.to_owned(), n)).into();
    assert_eq!(findings[0].evidence, [Evidence::Counts { counts }]);
}
