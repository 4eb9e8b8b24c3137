//! The conventions by hand, and that each says where it misleads.

use super::*;
use crate::domain::{Split, Value};
use crate::fairness::{audit, compat};

/// Groups with `[tp, fp, tn, fn]` each.
fn frame(groups: &[(&str, [usize; 4])]) -> Frame {
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

fn said(frame: &Frame, peer: Peer, check: &str, label: &str) -> Vec<Finding> {
    let options = Options { compat: vec![peer], ..Options::default() };
    let fits =
        |f: &Finding| f.check == check && f.subject.label.as_deref().unwrap_or_default() == label;
    let found: Vec<Finding> = audit(frame, &options).into_iter().filter(fits).collect();
    assert!(!found.is_empty(), "nothing about {check} {label}");
    found
}

fn notes(finding: &Finding) -> Vec<&str> {
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

fn close(value: &Value, expected: f64) {
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
