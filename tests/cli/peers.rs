//! `audit fairness` with the conventions of other libraries, features and Local Law 144.

use super::Folder;
use serde_json::Value;

/// Group a: two hits and two right rejections; group b: three right rejections, no positive.
const TABLE: &str = "y_true,y_pred,g\n1,1,a\n1,1,a\n0,0,a\n0,0,a\n0,0,b\n0,0,b\n0,0,b\n";

fn table() -> Folder {
    let f = Folder::new();
    f.write("t.csv", TABLE);
    f.write("x.csv", "id,x\nr1,1\nr2,2\nr3,3\nr4,4\nr5,5\nr6,6\nr7,7\n");
    f
}

fn value(stdout: &str, check: &str, label: Option<&str>) -> Value {
    let record: Value = serde_json::from_str(stdout).unwrap();
    let fits = |f: &&Value| f["check"] == check && f["subject"]["label"].as_str() == label;
    let found = record["findings"].as_array().unwrap().iter().find(fits);
    found.unwrap_or_else(|| panic!("no {check} {label:?}"))["value"].clone()
}

#[test]
fn a_peer_stands_beside_our_number() {
    let out = table().audit(&["fairness", "t.csv", "--by", "g", "--compat", "fairlearn", "--json"]);
    assert_eq!(out.code, 0, "{out:?}");
    // Perfect, but b has no positives: fairlearn counts its true positive rate as 0.
    let label = Some("between_groups, worst_case");
    assert_eq!(value(&out.stdout, "fairlearn.equalized_odds_difference", label), 1.0);
    assert!(value(&out.stdout, "equalized_odds_difference", None).is_null());
    assert!(!out.stdout.contains("aif360."));
}

#[test]
fn an_unknown_peer_is_told_the_known_ones() {
    let out = table().audit(&["fairness", "t.csv", "--compat", "fairlern"]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("fairlearn, aif360, aequitas"), "{}", out.stderr);
}

#[test]
fn features_give_consistency_and_what_is_no_number_is_named() {
    let f = table();
    let arguments = ["fairness", "t.csv", "--features", "x.csv", "--skip-feature", "id", "--json"];
    let out = f.audit(&arguments);
    assert_eq!(out.code, 0, "{out:?}");
    let found = value(&out.stdout, "consistency", None).as_f64().unwrap();
    // Of the five nearest among the other six rows, rows 1 and 2 agree with one; rows 3 and 4 leave
    // out row 7 and agree with three; rows 5 to 7 leave out row 1 and agree with four.
    let expected = (0.2 + 0.2 + 0.6 + 0.6 + 0.8 + 0.8 + 0.8) / 7.0;
    assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    let out = f.audit(&arguments[..4]);
    assert_eq!(out.code, 2);
    assert!(out.stderr.contains("`id` is not a number in row 1"), "{}", out.stderr);
}

#[test]
fn the_tables_of_local_law_144_are_made_when_asked_for() {
    let out = table().audit(&["fairness", "t.csv", "--by", "g", "--local-law-144", "--json"]);
    assert_eq!(out.code, 0, "{out:?}");
    assert_eq!(value(&out.stdout, "local_law_144_unknown", None), 0.0);
    let record: Value = serde_json::from_str(&out.stdout).unwrap();
    let findings = record["findings"].as_array().unwrap().iter();
    let ratios: Vec<&Value> =
        findings.filter(|f| f["check"] == "local_law_144_impact_ratio").collect();
    // a is selected in 2 of 4, b never; then the smallest.
    let values: Vec<String> = ratios.iter().map(|f| f["value"].to_string()).collect();
    assert_eq!(values, ["1.0", "0.0", "0.0"]);
}
