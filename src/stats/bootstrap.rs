//! The bootstrap over counted cells: rows are drawn by their cell, never one by one through a table.

use super::alias::Alias;
use super::multinomial::multinomial;
use super::normal::{normal_cdf, normal_quantile};
use crate::domain::{Interval, Seed, Stream, Value, to_f64};

/// Rows counted by cell (group × truth × decision, or × score), in strata of fixed size.
///
/// A stratum, e.g. a group, keeps its number of rows in every draw, so that no group is ever absent
/// from a draw; a draw may still lack, say, the positives of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cube {
    strata: Vec<Vec<u64>>,
    at_most: u64,
}

/// One stratum, ready to be drawn from.
struct Stratum<'a> {
    cells: &'a [u64],
    rows: u64,
    way: Way,
}

/// How a stratum is drawn from; all ways are exact.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    /// Cell by cell.
    Counts,
    /// Row by row, where there are nearly as many cells as rows to draw: the cell of every row.
    Rows(Vec<usize>),
    /// The same where there are more rows than are worth a list.
    Alias(Alias),
}

/// Rows beyond which none is listed.
const LISTED: u64 = 20_000;

/// Rows beyond which columns are too wide.
const IN_COLUMNS: u64 = (1 << 32) - 1;

impl<'a> Stratum<'a> {
    fn new(cells: &'a [u64], at_most: u64) -> Self {
        let all: u64 = cells.iter().sum();
        let many = u64::try_from(cells.len()).is_ok_and(|cells| 4 * cells > all.min(at_most));
        let owner = |(cell, rows): (usize, &u64)| {
            std::iter::repeat_n(cell, usize::try_from(*rows).unwrap_or(usize::MAX))
        };
        let way = match all {
            0 => Way::Counts,
            ..=LISTED if many => Way::Rows(cells.iter().enumerate().flat_map(owner).collect()),
            ..=IN_COLUMNS if many => Way::Alias(Alias::new(cells)),
            _ => Way::Counts,
        };
        Self { cells, rows: all.min(at_most), way }
    }

    fn draw(&self, stream: &mut Stream, drawn: &mut Vec<u64>) {
        let mut each = |draw: &dyn Fn(&mut Stream) -> usize| {
            drawn.fill(0);
            for _ in 0..self.rows {
                drawn[draw(stream)] += 1;
            }
        };
        match &self.way {
            Way::Counts => multinomial(stream, self.cells, self.rows, drawn),
            Way::Rows(owners) => each(&|stream| owners[stream.below(owners.len())]),
            Way::Alias(alias) => each(&|stream| alias.draw(stream)),
        }
    }
}

/// The statistic in every draw.
#[derive(Debug, Clone, PartialEq)]
pub struct Draws {
    /// The defined values, ascending.
    values: Vec<f64>,
    /// Draws in which the statistic does not exist.
    undefined: u64,
}

impl Cube {
    /// Counts by stratum and cell.
    #[must_use]
    pub fn new(strata: Vec<Vec<u64>>) -> Self {
        Self { strata, at_most: u64::MAX }
    }

    /// Draws at most `rows` rows of every stratum: the m-out-of-n bootstrap, whose spread is that of
    /// `m` rows and must be scaled by `√(m/n)`.
    ///
    /// Source: Bickel, Götze, van Zwet 1997, Statistica Sinica 7, 1–31.
    #[must_use]
    pub fn at_most(self, rows: u64) -> Self {
        Self { at_most: rows, ..self }
    }

    /// The statistic in `count` draws with replacement from every stratum.
    ///
    /// Many cells of few rows are drawn row by row, few cells of many rows by their counts; both
    /// are exact. `statistic` sees the counts in the shape of the cube. An undefined value is counted and kept.
    pub fn draws(
        &self,
        count: u32,
        seed: Seed,
        mut statistic: impl FnMut(&[Vec<u64>]) -> Value,
    ) -> Draws {
        let mut stream = seed.stream();
        let strata: Vec<Stratum<'_>> =
            self.strata.iter().map(|cells| Stratum::new(cells, self.at_most)).collect();
        let mut drawn = self.strata.clone();
        let draw = |_| {
            for (stratum, into) in strata.iter().zip(&mut drawn) {
                stratum.draw(&mut stream, into);
            }
            statistic(&drawn)
        };
        Draws::collect((0..count).map(draw))
    }

