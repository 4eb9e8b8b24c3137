//! Public data read through the formats: counts as their descriptions state them.

use crate::shared::data;
use audit::dataset::{Columns, Source, findings, read, read_text_table};
use audit::domain::{Seed, Split, digest_hex};
use std::collections::BTreeMap;

/// Level → rows of the first grouping with this name.
fn counts(examples: &audit::domain::Examples, name: &str) -> BTreeMap<String, u64> {
    let groups = examples.groups.iter().find(|g| g.name() == name).unwrap();
    groups.ids().map(|id| groups.label(id)).zip(groups.counts()).collect()
}

fn owned(name: &str) -> String {
    name.to_owned()
}

#[test]
fn ham10000_has_the_rows_splits_and_levels_of_its_description() {
    let Some(folder) = data("ham10000", "images/ham10000_64") else { return };
    let columns = Columns {
        label: Some(owned("label_name")),
        subject: Some(owned("lesion_id")),
        id: Some(owned("image_id")),
        ..Columns::default()
    };
    let source = Source {
        format: "image-folder".to_owned(),
        path: Some(folder),
        columns,
        positive: Some(owned("malignant")),
        groups: vec![vec!["sex".to_owned()], vec!["sex".to_owned(), "age_group".to_owned()]],
        ..Source::default()
    };
    let loaded = read(&source, Seed::new(1)).unwrap();
    let images = loaded.images.as_ref().unwrap();
    assert_eq!((images.len(), images.shape()), (5000, [64, 64, 3]));
    let examples = &loaded.examples;
    let splits = Split::ALL.map(|s| examples.rows(s).len());
    assert_eq!(splits, [3543, 718, 739]);
    let sex = [("female", 2129), ("male", 2852), ("unknown", 19)];
    assert_eq!(counts(examples, "sex"), sex.map(|(k, n)| (k.to_owned(), n)).into());
    assert_eq!(examples.groups[1].n_levels(), 12);
    assert_eq!(examples.classes, ["benign", "malignant"]);
    let positives = examples.y_true.iter().filter(|&&y| y == examples.positive).count();
    assert_eq!(positives, 327 + 514 + 1113, "akiec, bcc and mel");
    // A lesion lies in one split only, and there are 3,441 of them.
    let overlap = &findings(&loaded)[0];
    assert_eq!((overlap.value.clone(), overlap.n), (Ok(0.0), 3441));
    assert_eq!(loaded.tables[0].file, "metadata.csv");
    assert_eq!(loaded.inputs[0].path, "metadata.csv");
}

/// `format: idx`, the class `positive`.
fn idx(folder: std::path::PathBuf, positive: &str) -> Source {
    Source {
        format: "idx".to_owned(),
        path: Some(folder),
        positive: Some(owned(positive)),
        ..Source::default()
    }
}

