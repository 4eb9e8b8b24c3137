//! Throughput through the binary: that it is told, not how much it is.

use super::audit;

#[test]
fn both_tasks_are_measured_and_one_can_be_chosen() {
    let small = ["--steps", "2", "--batch-size", "2", "--threads", "1", "--json"];
    let record = |arguments: &[&str]| -> serde_json::Value {
        let out = audit(&[&["bench"], arguments, &small].concat());
        assert_eq!(out.code, 0, "{out:?}");
        serde_json::from_str(&out.stdout).unwrap()
    };
    let both = record(&[]);
    for key in ["train_images_per_second", "predict_images_per_second"] {
        assert!(both[key].as_f64().is_some_and(|speed| speed > 0.0), "{both}");
    }
    assert_eq!(
        (&both["threads"], &both["batch_size"], &both["steps"]),
        (&1.into(), &2.into(), &2.into())
    );
    assert!(both.get("peak_memory_bytes").is_some() && both["kernel"].is_string());
    let one = record(&["predict"]);
    assert!(one.get("train_images_per_second").is_none());
    assert!(one.get("predict_images_per_cpu_second").is_some());
}

#[test]
fn the_table_has_a_line_for_each_number() {
    let out = audit(&["bench", "train", "--steps", "1", "--batch-size", "2"]);
    assert_eq!(out.code, 0, "{out:?}");
    assert!(out.stdout.starts_with("train_images_per_second "), "{out:?}");
    assert!(out.stdout.contains("\npeak_memory_bytes"), "{out:?}");
    assert_eq!(audit(&["bench", "train", "--steps", "0"]).code, 2);
}
