//! The blind baseline: can members be told from non-members without asking the model?

use super::findings::{count, numbers, tally};
use super::logistic::cross_fitted;
use crate::domain::{Finding, Ideal, Interval, Members, Seed, Stage, Subject, Undefined};
use crate::stats;

crate::check! {
    /// Chance that a classifier which never asks the model ranks a member above a non-member.
    ///
    /// **Formula** AUC of a logistic regression on what is known of the rows beside the model's outputs (columns, class,
    /// groups; of a picture the mean and spread of each channel and sixteen grey tiles), ridge 1e-4 per row, five folds,
    /// each scored by the regression of the other four. Interval by `DeLong` with twice the variance, since the folds'
    /// errors have one cause. An interval wholly above ½ says that members and non-members differ before any model is
    /// asked (other dates, another source, another preparation): whatever an attack finds may come from that.
    /// **Range** 0 to 1. **Ideal** ½.
    /// **Undefined** `TooFew` with fewer than ten members or non-members.
    /// **Source** Das, Zhang, Tramèr 2024 (arXiv 2406.16201); Duan et al. 2024 (arXiv 2402.07841).
    /// **Peer** none.
    BlindAuc, "PR018", "membership_blind_auc", Ideal::Half
}

/// Members and non-members that it needs.
const NEED: u64 = 10;

/// The blind baseline of rows whose membership is known; all rows have as many features, and the evidence names their
/// number. A finding with the evidence `distribution_shift` is a warning.
#[must_use]
pub fn blind(features: &[Vec<f64>], member: &[bool], confidence: f64, seed: Seed) -> Finding {
    let meta = &BlindAuc::META;
    let n = count(member.len());
    let new = |value| Finding::new(meta, Stage::Privacy, Subject::default(), value, n);
    let members = count(member.iter().filter(|m| **m).count());
    let least = members.min(n - members);
    if least < NEED {
        return new(Err(Undefined::TooFew { n: least, need: NEED }));
    }
    let scores = cross_fitted(features, member, seed.child("privacy/membership/blind"));
    let part = |wanted: bool| -> Vec<f64> {
        scores.iter().zip(member).filter(|(_, m)| **m == wanted).map(|(s, _)| *s).collect()
    };
    let scores = Members { seen: part(true), unseen: part(false) };
    let (auc, variance) = match stats::delong_variance(&scores.seen, &scores.unseen) {
        Ok(found) => found,
        Err(reason) => return new(Err(reason)),
    };
    let interval = stats::interval_of_auc(auc, 2.0 * variance, confidence);
    let shifted = interval.as_ref().map_or(auc >= 1.0, |i: &Interval| i.low > 0.5);
    let width = features.first().map_or(0, Vec::len);
    let finding = new(Ok(auc)).with_interval(interval).with(tally(&[
        ("features", count(width)),
        ("members", members),
        ("non_members", n - members),
    ]));
    if !shifted {
        return finding;
    }
    let over = [("auc", Some(auc)), ("above_chance", Some(auc - 0.5))];
    finding.with(numbers("distribution_shift", &over, n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Evidence;

    /// Members' first feature is higher by `shift`.
    fn rows(shift: f64, seed: u64) -> (Vec<Vec<f64>>, Vec<bool>) {
        let mut draw = Seed::new(seed).stream();
        let member: Vec<bool> = (0..300).map(|i| i % 2 == 0).collect();
        let mut row = |m: &bool| {
            let shift = if *m { shift } else { 0.0 };
            vec![draw.normal() + shift, draw.normal(), 1.0, draw.uniform()]
        };
        (member.iter().map(&mut row).collect(), member)
    }

    fn warned(f: &Finding) -> bool {
        let is = |e: &Evidence| matches!(e, Evidence::Numbers { name, .. } if name == "distribution_shift");
        f.evidence.iter().any(is)
    }

    #[test]
    fn a_planted_shift_is_found() {
        let (features, member) = rows(1.0, 1);
        let found = blind(&features, &member, 0.95, Seed::new(1));
        // Φ(1/√2) = 0.76.
        assert!((found.value.clone().unwrap() - 0.76).abs() < 0.06, "{found:?}");
        assert!(warned(&found) && found.n == 300);
    }

    #[test]
    fn without_a_shift_at_most_one_run_in_twenty_warns() {
        let run = |seed| {
            let (features, member) = rows(0.0, seed);
            warned(&blind(&features, &member, 0.95, Seed::new(seed)))
        };
        let wrong = (0..200).filter(|seed| run(*seed)).count();
        // Three standard errors above one side of 5 %.
        assert!(wrong <= 15, "{wrong} of 200");
    }

    #[test]
    fn rows_that_are_told_apart_completely_are_a_shift() {
        let member: Vec<bool> = (0..40).map(|i| i % 2 == 0).collect();
        let features: Vec<Vec<f64>> =
            member.iter().map(|m| vec![f64::from(u8::from(*m))]).collect();
        let found = blind(&features, &member, 0.95, Seed::new(1));
        assert!(warned(&found) && found.value == Ok(1.0));
    }

    #[test]
    fn a_handful_of_rows_is_too_few() {
        let features = vec![vec![0.0]; 12];
        let member: Vec<bool> = (0..12).map(|i| i < 9).collect();
        let found = blind(&features, &member, 0.95, Seed::new(1));
        assert_eq!(found.value, Err(Undefined::TooFew { n: 3, need: 10 }));
    }
}
