//! Membership inference: can an outsider tell which rows the model has learned from?
//!
//! Each attack gives every row a score, higher meaning "member"; what the scores are worth is measured
//! in one place, the same for all attacks.

mod band;
mod blind;
mod calibrated;
mod changes;
mod entropy;
mod findings;
mod gap;
mod group_gaps;
mod group_manuals;
mod groups;
mod hiding;
mod hinge;
mod histogram;
mod identifiable;
mod label_only;
mod lira;
mod lira_nig;
mod lira_offline;
mod lira_online;
mod logistic;
mod logs;
mod loss;
mod max_confidence;
mod modified_entropy;
mod needs;
mod overall;
mod population;
mod quantile;
mod ranks;
mod reference_gain;
mod references;
mod rmia;
mod scaled_confidence;
mod scene;
mod scored;
mod shadows;
mod worth;

pub(crate) use blind::BlindAuc;
pub use blind::blind;
pub use changes::Change;
pub(crate) use findings::GeneralizationGap;
pub(crate) use group_manuals::{
    GroupAdvantage, GroupAuc, GroupAucDifference, GroupEpsilon, GroupOwnTpr, GroupTpr,
    GroupTprDifference,
};
pub use groups::{Grouping, by_group, for_groups};
pub(crate) use hiding::ClassSizeCorrelation;
pub use hiding::{class_size_correlation, class_sizes};
pub use label_only::{Answers, LabelOnly};
pub use logs::scaled_confidence;
pub use needs::Needs;
pub use ranks::share_at_most;
pub(crate) use reference_gain::MembershipReferenceGain;
pub use reference_gain::{ReferenceGain, reference_gain};
pub use references::References;
pub use scene::{Rows, Scene, Scored};
pub use scored::{Attacked, attack_scene, audit_scores};
pub(crate) use shadows::{MembershipShadowAccuracyGap, MembershipShadowConfidenceGap};
pub use shadows::{Right, Trained, mimicry};
pub use worth::positive_predictive_value;
pub(crate) use worth::{
    MembershipAdvantage, MembershipAuc, MembershipBalancedAccuracy, MembershipBelowChance,
    MembershipIdentifiable, MembershipPpv, MembershipStrongest, MembershipTprAtFpr00001,
    MembershipTprAtFpr0001, MembershipTprAtFpr001,
};

use band::Band;

use crate::domain::{ClassId, Finding, Logits, Members, Meta, Seed, nearest};

/// One attack.
pub trait Probe: Sync {
    /// Identity and manual; the name is the attack's full name.
    fn meta(&self) -> &'static Meta;

    /// What it needs beside the target's outputs. It is checked before the attack runs.
    fn needs(&self) -> Needs {
        Needs::default()
    }

    /// Whether it learns from who is a member, so that its scores depend on each other.
    fn learns(&self) -> bool {
        false
    }

    /// The scores of all rows, higher = member.
    fn scores(&self, scene: &Scene, seed: Seed) -> Scored;
}

/// All attacks, in order of their codes.
const PROBES: [&dyn Probe; 24] = [
    &loss::Loss,
    &modified_entropy::ModifiedEntropy,
    &entropy::Entropy,
    &max_confidence::MaxConfidence,
    &scaled_confidence::LogitScaledConfidence,
    &hinge::Hinge,
    &gap::Gap,
    &population::Population,
    &calibrated::OutMean,
    &calibrated::Midpoint,
    &logistic::Logistic,
    &quantile::Quantile,
    &lira_online::OnlinePerExample,
    &lira_online::OnlineGlobal,
    &lira_online::OnlineResidual,
    &lira_offline::OneSidedPerExample,
    &lira_offline::OneSidedGlobal,
    &lira_offline::OneSidedResidual,
    &lira_offline::TwoSidedPerExample,
    &lira_offline::TwoSidedGlobal,
    &lira_offline::TwoSidedResidual,
    &lira_nig::OnlineNig,
    &rmia::RmiaOnline,
    &rmia::RmiaOffline,
];

/// Attacks that run where none is named: they need nothing but the outputs.
pub const DEFAULT: [&str; 2] = ["loss", "modified_entropy"];

/// Short names, each with the full name of the variant that is recommended where each row is seen by
/// some references and not by others.
pub const SHORTHANDS: [(&str, &str); 2] =
    [("lira", "lira.online.residual_variance"), ("rmia", "rmia.online")];

/// All attacks, in order of their codes.
#[must_use]
pub fn attacks() -> &'static [&'static dyn Probe] {
    &PROBES
}

/// What to measure.
#[derive(Debug, Clone, PartialEq)]
pub struct Options {
    /// Full names of attacks, or [`SHORTHANDS`]; empty means the usual ones: `loss` and `modified_entropy` of a model's
    /// own outputs, everything that can run of a whole [`Scene`].
    pub attacks: Vec<String>,
    /// Level of the intervals, e.g. 0.95.
    pub confidence: f64,
}

