//! Membership attacks on stored outputs of an overfit network, against goldens of other tools, and
//! controls with and without a planted signal.

use crate::shared;
use audit::domain::{Finding, Logits, Members, Seed};
use audit::privacy::membership::{self, Options, Outputs};
use audit::privacy::stored::{self, Layout, Stored};
use audit::stats;
use serde_json::Value;

fn options() -> Options {
    Options { attacks: Vec::new(), confidence: 0.95 }
}

fn outputs(members: &Members<Stored>) -> Members<Outputs<'_>> {
    Members { seen: members.seen.outputs(), unseen: members.unseen.outputs() }
}

fn finding<'a>(findings: &'a [Finding], check: &str, attack: &str) -> &'a Finding {
    let wanted = |f: &&Finding| f.check == check && f.subject.attack.as_deref() == Some(attack);
    findings.iter().find(wanted).unwrap()
}

#[test]
fn an_overfit_network_matches_the_goldens() {
    let test = "membership::goldens";
    let Some(scores) = shared::data(test, "privacy/cifar16a_mia.safetensors") else { return };
    let Some(goldens) = shared::data(test, "privacy/cifar16a_goldens.json") else { return };
    let goldens: Value = serde_json::from_str(&std::fs::read_to_string(goldens).unwrap()).unwrap();
    let members = stored::read(&std::fs::read(scores).unwrap(), &Layout::default()).unwrap();
    let members = outputs(&members);
    let findings = membership::audit(&members, &options(), Seed::new(7)).unwrap();
    for (attack, key) in [("loss", "loss_threshold"), ("modified_entropy", "modified_entropy")] {
        let golden = |name: &str| goldens[key][name].as_f64().unwrap();
        let value = |check: &str| finding(&findings, check, attack).value.clone().unwrap();
        assert!((value("membership_auc") - golden("auc")).abs() < 1e-9, "{attack}");
        assert!((value("membership_advantage") - golden("advantage")).abs() < 1e-9, "{attack}");
        for rate in ["0.01", "0.001"] {
            let found = value(&format!("membership_tpr_at_fpr_{rate}"));
            let expected = golden(&format!("tpr_at_fpr_{rate}"));
            assert!((found - expected).abs() < 1e-15, "{attack} {rate}: {found} {expected}");
        }
        let score = |o: &Outputs<'_>| membership::score(attack, o).unwrap();
        let roc = stats::roc(&score(&members.seen), &score(&members.unseen)).unwrap();
        assert!((roc.balanced_accuracy() - golden("balanced_accuracy")).abs() < 1e-9, "{attack}");
        assert!((roc.tpr_at_fpr(0.1) - golden("tpr_at_fpr_0.1")).abs() < 1e-15, "{attack}");
    }
    let gap = findings.iter().find(|f| f.check == "generalization_gap").unwrap();
    let accuracy = |of: &str| goldens["target_accuracy"][of].as_f64().unwrap();
    let expected = accuracy("members") - accuracy("nonmembers");
    assert!((gap.value.clone().unwrap() - expected).abs() < 1e-12);
}

/// `n` rows of two classes; the logit of the true class is moved by `shift`.
fn drawn(n: usize, shift: f64, seed: Seed) -> Stored {
    let mut draw = seed.stream();
    let values = (0..n).flat_map(|_| [draw.normal() + shift, draw.normal()]).collect();
    Stored { logits: Logits::new(values, 2).unwrap(), labels: vec![0; n] }
}

fn run(shift: f64, seed: u64) -> Vec<Finding> {
    let root = Seed::new(seed);
    let part = |name: &str, shift: f64| drawn(200, shift, root.child(name));
    let members = Members { seen: part("seen", shift), unseen: part("unseen", 0.0) };
    membership::audit(&outputs(&members), &options(), root).unwrap()
}

#[test]
fn without_a_signal_the_interval_covers_chance() {
    for attack in ["loss", "modified_entropy"] {
        let covers = |seed: u64| {
            let findings = run(0.0, seed);
            let auc = finding(&findings, "membership_auc", attack).interval.clone().unwrap();
            let advantage = finding(&findings, "membership_advantage", attack).interval.clone();
            (auc.low <= 0.5 && 0.5 <= auc.high, advantage.unwrap().low <= 0.0)
        };
        let covered: Vec<_> = (0..100).map(covers).collect();
        assert!(covered.iter().filter(|c| c.0).count() >= 90, "{attack}");
        assert!(covered.iter().filter(|c| c.1).count() >= 95, "{attack}");
    }
}

#[test]
fn a_planted_signal_is_found() {
    for attack in ["loss", "modified_entropy"] {
        let findings = run(1.5, 3);
        let auc = finding(&findings, "membership_auc", attack);
        assert!(auc.interval.as_ref().unwrap().low > 0.7, "{attack} {:?}", auc.interval);
        let advantage = finding(&findings, "membership_advantage", attack);
        assert!(advantage.interval.as_ref().unwrap().low > 0.1, "{attack}");
        assert_eq!(findings, run(1.5, 3), "the same seed gives the same findings");
    }
}

#[test]
fn saturated_outputs_still_rank() {
    // Every probability is 0 or 1 in f64; members are more certain by a little.
    let rows = |z: f64| {
        let values = (0..50).flat_map(|i| [z + f64::from(i) / 100.0, -200.0, -200.0]).collect();
        Stored { logits: Logits::new(values, 3).unwrap(), labels: vec![0; 50] }
    };
    let members = Members { seen: rows(200.0), unseen: rows(199.0) };
    let findings = membership::audit(&outputs(&members), &options(), Seed::new(1)).unwrap();
    assert_eq!(finding(&findings, "membership_auc", "loss").value, Ok(1.0));
    // The modified entropy is of the order of (1 − p)², below the smallest number: all rows tie.
    assert_eq!(finding(&findings, "membership_auc", "modified_entropy").value, Ok(0.5));
}
