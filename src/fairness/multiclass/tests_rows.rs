//! The numbers of some rows by hand, and when their intervals are drawn.

use super::tests::{evidence, find, frame};
use super::*;
use crate::domain::{Value, to_f64};
use crate::fairness::measures::Number;
use crate::fairness::metrics::Proportion;

fn number(frame: &ClassFrame, from: From) -> Number {
    let rows = Rows::new(frame, (0..frame.y_true.len()).collect());
    rows.numbers(&[from], &Options::default(), "all").remove(0)
}

/// Rows of class 0, each with the probability of that class and a weight.
fn scored(rows: &[(f64, f64)]) -> ClassFrame {
    let n = u32::try_from(rows.len()).unwrap();
    let table = frame(&[&[n, 0, 0, 0]], 2);
    let prob = rows.iter().flat_map(|(p, _)| [*p, 1.0 - p]).collect();
    let weight = Some(rows.iter().map(|(_, weight)| *weight).collect());
    ClassFrame { prob: Some(prob), weight, ..table }
}

fn near(value: &Value, expected: f64) {
    let found = value.clone().unwrap();
    assert!((found - expected).abs() < 1e-14, "{found} {expected}");
}

#[test]
fn the_mean_loss_has_the_variance_of_its_effective_rows() {
    let ln2 = std::f64::consts::LN_2;
    // Losses ln 2 and 2 ln 2, ten times each of weight 1 and 3: mean 7/4 ln 2, mean square of the
    // distances (10 · 9/16 + 30 · 1/16) / 40 = 3/16; 40² / 100 = 16 effective rows.
    let rows = [[(0.5, 1.0); 10], [(0.25, 3.0); 10]].concat();
    let loss = number(&scored(&rows), From::Loss);
    let (value, basis, ..) = loss.seen();
    near(value, 1.75 * ln2);
    let Basis::Mean { variance, freedom, most, n } = basis else { panic!("{basis:?}") };
    assert!((variance - 3.0 / 16.0 / 15.0 * ln2 * ln2).abs() < 1e-15, "{variance}");
    assert!((freedom - 15.0).abs() < 1e-12 && most.is_infinite() && n == 20);
    // Ten rows are enough and nine are not; nor are equal losses.
    let rows = [(0.5, 1.0), (0.25, 1.0)].repeat(5);
    assert!(matches!(number(&scored(&rows), From::Loss).seen().1, Basis::Mean { .. }));
    assert_eq!(number(&scored(&rows[1..]), From::Loss).seen().1, Basis::Rows(9));
    assert_eq!(number(&scored(&[(0.5, 1.0); 20]), From::Loss).seen().1, Basis::Rows(20));
}

#[test]
fn probabilities_of_the_loss_stay_off_0_and_1() {
    let of = |p| number(&scored(&[(p, 1.0); 3]), From::Loss).seen().0.clone().unwrap();
    assert!((of(0.0) + f64::EPSILON.ln()).abs() < 1e-12);
    // −ln(1 − ε) = ε + ε²/2 + …
    assert!((of(1.0) / f64::EPSILON - 1.0).abs() < 1e-9);
}

#[test]
fn without_scores_or_weight_there_is_no_loss() {
    let loss = number(&scored(&[(0.5, 0.0); 4]), From::Loss);
    assert_eq!((loss.seen().0, loss.seen().1), (&Err(Undefined::Empty), Basis::Rows(4)));
    let none = ClassFrame { prob: None, ..scored(&[(0.5, 1.0); 4]) };
    for from in [From::Loss, From::Areas] {
        let loss = number(&none, from);
        assert_eq!((loss.seen().0, loss.seen().1), (&Err(Undefined::NoScores), Basis::Rows(4)));
    }
}

#[test]
fn a_weighted_share_rests_on_its_effective_rows() {
    // Right with weight 1 and 3, wrong with weight 2: 4/6 of 36/14 rows.
    let mut table = frame(&[&[1, 1, 0, 1]], 2);
    table.weight = Some(vec![1.0, 2.0, 3.0]);
    let right = number(&table, From::Right);
    near(right.seen().0, 4.0 / 6.0);
    let Basis::Weighted(Proportion { share, effective_n, n }) = right.seen().1 else { panic!() };
    assert!((share - 4.0 / 6.0).abs() < 1e-14 && (effective_n - 36.0 / 14.0).abs() < 1e-14);
    assert_eq!(n, 3);
    table.weight = None;
    assert_eq!(number(&table, From::Right).seen().1, Basis::Share { hits: 2, n: 3 });
}

/// Whether the interval of kappa is drawn.
fn drawn(table: &[u32], k: usize) -> bool {
    let kappa = number(&frame(&[table], k), From::Table(square::Number::Kappa));
    matches!(kappa.seen().2, Instead::Drawn(_))
}

#[test]
fn intervals_are_drawn_from_enough_rows_of_every_class() {
    // 30 rows, then 29; 5 actual rows of a class, then 4; 5 predicted, then 4; none at all.
    assert!(drawn(&[12, 3, 3, 12], 2));
    assert!(!drawn(&[12, 3, 3, 11], 2));
    assert!(drawn(&[30, 10, 2, 3], 2));
    assert!(!drawn(&[30, 10, 2, 2], 2));
    assert!(drawn(&[30, 2, 10, 3], 2));
    assert!(!drawn(&[30, 2, 10, 2], 2));
    assert!(drawn(&[20, 5, 0, 5, 20, 0, 0, 0, 0], 3));
}

