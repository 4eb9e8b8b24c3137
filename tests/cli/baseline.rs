//! `--baseline`: what changed since an earlier run on the same rows.

use super::Folder;
use serde_json::Value;

/// 400 rows with ids; the run decides wrongly where `wrong` says so.
fn table(ids: impl Iterator<Item = usize>, wrong: fn(usize) -> bool) -> String {
    let mut text = "id,y_true,y_pred,score,sex\n".to_owned();
    for i in ids {
        let (sex, truth) = (["f", "m"][i % 2], i / 2 % 2 == 0);
        let decided = truth != wrong(i);
        let score = if decided { 0.5 + 0.001 * f64::from(u32::try_from(i).unwrap()) } else { 0.3 };
        text += &format!("r{i},{},{},{score},{sex}\n", u8::from(truth), u8::from(decided));
    }
    text
}

fn good() -> String {
    table(0..400, |i| i % 10 == 0)
}

fn changes(record: &str) -> Vec<Value> {
    let record: Value = serde_json::from_str(record).unwrap();
    let all = record["findings"].as_array().unwrap();
    let change = |f: &&Value| f["check"].as_str().unwrap().ends_with("_change");
    all.iter().filter(change).cloned().collect()
}

#[test]
fn a_table_is_compared_row_by_row_whatever_the_order() {
    let f = Folder::new();
    f.write("new.csv", &table(0..400, |i| i % 5 == 0));
    f.write("old.csv", &table((0..400).rev(), |i| i % 10 == 0));
    let out = f.audit(&[
        "fairness",
        "new.csv",
        "--baseline",
        "old.csv",
        "--id",
        "id",
        "--by",
        "sex",
        "--score",
        "score",
        "--json",
        "--out",
        "r",
    ]);
    assert_eq!(out.code, 0, "{out:?}");
    let all = changes(&out.stdout);
    let accuracy: Vec<&Value> = all.iter().filter(|f| f["check"] == "accuracy_change").collect();
    // 80 of 400 are wrong now, 40 were; the men's new mistakes are all new, the women's none.
    let values: Vec<f64> = accuracy.iter().map(|f| f["value"].as_f64().unwrap()).collect();
    assert_eq!(values, [-0.1, 0.0, -0.2]);
    assert_eq!(accuracy[0]["subject"]["reference"]["(baseline)"], "old.csv");
    assert_eq!(accuracy[0]["interval"]["method"], "tango");
    let gap = all.iter().find(|f| f["check"] == "demographic_parity_difference_change").unwrap();
    assert!(gap["value"].is_number() && gap["interval"]["method"] == "mover_tango", "{gap}");
    let page = String::from_utf8(f.bytes("r/index.html")).unwrap();
    assert!(page.contains("Changes since an earlier run") && page.contains("old.csv"));
    let page = String::from_utf8(f.bytes("r/index.zh.html")).unwrap();
    assert!(page.contains("与先前一次相比的变化") && page.contains("准确率的变化"));
}

#[test]
fn without_ids_rows_are_compared_by_position() {
    let without = |text: &str| -> String {
        text.lines().map(|line| line.split_once(',').unwrap().1.to_owned() + "\n").collect()
    };
    let f = Folder::new();
    f.write("new.csv", &without(&good()));
    f.write("old.csv", &without(&table(0..400, |i| i % 5 == 0)));
    let run = ["fairness", "new.csv", "--baseline", "old.csv", "--by", "sex", "--json"];
    let out = f.audit(&run);
    assert_eq!(out.code, 0, "{out:?}");
    assert!((changes(&out.stdout)[1]["value"].as_f64().unwrap() - 0.1).abs() < 1e-12);
    let other = without(&good()).replacen(",f\n", ",m\n", 1);
    f.write("old.csv", &other);
    let out = f.audit(&run);
    assert_eq!(out.code, 2, "{out:?}");
    assert!(out.stderr.contains("row 1 belongs to another group of `sex`"), "{out:?}");
}

#[test]
fn runs_on_other_rows_are_refused_with_the_first_that_does_not_fit() {
    let f = Folder::new();
    f.write("new.csv", &good());
    let twice = good() + "r7,1,1,0.5,m\n";
    let flipped = good().replacen("r3,0,", "r3,1,", 1);
    for (old, said) in [
        (table(0..399, |_| false), "1 test rows are missing"),
        (table(0..402, |_| false), "holds 2 test rows"),
        (twice, "the id `r7` names several"),
        (flipped, "`r3`: `1` there, `0` here"),
    ] {
        f.write("old.csv", &old);
        let out = f.audit(&["fairness", "new.csv", "--baseline", "old.csv", "--by", "sex"]);
        assert_eq!(out.code, 2, "{out:?}");
        assert!(out.stderr.contains(said), "{said}: {out:?}");
    }
    std::fs::create_dir(f.path("r")).unwrap();
    f.write("r/assessment.json", "{}");
    let out = f.audit(&["fairness", "new.csv", "--baseline", "r"]);
    assert!(out.code == 2 && out.stderr.contains("holds no `predictions.parquet`"), "{out:?}");
}

