//! The conventions by hand, and that each says where it misleads.

use super::*;
use crate::domain::{Split, Value};
use crate::fairness::{audit, compat};

/// Groups with `[tp, fp, tn, fn]` each.
pub(super) fn frame(groups: &[(&str, [usize; 4])]) -> Frame {
    let (mut y_true, mut y_pred, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (name, [tp, fp, tn, fn_]) in groups {
        let cells = [(true, true, tp), (false, true, fp), (false, false, tn), (true, false, fn_)];
        for (truth, decision, n) in cells {
            y_true.extend(vec![truth; *n]);
            y_pred.extend(vec![decision; *n]);
            names.extend(vec![Some(*name).filter(|name| !name.is_empty()); *n]);
        }
    }
    let groups = vec![Groups::encode("g", &names)];
    Frame { split: Split::Test, y_true, y_pred, score: None, weight: None, groups }
}

pub(super) fn said(frame: &Frame, peer: Peer, check: &str, label: &str) -> Vec<Finding> {
    let options = Options { compat: vec![peer], ..Options::default() };
    let fits =
        |f: &Finding| f.check == check && f.subject.label.as_deref().unwrap_or_default() == label;
    let found: Vec<Finding> = audit(frame, &options).into_iter().filter(fits).collect();
    assert!(!found.is_empty(), "nothing about {check} {label}");
    found
}

pub(super) fn notes(finding: &Finding) -> Vec<&str> {
    let name = |evidence: &'_ Evidence| match evidence {
        Evidence::Numbers { .. } => (),
        other => panic!("{other:?}"),
    };
    finding.evidence.iter().for_each(name);
    let names = finding.evidence.iter().filter_map(|evidence| match evidence {
        Evidence::Numbers { name, .. } => Some(name.as_str()),
        _ => None,
    });
    names.collect()
}

pub(super) fn close(value: &Value, expected: f64) {
    assert!((value.clone().unwrap() - expected).abs() < 1e-15, "{value:?} {expected}");
}

#[test]
fn nothing_is_said_unless_asked_for_and_our_numbers_stay_the_same() {
    let frame = frame(&[("a", [3, 1, 2, 1]), ("b", [1, 2, 3, 4])]);
    let plain = audit(&frame, &Options::default());
    let peers = |f: &&Finding| f.check.contains('.');
    assert_eq!(plain.iter().filter(peers).count(), 0);
    let all = audit(&frame, &Options { compat: Peer::ALL.to_vec(), ..Options::default() });
    assert_eq!(plain[..], all[..plain.len()]);
    assert!(all[plain.len()..].iter().all(|f| f.check.contains('.')));
    let ids: std::collections::BTreeSet<_> = all.iter().map(Finding::id).collect();
    assert_eq!(ids.len(), all.len());
    let names: Vec<&str> = compat::checks().iter().map(|meta| meta.name).collect();
    assert!(all[plain.len()..].iter().all(|f| names.contains(&f.check.as_str())));
}

#[test]
fn fairlearn_calls_a_perfect_classifier_unfair_and_says_why() {
    // Right in every row; b has no positives: TPR 1 and "0", FPR 0 and 0.
    let frame = frame(&[("a", [2, 0, 2, 0]), ("b", [0, 0, 3, 0])]);
    let [check, label] = ["fairlearn.equalized_odds_difference", "between_groups, worst_case"];
    let found = said(&frame, Peer::Fairlearn, check, label);
    close(&found[0].value, 1.0);
    assert_eq!(notes(&found[0]), ["counted_as_zero"]);
    let ours = audit(&frame, &Options::default());
    let ours = ours.iter().find(|f| f.check == "equalized_odds_difference").unwrap();
    assert!(matches!(ours.value, Err(Undefined::GroupUndefined { .. })));
    let check = "fairlearn.metric_frame_by_group";
    let found = said(&frame, Peer::Fairlearn, check, "false_negative_rate");
    close(&found[1].value, 0.0);
    assert_eq!(notes(&found[1]), ["counted_as_zero"]);
}

