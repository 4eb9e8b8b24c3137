//! Pools as candle operations: `(n, height, width, channels)` to
//! `(n, out_height, out_width, channels)`.

use super::super::kernels::window::{self, Shape};
use super::{Workers, numbers, with_numbers};
use candle_core::{CpuStorage, CustomOp1, Device, Layout, Result, Tensor};
use rayon::prelude::*;
use std::sync::{Arc, OnceLock};

/// The largest of each square; its gradient goes to the first of equals.
pub(crate) struct MaxPool {
    shape: Shape,
    workers: Arc<Workers>,
    argmax: OnceLock<Vec<u8>>,
}

impl MaxPool {
    /// For one call.
    pub(crate) fn new(shape: Shape, workers: Arc<Workers>) -> Self {
        Self { shape, workers, argmax: OnceLock::new() }
    }
}

impl CustomOp1 for MaxPool {
    fn name(&self) -> &'static str {
        "max-pool"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> Result<(CpuStorage, candle_core::Shape)> {
        let (s, x) = (self.shape, numbers(storage, layout, self.name())?);
        let n = x.len() / s.input();
        let (mut values, mut argmax) = (vec![0.0; n * s.output()], vec![0; n * s.output()]);
        self.workers.install(|| {
            let out = values.par_chunks_exact_mut(s.output());
            let out = out.zip(argmax.par_chunks_exact_mut(s.output()));
            x.par_chunks_exact(s.input())
                .zip(out)
                .for_each(|(x, (values, argmax))| window::largest(s, x, values, argmax));
        });
        let _ = self.argmax.set(argmax);
        Ok((CpuStorage::F32(values), (n, s.out_height(), s.out_width(), s.channels).into()))
    }

    fn bwd(&self, x: &Tensor, _res: &Tensor, grad_res: &Tensor) -> Result<Option<Tensor>> {
        let s = self.shape;
        let argmax = self.argmax.get().map_or(&[][..], Vec::as_slice);
        back(s, x, grad_res, &self.workers, |i, gradient, d_x| {
            window::largest_back(s, &argmax[i * s.output()..][..s.output()], gradient, d_x);
        })
    }
}

/// The mean of each square.
pub(crate) struct AveragePool {
    shape: Shape,
    workers: Arc<Workers>,
}

impl AveragePool {
    /// For one call.
    pub(crate) fn new(shape: Shape, workers: Arc<Workers>) -> Self {
        Self { shape, workers }
    }
}

impl CustomOp1 for AveragePool {
    fn name(&self) -> &'static str {
        "average-pool"
    }

    fn cpu_fwd(
        &self,
        storage: &CpuStorage,
        layout: &Layout,
    ) -> Result<(CpuStorage, candle_core::Shape)> {
        let (s, x) = (self.shape, numbers(storage, layout, self.name())?);
        let n = x.len() / s.input();
        let mut values = vec![0.0; n * s.output()];
        self.workers.install(|| {
            let out = values.par_chunks_exact_mut(s.output());
            x.par_chunks_exact(s.input()).zip(out).for_each(|(x, out)| window::mean(s, x, out));
        });
        Ok((CpuStorage::F32(values), (n, s.out_height(), s.out_width(), s.channels).into()))
    }

    fn bwd(&self, x: &Tensor, _res: &Tensor, grad_res: &Tensor) -> Result<Option<Tensor>> {
        back(self.shape, x, grad_res, &self.workers, |_, gradient, d_x| {
            window::mean_back(self.shape, gradient, d_x);
        })
    }
}

/// Calls `work(picture, gradient, d_x)` for each picture; `d_x` is zeroed.
fn back(
    s: Shape,
    x: &Tensor,
    grad_res: &Tensor,
    workers: &Workers,
    work: impl Fn(usize, &[f32], &mut [f32]) + Sync + Send,
) -> Result<Option<Tensor>> {
    let mut d_x = vec![0.0; x.elem_count()];
    with_numbers([&grad_res.contiguous()?], "pool", |[gradient]| {
        workers.install(|| {
            let pictures = d_x.par_chunks_exact_mut(s.input());
            pictures
                .zip(gradient.par_chunks_exact(s.output()))
                .enumerate()
                .for_each(|(i, (d_x, gradient))| work(i, gradient, d_x));
        });
    })?;
    Ok(Some(Tensor::from_vec(d_x, x.shape(), &Device::Cpu)?))
}
