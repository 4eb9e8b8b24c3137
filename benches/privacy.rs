//! Membership attacks, anonymity of tables, bounds on ε and accountants. Run with
//! `cargo bench --bench privacy`.

use audit::domain::{Seed, TextTable};
use audit::privacy::anonymity::{self, Options};
use audit::privacy::dp::one_run::{self, Guesses};
use audit::privacy::dp::{Certificate, certified};
use audit::privacy::membership::{self, Scene};
use audit::privacy::stored::{self, Layout};
use safetensors::{Dtype, tensor::TensorView};

fn main() {
    divan::main();
}

/// `rows` people with five quasi-identifiers and a sensitive number.
fn people(rows: usize) -> TextTable {
    let mut draw = Seed::new(1).stream();
    let mut column = |name: &str, levels: usize| {
        let cells = (0..rows).map(|_| Some(draw.below(levels).to_string())).collect();
        (name.to_owned(), cells)
    };
    let sizes = [("age", 74), ("sex", 2), ("zip", 900), ("race", 5), ("job", 14), ("salary", 200)];
    let columns = sizes.iter().map(|(name, levels)| column(name, *levels)).collect();
    TextTable { file: "people.csv".to_owned(), columns }
}

/// All checks of one sensitive column, from cells of text to findings.
#[divan::bench(args = [5_000, 50_000, 500_000], sample_count = 20)]
fn anonymity_of_a_table(bencher: divan::Bencher<'_, '_>, rows: usize) {
    let table = people(rows);
    let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect();
    let options = Options {
        quasi: names(&["age", "sex", "zip", "race", "job"]),
        sensitive: names(&["salary"]),
        l: None,
    };
    bencher.bench(|| anonymity::audit(&table, None, &options));
}

/// The lower bound on ε of a one-run audit.
#[divan::bench(args = [100, 1_000, 10_000])]
fn one_run_bound(guesses: u64) -> f64 {
    let made = Guesses { records: guesses, made: guesses, right: guesses * 4 / 5 };
    one_run::epsilon_lower_bound(made, 1e-5, 0.05)
}

/// The lower bound on μ of the same audit.
#[divan::bench(args = [100, 1_000])]
fn one_run_bound_of_mu(guesses: u64) -> f64 {
    let made = Guesses { records: guesses, made: guesses, right: guesses * 4 / 5 };
    one_run::mu_lower_bound(made, 0.05)
}

/// Both accountants of a declared training.
#[divan::bench(args = [1_000, 100_000], sample_count = 5)]
fn certificate(steps: u64) -> usize {
    let made = Certificate::new(0.01, 1.1, steps, 1e-5);
    made.map_or(0, |certificate| certified(&certificate).len())
}

/// Classes of the stored outputs.
const CLASSES: usize = 10;
/// Reference models beside the target.
const REFERENCES: usize = 16;
/// Rows that no model was trained on.
const POPULATION: usize = 2_000;

