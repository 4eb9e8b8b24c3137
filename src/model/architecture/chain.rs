//! Networks that are one chain of convolutions and dense layers, for whoever computes those fast.

use super::super::kernels::dense;
use super::planned::{Op, Planned};

/// Convolutions 3×3 without padding, stride 1, each with relu; then dense layers with relu between
/// them. What the last convolution leaves, or the picture, is laid flat channel after channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Chain {
    /// Convolutions in order; there may be none.
    pub(crate) convs: Vec<ChainConv>,
    /// Dense layers in order; the last gives the logits, the others have relu.
    pub(crate) dense: Vec<dense::Shape>,
}

/// A convolution with relu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ChainConv {
    /// Lines of the input.
    pub(crate) height: usize,
    /// Columns of the input.
    pub(crate) width: usize,
    /// Channels of the input.
    pub(crate) channels: usize,
    /// Channels of the output.
    pub(crate) filters: usize,
    /// Whether a max-pool 2×2 follows, which drops an odd last row or column.
    pub(crate) pool: bool,
}

/// The chain of these layers, if they are one.
pub(super) fn of(layers: &[Planned]) -> Option<Chain> {
    let mut ops = layers.iter().map(|layer| &layer.op).peekable();
    let mut convs = Vec::new();
    while let Some(Op::Conv(s)) = ops.peek() {
        if (s.kernel, s.stride, s.margin) != (3, 1, 0) {
            return None;
        }
        let (height, width, channels, filters) = (s.height, s.width, s.channels, s.filters);
        ops.next();
        ops.next_if_eq(&&Op::Relu)?;
        let pool = ops.next_if(|op| matches!(op, Op::MaxPool(s) if s.side == 2)).is_some();
        convs.push(ChainConv { height, width, channels, filters, pool });
    }
    ops.next_if_eq(&&Op::Flatten)?;
    let mut dense = Vec::new();
    loop {
        let Some(Op::Dense(shape)) = ops.next() else { return None };
        dense.push(*shape);
        match ops.next() {
            None => return Some(Chain { convs, dense }),
            Some(Op::Relu) => {}
            Some(_) => return None,
        }
    }
}
