//! The names that exist outside the configuration.

use std::collections::BTreeMap;

/// The names that the caller's registries know.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Known {
    /// Every check that a gate rule may name.
    pub checks: Vec<String>,
    /// The checks among them that `fairness.metrics` may choose.
    pub metrics: Vec<String>,
    /// The values that a check can take, `[least, most]`; a check that is absent can take any.
    pub ranges: BTreeMap<String, [f64; 2]>,
    /// Membership attacks, with their short names.
    pub attacks: Vec<String>,
    /// Those among them that compare with shadow models, and the fewest that they need.
    pub shadowed: BTreeMap<String, u64>,
    /// Short names of attacks and the full names that they stand for.
    pub shorthands: BTreeMap<String, String>,
    /// Architectures that can be trained and loaded.
    pub architectures: Vec<String>,
    /// Data-set formats.
    pub formats: Vec<String>,
    /// Report formats.
    pub renderers: Vec<String>,
}

impl Known {
    /// The full name of an attack, where this is a short one.
    pub(super) fn attack(&self, name: String) -> String {
        self.shorthands.get(&name).cloned().unwrap_or(name)
    }
}