#[test]
fn fairlearn_divides_an_f1_by_0_only_where_nothing_is_positive() {
    // As many selected as positive; nothing selected; no positives; neither.
    let groups =
        [("a", [1, 1, 1, 1]), ("b", [0, 0, 1, 2]), ("c", [0, 2, 1, 0]), ("d", [0, 0, 3, 0])];
    let check = "fairlearn.metric_frame_by_group";
    let found = said(&frame(&groups), Peer::Fairlearn, check, "f1_score");
    let values = found.iter().map(|finding| finding.value.clone());
    assert_eq!(values.collect::<Vec<_>>(), [Ok(0.5), Ok(0.0), Ok(0.0), Ok(0.0)]);
    let noted: Vec<usize> = found.iter().map(|finding| notes(finding).len()).collect();
    assert_eq!(noted, [0, 0, 0, 1]);
}

#[test]
fn aif360_drops_an_undefined_part_and_says_so() {
    // b has no positives and the same false positive rate 1/2 as a: max(0, NaN) = 0.
    let frame = frame(&[("a", [2, 1, 1, 0]), ("b", [0, 1, 1, 0])]);
    let found = said(&frame, Peer::Aif360, "aif360.equalized_odds_difference", "");
    close(&found[0].value, 0.0);
    assert_eq!(notes(&found[0]), ["undefined_part_dropped"]);
    // The largest group is the privileged one; once for the rest, once for b alone.
    assert_eq!(found.len(), 2);
    assert_eq!(found[1].subject.reference.as_ref().unwrap()["g"], "a");
}

#[test]
fn opposite_gaps_cancel_and_an_infinite_ratio_is_said_to_be_one() {
    // a: TPR 1/2, FPR 0. b: TPR 0, FPR 1/2. Mean of −1/2 and 1/2.
    let frame = frame(&[("a", [1, 0, 2, 1]), ("b", [0, 1, 1, 2])]);
    let found = said(&frame, Peer::Aif360, "aif360.average_odds_difference", "");
    close(&found[0].value, 0.0);
    assert_eq!(notes(&found[0]), ["opposite_gaps_cancel"]);
    let found = said(&frame, Peer::Aif360, "aif360.false_positive_rate_ratio", "");
    assert_eq!(found[0].value, Err(Undefined::ZeroDenominator));
    assert_eq!(notes(&found[0]), ["peer_says_infinity"]);
}

#[test]
fn aif360_divides_the_entropy_at_alpha_zero_once_too_often() {
    // No missed positive: benefits 1, 1, 2 and 2; mean 3/2.
    let frame = frame(&[("a", [1, 1, 0, 0]), ("b", [0, 1, 1, 0])]);
    let found = said(&frame, Peer::Aif360, "aif360.generalized_entropy_index", "alpha=0");
    let paper = 1.5_f64.ln() - 2.0_f64.ln() / 2.0;
    close(&found[0].value, paper / 1.5);
    let Evidence::Numbers { name, cells } = &found[0].evidence[0] else { panic!() };
    assert_eq!(name, "divided_by_the_mean_once_too_often");
    assert!((cells[0].value.unwrap() - paper).abs() < 1e-15);
}

#[test]
fn weights_that_a_peer_ignores_are_named() {
    let mut frame = frame(&[("a", [3, 1, 2, 1]), ("b", [1, 2, 3, 4])]);
    frame.weight = Some((0..17).map(|row| f64::from(row % 3) + 1.0).collect());
    let found = said(&frame, Peer::Aif360, "aif360.theil_index", "");
    assert_eq!(notes(&found[0]), ["weights_ignored"]);
    let found = said(&frame, Peer::Aequitas, "aequitas.absolute_metric", "tpr");
    close(&found[0].value, 0.75);
    assert_eq!(notes(&found[0]), ["weights_ignored"]);
}

