//! Numeric kernels: plain functions over slices, single-threaded, that know no tensor type.
//! They serve the networks that the whole-step engine does not know; the tests of `model::ops` check
//! them against finite differences.

pub(crate) mod dense;
pub(crate) mod gemm;
pub(crate) mod norm;
pub(crate) mod patches;
pub(crate) mod window;

/// The larger of 0 and `x`. NaN stays NaN, so that a broken weight shows in the loss.
#[inline]
pub(crate) fn relu(x: f32) -> f32 {
    if x < 0.0 { 0.0 } else { x }
}
