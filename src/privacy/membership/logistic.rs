//! An attacker that is trained: which mixture of the scores tells members best?

use super::logs::{predicted, scaled_confidence};
use super::{Needs, Probe, Scene, Scored, entropy, hinge, loss, max_confidence, modified_entropy};
use crate::domain::{Ideal, Meta, Seed, to_f64};

crate::check! {
    /// A logistic regression learns from rows whose membership it is told, and scores other rows.
    ///
    /// **Formula** log odds of membership given φ, loss, entropy, modified entropy, largest probability,
    /// margin and correctness, standardised; ridge 1e-4 per row; five folds with equal shares of members,
    /// each scored by the regression of the other four.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where only losses are stored; never for finite logits; it knows more than an outsider would, so it is an upper
    /// bound of what these scores give away together. The folds' errors have one cause, so the variance
    /// of its AUC is doubled, which is what it comes to where there is nothing to learn.
    /// **Source** Shokri et al. 2017 (arXiv 1610.05820), Salem et al. 2019 (arXiv 1806.01246).
    /// **Peer** `tensorflow_privacy` logistic-regression attacker on logits and loss.
    Logistic, "PR032", "attacker.logistic", Ideal::None
}

/// Parts of the rows, each scored by a regression that has not seen it.
const FOLDS: usize = 5;
/// Steps of Newton's method; it has converged long before.
const STEPS: usize = 30;
/// Weight of the ridge for each row.
const RIDGE: f64 = 1e-4;

impl Probe for Logistic {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs::OUTPUTS
    }

    fn learns(&self) -> bool {
        true
    }

    fn scores(&self, scene: &Scene, seed: Seed) -> Scored {
        let features: Vec<Vec<f64>> = (0..scene.pool.len())
            .map(|i| features(scene.pool.row(i).0, scene.pool.row(i).1))
            .collect();
        let pool = cross_fitted(&features, &scene.member, seed.child("folds"));
        Scored { pool, population: Vec::new() }
    }
}

fn features(logits: &[f64], label: usize) -> Vec<f64> {
    vec![
        scaled_confidence(logits, label),
        loss::score(logits, label),
        entropy::score(logits, label),
        modified_entropy::score(logits, label),
        max_confidence::score(logits, label),
        hinge::score(logits, label),
        f64::from(u8::from(predicted(logits) == label)),
    ]
}

/// The log odds of each row by a regression on the other folds. Rows of features are equally long.
pub(super) fn cross_fitted(features: &[Vec<f64>], member: &[bool], seed: Seed) -> Vec<f64> {
    let fold = folds(member, seed);
    let standard = standardised(features);
    let mut scores = vec![0.0; member.len()];
    for wanted in 0..FOLDS {
        let rows: Vec<usize> = (0..member.len()).filter(|i| fold[*i] != wanted).collect();
        let weights = regression(&standard, member, &rows);
        for i in (0..member.len()).filter(|i| fold[*i] == wanted) {
            scores[i] = dot(&weights, &standard[i]);
        }
    }
    scores
}

/// The fold of each row: members and non-members are dealt out apart, in a drawn order.
fn folds(member: &[bool], seed: Seed) -> Vec<usize> {
    let mut draw = seed.stream();
    let mut fold = vec![0; member.len()];
    for side in [true, false] {
        let mut rows: Vec<usize> = (0..member.len()).filter(|i| member[*i] == side).collect();
        draw.shuffle(&mut rows);
        for (place, row) in rows.into_iter().enumerate() {
            fold[row] = place % FOLDS;
        }
    }
    fold
}

/// A constant, then each feature less its mean, in standard deviations.
fn standardised(features: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = count(features.len()).max(1.0);
    let width = features.first().map_or(0, Vec::len);
    let column = |j: usize| {
        let mean = features.iter().map(|f| f[j]).sum::<f64>() / n;
        let square = features.iter().map(|f| (f[j] - mean) * (f[j] - mean)).sum::<f64>() / n;
        (mean, square.sqrt())
    };
    let columns: Vec<(f64, f64)> = (0..width).map(column).collect();
    let scaled = |(x, (mean, sigma)): (&f64, &(f64, f64))| {
        if *sigma > 1e-12 { (x - mean) / sigma } else { 0.0 }
    };
    let row =
        |f: &Vec<f64>| std::iter::once(1.0).chain(f.iter().zip(&columns).map(scaled)).collect();
    features.iter().map(row).collect()
}

