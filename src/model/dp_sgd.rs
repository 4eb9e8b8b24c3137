//! Training with differential privacy (Abadi and others 2016): who joins a step, and the noise of its
//! gradient. The sum of the rows' clipped gradients is disturbed, never the rows themselves.

use super::architecture::{Op, Planned};
use super::error::ModelError;
use super::network::narrow;
use super::normal::Normal;
use super::options::TrainOptions;
use crate::domain::{ClassWeights, Seed, to_f64};

/// How a training is made private. The sampling rate is that of the batches: each row joins each step by
/// its own coin, with probability `batch_size` / training rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DpSgd {
    /// Longest gradient of a single row, as the L2 norm over all numbers that are trained, above 0.
    pub clip: f64,
    /// Standard deviation of the noise of each number of a step's sum, in units of `clip`, at least 0.
    /// Without noise rows are clipped, and nothing is private.
    pub noise_multiplier: f64,
}

/// Everything about one private step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PrivateStep {
    /// Longest gradient of a single row.
    pub(crate) clip: f64,
    /// Standard deviation of the noise of each number of the sum.
    pub(crate) deviation: f64,
    /// The mean number of rows of a step, which the sum is divided by: the number of those that
    /// joined would tell about them.
    pub(crate) expected: f64,
    /// Where the noise of this step comes from.
    pub(crate) noise: Seed,
}

impl PrivateStep {
    /// Makes a step's gradient from the sum of the clipped rows: noise, then the division. `part` names
    /// the numbers among all of the network; those that are padding stay as they are.
    pub(crate) fn disturb(&self, part: &str, sum: &mut [f32], padding: impl Fn(usize) -> bool) {
        let mut normal = Normal::new(self.noise.child(part).stream());
        for (_, number) in sum.iter_mut().enumerate().filter(|(i, _)| !padding(*i)) {
            let noise = if self.deviation > 0.0 { self.deviation * normal.next() } else { 0.0 };
            *number = narrow((f64::from(*number) + noise) / self.expected);
        }
    }

    /// By which a row's gradient of this norm is multiplied.
    pub(crate) fn factor(&self, norm: f64) -> f64 {
        (self.clip / norm).min(1.0)
    }
}

/// Who joins which step, and what disturbs it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lottery {
    settings: DpSgd,
    /// The probability with which a row joins a step.
    rate: f64,
    expected: f64,
    seed: Seed,
}

impl Lottery {
    /// Of a training on so many rows, if it is private.
    pub(crate) fn new(options: &TrainOptions, rows: usize, seed: Seed) -> Option<Self> {
        let count = |n: usize| u64::try_from(n).map_or(f64::INFINITY, to_f64);
        let expected = count(options.batch_size.min(rows));
        let rate = expected / count(rows);
        options.dp.map(|settings| Self { settings, rate, expected, seed: seed.child("model/dp") })
    }

    /// The rows that join a step, counted from 1 over all epochs; may be none.
    pub(crate) fn joined(&self, rows: &[usize], step: usize) -> Vec<usize> {
        let mut stream = self.seed.child(&format!("sample/{step}")).stream();
        rows.iter().copied().filter(|_| stream.flip(self.rate)).collect()
    }

    /// What disturbs that step.
    pub(crate) fn step(&self, step: i32) -> PrivateStep {
        PrivateStep {
            clip: self.settings.clip,
            deviation: self.settings.noise_multiplier * self.settings.clip,
            expected: self.expected,
            noise: self.seed.child(&format!("noise/{step}")),
        }
    }
}

impl DpSgd {
    /// Refuses settings that cannot be meant, and those that would break the guarantee.
    pub(crate) fn check(&self, options: &TrainOptions) -> Result<(), ModelError> {
        let refuse =
            |key, found: String, expected| Err(ModelError::Setting { key, found, expected });
        if !(self.clip.is_finite() && self.clip > 0.0) {
            return refuse("dp.clip", self.clip.to_string(), "a number greater than 0");
        }
        if !(self.noise_multiplier.is_finite() && self.noise_multiplier >= 0.0) {
            let found = self.noise_multiplier.to_string();
            return refuse("dp.noise_multiplier", found, "a number of at least 0");
        }
        if options.recipe.class_weights == ClassWeights::Balanced {
            let expected = "possible with `dp`, because one row would change the weights of all; \
                            give a weight for each class";
            return refuse("class_weights", "balanced".to_owned(), expected);
        }
        Ok(())
    }
}

