//! What the canaries of a training prove.

use crate::domain::{
    Cell, Evidence, Finding, Ideal, Members, Meta, Seed, Stage, Subject, Undefined, Value,
};
use crate::privacy::dp::{Options, one_run};
use crate::stats;

crate::check! {
    /// Lower bound on ε from records that were planted into this training, each by its own fair coin.
    ///
    /// **Formula** `sup{ε: p(ε) < α}`, `p = P[W ≥ v] + 2mδ max_i P[v−i ≤ W < v]/i`, `W ~ Bin(r, e^ε/(1+e^ε))`:
    /// of `m` canaries the `⌊m/4⌋` whose planted label is likeliest (`logit_scaled_confidence`) are guessed to
    /// be in and the `⌊m/4⌋` whose is least likely to be out, `v` of these `r` guesses rightly. The number of
    /// guesses depends on `m` alone, and equal scores are ordered by lot, so that chance breaks the bound no
    /// more often than its level says. A bound has one end, so there is no interval; the evidence has its
    /// level, which is shared out among all bounds of an audit that has a δ to hold them against, and its δ.
    /// **Range** 0 and up. **Ideal** 0.
    /// **Undefined** `NotRun` where the model was not trained in this run.
    /// **Source** Steinke, Nasr, Jagielski 2023 (arXiv 2305.08846); planted records: Jagielski, Ullman,
    /// Oprea 2020 (arXiv 2006.07709). **Peer** none that commits to its coins before the training.
    CanaryEpsilon, "DP014", "canary_epsilon_lower_bound", Ideal::Zero
}

crate::check! {
    /// Chance that the model finds the planted label of a canary that it was trained on likelier than that of one
    /// that was held out.
    ///
    /// **Formula** `P(s_in > s_out) + ½ P(s_in = s_out)`, `s` being `logit_scaled_confidence` of the planted label.
    /// `DeLong` interval. It says how well this training learns a record by heart that nothing else explains:
    /// a bound of 0 beside an area of ½ means that there was nothing to find.
    /// **Range** 0 to 1. **Ideal** ½.
    /// **Undefined** `TooFew` with fewer than two canaries in or out; `NotRun` where the model was not trained
    /// in this run.
    /// **Source** Carlini et al. 2022 (arXiv 2112.03570); interval: `DeLong` et al. 1988.
    CanaryAuc, "DP015", "canary_auc", Ideal::Half
}

/// Guesses on each side, fixed before the scores are seen: where scores are normal and the leak is weak, a
/// quarter of the records on each side is nearly the strongest choice (the best is 27 in 100).
#[must_use]
pub fn guesses_each(canaries: usize) -> usize {
    canaries / 4
}

/// What follows from the scores (higher = in) of the canaries that were planted (`seen`) and of those that
/// were held out. `options.guesses` is not looked at.
#[must_use]
pub fn findings(scores: &Members<Vec<f64>>, options: &Options, seed: Seed) -> Vec<Finding> {
    vec![bound(scores, options, seed), auc(scores, options.confidence)]
}

/// Why there is nothing to say.
#[must_use]
pub fn not_run(because: &str) -> Vec<Finding> {
    let value = || Err(Undefined::NotRun { because: because.to_owned() });
    super::checks().map(|meta| new(meta, value(), 0)).into()
}

fn bound(scores: &Members<Vec<f64>>, options: &Options, seed: Seed) -> Finding {
    let each = guesses_each(scores.seen.len() + scores.unseen.len());
    let guesses = one_run::guess(scores, each, seed.child("privacy/canaries/ties"));
    let meta = &CanaryEpsilon::META;
    if guesses.made == 0 {
        return new(meta, Err(Undefined::TooFew { n: guesses.records, need: 4 }), guesses.records);
    }
    let level = options.each_level();
    let epsilon = one_run::epsilon_lower_bound(guesses, options.delta, 1.0 - level);
    let cell = |(name, value): (&str, f64)| Cell {
        name: name.to_owned(),
        value: Some(value),
        n: guesses.records,
    };
    let cells = [("level", level), ("delta", options.delta)].map(cell).into();
    let counts = [("guesses", guesses.made), ("right_guesses", guesses.right)];
    new(meta, Ok(epsilon), guesses.records)
        .with(Evidence::Numbers { name: "one_run".to_owned(), cells })
        .with(tally(&[&counts[..], &sides(scores)].concat()))
}

fn auc(scores: &Members<Vec<f64>>, level: f64) -> Finding {
    let sides = sides(scores);
    let (meta, n) = (&CanaryAuc::META, sides[0].1 + sides[1].1);
    let least = sides[0].1.min(sides[1].1);
    if least < 2 {
        return new(meta, Err(Undefined::TooFew { n: least, need: 2 }), n);
    }
    match stats::delong(&scores.seen, &scores.unseen, level) {
        Ok((auc, interval)) => new(meta, Ok(auc), n).with_interval(interval).with(tally(&sides)),
        Err(reason) => new(meta, Err(reason), n),
    }
}

fn new(meta: &Meta, value: Value, n: u64) -> Finding {
    Finding::new(meta, Stage::Privacy, Subject::default(), value, n)
}

