//! aif360's numbers and notes by hand.

use super::tests::{cells, close, frame, notes, said};
use super::*;

#[test]
fn aif360_of_two_groups_by_hand() {
    // b is larger, so privileged. a: TPR 1, FPR 1; b: TPR 1/2, FPR 1/3.
    let frame = frame(&[("a", [2, 2, 0, 0]), ("b", [1, 1, 2, 1])]);
    let expected: [(&str, &str, f64, &[&str]); 15] = [
        ("true_positive_rate_difference", "", 0.5, &[]),
        ("false_negative_rate_difference", "", -0.5, &[]),
        ("false_positive_rate_difference", "", 2.0 / 3.0, &[]),
        ("false_positive_rate_ratio", "", 3.0, &[]),
        ("error_rate_difference", "", 0.5 - 0.4, &[]),
        ("error_rate_ratio", "", 1.25, &[]),
        ("statistical_parity_difference", "predictions", 1.0 - 0.4, &[]),
        ("statistical_parity_difference", "labels", 0.5 - 0.4, &[]),
        ("disparate_impact", "predictions", 2.5, &[]),
        ("disparate_impact", "labels", 1.25, &[]),
        ("average_odds_difference", "", 7.0 / 12.0, &[]),
        ("equalized_odds_difference", "", 2.0 / 3.0, &[]),
        // Precision 2/4 and 1/2; nobody of a is predicted negative.
        ("false_discovery_rate_difference", "", 0.0, &[]),
        ("false_omission_rate_difference", "", -1.0 / 3.0, &["counted_as_zero"]),
        ("average_predictive_value_difference", "", -1.0 / 6.0, &["counted_as_zero"]),
    ];
    for (check, label, value, noted) in expected {
        let found = said(&frame, Peer::Aif360, &format!("aif360.{check}"), label);
        close(&found[0].value, value);
        assert_eq!((notes(&found[0]), found[0].n), (noted.to_vec(), 9), "{check}");
    }
    for check in ["false_omission_rate_difference", "average_predictive_value_difference"] {
        let found = said(&frame, Peer::Aif360, &format!("aif360.{check}"), "");
        assert_eq!(cells(&found[0], "counted_as_zero"), [("unprivileged", Some(0.0), 4)]);
    }
}

#[test]
fn aif360_compares_with_rows_only_and_a_gap_beside_none_is_not_opposite() {
    // a: TPR 1/2, FPR 0; b: 1/2 and 1/2. No row of c is left.
    let mut table = frame(&[("a", [1, 0, 2, 1]), ("b", [2, 2, 2, 2]), ("c", [1, 0, 0, 0])]);
    let rows: Vec<usize> = (0..12).collect();
    table.groups = vec![table.groups[0].select(&rows)];
    table.y_true.truncate(12);
    table.y_pred.truncate(12);
    let found = said(&table, Peer::Aif360, "aif360.average_odds_difference", "");
    close(&found[0].value, -0.25);
    assert!(notes(&found[0]).is_empty());
    // The rest, and a alone.
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].subject.split.as_deref(), Some("test"));
    let alone = audit_of(&frame(&[("a", [1, 1, 2, 1])]));
    assert!(!alone.is_empty() && alone.iter().all(|f| f.subject.reference.is_none()));
}

/// What aif360 says of a frame.
fn audit_of(frame: &Frame) -> Vec<Finding> {
    audit(frame, &Options { compat: vec![Peer::Aif360], ..Options::default() })
}

/// aif360's consistency of predictions by group, when no other feature tells the rows apart.
fn consistent(groups: &[(&str, [usize; 4])]) -> Vec<Finding> {
    let frame = frame(groups);
    let features = Features::new(&[("x".to_owned(), vec![1.0; frame.y_true.len()])]).unwrap();
    let options = Options { compat: vec![Peer::Aif360], ..Options::default() };
    let found = super::consistency(&frame, &features, &options);
    found.into_iter().filter(|f| f.subject.label.as_deref() == Some("predictions")).collect()
}

#[test]
fn consistency_needs_five_rows_and_every_level_has_a_code_of_its_own() {
    assert!(consistent(&[("a", [2, 0, 2, 0])]).is_empty());
    // All five are the neighbours of each: 1 − (2 · 0.6 + 3 · 0.4) / 5.
    close(&consistent(&[("a", [2, 0, 3, 0])])[0].value, 0.52);
    // The neighbours are those of the own group, which are predicted alike.
    let groups = [("a", [5, 0, 0, 0]), ("b", [0, 0, 5, 0]), ("c", [0, 5, 0, 0])];
    close(&consistent(&groups)[0].value, 1.0);
}

