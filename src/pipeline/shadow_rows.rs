//! Which rows each shadow model learns from.
//!
//! The pool is the target's training rows and as many held-out ones; rows that chose the target's
//! epoch are in nobody's pool. Models come in pairs, one of which learns from one half of the pool and
//! the other from the other half, so that each row is seen by exactly half of the models, and of two
//! rows of one subject by the same half.

use crate::domain::{Examples, Seed, Split};
use std::collections::{BTreeMap, BTreeSet};

/// Draws of a half before the target's own rows, or those that it lacks, are drawn again.
const DRAWS: usize = 64;

/// The rows of an attack, by their places in the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rows {
    /// Rows that the target has learned from.
    pub(super) members: Vec<usize>,
    /// Held-out rows, at most as many.
    pub(super) others: Vec<usize>,
    /// The rows of each shadow model, ascending.
    pub(super) subsets: Vec<Vec<usize>>,
    /// Held-out rows that are not in the pool since their subject is among the members.
    pub(super) left_out: usize,
}

impl Rows {
    /// Draws the pool and its halves for an even number of models. `None` where the pool is too small
    /// to be halved in any other way than the target's.
    pub(super) fn draw(examples: &Examples, models: usize, seed: Seed) -> Option<Self> {
        let members = examples.rows(Split::Train);
        let subject = |row: &usize| examples.subject.as_ref().map(|all| all[*row].as_str());
        let known: BTreeSet<&str> = members.iter().filter_map(subject).collect();
        let held = examples.rows(Split::Test);
        let stranger = |row: &usize| subject(row).is_none_or(|subject| !known.contains(subject));
        let (strangers, kin): (Vec<usize>, Vec<usize>) = held.into_iter().partition(stranger);
        let others = as_many(units(examples, &strangers), members.len(), seed.child("held_out"));
        let pool = [members.as_slice(), &others].concat();
        let all = units(examples, &pool);
        let mut subsets = Vec::with_capacity(models);
        for pair in 0..models / 2 {
            let draw = |again: usize| halves(&all, seed.child(&format!("pair/{pair}/{again}")));
            let told = |halves: &[Vec<usize>; 2]| halves.contains(&members);
            subsets.extend((0..DRAWS).map(draw).find(|halves| !told(halves))?);
        }
        let usable = subsets.iter().all(|rows| !rows.is_empty());
        usable.then_some(Self { members, others, subsets, left_out: kin.len() })
    }

    /// Members, then the others.
    pub(super) fn pool(&self) -> Vec<usize> {
        [self.members.as_slice(), &self.others].concat()
    }

    /// The fewest rows that a shadow model learns from.
    pub(super) fn fewest(&self) -> usize {
        self.subsets.iter().map(Vec::len).min().unwrap_or(0)
    }
}

/// Rows that must not be told apart: those of one subject, in the order of their first rows.
fn units(examples: &Examples, rows: &[usize]) -> Vec<Vec<usize>> {
    let Some(subject) = &examples.subject else {
        return rows.iter().map(|row| vec![*row]).collect();
    };
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let mut units: Vec<Vec<usize>> = Vec::new();
    for &row in rows {
        let place = *places.entry(&subject[row]).or_insert(units.len());
        if place == units.len() {
            units.push(Vec::new());
        }
        units[place].push(row);
    }
    units
}

/// All rows, or units drawn until there are no more than `most` rows, ascending.
fn as_many(mut units: Vec<Vec<usize>>, most: usize, seed: Seed) -> Vec<usize> {
    if units.iter().map(Vec::len).sum::<usize>() > most {
        seed.stream().shuffle(&mut units);
    }
    let mut rows = Vec::new();
    for unit in units {
        if rows.len() + unit.len() <= most {
            rows.extend(unit);
        }
    }
    rows.sort_unstable();
    rows
}

