//! Adam (Kingma and Ba 2015, algorithm 1), its moments held by us so that they can be stored.

use super::error::ModelError;
use super::network::{Network, narrow, numbers};
use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, InplaceOp3, Layout, Result, Tensor, Var};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// The optimiser's memory.
pub(crate) struct Adam {
    learning_rate: f64,
    /// Steps taken.
    step: i32,
    /// First and second moment of each parameter.
    moments: Vec<[Tensor; 2]>,
}

impl Adam {
    /// Without memory.
    pub(crate) fn new(network: &Network, learning_rate: f64) -> Result<Self> {
        let zeros = |var: &Var| Ok([var.zeros_like()?, var.zeros_like()?]);
        let moments = network.parameters().iter().map(zeros).collect::<Result<_>>()?;
        Ok(Self { learning_rate, step: 0, moments })
    }

    /// Steps taken.
    pub(crate) fn steps(&self) -> i32 {
        self.step
    }

    /// The numbers of the moments: all first ones, then all second ones.
    pub(crate) fn numbers(&self) -> std::result::Result<[Vec<Vec<f32>>; 2], ModelError> {
        let of = |which: usize| self.moments.iter().map(|m| numbers(&m[which])).collect();
        let (first, second): (std::result::Result<_, _>, std::result::Result<_, _>) =
            (of(0), of(1));
        Ok([first?, second?])
    }

    /// Goes on from a memory that [`Adam::numbers`] gave.
    pub(crate) fn restore(&mut self, step: i32, numbers: [Vec<Vec<f32>>; 2]) -> Result<()> {
        let [first, second] = numbers;
        let tensor = |like: &Tensor, data| Tensor::from_vec(data, like.shape(), like.device());
        for (moments, (first, second)) in self.moments.iter_mut().zip(first.into_iter().zip(second))
        {
            *moments = [tensor(&moments[0], first)?, tensor(&moments[1], second)?];
        }
        self.step = step;
        Ok(())
    }

    /// One step down the gradients.
    pub(crate) fn update(&mut self, network: &Network, gradients: &GradStore) -> Result<()> {
        self.step = self.step.saturating_add(1);
        let scale = Scale {
            rate: self.learning_rate / (1.0 - BETA1.powi(self.step)),
            spread: (1.0 - BETA2.powi(self.step)).sqrt(),
        };
        for (var, moments) in network.parameters().iter().zip(&mut self.moments) {
            let Some(gradient) = gradients.get(var) else { continue };
            if gradient.device().is_cpu() {
                let gradient = gradient.contiguous()?;
                moments[0].inplace_op2(&gradient, &Blend::Gradient)?;
                moments[1].inplace_op2(&gradient, &Blend::Square)?;
                var.inplace_op3(&moments[0], &moments[1], &scale)?;
            } else {
                let first = ((&moments[0] * BETA1)? + (gradient * (1.0 - BETA1))?)?;
                let second = ((&moments[1] * BETA2)? + (gradient.sqr()? * (1.0 - BETA2))?)?;
                var.set(&scale.stepped(var, &first, &second)?)?;
                *moments = [first, second];
            }
        }
        Ok(())
    }
}

/// How a gradient enters a moment.
enum Blend {
    /// The first moment: `m = β₁ m + (1 − β₁) g`.
    Gradient,
    /// The second moment: `v = β₂ v + (1 − β₂) g²`.
    Square,
}

impl InplaceOp2 for Blend {
    fn name(&self) -> &'static str {
        "adam-moment"
    }

    fn cpu_fwd(
        &self,
        moment: &mut CpuStorage,
        l1: &Layout,
        gradient: &CpuStorage,
        l2: &Layout,
    ) -> Result<()> {
        let pairs =
            numbers_mut(moment, l1)?.iter_mut().zip(super::ops::numbers(gradient, l2, "adam")?);
        match self {
            Self::Gradient => {
                let (keep, take) = (narrow(BETA1), narrow(1.0 - BETA1));
                pairs.for_each(|(m, g)| *m = keep * *m + take * g);
            }
            Self::Square => {
                let (keep, take) = (narrow(BETA2), narrow(1.0 - BETA2));
                pairs.for_each(|(v, g)| *v = keep * *v + take * g * g);
            }
        }
        Ok(())
    }
}

/// The corrections for moments that began at zero.
struct Scale {
    /// `α / (1 − β₁ᵗ)`.
    rate: f64,
    /// `√(1 − β₂ᵗ)`.
    spread: f64,
}

impl Scale {
    /// `w − rate · m / (√v / spread + ε)`, by candle's operations.
    fn stepped(&self, w: &Tensor, m: &Tensor, v: &Tensor) -> Result<Tensor> {
        let step = (m / ((v.sqrt()? / self.spread)? + EPSILON)?)?;
        w.detach() - (step * self.rate)?
    }
}

impl InplaceOp3 for Scale {
    fn name(&self) -> &'static str {
        "adam-step"
    }

    fn cpu_fwd(
        &self,
        w: &mut CpuStorage,
        l1: &Layout,
        m: &CpuStorage,
        l2: &Layout,
        v: &CpuStorage,
        l3: &Layout,
    ) -> Result<()> {
        let (rate, spread, epsilon) = (narrow(self.rate), narrow(self.spread), narrow(EPSILON));
        let (m, v) = (super::ops::numbers(m, l2, "adam")?, super::ops::numbers(v, l3, "adam")?);
        for ((w, m), v) in numbers_mut(w, l1)?.iter_mut().zip(m).zip(v) {
            *w -= rate * m / (v.sqrt() / spread + epsilon);
        }
        Ok(())
    }
}

fn numbers_mut<'a>(storage: &'a mut CpuStorage, layout: &Layout) -> Result<&'a mut [f32]> {
    let op = "adam";
    let (from, to) =
        layout.contiguous_offsets().ok_or(candle_core::Error::RequiresContiguous { op })?;
    match storage {
        CpuStorage::F32(data) => Ok(&mut data[from..to]),
        _ => Err(candle_core::Error::Msg("adam works on f32".to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use candle_core::Device;

    #[test]
    fn the_two_ways_to_step_agree_with_the_formula() {
        // t = 1, g = 0.5: m = 0.05, v = 0.00025; m̂ = 0.5, v̂ = 0.25; w = 1 − 0.001 · 0.5/(0.5 + ε)
        let tensor = |x: f32| Tensor::new(&[x], &Device::Cpu).unwrap();
        let (w, m, v, g) = (tensor(1.0), tensor(0.0), tensor(0.0), tensor(0.5));
        m.inplace_op2(&g, &Blend::Gradient).unwrap();
        v.inplace_op2(&g, &Blend::Square).unwrap();
        let scale = Scale { rate: 0.001 / (1.0 - BETA1), spread: (1.0 - BETA2).sqrt() };
        let by_candle = numbers(&scale.stepped(&w, &m, &v).unwrap()).unwrap()[0];
        w.inplace_op3(&m, &v, &scale).unwrap();
        let in_place = numbers(&w).unwrap()[0];
        assert!((in_place - 0.999).abs() < 1e-6 && (by_candle - 0.999).abs() < 1e-6);
    }
}
