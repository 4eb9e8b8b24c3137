//! Weights, control features, and comparisons that are no gap of extremes.

use super::*;

#[test]
fn the_mean_of_the_odds_is_milder_than_the_worst_of_them() {
    // TPR 0.25, FPR 0.55.
    let mean = comparison(&two_groups(), &options(), "equalized_odds_difference_mean");
    assert!((mean.value.clone().unwrap() - 0.4).abs() < 1e-15);
    assert_eq!(names(numbers(&mean, "components")), ["true_positive_rate", "false_positive_rate"]);
    let frame = frame(&[("a", [3, 1, 4, 1]), ("b", [2, 3, 1, 2]), ("c", [0, 1, 2, 0])]);
    let mean = comparison(&frame, &options(), "equalized_odds_difference_mean");
    assert!(matches!(mean.value, Err(Undefined::GroupUndefined { .. })));
    assert!(numbers(&mean, "over_defined_groups")[0].value.is_some());
}

#[test]
fn the_group_furthest_from_the_whole_decides() {
    // Selection 4/9, 5/8, together 9/17.
    let found = comparison(&two_groups(), &options(), "selection_rate_difference_to_overall");
    assert!((found.value.clone().unwrap() - (5.0 / 8.0 - 9.0 / 17.0)).abs() < 1e-15);
    assert_eq!(names(numbers(&found, "group_and_overall")), ["b", "overall"]);
    let i = found.interval.unwrap();
    let rest = crate::stats::newcombe((5, 8), (4, 9), 0.95).unwrap();
    assert!((i.low - rest.low * 9.0 / 17.0).abs() < 1e-15, "{i:?}");
    let found = comparison(&two_groups(), &options(), "selection_rate_ratio_to_overall");
    assert!((found.value.unwrap() - (4.0 / 9.0) / (9.0 / 17.0)).abs() < 1e-15);
}

#[test]
fn distances_of_rows_name_the_pair() {
    let found = comparison(&two_groups(), &options(), "average_abs_odds_difference");
    assert!((found.value.clone().unwrap() - 0.4).abs() < 1e-15);
    let counts = [("a".to_owned(), 9), ("b".to_owned(), 8)].into();
    assert_eq!(found.evidence, [Evidence::Counts { counts }]);
    assert_eq!(comparison(&two_groups(), &options(), "abroca").value, Err(Undefined::NoScores));
}

#[test]
fn weights_count_and_the_interval_says_so() {
    let mut frame = two_groups();
    // The first row, a true positive of a, counts three times.
    frame.weight = Some((0..17).map(|row| if row == 0 { 3.0 } else { 1.0 }).collect());
    let findings = audit(&frame, &options());
    let of_a = |check: &str| {
        let is_a = |f: &&Finding| f.subject.group.as_ref().is_some_and(|key| key["g"] == "a");
        findings.iter().filter(is_a).find(|f| f.check == check).unwrap()
    };
    // TPR 5/6, effective n (3 + 1 + 1 + 1)² / (9 + 3) = 3.
    let tpr = of_a("true_positive_rate");
    assert!((tpr.value.clone().unwrap() - 5.0 / 6.0).abs() < 1e-15);
    assert!((numbers(tpr, "weights")[0].value.unwrap() - 3.0).abs() < 1e-15);
    assert_eq!((tpr.interval.as_ref().unwrap().method.as_str(), tpr.n), ("wilson, effective n", 4));
    assert_eq!(of_a("count").value, Ok(9.0));
    let weights = names(numbers(of_a("count"), "weights"));
    assert_eq!(weights, ["tp", "fp", "tn", "fn", "weight_sum", "effective_n"]);
    let gap = comparison(&frame, &options(), "true_positive_rate_difference");
    assert!(gap.interval.unwrap().method.ends_with(", effective n"));
}

#[test]
fn weights_count_in_the_mean_of_scores() {
    let mut frame = two_groups();
    frame.weight = Some((0..17).map(|row| if row == 0 { 3.0 } else { 1.0 }).collect());
    frame.score = Some((1..=17).map(|row| f64::from(row) / 20.0).collect());
    let findings = audit(&frame, &options());
    let is_a = |f: &&Finding| f.subject.group.as_ref().is_some_and(|key| key["g"] == "a");
    let mut of_a = findings.iter().filter(is_a);
    let mean = of_a.find(|f| f.check == "generalized_true_positive_rate").unwrap();
    // Positives are rows 0, 1, 2 and 8: (3 · 1 + 2 + 3 + 9)/20 over 6.
    assert!((mean.value.clone().unwrap() - 17.0 / 120.0).abs() < 1e-15);
}

