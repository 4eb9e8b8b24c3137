//! A split drawn by us: stratified on the label, subject-disjoint, the same for the same seed.

use super::error::DatasetError;
use crate::domain::{ClassId, Seed, Split, to_f64};
use std::collections::BTreeMap;

/// Shares of train, validation and test, each 0 to 1, summing to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Shares([f64; 3]);

impl Shares {
    /// Takes the three shares.
    ///
    /// # Errors
    /// When one lies outside 0 to 1 or the sum differs from 1 by more than 1e-9.
    pub(crate) fn new(train: f64, validation: f64, test: f64) -> Result<Self, DatasetError> {
        let shares = [train, validation, test];
        let valid = shares.iter().all(|s| (0.0..=1.0).contains(s));
        if valid && (train + validation + test - 1.0).abs() <= 1e-9 {
            Ok(Self(shares))
        } else {
            Err(DatasetError::Shares { train, validation, test })
        }
    }
}

/// Draws a split.
///
/// 1. Rows of one subject form a unit; without subjects each row is one.
/// 2. A unit belongs to the stratum of its most frequent label, the smallest of equals.
/// 3. Within a stratum the units are sorted by their first row, shuffled with the seed's child of
///    that stratum, and ordered by descending size (stable).
/// 4. Each unit in turn goes to the split that lacks most rows: share × rows of the stratum − rows
///    so far; the earlier split of equals.
///
/// A split gets at most one unit too many per stratum, so with `m` the largest unit and `s` strata
/// no split has more than its share plus `s·m` rows, and none less than its share minus `2·s·m`.
pub(crate) fn draw(
    strata: &[ClassId],
    subjects: Option<&[String]>,
    shares: Shares,
    seed: Seed,
) -> Vec<Split> {
    let mut by_stratum: BTreeMap<ClassId, Vec<Vec<usize>>> = BTreeMap::new();
    for unit in units(strata.len(), subjects) {
        by_stratum.entry(stratum(&unit, strata)).or_default().push(unit);
    }
    let mut split = vec![Split::Train; strata.len()];
    for (stratum, mut units) in by_stratum {
        seed.child(&format!("stratum/{stratum}")).stream().shuffle(&mut units);
        units.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
        let total = count(units.iter().map(Vec::len).sum());
        let mut lacking = shares.0.map(|share| share * total);
        for unit in units {
            let most = (1..3).fold(0, |m, i| if lacking[i] > lacking[m] { i } else { m });
            lacking[most] -= count(unit.len());
            for row in unit {
                split[row] = Split::ALL[most];
            }
        }
    }
    split
}

/// Whether the splits that every audit of pictures needs have rows. `place` names the file.
///
/// # Errors
/// Names the split that has none.
pub(crate) fn inhabited(split: &[Split], place: &str) -> Result<(), DatasetError> {
    for (needed, hint) in [
        (Split::Train, "the model learns from training rows"),
        (Split::Test, "fairness is measured on test rows"),
    ] {
        if !split.contains(&needed) {
            let (place, split) = (place.to_owned(), needed.name());
            return Err(DatasetError::EmptySplit { place, split, hint });
        }
    }
    Ok(())
}

fn count(n: usize) -> f64 {
    to_f64(u64::try_from(n).unwrap_or_else(|_| unreachable!("usize fits u64")))
}

/// Row indices of each subject, by first row.
fn units(n: usize, subjects: Option<&[String]>) -> Vec<Vec<usize>> {
    let Some(subjects) = subjects else { return (0..n).map(|i| vec![i]).collect() };
    let mut units: Vec<Vec<usize>> = Vec::new();
    let mut at: BTreeMap<&String, usize> = BTreeMap::new();
    for (row, subject) in subjects.iter().enumerate() {
        let unit = *at.entry(subject).or_insert(units.len());
        if unit == units.len() {
            units.push(Vec::new());
        }
        units[unit].push(row);
    }
    units
}

/// The most frequent label of a unit.
fn stratum(unit: &[usize], strata: &[ClassId]) -> ClassId {
    let mut counts: BTreeMap<ClassId, usize> = BTreeMap::new();
    for &row in unit {
        *counts.entry(strata[row]).or_default() += 1;
    }
    let most = counts.values().copied().max().unwrap_or(0);
    counts.into_iter().find(|(_, n)| *n == most).map_or(0, |(label, _)| label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    #[test]
    fn shares_must_sum_to_one() {
        assert!(Shares::new(0.6, 0.1, 0.3).is_ok());
        assert!(Shares::new(1.0, 0.0, 0.0).is_ok());
        for (a, b, c) in [(0.6, 0.1, 0.2), (1.2, -0.2, 0.0), (f64::NAN, 0.5, 0.5)] {
            assert!(matches!(Shares::new(a, b, c), Err(DatasetError::Shares { .. })));
        }
    }

    #[test]
    fn rows_without_subjects_meet_their_shares_exactly() {
        // 10 rows of class 0 and 20 of class 1 at 60/10/30: 6+12, 1+2, 3+6.
        let labels: Vec<ClassId> = (0..30).map(|i| u32::from(i % 3 != 0)).collect();
        let split = draw(&labels, None, Shares::new(0.6, 0.1, 0.3).unwrap(), Seed::new(1));
        let cell = |s, y| (0..30).filter(|&i| split[i] == s && labels[i] == y).count();
        let table = Split::ALL.map(|s| (cell(s, 0), cell(s, 1)));
        assert_eq!(table, [(6, 12), (1, 2), (3, 6)]);
    }

    #[test]
    fn a_share_of_zero_gets_no_row() {
        let split = draw(&[0; 9], None, Shares::new(0.5, 0.0, 0.5).unwrap(), Seed::new(1));
        assert!(!split.contains(&Split::Validation));
    }

    proptest! {
        #[test]
        fn subjects_stay_together_and_shares_are_met(
            rows in prop::collection::vec((0_u32..3, 0_u32..40), 1..200),
            train in 0.0..1.0_f64,
            seed in 0_u64..1000,
        ) {
            let labels: Vec<ClassId> = rows.iter().map(|r| r.0).collect();
            let subjects: Vec<String> = rows.iter().map(|r| r.1.to_string()).collect();
            let test = (1.0 - train) * 0.7;
            let shares = [train, 1.0 - train - test, test];
            let made = Shares::new(shares[0], shares[1], shares[2]).unwrap();
            let split = draw(&labels, Some(&subjects), made, Seed::new(seed));
            prop_assert_eq!(&split, &draw(&labels, Some(&subjects), made, Seed::new(seed)));

            let mut parts: BTreeMap<&String, BTreeSet<Split>> = BTreeMap::new();
            for (subject, part) in subjects.iter().zip(&split) {
                parts.entry(subject).or_default().insert(*part);
            }
            prop_assert!(parts.values().all(|p| p.len() == 1));

            let largest = units(rows.len(), Some(&subjects)).iter().map(Vec::len).max().unwrap();
            let slack = 3.0 * count(largest);
            for (part, share) in Split::ALL.iter().zip(shares) {
                let off = count(split.iter().filter(|s| *s == part).count()) - share * count(rows.len());
                prop_assert!(off <= slack + 1e-6 && off >= -2.0 * slack - 1e-6, "{} {}", off, slack);
            }
        }
    }
}
