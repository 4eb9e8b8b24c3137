//! Shadow models through the binary.

use super::Folder;
use super::idx::idx;
use super::training::assert_same;
use audit::domain::{Seed, Stream};
use serde_json::Value;
use std::time::Duration;

const CONFIG: &str = "version: 1
name: Learned by heart
seed: 3
dataset: {format: idx, path: digits, positive: \"1\", validation: 0.1}
model:
  train: {architecture: logistic, epochs: 40, batch_size: 16, learning_rate: 0.02}
privacy:
  membership: {attacks: [loss, lira, rmia], shadow_models: 8}
gate:
  - {check: membership_tpr_at_fpr_0.001, attack: lira, at_most: 0.9}
  - {check: membership_auc, attack: rmia, at_most: 0.6}
report: {formats: [json]}
";

/// Noise with a trace of the class; of two pictures in five the class is a coin's.
fn pixels(labels: &mut [u8], stream: &mut Stream) -> Vec<u8> {
    let mut pixels = Vec::new();
    for label in labels {
        let trace = f64::from(*label) * 50.0;
        if stream.uniform() < 0.4 {
            *label = u8::from(stream.flip(0.5));
        }
        let value = |_| (60.0 + trace + 60.0 * stream.uniform()).round();
        pixels.extend((0..100).map(value).map(|v| (0..=255).find(|b| f64::from(*b) >= v).unwrap()));
    }
    pixels
}

/// 130 training and 150 test pictures of 10×10.
pub(super) fn noise() -> Folder {
    let f = Folder::new();
    std::fs::create_dir_all(f.path("digits")).unwrap();
    let mut stream = Seed::new(5).stream();
    for (name, n) in [("train", 130_u32), ("t10k", 150)] {
        let mut labels: Vec<u8> = (0..2).cycle().take(usize::try_from(n).unwrap()).collect();
        let pixels = pixels(&mut labels, &mut stream);
        let images = f.path(&format!("digits/{name}-images-idx3-ubyte"));
        std::fs::write(images, idx(&[n, 10, 10], &pixels)).unwrap();
        let file = f.path(&format!("digits/{name}-labels-idx1-ubyte"));
        std::fs::write(file, idx(&[n], &labels)).unwrap();
    }
    f.write("a.yaml", CONFIG);
    f
}

fn record(f: &Folder, out: &str) -> Value {
    serde_json::from_slice(&f.bytes(&format!("{out}/assessment.json"))).unwrap()
}

#[track_caller]
fn finding<'a>(record: &'a Value, check: &str, attack: Option<&str>) -> &'a Value {
    let named = |f: &&Value| f["check"] == check && f["subject"]["attack"].as_str() == attack;
    let found = record["findings"].as_array().unwrap().iter().find(named);
    found.unwrap_or_else(|| panic!("no {check} of {attack:?}"))
}

fn numbers(finding: &Value, name: &str) -> Vec<f64> {
    let evidence = finding["evidence"].as_array().unwrap();
    let named = evidence.iter().find(|e| e["name"] == name);
    let cells = named.unwrap_or_else(|| panic!("no {name}: {evidence:?}"))["cells"].as_array();
    cells.unwrap().iter().map(|cell| cell["value"].as_f64().unwrap()).collect()
}

const LIRA: Option<&str> = Some("lira.online.residual_variance");
const RMIA: Option<&str> = Some("rmia.online");

