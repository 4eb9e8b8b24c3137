//! What more reference models would buy: the attack with a few of them, with more, with all.

use super::findings::{numbers, tally};
use super::ranks::ascending;
use super::{ProbeError, Scene, scores};
use crate::domain::{
    Finding, Ideal, Interval, Members, Meta, Seed, Stage, Subject, Undefined, to_f64,
};
use crate::stats::{self, Roc};

crate::check! {
    /// How much an attack has gained from the second half of its reference models: near 0, more of them
    /// would not make it stronger.
    ///
    /// **Formula** AUC with all K reference models − AUC with the first half of them (of whole pairs), on the
    /// same rows; `DeLong`'s interval of the difference of two areas on the same rows. The evidence has the
    /// AUC and the rate at 1 false alarm in 100 with 2, 4, 8, … and all; what K more are expected to add if
    /// gains go on falling as the last two did (all of the last gain, where they did not fall); and at most,
    /// which is the upper end of the interval, if gains do not grow. **Range** −1 to 1. **Ideal** 0.
    /// **Undefined** `TooFew` with fewer than four reference models, or fewer than two members or
    /// non-members.
    /// **Source** `DeLong` et al. 1988, Biometrics 44; the number of models: Carlini et al. 2022
    /// (arXiv 2112.03570), §VI.
    MembershipReferenceGain, "PR049", "membership_reference_gain", Ideal::Zero
}

/// An attack with fewer and with all references.
#[derive(Debug, Clone, PartialEq)]
pub struct ReferenceGain {
    /// The finding.
    pub finding: Finding,
    /// Number of references, AUC, rate of members found at one false alarm in a hundred.
    pub curve: Vec<(usize, f64, f64)>,
    /// What as many references again are expected to add to the AUC, and at most.
    pub next: Option<(f64, f64)>,
}

