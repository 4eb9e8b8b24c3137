//! Placements of the scores of many groups at once, while the rows go by in the order of their
//! scores.

use crate::stats::Placements;

/// The rows of one group that have gone by.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Run {
    /// The score that is going by, as bits.
    score: u64,
    /// Rows of that score by class: negative, positive.
    equal: [u64; 2],
    /// Rows below it by class.
    below: [u64; 2],
    /// Doubled placements by class, summed.
    sums: [u128; 2],
    /// Their squares, summed.
    squares: [u128; 2],
}

impl Run {
    /// Takes the next row, whose score is not less than the last one's; class 1 is positive.
    #[inline]
    pub(super) fn add(&mut self, score: f64, class: usize) {
        let score = score.to_bits();
        if score != self.score {
            self.pass();
            self.score = score;
        }
        self.equal[class] += 1;
    }

    /// What all rows amount to.
    pub(super) fn close(mut self) -> Placements {
        self.pass();
        Placements {
            positives: self.below[1],
            negatives: self.below[0],
            won: self.sums[1],
            won_squares: self.squares[1],
            lost: self.sums[0],
            lost_squares: self.squares[0],
        }
    }

    /// Places the rows of equal score: twice the rows of the other class below, plus the equal ones.
    #[inline]
    fn pass(&mut self) {
        for class in [0, 1] {
            let (own, other) = (self.equal[class], self.equal[1 - class]);
            if own > 0 {
                let doubled = u128::from(2 * self.below[1 - class] + other);
                self.sums[class] += u128::from(own) * doubled;
                self.squares[class] += u128::from(own) * (doubled * doubled);
            }
        }
        self.below[0] += self.equal[0];
        self.below[1] += self.equal[1];
        self.equal = [0, 0];
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;

    #[test]
    fn rows_that_go_by_are_placed_as_two_samples_are() {
        let mut draw = Seed::new(11).stream();
        for steps in [1.0, 7.0, 1e6] {
            let score = |draw: &mut crate::domain::Stream| (draw.uniform() * steps).floor();
            let mut rows: Vec<(f64, usize)> =
                (0..500).map(|_| (score(&mut draw), draw.below(2))).collect();
            rows.sort_by(|a, b| a.0.total_cmp(&b.0));
            let mut run = Run::default();
            for (score, class) in &rows {
                run.add(*score, *class);
            }
            let of = |class| rows.iter().filter(|r| r.1 == class).map(|r| r.0).collect::<Vec<_>>();
            assert_eq!(run.close(), Placements::of(&of(1), &of(0)));
        }
    }

    #[test]
    fn no_row_has_no_placement() {
        assert_eq!(Run::default().close(), Placements::of(&[], &[]));
    }
}
