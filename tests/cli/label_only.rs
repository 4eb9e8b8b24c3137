//! Attacks that see nothing but labels, through the binary.

use super::Folder;
use super::shadows::noise;
use super::training::assert_same;
use serde_json::Value;

const NAMES: [&str; 2] = ["label_only.noise_robustness", "label_only.augmentation"];

fn config(model: &str) -> String {
    format!(
        "version: 1\nname: Labels\nseed: 3\n\
         dataset: {{format: idx, path: digits, positive: \"1\", validation: 0.1}}\n\
         model: {{{model}}}\n\
         privacy: {{membership: {{attacks: [loss], label_only: {{queries_per_example: 12, examples: 100}}}}}}\n\
         gate: [{{check: membership_auc, attack: label_only.augmentation, at_most: 0.6}}]\n\
         report: {{formats: [html, json]}}\n"
    )
}

fn trained(settings: &str) -> String {
    config(&format!("train: {{architecture: logistic, keep: last, batch_size: 16, {settings}}}"))
}

fn run(f: &Folder, out: &str, more: &[&str]) -> (i32, String, Value) {
    let ended = f.audit(&[&["run", "a.yaml", "--out", out], more].concat());
    let record = serde_json::from_slice(&f.bytes(&format!("{out}/assessment.json")));
    (ended.code, ended.stderr, record.unwrap())
}

#[track_caller]
fn finding<'a>(record: &'a Value, check: &str, attack: &str) -> &'a Value {
    let named = |f: &&Value| f["check"] == check && f["subject"]["attack"] == attack;
    let found = record["findings"].as_array().unwrap().iter().find(named);
    found.unwrap_or_else(|| panic!("no {check} of {attack}"))
}

/// Value, lower and upper end of an attack's AUC.
fn auc(record: &Value, attack: &str) -> [f64; 3] {
    let auc = finding(record, "membership_auc", attack);
    let numbers = [&auc["value"], &auc["interval"]["low"], &auc["interval"]["high"]];
    numbers.map(|n| n.as_f64().unwrap_or_else(|| panic!("{auc}")))
}

#[test]
fn what_was_learned_by_heart_shows_in_the_labels_alone_on_any_number_of_threads() {
    let f = noise();
    f.write("a.yaml", &trained("epochs: 300, learning_rate: 0.1"));
    let (code, stderr, record) = run(&f, "one", &["--threads", "1"]);
    assert_eq!(code, 1, "the gate knows the attack: {stderr}");
    let cost = "4800 label queries: 100 members and 100 non-members, of each \
                label_only.noise_robustness 12, label_only.augmentation 12\n";
    assert!(stderr.contains(cost), "{stderr}");
    for attack in NAMES {
        let [value, low, _] = auc(&record, attack);
        assert!(value > 0.6 && low > 0.5, "{attack} {value} {low}");
        let found = finding(&record, "membership_auc", attack);
        let counts = &found["evidence"].as_array().unwrap().last().unwrap()["counts"];
        assert_eq!((&found["n"], &counts["queries"]), (&200.into(), &2400.into()), "{found}");
    }
    let page = String::from_utf8(f.bytes("one/index.html")).unwrap();
    assert!(
        page.contains("labels only: holds under noise") && page.contains("strongest of 1 attacks")
    );
    run(&f, "two", &["--threads", "2"]);
    assert_same(&f.path("one"), &f.path("two"));

    // The same weights, loaded, give the same answers.
    std::fs::copy(f.path("one/model.safetensors"), f.path("w.safetensors")).unwrap();
    f.write(
        "a.yaml",
        &config("load: {format: safetensors, path: w.safetensors, architecture: logistic}"),
    );
    let (_, _, loaded) = run(&f, "loaded", &[]);
    for attack in NAMES {
        let of = |record| finding(record, "membership_auc", attack).clone();
        assert_eq!(of(&loaded), of(&record));
    }
}

#[test]
fn a_model_that_has_learned_nothing_gives_nothing_away() {
    let f = noise();
    f.write("a.yaml", &trained("epochs: 1, learning_rate: 1e-9"));
    let (_, _, record) = run(&f, "r", &[]);
    for attack in NAMES {
        let [value, low, high] = auc(&record, attack);
        assert!(low < 0.5 && 0.5 < high, "{attack} {value} {low} {high}");
    }
}

#[test]
fn without_a_model_there_is_nobody_to_ask() {
    let f = noise();
    f.write("p.csv", "id,y_true,y_pred\n1,1,1\n2,0,0\n3,1,0\n4,0,1\n");
    let dataset = "dataset: {format: idx, path: digits, positive: \"1\", validation: 0.1}\n";
    let given = "dataset: {format: predictions, path: p.csv, positive: 1}\n";
    let text = config("X").replace(dataset, given).replace("model: {X}\n", "");
    f.write("a.yaml", &text);
    let (_, _, record) = run(&f, "r", &[]);
    for attack in NAMES {
        let undefined = &finding(&record, "membership_auc", attack)["undefined"];
        assert!(undefined["because"].as_str().unwrap().contains("no model to ask"), "{undefined}");
    }
    let stored = f.audit(&["membership", "none.safetensors", "--attack", NAMES[0]]);
    assert_eq!(stored.code, 2, "{stored:?}");
}
