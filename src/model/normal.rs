//! Standard normal numbers in bulk: a noisy step needs one for every number of the network.
//!
//! Source: Marsaglia and Tsang 2000, "The ziggurat method for generating random variables", 256 layers.

use crate::domain::{Stream, to_f64};
use std::sync::OnceLock;

/// Where the lowest layer ends and the tail begins.
const EDGE: f64 = 3.654_152_885_361_009;

/// The area of each layer.
const AREA: f64 = 0.004_928_673_233_99;

/// The layers under `e^(−x²/2)`: right ends from the lowest up, and the heights there.
struct Layers {
    ends: [f64; 257],
    heights: [f64; 257],
}

impl Layers {
    fn new() -> Self {
        let mut ends = [0.0; 257];
        // The lowest layer holds the tail as well, so it is drawn as a longer box.
        ends[0] = AREA / height(EDGE);
        ends[1] = EDGE;
        for i in 2..256 {
            let top: f64 = AREA / ends[i - 1] + height(ends[i - 1]);
            ends[i] = (-2.0 * top.ln()).sqrt();
        }
        Self { ends, heights: ends.map(height) }
    }

    fn shared() -> &'static Self {
        static LAYERS: OnceLock<Layers> = OnceLock::new();
        LAYERS.get_or_init(Self::new)
    }
}

fn height(x: f64) -> f64 {
    (-x * x / 2.0).exp()
}

/// Draws standard normal numbers.
pub(super) struct Normal {
    stream: Stream,
    layers: &'static Layers,
}

impl Normal {
    /// From a stream of its own.
    pub(super) fn new(stream: Stream) -> Self {
        Self { stream, layers: Layers::shared() }
    }

    /// The next number: 53 random bits beside the layer, so that neighbours are 2⁻⁵² apart or less
    /// for each unit of the layer's width.
    pub(super) fn next(&mut self) -> f64 {
        loop {
            let bits = self.stream.bits();
            let layer = usize::from(bits.to_le_bytes()[0]);
            let share = (to_f64(bits >> 11) + 0.5) / 4_503_599_627_370_496.0 - 1.0;
            let x = share * self.layers.ends[layer];
            if x.abs() < self.layers.ends[layer + 1] {
                return x;
            }
            if layer == 0 {
                return self.tail().copysign(share);
            }
            let (low, high) = (self.layers.heights[layer], self.layers.heights[layer + 1]);
            if low + (high - low) * self.stream.uniform() < height(x) {
                return x;
            }
        }
    }

    /// A number beyond the edge (Marsaglia 1964).
    fn tail(&mut self) -> f64 {
        loop {
            let beyond = -(1.0 - self.stream.uniform()).ln() / EDGE;
            let room = -(1.0 - self.stream.uniform()).ln();
            if 2.0 * room > beyond * beyond {
                return EDGE + beyond;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;

    #[test]
    fn the_layers_have_one_area_and_end_at_the_top() {
        let layers = Layers::new();
        let last = layers.ends[255];
        assert!((last * (1.0 - height(last)) - AREA).abs() < 1e-9, "{last}");
        assert!(layers.ends.windows(2).all(|pair| pair[0] > pair[1]));
    }

    #[test]
    fn moments_and_tails_are_those_of_the_normal_distribution() {
        let n = 2_000_000_u32;
        let mut normal = Normal::new(Seed::new(4).child("normal").stream());
        let drawn: Vec<f64> = (0..n).map(|_| normal.next()).collect();
        let count = f64::from(n);
        let mean = |of: &dyn Fn(f64) -> f64| drawn.iter().map(|&x| of(x)).sum::<f64>() / count;
        // Five deviations of each mean: Var x = 1, Var x² = 2, Var x³ = 15, Var x⁴ = 96.
        for (found, expected, variance) in [
            (mean(&|x| x), 0.0, 1.0),
            (mean(&|x| x * x), 1.0, 2.0),
            (mean(&|x| x.powi(3)), 0.0, 15.0),
            (mean(&|x| x.powi(4)), 3.0, 96.0),
        ] {
            let band = 5.0 * f64::sqrt(variance / count);
            assert!((found - expected).abs() < band, "{found} {expected} {band}");
        }
        // P(x > t), on either side of each edge that the algorithm knows.
        for (t, share) in [
            (0.25, 0.401_293_674_317_076_3),
            (1.0, 0.158_655_253_931_457_05),
            (2.0, 0.022_750_131_948_179_21),
            (3.0, 0.001_349_898_031_630_094_6),
            (3.7, 0.000_107_799_733_477_388_3),
            (4.0, 0.000_031_671_241_833_119_86),
        ] {
            for side in [1.0, -1.0] {
                let beyond = mean(&|x| if side * x > t { 1.0 } else { 0.0 });
                let band = 5.0 * f64::sqrt(share / count);
                assert!((beyond - share).abs() < band, "{t} {side}: {beyond} {share}");
            }
        }
    }
}
