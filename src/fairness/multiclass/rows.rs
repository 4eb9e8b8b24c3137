//! The rows of one group: its table, the draws of its table, and what needs every row.

use super::ClassFrame;
use super::manual::From;
use super::square::{Number as Of, Square};
use crate::domain::{Cell, Evidence, Interval, Seed, Undefined, Value, to_f64};
use crate::fairness::Options;
use crate::fairness::level::numbers;
use crate::fairness::measures::Number;
use crate::fairness::metrics::{Basis, Proportion};
use crate::stats::{Cube, Draws, Sample, sorted_auc, sum, weighted_auc};

/// Draws of a table.
const DRAWS: u32 = 2000;
/// Fewer rows than this are not drawn: what is not among them cannot be.
const LEAST_ROWS: u64 = 30;
/// Nor is a table of which a class has fewer actual or predicted rows than this, and more than none.
const LEAST_CLASS: u64 = 5;
/// Nor is a table of more classes: every draw looks at all its cells.
const MOST_CLASSES: usize = 50;
/// Classes from which on the empty cells of the table are left out of the evidence.
const ALL_CELLS: usize = 10;
/// Effective rows below which the mean of the losses has no trustworthy interval.
const ENOUGH: f64 = 10.0;

/// Some of the rows of a frame.
pub(super) struct Rows<'a> {
    frame: &'a ClassFrame,
    places: Vec<usize>,
    /// Rows by actual and predicted class, `(k, k)`.
    counts: Vec<u64>,
    /// Their weight.
    masses: Vec<f64>,
}

impl<'a> Rows<'a> {
    /// The rows of these places.
    pub(super) fn new(frame: &'a ClassFrame, rows: Vec<usize>) -> Self {
        let k = frame.classes.len();
        let mut counts = vec![0; k * k];
        let mut weights = vec![Vec::new(); if frame.weight.is_some() { k * k } else { 0 }];
        for &row in &rows {
            let cell = frame.cell(row);
            counts[cell] += 1;
            if let Some(weight) = &frame.weight {
                weights[cell].push(weight[row]);
            }
        }
        let masses = match &frame.weight {
            None => counts.iter().map(|count| to_f64(*count)).collect(),
            Some(_) => weights.into_iter().map(sum).collect(),
        };
        Self { frame, places: rows, counts, masses }
    }

    /// Rows.
    pub(super) fn n(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// The rows by actual and predicted class, and their weight.
    pub(super) fn table(&self) -> (&[u64], &[f64]) {
        (&self.counts, &self.masses)
    }

    fn square(&self) -> Square<'_> {
        Square { classes: &self.frame.classes, cells: &self.masses }
    }

    fn weight(&self, row: usize) -> f64 {
        self.frame.weight.as_ref().map_or(1.0, |weight| weight[row])
    }

    /// Kish's effective number of the rows.
    fn effective_n(&self) -> f64 {
        let total = sum(self.places.iter().map(|row| self.weight(*row)));
        let squares = sum(self.places.iter().map(|row| self.weight(*row).powi(2)));
        if squares > 0.0 { total * total / squares } else { 0.0 }
    }

    /// The numbers of all measures; `name` tells the draws from those of other rows.
    pub(super) fn numbers(&self, of: &[From], options: &Options, name: &str) -> Vec<Number> {
        let seed = options.statistics.seed.child("fairness/multiclass").child(name);
        let tables: Vec<Of> = of.iter().copied().filter_map(of_table).collect();
        let mut drawn = self.drawn(&tables, options, seed).into_iter();
        let n = self.n();
        let one = |from: &From| match from {
            From::Count => Number::new(Ok(to_f64(n)), Basis::Rows(n)).with(self.confusion()),
            From::Right => Number::new(self.square().accuracy(), self.right()),
            From::Table(of) => {
                let interval = drawn.next().flatten();
                Number::drawn(self.square().of(*of), n, interval).with(self.of_present(*of))
            }
            From::Loss => self.loss(),
            From::Areas => Number::new(self.areas(), Basis::Rows(n)),
        };
        of.iter().map(one).collect()
    }

    /// The table, one row of it for each actual class.
    fn confusion(&self) -> Vec<Evidence> {
        let classes = &self.frame.classes;
        let of = |(actual, counts): (&String, &[u64])| {
            let n = counts.iter().sum();
            let cell = |(name, count): (&String, &u64)| Cell {
                name: name.clone(),
                value: Some(to_f64(*count)),
                n,
            };
            let shown = |(_, count): &(&String, &u64)| **count > 0 || classes.len() <= ALL_CELLS;
            let cells = classes.iter().zip(counts).filter(shown).map(cell).collect();
            numbers(&format!("predicted_of_actual {actual}"), cells)
        };
        classes.iter().zip(self.counts.chunks(classes.len())).map(of).collect()
    }

    /// The mean recall of the classes that are there, where some are not.
    fn of_present(&self, of: Of) -> Vec<Evidence> {
        let square = self.square();
        let asked = of == Of::RecallMacro && square.of(of).is_err();
        let value = square.recall_of_present().ok().filter(|_| asked);
        let cell = |value| Cell { name: "value".to_owned(), value: Some(value), n: self.n() };
        value.map(|value| numbers("over_present_classes", vec![cell(value)])).into_iter().collect()
    }