    /// The acceleration of `BCa`: the skew of the statistic's jackknife, one row of each cell left
    /// out in turn; 0 where the statistic hardly moves or does not exist.
    ///
    /// `Σ d³ / 6 (Σ d²)^{3/2}` over the rows, `d` the mean of the left-out values minus each.
    pub fn acceleration(&self, mut statistic: impl FnMut(&[Vec<u64>]) -> Value) -> f64 {
        let mut left = self.strata.clone();
        let mut moved: Vec<(f64, f64)> = Vec::new();
        for stratum in 0..self.strata.len() {
            for cell in 0..self.strata[stratum].len() {
                let rows = self.strata[stratum][cell];
                if rows > 0 {
                    left[stratum][cell] = rows - 1;
                    moved.extend(statistic(&left).ok().map(|value| (to_f64(rows), value)));
                    left[stratum][cell] = rows;
                }
            }
        }
        jackknife_skew(&moved)
    }
}

/// `Σ w d³ / 6 (Σ w d²)^{3/2}` of weighted values, `d` their mean minus each; 0 without spread.
pub(crate) fn jackknife_skew(values: &[(f64, f64)]) -> f64 {
    let rows = super::sum(values.iter().map(|(weight, _)| *weight));
    let mean = super::sum(values.iter().map(|(weight, value)| weight * value)) / rows;
    let power =
        |p: i32| super::sum(values.iter().map(|(weight, value)| weight * (mean - value).powi(p)));
    let spread = power(2);
    if spread > 1e-24 { power(3) / (6.0 * spread.powf(1.5)) } else { 0.0 }
}

impl Draws {
    /// Sorts what was drawn.
    pub fn collect(drawn: impl Iterator<Item = Value>) -> Self {
        let (mut values, mut undefined) = (Vec::new(), 0);
        for value in drawn {
            match value {
                Ok(value) => values.push(value),
                Err(_) => undefined += 1,
            }
        }
        values.sort_unstable_by(f64::total_cmp);
        Self { values, undefined }
    }

    /// Draws in which the statistic did not exist.
    #[must_use]
    pub fn undefined(&self) -> u64 {
        self.undefined
    }

