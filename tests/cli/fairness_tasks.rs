//! `audit fairness --task`, and the same in a configuration.

use super::Folder;
use serde_json::Value;

const CLASSES: &str = "y,p,sex\ncat,cat,f\ncat,dog,f\ndog,dog,f\neel,eel,f\ncat,cat,m\ndog,cat,m\n\
dog,dog,m\neel,eel,m\neel,dog,m\ncat,cat,f\n";

fn run(table: &str, more: &[&str]) -> (i32, String, String) {
    let folder = Folder::new();
    std::fs::write(folder.path("p.csv"), table).unwrap();
    let out = folder.audit(&[&["fairness", "p.csv"], more].concat());
    (out.code, out.stdout, out.stderr)
}

fn record(table: &str, more: &[&str]) -> Value {
    let (code, stdout, stderr) = run(table, &[&["--json"], more].concat());
    assert_eq!(code, 0, "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

fn findings<'a>(record: &'a Value, check: &str) -> Vec<&'a Value> {
    let all = record["findings"].as_array().unwrap();
    all.iter().filter(|f| f["check"] == check).collect()
}

#[test]
fn more_than_two_labels_are_classes_and_each_has_its_rates() {
    let columns = ["--y-true", "y", "--y-pred", "p", "--by", "sex"];
    let told = record(CLASSES, &[&["--task", "multiclass"], &columns[..]].concat());
    let detected = record(CLASSES, &columns);
    assert_eq!(told["findings"], detected["findings"]);
    assert_eq!(detected["model"]["settings"]["task"], "multiclass");
    // 7 of 10 rows; recall 3/4, 2/3, 2/3.
    assert_eq!(findings(&told, "accuracy")[0]["value"], 0.7);
    let recall = findings(&told, "recall_macro")[0]["value"].as_f64().unwrap();
    assert!((recall - (0.75 + 4.0 / 3.0) / 3.0).abs() < 1e-12);
    let of = findings(&told, "true_positive_rate");
    let labels: Vec<&str> = of.iter().filter_map(|f| f["subject"]["label"].as_str()).collect();
    assert_eq!(labels, ["cat", "cat", "cat", "dog", "dog", "dog", "eel", "eel", "eel"]);
    let worst = findings(&told, "worst_class_true_positive_rate_difference");
    assert_eq!(worst.len(), 1);
    let names: Vec<&str> = worst[0]["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|evidence| evidence["name"].as_str())
        .collect();
    assert!(names.contains(&"deciding_class"), "{names:?}");
    // A positive label asks for one class against the rest, as ever.
    let one = record(CLASSES, &[&["--positive", "cat"], &columns[..]].concat());
    assert!(findings(&one, "recall_macro").is_empty());
    assert_eq!(findings(&one, "true_positive_rate")[0]["value"], 0.75);
}

#[test]
fn what_only_two_classes_have_is_refused_by_name() {
    let columns = ["--y-true", "y", "--y-pred", "p", "--by", "sex", "--threshold", "0.5"];
    let (code, _, stderr) = run(CLASSES, &columns);
    assert!(code == 2 && stderr.contains("`--threshold`"), "{stderr}");
    let mut many = "y_true,y_pred,sex\n".to_owned();
    (0..300).for_each(|i| many += &format!("{i}.5,{i}.5,f\n"));
    let (code, _, stderr) = run(&many, &["--by", "sex"]);
    assert!(code == 2 && stderr.contains("--task regression"), "{stderr}");
}

#[test]
fn numbers_have_errors_by_group() {
    let table = "y_true,y_pred,sex\n1,2,f\n2,1,f\n3,6,m\n6,7,m\n";
    let record = record(table, &["--task", "regression", "--by", "sex", "--out", "r"]);
    // 1.5 of all; 1 and 2 of the groups.
    assert_eq!(findings(&record, "mean_absolute_error")[0]["value"], 1.5);
    assert_eq!(findings(&record, "mean_absolute_error_difference")[0]["value"], 1.0);
    assert_eq!(findings(&record, "mean_error")[1]["value"], 0.0);
    let (code, _, stderr) = run("y_true,y_pred\n1,x\n", &["--task", "regression"]);
    assert!(code == 2 && stderr.contains("row 1 of column `y_pred`"), "{stderr}");
}

#[test]
fn a_configuration_names_the_task_and_rules_judge_every_class() {
    let folder = Folder::new();
    std::fs::write(folder.path("p.csv"), CLASSES).unwrap();
    let config = "version: 1\nname: Classes\ndataset:\n  format: predictions\n  path: p.csv\n  \
        positive: cat\n  columns: {y_true: y, y_pred: p}\n  groups: [sex]\n\
        fairness: {task: multiclass, min_group_size: 2}\n\
        gate:\n  - {check: accuracy, at_least: 0.5}\n  \
        - {check: worst_class_true_positive_rate_difference, by: sex, at_most: 0.1}\n  \
        - {check: true_positive_rate_difference, by: sex, at_most: 0.9}\n";
    std::fs::write(folder.path("a.yaml"), config).unwrap();
    let out = folder.audit(&["run", "a.yaml", "--only", "fairness", "--json", "--out", "r"]);
    assert_eq!(out.code, 1, "{out:?}");
    let record: Value = serde_json::from_str(&out.stdout).unwrap();
    let gate = record["gate"].as_array().unwrap();
    let verdicts: Vec<&str> = gate.iter().filter_map(|row| row["verdict"].as_str()).collect();
    assert_eq!(verdicts.len(), 5, "{verdicts:?}");
    assert_eq!(verdicts[1], "fail");
    let page = std::fs::read_to_string(folder.path("r").join("index.html")).unwrap();
    assert!(page.contains("Each class against all others"));
    std::fs::write(folder.path("b.yaml"), config.replace("multiclass", "ranking")).unwrap();
    let out = folder.audit(&["check", "b.yaml"]);
    assert!(out.code == 2 && out.stderr.contains("ranking"), "{out:?}");
}

#[test]
fn lists_have_their_quality_by_user_and_their_attention_by_item() {
    let mut table = "user,item,s,rel,age,kind\n".to_owned();
    for user in 0..12_u32 {
        for item in 0..6_u32 {
            let (score, relevance) = ((user * 5 + item * 7) % 13, (user + item) % 3 / 2);
            let (age, kind) =
                (["old", "young"][usize::from(user % 2 == 0)], ["a", "b"][usize::from(item > 3)]);
            table += &format!("u{user},i{item},{score},{relevance},{age},{kind}\n");
        }
    }
    let columns = [
        "--task",
        "ranking",
        "--query",
        "user",
        "--item",
        "item",
        "--score",
        "s",
        "--relevance",
        "rel",
    ];
    let more = ["--at", "3", "--by", "age", "--by", "kind", "--out", "r"];
    let record = record(&table, &[&columns[..], &more].concat());
    assert_eq!(record["model"]["settings"]["at"], "3");
    let ndcg = findings(&record, "ndcg_at_k");
    assert_eq!((ndcg.len(), ndcg[0]["n"].as_u64()), (3, Some(12)));
    let shares = findings(&record, "exposure_share");
    let total: f64 = shares.iter().filter_map(|f| f["value"].as_f64()).sum();
    assert!(shares.len() == 2 && (total - 1.0).abs() < 1e-12);
    let (code, _, stderr) = run(&table.replace("u0,i1", "u0,i0"), &[&columns[..], &more].concat());
    assert!(code == 2 && stderr.contains("lists item `i0` twice"), "{stderr}");
}
