//! What other tools do with the same outputs, transcribed from their definitions for comparison.

use super::membership_bounds as bounds;
use audit::domain::Seed;
use audit::privacy::membership::{self, Scene};
use audit::privacy::stored::{self, Layout};
use audit::stats;
use serde_json::Value;

fn count(n: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap())
}

/// Accuracy and mean loss of members and others.
pub(super) fn means(scene: &Scene, golden: &Value, what: &str) {
    let (attack, sign) = if what == "mean_loss" { ("loss", -1.0) } else { ("gap", 1.0) };
    let scores = membership::scores(attack, scene, Seed::new(7)).unwrap().pool;
    let parts = scene.split(&scores);
    for (key, expected) in golden.as_object().unwrap() {
        let part = match key.as_str() {
            "members" => &parts.seen,
            "nonmembers" => &parts.unseen,
            _ => panic!("unknown golden {what} {key}"),
        };
        let mean = sign * part.iter().sum::<f64>() / count(part.len());
        assert!((mean - expected.as_f64().unwrap()).abs() < 1e-9, "{what} {key}: {mean}");
    }
}

/// Probabilities of the true class by one model, on pool and population.
fn probabilities(bytes: &[u8], model: usize) -> (Vec<f64>, Vec<f64>, Vec<bool>) {
    let layout = Layout { target: model, ..Layout::default() };
    let scene = stored::read(bytes, &layout).unwrap().scene().unwrap();
    let phi = membership::scores("logit_scaled_confidence", &scene, Seed::new(7)).unwrap();
    let p = |phi: &Vec<f64>| phi.iter().map(|v| 1.0 / (1.0 + (-v).exp())).collect();
    (p(&phi.pool), p(&phi.population), scene.member)
}

/// The share of the population whose ratio lies below the row's.
fn shares(pool: &[f64], population: &[f64]) -> Vec<f64> {
    membership::share_at_most(population, pool)
}

/// Privacy Meter's `run_rmia`: of the k to 2k reference probabilities of a population row it takes
/// the k largest, although the row is OUT of all.
pub(super) fn pm_offline(bytes: &[u8], scene: &Scene, k: usize, a: f64) -> Vec<f64> {
    let models: Vec<_> = (2..=2 * k + 1).map(|m| probabilities(bytes, m)).collect();
    let (_, target, _) = probabilities(bytes, 0);
    let ratio = |(z, p): (usize, &f64)| {
        let mut all: Vec<f64> = models.iter().map(|m| m.1[z]).collect();
        all.sort_by(|x, y| y.total_cmp(x));
        let mean = all[..k].iter().sum::<f64>() / count(k);
        (p / (0.5 * ((1.0 + a) * mean + 1.0 - a))).ln()
    };
    let population: Vec<f64> = target.iter().enumerate().map(ratio).collect();
    shares(&membership::rmia_offline(scene, a).unwrap().pool, &population)
}

/// Its special case of one pair or one reference: what a model that saw the row would have said
/// without it is estimated as `(p + a − 1) / a`, and with the `a` of 0.3 where `a` is 0.
pub(super) fn pm_pair(bytes: &[u8], references: &[usize], a: f64) -> Vec<f64> {
    let models: Vec<_> = references.iter().map(|m| probabilities(bytes, *m)).collect();
    let (pool, population, _) = probabilities(bytes, 0);
    let n = count(models.len());
    let marginal = |mean: f64| 0.5 * ((1.0 + a) * mean + 1.0 - a);
    let unseen = |m: &(Vec<f64>, Vec<f64>, Vec<bool>), i: usize| match (m.2[i], a > 0.0) {
        (false, _) => m.0[i],
        (true, true) => (m.0[i] + a - 1.0) / a,
        (true, false) => (m.0[i] - 0.7) / 0.3,
    };
    let of_row =
        |(i, p): (usize, &f64)| p / marginal(models.iter().map(|m| unseen(m, i)).sum::<f64>() / n);
    let of_z = |(i, p): (usize, &f64)| p / marginal(models.iter().map(|m| m.1[i]).sum::<f64>() / n);
    let pool: Vec<f64> = pool.iter().enumerate().map(of_row).collect();
    let population: Vec<f64> = population.iter().enumerate().map(of_z).collect();
    shares(&pool, &population)
}

/// The rows of a `tensorflow_privacy` slice.
pub(super) fn slice_rows(scene: &Scene, loss: &[f64], slice: &str) -> Vec<usize> {
    let all = 0..loss.len();
    if slice == "Entire dataset" {
        return all.collect();
    }
    if let Some(class) = slice.strip_prefix("CLASS=") {
        let class: usize = class.parse().unwrap();
        return all.filter(|i| scene.pool.labels()[*i] == class).collect();
    }
    if let Some(right) = slice.strip_prefix("CORRECTLY_CLASSIFIED=") {
        let hit = membership::scores("gap", scene, Seed::new(7)).unwrap().pool;
        return all.filter(|i| (hit[*i] > 0.5) == (right == "True")).collect();
    }
    let range = slice.strip_prefix("Loss percentiles: ").unwrap_or_else(|| panic!("{slice}"));
    let (low, high) = range.split_once('-').unwrap();
    let mut order: Vec<usize> = all.collect();
    order.sort_by(|a, b| loss[*b].total_cmp(&loss[*a]));
    let at = |percent: &str| percent.parse::<usize>().unwrap() * order.len() / 100;
    order[at(low)..at(high)].to_vec()
}

