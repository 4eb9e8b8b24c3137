//! Laws of ranked lists.

use super::*;
use crate::domain::{Evidence, Undefined};

/// Users of two countries with lists of items of two kinds.
fn frame(users: usize, at: usize) -> RankingFrame {
    let rows: Vec<(usize, usize)> = (0..users).flat_map(|u| (0..8).map(move |i| (u, i))).collect();
    let seed = |(user, item): &(usize, usize)| (user * user * 7 + item * 13 + user * item) % 31;
    let number = list::number;
    let name = |is: bool, a: &'static str, b: &'static str| Some(if is { a } else { b });
    let countries: Vec<_> = rows.iter().map(|(u, _)| name(u % 3 == 0, "x", "y")).collect();
    let kinds: Vec<_> = rows.iter().map(|(_, i)| name(i % 4 == 1, "small", "large")).collect();
    RankingFrame {
        split: Split::Test,
        query: rows.iter().map(|(user, _)| *user).collect(),
        score: rows.iter().map(|row| number(seed(row) % 11)).collect(),
        relevance: rows.iter().map(|row| number((seed(row) / 11) % 3)).collect(),
        at,
        groups: vec![Groups::encode("country", &countries), Groups::encode("kind", &kinds)],
    }
}

fn find<'a>(findings: &'a [Finding], check: &str, group: Option<(&str, &str)>) -> &'a Finding {
    let is = |f: &&Finding| {
        let of = f.subject.group.as_ref();
        f.check == check
            && of.and_then(|key| key.iter().next()).map(|(a, b)| (a.as_str(), b.as_str())) == group
    };
    findings.iter().find(is).unwrap_or_else(|| panic!("no {check} {group:?}"))
}

fn value(findings: &[Finding], check: &str, group: Option<(&str, &str)>) -> f64 {
    find(findings, check, group).value.clone().unwrap()
}

#[test]
fn users_and_items_are_told_apart() {
    let findings = audit(&frame(60, 3), &Options::default());
    assert!((value(&findings, "query_count", Some(("country", "x"))) - 20.0).abs() < 1e-12);
    assert!((value(&findings, "count", Some(("kind", "small"))) - 120.0).abs() < 1e-12);
    assert!(findings.iter().all(|f| f.check != "ndcg_at_k" || f.subject.by != ["kind"]));
    let gap = find(&findings, "ndcg_at_k_difference", None);
    let of = |group| value(&findings, "ndcg_at_k", Some(("country", group)));
    assert!((gap.value.clone().unwrap() - (of("x") - of("y")).abs()).abs() < 1e-12);
    assert!(gap.interval.is_some());
    let ids: std::collections::BTreeSet<_> = findings.iter().map(Finding::id).collect();
    assert_eq!(ids.len(), findings.len());
}

#[test]
fn a_perfect_order_has_every_number_at_its_best() {
    let mut table = frame(40, 8);
    table.score.clone_from(&table.relevance);
    let findings = audit(&table, &Options::default());
    for check in ["ndcg_at_k", "hit_rate_at_k", "recall_at_k", "mean_reciprocal_rank"] {
        assert!((value(&findings, check, None) - 1.0).abs() < 1e-12, "{check}");
    }
    let mut turned = frame(40, 2);
    turned.score = turned.relevance.iter().map(|relevance| -relevance).collect();
    assert!(value(&audit(&turned, &Options::default()), "ndcg_at_k", None) < 0.6);
}

#[test]
fn attention_and_relevance_are_shared_out() {
    let findings = audit(&frame(60, 3), &Options::default());
    for check in ["exposure_share", "relevance_share", "top_k_share"] {
        let of = |kind| value(&findings, check, Some(("kind", kind)));
        assert!((of("small") + of("large") - 1.0).abs() < 1e-12, "{check}");
    }
    // A constant score shows everybody as often as a random order does, and gives each row of a list
    // the same attention.
    let mut equal = frame(60, 3);
    equal.score = vec![1.0; equal.score.len()];
    let findings = audit(&equal, &Options::default());
    let small = Some(("kind", "small"));
    assert!((value(&findings, "exposure_share", small) - 0.25).abs() < 1e-12);
    assert!((value(&findings, "top_k_representation", small) - 1.0).abs() < 1e-12);
    let found = find(&findings, "top_k_representation", small);
    let Evidence::Numbers { cells, .. } = &found.evidence[0] else { panic!() };
    assert!((cells[2].value.unwrap() - 1.0).abs() < 1e-9);
}

