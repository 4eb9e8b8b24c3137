//! Intervals, tests, resampling, ROC curves and exact sums: pure functions over counts and slices.

mod area;
mod bootstrap;
mod contingency;
mod delong;
mod intervals;
mod mean;
pub(crate) mod mover;
mod multinomial;
mod multiplicity;
mod normal;
mod paired;
mod pooling;
mod power;
mod ratios;
mod roc;
mod sums;
mod tukey;

pub(crate) use area::area_score;
pub use bootstrap::{Cube, Draws};
pub use contingency::{chi_square, fisher_exact, least_expected, two_proportion_z};
pub(crate) use delong::{Placements, interval_of_auc, sorted_auc};
pub use delong::{delong, delong_variance};
pub use intervals::{clopper_pearson, katz_log, newcombe, wilson};
pub use mean::mean;
pub(crate) use mover::Estimate;
pub use multiplicity::{benjamini_hochberg, holm};
pub(crate) use normal::two_sided;
pub use normal::{normal_cdf, normal_quantile};
pub use paired::{Agreement, AucDifference, delong_paired, mcnemar_exact, newcombe_paired};
pub use pooling::Prior;
pub(crate) use power::{minimum_detectable_gap, rows_needed};
pub use ratios::koopman;
pub(crate) use ratios::koopman_ends;
pub use roc::{Roc, roc};
pub use sums::sum;
pub(crate) use tukey::simultaneous;
