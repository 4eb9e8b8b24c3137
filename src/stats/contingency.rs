//! Tests of two or more shares: exact, score, and chi-square without continuity correction.
//!
//! A share is `(hits, n)` with `hits ≤ n`.

use super::normal::normal_cdf;
use crate::domain::to_f64;
use statrs::function::gamma::{gamma_ur, ln_gamma};

/// The two-sided p-value of Fisher's exact test that two shares are equal; `None` when a side has
/// no row.
///
/// The sum of the chances of all tables with the same margins that are not likelier than the one
/// seen; a table counts as equally likely within a relative 1e-7.
/// Source: Fisher 1935, Journal of the Royal Statistical Society 98, 39–82; two sides: Freeman and
/// Halton 1951, Biometrika 38, 141–149.
#[must_use]
pub fn fisher_exact(a: (u64, u64), b: (u64, u64)) -> Option<f64> {
    if a.1 == 0 || b.1 == 0 {
        return None;
    }
    let hits = a.0 + b.0;
    let (least, most) = (hits.saturating_sub(b.1), hits.min(a.1));
    let log_choose = |n: u64, k: u64| {
        ln_gamma(to_f64(n) + 1.0) - ln_gamma(to_f64(k) + 1.0) - ln_gamma(to_f64(n - k) + 1.0)
    };
    let log_chance = |k: u64| log_choose(a.1, k) + log_choose(b.1, hits - k);
    let mode = mode(a.1, b.1, hits).clamp(least, most);
    let (highest, seen) = (log_chance(mode), log_chance(a.0));
    let up = |k: u64| {
        let free = b.1 + k + 1 - hits;
        to_f64(a.1 - k) * to_f64(hits - k) / (to_f64(k + 1) * to_f64(free))
    };
    // Chances relative to the highest, from `from` to an end; what follows is negligible.
    let tail = |from: u64, rising: bool| {
        let (mut k, mut term, mut sum) = (from, (log_chance(from) - highest).exp(), 0.0);
        while term > sum * 1e-18 {
            sum += term;
            if k == (if rising { most } else { least }) {
                break;
            }
            term *= if rising { up(k) } else { 1.0 / up(k - 1) };
            k = if rising { k + 1 } else { k - 1 };
        }
        sum
    };
    let all = tail(mode, true) + tail(mode, false) - 1.0;
    // Chances fall on both sides of the mode: the tables no likelier than the one seen are two tails.
    let unlikely = |k: u64| log_chance(k) - seen <= 1e-7;
    let low = last(least, mode, unlikely).map_or(0.0, |k| tail(k, false));
    let high = last(most, mode, unlikely).map_or(0.0, |k| tail(k, true));
    let twice = unlikely(mode);
    Some(if twice { 1.0 } else { ((low + high) / all).min(1.0) })
}

/// The likeliest number of hits on the first side.
fn mode(a: u64, b: u64, hits: u64) -> u64 {
    let (a, b, hits) = (u128::from(a), u128::from(b), u128::from(hits));
    u64::try_from((a + 1) * (hits + 1) / (a + b + 2)).unwrap_or(u64::MAX)
}

/// The place nearest to `to` that holds, of places that hold from `from` on and then no more.
fn last(from: u64, to: u64, holds: impl Fn(u64) -> bool) -> Option<u64> {
    if !holds(from) {
        return None;
    }
    let (mut yes, mut no) = (from, to);
    while yes.abs_diff(no) > 1 {
        let middle = yes.midpoint(no);
        if holds(middle) { yes = middle } else { no = middle }
    }
    Some(yes)
}

