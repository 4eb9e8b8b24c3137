//! Folds for cross-validation: alike in their classes, and no subject in two of them.

use super::error::ModelError;
use crate::domain::{ClassId, Seed, to_f64};
use std::collections::BTreeMap;

/// Rows of one subject by class.
type Counts = BTreeMap<ClassId, u64>;

/// The fold, from 0 to below `k`, of each row.
///
/// All rows of a subject are in one fold; without `subjects` every row is a subject of its own.
/// Subjects are shuffled by the stream `model/folds`, the largest come first, and each goes where it
/// keeps the folds' shares of each class most equal: to the fold with the least sum of squared
/// shares after it. Without subjects the folds' counts of a class differ by at most 1. Where a row
/// stands does not matter if its subject is named.
///
/// # Errors
/// For fewer than two folds, fewer subjects than folds, and columns of different lengths.
pub fn folds(
    classes: &[ClassId],
    subjects: Option<&[String]>,
    k: usize,
    seed: Seed,
) -> Result<Vec<usize>, ModelError> {
    let of = owners(classes, subjects)?;
    let count = of.iter().max().map_or(0, |most| most + 1);
    if k < 2 || count < k {
        return Err(ModelError::Folds { folds: k, subjects: count });
    }
    let mut rows = vec![Counts::new(); count];
    let mut all = Counts::new();
    for (&owner, &class) in of.iter().zip(classes) {
        *rows[owner].entry(class).or_default() += 1;
        *all.entry(class).or_default() += 1;
    }
    let mut order: Vec<usize> = (0..count).collect();
    seed.child("model/folds").stream().shuffle(&mut order);
    order.sort_by_key(|&owner| std::cmp::Reverse(rows[owner].values().sum::<u64>()));
    let mut filled = vec![Counts::new(); k];
    let mut fold = vec![0; count];
    for owner in order {
        let best = nearest(&filled, &rows[owner], &all);
        for (&class, n) in &rows[owner] {
            *filled[best].entry(class).or_default() += n;
        }
        fold[owner] = best;
    }
    Ok(of.into_iter().map(|owner| fold[owner]).collect())
}

/// The number of each row's subject, in the order of their names.
fn owners(classes: &[ClassId], subjects: Option<&[String]>) -> Result<Vec<usize>, ModelError> {
    let Some(subjects) = subjects else { return Ok((0..classes.len()).collect()) };
    if subjects.len() != classes.len() {
        let (rows, subjects) = (classes.len(), subjects.len());
        return Err(ModelError::Subjects { rows, subjects });
    }
    let mut number: BTreeMap<&str, usize> = subjects.iter().map(|s| (s.as_str(), 0)).collect();
    number.values_mut().zip(0..).for_each(|(place, i)| *place = i);
    Ok(subjects.iter().map(|subject| number[subject.as_str()]).collect())
}

