//! Ten classes from IDX files through the whole audit.

use super::Folder;

const CONFIG: &str = "version: 1
name: Ten classes
dataset: {format: idx, path: digits, positive: \"3\", limit: 150, validation: 0.2}
model: {train: {epochs: 2}}
gate:
  - {check: roc_auc, at_least: 0}
";

pub(super) fn idx(shape: &[u32], entries: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, u8::try_from(shape.len()).unwrap()];
    bytes.extend(shape.iter().flat_map(|side| side.to_be_bytes()));
    bytes.extend_from_slice(entries);
    bytes
}

/// 200 training and 100 test pictures of 18×18; class `c` is of brightness `25 · c`.
pub(super) fn digits() -> Folder {
    let f = Folder::new();
    std::fs::create_dir_all(f.path("digits")).unwrap();
    for (name, n) in [("train", 200_u32), ("t10k", 100)] {
        let labels: Vec<u8> = (0..10).cycle().take(usize::try_from(n).unwrap()).collect();
        let pixels: Vec<u8> = labels.iter().flat_map(|label| [25 * label; 18 * 18]).collect();
        let images = f.path(&format!("digits/{name}-images-idx3-ubyte"));
        std::fs::write(images, idx(&[n, 18, 18], &pixels)).unwrap();
        let file = f.path(&format!("digits/{name}-labels-idx1-ubyte"));
        std::fs::write(file, idx(&[n], &labels)).unwrap();
    }
    f.write("a.yaml", CONFIG);
    f
}

#[test]
fn ten_classes_are_trained_and_one_of_them_is_audited_against_the_rest() {
    let f = digits();
    let out = f.audit(&["run", "a.yaml", "--out", "r"]);
    assert_eq!(out.code, 0, "{out:?}");
    let record: serde_json::Value = serde_json::from_slice(&f.bytes("r/assessment.json")).unwrap();
    assert_eq!(record["dataset"]["classes"].as_array().unwrap().len(), 10);
    assert_eq!(record["dataset"]["positive"], "3");
    let splits = record["dataset"]["splits"].as_array().unwrap();
    let n: Vec<u64> = splits.iter().map(|s| s["n"].as_u64().unwrap()).collect();
    // A fifth of each class validates, rounded.
    assert!(n[0] + n[1] == 150 && n[1].abs_diff(30) <= 5 && n[2] == 100, "{n:?}");
    assert_eq!(splits[2]["positives"], 10, "class 3 among 100 test rows");
    let findings = record["findings"].as_array().unwrap();
    let value = |check: &str| {
        let found = findings.iter().find(|f| f["check"] == check);
        found.unwrap_or_else(|| panic!("no {check}"))["value"].clone()
    };
    assert!(value("roc_auc").is_f64() && value("membership_auc").is_f64());
    assert!((value("base_rate").as_f64().unwrap() - 0.1).abs() < 1e-12);
}

#[test]
fn a_damaged_file_ends_with_its_name() {
    let f = digits();
    std::fs::write(f.path("digits/t10k-labels-idx1-ubyte"), idx(&[100], &[0; 60])).unwrap();
    let out = f.audit(&["run", "a.yaml"]);
    assert_eq!(out.code, 2);
    let expected =
        "t10k-labels-idx1-ubyte` ends after 68 of the 108 bytes that its header announces";
    assert!(out.stderr.contains(expected), "{out:?}");
}
