//! One pass over all rows in ascending order of their scores, which gives every grouping what the
//! metrics of scores need.
//!
//! All sums are integers, so neither the order of the rows nor their split into tasks shows.

use super::fixed::{Sums, fixed};
use super::metrics::calibration::{BINS, EDGES};
use super::metrics::log_loss;
use super::records::{Dealt, Room, Sorted, index};
use super::steps::{self, Builder, Steps};
use crate::domain::to_f64;
use crate::stats::Placements;
use rayon::prelude::*;

/// Tasks at most.
const TASKS: usize = 64;

/// Which rows belong together. A cell is `2 group + class`.
pub(super) struct Layout {
    /// Cells.
    pub(super) cells: usize,
    /// Sets of rows that are ranked: all rows, then each level of each grouping.
    pub(super) sets: usize,
    /// The sets of a group, `(groups × width,)`.
    pub(super) places: Vec<u32>,
    /// Sets that a group belongs to.
    pub(super) width: usize,
}

/// The rows of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Cell {
    /// How many.
    pub(super) n: u64,
    /// Their scores.
    pub(super) score: Sums,
    /// `(s − y)²`.
    pub(super) square: Sums,
    /// Negative logarithms of the probability of what happened, as parts of [`log_loss::MOST`].
    pub(super) log: Sums,
    /// Rows and scores by bin.
    pub(super) bins: [(u64, u128); BINS],
}

impl Cell {
    /// The rows of two cells together.
    pub(super) fn plus(&self, other: &Self) -> Self {
        let mut bins = self.bins;
        for (bin, (n, total)) in bins.iter_mut().zip(other.bins) {
            *bin = (bin.0 + n, bin.1 + total);
        }
        Self {
            n: self.n + other.n,
            score: self.score.plus(&other.score),
            square: self.square.plus(&other.square),
            log: self.log.plus(&other.log),
            bins,
        }
    }
}

/// How the rows of one set lie among each other. Classes are negative, positive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Curve {
    all: [u32; 2],
    below: [u32; 2],
    equal: [u32; 2],
    sums: [u64; 2],
    squares: [u128; 2],
    /// Precision at or above each positive, in fixed point, summed.
    pub(super) precision: u128,
}

impl Curve {
    /// One row that shares its score with no other.
    #[inline]
    fn one(&mut self, class: usize) {
        let doubled = 2 * u64::from(self.below[1 - class]);
        self.sums[class] += doubled;
        self.squares[class] += u128::from(doubled * doubled);
        if class == 1 {
            self.precision += u128::from(self.precision_here());
        }
        self.below[class] += 1;
    }

    /// The share of positives among the rows that are not below.
    #[inline]
    fn precision_here(&self) -> u64 {
        let found = self.all[1] - self.below[1];
        let selected = found + (self.all[0] - self.below[0]);
        fixed(f64::from(found) / f64::from(selected))
    }

    /// The rows of one score.
    fn tied(&mut self) {
        for class in [0, 1] {
            let own = u64::from(self.equal[class]);
            let doubled = 2 * u64::from(self.below[1 - class]) + u64::from(self.equal[1 - class]);
            self.sums[class] += own * doubled;
            self.squares[class] += u128::from(own) * u128::from(doubled * doubled);
        }
        if self.equal[1] > 0 {
            self.precision += u128::from(self.equal[1]) * u128::from(self.precision_here());
        }
        self.below = [self.below[0] + self.equal[0], self.below[1] + self.equal[1]];
        self.equal = [0, 0];
    }

    /// Adds what another task found in the same set.
    fn join(&mut self, other: &Self) {
        for class in [0, 1] {
            self.sums[class] += other.sums[class];
            self.squares[class] += other.squares[class];
        }
        self.precision += other.precision;
    }

    /// As placements.
    pub(super) fn placements(&self) -> Placements {
        Placements {
            positives: u64::from(self.all[1]),
            negatives: u64::from(self.all[0]),
            won: u128::from(self.sums[1]),
            won_squares: self.squares[1],
            lost: u128::from(self.sums[0]),
            lost_squares: self.squares[0],
        }
    }
}

