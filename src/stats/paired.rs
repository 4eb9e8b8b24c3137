//! Two runs on the same rows: what they agree on cancels, so that only rows on which they differ count.

use super::normal::{normal_cdf, two_sided};
use crate::domain::{Interval, Undefined, Value, to_f64};
use statrs::function::gamma::ln_gamma;

/// Rows by whether they count in each of two runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agreement {
    /// In both.
    pub both: u64,
    /// In the first run only.
    pub first: u64,
    /// In the second run only.
    pub second: u64,
    /// In neither.
    pub neither: u64,
}

/// From this many rows on which the runs differ, `McNemar`'s statistic is near its distribution.
const EXACT_BELOW: u64 = 25;

impl Agreement {
    /// All rows.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.both + self.first + self.second + self.neither
    }

    /// Rows on which the runs differ.
    #[must_use]
    pub fn discordant(&self) -> u64 {
        self.first + self.second
    }

    /// The share of the first run minus that of the second.
    ///
    /// # Errors
    /// [`Undefined::Empty`] without rows.
    pub fn difference(&self) -> Value {
        match self.n() {
            0 => Err(Undefined::Empty),
            n => Ok((to_f64(self.first) - to_f64(self.second)) / to_f64(n)),
        }
    }

    /// Whether a true difference of `delta` is further than `z` standard errors from the one seen.
    fn beyond(&self, delta: f64, z: f64) -> bool {
        let [n, b, c] = [self.n(), self.first, self.second].map(to_f64);
        // The likeliest share of rows in the second run only, given the difference: 2n q² + B q + C = 0.
        let (linear, constant) = ((2.0 * n - b + c) * delta - b - c, c * delta * (1.0 - delta));
        let root = (linear * linear + 8.0 * n * constant).max(0.0).sqrt();
        let second = (root - linear) / (4.0 * n);
        let variance = n * (2.0 * second + delta * (1.0 - delta));
        (b - c - n * delta).powi(2) > z * z * variance
    }
}

/// The ends of the score interval of the difference of two shares of the same rows, with a critical
/// value of `z`; `None` without rows.
pub(crate) fn tango_ends(pairs: &Agreement, z: f64) -> Option<(f64, f64)> {
    let seen = pairs.difference().ok()?;
    let end = |mut outside: f64| {
        if !pairs.beyond(outside, z) {
            return outside;
        }
        let mut inside = seen;
        for _ in 0..60 {
            let middle = f64::midpoint(outside, inside);
            if pairs.beyond(middle, z) { outside = middle } else { inside = middle }
        }
        inside
    };
    Some((end(-1.0), end(1.0)))
}

/// The score interval of the difference of two shares of the same rows, first minus second, method
/// `tango`; `None` without rows.
///
/// All `δ` with `(b − c − nδ)² ≤ z² n (2q + δ(1−δ))`, `b` and `c` the rows in the first and in the second run
/// only, `q` the likeliest share of the latter where the difference is `δ`. It exists where the runs differ
/// in no row: then it ends at `z²/(n + z²)` on both sides.
/// Source: Tango 1998, Statistics in Medicine 17, 891–908.
#[must_use]
pub fn tango(pairs: &Agreement, level: f64) -> Option<Interval> {
    let (low, high) = tango_ends(pairs, two_sided(level))?;
    Some(Interval { low, high, level, method: "tango".to_owned() })
}

