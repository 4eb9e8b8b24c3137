//! The parts of the example that are not measured.

use crate::domain::{
    CanaryRecord, DatasetRecord, Definition, DpRecord, EpochRecord, Finding, Harm, HarmKind, Host,
    Ideal, InputFile, ModelRecord, NotRun, Owner, Provenance, SplitCounts, System, Temperature,
    Tool, Waiver, digest_hex, to_f64,
};
use std::collections::BTreeMap;

pub(super) fn system() -> System {
    let words = |items: &[&str]| items.iter().map(|s| (*s).to_owned()).collect();
    System {
        name: "Skin-lesion triage".to_owned(),
        purpose: "Flag dermatoscopic images for review by a dermatologist".to_owned(),
        domain: "medical-imaging".to_owned(),
        users: words(&["dermatologist"]),
        out_of_scope: words(&["self-diagnosis"]),
        harm: Harm { kind: HarmKind::Safety, reversible: false, minors: false },
        jurisdictions: words(&["eu", "cn"]),
        decisions_per_year: Some(50_000),
        owner: Some(Owner {
            name: "Imaging team".to_owned(),
            contact: "imaging@example.org".to_owned(),
        }),
    }
}

pub(super) fn provenance() -> Provenance {
    let hash = |text: &str| digest_hex(text.as_bytes());
    let input = |path: &str| InputFile { path: path.to_owned(), sha256: hash(path) };
    Provenance {
        tool: Tool {
            name: "audit".to_owned(),
            version: "0.1.0".to_owned(),
            features: vec!["tables".to_owned(), "train".to_owned(), "plots".to_owned()],
        },
        config_sha256: hash("config"),
        data_sha256: hash("data"),
        model_sha256: Some(hash("model")),
        seed: 7,
        started: "2026-11-23T10:00:00Z".to_owned(),
        host: Host { os: "linux".to_owned(), arch: "x86_64".to_owned(), threads: 2 },
        inputs: vec![input("audits/skin lesions.yaml"), input("../data/metadata.csv")],
    }
}

pub(super) fn dataset_record() -> DatasetRecord {
    let split = |split: &str, n, positives| SplitCounts { split: split.to_owned(), n, positives };
    let groups = [("sex", 3), ("skin_tone", 3), ("sex*skin_tone", 5)];
    DatasetRecord {
        format: "image-folder".to_owned(),
        path: Some("../data/lesions".to_owned()),
        n: 6008,
        skipped: 2,
        classes: vec!["benign".to_owned(), "malignant".to_owned()],
        positive: "malignant".to_owned(),
        groups: groups.map(|(name, n)| (name.to_owned(), n)).into(),
        splits: vec![
            split("train", 4000, 1130),
            split("validation", 788, 212),
            split("test", 1220, 304),
        ],
    }
}

/// What a private training of the example would promise.
fn dp() -> DpRecord {
    let uncovered = ["seed", "floating_point", "row_count", "measurements", "subjects"];
    let more = ["epoch_choice", "early_stopping", "calibration", "init_from"];
    DpRecord {
        sampler: "poisson".to_owned(),
        sampling_rate: 0.008,
        steps: 5000,
        clip: 1.0,
        noise_multiplier: 0.9,
        delta: 1e-5,
        epsilon: Some(3.0),
        not_covered: uncovered.into_iter().chain(more).map(str::to_owned).collect(),
    }
}

/// What an audit of the example would have planted.
fn canaries() -> CanaryRecord {
    let flips: String = (0..200).map(|i| if i % 7 < 3 { '1' } else { '0' }).collect();
    CanaryRecord {
        kind: "mislabelled".to_owned(),
        count: 200,
        inserted: 87,
        training_rows: 3887,
        commitment: digest_hex(b"canaries"),
        nonce: digest_hex(b"nonce"),
        flips,
    }
}

pub(super) fn model() -> ModelRecord {
    let settings =
        [("batch_size", "32"), ("epochs", "40"), ("learning_rate", "0.001"), ("optimizer", "adam")];
    let training = (1..=10)
        .map(|epoch| {
            let e = to_f64(epoch);
            EpochRecord {
                epoch,
                train_loss: 0.7 * (-0.25 * e).exp() + 0.08,
                train_accuracy: 0.95 - 0.35 * (-0.35 * e).exp(),
                validation_loss: Some(0.7 * (-0.25 * e).exp() + 0.2 + 0.004 * e * e / 2.0),
                validation_accuracy: Some(0.85 - 0.25 * (-0.4 * e).exp()),
                learning_rate: 0.001,
                gradient_norm: Some(1.5 / e),
                clipped: None,
            }
        })
        .collect();
    ModelRecord {
        dp: Some(dp()),
        canaries: Some(canaries()),
        source: "train".to_owned(),
        architecture: Some("seed-cnn".to_owned()),
        parameters: Some(105_858),
        settings: settings.map(|(k, v)| (k.to_owned(), v.to_owned())).into(),
        kept_epoch: Some(6),
        stopped_epoch: Some(10),
        calibration: Some(Temperature {
            temperature: 1.4,
            validation_nll_before: 0.52,
            validation_nll_after: 0.47,
            n: 788,
        }),
        training,
    }
}

pub(super) fn definitions(findings: &[Finding]) -> Vec<Definition> {
    let mut known: BTreeMap<&str, &str> = BTreeMap::new();
    for f in findings {
        known.entry(&f.code).or_insert(&f.check);
    }
    let define = |(code, check): (&str, &str)| Definition {
        code: code.to_owned(),
        check: check.to_owned(),
        ideal: if check.ends_with("_ratio") { Ideal::One } else { Ideal::Zero },
        summary: format!("What {} measures, in one sentence.", check.replace('_', " ")),
        formula: "`TP / (TP + FN) = P(ŷ = 1 | y = 1)`".to_owned(),
        range: "0 to 1".to_owned(),
        undefined: "`NoPositives` when no row has `y = 1`; never 0".to_owned(),
        source: "Hardt, Price, Srebro 2016, §2".to_owned(),
    };
    known.into_iter().map(define).collect()
}

pub(super) fn waivers() -> Vec<Waiver> {
    let waiver = |check: &str, because: &str, until: &str| Waiver {
        check: check.to_owned(),
        by: None,
        attack: None,
        label: None,
        because: because.to_owned(),
        until: until.to_owned(),
        owner: "Dr Example".to_owned(),
    };
    vec![
        waiver("usage_approval_expired", "Renewal is signed and starts next week.", "2026-12-31"),
        waiver("usage_missing_field", "The old gateway left fields out.", "2026-12-31"),
        waiver("usage_missing_review", "Reviewers were on leave.", "2026-06-30"),
    ]
}

pub(super) fn not_run() -> Vec<NotRun> {
    let entry = |what: &str, reason: &str, because: &str| NotRun {
        what: what.to_owned(),
        reason: reason.to_owned(),
        because: because.to_owned(),
    };
    vec![
        entry("robust_accuracy", "not_implemented", "this version does not measure robustness"),
        entry("calibration", "not_configured", "it is not configured"),
    ]
}
