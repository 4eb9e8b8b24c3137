//! Where a function crosses zero.

/// The root of `f` between `a` and `b`, where it has different signs, to within `near`, by Chandrupatla's
/// method: inverse quadratic steps where they can be trusted, halving where not.
///
/// A value of the function that is not finite makes a step a halving. Source: Chandrupatla 1997, Advances
/// in Engineering Software 28, 145–149.
pub(super) fn root(f: impl Fn(f64) -> f64, (a, b): (f64, f64), near: f64) -> f64 {
    let (mut a, mut b) = (a, b);
    let (mut at_a, mut at_b) = (f(a), f(b));
    let mut step = 0.5;
    loop {
        let x = a + step * (b - a);
        let at_x = f(x);
        let (c, at_c) = if (at_x < 0.0) == (at_a < 0.0) {
            (a, at_a)
        } else {
            let old = (b, at_b);
            (b, at_b) = (a, at_a);
            old
        };
        (a, at_a) = (x, at_x);
        let best = if at_a.abs() < at_b.abs() { a } else { b };
        let least = (near + 2.0 * f64::EPSILON * best.abs()) / (b - a).abs();
        if least > 0.5 || at_a.abs().min(at_b.abs()) <= 0.0 {
            return best;
        }
        let (xi, phi) = ((a - b) / (c - b), (at_a - at_b) / (at_c - at_b));
        let trusted = phi * phi < xi && (1.0 - phi) * (1.0 - phi) < 1.0 - xi;
        let quadratic = at_a / (at_b - at_a) * (at_c / (at_b - at_c))
            + (c - a) / (b - a) * (at_a / (at_c - at_a)) * (at_b / (at_c - at_b));
        step = if trusted && quadratic.is_finite() { quadratic } else { 0.5 };
        step = step.clamp(least, 1.0 - least);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    #[test]
    fn roots_by_hand_in_few_looks() {
        let looks = Cell::new(0);
        let check = |f: &dyn Fn(f64) -> f64, ends: (f64, f64), expected: f64| {
            looks.set(0);
            let seen = |x: f64| {
                looks.set(looks.get() + 1);
                f(x)
            };
            let found = root(seen, ends, 1e-14);
            assert!((found - expected).abs() < 1e-13, "{found} {expected}");
            assert!(looks.get() < 60, "{}", looks.get());
            looks.get()
        };
        assert!(check(&|x| x * x - 2.0, (0.0, 2.0), std::f64::consts::SQRT_2) < 13);
        assert!(check(&|x| x.exp() - 3.0, (-40.0, 40.0), 3.0_f64.ln()) < 60);
        check(&|x| x.cbrt(), (-1.0, 3.0), 0.0);
        check(&|x| x - 0.25, (1.0, 0.0), 0.25);
        // A jump has no root; its place is found.
        check(&|x| if x < 0.3 { -1.0 } else { 1.0 }, (0.0, 1.0), 0.3);
        check(&|x| if x > 0.5 { f64::INFINITY } else { x - 0.125 }, (0.0, 1.0), 0.125);
    }
}
