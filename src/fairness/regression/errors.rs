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
    use crate::fairness::bootstrap::Instead;

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

    #[test]
    fn a_weighted_mean_and_its_variance_by_hand() {
        // Six errors of 0.8 and weight 1, six of −2 and weight 2: mean −19.2/18, and of their sizes
        // 28.8/18 = 1.6 with spread (6 · 0.8² + 12 · 0.4²)/18 = 0.32; effective rows 18²/30.
        let row = |p, weight| Row { y: 1.0, p, weight };
        let rows = [[row(1.8, 1.0); 6], [row(-1.0, 2.0); 6]].concat();
        let e = Errors::new(rows, true);
        let (mean, variance, freedom) = e.mean(|row| row.error().abs());
        assert!((mean - 1.6).abs() < 1e-14 && (variance - 0.32 / 9.8).abs() < 1e-14);
        assert!(
            (freedom - 9.8).abs() < 1e-12 && (e.mean(Row::error).0 + 19.2 / 18.0).abs() < 1e-14
        );
        let number = e.absolute();
        let Basis::Mean { most, n, .. } = number.seen().1 else { panic!("{number:?}") };
        assert!(most.is_infinite() && n == 12);
        let number = e.signed(Row::error);
        let Instead::Student { error, freedom } = *number.seen().2 else { panic!("{number:?}") };
        // Spread (6 · (28/15)² + 12 · (14/15)²)/18.
        let spread = (6.0 * (28.0_f64 / 15.0).powi(2) + 12.0 * (14.0_f64 / 15.0).powi(2)) / 18.0;
        assert!((error - (spread / 9.8).sqrt()).abs() < 1e-14 && (freedom - 9.8).abs() < 1e-12);
    }

    #[test]
    fn few_or_equal_errors_have_no_interval() {
        let some = |n: u32| errors(&(0..n).map(|i| (0.0, f64::from(i))).collect::<Vec<_>>());
        let absolute = |e: &Errors| e.absolute().seen().1;
        assert_eq!(absolute(&some(9)), Basis::Rows(9));
        assert!(matches!(absolute(&some(10)), Basis::Mean { n: 10, .. }));
        assert_eq!(absolute(&errors(&[(0.0, 1.0); 20])), Basis::Rows(20));
        let signed = |e: &Errors| *e.signed(Row::error).seen().2 != Instead::None;
        assert!(!signed(&some(9)) && signed(&some(10)) && !signed(&errors(&[(0.0, 1.0); 20])));
    }

    #[test]
    fn the_median_by_hand() {
        let median = |sizes: &[(f64, f64)], weighted| {
            let row = |&(p, weight): &(f64, f64)| Row { y: 0.0, p, weight };
            let e = Errors::new(sizes.iter().map(row).collect(), weighted);
            e.median(0.95).seen().0.clone().unwrap()
        };
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-15, "{a} {b}");
        close(median(&[(-4.0, 1.0), (1.0, 1.0), (3.0, 1.0)], false), 3.0);
        close(median(&[(-4.0, 1.0), (1.0, 1.0), (3.0, 1.0), (2.0, 1.0)], false), 2.5);
        close(median(&[(1.0, 3.0), (2.0, 1.0), (3.0, 1.0)], true), 1.0);
        close(median(&[(1.0, 2.0), (2.0, 1.0), (3.0, 1.0), (9.0, 0.0)], true), 1.5);
        close(median(&[(1.0, 2.0), (1.2, 0.0), (2.0, 1.0), (3.0, 1.0)], true), 1.5);
    }

    #[test]
    fn sums_of_a_draw_are_the_numbers_of_its_rows() {
        let rows: Vec<(f64, f64)> =
            (0..50_u32).map(|i| (f64::from(i * i % 17), f64::from(i * 7 % 19))).collect();
        let e = errors(&rows);
        for centre in [0.0, 8.0] {
            let mut sums = Sums::default();
            e.rows.iter().for_each(|row| sums.add(row, centre, 1.0));
            assert!((sums.rmse().unwrap() - e.rmse()).abs() < 1e-12);
            assert!((sums.r2().unwrap() - e.r2().unwrap()).abs() < 1e-12);
        }
        let mut equal = Sums::default();
        (0..3).for_each(|_| equal.add(&Row { y: 0.1, p: 1.0, weight: 1.0 }, 0.0, 1.0));
        assert_eq!(equal.r2(), Err(Undefined::ZeroDenominator));
    }

    #[test]
    fn a_drawn_interval_is_that_of_all_rows_though_fewer_are_drawn() {
        // Errors 0 and 2 in turn: RMSE √2, its standard error √Var(e²)/(2 √2 √n) = 1/√(2n).
        let of = |n: u32| {
            let rows: Vec<(f64, f64)> =
                (0..n).map(|i| (f64::from(i % 5), f64::from(i % 5 + 2 * (i % 2)))).collect();
            let e = errors(&rows);
            e.interval(Sums::rmse, e.rmse(), Seed::new(4), 0.95)
        };
        for n in [200, 500, 8000] {
            let (found, half) = (of(n).unwrap(), 1.96 / (2.0 * f64::from(n)).sqrt());
            assert!((found.low - 2_f64.sqrt() + half).abs() < 0.3 * half, "{n} {found:?}");
            assert!((found.high - 2_f64.sqrt() - half).abs() < 0.3 * half, "{n} {found:?}");
        }
        assert!(of(30).is_some() && of(29).is_none());
    }

    #[test]
    fn large_equal_outcomes_have_no_spread_in_a_draw_either() {
        for n in 2..40 {
            let mut equal = Sums::default();
            let row = Row { y: 1e8 / 3.0, p: 0.0, weight: 1.0 };
            (0..n).for_each(|_| equal.add(&row, 0.0, 1.0));
            assert_eq!(equal.r2(), Err(Undefined::ZeroDenominator), "{n}");
        }
    }

    #[test]
    fn the_skew_is_that_of_the_numbers_without_each_row() {
        let rows = [(1.0, 2.0), (2.0, 1.5), (3.0, 6.0), (6.0, 7.0), (9.0, 8.0)];
        let without = |left: usize| {
            let rest = rows.iter().enumerate().filter(|(at, _)| *at != left);
            (1.0, errors(&rest.map(|(_, row)| *row).collect::<Vec<_>>()).rmse())
        };
        let expected = jackknife_skew(&(0..5).map(without).collect::<Vec<_>>());
        let found = errors(&rows).skew(Sums::rmse, 4.0);
        assert!(expected.abs() > 0.01 && (found - expected).abs() < 1e-9, "{found} {expected}");
    }

    #[test]
    fn no_row_and_no_weight_are_told_apart() {
        let why = |e: &Errors| e.numbers(&Options::default(), "")[1].seen().0.clone();
        assert_eq!(why(&errors(&[])), Err(Undefined::Empty));
        let none = Errors::new(vec![Row { y: 1.0, p: 2.0, weight: 0.0 }], true);
        assert_eq!(why(&none), Err(Undefined::ZeroDenominator));
    }
}