#[test]
fn aif360_says_which_side_has_no_prediction_to_divide_by() {
    // b is privileged and selects nobody: precision 1/2 and "0", omission 1/3 and 1/2.
    let frame = frame(&[("a", [1, 1, 2, 1]), ("b", [0, 0, 3, 3])]);
    let found = |check: &str| said(&frame, Peer::Aif360, &format!("aif360.{check}"), "").remove(0);
    let discovery = found("false_discovery_rate_difference");
    close(&discovery.value, 0.5);
    assert_eq!(cells(&discovery, "counted_as_zero"), [("privileged", Some(0.0), 6)]);
    let omission = found("false_omission_rate_difference");
    close(&omission.value, -1.0 / 6.0);
    assert!(notes(&omission).is_empty());
    let both = found("average_predictive_value_difference");
    close(&both.value, 0.5 * (0.5 - 1.0 / 6.0));
    assert_eq!(notes(&both), ["opposite_gaps_cancel", "counted_as_zero"]);
}

#[test]
fn aif360_drops_the_second_part_only() {
    // Nobody of a is positive and nobody of b is negative: both parts are NaN.
    for b in [[1, 0, 0, 1], [3, 0, 0, 0]] {
        let frame = frame(&[("a", [0, 2, 2, 0]), ("b", b)]);
        let found = said(&frame, Peer::Aif360, "aif360.equalized_odds_difference", "");
        assert_eq!(found[0].value, Err(Undefined::ZeroDenominator));
        assert!(notes(&found[0]).is_empty());
    }
    // Nobody of b is negative: max(NaN, 1/2) = NaN.
    let frame = frame(&[("a", [2, 1, 1, 0]), ("b", [1, 0, 0, 1])]);
    let found = said(&frame, Peer::Aif360, "aif360.equalized_odds_difference", "");
    assert_eq!(found[0].value, Err(Undefined::ZeroDenominator));
    assert!(notes(&found[0]).is_empty());
}

#[test]
fn aif360_entropies_by_hand_and_with_the_weights_that_it_ignores() {
    // Benefits 1, 2, 2 and 1, mean 3/2.
    let mut frame = frame(&[("a", [1, 1, 0, 0]), ("b", [0, 1, 1, 0])]);
    let power = |alpha: f64| f64::midpoint(1.5_f64.powf(-alpha), (2.0_f64 / 1.5).powf(alpha));
    let theil = f64::midpoint((2.0_f64 / 3.0).ln() * 2.0 / 3.0, (4.0_f64 / 3.0).ln() * 4.0 / 3.0);
    let expected = [
        ("generalized_entropy_index", "alpha=0.5", -4.0 * (power(0.5) - 1.0)),
        ("generalized_entropy_index", "alpha=1", theil),
        ("generalized_entropy_index", "alpha=2", (2.5 / 2.25 - 1.0) / 2.0),
        ("generalized_entropy_index", "alpha=3", (4.5 / 3.375 - 1.0) / 6.0),
        ("theil_index", "", theil),
        ("coefficient_of_variation", "", 1.0 / 3.0),
    ];
    for (check, label, value) in expected {
        let found = said(&frame, Peer::Aif360, &format!("aif360.{check}"), label);
        let found = found[0].value.clone().unwrap();
        assert!((found - value).abs() < 1e-14, "{check} {label} {found} {value}");
    }
    frame.weight = Some(vec![1.0, 2.0, 3.0, 1.0]);
    // Weight 2 of benefit 1 and 5 of benefit 2: mean 12/7, mean square 22/7.
    let square = (22.0 / 7.0) / (144.0 / 49.0);
    let root = cells_of(&frame, "coefficient_of_variation", "");
    assert!((root - (square - 1.0_f64).sqrt()).abs() < 1e-14, "{root}");
    let entropy = cells_of(&frame, "generalized_entropy_index", "alpha=2");
    assert!((entropy - (square - 1.0) / 2.0).abs() < 1e-14, "{entropy}");
}

/// What an entropy of aif360 would be with the weights.
fn cells_of(frame: &Frame, check: &str, label: &str) -> f64 {
    let found = said(frame, Peer::Aif360, &format!("aif360.{check}"), label);
    cells(&found[0], "weights_ignored")[0].1.unwrap()
}

#[test]
fn aif360_without_any_benefit_is_no_number_and_with_one_of_zero_is_infinite() {
    let check = "aif360.generalized_entropy_index";
    let none =
        said(&frame(&[("a", [0, 0, 0, 2]), ("b", [0, 0, 0, 1])]), Peer::Aif360, check, "alpha=0");
    assert_eq!(none[0].value, Err(Undefined::ZeroDenominator));
    assert_eq!(notes(&none[0]), ["divided_by_the_mean_once_too_often"]);
    let one = frame(&[("a", [1, 0, 1, 1]), ("b", [1, 0, 1, 0])]);
    let infinite = said(&one, Peer::Aif360, check, "alpha=0");
    let names = ["peer_says_infinity", "divided_by_the_mean_once_too_often"];
    assert_eq!(notes(&infinite[0]), names);
    let half = said(&one, Peer::Aif360, check, "alpha=0.5");
    assert!(half[0].value.is_ok() && notes(&half[0]).is_empty());
}
