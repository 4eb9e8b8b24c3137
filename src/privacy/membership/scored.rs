//! The scores of several attacks on one scene: made once, used by everything that is measured on them.

use super::findings::{self, Attack};
use super::histogram::histogram;
use super::{
    Band, MembershipAuc, Options, PROBES, ProbeError, Scene, Scored, find, needs, overall, scores,
};
use crate::domain::{Finding, Members, Seed, Stage, Subject};

/// An attack and its scores, or why it could not be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Attacked {
    /// The full name.
    pub attack: String,
    /// The scores of pool and population.
    pub scored: Result<Scored, ProbeError>,
}

impl Attacked {
    /// The scores of members and non-members apart; none where the attack could not be made.
    #[must_use]
    pub fn split(&self, scene: &Scene) -> Option<Members<Vec<f64>>> {
        self.scored.as_ref().ok().map(|scored| scene.split(&scored.pool))
    }
}

/// Makes the named attacks, or all.
///
/// # Errors
/// An unknown name, or a named attack that needs what the scene lacks.
pub fn attack_scene(
    scene: &Scene,
    options: &Options,
    seed: Seed,
) -> Result<Vec<Attacked>, ProbeError> {
    let all = || PROBES.map(|probe| probe.meta().name.to_owned()).to_vec();
    let named = &options.attacks;
    let in_full = |name: &String| find(name).map(|probe| probe.meta().name.to_owned());
    let in_full = named.iter().map(in_full).collect::<Result<_, _>>()?;
    let chosen = if named.is_empty() { all() } else { in_full };
    let made = chosen.into_iter().map(|attack| {
        let scored = scores(&attack, scene, seed);
        match scored {
            Err(error) if !named.is_empty() => Err(error),
            scored => Ok(Attacked { attack, scored }),
        }
    });
    made.collect()
}

/// The findings of attacks that were made, see [`super::audit_scene`].
///
/// # Errors
/// An unknown name.
pub fn audit_scores(
    scene: &Scene,
    attacked: &[Attacked],
    confidence: f64,
    seed: Seed,
) -> Result<Vec<Finding>, ProbeError> {
    let level = confidence;
    let rows: Vec<usize> = (0..scene.member.len()).filter(|row| scene.member[*row]).collect();
    let size = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let band = Band::new((size(rows.len()), size(scene.member.len() - rows.len())), level);
    let mut all = vec![findings::generalization_gap(scene, level)];
    for Attacked { attack, scored } in attacked {
        match scored {
            Ok(scored) => {
                let null = seed.child(&format!("privacy/membership/null/{attack}"));
                let probe = find(attack)?;
                let (meta, learns) = (probe.meta(), probe.learns());
                let attack = Attack { meta, learns, level, null, rows: &rows, band: &band };
                all.extend(attack.findings(&scene.split(&scored.pool)));
            }
            Err(error) => all.push(not_run(attack, error)),
        }
    }
    let strongest = overall::strongest(&all, level);
    let picked =
        strongest.as_ref().and_then(|f| overall::strongest_attack(std::slice::from_ref(f)));
    let scored = attacked.iter().find(|a| Some(&a.attack) == picked.as_ref());
    let shown = scored.and_then(|a| a.split(scene)).map_or_else(Vec::new, |s| histogram(&s));
    all.extend(strongest.map(|f| shown.into_iter().fold(f, Finding::with)));
    all.extend(overall::below_chance(&all, level));
    Ok(all)
}

/// An attack that was not named and cannot run.
fn not_run(attack: &str, error: &ProbeError) -> Finding {
    let subject = Subject { attack: Some(attack.to_owned()), ..Subject::default() };
    let value = Err(needs::because(error));
    Finding::new(&MembershipAuc::META, Stage::Privacy, subject, value, 0)
}
