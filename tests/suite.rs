//! All integration tests in one program, so that polars and candle are linked once.

mod shared;
