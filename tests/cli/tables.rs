//! Tables as people have them, through the real command: a right result or a message with a way
//! out, never a panic.

use super::{Ended, Folder};
use serde_json::Value;

/// Runs `audit fairness` on a table of this text.
fn on(text: impl AsRef<[u8]>, more: &[&str]) -> Ended {
    let folder = Folder::new();
    std::fs::write(folder.path("t.csv"), text).unwrap();
    fairness(&folder, "t.csv", more)
}

fn fairness(folder: &Folder, file: &str, more: &[&str]) -> Ended {
    let ended = folder.audit(&[&["fairness", file, "--json"], more].concat());
    assert!(!ended.all().contains("panicked"), "{ended:?}");
    ended
}

/// The command refuses, and says all of `words`.
fn refused(ended: &Ended, words: &[&str]) {
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{ended:?}");
    for word in words {
        assert!(ended.stderr.contains(word), "{word} in {}", ended.stderr);
    }
}

/// Check and group (`all`, or its levels joined) → finding.
fn found<'a>(record: &'a Value, check: &str, group: &str) -> &'a Value {
    let name = |f: &Value| match f["subject"]["group"].as_object() {
        Some(g) => g.values().filter_map(Value::as_str).collect::<Vec<_>>().join("|"),
        None => "all".to_owned(),
    };
    let all = record["findings"].as_array().unwrap();
    let this = |f: &&Value| f["check"] == check && name(f) == group;
    all.iter().find(this).unwrap_or_else(|| panic!("{check} of {group}"))
}

fn record(ended: &Ended) -> Value {
    assert_eq!(ended.code, 0, "{ended:?}");
    serde_json::from_str(&ended.stdout).unwrap()
}

fn counts(ended: &Ended, expected: &[(&str, u64)]) {
    let record = record(ended);
    for (group, n) in expected {
        assert_eq!(found(&record, "count", group)["n"], *n, "{group}");
    }
}

/// Forty rows of `y_true,y_pred,score,g`.
fn plain() -> String {
    let row =
        |i: usize| format!("{},{},0.{},{}\n", i % 2, i / 2 % 2, 10 + i, ["a", "b", "b"][i % 3]);
    (0..40).map(row).collect()
}

const BY: [&str; 4] = ["--by", "g", "--score", "score"];

#[test]
fn three_hundred_groups_are_listed() {
    let row = |i: u32| format!("{},{},0.5,g{}\n", i % 2, i / 2 % 2, i % 300);
    let rows: String = (0..1200).map(row).collect();
    counts(
        &on(format!("y_true,y_pred,score,g\n{rows}"), &BY),
        &[("g0", 4), ("g299", 4), ("all", 1200)],
    );
}

#[test]
fn a_group_of_one_row_has_a_count_and_no_invented_rate() {
    let text = format!("y_true,y_pred,score,g\n{}0,0,0.5,lone\n", plain());
    let record = record(&on(text, &BY));
    assert_eq!(found(&record, "count", "lone")["n"], 1);
    let recall = found(&record, "true_positive_rate", "lone");
    assert_eq!(
        (&recall["value"], &recall["undefined"]["kind"]),
        (&Value::Null, &"no_positives".into())
    );
}

#[test]
fn labels_that_are_all_equal_leave_rates_undefined() {
    let record = record(&on("y_true,y_pred,g\n1,1,a\n1,1,b\n", &["--by", "g"]));
    assert_eq!(found(&record, "true_positive_rate", "all")["value"], 1.0);
    assert_eq!(found(&record, "false_positive_rate", "all")["value"], Value::Null);
    refused(
        &on("y_true,y_pred,g\n0,0,a\n0,0,b\n", &["--by", "g"]),
        &["to one of the labels", "`0`"],
    );
}

