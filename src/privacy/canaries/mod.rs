//! Canaries: records that are planted into a training, each by its own fair coin, so that this one training
//! bounds its own ε from below. The coins are committed to before the training starts.

mod findings;
mod ledger;

pub use findings::{findings, guesses_each, not_run};
pub use ledger::{Canary, Ledger};

use crate::domain::Meta;
use findings::{CanaryAuc, CanaryEpsilon};

/// The manuals of this room, in order of their codes.
#[must_use]
pub(crate) fn checks() -> [&'static Meta; 2] {
    [&CanaryEpsilon::META, &CanaryAuc::META]
}

/// The name of the check whose value is a lower bound on ε.
pub(crate) const BOUND: &str = CanaryEpsilon::META.name;
