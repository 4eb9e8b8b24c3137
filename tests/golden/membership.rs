//! Membership attacks on stored outputs of an overfit network, against goldens of other tools. The
//! walk knows every key of the goldens and fails on one that it does not.

use super::{membership_bounds as bounds, membership_peers as peers};
use crate::shared;
use audit::domain::{Finding, Members, Seed};
use audit::privacy::membership::{self, Options, Scene};
use audit::privacy::stored::{self, Layout};
use audit::stats;
use serde_json::Value;

/// The scores file with some models left out beside the target's complement.
fn scene(bytes: &[u8], references: std::ops::RangeInclusive<usize>) -> Scene {
    let exclude = (1..18).filter(|model| !references.contains(model)).collect();
    let layout = Layout { exclude, ..Layout::default() };
    let stored = stored::read(bytes, &layout).unwrap();
    assert!(stored.complements().is_empty());
    Scene { references: stored.references(), ..stored.scene().unwrap() }
}

struct Goldens {
    bytes: Vec<u8>,
    json: Value,
    all: Scene,
}

impl Goldens {
    fn read(test: &str) -> Option<Self> {
        let bytes = std::fs::read(shared::data(test, "privacy/cifar16a_mia.safetensors")?).unwrap();
        let json = shared::data(test, "privacy/cifar16a_goldens.json")?;
        let json = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
        let all = scene(&bytes, 2..=17);
        Some(Self { bytes, json, all })
    }

    fn scores(&self, attack: &str) -> Vec<f64> {
        membership::scores(attack, &self.all, Seed::new(7)).unwrap().pool
    }
}

/// Compares scores with an object of measures; an unknown measure fails.
fn measures(scene: &Scene, scores: &[f64], golden: &Value, what: &str) {
    let Members { seen, unseen } = scene.split(scores);
    measured(&seen, &unseen, golden, what);
}

fn measured(seen: &[f64], unseen: &[f64], golden: &Value, what: &str) {
    let roc = stats::roc(seen, unseen).unwrap();
    for (key, expected) in golden.as_object().unwrap() {
        let expected = expected.as_f64().unwrap();
        let found = match key.as_str() {
            "auc" => roc.auc(),
            "advantage" => roc.advantage(),
            "balanced_accuracy" => roc.balanced_accuracy(),
            rate => {
                let limit = rate.strip_prefix("tpr_at_fpr_").and_then(|r| r.parse().ok());
                roc.tpr_at_fpr(limit.unwrap_or_else(|| panic!("{what}: unknown key {rate}")))
            }
        };
        assert!((found - expected).abs() < 1e-9, "{what} {key}: {found}, golden {expected}");
    }
}

/// Keys of the first level that are plain attacks.
const ALONE: [(&str, &str); 7] = [
    ("loss_threshold", "loss"),
    ("gap_label_only", "gap"),
    ("max_confidence", "max_confidence"),
    ("entropy", "entropy"),
    ("modified_entropy", "modified_entropy"),
    ("logit_scaled_conf", "logit_scaled_confidence"),
    ("hinge", "hinge"),
];

const LIRA: [(&str, &str); 13] = [
    ("online", "lira.online.per_example_variance"),
    ("online_fixed_variance", "lira.online.global_variance"),
    ("offline", "lira.offline.two_sided.per_example_variance"),
    ("offline_fixed_variance", "lira.offline.two_sided.global_variance"),
    ("offline_one_sided_per_example_variance", "lira.offline.one_sided.per_example_variance"),
    ("offline_one_sided_global_variance", "lira.offline.one_sided.global_variance"),
    ("offline_one_sided_residual_variance", "lira.offline.one_sided.residual_variance"),
    ("difference_from_out_mean (Attack-R style calibrated score)", "calibrated.out_mean"),
    ("difference_mid (Watson/Sablayrolles, mean of in and out medians)", "calibrated.midpoint"),
    ("tf_advanced_mia_both_fixvar_False", "lira.online.per_example_variance"),
    ("tf_advanced_mia_both_fixvar_True", "lira.online.residual_variance"),
    ("tf_advanced_mia_out_fixvar_False", "lira.offline.two_sided.per_example_variance"),
    ("tf_advanced_mia_out_fixvar_True", "lira.offline.two_sided.residual_variance"),
];

