//! Layers by our kernels on the processor; maps lie as `(n, height, width, channels)`.

use super::super::kernels::norm::EPSILON;
use super::super::kernels::{dense, patches, window};
use super::super::ops::{AveragePool, BatchNorm, Conv2d, Dense, MaxPool, Moments, Relu, Workers};
use super::forward::Ops;
use candle_core::{Device, Result, Tensor};
use std::sync::Arc;

/// Our kernels.
pub(super) struct Ours {
    workers: Arc<Workers>,
}

impl Ours {
    /// On these threads.
    pub(super) fn new(workers: Arc<Workers>) -> Self {
        Self { workers }
    }

    fn workers(&self) -> Arc<Workers> {
        Arc::clone(&self.workers)
    }
}

impl Ops for Ours {
    fn map(&self, numbers: Vec<f32>, n: usize, shape: [usize; 3]) -> Result<Tensor> {
        Tensor::from_vec(numbers, (n, shape[0], shape[1], shape[2]), &Device::Cpu)
    }

    fn rows(&self, numbers: Vec<f32>, n: usize, len: usize) -> Result<Tensor> {
        Tensor::from_vec(numbers, (n, len), &Device::Cpu)
    }

    fn conv(&self, x: &Tensor, s: patches::Shape, parts: &[Tensor]) -> Result<Tensor> {
        x.apply_op3(&parts[0], &parts[1], Conv2d::new(s, self.workers()))
    }

    fn max_pool(&self, x: &Tensor, s: window::Shape) -> Result<Tensor> {
        x.apply_op1(MaxPool::new(s, self.workers()))
    }

    fn average_pool(&self, x: &Tensor, s: window::Shape) -> Result<Tensor> {
        x.apply_op1(AveragePool::new(s, self.workers()))
    }

    fn relu(&self, x: &Tensor) -> Result<Tensor> {
        x.apply_op1(Relu)
    }

    fn flatten(&self, x: &Tensor) -> Result<Tensor> {
        x.permute((0, 3, 1, 2))?.contiguous()?.flatten_from(1)
    }

    fn dense(&self, x: &Tensor, s: dense::Shape, parts: &[Tensor]) -> Result<Tensor> {
        x.apply_op3(&parts[0], &parts[1], Dense::new(s, self.workers()))
    }

    fn batch_norm(&self, x: &Tensor, parts: &[Tensor]) -> Result<(Tensor, [Vec<f64>; 2])> {
        let moments = Moments::of(x, &self.workers)?;
        let op = BatchNorm::new(&moments, self.workers());
        let out = x.apply_op3(&parts[0], &parts[1], op)?;
        let variance = moments.unbiased();
        Ok((out, [moments.mean, variance]))
    }

    fn normalise(&self, x: &Tensor, parts: &[Tensor]) -> Result<Tensor> {
        let [scale, shift, mean, variance] = [0, 1, 2, 3].map(|i| &parts[i]);
        let scale = (scale / (variance + EPSILON)?.sqrt()?)?;
        x.broadcast_sub(mean)?.broadcast_mul(&scale)?.broadcast_add(shift)
    }
}