/// What the model said about some rows, and their true classes.
#[derive(Debug, Clone, Copy)]
pub struct Outputs<'a> {
    /// Raw outputs, `(n, k)`.
    pub logits: &'a Logits,
    /// Classes that the rows were trained with, `(n,)`.
    pub labels: &'a [ClassId],
}

/// Why no attack could be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// Logits and labels describe different numbers of rows.
    #[error("the logits have {logits} rows, but there are {labels} labels")]
    Rows {
        /// Rows of the logits.
        logits: usize,
        /// Labels.
        labels: usize,
    },
    /// A label is not one of the outputs.
    #[error("row {row} has class {class}, but the logits have {classes} columns")]
    Label {
        /// Row, from 0.
        row: usize,
        /// The label.
        class: ClassId,
        /// Columns of the logits.
        classes: usize,
    },
    /// Members and non-members come from different models.
    #[error("the members' logits have {seen} columns, the non-members' {unseen}")]
    Classes {
        /// Columns of the members' logits.
        seen: usize,
        /// Columns of the non-members' logits.
        unseen: usize,
    },
    /// The logits have a single column.
    #[error("the logits have one column; membership is measured on two classes or more")]
    OneClass,
    /// The attack compares with reference models, and there is none.
    #[error(
        "attack `{0}` needs reference models, and there is none: store their outputs beside the \
         target's and give the file to `audit membership`"
    )]
    NeedsReferences(String),
    /// A row has too few reference models on one side.
    #[error(
        "attack `{attack}` needs {need} reference model(s) that {side} each row, but row {row} has \
         {found}"
    )]
    TooFewReferences {
        /// The attack.
        attack: String,
        /// `were trained on` or `were not trained on`.
        side: &'static str,
        /// The row with the fewest, from 0.
        row: usize,
        /// Its references.
        found: usize,
        /// Those that are needed.
        need: usize,
    },
    /// The attack looks at the outputs of all classes, and losses are all that is stored.
    #[error(
        "attack `{0}` looks at the outputs of every class, and the file holds losses: store logits"
    )]
    NeedsOutputs(String),
    /// The attack compares with rows that no model was trained on, and there is none.
    #[error(
        "attack `{0}` needs a population: rows of logits and labels beyond those of the masks, which \
         no model was trained on"
    )]
    NeedsPopulation(String),
    /// The attack asks the model about rows that are not stored.
    #[error(
        "attack `{0}` asks the model itself, and stored outputs cannot answer: configure \
         `privacy.membership.label_only` for `audit run`"
    )]
    NeedsModel(String),
    /// There is no attack of this name.
    #[error("no attack is called `{name}`{near}; known: {known}")]
    UnknownAttack {
        /// The name.
        name: String,
        /// A question after the one that was probably meant, or nothing.
        near: String,
        /// The names that exist.
        known: String,
    },
}

/// The scores of one attack on rows of which nothing but the outputs is known, `(n,)`, higher =
/// member.
///
/// # Errors
/// An unknown name, logits and labels that do not fit, or an attack that needs more.
pub fn score(attack: &str, outputs: &Outputs<'_>) -> Result<Vec<f64>, ProbeError> {
    let pool = Rows::new(outputs)?;
    let member = vec![false; pool.labels().len()];
    let scene = Scene { pool, member, population: None, references: None };
    Ok(scores(attack, &scene, Seed::new(0))?.pool)
}

/// The scores of one attack on a scene.
///
/// # Errors
/// An unknown name, or a scene without what the attack needs.
pub fn scores(attack: &str, scene: &Scene, seed: Seed) -> Result<Scored, ProbeError> {
    let probe = find(attack)?;
    if let Some(error) = needs::unmet(probe, scene) {
        return Err(error);
    }
    let place = format!("privacy/membership/{}", probe.meta().name);
    Ok(probe.scores(scene, seed.child(&place)))
}

/// The scores of `rmia.offline` with a given `a` of 0 to 1, where the attack itself tunes it.
///
/// # Errors
/// A scene where a row has no OUT reference.
pub fn rmia_offline(scene: &Scene, a: f64) -> Result<Scored, ProbeError> {
    match needs::unmet(&rmia::RmiaOffline, scene) {
        Some(error) => Err(error),
        None => Ok(rmia::offline(scene, a)),
    }
}

