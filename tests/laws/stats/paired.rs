//! Settings of two runs on the same rows.

use super::{Claim, EASY, LEVEL, SHARP, Setting, between, cells, covers};
use audit::domain::{Groups, Split, Stream};
use audit::fairness::{Earlier, Frame, Options, Selection, changes};
use audit::stats::{Agreement, delong_paired, mean_change, tango};

/// A share of `n` rows in two runs that differ in a share of rows drawn between these.
pub(super) fn share(draw: &mut Stream, n: u64, differ: (f64, f64)) -> Option<bool> {
    let (differ, split) = (between(draw, differ.0, differ.1), between(draw, 0.2, 0.8));
    let (first, second) = (differ * split, differ * (1.0 - split));
    let both = (1.0 - differ) * between(draw, 0.2, 0.8);
    let counts = cells(draw, n, [both, first, second, 1.0 - differ - both]);
    let pairs =
        Agreement { both: counts[0], first: counts[1], second: counts[2], neither: counts[3] };
    covers(tango(&pairs, LEVEL), first - second)
}

/// `(new, old)` scores of one class that share half of their noise.
fn scored(draw: &mut Stream, n: usize, shift: [f64; 2]) -> Vec<(f64, f64)> {
    let one = |_| {
        let common = draw.normal();
        let mut of =
            |shift: f64| (common + draw.normal()) * std::f64::consts::FRAC_1_SQRT_2 + shift;
        (of(shift[0]), of(shift[1]))
    };
    (0..n).map(one).collect()
}

pub(super) fn areas(draw: &mut Stream, [n, m]: [usize; 2]) -> Option<bool> {
    let positive = scored(draw, n, [SHARP.0, EASY.0]);
    let negative = scored(draw, m, [0.0, 0.0]);
    let found = delong_paired(&positive, &negative).ok()?;
    covers(found.interval(LEVEL), SHARP.1 - EASY.1)
}

/// Brier scores of a positive class with uniform scores that both runs partly share.
pub(super) fn brier(draw: &mut Stream, n: usize) -> Option<bool> {
    let mut gaps = Vec::new();
    for _ in 0..n {
        let old = draw.uniform();
        let new = if draw.flip(0.5) { old } else { draw.uniform().sqrt() };
        gaps.push((1.0 - new).powi(2) - (1.0 - old).powi(2));
    }
    // E (1 − √u)² = 1 − 4/3 + ½ = 1/6, E (1 − u)² = 1/3; half of the rows change.
    covers(mean_change(&gaps, 1.0, LEVEL).ok()?.interval, (1.0 / 6.0 - 1.0 / 3.0) / 2.0)
}

/// Rows `(truth, new, old)` as two runs.
fn frames(rows: &[(bool, bool, bool)], groups: &[Groups]) -> [Frame; 2] {
    let frame = |decided: fn(&(bool, bool, bool)) -> bool| Frame {
        split: Split::Test,
        y_true: rows.iter().map(|row| row.0).collect(),
        y_pred: rows.iter().map(decided).collect(),
        score: None,
        weight: None,
        groups: groups.to_vec(),
    };
    [frame(|row| row.1), frame(|row| row.2)]
}

/// Whether the reported change covers.
fn reported(frames: &[Frame; 2], metric: &str, truth: f64) -> Option<bool> {
    let metrics = Selection::Named(vec![metric.to_owned()]);
    let options = Options { metrics, ..Options::default() };
    let found =
        changes(&frames[0], &Earlier { frame: &frames[1], name: "old" }, &options).remove(0);
    assert_eq!(found.check, format!("{metric}_change"));
    covers(found.interval, truth)
}

/// A row decided with this chance, and again by a run that draws a share of the rows anew.
fn decided(draw: &mut Stream, old: f64, new: f64, differ: f64) -> (bool, bool) {
    // Rows in the new run only and in the old run only.
    let only = |more: f64| f64::midpoint(differ, more);
    let (only_new, only_old) = (only(new - old), only(old - new));
    let at = draw.uniform();
    let both = new - only_new;
    (at < both + only_new, at < both || (at >= both + only_new && at < both + only_new + only_old))
}

