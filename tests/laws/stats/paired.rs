//! Settings of two runs on the same rows.

use super::{EASY, LEVEL, SHARP, between, cells, covers};
use audit::domain::Stream;
use audit::stats::{Agreement, delong_paired, tango};

/// A share of `n` rows in two runs that differ in a share of rows drawn between these.
pub(super) fn share(draw: &mut Stream, n: u64, differ: (f64, f64)) -> Option<bool> {
    let (differ, split) = (between(draw, differ.0, differ.1), between(draw, 0.2, 0.8));
    let (first, second) = (differ * split, differ * (1.0 - split));
    let both = (1.0 - differ) * between(draw, 0.2, 0.8);
    let counts = cells(draw, n, [both, first, second, 1.0 - differ - both]);
    let pairs =
        Agreement { both: counts[0], first: counts[1], second: counts[2], neither: counts[3] };
    covers(tango(&pairs, LEVEL), first - second)
}

/// `(new, old)` scores of one class that share half of their noise.
fn scored(draw: &mut Stream, n: usize, shift: [f64; 2]) -> Vec<(f64, f64)> {
    let one = |_| {
        let common = draw.normal();
        let mut of =
            |shift: f64| (common + draw.normal()) * std::f64::consts::FRAC_1_SQRT_2 + shift;
        (of(shift[0]), of(shift[1]))
    };
    (0..n).map(one).collect()
}

pub(super) fn areas(draw: &mut Stream, [n, m]: [usize; 2]) -> Option<bool> {
    let positive = scored(draw, n, [SHARP.0, EASY.0]);
    let negative = scored(draw, m, [0.0, 0.0]);
    let found = delong_paired(&positive, &negative).ok()?;
    covers(found.interval(LEVEL), SHARP.1 - EASY.1)
}
