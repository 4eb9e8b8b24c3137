//! One pass over all rows in ascending order of their scores, which gives every grouping what the
//! metrics of scores need.
//!
//! All sums are integers, so neither the order of the rows nor their split into tasks shows.

use super::curve::Curve;
use super::fixed::{Sums, fixed};
use super::metrics::calibration::{BINS, EDGES};
use super::metrics::log_loss;
use super::records::{Dealt, Room, Sorted, index};
use super::steps::{self, Builder, Steps};
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
        // Freed beside what follows: to give so many pages back takes a while.
        rayon::spawn(move || drop(dealt));
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
    let mut curves = vec![Vec::with_capacity(layout.sets); tasks.len()];
    for set in 0..layout.sets {
        let of_set: Vec<[u32; 2]> = tasks.iter().map(|task| task[set]).collect();
        let starts = Curve::starts(&of_set);
        curves.iter_mut().zip(starts).for_each(|(curves, start)| curves.push(start));
    }
    curves
}

/// The first of some rows that is not below, where those below come first.
fn first(start: usize, end: usize, below: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (start, end);
    while low < high {
        let middle = usize::midpoint(low, high);
        if below(middle) { low = middle + 1 } else { high = middle }
    }
    low
}

/// Rows that are prepared together: so many that their numbers stay in the first cache.
const BLOCK: usize = 256;

/// Some rows as integers; made in loops without a branch, which the compiler turns into vector steps.
struct Block {
    scores: Vec<f64>,
    cells: Vec<u32>,
    misses: Vec<f64>,
    losses: Vec<f64>,
}

impl Block {
    fn new() -> Self {
        let numbers = || Vec::with_capacity(BLOCK);
        Self {
            scores: numbers(),
            cells: Vec::with_capacity(BLOCK),
            misses: numbers(),
            losses: numbers(),
        }
    }

    #[inline]
    fn fill(&mut self, rows: impl Iterator<Item = (f64, u32)>) {
        self.scores.clear();
        self.cells.clear();
        for (score, cell) in rows {
            self.scores.push(score);
            self.cells.push(cell);
        }
        let rows = || self.scores.iter().zip(&self.cells);
        let miss = |(score, cell): (&f64, &u32)| if cell & 1 == 1 { 1.0 - score } else { *score };
        self.misses.clear();
        self.misses.extend(rows().map(miss));
        let chance = |(score, cell): (&f64, &u32)| if cell & 1 == 1 { *score } else { 1.0 - score };
        self.losses.clear();
        self.losses.extend(rows().map(chance).map(log_loss::of_chance));
    }

    #[inline]
    fn add_to(&self, cells: &mut [Cell]) {
        let numbers = self.scores.iter().zip(&self.misses).zip(&self.losses);
        for (cell, ((score, miss), loss)) in self.cells.iter().zip(numbers) {
            let cell = &mut cells[index(u64::from(*cell))];
            cell.n += 1;
            cell.score.add(fixed(*score));
            cell.square.add(fixed(miss * miss));
            let part = fixed(loss / log_loss::MOST);
            cell.log.add_fine(part, if *loss < 1.0 { fixed(*loss) } else { part << 6 });
        }
    }
}

/// One task: consecutive parts.
struct Walker<'a> {
    layout: &'a Layout,
    cells: Vec<Cell>,
    curves: Vec<Curve>,
    steps: Builder,
    bin: usize,
    block: Block,
    touched: Vec<u32>,
}

impl<'a> Walker<'a> {
    fn new(layout: &'a Layout, curves: Vec<Curve>, steps: Builder) -> Self {
        let cells = vec![Cell::default(); layout.cells];
        let (block, touched) = (Block::new(), Vec::new());
        Self { layout, cells, curves, steps, bin: 0, block, touched }
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
            self.steps.score(f64::from_bits(same));
            let mut end = at + 1;
            while end < n && bits(end) == same {
                end += 1;
            }
            if end == at + 1 {
                self.alone(cell(at));
            } else {
                (at..end).for_each(|row| self.among(cell(row)));
                self.leave();
            }
            at = end;
        }
        self.by_bin(n, bits, cell);
    }

    /// Adds up rows in ascending order, bin by bin.
    #[inline]
    fn by_bin(&mut self, n: usize, bits: impl Fn(usize) -> u64, cell: impl Fn(usize) -> u32) {
        let mut start = 0;
        loop {
            let edge = EDGES.get(self.bin).copied().unwrap_or(f64::INFINITY);
            let below = |row: usize| 10.0 * f64::from_bits(bits(row)) < edge;
            let end = if start < n && below(n - 1) { n } else { first(start, n, below) };
            for block in (start..end).step_by(BLOCK) {
                let rows = block..(block + BLOCK).min(end);
                let row = |row: usize| (f64::from_bits(bits(row)), cell(row));
                self.block.fill(rows.map(row));
                self.block.add_to(&mut self.cells);
            }
            if end == n {
                return;
            }
            self.fill_bin();
            self.bin += 1;
            start = end;
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

    /// What a row with a score of its own adds to its sets.
    #[inline]
    fn alone(&mut self, cell: u32) {
        self.steps.add(cell, 1);
        let cell = index(u64::from(cell));
        let width = self.layout.width;
        let places = &self.layout.places[cell / 2 * width..][..width];
        if cell % 2 == 1 {
            for place in places {
                self.curves[index(u64::from(*place))].positive();
            }
        } else {
            for place in places {
                self.curves[index(u64::from(*place))].negative();
            }
        }
    }

    /// Notes a row whose score others have, too.
    fn among(&mut self, cell: u32) {
        self.steps.add(cell, 1);
        let cell = index(u64::from(cell));
        let width = self.layout.width;
        for place in &self.layout.places[cell / 2 * width..][..width] {
            if self.curves[index(u64::from(*place))].tie(cell % 2) {
                self.touched.push(*place);
            }
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
    /// Rows of both classes.
    pub(super) fn n(&self) -> u64 {
        self.classes[0].n + self.classes[1].n
    }
}
