//! The base metrics: each is one number about one set of rows.

mod accuracy;
mod average_odds;
mod average_precision;
mod balanced_accuracy;
mod base_rate;
mod basis;
mod brier_score;
pub(super) mod calibration;
mod count;
mod error_rate;
mod expected_calibration_error;
mod expected_calibration_error_debiased;
mod expected_calibration_error_equal_mass;
mod expected_calibration_error_right_closed;
mod f1;
mod false_discovery_rate;
mod false_negative_rate;
mod false_omission_rate;
mod false_positive_rate;
mod generalized_false_positive_rate;
mod generalized_true_positive_rate;
pub(super) mod log_loss;
mod matthews_corrcoef;
mod maximum_calibration_error;
mod mean;
mod mean_score;
mod negative_predictive_value;
mod precision;
mod predicted_positive_share;
mod rate;
mod roc_auc;
mod selection_rate;
mod true_negative_rate;
mod true_positive_rate;

pub(crate) use accuracy::Accuracy;
pub(crate) use average_odds::AverageOdds;
pub(crate) use average_precision::AveragePrecision;
pub(crate) use balanced_accuracy::BalancedAccuracy;
pub(crate) use base_rate::BaseRate;
pub use basis::{Basis, Proportion};
pub(crate) use brier_score::BrierScore;
pub(crate) use count::Count;
pub(crate) use error_rate::ErrorRate;
pub(crate) use expected_calibration_error::ExpectedCalibrationError;
pub(crate) use expected_calibration_error_debiased::ExpectedCalibrationErrorDebiased;
pub(crate) use expected_calibration_error_equal_mass::ExpectedCalibrationErrorEqualMass;
pub(crate) use expected_calibration_error_right_closed::ExpectedCalibrationErrorRightClosed;
pub(crate) use f1::F1;
pub(crate) use false_discovery_rate::FalseDiscoveryRate;
pub(crate) use false_negative_rate::FalseNegativeRate;
pub(crate) use false_omission_rate::FalseOmissionRate;
pub(crate) use false_positive_rate::FalsePositiveRate;
pub(crate) use generalized_false_positive_rate::GeneralizedFalsePositiveRate;
pub(crate) use generalized_true_positive_rate::GeneralizedTruePositiveRate;
pub(crate) use log_loss::LogLoss;
pub(crate) use matthews_corrcoef::MatthewsCorrcoef;
pub(crate) use maximum_calibration_error::MaximumCalibrationError;
pub(crate) use mean_score::MeanScore;
pub(crate) use negative_predictive_value::NegativePredictiveValue;
pub(crate) use precision::Precision;
pub(crate) use predicted_positive_share::PredictedPositiveShare;
pub(crate) use roc_auc::RocAuc;
pub(crate) use selection_rate::SelectionRate;
pub(crate) use true_negative_rate::TrueNegativeRate;
pub(crate) use true_positive_rate::TruePositiveRate;

use super::slice::Slice;
use crate::domain::{Meta, Value};

/// One number about one set of rows.
pub trait Metric: Sync {
    /// Code, name and manual.
    fn meta(&self) -> &'static Meta;

    /// The number, or why there is none.
    fn of(&self, rows: &Slice<'_>) -> Value;

    /// What the number rests on; decides its interval. All rows, without interval, unless said.
    fn basis(&self, rows: &Slice<'_>) -> Basis {
        Basis::Rows(rows.n())
    }

    /// Both at once; worth a way of its own where they share most of the work.
    fn measure(&self, rows: &Slice<'_>) -> (Value, Basis) {
        (self.of(rows), self.basis(rows))
    }
}

/// All base metrics, in the order of the findings.
pub static METRICS: [&dyn Metric; 29] = [
    &Count,
    &BaseRate,
    &SelectionRate,
    &Accuracy,
    &TruePositiveRate,
    &FalsePositiveRate,
    &TrueNegativeRate,
    &FalseNegativeRate,
    &Precision,
    &RocAuc,
    &BalancedAccuracy,
    &F1,
    &FalseDiscoveryRate,
    &NegativePredictiveValue,
    &FalseOmissionRate,
    &ErrorRate,
    &MatthewsCorrcoef,
    &PredictedPositiveShare,
    &GeneralizedTruePositiveRate,
    &GeneralizedFalsePositiveRate,
    &MeanScore,
    &AveragePrecision,
    &BrierScore,
    &LogLoss,
    &ExpectedCalibrationError,
    &ExpectedCalibrationErrorRightClosed,
    &ExpectedCalibrationErrorEqualMass,
    &ExpectedCalibrationErrorDebiased,
    &MaximumCalibrationError,
];
