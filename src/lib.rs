//! A responsible-AI audit around a classifier.
//!
//! `config → dataset → model → predictions → fairness | privacy | misuse → findings → risks → gate →
//! assessment → reports`. Every arrow is a function of values; only `cli` touches the clock, the
//! terminal and the files that a run writes. [`domain::Assessment`] is the record: every report is
//! a function of it.

pub mod config;
pub mod domain;
pub mod fairness;
pub mod gate;
pub mod misuse;
pub mod privacy;
pub mod report;
pub mod risk;
pub mod stats;

#[cfg(all(feature = "tables", feature = "train", feature = "plots"))]
pub mod cli;
#[cfg(feature = "tables")]
pub mod dataset;
#[cfg(feature = "train")]
pub mod model;
#[cfg(all(feature = "tables", feature = "train", feature = "plots"))]
pub mod pipeline;
