//! fairlearn's own bootstrap: quantiles over 200 resamples of the rows with seed 42.
//!
//! It draws whole rows, so that groups change in size, counts 0/0 as 0, and takes
//! `numpy.quantile` of the 200 values. We draw the same way from the counts, 10,000 times. Two things
//! are compared: each of their limits by the noise that 200 draws have, and how many lie within a
//! tenth of the width, for theirs and, as a control, for 200 draws of our own.

use super::{Golden, object};
use audit::domain::{Groups, Seed, Undefined, Value};
use audit::stats::{Cube, clopper_pearson};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// Quantile; the draw of 200, in ascending order from 1, that `numpy.quantile` is at or just above.
const QUANTILES: [(f64, u64); 3] = [(0.025, 5), (0.5, 100), (0.975, 195)];
/// Level at which the noise of one limit is judged: one false alarm in a hundred runs of all of them.
const LEVEL: f64 = 1.0 - 0.01 / 400.0;
const METRICS: [&str; 3] = ["selection_rate", "tpr", "fpr"];

/// Draws of a number by group (`""`: the gap between groups) and metric, ascending.
struct Drawn(BTreeMap<(String, &'static str), Vec<f64>>);

/// Hits and rows of the three rates in tp, fp, tn, fn of one group.
fn rates(cells: &[u64]) -> [(u64, u64); 3] {
    let [tp, fp, tn, fn_] = [cells[0], cells[1], cells[2], cells[3]];
    [(tp + fp, tp + fp + tn + fn_), (tp, tp + fn_), (fp, fp + tn)]
}

fn number(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

impl Drawn {
    fn of(golden: &Golden, groups: &Groups, draws: u32, seed: Seed) -> Self {
        let mut cells = vec![0_u64; 4 * groups.n_levels()];
        for (row, level) in groups.of().enumerate() {
            let at = match (golden.frame.y_true[row], golden.frame.y_pred[row]) {
                (true, true) => 0,
                (false, true) => 1,
                (false, false) => 2,
                (true, false) => 3,
            };
            cells[4 * level.index() + at] += 1;
        }
        let labels: Vec<String> = groups.ids().map(|id| groups.label(id)).collect();
        let mut all: BTreeMap<(String, &'static str), Vec<f64>> = BTreeMap::new();
        let look = |drawn: &[Vec<u64>]| -> Value {
            let mut ends = [(f64::INFINITY, f64::NEG_INFINITY); 3];
            for (label, cells) in labels.iter().zip(drawn[0].chunks(4)) {
                // A group that was not drawn takes no part in this draw.
                if cells.iter().all(|rows| *rows == 0) {
                    continue;
                }
                for ((name, (hits, n)), ends) in
                    METRICS.into_iter().zip(rates(cells)).zip(&mut ends)
                {
                    let rate = if n == 0 { 0.0 } else { number(hits) / number(n) };
                    all.entry((label.clone(), name)).or_default().push(rate);
                    *ends = (ends.0.min(rate), ends.1.max(rate));
                }
            }
            for (name, (low, high)) in METRICS.into_iter().zip(ends) {
                all.entry((String::new(), name)).or_default().push(high - low);
            }
            Err(Undefined::Empty)
        };
        Cube::new(vec![cells]).draws(draws, seed, look);
        for values in all.values_mut() {
            values.sort_unstable_by(f64::total_cmp);
        }
        Self(all)
    }
}

/// `numpy.quantile`, linear between the order statistics.
fn quantile(sorted: &[f64], p: f64) -> f64 {
    let last = sorted.len() - 1;
    let place = p * number(u64::try_from(last).unwrap());
    let below = (0..=last).rev().find(|i| number(u64::try_from(*i).unwrap()) <= place).unwrap();
    let share = place - number(u64::try_from(below).unwrap());
    sorted[below] + share * (sorted[(below + 1).min(last)] - sorted[below])
}

/// The shares of the draws below a limit, and up to it.
fn shares(sorted: &[f64], limit: f64) -> [f64; 2] {
    let (slack, n) = (1e-9, number(u64::try_from(sorted.len()).unwrap()));
    let count = |at: usize| number(u64::try_from(at).unwrap()) / n;
    [
        count(sorted.partition_point(|v| *v < limit - slack)),
        count(sorted.partition_point(|v| *v <= limit + slack)),
    ]
}

/// Limits by whether they lie within a tenth of the width: ends of theirs, ends of ours, medians of
/// theirs; `[within, all]` each.
#[derive(Default)]
struct Tally([[usize; 2]; 3]);

impl Tally {
    fn add(&mut self, kind: usize, within: bool) {
        self.0[kind][0] += usize::from(within);
        self.0[kind][1] += 1;
    }

    fn compare(&mut self, many: &[f64], few: &[f64], (at, theirs): (usize, f64), what: &str) {
        let (p, rank) = QUANTILES[at];
        // Between the draws `rank` and `rank + 1` of 200: the share of all draws below it is as
        // uncertain as a share of `rank` hits in 200 rows.
        let noise = clopper_pearson(rank, 200, LEVEL).unwrap();
        let [below, upto] = shares(many, theirs);
        let fits = below <= noise.high + 0.005 && upto >= noise.low - 0.005;
        assert!(fits, "{what} {p}: {theirs} stands at {below} to {upto}, {noise:?}");
        let width = quantile(many, 0.975) - quantile(many, 0.025);
        let near = |limit: f64| (limit - quantile(many, p)).abs() <= 0.1 * width + 1e-9;
        if at == 1 {
            self.add(2, near(theirs));
        } else {
            self.add(0, near(theirs));
            self.add(1, near(quantile(few, p)));
        }
    }
}

fn limits(golden: &Golden, tally: &mut Tally) -> usize {
    let mut compared = 0;
    for (name, attribute, groups) in golden.attributes() {
        let Some(theirs) = attribute.get("fairlearn_bootstrap_200_seed42") else { continue };
        let seed = Seed::new(42).child(name);
        let many = Drawn::of(golden, groups, 10_000, seed);
        let few = Drawn::of(golden, groups, 200, seed.child("few"));
        let mut one = |at: usize, group: &str, rates: &Json| {
            for (metric, limit) in object(rates) {
                let known = METRICS.into_iter().find(|known| known == metric);
                let key = (group.to_owned(), known.unwrap_or_else(|| panic!("{metric}?")));
                let what = format!("{name} {group} {metric}");
                let limit = (at, limit.as_f64().unwrap());
                tally.compare(&many.0[&key], &few.0[&key], limit, &what);
                compared += 1;
            }
        };
        for (key, content) in object(theirs) {
            match key.as_str() {
                "note" => {}
                "by_group" => {
                    for (at, by) in content.as_array().unwrap().iter().enumerate() {
                        object(by).iter().for_each(|(group, rates)| one(at, group, rates));
                    }
                }
                "difference_between_groups" => {
                    let all = content.as_array().unwrap().iter().enumerate();
                    all.for_each(|(at, rates)| one(at, "", rates));
                }
                _ => panic!("nobody knows {key}"),
            }
        }
    }
    compared
}

#[test]
fn every_limit_of_fairlearns_bootstrap() {
    let test = "every_limit_of_fairlearns_bootstrap";
    let all: Vec<Golden> = super::NAMES.iter().filter_map(|n| Golden::read(test, n)).collect();
    let mut tally = Tally::default();
    let compared: usize = all.iter().map(|golden| limits(golden, &mut tally)).sum();
    if all.len() < super::NAMES.len() {
        return;
    }
    assert!(compared >= 200, "only {compared} limits compared");
    let Tally([theirs, ours, medians]) = tally;
    // Theirs 131 and ours 134 of 138: an end of 200 draws is that near in 95 of 100 cases.
    assert_eq!(medians[0], medians[1], "medians beyond a tenth of the width");
    for [within, all] in [theirs, ours] {
        assert!(100 * within >= 90 * all, "{within} of {all} ends within a tenth of the width");
    }
}
