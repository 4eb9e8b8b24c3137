//! The names that this build knows, gathered from the rooms.

use crate::config::Known;
use crate::domain::{Code, Meta};
use crate::privacy::membership::{LabelOnly, SHORTHANDS};
use crate::{dataset, fairness, misuse, model, pipeline, privacy, report};

/// Everything that a configuration may name and `list` and `explain` show.
#[derive(Debug, Clone, Default)]
pub struct Registries {
    /// All checks of all rooms, in the order of their codes.
    pub checks: Vec<&'static Meta>,
    /// Codes of the attacks and detectors among them.
    pub parts: Vec<Code>,
    /// The checks among them that are measured by group.
    pub metrics: Vec<&'static Meta>,
    /// Membership attacks.
    pub attacks: Vec<String>,
    /// Data-set formats.
    pub formats: Vec<String>,
    /// Named network architectures, each with a line about it.
    pub models: Vec<(String, String)>,
    /// Kinds of personal data.
    pub detectors: Vec<String>,
    /// Rules of the built-in usage policy.
    pub rules: Vec<String>,
    /// Report formats.
    pub renderers: Vec<String>,
}

impl Registries {
    /// The names as the configuration asks for them. An attack or a detector has a manual, but no
    /// finding bears its name, so no rule can judge it. A run has no population, so it knows only
    /// the attacks that do without.
    #[must_use]
    pub fn known(&self) -> Known {
        let judged = |meta: &&&'static Meta| !self.parts.contains(&meta.code);
        let checks: Vec<&'static Meta> = self.checks.iter().filter(judged).copied().collect();
        let names = |metas: &[&'static Meta]| metas.iter().map(|m| m.name.to_owned()).collect();
        let range = |meta: &&'static Meta| Some((meta.name.to_owned(), range(meta)?));
        Known {
            checks: names(&checks),
            metrics: names(&self.metrics),
            ranges: checks.iter().filter_map(range).collect(),
            shadowed: shadowed().into_iter().collect(),
            shorthands: SHORTHANDS
                .map(|(short, full)| (short.to_owned(), full.to_owned()))
                .into_iter()
                .collect(),
            attacks: privacy::membership::attacks()
                .iter()
                .filter(|attack| !attack.needs().population)
                .map(|attack| attack.meta().name)
                .chain(LabelOnly::ALL.map(|attack| attack.meta().name))
                .chain(SHORTHANDS.map(|(short, _)| short))
                .map(str::to_owned)
                .collect(),
            architectures: self.models.iter().map(|(name, _)| name.clone()).collect(),
            formats: self.formats.clone(),
            renderers: self.renderers.clone(),
        }
    }
}

/// The attacks that compare with shadow models, by their full and short names, and the fewest that
/// they need: each row is seen by one half of the models.
fn shadowed() -> Vec<(String, u64)> {
    let attacks = privacy::membership::attacks().iter().filter_map(|attack| {
        let needs = attack.needs();
        let models = u64::try_from(2 * needs.inside.max(needs.outside)).unwrap_or(u64::MAX);
        (models > 0 && !needs.population).then(|| (attack.meta().name, models))
    });
    let attacks: Vec<(&str, u64)> = attacks.collect();
    let short = SHORTHANDS.iter().filter_map(|(short, full)| {
        attacks.iter().find(|(name, _)| name == full).map(|(_, models)| (*short, *models))
    });
    attacks.iter().copied().chain(short).map(|(name, models)| (name.to_owned(), models)).collect()
}

/// The values that a check can take, from the **Range** of its manual; none where that is not said
/// in numbers.
fn range(meta: &Meta) -> Option<[f64; 2]> {
    let text = meta.section("Range")?.replace('\u{2212}', "-");
    let (least, rest) = text.split_once(' ')?;
    let most = rest.strip_prefix("to ").and_then(|rest| {
        rest.split([' ', ';', ',', '.']).next().and_then(|word| word.parse::<f64>().ok())
    });
    Some([least.parse().ok()?, most.unwrap_or(f64::INFINITY)])
}

/// The registries of this build.
#[must_use]
pub fn all() -> Registries {
    let stored = || privacy::membership::attacks().iter().map(|attack| attack.meta());
    let attacks = || stored().chain(LabelOnly::ALL.map(LabelOnly::meta));
    let detectors = privacy::pii::detectors();
    Registries {
        parts: attacks().chain(detectors.iter().map(|(_, meta)| *meta)).map(|m| m.code).collect(),
        checks: pipeline::checks(),
        metrics: fairness::checks(),
        attacks: attacks().map(|meta| meta.name.to_owned()).collect(),
        formats: dataset::formats().iter().map(|format| format.name().to_owned()).collect(),
        models: model::architectures()
            .map(|(name, about)| (name.to_owned(), about.to_owned()))
            .into(),
        detectors: detectors.iter().map(|(label, _)| (*label).to_owned()).collect(),
        rules: misuse::checks().iter().map(|meta| meta.name.to_owned()).collect(),
        renderers: report::renderers().iter().map(|r| r.name().to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Ideal;

    #[test]
    fn ranges_come_from_the_manuals() {
        let known = all().known();
        let shown = |name: &str| format!("{:?}", known.ranges[name]);
        assert_eq!(shown("accuracy"), "[0.0, 1.0]");
        assert_eq!(shown("demographic_parity_ratio"), "[0.0, 1.0]");
        assert_eq!(shown("generalization_gap"), "[-1.0, 1.0]");
        assert_eq!(shown("pii_direct_identifiers"), "[0.0, inf]");
        let explain = "Words.\n\n**Range** found or not.";
        let meta = Meta { code: "X", name: "x", ideal: Ideal::None, explain };
        assert_eq!(range(&meta), None);
    }

    #[test]
    fn a_rule_can_judge_checks_but_not_attacks_or_detectors() {
        let known = all().known();
        let has = |name: &str| known.checks.iter().any(|check| check == name);
        assert!(has("membership_auc") && has("usage_violations") && has("pii_cells"));
        assert!(!has("loss") && !has("pii_email"));
    }

    #[test]
    fn codes_and_names_are_unique_across_the_rooms() {
        let mut seen = std::collections::BTreeSet::new();
        for meta in all().checks {
            assert!(
                seen.insert(meta.code) && seen.insert(meta.name),
                "{} {}",
                meta.code,
                meta.name
            );
        }
    }
}