/// Ridge logistic regression by Newton's method; the constant is not held back.
fn regression(features: &[Vec<f64>], member: &[bool], rows: &[usize]) -> Vec<f64> {
    let width = features.first().map_or(0, Vec::len);
    let ridge = RIDGE * count(rows.len());
    let mut weights = vec![0.0; width];
    for _ in 0..STEPS {
        let mut gradient = vec![0.0; width];
        let mut hessian = vec![vec![0.0; width]; width];
        for j in 1..width {
            gradient[j] = -ridge * weights[j];
            hessian[j][j] = ridge;
        }
        for &i in rows {
            let x = &features[i];
            let p = 1.0 / (1.0 + (-dot(&weights, x)).exp());
            let (error, curve) = (f64::from(u8::from(member[i])) - p, (p * (1.0 - p)).max(1e-9));
            for j in 0..width {
                gradient[j] += error * x[j];
                for k in 0..=j {
                    hessian[j][k] += curve * x[j] * x[k];
                }
            }
        }
        let step = solved(hessian, gradient);
        weights.iter_mut().zip(&step).for_each(|(w, s)| *w += s.clamp(-10.0, 10.0));
        if step.iter().all(|s| s.abs() < 1e-10) {
            break;
        }
    }
    weights
}

/// `A⁻¹ b` by Cholesky; only the lower half of `A` is read. A direction without curvature gets 0.
fn solved(mut a: Vec<Vec<f64>>, mut b: Vec<f64>) -> Vec<f64> {
    let n = b.len();
    for j in 0..n {
        for k in 0..=j {
            let inner: f64 = (0..k).map(|l| a[j][l] * a[k][l]).sum();
            let left = a[j][k] - inner;
            a[j][k] = match (j == k, a[k][k] > 0.0) {
                (true, _) => left.max(0.0).sqrt(),
                (false, true) => left / a[k][k],
                (false, false) => 0.0,
            };
        }
    }
    let over = |x: f64, pivot: f64| if pivot > 0.0 { x / pivot } else { 0.0 };
    for j in 0..n {
        let inner: f64 = (0..j).map(|l| a[j][l] * b[l]).sum();
        b[j] = over(b[j] - inner, a[j][j]);
    }
    for j in (0..n).rev() {
        let inner: f64 = (j + 1..n).map(|l| a[l][j] * b[l]).sum();
        b[j] = over(b[j] - inner, a[j][j]);
    }
    b
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn count(n: usize) -> f64 {
    to_f64(u64::try_from(n).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_equations_are_solved() {
        // [[4, 2], [2, 3]] x = (8, 7): x = (1.25, 1.5).
        let x = solved(vec![vec![4.0, 0.0], vec![2.0, 3.0]], vec![8.0, 7.0]);
        assert!((x[0] - 1.25).abs() < 1e-12 && (x[1] - 1.5).abs() < 1e-12, "{x:?}");
    }

    #[test]
    fn a_planted_odds_ratio_is_found() {
        // P(member) = logistic(1 + 2x).
        let mut draw = Seed::new(2).stream();
        let features: Vec<Vec<f64>> = (0..20_000).map(|_| vec![1.0, draw.normal()]).collect();
        let odds = |f: &Vec<f64>| 1.0 / (1.0 + (-1.0 - 2.0 * f[1]).exp());
        let member: Vec<bool> = features.iter().map(|f| draw.flip(odds(f))).collect();
        let rows: Vec<usize> = (0..features.len()).collect();
        let weights = regression(&features, &member, &rows);
        assert!((weights[0] - 1.0).abs() < 0.1 && (weights[1] - 2.0).abs() < 0.1, "{weights:?}");
    }

    #[test]
    fn folds_hold_members_and_others_in_equal_shares() {
        let member: Vec<bool> = (0..100).map(|i| i < 40).collect();
        let fold = folds(&member, Seed::new(1));
        for wanted in 0..FOLDS {
            let of =
                |side: bool| (0..100).filter(|i| fold[*i] == wanted && member[*i] == side).count();
            assert_eq!((of(true), of(false)), (8, 12));
        }
    }
}