#[test]
fn fashion_mnist_has_the_rows_and_pixels_of_its_description() {
    let Some(folder) = data("fashion_mnist", "images/fashion_mnist") else { return };
    let loaded = read(&idx(folder.clone(), "9"), Seed::new(1)).unwrap();
    let images = loaded.images.as_ref().unwrap();
    assert_eq!((images.len(), images.shape()), (70_000, [28, 28, 1]));
    let examples = &loaded.examples;
    assert_eq!(Split::ALL.map(|s| examples.rows(s).len()), [54_000, 6_000, 10_000]);
    assert_eq!((examples.classes.len(), examples.positive), (10, 9));
    for (split, each) in Split::ALL.into_iter().zip([5400, 600, 1000]) {
        let rows = examples.rows(split);
        for class in 0..10 {
            let n = rows.iter().filter(|&&row| examples.y_true[row] == class).count();
            assert_eq!(n, each, "class {class}, {split:?}");
        }
    }
    // The digests of the unpacked picture files after their 16 bytes of header.
    let header = |n: u32| -> Vec<u8> {
        [0x803, n, 28, 28].iter().flat_map(|number: &u32| number.to_be_bytes()).collect()
    };
    let (train, test) = images.bytes().split_at(60_000 * 784);
    let digest = |n, pixels: &[u8]| digest_hex(&[&header(n), pixels].concat());
    let published = [
        "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
        "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    ];
    assert_eq!([digest(60_000, train), digest(10_000, test)], published);
    let limited = Source { limit: Some(1000), ..idx(folder, "9") };
    let few = read(&limited, Seed::new(1)).unwrap().examples;
    // 1,000 drawn rows; a tenth of each class validates, rounded.
    let [train, validation, test] = Split::ALL.map(|s| few.rows(s).len());
    assert_eq!((train + validation, test), (1000, 10_000));
    assert!(validation.abs_diff(100) <= 5, "{validation}");
}

/// The classes of the training and then of the test rows of the small files.
fn indexed() -> Vec<u32> {
    let Some(index) = data("formats", "images/formats/index.csv") else { return Vec::new() };
    let index = read_text_table(&index).unwrap();
    let column = |name: &str| index.column(name).unwrap().iter().map(|c| c.clone().unwrap());
    let rows: Vec<(String, String)> = column("split").zip(column("class_id")).collect();
    let labels = |split: &str| -> Vec<u32> {
        rows.iter().filter(|r| r.0 == split).map(|r| r.1.parse().unwrap()).collect()
    };
    [labels("train"), labels("test")].concat()
}

#[test]
fn small_idx_files_hold_the_rows_of_their_index() {
    let Some(folder) = data("formats", "images/formats") else { return };
    let loaded = read(&idx(folder.clone(), "5"), Seed::new(1)).unwrap();
    assert_eq!(loaded.images.unwrap().shape(), [28, 28, 1]);
    assert_eq!(loaded.examples.y_true, indexed());
    assert_eq!(loaded.examples.classes.join(""), "0123456");
}

#[test]
fn small_npz_files_hold_the_rows_of_their_index() {
    for (name, shape) in [
        ("skin_64.npz", [64, 64, 3]),
        ("skin_28.npz", [28, 28, 3]),
        ("skin_28_gray.npz", [28, 28, 1]),
    ] {
        let Some(file) = data("formats", &format!("images/formats/{name}")) else { return };
        let source = Source { format: "npz".to_owned(), ..idx(file, "5") };
        let loaded = read(&source, Seed::new(1)).unwrap();
        assert_eq!(loaded.images.unwrap().shape(), shape, "{name}");
        let examples = &loaded.examples;
        assert_eq!(Split::ALL.map(|s| examples.rows(s).len()), [200, 40, 60], "{name}");
        let rows = [examples.rows(Split::Train), examples.rows(Split::Test)].concat();
        let classes: Vec<u32> = rows.iter().map(|&row| examples.y_true[row]).collect();
        assert_eq!(classes, indexed(), "{name}");
    }
}

#[test]
fn small_cifar_files_hold_the_rows_of_their_index() {
    let Some(folder) = data("formats", "images/formats") else { return };
    let source = Source { format: "cifar".to_owned(), ..idx(folder, "mel") };
    let loaded = read(&source, Seed::new(1)).unwrap();
    assert_eq!(loaded.images.unwrap().shape(), [32, 32, 3]);
    assert_eq!(loaded.examples.classes.join(" "), "akiec bcc bkl df mel nv vasc");
    assert_eq!(loaded.examples.y_true, indexed());
}

#[test]
fn compas_has_the_rows_and_groups_of_its_golden_values() {
    let Some(path) = data("compas", "fairness/compas.csv") else { return };
    let mut source = Source { format: "predictions".to_owned(), ..Source::default() };
    source.path = Some(path);
    source.groups = ["race", "sex", "age_cat"].map(|f| vec![f.to_owned()]).to_vec();
    let loaded = read(&source, Seed::new(1)).unwrap();
    let predictions = loaded.predictions.unwrap();
    let examples = &predictions.examples;
    assert_eq!(examples.len(), 7214);
    let Some(golden) = data("compas", "fairness/compas.golden.json") else { return };
    let golden: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(golden).unwrap()).unwrap();
    for name in ["race", "sex", "age_cat"] {
        let groups = golden["attributes"][name]["groups"].as_object().unwrap();
        let expected: BTreeMap<String, u64> =
            groups.iter().map(|(k, v)| (k.clone(), v["count"].as_u64().unwrap())).collect();
        assert_eq!(counts(examples, name), expected, "{name}");
    }
    let selected = predictions.y_pred.iter().filter(|&&y| y == examples.positive).count();
    let rate = audit::domain::to_f64(u64::try_from(selected).unwrap()) / 7214.0;
    let expected = golden["overall"]["selection_rate"].as_f64().unwrap();
    assert!((rate - expected).abs() < 1e-12, "{rate} {expected}");
    assert_eq!((loaded.tables[0].columns.len(), examples.rows(Split::Test).len()), (15, 7214));
}

#[test]
fn parquet_and_csv_tables_of_other_makers_can_be_read() {
    let Some(folder) = data("tables", "pii/tables") else { return };
    let mut read = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "csv" || e == "parquet") {
            let table = read_text_table(&path).unwrap();
            assert_eq!(table.rows(), 1200, "{}", path.display());
            read += 1;
        }
    }
    assert_eq!(read, 7);
}
