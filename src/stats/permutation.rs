//! Permutation tests: how often labels dealt at random leave a gap as large as the one seen.

use crate::domain::{Seed, Stream, to_f64};
use rayon::prelude::*;
use statrs::function::gamma::ln_gamma;

/// What a permutation test found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Permuted {
    /// What was seen.
    pub statistic: f64,
    /// The p-value.
    pub p: f64,
    /// Permutations that it took.
    pub permutations: u32,
}

/// Permutations at most.
const MOST: u32 = 9999;
/// Permutations that reach what was seen, after which no more are needed.
const ENOUGH: u32 = 50;
/// Permutations that are made at once.
const BATCH: u32 = 100;

/// Counts how many permutations reach what was `seen`, up to a relative 1e-9, and stops after 50 of
/// these or 9,999 of all.
///
/// The p-value is `50 / l` where the `l`th permutation is the 50th that reaches it, else `(b + 1) / 10000`
/// with `b` of them. If every order of what was seen and the permutations is equally likely, the chance
/// of a p-value of at most `α` is at most `α`. Each permutation has a stream of its own, so that the
/// number of threads does not matter.
/// Source: Besag and Clifford 1991, Biometrika 78, 301–304; never 0: Phipson and Smyth 2010, Statistical
/// Applications in Genetics and Molecular Biology 9, 39.
pub(crate) fn permuted(
    seen: f64,
    seed: Seed,
    permutation: impl Fn(&mut Stream) -> f64 + Sync,
) -> Permuted {
    let bar = if seen.is_finite() { seen - 1e-9 * seen.abs() } else { seen };
    let reaches = |draw: u32| permutation(&mut seed.child(&draw.to_string()).stream()) >= bar;
    let (mut made, mut reached) = (0, 0);
    while made < MOST {
        let batch = made..MOST.min(made + BATCH);
        let found: Vec<bool> = batch.into_par_iter().map(reaches).collect();
        for found in found {
            made += 1;
            reached += u32::from(found);
            if reached == ENOUGH {
                let p = f64::from(ENOUGH) / f64::from(made);
                return Permuted { statistic: seen, p, permutations: made };
            }
        }
    }
    let p = f64::from(reached + 1) / f64::from(MOST + 1);
    Permuted { statistic: seen, p, permutations: made }
}

