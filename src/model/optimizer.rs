//! Rules of descent as arithmetic on slices, equal to `PyTorch`'s.
#![expect(clippy::inline_always, reason = "becomes part of a kernel of the engine")]

use super::dp_sgd::PrivateStep;
use super::network::narrow;
use crate::domain::Optimizer;

/// One update.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Update {
    /// The rule.
    pub(crate) rule: Optimizer,
    /// Step size.
    pub(crate) rate: f64,
    /// Which step this is, from 1.
    pub(crate) step: i32,
    /// The longest gradient, as the norm over all tensors; `None` for any length. Where it is
    /// given, a step measures [`norm`] and goes on with [`Update::clipped`].
    pub(crate) clip: Option<f64>,
    /// Clips each row and disturbs their sum; `None` for the plain mean of the rows.
    pub(crate) private: Option<PrivateStep>,
    /// What [`Update::apply`] multiplies each gradient by: 1, unless it was clipped.
    pub(crate) scale: f32,
}

impl Update {
    /// An update by the whole gradient.
    pub(crate) fn new(rule: Optimizer, rate: f64, step: i32) -> Self {
        Self { rule, rate, step, clip: None, private: None, scale: 1.0 }
    }

    /// The same update for gradients whose norm over all tensors is `norm`: where it exceeds the
    /// limit, they are shortened to it, as `clip_grad_norm_` does.
    pub(crate) fn clipped(&self, norm: f64) -> Self {
        let factor = self.clip.map_or(1.0, |clip| (clip / (norm + 1e-6)).min(1.0));
        Self { scale: narrow(factor), ..*self }
    }

    /// Moves `numbers` down their `gradient`; `first` and `second` are the memory.
    #[inline(always)]
    pub(crate) fn apply(
        &self,
        numbers: &mut [f32],
        gradient: &[f32],
        first: &mut [f32],
        second: &mut [f32],
    ) {
        match self.rule {
            Optimizer::Sgd { momentum, nesterov, weight_decay } => {
                let ahead = if nesterov { momentum } else { 0.0 };
                self.sgd([momentum, ahead, weight_decay], numbers, gradient, first);
            }
            Optimizer::Adam { beta1, beta2, epsilon, weight_decay } => {
                let moments = Moments::new(self, [beta1, beta2, epsilon]);
                let added = narrow(weight_decay);
                moments.apply([1.0, added, self.scale], numbers, gradient, [first, second]);
            }
            Optimizer::AdamW { beta1, beta2, epsilon, weight_decay } => {
                let moments = Moments::new(self, [beta1, beta2, epsilon]);
                let kept = narrow(1.0 - self.rate * weight_decay);
                moments.apply([kept, 0.0, self.scale], numbers, gradient, [first, second]);
            }
        }
    }

    /// `first` remembers the momentum; with `ahead` the step looks ahead along it.
    #[inline(always)]
    fn sgd(
        &self,
        [momentum, ahead, decay]: [f64; 3],
        numbers: &mut [f32],
        gradient: &[f32],
        first: &mut [f32],
    ) {
        let [rate, momentum, ahead, decay] = [self.rate, momentum, ahead, decay].map(narrow);
        for ((w, g), m) in numbers.iter_mut().zip(gradient).zip(first) {
            let g = self.scale * g + decay * *w;
            *m = momentum * *m + g;
            *w -= rate * if ahead > 0.0 { g + ahead * *m } else { *m };
        }
    }
}

/// The numbers of a step of Adam.
struct Moments {
    rate: f32,
    spread: f32,
    keep: [f32; 2],
    take: [f32; 2],
    epsilon: f32,
}

impl Moments {
    fn new(update: &Update, [beta1, beta2, epsilon]: [f64; 3]) -> Self {
        Self {
            rate: narrow(update.rate / (1.0 - beta1.powi(update.step))),
            spread: narrow((1.0 - beta2.powi(update.step)).sqrt()),
            keep: [beta1, beta2].map(narrow),
            take: [1.0 - beta1, 1.0 - beta2].map(narrow),
            epsilon: narrow(epsilon),
        }
    }

    /// `kept` of each number stays, `added` of it joins its gradient, which is scaled first.
    #[inline(always)]
    fn apply(
        &self,
        [kept, added, scale]: [f32; 3],
        numbers: &mut [f32],
        gradient: &[f32],
        [first, second]: [&mut [f32]; 2],
    ) {
        let memory = first.iter_mut().zip(second.iter_mut());
        for ((w, g), (m, v)) in numbers.iter_mut().zip(gradient).zip(memory) {
            let g = scale * g + added * *w;
            *m = self.keep[0] * *m + self.take[0] * g;
            *v = self.keep[1] * *v + self.take[1] * g * g;
            *w = kept * *w - self.rate * *m / (v.sqrt() / self.spread + self.epsilon);
        }
    }
}

