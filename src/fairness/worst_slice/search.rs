//! All slices with enough rows, depth first: what is too small has no part that is large enough.

use super::cells::{Cells, minus, plus};
use crate::domain::Confusion;
use std::collections::BTreeMap;

/// A condition `feature = level`, both as indices.
pub(super) type Condition = (usize, usize);

/// The rows that meet all conditions, one per feature, in the order of the features.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Slice {
    /// What its rows have in common.
    pub(super) conditions: Vec<Condition>,
    /// Its counts.
    pub(super) counts: Confusion,
    /// Whether the same rows, or all other rows, are a slice that is counted already.
    pub(super) repeated: bool,
}

/// Every slice of at most `depth` conditions and at least `support` rows.
pub(super) fn slices(cells: &Cells, depth: usize, support: u64) -> Vec<Slice> {
    let mut walk = Walk { cells, depth, support: support.max(1), found: Vec::new() };
    let all: Vec<usize> = (0..cells.counts.len()).collect();
    walk.extend(&[], &all, 0);
    let mut found = walk.found;
    mark_repeated(cells, &mut found);
    found
}

struct Walk<'a> {
    cells: &'a Cells,
    depth: usize,
    support: u64,
    found: Vec<Slice>,
}

impl Walk<'_> {
    /// The slices that add a condition on a later feature to `conditions`, whose cells are `members`.
    fn extend(&mut self, conditions: &[Condition], members: &[usize], from: usize) {
        for feature in from..self.cells.features.len() {
            let levels = self.cells.features[feature].levels.len();
            let codes = &self.cells.codes[feature];
            let mut counts = vec![Confusion::default(); levels + 1];
            for &cell in members {
                counts[codes[cell]] = plus(counts[codes[cell]], self.cells.counts[cell]);
            }
            let large = |level: &usize| counts[*level].n() >= self.support;
            let large: Vec<usize> = (0..levels).filter(large).collect();
            let mut parts = vec![Vec::new(); levels + 1];
            let deeper = conditions.len() + 1 < self.depth;
            if deeper && !large.is_empty() {
                for &cell in members {
                    parts[codes[cell]].push(cell);
                }
            }
            for level in large {
                let conditions: Vec<Condition> =
                    conditions.iter().copied().chain([(feature, level)]).collect();
                let slice = Slice { conditions, counts: counts[level], repeated: false };
                let conditions = slice.conditions.clone();
                self.found.push(slice);
                if deeper {
                    self.extend(&conditions, &parts[level], feature + 1);
                }
            }
        }
    }
}

/// Marks slices whose rows are those of a slice with fewer conditions, or all rows; and the larger
/// of two levels that together are all rows, because each is the other's complement.
fn mark_repeated(cells: &Cells, found: &mut [Slice]) {
    let sizes: BTreeMap<Vec<Condition>, u64> =
        found.iter().map(|slice| (slice.conditions.clone(), slice.counts.n())).collect();
    let all = cells.total.n();
    for slice in found {
        let n = slice.counts.n();
        let parent = |without: usize| {
            let mut conditions = slice.conditions.clone();
            conditions.remove(without);
            if conditions.is_empty() { Some(all) } else { sizes.get(&conditions).copied() }
        };
        let same = (0..slice.conditions.len()).any(|without| parent(without) == Some(n));
        slice.repeated = same || mirrored(slice, &sizes, minus(cells.total, slice.counts).n());
    }
}

/// Whether a level's complement is one other level that is smaller, or as large and earlier.
fn mirrored(slice: &Slice, sizes: &BTreeMap<Vec<Condition>, u64>, rest: u64) -> bool {
    let [(feature, level)] = slice.conditions[..] else { return false };
    let (own, from) = (slice.counts.n(), vec![(feature, 0)]);
    let levels = sizes.range(from..).take_while(|(c, _)| c[0].0 == feature);
    let mut single = levels.filter(|(c, _)| c.len() == 1);
    single.any(|(c, n)| *n == rest && (rest < own || (rest == own && c[0].1 < level)))
}

#[cfg(test)]
mod tests {
    use super::super::cells::{Rows, feature};
    use super::*;
    use crate::domain::{Groups, Split};
    use crate::fairness::Frame;

    fn cells(columns: &[(&str, &str)], support: u64) -> Cells {
        let letter = |c: char| Some(c.to_string());
        let groups: Vec<Groups> = columns
            .iter()
            .map(|(name, text)| Groups::encode(name, &text.chars().map(letter).collect::<Vec<_>>()))
            .collect();
        let n = columns[0].1.len();
        let rows = Rows::Each(n);
        let named = |(f, _): &(&str, &str)| feature(&groups, f, support, &rows).unwrap();
        let features = columns.iter().map(named).collect();
        let (y_true, y_pred) = (vec![true; n], vec![true; n]);
        let split = Split::Test;
        let frame = Frame { split, y_true, y_pred, score: None, weight: None, groups };
        Cells::count(&frame, &rows, features)
    }

    fn shown(cells: &Cells, slices: &[Slice]) -> Vec<String> {
        let one = |s: &Slice| {
            let part = |(f, l): &Condition| cells.features[*f].levels[*l].clone();
            let name: String = s.conditions.iter().map(part).collect();
            format!("{name}{}{}", s.counts.n(), if s.repeated { "!" } else { "" })
        };
        slices.iter().map(one).collect()
    }

    #[test]
    fn every_combination_with_enough_rows_is_found_once() {
        let cells = cells(&[("a", "xxxyyy"), ("b", "pqppqq"), ("c", "kkkkll")], 1);
        let found = shown(&cells, &slices(&cells, 2, 2));
        // x is the complement of y; p is that of q; l that of k. xk holds all of x, yl and ql all
        // of l; xp and yq have two rows each.
        assert_eq!(
            found,
            ["x3", "xp2", "xk3!", "y3!", "yq2", "yl2!", "p3", "pk3!", "q3!", "ql2!", "k4!", "l2"]
        );
        assert!(slices(&cells, 3, 2).iter().any(|s| s.conditions.len() == 3));
        assert_eq!(slices(&cells, 1, 4).len(), 1);
    }

    #[test]
    fn a_feature_with_one_level_says_nothing() {
        let cells = cells(&[("a", "xxxx")], 1);
        assert_eq!(shown(&cells, &slices(&cells, 3, 1)), ["x4!"]);
    }
}
