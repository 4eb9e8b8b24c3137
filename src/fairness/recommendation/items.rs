//! Groups of items: how much attention they receive, and how much they deserve.

use super::RankingFrame;
use super::list::{Place, number, places};
use super::queries::of_queries;
use crate::domain::{Cell, Interval, Seed, Undefined, Value, ratio_of, to_f64};
use crate::fairness::Options;
use crate::fairness::level::numbers;
use crate::fairness::measures::Number;
use crate::fairness::metrics::Basis;
use crate::stats::{Draws, jackknife_skew, normal_cdf, sum};

/// Draws of queries.
const DRAWS: u32 = 1000;
/// Fewer queries than this are not drawn.
const LEAST_QUERIES: usize = 30;

/// The lists of all queries, and what is in them.
pub(super) struct Items<'a> {
    frame: &'a RankingFrame,
    lists: Vec<Vec<Place>>,
}

/// What a group of items has of one list.
struct Part {
    /// Share of the attention.
    exposure: f64,
    /// Share of the relevance; none where the list holds nothing relevant.
    merit: Option<f64>,
    /// Mean number of the first places.
    top: f64,
    /// First places that there are.
    places: f64,
    /// Rows of the group, and of the list.
    rows: (f64, f64),
}

impl<'a> Items<'a> {
    /// Looks at every list.
    pub(super) fn of(frame: &'a RankingFrame, lists: &[Vec<usize>]) -> Self {
        let of = |rows: &Vec<usize>| places(rows, &frame.score, frame.at);
        Self { frame, lists: lists.iter().map(of).collect() }
    }

    /// The numbers of a group of rows, in the order of the measures.
    pub(super) fn numbers(&self, rows: &[usize], options: &Options, name: &str) -> Vec<Number> {
        let mut mine = vec![false; self.frame.query.len()];
        for row in rows {
            mine[*row] = true;
        }
        let mut parts: Vec<Part> = self.lists.iter().map(|list| self.part(list, &mine)).collect();
        let order = |a: &Part, b: &Part| {
            let merit = |part: &Part| part.merit.unwrap_or(-1.0);
            let tops = || a.top.total_cmp(&b.top).then(a.rows.1.total_cmp(&b.rows.1));
            a.exposure.total_cmp(&b.exposure).then(merit(a).total_cmp(&merit(b))).then_with(tops)
        };
        parts.sort_by(order);
        let n = u64::try_from(rows.len()).unwrap_or(u64::MAX);
        let cutoff = Cell { name: "k".to_owned(), value: Some(number(self.frame.at)), n };
        let count = Number::new(Ok(to_f64(n)), Basis::Rows(n));
        let seed = options.statistics.seed.child("fairness/recommendation").child(name);
        vec![
            count.with(vec![numbers("cutoff", vec![cutoff])]),
            of_queries(parts.iter().map(|part| part.exposure).collect()),
            of_queries(parts.iter().filter_map(|part| part.merit).collect()),
            treatment(&parts, seed, options.confidence),
            top_share(&parts),
            representation(&parts),
        ]
    }

    fn part(&self, list: &[Place], mine: &[bool]) -> Part {
        let of = |value: &dyn Fn(&Place) -> f64| {
            let own = list.iter().filter(|place| mine[place.row]);
            (sum(own.map(value)), sum(list.iter().map(value)))
        };
        let share = |(own, all): (f64, f64)| if all > 0.0 { Some(own / all) } else { None };
        let exposure = share(of(&|place| place.exposure)).unwrap_or(0.0);
        let merit = share(of(&|place| self.frame.relevance[place.row]));
        let (top, places) = of(&|place| place.top);
        Part { exposure, merit, top, places, rows: of(&|_| 1.0) }
    }
}

/// Attention over relevance, of the queries that hold something relevant.
fn treatment(parts: &[Part], seed: Seed, level: f64) -> Number {
    let both: Vec<(f64, f64)> =
        parts.iter().filter_map(|part| Some((part.exposure, part.merit?))).collect();
    let over = |(exposure, merit): (f64, f64)| ratio_of(exposure, merit);
    let total = both.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    let n = u64::try_from(both.len()).unwrap_or(u64::MAX);
    if both.is_empty() {
        return Number::new(Err(Undefined::Empty), Basis::Rows(0));
    }
    let value = over(total);
    let interval = value.as_ref().ok().and_then(|value| drawn(&both, total, *value, (seed, level)));
    Number::drawn(value, n, interval)
}

/// The bias-corrected and accelerated interval of a ratio of sums over queries.
fn drawn(
    both: &[(f64, f64)],
    total: (f64, f64),
    value: f64,
    (seed, level): (Seed, f64),
) -> Option<Interval> {
    if both.len() < LEAST_QUERIES {
        return None;
    }
    let mut stream = seed.stream();
    let draw = |_| -> Value {
        let mut sums = (0.0, 0.0);
        for _ in both {
            let (exposure, merit) = both[stream.below(both.len())];
            sums = (sums.0 + exposure, sums.1 + merit);
        }
        ratio_of(sums.0, sums.1)
    };
    let draws = Draws::collect((0..DRAWS).map(draw));
    draws.bca(value, jackknife_skew(&left_out(both, total)), level)
}

