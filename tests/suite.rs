//! All integration tests in one program, so that polars and candle are linked once.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod golden {
    //! Values that other libraries computed.
    mod fairness;
    mod misuse;
    mod stats;
}
#[cfg(test)]
mod laws {
    //! What must hold whatever the data.
    mod fairness;
    mod risk;
}
#[cfg(test)]
mod shared;
