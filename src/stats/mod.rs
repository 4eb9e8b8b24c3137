//! Intervals, tests, resampling, ROC curves and exact sums: pure functions over counts and slices.

mod area;
mod bootstrap;
mod delong;
mod intervals;
mod mean;
pub(crate) mod mover;
mod multinomial;
mod normal;
mod ratios;
mod roc;
mod sums;
mod tukey;

pub(crate) use area::area_score;
pub use bootstrap::{Cube, Draws};
pub use delong::{delong, delong_variance};
pub(crate) use delong::{interval_of_auc, sorted_auc, sorted_auc_variance};
pub use intervals::{clopper_pearson, katz_log, newcombe, wilson};
pub use mean::mean;
pub(crate) use mover::Estimate;
pub(crate) use normal::two_sided;
pub use normal::{normal_cdf, normal_quantile};
pub use ratios::koopman;
pub(crate) use ratios::koopman_ends;
pub use roc::{Roc, roc};
pub use sums::sum;
pub(crate) use tukey::simultaneous;
