//! Records that are planted into a training, through the binary.

use super::shadows::noise;
use super::training::assert_same;
use super::{Ended, Folder};
use audit::domain::{Members, Seed, digest_hex};
use audit::privacy::dp::one_run;
use serde_json::Value;
use std::fmt::Write;

/// A small network that can learn its 117 rows by heart.
fn config(training: &str, canaries: &str) -> String {
    format!(
        "version: 1\nname: Planted\nseed: 3\n\
         dataset: {{format: idx, path: digits, positive: \"1\", validation: 0.1}}\n\
         model: {{train: {{architecture: logistic, keep: last, {training}}}}}\n\
         privacy: {{membership: {{attacks: [loss]}}, canaries: {canaries}}}\n\
         report: {{formats: [html, json]}}\n"
    )
}

const BY_HEART: &str = "epochs: 80, batch_size: 16, learning_rate: 0.02";

fn run(f: &Folder, out: &str, more: &[&str]) -> Ended {
    f.audit(&[&["run", "a.yaml", "--out", out], more].concat())
}

fn record(f: &Folder, out: &str) -> Value {
    serde_json::from_slice(&f.bytes(&format!("{out}/assessment.json"))).unwrap()
}

#[track_caller]
fn finding<'a>(record: &'a Value, check: &str) -> &'a Value {
    let found = record["findings"].as_array().unwrap().iter().find(|f| f["check"] == check);
    found.unwrap_or_else(|| panic!("no {check}"))
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap_or_else(|| panic!("{value}"))
}

/// The bytes of the commitment by the documented format, from the record and what only they hold: classes and
/// digests of pictures.
fn made_anew(canaries: &Value, text: &str) -> String {
    let [nonce, flips] = ["nonce", "flips"].map(|key| canaries[key].as_str().unwrap());
    assert_eq!(nonce.len(), 64);
    let mut made = format!(
        "audit-canaries 1\nkind mislabelled\nnonce {nonce}\ncanary,inserted,label,picture\n"
    );
    for (i, line) in text.lines().skip(4).enumerate() {
        let tail: Vec<&str> = line.split(',').skip(2).collect();
        assert!(tail[1].len() == 64 && ["0", "1"].contains(&tail[0]), "{line}");
        writeln!(made, "{i},{},{},{}", &flips[i..=i], tail[0], tail[1]).unwrap();
    }
    made
}

/// What `canary_scores.csv` holds.
fn scores(text: &str) -> Members<Vec<f64>> {
    let mut scores = Members { seen: Vec::new(), unseen: Vec::new() };
    for line in text.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let side = if cells[1] == "1" { &mut scores.seen } else { &mut scores.unseen };
        side.push(cells[2].parse().unwrap());
    }
    scores
}

#[test]
fn what_was_planted_is_found_again_and_the_coins_were_committed_to() {
    let f = noise();
    f.write("a.yaml", &config(BY_HEART, "{count: 60}"));
    let out = run(&f, "r", &["--threads", "2"]);
    assert_eq!(out.code, 0, "{out:?}");
    let record = record(&f, "r");
    let bound = finding(&record, "canary_epsilon_lower_bound");
    assert!(
        number(&bound["value"]) > 0.0 && bound["n"] == 60 && bound["interval"].is_null(),
        "{bound}"
    );
    let auc = finding(&record, "canary_auc");
    assert!(number(&auc["value"]) > 0.6 && number(&auc["interval"]["low"]) > 0.5, "{auc}");

    let canaries = &record["model"]["canaries"];
    let flips = canaries["flips"].as_str().unwrap();
    let text = String::from_utf8(f.bytes("r/canaries.txt")).unwrap();
    let made = made_anew(canaries, &text);
    assert!(made == text && flips.len() == 60);
    let digest = digest_hex(made.as_bytes());
    assert_eq!(canaries["commitment"], digest.as_str());
    assert_eq!(f.bytes("r/canaries.sha256"), format!("{digest}  canaries.txt\n").into_bytes());
    let told = out.stderr.find(&digest).unwrap_or_else(|| panic!("{out:?}"));
    assert!(told < out.stderr.find("train:").unwrap(), "{out:?}");
    assert_eq!(f.audit(&["verify", "r"]).code, 0);

    // The bound, made anew from the scores.
    let scores = scores(&String::from_utf8(f.bytes("r/canary_scores.csv")).unwrap());
    let inserted = u64::try_from(scores.seen.len()).unwrap();
    assert_eq!(canaries["inserted"], inserted);
    let again = one_run::epsilon_lower_bound(one_run::guess(&scores, 15, Seed::new(9)), 1e-5, 0.05);
    assert!((again - number(&bound["value"])).abs() < 1e-9, "{again}");

    // Nothing else was measured on a canary, and the share is told.
    let train = &record["dataset"]["splits"][0]["n"];
    assert_eq!(canaries["training_rows"].as_u64(), train.as_u64().map(|n| n + inserted));
    let members = &finding(&record, "membership_auc")["evidence"][0]["counts"]["members"];
    assert_eq!(members, train);
    let page = String::from_utf8(f.bytes("r/index.html")).unwrap();
    assert!(page.contains(&digest) && page.contains(flips));
}

