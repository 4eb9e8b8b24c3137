//! The configuration: what a user typed becomes what the program may rely on.
//!
//! [`load`] reads the YAML, applies overrides, checks every key and reports **all** problems at
//! once, each with a code, a place and a way out. It is pure: the names that registries know and
//! the answer to "does this file exist" come from the caller.

mod checked;
mod fairness;
mod keys;
mod keys_checks;
mod keys_data;
mod keys_search;
mod keys_train;
mod known;
mod layers;
mod overrides;
mod problem;
mod raw;
mod resolve;
mod resolve_data;
mod resolve_gate;
mod resolve_membership;
mod resolve_search;
mod resolve_train;
mod scan;
mod scan_flow;
mod schema;
mod search;
mod shape;
mod slices;
mod span;
mod train_dp;
mod waivers;

pub use checked::{
    Anonymity, Canaries, CanaryKind, Columns, Config, Dataset, Dp, Fairness, FilePath, Keep,
    LabelOnly, Load, Membership, Metrics, Misuse, MisuseFacts, Model, OnError, Pii, Plant, Privacy,
    Report, Shares, Train,
};
pub use known::Known;
pub use problem::{PROBLEM_KINDS, Problem, ProblemKind};
pub use schema::schema;
pub use search::{Parameter, Range, Scale, Search, SearchMethod};
pub use slices::Slices;
pub use train_dp::{Noise, TrainDp};
pub use waivers::load_waivers;

use resolve::Resolver;
use shape::{Kind, Walk};
use std::path::Path;

/// A YAML file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Path as given.
    pub path: String,
    /// Content.
    pub text: String,
}

/// Reads a configuration. `overrides` are `(key, value)` pairs of `--set`, applied in order before
/// anything is checked. `exists` answers whether a file or folder is there.
///
/// # Errors
/// All problems, in file order; those of overrides last.
pub fn load(
    document: &Document,
    overrides: &[(String, String)],
    known: &Known,
    exists: &dyn Fn(&Path) -> bool,
) -> Result<Config, Vec<Problem>> {
    let mut raw = raw::parse(&document.text).map_err(|problem| vec![problem])?;
    let apply = |(key, value): &(String, String)| overrides::apply(&mut raw, key, value).err();
    let mut problems: Vec<Problem> = overrides.iter().filter_map(apply).collect();
    let mut walk = Walk { known, problems: Vec::new() };
    walk.value(&mut raw, &Kind::Table(&keys::ROOT), "");
    problems.append(&mut walk.problems);
    let folder = Path::new(&document.path).parent().unwrap_or(Path::new("")).to_path_buf();
    let mut resolver =
        Resolver { text: &document.text, known, folder, exists, problems: Vec::new() };
    let config = resolver.config(&raw, &document.path);
    problems.append(&mut resolver.problems);
    if problems.is_empty() { Ok(config) } else { Err(sorted(problems)) }
}

/// Reads a file with the keys of `misuse:` alone, for `audit usage --facts`.
///
/// # Errors
/// All problems, in file order.
pub fn load_facts(document: &Document, known: &Known) -> Result<MisuseFacts, Vec<Problem>> {
    let mut raw = raw::parse(&document.text).map_err(|problem| vec![problem])?;
    let mut walk = Walk { known, problems: Vec::new() };
    walk.value(&mut raw, &Kind::Table(&keys_checks::MISUSE), "");
    if walk.problems.is_empty() { Ok(resolve::facts(&raw)) } else { Err(sorted(walk.problems)) }
}

/// In file order; problems without a place come last, in the order of discovery.
fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort_by_key(|p| p.span.as_ref().map_or((1, 0), |span| (0, span.start)));
    problems
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_membership;
#[cfg(test)]
mod tests_train;
