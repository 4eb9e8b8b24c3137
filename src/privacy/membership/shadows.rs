//! Do the shadow models behave like the target?
//!
//! An attack that compares with models of another kind measures the difference between the kinds.

use super::Scene;
use super::findings::{numbers, right, tally};
use super::logs::scaled_confidence;
use crate::domain::{Finding, Ideal, Interval, Members, Meta, Stage, Subject, Undefined, to_f64};
use crate::stats;

crate::check! {
    /// How much more often the target is right about held-out rows than its shadow models are about rows
    /// that they have not seen.
    ///
    /// **Formula** the target's accuracy on the non-members − the mean over the shadow models of their
    /// accuracy on the rows of the pool that they did not learn from. The interval is Student's for one more
    /// model of their kind, `± t_{K−1} s √(1 + 1/K)`; it takes the models as independent and roughly normal. An
    /// interval without 0 says that the target is no such model, and attacks that compare with them are then
    /// off, mostly too weak. **Range** −1 to 1. **Ideal** 0.
    /// **Undefined** `TooFew` without a row on either side. No interval where all shadow models are equal.
    /// **Source** Shokri et al. 2017 (arXiv 1610.05820), shadow models; Hahn 1969, Journal of the American
    /// Statistical Association 64, the interval.
    MembershipShadowAccuracyGap, "PR047", "membership_shadow_accuracy_gap", Ideal::Zero
}

crate::check! {
    /// How much more sure the target is of held-out rows than its shadow models are of those of them that
    /// they have not seen.
    ///
    /// **Formula** the mean over the non-members of the target's `φ = z_y − ln Σ_{j≠y} e^{z_j}` − the mean over
    /// the shadow models of their mean φ on the non-members that they did not learn from. Interval as that of
    /// `membership_shadow_accuracy_gap`: it is the two-sample test of whole models, since the rows of one model
    /// are not independent of each other. **Range** any number. **Ideal** 0.
    /// **Undefined** `TooFew` where a shadow model has seen all of them. No interval where all shadow models
    /// are equal.
    /// **Source** Carlini et al. 2022 (arXiv 2112.03570), φ; Hahn 1969, Journal of the American Statistical
    /// Association 64, the interval.
    MembershipShadowConfidenceGap, "PR048", "membership_shadow_confidence_gap", Ideal::Zero
}

/// What a model is right about: right answers and rows.
pub type Right = Members<(u64, u64)>;

/// The shadow models beside what is known of them from the scene's references.
#[derive(Debug, Clone, PartialEq)]
pub struct Trained {
    /// Of each shadow model, on the rows of the pool that it has seen and those that it has not.
    pub right: Vec<Right>,
    /// Rows that the target has learned from.
    pub target_rows: u64,
    /// Rows that the shadow models have learned from, the fewest.
    pub shadow_rows: u64,
    /// Held-out rows that nobody is attacked by, because their subject is among the target's members.
    pub left_out: u64,
}

/// How the target differs from its shadow models on rows that neither has seen: in accuracy, and in
/// confidence.
#[must_use]
pub fn mimicry(scene: &Scene, trained: &Trained, level: f64) -> [Finding; 2] {
    [accuracy(scene, trained, level), confidence(scene, level)]
}

fn accuracy(scene: &Scene, trained: &Trained, level: f64) -> Finding {
    let target = Members { seen: right(scene, true), unseen: right(scene, false) };
    let of = |pick: fn(&Right) -> (u64, u64)| -> Option<Vec<f64>> {
        trained.right.iter().map(|right| share(pick(right))).collect()
    };
    let (inside, outside) = (of(|right| right.seen), of(|right| right.unseen));
    let own = share(target.unseen);
    let finding = gap(&MembershipShadowAccuracyGap::META, scene, (own, outside.as_ref()), level);
    let ends = |values: &Option<Vec<f64>>| {
        let values = values.as_deref().unwrap_or_default();
        let least = values.iter().copied().reduce(f64::min);
        [
            stats::mean(values, level).ok().map(|found| found.0),
            least,
            values.iter().copied().reduce(f64::max),
        ]
    };
    let accuracies = |name: &str, [mean, least, most]: [Option<f64>; 3]| {
        numbers(name, &[("mean", mean), ("least", least), ("most", most)], finding.n)
    };
    let own = [("members", share(target.seen)), ("non_members", own)];
    let evidence = [
        numbers("target_accuracy", &own, finding.n),
        accuracies("shadow_accuracy_seen", ends(&inside)),
        accuracies("shadow_accuracy_unseen", ends(&outside)),
    ];
    let counts = tally(&[
        ("shadow_models", count(trained.right.len())),
        ("target_rows", trained.target_rows),
        ("shadow_rows", trained.shadow_rows),
        ("rows_of_members_subjects", trained.left_out),
    ]);
    evidence.into_iter().fold(finding.with(counts), Finding::with)
}

fn confidence(scene: &Scene, level: f64) -> Finding {
    let held: Vec<usize> = (0..scene.member.len()).filter(|row| !scene.member[*row]).collect();
    let phi = |row: &usize| scaled_confidence(scene.pool.row(*row).0, scene.pool.row(*row).1);
    let own = mean(held.iter().map(phi));
    let shadows: Option<Vec<f64>> = scene.references.as_ref().and_then(|references| {
        let of = |model: usize| {
            let unseen = held.iter().filter(move |row| !references.saw(**row, model));
            mean(unseen.map(|row| references.phi(*row)[model]))
        };
        (0..references.models()).map(of).collect()
    });
    gap(&MembershipShadowConfidenceGap::META, scene, (own, shadows.as_ref()), level)
}

