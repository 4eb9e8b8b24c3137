//! Intervals, ROC curves and exact sums: pure functions over counts and slices.

mod delong;
mod effective;
mod intervals;
mod mean;
mod normal;
mod roc;
mod sums;
mod weighted_auc;

pub use delong::{delong, delong_variance};
pub(crate) use delong::{interval_of_auc, sorted_auc, sorted_auc_variance};
pub(crate) use effective::{Term, katz_effective, mover, student_two_sided, wilson_effective};
pub use intervals::{clopper_pearson, katz_log, newcombe, wilson};
pub use mean::mean;
pub use normal::{normal_cdf, normal_quantile};
pub use roc::{Roc, roc};
pub(crate) use sums::Running;
pub use sums::sum;
pub(crate) use weighted_auc::{Sample, weighted_auc};