/// Precision, F1 or Matthews correlation where 70 % of the positives and 30 % of the negatives were selected, now 75 and 25 %.
pub(super) fn drawn(draw: &mut Stream, metric: &str, n: usize, differ: f64) -> Option<bool> {
    let shift = differ / 4.0;
    let row = |_| {
        let truth = draw.flip(0.5);
        let old = if truth { 0.7 } else { 0.3 };
        let new = if truth { old + shift } else { old - shift };
        let (new, old) = decided(draw, old, new, differ);
        (truth, new, old)
    };
    let rows: Vec<_> = (0..n).map(row).collect();
    let of = |tpr: f64, fpr: f64| match metric {
        "precision" => tpr / (tpr + fpr),
        // Half of the rows are positive: (tp tn − fp fn) / √(¼ · selected · not selected).
        "matthews_corrcoef" => (tpr - fpr) / ((tpr + fpr) * (2.0 - tpr - fpr)).sqrt(),
        _ => 2.0 * tpr / (tpr + fpr + 1.0),
    };
    let truth = of(0.7 + shift, 0.3 - shift) - of(0.7, 0.3);
    reported(&frames(&rows, &[]), metric, truth)
}

/// TPR and TNR of `n` rows each.
pub(super) fn halves(draw: &mut Stream, n: usize) -> Option<bool> {
    let row = |i: usize| {
        let (old, new) = if i.is_multiple_of(2) { (0.8, 0.85) } else { (0.3, 0.2) };
        let (new, old) = decided(draw, old, new, 0.2);
        (i.is_multiple_of(2), new, old)
    };
    let rows: Vec<_> = (0..2 * n).map(row).collect();
    reported(&frames(&rows, &[]), "balanced_accuracy", 0.075)
}

