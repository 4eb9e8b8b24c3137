//! The ε of a training with noisy gradients, recomputed from what was declared about it.

use super::prv;
use super::rdp::{self, Curve};
use super::sampled::Step;
use crate::domain::to_f64;

/// Smallest noise multiplier: below it ε is in the thousands.
const LEAST_NOISE: f64 = 0.1;
/// The same in thousandths, and the most noise that is looked at.
const LEAST_THOUSANDTHS: u32 = 100;
const MOST_THOUSANDTHS: u32 = 10_000_000;
/// Most steps.
const MOST_STEPS: u64 = 100_000_000;

/// A training with Poisson sampling and Gaussian noise, with numbers that make sense.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Certificate {
    step: Step,
    steps: u64,
    delta: f64,
}

/// What the accountants say.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Account {
    /// Upper bound of the Rényi accountant, and the order that gives it.
    pub(super) rdp: f64,
    pub(super) order: f64,
    /// Bounds by numerical composition; no upper one where rounding forbids it.
    pub(super) lower: f64,
    pub(super) upper: Option<f64>,
}

/// A declared number that makes no sense.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{key}` is {value}, but it must lie {range}")]
pub struct CertificateError {
    /// The number.
    pub key: &'static str,
    /// As declared.
    pub value: f64,
    /// Where it must lie.
    pub range: &'static str,
}

impl Certificate {
    /// Of a sampling rate, a noise multiplier, a number of steps and a `δ`.
    ///
    /// # Errors
    /// Names the number that makes no sense.
    pub fn new(rate: f64, noise: f64, steps: u64, delta: f64) -> Result<Self, CertificateError> {
        let wrong = |key, value, range| Err(CertificateError { key, value, range });
        if !(rate > 0.0 && rate <= 1.0) {
            return wrong("sampling_rate", rate, "above 0 and at most 1");
        }
        if !(LEAST_NOISE..=1e4).contains(&noise) {
            return wrong("noise_multiplier", noise, "from 0.1 to 10000");
        }
        if !(1..=MOST_STEPS).contains(&steps) {
            return wrong("steps", to_f64(steps), "from 1 to 100000000");
        }
        if !(delta > 0.0 && delta < 1.0) {
            return wrong("delta", delta, "above 0 and below 1");
        }
        Ok(Self { step: Step { rate, noise }, steps, delta })
    }

