//! What a number rests on, and the intervals that follow from it.

use crate::domain::{Interval, to_f64};
use crate::stats::{
    Term, interval_of_auc, newcombe, normal_quantile, student_two_sided, sum_of_shares, wilson,
    wilson_effective,
};

/// A share of rows of unequal weight.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Proportion {
    /// The share, 0 to 1.
    pub share: f64,
    /// Kish's effective number of the rows of the denominator.
    pub effective_n: f64,
    /// Rows of the denominator.
    pub n: u64,
}

impl Proportion {
    fn term(&self, coefficient: f64) -> Term {
        Term { coefficient, share: self.share, rows: self.effective_n }
    }
}

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
    /// A share of weighted rows.
    Weighted(Proportion),
    /// A share whose rows are a part of the same whole for every group, so that the shares of two
    /// groups are not independent.
    Portion {
        /// Rows that count.
        hits: u64,
        /// Rows of the whole.
        n: u64,
    },
    /// The mean of two shares of different rows.
    Halves([Proportion; 2]),
    /// An area under the ROC curve.
    Area {
        /// `DeLong`'s variance; absent where a class has fewer than two rows.
        variance: Option<f64>,
        /// Rows.
        n: u64,
    },
    /// A mean of one number per row.
    Mean {
        /// Estimated variance of the mean, above 0.
        variance: f64,
        /// Degrees of freedom.
        freedom: f64,
        /// The largest value that a row can have; infinite where there is none. The least is 0.
        most: f64,
        /// Rows.
        n: u64,
    },
    /// Rows only: no closed-form interval. A resampling interval would start here.
    Rows(u64),
}

impl Basis {
    /// Rows that the number rests on: the denominator of a share, all rows otherwise.
    #[must_use]
    pub fn n(&self) -> u64 {
        match *self {
            Self::Share { n, .. }
            | Self::Portion { n, .. }
            | Self::Area { n, .. }
            | Self::Mean { n, .. }
            | Self::Rows(n) => n,
            Self::Weighted(proportion) => proportion.n,
            Self::Halves([a, b]) => a.n + b.n,
        }
    }

    /// The interval of `value`: Wilson for a share, the sum of two Wilson intervals for a mean of
    /// two shares, `DeLong` for an area, Student for a mean.
    #[must_use]
    pub fn interval(&self, value: f64, level: f64) -> Option<Interval> {
        match *self {
            Self::Share { hits, n } | Self::Portion { hits, n } => wilson(hits, n, level),
            Self::Weighted(p) => wilson_effective(p.share, p.effective_n, level),
            Self::Halves(parts) => {
                of_terms(&parts.map(|part| part.term(0.5)), (0.0, 1.0), level, "mover")
            }
            Self::Area { variance, .. } => interval_of_auc(value, variance?, level),
            Self::Mean { variance, freedom, most, .. } => {
                let half = student_two_sided(level, freedom)? * variance.sqrt();
                let (low, high) = ((value - half).max(0.0), (value + half).min(most));
                Some(Interval { low, high, level, method: "student_t".to_owned() })
            }
            Self::Rows(_) => None,
        }
    }

    /// The interval of this number minus `other`, whose value is `difference`: Newcombe for shares
    /// and means of two shares, the sum of both `DeLong` variances for areas, Welch for means.
    #[must_use]
    pub fn difference(&self, other: &Self, difference: f64, level: f64) -> Option<Interval> {
        match (*self, *other) {
            (Self::Share { hits, n }, Self::Share { hits: other_hits, n: other_n }) => {
                newcombe((hits, n), (other_hits, other_n), level)
            }
            (Self::Halves(a), Self::Halves(b)) => {
                let [c, d] = b.map(|part| part.term(-0.5));
                let [a, b] = a.map(|part| part.term(0.5));
                of_terms(&[a, b, c, d], (-1.0, 1.0), level, "mover")
            }
            (Self::Area { variance: a, .. }, Self::Area { variance: b, .. }) => {
                let variance = a? + b?;
                let half = normal_quantile(0.5 + level / 2.0) * variance.sqrt();
                let (low, high) = ((difference - half).max(-1.0), (difference + half).min(1.0));
                let method = "delong".to_owned();
                (variance > 0.0).then_some(Interval { low, high, level, method })
            }
            (Self::Mean { most, .. }, Self::Mean { .. }) => {
                let half = welch(self, other, level)?;
                let (low, high) = ((difference - half).max(-most), (difference + half).min(most));
                Some(Interval { low, high, level, method: "welch_t".to_owned() })
            }
            _ => {
                let terms = [self.proportion()?.term(1.0), other.proportion()?.term(-1.0)];
                of_terms(&terms, (-1.0, 1.0), level, "newcombe")
            }
        }
    }

    /// The share of independent rows that this is, if it is one.
    #[must_use]
    pub fn proportion(&self) -> Option<Proportion> {
        match *self {
            Self::Share { hits, n } if n > 0 => {
                Some(Proportion { share: to_f64(hits) / to_f64(n), effective_n: to_f64(n), n })
            }
            Self::Weighted(proportion) => Some(proportion),
            _ => None,
        }
    }
}