#[test]
fn intervals_of_fifty_classes_are_drawn_and_of_more_are_not() {
    let diagonal = |k: usize| -> Vec<u32> {
        let cell = |at: usize| if at == 1 || at.is_multiple_of(k + 1) { 5 } else { 0 };
        (0..k * k).map(cell).collect()
    };
    for k in [50, 51] {
        assert_eq!(drawn(&diagonal(k), k), k == 50);
    }
}

#[test]
fn the_mean_over_present_classes_is_shown_only_where_one_is_absent() {
    let shown = |table: &[u32]| {
        let findings = audit(&frame(&[table], 3), &Options::default());
        let with = findings.iter().filter(|f| !evidence(f, "over_present_classes").is_empty());
        with.map(|f| (f.check.clone(), f.value.is_ok())).collect::<Vec<_>>()
    };
    assert!(shown(&[20, 5, 1, 3, 15, 2, 2, 4, 18]).is_empty());
    // No row of the third class, and none predicted.
    let absent = shown(&[20, 5, 0, 3, 15, 0, 0, 0, 0]);
    let of_recall = ["balanced_accuracy", "recall_macro"];
    assert!(absent.iter().all(|(check, ok)| of_recall.contains(&check.as_str()) && !ok));
    // Of all rows and of the only group.
    assert_eq!(absent.len(), 4);
}

#[test]
fn the_table_leaves_empty_cells_out_from_eleven_classes_on() {
    for (k, cells) in [(10, 10), (11, 2)] {
        let mut table = vec![0; k * k];
        (table[0], table[2]) = (7, 3);
        let count = number(&frame(&[&table], k), From::Count);
        let (value, basis, _, shown) = count.seen();
        assert_eq!((value.clone(), basis), (Ok(10.0), Basis::Rows(10)));
        let crate::domain::Evidence::Numbers { name, cells: found } = &shown[0] else { panic!() };
        assert_eq!((name.as_str(), found.len()), ("predicted_of_actual c0", cells));
        let some = found.iter().filter(|cell| cell.value > Some(0.0));
        let some: Vec<_> = some.map(|c| (c.name.as_str(), c.value, c.n)).collect();
        assert_eq!(some, [("c0", Some(7.0), 10), ("c2", Some(3.0), 10)]);
        assert_eq!(shown.len(), k);
    }
}

#[test]
fn a_class_has_what_a_reviewer_needs_or_what_is_named_for_two_classes() {
    let table = frame(&[&[20, 5, 4, 15], &[10, 9, 6, 25]], 2);
    let prob: Vec<f64> = (0..table.y_true.len())
        .flat_map(|i| [0.01 * to_f64(u64::try_from(i).unwrap()), 0.5])
        .collect();
    let checks = |frame: &ClassFrame, metrics: &Selection, required: &[&str]| {
        let required = required.iter().map(|name| (*name).to_owned()).collect();
        let options = Options { metrics: metrics.clone(), required, ..Options::default() };
        let findings = audit(frame, &options);
        let of_class = findings.iter().filter(|f| f.subject.label.as_deref() == Some("c1"));
        let mut names: Vec<String> = of_class.map(|f| f.check.clone()).collect();
        names.dedup();
        names
    };
    let scored = ClassFrame { prob: Some(prob), ..table.clone() };
    let has = |names: &[String], name: &str| names.iter().any(|n| n == name);
    let usual = checks(&table, &Selection::Default, &[]);
    assert!(has(&usual, "f1") && has(&usual, "f1_difference") && !has(&usual, "roc_auc"));
    assert!(has(&checks(&scored, &Selection::Default, &[]), "roc_auc"));
    let named = Selection::Named(vec!["precision".to_owned(), "accuracy".to_owned()]);
    assert!(checks(&table, &named, &[]).iter().all(|name| name == "precision"));
    // All classes have the accuracy together.
    let required = checks(&table, &named, &["accuracy", "f1"]);
    assert!(has(&required, "f1") && !has(&required, "accuracy"));
}

#[test]
fn peers_and_local_law_144_know_two_classes_only() {
    let table = frame(&[&[20, 5, 4, 15], &[10, 9, 6, 25]], 2);
    let compat = crate::fairness::compat::Peer::ALL.to_vec();
    let more = Options { compat, local_law_144: true, ..Options::default() };
    assert_eq!(audit(&table, &more), audit(&table, &Options::default()));
}

#[test]
fn with_probabilities_their_measures_are_made_by_default() {
    let table = scored(&[(0.5, 1.0); 4]);
    let options = Options { metrics: Selection::Default, ..Options::default() };
    assert!(!find(&audit(&table, &options), "log_loss", None).is_empty());
}

#[test]
fn weights_too_small_to_be_squared_are_no_effective_row() {
    let mut table = frame(&[&[1, 1, 0, 1]], 2);
    table.weight = Some(vec![1e-200; 3]);
    let right = number(&table, From::Right);
    let Basis::Weighted(Proportion { effective_n, .. }) = right.seen().1 else { panic!() };
    near(right.seen().0, 2.0 / 3.0);
    assert!(effective_n.abs() < 1e-15);
}
