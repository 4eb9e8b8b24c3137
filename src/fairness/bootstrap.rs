//! Intervals of the base metrics whose rows alone give none: by another formula where there is one,
//! by resampling otherwise.

use super::Options;
use super::metrics::{AveragePrecision, Basis, F1, MatthewsCorrcoef, Metric};
use super::slice::Slice;
use crate::domain::{Code, Confusion, Interval, Seed};
use crate::stats::{
    Cube, Jackknifed, area_score, jackknifed_precision, student_two_sided, two_sided, wilson,
};

/// The metric whose resampled interval covers what it claims. A calibration error is not one: drawing adds noise to every bin, so that the interval lies above a small error.
const RESAMPLED: Code = MatthewsCorrcoef::META.code;
/// Draws of the counts.
const DRAWS: u32 = 2000;
/// Fewer rows than this are not resampled: what is not among them cannot be drawn.
const LEAST_ROWS: u64 = 30;
/// Nor are rows of which a class or a decision has fewer than this, and more than none.
const LEAST_SIDE: u64 = 5;

/// What gives an interval where the basis of a number has no closed form.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Instead {
    /// Nothing.
    None,
    /// F1: `2j / (1 + j)` of the share `j` of true positives in all rows but the true negatives.
    Harmonic {
        /// True positives.
        hits: u64,
        /// All rows but the true negatives.
        n: u64,
    },
    /// An area without variance: the sizes of both classes.
    Classes((u64, u64)),
    /// Draws.
    Drawn(Interval),
    /// An average precision, and what it is without each row.
    LeftOut(Jackknifed),
    /// A mean of numbers of either sign.
    Student {
        /// Standard error of the mean.
        error: f64,
        /// Degrees of freedom.
        freedom: f64,
    },
}

impl Instead {
    /// The interval of confidence `level`. A resampled one is made once; at another level its ends
    /// move away from the value in proportion to the normal quantile.
    pub(super) fn interval(&self, value: f64, level: f64) -> Option<Interval> {
        match self {
            Self::None => None,
            Self::Harmonic { hits, n } => {
                let f1 = |j: f64| 2.0 * j / (1.0 + j);
                let j = wilson(*hits, *n, level)?;
                Some(Interval { low: f1(j.low), high: f1(j.high), ..j })
            }
            Self::Classes(classes) => Some(area_score(value, *classes, level)),
            Self::LeftOut(precision) => precision.interval(level),
            Self::Student { error, freedom } => {
                let half = student_two_sided(level, *freedom)? * error;
                let method = "student_t".to_owned();
                Some(Interval { low: value - half, high: value + half, level, method })
            }
            Self::Drawn(drawn) => {
                let scale = two_sided(level) / two_sided(drawn.level);
                let end = |end: f64| value + (end - value) * scale;
                let (low, high) = (end(drawn.low.min(value)), end(drawn.high.max(value)));
                let exact = (level - drawn.level).abs() < 1e-12;
                Some(if exact { drawn.clone() } else { Interval { low, high, ..drawn.clone() } })
            }
        }
    }
}

/// A set of rows, ready to be drawn again.
pub(super) struct Resampling<'a> {
    rows: &'a Slice<'a>,
    level: f64,
    seed: Seed,
}

impl<'a> Resampling<'a> {
    /// Rows called `name`; equal names give equal draws.
    pub(super) fn new(rows: &'a Slice<'a>, options: &Options, name: &str) -> Self {
        let seed = options.statistics.seed.child("fairness/bootstrap").child(name);
        Self { rows, level: options.confidence, seed }
    }

    /// What gives an interval to the `value` of a metric whose `basis` has none; nothing for a
    /// metric that is not resampled, for rows too few to be drawn from, and for rows with weights.
    pub(super) fn instead(&self, metric: &dyn Metric, value: f64, basis: &Basis) -> Instead {
        let c = self.rows.confusion();
        if self.rows.weights().is_some() {
            return Instead::None;
        }
        match basis {
            Basis::Area { .. } if basis.interval(value, self.level).is_none() => {
                Instead::Classes((c.positives(), c.negatives()))
            }
            Basis::Rows(_) if metric.meta().code == F1::META.code => {
                Instead::Harmonic { hits: c.tp, n: c.tp + c.fp + c.fn_ }
            }
            Basis::Rows(_) if metric.meta().code == AveragePrecision::META.code => {
                self.left_out(value).map_or(Instead::None, Instead::LeftOut)
            }
            Basis::Rows(_) if metric.meta().code == RESAMPLED => {
                self.drawn(metric, value).map_or(Instead::None, Instead::Drawn)
            }
            _ => Instead::None,
        }
    }

    /// Whether so many rows of both classes leave room for an error.
    fn enough(c: &Confusion) -> bool {
        c.n() >= LEAST_ROWS && c.positives().min(c.negatives()) >= LEAST_SIDE
    }

    /// The bias-corrected and accelerated interval; `None` for rows too few to be drawn from.
    fn drawn(&self, metric: &dyn Metric, value: f64) -> Option<Interval> {
        let c = self.rows.confusion();
        let decided = c.selected().min(c.n() - c.selected()) >= LEAST_SIDE;
        if Self::enough(&c) && decided { self.counted(metric, value) } else { None }
    }