#[test]
fn an_overfit_network_matches_every_golden() {
    let Some(g) = Goldens::read("membership::goldens") else { return };
    for (key, golden) in g.json.as_object().unwrap() {
        if let Some((_, attack)) = ALONE.iter().find(|(name, _)| name == key) {
            measures(&g.all, &g.scores(attack), golden, key);
            continue;
        }
        match key.as_str() {
            "n_models" => assert_eq!(golden, 18),
            "n_members" | "n_nonmembers" => assert_eq!(golden, 2000),
            "models_used" => assert_eq!(golden.as_array().unwrap().len(), 18),
            "target_accuracy" | "mean_loss" => peers::means(&g.all, golden, key),
            "tf_privacy" => tf_privacy(&g, golden),
            "tf_membership_probability_15bins" => {
                peers::membership_probability(&g.all, &g.scores("loss"), golden);
            }
            "lira" => lira(&g, golden),
            "rmia" => rmia(&g, golden),
            "privacy_meter_run_loss (returns -softmax: sign inverted)" => {
                let turned: Vec<f64> = g.scores("loss").iter().map(|s| -s).collect();
                measures(&g.all, &turned, golden, key);
            }
            "clopper_pearson_per_score" => accused(&g, golden),
            "per_class" => per_class(&g, golden),
            "tf_privacy_eps_lower_bounds_loss_all_thresholds" => {
                bounds::all_thresholds(&g.all.split(&g.scores("loss")), golden);
            }
            "one_run_from_lira_scores" => {
                let scores = g.scores("lira.online.global_variance");
                bounds::one_run(&g.all.split(&scores), golden);
            }
            other => panic!("unknown golden {other}"),
        }
    }
}

fn lira(g: &Goldens, golden: &Value) {
    for (key, golden) in golden.as_object().unwrap() {
        if let Some((_, attack)) = LIRA.iter().find(|(name, _)| name == key) {
            measures(&g.all, &g.scores(attack), golden, key);
            continue;
        }
        let (kind, n) = key.split_once("_first").unwrap_or_else(|| panic!("unknown golden {key}"));
        let n: usize = n.parse().unwrap();
        let some = scene(&g.bytes, 2..=n + 1);
        let attack = match kind {
            "online" => "lira.online.per_example_variance",
            "online_fixed_variance" => "lira.online.global_variance",
            _ => panic!("unknown golden {key}"),
        };
        let scored = membership::scores(attack, &some, Seed::new(7));
        if key == "online_first2" {
            // One reference a side has no variance. The peer divides by 1e-30 and ends where one
            // variance for all rows does.
            let message = scored.unwrap_err().to_string();
            assert!(message.contains("needs 2 reference model(s)"), "{message}");
            assert_eq!(golden, &g.json["lira"]["online_fixed_variance_first2"]);
        } else {
            measures(&some, &scored.unwrap().pool, golden, key);
        }
    }
}

fn rmia(g: &Goldens, golden: &Value) {
    for (key, golden) in golden.as_object().unwrap() {
        match key.as_str() {
            "ratio_only_online (no population)" => {
                measures(&g.all, &g.scores("rmia.online"), golden, key);
            }
            "ratio_only_offline_a0.3 (no population)" => {
                measures(&g.all, &membership::rmia_offline(&g.all, 0.3).unwrap().pool, golden, key);
            }
            "attack_P_population_global" => {
                measures(&g.all, &g.scores("population"), golden, key);
            }
            "pm_tuned_offline_a" => assert_eq!(golden, 1.0, "tuned for one reference"),
            _ if key.starts_with("paper_") => paper(g, key, golden),
            _ if key.starts_with("pm_offline_") => pm_offline(g, key, golden),
            _ => panic!("unknown golden {key}"),
        }
    }
}