#[test]
fn one_thread_and_two_plant_alike_and_a_seed_of_their_own_plants_others() {
    let f = noise();
    let training = "epochs: 2, batch_size: 30";
    f.write("a.yaml", &config(training, "{count: 40, kind: noise}"));
    assert_eq!(run(&f, "one", &["--threads", "1"]).code, 0);
    assert_eq!(run(&f, "two", &["--threads", "2"]).code, 0);
    assert_same(&f.path("one"), &f.path("two"));
    let train = |out: &str| record(&f, out)["dataset"]["splits"].clone();
    let text = |out: &str| String::from_utf8(f.bytes(&format!("{out}/canaries.txt"))).unwrap();
    assert_eq!(run(&f, "own", &["--set", "privacy.canaries.seed=8"]).code, 0);
    assert!(text("own") != text("one") && text("one").contains("kind noise"));
    // Noise replaces no row; test rows are the same in every case.
    assert_eq!(train("own"), train("one"));
    assert_eq!(run(&f, "none", &["--set", "privacy.canaries.kind=mislabelled"]).code, 0);
    let n = |splits: &Value, at: usize| splits[at]["n"].as_u64().unwrap();
    let (noise, replaced) = (train("one"), train("none"));
    assert_eq!((n(&noise, 0), n(&noise, 2)), (n(&replaced, 0) + 40, n(&replaced, 2)));
}

#[test]
fn a_private_training_keeps_its_claim_and_a_false_one_is_refuted() {
    let f = noise();
    let private = "epochs: 6, batch_size: 20, dp: {clip: 1.0, epsilon: 1.0, delta: 1e-4}";
    f.write("a.yaml", &config(private, "{count: 60}"));
    let out = run(&f, "private", &[]);
    assert_eq!(out.code, 0, "{out:?}");
    let found = record(&f, "private");
    let bound = finding(&found, "canary_epsilon_lower_bound");
    // Shared with the two bounds of the loss attack.
    let level = number(&bound["evidence"][0]["cells"][0]["value"]);
    assert!(
        number(&bound["value"]) <= 1.0 && (level - (1.0 - 0.05 / 3.0)).abs() < 1e-12,
        "{bound}"
    );
    let cells = &finding(&found, "dp_claim_excess")["evidence"][0]["cells"];
    let named = |c: &Value| c["name"] == "canary_epsilon_lower_bound";
    assert!(cells.as_array().unwrap().iter().any(named), "{cells}");
    let rows = number(&found["model"]["canaries"]["training_rows"]);
    assert!((number(&found["model"]["dp"]["sampling_rate"]) - 20.0 / rows).abs() < 1e-12);

    let declared = "canaries: {count: 60, kind: noise}, dp: {sampling_rate: 0.1, noise_multiplier: 9, \
                    steps: 100, delta: 1e-5, claimed_epsilon: 0.01}}";
    let text = config(BY_HEART, "X").replace("canaries: X}", declared);
    f.write("a.yaml", &text);
    let out = run(&f, "false", &[]);
    assert_eq!(out.code, 1, "{out:?}");
    let found = record(&f, "false");
    let bound = number(&finding(&found, "canary_epsilon_lower_bound")["value"]);
    let excess = number(&finding(&found, "dp_claim_excess")["value"]);
    assert!(bound > 0.01 && excess >= bound - 0.01 - 1e-12, "{bound} {excess}");
}

#[test]
fn what_cannot_be_planted_is_said() {
    let f = noise();
    f.write("a.yaml", &config("epochs: 1", "{count: 40}"));
    let check = f.audit(&["check", "a.yaml", "--set", "privacy.canaries.count=0"]);
    assert!(check.code == 2 && check.stderr.contains("from 20 to 1000000"), "{check:?}");
    let many = run(&f, "many", &["--set", "privacy.canaries.count=5000"]);
    let words = "`privacy.canaries.count` is 5000, but there are only ";
    assert!(many.code == 2 && many.stderr.contains(words), "{many:?}");
    assert_eq!(f.audit(&["train", "a.yaml", "--out", "t"]).code, 0);
    let load =
        "model={load: {format: safetensors, path: t/model.safetensors, architecture: logistic}}";
    let out = run(&f, "loaded", &["--set", load]);
    assert_eq!(out.code, 0, "{out:?}");
    let record = record(&f, "loaded");
    let undefined = &finding(&record, "canary_epsilon_lower_bound")["undefined"];
    assert_eq!(undefined["kind"], "not_run", "{undefined}");
    assert!(undefined["because"].as_str().unwrap().contains("not trained in this run"));
    assert!(!f.path("loaded/canaries.txt").exists() && record["model"]["canaries"].is_null());
}
