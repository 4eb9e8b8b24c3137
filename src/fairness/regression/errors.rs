//! The rows of one group: outcome, prediction and weight, and the numbers that follow.

use crate::domain::{Interval, Seed, Undefined, Value, ratio_of, to_f64};
use crate::fairness::Options;
use crate::fairness::measures::Number;
use crate::fairness::metrics::Basis;
use crate::stats::{Draws, jackknife_skew, median_interval, sum};

/// Draws of rows.
const DRAWS: u32 = 1000;
/// Fewer rows than this are not drawn: what is not among them cannot be.
const LEAST_ROWS: usize = 30;
/// Rows beyond this are drawn m out of n.
const MOST_ROWS: usize = 2000;
/// Effective rows below which a mean has no trustworthy interval.
const ENOUGH: f64 = 10.0;

/// One row.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    /// The outcome.
    pub(super) y: f64,
    /// The prediction.
    pub(super) p: f64,
    /// The weight, 1 where there is none.
    pub(super) weight: f64,
}

impl Row {
    fn error(&self) -> f64 {
        self.p - self.y
    }
}

/// Sums of the rows of a draw.
#[derive(Clone, Copy, Default)]
struct Sums {
    n: f64,
    squares: f64,
    y: f64,
    yy: f64,
}

impl Sums {
    /// Adds `times` a row, its outcome measured from `centre`.
    fn add(&mut self, row: &Row, centre: f64, times: f64) {
        let y = row.y - centre;
        self.n += times;
        self.squares += times * row.error() * row.error();
        self.y += times * y;
        self.yy += times * y * y;
    }

    fn rmse(&self) -> Value {
        Ok(ratio_of(self.squares, self.n)?.max(0.0).sqrt())
    }

    fn r2(&self) -> Value {
        let spread = self.yy - self.y * self.y / self.n;
        // What is left of equal outcomes by rounding is no spread.
        if spread <= 1e-12 * self.yy {
            return Err(Undefined::ZeroDenominator);
        }
        Ok(1.0 - ratio_of(self.squares, spread)?)
    }
}

/// Rows in an order of their own, so that the order of the table changes nothing.
pub(super) struct Errors {
    rows: Vec<Row>,
    weighted: bool,
}

impl Errors {
    /// The rows of one group.
    pub(super) fn new(mut rows: Vec<Row>, weighted: bool) -> Self {
        let order = |a: &Row, b: &Row| {
            let weight = || a.weight.total_cmp(&b.weight);
            a.y.total_cmp(&b.y).then(a.p.total_cmp(&b.p)).then_with(weight)
        };
        rows.sort_unstable_by(order);
        Self { rows, weighted }
    }

    /// Rows.
    pub(super) fn n(&self) -> u64 {
        u64::try_from(self.rows.len()).unwrap_or(u64::MAX)
    }

    /// All numbers in the order of the measures; `name` tells the draws from those of other rows.
    pub(super) fn numbers(&self, options: &Options, name: &str) -> Vec<Number> {
        let n = self.n();
        let count = Number::new(Ok(to_f64(n)), Basis::Rows(n));
        let weight = sum(self.rows.iter().map(|row| row.weight));
        let why = if n == 0 { Undefined::Empty } else { Undefined::ZeroDenominator };
        if weight <= 0.0 {
            let none = || Number::new(Err(why.clone()), Basis::Rows(n));
            return std::iter::once(count).chain((0..7).map(|_| none())).collect();
        }
        let seed = options.statistics.seed.child("fairness/regression").child(name);
        let level = options.confidence;
        vec![
            count,
            self.absolute(),
            self.drawn(Sums::rmse, Ok(self.rmse()), (seed.child("rmse"), level)),
            self.drawn(Sums::r2, self.r2(), (seed.child("r2"), level)),
            self.median(level),
            self.signed(Row::error),
            self.signed(|row| row.p),
            self.signed(|row| row.y),
        ]
    }

    /// Mean of a number per row, the variance of that mean and its degrees of freedom.
    fn mean(&self, of: impl Fn(&Row) -> f64) -> (f64, f64, f64) {
        let weight = sum(self.rows.iter().map(|row| row.weight));
        let mean = sum(self.rows.iter().map(|row| row.weight * of(row))) / weight;
        let spread = |row: &Row| row.weight * (of(row) - mean).powi(2);
        let spread = sum(self.rows.iter().map(spread)) / weight;
        let squares = sum(self.rows.iter().map(|row| row.weight * row.weight));
        let freedom = weight * weight / squares - 1.0;
        (mean, spread / freedom, freedom)
    }

    fn absolute(&self) -> Number {
        let (mean, variance, freedom) = self.mean(|row| row.error().abs());
        let n = self.n();
        let enough = freedom + 1.0 >= ENOUGH && variance > 0.0;
        let basis = Basis::Mean { variance, freedom, most: f64::INFINITY, n };
        Number::new(Ok(mean), if enough { basis } else { Basis::Rows(n) })
    }

    fn signed(&self, of: impl Fn(&Row) -> f64) -> Number {
        let (mean, variance, freedom) = self.mean(of);
        if freedom + 1.0 < ENOUGH || variance <= 0.0 {
            return Number::new(Ok(mean), Basis::Rows(self.n()));
        }
        Number::mean(mean, self.n(), (variance.sqrt(), freedom))
    }

