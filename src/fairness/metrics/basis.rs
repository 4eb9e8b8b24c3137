//! What a number rests on, and the intervals that follow from it.

use crate::domain::Interval;
use crate::stats::{interval_of_auc, katz_log, newcombe, normal_quantile, wilson};

/// What a number rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Basis {
    /// A share of rows.
    Share {
        /// Rows that count.
        hits: u64,
        /// Rows of the denominator.
        n: u64,
    },
    /// An area under the ROC curve.
    Area {
        /// `DeLong`'s variance; absent where a class has fewer than two rows.
        variance: Option<f64>,
        /// Rows.
        n: u64,
    },
    /// Rows only: no closed-form interval.
    Rows(u64),
}

impl Basis {
    /// Rows that the number rests on: the denominator of a share, all rows otherwise.
    #[must_use]
    pub fn n(&self) -> u64 {
        match *self {
            Self::Share { n, .. } | Self::Area { n, .. } | Self::Rows(n) => n,
        }
    }

    /// The interval of `value`: Wilson for a share, `DeLong` for an area.
    #[must_use]
    pub fn interval(&self, value: f64, level: f64) -> Option<Interval> {
        match *self {
            Self::Share { hits, n } => wilson(hits, n, level),
            Self::Area { variance, .. } => interval_of_auc(value, variance?, level),
            Self::Rows(_) => None,
        }
    }

    /// The interval of this number minus `other`, whose value is `difference`: Newcombe for shares,
    /// the sum of both `DeLong` variances for areas.
    #[must_use]
    pub fn difference(&self, other: &Self, difference: f64, level: f64) -> Option<Interval> {
        match (*self, *other) {
            (Self::Share { hits, n }, Self::Share { hits: other_hits, n: other_n }) => {
                newcombe((hits, n), (other_hits, other_n), level)
            }
            (Self::Area { variance: a, .. }, Self::Area { variance: b, .. }) => {
                let variance = a? + b?;
                let half = normal_quantile(0.5 + level / 2.0) * variance.sqrt();
                let (low, high) = ((difference - half).max(-1.0), (difference + half).min(1.0));
                let method = "delong".to_owned();
                (variance > 0.0).then_some(Interval { low, high, level, method })
            }
            _ => None,
        }
    }

    /// The interval of this number divided by `other`: Katz for shares.
    #[must_use]
    pub fn ratio(&self, other: &Self, level: f64) -> Option<Interval> {
        match (*self, *other) {
            (Self::Share { hits, n }, Self::Share { hits: other_hits, n: other_n }) => {
                katz_log((hits, n), (other_hits, other_n), level)
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn areas_add_their_variances() {
        let a = Basis::Area { variance: Some(0.0009), n: 50 };
        let b = Basis::Area { variance: Some(0.0016), n: 40 };
        // √(0.0009 + 0.0016) = 0.05
        let i = a.difference(&b, 0.1, 0.95).unwrap();
        assert!((i.high - 0.1 - 1.959_963_984_540_054 * 0.05).abs() < 1e-12, "{i:?}");
        assert!((i.low + i.high - 0.2).abs() < 1e-12);
        assert_eq!(a.difference(&Basis::Area { variance: None, n: 1 }, 0.1, 0.95), None);
        assert_eq!(a.ratio(&b, 0.95), None);
    }

    #[test]
    fn shares_use_their_counts() {
        let (a, b) = (Basis::Share { hits: 3, n: 4 }, Basis::Share { hits: 1, n: 4 });
        assert_eq!(a.interval(0.75, 0.9), wilson(3, 4, 0.9));
        assert_eq!(a.difference(&b, 0.5, 0.9), newcombe((3, 4), (1, 4), 0.9));
        assert_eq!(a.ratio(&b, 0.9), katz_log((3, 4), (1, 4), 0.9));
        assert_eq!((a.n(), Basis::Rows(7).n()), (4, 7));
        assert_eq!(Basis::Rows(7).interval(0.5, 0.9), None);
        assert_eq!(a.difference(&Basis::Rows(7), 0.5, 0.9), None);
    }
}
