//! Which slices differ beyond chance, and which of those are worth listing.

use super::Searched;
use super::cells::{Cells, minus, plus};
use super::fisher::{Fisher, Table};
use super::search::{Condition, Slice};
use crate::domain::{Confusion, Interval, to_f64};
use crate::stats::{clopper_pearson, newcombe};
use std::collections::BTreeMap;

/// The level of every single test, and how it came about.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    /// A p-value up to this rejects.
    pub(super) each: f64,
    /// The number that the family's level is divided by.
    pub(super) tests: u64,
}

/// A slice that differs from the other rows beyond chance, in the direction that is looked for.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Different {
    /// Which, as an index into the slices.
    pub(super) slice: usize,
    /// Its rows among all.
    pub(super) table: Table,
    /// Rate of the slice minus rate of the other rows.
    pub(super) gap: f64,
    /// Uncorrected.
    pub(super) p_value: f64,
    /// The part of the gap that is certain, for the order of the list.
    certain: f64,
}

/// The smallest `k` for which at most `k` slices can reach a p-value of `alpha / k`: each of them is
/// tested at `alpha / k`, and the others can never reject.
///
/// Source: Tarone 1990, Biometrics 46, 515–522.
pub(super) fn level(mut attainable: Vec<f64>, alpha: f64) -> Level {
    attainable.sort_by(f64::total_cmp);
    let mut tests = 1;
    loop {
        let each = alpha / to_f64(tests);
        let testable = attainable.partition_point(|p| *p <= each);
        if u64::try_from(testable).is_ok_and(|testable| testable <= tests) {
            return Level { each, tests };
        }
        tests += 1;
    }
}

/// Everything that the choice looks at.
pub(super) struct Choice<'a> {
    pub(super) cells: &'a Cells,
    pub(super) slices: &'a [Slice],
    pub(super) metric: Searched,
    pub(super) fisher: &'a Fisher,
}

impl Choice<'_> {
    fn table(&self, slice: Confusion, all: Confusion) -> Table {
        let ((hits, n), (all_hits, all)) = (self.metric.share(slice), self.metric.share(all));
        Table { n, hits, all, all_hits }
    }

    /// The level of each test, from the margins alone.
    pub(super) fn level(&self, alpha: f64) -> Level {
        let counted = self.slices.iter().filter(|slice| !slice.repeated);
        let reach = |s: &Slice| self.fisher.attainable(&self.table(s.counts, self.cells.total));
        level(counted.map(reach).collect(), alpha)
    }

    /// The gap of `slice` within `all` in the direction that is looked for, if it is beyond chance.
    fn beyond(&self, slice: Confusion, all: Confusion, level: f64) -> Option<(Table, f64, f64)> {
        let table = self.table(slice, all);
        let gap = table.gap().filter(|gap| self.metric.is_worse(*gap))?;
        let p_value = self.fisher.p_value(&table);
        (p_value <= level).then_some((table, gap, p_value))
    }

    /// All slices that differ, those with the largest certain gap first.
    pub(super) fn different(&self, level: f64) -> Vec<Different> {
        let one = |(slice, s): (usize, &Slice)| {
            let (table, gap, p_value) = self.beyond(s.counts, self.cells.total, level)?;
            let others = (table.all_hits - table.hits, table.all - table.n);
            let ends = newcombe((table.hits, table.n), others, 1.0 - level)?;
            let certain = if gap > 0.0 { ends.low } else { -ends.high };
            Some(Different { slice, table, gap, p_value, certain })
        };
        let mut found: Vec<Different> = self.slices.iter().enumerate().filter_map(one).collect();
        found.sort_by(|a, b| {
            let depth = |d: &Different| self.slices[d.slice].conditions.len();
            let first = b.certain.total_cmp(&a.certain);
            first.then(depth(a).cmp(&depth(b))).then(a.slice.cmp(&b.slice))
        });
        found
    }

    /// The first slices that say something of their own, at most `most`.
    ///
    /// A slice is passed over when it holds the rows of a slice with fewer conditions; when a slice
    /// with some of its conditions differs as well and it is not itself worse than the rest of that
    /// slice; and when nothing is left of its gap, in itself and in the others, once the rows of the
    /// slices before it are set aside. A part of a slice before it is judged by the second rule only.
    pub(super) fn listed(&self, different: &[Different], level: f64, most: usize) -> Vec<usize> {
        let differs: BTreeMap<&[Condition], &Different> =
            different.iter().map(|d| (self.conditions(d), d)).collect();
        let postings = self.cells.postings();
        let mut aside =
            Aside { rows: vec![false; self.cells.counts.len()], counts: Confusion::default() };
        let mut listed: Vec<usize> = Vec::new();
        for (at, candidate) in different.iter().enumerate() {
            if listed.len() >= most {
                break;
            }
            let slice = &self.slices[candidate.slice];
            let repeats = slice.repeated && slice.conditions.len() > 1;
            if repeats || !self.worse_than_all_above(slice, &differs, level) {
                continue;
            }
            let members = members(&self.cells.codes, &postings, &slice.conditions);
            let within = |other: &usize| {
                let outer = self.conditions(&different[*other]);
                outer.iter().all(|c| slice.conditions.contains(c))
            };
            if listed.iter().any(within) || self.remains(slice, &members, &aside, level) {
                aside.add(self.cells, &members);
                listed.push(at);
            }
        }
        listed
    }

    fn conditions(&self, different: &Different) -> &[Condition] {
        &self.slices[different.slice].conditions
    }

    fn worse_than_all_above(
        &self,
        slice: &Slice,
        differs: &BTreeMap<&[Condition], &Different>,
        level: f64,
    ) -> bool {
        let above = some_of(&slice.conditions);
        let mut above = above.iter().filter_map(|conditions| differs.get(conditions.as_slice()));
        above.all(|d| {
            let outer = self.slices[d.slice].counts;
            self.beyond(slice.counts, outer, level).is_some_and(|(_, gap, _)| gap * d.gap > 0.0)
        })
    }

    fn remains(&self, slice: &Slice, members: &[usize], aside: &Aside, level: f64) -> bool {
        let free = members.iter().filter(|cell| !aside.rows[**cell]);
        let left = free.fold(Confusion::default(), |sum, cell| plus(sum, self.cells.counts[*cell]));
        let all = minus(self.cells.total, aside.counts);
        let sign = self.table(slice.counts, self.cells.total).gap().unwrap_or(0.0);
        self.beyond(left, all, level).is_some_and(|(_, gap, _)| gap * sign > 0.0)
    }
}