/// The fold whose sum of squared shares grows least; of equals the one with the fewest rows, then
/// the first.
fn nearest(filled: &[Counts], rows: &Counts, all: &Counts) -> usize {
    let cost = |fold: &Counts| {
        let growth = |(class, n): (&ClassId, &u64)| {
            let (n, there) = (to_f64(*n), to_f64(fold.get(class).copied().unwrap_or(0)));
            let whole = all.get(class).map_or(1.0, |all| to_f64(*all));
            n * (2.0 * there + n) / (whole * whole)
        };
        (rows.iter().map(growth).sum::<f64>(), fold.values().sum::<u64>())
    };
    let costs = filled.iter().map(cost).enumerate();
    let best = costs.min_by(|(_, a), (_, b)| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    best.map_or(0, |(fold, _)| fold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::collection::vec;
    use std::collections::BTreeSet;

    /// Rows of each fold and class.
    fn table(folds: &[usize], classes: &[ClassId], k: usize) -> Vec<Vec<usize>> {
        let most = classes.iter().max().map_or(0, |&c| usize::try_from(c).unwrap() + 1);
        let mut table = vec![vec![0; most]; k];
        for (&fold, &class) in folds.iter().zip(classes) {
            table[fold][usize::try_from(class).unwrap()] += 1;
        }
        table
    }

    fn spread(table: &[Vec<usize>], class: usize) -> usize {
        let of = || table.iter().map(|fold| fold[class]);
        of().max().unwrap() - of().min().unwrap()
    }

    #[test]
    fn what_cannot_be_cut_is_refused() {
        let message = |k, n| folds(&vec![0; n], None, k, Seed::new(1)).unwrap_err().to_string();
        assert_eq!(message(1, 5), "5 subjects cannot be cut into 1 folds; ask for 2 to 5");
        assert_eq!(message(6, 5), "5 subjects cannot be cut into 6 folds; ask for 2 to 5");
        let two = ["a".to_owned(), "b".to_owned()];
        let error = folds(&[0, 1, 0], Some(&two), 2, Seed::new(1)).unwrap_err();
        assert_eq!(error.to_string(), "there are 3 rows, but subjects for 2");
    }

    #[test]
    fn large_subjects_are_balanced_by_small_ones() {
        // One subject with 6 rows of class 1; nine others with two rows, one of each class.
        let mut subjects = vec!["big".to_owned(); 6];
        let mut classes = vec![1; 6];
        for i in 0..9 {
            subjects.extend([format!("s{i}"), format!("s{i}")]);
            classes.extend([0, 1]);
        }
        let found = folds(&classes, Some(&subjects), 3, Seed::new(2)).unwrap();
        let table = table(&found, &classes, 3);
        let others = |fold: usize| table[fold][0];
        assert!(
            (0..3).all(|fold| fold == found[0] || others(fold) > others(found[0])),
            "{table:?}"
        );
    }

    proptest::proptest! {
        #[test]
        fn without_subjects_each_class_is_cut_evenly(
            classes in vec(0..4u32, 10..80), k in 2..6usize, seed: u64,
        ) {
            let found = folds(&classes, None, k, Seed::new(seed)).unwrap();
            assert_eq!(found.len(), classes.len());
            let table = table(&found, &classes, k);
            assert!((0..table[0].len()).all(|class| spread(&table, class) <= 1), "{table:?}");
            assert_eq!(found, folds(&classes, None, k, Seed::new(seed)).unwrap());
        }

        #[test]
        fn no_subject_is_in_two_folds_and_no_fold_is_empty(
            rows in vec((0..3u32, 0..12u8), 40..90), k in 2..5usize, seed: u64,
        ) {
            let classes: Vec<ClassId> = rows.iter().map(|row| row.0).collect();
            let subjects: Vec<String> = rows.iter().map(|row| row.1.to_string()).collect();
            let distinct: BTreeSet<&String> = subjects.iter().collect();
            proptest::prop_assume!(distinct.len() >= k);
            let found = folds(&classes, Some(&subjects), k, Seed::new(seed)).unwrap();
            let mut of = BTreeMap::new();
            for (subject, &fold) in subjects.iter().zip(&found) {
                assert!(fold < k && *of.entry(subject).or_insert(fold) == fold);
            }
            assert_eq!(found.iter().collect::<BTreeSet<_>>().len(), k);
        }

        #[test]
        fn the_order_of_the_rows_does_not_matter(
            rows in vec((0..3u32, 0..12u8), 20..60), seed: u64,
        ) {
            let cut = |rows: &[(u32, u8)]| {
                let classes: Vec<ClassId> = rows.iter().map(|row| row.0).collect();
                let subjects: Vec<String> = rows.iter().map(|row| row.1.to_string()).collect();
                folds(&classes, Some(&subjects), 2, Seed::new(seed))
            };
            let distinct: BTreeSet<u8> = rows.iter().map(|row| row.1).collect();
            proptest::prop_assume!(distinct.len() >= 2);
            let mut turned = rows.clone();
            turned.reverse();
            let mut found = cut(&turned).unwrap();
            found.reverse();
            assert_eq!(cut(&rows).unwrap(), found);
        }
    }

    #[test]
    fn another_seed_cuts_otherwise() {
        let classes: Vec<ClassId> = (0..60).map(|i| i % 2).collect();
        let cut = |seed| folds(&classes, None, 5, Seed::new(seed)).unwrap();
        assert_ne!(cut(1), cut(2));
    }
}
