//! Permutation tests: how often labels dealt at random leave a gap as large as the one seen.

use crate::domain::{Seed, Stream, to_f64};
use statrs::function::gamma::ln_gamma;

/// What a permutation test found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Permuted {
    /// The largest gap of two groups, in standard errors.
    pub statistic: f64,
    /// The two-sided p-value.
    pub p: f64,
}

/// The p-value of a statistic that `exceed` of `draws` permutations reach: `(b + 1) / (m + 1)`.
///
/// Source: Davison and Hinkley 1997, Bootstrap Methods and their Application, §4.2; Phipson and Smyth
/// 2010, Statistical Applications in Genetics and Molecular Biology 9, 39.
#[must_use]
pub fn permutation_p(exceed: u32, draws: u32) -> f64 {
    (f64::from(exceed) + 1.0) / (f64::from(draws) + 1.0)
}

/// Counts how many of the permutations reach the statistic that was seen, up to a relative 1e-9.
pub(crate) fn permuted(
    seen: f64,
    draws: u32,
    mut permutation: impl FnMut() -> f64,
) -> Permuted {
    let bar = seen - 1e-9 * seen.abs();
    let exceed = (0..draws).filter(|_| permutation() >= bar).count();
    let exceed = u32::try_from(exceed).unwrap_or(u32::MAX);
    Permuted { statistic: seen, p: permutation_p(exceed, draws) }
}

/// Tests that all shares are equal by their largest gap, with the number of rows of each group and of
/// all hits as they are; `None` with fewer than two groups that have rows, or where all rows are alike.
///
/// The statistic is the largest `|pᵢ − pⱼ| / √(p(1−p)(1/nᵢ + 1/nⱼ))` over all pairs, `p` the share of all
/// rows; the hits are dealt to the groups by the hypergeometric distribution. Whatever the numbers of
/// rows, the chance of a p-value of at most `α` is at most `α` where the groups are alike.
/// Source: max-T: Westfall and Young 1993, Resampling-Based Multiple Testing, §2.3.
#[must_use]
pub fn permuted_shares(shares: &[(u64, u64)], draws: u32, seed: Seed) -> Option<Permuted> {
    let sides: Vec<(u64, u64)> = shares.iter().copied().filter(|(_, n)| *n > 0).collect();
    let (hits, rows) = sides.iter().fold((0, 0), |sum, side| (sum.0 + side.0, sum.1 + side.1));
    if sides.len() < 2 || hits == 0 || hits == rows {
        return None;
    }
    let pooled = to_f64(hits) / to_f64(rows);
    let scale = (pooled * (1.0 - pooled)).sqrt();
    let mut stream = seed.stream();
    let mut dealt = sides.clone();
    let permutation = || {
        let (mut rows, mut left) = (rows, hits);
        for (hits, n) in &mut dealt {
            *hits = hypergeometric(&mut stream, rows, left, *n);
            (rows, left) = (rows - *n, left - *hits);
        }
        widest(&dealt, scale)
    };
    Some(permuted(widest(&sides, scale), draws, permutation))
}

fn widest(shares: &[(u64, u64)], scale: f64) -> f64 {
    let mut widest = 0.0_f64;
    for (i, a) in shares.iter().enumerate() {
        for b in &shares[..i] {
            let gap = to_f64(a.0) / to_f64(a.1) - to_f64(b.0) / to_f64(b.1);
            let error = scale * (1.0 / to_f64(a.1) + 1.0 / to_f64(b.1)).sqrt();
            widest = widest.max(gap.abs() / error);
        }
    }
    widest
}

