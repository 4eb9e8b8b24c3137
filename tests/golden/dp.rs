//! Differential privacy against the reference implementations, key by key, and the null runs that
//! their "95 %" bounds do not survive.

use super::membership_bounds as bounds;
use crate::shared;
use audit::domain::{Evidence, Finding, Members, Seed};
use audit::privacy::dp::one_run::{self, Guesses};
use audit::privacy::dp::rates::{self, Rates};
use audit::privacy::dp::{Certificate, Options, certified, gdp, lower_bounds};
use serde_json::Value;

fn number(of: &Value, key: &str) -> f64 {
    of[key].as_f64().unwrap_or_else(|| panic!("{key} of {of}"))
}

fn whole(of: &Value, key: &str) -> u64 {
    of[key].as_u64().unwrap_or_else(|| panic!("{key} of {of}"))
}

#[track_caller]
fn close(ours: f64, theirs: f64, within: f64, what: &Value) {
    assert!((ours - theirs).abs() <= within, "{ours} is not {theirs}: {what}");
}

/// Keys of a block, so that one that is not compared is seen.
fn keys(block: &Value) -> Vec<&str> {
    block.as_object().unwrap().keys().map(String::as_str).collect()
}

/// The lower end of a bisection that stops at a width of 1e-5.
pub(super) fn halved(refuted: impl Fn(f64) -> bool) -> f64 {
    if !refuted(0.0) {
        return 0.0;
    }
    let (mut low, mut high) = (0.0, 1.0);
    while refuted(high) {
        high += 1.0;
    }
    while high - low > 1e-5 {
        let middle = f64::midpoint(low, high);
        if refuted(middle) {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

fn one_run_case(case: &Value) {
    assert_eq!(keys(case), ["delta", "eps_lb", "m", "p", "p_value_at_eps1", "r", "v"]);
    let guesses =
        Guesses { records: whole(case, "m"), made: whole(case, "r"), right: whole(case, "v") };
    let delta = number(case, "delta");
    let (alpha, theirs) = (number(case, "p"), number(case, "eps_lb"));
    // The reference halves until 1e-5 is left and keeps the lower end: with our p-value that is its
    // number to the last bit, and ours lies within what it left.
    let halved = halved(|epsilon| one_run::p_value(guesses, epsilon, delta) < alpha);
    close(halved, theirs, 1e-9, case);
    let bound = one_run::epsilon_lower_bound(guesses, delta, alpha);
    assert!(theirs - 1e-9 <= bound && bound <= theirs + 1e-5, "{bound} of {case}");
    let theirs = number(case, "p_value_at_eps1");
    close(one_run::p_value(guesses, 1.0, delta), theirs, 1e-6 * theirs.max(1e-300), case);
}

fn rates_case(case: &Value) {
    let known = [
        "N",
        "P",
        "alpha",
        "eps_lb_delta0",
        "eps_lb_delta1e-05",
        "fp",
        "fpr_ci",
        "mu_lb_gdp",
        "tp",
        "tpr_ci",
    ];
    let via = case["eps_lb_via_gdp_delta1e-5"].as_f64();
    let found = keys(case);
    let found = found.iter().filter(|key| **key != "eps_lb_via_gdp_delta1e-5");
    assert!(found.eq(known.iter()), "{case}");
    let (tp, fp) = (whole(case, "tp"), whole(case, "fp"));
    let rates = Rates { tp, members: whole(case, "P"), fp, non_members: whole(case, "N") };
    let level = 1.0 - number(case, "alpha");
    for (key, hits, n) in [("tpr_ci", tp, rates.members), ("fpr_ci", fp, rates.non_members)] {
        let interval = audit::stats::clopper_pearson(hits, n, level).unwrap();
        close(interval.low, case[key][0].as_f64().unwrap(), 1e-9, case);
        close(interval.high, case[key][1].as_f64().unwrap(), 1e-9, case);
    }
    for (key, delta) in [("eps_lb_delta0", 0.0), ("eps_lb_delta1e-05", 1e-5)] {
        let bound = rates::epsilon_lower_bound(rates, delta, level).unwrap();
        close(bound, number(case, key), 1e-6, case);
    }
    // Ours is a bound on |μ| and stops at 0.
    let mu = rates::mu_lower_bound(rates, level).unwrap();
    close(mu, number(case, "mu_lb_gdp").max(0.0), 1e-6, case);
    let epsilon = gdp::epsilon_of_mu(mu, 1e-5).unwrap();
    match via {
        Some(theirs) => close(epsilon, theirs.max(0.0), 1e-5, case),
        // Left out by the reference where μ is not above 0.
        None => assert!(epsilon <= 0.0, "{epsilon} {case}"),
    }
}

fn gdp_case(case: &Value) {
    assert_eq!(keys(case), ["advantage", "auc", "delta", "eps", "mu", "tpr_at_fpr_0_001"]);
    let (mu, delta) = (number(case, "mu"), number(case, "delta"));
    close(gdp::epsilon_of_mu(mu, delta).unwrap(), number(case, "eps"), 1e-6, case);
    close(gdp::auc_of_mu(mu), number(case, "auc"), 1e-9, case);
    close(gdp::tpr_of_mu(mu, 0.001), number(case, "tpr_at_fpr_0_001"), 1e-9, case);
    // The advantage is that of ε = 0.
    close(gdp::delta_of_mu(mu, 0.0), number(case, "advantage"), 1e-9, case);
}

/// The peer walks noises 0.001, 0.011, …; ours is the edge between two of them, so the peer's ε lies
/// between those of the two that enclose it.
fn f_dp_case(case: &Value) {
    assert_eq!(keys(case), ["c", "c_cap", "delta", "eps", "m", "threshold"]);
    let guesses =
        Guesses { records: whole(case, "m"), made: whole(case, "c_cap"), right: whole(case, "c") };
    let mu = one_run::mu_lower_bound(guesses, number(case, "threshold"));
    let at = |mu: f64| gdp::epsilon_of_mu(mu, number(case, "delta")).unwrap();
    let step = ((1.0 / mu - 0.001) / 0.01).floor();
    let (finer, coarser) = (0.001 + 0.01 * step, 0.001 + 0.01 * (step + 1.0));
    let theirs = number(case, "eps");
    let (low, high) = (at(1.0 / coarser), at(1.0 / finer));
    // The peer's own conversion to ε is a bisection to 1e-3.
    assert!(low - 1e-3 <= theirs && theirs <= high + 1e-3, "{low} {theirs} {high}");
    assert!(low <= at(mu) && at(mu) <= high, "{low} {} {high}", at(mu));
}

fn ratio_case(case: &Value) {
    let rates = Rates {
        tp: whole(case, "tp"),
        members: whole(case, "P"),
        fp: whole(case, "fp"),
        non_members: whole(case, "N"),
    };
    let (hits, sizes) = ((rates.tp, rates.fp), (rates.members, rates.non_members));
    assert_eq!(case["ratio"].as_object().unwrap().len(), bounds::METHODS.len());
    for (method, theirs) in case["ratio"].as_object().unwrap() {
        let ours = bounds::ratio(method, hits, sizes, number(case, "alpha"));
        let theirs = theirs.as_f64().unwrap();
        close(ours, theirs, 1e-9 * theirs.max(1.0), case);
    }
    // Of the five only Clopper–Pearson's is a bound; it looks in one direction.
    let theirs = number(&case["ratio"], "clopper-pearson");
    let level = 1.0 - number(case, "alpha");
    let ours = rates::epsilon_lower_bound(rates, 0.0, level).unwrap();
    assert!(ours.exp() >= theirs.max(1.0) - 1e-6, "{ours} {case}");
}

/// The peers' "95 %" bounds, on scores that know nothing: each claims a leak more often than it may. Random, and so
/// not ours to repeat; what ours do is tested below.
fn null_validity(block: &Value) {
    assert!(block["n_per_side"].is_u64() && block["note"].is_string());
    let peers = block.as_object().unwrap().iter().filter(|(_, of)| of.is_object());
    for (_, bounds) in peers {
        let mut all = vec![bounds];
        while let Some(of) = all.pop() {
            match of["frac_positive"].as_f64() {
                Some(share) => assert!(share > 0.05, "{of}"),
                None => all.extend(of.as_object().into_iter().flat_map(|o| o.values())),
            }
        }
    }
}

#[test]
fn every_number_of_the_references_is_ours() {
    let test = "dp::goldens";
    let Some(goldens) = shared::data(test, "privacy/dp_audit_goldens.json") else { return };
    let goldens: Value = serde_json::from_str(&std::fs::read_to_string(goldens).unwrap()).unwrap();
    let all = |block: &Value, case: fn(&Value)| block.as_array().unwrap().iter().for_each(case);
    for (key, block) in goldens.as_object().unwrap() {
        match key.as_str() {
            "one_run_steinke" => all(block, one_run_case),
            "clopper_pearson" => all(block, rates_case),
            "gdp" => all(block, gdp_case),
            "fdp_one_run_privacyguard" => all(block, f_dp_case),
            "tf_ratio_bounds" => all(block, ratio_case),
            "null_validity" => null_validity(block),
            other => panic!("the goldens have a block that nothing is compared with: {other}"),
        }
    }
}

/// How often, of `runs` attacks that know nothing, each check claims a leak.
fn false_alarms(runs: u64, n: usize, ties: bool) -> Vec<(String, u64)> {
    let options = Options { delta: 0.0, confidence: 0.95, guesses: Some(n / 10), family: 1 };
    let mut alarms: Vec<(String, u64)> = Vec::new();
    for run in 0..runs {
        let root = Seed::new(run);
        let mut draw = root.child("scores").stream();
        let mut scores = Members { seen: Vec::new(), unseen: Vec::new() };
        for _ in 0..2 * n {
            let score = if ties { f64::from(u8::from(draw.flip(0.5))) } else { draw.normal() };
            // A fair coin each, as the one-run audit asks.
            let side = if draw.flip(0.5) { &mut scores.seen } else { &mut scores.unseen };
            side.push(score);
        }
        for finding in lower_bounds("loss", &scores, &options, root) {
            let alarm = u64::from(finding.value.unwrap() > 0.0);
            match alarms.iter_mut().find(|(check, _)| *check == finding.check) {
                Some((_, count)) => *count += alarm,
                None => alarms.push((finding.check, alarm)),
            }
        }
    }
    alarms
}

#[test]
fn attacks_that_know_nothing_are_believed_in_at_most_five_of_a_hundred_runs() {
    for ties in [false, true] {
        let alarms = false_alarms(1000, 200, ties);
        assert_eq!(alarms.len(), 4);
        for (check, count) in alarms {
            assert!(count <= 50, "{check}: {count} of 1000, ties {ties}");
        }
    }
}

fn interval(findings: &[Finding], check: &str) -> (f64, f64) {
    let found = findings.iter().find(|f| f.check == check).unwrap();
    let interval = found.interval.as_ref().unwrap();
    assert!(found.evidence.iter().any(|e| matches!(e, Evidence::Numbers { .. })));
    (interval.low, interval.high)
}

/// An order at which no series is broken.
const WHOLE_ORDER: f64 = 8.0;

#[test]
fn trainings_have_the_epsilon_of_the_reference_accountants() {
    let fixture = include_str!("../../fixtures/dp/accountants.json");
    let fixture: Value = serde_json::from_str(fixture).unwrap();
    let cases = fixture["cases"].as_array().unwrap();
    assert!(cases.len() >= 6);
    for case in cases {
        let delta = number(case, "delta");
        let (rate, noise) = (number(case, "q"), number(case, "sigma"));
        let certificate = Certificate::new(rate, noise, whole(case, "steps"), delta).unwrap();
        for pair in case["renyi"].as_array().unwrap() {
            let (order, theirs) = (pair[0].as_f64().unwrap(), pair[1].as_f64().unwrap());
            let ours = certificate.renyi(order);
            assert!((ours / theirs - 1.0).abs() < 1e-6, "{order}: {ours} {theirs} of {case}");
        }
        let findings = certified(&certificate);
        // The reference drops the signs of its series at broken orders, which lies a little above.
        let (ours, theirs) = (findings[0].value.clone().unwrap(), number(case, "epsilon_rdp"));
        assert!(ours <= theirs + 1e-9 && theirs <= ours * 1.01, "{ours} {theirs} of {case}");
        let whole_orders = certificate.epsilon_at(WHOLE_ORDER);
        close(whole_orders, number(case, "epsilon_at_order_8"), 1e-6, case);
        // Both brackets hold the truth, so they meet; ours is a few hundredths wide.
        let (low, high) = interval(&findings, "dp_epsilon_prv");
        let (their_low, their_high) =
            (number(case, "epsilon_lower"), number(case, "epsilon_upper"));
        assert!(low <= their_high && their_low <= high, "{low} {high} {case}");
        assert!(high - low < 0.03, "{low} {high} {case}");
        assert!((high - their_high).abs() < 0.03, "{low} {high} {case}");
    }
}