/// Two halves without a common unit: each unit, in drawn order, goes to the one that has fewer rows.
fn halves(units: &[Vec<usize>], seed: Seed) -> [Vec<usize>; 2] {
    let mut order: Vec<&Vec<usize>> = units.iter().collect();
    seed.stream().shuffle(&mut order);
    let mut halves = [Vec::new(), Vec::new()];
    for unit in order {
        let smaller = usize::from(halves[1].len() < halves[0].len());
        halves[smaller].extend_from_slice(unit);
    }
    for half in &mut halves {
        half.sort_unstable();
    }
    halves
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `train`, `validation` and `test` rows in this order; subjects by row, if any.
    fn examples([train, validation, test]: [usize; 3], subjects: Option<&[&str]>) -> Examples {
        let split = [(Split::Train, train), (Split::Validation, validation), (Split::Test, test)];
        let split: Vec<Split> =
            split.into_iter().flat_map(|(split, n)| std::iter::repeat_n(split, n)).collect();
        let n = split.len();
        Examples {
            classes: vec!["a".to_owned(), "b".to_owned()],
            positive: 1,
            y_true: vec![0; n],
            id: vec![String::new(); n],
            split,
            groups: Vec::new(),
            subject: subjects.map(|all| all.iter().map(|s| (*s).to_owned()).collect()),
        }
    }

    #[test]
    fn each_row_is_seen_by_half_of_the_models_and_a_pair_shares_none() {
        let rows = Rows::draw(&examples([30, 7, 41], None), 6, Seed::new(1)).unwrap();
        let pool = rows.pool();
        assert_eq!((rows.members.len(), rows.others.len(), rows.subsets.len()), (30, 30, 6));
        assert!(rows.others.iter().all(|row| (37..78).contains(row)));
        for row in &pool {
            assert_eq!(rows.subsets.iter().filter(|subset| subset.contains(row)).count(), 3);
        }
        for pair in rows.subsets.chunks(2) {
            assert_eq!((pair[0].len(), pair[1].len()), (30, 30));
            assert!(pair[0].iter().all(|row| !pair[1].contains(row)));
        }
        assert_ne!(rows.subsets[0], rows.subsets[2]);
        assert_eq!(Rows::draw(&examples([30, 7, 41], None), 6, Seed::new(1)), Some(rows));
    }

    #[test]
    fn one_more_pair_changes_no_other() {
        let draw = |models| Rows::draw(&examples([9, 0, 20], None), models, Seed::new(2)).unwrap();
        assert_eq!(draw(2).subsets, draw(4).subsets[..2]);
    }

    #[test]
    fn few_held_out_rows_make_a_smaller_pool() {
        let rows = Rows::draw(&examples([30, 0, 10], None), 2, Seed::new(1)).unwrap();
        assert_eq!((rows.members.len(), rows.others.len(), rows.fewest()), (30, 10, 20));
    }

    #[test]
    fn the_rows_of_a_subject_stay_together() {
        let subjects = ["a", "a", "b", "c", "c", "d", "d", "e", "b", "f"];
        let rows = Rows::draw(&examples([5, 0, 5], Some(&subjects)), 8, Seed::new(3)).unwrap();
        // Row 8 is of subject b, which the target knows.
        assert_eq!((&rows.others, rows.left_out), (&vec![5, 6, 7, 9], 1));
        for subset in &rows.subsets {
            for pair in [[0, 1], [3, 4], [5, 6]] {
                assert_eq!(subset.contains(&pair[0]), subset.contains(&pair[1]), "{subset:?}");
            }
        }
    }

    #[test]
    fn no_model_is_the_target_or_what_it_lacks() {
        // Of the three ways to halve four rows, one is the target's.
        let rows = Rows::draw(&examples([2, 0, 2], None), 60, Seed::new(4)).unwrap();
        assert!(rows.subsets.iter().all(|rows| *rows != [0, 1] && *rows != [2, 3]));
        // Of two rows there is no other way.
        assert_eq!(Rows::draw(&examples([1, 0, 1], None), 2, Seed::new(4)), None);
        assert_eq!(Rows::draw(&examples([1, 0, 0], None), 2, Seed::new(4)), None);
    }
}