/// The pooled z statistic of `p_a − p_b`, positive where `a` is higher, and its two-sided p-value;
/// `None` when a side has no row or all rows are alike.
///
/// `(p_a − p_b) / √(p(1−p)(1/n_a + 1/n_b))`, `p` the share of both together. Its square is Pearson's
/// chi-square. It holds where every expected cell is 5 or more.
/// Source: Pearson 1900; as a test of two shares Upton 1982, JRSS A 145, 86–105.
#[must_use]
pub fn two_proportion_z(a: (u64, u64), b: (u64, u64)) -> Option<(f64, f64)> {
    let (rows, hits) = (a.1 + b.1, a.0 + b.0);
    if a.1 == 0 || b.1 == 0 || hits == 0 || hits == rows {
        return None;
    }
    let share = |(hits, n): (u64, u64)| to_f64(hits) / to_f64(n);
    let pooled = share((hits, rows));
    let error = (pooled * (1.0 - pooled) * (1.0 / to_f64(a.1) + 1.0 / to_f64(b.1))).sqrt();
    let z = (share(a) - share(b)) / error;
    Some((z, (2.0 * normal_cdf(-z.abs())).min(1.0)))
}

/// Pearson's chi-square that all shares are equal, its degrees of freedom and its p-value, without
/// continuity correction; `None` with fewer than two sides that have rows, or where all rows are alike.
///
/// It holds where every expected cell is 5 or more.
/// Source: Pearson 1900, Philosophical Magazine 50, 157–175.
#[must_use]
pub fn chi_square(shares: &[(u64, u64)]) -> Option<(f64, u64, f64)> {
    let sides: Vec<(u64, u64)> = shares.iter().copied().filter(|(_, n)| *n > 0).collect();
    let (hits, rows) = sides.iter().fold((0, 0), |sum, side| (sum.0 + side.0, sum.1 + side.1));
    let freedom = u64::try_from(sides.len()).ok()?.checked_sub(1).filter(|freedom| *freedom > 0)?;
    if hits == 0 || hits == rows {
        return None;
    }
    let pooled = to_f64(hits) / to_f64(rows);
    let part = |(hits, n): &(u64, u64)| {
        let gap = to_f64(*hits) - to_f64(*n) * pooled;
        gap * gap / (to_f64(*n) * pooled * (1.0 - pooled))
    };
    let statistic = super::sum(sides.iter().map(part));
    Some((statistic, freedom, chi_square_tail(statistic, freedom)))
}

/// The chance that a chi-square variable with `freedom` degrees of freedom exceeds `statistic`.
fn chi_square_tail(statistic: f64, freedom: u64) -> f64 {
    if statistic <= 0.0 { 1.0 } else { gamma_ur(to_f64(freedom) / 2.0, statistic / 2.0) }
}