#[test]
fn scores_that_are_no_probabilities_are_named_by_row() {
    for (score, word) in [
        ("1.5", "`1.5`"),
        ("inf", "`inf`"),
        ("-0.1", "`-0.1`"),
        ("NaN", "`NaN`"),
        ("high", "`high`"),
    ] {
        let ended = on(format!("y_true,y_pred,score,g\n1,0,0.5,a\n0,1,{score},b\n"), &BY);
        refused(&ended, &["row 2 of column `score`", word, "between 0 and 1"]);
    }
    refused(
        &on("y_true,y_pred,score,g\n1,0,,a\n0,1,1,b\n", &BY),
        &["row 1 of column `score`", "is empty"],
    );
}

#[test]
fn mixed_cells_are_texts_as_they_are_written() {
    let ended =
        on("y_true,y_pred,g\n1,0.0,7\n0,1.0,007\n1.0,1,seven\n 0 ,0,true\n", &["--by", "g"]);
    counts(&ended, &[("7", 1), ("007", 1), ("seven", 1), ("true", 1)]);
}

#[test]
fn scores_belong_to_two_classes_and_more_need_a_positive_one() {
    let text = "y_true,y_pred,score,g\n1,0,0.3,a\nyes,1,0.4,b\n0,x,0.5,3\n";
    refused(&on(text, &BY), &["`--score` is not for", "more than two labels", "`--positive`"]);
}

#[test]
fn no_rows_and_no_columns_are_refused() {
    refused(&on("", &BY), &["holds no rows"]);
    refused(&on("\n \n", &BY), &["holds no rows"]);
    refused(&on("y_true,y_pred,score,g\n", &BY), &["holds no rows"]);
    refused(&on("y_true,y_pred,y_pred\n1,0,1\n", &[]), &["more than one column `y_pred`"]);
    refused(
        &on("y_true,y_pred,sxe\n1,0,f\n", &["--by", "sex"]),
        &["no column `sex`", "did you mean `sxe`?"],
    );
}

#[test]
fn missing_cells_stop_labels_and_are_a_group() {
    refused(
        &on("y_true,y_pred,g\n1,0,a\n,1,b\n", &["--by", "g"]),
        &["row 2 of column `y_true`", "is empty"],
    );
    refused(
        &on("y_true,y_pred,g\n1,0,a\n0, ,b\n", &["--by", "g"]),
        &["row 2 of column `y_pred`", "is empty"],
    );
    let ended = on("y_true,y_pred,g,h\n1,0,,x\n0,1,b,x\n1,1,(missing),x\n", &["--by", "g*h"]);
    counts(&ended, &[("(missing)|x", 2), ("b|x", 1)]);
}

#[test]
fn byte_order_mark_line_ends_separators_and_quotes_do_not_matter() {
    let plain = "y_true,y_pred,score,g\n1,0,0.25,\"a, b\"\n0,1,0.5,\"two\nlines\"\n1,1,1,c\n";
    let crlf = format!("\u{feff}{}", plain.replace('\n', "\r\n").replace("two\r\n", "two\n"));
    let expected = [("a, b", 1), ("two\nlines", 1), ("c", 1)];
    counts(&on(plain, &BY), &expected);
    counts(&on(crlf, &BY), &expected);
    for separator in [";", "\t"] {
        let text = plain.replace(',', separator).replace(&format!("a{separator} b"), "a, b");
        counts(&on(text, &BY), &expected);
    }
    refused(
        &on("y_true|y_pred|g\n1|0|a\n", &["--by", "g"]),
        &["no column `y_true`", "y_true|y_pred|g"],
    );
}

#[test]
fn bytes_that_are_no_table_are_told_apart() {
    refused(&on(b"y_true,y_pred\n1,\xff\n", &[]), &["byte 17 is not UTF-8"]);
    refused(&on(b"\xff\xfey\0", &[]), &["UTF-16"]);
    refused(&on(b"PK\x03\x04aaaa", &[]), &["Excel"]);
    refused(&on(b"\x1f\x8b\x08aaaa", &[]), &["gzip"]);
    refused(&on(b"ARROW1\0\0", &[]), &["Arrow IPC"]);
    refused(&on("y_true,y_pred\n1,\"0\n", &[]), &["line 2 is never closed"]);
    refused(&on("y_true,y_pred\n1,0\n1\n", &[]), &["line 3 has 1 fields"]);
    let folder = Folder::new();
    refused(&fairness(&folder, ".", &[]), &["it is a folder"]);
    refused(&fairness(&folder, "none.csv", &[]), &["does not exist"]);
}