/// The norm of a gradient over all its tensors, summed in their order.
pub(crate) fn norm<'a>(gradients: impl IntoIterator<Item = &'a [f32]>) -> f64 {
    let squares = |tensor: &[f32]| tensor.iter().map(|&g| f64::from(g) * f64::from(g)).sum::<f64>();
    gradients.into_iter().map(squares).sum::<f64>().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    #[test]
    fn the_first_step_of_adam_by_hand() {
        // t = 1, g = 0.5: m = 0.05, v = 0.00025; m̂ = 0.5, v̂ = 0.25; w = 1 − 0.001 · 0.5/(0.5 + ε)
        let (mut w, mut m, mut v) = ([1.0f32], [0.0f32], [0.0f32]);
        let update = Update::new(Optimizer::ADAM, 0.001, 1);
        update.apply(&mut w, &[0.5], &mut m, &mut v);
        assert!((w[0] - 0.999).abs() < 1e-6 && (m[0] - 0.05).abs() < 1e-7);
    }

    #[test]
    fn a_long_gradient_is_shortened_and_a_short_one_is_not() {
        let update = Update { clip: Some(1.0), ..Update::new(Optimizer::ADAM, 0.1, 1) };
        assert!((norm([&[3.0f32][..], &[4.0, 0.0]]) - 5.0).abs() < 1e-12);
        assert!((update.clipped(5.0).scale - 0.2).abs() < 1e-6);
        assert!((update.clipped(0.5).scale - 1.0).abs() < 1e-12);
        assert!((Update::new(Optimizer::ADAM, 0.1, 1).clipped(5.0).scale - 1.0).abs() < 1e-12);
    }

    fn numbers(value: &Value) -> Vec<f32> {
        serde_json::from_value(value.clone()).unwrap()
    }

    fn rule(settings: &Value) -> Optimizer {
        let number = |key: &str, default: f64| settings[key].as_f64().unwrap_or(default);
        let weight_decay = number("weight_decay", 0.0);
        let (beta1, beta2) = (number("beta1", 0.9), number("beta2", 0.999));
        let epsilon = number("epsilon", 1e-8);
        match settings["kind"].as_str().unwrap() {
            "sgd" => Optimizer::Sgd {
                momentum: number("momentum", 0.0),
                nesterov: settings["nesterov"].as_bool().unwrap_or(false),
                weight_decay,
            },
            "adam" => Optimizer::Adam { beta1, beta2, epsilon, weight_decay },
            _ => Optimizer::AdamW { beta1, beta2, epsilon, weight_decay },
        }
    }

    /// The largest distance from `PyTorch` over all steps of a case.
    fn distance(golden: &Value, case: &Value, rule: Optimizer) -> f32 {
        let rate = golden["learning_rate"].as_f64().unwrap();
        let mut state: Vec<[Vec<f32>; 3]> = golden["start"]
            .as_array()
            .unwrap()
            .iter()
            .map(numbers)
            .map(|w| [w.clone(), vec![0.0; w.len()], vec![0.0; w.len()]])
            .collect();
        let mut worst = 0.0f32;
        for (step, gradients) in golden["gradients"].as_array().unwrap().iter().enumerate() {
            let gradients: Vec<Vec<f32>> =
                gradients.as_array().unwrap().iter().map(numbers).collect();
            let mut update = Update::new(rule, rate, i32::try_from(step).unwrap() + 1);
            update.clip = case["settings"]["clip"].as_f64();
            let length = norm(gradients.iter().map(Vec::as_slice));
            if let Some(expected) = case["norms"][step].as_f64() {
                assert!((length - expected).abs() < 1e-6, "{length} {expected}");
            }
            for (i, ([w, m, v], gradient)) in state.iter_mut().zip(&gradients).enumerate() {
                update.clipped(length).apply(w, gradient, m, v);
                let expected = numbers(&case["numbers"][step][i]);
                let far = w.iter().zip(&expected).map(|(a, b)| (a - b).abs());
                worst = far.fold(worst, f32::max);
            }
        }
        worst
    }

    #[test]
    fn ten_steps_of_each_optimiser_are_those_of_pytorch() {
        let text = include_str!("../../fixtures/pytorch/optimizers.json");
        let golden: Value = serde_json::from_str(text).unwrap();
        let cases = golden["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 9);
        for case in cases {
            let worst = distance(&golden, case, rule(&case["settings"]));
            assert!(worst < 1e-6, "{}: {worst}", case["name"]);
        }
        // A control: Adam's weight decay is not AdamW's.
        let coupled =
            Optimizer::Adam { beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weight_decay: 0.1 };
        assert!(distance(&golden, &cases[6], coupled) > 1e-3);
    }
}
