//! One list: its places, and how good it is. Equal scores are in random order, and every number is
//! the mean over all of these orders, in closed form.

use crate::domain::to_f64;
use crate::stats::sum;

/// What one row of a list can expect.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// The row.
    pub(super) row: usize,
    /// Its mean discount `1/log₂(1 + rank)`, 0 beyond the cutoff.
    pub(super) exposure: f64,
    /// Its chance to be among the first `k`.
    pub(super) top: f64,
}

/// How good a list is; `None` where it holds nothing relevant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Quality {
    /// Discounted relevance of the first `k` over the best that there could be.
    pub(super) ndcg: Option<f64>,
    /// Chance that one of the first `k` is relevant.
    pub(super) hit: Option<f64>,
    /// Relevant rows among the first `k`, over `k`.
    pub(super) precision: f64,
    /// Relevant rows among the first `k`, over all relevant ones.
    pub(super) recall: Option<f64>,
    /// One over the rank of the first relevant row.
    pub(super) reciprocal: Option<f64>,
}

/// Rows of equal score, best first.
struct Block {
    /// Rows before it.
    start: usize,
    rows: Vec<usize>,
}

/// A count as a number.
pub(super) fn number(count: usize) -> f64 {
    to_f64(u64::try_from(count).unwrap_or(u64::MAX))
}

fn discount(rank: usize) -> f64 {
    1.0 / (number(rank) + 1.0).log2()
}

fn blocks(rows: &[usize], score: &[f64]) -> Vec<Block> {
    let mut order = rows.to_vec();
    order.sort_unstable_by(|a, b| score[*b].total_cmp(&score[*a]).then(a.cmp(b)));
    let mut blocks: Vec<Block> = Vec::new();
    for (at, row) in order.into_iter().enumerate() {
        match blocks.last_mut() {
            // As numbers and not as bits: 0 and −0 are equal scores.
            Some(block) if score[block.rows[0]] <= score[row] => block.rows.push(row),
            _ => blocks.push(Block { start: at, rows: vec![row] }),
        }
    }
    blocks
}

/// The places of the rows of one list, in the order of the blocks.
pub(super) fn places(rows: &[usize], score: &[f64], at: usize) -> Vec<Place> {
    let of = |block: Block| {
        let size = number(block.rows.len());
        let shown = block.rows.len().min(at.saturating_sub(block.start));
        let seen = sum((1..=shown).map(|place| discount(block.start + place)));
        let (exposure, top) = (seen / size, number(shown) / size);
        block.rows.into_iter().map(move |row| Place { row, exposure, top })
    };
    blocks(rows, score).into_iter().flat_map(of).collect()
}

/// How good the list of these rows is.
pub(super) fn quality(rows: &[usize], score: &[f64], relevance: &[f64], at: usize) -> Quality {
    let places = places(rows, score, at);
    let relevant = |row: usize| relevance[row] > 0.0;
    let all = rows.iter().filter(|row| relevant(**row)).count();
    let gained = sum(places.iter().map(|place| relevance[place.row] * place.exposure));
    let found = sum(places.iter().filter(|p| relevant(p.row)).map(|place| place.top));
    let mut best: Vec<f64> = rows.iter().map(|row| relevance[*row]).collect();
    best.sort_unstable_by(|a, b| b.total_cmp(a));
    let ideal = sum((1..).zip(best.iter().take(at)).map(|(rank, gain)| gain * discount(rank)));
    let some = |value: f64| (all > 0).then_some(value);
    let (hit, reciprocal) = first(&blocks(rows, score), relevant, at);
    Quality {
        ndcg: some(gained / ideal),
        hit: some(hit),
        precision: found / number(at),
        recall: some(found / number(all.max(1))),
        reciprocal: some(reciprocal),
    }
}

