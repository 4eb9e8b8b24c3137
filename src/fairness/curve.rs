//! How the rows of one set lie among each other, found while they go by in ascending order of their
//! scores.

use super::fixed::fixed;
use crate::domain::to_f64;
use crate::stats::Placements;

/// The rows of a set so far. Classes are negative, positive.
///
/// A placement is twice the rows of the other class below, plus those of the same score. Only positives are
/// looked at one by one: what they win, the negatives lose, and the squares of the negatives' placements are
/// summed by parts, `Σ P² = Σ (2k − 1) N`: the k-th positive adds to each of the N negatives above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Curve {
    all: [u32; 2],
    below: [u32; 2],
    equal: [u32; 2],
    /// Placements of the positives.
    won: u64,
    won_squares: u128,
    /// Squared placements of the negatives.
    lost_squares: u128,
    /// Precision at or above each positive, in fixed point, summed.
    precision: u128,
}

impl Curve {
    /// The curves of a set as they stand where each of some consecutive tasks starts, from the rows of each
    /// class in each task.
    pub(super) fn starts(tasks: &[[u32; 2]]) -> Vec<Self> {
        let mut now = Self::default();
        for n in tasks {
            now.all = [now.all[0] + n[0], now.all[1] + n[1]];
        }
        let start = |n: &[u32; 2]| {
            let start = now;
            now.below = [now.below[0] + n[0], now.below[1] + n[1]];
            start
        };
        tasks.iter().map(start).collect()
    }

    /// One positive that shares its score with no other row.
    #[inline]
    pub(super) fn positive(&mut self) {
        let [negatives, positives] = self.below;
        let doubled = 2 * u64::from(negatives);
        self.won += doubled;
        self.won_squares += u128::from(doubled * doubled);
        let above = u64::from(self.all[0] - negatives);
        self.lost_squares += u128::from((8 * u64::from(positives) + 4) * above);
        self.precision += u128::from(self.precision_here());
        self.below[1] += 1;
    }

    /// One negative that shares its score with no other row.
    #[inline]
    pub(super) fn negative(&mut self) {
        self.below[0] += 1;
    }

    /// Notes a row that shares its score with others; whether it is the first of them.
    #[inline]
    pub(super) fn tie(&mut self, class: usize) -> bool {
        let first = self.equal == [0, 0];
        self.equal[class] += 1;
        first
    }

    /// All rows of the score were noted.
    pub(super) fn tied(&mut self) {
        let [negatives, positives] = self.equal.map(u64::from);
        let below = self.below.map(u64::from);
        let doubled = 2 * below[0] + negatives;
        self.won += positives * doubled;
        self.won_squares += u128::from(positives) * u128::from(doubled * doubled);
        let end = below[1] + positives;
        let above = u64::from(self.all[0]) - below[0] - negatives;
        let steps = 4 * (end * end - below[1] * below[1]);
        self.lost_squares += u128::from(steps) * u128::from(above);
        let more = 4 * below[1] * positives + positives * positives;
        self.lost_squares += u128::from(negatives) * u128::from(more);
        if positives > 0 {
            self.precision += u128::from(positives) * u128::from(self.precision_here());
        }
        self.below = [self.below[0] + self.equal[0], self.below[1] + self.equal[1]];
        self.equal = [0, 0];
    }

    /// The share of positives among the rows that are not below.
    #[inline]
    fn precision_here(&self) -> u64 {
        let found = self.all[1] - self.below[1];
        let selected = found + (self.all[0] - self.below[0]);
        fixed(f64::from(found) / f64::from(selected))
    }

    /// Adds what another task found in the same set.
    pub(super) fn join(&mut self, other: &Self) {
        self.won += other.won;
        self.won_squares += other.won_squares;
        self.lost_squares += other.lost_squares;
        self.precision += other.precision;
    }

    /// As placements.
    pub(super) fn placements(&self) -> Placements {
        let [negatives, positives] = self.all.map(u64::from);
        let won = u128::from(self.won);
        Placements {
            positives,
            negatives,
            won,
            won_squares: self.won_squares,
            lost: 2 * u128::from(positives) * u128::from(negatives) - won,
            lost_squares: self.lost_squares,
        }
    }

    /// Average precision of a set with positives.
    pub(super) fn average_precision(&self) -> f64 {
        super::fixed::number(self.precision) / to_f64(u64::from(self.all[1]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;

    /// Rows of distinct or few scores, cut into two tasks between two scores.
    fn curve(rows: &[(u32, usize)], cut: u32) -> Curve {
        let count = |low: bool| {
            [0, 1].map(|class| {
                let own = |row: &&(u32, usize)| row.1 == class && (row.0 < cut) == low;
                u32::try_from(rows.iter().filter(own).count()).unwrap()
            })
        };
        let mut parts = Curve::starts(&[count(true), count(false)]);
        for tied in rows.chunk_by(|a, b| a.0 == b.0) {
            let curve = &mut parts[usize::from(tied[0].0 >= cut)];
            match tied {
                [(_, 1)] => curve.positive(),
                [_] => curve.negative(),
                _ => {
                    let first = tied.iter().map(|row| curve.tie(row.1)).collect::<Vec<_>>();
                    assert!(first[0] && first[1..].iter().all(|first| !first));
                    curve.tied();
                }
            }
        }
        let mut all = parts[0];
        all.join(&parts[1]);
        all
    }

    #[test]
    fn placements_are_those_of_the_two_samples() {
        let mut draw = Seed::new(4).stream();
        for scores in [3, 40, 100_000] {
            let mut rows: Vec<(u32, usize)> = (0..400)
                .map(|_| (u32::try_from(draw.below(scores)).unwrap(), draw.below(2)))
                .collect();
            rows.sort_unstable();
            let of = |class| {
                let own = rows.iter().filter(move |row| row.1 == class);
                own.map(|row| f64::from(row.0)).collect::<Vec<_>>()
            };
            let cut = u32::try_from(scores / 3).unwrap();
            assert_eq!(curve(&rows, cut).placements(), Placements::of(&of(1), &of(0)), "{scores}");
        }
    }

    #[test]
    fn average_precision_by_hand() {
        // From above: 1 of 1, 2 of 3, and with the tie 4 of 6.
        let rows = [(1, 0), (2, 1), (2, 0), (2, 1), (3, 0), (4, 1), (5, 1)];
        let expected = (1.0 + 1.0 + 2.0 * 4.0 / 6.0) / 4.0;
        assert!((curve(&rows, 3).average_precision() - expected).abs() < 1e-14);
    }
}
