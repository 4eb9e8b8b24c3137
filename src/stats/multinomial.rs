//! Exact draws of binomial and multinomial counts from a seeded stream.

use crate::domain::{Stream, to_f64};
use statrs::function::gamma::ln_gamma;

/// From this mean on, rejection is faster than counting up.
const REJECT_FROM: f64 = 10.0;

/// A whole number in `0..2^52` as a count.
pub(super) fn count(whole: f64) -> u64 {
    // Adding 2^52 leaves the number in the low bits of the mantissa.
    (whole + 4_503_599_627_370_496.0).to_bits() & 0x000f_ffff_ffff_ffff
}

/// The number of hits in `n` independent trials of chance `p`.
///
/// Exact: by inversion where the rarer outcome is expected fewer than ten times, by transformed
/// rejection otherwise.
/// Source: Hörmann 1993, Journal of Statistical Computation and Simulation 46, 101–110 (`BTRS`).
pub(crate) fn binomial(draw: &mut Stream, n: u64, p: f64) -> u64 {
    if n == 0 || p <= 0.0 {
        return 0;
    }
    if p >= 1.0 {
        return n;
    }
    if p > 0.5 {
        return n - binomial(draw, n, 1.0 - p);
    }
    if to_f64(n) * p < REJECT_FROM { inverted(draw, n, p) } else { rejected(draw, n, p) }
}

/// Adds up the chances of 0, 1, 2, … until a uniform number is reached.
fn inverted(draw: &mut Stream, n: u64, p: f64) -> u64 {
    let (rows, odds) = (to_f64(n), p / (1.0 - p));
    let mut chance = (rows * (-p).ln_1p()).exp();
    let (mut left, mut hits) = (draw.uniform(), 0_u64);
    while left >= chance && hits < n {
        left -= chance;
        let at = to_f64(hits);
        hits += 1;
        chance *= odds * (rows - at) / (at + 1.0);
    }
    hits
}

/// The most likely number of hits, the higher of two.
fn mode(rows: f64, p: f64) -> f64 {
    ((rows + 1.0) * p).floor()
}

fn rejected(draw: &mut Stream, n: u64, p: f64) -> u64 {
    let (rows, odds) = (to_f64(n), p / (1.0 - p));
    let spread = (rows * p * (1.0 - p)).sqrt();
    let b = 1.15 + 2.53 * spread;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let (centre, alpha) = (rows * p + 0.5, (2.83 + 5.1 / b) * spread);
    let squeeze = 0.92 - 4.2 / b;
    let mode = mode(rows, p);
    let log_weight = |k: f64| ln_gamma(k + 1.0) + ln_gamma(rows - k + 1.0);
    let at_mode = log_weight(mode);
    loop {
        let (u, v) = (draw.uniform() - 0.5, draw.uniform());
        let inner = 0.5 - u.abs();
        let hits = ((2.0 * a / inner + b) * u + centre).floor();
        if !(0.0..=rows).contains(&hits) {
            continue;
        }
        let quick = inner >= 0.07 && v <= squeeze;
        if quick || {
            let height = (v * alpha / (a / (inner * inner) + b)).ln();
            height <= at_mode - log_weight(hits) + (hits - mode) * odds.ln()
        } {
            return count(hits);
        }
    }
}

