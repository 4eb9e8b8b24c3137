//! Which training rows can be told apart from rows that the model has not seen?

use super::ranks::ascending;
use crate::domain::{Cell, Evidence, Members, to_f64};

/// The share of false discoveries among the rows that are named, on average at most.
const RATE: f64 = 0.05;
/// Rows that the record names; the scores file holds all.
const NAMED: usize = 20;
/// Rates of false discoveries of the curve.
const RATES: [f64; 8] = [0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5];

/// p-values of members, `(1 + non-members that score at least as high) / (1 + non-members)`, made
/// into the smallest rate of false discoveries at which each is named (Benjamini and Hochberg).
pub(super) fn adjusted(scores: &Members<Vec<f64>>) -> Vec<f64> {
    let others = ascending(scores.unseen.iter().copied());
    let p = |score: &f64| {
        let above = others.len() - others.partition_point(|other| other < score);
        to_f64(count(above + 1)) / to_f64(count(others.len() + 1))
    };
    benjamini_hochberg(&scores.seen.iter().map(p).collect::<Vec<_>>())
}

/// Adjusted p-values: `min over q ≥ p of n q / rank(q)`, at most 1.
fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_unstable_by(|a, b| p[*a].total_cmp(&p[*b]).then(a.cmp(b)));
    let (mut adjusted, mut least) = (vec![1.0; p.len()], 1.0_f64);
    for (place, row) in order.into_iter().enumerate().rev() {
        least = least.min(p[row] * to_f64(count(p.len())) / to_f64(count(place + 1)));
        adjusted[row] = least;
    }
    adjusted
}

/// The number of rows named at 5 %, the first of them, and the numbers at other rates.
pub(super) fn evidence(adjusted: &[f64], rows: &[usize]) -> (u64, Vec<Evidence>) {
    let named = |rate: f64| count(adjusted.iter().filter(|q| **q <= rate).count());
    let mut order: Vec<usize> = (0..adjusted.len()).filter(|i| adjusted[*i] <= RATE).collect();
    order.sort_by(|a, b| adjusted[*a].total_cmp(&adjusted[*b]).then(a.cmp(b)));
    let n = count(adjusted.len());
    let cell = |i: &usize| Cell { name: rows[*i].to_string(), value: Some(adjusted[*i]), n };
    let cells: Vec<Cell> = order.iter().take(NAMED).map(cell).collect();
    let curve = Evidence::Curve {
        name: "identifiable_by_rate".to_owned(),
        x: RATES.to_vec(),
        y: RATES.iter().map(|rate| to_f64(named(*rate))).collect(),
    };
    let list = Evidence::Numbers { name: "identifiable".to_owned(), cells };
    let all = if order.is_empty() { vec![curve] } else { vec![curve, list] };
    (named(RATE), all)
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;

    #[test]
    fn the_published_example() {
        // Benjamini and Hochberg 1995, section 3.2: of 15 p-values the first 4 are kept at 0.05.
        let p = [
            0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262,
            0.5719, 0.6528, 0.7590, 1.0,
        ];
        let adjusted = benjamini_hochberg(&p);
        assert_eq!(adjusted.iter().filter(|q| **q <= 0.05).count(), 4);
        assert!((adjusted[0] - 0.0015).abs() < 1e-12 && (adjusted[3] - 0.035_625).abs() < 1e-12);
    }

    #[test]
    fn scores_that_nobody_else_reaches_are_named() {
        // 30 of 100 members above all 999 others: p = 1/1000, adjusted 100 / 30 / 1000.
        let seen = (0..100).map(|i| if i < 30 { 5.0 } else { -1.0 }).collect();
        let unseen = (0..999).map(|i| f64::from(i) / 999.0).collect();
        let adjusted = adjusted(&Members { seen, unseen });
        let rows: Vec<usize> = (100..200).collect();
        let (n, evidence) = evidence(&adjusted, &rows);
        assert_eq!((n, evidence.len()), (30, 2));
        assert!((adjusted[0] - 1.0 / 300.0).abs() < 1e-12);
        let Evidence::Numbers { cells, .. } = &evidence[1] else { panic!() };
        assert_eq!((cells.len(), cells[0].name.as_str()), (20, "100"));
    }

    #[test]
    fn without_a_signal_hardly_any_run_of_a_thousand_names_a_row() {
        let run = |seed: u64| {
            let mut draw = Seed::new(seed).stream();
            let mut part = || (0..150).map(|_| draw.normal()).collect();
            let scores = Members { seen: part(), unseen: part() };
            adjusted(&scores).iter().any(|q| *q <= RATE)
        };
        // Where nothing is true every discovery is false: at most 5 % of the runs have one; 68 of
        // 1,000 are within three standard errors of that.
        let false_runs = (0..1000).filter(|seed| run(*seed)).count();
        assert!(false_runs <= 68, "{false_runs} of 1000");
    }
}
