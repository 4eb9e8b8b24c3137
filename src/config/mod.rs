//! Configuration.
mod problem;
mod raw;
mod scan;
mod scan_flow;
mod span;
pub use problem::{PROBLEM_KINDS, Problem, ProblemKind, nearest};
