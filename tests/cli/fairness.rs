//! `audit fairness TABLE` against what other libraries computed from the same table.

use super::audit;
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
