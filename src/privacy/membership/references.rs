//! Reference models: trained like the target, each on some of the rows.
//!
//! Only `φ`, the logit of the probability of the true class, is kept of them: one number per row and
//! model instead of one per class.

use super::logs::scaled_confidence;
use crate::domain::to_f64;

/// `φ` of every reference on pool and population, and who was trained on.
#[derive(Debug, Clone, PartialEq)]
pub struct References {
    models: usize,
    pool: usize,
    /// `(pool + population, models)`.
    phi: Vec<f64>,
    /// `(pool, models)`.
    inside: Vec<bool>,
}

/// What the references that have seen a row, or have not, say about it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Side {
    pub(super) n: usize,
    pub(super) mean: f64,
    pub(super) median: f64,
    /// Σ (φ − mean)².
    pub(super) squares: f64,
}

impl References {
    /// References over `rows` rows, the first `pool` of which are attacked. Models are added one by
    /// one, so that no more than one needs to be in memory.
    #[must_use]
    pub fn new(models: usize, pool: usize, rows: usize) -> Self {
        Self { models, pool, phi: vec![0.0; rows * models], inside: vec![false; pool * models] }
    }

    /// Writes what model `model` says about `row` with class `label`.
    pub fn set(&mut self, model: usize, row: usize, (logits, label): (&[f64], usize)) {
        self.put(model, row, scaled_confidence(logits, label));
    }

    /// Writes `φ` of model `model` on `row`.
    pub fn put(&mut self, model: usize, row: usize, phi: f64) {
        self.phi[row * self.models + model] = phi;
    }

    /// The first so many models alone.
    pub(super) fn first(&self, models: usize) -> Self {
        let of = |row: usize| row * self.models..row * self.models + models;
        let phi = (0..self.phi.len() / self.models).flat_map(|row| &self.phi[of(row)]);
        let inside = (0..self.pool).flat_map(|row| &self.inside[of(row)]);
        let (phi, inside) = (phi.copied().collect(), inside.copied().collect());
        Self { models, pool: self.pool, phi, inside }
    }

    /// Writes that model `model` was trained on `row` of the pool.
    pub fn mark(&mut self, model: usize, row: usize) {
        self.inside[row * self.models + model] = true;
    }

    /// Number of reference models.
    #[must_use]
    pub fn models(&self) -> usize {
        self.models
    }

    /// Rows of the pool.
    pub(super) fn pool(&self) -> usize {
        self.pool
    }

    /// `φ` of every reference on a row, `(models,)`.
    pub(super) fn phi(&self, row: usize) -> &[f64] {
        &self.phi[row * self.models..(row + 1) * self.models]
    }

    /// Whether a reference was trained on a row; nobody was on the population.
    pub(super) fn saw(&self, row: usize, model: usize) -> bool {
        row < self.pool && self.inside[row * self.models + model]
    }

    /// `φ` of the references that saw the row (`wanted`) or did not, into `found`.
    pub(super) fn side(&self, row: usize, wanted: bool, found: &mut Vec<f64>) -> Side {
        let phi = self.phi(row).iter().enumerate();
        found.clear();
        found.extend(phi.filter(|(m, _)| self.saw(row, *m) == wanted).map(|(_, phi)| *phi));
        let n = to_f64(u64::try_from(found.len()).unwrap_or(u64::MAX));
        if found.is_empty() {
            return Side::default();
        }
        let mean = found.iter().sum::<f64>() / n;
        let squares = found.iter().map(|v| (v - mean) * (v - mean)).sum();
        Side { n: found.len(), mean, median: median(found), squares }
    }

    /// The row of the pool with the fewest references that saw it (`wanted`) or did not, and their
    /// number.
    pub(super) fn fewest(&self, wanted: bool) -> Option<(usize, usize)> {
        let of = |row: usize| (0..self.models).filter(|m| self.saw(row, *m) == wanted).count();
        (0..self.pool).map(|row| (row, of(row))).min_by_key(|(row, n)| (*n, *row))
    }

    /// The standard deviation (divided by n) of all `φ` of one side over the pool.
    pub(super) fn spread(&self, wanted: bool, about: About) -> f64 {
        let (mut buffer, mut all) = (Vec::with_capacity(self.models), Vec::new());
        for row in 0..self.pool {
            let side = self.side(row, wanted, &mut buffer);
            let centre = match about {
                About::Everything => 0.0,
                About::Medians => side.median,
            };
            all.extend(buffer.iter().map(|phi| phi - centre));
        }
        deviation(&all)
    }
}

/// What a spread is measured about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum About {
    /// The mean of all values.
    Everything,
    /// The mean of what is left of each value after its row's median.
    Medians,
}

/// Standard deviation, divided by n.
fn deviation(values: &[f64]) -> f64 {
    let n = to_f64(u64::try_from(values.len()).unwrap_or(u64::MAX)).max(1.0);
    let mean = crate::stats::sum(values.iter().copied()) / n;
    let squares = crate::stats::sum(values.iter().map(|v| (v - mean) * (v - mean)));
    (squares / n).sqrt()
}

/// The middle value, or the mean of the two; sorts in place.
fn median(values: &mut [f64]) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len().is_multiple_of(2) {
        f64::midpoint(values[half - 1], values[half])
    } else {
        values[half]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two classes, `φ = z`: the rows of `phi` are models.
    fn references(phi: &[&[f64]], saw: &[&[bool]]) -> References {
        let (rows, pool) = (phi[0].len(), saw[0].len());
        let mut all = References::new(phi.len(), pool, rows);
        for (m, values) in phi.iter().enumerate() {
            for (row, z) in values.iter().enumerate() {
                all.set(m, row, (&[*z, 0.0], 0));
            }
            for row in (0..pool).filter(|row| saw[m][*row]) {
                all.mark(m, row);
            }
        }
        all
    }

    #[test]
    fn both_sides_of_a_row() {
        let all = references(
            &[&[1.0, 9.0], &[2.0, 9.0], &[6.0, 7.0], &[5.0, 7.0]],
            &[&[true], &[true], &[true], &[false]],
        );
        let mut buffer = Vec::new();
        let inside = all.side(0, true, &mut buffer);
        assert_eq!((inside.n, inside.mean, inside.median, inside.squares), (3, 3.0, 2.0, 14.0));
        assert_eq!(all.side(0, false, &mut buffer).n, 1);
        // Nobody saw the population.
        assert!((all.side(1, false, &mut buffer).median - 8.0).abs() < 1e-15);
        assert_eq!(all.side(1, true, &mut buffer), Side::default());
        assert_eq!((all.fewest(true), all.fewest(false)), (Some((0, 3)), Some((0, 1))));
    }

    #[test]
    fn the_first_models_are_those_that_were_there_before_the_others() {
        let all =
            references(&[&[1.0, 9.0], &[2.0, 8.0], &[6.0, 7.0]], &[&[true], &[false], &[true]]);
        let two = references(&[&[1.0, 9.0], &[2.0, 8.0]], &[&[true], &[false]]);
        assert_eq!(all.first(2), two);
    }

    #[test]
    fn spreads_by_hand() {
        // Inside: 0 and 2 of row 0, 10 and 12 of row 1. About everything: deviations ±5 ± 1, mean
        // square 26. About the medians 1 and 11: ±1.
        let all = references(&[&[0.0, 10.0], &[2.0, 12.0]], &[&[true, true], &[true, true]]);
        assert!((all.spread(true, About::Everything) - 26.0_f64.sqrt()).abs() < 1e-12);
        assert!((all.spread(true, About::Medians) - 1.0).abs() < 1e-12);
    }
}