#[test]
fn a_group_that_weighs_nothing_has_a_count_only() {
    let mut frame = two_groups();
    frame.weight = Some((0..17).map(|row| if row < 9 { 0.0 } else { 1.0 }).collect());
    let findings = audit(&frame, &options());
    let is_a = |f: &&Finding| f.subject.group.as_ref().is_some_and(|key| key["g"] == "a");
    let of_a: Vec<&Finding> = findings.iter().filter(is_a).collect();
    assert_eq!(of_a[0].value, Ok(9.0));
    assert!(of_a[1..].iter().all(|f| f.value == Err(Undefined::ZeroDenominator)));
}

#[test]
fn under_a_control_feature_the_strata_are_compared_and_summed_up() {
    // Stratum x: selection 1/2 and 1/4; stratum y: 1/2 and 1/2; in all 8 and 4 rows.
    let strata = [
        ("a", "x", [1, 1, 1, 1]),
        ("b", "x", [1, 0, 2, 1]),
        ("a", "y", [1, 0, 1, 0]),
        ("b", "y", [1, 0, 1, 0]),
    ];
    let cells = [(true, true), (false, true), (false, false), (true, false)];
    let (mut g, mut s, mut y_true, mut y_pred) = (vec![], vec![], vec![], vec![]);
    for (group, stratum, counts) in strata {
        for ((truth, decision), count) in cells.into_iter().zip(counts) {
            for _ in 0..count {
                g.push(Some(group));
                s.push(Some(stratum));
                y_true.push(truth);
                y_pred.push(decision);
            }
        }
    }
    let groups = vec![Groups::encode("g", &g), Groups::encode("s", &s)];
    let frame = Frame { split: Split::Test, y_true, y_pred, score: None, weight: None, groups };
    let options = Options { control: vec!["s".to_owned()], ..options() };
    let found = audit(&frame, &options);
    let within = |level: &str| {
        let is = |f: &&Finding| {
            f.check == "demographic_parity_difference"
                && f.subject.within.as_ref().is_some_and(|key| key["s"] == level)
        };
        found.iter().find(is).unwrap()
    };
    assert!((within("x").value.clone().unwrap() - 0.25).abs() < 1e-15);
    assert!(within("y").value.clone().unwrap().abs() < 1e-15);
    // (8 · ¼ + 4 · 0) / 12
    assert!((within("(mean)").value.clone().unwrap() - 1.0 / 6.0).abs() < 1e-15);
    assert!((within("(worst)").value.clone().unwrap() - 0.25).abs() < 1e-15);
    let strata = numbers(within("(worst)"), "strata");
    assert_eq!((names(strata), strata[0].n), (vec!["x", "y"], 8));
    // The control feature is not compared within itself.
    assert!(found.iter().all(|f| f.subject.within.is_none() || f.subject.by == ["g"]));
    let ids: BTreeSet<_> = found.iter().map(Finding::id).collect();
    assert_eq!(ids.len(), found.len());
}

#[test]
fn only_the_area_between_the_curves_has_an_interval_among_the_distances() {
    // 15 rows of each class in each group; only in a do positives score higher.
    let rows: Vec<(&str, bool, f64)> = (0..60)
        .map(|row| {
            let (group, positive) = (["a", "b"][row % 2], row / 2 % 2 == 0);
            let lift = if positive && group == "a" { 0.3 } else { 0.0 };
            (group, positive, f64::from(u32::try_from(row * 7 % 60).unwrap()) / 100.0 + lift)
        })
        .collect();
    let frame = Frame::of_scores(&rows, 0.4);
    let area = comparison(&frame, &options(), "abroca");
    let interval = area.interval.unwrap();
    assert!(area.value.is_ok_and(|area| (interval.low..=interval.high).contains(&area)));
    assert_eq!(interval.method, "bootstrap_norm");
    assert_eq!(comparison(&frame, &options(), "average_abs_odds_difference").interval, None);
}

#[test]
fn every_family_of_checks_has_its_manuals() {
    let known: Vec<&str> = checks().iter().map(|meta| meta.name).collect();
    let families = ["selection_rate_test", "roc_auc_test", "selection_rate_slice_gap", "roc_gap"];
    assert!(families.iter().all(|name| known.contains(name)));
}
