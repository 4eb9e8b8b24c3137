//! Tables read and written back.

use super::*;
use crate::dataset::scratch::Scratch;
use crate::domain::{Examples, Groups, Logits, Split};

fn cells(table: &TextTable, column: &str) -> Vec<Option<String>> {
    table.column(column).unwrap().to_vec()
}

fn some(cells: &[&str]) -> Vec<Option<String>> {
    cells.iter().map(|c| Some((*c).to_owned()).filter(|c| !c.is_empty())).collect()
}

fn error(name: &str, bytes: &[u8]) -> DatasetError {
    let folder = Scratch::new("table");
    folder.file(name, bytes);
    read_text_table(&folder.path(name)).unwrap_err()
}

#[test]
fn csv_cells_are_text_as_written() {
    let folder = Scratch::new("table");
    let text =
        "\u{feff}id,\"full name\",code\r\n007,\"Doe, \"\"J\"\"\",\r\n8,\"two\nlines\",1.50\r\n";
    let table = read_text_table(&folder.file("a.csv", text)).unwrap();
    assert_eq!(table.file, "a.csv");
    assert_eq!(cells(&table, "id"), some(&["007", "8"]));
    assert_eq!(cells(&table, "full name"), some(&["Doe, \"J\"", "two\nlines"]));
    assert_eq!(cells(&table, "code"), some(&["", "1.50"]));
}

#[test]
fn columns_come_in_the_order_asked_for() {
    let folder = Scratch::new("table");
    let path = folder.file("a.csv", "race,sex,age\nx,f,1\n");
    let table = read_columns(&path, &["age", "race"]).unwrap();
    let names: Vec<&String> = table.columns.iter().map(|(n, _)| n).collect();
    assert_eq!(names, ["age", "race"]);
    let error = read_columns(&path, &["rcae"]).unwrap_err().to_string();
    assert!(error.contains("did you mean `race`?") && error.contains("a.csv"), "{error}");
}

#[test]
fn one_column_may_have_empty_cells() {
    let folder = Scratch::new("table");
    let table = read_text_table(&folder.file("a.csv", "note\nx\n\ny\n")).unwrap();
    assert_eq!(cells(&table, "note"), some(&["x", "", "y"]));
}

#[test]
fn parquet_numbers_become_their_natural_text() {
    let folder = Scratch::new("table");
    let mut frame = DataFrame::new(
        3,
        vec![
            Column::new("i".into(), [Some(45_i64), None, Some(-1)]),
            Column::new("f".into(), [Some(45.0_f64), Some(f64::NAN), Some(0.1)]),
            Column::new("g".into(), [Some(0.1_f32), None, Some(2.0)]),
            Column::new("b".into(), [Some(true), None, Some(false)]),
            Column::new("s".into(), [Some("a"), Some(""), None]),
        ],
    )
    .unwrap();
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).unwrap();
    folder.file("t.data", &bytes);
    let table = read_text_table(&folder.path("t.data")).unwrap();
    assert_eq!(cells(&table, "i"), some(&["45", "", "-1"]));
    assert_eq!(cells(&table, "f"), some(&["45", "", "0.1"]));
    assert_eq!(cells(&table, "g"), some(&["0.1", "", "2"]));
    assert_eq!(cells(&table, "b"), some(&["true", "", "false"]));
    assert_eq!(cells(&table, "s"), some(&["a", "", ""]));
    let some_columns = read_columns(&folder.path("t.data"), &["s", "i"]).unwrap();
    assert_eq!(some_columns.columns[1].0, "i");
    folder.file("cut.parquet", &bytes[..bytes.len() / 2]);
    let cut = read_text_table(&folder.path("cut.parquet")).unwrap_err();
    assert!(matches!(cut, DatasetError::NotATable { .. }), "{cut}");
}

#[test]
fn what_is_no_table_is_told_from_what_is_not_there() {
    assert!(matches!(error("a.csv", b""), DatasetError::EmptyFile { .. }));
    assert!(matches!(error("a.csv", b"a,b\n"), DatasetError::EmptyFile { .. }));
    assert!(matches!(error("a.csv", b"\x89PNG\r\n\x1a\n"), DatasetError::NotATable { .. }));
    assert!(matches!(error("a.csv", b"a,a\n1,2\n"), DatasetError::DuplicateColumn { .. }));
    assert!(matches!(error("a.csv", b"a,b\n1,2\n3\n"), DatasetError::Ragged { line: 3, .. }));
    let folder = Scratch::new("table");
    let missing = read_text_table(&folder.path("none.csv")).unwrap_err();
    assert!(matches!(missing, DatasetError::NoFile { .. }), "{missing}");
    assert!(matches!(read_text_table(folder.root()), Err(DatasetError::NotATable { .. })));
}

#[test]
fn a_path_is_shown_as_given_unless_it_is_absolute() {
    assert_eq!(shown(Path::new("../data/a.csv")), "../data/a.csv");
    assert_eq!(shown(Path::new("/home/someone/a.csv")), "a.csv");
}

#[test]
fn predictions_are_written_and_read_back() {
    let sex = Groups::encode("sex", &[Some("f"), None]);
    let age = Groups::encode("age", &[Some("old"), Some("young")]);
    let examples = Examples {
        classes: vec!["benign".to_owned(), "malignant".to_owned()],
        positive: 1,
        y_true: vec![0, 1],
        id: vec!["x".to_owned(), "y".to_owned()],
        split: vec![Split::Train, Split::Test],
        groups: vec![sex.clone(), Groups::cross(&[&sex, &age])],
        subject: None,
    };
    let logits = Some(Logits::new(vec![1.0, -1.0, 0.5, 0.25], 2).unwrap());
    let p = Predictions {
        examples,
        y_pred: vec![1, 1],
        score: Some(vec![0.125, 0.5]),
        logits,
        weight: None,
    };
    let folder = Scratch::new("table");
    let bytes = write_predictions(&p).unwrap();
    assert_eq!(bytes, write_predictions(&p).unwrap());
    folder.file("p.parquet", bytes);
    let table = read_text_table(&folder.path("p.parquet")).unwrap();
    let columns: Vec<(&str, Vec<Option<String>>)> = vec![
        ("id", some(&["x", "y"])),
        ("split", some(&["train", "test"])),
        ("y_true", some(&["benign", "malignant"])),
        ("y_pred", some(&["malignant", "malignant"])),
        ("score", some(&["0.125", "0.5"])),
        ("logit_benign", some(&["1", "0.5"])),
        ("logit_malignant", some(&["-1", "0.25"])),
        ("sex", some(&["f", "(missing)"])),
        ("age", some(&["old", "young"])),
    ];
    let found: Vec<(&str, Vec<Option<String>>)> =
        table.columns.iter().map(|(n, c)| (n.as_str(), c.clone())).collect();
    assert_eq!(found, columns);
}