/// The gap of areas of two groups with `n` rows of either class each; groups are `(new, old)` shifts.
pub(super) fn area_gap(draw: &mut Stream, n: usize, groups: [[(f64, f64); 2]; 2]) -> Option<bool> {
    let (mut y_true, mut scores, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (name, [new, old]) in ["a", "b"].into_iter().zip(groups) {
        for positive in [true, false] {
            let shift = if positive { [new.0, old.0] } else { [0.0; 2] };
            scores.extend(scored(draw, n, shift));
            y_true.extend(std::iter::repeat_n(positive, n));
            names.extend(std::iter::repeat_n(Some(name), n));
        }
    }
    let frame = |score: Vec<f64>| Frame {
        split: Split::Test,
        y_true: y_true.clone(),
        y_pred: y_true.clone(),
        score: Some(score),
        weight: None,
        groups: vec![Groups::encode("g", &names)],
    };
    let frames = [
        frame(scores.iter().map(|pair| pair.0).collect()),
        frame(scores.iter().map(|pair| pair.1).collect()),
    ];
    let gap = |run: usize| (groups[0][run].1 - groups[1][run].1).abs();
    reported(&frames, "roc_auc_difference", gap(0) - gap(1))
}

/// The gap of selection rates; groups are `(rows, new rate, old rate)`, a tenth and more differ.
pub(super) fn gap(draw: &mut Stream, groups: &[(usize, f64, f64)]) -> Option<bool> {
    let (mut rows, mut names) = (Vec::new(), Vec::new());
    for (at, (n, new, old)) in groups.iter().enumerate() {
        for _ in 0..*n {
            let (new, old) = decided(draw, *old, *new, 0.1 + (new - old).abs());
            rows.push((true, new, old));
            names.push(Some(at.to_string()));
        }
    }
    let widest = |rates: &mut dyn Iterator<Item = f64>| {
        let (low, high) = rates.fold((1.0_f64, 0.0_f64), |e, rate| (e.0.min(rate), e.1.max(rate)));
        high - low
    };
    let truth = widest(&mut groups.iter().map(|g| g.1)) - widest(&mut groups.iter().map(|g| g.2));
    let frames = frames(&rows, &[Groups::encode("g", &names)]);
    reported(&frames, "demographic_parity_difference", truth)
}

pub(super) static SETTINGS: &[Setting] = &settings![
    ("tango", "10 rows, differing in 10 to 80 %", AtLeast, |d| share(d, 10, (0.1, 0.8))),
    ("tango", "30 rows, differing in 10 to 80 %", Holds, |d| share(d, 30, (0.1, 0.8))),
    ("tango", "100 rows, differing in 2 to 10 %", AtLeast, |d| share(d, 100, (0.02, 0.1))),
    ("tango", "300 rows, differing in 2 to 10 %", Holds, |d| share(d, 300, (0.02, 0.1))),
    ("mover_tango", "balanced accuracy, 100 and 100 rows", Holds, |d| halves(d, 100)),
    ("delong_paired", "30 and 30 rows, areas 0.9 and 0.75", Nothing, |d| areas(d, [30, 30])),
    ("delong_paired", "30 and 300 rows, areas 0.9 and 0.75", Holds, |d| areas(d, [30, 300])),
    ("delong_paired", "100 and 100 rows, areas 0.9 and 0.75", Holds, |d| areas(d, [100, 100])),
    ("paired_t", "Brier score, 100 rows", Holds, |d| brier(d, 100)),
    ("change of the worst gap", "two groups of 100, gaps of 0.1 and 0.2", AtLeast, |d| gap(
        d,
        &[(100, 0.6, 0.6), (100, 0.5, 0.4)]
    )),
    ("change of the worst gap", "two groups of 100, no gap now", AtLeast, |d| gap(
        d,
        &[(100, 0.5, 0.5), (100, 0.5, 0.4)]
    )),
    ("change of the worst gap", "two groups of 30, never a gap", AtLeast, |d| gap(
        d,
        &[(30, 0.5, 0.5), (30, 0.5, 0.5)]
    )),
    ("change of the worst gap", "areas, two groups of 100 and 100, gaps of 0.15", AtLeast, |d| {
        area_gap(d, 100, [[SHARP, SHARP], [EASY, EASY]])
    }),
    ("change of the worst gap", "areas, two groups of 100 and 100, no gap before", AtLeast, |d| {
        area_gap(d, 100, [[SHARP, EASY], [EASY, EASY]])
    }),
];

/// Settings that take seconds each. `cargo test --test suite -- --ignored every_slow_interval` holds them to
/// their claim; the suite draws a hundred of each, which shows what is grossly off.
pub(super) static SLOW: &[Setting] = &settings![
    ("bootstrap_bca, paired", "precision, 300 rows, two fifths differ", Holds, |d| {
        drawn(d, "precision", 300, 0.4)
    }),
    ("bootstrap_bca, paired", "precision, 300 rows, a fifth differs", Holds, |d| drawn(
        d,
        "precision",
        300,
        0.2
    )),
    ("bootstrap_bca, paired", "F1, 300 rows, a fifth differs", Holds, |d| drawn(d, "f1", 300, 0.2)),
    ("bootstrap_bca, paired", "Matthews correlation, 300 rows, a fifth differs", Holds, |d| {
        drawn(d, "matthews_corrcoef", 300, 0.2)
    }),
    ("change of the worst gap", "five groups of 30 to 300", AtLeast, |d| gap(
        d,
        &[(300, 0.5, 0.5), (150, 0.4, 0.45), (60, 0.6, 0.5), (30, 0.55, 0.5), (30, 0.5, 0.5)]
    )),
    ("change of the worst gap", "six groups of 100, alike now", AtLeast, |d| gap(
        d,
        &[
            (100, 0.5, 0.5),
            (100, 0.5, 0.5),
            (100, 0.5, 0.5),
            (100, 0.5, 0.5),
            (100, 0.5, 0.5),
            (100, 0.5, 0.2)
        ]
    )),
];
