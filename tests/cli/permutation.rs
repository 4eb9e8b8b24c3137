//! Tests of gaps by permutation, and the interval of the area between ROC curves.

use super::Folder;
use serde_json::Value;

/// 200 rows; the scores of the women's positives lie higher than those of the men's.
fn table() -> String {
    let mut text = "y_true,y_pred,score,sex\n".to_owned();
    for i in 0..200 {
        let (woman, positive) = (i % 2 == 0, i / 2 % 2 == 0);
        let lift = if woman && positive { 0.4 } else { 0.0 };
        let score = 0.1 + 0.002 * f64::from(i * 37 % 200) + lift;
        let sex = if woman { "f" } else { "m" };
        text += &format!("{},{},{score:.3},{sex}\n", u8::from(positive), u8::from(score > 0.4));
    }
    text
}

fn found<'a>(record: &'a Value, check: &str) -> Vec<&'a Value> {
    record["findings"].as_array().unwrap().iter().filter(|f| f["check"] == check).collect()
}

#[test]
fn gaps_without_a_formula_are_tested_on_request_and_alike_each_time() {
    let f = Folder::new();
    f.write("t.csv", &table());
    let run = |more: &[&str]| -> Value {
        let out = f.audit(&[&["fairness", "t.csv", "--by", "sex", "--json"], more].concat());
        assert_eq!(out.code, 0, "{out:?}");
        serde_json::from_str(&out.stdout).unwrap()
    };
    assert!(found(&run(&[]), "roc_auc_test").is_empty());
    let record = run(&["--tests", "permutation"]);
    let [area] = found(&record, "roc_auc_test")[..] else { panic!("{record}") };
    assert!(area["value"].as_f64().unwrap() < 0.05, "{area}");
    assert!(area.to_string().contains("\"permutations\""), "{area}");
    let rate = found(&record, "selection_rate_test")[0];
    assert!(rate.to_string().contains("\"largest_gap\""), "{rate}");
    assert_eq!(record["findings"], run(&["--tests", "permutation"])["findings"]);
    // Asked for by name, it needs no switch.
    let named = run(&["--metrics", "roc_auc_test,abroca"]);
    assert_eq!(found(&named, "roc_auc_test").len(), 1);
    let abroca = found(&named, "abroca")[0];
    assert_eq!(abroca["interval"]["method"], "bootstrap_norm");
    assert!(abroca["interval"]["low"].as_f64().unwrap() > 0.0, "{abroca}");
}