/// The target less the mean of the shadow models, with the interval for one more of these.
fn gap(
    meta: &Meta,
    scene: &Scene,
    (own, shadows): (Option<f64>, Option<&Vec<f64>>),
    level: f64,
) -> Finding {
    let n = count(scene.member.len());
    let new = |value| Finding::new(meta, Stage::Privacy, Subject::default(), value, n);
    let (Some(own), Some(shadows)) = (own, shadows) else {
        return new(Err(Undefined::TooFew { n: 0, need: 1 }));
    };
    let (mean, interval) = match stats::mean(shadows, level) {
        Ok(found) => found,
        Err(reason) => return new(Err(reason)),
    };
    let models = to_f64(count(shadows.len()));
    let interval = interval.filter(|i| i.high > i.low).map(|i| {
        let half = (i.high - mean) * (models + 1.0).sqrt();
        Interval { low: own - mean - half, high: own - mean + half, ..i }
    });
    let differs = interval.as_ref().is_some_and(|i| i.low > 0.0 || i.high < 0.0);
    let finding = new(Ok(own - mean)).with_interval(interval);
    if !differs {
        return finding;
    }
    let cells = [("target", Some(own)), ("shadow_models", Some(mean))];
    finding.with(numbers("shadows_differ", &cells, n))
}

fn share((right, rows): (u64, u64)) -> Option<f64> {
    (rows > 0).then(|| to_f64(right) / to_f64(rows))
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let values: Vec<f64> = values.collect();
    let n = to_f64(count(values.len()));
    (!values.is_empty()).then(|| stats::sum(values) / n)
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::super::{Outputs, References};
    use super::*;
    use crate::domain::{Evidence, Logits};

    /// Two members and two non-members of class 0; φ of the target is 5, 5, `held`, `held`. Four
    /// models, each of which has seen one row of either kind, say `out` of the others.
    fn scene(held: f64, out: [f64; 4]) -> Scene {
        let seen = Logits::new(vec![5.0, 0.0, 5.0, 0.0], 2).unwrap();
        let unseen = Logits::new(vec![held, 0.0, held, 0.0], 2).unwrap();
        let members = Members {
            seen: Outputs { logits: &seen, labels: &[0, 0] },
            unseen: Outputs { logits: &unseen, labels: &[0, 0] },
        };
        let mut scene = Scene::of_members(&members).unwrap();
        let mut references = References::new(4, 4, 4);
        for (model, phi) in out.into_iter().enumerate() {
            for row in 0..4 {
                let saw = row % 2 == model % 2;
                references.put(model, row, if saw { 9.0 } else { phi });
                if saw {
                    references.mark(model, row);
                }
            }
        }
        scene.references = Some(references);
        scene
    }

    fn trained(right: [u64; 4]) -> Trained {
        let of = |right| Members { seen: (10, 10), unseen: (right, 10) };
        let right = right.map(of).to_vec();
        Trained { right, target_rows: 2, shadow_rows: 2, left_out: 0 }
    }

    fn differs(finding: &Finding) -> bool {
        let named =
            |e: &Evidence| matches!(e, Evidence::Numbers { name, .. } if name == "shadows_differ");
        finding.evidence.iter().any(named)
    }

    #[test]
    fn one_more_model_of_the_kind_by_hand() {
        // Mean 2, s² = (1 + 0 + 0 + 1)/3; t(0.975, 3) = 3.182446; √(s² (1 + ¼)) = √(5/6).
        let found = confidence(&scene(2.5, [1.0, 2.0, 2.0, 3.0]), 0.95);
        assert!((found.value.clone().unwrap() - 0.5).abs() < 1e-12);
        let half = 3.182_446_305 * (5.0_f64 / 6.0).sqrt();
        let interval = found.interval.clone().unwrap();
        assert!((interval.high - 0.5 - half).abs() < 1e-6, "{interval:?}");
        assert!(!differs(&found));
        assert!(differs(&confidence(&scene(8.0, [1.0, 2.0, 2.0, 3.0]), 0.95)));
        assert_eq!(confidence(&scene(8.0, [2.0; 4]), 0.95).interval, None);
    }

    #[test]
    fn accuracies_by_hand() {
        // The target is right about everything; the shadow models about 0.8 on average.
        let found = accuracy(&scene(1.0, [0.0; 4]), &trained([7, 8, 8, 9]), 0.95);
        assert!((found.value.clone().unwrap() - 0.2).abs() < 1e-12);
        let Some(Evidence::Numbers { name, cells }) = found.evidence.last() else { panic!() };
        let values: Vec<f64> = cells.iter().filter_map(|c| c.value).collect();
        assert_eq!((name.as_str(), values), ("shadow_accuracy_unseen", vec![0.8, 0.7, 0.9]));
        let none = Trained { right: Vec::new(), ..trained([0; 4]) };
        let nobody = accuracy(&scene(1.0, [0.0; 4]), &none, 0.95);
        assert!(nobody.value.is_err());
    }
}