/// Runs an attack with the first 2, 4, 8, … of the scene's references, which come in pairs, and with
/// all of them. `steps` are the pictures that all of them have learned from.
///
/// # Errors
/// An unknown name, or a scene without what the attack needs.
pub fn reference_gain(
    attack: &str,
    scene: &Scene,
    (level, steps): (f64, u64),
    seed: Seed,
) -> Result<ReferenceGain, ProbeError> {
    let models = scene.references.as_ref().map_or(0, super::References::models);
    let half = |models: usize| models / 4 * 2;
    let with = |models: usize| -> Result<Option<Members<Vec<f64>>>, ProbeError> {
        let references = scene.references.as_ref().map(|all| all.first(models));
        let (pool, member) = (scene.pool.clone(), scene.member.clone());
        match scores(attack, &Scene { pool, member, population: None, references }, seed) {
            Ok(scored) => Ok(Some(scene.split(&scored.pool))),
            // With so few there is no such attack.
            Err(ProbeError::TooFewReferences { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    };
    let powers = std::iter::successors(Some(2_usize), |n| n.checked_mul(2));
    let mut numbers: Vec<usize> = powers.take_while(|n| *n < models).collect();
    numbers.push(models);
    let mut curve = Vec::new();
    for models in numbers {
        let roc = with(models)?.and_then(|s| stats::roc(&s.seen, &s.unseen).ok());
        curve.extend(roc.map(|roc: Roc| (models, roc.auc(), roc.tpr_at_fpr(0.01))));
    }
    let pair = match half(models) {
        0 => None,
        fewer => with(fewer)?.zip(with(models)?),
    };
    let before = match half(half(models)) {
        0 => None,
        fewest => with(fewest)?.and_then(|s| stats::roc(&s.seen, &s.unseen).ok()),
    };
    let last = pair.and_then(|(fewer, all)| gained(&fewer, &all));
    let earlier = last.zip(before).map(|(last, before)| last.fewer - before.auc());
    Ok(found(attack, (curve, steps), (last, earlier), (scene.member.len(), level)))
}

/// The difference of two areas on the same rows.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Gained {
    fewer: f64,
    gain: f64,
    variance: f64,
}

fn found(
    attack: &str,
    (curve, steps): (Vec<(usize, f64, f64)>, u64),
    (last, earlier): (Option<Gained>, Option<f64>),
    (rows, level): (usize, f64),
) -> ReferenceGain {
    let meta: &Meta = &MembershipReferenceGain::META;
    let subject = Subject { attack: Some(attack.to_owned()), ..Subject::default() };
    let n = u64::try_from(rows).unwrap_or(u64::MAX);
    let models = curve.last().map_or(0, |point| u64::try_from(point.0).unwrap_or(u64::MAX));
    let value = last.map(|last| last.gain).ok_or(Undefined::TooFew { n: models, need: 4 });
    let interval = last.filter(|last| last.variance > 0.0).map(|last| {
        let half = stats::normal_quantile(0.5 + level / 2.0) * last.variance.sqrt();
        let (low, high) = ((last.gain - half).max(-1.0), (last.gain + half).min(1.0));
        Interval { low, high, level, method: "delong".to_owned() }
    });
    let next = last.map(|last| {
        let gain = last.gain.max(0.0);
        let falls = earlier.filter(|earlier| *earlier > gain).map_or(1.0, |earlier| gain / earlier);
        (gain * falls, interval.as_ref().map_or(gain, |i| i.high.max(0.0)))
    });
    let names: Vec<String> = curve.iter().map(|point| point.0.to_string()).collect();
    let cells = |pick: fn(&(usize, f64, f64)) -> f64| -> Vec<(&str, Option<f64>)> {
        names.iter().map(String::as_str).zip(curve.iter().map(|point| Some(pick(point)))).collect()
    };
    let mut finding = Finding::new(meta, Stage::Privacy, subject, value, n)
        .with_interval(interval)
        .with(numbers("auc_with_references", &cells(|point| point.1), n))
        .with(numbers("tpr_at_fpr_0.01_with_references", &cells(|point| point.2), n));
    if let Some((expected, most)) = next {
        let cells = [("expected", Some(expected)), ("most", Some(most))];
        finding = finding
            .with(numbers("as_many_models_again", &cells, n))
            .with(tally(&[("models_again", models), ("image_steps_again", steps)]));
    }
    ReferenceGain { finding, curve, next }
}

/// The areas of two attacks on the same rows: `DeLong`'s variance of the difference is that of the
/// differences of each row's placements.
fn gained(fewer: &Members<Vec<f64>>, all: &Members<Vec<f64>>) -> Option<Gained> {
    let placed = |members: &Members<Vec<f64>>| {
        (placements(&members.seen, &members.unseen), placements(&members.unseen, &members.seen))
    };
    let ((a_seen, a_unseen), (b_seen, b_unseen)) = (placed(fewer), placed(all));
    let differences =
        |a: &[f64], b: &[f64]| -> Vec<f64> { a.iter().zip(b).map(|(a, b)| b - a).collect() };
    let (gain, seen) = spread(&differences(&a_seen, &b_seen))?;
    let (_, unseen) = spread(&differences(&a_unseen, &b_unseen))?;
    let area = |placements: &[f64]| stats::sum(placements.iter().copied()) / size(placements);
    Some(Gained { fewer: area(&a_seen), gain, variance: seen + unseen })
}

/// For each score the share of the others below it, ties counted half.
fn placements(scores: &[f64], others: &[f64]) -> Vec<f64> {
    let sorted = ascending(others.iter().copied());
    let n = size(&sorted);
    let place = |score: &f64| {
        let below = sorted.partition_point(|other| other < score);
        let upto = sorted.partition_point(|other| other <= score);
        to_f64(u64::try_from(below + upto).unwrap_or(u64::MAX)) / (2.0 * n)
    };
    scores.iter().map(place).collect()
}

/// Mean and the variance of it; none for fewer than two.
fn spread(values: &[f64]) -> Option<(f64, f64)> {
    let n = size(values);
    if values.len() < 2 {
        return None;
    }
    let mean = stats::sum(values.iter().copied()) / n;
    let squares = stats::sum(values.iter().map(|value| (value - mean) * (value - mean)));
    Some((mean, squares / (n - 1.0) / n))
}

fn size(values: &[f64]) -> f64 {
    to_f64(u64::try_from(values.len()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(seen: &[f64], unseen: &[f64]) -> Members<Vec<f64>> {
        Members { seen: seen.to_vec(), unseen: unseen.to_vec() }
    }

    #[test]
    fn the_gain_by_hand() {
        // Areas ¾ and 1: of the members' placements one goes from ½ to 1, of the non-members' one
        // from ½ to 0; each variance is ⅛ over two rows.
        let found = gained(&members(&[3.0, 1.0], &[2.0, 0.0]), &members(&[3.0, 2.0], &[1.0, 0.0]));
        let found = found.unwrap();
        assert!((found.gain - 0.25).abs() < 1e-15 && (found.fewer - 0.75).abs() < 1e-15);
        assert!((found.variance - 0.125).abs() < 1e-15, "{found:?}");
        assert_eq!(gained(&members(&[1.0], &[0.0]), &members(&[1.0], &[0.0])), None);
    }

    #[test]
    fn the_difference_with_itself_has_the_variance_of_one_area_against_a_constant() {
        // Against scores that are all equal the placements are ½, so the variance is DeLong's own.
        let own = members(&[3.0, 1.0, 4.0, 1.0, 5.0], &[2.0, 0.0, 1.0, 3.0]);
        let flat = members(&[0.0; 5], &[0.0; 4]);
        let found = gained(&flat, &own).unwrap();
        let (auc, variance) = stats::delong_variance(&own.seen, &own.unseen).unwrap();
        assert!((found.gain - (auc - 0.5)).abs() < 1e-15);
        assert!((found.variance - variance).abs() < 1e-15);
    }

    #[test]
    fn gains_that_fall_go_on_falling() {
        let last = Some(Gained { fewer: 0.6, gain: 0.02, variance: 1e-4 });
        let of = |earlier| {
            found("lira.online.nig", (vec![(8, 0.62, 0.1)], 400), (last, earlier), (9, 0.95))
        };
        let (expected, most) = of(Some(0.08)).next.unwrap();
        assert!((expected - 0.005).abs() < 1e-15, "{expected}");
        assert!((most - 0.02 - 0.019_599_64).abs() < 1e-6, "{most}");
        for earlier in [None, Some(0.01), Some(-0.3)] {
            assert!((of(earlier).next.unwrap().0 - 0.02).abs() < 1e-15);
        }
        let none = found("rmia.online", (vec![(2, 0.5, 0.0)], 9), (None, None), (9, 0.95));
        assert_eq!(none.finding.value, Err(Undefined::TooFew { n: 2, need: 4 }));
        assert_eq!((none.next, none.finding.evidence.len()), (None, 2));
    }
}