/// Draws `rows` rows with replacement from `cells`, each in proportion to its count, into `drawn`.
///
/// Cell after cell from the binomial of what is left; exact. Without rows in `cells` all are 0.
/// Source: Davis 1993, Computational Statistics and Data Analysis 16, 205–217.
pub(crate) fn multinomial(draw: &mut Stream, cells: &[u64], rows: u64, drawn: &mut Vec<u64>) {
    let (mut total, mut left) = (cells.iter().sum::<u64>(), rows);
    drawn.clear();
    for &cell in cells {
        let taken = match cell {
            0 => 0,
            part => binomial(draw, left, to_f64(part) / to_f64(total)),
        };
        drawn.push(taken);
        total -= cell;
        left -= taken;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;
    use statrs::distribution::{Binomial, Discrete};

    /// Pearson's statistic of the drawn counts against the exact chances, cells of fewer than five
    /// expected draws pooled, and its degrees of freedom.
    fn misfit(n: u64, p: f64) -> (f64, f64) {
        const DRAWS: u32 = 40_000;
        let mut stream = Seed::new(11).child(&format!("{n} {p}")).stream();
        let mut seen = vec![0_u32; usize::try_from(n).unwrap() + 1];
        for _ in 0..DRAWS {
            seen[usize::try_from(binomial(&mut stream, n, p)).unwrap()] += 1;
        }
        let exact = Binomial::new(p, n).unwrap();
        let (mut chi, mut cells, mut rest) = (0.0, 0.0, (0.0, 0.0));
        for (k, &count) in seen.iter().enumerate() {
            let expected = exact.pmf(u64::try_from(k).unwrap()) * f64::from(DRAWS);
            if expected < 5.0 {
                rest = (rest.0 + f64::from(count), rest.1 + expected);
                continue;
            }
            chi += (f64::from(count) - expected).powi(2) / expected;
            cells += 1.0;
        }
        if rest.1 > 1.0 {
            chi += (rest.0 - rest.1).powi(2) / rest.1;
            cells += 1.0;
        }
        (chi, cells - 1.0)
    }

    #[test]
    fn both_ways_follow_the_exact_distribution() {
        for (n, p) in
            [(1, 0.3), (7, 0.5), (40, 0.02), (40, 0.9), (60, 0.2), (400, 0.5), (5000, 0.01)]
        {
            let (chi, freedom) = misfit(n, p);
            // Four standard deviations of a chi-square variable.
            assert!(
                chi < freedom + 4.0 * (2.0 * freedom).sqrt() + 4.0,
                "{n} {p}: {chi} of {freedom}"
            );
        }
    }

    #[test]
    fn certain_outcomes_use_no_chance() {
        let mut stream = Seed::new(1).stream();
        assert_eq!((binomial(&mut stream, 9, 0.0), binomial(&mut stream, 9, 1.0)), (0, 9));
        assert_eq!(binomial(&mut stream, 0, 0.5), 0);
        assert_eq!(stream.bits(), Seed::new(1).stream().bits());
        assert_eq!(count(0.0), 0);
        assert_eq!(count(123_456_789.0), 123_456_789);
    }

    #[test]
    fn a_draw_keeps_its_rows_and_the_shares_of_the_cells() {
        let mut stream = Seed::new(2).stream();
        let (cells, mut drawn) = ([3, 0, 5, 2], Vec::new());
        let mut sums = [0_u64; 4];
        for _ in 0..5000 {
            multinomial(&mut stream, &cells, 10, &mut drawn);
            assert_eq!((drawn.iter().sum::<u64>(), drawn[1]), (10, 0));
            for (sum, count) in sums.iter_mut().zip(&drawn) {
                *sum += count;
            }
        }
        // Means 3, 0, 5, 2; standard errors at most √(10 · ¼ / 5000) = 0.0224.
        for (sum, cell) in sums.into_iter().zip(cells) {
            assert!((to_f64(sum) / 5000.0 - to_f64(cell)).abs() < 0.09, "{sums:?}");
        }
        multinomial(&mut stream, &[0, 0], 0, &mut drawn);
        assert_eq!(drawn, [0, 0]);
    }

    #[test]
    fn the_most_likely_number_of_hits() {
        // Of 9 at ½ both 4 and 5; of 11 at ¼ 3, which 2 is just as likely as.
        for (rows, p, expected) in [(9.0, 0.5, 5.0), (11.0, 0.25, 3.0), (10.0, 0.3, 3.0)] {
            assert!((mode(rows, p) - expected).abs() < 1e-15, "{rows} {p}");
        }
    }
}