/// The two-sided p-value of `McNemar`'s test that two shares of the same rows are equal; 1 where the
/// runs differ in no row.
///
/// Of the rows on which the runs differ, half should be the first's: by the binomial distribution below
/// 25 such rows, by `(b − c)²/(b + c)` without continuity correction from there on.
/// Source: `McNemar` 1947, Psychometrika 12, 153–157; exact: Mosteller 1952, Biometrics 8, 220–226.
#[must_use]
pub fn mcnemar(pairs: &Agreement) -> f64 {
    let n = pairs.discordant();
    let p = if n < EXACT_BELOW {
        let log_choose = |k: u64| {
            ln_gamma(to_f64(n) + 1.0) - ln_gamma(to_f64(k) + 1.0) - ln_gamma(to_f64(n - k) + 1.0)
        };
        let chance = |k: u64| (log_choose(k) - to_f64(n) * std::f64::consts::LN_2).exp();
        2.0 * super::sum((0..=pairs.first.min(pairs.second)).map(chance))
    } else {
        let gap = to_f64(pairs.first.abs_diff(pairs.second));
        2.0 * normal_cdf(-gap / to_f64(n).sqrt())
    };
    p.min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(both: u64, first: u64, second: u64, neither: u64) -> Agreement {
        Agreement { both, first, second, neither }
    }

    #[test]
    fn mcnemar_by_hand() {
        // One of eight disagreements: 2 (1 + 8) / 256.
        assert!((mcnemar(&pairs(30, 1, 7, 4)) - 18.0 / 256.0).abs() < 1e-12);
        assert!((mcnemar(&pairs(30, 7, 1, 4)) - 18.0 / 256.0).abs() < 1e-12);
        assert!((mcnemar(&pairs(3, 0, 0, 0)) - 1.0).abs() < 1e-15);
        assert!((mcnemar(&pairs(0, 4, 4, 0)) - 1.0).abs() < 1e-15);
        // scipy.stats.binomtest(8, 24).pvalue = 0.15158963203430176.
        assert!((mcnemar(&pairs(0, 8, 16, 0)) - 0.151_589_632_034_301_76).abs() < 1e-12);
        // 25 of them: z = 9 / 5, scipy.stats.norm.sf(1.8) · 2 = 0.07186063822585158.
        assert!((mcnemar(&pairs(0, 8, 17, 0)) - 0.071_860_638_225_851_58).abs() < 1e-9);
    }

    #[test]
    fn the_published_example() {
        // Fagerland, Lydersen, Laake 2014, Statistics in Medicine 33, 2850–2875, on the airways of 21
        // children: −0.517 to −0.026. The others from the definition, with 40 digits in mpmath.
        let of = |b, c, n| tango(&pairs(n - b - c, b, c, 0), 0.95).unwrap();
        let i = of(1, 7, 21);
        assert!((i.low + 0.517).abs() < 5e-4 && (i.high + 0.026).abs() < 5e-4, "{i:?}");
        for ((b, c, n), low, high) in [
            ((0, 1, 44), -0.118_077_096_982_133, 0.059_393_231_116_628),
            ((12, 2, 50), 0.061_112_406_186_344, 0.344_708_748_282_149),
            ((14, 0, 50), 0.174_741_706_659_112, 0.416_651_236_959_566),
            ((5, 5, 30), -0.215_471_555_766_807, 0.215_471_555_766_807),
        ] {
            let i = of(b, c, n);
            assert!((i.low - low).abs() < 1e-9 && (i.high - high).abs() < 1e-9, "{i:?}");
            // Turned round, the interval is turned round.
            let turned = of(c, b, n);
            assert!((turned.low + i.high).abs() < 1e-9 && (turned.high + i.low).abs() < 1e-9);
            assert_eq!((i.level, i.method.as_str()), (0.95, "tango"));
        }
    }

    #[test]
    fn runs_that_never_and_always_differ() {
        let z2 = 1.959_963_984_540_054_f64.powi(2);
        let i = tango(&pairs(60, 0, 0, 40), 0.95).unwrap();
        let end = z2 / (100.0 + z2);
        assert!((i.low + end).abs() < 1e-9 && (i.high - end).abs() < 1e-9, "{i:?}");
        let i = tango(&pairs(0, 30, 0, 0), 0.95).unwrap();
        let far = 1.0 - 2.0 * z2 / (30.0 + z2);
        assert!((i.low - far).abs() < 1e-9 && (i.high - 1.0).abs() < 1e-15, "{i:?}");
        let i = tango(&pairs(0, 0, 30, 0), 0.95).unwrap();
        assert!((i.high + far).abs() < 1e-9 && (i.low + 1.0).abs() < 1e-15, "{i:?}");
        assert_eq!(tango(&Agreement::default(), 0.95), None);
    }

    #[test]
    fn a_difference_is_first_minus_second() {
        // (2 − 1) / 4
        assert_eq!(pairs(1, 2, 1, 0).difference(), Ok(0.25));
        assert_eq!((pairs(1, 2, 1, 3).n(), pairs(1, 2, 1, 3).discordant()), (7, 3));
        assert_eq!(Agreement::default().difference(), Err(Undefined::Empty));
    }
}
