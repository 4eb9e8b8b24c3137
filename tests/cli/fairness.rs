//! `audit fairness TABLE` against what other libraries computed from the same table.

use super::{Folder, audit};
use crate::shared;
use serde_json::Value;

/// Our check and the key of the golden block.
const KEYS: [(&str, &str); 10] = [
    ("count", "count"),
    ("base_rate", "base_rate"),
    ("selection_rate", "selection_rate"),
    ("accuracy", "accuracy"),
    ("true_positive_rate", "tpr"),
    ("false_positive_rate", "fpr"),
    ("true_negative_rate", "tnr"),
    ("false_negative_rate", "fnr"),
    ("precision", "precision"),
    ("roc_auc", "auc"),
];

/// The levels of a finding's group in the order of `columns`, joined as the goldens join them.
fn label(finding: &Value, columns: &[String]) -> String {
    let part = |c: &String| finding["subject"]["group"][c].as_str().unwrap().to_owned();
    columns.iter().map(part).collect::<Vec<_>>().join("|")
}

fn assert_equal(found: &Value, golden: &Value, what: &str) {
    match (found.as_f64(), golden.as_f64()) {
        (Some(a), Some(b)) => assert!((a - b).abs() <= 1e-9, "{what}: {a} against {b}"),
        (a, b) => assert!(a.is_none() && b.is_none(), "{what}: {found} against {golden}"),
    }
}

fn every_group_equals_its_golden(name: &str) {
    let table = shared::data(name, &format!("fairness/{name}.csv"));
    let golden = shared::data(name, &format!("fairness/{name}.golden.json"));
    let (Some(table), Some(golden)) = (table, golden) else { return };
    let golden: Value = serde_json::from_slice(&std::fs::read(golden).unwrap()).unwrap();
    let attributes = golden["attributes"].as_object().unwrap();
    let table = table.display().to_string();
    let mut arguments = vec!["fairness", &table, "--score", "score", "--positive", "1", "--json"];
    let columns = |a: &Value| -> Vec<String> {
        a["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap().to_owned()).collect()
    };
    let groupings: Vec<String> = attributes.values().map(|a| columns(a).join("*")).collect();
    arguments.extend(groupings.iter().flat_map(|g| ["--by", g.as_str()]));
    let out = audit(&arguments);
    assert_eq!(out.code, 0, "{out:?}");
    let record: Value = serde_json::from_str(&out.stdout).unwrap();
    let mut compared = 0;
    for finding in record["findings"].as_array().unwrap() {
        let key = KEYS.iter().find(|(check, _)| finding["check"] == *check).map(|(_, key)| *key);
        let Some(key) = key.filter(|_| finding["n"] != 0 || finding["check"] != "count") else {
            continue;
        };
        let by: Vec<&str> =
            finding["subject"]["by"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let block = if by.is_empty() {
            &golden["overall"]
        } else {
            let attribute = attributes.values().find(|a| columns(a) == by).unwrap();
            &attribute["groups"][label(finding, &columns(attribute))]
        };
        // A cell without rows is listed by us and absent from the goldens.
        if block.is_object() {
            assert_equal(&finding["value"], &block[key], &format!("{name} {}", finding["subject"]));
            compared += 1;
        }
    }
    let groups: usize = attributes.values().map(|a| a["groups"].as_object().unwrap().len()).sum();
    assert_eq!(compared, KEYS.len() * (groups + 1));
}

#[test]
fn compas() {
    every_group_equals_its_golden("compas");
}

#[test]
fn german() {
    every_group_equals_its_golden("german");
}

#[test]
fn edge_cases() {
    every_group_equals_its_golden("edge_cases");
}

/// Runs the command on a table and reads the record.
fn record(table: &str, more: &[&str]) -> Value {
    let folder = Folder::new();
    std::fs::write(folder.path("p.csv"), table).unwrap();
    let out = folder.audit(&[&["fairness", "p.csv", "--json"], more].concat());
    assert_eq!(out.code, 0, "{out:?}");
    serde_json::from_str(&out.stdout).unwrap()
}

fn findings<'a>(record: &'a Value, check: &str) -> Vec<&'a Value> {
    let all = record["findings"].as_array().unwrap();
    all.iter().filter(|f| f["check"] == check).collect()
}

const TABLE: &str = "y_true,y_pred,score,sex,age,w\n\
1,1,0.9,f,old,2\n1,0,0.4,f,old,1\n0,0,0.2,f,young,1\n0,1,0.7,f,young,1\n\
1,1,0.8,m,old,1\n0,0,0.3,m,old,1\n1,1,0.6,m,young,0\n0,0,0.1,m,young,3\n";

