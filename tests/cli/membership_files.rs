//! `audit membership` on the same outputs in every kind of file, and on files that are none.

use super::{Ended, Folder};
use polars::prelude::{Column, DataFrame, ParquetWriter};
use safetensors::{Dtype, tensor::TensorView};
use serde_json::Value;

/// Models, rows of the masks, rows and classes.
const SIZES: [usize; 4] = [6, 80, 120, 3];

/// Logits `(models, rows, classes)`, masks `(models, pool)` and labels: pairs of models that saw a half
/// each, a little surer of it.
fn outputs() -> (Vec<f32>, Vec<u8>, Vec<i64>) {
    let [models, pool, rows, classes] = SIZES;
    let saw = |model: usize, row: usize| (row / (1 << (model / 2)) + model).is_multiple_of(2);
    let noise = |i: usize| f32::from(u16::try_from(i * 7919 % 997).unwrap()) / 500.0;
    let mut logits = Vec::new();
    for (model, row) in (0..models).flat_map(|model| (0..rows).map(move |row| (model, row))) {
        let sure = if row < pool && saw(model, row) { 1.5 } else { 0.5 };
        let at = (model * rows + row) * classes;
        logits.extend((0..classes).map(|c| noise(at + c) + if c == row % 3 { sure } else { 0.0 }));
    }
    let masks = (0..models * pool).map(|i| u8::from(saw(i / pool, i % pool))).collect();
    (logits, masks, (0..rows).map(|row| i64::try_from(row % 3).unwrap()).collect())
}

/// Cross-entropies `(models, rows)`, by the largest logit.
fn losses(logits: &[f32], labels: &[i64]) -> Vec<f64> {
    let of = |(i, z): (usize, &[f32])| {
        let label = usize::try_from(labels[i % labels.len()]).unwrap();
        let z: Vec<f64> = z.iter().map(|z| f64::from(*z)).collect();
        let top = z.iter().copied().fold(f64::MIN, f64::max);
        z.iter().map(|z| (z - top).exp()).sum::<f64>().ln() + top - z[label]
    };
    logits.chunks(SIZES[3]).enumerate().map(of).collect()
}

fn bytes<T: Copy, const N: usize>(values: &[T], of: impl Fn(T) -> [u8; N]) -> Vec<u8> {
    values.iter().flat_map(|v| of(*v)).collect()
}

/// An archive of numpy's arrays: name, kind, shape, entries; none compressed.
fn npz(arrays: &[(&str, &str, String, Vec<u8>)]) -> Vec<u8> {
    let (mut all, mut directory) = (Vec::new(), Vec::new());
    let four = |n: usize| u32::try_from(n).unwrap().to_le_bytes();
    for (name, kind, shape, entries) in arrays {
        let header = format!("{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let length = u16::try_from(header.len()).unwrap().to_le_bytes();
        let npy = [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), entries].concat();
        let mut crc = flate2::Crc::new();
        crc.update(&npy);
        let name = format!("{name}.npy");
        let about = [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &crc.sum().to_le_bytes()].concat();
        let sizes = [four(npy.len()), four(npy.len())].concat();
        let names = [u8::try_from(name.len()).unwrap(), 0, 0, 0];
        let at = four(all.len());
        all.extend([b"PK\x03\x04", &about[..], &sizes, &names, name.as_bytes(), &npy].concat());
        let entry = [b"PK\x01\x02\x14\x00", &about[..], &sizes, &names, &[0; 10], &at];
        directory.extend([&entry.concat()[..], name.as_bytes()].concat());
    }
    let count = u16::try_from(arrays.len()).unwrap().to_le_bytes();
    let end = [b"PK\x05\x06\0\0\0\0", &count[..], &count, &four(directory.len()), &four(all.len())];
    [all, directory, end.concat(), vec![0, 0]].concat()
}

/// A row for each example; masks are empty in those of the population.
fn parquet(f: &Folder, name: &str, values: &[(String, Vec<f64>)]) {
    let [models, pool, rows, _] = SIZES;
    let (_, masks, labels) = outputs();
    let mut columns = vec![Column::new("labels".into(), &labels)];
    for model in 0..models {
        let of = |row: usize| (row < pool).then(|| masks[model * pool + row] == 1);
        let mask: Vec<Option<bool>> = (0..rows).map(of).collect();
        columns.push(Column::new(format!("masks_{model}").as_str().into(), mask));
    }
    columns.extend(values.iter().map(|(name, v)| Column::new(name.as_str().into(), v)));
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes)
        .finish(&mut DataFrame::new(rows, columns).unwrap())
        .map(drop)
        .unwrap();
    std::fs::write(f.path(name), bytes).unwrap();
}

fn attacked(f: &Folder, file: &str, more: &[&str]) -> Ended {
    f.audit(&[&["membership", file, "--exclude", "1", "--json"], more].concat())
}

fn findings(ended: &Ended) -> Vec<Value> {
    assert_eq!(ended.code, 0, "{ended:?}");
    let record: Value = serde_json::from_str(&ended.stdout).unwrap();
    record["findings"].as_array().unwrap().clone()
}

/// The logits as safetensors in `s.safetensors`.
fn tensors(f: &Folder) {
    let [models, pool, rows, classes] = SIZES;
    let (logits, masks, labels) = outputs();
    let (values, of) = (bytes(&logits, f32::to_le_bytes), bytes(&labels, i64::to_le_bytes));
    let view =
        |dtype, shape: &[usize], bytes| TensorView::new(dtype, shape.to_vec(), bytes).unwrap();
    let views = [
        ("logits", view(Dtype::F32, &[models, rows, classes], &values)),
        ("masks", view(Dtype::U8, &[models, pool], &masks)),
        ("labels", view(Dtype::I64, &[rows], &of)),
    ];
    std::fs::write(f.path("s.safetensors"), safetensors::serialize(views, None).unwrap()).unwrap();
}