/// The ratio without each query in turn, every query once.
fn left_out(both: &[(f64, f64)], total: (f64, f64)) -> Vec<(f64, f64)> {
    let without = |(x, y): &(f64, f64)| Some((1.0, ratio_of(total.0 - x, total.1 - y).ok()?));
    both.iter().filter_map(without).collect()
}

/// The share of all first places.
fn top_share(parts: &[Part]) -> Number {
    let (own, all) = (sum(parts.iter().map(|p| p.top)), sum(parts.iter().map(|p| p.places)));
    let value = if all > 0.0 { Ok(own / all) } else { Err(Undefined::Empty) };
    Number::new(value, Basis::Rows(queries(parts)))
}

/// The first places over those of a random order, with the p-value of such an order.
fn representation(parts: &[Part]) -> Number {
    let own = sum(parts.iter().map(|part| part.top));
    let expected = sum(parts.iter().map(|part| part.places * part.rows.0 / part.rows.1));
    let variance = |part: &Part| {
        let (group, all) = part.rows;
        let (share, rest) = (group / all, (all - part.places) / (all - 1.0).max(1.0));
        part.places * share * (1.0 - share) * rest
    };
    let spread = sum(parts.iter().map(variance));
    let value = if parts.is_empty() { Err(Undefined::Empty) } else { ratio_of(own, expected) };
    let n = queries(parts);
    let z = (own - expected) / spread.sqrt();
    let p = (spread > 1e-12).then(|| (2.0 * normal_cdf(-z.abs())).min(1.0));
    let cell = |name: &str, value| Cell { name: name.to_owned(), value, n };
    let evidence = vec![
        cell("places", Some(own)),
        cell("expected_places", Some(expected)),
        cell("p_value", p),
    ];
    Number::new(value, Basis::Rows(n)).with(vec![numbers("against_random_order", evidence)])
}

fn queries(parts: &[Part]) -> u64 {
    u64::try_from(parts.len()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fairness::bootstrap::Instead;

    fn part(exposure: f64, merit: f64) -> Part {
        Part { exposure, merit: Some(merit), top: 1.0, places: 3.0, rows: (2.0, 8.0) }
    }

    #[test]
    fn attention_over_relevance_has_nearly_the_interval_of_its_variance() {
        // Ratio 14/12 of the sums; residuals x − (7/6) y are ∓1/12: standard error √40 / 12 / 12.
        let parts: Vec<Part> = (0..20).flat_map(|_| [part(0.5, 0.5), part(0.2, 0.1)]).collect();
        let number = treatment(&parts, Seed::new(3), 0.95);
        let (value, basis, instead, _) = number.seen();
        assert!((value.clone().unwrap() - 14.0 / 12.0).abs() < 1e-12);
        assert_eq!(basis, Basis::Rows(40));
        let Instead::Drawn(found) = instead else { panic!("{instead:?}") };
        let half = 1.96 * 40_f64.sqrt() / 144.0;
        assert!((found.low - 14.0 / 12.0 + half).abs() < 0.03, "{found:?}");
        assert!((found.high - 14.0 / 12.0 - half).abs() < 0.05, "{found:?}");
        let drawn =
            |n: usize| *treatment(&parts[..n], Seed::new(3), 0.95).seen().2 != Instead::None;
        assert!(drawn(30) && !drawn(29));
    }

    #[test]
    fn first_places_against_a_random_order_by_hand() {
        // Ten lists of 8 rows, 2 of the group, one of 3 places each: expected 10 · 3/4, variance
        // 10 · 3 · ¼ · ¾ · 5/7, z = 1.247219, p = 0.212317.
        let parts: Vec<Part> = (0..10).map(|_| part(0.5, 0.5)).collect();
        let number = representation(&parts);
        let (value, basis, _, evidence) = number.seen();
        assert!((value.clone().unwrap() - 4.0 / 3.0).abs() < 1e-12);
        assert_eq!(basis, Basis::Rows(10));
        let crate::domain::Evidence::Numbers { cells, .. } = &evidence[0] else { panic!() };
        assert!((cells[2].value.unwrap() - 0.212_317).abs() < 1e-5, "{cells:?}");
    }

    #[test]
    fn without_one_query_the_others_are_left() {
        // Without the first query 3/1, without the second 1/2, without the third 4/3.
        let both = [(1.0, 2.0), (3.0, 1.0), (0.0, 0.0)];
        assert_eq!(left_out(&both, (4.0, 3.0)), [(1.0, 3.0), (1.0, 0.5), (1.0, 4.0 / 3.0)]);
        assert_eq!(top_share(&[]).seen().0, &Err(Undefined::Empty));
    }
}