/// Refuses a network in which one row changes what others do.
pub(crate) fn check_layers(layers: &[Planned]) -> Result<(), ModelError> {
    layers.iter().try_for_each(|layer| match &layer.op {
        Op::BatchNorm if !layer.is_frozen() => Err(ModelError::Layer {
            place: layer.place.clone(),
            because: "is a batch normalisation, which mixes the rows of a batch, so that no row has a \
                      gradient of its own to clip, as `dp` needs"
                .to_owned(),
            help: "leave the layer out, or begin with trained weights (`init_from`) and `freeze` it",
        }),
        _ => check_layers(layer.inner()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lottery(batch_size: usize, rows: usize) -> Lottery {
        let dp = Some(DpSgd { clip: 2.0, noise_multiplier: 1.5 });
        let options = TrainOptions { batch_size, dp, ..TrainOptions::default() };
        Lottery::new(&options, rows, Seed::new(6)).unwrap()
    }

    #[test]
    fn the_size_of_a_step_is_binomial() {
        // 200 rows at 0.1: mean 20, variance 18, fourth central moment 3·18² + 18·(1 − 6·0.09).
        let (rows, steps) = ((0..200).collect::<Vec<_>>(), 4000);
        let lottery = lottery(20, 200);
        let sizes: Vec<f64> = (1..=steps)
            .map(|step| f64::from(u32::try_from(lottery.joined(&rows, step).len()).unwrap()))
            .collect();
        let n = f64::from(u32::try_from(steps).unwrap());
        let mean = sizes.iter().sum::<f64>() / n;
        let variance = sizes.iter().map(|size| (size - 20.0).powi(2)).sum::<f64>() / n;
        assert!((mean - 20.0).abs() < 4.0 * (18.0 / n).sqrt(), "{mean}");
        let fourth: f64 = 3.0 * 324.0 + 18.0 * 0.46;
        assert!((variance - 18.0).abs() < 4.0 * ((fourth - 324.0) / n).sqrt(), "{variance}");
    }

    #[test]
    fn each_row_joins_by_its_own_coin_and_steps_do_not_repeat() {
        let rows: Vec<usize> = (0..50).collect();
        let lottery = lottery(5, 50);
        let mut often = vec![0_u32; 50];
        for step in 1..=4000 {
            lottery.joined(&rows, step).into_iter().for_each(|row| often[row] += 1);
        }
        // Mean 400, variance 360; 50 rows within five deviations.
        assert!(often.iter().all(|&n| n.abs_diff(400) < 95), "{often:?}");
        assert_ne!(lottery.joined(&rows, 1), lottery.joined(&rows, 2));
        assert_eq!(lottery.joined(&rows, 7), lottery.joined(&rows, 7));
    }

    #[test]
    fn a_batch_of_all_rows_is_every_row_every_time() {
        let rows: Vec<usize> = (0..9).collect();
        assert_eq!(lottery(9, 9).joined(&rows, 1), rows);
        assert_eq!(lottery(100, 9).joined(&rows, 3), rows);
    }

    #[test]
    fn the_noise_has_the_declared_variance_and_is_divided_by_the_expected_size() {
        let step = lottery(20, 200).step(3);
        let n = 200_000;
        let mut sum = vec![0.0_f32; n];
        step.disturb("fc1.weight", &mut sum, |_| false);
        // σ · clip / (q n) = 3 / 20.
        let deviation = 0.15;
        let squares: f64 = sum.iter().map(|x| f64::from(*x).powi(2)).sum();
        let chi = squares / (deviation * deviation);
        let degrees = f64::from(u32::try_from(n).unwrap());
        assert!((chi - degrees).abs() < 5.0 * (2.0 * degrees).sqrt(), "{chi}");
        let mean = sum.iter().map(|x| f64::from(*x)).sum::<f64>() / degrees;
        assert!(mean.abs() < 5.0 * deviation / degrees.sqrt(), "{mean}");
        let mut again = vec![0.0_f32; n];
        step.disturb("fc1.weight", &mut again, |_| false);
        assert!(again == sum);
        step.disturb("fc1.bias", &mut again, |_| true);
        assert!(again == sum, "padding stays");
        let mut other = vec![0.0_f32; n];
        lottery(20, 200).step(4).disturb("fc1.weight", &mut other, |_| false);
        assert!(other != sum);
    }

    #[test]
    fn without_noise_the_mean_is_left() {
        let mut step = lottery(20, 200).step(1);
        step.deviation = 0.0;
        let mut sum = [10.0_f32, -4.0];
        step.disturb("x", &mut sum, |_| false);
        assert_eq!(sum.map(f32::to_bits), [0.5_f32, -0.2].map(f32::to_bits));
        assert!((step.factor(8.0) - 0.25).abs() < 1e-15 && step.factor(1.0) >= 1.0);
    }

    #[test]
    fn settings_that_break_the_guarantee_are_refused() {
        let of = |dp: DpSgd, options: &TrainOptions| dp.check(options).unwrap_err().to_string();
        let plain = TrainOptions::default();
        let message = of(DpSgd { clip: 0.0, noise_multiplier: 1.0 }, &plain);
        assert_eq!(message, "`dp.clip` is 0, which is not a number greater than 0");
        let message = of(DpSgd { clip: 1.0, noise_multiplier: f64::NAN }, &plain);
        assert!(message.contains("dp.noise_multiplier"), "{message}");
        let mut balanced = plain.clone();
        balanced.recipe.class_weights = ClassWeights::Balanced;
        let good = DpSgd { clip: 1.0, noise_multiplier: 1.0 };
        assert!(of(good, &balanced).contains("one row would change the weights of all"));
        assert!(good.check(&plain).is_ok());
    }
}
