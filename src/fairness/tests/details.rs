//! Numbers of rows, names and intervals of comparisons, by hand.

use super::*;
use crate::fairness::aggregate::Aggregate;

#[test]
fn every_finding_has_a_manual() {
    let mut frame = two_groups();
    frame.score = Some((0..17).map(|row| f64::from(row) / 17.0).collect());
    let reference = BTreeMap::from([("g".to_owned(), "b".to_owned())]);
    let found = audit(&frame, &Options { local_law_144: true, reference, ..options() });
    let checks = checks();
    for finding in found {
        assert!(checks.iter().any(|meta| meta.name == finding.check), "{}", finding.check);
        assert_eq!(finding.subject.split.as_deref(), Some("test"), "{}", finding.check);
    }
}

#[test]
fn a_pair_counts_the_rows_that_its_rate_is_of() {
    let reference = BTreeMap::from([("g".to_owned(), "b".to_owned())]);
    let found = audit(&two_groups(), &Options { reference, ..options() });
    let pair = |check: &str| {
        found.iter().find(|f| f.check == check && f.subject.reference.is_some()).unwrap()
    };
    // 9 and 8 rows, 4 and 4 positives.
    assert_eq!(pair("selection_rate_difference").n, 17);
    assert_eq!(pair("true_positive_rate_difference").n, 8);
    assert_eq!(pair("average_abs_odds_difference").n, 17);
    assert!(numbers(pair("selection_rate_difference"), "either_direction").is_empty());
    assert_eq!(comparison(&two_groups(), &options(), "true_positive_rate_difference").n, 8);
}

#[test]
fn a_distance_to_all_rows_has_both_ends_and_a_ratio_has_none() {
    let found = comparison(&two_groups(), &options(), "selection_rate_difference_to_overall");
    let (i, rest) =
        (found.interval.unwrap(), crate::stats::newcombe((5, 8), (4, 9), 0.95).unwrap());
    assert!((i.high - rest.high * 9.0 / 17.0).abs() < 1e-15, "{i:?}");
    let ratio = comparison(&two_groups(), &options(), "selection_rate_ratio_to_overall");
    assert_eq!(ratio.interval, None);
    let one = comparison(&frame(&[("a", [3, 1, 4, 1])]), &options(), &found.check);
    assert_eq!(one.value, Err(Undefined::OneGroup));
}

#[test]
fn a_ratio_of_numbers_below_zero_is_not_made() {
    assert!(matches!(Aggregate::Ratio.of(-0.5, 0.5), Err(Undefined::NotRun { .. })));
    assert_eq!(Aggregate::Ratio.of(0.0, 0.5), Ok(0.0));
}

#[test]
fn the_first_of_the_pairs_that_are_furthest_apart_is_named() {
    let pair = |levels: &[(&str, [usize; 4])]| {
        let found = comparison(&frame(levels), &options(), "average_abs_odds_difference");
        let Evidence::Counts { counts } = &found.evidence[0] else { panic!() };
        (found.value.clone().unwrap(), counts.keys().cloned().collect::<Vec<_>>())
    };
    let (low, high) = ([1, 1, 3, 3], [3, 3, 1, 1]);
    // TPR and FPR ¼ and ¾.
    let (value, named) = pair(&[("a", low), ("b", low), ("c", high), ("d", high)]);
    assert!((value - 0.5).abs() < 1e-15);
    assert_eq!(named, ["a", "c"]);
    let (value, named) = pair(&[("a", low), ("b", low)]);
    assert!(value.abs() < 1e-15);
    assert_eq!(named, ["a", "b"]);
}

#[test]
fn strata_that_compare_nothing_have_no_mean_and_others_name_the_stratum() {
    let control = vec!["s".to_owned()];
    let stratified = |strata: &[Option<&str>], required: &[&str]| {
        let mut frame = frame(&[("a", [0, 1, 1, 0]), ("b", [1, 0, 1, 0])]);
        frame.groups.push(Groups::encode("s", strata));
        let required = required.iter().map(|name| (*name).to_owned()).collect();
        audit(&frame, &Options { control: control.clone(), required, ..options() })
    };
    let mean = |found: &[Finding], check: &str| {
        let is = |f: &&Finding| {
            f.check == check && f.subject.within.as_ref().is_some_and(|key| key["s"] == "(mean)")
        };
        found.iter().find(is).unwrap().value.clone()
    };
    // Each stratum is one group.
    let apart = stratified(&[Some("x"), Some("x"), Some("y"), Some("y")], &[]);
    assert_eq!(mean(&apart, "demographic_parity_difference"), Err(Undefined::OneGroup));
    // Group a has no positives, and no row a score.
    let both = stratified(&[Some("x"); 4], &[]);
    let odds = mean(&both, "equal_opportunity_difference");
    assert!(
        matches!(&odds, Err(Undefined::GroupUndefined { group, .. }) if group == "s=x"),
        "{odds:?}"
    );
}

#[test]
fn scores_that_are_summed_up_are_still_there_and_a_search_starts_from_the_same_rows() {
    let mut frame = frame(&[("a", [30, 10, 40, 10]), ("b", [20, 30, 10, 20])]);
    frame.score = Some((0..170_u32).map(|row| f64::from(row % 8) / 8.0).collect());
    let found = audit(&frame, &options());
    let whole = |check: &str| found.iter().find(|f| f.check == check && f.subject.by.is_empty());
    // 21 rounds of 0 to 7 eighths, then 0 and 1/8.
    let mean = (21.0 * 28.0 / 8.0 + 0.125) / 170.0;
    assert!((whole("mean_score").unwrap().value.clone().unwrap() - mean).abs() < 1e-12);
    let given = |at: &str| whole(at).unwrap().interval.clone();
    assert_eq!(given("average_precision").unwrap().method, "jackknife");
    let prepared = Prepared::of(&frame);
    let slices = prepared.worst_slices(&SliceOptions::default());
    assert!(!slices.is_empty());
    assert_eq!(slices, worst_slices(&frame, &SliceOptions::default()));
    assert_eq!(prepared.explain(&options(), &[]), explain(&frame, &options(), &[]));
}

#[test]
fn groups_below_the_least_size_are_named_and_those_of_it_or_without_rows_are_not() {
    let mut frame = frame(&[
        ("a", [3, 1, 4, 1]),
        ("b", [2, 3, 1, 2]),
        ("c", [1, 1, 1, 0]),
        ("d", [1, 0, 0, 0]),
    ]);
    let rows: Vec<usize> = (0..20).collect();
    frame.groups = vec![frame.groups[0].select(&rows)];
    frame.y_true.truncate(20);
    frame.y_pred.truncate(20);
    let options = Options { min_group_size: 8, ..options() };
    let found = comparison(&frame, &options, "selection_rate_difference");
    let small = numbers(&found, "excluded_small_groups");
    assert_eq!((names(small), small[0].n), (vec!["c"], 3));
    assert!((found.value.unwrap() - (5.0 / 8.0 - 4.0 / 9.0)).abs() < 1e-15);
}

#[test]
fn the_counts_of_the_groups_give_the_differential_fairness() {
    // Smoothed (4 + ½)/(9 + 1) and (5 + ½)/(8 + 1) are selected: 11/20 over 7/18 of those that are not.
    let found = comparison(&two_groups(), &options(), "smoothed_empirical_differential_fairness");
    let expected = (11.0_f64 / 20.0 * 18.0 / 7.0).ln();
    assert!((found.value.clone().unwrap() - expected).abs() < 1e-14, "{found:?}");
    assert_eq!(found.n, 17);
}
