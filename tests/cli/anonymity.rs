//! `audit anonymity` and the block of that name in a configuration.

use super::Folder;
use serde_json::Value;

const TABLE: &str = "age,city,disease\n30,A,x\n30,A,y\n40,B,x\n40,B,x\n";

fn folder() -> Folder {
    let folder = Folder::new();
    folder.write("people.csv", TABLE);
    folder
}

const ASKED: [&str; 6] = ["anonymity", "people.csv", "--quasi", "age", "city", "--sensitive"];

#[test]
fn a_table_is_measured_and_recorded() {
    let f = folder();
    let out = f.audit(&[&ASKED[..], &["disease", "--json"]].concat());
    assert_eq!(out.code, 0, "{out:?}");
    let record: Value = serde_json::from_str(&out.stdout).unwrap();
    let findings = record["findings"].as_array().unwrap();
    let of = |check: &str| findings.iter().find(|f| f["check"] == check).unwrap();
    assert_eq!((&of("k_anonymity")["value"], &of("k_anonymity")["n"]), (&2.0.into(), &4.into()));
    assert_eq!(of("l_diversity")["subject"]["label"], "disease");
    assert_eq!(of("recursive_cl_diversity")["undefined"]["kind"], "unbounded");
    let out = f.audit(&[&ASKED[..], &["disease", "--out", "r"]].concat());
    assert_eq!(out.code, 0, "{out:?}");
    let page = String::from_utf8(f.bytes("r/index.zh.html")).unwrap();
    assert!(page.contains("待发布表格的匿名性") && page.contains("k-匿名"));
}

#[test]
fn without_quasi_identifiers_some_are_suggested() {
    let out = folder().audit(&["anonymity", "people.csv"]);
    assert_eq!(out.code, 0, "{out:?}");
    assert!(out.stdout.contains("`age` is commonly known to outsiders"), "{out:?}");
    assert!(out.stderr.contains("choose with `--quasi age city`"), "{out:?}");
}

#[test]
fn each_mistake_says_what_to_do() {
    let f = folder();
    f.write("empty.csv", "age,city\n");
    let refused = |arguments: &[&str], words: &str| {
        let out = f.audit(&[&["anonymity"], arguments].concat());
        assert!(out.code == 2 && out.stderr.contains(words), "{out:?}");
    };
    refused(&["people.csv", "--quasi", "ctiy"], "did you mean `city`?");
    refused(&["people.csv", "--quasi", "age", "--sensitive", "age"], "is named more than once");
    refused(&["empty.csv", "--quasi", "age"], "holds no rows");
}

#[test]
fn a_gate_judges_the_table_of_a_configuration() {
    let f = folder();
    f.write("p.csv", "id,y_true,y_pred\n1,1,1\n2,0,0\n3,1,0\n4,0,1\n");
    let config = |quasi: &str, k: u64| {
        format!(
            "version: 1\nname: Table\ndataset:\n  format: predictions\n  path: p.csv\n  positive: 1\n\
             privacy:\n  anonymity: {{path: people.csv, quasi: [{quasi}], sensitive: [disease]}}\n\
             gate:\n  - {{check: k_anonymity, at_least: {k}}}\n"
        )
    };
    for (k, code) in [(2, 0), (5, 1)] {
        f.write("a.yaml", &config("age, city", k));
        let out = f.audit(&["run", "a.yaml", "--out", "r"]);
        assert_eq!(out.code, code, "{out:?}");
    }
    f.write("a.yaml", &config("age, disease", 2));
    let out = f.audit(&["check", "a.yaml"]);
    assert!(out.code == 2 && out.stderr.contains("`disease` is named more than once"), "{out:?}");
    f.write("a.yaml", &config("agee", 2));
    let out = f.audit(&["run", "a.yaml", "--out", "r"]);
    assert!(out.code == 2 && out.stderr.contains("did you mean `age`?"), "{out:?}");
}
