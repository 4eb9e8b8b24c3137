//! Bounds from the two error rates of an attack at one threshold, which must be chosen on other
//! records than it is tested on.

use crate::domain::{Members, Seed, Undefined, to_f64};
use crate::stats::{clopper_pearson, normal_quantile, wilson};

/// Members and non-members that either half needs.
const NEED: u64 = 2;

/// What a threshold does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Members that it accuses.
    pub tp: u64,
    /// Members.
    pub members: u64,
    /// Non-members that it accuses.
    pub fp: u64,
    /// Non-members.
    pub non_members: u64,
}

/// Ends of the two rates: the least TPR and the largest FPR.
fn ends(rates: Rates, level: f64) -> Option<(f64, f64)> {
    let tpr = clopper_pearson(rates.tp, rates.members, level)?;
    let fpr = clopper_pearson(rates.fp, rates.non_members, level)?;
    Some((tpr.low, fpr.high))
}

/// `max(ln((TPR − δ)/FPR), ln((TNR − δ)/FNR), 0)` of rates that are above 0 and below 1 where they
/// are divided by.
fn from_ends((tpr, fpr): (f64, f64), delta: f64) -> f64 {
    let one = |hit: f64, miss: f64| {
        let ratio = (hit - delta) / miss;
        if ratio > 1.0 && ratio.is_finite() { ratio.ln() } else { 0.0 }
    };
    one(tpr, fpr).max(one(1.0 - fpr, 1.0 - tpr))
}

/// Lower bound on `ε` at confidence `level`; `None` without members or non-members.
///
/// `max(ln((TPR_lo − δ)/FPR_hi), ln((TNR_lo − δ)/FNR_hi), 0)` from the Clopper–Pearson ends. Both
/// directions follow from the same two ends, so that looking at both costs nothing.
///
/// Source: Jagielski, Ullman, Oprea 2020 (arXiv 2006.07709); Nasr et al. 2021 (arXiv 2101.04535).
#[must_use]
pub fn epsilon_lower_bound(rates: Rates, delta: f64, level: f64) -> Option<f64> {
    Some(from_ends(ends(rates, level)?, delta))
}

/// Lower bound on the `μ` of Gaussian differential privacy, `Φ⁻¹(1 − FPR_hi) − Φ⁻¹(FNR_hi)`, not
/// below 0; `None` without members or non-members.
///
/// Source: Nasr et al. 2023 (arXiv 2302.07956), §4.
#[must_use]
pub fn mu_lower_bound(rates: Rates, level: f64) -> Option<f64> {
    let (tpr, fpr) = ends(rates, level)?;
    Some((normal_quantile(1.0 - fpr) - normal_quantile(1.0 - tpr)).max(0.0))
}

/// Chooses a threshold on one half of the records, drawn by lot, and counts on the other half.
///
/// # Errors
/// `TooFew` where a half has fewer than two members or non-members.
pub fn held_out(
    scores: &Members<Vec<f64>>,
    delta: f64,
    level: f64,
    lot: Seed,
) -> Result<Rates, Undefined> {
    let (choose_in, test_in) = halves(&scores.seen, lot.child("seen"));
    let (choose_out, test_out) = halves(&scores.unseen, lot.child("unseen"));
    let n = count(choose_in.len().min(choose_out.len()));
    if n < NEED {
        return Err(Undefined::TooFew { n, need: NEED });
    }
    let threshold = chosen(&choose_in, &choose_out, delta, level);
    let accused = |half: &[f64]| count(half.iter().filter(|s| **s >= threshold).count());
    Ok(Rates {
        tp: accused(&test_in),
        members: count(test_in.len()),
        fp: accused(&test_out),
        non_members: count(test_out.len()),
    })
}

/// Two halves by lot, the first not larger.
fn halves(scores: &[f64], lot: Seed) -> (Vec<f64>, Vec<f64>) {
    let mut first = scores.to_vec();
    lot.stream().shuffle(&mut first);
    let second = first.split_off(scores.len() / 2);
    (first, second)
}

/// The threshold with the largest bound on these scores, by Wilson's interval, which is quick; any
/// way of choosing is valid, since it is tested on other records.
fn chosen(members: &[f64], others: &[f64], delta: f64, level: f64) -> f64 {
    let sorted = |scores: &[f64]| {
        let mut sorted = scores.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted
    };
    let (members, others) = (sorted(members), sorted(others));
    let mut thresholds = [members.clone(), others.clone()].concat();
    thresholds.sort_by(f64::total_cmp);
    thresholds.dedup_by(|a, b| a.total_cmp(b).is_eq());
    let above = |sorted: &[f64], t: f64| count(sorted.len() - sorted.partition_point(|s| *s < t));
    let mut best = (thresholds.first().copied().unwrap_or(0.0), -1.0);
    for t in thresholds {
        let (tp, fp) = (above(&members, t), above(&others, t));
        let (tpr, fpr) = (
            wilson(tp, count(members.len()), level).map_or(0.0, |i| i.low),
            wilson(fp, count(others.len()), level).map_or(1.0, |i| i.high),
        );
        let bound = from_ends((tpr, fpr), delta);
        // Among equals, and where nothing is bounded, the threshold that tells most apart.
        let apart =
            to_f64(tp) / to_f64(count(members.len())) - to_f64(fp) / to_f64(count(others.len()));
        let worth = bound + 1e-6 * apart.abs();
        if worth > best.1 {
            best = (t, worth);
        }
    }
    best.0
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_threshold_is_found_on_one_half_and_counted_on_the_other() {
        let ramp = |from: u32| -> Vec<f64> { (0..200).map(|i| f64::from(i + from)).collect() };
        let scores = Members { seen: ramp(1000), unseen: ramp(0) };
        let rates = held_out(&scores, 0.0, 0.95, Seed::new(1)).unwrap();
        assert_eq!((rates.members, rates.non_members, rates.fp), (100, 100, 0));
        assert!(rates.tp >= 98, "{rates:?}");
        assert!(epsilon_lower_bound(rates, 0.0, 0.95).unwrap() > 3.0);
        let few = Members { seen: vec![1.0; 3], unseen: vec![0.0; 50] };
        let reason = held_out(&few, 0.0, 0.95, Seed::new(1));
        assert_eq!(reason, Err(Undefined::TooFew { n: 1, need: 2 }));
    }

    #[test]
    fn proof_of_not_being_a_member_counts_as_much() {
        // Half of the non-members score below everybody else.
        let unseen = (0..400).map(|i| f64::from(i % 2)).collect();
        let scores = Members { seen: vec![1.0; 400], unseen };
        let rates = held_out(&scores, 0.0, 0.95, Seed::new(1)).unwrap();
        assert!(epsilon_lower_bound(rates, 0.0, 0.95).unwrap() > 3.0, "{rates:?}");
    }

    #[test]
    fn nothing_follows_from_no_record() {
        let none = Rates { tp: 0, members: 0, fp: 0, non_members: 5 };
        assert_eq!(epsilon_lower_bound(none, 0.0, 0.95), None);
        assert_eq!(mu_lower_bound(none, 0.95), None);
    }
}
