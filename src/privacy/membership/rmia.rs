//! Relative membership inference: the target's probability of the true class against that of the
//! references.

use super::calibrated::against;
use super::logs::softplus;
use super::ranks::ascending;
use super::{Needs, Probe, References, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed, to_f64};
use crate::stats;

crate::check! {
    /// Rows whose true class the target gives more probability than the references do on average are
    /// taken for members; references that have seen the row count as well.
    ///
    /// **Formula** `ln p(x|θ) − ln mean_θ′ p(x|θ′)` over all references, both logarithms from `φ`. The paper
    /// compares the ratio with those of a population (`share of z with ratio(x) ≥ γ ratio(z)`), which keeps
    /// the order and only adds ties, so here the population serves for thresholds alone.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has no IN or no OUT reference.
    /// **Source** Zarifzadeh, Liu, Shokri 2024 (arXiv 2312.03262).
    /// **Peer** `PrivacyGuard`; Privacy Meter dropped it in version 2. Their tied scores can read a TPR of 0
    /// at 0.1 % false alarms where the ratio finds 6 %.
    RmiaOnline, "PR044", "rmia.online", Ideal::None
}

crate::check! {
    /// Rows whose true class the target gives more probability than models that have not seen them
    /// are taken for members.
    ///
    /// **Formula** `ln p(x|θ) − ln ½((1 + a) mean_OUT p(x|θ′) + 1 − a)`, where `a` of 0, 0.1, …, 1 is the one
    /// with the largest AUC when references that are held out are attacked with the others; 0.3 where
    /// that cannot be done. Ranked without the population, see `rmia.online`.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has no OUT reference.
    /// **Source** Zarifzadeh, Liu, Shokri 2024, §3 and appendix B.2 (arXiv 2312.03262).
    /// **Peer** Privacy Meter `run_rmia`, which tunes `a` for one reference and then uses many, and takes the
    /// k largest of the 2k probabilities of a population row as if they were its OUT ones.
    RmiaOffline, "PR045", "rmia.offline", Ideal::None
}

/// Held-out references that `a` is tuned on, and rows of each.
const TUNED_ON: (usize, usize) = (4, 4000);
/// `a` where nothing can be held out: the paper's value for image data.
const UNTUNED: f64 = 0.3;

impl Probe for RmiaOnline {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { inside: 1, outside: 1, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        against(scene, |phi, references, row, _| {
            marginal(references.phi(row).iter().copied())
                .map_or(0.0, |mean| log_ratio(phi, mean, 1.0))
        })
    }
}

impl Probe for RmiaOffline {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { outside: 1, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        offline(scene, tuned(scene))
    }
}

/// The offline ratio with a given `a`.
pub(super) fn offline(scene: &Scene, a: f64) -> Scored {
    against(scene, |phi, references, row, _| {
        marginal(outside(references, row, &[])).map_or(0.0, |mean| log_ratio(phi, mean, a))
    })
}

/// `φ` of the references that did not see the row, less some.
fn outside<'a>(
    references: &'a References,
    row: usize,
    without: &'a [usize],
) -> impl Iterator<Item = f64> + 'a {
    let phi = references.phi(row).iter().enumerate();
    phi.filter(move |(m, _)| !references.saw(row, *m) && !without.contains(m)).map(|(_, v)| *v)
}

/// Mean probability of the true class over some references, and mean of what it lacks of 1: the
/// small ones of both are exact, so that confident models keep their order.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Marginal {
    p: f64,
    lacks: f64,
}

/// None without a reference.
fn marginal(phi: impl Iterator<Item = f64>) -> Option<Marginal> {
    let (mut p, mut lacks, mut n) = (0.0, 0.0, 0_u64);
    for phi in phi {
        let small = (-phi.abs()).exp();
        let (least, most) = (small / (1.0 + small), 1.0 / (1.0 + small));
        p += if phi < 0.0 { least } else { most };
        lacks += if phi < 0.0 { most } else { least };
        n += 1;
    }
    let n_f = to_f64(n);
    (n > 0).then(|| Marginal { p: p / n_f, lacks: lacks / n_f })
}