    fn rmse(&self) -> f64 {
        self.mean(|row| row.error().powi(2)).0.sqrt()
    }

    fn r2(&self) -> Value {
        if self.rows.len() < 2 {
            return Err(Undefined::TooFew { n: self.n(), need: 2 });
        }
        let (centre, ..) = self.mean(|row| row.y);
        let weighed = |of: &dyn Fn(&Row) -> f64| sum(self.rows.iter().map(|r| r.weight * of(r)));
        let spread = weighed(&|row| (row.y - centre).powi(2));
        let first = self.rows[0].y;
        if self.rows.iter().all(|row| row.y.total_cmp(&first).is_eq()) {
            return Err(Undefined::ZeroDenominator);
        }
        Ok(1.0 - ratio_of(weighed(&|row| row.error().powi(2)), spread)?)
    }

    /// A number with its bias-corrected and accelerated interval.
    fn drawn(&self, of: fn(&Sums) -> Value, value: Value, (seed, level): (Seed, f64)) -> Number {
        let interval = value.as_ref().ok().and_then(|value| self.interval(of, *value, seed, level));
        Number::drawn(value, self.n(), interval)
    }

    fn interval(
        &self,
        of: fn(&Sums) -> Value,
        value: f64,
        seed: Seed,
        level: f64,
    ) -> Option<Interval> {
        if self.weighted || self.rows.len() < LEAST_ROWS {
            return None;
        }
        let (centre, ..) = self.mean(|row| row.y);
        let drawn = self.rows.len().min(MOST_ROWS);
        let mut stream = seed.stream();
        let draw = |_| {
            let mut sums = Sums::default();
            for _ in 0..drawn {
                sums.add(&self.rows[stream.below(self.rows.len())], centre, 1.0);
            }
            of(&sums)
        };
        let draws = Draws::collect((0..DRAWS).map(draw));
        let found = draws.bca(value, self.skew(of, centre), level)?;
        let [m, n] = [drawn, self.rows.len()].map(|n| to_f64(u64::try_from(n).unwrap_or(u64::MAX)));
        let scale = (m / n).sqrt();
        let end = |end: f64| value + (end - value) * scale;
        Some(Interval { low: end(found.low), high: end(found.high), ..found })
    }

    /// The skew of the number with each row left out in turn.
    fn skew(&self, of: fn(&Sums) -> Value, centre: f64) -> f64 {
        let mut all = Sums::default();
        self.rows.iter().for_each(|row| all.add(row, centre, 1.0));
        let without = |row: &Row| {
            let mut rest = all;
            rest.add(row, centre, -1.0);
            of(&rest).ok().map(|value| (1.0, value))
        };
        jackknife_skew(&self.rows.iter().filter_map(without).collect::<Vec<_>>())
    }

    fn median(&self, level: f64) -> Number {
        let weighed = |row: &Row| (row.error().abs(), row.weight);
        let mut errors: Vec<(f64, f64)> =
            self.rows.iter().map(weighed).filter(|(_, weight)| *weight > 0.0).collect();
        errors.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
        let half = sum(errors.iter().map(|(_, weight)| *weight)) / 2.0;
        let (mut reached, mut value) = (0.0, Err(Undefined::Empty));
        for (at, (error, weight)) in errors.iter().enumerate() {
            reached += weight;
            if reached >= half {
                let next = errors.get(at + 1).map_or(*error, |(next, _)| *next);
                value = Ok(if reached > half { *error } else { f64::midpoint(*error, next) });
                break;
            }
        }
        let sorted: Vec<f64> = errors.into_iter().map(|(error, _)| error).collect();
        let interval = median_interval(&sorted, level).filter(|_| !self.weighted);
        Number::drawn(value, self.n(), interval)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn errors(rows: &[(f64, f64)]) -> Errors {
        Errors::new(rows.iter().map(|&(y, p)| Row { y, p, weight: 1.0 }).collect(), false)
    }

    #[test]
    fn numbers_by_hand() {
        // Errors 1, −1, 3, 1: MAE 6/4, RMSE √(12/4), mean error 1; spread of 1 2 3 6: 4 + 1 + 0 + 9.
        let e = errors(&[(1.0, 2.0), (2.0, 1.0), (3.0, 6.0), (6.0, 7.0)]);
        assert!((e.mean(|row| row.error().abs()).0 - 1.5).abs() < 1e-15);
        assert!((e.rmse() - 3.0_f64.sqrt()).abs() < 1e-15);
        assert!((e.r2().unwrap() - (1.0 - 12.0 / 14.0)).abs() < 1e-15);
        assert!((e.mean(Row::error).0 - 1.0).abs() < 1e-15);
    }

    #[test]
    fn equal_outcomes_and_one_row_have_no_share_of_the_spread() {
        assert_eq!(errors(&[(0.1, 2.0); 3]).r2(), Err(Undefined::ZeroDenominator));
        assert_eq!(errors(&[(1.0, 1.0)]).r2(), Err(Undefined::TooFew { n: 1, need: 2 }));
        assert_eq!(errors(&[(1.0, 1.0), (1.0, 2.0)]).r2(), Err(Undefined::ZeroDenominator));
    }
}
