//! What training reports of its rows, and what each counts.

use super::error::ModelError;
use crate::domain::{ClassId, ClassWeights, Examples, to_f64};

/// Losses and right answers counted over rows, in `f64`.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    loss: f64,
    right: u64,
    n: u64,
}

impl Tally {
    /// Adds rows, `outputs` `(n, classes)`, and returns their mean loss, which is not finite when an
    /// output is not.
    pub(crate) fn add(&mut self, outputs: &[f64], y_true: &[ClassId]) -> f64 {
        let mut batch = Self::default();
        let classes = outputs.len() / y_true.len().max(1);
        for (row, &class) in outputs.chunks_exact(classes.max(1)).zip(y_true) {
            let truth = usize::try_from(class).ok().and_then(|c| row.get(c)).copied();
            let truth = truth.unwrap_or(f64::NAN);
            let top = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            batch.loss += top + row.iter().map(|x| (x - top).exp()).sum::<f64>().ln() - truth;
            batch.right += u64::from(most_likely(row) == class);
            batch.n += 1;
        }
        self.loss += batch.loss;
        self.right += batch.right;
        self.n += batch.n;
        batch.loss()
    }

    /// Mean cross-entropy, nats.
    pub(crate) fn loss(&self) -> f64 {
        self.loss / to_f64(self.n)
    }

    /// Share of rows whose largest output is that of their class.
    pub(crate) fn accuracy(&self) -> f64 {
        to_f64(self.right) / to_f64(self.n)
    }
}

/// The class with the largest output, the first of equals.
fn most_likely(row: &[f64]) -> ClassId {
    let larger =
        |best: (ClassId, f64), next: (ClassId, f64)| if next.1 > best.1 { next } else { best };
    (0..).zip(row.iter().copied()).reduce(larger).map_or(0, |best| best.0)
}

/// The weight of each class in the order of their ids, for these training rows; empty where all
/// weigh the same.
pub(crate) fn class_weights(
    declared: &ClassWeights,
    examples: &Examples,
    rows: &[usize],
) -> Result<Vec<f64>, ModelError> {
    let classes = &examples.classes;
    match declared {
        ClassWeights::Equal => Ok(Vec::new()),
        ClassWeights::Balanced => {
            let count = |n: usize| u64::try_from(n).map_or(f64::INFINITY, to_f64);
            let balanced = |(class, _)| {
                let of = rows.iter().filter(|&&row| examples.y_true[row] == class).count();
                if of == 0 { 1.0 } else { count(rows.len()) / (count(classes.len()) * count(of)) }
            };
            Ok((0..).zip(classes).map(balanced).collect())
        }
        ClassWeights::Given(given) => {
            if let Some(class) = given.keys().find(|name| !classes.contains(name)) {
                let (class, classes) = (class.clone(), classes.clone());
                return Err(ModelError::NoSuchClass { class, classes });
            }
            Ok(classes.iter().map(|name| given.get(name).copied().unwrap_or(1.0)).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Split;

    #[test]
    fn balanced_weights_are_rows_over_classes_and_rows_of_the_class() {
        let examples = Examples {
            classes: ["a", "b", "c"].map(str::to_owned).to_vec(),
            positive: 0,
            y_true: vec![0, 0, 0, 1, 2, 2],
            id: (0..6).map(|i| i.to_string()).collect(),
            split: vec![Split::Train; 6],
            groups: Vec::new(),
            subject: None,
        };
        let weights =
            |declared: &ClassWeights, rows: &[usize]| class_weights(declared, &examples, rows);
        // Of the first four rows three are of class 0, one of class 1 and none of class 2.
        let balanced = weights(&ClassWeights::Balanced, &[0, 1, 2, 3]).unwrap();
        let expected = [4.0 / 9.0, 4.0 / 3.0, 1.0];
        assert!(balanced.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-12), "{balanced:?}");
        let given = ClassWeights::Given([("b".to_owned(), 2.5)].into());
        let found = weights(&given, &[0]).unwrap();
        assert!(found.iter().zip([1.0, 2.5, 1.0]).all(|(a, b)| (a - b).abs() < 1e-12));
        assert!(weights(&ClassWeights::Equal, &[0]).unwrap().is_empty());
        let unknown = ClassWeights::Given([("d".to_owned(), 2.5)].into());
        let message = weights(&unknown, &[0]).unwrap_err().to_string();
        assert_eq!(message, "`class_weights` names the class `d`, the data has a, b, c");
    }

    #[test]
    fn a_loss_by_hand() {
        // Even odds cost ln 2; odds of 3 to 1 for the right class cost ln (4/3).
        let mut tally = Tally::default();
        let both = tally.add(&[0.0, 0.0, 3f64.ln(), 0.0], &[1, 0]);
        let expected = f64::midpoint(2f64.ln(), (4.0 / 3.0f64).ln());
        assert!((both - expected).abs() < 1e-12 && (tally.loss() - expected).abs() < 1e-12);
        assert!((tally.accuracy() - 0.5).abs() < 1e-12);
        assert!(!tally.add(&[f64::INFINITY, 0.0], &[0]).is_finite());
        assert!(!tally.add(&[f64::NAN, 0.0], &[0]).is_finite());
    }
}