#[test]
fn aequitas_fills_with_ten_and_counts_half_a_parity_as_unfair() {
    // a selects nobody: every other group's share is ten times "as much".
    let frame = frame(&[("a", [0, 0, 5, 1]), ("b", [2, 1, 1, 0])]);
    let found = said(&frame, Peer::Aequitas, "aequitas.disparity", "pprev, majority_group");
    close(&found[1].value, 10.0);
    assert_eq!(notes(&found[1]), ["filled_with_ten"]);
    assert_eq!(found[0].value, Err(Undefined::ZeroDenominator));
    let found = said(&frame, Peer::Aequitas, "aequitas.parity", "TypeI Parity, majority_group");
    assert!(notes(&found[1]).contains(&"undefined_part_counts_as_unfair"), "{found:?}");
}

#[test]
fn missing_groups_are_refused_or_dropped_as_the_peer_does() {
    let frame = frame(&[("a", [1, 1, 1, 1]), ("b", [1, 0, 1, 1]), ("", [1, 1, 0, 0])]);
    for (peer, check) in [
        (Peer::Fairlearn, "fairlearn.demographic_parity_ratio"),
        (Peer::Aif360, "aif360.theil_index"),
    ] {
        let found = said(&frame, peer, check, "");
        assert!(matches!(found[0].value, Err(Undefined::NotRun { .. })));
    }
    let found = said(&frame, Peer::Aequitas, "aequitas.absolute_metric", "total_entities");
    assert_eq!(found.len(), 2);
    close(&found[0].value, 9.0);
    assert_eq!(notes(&found[0]), ["missing_rows_dropped"]);
}

/// Name, value and rows of the cells of a note.
pub(super) fn cells<'a>(finding: &'a Finding, of: &str) -> Vec<(&'a str, Option<f64>, u64)> {
    let cells = finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Numbers { name, cells } if name == of => Some(cells),
        _ => None,
    });
    cells.unwrap().iter().map(|c| (c.name.as_str(), c.value, c.n)).collect()
}

#[test]
fn a_peer_is_known_by_its_name() {
    assert_eq!(Peer::ALL.map(Peer::name), ["fairlearn", "aif360", "aequitas"]);
    assert_eq!(Peer::ALL.map(|peer| Peer::parse(peer.name())), Peer::ALL.map(Some));
    assert_eq!(Peer::parse("holisticai"), None);
}

#[test]
fn a_peers_check_that_is_named_comes_alone_and_our_names_take_nothing_from_it() {
    let frame = frame(&[("a", [3, 1, 2, 1]), ("b", [1, 2, 3, 4])]);
    let of = |metrics| {
        let options = Options { compat: Peer::ALL.to_vec(), metrics, ..Options::default() };
        let found = audit(&frame, &options).into_iter();
        found.map(|f| f.check).filter(|check| check.contains('.')).collect::<Vec<_>>()
    };
    let named = |name: &str| of(Selection::Named(vec![name.to_owned()]));
    assert_eq!(named("aif360.theil_index"), ["aif360.theil_index"]);
    assert_eq!(named("accuracy"), of(Selection::Default));
}

#[test]
fn python_compares_the_second_with_the_first() {
    assert_eq!(
        [python_max(1.0, 2.0), python_max(2.0, 1.0)].map(f64::to_bits),
        [2.0_f64.to_bits(); 2]
    );
    assert_eq!(
        [python_min(1.0, 2.0), python_min(2.0, 1.0)].map(f64::to_bits),
        [1.0_f64.to_bits(); 2]
    );
    for of in [python_max, python_min] {
        assert!(of(f64::NAN, 1.0).is_nan());
        assert!((of(1.0, f64::NAN) - 1.0).abs() < 1e-15);
    }
}

