//! The base metrics: each is one number about one set of rows.

mod accuracy;
mod balanced_accuracy;
mod base_rate;
mod basis;
mod count;
mod f1;
mod false_discovery_rate;
mod false_negative_rate;
mod false_omission_rate;
mod false_positive_rate;
mod negative_predictive_value;
mod precision;
mod roc_auc;
mod selection_rate;
mod true_negative_rate;
mod true_positive_rate;

pub(crate) use accuracy::Accuracy;
pub(crate) use balanced_accuracy::BalancedAccuracy;
pub(crate) use base_rate::BaseRate;
pub use basis::Basis;
pub(crate) use count::Count;
pub(crate) use f1::F1;
pub(crate) use false_discovery_rate::FalseDiscoveryRate;
pub(crate) use false_negative_rate::FalseNegativeRate;
pub(crate) use false_omission_rate::FalseOmissionRate;
pub(crate) use false_positive_rate::FalsePositiveRate;
pub(crate) use negative_predictive_value::NegativePredictiveValue;
pub(crate) use precision::Precision;
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
}

/// All base metrics, in the order of the findings.
pub static METRICS: [&dyn Metric; 15] = [
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
];