    /// The training with the least noise, in whole thousandths, whose `ε` at `delta` is at most
    /// `epsilon`. The upper bound by numerical composition decides, and where rounding forbids one, the
    /// Rényi accountant.
    ///
    /// # Errors
    /// Names the number that makes no sense; `epsilon` where no noise is enough.
    pub fn for_epsilon(
        rate: f64,
        steps: u64,
        delta: f64,
        epsilon: f64,
    ) -> Result<Self, CertificateError> {
        let of = |thousandths: u32| Self::new(rate, f64::from(thousandths) / 1000.0, steps, delta);
        let first = of(1000)?;
        let by_renyi = |noise| Curve::of(Step { noise, ..first.step }).epsilon(steps, delta).0;
        let enough =
            least(|k| by_renyi(f64::from(k) / 1000.0) <= epsilon).ok_or(CertificateError {
                key: "epsilon",
                value: epsilon,
                range: "where some noise reaches it",
            })?;
        // Composition says less than Rényi, by a few parts in a hundred.
        let fits = |k: u32| of(k).is_ok_and(|training| training.epsilon() <= epsilon);
        let (mut low, mut high) = (LEAST_THOUSANDTHS.max(enough / 2), enough);
        while low < high {
            let middle = u32::midpoint(low, high);
            if fits(middle) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        of(high)
    }

    /// The smallest `ε` that the accountants prove.
    #[must_use]
    pub fn epsilon(&self) -> f64 {
        let found = self.account();
        found.upper.map_or(found.rdp, |upper| upper.min(found.rdp))
    }

    /// The noise multiplier.
    #[must_use]
    pub fn noise(&self) -> f64 {
        self.step.noise
    }

    /// The probability with which a row takes part in a step.
    #[must_use]
    pub fn rate(&self) -> f64 {
        self.step.rate
    }

    /// The `δ`.
    #[must_use]
    pub fn delta(&self) -> f64 {
        self.delta
    }

    /// The Rényi divergence of one step at an order above 1.
    #[must_use]
    pub fn renyi(&self, order: f64) -> f64 {
        self.step.renyi(order)
    }

    /// The upper bound on `ε` of the whole training that one order above 1 gives.
    #[must_use]
    pub fn epsilon_at(&self, order: f64) -> f64 {
        rdp::converted(to_f64(self.steps) * self.renyi(order), order, self.delta)
    }

    /// Steps.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The numbers by name.
    pub(super) fn declared(&self) -> [(&'static str, Option<f64>); 4] {
        [
            ("sampling_rate", Some(self.step.rate)),
            ("noise_multiplier", Some(self.step.noise)),
            ("steps", Some(to_f64(self.steps))),
            ("delta", Some(self.delta)),
        ]
    }

    /// Asks both accountants.
    pub(super) fn account(&self) -> Account {
        let curve = Curve::of(self.step);
        let (rdp, order) = curve.epsilon(self.steps, self.delta);
        let prv::Bracket { lower, upper } = prv::epsilon(self.step, &curve, self.steps, self.delta);
        Account { rdp, order, lower, upper: Some(upper).filter(|u| u.is_finite()) }
    }
}

/// The least number of thousandths that is enough, where enough stays enough with more.
fn least(enough: impl Fn(u32) -> bool) -> Option<u32> {
    let mut high = LEAST_THOUSANDTHS;
    while !enough(high) {
        high = high.checked_mul(2).filter(|k| *k <= MOST_THOUSANDTHS)?;
    }
    let mut low = if high == LEAST_THOUSANDTHS { high } else { high / 2 + 1 };
    while low < high {
        let middle = u32::midpoint(low, high);
        if enough(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    Some(high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_noise_of_an_epsilon_is_found_and_a_thousandth_less_is_too_little() {
        for (rate, steps, epsilon) in [(0.02, 200, 1.0), (1.0, 5, 2.0), (0.1, 50, 8.0)] {
            let found = Certificate::for_epsilon(rate, steps, 1e-5, epsilon).unwrap();
            assert!(found.epsilon() <= epsilon, "{found:?}");
            let less = found.noise() - 0.001;
            let less = Certificate::new(rate, less, steps, 1e-5).unwrap().epsilon();
            assert!(less > epsilon, "{found:?} {less}");
            assert!(less < epsilon * 1.02, "{found:?} {less}");
        }
        let key =
            |epsilon| Certificate::for_epsilon(1.0, 100_000_000, 1e-9, epsilon).unwrap_err().key;
        assert_eq!(key(1e-6), "epsilon");
    }

    #[test]
    fn numbers_without_sense_are_refused_by_name() {
        let key = |rate, noise, steps, delta| {
            Certificate::new(rate, noise, steps, delta).err().map(|e| e.key)
        };
        assert_eq!(key(0.01, 1.0, 10, 1e-5), None);
        assert_eq!(key(0.0, 1.0, 10, 1e-5), Some("sampling_rate"));
        assert_eq!(key(1.1, 1.0, 10, 1e-5), Some("sampling_rate"));
        assert_eq!(key(f64::NAN, 1.0, 10, 1e-5), Some("sampling_rate"));
        assert_eq!(key(0.1, 0.0, 10, 1e-5), Some("noise_multiplier"));
        assert_eq!(key(0.1, 1.0, 0, 1e-5), Some("steps"));
        assert_eq!(key(0.1, 1.0, 10, 0.0), Some("delta"));
        let message = Certificate::new(2.0, 1.0, 10, 1e-5).unwrap_err().to_string();
        assert_eq!(message, "`sampling_rate` is 2, but it must lie above 0 and at most 1");
    }
}