fn sides(scores: &Members<Vec<f64>>) -> [(&'static str, u64); 2] {
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    [("canaries_in", count(scores.seen.len())), ("canaries_out", count(scores.unseen.len()))]
}

fn tally(counts: &[(&str, u64)]) -> Evidence {
    Evidence::Counts { counts: counts.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect() }
}

#[cfg(test)]
mod tests {
    use super::super::Ledger;
    use super::*;
    use crate::domain::{ClassId, PictureDigest, to_f64};

    const OPTIONS: Options = Options { delta: 1e-5, confidence: 0.95, guesses: None, family: 1 };

    /// Canaries whose scores are normal, those that are in by `shift` higher.
    fn simulated(m: usize, shift: f64, seed: Seed) -> Members<Vec<f64>> {
        let records: Vec<(ClassId, PictureDigest)> = vec![(0, [0; 32]); m];
        let ledger = Ledger::flipped("noise", &records, seed);
        let mut draw = seed.child("scores").stream();
        let mut score = |inserted| draw.normal() + if inserted { shift } else { 0.0 };
        let scores: Vec<f64> = ledger.canaries().iter().map(|c| score(c.inserted)).collect();
        ledger.split(&scores)
    }

    fn values(scores: &Members<Vec<f64>>, seed: Seed) -> [f64; 2] {
        let all: Vec<f64> =
            findings(scores, &OPTIONS, seed).iter().map(|f| f.value.clone().unwrap()).collect();
        [all[0], all[1]]
    }

    #[test]
    fn canaries_that_leave_no_trace_prove_nothing_in_nineteen_of_twenty_trainings() {
        for m in [20, 100, 201] {
            let runs = 1_000_u64;
            let found = (0..runs)
                .map(|run| Seed::new(run).child("null"))
                .filter(|seed| values(&simulated(m, 0.0, *seed), *seed)[0] > 0.0);
            let found = u64::try_from(found.count()).unwrap();
            assert!(to_f64(found) <= 0.05 * to_f64(runs), "{found} of {runs} with {m} canaries");
        }
    }

    #[test]
    fn canaries_that_the_training_never_had_prove_nothing_either() {
        // All scores are equal: the lot decides, not the order in which they are given.
        let found = (0..2000).map(Seed::new).filter(|seed| {
            let Members { seen, unseen } = simulated(100, 0.0, *seed);
            let equal = Members { seen: vec![1.0; seen.len()], unseen: vec![1.0; unseen.len()] };
            values(&equal, *seed)[0] > 0.0
        });
        let found = found.count();
        assert!(found <= 100, "{found} of 2000");
    }

    #[test]
    fn canaries_that_were_learned_by_heart_prove_much() {
        let seed = Seed::new(5);
        let [bound, auc] = values(&simulated(100, 20.0, seed), seed);
        // 50 of 50 right: −ln(0.05^(−1/50) − 1), a little less for δ.
        assert!((2.78..2.80).contains(&bound) && auc > 1.0 - 1e-12, "{bound} {auc}");
        let weaker = values(&simulated(1_000, 1.0, seed), seed)[0];
        assert!(weaker > 0.3 && weaker < 1.2, "{weaker}");
    }

    #[test]
    fn a_bound_is_true_of_a_mechanism_whose_epsilon_is_known() {
        // Randomised response tells each coin rightly with probability e^ε/(1+e^ε).
        let epsilon = 1.0_f64;
        let right = 1.0 / (1.0 + (-epsilon).exp());
        let too_high = (0..2000).map(Seed::new).filter(|seed| {
            let records: Vec<(ClassId, PictureDigest)> = vec![(0, [0; 32]); 200];
            let ledger = Ledger::flipped("noise", &records, *seed);
            let mut draw = seed.child("answers").stream();
            let mut answer = |inserted: bool| f64::from(u8::from(inserted == draw.flip(right)));
            let answers: Vec<f64> = ledger.canaries().iter().map(|c| answer(c.inserted)).collect();
            let bound = values(&ledger.split(&answers), *seed)[0];
            bound > epsilon
        });
        let too_high = too_high.count();
        assert!(too_high <= 100, "{too_high} of 2000");
    }

    #[test]
    fn the_evidence_names_level_delta_and_counts_and_few_are_too_few() {
        let seed = Seed::new(1);
        let shared = Options { family: 5, ..OPTIONS };
        let found = findings(&simulated(40, 0.0, seed), &shared, seed);
        let Evidence::Numbers { name, cells } = &found[0].evidence[0] else {
            unreachable!("numbers")
        };
        assert!(name == "one_run" && (cells[0].value.unwrap() - 0.99).abs() < 1e-12, "{cells:?}");
        let Evidence::Counts { counts } = &found[0].evidence[1] else { unreachable!("counts") };
        assert_eq!((counts["guesses"], counts["canaries_in"] + counts["canaries_out"]), (20, 40));
        let two = Members { seen: vec![1.0], unseen: vec![0.0] };
        assert!(findings(&two, &OPTIONS, seed).iter().all(|f| f.value.is_err()));
        let none = not_run("the model was not trained here");
        assert!(none.len() == 2 && none.iter().all(|f| f.value.is_err() && f.n == 0));
    }
}
