//! The generalised entropy of a distribution of benefits, and how sure it is.

use crate::domain::{Interval, Undefined, Value};
use crate::stats::{normal_quantile, sum};

/// Rows that have the same benefit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Atom {
    /// What each of them gets, at least 0.
    pub benefit: f64,
    /// Sum of their weights.
    pub weight: f64,
    /// Sum of their squared weights.
    pub square: f64,
}

/// Moments of a distribution of benefits.
struct Moments {
    weight: f64,
    mean: f64,
    /// `E[φ(b)]` with `φ` of the index.
    phi: f64,
}

/// `φ` of an index: `ln b`, `b ln b` or `b^α`.
fn phi(benefit: f64, alpha: f64) -> f64 {
    if is(alpha, 0.0) {
        benefit.ln()
    } else if is(alpha, 1.0) {
        if benefit > 0.0 { benefit * benefit.ln() } else { 0.0 }
    } else {
        benefit.powf(alpha)
    }
}

/// Whether α is one of the two limits that have a formula of their own.
fn is(alpha: f64, limit: f64) -> bool {
    (alpha - limit).abs() < 1e-12
}

fn moments(atoms: &[Atom], alpha: f64) -> Result<Moments, Undefined> {
    let some = || atoms.iter().filter(|atom| atom.weight > 0.0);
    let weight = sum(some().map(|atom| atom.weight));
    if some().next().is_none() {
        return Err(Undefined::Empty);
    }
    let mean = sum(some().map(|atom| atom.weight * atom.benefit)) / weight;
    let phi = sum(some().map(|atom| atom.weight * self::phi(atom.benefit, alpha))) / weight;
    if mean > 0.0 && phi.is_finite() {
        Ok(Moments { weight, mean, phi })
    } else {
        Err(Undefined::ZeroDenominator)
    }
}

impl Moments {
    fn index(&self, alpha: f64) -> f64 {
        let index = if is(alpha, 0.0) {
            self.mean.ln() - self.phi
        } else if is(alpha, 1.0) {
            self.phi / self.mean - self.mean.ln()
        } else {
            (self.phi / self.mean.powf(alpha) - 1.0) / (alpha * (alpha - 1.0))
        };
        // Jensen: it is not negative; rounding may make it so.
        index.max(0.0)
    }

    /// What one more row with this benefit does to the index (its influence function).
    fn influence(&self, benefit: f64, alpha: f64) -> f64 {
        let (off, phi) = (benefit - self.mean, phi(benefit, alpha) - self.phi);
        if is(alpha, 0.0) {
            off / self.mean - phi
        } else if is(alpha, 1.0) {
            phi / self.mean - (self.phi / self.mean + 1.0) * off / self.mean
        } else {
            let scale = self.mean.powf(alpha) * alpha * (alpha - 1.0);
            (phi - alpha * self.phi / self.mean * off) / scale
        }
    }
}

/// The generalised entropy index of benefits: `E[(b/μ)^α − 1] / α(α−1)`; `E[(b/μ) ln(b/μ)]` for
/// α = 1 (Theil); `−E[ln(b/μ)]` for α = 0 (mean logarithmic deviation). 0 and up; 0 iff all equal.
///
/// # Errors
/// [`Undefined::Empty`] without a row of positive weight; [`Undefined::ZeroDenominator`] when the
/// mean benefit is 0, and for α ≤ 0 when any benefit is 0.
///
/// Source: Shorrocks 1980, Econometrica 48, 613–625; Speicher et al. 2018, KDD, §2.
pub fn generalized_entropy(atoms: &[Atom], alpha: f64) -> Value {
    Ok(moments(atoms, alpha)?.index(alpha))
}

