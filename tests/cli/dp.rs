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

/// A record's findings of a check, by their values.
fn values(record: &Value, check: &str) -> Vec<f64> {
    let findings = record["findings"].as_array().unwrap();
    let of = findings.iter().filter(|f| f["check"] == check);
    of.map(|f| f["value"].as_f64().unwrap_or_else(|| panic!("{f}"))).collect()
}

/// An audit of synthetic rows, of which some are mislabelled on purpose.
fn leaky(training: &str, more: &str) -> String {
    format!(
        "version: 1\nname: Leak\nseed: 3\n\
         dataset: {{format: synthetic, n: 400, plants: [overfit]}}\n\
         model: {{train: {{architecture: logistic, keep: last, {training}}}}}\n\
         privacy: {{membership: {{attacks: [loss, modified_entropy]}}{more}}}\n\
         gate: [{{check: membership_auc, at_most: 0.6}}]\n\
         report: {{formats: [html, json]}}\n"
    )
}

#[test]
fn a_planted_leak_is_found_and_a_private_training_shows_none() {
    let f = Folder::new();
    let run = |training: &str, threads: &str| {
        f.write("a.yaml", &leaky(training, ""));
        let out = f.audit(&["run", "a.yaml", "--out", "r", "--fresh", "--threads", threads]);
        let record: Value = serde_json::from_slice(&f.bytes("r/assessment.json")).unwrap();
        (out, record, f.bytes("r/index.html"))
    };
    let (out, record, _) = run("epochs: 80, batch_size: 30, learning_rate: 0.005", "2");
    assert_eq!(out.code, 1, "{out:?}");
    assert!(values(&record, "membership_auc").iter().all(|auc| *auc > 0.6), "{record:#}");
    assert!(record["model"]["dp"].is_null() && values(&record, "dp_epsilon_prv").is_empty());

    let private = "epochs: 6, batch_size: 60, dp: {clip: 1.0, epsilon: 1.0, delta: 1e-5}";
    let (out, record, page) = run(private, "1");
    assert_eq!(out.code, 0, "{out:?}");
    assert!(values(&record, "membership_auc").iter().all(|auc| *auc < 0.6), "{record:#}");
    let epsilon = values(&record, "dp_epsilon_prv")[0];
    assert!(epsilon <= 1.0 && epsilon > 0.9, "{epsilon}");
    let bounds = values(&record, "membership_epsilon_lower_bound_clopper_pearson");
    assert!(bounds.len() == 2 && bounds.iter().all(|bound| *bound <= 1.0), "{bounds:?}");
    assert!(values(&record, "dp_claim_excess")[0] <= 0.0);
    let rows = record["dataset"]["splits"][0]["n"].as_f64().unwrap();
    let (dp, training) = (&record["model"]["dp"], record["model"]["training"].as_array().unwrap());
    assert!((dp["sampling_rate"].as_f64().unwrap() - 60.0 / rows).abs() < 1e-12, "{dp}");
    assert!(training.iter().all(|epoch| epoch["clipped"].as_f64().is_some()));
    let page = String::from_utf8(page).unwrap();
    assert!(
        page.contains("The certificate bounds ε by 0.9") && page.contains("keep the seed secret")
    );
    let weights = f.bytes("r/model.safetensors");
    let out = f.audit(&["train", "a.yaml", "--out", "t"]);
    assert!(out.code == 0 && out.stdout.contains("epsilon 0.9"), "{out:?}");
    assert!(f.bytes("t/model.safetensors") == weights, "a run trains as `audit train` does");
}

#[test]
fn a_declared_certificate_must_be_that_of_the_training() {
    let f = Folder::new();
    let private = "epochs: 1, batch_size: 60, dp: {clip: 1.0, noise_multiplier: 1.0, delta: 1e-5}";
    let declared = ", dp: {sampling_rate: 0.5, noise_multiplier: 1.0, steps: 10, delta: 1e-5}";
    f.write("a.yaml", &leaky(private, declared));
    let out = f.audit(&["run", "a.yaml", "--out", "r"]);
    assert_eq!(out.code, 2, "{out:?}");
    assert!(out.stderr.contains("`privacy.dp.sampling_rate` is 0.5, but the training"), "{out:?}");
    assert!(out.stderr.contains("remove `privacy.dp`"), "{out:?}");
}
