//! `audit membership` on stored outputs: groups, features, scores file, words.

use super::{Folder, audit};
use audit::dataset::read_text_table;
use safetensors::{Dtype, tensor::TensorView};
use serde_json::Value;

/// Rows of the masks.
const POOL: usize = 240;

/// Two models on 240 rows of two classes: the target is surer of its members, far surer of those of the
/// first class.
fn stored(f: &Folder, sign: f32) {
    let number = |i: usize| f32::from(u16::try_from(i * 37 % 101).unwrap()) / 101.0;
    let member = |model: usize, row: usize| (row / 2 + model).is_multiple_of(2);
    let mut logits: Vec<u8> = Vec::new();
    for model in 0..2 {
        for row in 0..POOL {
            let more = if row.is_multiple_of(2) { 3.0 } else { 0.4 };
            let z = number(row + 7 * model) + if member(model, row) { sign * more } else { 0.0 };
            let pair = if row.is_multiple_of(2) { [z, 0.0] } else { [0.0, z] };
            logits.extend(pair.iter().flat_map(|v| v.to_le_bytes()));
        }
    }
    let masks: Vec<u8> = (0..2 * POOL).map(|i| u8::from(member(i / POOL, i % POOL))).collect();
    let labels: Vec<u8> = (0..POOL).flat_map(|row| i64::from(row % 2 == 1).to_le_bytes()).collect();
    let view =
        |dtype, shape: &[usize], bytes| TensorView::new(dtype, shape.to_vec(), bytes).unwrap();
    let views = [
        ("logits", view(Dtype::F32, &[2, POOL, 2], &logits)),
        ("masks", view(Dtype::U8, &[2, POOL], &masks)),
        ("labels", view(Dtype::I64, &[POOL], &labels)),
    ];
    let bytes = safetensors::serialize(views, None).unwrap();
    std::fs::write(f.path("s.safetensors"), bytes).unwrap();
}

fn groups(f: &Folder, feature: impl Fn(usize) -> String) {
    let row = |i: usize| format!("r{i},{},{}\n", ["f", "m"][i / 4 % 2], feature(i));
    f.write("g.csv", &format!("id,sex,x\n{}", (0..POOL).map(row).collect::<String>()));
}

fn run(f: &Folder, more: &[&str]) -> super::Ended {
    let scores = f.path("s.safetensors").display().to_string();
    let start = ["membership", &scores, "--exclude", "1", "--attack", "logit_scaled_confidence"];
    audit(&[&start[..], more].concat())
}

#[test]
fn groups_scores_and_words_of_stored_outputs() {
    let f = Folder::new();
    stored(&f, 1.0);
    groups(&f, |i| (i * 7919 % 997).to_string());
    let [table, out] = ["g.csv", "s.parquet"].map(|name| f.path(name).display().to_string());
    let rows = ["--groups", &table, "--by", "sex", "--features", &table];
    let made = run(&f, &[&rows[..], &["--scores-out", &out, "--json"]].concat());
    assert_eq!(made.code, 0, "{made:?}");
    let record: Value = serde_json::from_str(&made.stdout).unwrap();
    let findings = record["findings"].as_array().unwrap();
    let of = |check: &str, by: &[&str]| {
        let fits = |f: &&Value| f["check"] == check && f["subject"]["by"] == serde_json::json!(by);
        findings.iter().filter(fits).collect::<Vec<_>>()
    };
    // The first class is found completely, the second hardly.
    let tpr = "membership_group_tpr_at_fpr_0.01";
    assert_eq!(of(tpr, &["class"])[0]["value"], 1.0);
    assert!(of(tpr, &["class"])[1]["value"].as_f64().unwrap() < 0.5);
    let gap = &of("membership_group_tpr_at_fpr_0.01_difference", &["class"])[0];
    assert!(gap["interval"]["low"].as_f64().unwrap() > 0.3, "{gap}");
    assert_eq!(of("membership_group_auc", &["sex"]).len(), 2);
    assert_eq!(of("membership_group_auc", &["sex", "class"]).len(), 4);
    assert_eq!(of("membership_group_auc_difference", &["sex"])[0]["n"], 240);
    let blind = &of("membership_blind_auc", &[])[0];
    assert!(blind["interval"]["low"].as_f64().unwrap() < 0.5, "{blind}");
    let scores = read_text_table(&f.path("s.parquet")).unwrap();
    let names: Vec<&str> = scores.columns.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["row", "id", "label", "member", "logit_scaled_confidence"]);
    assert_eq!((scores.rows(), scores.column("id").unwrap()[3].as_deref()), (POOL, Some("r3")));
    let joined = run(&f, &["--groups", &table, "--quasi", "sex", "x", "--json"]);
    let record: Value = serde_json::from_str(&joined.stdout).unwrap();
    let findings = record["findings"].as_array().unwrap();
    let found =
        findings.iter().find(|f| f["check"] == "membership_class_size_correlation").unwrap();
    // 997 is prime, so that every row has its own `x`.
    assert_eq!(found["undefined"]["kind"], "zero_denominator");
    let words = run(&f, &rows);
    assert!(words.stdout.contains("Of 1000 training rows"), "{}", words.stdout);
    assert!(words.stdout.contains("in some groups by class"), "{}", words.stdout);
    assert!(!words.stderr.contains("warning"), "{}", words.stderr);
}

#[test]
fn a_shift_and_a_turned_sign_are_warned_of() {
    let f = Folder::new();
    stored(&f, -1.0);
    groups(&f, |i| usize::from((i / 2).is_multiple_of(2)).to_string());
    let table = f.path("g.csv").display().to_string();
    let out = run(&f, &["--features", &table]);
    assert_eq!(out.code, 0, "{out:?}");
    assert!(out.stderr.contains("warning: 1 attack(s) are wrong more often"), "{}", out.stderr);
    let scores = f.path("s.safetensors").display().to_string();
    let with = audit(&["membership", &scores, "--attack", "loss", "--json"]);
    assert!(with.stderr.contains("warning: model 1 was trained on exactly"), "{}", with.stderr);
    assert!(!out.stderr.contains("model 1"), "{}", out.stderr);
    assert!(out.stderr.contains("without asking the model (blind AUC 1"), "{}", out.stderr);
}

#[test]
fn rows_that_do_not_fit_are_named() {
    let f = Folder::new();
    stored(&f, 1.0);
    groups(&f, |_| "1".to_owned());
    f.write("short.csv", "sex\nf\nm\n");
    let [table, short] = ["g.csv", "short.csv"].map(|name| f.path(name).display().to_string());
    for (more, words) in [
        (["--groups", short.as_str(), "--by", "sex"], "has 2 rows, but the masks 240"),
        (["--groups", table.as_str(), "--by", "sexx"], "has no column `sexx`; it has id, sex, x"),
    ] {
        let out = run(&f, &more);
        assert!(out.code == 2 && out.stderr.contains(words), "{out:?}");
    }
}