/// Tests that all shares are equal by their largest gap, with the number of rows of each group and of
/// all hits as they are; `None` with fewer than two groups that have rows, or where all rows are alike.
///
/// The statistic is the largest `|pᵢ − pⱼ| / √(p(1−p)(1/nᵢ + 1/nⱼ))` over all pairs, `p` the share of all
/// rows; the hits are dealt to the groups by the hypergeometric distribution. Whatever the numbers of
/// rows, the chance of a p-value of at most `α` is at most `α` where the groups are alike.
/// Source: max-T: Westfall and Young 1993, Resampling-Based Multiple Testing, §2.3.
#[must_use]
pub fn permuted_shares(shares: &[(u64, u64)], seed: Seed) -> Option<Permuted> {
    let sides: Vec<(u64, u64)> = shares.iter().copied().filter(|(_, n)| *n > 0).collect();
    let (hits, rows) = sides.iter().fold((0, 0), |sum, side| (sum.0 + side.0, sum.1 + side.1));
    if sides.len() < 2 || hits == 0 || hits == rows {
        return None;
    }
    let pooled = to_f64(hits) / to_f64(rows);
    let scale = (pooled * (1.0 - pooled)).sqrt();
    let permutation = |stream: &mut Stream| {
        let (mut rows, mut left, mut dealt) = (rows, hits, sides.clone());
        for (hits, n) in &mut dealt {
            *hits = hypergeometric(stream, rows, left, *n);
            (rows, left) = (rows - *n, left - *hits);
        }
        widest(&dealt, scale)
    };
    Some(permuted(widest(&sides, scale), seed, permutation))
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
    fn the_rarer_side_is_reached_where_the_likeliest_number_is_at_an_end() {
        // One hit among ten rows is not among nine of them in one of ten draws, nor is one of nine misses
        // the one that is taken.
        let mut draw = Seed::new(7).stream();
        let mut rare = |hits, taken, number| {
            let drawn = (0..4000).filter(|_| hypergeometric(&mut draw, 10, hits, taken) == number);
            u32::try_from(drawn.count()).unwrap()
        };
        for found in [rare(1, 9, 0), rare(9, 1, 0), rare(1, 1, 1), rare(9, 9, 9)] {
            assert!((310..=490).contains(&found), "{found}");
        }
    }

    #[test]
    fn many_rows_have_the_mean_and_spread_of_the_distribution() {
        let mut draw = Seed::new(4).stream();
        let drawn: Vec<f64> =
            (0..4000).map(|_| to_f64(hypergeometric(&mut draw, 10_000, 3000, 2000))).collect();
        let mean = crate::stats::sum(drawn.iter().copied()) / 4000.0;
        let spread = crate::stats::sum(drawn.iter().map(|x| (x - mean).powi(2))) / 4000.0;
        // n K/N = 600, n (K/N)(1 − K/N)(N − n)/(N − 1) = 336.03.
        assert!(
            (mean - 600.0).abs() < 1.5 && (spread / 336.03 - 1.0).abs() < 0.1,
            "{mean} {spread}"
        );
    }

    #[test]
    fn of_two_groups_of_equal_size_it_is_fishers_test() {
        let (a, b) = ((9, 20), (5, 20));
        let found = permuted_shares(&[a, b], Seed::new(5)).unwrap();
        let exact = fisher_exact(a, b).unwrap();
        // A p-value from 50 hits has a relative error of 0.14.
        assert!((found.p / exact - 1.0).abs() < 0.4, "{found:?} {exact}");
        // 14 of 40: z = 0.2 / √(0.35 · 0.65 · 0.1)
        assert!((found.statistic - 0.2 / 0.022_75_f64.sqrt()).abs() < 1e-12);
        assert_eq!(found, permuted_shares(&[a, (0, 0), b], Seed::new(5)).unwrap());
    }

    #[test]
    fn of_three_groups_it_is_the_share_of_all_ways_to_deal() {
        // 4 hits among 2, 3 and 4 rows: all 126 ways to choose the rows that are hits.
        let sides = [(2, 2), (0, 3), (2, 4)];
        let scale = (4.0_f64 / 9.0 * 5.0 / 9.0).sqrt();
        let seen = widest(&sides, scale);
        let (mut reach, mut all) = (0_u32, 0_u32);
        for hits in (0_u32..512).filter(|hits| hits.count_ones() == 4) {
            let of = |mask: u32| u64::from((hits & mask).count_ones());
            let dealt = [(of(0b11), 2), (of(0b1_1100), 3), (of(0b1_1110_0000), 4)];
            all += 1;
            reach += u32::from(widest(&dealt, scale) >= seen - 1e-9);
        }
        let exact = f64::from(reach) / f64::from(all);
        let found: Vec<f64> =
            (0..60).map(|s| permuted_shares(&sides, Seed::new(s)).unwrap().p).collect();
        let mean = crate::stats::sum(found.iter().copied()) / 60.0;
        assert!(all == 126 && (mean / exact - 1.0).abs() < 0.08, "{mean} {exact}");
    }

    #[test]
    fn nothing_to_compare_has_no_test() {
        assert_eq!(permuted_shares(&[(1, 2)], Seed::new(1)), None);
        assert_eq!(permuted_shares(&[(0, 2), (0, 3)], Seed::new(1)), None);
        assert_eq!(permuted_shares(&[(2, 2), (3, 3), (0, 0)], Seed::new(1)), None);
        assert_eq!(permuted_shares(&[(1, 3), (0, 0)], Seed::new(1)), None);
    }

    #[test]
    fn a_p_value_is_never_zero_and_a_large_one_takes_few_permutations() {
        let found = permuted_shares(&[(50, 50), (0, 50)], Seed::new(1)).unwrap();
        assert!((found.p - 1e-4).abs() < 1e-15 && found.permutations == 9999);
        // A statistic that every permutation reaches, up to rounding.
        let all = permuted(0.3, Seed::new(1), |_| 0.1 + 0.2 - 1e-12);
        assert!((all.p - 1.0).abs() < 1e-15 && all.permutations == 50);
        // Half of them: 50 / l with l near 100.
        let half = permuted(0.5, Seed::new(2), Stream::uniform);
        assert!((half.p - 50.0 / f64::from(half.permutations)).abs() < 1e-15);
        assert!((70..140).contains(&half.permutations), "{half:?}");
        // No gap is less than a small one.
        let small = permuted(1e-12, Seed::new(3), |_| 0.0);
        assert!((small.p - 1e-4).abs() < 1e-15);
        // Infinite gaps are as large as each other.
        let far = permuted(f64::INFINITY, Seed::new(3), |_| f64::INFINITY);
        assert!((far.p - 1.0).abs() < 1e-15);
    }

    #[test]
    fn threads_do_not_matter() {
        let of = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| permuted_shares(&[(9, 20), (3, 20), (10, 30)], Seed::new(9)))
        };
        assert!(of(1) == of(2) && of(2) == of(4) && of(1).is_some());
    }

    #[test]
    fn small_p_values_are_no_likelier_than_they_say() {
        // 1,000 tables of small unequal groups of one rate: at most 50 + 3.3 standard errors below 0.05.
        let mut draw = Seed::new(6).stream();
        let mut hits = |n: u64| (0..n).map(|_| u64::from(draw.flip(0.3))).sum::<u64>();
        let (mut at_5, mut at_20) = (0, 0);
        for table in 0..1000 {
            let sides = [5, 12, 40].map(|n| (hits(n), n));
            let p = permuted_shares(&sides, Seed::new(table)).map_or(1.0, |found| found.p);
            at_5 += u32::from(p <= 0.05);
            at_20 += u32::from(p <= 0.2);
        }
        assert!((20..=72).contains(&at_5) && at_20 <= 241, "{at_5} {at_20}");
    }
}
