//! From scores and declared numbers to findings.

use super::certificate::Certificate;
use super::manuals::{
    DpClaimExcess, DpEpsilonPrv, DpEpsilonRdp, EpsilonClopperPearson, EpsilonOneRun,
    MuClopperPearson, MuOneRun,
};
use super::rates::{self, held_out};
use super::{Options, gdp, one_run};
use crate::domain::{
    Cell, Evidence, Finding, Interval, Members, Meta, Seed, Stage, Subject, Undefined, Value,
};
use crate::privacy::canaries;

/// The lower bounds of one attack, from its scores (higher = member): those from the error rates, then,
/// where a number of guesses was fixed, those from one run.
#[must_use]
pub fn lower_bounds(
    attack: &str,
    scores: &Members<Vec<f64>>,
    options: &Options,
    seed: Seed,
) -> Vec<Finding> {
    let subject = || Subject { attack: Some(attack.to_owned()), ..Subject::default() };
    let n = count(scores.seen.len() + scores.unseen.len());
    let lot = seed.child(&format!("privacy/dp/{attack}"));
    let new = |meta: &Meta, value: Value| Finding::new(meta, Stage::Privacy, subject(), value, n);
    let mut found = of_rates(&new, scores, options, lot.child("halves"));
    if let Some(each) = options.guesses {
        found.extend(of_guesses(&new, one_run::guess(scores, each, lot.child("ties")), options));
    }
    found
}

/// Makes a finding of a manual and a value.
type New<'a> = dyn Fn(&Meta, Value) -> Finding + 'a;

fn of_rates(
    new: &New<'_>,
    scores: &Members<Vec<f64>>,
    options: &Options,
    lot: Seed,
) -> Vec<Finding> {
    let level = options.each_level();
    let (epsilon_meta, mu_meta) = (&EpsilonClopperPearson::META, &MuClopperPearson::META);
    let found = match held_out(scores, options.delta, level, lot) {
        Ok(found) => found,
        Err(reason) => {
            return vec![new(epsilon_meta, Err(reason.clone())), new(mu_meta, Err(reason))];
        }
    };
    let none = Undefined::Empty;
    let epsilon = rates::epsilon_lower_bound(found, options.delta, level).ok_or(none.clone());
    let mu = rates::mu_lower_bound(found, level).ok_or(none);
    let counts = counts(&[
        ("tp", found.tp),
        ("members", found.members),
        ("fp", found.fp),
        ("non_members", found.non_members),
    ]);
    vec![
        bound(new(epsilon_meta, epsilon), options, "clopper_pearson").with(counts.clone()),
        in_epsilon(bound(new(mu_meta, mu), options, "clopper_pearson").with(counts), options),
    ]
}

fn of_guesses(new: &New<'_>, guesses: one_run::Guesses, options: &Options) -> Vec<Finding> {
    let (epsilon_meta, mu_meta) = (&EpsilonOneRun::META, &MuOneRun::META);
    if guesses.made == 0 {
        let reason = Undefined::TooFew { n: guesses.records, need: 2 };
        return vec![new(epsilon_meta, Err(reason.clone())), new(mu_meta, Err(reason))];
    }
    let alpha = 1.0 - options.each_level();
    let epsilon = one_run::epsilon_lower_bound(guesses, options.delta, alpha);
    let mu = one_run::mu_lower_bound(guesses, alpha);
    let counts = counts(&[
        ("records", guesses.records),
        ("guesses", guesses.made),
        ("right_guesses", guesses.right),
    ]);
    vec![
        bound(new(epsilon_meta, Ok(epsilon)), options, "one_run").with(counts.clone()),
        in_epsilon(bound(new(mu_meta, Ok(mu)), options, "one_run").with(counts), options),
    ]
}

/// Notes at which level and `δ` the bound holds. It has no upper end, so there is no interval.
fn bound(finding: Finding, options: &Options, method: &str) -> Finding {
    let n = finding.n;
    let cells = [("level", Some(options.each_level())), ("delta", Some(options.delta))];
    finding.with(numbers(method, &cells, n))
}

/// Adds what a `μ` means at `δ`.
fn in_epsilon(finding: Finding, options: &Options) -> Finding {
    let epsilon = finding.value.as_ref().ok().and_then(|mu| gdp::epsilon_of_mu(*mu, options.delta));
    let n = finding.n;
    finding.with(numbers("if_gaussian", &[("epsilon", epsilon)], n))
}

/// The certificate of a declared training: what ε it has.
#[must_use]
pub fn certified(certificate: &Certificate) -> Vec<Finding> {
    of_training(certificate, ("declared", &certificate.declared()))
}

/// The certificate of a training that was made here, with gradients of rows shortened to `clip`;
/// `clipped` is the share of longer ones, mean over the epochs.
#[must_use]
pub fn trained(certificate: &Certificate, clip: f64, clipped: Option<f64>) -> Vec<Finding> {
    let mut cells = certificate.declared().to_vec();
    cells.extend([("clip", Some(clip)), ("clipped", clipped)]);
    of_training(certificate, ("trained", &cells))
}