#[test]
fn json_lines_are_a_table() {
    let lines = "{\"y_true\": false, \"y_pred\": false, \"score\": 0.5, \"g\": \"a\"}\n\n\
        {\"y_true\": true, \"y_pred\": true, \"score\": 1e-3, \"g\": null}\n\
        {\"y_true\":\"true\",\"y_pred\":true,\"score\":1}";
    let ended = on(lines, &[&BY[..], &["--positive", "true"]].concat());
    counts(&ended, &[("a", 1), ("(missing)", 2)]);
    refused(&on("{\"y_true\": 1}\n{\"y_true\": }\n", &[]), &["line 2 is no JSON object"]);
    refused(&on("{\"y_true\": [1]}\n", &[]), &["`y_true` in line 1 holds a list"]);
    refused(&on("[{\"y_true\": 1}]", &[]), &["one object per line"]);
}

#[test]
fn labels_are_any_and_the_positive_one_must_occur() {
    let text = "y_true,y_pred,g\nbad,good,a\ngood,good,b\nfair,good,a\n";
    let record = record(&on(text, &["--by", "g", "--positive", "good"]));
    assert_eq!(
        found(&record, "base_rate", "all")["value"].as_f64().map(|v| (v * 3.0).round()),
        Some(1.0)
    );
    let ended = on(text, &["--positive", "goood"]);
    refused(&ended, &["positive class `goood`", "did you mean `good`?"]);
    refused(
        &on("y_true,y_pred\nyes,1\nno,0\n", &[]),
        &["share no label", "`no`, `yes`", "`0`, `1`"],
    );
}

#[test]
fn an_id_is_no_group() {
    let rows: String =
        (0..60).map(|i| format!("{},{},u{i},{}\n", i % 2, i / 2 % 2, i % 50)).collect();
    let text = format!("y_true,y_pred,id,age\n{rows}");
    refused(&on(&text, &["--by", "id"]), &["column `id`", "looks like an id", "bands"]);
    assert_eq!(on(&text, &["--by", "age"]).code, 0);
    let rows: String =
        (0..40_000).map(|i| format!("{},{},{}\n", i % 2, i / 2 % 2, i % 20_000)).collect();
    refused(
        &on(format!("y_true,y_pred,zip\n{rows}"), &["--by", "zip"]),
        &["`zip`", "different values"],
    );
    let rows: String = (0..4_000).map(|i| format!("1,1,{},{}\n", i % 500, i % 501)).collect();
    refused(
        &on(format!("y_true,y_pred,a,b\n{rows}"), &["--by", "a*b"]),
        &["`a*b`", "different values"],
    );
}

const TYPES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/tables/types.parquet");

fn types(more: &[&str]) -> Ended {
    fairness(&Folder::new(), TYPES, more)
}

#[test]
fn parquet_kinds_are_read_or_named() {
    let ended = types(&[
        "--by", "category", "--by", "short", "--by", "nothing", "--by", "unsigned", "--score",
        "score",
    ]);
    counts(
        &ended,
        &[("north", 14), ("south", 13), ("(missing)", 13), ("2", 13), ("9223372036854775809", 20)],
    );
    let words = ["--y-true", "truth", "--y-pred", "decision", "--by", "category"];
    counts(&types(&words), &[("north", 14)]);
    counts(&types(&["--y-true", "float_label", "--by", "truth"]), &[("true", 20)]);
    for (column, kind) in [
        ("when", "dates"),
        ("at", "times"),
        ("money", "decimals"),
        ("nested", "nested values"),
        ("list", "lists"),
        ("bytes", "bytes"),
    ] {
        refused(&types(&["--by", column]), &[&format!("column `{column}`"), kind]);
    }
    refused(&types(&["--score", "truth"]), &["row 1 of column `truth`", "`false`"]);
    refused(&types(&["--score", "category"]), &["row 1 of column `category`", "`north`"]);
}

