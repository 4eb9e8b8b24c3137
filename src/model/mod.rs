//! The classifier: trained here, or loaded from weights; everybody else sees [`Classifier`] only.
//!
//! [`train`] gives a [`Trained`] from pictures and rows, [`load`] a [`Classifier`] from bytes.
//! candle holds the tensors, the graph and its gradients; the layers themselves are our own
//! `kernels` on the processor (`docs/adr/0004-cnn-kernels.md` says why).
//!
//! An `architecture` (a name or a list of layers) becomes a plan: layers with sizes and tensors. With
//! the cargo features `cuda` and `metal` the same plan is built from candle's operations alone. That path is checked against the kernels on the processor; it has not been run on a GPU,
//! and promises no equal bytes.

mod architecture;
mod augment;
mod bench;
mod calibration;
mod checkpoint;
mod classifier;
mod dp_sgd;
mod early_stopping;
mod engine;
mod error;
mod feed;
mod fine_tune;
mod fleet;
mod folds;
mod kernels;
mod learner;
mod loss;
mod network;
mod normal;
mod ops;
mod optimizer;
mod options;
mod options_recipe;
mod run;
mod schedule;
mod tensorboard;
mod train;
mod weights;

pub use architecture::architectures;
pub use bench::{BenchOptions, BenchTask, Moment, Speed, bench};
pub use classifier::{Classifier, load};
pub use dp_sgd::DpSgd;
pub use engine::{kernels, widest_kernel};
pub use error::ModelError;
pub use fine_tune::FineTune;
pub use fleet::{
    Divergence, Finished, FleetError, Forecast, Job, Kept, Sink, Want, fleet, forecast,
};
pub use folds::folds;
pub use options::{Keep, TrainOptions};
pub use tensorboard::{TENSORBOARD_FILE, tensorboard};
pub use train::{Labelled, Observer, Trained, train};