/// One slice of one of its attacks. The loss is clipped at 1e-8 there, so ties differ.
pub(super) fn tf_slice(attack: &str, seen: &[f64], unseen: &[f64], golden: &Value) {
    let (trained, what) = (attack == "LOGISTIC_REGRESSION", golden["slice"].as_str().unwrap());
    let slack = if trained { 0.01 } else { 1e-9 };
    let roc = stats::roc(seen, unseen).unwrap();
    for (key, expected) in golden.as_object().unwrap() {
        let number = || expected.as_f64().unwrap();
        match key.as_str() {
            "n" => {
                let n: Vec<u64> = [seen, unseen].map(|s| s.len().try_into().unwrap()).to_vec();
                assert_eq!(expected, &serde_json::json!(n), "{what}");
            }
            "auc" => assert!((roc.auc() - number()).abs() < slack, "{what} auc {}", roc.auc()),
            "advantage" if !trained => {
                assert!((roc.advantage() - number()).abs() < 1e-9, "{what} {}", roc.advantage());
            }
            "ppv" if !trained => {
                let found = membership::positive_predictive_value(&roc);
                assert!((found - number()).abs() < 1e-9, "{attack} {what} ppv {found}");
            }
            "eps_lower_bound_top5" if !trained => {
                let found = bounds::largest("bailey", seen, unseen, 5);
                bounds::same(&found, expected, &format!("{attack} {what}"));
            }
            // The trained attacker's folds are random: its AUC is near, the rest is chance.
            "slice" | "eps_lower_bound_top5" | "advantage" | "ppv" => {}
            _ => panic!("unknown golden {attack} {key}"),
        }
    }
}

/// `tensorflow_privacy` membership probability: the share of members in each of 15 bins of the loss,
/// equally wide in the logarithm. There, rounding puts the smallest and the largest loss outside of
/// the bins; the largest is then read in the last bin, and so is the smallest, by index −1.
pub(super) fn membership_probability(scene: &Scene, loss: &[f64], golden: &Value) {
    let loss: Vec<f64> = loss.iter().map(|s| -s).collect();
    let (least, most) =
        loss.iter().fold((f64::INFINITY, 0.0_f64), |(l, m), v| (l.min(*v), m.max(*v)));
    let edge = |i: usize| least.ln() + (most.ln() - least.ln()) * count(i) / 15.0;
    let edges: Vec<f64> = (1..15).map(edge).collect();
    let bin = |v: f64| if v > least { edges.partition_point(|e| *e <= v.ln()) } else { 14 };
    let mut bins = vec![[0_usize; 2]; 15];
    let inner = loss.iter().zip(&scene.member).filter(|(v, _)| **v > least && **v < most);
    inner.for_each(|(v, m)| bins[bin(*v)][usize::from(*m)] += 1);
    let probability = |v: &f64| {
        let [out, inside] = bins[bin(*v)];
        count(inside) / count(inside + out)
    };
    let parts = scene.split(&loss.iter().map(probability).collect::<Vec<_>>());
    let mean = |part: &[f64]| part.iter().sum::<f64>() / count(part.len());
    for (key, expected) in golden.as_object().unwrap() {
        let found = match key.as_str() {
            "mean_members" => mean(&parts.seen),
            "mean_nonmembers" => mean(&parts.unseen),
            "max" => parts.seen.iter().copied().fold(0.0, f64::max),
            _ => panic!("unknown golden {key}"),
        };
        assert!((found - expected.as_f64().unwrap()).abs() < 1e-9, "{key}: {found} {expected}");
    }
}

/// The arrays of an npz file of f64 vectors.
#[cfg(feature = "tables")]
pub(super) fn npz(bytes: &[u8]) -> Vec<(String, Vec<f64>)> {
    use std::io::Read;
    let word = |at: usize, n: usize| {
        bytes[at..at + n].iter().rev().fold(0_usize, |v, b| v * 256 + usize::from(*b))
    };
    let end = (0..bytes.len() - 21).rev().find(|i| bytes[*i..].starts_with(b"PK\x05\x06")).unwrap();
    let (mut at, mut found) = (word(end + 16, 4), Vec::new());
    for _ in 0..word(end + 10, 2) {
        let (size, name, local) = (word(at + 20, 4), word(at + 28, 2), word(at + 42, 4));
        let title = String::from_utf8(bytes[at + 46..at + 46 + name].to_vec()).unwrap();
        let from = local + 30 + word(local + 26, 2) + word(local + 28, 2);
        let mut array = Vec::new();
        let mut packed = flate2::read::DeflateDecoder::new(&bytes[from..from + size]);
        packed.read_to_end(&mut array).unwrap();
        let header = 10 + usize::from(array[8]) + 256 * usize::from(array[9]);
        let float = |b: &[u8]| f64::from_le_bytes(b.try_into().unwrap());
        let values = array[header..].chunks_exact(8).map(float).collect();
        found.push((title.trim_end_matches(".npy").to_owned(), values));
        at += 46 + name + word(at + 30, 2) + word(at + 32, 2);
    }
    found
}