#[test]
fn every_kind_of_file_gives_the_same_findings() {
    let f = Folder::new();
    let [models, pool, rows, classes] = SIZES;
    let (logits, masks, labels) = outputs();
    tensors(&f);
    let wide: Vec<f64> = logits.iter().map(|z| f64::from(*z)).collect();
    let small = labels.iter().map(|y| u8::try_from(*y).unwrap()).collect();
    let shape = format!("({models}, {rows}, {classes})");
    let arrays = [
        ("logits", "<f8", shape, bytes(&wide, f64::to_le_bytes)),
        ("masks", "|b1", format!("({models}, {pool})"), masks),
        ("labels", "|u1", format!("({rows},)"), small),
    ];
    std::fs::write(f.path("s.npz"), npz(&arrays)).unwrap();
    let column = |model: usize, class: usize| {
        let of = |row: usize| wide[(model * rows + row) * classes + class];
        (format!("logits_{model}_{class}"), (0..rows).map(of).collect())
    };
    let each = |model: usize| (0..classes).map(move |class| (model, class));
    let columns: Vec<_> = (0..models).flat_map(each).map(|(m, c)| column(m, c)).collect();
    parquet(&f, "s.parquet", &columns);
    let first = findings(&attacked(&f, "s.safetensors", &[]));
    assert_eq!(first.iter().filter(|f| f["check"] == "membership_auc").count(), 24);
    assert_eq!(findings(&attacked(&f, "s.npz", &[])), first);
    assert_eq!(findings(&attacked(&f, "s.parquet", &[])), first);
}

#[test]
fn losses_are_enough_for_what_looks_at_the_true_class_alone() {
    let f = Folder::new();
    let [models, pool, rows, _] = SIZES;
    let (logits, masks, labels) = outputs();
    tensors(&f);
    let losses = losses(&logits, &labels);
    let arrays = [
        ("ce", "<f8", format!("({models}, {rows})"), bytes(&losses, f64::to_le_bytes)),
        ("masks", "|u1", format!("({models}, {pool})"), masks),
        ("labels", "<i8", format!("({rows},)"), bytes(&labels, i64::to_le_bytes)),
    ];
    std::fs::write(f.path("l.npz"), npz(&arrays)).unwrap();
    let column = |(model, v): (usize, &[f64])| (format!("ce_{model}"), v.to_vec());
    parquet(&f, "l.parquet", &losses.chunks(rows).enumerate().map(column).collect::<Vec<_>>());
    let first = findings(&attacked(&f, "s.safetensors", &[]));
    let of_losses = findings(&attacked(&f, "l.npz", &["--losses", "ce"]));
    assert_eq!(findings(&attacked(&f, "l.parquet", &["--losses", "ce"])), of_losses);
    let auc = |all: &[Value], attack: &str| {
        let is = |f: &&Value| f["check"] == "membership_auc" && f["subject"]["attack"] == attack;
        all.iter().find(is).unwrap()["value"].as_f64()
    };
    for attack in ["loss", "population", "calibrated.out_mean", "lira.online.nig", "rmia.offline"] {
        let (ours, theirs) = (auc(&of_losses, attack).unwrap(), auc(&first, attack).unwrap());
        assert!((ours - theirs).abs() < 1e-12, "{attack}: {ours} {theirs}");
    }
    for attack in ["entropy", "hinge", "gap", "attacker.logistic"] {
        assert!(auc(&of_losses, attack).is_none() && auc(&first, attack).is_some(), "{attack}");
    }
}

#[test]
fn files_that_cannot_be_attacked_are_told_apart() {
    let f = Folder::new();
    f.write("empty", "");
    f.write("words", "logits,masks\n1,2\n");
    let (_, masks, labels) = outputs();
    let losses = vec![0.5; masks.len() / SIZES[1] * SIZES[2]];
    let archive = |name: &str, kind: &str, mask: Vec<u8>| {
        let [models, pool, rows, _] = SIZES;
        npz(&[
            (name, "<f8", format!("({models}, {rows})"), bytes(&losses, f64::to_le_bytes)),
            ("masks", kind, format!("({models}, {pool})"), mask),
            ("labels", "<i8", format!("({rows},)"), bytes(&labels, i64::to_le_bytes)),
        ])
    };
    let whole = archive("ce", "|u1", masks.clone());
    std::fs::write(f.path("cut.npz"), &whole[..whole.len() / 2]).unwrap();
    std::fs::write(f.path("l.npz"), whole).unwrap();
    std::fs::write(f.path("other.npz"), archive("loss", "|u1", masks.clone())).unwrap();
    std::fs::write(f.path("signed.npz"), archive("ce", "|i1", vec![255; masks.len()])).unwrap();
    for (file, more, expected) in [
        ("empty", &[][..], "it is empty"),
        ("words", &[], "no safetensors, npz or Parquet file"),
        ("none.npz", &[], "cannot read `none.npz`"),
        ("cut.npz", &[], "has no directory of a zip archive"),
        ("l.npz", &[], "holds no array `logits.npy`; its arrays are ce.npy, masks.npy, labels.npy"),
        ("other.npz", &["--losses", "ce"], "holds no array `ce.npy`"),
        ("signed.npz", &["--losses", "ce"], "`masks` is integers beyond 0 to 255, not u8"),
        ("l.npz", &["--losses", "ce", "--attack", "gap"], "and the file holds losses"),
        ("l.npz", &["--losses", "ce", "--logits", "z"], "cannot be used with"),
    ] {
        let ended = attacked(&f, file, more);
        assert!(ended.code == 2 && ended.stderr.contains(expected), "{expected}: {ended:?}");
    }
}
