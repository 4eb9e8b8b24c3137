//! A whole step of a chain of convolutions and dense layers on the processor, without a graph.
//!
//! A batch is cut into shards of a few pictures. A shard goes forward and back on one thread, picture
//! by picture through the convolutions, so that a picture's maps stay in the cache; what it leaves
//! behind is a gradient of the convolutions' numbers and rows of the dense layers' inputs and slopes.
//! Then blocks of the flat buffer of all numbers get their gradient, summed over shards and rows in
//! order, and their update. Shards and blocks depend on sizes only, so the result is the same to the
//! bit for any number of threads. Buffers are kept from step to step.
#![expect(
    clippy::inline_always,
    reason = "a kernel must become part of the function that was built for its instructions"
)]

mod conv;
mod dense;
mod layout;
mod path;
mod product;
mod shard;
mod simd;
#[cfg(test)]
mod tests;
mod threads;
mod update;

pub(crate) use path::Path;
pub use path::{kernels, widest_kernel};

use super::architecture::{Chain, Plan, Planned};
use super::dp_sgd::PrivateStep;
use super::error::ModelError;
use super::learner::{Batch, Learner, Loss, Stepped};
use super::optimizer::{self, Update};
use layout::Layout;
use shard::{Backward, Forward, Rows, Shared, grow};
use std::sync::{Mutex, PoisonError};
use threads::Threads;

/// Most pictures of a shard.
const SHARD: usize = 8;

/// A network that our kernels compute.
pub(crate) struct Engine {
    plan: Plan,
    chain: Chain,
    layout: Layout,
    path: Path,
    threads: Threads,
    /// All numbers, their gradient, and the optimiser's memories.
    numbers: Vec<f32>,
    gradient: Vec<f32>,
    first: Vec<f32>,
    second: Vec<f32>,
    /// Which numbers are padding.
    padding: Vec<bool>,
    /// The kernel of each convolution as panels.
    panels: Vec<Vec<f32>>,
    /// The input of each dense layer, then the logits, and each dense layer's slopes, by row and
    /// by unit.
    values: Vec<Vec<f32>>,
    slopes: Vec<Vec<f32>>,
    by_unit: Vec<Vec<f32>>,
    /// The shards' gradients of the convolutions.
    parts: Vec<Vec<f32>>,
    /// Buffers of predictions.
    spare: Mutex<Vec<Vec<Vec<f32>>>>,
}

impl Engine {
    /// With these numbers in the order of [`Plan::specs`], on so many threads or on those that the
    /// program shares.
    pub(crate) fn new(
        (plan, chain): (Plan, Chain),
        numbers: Vec<Vec<f32>>,
        path: Path,
        threads: Option<usize>,
    ) -> Result<Self, ModelError> {
        let with_numbers = plan.layers.iter().filter(|layer| !layer.own.is_empty());
        let frozen: Vec<bool> = with_numbers.map(Planned::is_frozen).collect();
        let layout = Layout::new(&chain, &frozen);
        let zeros = vec![0.0; layout.len];
        let threads = Threads::new(threads).map_err(|e| {
            let threads = threads.unwrap_or_default();
            ModelError::Threads { threads, because: e.to_string() }
        })?;
        let dense = layout.dense.len();
        let mut padding = vec![true; layout.len];
        for at in layout.places(&chain, plan.shape).into_iter().flatten() {
            padding[at] = false;
        }
        let mut engine = Self {
            padding,
            path,
            threads,
            gradient: zeros.clone(),
            first: zeros.clone(),
            second: zeros.clone(),
            numbers: zeros,
            panels: layout.convs.iter().map(|c| vec![0.0; c.layer.panels()]).collect(),
            values: vec![Vec::new(); dense + 1],
            slopes: vec![Vec::new(); dense],
            by_unit: vec![Vec::new(); dense],
            parts: Vec::new(),
            spare: Mutex::default(),
            layout,
            chain,
            plan,
        };
        engine.set_numbers(numbers)?;
        Ok(engine)
    }

    /// Lengths of the rows of the dense layers' inputs, and of the logits.
    fn row_lengths(&self) -> Vec<usize> {
        let inputs = self.layout.dense.iter().map(|d| dense::stride(d.layer.inputs));
        inputs.chain([dense::stride(self.plan.classes)]).collect()
    }