#[test]
fn what_was_learned_by_heart_is_found_and_more_of_it_than_by_the_loss() {
    let f = noise();
    let out = f.audit(&["run", "a.yaml", "--out", "r", "--format", "html", "--format", "json"]);
    assert_eq!(out.code, 1, "{out:?}");
    let design = "membership: 8 shadow models, 40 epochs each, on 118 of a pool of 236 rows\n";
    assert!(out.stderr.contains(design), "{out:?}");
    // 8 models, 40 epochs, 118 pictures, before the first is trained.
    let cost = "shadow models: 8 models, 37760 image-steps, ";
    assert!(out.stderr.contains(cost) && out.stderr.contains(" s\n"), "{out:?}");
    assert!(out.stderr.contains("8 more would add about "), "{out:?}");
    let record = record(&f, "r");
    let auc = |attack| finding(&record, "membership_auc", attack)["value"].as_f64().unwrap();
    let (loss, lira, rmia) = (auc(Some("loss")), auc(LIRA), auc(RMIA));
    assert!(lira > 0.7 && lira > loss && rmia > loss, "{loss} {lira} {rmia}");
    let members = &finding(&record, "membership_auc", Some("loss"))["evidence"][0]["counts"];
    assert_eq!((&members["members"], &members["non_members"]), (&118.into(), &118.into()));
    let gate = record["gate"].as_array().unwrap();
    let verdicts: Vec<&str> = gate.iter().map(|g| g["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["pass", "fail"], "{gate:?}");
    let risks = record["risks"].as_array().unwrap();
    assert!(risks.iter().any(|risk| risk["kind"] == "membership_leak"), "{risks:?}");
    let gain = finding(&record, "membership_reference_gain", LIRA);
    let curve = numbers(gain, "auc_with_references");
    assert!(curve.len() == 3 && (curve[2] - lira).abs() < 1e-12, "{curve:?}");
    let last = curve[2] - curve[1];
    assert!((gain["value"].as_f64().unwrap() - last).abs() < 1e-12, "{gain}");
    let accuracy = finding(&record, "membership_shadow_accuracy_gap", None);
    let seen = numbers(accuracy, "shadow_accuracy_seen");
    let unseen = numbers(accuracy, "shadow_accuracy_unseen");
    assert!(seen[0] > unseen[0] + 0.05, "{seen:?} {unseen:?}");
    let end = |end: &str| accuracy["interval"][end].as_f64().unwrap();
    let gap = accuracy["value"].as_f64().unwrap();
    assert!(end("low") < gap && gap < end("high") && gap.abs() < 0.2, "{accuracy}");
    let page = String::from_utf8(f.bytes("r/index.html")).unwrap();
    assert!(page.contains("AUC by number of reference models"));
}

#[test]
fn one_thread_and_two_and_a_killed_run_leave_the_same_bytes() {
    let f = noise();
    let run = |out: &str, threads: &str| {
        f.audit(&["run", "a.yaml", "--out", out, "--exit-zero", "--threads", threads])
    };
    assert_eq!(run("one", "1").code, 0);
    assert_eq!(run("two", "2").code, 0);
    assert_same(&f.path("one"), &f.path("two"));
    assert!(!f.path("one/.work").exists());
    let arguments = ["run", "a.yaml", "--out", "killed", "--exit-zero", "--threads", "1"];
    let mut child = f.command(&arguments).spawn().unwrap();
    let finished = |entry: &std::io::Result<std::fs::DirEntry>| {
        entry.as_ref().is_ok_and(|entry| entry.path().extension().is_some_and(|e| e == "shadow"))
    };
    let folder = f.path("killed/.work/study");
    let shadows = || std::fs::read_dir(&folder).map_or(0, |files| files.filter(finished).count());
    while shadows() == 0 && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let done = shadows();
    assert!(done > 0 && !f.path("killed/assessment.json").exists(), "it ended too early");
    // One of them was cut short, and one never came from this program.
    std::fs::write(folder.join("stranger.shadow"), b"x").unwrap();
    let out = run("killed", "2");
    assert_eq!(out.code, 0, "{out:?}");
    assert!(out.stderr.contains("there from an earlier run"), "{out:?}");
    assert!(!out.stderr.contains("shadow models: 8 models"), "{out:?}");
    assert_same(&f.path("one"), &f.path("killed"));
}

#[test]
fn other_shadow_models_are_not_gone_on_from() {
    let f = noise();
    let run = |out: &str, more: &[&str]| {
        let all = ["run", "a.yaml", "--out", out, "--exit-zero", "--set", "model.train.epochs=2"];
        let out = f.audit(&[&all[..], more].concat());
        assert_eq!(out.code, 0, "{out:?}");
    };
    run("eight", &[]);
    run("two", &["--set", "privacy.membership.shadow_models=2"]);
    let (eight, two) = (record(&f, "eight"), record(&f, "two"));
    // The first pair is the same, so the planner of eight says what two would have found.
    let few = numbers(finding(&eight, "membership_reference_gain", RMIA), "auc_with_references");
    let auc = finding(&two, "membership_auc", RMIA)["value"].as_f64().unwrap();
    assert!((few[0] - auc).abs() < 1e-12, "{few:?} {auc}");
    let gain = finding(&two, "membership_reference_gain", RMIA);
    assert_eq!(gain["undefined"]["kind"], "too_few", "{gain}");
}

#[test]
fn what_cannot_be_attacked_is_said() {
    let f = noise();
    let refused = |set: &str, expected: &str| {
        let out = f.audit(&["check", "a.yaml", "--set", set]);
        assert_eq!(out.code, 2, "{out:?}");
        assert!(out.stderr.contains(expected), "{out:?}");
    };
    refused("privacy.membership.shadow_models=7", "7 models cannot be paired");
    refused("privacy.membership.shadow_models=0", "from 2 to 1024");
    refused("privacy.membership={attacks: [lira]}", "`lira` compares with shadow models");
    refused("privacy.membership.attacks=[loss]", "none of `attacks` compares with shadow models");
    refused("privacy.membership.attacks=[lira, lira]", "is named before");
    refused("privacy.membership.attacks=[lyra]", "did you mean `lira`?");
    let few = "privacy.membership={attacks: [lira.online.nig], shadow_models: 2}";
    refused(few, "`lira.online.nig` needs at least 4 shadow models");
}
