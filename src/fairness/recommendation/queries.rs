//! Groups of queries: how good their lists are.

use super::RankingFrame;
use super::list::{Quality, number, quality};
use crate::domain::{Cell, Evidence, Undefined, to_f64};
use crate::fairness::level::numbers;
use crate::fairness::measures::Number;
use crate::fairness::metrics::Basis;
use crate::stats::sum;

/// Queries below which a mean has no trustworthy interval.
const ENOUGH: usize = 10;

/// The lists of all queries.
pub(super) struct Queries {
    quality: Vec<Quality>,
    at: usize,
}

impl Queries {
    /// Looks at every list.
    pub(super) fn of(frame: &RankingFrame, lists: &[Vec<usize>]) -> Self {
        let of = |rows: &Vec<usize>| quality(rows, &frame.score, &frame.relevance, frame.at);
        Self { quality: lists.iter().map(of).collect(), at: frame.at }
    }

    /// The numbers of some queries, in the order of the measures.
    pub(super) fn numbers(&self, queries: &[usize]) -> Vec<Number> {
        let mean = |of: fn(&Quality) -> Option<f64>| {
            let values = queries.iter().filter_map(|query| of(&self.quality[*query]));
            of_queries(values.collect())
        };
        let n = u64::try_from(queries.len()).unwrap_or(u64::MAX);
        let cutoff = Cell { name: "k".to_owned(), value: Some(number(self.at)), n };
        let without = queries.iter().filter(|query| self.quality[**query].ndcg.is_none()).count();
        let without = Cell { name: "queries".to_owned(), value: Some(number(without)), n };
        let evidence: Vec<Evidence> = vec![
            numbers("cutoff", vec![cutoff]),
            numbers("queries_without_relevant_rows", vec![without]),
        ];
        vec![
            Number::new(Ok(to_f64(n)), Basis::Rows(n)).with(evidence),
            mean(|quality| quality.ndcg),
            mean(|quality| quality.hit),
            mean(|quality| Some(quality.precision)),
            mean(|quality| quality.recall),
            mean(|quality| quality.reciprocal),
        ]
    }
}

/// The mean of numbers from 0 to 1, one for each query: a share where all are 0 or 1.
pub(super) fn of_queries(mut values: Vec<f64>) -> Number {
    // In an order of their own, so that the order of the queries changes no digit.
    values.sort_unstable_by(f64::total_cmp);
    let n = u64::try_from(values.len()).unwrap_or(u64::MAX);
    if values.is_empty() {
        return Number::new(Err(Undefined::Empty), Basis::Rows(n));
    }
    let count = number(values.len());
    let mean = sum(values.iter().copied()) / count;
    let ones = values.iter().filter(|value| **value >= 1.0).count();
    let zeros = values.iter().filter(|value| **value <= 0.0).count();
    if ones + zeros == values.len() {
        let hits = u64::try_from(ones).unwrap_or(u64::MAX);
        return Number::new(Ok(mean), Basis::Share { hits, n });
    }
    let spread = sum(values.iter().map(|value| (value - mean).powi(2)));
    if values.len() < ENOUGH || spread <= 0.0 {
        return Number::new(Ok(mean), Basis::Rows(n));
    }
    let freedom = count - 1.0;
    let variance = spread / freedom / count;
    Number::new(Ok(mean), Basis::Mean { variance, freedom, most: 1.0, n })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_mean_over_queries_rests_on() {
        let basis = |values: &[f64]| {
            let number = of_queries(values.to_vec());
            let (value, basis, ..) = number.seen();
            (value.clone().unwrap(), basis)
        };
        assert_eq!(basis(&[0.0, 1.0, 1.0, 1.0]), (0.75, Basis::Share { hits: 3, n: 4 }));
        assert_eq!(basis(&[0.0, 0.5, 1.0]), (0.5, Basis::Rows(3)));
        assert_eq!(basis(&[0.5; 12]), (0.5, Basis::Rows(12)));
        // Nine times ½ and 1: mean 0.55, squares 9 · 0.05² + 0.45² = 0.225, over 9 · 10.
        let (_, found) = basis(&[0.5, 0.5, 0.5, 0.5, 1.0, 0.5, 0.5, 0.5, 0.5, 0.5]);
        let Basis::Mean { variance, freedom, most, n } = found else { panic!("{found:?}") };
        assert!((variance - 0.0025).abs() < 1e-15 && (freedom - 9.0).abs() < 1e-15);
        assert!((most - 1.0).abs() < 1e-15 && n == 10);
    }
}
