//! `audit run` as a user meets it: exit codes, messages, what is left on disk.

use super::{Folder, audit};

const TABLE: &str = "id,y_true,y_pred,score,sex\n";

/// 400 rows: women are selected at 0.3, men at 0.6; half of each is positive.
fn predictions() -> String {
    let mut text = TABLE.to_owned();
    for i in 0..400 {
        let (sex, selected) =
            if i % 2 == 0 { ("f", i / 2 % 10 < 3) } else { ("m", i / 2 % 10 < 6) };
        let positive = u8::from(i / 2 % 2 == 0);
        let score = if selected { 0.9 } else { 0.1 };
        text += &format!("r{i},{positive},{},{score},{sex}\n", u8::from(selected));
    }
    text
}

fn config(extra: &str) -> String {
    format!(
        "version: 1\nname: Small\ndataset:\n  format: predictions\n  path: p.csv\n  positive: 1\n  \
         columns: {{id: id, y_true: y_true, y_pred: y_pred, score: score}}\n  groups: [sex]\n{extra}"
    )
}

fn folder(extra: &str) -> Folder {
    let folder = Folder::new();
    folder.write("p.csv", &predictions());
    folder.write("a.yaml", &config(extra));
    folder
}

#[test]
fn a_kept_gate_ends_with_0_and_writes_the_folder() {
    let f = folder("gate:\n  - {check: demographic_parity_difference, by: sex, at_most: 0.5}\n");
    let out = f.audit(&["run", "a.yaml", "--out", "r"]);
    assert_eq!(out.code, 0, "{out:?}");
    for file in ["index.html", "index.zh.html", "assessment.json", "manifest.json"] {
        assert!(f.path("r").join(file).exists(), "{file} is missing");
    }
    assert_eq!(f.audit(&["verify", "r"]).code, 0);
    f.write("r/index.html", "forged");
    let forged = f.audit(&["verify", "r"]);
    assert_eq!(forged.code, 1, "{forged:?}");
    assert!(forged.all().contains("index.html"), "{forged:?}");
}

#[test]
fn a_broken_gate_ends_with_1_and_with_0_under_exit_zero() {
    let f = folder("gate:\n  - {check: demographic_parity_ratio, by: sex, at_least: 0.8}\n");
    let out = f.audit(&["run", "a.yaml", "--out", "r"]);
    assert_eq!(out.code, 1, "{out:?}");
    assert!(out.stdout.contains("demographic_parity_ratio") && out.stdout.contains("0.5"));
    assert_eq!(f.audit(&["run", "a.yaml", "--out", "r", "--exit-zero"]).code, 0);
}

#[test]
fn an_undecided_gate_ends_with_1() {
    let f = folder(
        "gate:\n  - {check: demographic_parity_difference, by: sex, at_most: 0.3, judge: interval}\n",
    );
    let out = f.audit(&["run", "a.yaml", "--out", "r"]);
    assert_eq!(out.code, 1, "{out:?}");
    assert!(out.stdout.contains("undecided"), "{out:?}");
}

#[test]
fn a_check_that_did_not_run_ends_with_1() {
    let f = folder("gate:\n  - {check: membership_auc, at_most: 0.6}\n");
    let out = f.audit(&["run", "a.yaml", "--out", "r"]);
    assert_eq!(out.code, 1, "{out:?}");
    assert!(out.stdout.contains("not run"), "{out:?}");
}

#[test]
fn a_waiver_lets_a_failed_rule_pass_until_its_date() {
    let gate =
        "gate:\n  - {check: demographic_parity_ratio, by: sex, at_least: 0.8}\nwaivers: w.yaml\n";
    let f = folder(gate);
    let waiver = |until| {
        format!(
            "- {{check: demographic_parity_ratio, by: sex, because: known, until: {until}, owner: A}}\n"
        )
    };
    f.write("w.yaml", &waiver("2999-01-01"));
    let out = f.audit(&["run", "a.yaml", "--out", "r"]);
    assert_eq!(out.code, 0, "{out:?}");
    assert!(out.stdout.contains("waived"), "{out:?}");
    f.write("w.yaml", &waiver("2001-01-01"));
    assert_eq!(f.audit(&["run", "a.yaml", "--out", "r"]).code, 1);
}

#[test]
fn a_positive_label_that_does_not_occur_is_named_with_the_labels_there_are() {
    let f = folder("");
    let out = f.audit(&["run", "a.yaml", "--set", "dataset.positive=malignant"]);
    assert_eq!(out.code, 2, "{out:?}");
    assert!(out.stderr.contains("malignant") && out.stderr.contains("`0`"), "{out:?}");
}

#[test]
fn a_group_column_that_does_not_exist_is_named_with_a_suggestion() {
    let f = folder("");
    let out = f.audit(&["run", "a.yaml", "--set", "dataset.groups=[sexx]"]);
    assert_eq!(out.code, 2, "{out:?}");
    assert!(out.stderr.contains("sexx") && out.stderr.contains("`sex`"), "{out:?}");
}

#[test]
fn an_empty_table_and_a_wrong_file_end_with_2_and_leave_nothing() {
    let f = folder("");
    for content in ["", TABLE, "\u{0}\u{1}not a table"] {
        f.write("p.csv", content);
        let out = f.audit(&["run", "a.yaml", "--out", "r"]);
        assert_eq!(out.code, 2, "{content:?}: {out:?}");
        assert!(out.stderr.contains("p.csv"), "{out:?}");
        assert!(!f.path("r").exists());
    }
}

#[test]
fn a_wrong_option_ends_with_2() {
    assert_eq!(audit(&["run", "--no-such-option"]).code, 2);
    assert_eq!(audit(&["no-such-command"]).code, 2);
    assert_eq!(audit(&["run", "does-not-exist.yaml"]).code, 2);
}

#[test]
fn the_json_option_prints_the_record() {
    let f = folder("");
    let out = f.audit(&["run", "a.yaml", "--out", "r", "--json"]);
    let record: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    assert_eq!(record["schema"], 1);
    assert!(record["findings"].as_array().unwrap().len() > 10);
    let again = f.audit(&["report", "r/assessment.json", "--out", "again"]);
    assert_eq!(again.code, 0, "{again:?}");
    for file in ["index.html", "index.zh.html", "assessment.json", "assessment.md"] {
        assert_eq!(f.bytes(&format!("r/{file}")), f.bytes(&format!("again/{file}")), "{file}");
    }
}

#[test]
fn a_declared_prefix_of_probability_columns_is_read() {
    let f = folder("");
    let rows: String = predictions()
        .lines()
        .skip(1)
        .map(|l| {
            let selected = l.contains(",0.9,");
            if selected { l.replace(",0.9,", ",0.9,0.1,") } else { l.replace(",0.1,", ",0.1,0.9,") }
        })
        .map(|l| l + "\n")
        .collect();
    f.write("p.csv", &format!("id,y_true,y_pred,p_1,p_0,sex\n{rows}"));
    let prefix = "dataset.columns={id: id, y_true: y_true, y_pred: y_pred, prob: p_}";
    let out = f.audit(&["run", "a.yaml", "--out", "r", "--json", "--set", prefix]);
    assert_eq!(out.code, 0, "{out:?}");
    let record: serde_json::Value = serde_json::from_str(&out.stdout).unwrap();
    let findings = record["findings"].as_array().unwrap();
    let auc = findings.iter().find(|f| f["check"] == "roc_auc").unwrap();
    assert!(auc["value"].is_number(), "{auc}");
}