    fn repack(&mut self) {
        let mut jobs: Vec<_> = self.layout.convs.iter().zip(&mut self.panels).collect();
        let numbers = &self.numbers;
        self.threads.each(&mut jobs, |(placed, panels)| {
            conv::pack(placed.layer, &numbers[placed.weight.clone()], panels);
        });
    }

    /// Forward and back; the logits, and how many rows were clipped.
    fn gradients(
        &mut self,
        batch: &Batch<'_>,
        loss: &Loss,
        private: Option<&PrivateStep>,
    ) -> (Vec<f32>, u64) {
        let (n, lengths) = (batch.len(), self.row_lengths());
        let convolutions = self.layout.convolutions();
        self.parts.resize_with(n.div_ceil(SHARD), || vec![0.0; convolutions]);
        let (layout, numbers) = (&self.layout, self.numbers.as_slice());
        let shared = Shared { layout, numbers, panels: &self.panels, batch };
        let mut values = split(&mut self.values, &lengths, n);
        let mut slopes = split(&mut self.slopes, &lengths[1..], n);
        let shares = if private.is_some() { loss.own(batch) } else { loss.shares(batch) };
        let mut clipped = vec![0; n.div_ceil(SHARD)];
        let places = values.iter_mut().zip(&mut slopes);
        let sums = self.parts.iter_mut().zip(&mut clipped);
        let mut jobs: Vec<_> = places.zip(sums).collect();
        self.threads.each(&mut jobs, |((rows, slopes), (sums, clipped))| {
            let (slopes, shares) = (slopes.values.as_mut_slice(), shares.as_slice());
            let sums = (sums.as_mut_slice(), &mut **clipped);
            self.threads.with_arena(|arena| {
                self.path.run(Forward { shared, rows, arena });
                let back = Backward { shared, rows, arena, loss, shares, slopes, sums, private };
                self.path.run(back);
            });
        });
        (logits(&self.values, n, self.plan.classes), clipped.iter().sum())
    }

    /// Sums of gradients, then the update; the norm, where the update has a limit for it.
    fn update(&mut self, rows: usize, update: &Update) -> Option<f64> {
        for ((by_unit, slopes), placed) in
            self.by_unit.iter_mut().zip(&self.slopes).zip(&self.layout.dense)
        {
            let (units, row) = (placed.layer.units, dense::stride(placed.layer.units));
            by_unit.clear();
            by_unit.extend((0..units).flat_map(|u| (0..rows).map(move |r| slopes[r * row + u])));
        }
        let dense = self.values.iter().zip(&self.by_unit);
        let dense: Vec<_> = dense.map(|(x, slopes)| (x.as_slice(), slopes.as_slice())).collect();
        let buffers = [&mut self.numbers, &mut self.gradient, &mut self.first, &mut self.second];
        let buffers = buffers.map(Vec::as_mut_slice);
        let mut blocks = update::blocks(&self.layout, buffers, &self.parts, &dense, rows);
        let sum = |block: &mut update::Block<'_>| {
            self.path.run(update::Sum(block));
            if let Some(private) = &update.private {
                let (from, part) = (block.from, block.from.to_string());
                private.disturb(&part, block.gradient, |i| self.padding[from + i]);
            }
        };
        if update.clip.is_none() {
            self.threads.each(&mut blocks, |block| {
                sum(block);
                self.path.run(update::Move(block, update));
            });
            self.repack();
            return None;
        }
        self.threads.each(&mut blocks, sum);
        let norm = optimizer::norm(blocks.iter().map(|block| &*block.gradient));
        if norm.is_finite() {
            let update = update.clipped(norm);
            self.threads.each(&mut blocks, |block| self.path.run(update::Move(block, &update)));
            self.repack();
        }
        Some(norm)
    }

    /// Forward alone; `read` takes what it wants from the inputs of the dense layers and the logits.
    fn forward<T>(&self, batch: &Batch<'_>, read: impl FnOnce(&[Vec<f32>]) -> T) -> T {
        let (n, lengths) = (batch.len(), self.row_lengths());
        let free = || self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        let mut values = free().pop().unwrap_or_else(|| vec![Vec::new(); lengths.len()]);
        let mut jobs = split(&mut values, &lengths, n);
        let (layout, numbers) = (&self.layout, self.numbers.as_slice());
        let shared = Shared { layout, numbers, panels: &self.panels, batch };
        self.threads.each(&mut jobs, |rows| {
            self.threads.with_arena(|arena| self.path.run(Forward { shared, rows, arena }));
        });
        let found = read(&values);
        free().push(values);
        found
    }

    fn exported(&self, flat: &[f32]) -> Vec<Vec<f32>> {
        let places = self.layout.places(&self.chain, self.plan.shape).into_iter();
        places.map(|places| places.into_iter().map(|at| flat[at]).collect()).collect()
    }

    fn imported(&self, tensors: &[Vec<f32>]) -> Vec<f32> {
        let mut flat = vec![0.0; self.layout.len];
        for (places, numbers) in
            self.layout.places(&self.chain, self.plan.shape).iter().zip(tensors)
        {
            places.iter().zip(numbers).for_each(|(&at, &number)| flat[at] = number);
        }
        flat
    }
}

