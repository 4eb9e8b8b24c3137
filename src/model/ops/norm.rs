//! Batch normalisation in training as a candle operation `(x, scale, shift)`; channels come last.

use super::super::kernels::norm::{self, Spread};
use super::super::network::narrow;
use super::{Workers, numbers, with_numbers};
use crate::domain::to_f64;
use candle_core::{CpuStorage, CustomOp3, Device, Layout, Result, Tensor};
use rayon::prelude::*;
use std::sync::Arc;

/// Mean and variance of each channel of a batch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Moments {
    /// Mean.
    pub(crate) mean: Vec<f64>,
    /// Mean square of the distance from it.
    pub(crate) variance: Vec<f64>,
    /// Numbers of each channel.
    pub(crate) count: f64,
}

impl Moments {
    /// Of a tensor whose last dimension are the channels.
    pub(crate) fn of(x: &Tensor, workers: &Workers) -> Result<Self> {
        let (channels, picture) = sizes(x)?;
        let count = count(x, channels);
        let over = |sums: Vec<f64>| sums.into_iter().map(|sum| sum / count).collect::<Vec<_>>();
        with_numbers([x], "moments", |[x]| {
            let mean =
                over(summed(workers, x.par_chunks_exact(picture), channels, |rows, sums| {
                    norm::add_sums(rows, sums);
                }));
            let square = |rows: &[f32], sums: &mut [f64]| norm::add_squares(rows, &mean, sums);
            let squares = summed(workers, x.par_chunks_exact(picture), channels, square);
            Self { variance: over(squares), mean, count }
        })
    }

    /// The variance as an estimate of that of all pictures: without the bias of a small batch.
    pub(crate) fn unbiased(&self) -> Vec<f64> {
        self.variance.iter().map(|v| v * self.count / (self.count - 1.0)).collect()
    }
}

/// Channels, and numbers of one picture.
fn sizes(x: &Tensor) -> Result<(usize, usize)> {
    let (n, channels) = (x.dim(0)?, x.dim(candle_core::D::Minus1)?);
    Ok((channels, x.elem_count() / n.max(1)))
}

fn count(x: &Tensor, channels: usize) -> f64 {
    u64::try_from(x.elem_count() / channels).map_or(f64::INFINITY, to_f64)
}

/// Sums of each picture, then of all in their order.
fn summed<P: Send>(
    workers: &Workers,
    pictures: impl IndexedParallelIterator<Item = P>,
    len: usize,
    add: impl Fn(P, &mut [f64]) + Sync + Send,
) -> Vec<f64> {
    let one = |picture: P| {
        let mut sums = vec![0.0; len];
        add(picture, &mut sums);
        sums
    };
    let parts: Vec<Vec<f64>> = workers.install(|| pictures.map(one).collect());
    let mut total = vec![0.0; len];
    for part in parts {
        total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
    }
    total
}

/// `(…, channels)` to the same shape.
pub(crate) struct BatchNorm {
    spread: Spread,
    workers: Arc<Workers>,
}

impl BatchNorm {
    /// For one call, with the moments of its x.
    pub(crate) fn new(moments: &Moments, workers: Arc<Workers>) -> Self {
        Self { spread: Spread::new(&moments.mean, &moments.variance), workers }
    }
}

impl CustomOp3 for BatchNorm {
    fn name(&self) -> &'static str {
        "batch-norm"
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
        let op = self.name();
        let (x, scale) = (numbers(s1, l1, op)?, numbers(s2, l2, op)?);
        let shift = numbers(s3, l3, op)?;
        let picture = x.len() / l1.dims().first().copied().unwrap_or(1).max(1);
        let mut out = vec![0.0; x.len()];
        self.workers.install(|| {
            let out = out.par_chunks_exact_mut(picture);
            x.par_chunks_exact(picture)
                .zip(out)
                .for_each(|(x, out)| norm::forward(&self.spread, (scale, shift), x, out));
        });
        Ok((CpuStorage::F32(out), l1.shape().clone()))
    }

    fn bwd(
        &self,
        x: &Tensor,
        scale: &Tensor,
        _shift: &Tensor,
        _res: &Tensor,
        grad_res: &Tensor,
    ) -> Result<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> {
        let ((channels, picture), spread) = (sizes(x)?, &self.spread);
        let (shape, count) = (x.shape(), count(x, channels));
        let mut d_x = vec![0.0; x.elem_count()];
        let sums = with_numbers([x, scale, &grad_res.contiguous()?], self.name(), |t| {
            let [x, scale, gradient] = t;
            let pairs = x.par_chunks_exact(picture).zip(gradient.par_chunks_exact(picture));
            let sums = summed(&self.workers, pairs.clone(), 2 * channels, |(x, g), sums| {
                norm::add_gradients(spread, x, g, sums);
            });
            let means: Vec<f32> = sums.iter().map(|sum| narrow(sum / count)).collect();
            self.workers.install(|| {
                pairs.zip(d_x.par_chunks_exact_mut(picture)).for_each(|((x, g), d_x)| {
                    norm::input_gradient(spread, (scale, &means), x, g, d_x);
                });
            });
            sums
        })?;
        let part = |sums: &[f64]| {
            let numbers: Vec<f32> = sums.iter().copied().map(narrow).collect();
            Tensor::from_vec(numbers, channels, &Device::Cpu).map(Some)
        };
        let (d_scale, d_shift) = sums.split_at(channels);
        let d_x = Tensor::from_vec(d_x, shape, &Device::Cpu)?;
        Ok((Some(d_x), part(d_scale)?, part(d_shift)?))
    }
}
