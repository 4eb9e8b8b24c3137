//! Cross-validation, search and learning curves through the binary.

use super::Folder;
use super::idx::{digits, idx};
use serde_json::Value;
use std::time::Duration;

const SEARCH: &str = "search:
  method: random
  trials: 4
  metric: accuracy
  parameters:
    learning_rate: {from: 0.0001, to: 0.01, scale: log}
    batch_size: {values: [8, 16]}
";

/// The ten classes with a `search` block.
fn searched(block: &str) -> Folder {
    let f = digits();
    let config = String::from_utf8(f.bytes("a.yaml")).unwrap();
    f.write("a.yaml", &(config + block));
    f
}

fn json(f: &Folder, arguments: &[&str]) -> Value {
    let out = f.audit(&[&["train", "a.yaml", "--json"], arguments].concat());
    assert_eq!(out.code, 0, "{out:?}");
    serde_json::from_str(&out.stdout).unwrap()
}

#[track_caller]
fn refused(f: &Folder, arguments: &[&str], expected: &str) {
    let out = f.audit(&[&["train", "a.yaml"], arguments].concat());
    assert_eq!(out.code, 2, "{out:?}");
    assert!(out.stderr.contains(expected), "{out:?}");
}

/// Other pictures and labels for the test rows.
fn other_test_rows(f: &Folder) {
    let labels: Vec<u8> = (0..50).map(|i| u8::from(i % 7 == 0)).collect();
    std::fs::write(f.path("digits/t10k-labels-idx1-ubyte"), idx(&[50], &labels)).unwrap();
    let pixels = vec![77; 50 * 18 * 18];
    let file = f.path("digits/t10k-images-idx3-ubyte");
    std::fs::write(file, idx(&[50, 18, 18], &pixels)).unwrap();
}

#[test]
fn folds_judge_every_row_once_and_never_a_test_row() {
    let f = digits();
    let one = json(&f, &["--folds", "3", "--out", "one", "--threads", "1"]);
    let two = json(&f, &["--folds", "3", "--out", "two", "--threads", "2"]);
    assert_eq!(one, two);
    assert_eq!(f.bytes("one/folds.json"), f.bytes("two/folds.json"));
    assert!(!f.path("one/model.safetensors").exists() && !f.path("one/.work/study").exists());
    let entry = &one["results"][0];
    let models = entry["models"].as_array().unwrap();
    let sum = |key: &str| models.iter().map(|m| m[key].as_u64().unwrap()).sum::<u64>();
    // 150 rows: each is judged once, chooses an epoch once and is learned from once.
    assert_eq!((models.len(), sum("n"), sum("trained_on")), (3, 150, 150));
    let at = |key: &str| entry["accuracy"][key].as_f64().unwrap();
    assert!(at("low") <= at("mean") && at("mean") <= at("high"));
    other_test_rows(&f);
    assert_eq!(json(&f, &["--folds", "3", "--out", "three"]), one, "the test rows take no part");
    let last = ["--set", "model.train.keep=last", "--folds", "2"];
    let models = json(&f, &last)["results"][0]["models"].clone();
    assert_eq!(models[0]["trained_on"].as_u64().zip(models[1]["n"].as_u64()), Some((75, 75)));
    let text = f.audit(&["train", "a.yaml", "--folds", "3"]).stdout;
    assert!(text.contains("\nfold 1 ") && text.contains("\n3 folds  3 "), "{text}");
}