/// The chance that a relevant row is among the first `at`, and the mean of one over the rank of the
/// first.
fn first(blocks: &[Block], relevant: impl Fn(usize) -> bool, at: usize) -> (f64, f64) {
    for block in blocks {
        let size = block.rows.len();
        let hits = block.rows.iter().filter(|row| relevant(**row)).count();
        if hits == 0 {
            continue;
        }
        let (mut none_yet, mut hit, mut reciprocal) = (1.0, 0.0, 0.0);
        for before in 0..=size - hits {
            // The chance that the first relevant row of the block has `before` rows before it.
            let here = none_yet * number(hits) / number(size - before);
            let rank = block.start + before + 1;
            reciprocal += here / number(rank);
            hit += if rank <= at { here } else { 0.0 };
            none_yet *= number(size - hits - before) / number(size - before);
        }
        return (hit.min(1.0), reciprocal);
    }
    (0.0, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(found: f64, expected: f64) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }

    #[test]
    fn a_list_by_hand() {
        // Relevance in order of score: 0 2 1 0; ideal 2 1.
        let q = quality(&[0, 1, 2, 3], &[0.9, 0.8, 0.7, 0.1], &[0.0, 2.0, 1.0, 0.0], 3);
        let log = |x: f64| 1.0 / x.log2();
        close(q.ndcg.unwrap(), (2.0 * log(3.0) + log(4.0)) / (2.0 + log(3.0)));
        close(q.precision, 2.0 / 3.0);
        close(q.reciprocal.unwrap(), 0.5);
        assert_eq!((q.hit, q.recall), (Some(1.0), Some(1.0)));
        let q = quality(&[0, 1, 2, 3], &[0.9, 0.8, 0.7, 0.1], &[0.0, 2.0, 1.0, 0.0], 1);
        assert_eq!((q.hit, q.recall, q.ndcg), (Some(0.0), Some(0.0), Some(0.0)));
    }

    #[test]
    fn nothing_relevant_is_no_bad_list() {
        let q = quality(&[0, 1], &[0.9, 0.8], &[0.0, 0.0], 1);
        assert_eq!((q.ndcg, q.hit, q.recall, q.reciprocal), (None, None, None, None));
        close(q.precision, 0.0);
    }

    /// The mean over all orders of equal scores, one by one.
    fn by_all_orders(rows: &[usize], score: &[f64], relevance: &[f64], at: usize) -> [f64; 4] {
        let mut orders = vec![Vec::new()];
        for _ in rows {
            let longer = |order: &Vec<usize>| {
                let rest: Vec<usize> =
                    rows.iter().copied().filter(|r| !order.contains(r)).collect();
                let most = rest.iter().map(|r| score[*r]).fold(f64::MIN, f64::max);
                let next = rest.into_iter().filter(|r| score[*r] >= most).collect::<Vec<_>>();
                next.into_iter().map(|r| [order.as_slice(), &[r]].concat()).collect::<Vec<_>>()
            };
            orders = orders.iter().flat_map(longer).collect();
        }
        let mut sums = [0.0; 4];
        for order in &orders {
            let untied: Vec<f64> = (0..score.len())
                .map(|row| -number(order.iter().position(|r| *r == row).unwrap_or(0)))
                .collect();
            let q = quality(rows, &untied, relevance, at);
            for (sum, value) in sums.iter_mut().zip([
                q.ndcg.unwrap(),
                q.hit.unwrap(),
                q.recall.unwrap(),
                q.reciprocal.unwrap(),
            ]) {
                *sum += value / number(orders.len());
            }
        }
        sums
    }

    #[test]
    fn equal_scores_are_the_mean_over_all_their_orders() {
        let rows = [0, 1, 2, 3, 4, 5];
        let relevance = [1.0, 0.0, 0.0, 3.0, 0.0, 1.0];
        for score in [[1.0; 6], [2.0, 2.0, 1.0, 1.0, 1.0, 0.0], [0.0, 3.0, 3.0, 1.0, 1.0, 1.0]] {
            for at in [1, 2, 4, 6] {
                let q = quality(&rows, &score, &relevance, at);
                let [ndcg, hit, recall, reciprocal] = by_all_orders(&rows, &score, &relevance, at);
                close(q.ndcg.unwrap(), ndcg);
                close(q.hit.unwrap(), hit);
                close(q.recall.unwrap(), recall);
                close(q.reciprocal.unwrap(), reciprocal);
            }
        }
    }
}