/// The share of the population whose ratio lies below the row's divided by γ.
fn paper(g: &Goldens, key: &str, golden: &Value) {
    let (_, gamma) = key.split_once("_gamma").unwrap();
    let gamma: f64 = gamma.parse().unwrap();
    let scored = match key.split("_gamma").next().unwrap() {
        "paper_online" => membership::scores("rmia.online", &g.all, Seed::new(7)),
        "paper_offline_a0.3" => membership::rmia_offline(&g.all, 0.3),
        _ => panic!("unknown golden {key}"),
    };
    let scored = scored.unwrap();
    let pool: Vec<f64> = scored.pool.iter().map(|ln| ln - gamma.ln()).collect();
    measures(&g.all, &membership::share_at_most(&scored.population, &pool), golden, key);
}

/// Privacy Meter's own way, which takes the largest probabilities of the population's references.
fn pm_offline(g: &Goldens, key: &str, golden: &Value) {
    let (out, a) = key.strip_prefix("pm_offline_").unwrap().rsplit_once("_a").unwrap();
    let a: f64 = a.parse().unwrap();
    let k = match out {
        "1out" => 1,
        "2out" => 2,
        "4out" => 4,
        "8out" => 8,
        "one_reference_model" => {
            let score = peers::pm_pair(&g.bytes, &[2], a);
            return measures(&g.all, &score, golden, key);
        }
        _ => panic!("unknown golden {key}"),
    };
    if k > 1 {
        let score = peers::pm_offline(&g.bytes, &scene(&g.bytes, 2..=2 * k + 1), k, a);
        measures(&g.all, &score, golden, key);
    } else {
        measures(&g.all, &peers::pm_pair(&g.bytes, &[2, 3], a), golden, key);
    }
}

/// `tensorflow_privacy` slices.
fn tf_privacy(g: &Goldens, golden: &Value) {
    for (attack, slices) in golden.as_object().unwrap() {
        let name = match attack.as_str() {
            "THRESHOLD_ATTACK" => "loss",
            "THRESHOLD_ENTROPY_ATTACK" => "modified_entropy",
            "LOGISTIC_REGRESSION" => "attacker.logistic",
            _ => panic!("unknown golden {attack}"),
        };
        let scores = g.scores(name);
        for slice in slices.as_array().unwrap() {
            let rows =
                peers::slice_rows(&g.all, &g.scores("loss"), slice["slice"].as_str().unwrap());
            let part = |wanted: bool| -> Vec<f64> {
                let of = rows.iter().filter(|i| g.all.member[**i] == wanted);
                of.map(|i| scores[*i]).collect()
            };
            peers::tf_slice(attack, &part(true), &part(false), slice);
        }
    }
}

/// True and false alarms among the top scores, and the ends that bounds on ε start from.
fn accused(g: &Goldens, golden: &Value) {
    for (key, golden) in golden.as_object().unwrap() {
        let (score, top) = key.rsplit_once("_top").unwrap();
        let scores = match score {
            "lira_online_fixed_variance" => g.scores("lira.online.global_variance"),
            "rmia_paper_online_g1" => g.scores("rmia.online"),
            "global_threshold" => g.scores("logit_scaled_confidence"),
            _ => panic!("unknown golden {key}"),
        };
        bounds::accused(&g.all, &scores, top.parse().unwrap(), golden, key);
    }
}

fn per_class(g: &Goldens, golden: &Value) {
    for (class, golden) in golden.as_object().unwrap() {
        let class: usize = class.parse().unwrap();
        let labels = g.all.pool.labels();
        let n = labels.iter().filter(|label| **label == class).count();
        for (key, golden) in golden.as_object().unwrap() {
            let attack = match key.as_str() {
                "n" => {
                    assert_eq!(golden.as_u64(), u64::try_from(n).ok());
                    continue;
                }
                "loss" => "loss",
                "lira" => "lira.online.global_variance",
                _ => panic!("unknown golden {key}"),
            };
            let scores = g.scores(attack);
            let part = |wanted: bool| -> Vec<f64> {
                let of = (0..labels.len()).filter(|i| labels[*i] == class);
                of.filter(|i| g.all.member[*i] == wanted).map(|i| scores[i]).collect()
            };
            measured(&part(true), &part(false), golden, &format!("class {class} {key}"));
        }
    }
}

