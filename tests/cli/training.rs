//! Training through the binary: the same bytes on one thread and two, and after a kill.

use super::Folder;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

const CONFIG: &str = "version: 1
name: Small pictures
seed: 3
dataset: {format: synthetic, n: 240, plants: all, groups: [sex, skin_tone]}
model:
  train:
    architecture: seed-cnn
    epochs: 4
    optimizer: adamw
    schedule: {name: cosine, per: step, warmup: 1}
    early_stopping: {patience: 4}
    class_weights: balanced
    label_smoothing: 0.05
    gradient_clip: 2
    augment: {horizontal_flip: 0.5, rotation: 10, crop: 0.9, brightness: 0.1}
    calibration: temperature
    tensorboard: true
gate:
  - {check: pii_direct_identifiers, at_most: 0}
";

/// Every file below `root` except the manifest, with the record's provenance taken out.
fn contents(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(root).unwrap().to_string_lossy().into_owned();
            let mut bytes = std::fs::read(&path).unwrap();
            if name == "assessment.json" {
                let mut record: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
                record["provenance"] = serde_json::Value::Null;
                bytes = record.to_string().into_bytes();
            }
            if name != "manifest.json" {
                found.push((name, bytes));
            }
        }
    }
    found.sort();
    found
}

pub(super) fn assert_same(a: &Path, b: &Path) {
    let (a, b) = (contents(a), contents(b));
    let names = |c: &[(String, Vec<u8>)]| c.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&a), names(&b));
    for (left, right) in a.iter().zip(&b) {
        assert!(left.1 == right.1, "{} differs", left.0);
    }
}

#[test]
fn one_thread_and_two_and_a_killed_run_give_the_same_bytes() {
    let f = Folder::new();
    f.write("a.yaml", CONFIG);
    let out = f.audit(&["run", "a.yaml", "--out", "two", "--threads", "2"]);
    assert_eq!(out.code, 1, "the planted personal data breaks the gate: {out:?}");
    assert_eq!(f.audit(&["run", "a.yaml", "--out", "one", "--threads", "1"]).code, 1);
    assert_same(&f.path("two"), &f.path("one"));

    let mut child = f.command(&["run", "a.yaml", "--out", "killed"]).spawn().unwrap();
    let checkpoint = f.path("killed/.work/checkpoint.safetensors");
    while !checkpoint.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(checkpoint.exists(), "the run ended before it could be killed");
    assert!(!f.path("killed/index.html").exists());
    let resumed = f.audit(&["run", "a.yaml", "--out", "killed"]);
    assert!(resumed.stderr.contains("checkpoint"), "{resumed:?}");
    assert_same(&f.path("two"), &f.path("killed"));
}

