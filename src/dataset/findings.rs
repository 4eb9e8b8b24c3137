//! What the data shows about itself before any model looks at it.

use super::source::Loaded;
use crate::domain::{
    Cell, Evidence, Finding, Ideal, Meta, PictureDigest, Split, Stage, Subject, Undefined, Value,
    to_f64,
};
use std::collections::{BTreeMap, BTreeSet};

crate::check! {
    /// Subjects whose rows lie in more than one split.
    ///
    /// A model that has seen a person in training is not tested on a stranger, so its test figures
    /// are too good and its members are harder to tell from non-members.
    ///
    /// **Formula** number of subjects with rows in at least two of train, validation and test.
    /// **Range** 0 to the number of subjects. **Ideal** 0.
    /// **Undefined** not run when no subject column is declared.
    /// **Source** Kapoor, Narayanan 2023, Leakage and the reproducibility crisis in
    /// machine-learning-based science, Patterns 4(9), leakage type L3.2.
    SubjectOverlap, "DA001", "subject_overlap", Ideal::Zero
}

crate::check! {
    /// Rows that were left out because their picture could not be read.
    ///
    /// Rows that are left out may not be missing at random, and nothing is said about them.
    ///
    /// **Formula** rows declared − rows read. **Range** 0 to the rows declared. **Ideal** 0.
    /// **Undefined** never.
    /// **Source** ISO/IEC 5259-2:2024, data quality measures, completeness.
    SkippedRows, "DA002", "skipped_rows", Ideal::Zero
}

crate::check! {
    /// Test pictures whose pixels are equal to those of a training picture.
    ///
    /// **Formula** number of test rows whose bytes occur among the training rows.
    /// **Range** 0 to the number of test rows. **Ideal** 0.
    /// **Undefined** not run when the rows carry no pictures; `Empty` without test rows.
    /// **Source** Barz, Denzler 2020, Do we train on test data?, Journal of Imaging 6(6).
    DuplicateAcrossSplits, "DA003", "duplicate_across_splits", Ideal::Zero
}

/// Skipped rows named as evidence.
const NAMED: usize = 5;

/// The manuals of this room.
#[must_use]
pub fn checks() -> Vec<&'static Meta> {
    vec![&SubjectOverlap::META, &SkippedRows::META, &DuplicateAcrossSplits::META]
}

/// What the data shows about itself, one finding per check, in the order of [`checks`].
#[must_use]
pub fn findings(loaded: &Loaded) -> Vec<Finding> {
    vec![subject_overlap(loaded), skipped_rows(loaded), duplicate_across_splits(loaded)]
}

fn finding(meta: &'static Meta, value: Value, n: u64) -> Finding {
    Finding::new(meta, Stage::Dataset, Subject::default(), value, n)
}

fn not_run(because: &str) -> Value {
    Err(Undefined::NotRun { because: because.to_owned() })
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or_else(|_| unreachable!("usize fits u64"))
}

fn subject_overlap(loaded: &Loaded) -> Finding {
    let meta = &SubjectOverlap::META;
    let Some(subjects) = &loaded.examples.subject else {
        return finding(meta, not_run("no subject column is declared"), 0);
    };
    let mut parts: BTreeMap<&String, BTreeSet<Split>> = BTreeMap::new();
    for (subject, split) in subjects.iter().zip(&loaded.examples.split) {
        parts.entry(subject).or_default().insert(*split);
    }
    let shared = |a: Split, b: Split| {
        count(parts.values().filter(|p| p.contains(&a) && p.contains(&b)).count())
    };
    let pairs = [(0, 1), (0, 2), (1, 2)].map(|(a, b)| (Split::ALL[a], Split::ALL[b]));
    let counts = pairs.map(|(a, b)| (format!("{}_{}", a.name(), b.name()), shared(a, b)));
    let overlapping = count(parts.values().filter(|p| p.len() > 1).count());
    finding(meta, Ok(to_f64(overlapping)), count(parts.len()))
        .with(Evidence::Counts { counts: counts.into() })
}

