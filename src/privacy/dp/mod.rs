//! Differential privacy: what an attack proves about ε from below, and what a declared training with
//! noisy gradients has for an ε from above.
//!
//! A lower bound is a pure function of scores and membership. Each holds at the level that its finding
//! names, and all bounds of one audit together at the declared confidence.

mod binomial;
mod certificate;
mod findings;
pub mod gdp;
mod manuals;
pub mod one_run;
mod prv;
pub mod rates;
mod rdp;
mod sampled;

pub use certificate::{Certificate, CertificateError};
pub use findings::{against_claim, certified, lower_bounds, trained};

use crate::domain::{Meta, to_f64};
use manuals::{
    DpClaimExcess, DpEpsilonPrv, DpEpsilonRdp, EpsilonClopperPearson, EpsilonOneRun,
    MuClopperPearson, MuOneRun,
};

/// What to bound.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// The `δ` of the bounds, from 0 to below 1.
    pub delta: f64,
    /// The confidence of all bounds of one audit together, e.g. 0.95.
    pub confidence: f64,
    /// Guesses on each side of a one-run audit, fixed beforehand; none makes no such audit.
    pub guesses: Option<usize>,
    /// How many bounds the audit makes; at least 1.
    pub family: u64,
}

impl Options {
    /// Bounds that one attack gets.
    #[must_use]
    pub fn per_attack(guesses: Option<usize>) -> u64 {
        if guesses.is_some() { 4 } else { 2 }
    }

    /// The level of each bound: the error is shared out among all (Bonferroni).
    pub(crate) fn each_level(&self) -> f64 {
        1.0 - (1.0 - self.confidence) / to_f64(self.family.max(1))
    }
}

/// The manuals of this room, in order of their codes.
#[must_use]
pub(crate) fn checks() -> [&'static Meta; 7] {
    [
        &DpEpsilonRdp::META,
        &DpEpsilonPrv::META,
        &DpClaimExcess::META,
        &EpsilonClopperPearson::META,
        &MuClopperPearson::META,
        &EpsilonOneRun::META,
        &MuOneRun::META,
    ]
}
