//! When training stops before its last epoch.

use crate::domain::EarlyStopping;

impl EarlyStopping {
    /// Whether training stops after these validation losses, one of each epoch: as many epochs as
    /// the patience have passed since the last that was better than all before by `min_delta`.
    pub(crate) fn stops(&self, losses: &[f64]) -> bool {
        let (mut best, mut since) = (f64::INFINITY, 0);
        for &loss in losses {
            since += 1;
            if loss < best - self.min_delta {
                (best, since) = (loss, 0);
            }
        }
        since >= self.patience
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stops(patience: usize, min_delta: f64, losses: &[f64]) -> bool {
        EarlyStopping { patience, min_delta }.stops(losses)
    }

    #[test]
    fn patience_counts_epochs_since_the_last_improvement() {
        assert!(!stops(2, 0.0, &[]));
        assert!(!stops(2, 0.0, &[1.0, 0.9, 0.95]));
        assert!(stops(2, 0.0, &[1.0, 0.9, 0.95, 0.91]));
        // An equal loss is no improvement; a better one starts the count again.
        assert!(stops(1, 0.0, &[0.9, 0.9]));
        assert!(!stops(2, 0.0, &[1.0, 0.9, 0.95, 0.89]));
    }

    #[test]
    fn a_fall_of_less_than_the_delta_is_none_but_small_falls_add_up() {
        assert!(stops(1, 0.1, &[1.0, 0.95]));
        assert!(!stops(2, 0.1, &[1.0, 0.95, 0.85]));
    }
}