#[cfg(feature = "tables")]
#[test]
fn every_stored_score_is_reproduced() {
    let Some(g) = Goldens::read("membership::scores") else { return };
    let Some(npz) = shared::data("membership::scores", "privacy/cifar16a_golden_scores.npz") else {
        return;
    };
    for (name, golden) in peers::npz(&std::fs::read(npz).unwrap()) {
        let found = match name.as_str() {
            "global_threshold" => g.scores("logit_scaled_confidence"),
            "lira_online" | "tf_amia_both_False" => g.scores("lira.online.per_example_variance"),
            "lira_online_fixed_variance" => g.scores("lira.online.global_variance"),
            "tf_amia_both_True" => g.scores("lira.online.residual_variance"),
            "lira_offline" | "tf_amia_out_False" => {
                g.scores("lira.offline.two_sided.per_example_variance")
            }
            "lira_offline_fixed_variance" => g.scores("lira.offline.two_sided.global_variance"),
            "tf_amia_out_True" => g.scores("lira.offline.two_sided.residual_variance"),
            "lira_offline_one_sided" => g.scores("lira.offline.one_sided.per_example_variance"),
            "rmia_pm_offline_a0.3" => peers::pm_offline(&g.bytes, &g.all, 8, 0.3),
            "rmia_paper_online_g1" => {
                let scored = membership::scores("rmia.online", &g.all, Seed::new(7)).unwrap();
                membership::share_at_most(&scored.population, &scored.pool)
            }
            _ => panic!("unknown golden {name}"),
        };
        assert_eq!(found.len(), golden.len(), "{name}");
        for (i, (found, golden)) in found.iter().zip(&golden).enumerate() {
            let slack = 1e-9 + 1e-6 * golden.abs();
            assert!((found - golden).abs() <= slack, "{name} row {i}: {found} {golden}");
        }
    }
}

#[test]
fn few_references_are_enough_where_variances_borrow_strength() {
    let Some(g) = Goldens::read("membership::few_references") else { return };
    let some = scene(&g.bytes, 2..=5);
    let auc = |attack: &str| {
        let scores = membership::scores(attack, &some, Seed::new(7)).unwrap().pool;
        let Members { seen, unseen } = some.split(&scores);
        stats::roc(&seen, &unseen).unwrap().auc()
    };
    let (own, shared) = (auc("lira.online.per_example_variance"), auc("lira.online.nig"));
    assert!(own < 0.67 && shared > 0.78, "{own} {shared}");
    // Tuned with as many references as are used, not with one.
    let tuned = g.scores("rmia.offline");
    let Members { seen, unseen } = g.all.split(&tuned);
    assert!(stats::roc(&seen, &unseen).unwrap().auc() > 0.845);
    let Members { seen, unseen } = g.all.split(&g.scores("quantile"));
    assert!(stats::roc(&seen, &unseen).unwrap().auc() > 0.79);
}

#[test]
fn an_attack_and_its_numbers() {
    let Some(g) = Goldens::read("membership::findings") else { return };
    let options = Options { attacks: vec!["loss".to_owned()], confidence: 0.95 };
    let findings = membership::audit_scene(&g.all, &options, Seed::new(7)).unwrap();
    let value = |check: &str| {
        let found: Vec<&Finding> = findings.iter().filter(|f| f.check == check).collect();
        found[0].value.clone().unwrap()
    };
    assert!((value("membership_auc") - 0.772_703).abs() < 1e-9);
    assert!((value("membership_tpr_at_fpr_0.01") - 0.014).abs() < 1e-15);
    assert!((value("generalization_gap") - 0.4535).abs() < 1e-12);
}