fn skipped_rows(loaded: &Loaded) -> Finding {
    let skipped = count(loaded.skipped.len());
    let declared = count(loaded.examples.len()) + skipped;
    let made = finding(&SkippedRows::META, Ok(to_f64(skipped)), declared);
    if loaded.skipped.is_empty() {
        return made;
    }
    // The row is enough to find the file; its name may be personal data.
    let cell = |s: &super::Skipped| Cell {
        name: format!("row {} {}", s.row, s.because),
        value: Some(to_f64(s.row)),
        n: 1,
    };
    let cells = loaded.skipped.iter().take(NAMED).map(cell).collect();
    made.with(Evidence::Numbers { name: "row".to_owned(), cells })
}

fn duplicate_across_splits(loaded: &Loaded) -> Finding {
    let meta = &DuplicateAcrossSplits::META;
    let Some(images) = &loaded.images else {
        return finding(meta, not_run("the rows carry no pictures"), 0);
    };
    let rows = |split| loaded.examples.rows(split).into_iter().map(|i| images.digests()[i]);
    let seen: BTreeSet<PictureDigest> = rows(Split::Train).collect();
    let n = count(rows(Split::Test).count());
    let twice = count(rows(Split::Test).filter(|digest| seen.contains(digest)).count());
    let value = if n == 0 { Err(Undefined::Empty) } else { Ok(to_f64(twice)) };
    let counts = [("test_in_train".to_owned(), twice)].into();
    finding(meta, value, n).with(Evidence::Counts { counts })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::Skipped;
    use crate::domain::{Examples, Images};

    fn loaded(splits: &[Split], subjects: Option<&[&str]>, pixels: &[u8]) -> Loaded {
        let n = splits.len();
        let owned = |s: &[&str]| s.iter().map(|s| (*s).to_owned()).collect();
        let examples = Examples {
            classes: vec!["0".to_owned(), "1".to_owned()],
            positive: 1,
            y_true: vec![0; n],
            id: vec![String::new(); n],
            split: splits.to_vec(),
            groups: Vec::new(),
            subject: subjects.map(owned),
        };
        Loaded {
            examples,
            images: Images::new(1, 1, 1, pixels.to_vec()).filter(|i| !i.is_empty()),
            predictions: None,
            tables: Vec::new(),
            names: Vec::new(),
            usage_log: None,
            skipped: Vec::new(),
            inputs: Vec::new(),
            digest: String::new(),
        }
    }

    #[test]
    fn subjects_in_two_splits_are_counted_once() {
        use Split::{Test, Train, Validation};
        let l =
            loaded(&[Train, Test, Validation, Train, Test], Some(&["a", "a", "a", "b", "c"]), &[]);
        let f = &findings(&l)[0];
        assert_eq!((f.value.clone(), f.n), (Ok(1.0), 3));
        let Evidence::Counts { counts } = &f.evidence[0] else { panic!("{:?}", f.evidence) };
        assert_eq!(counts["train_test"], 1);
        let f = &findings(&loaded(&[Train], None, &[]))[0];
        assert!(matches!(f.value, Err(Undefined::NotRun { .. })));
    }

    #[test]
    fn skipped_rows_name_five_rows() {
        let mut l = loaded(&[Split::Train; 3], None, &[]);
        let skip = |row| Skipped { row, file: format!("{row}.png"), because: "is missing".into() };
        l.skipped = (1..=7).map(skip).collect();
        let f = &findings(&l)[1];
        assert_eq!((f.value.clone(), f.n), (Ok(7.0), 10));
        let Evidence::Numbers { cells, .. } = &f.evidence[0] else { panic!("{:?}", f.evidence) };
        assert_eq!((cells.len(), cells[4].name.as_str()), (5, "row 5 is missing"));
    }

    #[test]
    fn equal_pictures_in_train_and_test_are_found() {
        use Split::{Test, Train, Validation};
        let l = loaded(&[Train, Test, Test, Validation], None, &[9, 9, 8, 8]);
        let f = &findings(&l)[2];
        assert_eq!((f.value.clone(), f.n), (Ok(1.0), 2));
        let f = &findings(&loaded(&[Train], None, &[1]))[2];
        assert_eq!(f.value, Err(Undefined::Empty));
    }

    #[test]
    fn every_manual_has_its_heads() {
        for meta in checks() {
            for head in ["Formula", "Range", "Ideal", "Undefined", "Source"] {
                assert!(meta.section(head).is_some(), "{} {head}", meta.code);
            }
        }
    }
}
