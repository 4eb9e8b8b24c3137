//! A dense layer as a candle operation `(x, weight, bias)`, `weight` `(units, inputs)`.

use super::super::kernels::dense::{self, Shape};
use super::{Workers, numbers, with_numbers};
use candle_core::{CpuStorage, CustomOp3, Device, Layout, Result, Tensor};
use rayon::prelude::*;
use std::sync::Arc;

/// Units, or rows, of one piece of work.
const BLOCK: usize = 8;

/// `(n, inputs)` to `(n, units)`.
pub(crate) struct Dense {
    shape: Shape,
    workers: Arc<Workers>,
}

impl Dense {
    /// For one call.
    pub(crate) fn new(shape: Shape, workers: Arc<Workers>) -> Self {
        Self { shape, workers }
    }

    /// Gradients of x, weights and bias from that of the output, `(n, units)`;
    /// that of x is left empty where nobody asks for it.
    fn back(&self, [x, weights, d_y]: [&[f32]; 3], input: bool) -> [Vec<f32>; 3] {
        let (s, n) = (self.shape, x.len() / self.shape.inputs);
        let by_unit = dense::transpose(d_y, s.units);
        let mut d_x = vec![0.0; if input { x.len() } else { 0 }];
        let mut d_weights = vec![0.0; weights.len()];
        self.workers.install(|| {
            let blocks = d_weights.par_chunks_mut(BLOCK * s.inputs);
            blocks.zip(by_unit.par_chunks(BLOCK * n)).for_each(|(d_weights, d_y)| {
                dense::weight_gradient(s, x, d_y, d_weights);
            });
            let blocks = d_x.par_chunks_mut(BLOCK * s.inputs);
            blocks.zip(d_y.par_chunks(BLOCK * s.units)).for_each(|(d_x, d_y)| {
                dense::input_gradient(s, weights, d_y, d_x);
            });
        });
        let d_bias = by_unit.chunks_exact(n).map(|unit| unit.iter().sum()).collect();
        [d_x, d_weights, d_bias]
    }
}

impl CustomOp3 for Dense {
    fn name(&self) -> &'static str {
        "dense"
    }

    fn cpu_fwd(
        &self,
        s1: &CpuStorage,
        l1: &Layout,
        s2: &CpuStorage,
        l2: &Layout,
        s3: &CpuStorage,
        l3: &Layout,
    ) -> Result<(CpuStorage, candle_core::Shape)> {
        let (s, op) = (self.shape, self.name());
        let (x, weights) = (numbers(s1, l1, op)?, numbers(s2, l2, op)?);
        let bias = numbers(s3, l3, op)?;
        let n = x.len() / s.inputs;
        let mut by_unit = vec![0.0; n * s.units];
        self.workers.install(|| {
            let blocks = by_unit.par_chunks_mut(BLOCK * n);
            blocks.zip(weights.par_chunks(BLOCK * s.inputs)).for_each(|(out, weights)| {
                dense::products(s, x, weights, out);
            });
        });
        let mut out = dense::transpose(&by_unit, n);
        for row in out.chunks_exact_mut(s.units) {
            row.iter_mut().zip(bias).for_each(|(y, b)| *y += b);
        }
        Ok((CpuStorage::F32(out), (n, s.units).into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        weights: &Tensor,
        _bias: &Tensor,
        _res: &Tensor,
        grad_res: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (grad_res, input, shape) = (grad_res.contiguous()?, x.track_op(), x.shape());
        let [d_x, d_w, d_b] =
            with_numbers([x, weights, &grad_res], self.name(), |t| self.back(t, input))?;
        Ok((
            input.then(|| Tensor::from_vec(d_x, shape, &Device::Cpu)).transpose()?,
            Some(Tensor::from_vec(d_w, weights.shape(), &Device::Cpu)?),
            Some(Tensor::from_vec(d_b, self.shape.units, &Device::Cpu)?),
        ))
    }
}