/// What the pass found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Pass {
    /// By cell.
    pub(super) cells: Vec<Cell>,
    /// By set.
    pub(super) curves: Vec<Curve>,
    /// The rows by score and cell.
    pub(super) steps: Steps,
}

impl Pass {
    /// Goes through rows with scores from 0 to 1; the half of each number in `of` is a cell of the
    /// layout.
    pub(super) fn of(scores: &[f64], of: &[u32], layout: &Layout) -> Self {
        let dealt = Dealt::of(scores, of, layout.cells);
        let per_task = dealt.parts().div_ceil(TASKS);
        let tasks: Vec<_> = (0..dealt.parts()).step_by(per_task).collect();
        let counted = |first: &usize| {
            let mut counts = vec![0; layout.cells];
            let parts = *first..(first + per_task).min(dealt.parts());
            parts.for_each(|part| dealt.count(part, &mut counts));
            counts
        };
        let counts: Vec<Vec<u32>> = tasks.par_iter().map(counted).collect();
        let curves = starts(layout, &counts);
        let (enough, room) = steps::room(scores.len());
        let walk = |(first, curves): (&usize, Vec<Curve>)| {
            let mut walker = Walker::new(layout, curves, Builder::new(enough, room));
            let mut memory = Room::new();
            for part in *first..(first + per_task).min(dealt.parts()) {
                dealt.sorted(part, &mut memory, |sorted| walker.part(sorted));
            }
            walker.finish()
        };
        let found: Vec<Self> = tasks.par_iter().zip(curves).map(walk).collect();
        Self::joined(&found)
    }

    fn joined(parts: &[Self]) -> Self {
        let mut all = parts[0].clone();
        for part in &parts[1..] {
            for (cell, other) in all.cells.iter_mut().zip(&part.cells) {
                *cell = cell.plus(other);
            }
            for (curve, other) in all.curves.iter_mut().zip(&part.curves) {
                curve.join(other);
            }
            all.steps.extend(&part.steps);
        }
        all.steps = all.steps.few();
        all
    }
}

/// The curves as they stand where each task starts.
fn starts(layout: &Layout, counts: &[Vec<u32>]) -> Vec<Vec<Curve>> {
    let by_set = |counts: &Vec<u32>| {
        let mut sets = vec![[0; 2]; layout.sets];
        for (cell, n) in counts.iter().enumerate() {
            for place in &layout.places[cell / 2 * layout.width..][..layout.width] {
                sets[index(u64::from(*place))][cell % 2] += n;
            }
        }
        sets
    };
    let tasks: Vec<Vec<[u32; 2]>> = counts.iter().map(by_set).collect();
    let mut now = vec![Curve::default(); layout.sets];
    for task in &tasks {
        for (curve, n) in now.iter_mut().zip(task) {
            curve.all = [curve.all[0] + n[0], curve.all[1] + n[1]];
        }
    }
    let start = |task: &Vec<[u32; 2]>| {
        let start = now.clone();
        for (curve, n) in now.iter_mut().zip(task) {
            curve.below = [curve.below[0] + n[0], curve.below[1] + n[1]];
        }
        start
    };
    tasks.iter().map(start).collect()
}

/// One task: consecutive parts.
struct Walker<'a> {
    layout: &'a Layout,
    cells: Vec<Cell>,
    curves: Vec<Curve>,
    steps: Builder,
    bin: usize,
    touched: Vec<u32>,
}

impl<'a> Walker<'a> {
    fn new(layout: &'a Layout, curves: Vec<Curve>, steps: Builder) -> Self {
        let cells = vec![Cell::default(); layout.cells];
        Self { layout, cells, curves, steps, bin: 0, touched: Vec::new() }
    }

    fn part(&mut self, sorted: &Sorted<'_>) {
        match *sorted {
            Sorted::Pairs(pairs) => {
                self.rows(pairs.len(), |i| pairs[i].0, |i| pairs[i].1);
            }
            Sorted::Packed(low, bits, records) => {
                let mask = (1 << bits) - 1;
                let cell = |i: usize| {
                    u32::try_from(records[i] & mask).unwrap_or_else(|_| unreachable!("few cells"))
                };
                self.rows(records.len(), |i| low | records[i] >> bits, cell);
            }
        }
    }