#[test]
fn a_list_of_layers_is_trained_and_recorded() {
    let f = Folder::new();
    let list =
        "[{conv: {filters: 4, stride: 2}}, batch_norm, relu, max_pool: 4, flatten, dropout: 0.5]";
    f.write("a.yaml", &CONFIG.replace("seed-cnn", list).replace("epochs: 4", "epochs: 2"));
    assert_eq!(f.audit(&["run", "a.yaml", "--out", "r", "--exit-zero"]).code, 0);
    let text = std::fs::read_to_string(f.path("r/assessment.json")).unwrap();
    let record: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(record["model"]["architecture"], "layers");
    let layers = record["model"]["settings"]["layers"].as_str().unwrap();
    assert!(
        layers.starts_with(r#"[{"conv":{"filters":4,"kernel":3,"stride":2,"padding":"valid"}}"#)
    );
    let more = ["--weights", "r/model.safetensors", "--out", "p.parquet"];
    assert_eq!(f.audit(&[&["predict", "a.yaml"], &more[..]].concat()).code, 0);
}

#[test]
fn a_checkpoint_of_other_settings_or_a_damaged_one_is_not_used() {
    let f = Folder::new();
    f.write("a.yaml", CONFIG);
    let small = ["run", "a.yaml", "--set", "model.train.epochs=2", "--set", "dataset.n=120"];
    std::fs::create_dir_all(f.path("r/.work")).unwrap();
    f.write("r/.work/checkpoint.safetensors", "not a checkpoint");
    let out = f.audit(&[&small[..], &["--out", "r"]].concat());
    assert_eq!(out.code, 1, "{out:?}");
    assert!(out.stderr.contains("training starts anew"), "{out:?}");
    assert_eq!(f.audit(&[&small[..], &["--out", "clean"]].concat()).code, 1);
    assert_same(&f.path("r"), &f.path("clean"));
}

#[test]
fn the_recipe_is_in_the_record_the_weights_and_the_event_file() {
    let f = Folder::new();
    f.write("a.yaml", CONFIG);
    let small = ["--set", "model.train.epochs=2", "--set", "dataset.n=120", "--out", "r"];
    assert_eq!(f.audit(&[&["run", "a.yaml"], &small[..]].concat()).code, 1);
    let read = |name: &str| std::fs::read(f.path(name)).unwrap();
    let record: serde_json::Value = serde_json::from_slice(&read("r/assessment.json")).unwrap();
    let model = &record["model"];
    assert_eq!(model["settings"]["schedule"], "cosine");
    assert_eq!(model["settings"]["augment.rotation"], "10");
    assert_eq!(model["stopped_epoch"], serde_json::Value::Null);
    let temperature = model["calibration"]["temperature"].as_f64().unwrap();
    assert!(temperature > 0.0 && model["calibration"]["n"].as_u64() > Some(0));
    let rates: Vec<f64> =
        String::from_utf8(read("r/training.jsonl")).unwrap().lines().map(rate).collect();
    assert!(rates.len() == 2 && rates.iter().all(|rate| (0.0..=0.001).contains(rate)), "{rates:?}");
    let weights = String::from_utf8_lossy(&read("r/model.safetensors")).into_owned();
    assert!(weights.contains(&format!("{temperature}")), "the temperature lies beside the weights");
    assert!(!read("r/tensorboard/events.out.tfevents.0.audit").is_empty());
    assert!(String::from_utf8(read("r/index.html")).unwrap().contains("Temperature that"));
    assert_eq!(f.audit(&["verify", "r"]).code, 0);

    let trained = f.audit(&[&["train", "a.yaml"], &small[..4], &["--out", "t"]].concat());
    assert_eq!(trained.code, 0, "{trained:?}");
    for name in ["model.safetensors", "training.jsonl", "tensorboard/events.out.tfevents.0.audit"] {
        assert!(read(&format!("t/{name}")) == read(&format!("r/{name}")), "{name} differs");
    }
    // The stored weights predict what the audit did, scores included.
    let predict = ["predict", "a.yaml", "--set", "dataset.n=120", "--out", "p.parquet"];
    let predicted = f.audit(&[&predict[..], &["--weights", "t/model.safetensors"]].concat());
    assert_eq!(predicted.code, 0, "{predicted:?}");
    assert!(read("p.parquet") == read("r/predictions.parquet"));
}

#[test]
fn a_fine_tuning_records_what_it_began_with_and_an_early_stop_is_told() {
    let f = Folder::new();
    f.write("a.yaml", CONFIG);
    let small = ["--set", "model.train.epochs=2", "--set", "dataset.n=120", "--out"];
    assert_eq!(f.audit(&[&["train", "a.yaml"], &small[..], &["t"]].concat()).code, 0);
    let weights = f.bytes("t/model.safetensors");
    let fine = CONFIG.replace("patience: 4", "patience: 1, min_delta: 100");
    let begin =
        "    init_from: t/model.safetensors\n    freeze: [conv1, conv2]\n    reset: [head]\n";
    f.write("b.yaml", &fine.replace("    epochs: 4\n", &format!("    epochs: 4\n{begin}")));
    let out = f.audit(&["run", "b.yaml", "--set", "dataset.n=120", "--out", "r", "--exit-zero"]);
    assert_eq!(out.code, 0, "{out:?}");
    let told = "  stopped early after epoch 2 of 4: the validation loss no longer falls\n";
    assert!(out.stderr.contains(told), "{out:?}");
    let record: serde_json::Value = serde_json::from_slice(&f.bytes("r/assessment.json")).unwrap();
    let settings = &record["model"]["settings"];
    assert_eq!((&settings["freeze"], &settings["reset"]), (&"conv1, conv2".into(), &"head".into()));
    assert_eq!(settings["init_from"], "t/model.safetensors");
    let inputs = record["provenance"]["inputs"].as_array().unwrap();
    let file = inputs.iter().find(|file| file["path"] == "t/model.safetensors").unwrap();
    assert_eq!(file["sha256"], audit::domain::digest_hex(&weights));
    let unfit = ["train", "b.yaml", "--set", "model.train.architecture=mlp"];
    let refused = f.audit(&unfit);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.contains("`freeze` names the layer `conv1`"), "{refused:?}");
}

#[test]
fn pictures_beyond_the_memory_give_the_same_audit() {
    let f = Folder::new();
    std::fs::create_dir(f.path("d")).unwrap();
    let mut table = "path,label,split\n".to_owned();
    for i in 0..80_u32 {
        let pixel = |x: u32, y: u32| {
            let noise = (x * 31 + y * 57 + i * 101) % 97;
            let bright = if i % 2 == 1 && x > 8 { 90 } else { 0 };
            image::Rgb([u8::try_from(noise + bright).unwrap(); 3])
        };
        image::RgbImage::from_fn(18, 18, pixel).save(f.path(&format!("d/{i}.png"))).unwrap();
        let part = usize::try_from(i / 16).unwrap();
        let split = ["train", "train", "train", "validation", "test"][part];
        writeln!(table, "{i}.png,{},{split}", i % 2).unwrap();
    }
    f.write("d/metadata.csv", &table);
    let data = "{format: image-folder, path: d}";
    let synthetic = "{format: synthetic, n: 240, plants: all, groups: [sex, skin_tone]}";
    f.write("a.yaml", &CONFIG.replace(synthetic, data));
    let run = |out: &str, limit: &str| {
        let limit = format!("dataset.memory_limit={limit}");
        f.audit(&["run", "a.yaml", "--exit-zero", "--out", out, "--set", &limit])
    };
    assert_eq!(run("whole", "1 MiB").code, 0);
    // 80 pictures of 972 bytes do not fit, two batches of 32 do.
    assert_eq!(run("streamed", "64 KiB").code, 0);
    assert_same(&f.path("whole"), &f.path("streamed"));
    let small = run("small", "1 KiB");
    assert_eq!(small.code, 2);
    assert!(small.stderr.contains("raise it or lower `batch_size`"), "{small:?}");
}

/// The learning rate of a line of `training.jsonl`.
fn rate(line: &str) -> f64 {
    let epoch: serde_json::Value = serde_json::from_str(line).unwrap();
    assert!(epoch["gradient_norm"].as_f64() > Some(0.0));
    epoch["learning_rate"].as_f64().unwrap()
}
