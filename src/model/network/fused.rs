//! Chains of convolutions and dense layers by operations that join several layers.

use super::super::architecture::{Chain, Plan};
use super::super::kernels::dense::Activation;
use super::super::ops::{Dense, FlatConv, PooledConv, Workers};
use candle_core::{Result, Tensor};
use std::sync::Arc;

/// The chain of a plan, where each convolution but the last is pooled and the last is not.
pub(super) fn chain(plan: &Plan) -> Option<Chain> {
    plan.as_chain().filter(|chain| match chain.convs.split_last() {
        None => true,
        Some((last, others)) => !last.pool && others.iter().all(|conv| conv.pool),
    })
}

/// The logits of pictures `(n, height, width, channels)`.
pub(super) fn run(
    chain: &Chain,
    pictures: Tensor,
    tensors: &[Tensor],
    workers: &Arc<Workers>,
) -> Result<Tensor> {
    let (convs, dense) = tensors.split_at(2 * chain.convs.len());
    let mut x = pictures;
    for (conv, layer) in chain.convs.iter().zip(convs.chunks_exact(2)) {
        let (kernel, bias, workers) = (&layer[0], &layer[1], Arc::clone(workers));
        x = if conv.pool {
            x.apply_op3(kernel, bias, PooledConv::new(conv.shape, workers))?
        } else {
            x.apply_op3(kernel, bias, FlatConv::new(conv.shape, workers))?
        };
    }
    if chain.convs.is_empty() {
        x = x.permute((0, 3, 1, 2))?.contiguous()?.flatten_from(1)?;
    }
    let last = chain.dense.len() - 1;
    for (i, (&shape, layer)) in chain.dense.iter().zip(dense.chunks_exact(2)).enumerate() {
        let activation = if i == last { Activation::None } else { Activation::Relu };
        let op = Dense::new(shape, activation, Arc::clone(workers));
        x = x.apply_op3(&layer[0], &layer[1], op)?;
    }
    Ok(x)
}
