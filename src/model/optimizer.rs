//! Rules of descent, as data and as arithmetic on slices.

use super::network::narrow;

/// A rule of descent with its settings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Rule {
    /// Kingma and Ba 2015, algorithm 1.
    Adam {
        /// Decay of the first moment.
        beta1: f64,
        /// Decay of the second moment.
        beta2: f64,
        /// Keeps the step finite.
        epsilon: f64,
    },
}

impl Rule {
    /// Adam with the settings of the paper.
    pub(crate) const ADAM: Self = Self::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
}

/// One update.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Update {
    /// The rule.
    pub(crate) rule: Rule,
    /// Step size.
    pub(crate) rate: f64,
    /// Which step this is, from 1.
    pub(crate) step: i32,
}

impl Update {
    /// Moves `numbers` down their `gradient`; `first` and `second` are the memory.
    #[inline(always)]
    pub(crate) fn apply(
        &self,
        numbers: &mut [f32],
        gradient: &[f32],
        first: &mut [f32],
        second: &mut [f32],
    ) {
        let Rule::Adam { beta1, beta2, epsilon } = self.rule;
        let rate = narrow(self.rate / (1.0 - beta1.powi(self.step)));
        let spread = narrow((1.0 - beta2.powi(self.step)).sqrt());
        let (keep1, take1) = (narrow(beta1), narrow(1.0 - beta1));
        let (keep2, take2) = (narrow(beta2), narrow(1.0 - beta2));
        let epsilon = narrow(epsilon);
        let moments = first.iter_mut().zip(second.iter_mut());
        for ((w, g), (m, v)) in numbers.iter_mut().zip(gradient).zip(moments) {
            *m = keep1 * *m + take1 * g;
            *v = keep2 * *v + take2 * g * g;
            *w -= rate * *m / (v.sqrt() / spread + epsilon);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_of_adam_by_hand() {
        // t = 1, g = 0.5: m = 0.05, v = 0.00025; m̂ = 0.5, v̂ = 0.25; w = 1 − 0.001 · 0.5/(0.5 + ε)
        let (mut w, mut m, mut v) = ([1.0f32], [0.0f32], [0.0f32]);
        let update = Update { rule: Rule::ADAM, rate: 0.001, step: 1 };
        update.apply(&mut w, &[0.5], &mut m, &mut v);
        assert!((w[0] - 0.999).abs() < 1e-6 && (m[0] - 0.05).abs() < 1e-7);
    }
}