    /// Rows in ascending order: the bits of each score, and its cell.
    #[inline]
    fn rows(&mut self, n: usize, bits: impl Fn(usize) -> u64, cell: impl Fn(usize) -> u32) {
        let mut at = 0;
        while at < n {
            let same = bits(at);
            let score = f64::from_bits(same);
            self.enter(score);
            let mut end = at + 1;
            while end < n && bits(end) == same {
                end += 1;
            }
            if end == at + 1 {
                self.row(score, cell(at));
                self.alone(cell(at));
            } else {
                for row in at..end {
                    self.row(score, cell(row));
                    self.among(cell(row));
                }
                self.leave();
            }
            at = end;
        }
    }

    /// Begins a score: the bins before its own are complete.
    #[inline]
    fn enter(&mut self, score: f64) {
        self.steps.score(score);
        while self.bin < EDGES.len() && EDGES[self.bin] <= 10.0 * score {
            self.fill_bin();
            self.bin += 1;
        }
    }

    /// What went by since the last bin belongs to this one.
    fn fill_bin(&mut self) {
        for cell in &mut self.cells {
            let before = &cell.bins[..self.bin];
            let n = before.iter().map(|bin| bin.0).sum::<u64>();
            let total = before.iter().map(|bin| bin.1).sum::<u128>();
            cell.bins[self.bin] = (cell.n - n, cell.score.total() - total);
        }
    }

    /// What a row adds to its cell.
    #[inline]
    fn row(&mut self, score: f64, cell: u32) {
        self.steps.add(cell, 1);
        let positive = cell & 1 == 1;
        let miss = if positive { 1.0 - score } else { score };
        let cell = &mut self.cells[index(u64::from(cell))];
        cell.n += 1;
        cell.score.add(fixed(score));
        cell.square.add(fixed(miss * miss));
        let loss = log_loss::loss(score, positive);
        let part = fixed(loss / log_loss::MOST);
        cell.log.add_fine(part, if loss < 1.0 { fixed(loss) } else { part << 6 });
    }

    /// What a row with a score of its own adds to its sets.
    #[inline]
    fn alone(&mut self, cell: u32) {
        let cell = index(u64::from(cell));
        let width = self.layout.width;
        let places = &self.layout.places[cell / 2 * width..][..width];
        // The class is a constant in each loop, so that both are short.
        if cell % 2 == 1 {
            for place in places {
                self.curves[index(u64::from(*place))].one(1);
            }
        } else {
            for place in places {
                self.curves[index(u64::from(*place))].one(0);
            }
        }
    }

    /// Notes a row whose score others have, too.
    fn among(&mut self, cell: u32) {
        let cell = index(u64::from(cell));
        let width = self.layout.width;
        for place in &self.layout.places[cell / 2 * width..][..width] {
            let curve = &mut self.curves[index(u64::from(*place))];
            if curve.equal == [0, 0] {
                self.touched.push(*place);
            }
            curve.equal[cell % 2] += 1;
        }
    }

    /// All rows of a score were noted.
    fn leave(&mut self) {
        for place in self.touched.drain(..) {
            self.curves[index(u64::from(place))].tied();
        }
    }

    fn finish(mut self) -> Pass {
        self.fill_bin();
        Pass { cells: self.cells, curves: self.curves, steps: self.steps.finish() }
    }
}

/// The rows of one set by class: negative, positive.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Summary {
    /// Sums over the rows of each class.
    pub(super) classes: [Cell; 2],
    /// How they lie among each other.
    pub(super) curve: Curve,
}

impl Summary {
    /// Average precision of a set with positives.
    pub(super) fn average_precision(&self) -> f64 {
        super::fixed::number(self.curve.precision) / to_f64(self.classes[1].n)
    }

    /// Rows of both classes.
    pub(super) fn n(&self) -> u64 {
        self.classes[0].n + self.classes[1].n
    }
}
