//! All integration tests in one program, so that polars and candle are linked once.

#[cfg(test)]
mod architecture;
#[cfg(test)]
#[cfg(all(feature = "tables", feature = "train", feature = "plots"))]
mod cli;
#[cfg(test)]
mod golden {
    //! Values that other libraries computed.
    #[cfg(feature = "tables")]
    mod anonymity;
    #[cfg(feature = "tables")]
    mod dataset;
    mod dp;
    mod fairness;
    mod fairness_change;
    mod fairness_peers;
    mod fairness_tasks;
    mod fairness_walk;
    mod membership;
    mod membership_bounds;
    mod membership_peers;
    mod misuse;
    mod pii;
    #[cfg(feature = "tables")]
    mod planted;
    mod stats;
}
#[cfg(test)]
mod laws {
    //! What must hold whatever the data.
    mod fairness;
    mod membership;
    mod risk;
    mod stats;
}
#[cfg(test)]
#[cfg(feature = "train")]
mod model {
    //! Training and weights.
    mod dp_sgd;
    mod fine_tune;
    mod fleet;
    #[cfg(feature = "tables")]
    mod ham10000;
    mod layers;
    mod recipe;
    mod streaming;
    mod training;
    mod weights;
}
#[cfg(test)]
mod shared;