#[test]
fn a_group_that_is_never_shown_has_no_attention_and_that_is_no_chance() {
    let mut table = frame(60, 2);
    for (row, level) in table.groups[1].of().enumerate() {
        // Level 1 is `small`, two of eight rows of every list.
        table.score[row] += if level.index() == 1 { -100.0 } else { 0.0 };
    }
    let findings = audit(&table, &Options::default());
    let small = Some(("kind", "small"));
    assert!(value(&findings, "top_k_share", small).abs() < 1e-12);
    assert!(value(&findings, "exposure_to_relevance", small).abs() < 1e-12);
    let found = find(&findings, "top_k_representation", small);
    let Evidence::Numbers { cells, .. } = &found.evidence[0] else { panic!() };
    // 120 places, 30 expected, variance 120 · ¼ · ¾ · 6/7.
    assert!((cells[1].value.unwrap() - 30.0).abs() < 1e-9 && cells[2].value.unwrap() < 1e-9);
    assert_eq!(find(&findings, "top_k_representation_ratio", None).value, Ok(0.0));
}

#[test]
fn the_order_of_rows_and_the_numbers_of_queries_change_nothing() {
    let plain = frame(40, 3);
    let n = plain.query.len();
    let order: Vec<usize> = (0..n).rev().collect();
    let turned = RankingFrame {
        query: order.iter().map(|row| 39 - plain.query[*row]).collect(),
        score: order.iter().map(|row| plain.score[*row]).collect(),
        relevance: order.iter().map(|row| plain.relevance[*row]).collect(),
        groups: plain.groups.iter().map(|groups| groups.select(&order)).collect(),
        ..plain.clone()
    };
    let (a, b) = (audit(&plain, &Options::default()), audit(&turned, &Options::default()));
    for (a, b) in a.iter().zip(&b) {
        match (&a.value, &b.value) {
            (Ok(x), Ok(y)) => assert!((x - y).abs() < 1e-12, "{} {x} {y}", a.check),
            (x, y) => assert_eq!(x, y),
        }
    }
}

#[test]
fn queries_without_anything_relevant_are_left_out_and_counted() {
    let mut table = frame(30, 3);
    for (row, query) in table.query.clone().into_iter().enumerate() {
        // Every list starts with its row 0.
        table.relevance[row] = match (query < 10, row % 8) {
            (true, _) => 0.0,
            (false, 0) => 1.0,
            (false, _) => table.relevance[row],
        };
    }
    let findings = audit(&table, &Options::default());
    assert_eq!(find(&findings, "ndcg_at_k", None).n, 20);
    let count = find(&findings, "query_count", None);
    let Evidence::Numbers { name, cells } = &count.evidence[1] else { panic!() };
    assert_eq!((name.as_str(), cells[0].value), ("queries_without_relevant_rows", Some(10.0)));
    table.relevance = vec![0.0; table.relevance.len()];
    let findings = audit(&table, &Options::default());
    assert_eq!(find(&findings, "ndcg_at_k", None).value, Err(Undefined::Empty));
    assert!(find(&findings, "precision_at_k", None).value.is_ok());
}

#[test]
fn every_finding_has_a_manual() {
    let known: Vec<&str> = super::super::checks().iter().map(|meta| meta.name).collect();
    let findings = audit(&frame(40, 3), &Options::default());
    assert!(!findings.is_empty());
    assert!(findings.iter().all(|f| known.contains(&f.check.as_str())));
}
