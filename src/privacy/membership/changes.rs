//! Changes of a picture that leave its class alone: what a model that gives labels only is asked about.

use crate::domain::Seed;

/// The weakest noise, as a standard deviation in steps of a byte; each further level has twice as much.
const LEAST_NOISE: f64 = 4.0;
/// Levels of noise: 4, 8, 16, 32, 64 and 128 of 255.
const LEVELS: i32 = 6;

/// One change, the same for every picture.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// Adds this to each byte; the result is rounded and kept within 0 to 255.
    Noise(Vec<f64>),
    /// Left becomes right.
    Mirror,
    /// Moves the picture by so many pixels; its edges are drawn out.
    Shift {
        /// Rows downwards.
        down: i64,
        /// Columns to the right.
        right: i64,
    },
}

impl Change {
    /// As many changes by Gaussian noise as there are queries, the levels in turn.
    #[must_use]
    pub fn noise(shape: [usize; 3], queries: usize, seed: Seed) -> Vec<Self> {
        let bytes: usize = shape.iter().product();
        let one = |(query, level): (usize, i32)| {
            let (mut draw, sigma) =
                (seed.child(&format!("{query}")).stream(), LEAST_NOISE * 2.0_f64.powi(level));
            Self::Noise((0..bytes).map(|_| sigma * draw.normal()).collect())
        };
        (0..queries).zip((0..LEVELS).cycle()).map(one).collect()
    }

    /// The mirror image, then all shifts by one pixel, by two, … up to a quarter of the shorter side; at most as
    /// many as there are queries. A shift by `d` is one with `|down| + |right| = d`.
    #[must_use]
    pub fn augmentations(shape: [usize; 3], queries: usize) -> Vec<Self> {
        let most = i64::try_from(shape[0].min(shape[1]) / 4).unwrap_or(i64::MAX);
        let ring = |d: i64| {
            let quarter = (0..d).map(move |i| (d - i, i));
            quarter.flat_map(|(a, b)| [(a, b), (-b, a), (-a, -b), (b, -a)])
        };
        let shifts = (1..=most).flat_map(ring).map(|(down, right)| Self::Shift { down, right });
        std::iter::once(Self::Mirror).chain(shifts).take(queries).collect()
    }

    /// The changed picture, `(height, width, channels)` bytes like the given one.
    #[must_use]
    pub fn of(&self, picture: &[u8], [height, width, channels]: [usize; 3]) -> Vec<u8> {
        let moved = |from: &dyn Fn(usize, usize) -> (usize, usize)| {
            let places = (0..height).flat_map(|y| (0..width).map(move |x| (y, x)));
            let pixel = |(y, x)| {
                let (y, x) = from(y, x);
                let at = (y * width + x) * channels;
                picture[at..at + channels].iter().copied()
            };
            places.flat_map(pixel).collect()
        };
        match self {
            Self::Noise(noise) => {
                let noisy = |(byte, noise): (&u8, &f64)| nearest(f64::from(*byte) + noise);
                picture.iter().zip(noise).map(noisy).collect()
            }
            Self::Mirror => moved(&|y, x| (y, width - 1 - x)),
            Self::Shift { down, right } => {
                moved(&|y, x| (before(y, *down, height), before(x, *right, width)))
            }
        }
    }
}

/// Where a place comes from that was moved by so much, at the nearest edge where it comes from beyond.
fn before(place: usize, by: i64, side: usize) -> usize {
    let place = i64::try_from(place).unwrap_or(i64::MAX).saturating_sub(by);
    usize::try_from(place).unwrap_or(0).min(side - 1)
}

/// The nearest byte.
fn nearest(value: f64) -> u8 {
    let (mut low, mut high) = (0_u8, u8::MAX);
    // No cast: the byte is found by halving.
    while low < high {
        let middle = u8::midpoint(low, high);
        if value > f64::from(middle) + 0.5 {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: [usize; 3] = [2, 3, 1];
    const PICTURE: [u8; 6] = [1, 2, 3, 4, 5, 6];

    #[test]
    fn pictures_are_mirrored_and_shifted_with_their_edges_drawn_out() {
        assert_eq!(Change::Mirror.of(&PICTURE, SHAPE), [3, 2, 1, 6, 5, 4]);
        let shift = |down, right| Change::Shift { down, right }.of(&PICTURE, SHAPE);
        assert_eq!(shift(1, 0), [1, 2, 3, 1, 2, 3]);
        assert_eq!(shift(0, 1), [1, 1, 2, 4, 4, 5]);
        assert_eq!(shift(-1, -2), [6, 6, 6, 6, 6, 6]);
        // Two channels stay together.
        assert_eq!(Change::Mirror.of(&[1, 2, 3, 4], [1, 2, 2]), [3, 4, 1, 2]);
    }

    #[test]
    fn noise_is_rounded_and_stays_within_a_byte() {
        let noise = Change::Noise(vec![-5.0, 0.4, 0.6, 251.0, 250.6, 300.0]);
        assert_eq!(noise.of(&PICTURE, SHAPE), [0, 2, 4, 255, 255, 255]);
        assert_eq!([-1.0, 0.5, 0.51, 254.5, 254.6].map(nearest), [0, 0, 1, 254, 255]);
    }

    #[test]
    fn the_budget_is_kept_and_near_changes_come_first() {
        let all = Change::augmentations([12, 40, 3], 1_000);
        // The mirror image, and 4 + 8 + 12 shifts.
        assert_eq!(all.len(), 25);
        assert_eq!(Change::augmentations([12, 40, 3], 4), all[..4]);
        let size = |c: &Change| match c {
            Change::Shift { down, right } => down.abs() + right.abs(),
            _ => 0,
        };
        assert!(all.iter().map(size).is_sorted());
        let distinct = all.iter().enumerate().all(|(i, a)| !all[..i].contains(a));
        assert!(distinct);
        let noise = Change::noise([20, 20, 1], 13, Seed::new(1));
        assert_eq!(noise.len(), 13);
        let spread = |change: &Change| match change {
            Change::Noise(all) => (all.iter().map(|x| x * x).sum::<f64>() / 400.0).sqrt(),
            _ => 0.0,
        };
        let of = [0, 1, 5, 6, 12].map(|i| spread(&noise[i]));
        for (found, expected) in of.iter().zip([4.0, 8.0, 128.0, 4.0, 4.0]) {
            assert!((found / expected - 1.0).abs() < 0.15, "{of:?}");
        }
        assert_eq!(noise[..6], Change::noise([20, 20, 1], 6, Seed::new(1)));
    }
}