/// Stored outputs of a target and so many references, each of which saw half of the `pool` rows; half of the
/// references saw each row.
fn outputs(pool: usize, references: usize) -> Vec<u8> {
    let (models, rows) = (references + 1, pool + POPULATION);
    let mut draw = Seed::new(3).stream();
    let labels: Vec<usize> = (0..rows).map(|_| draw.below(CLASSES)).collect();
    let mut masks = vec![0_u8; models * pool];
    for row in 0..pool {
        masks[row] = u8::from(draw.flip(0.5));
        let mut saw: Vec<u8> = (0..references).map(|m| u8::from(m % 2 == 0)).collect();
        draw.shuffle(&mut saw);
        saw.into_iter().enumerate().for_each(|(m, saw)| masks[(m + 1) * pool + row] = saw);
    }
    let mut logits = Vec::with_capacity(models * rows * CLASSES * 4);
    for model in 0..models {
        for (row, label) in labels.iter().enumerate() {
            let member = row < pool && masks[model * pool + row] == 1;
            for class in 0..CLASSES {
                let noise = f32::from(u16::try_from(draw.below(4096)).unwrap_or(0)) / 1024.0;
                let sure = if member { 5.0 } else { 4.0 };
                let value = if class == *label { noise + sure } else { noise };
                logits.extend(value.to_le_bytes());
            }
        }
    }
    let labels: Vec<u8> =
        labels.iter().flat_map(|y| i64::try_from(*y).unwrap_or(0).to_le_bytes()).collect();
    let view = |dtype, shape: &[usize], bytes| TensorView::new(dtype, shape.to_vec(), bytes);
    let views = [
        ("logits", view(Dtype::F32, &[models, rows, CLASSES], &logits)),
        ("masks", view(Dtype::U8, &[models, pool], &masks)),
        ("labels", view(Dtype::I64, &[rows], &labels)),
    ];
    let views = views.into_iter().filter_map(|(name, view)| Some((name, view.ok()?)));
    safetensors::serialize(views, None).unwrap_or_default()
}

/// The file without and with references, as `audit membership` reads it.
fn scene(bytes: &[u8], with_references: bool) -> Option<Scene> {
    let stored = stored::read(bytes, &Layout::default()).ok()?;
    let scene = stored.scene().ok()?;
    let references = if with_references { stored.references() } else { None };
    Some(Scene { references, ..scene })
}

/// Loss scores and all their findings, from the target's logits in memory.
#[divan::bench(args = [6_000, 60_000, 240_000], sample_count = 20)]
fn threshold_attack(bencher: divan::Bencher<'_, '_>, rows: usize) {
    let scene = scene(&outputs(rows, 0), false);
    let options = membership::Options { attacks: vec!["loss".to_owned()], confidence: 0.95 };
    bencher.bench(|| {
        scene.as_ref().map(|scene| membership::audit_scene(scene, &options, Seed::new(1)))
    });
}

/// The likelihood-ratio attack from the bytes of a file: check, φ of 16 references, scores.
#[divan::bench(args = [6_000, 20_000, 60_000], sample_count = 10)]
fn lira_from_logits(bencher: divan::Bencher<'_, '_>, rows: usize) {
    let bytes = outputs(rows, REFERENCES);
    bencher.bench(|| {
        let scene = scene(&bytes, true)?;
        membership::scores("lira.online.global_variance", &scene, Seed::new(1)).ok()
    });
}

/// The same attack once the references are in memory.
#[divan::bench(args = [6_000, 20_000, 60_000], sample_count = 10)]
fn lira_from_references(bencher: divan::Bencher<'_, '_>, rows: usize) {
    let scene = scene(&outputs(rows, REFERENCES), true);
    bencher.bench(|| {
        let scene = scene.as_ref()?;
        membership::scores("lira.online.global_variance", scene, Seed::new(1)).ok()
    });
}

/// Ratios of pool and population once the references are in memory, and the share of the population
/// below each.
#[divan::bench(args = [6_000, 20_000, 60_000], sample_count = 10)]
fn rmia_from_references(bencher: divan::Bencher<'_, '_>, rows: usize) {
    let scene = scene(&outputs(rows, REFERENCES), true);
    bencher.bench(|| {
        let scored = membership::scores("rmia.online", scene.as_ref()?, Seed::new(1)).ok()?;
        Some(membership::share_at_most(&scored.population, &scored.pool))
    });
}

/// The same with the offline ratio, whose mixture is tuned on held-out references.
#[divan::bench(args = [6_000, 20_000, 60_000], sample_count = 10)]
fn rmia_offline_from_references(bencher: divan::Bencher<'_, '_>, rows: usize) {
    let scene = scene(&outputs(rows, REFERENCES), true);
    bencher.bench(|| {
        let scored = membership::scores("rmia.offline", scene.as_ref()?, Seed::new(1)).ok()?;
        Some(membership::share_at_most(&scored.population, &scored.pool))
    });
}
