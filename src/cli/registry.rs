//! The names that this build knows, gathered from the rooms.

use crate::config::Known;
use crate::domain::Meta;

/// Everything that a configuration may name and `list` and `explain` show.
#[derive(Debug, Clone, Default)]
pub struct Registries {
    /// All checks of all rooms, in the order of their codes.
    pub checks: Vec<&'static Meta>,
    /// The checks among them that are measured by group.
    pub metrics: Vec<&'static Meta>,
    /// Membership attacks.
    pub attacks: Vec<String>,
    /// Data-set formats.
    pub formats: Vec<String>,
    /// Network architectures.
    pub models: Vec<String>,
    /// Kinds of personal data.
    pub detectors: Vec<String>,
    /// Rules of the built-in usage policy.
    pub rules: Vec<String>,
    /// Report formats.
    pub renderers: Vec<String>,
}

impl Registries {
    /// The names as the configuration asks for them.
    #[must_use]
    pub fn known(&self) -> Known {
        let names = |metas: &[&'static Meta]| metas.iter().map(|m| m.name.to_owned()).collect();
        Known {
            checks: names(&self.checks),
            metrics: names(&self.metrics),
            attacks: self.attacks.clone(),
            architectures: self.models.clone(),
            formats: self.formats.clone(),
            renderers: self.renderers.clone(),
        }
    }
}

/// The registries of this build.
#[must_use]
pub fn all() -> Registries {
    let metrics = crate::fairness::checks();
    let formats = crate::dataset::formats().iter().map(|format| format.name().to_owned());
    Registries {
        checks: crate::dataset::checks().into_iter().chain(metrics.iter().copied()).collect(),
        metrics,
        formats: formats.collect(),
        ..Registries::default()
    }
}
