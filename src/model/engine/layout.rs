//! Where a network's numbers lie: one flat buffer, each layer's weight and bias in turn, laid out as
//! the kernels want them, and their places in the order in which `PyTorch` lays them out.

use super::super::architecture::Chain;
use super::conv::Conv;
use super::dense::{Dense, stride};
use std::ops::Range;

/// A chain of convolutions, then of dense layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// In order.
    pub(super) convs: Vec<Placed<Conv>>,
    /// In order; at least one.
    pub(super) dense: Vec<Placed<Dense>>,
    /// Numbers of the whole buffer.
    pub(super) len: usize,
}

/// A layer, and where its numbers lie.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed<L> {
    /// The sizes.
    pub(super) layer: L,
    /// Its weight in the buffer.
    pub(super) weight: Range<usize>,
    /// Its bias in the buffer, one number per padded output.
    pub(super) bias: Range<usize>,
    /// Whether its numbers stay as they are.
    pub(super) frozen: bool,
}

impl Layout {
    /// Of this network; `frozen` says of each layer with numbers whether they stay as they are.
    pub(super) fn new(chain: &Chain, frozen: &[bool]) -> Self {
        let mut len = 0;
        let (frozen_convs, frozen_dense) = frozen.split_at(chain.convs.len());
        let mut take = |count: usize| {
            len += count;
            len - count..len
        };
        let mut convs: Vec<Placed<Conv>> = Vec::with_capacity(chain.convs.len());
        for (conv, &frozen) in chain.convs.iter().zip(frozen_convs) {
            let layer = Conv {
                height: conv.height,
                width: conv.width,
                channels: convs.last().map_or(conv.channels, |before| before.layer.wide()),
                filters: conv.filters,
                pooled: conv.pool,
            };
            let (weight, bias) = (take(layer.kernel()), take(layer.wide()));
            convs.push(Placed { layer, weight, bias, frozen });
        }
        let last = chain.dense.len() - 1;
        let flat = convs.last().map(|conv| conv.layer.output());
        let dense = chain.dense.iter().zip(frozen_dense).enumerate();
        let dense = dense.map(|(i, (dense, &frozen))| {
            let inputs = flat.filter(|_| i == 0).unwrap_or(dense.inputs);
            let layer = Dense { inputs, units: dense.units, relu: i < last };
            let weight = take(layer.units * stride(inputs));
            Placed { layer, weight, bias: take(stride(layer.units)), frozen }
        });
        let dense = dense.collect();
        Self { convs, dense, len }
    }

    /// Numbers of the convolutions, which lie at the beginning.
    pub(super) fn convolutions(&self) -> usize {
        self.convs.last().map_or(0, |conv| conv.bias.end)
    }

    /// Runs of the convolutions' numbers that move.
    pub(super) fn moving_convolutions(&self) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for conv in self.convs.iter().filter(|conv| !conv.frozen) {
            match runs.last_mut() {
                Some(run) if run.end == conv.weight.start => run.end = conv.bias.end,
                _ => runs.push(conv.weight.start..conv.bias.end),
            }
        }
        runs
    }

    /// The lowest layer that moves, convolutions counted before dense layers; gradients go back no
    /// further.
    pub(super) fn lowest(&self) -> usize {
        let convs = self.convs.iter().map(|conv| conv.frozen);
        let all = convs.chain(self.dense.iter().map(|dense| dense.frozen));
        all.take_while(|&frozen| frozen).count()
    }

    /// The places of each tensor's numbers in the order of `Plan::specs` and of `PyTorch`.
    pub(super) fn places(
        &self,
        chain: &Chain,
        [height, width, channels]: [usize; 3],
    ) -> Vec<Vec<usize>> {
        let convs = self.convs.iter().zip(&chain.convs).flat_map(|(placed, shape)| {
            let (c, from) = (placed.layer, placed.weight.start);
            let line = c.run().1;
            let number = move |f: usize, channel: usize, at: usize| {
                from + (f * 3 + at / 3) * line + at % 3 * c.channels + channel
            };
            let weight = cells([c.filters, shape.channels, 9]).map(|[f, c, at]| number(f, c, at));
            [weight.collect(), (0..c.filters).map(|f| placed.bias.start + f).collect()]
        });
        let dense = self.dense.iter().enumerate().flat_map(|(i, placed)| {
            let (d, from) = (placed.layer, placed.weight.start);
            let row = stride(d.inputs);
            // `PyTorch` flattens (channels, height, width), we (height, width, padded channels).
            let (channels, area, wide) = match self.convs.last().map(|conv| conv.layer) {
                _ if i > 0 => (1, d.inputs, 1),
                None => (channels, height * width, channels),
                Some(conv) => (conv.filters, conv.cells().0 * conv.cells().1, conv.wide()),
            };
            let number = |[u, c, at]: [usize; 3]| from + u * row + at * wide + c;
            let weight: Vec<usize> = cells([d.units, channels, area]).map(number).collect();
            [weight, (0..d.units).map(|u| placed.bias.start + u).collect()]
        });
        convs.chain(dense).collect()
    }
}

/// All cells of a block, the last index fastest.
fn cells([a, b, c]: [usize; 3]) -> impl Iterator<Item = [usize; 3]> {
    (0..a).flat_map(move |i| (0..b).flat_map(move |j| (0..c).map(move |k| [i, j, k])))
}
