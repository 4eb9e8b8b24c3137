//! Convolution with bias of any size as a candle operation `(x, kernel, bias)`; the kernel as
//! `PyTorch` stores it, `(filters, channels, k, k)`.

use super::super::kernels::patches::{self, Shape};
use super::shards::Shards;
use super::{Workers, numbers, with_numbers};
use candle_core::{CpuStorage, CustomOp3, Device, Layout, Result, Tensor};
use rayon::prelude::*;
use std::sync::Arc;

/// `(n, height, width, channels)` to `(n, out_height, out_width, filters)`.
pub(crate) struct Conv2d {
    shape: Shape,
    workers: Arc<Workers>,
}

impl Conv2d {
    /// For one call.
    pub(crate) fn new(shape: Shape, workers: Arc<Workers>) -> Self {
        Self { shape, workers }
    }
}

impl CustomOp3 for Conv2d {
    fn name(&self) -> &'static str {
        "conv2d-bias"
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
        let (x, bias) = (numbers(s1, l1, op)?, numbers(s3, l3, op)?);
        let kernel = patches::by_filter(s, numbers(s2, l2, op)?);
        let n = x.len() / s.input();
        let mut values = vec![0.0; n * s.output()];
        self.workers.install(|| {
            let out = values.par_chunks_exact_mut(s.output());
            x.par_chunks_exact(s.input()).zip(out).for_each(|(x, out)| {
                self.workers.with_scratch(s.band_len(), |scratch| {
                    patches::forward(s, x, (&kernel, bias), scratch, out);
                });
            });
        });
        Ok((CpuStorage::F32(values), (n, s.out_height(), s.out_width(), s.filters).into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        kernel: &Tensor,
        _bias: &Tensor,
        _res: &Tensor,
        grad_res: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let (s, shape, grad_res) = (self.shape, x.shape(), grad_res.contiguous()?);
        let shards = Shards {
            workers: &self.workers,
            n: x.elem_count() / s.input(),
            input: if x.track_op() { s.input() } else { 0 },
            sums: s.filters * (s.patch() + 1),
        };
        let (d_x, sums) = with_numbers([x, kernel, &grad_res], self.name(), |t| {
            let (x, kernel, gradient) = (t[0], patches::by_filter(s, t[1]), t[2]);
            shards.run(|i, d_x, sums| {
                let x = &x[i * s.input()..][..s.input()];
                let gradient = &gradient[i * s.output()..][..s.output()];
                self.workers.with_scratch(s.band_len(), |scratch| {
                    patches::add_gradients(s, x, gradient, scratch, sums);
                    if !d_x.is_empty() {
                        patches::add_input_gradient(s, &kernel, gradient, scratch, d_x);
                    }
                });
            })
        })?;
        let (d_kernel, d_bias) = sums.split_at(s.filters * s.patch());
        let d_kernel = patches::as_stored(s, d_kernel);
        let asked = shards.input > 0;
        Ok((
            asked.then(|| Tensor::from_vec(d_x, shape, &Device::Cpu)).transpose()?,
            Some(Tensor::from_vec(d_kernel, kernel.shape(), &Device::Cpu)?),
            Some(Tensor::from_slice(d_bias, s.filters, &Device::Cpu)?),
        ))
    }
}