/// The hits among `taken` of `rows` rows of which `hits` are hits.
///
/// Exact, by inversion from the likeliest number outwards.
fn hypergeometric(draw: &mut Stream, rows: u64, hits: u64, taken: u64) -> u64 {
    let (least, most) = ((hits + taken).saturating_sub(rows), hits.min(taken));
    if least == most {
        return least;
    }
    let [all, k, n] = [rows, hits, taken].map(to_f64);
    let log_choose = |n: f64, k: f64| ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0);
    let mode = ((n + 1.0) * (k + 1.0) / (all + 2.0)).floor();
    let mode = super::multinomial::count(mode).clamp(least, most);
    let at = to_f64(mode);
    let chance = (log_choose(k, at) + log_choose(all - k, n - at) - log_choose(all, n)).exp();
    let mut left = draw.uniform() - chance;
    let ((mut low, mut below), (mut high, mut above)) = ((mode, chance), (mode, chance));
    while left >= 0.0 && (low > least || high < most) {
        if high < most {
            let x = to_f64(high);
            above *= (k - x) * (n - x) / ((x + 1.0) * (all - k - n + x + 1.0));
            high += 1;
            left -= above;
            if left < 0.0 {
                return high;
            }
        }
        if low > least {
            let x = to_f64(low);
            below *= x * (all - k - n + x) / ((k - x + 1.0) * (n - x + 1.0));
            low -= 1;
            left -= below;
            if left < 0.0 {
                return low;
            }
        }
    }
    mode
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::fisher_exact;

    #[test]
    fn hits_follow_the_hypergeometric_distribution() {
        // 4 of 10 rows with 5 hits: chances C(5,k) C(5,4−k) / 210 = 5, 50, 100, 50, 5 of 210.
        let mut draw = Seed::new(3).stream();
        let mut counts = [0_u32; 5];
        for _ in 0..21_000 {
            counts[usize::try_from(hypergeometric(&mut draw, 10, 5, 4)).unwrap()] += 1;
        }
        for (found, expected) in counts.into_iter().zip([500.0, 5000.0, 10_000.0, 5000.0, 500.0]) {
            assert!((f64::from(found) - expected).abs() < 5.0 * f64::sqrt(expected), "{counts:?}");
        }
        // Nothing left to chance: all rows, no row, no hit, only hits.
        let mut none = |rows, hits, taken| hypergeometric(&mut draw, rows, hits, taken);
        assert_eq!([none(9, 4, 9), none(9, 4, 0), none(9, 0, 5), none(9, 9, 5)], [4, 0, 0, 5]);
        // Of 9 rows with 7 hits, 5 hold at least 3.
        assert!((0..200).all(|_| (3..=5).contains(&none(9, 7, 5))));
    }

    #[test]
    fn many_rows_have_the_mean_and_spread_of_the_distribution() {
        let mut draw = Seed::new(4).stream();
        let drawn: Vec<f64> =
            (0..4000).map(|_| to_f64(hypergeometric(&mut draw, 10_000, 3000, 2000))).collect();
        let mean = crate::stats::sum(drawn.iter().copied()) / 4000.0;
        let spread = crate::stats::sum(drawn.iter().map(|x| (x - mean).powi(2))) / 4000.0;
        // n K/N = 600, n (K/N)(1 − K/N)(N − n)/(N − 1) = 336.03.
        assert!((mean - 600.0).abs() < 1.5 && (spread / 336.03 - 1.0).abs() < 0.1, "{mean} {spread}");
    }

    #[test]
    fn of_two_groups_of_equal_size_it_is_fishers_test() {
        let (a, b) = ((9, 20), (3, 20));
        let found = permuted_shares(&[a, b], 20_000, Seed::new(5)).unwrap();
        let exact = fisher_exact(a, b).unwrap();
        assert!((found.p - exact).abs() < 4.0 * (exact / 20_000.0).sqrt(), "{found:?} {exact}");
        // z = 0.3 / √(0.3 · 0.7 · 0.1)
        assert!((found.statistic - 0.3 / 0.021_f64.sqrt()).abs() < 1e-12);
        assert_eq!(found, permuted_shares(&[a, (0, 0), b], 20_000, Seed::new(5)).unwrap());
    }

    #[test]
    fn nothing_to_compare_has_no_test() {
        assert_eq!(permuted_shares(&[(1, 2)], 9, Seed::new(1)), None);
        assert_eq!(permuted_shares(&[(0, 2), (0, 3)], 9, Seed::new(1)), None);
        assert_eq!(permuted_shares(&[(2, 2), (3, 3), (0, 0)], 9, Seed::new(1)), None);
    }

    #[test]
    fn a_p_value_is_never_zero() {
        assert!((permutation_p(0, 999) - 0.001).abs() < 1e-15);
        let found = permuted_shares(&[(50, 50), (0, 50)], 99, Seed::new(1)).unwrap();
        assert!((found.p - 0.01).abs() < 1e-15);
        // A statistic that every permutation reaches, up to rounding.
        let all = permuted(0.3, 99, || 0.1 + 0.2 - 1e-12);
        assert!((all.p - 1.0).abs() < 1e-15);
    }
}