/// The smallest expected count of the table in which all shares are equal; 0 without rows.
#[must_use]
pub fn least_expected(shares: &[(u64, u64)]) -> f64 {
    let (hits, rows) = shares.iter().fold((0, 0), |sum, side| (sum.0 + side.0, sum.1 + side.1));
    let rarer = to_f64(hits.min(rows - hits));
    let smallest = shares.iter().map(|side| side.1).min().unwrap_or(0);
    if rows == 0 { 0.0 } else { rarer * to_f64(smallest) / to_f64(rows) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lady_tasting_tea() {
        // 3 of 4 against 1 of 4: (16 + 16 + 1 + 1) / 70.
        let p = fisher_exact((3, 4), (1, 4)).unwrap();
        assert!((p - 34.0 / 70.0).abs() < 1e-12, "{p}");
        assert!((fisher_exact((4, 4), (0, 4)).unwrap() - 2.0 / 70.0).abs() < 1e-12);
        assert!((fisher_exact((0, 5), (0, 7)).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(fisher_exact((0, 0), (1, 2)), None);
    }

    #[test]
    fn all_tables_one_by_one_say_the_same() {
        let log_choose = |n: u64, k: u64| {
            ln_gamma(to_f64(n) + 1.0) - ln_gamma(to_f64(k) + 1.0) - ln_gamma(to_f64(n - k) + 1.0)
        };
        let slow = |a: (u64, u64), b: (u64, u64)| {
            let hits = a.0 + b.0;
            let chance = |k: u64| log_choose(a.1, k) + log_choose(b.1, hits - k);
            let tables = hits.saturating_sub(b.1)..=hits.min(a.1);
            let relative = tables.map(|k| chance(k) - chance(a.0));
            let (unlikely, all): (Vec<f64>, Vec<f64>) =
                relative.map(|x| (if x <= 1e-7 { x.exp() } else { 0.0 }, x.exp())).unzip();
            (unlikely.iter().sum::<f64>() / all.iter().sum::<f64>()).min(1.0)
        };
        for (m, n) in [(1, 1), (1, 9), (4, 4), (5, 12), (13, 6), (40, 31)] {
            for i in 0..=m {
                for j in 0..=n {
                    let (found, expected) =
                        (fisher_exact((i, m), (j, n)).unwrap(), slow((i, m), (j, n)));
                    assert!(
                        (found / expected - 1.0).abs() < 1e-10,
                        "{i} {m} {j} {n} {found} {expected}"
                    );
                }
            }
        }
        for (a, b) in [((900, 2000), (1100, 3000)), ((1, 5000), (40, 900)), ((700, 700), (1, 2))] {
            assert!((fisher_exact(a, b).unwrap() / slow(a, b) - 1.0).abs() < 1e-9, "{a:?} {b:?}");
        }
    }

    #[test]
    fn tables_with_many_rows_keep_their_digits() {
        // scipy.stats.fisher_exact([[2174, 1522], [8, 24]]) = 1.856418858018107e-4.
        let p = fisher_exact((2174, 3696), (8, 32)).unwrap();
        assert!((p / 1.856_418_858_018_107e-4 - 1.0).abs() < 1e-9, "{p}");
    }

    #[test]
    fn the_square_of_z_is_chi_square() {
        let (a, b) = ((8, 32), (2174, 3696));
        let (z, p) = two_proportion_z(a, b).unwrap();
        let (chi, freedom, q) = chi_square(&[a, b]).unwrap();
        // numpy and scipy: −3.866560899327802, 14.950293188210615, 1.1038e-4.
        assert!((z + 3.866_560_899_327_802).abs() < 1e-12 && (chi - z * z).abs() < 1e-9);
        assert!((p / 1.103_809_096_994_837_6e-4 - 1.0).abs() < 1e-9, "{p}");
        assert!((p - q).abs() < 1e-12 && freedom == 1);
    }

    #[test]
    fn several_groups_and_nothing_to_compare() {
        // 1/2, 2/4, 3/4 of 10 rows: pooled 0.6, Σ (h − 0.6n)²/(0.24 n) = 0.0417·… by hand:
        // (0.04/0.48) + (0.16/0.96) + (0.36/0.96) = 0.625.
        let (chi, freedom, p) = chi_square(&[(1, 2), (2, 4), (3, 4), (0, 0)]).unwrap();
        assert!((chi - 0.625).abs() < 1e-12 && freedom == 2);
        assert!((p - (-0.3125_f64).exp()).abs() < 1e-12);
        assert_eq!(chi_square(&[(1, 2)]), None);
        assert_eq!(chi_square(&[(0, 2), (0, 3)]), None);
        assert_eq!(two_proportion_z((2, 2), (3, 3)), None);
        let (chi, _, p) = chi_square(&[(1, 2), (2, 4)]).unwrap();
        assert!(chi.abs() < 1e-15 && (p - 1.0).abs() < 1e-15);
    }

    #[test]
    fn the_smallest_expected_cell() {
        assert!((least_expected(&[(1, 4), (3, 12)]) - 1.0).abs() < 1e-12);
        assert!((least_expected(&[(4, 4), (11, 12)]) - 0.25).abs() < 1e-12);
        assert!(least_expected(&[]).abs() < 1e-15);
    }
}
