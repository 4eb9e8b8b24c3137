//! The audit of a frame that is in memory.

use audit::domain::{Groups, Seed, Split};
use audit::fairness::{Frame, Options, Selection, audit};

/// `rows` rows with a feature of seven levels, one of two, and their intersection.
fn frame(rows: usize) -> Frame {
    let mut draw = Seed::new(1).stream();
    let mut column = |feature: &str, levels: usize| {
        let cells: Vec<Option<String>> =
            (0..rows).map(|_| Some(draw.below(levels).to_string())).collect();
        Groups::encode(feature, &cells)
    };
    let (race, sex) = (column("race", 7), column("sex", 2));
    let both = Groups::cross(&[&race, &sex]);
    let score: Vec<f64> = (0..rows).map(|_| draw.uniform()).collect();
    Frame {
        split: Split::Test,
        y_true: score.iter().map(|score| draw.flip(*score)).collect(),
        y_pred: score.iter().map(|score| *score >= 0.5).collect(),
        score: Some(score),
        weight: None,
        groups: vec![race, sex, both],
    }
}

fn options() -> Options {
    Options { min_group_size: 30, metrics: Selection::Default, ..Options::default() }
}

/// Counts only: what a table without scores costs.
#[divan::bench(args = [1_000, 100_000, 1_000_000], sample_count = 20)]
fn counts(bencher: divan::Bencher<'_, '_>, rows: usize) {
    let frame = Frame { score: None, ..frame(rows) };
    bencher.bench(|| audit(&frame, &options()));
}

/// The default set: counts, areas and average precision, calibration, comparisons, tests, draws.
#[divan::bench(args = [1_000, 100_000, 1_000_000], sample_count = 20)]
fn default_set(bencher: divan::Bencher<'_, '_>, rows: usize) {
    let frame = frame(rows);
    bencher.bench(|| audit(&frame, &options()));
}