fn of_training(
    certificate: &Certificate,
    (name, cells): (&str, &[(&str, Option<f64>)]),
) -> Vec<Finding> {
    let found = certificate.account();
    let n = certificate.steps();
    let new = |meta: &Meta, value| {
        Finding::new(meta, Stage::Privacy, Subject::default(), value, n)
            .with(numbers(name, cells, n))
    };
    let order = numbers("best_order", &[("order", Some(found.order))], n);
    let bracket = |high: f64| Interval {
        low: found.lower,
        high,
        level: 1.0,
        method: "numerical_composition".to_owned(),
    };
    let upper = found.upper.ok_or(Undefined::Unbounded);
    vec![
        new(&DpEpsilonRdp::META, Ok(found.rdp)).with(order),
        new(&DpEpsilonPrv::META, upper).with_interval(found.upper.map(bracket)),
    ]
}

/// How far `findings` exceed a claimed ε: the certificate and the lower bounds among them. None where
/// there is nothing to hold against the claim.
#[must_use]
pub fn against_claim(findings: &[Finding], claimed: f64) -> Option<Finding> {
    let against: Vec<(String, f64)> = findings.iter().filter_map(evidence_of).collect();
    let strongest = against
        .iter()
        .map(|(_, bound)| *bound)
        .fold(None, |most: Option<f64>, bound| Some(most.map_or(bound, |m| m.max(bound))))?;
    let n = findings.iter().filter(|f| evidence_of(f).is_some()).map(|f| f.n).max().unwrap_or(0);
    let mut cells = vec![("claimed", Some(claimed))];
    cells.extend(against.iter().map(|(name, bound)| (name.as_str(), Some(*bound))));
    let value = Ok((strongest - claimed).max(0.0));
    let finding = Finding::new(&DpClaimExcess::META, Stage::Privacy, Subject::default(), value, n);
    Some(finding.with(numbers("against_claim", &cells, n)))
}

/// The lower bound on ε that a finding is, with its name.
fn evidence_of(finding: &Finding) -> Option<(String, f64)> {
    if finding.check == DpEpsilonPrv::META.name {
        return finding.interval.as_ref().map(|i| (finding.check.clone(), i.low));
    }
    let bounds = [EpsilonClopperPearson::META.name, EpsilonOneRun::META.name, canaries::BOUND];
    let bound = finding.value.as_ref().ok().filter(|_| bounds.contains(&finding.check.as_str()))?;
    let name = match &finding.subject.attack {
        Some(attack) => format!("{}: {attack}", finding.check),
        None => finding.check.clone(),
    };
    Some((name, *bound))
}

fn numbers(name: &str, cells: &[(&str, Option<f64>)], n: u64) -> Evidence {
    let cell =
        |(name, value): &(&str, Option<f64>)| Cell { name: (*name).to_owned(), value: *value, n };
    Evidence::Numbers { name: name.to_owned(), cells: cells.iter().map(cell).collect() }
}

fn counts(counts: &[(&str, u64)]) -> Evidence {
    Evidence::Counts { counts: counts.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect() }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options() -> Options {
        Options { delta: 1e-5, confidence: 0.95, guesses: Some(100), family: 4 }
    }

    #[test]
    fn a_leak_refutes_a_small_claim_and_not_a_large_one() {
        let ramp = |from: u32| -> Vec<f64> { (0..500).map(|i| f64::from(i + from)).collect() };
        let scores = Members { seen: ramp(1000), unseen: ramp(0) };
        let found = lower_bounds("loss", &scores, &options(), Seed::new(1));
        assert_eq!(found.len(), 4);
        let excess = |claim| against_claim(&found, claim).unwrap().value.unwrap();
        assert!(excess(1.0) > 1.0 && excess(20.0) <= 0.0);
        assert!(found.iter().all(|f| f.value.is_ok() && f.subject.attack.is_some()));
        assert!(against_claim(&[], 1.0).is_none());
    }

    #[test]
    fn too_few_records_have_no_bound() {
        let scores = Members { seen: vec![1.0], unseen: vec![] };
        let found = lower_bounds("loss", &scores, &options(), Seed::new(1));
        assert!(found.iter().all(|f| matches!(f.value, Err(Undefined::TooFew { .. }))));
    }

    #[test]
    fn a_certificate_is_held_against_its_claim() {
        let certificate = Certificate::new(0.01, 1.0, 1000, 1e-5).unwrap();
        let found = certified(&certificate);
        let (rdp, prv) = (found[0].value.clone().unwrap(), found[1].value.clone().unwrap());
        assert!(prv < rdp, "{prv} {rdp}");
        assert!(against_claim(&found, prv).unwrap().value.unwrap() <= 0.0);
        assert!(against_claim(&found, prv / 2.0).unwrap().value.unwrap() > 0.0);
    }
}
