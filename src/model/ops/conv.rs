//! Convolutions as candle operations `(x, kernel, bias)`; the kernel as `PyTorch` stores it,
//! `(filters, channels, 3, 3)`.

use super::super::kernels::conv::{self, Shape};
use super::super::kernels::{flat, pool};
use super::shards::Shards;
use super::{Workers, numbers, with_numbers};
use candle_core::{CpuStorage, CustomOp3, Device, Layout, Result, Tensor};
use rayon::prelude::*;
use std::sync::{Arc, OnceLock};

/// What [`CustomOp3::bwd`] returns: gradients of x, kernel and bias.
type Gradients = (Option<Tensor>, Option<Tensor>, Option<Tensor>);

/// Convolution, bias, relu and 2×2 max-pool: `(n, height, width, channels)` to
/// `(n, pooled height, pooled width, filters)`.
pub(crate) struct PooledConv {
    shape: Shape,
    workers: Arc<Workers>,
    argmax: OnceLock<Vec<u8>>,
}

impl PooledConv {
    /// For one call.
    pub(crate) fn new(shape: Shape, workers: Arc<Workers>) -> Self {
        Self { shape, workers, argmax: OnceLock::new() }
    }
}

impl CustomOp3 for PooledConv {
    fn name(&self) -> &'static str {
        "conv3x3-bias-relu-pool2x2"
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
        let kernel = conv::by_position(s, numbers(s2, l2, op)?);
        let (n, len) = (x.len() / s.input(), pool::pooled_len(s));
        let (mut values, mut argmax) = (vec![0.0; n * len], vec![0; n * len]);
        self.workers.install(|| {
            let out = values.par_chunks_exact_mut(len).zip(argmax.par_chunks_exact_mut(len));
            x.par_chunks_exact(s.input()).zip(out).for_each(|(x, (values, argmax))| {
                self.workers.with_scratch(pool::scratch_len(s), |scratch| {
                    let mut out = pool::Pooled { values, argmax };
                    pool::forward(s, x, (&kernel, bias), scratch, &mut out);
                });
            });
        });
        let _ = self.argmax.set(argmax);
        let (height, width) = pool::pooled_size(s);
        Ok((CpuStorage::F32(values), (n, height, width, s.filters).into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        kernel: &Tensor,
        _bias: &Tensor,
        res: &Tensor,
        grad_res: &Tensor,
    ) -> Result<Gradients> {
        let (s, len) = (self.shape, pool::pooled_len(self.shape));
        let argmax = self.argmax.get().map_or(&[][..], Vec::as_slice);
        let grad_res = grad_res.contiguous()?;
        let shards = shards(s, x, &self.workers);
        let computed = with_numbers([x, kernel, res, &grad_res], self.name(), |t| {
            let [x, kernel, values, gradient] = t;
            let kernel = conv::by_filter(s, kernel);
            shards.run(|i, d_x, sums| {
                let (d_kernel, d_bias) = sums.split_at_mut(kernel.len());
                let (x, at) = (&x[i * s.input()..][..s.input()], i * len..(i + 1) * len);
                let (values, argmax) = (&values[at.clone()], &argmax[at.clone()]);
                let back = pool::Back { values, argmax, gradient: &gradient[at] };
                pool::add_gradients(s, x, back, d_kernel, d_bias);
                if !d_x.is_empty() {
                    pool::add_input_gradient(s, &kernel, back, d_x);
                }
            })
        })?;
        gradients(s, x, computed)
    }
}

/// Convolution, bias and relu, laid flat: `(n, height, width, channels)` to
/// `(n, filters * out_height * out_width)`.
pub(crate) struct FlatConv {
    shape: Shape,
    workers: Arc<Workers>,
}

impl FlatConv {
    /// For one call.
    pub(crate) fn new(shape: Shape, workers: Arc<Workers>) -> Self {
        Self { shape, workers }
    }
}

impl CustomOp3 for FlatConv {
    fn name(&self) -> &'static str {
        "conv3x3-bias-relu-flatten"
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
        let kernel = conv::by_position(s, numbers(s2, l2, op)?);
        let (n, len) = (x.len() / s.input(), flat::flat_len(s));
        let mut values = vec![0.0; n * len];
        self.workers.install(|| {
            let out = values.par_chunks_exact_mut(len);
            x.par_chunks_exact(s.input()).zip(out).for_each(|(x, out)| {
                self.workers.with_scratch(flat::scratch_len(s), |scratch| {
                    flat::forward(s, x, (&kernel, bias), scratch, out);
                });
            });
        });
        Ok((CpuStorage::F32(values), (n, len).into()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        kernel: &Tensor,
        _bias: &Tensor,
        res: &Tensor,
        grad_res: &Tensor,
    ) -> Result<Gradients> {
        let (s, len) = (self.shape, flat::flat_len(self.shape));
        let grad_res = grad_res.contiguous()?;
        let shards = shards(s, x, &self.workers);
        let computed = with_numbers([x, kernel, res, &grad_res], self.name(), |t| {
            let [x, kernel, values, gradient] = t;
            let turned = conv::turn(s, &conv::by_filter(s, kernel));
            shards.run(|i, d_x, sums| {
                let (d_kernel, d_bias) = sums.split_at_mut(kernel.len());
                let (x, at) = (&x[i * s.input()..][..s.input()], i * len..(i + 1) * len);
                self.workers.with_scratch(flat::scratch_len(s), |spread| {
                    flat::spread(s, &values[at.clone()], &gradient[at], spread, d_bias);
                    conv::add_kernel_gradient(s, x, flat::inside(s, spread), d_kernel);
                    if !d_x.is_empty() {
                        conv::input_gradient(s, spread, &turned, d_x);
                    }
                });
            })
        })?;
        gradients(s, x, computed)
    }
}

/// The shards of a batch; pictures that nothing computed get no gradient.
fn shards<'a>(s: Shape, x: &Tensor, workers: &'a Workers) -> Shards<'a> {
    let input = if x.track_op() { s.input() } else { 0 };
    Shards { workers, n: x.elem_count() / s.input(), input, sums: s.filters * (s.patch() + 1) }
}

/// Tensors of the gradients, the kernel's as it is stored.
fn gradients(s: Shape, x: &Tensor, (d_x, sums): (Vec<f32>, Vec<f32>)) -> Result<Gradients> {
    let (d_kernel, d_bias) = sums.split_at(s.filters * s.patch());
    let d_kernel = conv::as_stored(s, d_kernel);
    let d_x =
        if d_x.is_empty() { None } else { Some(Tensor::from_vec(d_x, x.shape(), &Device::Cpu)?) };
    Ok((
        d_x,
        Some(Tensor::from_vec(d_kernel, (s.filters, s.channels, 3, 3), &Device::Cpu)?),
        Some(Tensor::from_slice(d_bias, s.filters, &Device::Cpu)?),
    ))
}