#[test]
fn the_declared_group_is_the_reference_of_aif360_and_aequitas() {
    let frame = frame(&[("a", [3, 1, 3, 1]), ("b", [2, 0, 1, 1]), ("c", [1, 1, 1, 1])]);
    let reference = [("g".to_owned(), "b".to_owned())].into();
    let options = Options { compat: Peer::ALL.to_vec(), reference, ..Options::default() };
    let found = audit(&frame, &options);
    let is = |f: &&Finding| f.check.starts_with("aif360.") && f.subject.reference.is_some();
    assert!(found.iter().filter(is).all(|f| f.subject.reference.as_ref().unwrap()["g"] == "b"));
    let label = Some("tpr, predefined");
    let of = found.iter().filter(|f| f.subject.label.as_deref() == label);
    let of: Vec<(&str, f64)> = of
        .map(|f| (f.subject.group.as_ref().unwrap()["g"].as_str(), f.value.clone().unwrap()))
        .collect();
    // True positive rates 3/4, 2/3 and 1/2.
    assert_eq!(of, [("a", 0.75 / (2.0 / 3.0)), ("b", 1.0), ("c", 0.5 / (2.0 / 3.0))]);
}

#[test]
fn fairlearn_lists_the_combinations_without_rows_and_skips_them() {
    let sex = Groups::encode("sex", &["f", "m", "f", "m", "m"].map(Some));
    let age = Groups::encode("age", &["old", "old", "old", "young", "young"].map(Some));
    let table = |groups| Frame {
        split: Split::Test,
        y_true: vec![true, false, false, true, true],
        y_pred: vec![true, true, false, false, true],
        score: None,
        weight: None,
        groups: vec![groups],
    };
    let both = table(Groups::cross(&[&sex, &age]));
    let check = "fairlearn.metric_frame_by_group";
    let found = said(&both, Peer::Fairlearn, check, "false_positive_rate");
    // f|old 0 of 1 negative, f|young nobody, m|old 1 of 1, m|young without negatives.
    let values: Vec<Value> = found.iter().map(|f| f.value.clone()).collect();
    assert_eq!(values, [Ok(0.0), Err(Undefined::Empty), Ok(1.0), Ok(0.0)]);
    let noted: Vec<usize> = found.iter().map(|f| notes(f).len()).collect();
    assert_eq!(noted, [0, 0, 0, 1]);
    let gap = said(
        &both,
        Peer::Fairlearn,
        "fairlearn.metric_frame_difference",
        "false_positive_rate, between_groups",
    );
    close(&gap[0].value, 1.0);
    assert_eq!(cells(&gap[0], "counted_as_zero"), [("m|young", Some(2.0), 2)]);
    assert_eq!(cells(&gap[0], "empty_groups_skipped"), [("f|young", Some(0.0), 0)]);
    // A level of one feature that no row has any more is not listed.
    let names = ["a", "b", "c", "a", "b", "a"].map(Some);
    let one = table(Groups::encode("g", &names).select(&[0, 1, 3, 4, 5]));
    assert_eq!(said(&one, Peer::Fairlearn, check, "selection_rate").len(), 2);
}

#[test]
fn fairlearn_takes_the_part_that_exists_for_the_mean() {
    let label = |aggregate: &str| format!("between_groups, {aggregate}");
    let of = |table: &Frame, aggregate: &str| {
        let check = "fairlearn.equalized_odds_ratio";
        said(table, Peer::Fairlearn, check, &label(aggregate))[0].value.clone()
    };
    // Ratios of the true positive rates 1/2 to 1, of the false ones 0 to 0; then the other way.
    let first = frame(&[("a", [2, 0, 2, 0]), ("b", [1, 0, 2, 1])]);
    close(&of(&first, "mean"), 0.5);
    close(&of(&first, "worst_case"), 0.5);
    let second = frame(&[("a", [0, 2, 0, 2]), ("b", [0, 1, 1, 2])]);
    close(&of(&second, "mean"), 0.5);
    assert_eq!(of(&second, "worst_case"), Err(Undefined::ZeroDenominator));
}