/// Makes room for `n` rows of these lengths, and cuts the buffers into shards.
fn split<'a>(buffers: &'a mut [Vec<f32>], lengths: &[usize], n: usize) -> Vec<Rows<'a>> {
    for (buffer, length) in buffers.iter_mut().zip(lengths) {
        grow(buffer, n * length, 0.0);
    }
    let shards = n.div_ceil(SHARD);
    let mut rest: Vec<&mut [f32]> = buffers.iter_mut().map(Vec::as_mut_slice).collect();
    let shard = |i: usize| {
        let rows = n * i / shards..n * (i + 1) / shards;
        let cut = rest.iter_mut().zip(lengths).map(|(rest, length)| {
            let (head, tail) = std::mem::take(rest).split_at_mut(rows.len() * length);
            *rest = tail;
            head
        });
        let values = cut.collect();
        Rows { rows, values }
    };
    (0..shards).map(shard).collect()
}

/// The logits out of the batch's buffers.
fn logits(values: &[Vec<f32>], n: usize, classes: usize) -> Vec<f32> {
    let rows = values.last().map_or(&[][..], Vec::as_slice).chunks_exact(dense::stride(classes));
    rows.take(n).flat_map(|row| &row[..classes]).copied().collect()
}

impl Learner for Engine {
    fn plan(&self) -> &Plan {
        &self.plan
    }

    fn kernel(&self) -> &'static str {
        self.path.name()
    }

    fn step(
        &mut self,
        batch: &Batch<'_>,
        loss: &Loss,
        update: &Update,
    ) -> Result<Stepped, ModelError> {
        let (logits, clipped) = self.gradients(batch, loss, update.private.as_ref());
        let finite = logits.iter().all(|x| x.is_finite());
        let gradient_norm = if finite { self.update(batch.len(), update) } else { None };
        Ok(Stepped { logits, gradient_norm, clipped })
    }

    fn infer(&self, batch: &Batch<'_>) -> Result<Vec<f32>, ModelError> {
        let classes = self.plan.classes;
        Ok(self.forward(batch, |values| logits(values, batch.len(), classes)))
    }

    fn features(&self, batch: &Batch<'_>) -> Result<Vec<f32>, ModelError> {
        let head = &self.layout.dense[self.layout.dense.len() - 1];
        let row = dense::stride(head.layer.inputs);
        // Where a unit's weight lies for each number that flows in, in the order of `PyTorch`.
        let places = self.layout.places(&self.chain, self.plan.shape);
        let unit = &places[places.len() - 2][..self.plan.features()];
        let from = head.weight.start;
        Ok(self.forward(batch, |values| {
            let rows = values[values.len() - 2].chunks_exact(row).take(batch.len());
            rows.flat_map(|row| unit.iter().map(|&at| row[at - from])).collect()
        }))
    }

    fn numbers(&self) -> Result<Vec<Vec<f32>>, ModelError> {
        Ok(self.exported(&self.numbers))
    }

    fn set_numbers(&mut self, numbers: Vec<Vec<f32>>) -> Result<(), ModelError> {
        self.numbers = self.imported(&numbers);
        self.repack();
        Ok(())
    }

    fn memory(&self) -> Result<[Vec<Vec<f32>>; 2], ModelError> {
        Ok([self.exported(&self.first), self.exported(&self.second)])
    }

    fn set_memory(&mut self, memory: [Vec<Vec<f32>>; 2]) -> Result<(), ModelError> {
        [self.first, self.second] = memory.map(|tensors| self.imported(&tensors));
        Ok(())
    }
}