#[test]
fn a_baseline_that_cannot_be_read_is_named() {
    let f = Folder::new();
    f.write("new.csv", &good());
    f.write("empty.csv", "");
    f.write("header.csv", "id,y_true,y_pred,score,sex\n");
    f.write("bare.csv", "id,y_true,y_pred,sex\nr0,1,1,f\n");
    for (old, said) in [
        ("nowhere.csv", "`nowhere.csv` does not exist"),
        ("empty.csv", "`empty.csv` holds no rows"),
        ("header.csv", "`header.csv` holds no rows"),
        ("bare.csv", "the baseline `bare.csv` has no scores, but the threshold needs them"),
    ] {
        let run = ["fairness", "new.csv", "--baseline", old, "--by", "sex", "--threshold", "0.5"];
        let out = f.audit(&run);
        assert_eq!(out.code, 2, "{out:?}");
        assert!(out.stderr.contains(said) && out.stderr.lines().count() == 1, "{said}: {out:?}");
    }
    let out = f.audit(&["fairness", "new.csv", "--baseline", "new.csv", "--task", "multiclass"]);
    assert!(out.code == 2 && out.stderr.contains("`--baseline` is not for"), "{out:?}");
}

#[test]
fn an_engineer_reads_whether_the_gap_has_grown() {
    // The women's selections are untouched; of 200 men, 80 more are selected, so that a gap of 0 has
    // become one of 0.4.
    let rows = |more: bool| {
        let mut text = "id,y_true,y_pred,sex\n".to_owned();
        for i in 0..400 {
            let selected = i / 2 % 2 == 0 || more && i % 2 == 1 && i < 320;
            text += &format!("r{i},{},{},{}\n", i / 2 % 2, u8::from(selected), ["f", "m"][i % 2]);
        }
        text
    };
    let f = Folder::new();
    f.write("new.csv", &rows(true));
    f.write("old.csv", &rows(false));
    let out = f.audit(&["fairness", "new.csv", "--baseline", "old.csv", "--by", "sex"]);
    assert_eq!(out.code, 0, "{out:?}");
    let (_, since) = out.stdout.split_once("since `old.csv`, on the same rows").unwrap();
    let cells = |start: &str| -> Vec<String> {
        let line = since.lines().find(|line| line.starts_with(start)).unwrap();
        line.split_whitespace().map(str::to_owned).collect()
    };
    let gap = cells("demographic_parity_difference");
    assert_eq!(gap[1..6], ["by", "sex", "0.4000", "0", "0.4000"], "{out:?}");
    // The interval excludes that it has not grown.
    let low: f64 = gap[6].trim_start_matches('[').trim_end_matches(',').parse().unwrap();
    assert!((0.05..0.4).contains(&low), "{gap:?}");
    // McNemar by group: 80 men differ, all one way; no woman does.
    let of = |group: &str| {
        let line = since.lines().find(|l| l.starts_with("selection_rate ") && l.contains(group));
        line.unwrap().split_whitespace().last().unwrap().parse::<f64>().unwrap()
    };
    assert!(of("sex=m") < 1e-12 && (of("sex=f") - 1.0).abs() < 1e-12, "{since}");
    assert!(since.contains("changes tested are more than chance"), "{since}");
}

const CONFIG: &str = "version: 1\nname: Small\ndataset:\n  format: predictions\n  path: p.csv\n  \
                      positive: 1\n  groups: [sex]\ngate:\n";

#[test]
fn a_run_is_judged_against_an_earlier_one() {
    let f = Folder::new();
    f.write("p.csv", &good());
    let rules = "  - {check: accuracy_change, at_least: -0.02, judge: lower}\n  \
                 - {check: accuracy_change, by: sex, at_least: -0.05, judge: lower}\n  \
                 - {check: demographic_parity_difference_change, by: sex, at_most: 0.05, judge: upper}\n";
    f.write("a.yaml", &format!("{CONFIG}{rules}"));
    let alone = f.audit(&["run", "a.yaml", "--out", "old"]);
    assert_eq!(alone.code, 1, "{alone:?}");
    assert!(alone.stdout.contains("give one with `--baseline`"), "{alone:?}");
    // The same model is not worse.
    for given in ["old", "old/assessment.json"] {
        let same = f.audit(&["run", "a.yaml", "--out", "new", "--baseline", given]);
        assert_eq!(same.code, 0, "{same:?}");
    }
    f.write("p.csv", &table(0..400, |i| i % 5 == 0));
    let worse = f.audit(&["run", "a.yaml", "--out", "new", "--baseline", "old"]);
    assert_eq!(worse.code, 1, "{worse:?}");
    assert!(worse.stdout.contains("accuracy_change"), "{worse:?}");
    assert_eq!(f.audit(&["verify", "new"]).code, 0);
}