#[test]
fn fairlearn_averages_over_the_class_that_is_there() {
    // a: TPR 1/2, TNR 3/4; b: no positives, TNR 1/3; c: no negatives, TPR 1/4.
    let table = frame(&[("a", [1, 1, 3, 1]), ("b", [0, 2, 1, 0]), ("c", [1, 0, 0, 3])]);
    let by_group = "fairlearn.metric_frame_by_group";
    let found = said(&table, Peer::Fairlearn, by_group, "balanced_accuracy_score");
    for (finding, value) in found.iter().zip([0.625, 1.0 / 3.0, 0.25]) {
        close(&finding.value, value);
    }
    let noted: Vec<Vec<&str>> = found.iter().map(notes).collect();
    assert_eq!(noted, [vec![], vec!["averaged_over_one_class"], vec!["averaged_over_one_class"]]);
    let min = "fairlearn.metric_frame_group_min";
    let found = said(&table, Peer::Fairlearn, min, "balanced_accuracy_score");
    close(&found[0].value, 0.25);
    let one_class = [("b", Some(3.0), 3), ("c", Some(4.0), 4)];
    assert_eq!(cells(&found[0], "averaged_over_one_class"), one_class);
    assert_eq!(found[0].n, 13);
}

#[test]
fn aequitas_takes_the_first_of_equal_references_and_names_small_ones() {
    // Selection 1/2, 1/4 and 1/4; b and c are equally large.
    let table = frame(&[("a", [1, 0, 1, 0]), ("b", [1, 0, 2, 1]), ("c", [0, 1, 2, 1])]);
    let of = |min_group_size: u64, label: &str| {
        let options =
            Options { compat: vec![Peer::Aequitas], min_group_size, ..Options::default() };
        let found = audit(&table, &options).into_iter();
        found.filter(|f| f.subject.label.as_deref() == Some(label)).collect::<Vec<_>>()
    };
    for label in ["pprev, majority_group", "pprev, min_metric"] {
        let found = of(4, label);
        assert!(found.iter().all(|f| f.subject.reference.as_ref().unwrap()["g"] == "b"));
        let values: Vec<f64> = found.iter().map(|f| f.value.clone().unwrap()).collect();
        assert_eq!(values, [2.0, 1.0, 1.0]);
        assert!(found.iter().all(|f| notes(f).is_empty()));
        assert_eq!(cells(&of(5, label)[0], "small_reference"), [("b", Some(4.0), 4)]);
    }
    // 2 is beyond 1/0.8.
    let fair: Vec<f64> =
        of(4, "Impact Parity, majority_group").iter().map(|f| f.value.clone().unwrap()).collect();
    assert_eq!(fair, [0.0, 1.0, 1.0]);
    // False positive rates 0, 0 and 1/3.
    let found = of(4, "fpr, min_metric");
    assert_eq!(found[2].subject.reference.as_ref().unwrap()["g"], "a");
}

#[test]
fn aequitas_judges_two_parts_by_the_worse() {
    // FPR 1/2 each, TPR 1/2 and 3/4: the first part is fair, the second is not.
    let table = frame(&[("a", [1, 1, 1, 1]), ("b", [3, 1, 1, 1])]);
    let of = |label: &str| {
        let found = said(&table, Peer::Aequitas, "aequitas.parity", label);
        found.iter().map(|f| f.value.clone().unwrap()).collect::<Vec<f64>>()
    };
    assert_eq!(of("FPR Parity, majority_group"), [1.0, 1.0]);
    assert_eq!(of("TPR Parity, majority_group"), [0.0, 1.0]);
    assert_eq!(of("Equalized Odds, majority_group"), [0.0, 1.0]);
    // Nobody is predicted negative and no positive is missed: both ratios are 0/0.
    let none = frame(&[("a", [1, 0, 0, 0]), ("b", [2, 0, 0, 0])]);
    let found = said(&none, Peer::Aequitas, "aequitas.parity", "TypeII Parity, majority_group");
    assert_eq!(found[0].value, Err(Undefined::ZeroDenominator));
    assert!(notes(&found[0]).is_empty());
}