#[test]
fn a_learning_curve_learns_from_growing_shares() {
    let f = digits();
    let found = json(&f, &["--learning-curve", "20%,100%", "--repeats", "2"]);
    let results = found["results"].as_array().unwrap();
    let trained_on = |entry: &Value| {
        let models = entry["models"].as_array().unwrap();
        models.iter().map(|m| m["trained_on"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!((&results[0]["name"], &results[1]["name"]), (&"20 %".into(), &"100 %".into()));
    let (few, all) = (trained_on(&results[0]), trained_on(&results[1]));
    assert!(few.len() == 2 && all.len() == 2 && all[0] == all[1]);
    assert!(few.iter().all(|n| 4 * n < all[0] && 6 * n > all[0]), "{few:?} {all:?}");
    assert!(results[1]["log_loss"]["mean"].is_f64());
    assert!(found["judged_on"].as_str().unwrap().contains("also chose the epochs"));
}

#[test]
fn a_search_goes_on_after_a_kill_and_never_sees_a_test_row() {
    let f = searched(SEARCH);
    let arguments = ["train", "a.yaml", "--search", "--threads", "1", "--out", "killed"];
    let whole = json(&f, &["--search", "--out", "whole"]);
    let mut child = f.command(&arguments).spawn().unwrap();
    // A `.part` file is one that is being written.
    let finished = |entry: &std::io::Result<std::fs::DirEntry>| {
        entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|e| e == "json"))
    };
    let folder = f.path("killed/.work/study");
    let scores = || std::fs::read_dir(&folder).map_or(0, |files| files.filter(finished).count());
    while scores() == 0 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(scores() > 0 && !f.path("killed/search.json").exists(), "it ended too early");
    let out = f.audit(&arguments);
    assert_eq!(out.code, 0, "{out:?}");
    assert!(out.stderr.contains("study: ") && !out.stderr.contains("study: 4 models"), "{out:?}");
    assert_eq!(f.bytes("killed/search.json"), f.bytes("whole/search.json"));
    other_test_rows(&f);
    assert_eq!(json(&f, &["--search", "--out", "other"]), whole);
}

#[test]
fn the_best_trial_comes_first_and_its_settings_can_be_used() {
    let f = searched(SEARCH);
    let found = json(&f, &["--search"]);
    let results = found["results"].as_array().unwrap();
    let means: Vec<f64> =
        results.iter().map(|entry| entry["accuracy"]["mean"].as_f64().unwrap()).collect();
    assert!(means.len() == 4 && means.is_sorted_by(|a, b| a >= b), "{means:?}");
    let text = f.audit(&["train", "a.yaml", "--search"]).stdout;
    let (_, best) = text.split_once("\nbest by accuracy: trial ").unwrap();
    let (_, block) = best.split_once('\n').unwrap();
    let (block, _) = block.split_once("result: ").unwrap();
    assert!(block.starts_with("model:\n  train:\n    batch_size: "), "{block}");
    let config = String::from_utf8(f.bytes("a.yaml")).unwrap();
    f.write("best.yaml", &config.replace("model: {train: {epochs: 2}}\n", block));
    let out = f.audit(&["check", "best.yaml"]);
    assert_eq!(out.code, 0, "{out:?}");
}

#[test]
fn halving_gives_the_epochs_of_the_configuration_to_the_last_trial_only() {
    let block = SEARCH.replace("random", "halving").replace("trials: 4", "trials: 4\n  keep: 2");
    let f = searched(&block);
    let found = json(&f, &["--search", "--set", "model.train.epochs=4"]);
    let epochs: Vec<u64> = found["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["epochs"].as_u64().unwrap())
        .collect();
    assert_eq!(epochs, [4, 2, 1, 1]);
}

#[test]
fn a_trial_that_diverges_is_the_worst_and_no_error() {
    let f =
        searched(&SEARCH.replace("{from: 0.0001, to: 0.01, scale: log}", "{values: [9.9, 0.001]}"));
    let out = f.audit(&["train", "a.yaml", "--search", "--set", "seed=4"]);
    assert_eq!(out.code, 0, "{out:?}");
    assert!(out.stdout.contains("best by accuracy"), "{out:?}");
}

#[test]
fn what_cannot_be_studied_is_said() {
    let f = digits();
    refused(&f, &["--search"], "`a.yaml` has no `search` block to say what to try");
    refused(&f, &["--folds", "2"], "two folds leave no rows to choose the epoch by");
    refused(&f, &["--folds", "1"], "invalid value '1'");
    refused(&f, &["--folds", "400"], "folds");
    refused(&f, &["--learning-curve", "0%"], "expected a percentage above 0%");
    refused(&f, &["--folds", "3", "--search"], "cannot be used with");
    let none = ["--learning-curve", "50%", "--set", "dataset.validation=0"];
    refused(&f, &none, "judged on validation rows, and the data has none");
}
