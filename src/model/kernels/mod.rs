//! Numeric kernels: plain functions over slices, single-threaded, that know no tensor type.
//!
//! Faster twins (SIMD, chosen at run time) belong beside them behind the same signatures; the tests
//! of `model::ops` check whatever runs against finite differences.

pub(crate) mod conv;
pub(crate) mod dense;
pub(crate) mod flat;
pub(crate) mod gemm;
pub(crate) mod norm;
pub(crate) mod patches;
pub(crate) mod pool;
pub(crate) mod window;