/// The rows of the slices listed so far.
struct Aside {
    rows: Vec<bool>,
    counts: Confusion,
}

impl Aside {
    fn add(&mut self, cells: &Cells, members: &[usize]) {
        for &cell in members {
            if !std::mem::replace(&mut self.rows[cell], true) {
                self.counts = plus(self.counts, cells.counts[cell]);
            }
        }
    }
}

/// The cells that meet all conditions: the shortest list, filtered by the others.
fn members(codes: &[Vec<usize>], postings: &[Vec<Vec<usize>>], slice: &[Condition]) -> Vec<usize> {
    let lists = slice.iter().map(|(feature, level)| &postings[*feature][*level]);
    let shortest = lists.min_by_key(|list| list.len());
    let meets =
        |cell: &usize| slice.iter().all(|(feature, level)| codes[*feature][*cell] == *level);
    shortest.into_iter().flatten().copied().filter(meets).collect()
}

/// Every choice of some of the conditions, neither none nor all.
fn some_of(conditions: &[Condition]) -> Vec<Vec<Condition>> {
    let chosen = |bits: usize| {
        let kept = conditions.iter().enumerate().filter(move |(i, _)| bits >> i & 1 == 1);
        kept.map(|(_, condition)| *condition).collect()
    };
    (1..(1_usize << conditions.len()) - 1).map(chosen).collect()
}

/// The simultaneous interval of a gap: Newcombe's square-and-add of the exact limits of both shares,
/// each at `1 − level`.
pub(super) fn interval(table: &Table, level: f64) -> Option<Interval> {
    let (hits, n) = (table.all_hits - table.hits, table.all - table.n);
    let own = clopper_pearson(table.hits, table.n, 1.0 - level)?;
    let other = clopper_pearson(hits, n, 1.0 - level)?;
    let (p, q) = (to_f64(table.hits) / to_f64(table.n), to_f64(hits) / to_f64(n));
    let low = p - q - (p - own.low).hypot(other.high - q);
    let high = p - q + (own.high - p).hypot(q - other.low);
    let method = "newcombe_clopper_pearson".to_owned();
    Some(Interval { low: low.max(-1.0), high: high.min(1.0), level: 1.0 - level, method })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_reject_is_counted() {
        // α = 0.06: at 0.06 three can reject, at 0.03 two, which is no more than 2.
        let found = level(vec![0.5, 0.001, 0.04, 0.02, 0.7], 0.06);
        assert_eq!(found, Level { each: 0.03, tests: 2 });
        assert_eq!(level(Vec::new(), 0.05).tests, 1);
        assert_eq!(level(vec![1e-9; 40], 0.05).tests, 40);
    }

    #[test]
    fn proper_parts_of_conditions() {
        assert_eq!(some_of(&[(0, 1)]), Vec::<Vec<Condition>>::new());
        assert_eq!(some_of(&[(0, 1), (2, 0)]), [[(0, 1)], [(2, 0)]]);
        assert_eq!(some_of(&[(0, 1), (1, 1), (2, 0)]).len(), 6);
    }

    #[test]
    fn the_interval_by_hand() {
        // 4 of 4 against 0 of 4 at 0.05: exact limits (0.025^¼, 1) and (0, 1 − 0.025^¼).
        let table = Table { n: 4, hits: 4, all: 8, all_hits: 4 };
        let found = interval(&table, 0.05).unwrap();
        let end = 0.025_f64.powf(0.25);
        assert!((found.low - (1.0 - (1.0 - end) * 2.0_f64.sqrt())).abs() < 1e-9, "{found:?}");
        assert!((found.high - 1.0).abs() < 1e-15 && (found.level - 0.95).abs() < 1e-15);
    }

    #[test]
    fn the_interval_turns_its_sign_with_the_sides() {
        // 7 of 10 against 5 of 20: the certain part of 0.45 is small at this size.
        let there = interval(&Table { n: 10, hits: 7, all: 30, all_hits: 12 }, 0.05).unwrap();
        let back = interval(&Table { n: 20, hits: 5, all: 30, all_hits: 12 }, 0.05).unwrap();
        assert!((there.low + back.high).abs() < 1e-12 && (there.high + back.low).abs() < 1e-12);
        assert!(0.0 < there.low && there.low < 0.45 && 0.45 < there.high && there.high < 1.0);
    }
}
