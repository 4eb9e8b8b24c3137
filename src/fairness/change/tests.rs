use super::super::{Frame, Options, Selection};
use super::*;
use crate::domain::{Groups, Split, Value};
use crate::stats::{Agreement, mcnemar, tango};

/// Two runs on rows of the groups `a` and `b`, by row number.
fn runs(n: usize, new: fn(usize) -> bool, old: fn(usize) -> bool) -> [Frame; 2] {
    let names: Vec<Option<&str>> = (0..n).map(|row| Some(["a", "b"][row % 2])).collect();
    let frame = |decided: fn(usize) -> bool| Frame {
        split: Split::Test,
        y_true: (0..n).map(|row| row % 4 < 2).collect(),
        y_pred: (0..n).map(decided).collect(),
        score: Some((0..n).map(|row| if decided(row) { 0.9 } else { 0.2 }).collect()),
        weight: None,
        groups: vec![Groups::encode("g", &names)],
    };
    [frame(new), frame(old)]
}

fn of(frames: &[Frame; 2], metrics: &[&str]) -> Vec<Finding> {
    let names = metrics.iter().map(|name| (*name).to_owned()).collect();
    let options = Options { metrics: Selection::Named(names), ..Options::default() };
    changes(&frames[0], &Earlier { frame: &frames[1], name: "old.csv" }, &options)
}

fn numbers_of(finding: &Finding, list: &str, name: &str) -> Option<f64> {
    finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Numbers { name: of, cells } if of == list => {
            cells.iter().find(|cell| cell.name == name)?.value
        }
        _ => None,
    })
}

#[test]
fn a_share_changes_by_the_rows_that_only_one_run_counts() {
    // Of 80 rows the new run takes back every eighth: 40 selected before, 30 now.
    let frames = runs(80, |row| row % 4 < 2 && row % 8 != 0, |row| row % 4 < 2);
    let found = of(&frames, &["selection_rate"]);
    assert_eq!(found.len(), 3);
    let pairs = Agreement { both: 30, first: 0, second: 10, neither: 40 };
    let whole = &found[0];
    assert_eq!((whole.check.as_str(), whole.n), ("selection_rate_change", 80));
    assert_eq!(whole.value, pairs.difference());
    assert_eq!(whole.interval, tango(&pairs, 0.95));
    assert_eq!(numbers_of(whole, "runs", "new"), Some(0.375));
    assert_eq!(numbers_of(whole, "runs", "old"), Some(0.5));
    let p = mcnemar(&pairs);
    assert_eq!(numbers_of(whole, "significance", "p"), Some(p));
    // Group a lost the same ten rows, group b none: p, p and 1 of three tests.
    assert_eq!(numbers_of(&found[1], "significance", "holm"), Some(3.0 * p));
    assert_eq!(numbers_of(&found[2], "significance", "p"), Some(1.0));
    assert_eq!(numbers_of(whole, "significance", "tests"), Some(3.0));
    // A rate of the positives is of 40 rows.
    assert_eq!(of(&frames, &["true_positive_rate"])[0].n, 40);
    let reference = whole.subject.reference.as_ref().unwrap();
    assert_eq!(reference[BASELINE], "old.csv");
    assert!(whole.subject.against_baseline() && found[2].subject.group.is_some());
}

#[test]
fn a_gap_changes_as_its_pair_does() {
    let frames = runs(400, |row| row % 4 < 2 && row % 8 != 0, |row| row % 4 < 2);
    let found = of(&frames, &["demographic_parity_difference"]);
    let [gap] = found.as_slice() else { panic!("{found:?}") };
    // a: 100 of 200 → 50 of 200; b stays at ½.
    assert_eq!(gap.check, "demographic_parity_difference_change");
    assert!((gap.value.clone().unwrap() - 0.25).abs() < 1e-12);
    let i = gap.interval.as_ref().unwrap();
    // Before, either group may have been ahead by 0.15, so a change of 0 is not excluded.
    assert!(i.low > -0.08 && i.low < 0.0 && i.high > 0.25 && i.high < 0.35, "{i:?}");
    assert!(numbers_of(gap, "significance", "p").unwrap() > 0.05);
    assert_eq!(numbers_of(gap, "runs", "old"), Some(0.0));
    assert!(gap.subject.group.is_none());
    assert_eq!(
        (gap.subject.split.as_deref(), gap.subject.by.join("|").as_str()),
        (Some("test"), "g")
    );
}