    fn right(&self) -> Basis {
        let k = self.frame.classes.len();
        let (hits, n) = ((0..k).map(|class| self.counts[class * k + class]).sum(), self.n());
        let share = self.square().accuracy();
        match (&self.frame.weight, share) {
            (None, Ok(_)) => Basis::Share { hits, n },
            (Some(_), Ok(share)) => {
                Basis::Weighted(Proportion { share, effective_n: self.effective_n(), n })
            }
            (_, Err(_)) => Basis::Rows(n),
        }
    }

    /// The interval of every number of the table, in their order.
    fn drawn(&self, all: &[Of], options: &Options, seed: Seed) -> Vec<Option<Interval>> {
        let k = self.frame.classes.len();
        let few = |rows: u64| (1..LEAST_CLASS).contains(&rows);
        let predicted = |class| self.counts.iter().skip(class).step_by(k).sum();
        let thin = self.counts.chunks(k).any(|actual| few(actual.iter().sum()))
            || (0..k).any(|class| few(predicted(class)));
        let refused = self.n() < LEAST_ROWS || k > MOST_CLASSES || thin;
        if refused || self.frame.weight.is_some() {
            return vec![None; all.len()];
        }
        let cube = Cube::new(vec![self.counts.clone()]);
        let mut values: Vec<Vec<Value>> = vec![Vec::new(); all.len()];
        let mut cells = vec![0.0; k * k];
        cube.draws(DRAWS, seed, |drawn| {
            fill(&mut cells, &drawn[0]);
            let square = Square { classes: &self.frame.classes, cells: &cells };
            values.iter_mut().zip(all).for_each(|(values, of)| values.push(square.of(*of)));
            Ok(0.0)
        });
        let interval = |(of, values): (&Of, Vec<Value>)| {
            let skew = cube.acceleration(|left| {
                fill(&mut cells, &left[0]);
                Square { classes: &self.frame.classes, cells: &cells }.of(*of)
            });
            let draws = Draws::collect(values.into_iter());
            draws.bca(self.square().of(*of).ok()?, skew, options.confidence)
        };
        all.iter().zip(values).map(interval).collect()
    }

    /// The probability of one class for a row, if there is any.
    fn probability(&self, row: usize, class: usize) -> Option<f64> {
        let k = self.frame.classes.len();
        self.frame.prob.as_ref().map(|prob| prob[row * k + class])
    }

    /// The mean negative logarithm of the probability of the actual class.
    fn loss(&self) -> Number {
        let n = self.n();
        let loss = |row: &usize| {
            let p = self.probability(*row, self.frame.actual(*row))?;
            Some((self.weight(*row), -p.clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()))
        };
        let part: Option<Vec<(f64, f64)>> = self.places.iter().map(loss).collect();
        let Some(part) = part.filter(|_| self.frame.prob.is_some()) else {
            return Number::new(Err(Undefined::NoScores), Basis::Rows(n));
        };
        let weight = sum(part.iter().map(|(weight, _)| *weight));
        if weight <= 0.0 {
            return Number::new(Err(Undefined::Empty), Basis::Rows(n));
        }
        let mean = sum(part.iter().map(|(weight, loss)| weight * loss)) / weight;
        let spread = sum(part.iter().map(|(w, loss)| w * (loss - mean).powi(2))) / weight;
        let freedom = self.effective_n() - 1.0;
        let enough = freedom + 1.0 >= ENOUGH && spread > 0.0;
        let variance = spread / freedom;
        let mean_of = Basis::Mean { variance, freedom, most: f64::INFINITY, n };
        Number::new(Ok(mean), if enough { mean_of } else { Basis::Rows(n) })
    }

    /// The mean area of the classes.
    fn areas(&self) -> Value {
        if self.frame.prob.is_none() {
            return Err(Undefined::NoScores);
        }
        let square = self.square();
        let classes = 0..self.frame.classes.len();
        let area = |class| self.area(class).map_err(|why| square.class_undefined(class, why));
        let areas: Vec<f64> = classes.map(area).collect::<Result<_, _>>()?;
        Ok(sum(areas.iter().copied()) / sum(areas.iter().map(|_| 1.0)))
    }

    fn area(&self, class: usize) -> Value {
        let mut sides: [Vec<(f64, f64)>; 2] = [Vec::new(), Vec::new()];
        for &row in &self.places {
            let score = self.probability(row, class).ok_or(Undefined::NoScores)?;
            let side = usize::from(self.frame.actual(row) != class);
            sides[side].push((score, self.weight(row)));
        }
        let split = |mut side: Vec<(f64, f64)>| -> (Vec<f64>, Vec<f64>) {
            side.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
            side.into_iter().unzip()
        };
        let sides = sides.map(split);
        let [positive, negative] =
            [0, 1].map(|side| Sample { scores: &sides[side].0, weights: &sides[side].1 });
        if self.frame.weight.is_none() {
            return sorted_auc(positive.scores, negative.scores);
        }
        weighted_auc(positive, negative).map(|(area, _)| area)
    }
}

/// The number of the table that a measure is, if it is one.
fn of_table(from: From) -> Option<Of> {
    match from {
        From::Table(of) => Some(of),
        _ => None,
    }
}

fn fill(cells: &mut [f64], counts: &[u64]) {
    cells.iter_mut().zip(counts).for_each(|(cell, count)| *cell = to_f64(*count));
}
