//! The one pass over all rows says what the metrics of the rows say.

use crate::domain::{Confusion, Seed, to_f64};
use crate::fairness::METRICS;
use crate::fairness::fixed::number;
use crate::fairness::metrics::calibration::Bins;
use crate::fairness::pass::{Cell, Layout, Pass, Summary};
use crate::fairness::slice::Slice;
use crate::stats::{Placements, sum};

/// Rows of three groups: score, group, class and decision, some of the scores equal.
fn rows(n: u32) -> Vec<(f64, u32, u32, u32)> {
    let mut draw = Seed::new(8).stream();
    let row = |i: u32| {
        let score = draw.uniform();
        let class = u32::from(draw.uniform() < 0.3 + 0.4 * score);
        let score = if i.is_multiple_of(3) { (score * 20.0).round() / 20.0 } else { score };
        (score, i * i % 7 % 3, class, u32::from(draw.uniform() < score))
    };
    (0..n).map(row).collect()
}

/// Compares what was summed up of a set of rows with the rows themselves.
fn agrees(summary: &Summary, rows: &[(f64, u32, u32, u32)]) {
    let of = |class: u32| {
        let mut scores: Vec<f64> = rows.iter().filter(|row| row.2 == class).map(|r| r.0).collect();
        scores.sort_unstable_by(f64::total_cmp);
        scores
    };
    let (positive, negative) = (of(1), of(0));
    let slice = Slice::ranked(Confusion::default(), &positive, &negative);
    let of_rows = |name: &str| {
        let metric = METRICS.iter().find(|metric| metric.meta().name == name).unwrap();
        metric.of(&slice).unwrap()
    };
    assert_eq!(summary.curve.placements(), Placements::of(&positive, &negative));
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-12, "{found}");
    close(summary.curve.average_precision(), of_rows("average_precision"));
    let both = summary.classes[0].plus(&summary.classes[1]);
    assert_eq!((summary.n(), both.n), (both.n, u64::try_from(rows.len()).unwrap()));
    close(both.square.mean(both.n), of_rows("brier_score"));
    close(both.log.mean(both.n) * 64.0, of_rows("log_loss"));
    close(both.score.mean(both.n), sum(rows.iter().map(|row| row.0)) / to_f64(both.n));
    let bins = Bins::left_closed(&slice).unwrap();
    for (at, bin) in bins.all().iter().enumerate() {
        let [(negatives, low), (positives, high)] =
            [0, 1].map(|c: usize| summary.classes[c].bins[at]);
        assert_eq!((to_f64(negatives + positives), to_f64(positives)), (bin.weight, bin.positive));
        let inside = |row: &&(f64, u32, u32, u32)| bins_of(row.0) == at;
        close(number(low + high), sum(rows.iter().filter(inside).map(|row| row.0)));
    }
}

/// The bin of a score.
fn bins_of(score: f64) -> usize {
    (1..10_u32).filter(|edge| f64::from(*edge) <= 10.0 * score).count()
}

#[test]
fn every_set_of_rows_is_summed_up_as_it_is() {
    for n in [40, 3000] {
        let rows = rows(n);
        let scores: Vec<f64> = rows.iter().map(|row| row.0).collect();
        let of: Vec<u32> = rows.iter().map(|row| 4 * row.1 + 2 * row.2 + row.3).collect();
        let layout = Layout { cells: 6, sets: 4, places: vec![0, 1, 0, 2, 0, 3], width: 2 };
        let pass = Pass::of(&scores, &of, &layout);
        let cells = |group: usize| [pass.cells[2 * group], pass.cells[2 * group + 1]];
        for group in 0..3 {
            let summary = Summary { classes: cells(group), curve: pass.curves[group + 1] };
            let inside = |row: &&(f64, u32, u32, u32)| usize::try_from(row.1).unwrap() == group;
            agrees(&summary, &rows.iter().filter(inside).copied().collect::<Vec<_>>());
        }
        let both = |class: usize| (0..3).fold(Cell::default(), |sum, g| sum.plus(&cells(g)[class]));
        agrees(&Summary { classes: [both(0), both(1)], curve: pass.curves[0] }, &rows);
    }
}

#[test]
fn a_small_loss_is_known_to_the_last_step() {
    let layout = Layout { cells: 2, sets: 1, places: vec![0], width: 1 };
    for chance in [0.9_f64, 0.8, 0.7, 0.5, 0.999] {
        let pass = Pass::of(&[chance], &[2], &layout);
        let loss = pass.cells[1].log.mean(1) * 64.0;
        assert!((loss + chance.ln()).abs() < 1e-15, "{chance} {loss}");
    }
}