#[test]
fn an_unchanged_model_has_changes_of_zero_with_intervals() {
    let frames = runs(400, |row| row % 4 < 2 && row % 8 != 0, |row| row % 4 < 2 && row % 8 != 0);
    let options = Options::default();
    let found = changes(&frames[0], &Earlier { frame: &frames[1], name: "x" }, &options);
    assert_eq!(found.len(), 12 * 3 + 6);
    for finding in &found {
        assert!(finding.value.clone().unwrap().abs() < 1e-15, "{}", finding.check);
        let open = ["precision", "negative_predictive_value", "f1", "matthews", "log_loss"];
        let expected = !open.iter().any(|name| finding.check.starts_with(name));
        assert_eq!(finding.interval.is_some(), expected, "{}", finding.check);
        let p = numbers_of(finding, "significance", "p");
        assert!(p.is_none_or(|p| p > 0.99), "{} {p:?}", finding.check);
    }
}

#[test]
fn areas_and_predictive_values_change_too() {
    let frames = runs(400, |row| row % 4 < 2 && row % 8 != 0, |row| row % 4 < 2 || row % 7 == 0);
    let found = of(&frames, &["roc_auc", "precision", "brier_score", "balanced_accuracy", "f1"]);
    for finding in found.iter().filter(|f| f.subject.group.is_none()) {
        let i = finding.interval.as_ref().unwrap_or_else(|| panic!("{}", finding.check));
        let value = finding.value.clone().unwrap();
        assert!(i.low < value && value < i.high, "{} {i:?}", finding.check);
        let runs = ["new", "old"].map(|run| numbers_of(finding, "runs", run).unwrap());
        assert!((runs[0] - runs[1] - value).abs() < 1e-12, "{}", finding.check);
        let zero_outside = i.low > 0.0 || i.high < 0.0;
        let p = numbers_of(finding, "significance", "p").unwrap();
        assert_eq!(zero_outside, p < 0.05, "{} {p} {i:?}", finding.check);
    }
}

#[test]
fn each_reason_is_reached() {
    let [new, old] = runs(40, |row| row % 4 < 2, |row| row % 3 == 0);
    let value = |new: &Frame, old: &Frame, metric: &str, min_group_size| -> Vec<Value> {
        let metrics = Selection::Named(vec![metric.to_owned()]);
        let options = Options { min_group_size, metrics, ..Options::default() };
        let found = changes(new, &Earlier { frame: old, name: "x" }, &options);
        found.into_iter().map(|f| f.value).collect()
    };
    let heavy = Frame { weight: Some(vec![1.0; 40]), ..new.clone() };
    let weighted = value(&heavy, &old, "accuracy", 0);
    assert!(weighted.iter().all(|v| matches!(v, Err(Undefined::NotRun { .. }))));
    let bare = Frame { score: None, ..new.clone() };
    assert!(value(&bare, &old, "roc_auc", 0).iter().all(|v| *v == Err(Undefined::NoScores)));
    let without = value(&old, &bare, "roc_auc", 0);
    assert!(without.iter().all(|v| matches!(v, Err(Undefined::NotRun { .. }))));
    assert_eq!(value(&bare, &old, "roc_auc_difference", 0), [Err(Undefined::NoScores)]);
    assert!(value(&bare, &old, "demographic_parity_difference", 0)[0].is_ok());
    let few = Undefined::TooFew { n: 20, need: 30 };
    assert_eq!(value(&new, &old, "accuracy", 30)[1..], [Err(few.clone()), Err(few)]);
    let alone = value(&new, &old, "demographic_parity_difference", 30);
    assert_eq!(alone, [Err(Undefined::OneGroup)]);
    let no = |frame: &Frame| Frame { y_true: vec![false; 40], ..frame.clone() };
    assert_eq!(
        value(&no(&new), &no(&old), "true_positive_rate", 0)[0],
        Err(Undefined::NoPositives)
    );
    let gap = value(&no(&new), &no(&old), "equal_opportunity_difference", 0);
    let undefined = |because| {
        let because = Box::new(because);
        Err(Undefined::GroupUndefined { group: "g=a".to_owned(), because })
    };
    assert_eq!(gap, [undefined(Undefined::NoPositives)]);
    let yes = |frame: &Frame| Frame { y_true: vec![true; 40], ..frame.clone() };
    let gap = value(&yes(&new), &yes(&old), "predictive_equality_difference", 0);
    assert_eq!(gap, [undefined(Undefined::NoNegatives)]);
    assert_eq!(value(&no(&new), &no(&old), "roc_auc", 0)[0], Err(Undefined::OneClass));
}

