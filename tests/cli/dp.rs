//! A claimed ε, held against attacks on the command line and against its own training in a
//! configuration.

use super::{Folder, audit};
use crate::shared;
use serde_json::Value;

#[test]
fn a_claim_that_an_attack_refutes_ends_with_1() {
    let stored = shared::data("dp::claim", "privacy/cifar16a_mia.safetensors");
    let Some(stored) = stored.map(|path| path.display().to_string()) else { return };
    let attack = ["membership", &stored, "--exclude", "1", "--attack", "loss", "--json"];
    let with = |more: &[&str]| audit(&[&attack[..], more].concat());
    let refuted = with(&["--delta", "1e-5", "--claimed-epsilon", "0.1"]);
    assert!(refuted.code == 1 && refuted.stderr.contains("of 0.1 is refuted"), "{refuted:?}");
    let record: Value = serde_json::from_str(&refuted.stdout).unwrap();
    let findings = record["findings"].as_array().unwrap();
    let of = |check: &str| findings.iter().find(|f| f["check"] == check).unwrap();
    let bound = of("membership_epsilon_lower_bound_clopper_pearson")["value"].as_f64().unwrap();
    let excess = of("dp_claim_excess")["value"].as_f64().unwrap();
    assert!(bound > 0.1 && (bound - 0.1 - excess).abs() < 1e-12, "{bound} {excess}");
    let kept = with(&["--delta", "1e-5", "--claimed-epsilon", "100", "--guesses", "100"]);
    assert_eq!(kept.code, 0, "{kept:?}");
    assert!(kept.stdout.contains("membership_mu_lower_bound_one_run"));
    let alone = with(&["--claimed-epsilon", "1"]);
    assert!(alone.code == 2 && alone.stderr.contains("--delta"), "{alone:?}");
}

#[test]
fn a_declared_training_is_recomputed_and_its_claim_judged() {
    let f = Folder::new();
    f.write("p.csv", "id,y_true,y_pred\n1,1,1\n2,0,0\n3,1,0\n4,0,1\n");
    let config = |rate: &str, claim: &str| {
        format!(
            "version: 1\nname: Noisy\ndataset:\n  format: predictions\n  path: p.csv\n  positive: 1\n\
             privacy:\n  dp: {{sampling_rate: {rate}, noise_multiplier: 1, steps: 1000, delta: 1e-5{claim}}}\n"
        )
    };
    // Between 1.77 and 1.83 by the reference accountant.
    for (claim, code) in [(", claimed_epsilon: 2", 0), (", claimed_epsilon: 1.5", 1), ("", 0)] {
        f.write("a.yaml", &config("0.01", claim));
        let out = f.audit(&["run", "a.yaml", "--out", "r"]);
        assert_eq!(out.code, code, "{claim} {out:?}");
        let record = String::from_utf8(f.bytes("r/assessment.json")).unwrap();
        assert!(record.contains("dp_epsilon_rdp") && record.contains("dp_epsilon_prv"));
    }
    f.write("a.yaml", &config("0", ""));
    let out = f.audit(&["run", "a.yaml", "--out", "r"]);
    let words = "`sampling_rate` is 0, but it must lie above 0 and at most 1";
    assert!(out.code == 2 && out.stderr.contains(words), "{out:?}");
}