#[test]
fn a_damaged_parquet_file_is_no_table() {
    let whole = std::fs::read(TYPES).unwrap();
    for length in [4, 8, 100, whole.len() / 2, whole.len() - 1] {
        refused(&on(&whole[..length], &["--by", "category"]), &["is not a table"]);
    }
    // A page that lies: the command ends with a message, whatever the byte.
    for at in (4..1500).step_by(97) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x5a;
        let ended = on(&bytes, &["--by", "category", "--by", "short", "--score", "score"]);
        assert!(ended.code == 0 || ended.code == 2, "byte {at}: {ended:?}");
    }
}

#[test]
fn the_same_rows_give_the_same_numbers_from_every_kind_of_file() {
    let folder = Folder::new();
    let head = "y_true,y_pred,score,g";
    folder.write("t.csv", &format!("{head}\n{}", plain()));
    let line = |row: &str| {
        let c: Vec<&str> = row.split(',').collect();
        format!(
            "{{\"y_true\":{},\"y_pred\":{},\"score\":{},\"g\":\"{}\"}}\n",
            c[0], c[1], c[2], c[3]
        )
    };
    folder.write("t.jsonl", &plain().lines().map(line).collect::<String>());
    let mut turned: Vec<String> = plain().lines().map(str::to_owned).collect();
    turned.reverse();
    folder.write("turned.csv", &format!("{head}\n{}\n", turned.join("\n")));
    let findings = |file: &str| record(&fairness(&folder, file, &BY))["findings"].clone();
    let csv = findings("t.csv");
    assert_eq!(csv, findings("t.jsonl"));
    assert_eq!(csv, findings("turned.csv"));
    let threads = |n: &str| {
        let mut command = folder.command(&[&["fairness", "t.csv", "--json"], &BY[..]].concat());
        let out = command.env("RAYON_NUM_THREADS", n).output().unwrap();
        serde_json::from_slice::<Value>(&out.stdout).unwrap()["findings"].clone()
    };
    assert_eq!(threads("1"), csv);
    assert_eq!(threads("4"), csv);
}

#[cfg(unix)]
fn ends_by(mut command: std::process::Command, signal: (&str, i32), report: &std::path::Path) {
    use std::os::unix::process::ExitStatusExt;
    let mut child = command.spawn().unwrap();
    // Where another program starts it, the signal is for what that becomes.
    let name = std::path::PathBuf::from(format!("/proc/{}/exe", child.id()));
    let started = || std::fs::read_link(&name).map_or(!name.exists(), |exe| exe.ends_with("audit"));
    while !started() && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    let (name, number) = signal;
    let kill = std::process::Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(kill.unwrap().success());
    let status = child.wait().unwrap();
    assert_eq!(status.signal(), Some(number), "{status:?}");
    assert!(!report.exists());
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_command_and_leaves_nothing_half_done() {
    let folder = Folder::new();
    let rows = plain().repeat(60_000);
    folder.write("t.csv", &format!("y_true,y_pred,score,g\n{rows}"));
    let words = ["fairness", "t.csv", "--by", "g", "--score", "score", "--out", "report"];
    let report = folder.path("report");
    ends_by(folder.command(&words), ("-TERM", 15), &report);
    // A shell without job control has its background jobs ignore SIGINT, and a test inherits that; this `env`
    // gives the command back what a terminal would.
    let default = "--default-signal=INT";
    let known = std::process::Command::new("env").args([default, "true"]).output();
    if known.is_ok_and(|env| env.status.success()) {
        let mut command = std::process::Command::new("env");
        command.args([default, env!("CARGO_BIN_EXE_audit")]).args(words);
        command.current_dir(folder.path(".")).stdin(std::process::Stdio::null());
        ends_by(command, ("-INT", 2), &report);
    }
}
