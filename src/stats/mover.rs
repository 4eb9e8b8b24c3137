//! Intervals of a difference and a ratio of two independent estimates from the interval of each.
//!
//! The distance from each estimate to its own ends stands for its error on that side, so that skew
//! and boundaries are carried over. With Wilson's interval the difference is Newcombe's.

/// An estimate with the ends of its own interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Estimate {
    /// The number.
    pub(crate) value: f64,
    /// Lower end.
    pub(crate) low: f64,
    /// Upper end.
    pub(crate) high: f64,
}

/// The ends of `a − b`.
///
/// Source: Zou and Donner 2008, Statistics in Medicine 27, 1693–1702.
pub(crate) fn difference(a: Estimate, b: Estimate) -> (f64, f64) {
    let d = a.value - b.value;
    (d - (a.value - a.low).hypot(b.high - b.value), d + (a.high - a.value).hypot(b.value - b.low))
}

/// The ends of `a / b`, both at least 0 with ends at least 0; the upper one is infinite where `b`
/// may be 0. `None` when `b` is 0.
///
/// Source: Donner and Zou 2012, Statistical Methods in Medical Research 21, 347–359.
pub(crate) fn ratio(a: Estimate, b: Estimate) -> Option<(f64, f64)> {
    if b.value <= 0.0 || a.low < 0.0 || b.low < 0.0 {
        return None;
    }
    let product = a.value * b.value;
    let root = |end_a: f64, end_b: f64| {
        let inner = end_a * (2.0 * a.value - end_a) * end_b * (2.0 * b.value - end_b);
        (product * product - inner).max(0.0).sqrt()
    };
    let low_scale = b.high * (2.0 * b.value - b.high);
    let high_scale = b.low * (2.0 * b.value - b.low);
    // Where the scale vanishes or turns, the solution is the one of the linear equation.
    let low = if low_scale.abs() < 1e-12 {
        a.low * (2.0 * a.value - a.low) / (2.0 * product).max(f64::MIN_POSITIVE)
    } else {
        (product - root(a.low, b.high)) / low_scale
    };
    let high = if high_scale < 1e-12 {
        f64::INFINITY
    } else {
        (product + root(a.high, b.low)) / high_scale
    };
    Some((low.max(0.0), high))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::to_f64;
    use crate::stats::{newcombe, wilson};

    fn share(hits: u64, n: u64) -> Estimate {
        let i = wilson(hits, n, 0.95).unwrap();
        Estimate { value: to_f64(hits) / to_f64(n), low: i.low, high: i.high }
    }

    #[test]
    fn of_wilson_intervals_it_is_newcombes() {
        let (low, high) = difference(share(56, 70), share(48, 80));
        let i = newcombe((56, 70), (48, 80), 0.95).unwrap();
        assert!((low - i.low).abs() < 1e-12 && (high - i.high).abs() < 1e-12);
    }

    #[test]
    fn ends_of_zero_have_a_ratio_and_ends_below_zero_none() {
        let at = |low| Estimate { value: 0.5, low, high: 0.6 };
        let (low, high) = ratio(at(0.0), at(0.4)).unwrap();
        assert!(low.abs() < 1e-15 && high.is_finite());
        assert!(ratio(at(0.4), at(0.0)).unwrap().1.is_infinite());
        assert!(ratio(at(0.4), at(1e-14)).unwrap().1.is_infinite());
        assert_eq!((ratio(at(-0.1), at(0.4)), ratio(at(0.4), at(-0.1))), (None, None));
    }

    #[test]
    fn a_ratio_by_hand_and_near_the_score_interval() {
        // Half-widths of 0.1 around ½ and ½: ab = ¼, the ends solve the quadratic of Donner and Zou.
        let e = Estimate { value: 0.5, low: 0.4, high: 0.6 };
        let (low, high) = ratio(e, e).unwrap();
        // (0.25 − √(0.0625 − 0.24·0.24)) / 0.24 = 0.75; above: (0.25 + 0.07) / 0.24 = 4/3.
        assert!((low - 0.75).abs() < 1e-12 && (high - 4.0 / 3.0).abs() < 1e-12, "{low} {high}");
        let (low, high) = ratio(share(36, 40), share(16, 80)).unwrap();
        assert!((low - 2.94).abs() < 0.1 && (high - 7.15).abs() < 0.3, "{low} {high}");
        assert_eq!(ratio(e, Estimate { value: 0.0, low: 0.0, high: 0.1 }), None);
        // An upper end of twice the estimate makes the equation linear: 0.4 · 0.6 / (2 · 0.15) = 0.8, near
        // which the ends of an upper end close by lie.
        let lower = |high| ratio(e, Estimate { value: 0.3, low: 0.2, high }).unwrap().0;
        assert!((lower(0.6) - 0.8).abs() < 1e-12 && (lower(0.6 + 1e-7) - 0.8).abs() < 1e-5);
        assert!(ratio(e, Estimate { value: 0.1, low: 0.0, high: 0.3 }).unwrap().1.is_infinite());
    }
}