/// Runs attacks that need nothing but the model's outputs against members (`seen`) and non-members
/// (`unseen`); see [`audit_scene`] for the findings.
///
/// # Errors
/// An unknown name, an attack that needs references or a population, or logits and labels that do
/// not fit.
pub fn audit(
    members: &Members<Outputs<'_>>,
    options: &Options,
    seed: Seed,
) -> Result<Vec<Finding>, ProbeError> {
    let scene = Scene::of_members(members)?;
    if !options.attacks.is_empty() {
        return audit_scene(&scene, options, seed);
    }
    let attacks = DEFAULT.map(str::to_owned).to_vec();
    audit_scene(&scene, &Options { attacks, ..options.clone() }, seed)
}

/// Runs the attacks against a scene.
///
/// Findings: the generalisation gap; AUC, advantage, the rates at fixed false-positive rates, balanced
/// accuracy, precision and identifiable rows for each attack in the order asked for; the strongest; how many are
/// wrong more often than a guess. With fewer than two members or non-members all values
/// are `TooFew`. Where no attack is named, those that need what the scene lacks are findings too,
/// with the reason.
///
/// # Errors
/// An unknown name, or a named attack that needs what the scene lacks.
pub fn audit_scene(
    scene: &Scene,
    options: &Options,
    seed: Seed,
) -> Result<Vec<Finding>, ProbeError> {
    let attacked = attack_scene(scene, options, seed)?;
    audit_scores(scene, &attacked, options.confidence, seed)
}

/// The attack of a full name or of a shorthand.
fn find(name: &str) -> Result<&'static dyn Probe, ProbeError> {
    let name = SHORTHANDS.iter().find(|(short, _)| *short == name).map_or(name, |(_, full)| full);
    PROBES.into_iter().find(|p| p.meta().name == name).ok_or_else(|| {
        if LabelOnly::ALL.iter().any(|attack| attack.meta().name == name) {
            return ProbeError::NeedsModel(name.to_owned());
        }
        unknown(name)
    })
}

/// The error, with the name that was meant.
fn unknown(name: &str) -> ProbeError {
    let full = PROBES.iter().map(|probe| probe.meta().name);
    let known: Vec<&str> = SHORTHANDS.iter().map(|(short, _)| *short).chain(full).collect();
    let near = nearest(name, known.iter().copied());
    let near = near.map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
    ProbeError::UnknownAttack { name: name.to_owned(), near, known: known.join(", ") }
}

/// The labels as column indices.
fn check(outputs: &Outputs<'_>) -> Result<Vec<usize>, ProbeError> {
    let (logits, labels) = (outputs.logits.len(), outputs.labels.len());
    if logits != labels {
        return Err(ProbeError::Rows { logits, labels });
    }
    let classes = outputs.logits.classes();
    let index = |(row, &class): (usize, &ClassId)| {
        let column = usize::try_from(class).ok().filter(|c| *c < classes);
        column.ok_or(ProbeError::Label { row, class, classes })
    };
    outputs.labels.iter().enumerate().map(index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logits(values: &[f64]) -> Logits {
        Logits::new(values.to_vec(), 2).unwrap()
    }

    #[test]
    fn each_mismatch_has_its_error() {
        let two = logits(&[1.0, 0.0, 0.0, 1.0]);
        let rows = score("loss", &Outputs { logits: &two, labels: &[0] });
        assert_eq!(rows, Err(ProbeError::Rows { logits: 2, labels: 1 }));
        let label = score("loss", &Outputs { logits: &two, labels: &[0, 2] });
        assert_eq!(label, Err(ProbeError::Label { row: 1, class: 2, classes: 2 }));
        let one = Logits::new(vec![1.0], 1).unwrap();
        let single = score("loss", &Outputs { logits: &one, labels: &[0] });
        assert_eq!(single, Err(ProbeError::OneClass));
        let error = |name| score(name, &Outputs { logits: &two, labels: &[0, 1] }).unwrap_err();
        let near = error("los").to_string();
        assert!(near.contains("`los`, did you mean `loss`?; known: lira, rmia, loss,"), "{near}");
        assert!(error("weather").to_string().contains("`weather`; known: "));
        let unmet = ProbeError::NeedsReferences("lira.online.residual_variance".to_owned());
        assert_eq!(error("lira"), unmet);
        let asking = "label_only.augmentation";
        let model = score(asking, &Outputs { logits: &two, labels: &[0, 1] });
        assert_eq!(model, Err(ProbeError::NeedsModel(asking.to_owned())));
    }

    #[test]
    fn both_sides_must_come_from_one_model() {
        let (two, three) = (logits(&[1.0, 0.0]), Logits::new(vec![0.0; 3], 3).unwrap());
        let members = Members {
            seen: Outputs { logits: &two, labels: &[0] },
            unseen: Outputs { logits: &three, labels: &[0] },
        };
        let options = Options { attacks: vec![], confidence: 0.95 };
        let error = audit(&members, &options, Seed::new(1)).unwrap_err();
        assert_eq!(error, ProbeError::Classes { seen: 2, unseen: 3 });
    }
}
