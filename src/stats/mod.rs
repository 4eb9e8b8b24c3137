//! Intervals, ROC curves and exact sums: pure functions over counts and slices.

mod delong;
mod intervals;
mod mean;
mod normal;
mod roc;
mod sums;

pub(crate) use delong::{Placements, interval_of_auc};
pub use delong::{delong, delong_variance};
pub use intervals::{clopper_pearson, katz_log, newcombe, wilson};
pub use mean::mean;
pub use normal::{normal_cdf, normal_quantile};
pub use roc::{Roc, roc};
pub use sums::sum;