#[test]
fn runs_that_change_places_change_the_sign_of_a_gap() {
    let some: fn(usize) -> bool = |row| row % 4 < 2 && row % 8 != 0;
    let all: fn(usize) -> bool = |row| row % 4 < 2;
    let gap = |new, old, metric: &str| of(&runs(400, new, old), &[metric]).remove(0);
    let there = gap(some, all, "demographic_parity_difference");
    let back = gap(all, some, "demographic_parity_difference");
    assert!((back.value.clone().unwrap() + 0.25).abs() < 1e-12);
    assert_eq!(numbers_of(&back, "runs", "new"), Some(0.0));
    assert_eq!(numbers_of(&back, "runs", "old"), Some(0.25));
    let (there, back) = (there.interval.unwrap(), back.interval.unwrap());
    assert!((there.low + back.high).abs() < 1e-9 && (there.high + back.low).abs() < 1e-9);
    assert_eq!(there.method, "mover_tango");
    let area = gap(some, |row| row % 4 < 2 || row % 7 == 0, "roc_auc_difference");
    assert_eq!(area.interval.unwrap().method, "mover_delong");
}

#[test]
fn a_balanced_accuracy_changes_by_half_of_both_shares() {
    // Of 200 positives 50 are lost; of 200 negatives `right` are no longer alarmed.
    let frames = runs(400, |row| row % 4 < 2 && row % 8 != 0, |row| row % 4 < 2 || row % 7 == 0);
    let gained = (0..400_u64).filter(|row| row % 4 >= 2 && row % 7 == 0).count();
    let gained = u64::try_from(gained).unwrap();
    let positives = Agreement { both: 150, first: 0, second: 50, neither: 0 };
    let negatives = Agreement { both: 200 - gained, first: gained, second: 0, neither: 0 };
    let change = &of(&frames, &["balanced_accuracy"])[0];
    let value = (to_f64(gained) - 50.0) / 400.0;
    assert!((change.value.clone().unwrap() - value).abs() < 1e-12);
    let (mut down, mut up) = (0.0_f64, 0.0_f64);
    for pairs in [positives, negatives] {
        let (at, i) = (pairs.difference().unwrap(), tango(&pairs, 0.95).unwrap());
        (down, up) = (down.hypot((at - i.low) / 2.0), up.hypot((i.high - at) / 2.0));
    }
    let found = change.interval.clone().unwrap();
    assert!((found.low - value + down).abs() < 1e-9 && (found.high - value - up).abs() < 1e-9);
}

#[test]
fn too_few_differing_rows_or_too_few_that_are_not_selected_give_no_draws() {
    let drawn = |new: fn(usize) -> bool, old: fn(usize) -> bool| {
        of(&runs(400, new, old), &["f1"])[0].interval.is_some()
    };
    assert!(drawn(|row| row % 4 < 2 && row % 8 != 0, |row| row % 4 < 2));
    assert!(!drawn(|row| row % 4 < 2 && row != 0, |row| row % 4 < 2));
    // The old run leaves out four rows, then five.
    assert!(!drawn(|row| row >= 60, |row| row < 396));
    assert!(drawn(|row| row >= 60, |row| row < 395));
}

#[test]
fn a_level_of_just_enough_rows_is_measured_and_one_without_is_empty() {
    let [new, old] = runs(40, |row| row % 4 < 2, |row| row % 3 == 0);
    let value = |new: &Frame, metric: &str, min_group_size| -> Vec<Value> {
        let metrics = Selection::Named(vec![metric.to_owned()]);
        let options = Options { min_group_size, metrics, ..Options::default() };
        let found = changes(new, &Earlier { frame: &old, name: "x" }, &options);
        found.into_iter().map(|f| f.value).collect()
    };
    assert!(value(&new, "accuracy", 20).iter().all(Result::is_ok));
    let levels =
        Groups::encode("g", &(0..41).map(|row| Some(["a", "b"][row / 40])).collect::<Vec<_>>());
    let levels = levels.select(&(0..40).collect::<Vec<_>>());
    let emptied = Frame { groups: vec![levels], ..new.clone() };
    assert_eq!(value(&emptied, "true_positive_rate", 0)[2], Err(Undefined::Empty));
}

#[test]
fn what_a_row_adds_to_the_means() {
    use super::measures::{logarithm, squared};
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-15, "{a} {b}");
    near(squared(0.25, true), 0.5625);
    near(squared(0.25, false), 0.0625);
    near(logarithm(0.25, true), 4.0_f64.ln());
    near(logarithm(0.25, false), -0.75_f64.ln());
    near(logarithm(0.0, true), -f64::EPSILON.ln());
    near(logarithm(1.0, false), -f64::EPSILON.ln());
}

#[test]
fn every_check_has_a_manual() {
    assert_eq!(checks().count(), MEASURES.len() + GAPS.len());
}
