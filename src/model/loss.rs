//! What training reports of its rows.

use crate::domain::{ClassId, to_f64};

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

#[cfg(test)]
mod tests {
    use super::*;

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
