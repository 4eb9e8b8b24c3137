//! The kernels as candle operations with gradients of their own, on the processor.
//!
//! Work is cut into pieces that depend on the sizes only, never on the number of threads; sums over
//! pictures are taken within [`SHARDS`] fixed shards and then in shard order. So the same numbers
//! come out of one thread and of many.

mod conv2d;
mod dense;
#[cfg(test)]
mod differences;
mod norm;
mod pool;
mod relu;
mod shards;
#[cfg(test)]
mod tests;

pub(crate) use conv2d::Conv2d;
pub(crate) use dense::Dense;
pub(crate) use norm::{BatchNorm, Moments};
pub(crate) use pool::{AveragePool, MaxPool};
pub(crate) use relu::Relu;

use candle_core::{CpuStorage, Error, Layout, Result, Storage, Tensor};
use rayon::{ThreadPool, ThreadPoolBuildError, ThreadPoolBuilder};
use std::sync::{Mutex, PoisonError};

/// Shards of a batch whose gradients are summed apart; also the most threads that a batch can use
/// on its way back.
pub(crate) const SHARDS: usize = 8;

/// The threads that run the kernels, and the memory that they reuse.
#[derive(Debug)]
pub(crate) struct Workers {
    pool: Option<ThreadPool>,
    scratch: Mutex<Vec<Vec<f32>>>,
}

impl Workers {
    /// Threads of its own.
    pub(crate) fn new(threads: usize) -> std::result::Result<Self, ThreadPoolBuildError> {
        let pool = Some(ThreadPoolBuilder::new().num_threads(threads).build()?);
        Ok(Self { pool, ..Self::shared() })
    }

    /// The threads that the whole program shares.
    pub(crate) fn shared() -> Self {
        Self { pool: None, scratch: Mutex::default() }
    }

    /// Runs `work` where rayon finds these threads.
    pub(crate) fn install<R: Send>(&self, work: impl FnOnce() -> R + Send) -> R {
        match &self.pool {
            Some(pool) => pool.install(work),
            None => work(),
        }
    }

    /// Lends `len` numbers that hold anything.
    fn with_scratch<R>(&self, len: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
        let free = || self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        let mut buffer = free().pop().unwrap_or_default();
        if buffer.len() < len {
            buffer.resize(len, 0.0);
        }
        let result = work(&mut buffer[..len]);
        free().push(buffer);
        result
    }
}

/// The numbers of a contiguous f32 storage.
pub(crate) fn numbers<'a>(
    storage: &'a CpuStorage,
    layout: &Layout,
    op: &'static str,
) -> Result<&'a [f32]> {
    let data = storage.as_slice::<f32>()?;
    let (from, to) = layout.contiguous_offsets().ok_or(Error::RequiresContiguous { op })?;
    Ok(&data[from..to])
}

/// Calls `work` with the numbers of contiguous tensors that lie in main memory.
fn with_numbers<R, const N: usize>(
    tensors: [&Tensor; N],
    op: &'static str,
    work: impl FnOnce([&[f32]; N]) -> R,
) -> Result<R> {
    let held = tensors.map(Tensor::storage_and_layout);
    let mut slices: [&[f32]; N] = [&[]; N];
    for (slice, (storage, layout)) in slices.iter_mut().zip(&held) {
        let Storage::Cpu(storage) = &**storage else {
            return Err(Error::Msg(format!("{op} runs on the processor only")));
        };
        *slice = numbers(storage, layout, op)?;
    }
    Ok(work(slices))
}