fn of_terms(terms: &[Term], ends: (f64, f64), level: f64, method: &str) -> Option<Interval> {
    let (low, high) = sum_of_shares(terms, level)?;
    let (low, high) = (low.max(ends.0), high.min(ends.1));
    Some(Interval { low, high, level, method: method.to_owned() })
}

/// Half the width of Welch's interval of the difference of two means.
///
/// Source: Welch 1947, Biometrika 34, 28–35.
fn welch(a: &Basis, b: &Basis, level: f64) -> Option<f64> {
    let (Basis::Mean { variance: v, freedom: f, .. }, Basis::Mean { variance: w, freedom: g, .. }) =
        (*a, *b)
    else {
        return None;
    };
    let freedom = (v + w).powi(2) / (v * v / f + w * w / g);
    Some(student_two_sided(level, freedom)? * (v + w).sqrt())
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
        let still = Basis::Area { variance: Some(0.0), n: 9 };
        assert_eq!(still.difference(&still, 0.1, 0.95), None);
    }

    #[test]
    fn shares_use_their_counts() {
        let (a, b) = (Basis::Share { hits: 3, n: 4 }, Basis::Share { hits: 1, n: 4 });
        assert_eq!(a.interval(0.75, 0.9), wilson(3, 4, 0.9));
        assert_eq!(a.difference(&b, 0.5, 0.9), newcombe((3, 4), (1, 4), 0.9));
        assert_eq!((a.n(), Basis::Rows(7).n()), (4, 7));
        assert_eq!(Basis::Rows(7).interval(0.5, 0.9), None);
        assert_eq!(a.difference(&Basis::Rows(7), 0.5, 0.9), None);
        let same = Proportion { share: 0.75, effective_n: 4.0, n: 4 };
        assert_eq!(a.proportion(), Some(same));
        assert_eq!(Basis::Share { hits: 0, n: 0 }.proportion(), None);
        // A share of counted rows beside one of weighted rows.
        let i = a.difference(&Basis::Weighted(Proportion { share: 0.25, ..same }), 0.5, 0.9);
        let expected = newcombe((3, 4), (1, 4), 0.9).unwrap();
        assert!((i.unwrap().low - expected.low).abs() < 1e-12);
    }

    #[test]
    fn the_distances_of_two_equal_halves_shrink_by_the_root_of_two() {
        let half = |share, n| Proportion { share, effective_n: 4.0, n };
        let a = Basis::Halves([half(0.75, 5), half(0.75, 9)]);
        let b = Basis::Halves([half(0.25, 4), half(0.25, 4)]);
        let i = a.difference(&b, 0.5, 0.9).unwrap();
        let whole = newcombe((3, 4), (1, 4), 0.9).unwrap();
        assert!(((0.5 - i.low) * 2_f64.sqrt() - (0.5 - whole.low)).abs() < 1e-12, "{i:?}");
        assert!(((i.high - 0.5) * 2_f64.sqrt() - (whole.high - 0.5)).abs() < 1e-12, "{i:?}");
        assert_eq!(a.n(), 14);
    }

    #[test]
    fn weighted_shares_use_their_effective_rows() {
        let weighted =
            |share, effective_n| Basis::Weighted(Proportion { share, effective_n, n: 9 });
        let (a, b) = (weighted(0.75, 4.0), weighted(0.25, 4.0));
        let i = a.difference(&b, 0.5, 0.9).unwrap();
        let expected = newcombe((3, 4), (1, 4), 0.9).unwrap();
        assert!((i.low - expected.low).abs() < 1e-12 && (i.high - expected.high).abs() < 1e-12);
        assert_eq!(a.n(), 9);
    }

    #[test]
    fn the_shares_of_one_whole_are_not_independent() {
        let (a, b) = (Basis::Portion { hits: 3, n: 8 }, Basis::Portion { hits: 5, n: 8 });
        assert_eq!(a.interval(0.375, 0.9), wilson(3, 8, 0.9));
        assert_eq!(a.difference(&b, 0.25, 0.9), None);
    }

    #[test]
    fn means_are_compared_with_welch() {
        let mean = |variance, freedom| Basis::Mean { variance, freedom, most: 1.0, n: 5 };
        // Equal variances and degrees of freedom: 2 · 4 = 8 of them, t(0.975, 8) = 2.306004.
        let i = mean(0.0008, 4.0).difference(&mean(0.0008, 4.0), 0.3, 0.95).unwrap();
        assert!((i.high - 0.3 - 2.306_004 * 0.04).abs() < 1e-6, "{i:?}");
        assert!((i.low + i.high - 0.6).abs() < 1e-12);
        let i = mean(0.01, 4.0).difference(&mean(0.01, 4.0), -0.9, 0.95).unwrap();
        assert!((i.low + 1.0).abs() < 1e-15 && i.high < 0.0, "{i:?}");
        let i = mean(0.01, 4.0).interval(0.1, 0.95).unwrap();
        assert!(i.low.abs() < 1e-15 && (i.high - 0.1 - 2.776_445 * 0.1).abs() < 1e-6, "{i:?}");
    }
}