    fn counted(&self, metric: &dyn Metric, value: f64) -> Option<Interval> {
        let c = self.rows.confusion();
        let cube = Cube::new(vec![vec![c.tp, c.fp, c.tn, c.fn_]]);
        let of = |cells: &[Vec<u64>]| {
            let [tp, fp, tn, fn_] = [cells[0][0], cells[0][1], cells[0][2], cells[0][3]];
            metric.of(&Slice::counted(Confusion { tp, fp, tn, fn_ }))
        };
        let draws = cube.draws(DRAWS, self.seed.child("counts"), of);
        draws.bca(value, cube.acceleration(of), self.level)
    }

    /// The average precision without each row; `None` for few rows and without scores. Steps move the
    /// number a little; its error and bias are laid around the exact one.
    fn left_out(&self, value: f64) -> Option<Jackknifed> {
        let c = self.rows.confusion();
        if !Self::enough(&c) {
            return None;
        }
        let found = if let Some(by_step) = self.rows.by_step() {
            jackknifed_precision(by_step)
        } else {
            let scores = self.rows.scores()?;
            jackknifed_precision(&counted(scores.positive, scores.negative))
        };
        Some(Jackknifed { value, ..found? })
    }
}

/// Rows by score and class: negative, positive.
fn counted(positive: &[f64], negative: &[f64]) -> Vec<[u64; 2]> {
    let (mut positive, mut negative) = (positive.iter().peekable(), negative.iter().peekable());
    let mut counts: Vec<[u64; 2]> = Vec::new();
    while let Some(score) = match (positive.peek(), negative.peek()) {
        (Some(a), Some(b)) => Some(a.min(**b)),
        (a, b) => a.or(b).map(|score| **score),
    } {
        let mut here = [0; 2];
        while negative.next_if(|s| **s <= score).is_some() {
            here[0] += 1;
        }
        while positive.next_if(|s| **s <= score).is_some() {
            here[1] += 1;
        }
        counts.push(here);
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fairness::metrics::{Accuracy, ExpectedCalibrationError, RocAuc};

    fn drawn(metric: &dyn Metric, rows: &Slice<'_>, name: &str) -> Option<Interval> {
        let value = metric.of(rows).ok()?;
        let instead = Resampling::new(rows, &Options::default(), name).instead(
            metric,
            value,
            &Basis::Rows(1),
        );
        instead.interval(value, 0.95)
    }

    #[test]
    fn a_counted_metric_is_drawn_and_equal_names_give_equal_draws() {
        let rows = Slice::counted(Confusion { tp: 60, fp: 20, tn: 80, fn_: 40 });
        let found = drawn(&MatthewsCorrcoef, &rows, "a").unwrap();
        // Correlation 0.408; its delta-method error is 0.0642.
        assert_eq!(found.method, "bootstrap_bca");
        assert!((found.low - 0.279).abs() < 0.02 && (found.high - 0.532).abs() < 0.02, "{found:?}");
        assert_eq!(drawn(&MatthewsCorrcoef, &rows, "a"), Some(found.clone()));
        assert_ne!(drawn(&MatthewsCorrcoef, &rows, "b"), Some(found));
    }

    #[test]
    fn few_rows_and_thin_sides_are_not_drawn() {
        let few = Slice::counted(Confusion { tp: 6, fp: 5, tn: 8, fn_: 5 });
        let thin = Slice::counted(Confusion { tp: 3, fp: 20, tn: 80, fn_: 1 });
        let decided = Slice::counted(Confusion { tp: 2, fp: 2, tn: 80, fn_: 40 });
        for rows in [few, thin, decided] {
            assert!(MatthewsCorrcoef.of(&rows).is_ok());
            assert_eq!(drawn(&MatthewsCorrcoef, &rows, "a"), None);
        }
    }

    /// Two classes of `n` rows with the same tied scores, so that ranking is by chance.
    fn scored(n: u32) -> [Vec<f64>; 2] {
        let class = || {
            let mut scores: Vec<f64> = (0..n).map(|i| f64::from(i % 50) / 50.0).collect();
            scores.sort_unstable_by(f64::total_cmp);
            scores
        };
        [class(), class()]
    }

    #[test]
    fn the_interval_of_average_precision_narrows_with_the_root_of_the_rows() {
        let width = |n: u32| {
            let sides = scored(n);
            let half = u64::from(n) / 2;
            let c = Confusion { tp: half, fp: half, tn: half, fn_: half };
            let rows = Slice::ranked(c, &sides[0], &sides[1]);
            let found = drawn(&AveragePrecision, &rows, "a").unwrap();
            assert_eq!(found.method, "jackknife");
            assert!(found.low < 0.5 && found.high > 0.5, "{found:?}");
            found.high - found.low
        };
        assert!((width(3200) / width(200) - 0.25).abs() < 0.01);
    }

    #[test]
    fn the_error_of_average_precision_is_laid_around_the_exact_number() {
        let sides = scored(200);
        let c = Confusion { tp: 100, fp: 100, tn: 100, fn_: 100 };
        let rows = Slice::ranked(c, &sides[0], &sides[1]);
        let around = |value: f64| {
            let resampling = Resampling::new(&rows, &Options::default(), "a");
            match resampling.instead(&AveragePrecision, value, &Basis::Rows(1)) {
                Instead::LeftOut(found) => found,
                other => panic!("{other:?}"),
            }
        };
        // Steps instead of scores would give a number that differs a little from the exact one, say this.
        let of_rows = AveragePrecision.of(&rows).unwrap();
        let (own, moved) = (around(of_rows), around(of_rows + 0.001));
        assert_eq!(moved, Jackknifed { value: of_rows + 0.001, ..own });
    }

    #[test]
    fn a_calibration_error_is_not_resampled() {
        let sides = scored(200);
        let c = Confusion { tp: 100, fp: 100, tn: 100, fn_: 100 };
        let rows = Slice::ranked(c, &sides[0], &sides[1]);
        assert!(ExpectedCalibrationError.of(&rows).is_ok());
        assert_eq!(drawn(&ExpectedCalibrationError, &rows, "a"), None);
    }

    #[test]
    fn another_level_moves_the_ends_in_proportion() {
        let interval =
            Interval { low: 0.4, high: 0.7, level: 0.95, method: "bootstrap_bca".to_owned() };
        let wider = Instead::Drawn(interval.clone()).interval(0.5, 0.99).unwrap();
        let scale = 2.575_829_303_548_900_4 / 1.959_963_984_540_054;
        assert!((0.5 - wider.low - 0.1 * scale).abs() < 1e-9);
        assert!((wider.high - 0.5 - 0.2 * scale).abs() < 1e-9);
        assert_eq!(Instead::Drawn(interval.clone()).interval(0.5, 0.95), Some(interval));
    }

    #[test]
    fn f1_is_a_share_in_disguise() {
        // tp 4, fp 1, fn 1: j = 4 of 6, 2 · ⅔ / (1 + ⅔) = 0.8.
        let found = Instead::Harmonic { hits: 4, n: 6 }.interval(0.8, 0.95).unwrap();
        let j = wilson(4, 6, 0.95).unwrap();
        assert!((found.low - 2.0 * j.low / (1.0 + j.low)).abs() < 1e-15);
        assert!((found.high - 2.0 * j.high / (1.0 + j.high)).abs() < 1e-15);
        assert_eq!(Instead::None.interval(0.8, 0.95), None);
        let area = Instead::Classes((3, 4)).interval(1.0, 0.95).unwrap();
        assert_eq!(area.method, "hanley_mcneil_score");
    }

    #[test]
    fn a_mean_has_the_interval_of_student() {
        // The quantile of 10 degrees of freedom is 2.228.
        let found = Instead::Student { error: 2.0, freedom: 10.0 }.interval(1.0, 0.95).unwrap();
        let half = 2.0 * 2.228_138_851_986_273;
        assert!((found.low - (1.0 - half)).abs() < 1e-7, "{found:?}");
        assert!((found.high - (1.0 + half)).abs() < 1e-7, "{found:?}");
        assert_eq!(found.method, "student_t");
    }

    #[test]
    fn at_its_own_level_a_drawn_interval_is_what_was_drawn() {
        // The value may lie outside of the corrected interval; only at another level is it put inside.
        let interval =
            Interval { low: 0.4, high: 0.7, level: 0.95, method: "bootstrap_bca".to_owned() };
        let drawn = Instead::Drawn(interval.clone());
        assert_eq!(drawn.interval(0.3, 0.95), Some(interval));
        assert!((drawn.interval(0.3, 0.9).unwrap().low - 0.3).abs() < 1e-15);
    }

    #[test]
    fn each_metric_has_its_own_way_to_an_interval() {
        let rows = Slice::counted(Confusion { tp: 40, fp: 20, tn: 80, fn_: 60 });
        let options = Options::default();
        let instead = |metric: &dyn Metric, basis: &Basis| {
            Resampling::new(&rows, &options, "a").instead(metric, 0.5, basis)
        };
        assert_eq!(instead(&F1, &Basis::Rows(1)), Instead::Harmonic { hits: 40, n: 120 });
        assert_eq!(instead(&Accuracy, &Basis::Rows(1)), Instead::None);
        let area = |variance| Basis::Area { variance, n: 200 };
        assert_eq!(instead(&RocAuc, &area(None)), Instead::Classes((100, 100)));
        assert_eq!(instead(&RocAuc, &area(Some(0.01))), Instead::None);
    }

    #[test]
    fn thirty_rows_with_five_on_each_side_are_just_enough() {
        let of = |[tp, fp, tn, fn_]: [u64; 4]| {
            drawn(&MatthewsCorrcoef, &Slice::counted(Confusion { tp, fp, tn, fn_ }), "a")
        };
        assert!(of([4, 1, 24, 1]).is_some());
        assert_eq!(of([4, 1, 23, 1]), None);
        assert_eq!((of([40, 80, 2, 2]), of([80, 40, 3, 1])), (None, None));
    }
}