/// `ln p − ln ½((1 + a) p̄ + 1 − a)`.
fn log_ratio(phi: f64, mean: Marginal, a: f64) -> f64 {
    let half = f64::midpoint(1.0, a);
    let ln_mean = if mean.lacks > 0.5 {
        half.mul_add(mean.p, 1.0 - half).max(f64::MIN_POSITIVE).ln()
    } else {
        (-half * mean.lacks).ln_1p()
    };
    -softplus(-phi) - ln_mean
}

/// The `a` with the largest AUC, summed over references that are attacked with the others.
pub(super) fn tuned(scene: &Scene) -> f64 {
    let Some(references) = &scene.references else { return UNTUNED };
    let step = references.pool().div_ceil(TUNED_ON.1).max(1);
    let mut totals = [0.0; 11];
    let mut held = 0;
    for target in 0..references.models().min(TUNED_ON.0) {
        let Some(rows) = rows_of(references, target, step) else { continue };
        held += 1;
        for (i, total) in totals.iter_mut().enumerate() {
            let a = to_f64(u64::try_from(i).unwrap_or(0)) / 10.0;
            let of = |wanted: bool| -> Vec<f64> {
                let side = rows.iter().filter(|row| row.2 == wanted);
                ascending(side.map(|(phi, mean, _)| log_ratio(*phi, *mean, a)))
            };
            *total += stats::sorted_auc(&of(true), &of(false)).unwrap_or(0.5);
        }
    }
    let best = (0..totals.len()).max_by(|x, y| totals[*x].total_cmp(&totals[*y]).then(y.cmp(x)));
    let best = best.and_then(|i| u64::try_from(i).ok()).map(|i| to_f64(i) / 10.0);
    best.filter(|_| held > 0).unwrap_or(UNTUNED)
}

/// `φ` of a held-out reference, what the others say, and whether it saw the row; none if a row is
/// left without an OUT reference. Its own complement is no reference of it.
fn rows_of(
    references: &References,
    target: usize,
    step: usize,
) -> Option<Vec<(f64, Marginal, bool)>> {
    let rows: Vec<usize> = (0..references.pool()).step_by(step).collect();
    let opposite =
        |m: usize| rows.iter().all(|r| references.saw(*r, m) != references.saw(*r, target));
    let mut without = vec![target];
    without.extend((0..references.models()).find(|m| opposite(*m)));
    let of = |row: &usize| {
        let mean = marginal(outside(references, *row, &without))?;
        Some((references.phi(*row)[target], mean, references.saw(*row, target)))
    };
    rows.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ratio_by_hand() {
        // p = ¾ against a mean of ½: ln 1.5; offline with a = 0: ¾ / ½(½ + 1) = 1.
        let (phi, mean) = (3.0_f64.ln(), Marginal { p: 0.5, lacks: 0.5 });
        assert!((log_ratio(phi, mean, 1.0) - 1.5_f64.ln()).abs() < 1e-15);
        assert!(log_ratio(phi, mean, 0.0).abs() < 1e-15);
        let mean = marginal([0.0, f64::INFINITY].into_iter()).unwrap();
        assert!((mean.p - 0.75).abs() < 1e-15 && (mean.lacks - 0.25).abs() < 1e-15);
        assert_eq!(marginal(std::iter::empty()), None);
    }

    #[test]
    fn certain_models_keep_their_order() {
        // All probabilities are 1, or 0, in f64.
        let score = |phi: f64, others: f64| {
            log_ratio(phi, marginal([others, others].into_iter()).unwrap(), 1.0)
        };
        assert!(score(50.0, 48.0) < score(60.0, 48.0));
        assert!((score(-50.0, -60.0) - 10.0).abs() < 1e-12, "{}", score(-50.0, -60.0));
        assert!(score(-800.0, -900.0).is_finite());
    }
}