#[test]
fn weights_are_used_where_they_are_named_and_the_record_says_so() {
    let plain = record(TABLE, &["--by", "sex"]);
    let weighted = record(TABLE, &["--by", "sex", "--weight", "w"]);
    let accuracy = |record: &Value| findings(record, "accuracy")[0]["value"].as_f64().unwrap();
    // 6 of 8 rows; 8 of 10 by weight.
    assert!((accuracy(&plain) - 0.75).abs() < 1e-12);
    assert!((accuracy(&weighted) - 0.8).abs() < 1e-12);
    let interval = &findings(&weighted, "accuracy")[0]["interval"]["method"];
    assert_eq!(interval, "wilson, effective n");
    assert_eq!(weighted["model"]["settings"]["weight"], "w");
    assert_eq!(plain["model"]["settings"].as_object().unwrap().len(), 0);
}

#[test]
fn a_weight_that_is_none_names_its_row() {
    let folder = Folder::new();
    std::fs::write(folder.path("p.csv"), TABLE.replace(",0\n0,0,0.1", ",-3\n0,0,0.1")).unwrap();
    let out = folder.audit(&["fairness", "p.csv", "--by", "sex", "--weight", "w"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("row 7 of column `w`") && out.stderr.contains("-3"), "{out:?}");
}

#[test]
fn a_threshold_takes_the_place_of_the_decisions() {
    let at = |threshold: &str| {
        let more = ["--by", "sex", "--score", "score", "--threshold", threshold];
        let record = record(TABLE, &more);
        assert_eq!(record["model"]["settings"]["threshold"], threshold);
        findings(&record, "selection_rate")[0]["value"].as_f64().unwrap()
    };
    assert!((at("0.4") - 5.0 / 8.0).abs() < 1e-12 && (at("0.85") - 1.0 / 8.0).abs() < 1e-12);
    let folder = Folder::new();
    std::fs::write(folder.path("p.csv"), TABLE.replace("score", "note")).unwrap();
    let out = folder.audit(&["fairness", "p.csv", "--by", "sex", "--threshold", "0.4"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("needs scores"), "{out:?}");
}

#[test]
fn control_features_compare_within_their_levels() {
    let record = record(TABLE, &["--by", "sex", "--control", "age"]);
    let of = findings(&record, "demographic_parity_difference");
    let within: Vec<&str> =
        of.iter().filter_map(|f| f["subject"]["within"]["age"].as_str()).collect();
    assert_eq!(within, ["old", "young", "(mean)", "(worst)"]);
    let by: Vec<&Value> = of.iter().map(|f| &f["subject"]["by"][0]).collect();
    assert_eq!(by, ["sex", "sex", "sex", "sex", "sex", "age"]);
}

#[test]
fn metrics_are_chosen_by_name() {
    let named = record(TABLE, &["--by", "sex", "--metrics", "accuracy,abroca", "--score", "score"]);
    let checks: std::collections::BTreeSet<&str> =
        named["findings"].as_array().unwrap().iter().filter_map(|f| f["check"].as_str()).collect();
    assert_eq!(checks.into_iter().collect::<Vec<_>>(), ["abroca", "accuracy"]);
    let all = record(TABLE, &["--by", "sex", "--metrics", "all", "--score", "score"]);
    let default = record(TABLE, &["--by", "sex", "--score", "score"]);
    let count = |record: &Value| record["findings"].as_array().unwrap().len();
    assert!(count(&all) > count(&default) && count(&default) > 60);
    let folder = Folder::new();
    std::fs::write(folder.path("p.csv"), TABLE).unwrap();
    let out = folder.audit(&["fairness", "p.csv", "--metrics", "acuracy"]);
    assert!(out.code == 2 && out.stderr.contains("did you mean `accuracy`?"), "{out:?}");
}

#[test]
fn what_is_recorded_names_the_digest_of_its_table() {
    let folder = Folder::new();
    let table = "y_true,y_pred,g\n1,1,a\n0,1,b\n1,0,a\n0,0,b\n";
    folder.write("t.csv", table);
    let digest = ::audit::domain::digest_hex(table.as_bytes());
    let json = folder.audit(&["fairness", "t.csv", "--by", "g", "--json"]);
    assert!(json.stdout.contains(&digest));
    folder.audit(&["fairness", "t.csv", "--by", "g", "--out", "r"]);
    let record = String::from_utf8(folder.bytes("r/assessment.json")).unwrap();
    assert!(record.contains(&digest));
}

#[test]
fn the_terminal_shows_rates_and_gaps_and_how_to_see_the_rest() {
    let folder = Folder::new();
    std::fs::write(folder.path("p.csv"), TABLE).unwrap();
    let words = ["fairness", "p.csv", "--by", "sex", "--score", "score"];
    let brief = folder.audit(&words).stdout;
    assert!(brief.lines().count() < 16, "{brief}");
    for part in ["group", "sex=f", "equalized_odds_difference", "[", "--metrics all", "--json"] {
        assert!(brief.contains(part), "{part} in {brief}");
    }
    let all = folder.audit(&[&words[..], &["--metrics", "all"]].concat()).stdout;
    assert!(all.lines().count() > 100 && !all.contains("numbers in all"), "{all}");
}
