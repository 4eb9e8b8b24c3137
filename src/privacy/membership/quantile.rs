//! Quantile regression: the confidence that a row of its kind has where nobody was trained on it.

use super::calibrated::against;
use super::ranks::ascending;
use super::{Needs, Probe, Rows, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed};
use crate::stats::normal_quantile;

crate::check! {
    /// Rows with more confidence than rows of their kind have when no model was trained on them are
    /// taken for members.
    ///
    /// **Formula** quantiles `q_α(φ | class, m)` of ½ to 0.999 are fitted to a population with the pinball loss,
    /// linear in the class and in `m`, the mean `φ` of the OUT references (by class alone where there are
    /// none), and put in order. The score is the normal quantile of the level that `φ` reaches,
    /// interpolated, and continued in a straight line on either side.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error without a population, or, with references, where a row has no OUT one.
    /// **Source** Bertran et al. 2023 (arXiv 2307.03694); pinball by Hunter and Lange 2000, JCGS 9; order
    /// by Chernozhukov, Fernández-Val, Galichon 2010, Econometrica 78.
    /// **Peer** `LeakPro` and `SACRO-ML` QMIA regress on the inputs, which stored outputs do not hold.
    Quantile, "PR033", "quantile", Ideal::None
}

/// Levels of the quantiles that are fitted.
const LEVELS: [f64; 7] = [0.5, 0.7, 0.85, 0.93, 0.97, 0.99, 0.999];
/// Steps of the fit, each of which lowers the pinball loss.
const STEPS: usize = 60;

impl Probe for Quantile {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { population: true, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        let phi = scene.each(super::logs::scaled_confidence);
        let means = if scene.references.is_some() {
            against(scene, |_, references, row, buffer| references.side(row, false, buffer).mean)
        } else {
            scene.each(|_, _| 0.0)
        };
        let labels = scene.population.as_ref().map_or(&[][..], Rows::labels);
        let train = Sample { y: &phi.population, x: &means.population, class: labels };
        let lines: Vec<Line> =
            LEVELS.iter().map(|level| Line::fitted(&train, scene.pool.classes(), *level)).collect();
        let place = |(i, y): (usize, &usize)| level_reached(&lines, means.pool[i], *y, phi.pool[i]);
        let pool = scene.pool.labels().iter().enumerate().map(place).collect();
        Scored { pool, population: Vec::new() }
    }
}

/// Rows that a quantile is fitted to.
struct Sample<'a> {
    y: &'a [f64],
    x: &'a [f64],
    class: &'a [usize],
}

/// A quantile: one slope, one intercept for each class; a class that is not in the sample has the
/// intercept of all.
#[derive(Debug, Clone, PartialEq)]
struct Line {
    slope: f64,
    intercepts: Vec<f64>,
}

impl Line {
    fn at(&self, x: f64, class: usize) -> f64 {
        self.slope * x + self.intercepts[class]
    }

    /// Majorise and minimise: `|r|` lies below a parabola that touches it, so each step is a weighted
    /// least-squares fit, and the classes' intercepts leave one equation for the slope.
    fn fitted(sample: &Sample<'_>, classes: usize, level: f64) -> Self {
        let sorted = ascending(sample.y.iter().copied());
        let (low, high) = (sorted[sorted.len() / 4], sorted[sorted.len() * 3 / 4]);
        let smooth = 1e-4 * (high - low).max(1e-12);
        let mut line = Self { slope: 0.0, intercepts: vec![sorted[sorted.len() / 2]; classes] };
        for _ in 0..STEPS {
            line = line.step(sample, level, smooth);
        }
        line
    }

    fn step(&self, sample: &Sample<'_>, level: f64, smooth: f64) -> Self {
        let mut sums = vec![[0.0; 3]; self.intercepts.len()];
        let (mut xx, mut xy) = (0.0, 0.0);
        for ((y, x), class) in sample.y.iter().zip(sample.x).zip(sample.class) {
            let w = 1.0 / (smooth + (y - self.at(*x, *class)).abs());
            // The parabola's lowest point is where w y + 2 level − 1 would put it.
            let pull = w * y + 2.0 * level - 1.0;
            let s = &mut sums[*class];
            s[0] += w;
            s[1] += w * x;
            s[2] += pull;
            xx += w * x * x;
            xy += pull * x;
        }
        let filled = || sums.iter().filter(|s| s[0] > 0.0);
        let denominator = xx - filled().map(|s| s[1] * s[1] / s[0]).sum::<f64>();
        let numerator = xy - filled().map(|s| s[1] * s[2] / s[0]).sum::<f64>();
        let slope = if denominator > 1e-9 * xx.max(1e-300) { numerator / denominator } else { 0.0 };
        let total = sums.iter().fold([0.0; 3], |t, s| [t[0] + s[0], t[1] + s[1], t[2] + s[2]]);
        let intercept = |s: &[f64; 3]| {
            let s = if s[0] > 0.0 { s } else { &total };
            (s[2] - slope * s[1]) / s[0]
        };
        Self { slope, intercepts: sums.iter().map(intercept).collect() }
    }
}

/// The normal quantile of the level that `phi` reaches among the fitted quantiles.
fn level_reached(lines: &[Line], x: f64, class: usize, phi: f64) -> f64 {
    let knots = ascending(lines.iter().map(|line| line.at(x, class)));
    let upper = knots.partition_point(|q| *q <= phi).clamp(1, knots.len() - 1);
    let (a, b) = (upper - 1, upper);
    let (low, high) = (normal_quantile(LEVELS[a]), normal_quantile(LEVELS[b]));
    let width = (knots[b] - knots[a]).max(1e-9);
    low + (high - low) * (phi - knots[a]) / width
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::to_f64;

    fn count(n: usize) -> f64 {
        to_f64(u64::try_from(n).unwrap_or(u64::MAX))
    }

    #[test]
    fn a_fitted_quantile_leaves_its_share_below() {
        // y = 2x + class + noise: the level's share of each class lies below.
        let mut draw = Seed::new(4).stream();
        let class: Vec<usize> = (0..4000).map(|i| i % 2).collect();
        let x: Vec<f64> = (0..4000).map(|_| draw.normal()).collect();
        let y: Vec<f64> =
            x.iter().zip(&class).map(|(x, c)| 2.0 * x + count(*c) + draw.normal()).collect();
        let sample = Sample { y: &y, x: &x, class: &class };
        for level in LEVELS {
            let line = Line::fitted(&sample, 3, level);
            let below = (0..4000).filter(|i| y[*i] <= line.at(x[*i], class[*i])).count();
            assert!((count(below) / 4000.0 - level).abs() < 0.01, "{level} {below}");
            assert!((line.slope - 2.0).abs() < 0.3, "{level} {}", line.slope);
            assert!((line.intercepts[1] - line.intercepts[0] - 1.0).abs() < 0.3, "{level}");
        }
    }

    #[test]
    fn the_level_grows_with_the_confidence() {
        let line = |at: f64| Line { slope: 0.0, intercepts: vec![at] };
        let lines: Vec<Line> = LEVELS.iter().map(|level| line(normal_quantile(*level))).collect();
        // Normal quantiles: the score is φ itself, also beyond both ends.
        for phi in [-3.0, 0.0, 0.7, 2.0, 5.0] {
            assert!((level_reached(&lines, 0.0, 0, phi) - phi).abs() < 1e-9, "{phi}");
        }
    }
}