    /// All draws.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.undefined + u64::try_from(self.values.len()).unwrap_or(u64::MAX)
    }

    /// Whether nothing was drawn.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The percentile interval, method `bootstrap_percentile`.
    ///
    /// An undefined draw counts as the lowest of all for the lower end and as the highest for the
    /// upper end, so it can only widen the interval. `None` when an end falls among them.
    /// Source: Efron 1979, Annals of Statistics 7, 1–26.
    #[must_use]
    pub fn percentile(&self, level: f64) -> Option<Interval> {
        let tail = (1.0 - level) / 2.0;
        self.between(tail, 1.0 - tail, level, "bootstrap_percentile")
    }

    /// The bias-corrected and accelerated interval around `estimate`, method `bootstrap_bca`.
    ///
    /// Undefined draws count as in [`Draws::percentile`]. `None` when an end falls among them, all
    /// draws lie on one side of the estimate, or all are equal.
    /// Source: Efron 1987, JASA 82, 171–185.
    #[must_use]
    pub fn bca(&self, estimate: f64, acceleration: f64, level: f64) -> Option<Interval> {
        let n = to_f64(u64::try_from(self.values.len()).ok()?);
        let place = |at: usize| to_f64(u64::try_from(at).unwrap_or(u64::MAX));
        let slack = 1e-12 * estimate.abs().max(1.0);
        let below = place(self.values.partition_point(|v| *v < estimate - slack));
        let upto = place(self.values.partition_point(|v| *v <= estimate + slack));
        let share = f64::midpoint(below, upto) / n;
        if !(share > 0.0 && share < 1.0) {
            return None;
        }
        let spread = self.values.last()? - self.values.first()?;
        if spread <= slack {
            return None;
        }
        let bias = normal_quantile(share);
        let moved = |p: f64| {
            let z = bias + normal_quantile(p);
            normal_cdf(bias + z / (1.0 - acceleration * z))
        };
        let tail = (1.0 - level) / 2.0;
        self.between(moved(tail), moved(1.0 - tail), level, "bootstrap_bca")
    }

    fn between(&self, low: f64, high: f64, level: f64, method: &str) -> Option<Interval> {
        let all = to_f64(self.len());
        let at = |p: f64, before: f64| {
            // Linear between the order statistics, the i-th of B at i / (B + 1).
            let rank = p * (all + 1.0) - before - 1.0;
            let last = to_f64(u64::try_from(self.values.len()).ok()?) - 1.0;
            if last < 0.0 || (before > 0.0 && !(0.0..=last).contains(&rank)) {
                return None;
            }
            let rank = rank.clamp(0.0, last);
            let index = super::multinomial::count(rank.floor());
            let index = usize::try_from(index).ok()?;
            let next = *self.values.get(index + 1).unwrap_or(&self.values[index]);
            Some(self.values[index] + rank.fract() * (next - self.values[index]))
        };
        let undefined = to_f64(self.undefined);
        let low = at(low, undefined)?;
        // Above, the undefined draws stand behind the defined ones: an end beyond the last is lost.
        if undefined > 0.0 && high * (all + 1.0) > all - undefined {
            return None;
        }
        let high = at(high, 0.0)?;
        Some(Interval { low, high, level, method: method.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Undefined, rate};

    fn share(cells: &[Vec<u64>]) -> Value {
        rate(cells[0][0], cells[0][0] + cells[0][1], Undefined::NoPositives)
    }

    #[test]
    fn the_same_seed_gives_the_same_draws_and_strata_keep_their_rows() {
        let cube = Cube::new(vec![vec![3, 5, 2], vec![0, 4]]);
        let look = |seed| {
            cube.draws(50, Seed::new(seed), |cells| {
                assert_eq!(cells[0].iter().sum::<u64>(), 10);
                assert_eq!(cells[1], [0, 4]);
                share(cells)
            })
        };
        assert_eq!(look(1), look(1));
        assert_ne!(look(1), look(2));
    }

    #[test]
    fn rows_and_cells_are_drawn_with_the_same_spread() {
        // Ten cells of one row each are drawn by row; merged into two cells, by count.
        let single = Cube::new(vec![vec![1; 10]]).draws(4000, Seed::new(4), |cells| {
            rate(cells[0][..3].iter().sum(), 10, Undefined::Empty)
        });
        let merged = Cube::new(vec![vec![3, 7]]).at_most(10).draws(4000, Seed::new(5), share);
        let few = Cube::new(vec![vec![300, 700]]).at_most(10).draws(4000, Seed::new(6), share);
        let ends = |d: &Draws| d.percentile(0.8).map(|i| (i.low * 10.0).round() + i.high);
        assert_eq!(ends(&single), ends(&merged));
        assert_eq!(ends(&single), ends(&few));
    }

    #[test]
    fn rows_are_listed_only_where_they_are_few_and_the_cells_many() {
        let way = |cells: &[u64], at_most| Stratum::new(cells, at_most).way;
        // Four times the cells against the rows to draw.
        assert_eq!(way(&[4, 4], u64::MAX), Way::Counts);
        assert_eq!(way(&[4, 3], u64::MAX), Way::Rows(vec![0, 0, 0, 0, 1, 1, 1]));
        assert_eq!(way(&[1, 0, 8], 9), Way::Rows(vec![0, 2, 2, 2, 2, 2, 2, 2, 2]));
        assert_eq!(way(&[500, 500], 8), Way::Counts);
        assert_eq!(way(&[0, 0], 7), Way::Counts);
        // However few rows are drawn, no long list is made for it.
        assert!(matches!(way(&[LISTED - 1, 1], 7), Way::Rows(_)));
        assert!(matches!(way(&[LISTED, 1], 7), Way::Alias(_)));
        let widest = u64::from(u32::MAX);
        assert!(matches!(way(&[widest - 1, 1], 7), Way::Alias(_)));
        assert_eq!(way(&[widest, 1], 7), Way::Counts);
    }

    #[test]
    fn a_share_has_nearly_its_wilson_interval() {
        let cube = Cube::new(vec![vec![300, 700]]);
        let draws = cube.draws(4000, Seed::new(3), share);
        let exact = crate::stats::wilson(300, 1000, 0.95).unwrap();
        let skew = cube.acceleration(share);
        for found in [draws.percentile(0.95), draws.bca(0.3, skew, 0.95)] {
            let found = found.unwrap();
            assert!((found.low - exact.low).abs() < 4e-3, "{found:?} {exact:?}");
            assert!((found.high - exact.high).abs() < 4e-3, "{found:?} {exact:?}");
        }
    }

    #[test]
    fn the_acceleration_of_a_share_is_its_skew_over_six() {
        // Leaving out a hit moves the share by −0.7, a miss by +0.3, over 1/(n − 1): the skew of a
        // coin is (1 − 2p)/√(npq), over 6.
        let cube = Cube::new(vec![vec![300, 700]]);
        let expected = (1.0 - 0.6) / (1000.0_f64 * 0.3 * 0.7).sqrt() / 6.0;
        assert!((cube.acceleration(share) - expected).abs() < 1e-9);
        assert!(Cube::new(vec![vec![7, 0]]).acceleration(share).abs() < 1e-15);
    }

    #[test]
    fn undefined_draws_are_counted_and_only_widen() {
        let values = |undefined: usize| {
            let defined = (1..=200_u32).map(|i| Ok(f64::from(i)));
            Draws::collect(defined.chain(std::iter::repeat_n(Err(Undefined::Empty), undefined)))
        };
        let (none, few) = (values(0).percentile(0.9).unwrap(), values(5).percentile(0.9).unwrap());
        assert!(few.low < none.low && few.high > none.high, "{none:?} {few:?}");
        assert_eq!((values(5).undefined(), values(5).len()), (5, 205));
        assert_eq!(values(30).percentile(0.9), None);
        assert_eq!(Draws::collect(std::iter::empty()).percentile(0.9), None);
        assert!(Draws::collect(std::iter::empty()).is_empty());
    }

    #[test]
    fn the_ends_by_hand() {
        // 99 draws 1..=99: the 5 % point is the fifth of 99 + 1.
        let draws = Draws::collect((1..=99_u32).map(|i| Ok(f64::from(i))));
        let i = draws.percentile(0.9).unwrap();
        assert!((i.low - 5.0).abs() < 1e-9 && (i.high - 95.0).abs() < 1e-9, "{i:?}");
        // Symmetric around 50 without skew, the corrected one is the same.
        let i = draws.bca(50.0, 0.0, 0.9).unwrap();
        assert!((i.low - 5.0).abs() < 1e-6 && (i.high - 95.0).abs() < 1e-6, "{i:?}");
        assert_eq!(draws.bca(200.0, 0.0, 0.9), None);
    }

    #[test]
    fn ends_among_the_undefined_draws_by_hand() {
        // 5 defined of 7, the i-th at i/8: below 3/8 and above 5/8 is undefined.
        let five = (1..=5_u32).map(|i| Ok(f64::from(i)));
        let five = Draws::collect(five.chain([Err(Undefined::Empty), Err(Undefined::Empty)]));
        let ends = |low, high| five.between(low, high, 0.9, "").map(|i| (i.low, i.high));
        assert_eq!(ends(0.375, 0.625), Some((1.0, 5.0)));
        assert_eq!((ends(0.37, 0.625), ends(0.375, 0.65)), (None, None));
    }

    #[test]
    fn few_draws_end_at_the_outermost() {
        let draws = |n: u32| Draws::collect((1..=n).map(|i| Ok(f64::from(i))));
        let ends = |n| draws(n).percentile(0.9).map(|i| (i.low, i.high));
        assert_eq!((ends(9), ends(1), ends(0)), (Some((1.0, 9.0)), Some((1.0, 1.0)), None));
        assert!(!draws(1).is_empty());
    }

    #[test]
    fn the_correction_by_hand() {
        // Efron's formula in scipy.stats.norm: estimate 40 of 1..=99, 39 below and one tie, so
        // z₀ = Φ⁻¹(39.5/99); ends at 100 Φ(z₀ + z/(1 − a z)) with z = z₀ ± 1.644854 and a = 0.1.
        let draws = Draws::collect((1..=99_u32).map(|i| Ok(f64::from(i))));
        let i = draws.bca(40.0, 0.1, 0.9).unwrap();
        assert!((i.low - 3.192_847).abs() < 1e-4 && (i.high - 91.260_046).abs() < 1e-4, "{i:?}");
        assert_eq!(draws.bca(0.0, 0.0, 0.9), None);
        // No spread but rounding has no interval, and rounding does not decide what is below.
        let equal = |values: &[f64]| {
            let all = values.iter().flat_map(|value| std::iter::repeat_n(Ok(*value), 33));
            Draws::collect(all).bca(1e6, 0.0, 0.5).map(|i| (i.low, i.high))
        };
        assert_eq!((equal(&[1e6]), equal(&[1e6, 1e6 + 1e-7])), (None, None));
        assert_eq!(equal(&[999_990.0, 1e6 + 1e-7, 1_000_010.0]), Some((999_990.0, 1_000_010.0)));
    }

    #[test]
    fn an_end_among_undefined_draws_is_lost_on_either_side() {
        // Ten of 210 draws are undefined; most of the others lie below the estimate, so that both ends
        // move up: the lower one is found, the upper one lies beyond the last draw.
        let defined = (1..=200_u32).map(|i| Ok(f64::from(i)));
        let draws = Draws::collect(defined.chain(std::iter::repeat_n(Err(Undefined::Empty), 10)));
        assert_eq!(draws.bca(150.0, 0.0, 0.8), None);
        assert_eq!(draws.bca(50.0, 0.0, 0.8), None);
        let i = draws.bca(100.5, 0.0, 0.8).unwrap();
        assert!(i.low < 21.0 && i.high > 180.0, "{i:?}");
    }
}