/// The delta-method interval of [`generalized_entropy`] for independent rows, method `delta_method`; none
/// where the index or its variance does not exist or is 0.
///
/// `I ± z √(Σ w² ψ(b)²) / Σ w`, at least 0, with ψ the influence function; with weights this is the
/// linearisation of a ratio of weighted sums.
///
/// Source: Cowell 1989, Journal of Econometrics 42, 27–41; Särndal, Swensson, Wretman 1992, §5.5.
#[must_use]
pub fn delta(atoms: &[Atom], alpha: f64, level: f64) -> Option<Interval> {
    let m = moments(atoms, alpha).ok()?;
    let some = atoms.iter().filter(|atom| atom.weight > 0.0);
    let squares = sum(some.map(|atom| atom.square * m.influence(atom.benefit, alpha).powi(2)));
    let error = squares.sqrt() / m.weight;
    let (index, half) = (m.index(alpha), normal_quantile(0.5 + level / 2.0) * error);
    let method = "delta_method".to_owned();
    let interval = Interval { low: (index - half).max(0.0), high: index + half, level, method };
    (error > 0.0 && error.is_finite()).then_some(interval)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Unweighted rows.
    fn atoms(counts: &[(f64, f64)]) -> Vec<Atom> {
        counts.iter().map(|&(benefit, n)| Atom { benefit, weight: n, square: n }).collect()
    }

    fn close(a: f64, b: f64) {
        assert!((a - b).abs() < 1e-14, "{a} {b}");
    }

    #[test]
    fn by_hand() {
        // Benefits 0, 1, 2, mean 1: α = 2: (5/3 − 1)/2; α = 1: (2 ln 2)/3; α = 3: (9/3 − 1)/6.
        let three = atoms(&[(0.0, 1.0), (1.0, 1.0), (2.0, 1.0)]);
        close(generalized_entropy(&three, 2.0).unwrap(), 1.0 / 3.0);
        close(generalized_entropy(&three, 1.0).unwrap(), 2.0 * 2.0_f64.ln() / 3.0);
        close(generalized_entropy(&three, 3.0).unwrap(), 1.0 / 3.0);
        assert_eq!(generalized_entropy(&three, 0.0), Err(Undefined::ZeroDenominator));
        assert_eq!(generalized_entropy(&three, -1.0), Err(Undefined::ZeroDenominator));
        // Benefits 1, 2, mean 3/2: −(ln(2/3) + ln(4/3))/2 = −ln(8/9)/2.
        let two = atoms(&[(1.0, 1.0), (2.0, 1.0)]);
        close(generalized_entropy(&two, 0.0).unwrap(), -(8.0_f64 / 9.0).ln() / 2.0);
    }

    #[test]
    fn nothing_and_no_benefit_are_undefined_and_equality_is_zero() {
        assert_eq!(generalized_entropy(&[], 2.0), Err(Undefined::Empty));
        let none = atoms(&[(0.0, 3.0)]);
        assert_eq!(generalized_entropy(&none, 1.0), Err(Undefined::ZeroDenominator));
        for alpha in [0.0, 0.5, 1.0, 2.0] {
            close(generalized_entropy(&atoms(&[(1.0, 7.0)]), alpha).unwrap(), 0.0);
            assert_eq!(delta(&atoms(&[(1.0, 7.0)]), alpha, 0.95), None);
        }
    }

    #[test]
    fn alphas_near_the_limits_agree_with_them() {
        let some = atoms(&[(1.0, 5.0), (2.0, 3.0)]);
        for (near, limit) in [(1e-6, 0.0), (1.0 + 1e-6, 1.0)] {
            let (a, b) = (generalized_entropy(&some, near), generalized_entropy(&some, limit));
            assert!((a.unwrap() - b.unwrap()).abs() < 1e-6);
        }
    }

    #[test]
    fn the_influence_is_the_derivative() {
        // One more row of benefit b in n: n (I(with it) − I(without)) → ψ(b).
        let base = [(1.0, 4000.0), (2.0, 1000.0), (0.5, 500.0)];
        for alpha in [0.0, 0.5, 1.0, 2.0, 3.0] {
            let m = moments(&atoms(&base), alpha).unwrap();
            for benefit in [0.5, 1.0, 2.0] {
                let step = 1e-4;
                let mut more = base.to_vec();
                more.push((benefit, step));
                let there = generalized_entropy(&atoms(&more), alpha).unwrap();
                let slope = (there - m.index(alpha)) * m.weight / step;
                assert!((slope - m.influence(benefit, alpha)).abs() < 1e-4, "{alpha} {benefit}");
            }
        }
    }

    #[test]
    fn the_interval_by_hand() {
        // Fifty rows of 1 and of 3: μ = 2, E b² = 5, index (5/4 − 1)/2. ψ(b) = (b² − 5)/8 −
        // (5/8)(b − 2) = ±1/8, so the standard error is 1/8/√100.
        let i = delta(&atoms(&[(1.0, 50.0), (3.0, 50.0), (9.0, 0.0)]), 2.0, 0.95).unwrap();
        let half = 1.959_963_984_540_054 / 80.0;
        close(i.low, 0.125 - half);
        close(i.high, 0.125 + half);
        // Of four rows it would reach below 0.
        let i = delta(&atoms(&[(1.0, 2.0), (3.0, 2.0)]), 2.0, 0.99).unwrap();
        assert!(i.low.abs() < 1e-15 && i.high > 0.125);
    }

    #[test]
    fn weights_are_copies_in_the_index_but_not_in_its_error() {
        let copies = atoms(&[(1.0, 6.0), (2.0, 2.0)]);
        let weighted = [(1.0, 6.0, 12.0), (2.0, 2.0, 4.0)].map(|(benefit, weight, square)| Atom {
            benefit,
            weight,
            square,
        });
        for alpha in [0.0, 1.0, 2.0] {
            let index = |atoms| generalized_entropy(atoms, alpha).unwrap();
            close(index(&copies), index(&weighted));
            let width = |atoms| delta(atoms, alpha, 0.95).unwrap().high - index(atoms);
            close(width(&weighted), width(&copies) * 2.0_f64.sqrt());
        }
    }

    #[test]
    fn benefits_that_nobody_has_are_no_part_of_the_interval() {
        let some = atoms(&[(1.0, 10.0), (2.0, 20.0)]);
        let none = atoms(&[(0.0, 0.0), (1.0, 10.0), (2.0, 20.0)]);
        assert!(delta(&some, 0.0, 0.95).is_some());
        assert_eq!(delta(&none, 0.0, 0.95), delta(&some, 0.0, 0.95));
    }
}
