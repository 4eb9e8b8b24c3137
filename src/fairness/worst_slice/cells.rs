//! The rows of a frame as distinct cells: equal codes of all features are one cell with its counts.

use crate::domain::{Confusion, Groups, Quadrant};
use crate::fairness::Frame;

/// One feature with the levels that enough rows have.
#[derive(Debug)]
pub(super) struct Feature {
    /// Its name.
    pub(super) name: String,
    /// Its levels in order; the code `levels.len()` stands for all rarer ones.
    pub(super) levels: Vec<String>,
    of: Vec<u32>,
}

/// Cells and the features that they combine.
#[derive(Debug)]
pub(super) struct Cells {
    /// The features.
    pub(super) features: Vec<Feature>,
    /// Code of each feature in each cell, `(features, cells)`.
    pub(super) codes: Vec<Vec<usize>>,
    /// Counts of each cell, `(cells,)`.
    pub(super) counts: Vec<Confusion>,
    /// Counts of all rows.
    pub(super) total: Confusion,
}

/// Rows, or one row for all that are alike.
#[derive(Debug, Clone)]
pub(super) enum Rows {
    /// Each of so many rows.
    Each(usize),
    /// A row that stands for several, and how many.
    Alike(Vec<(usize, u64)>),
}

impl Rows {
    fn len(&self) -> usize {
        match self {
            Self::Each(n) => *n,
            Self::Alike(rows) => rows.len(),
        }
    }

    /// The `at`-th, and how many rows it stands for.
    fn get(&self, at: usize) -> (usize, u64) {
        match self {
            Self::Each(_) => (at, 1),
            Self::Alike(rows) => rows[at],
        }
    }

    fn iter(&self) -> impl Iterator<Item = (usize, u64)> {
        (0..self.len()).map(|at| self.get(at))
    }
}

/// The counts of rows that are alike.
fn counts(frame: &Frame, (row, n): (usize, u64)) -> Confusion {
    let mut counts = Confusion::default();
    let cell = match Quadrant::of(frame.y_true[row], frame.y_pred[row]) {
        Quadrant::Tp => &mut counts.tp,
        Quadrant::Fp => &mut counts.fp,
        Quadrant::Tn => &mut counts.tn,
        Quadrant::Fn => &mut counts.fn_,
    };
    *cell = n;
    counts
}

/// The sum of two sets of counts.
pub(super) fn plus(a: Confusion, b: Confusion) -> Confusion {
    Confusion { tp: a.tp + b.tp, fp: a.fp + b.fp, tn: a.tn + b.tn, fn_: a.fn_ + b.fn_ }
}

/// The counts of the rows that are in `a` but not in its part `b`.
pub(super) fn minus(a: Confusion, b: Confusion) -> Confusion {
    Confusion { tp: a.tp - b.tp, fp: a.fp - b.fp, tn: a.tn - b.tn, fn_: a.fn_ - b.fn_ }
}

/// An index as wide as memory.
pub(super) fn index(code: u32) -> usize {
    usize::try_from(code).unwrap_or_else(|_| unreachable!("u32 fits usize on our targets"))
}

/// The names of the features that the groupings are made of, in order of first mention.
pub(super) fn names(groups: &[Groups]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for feature in groups.iter().flat_map(Groups::features) {
        if !names.contains(feature) {
            names.push(feature.clone());
        }
    }
    names
}

/// The codes of one feature, from the first grouping that it is part of; levels with fewer than
/// `least` rows share the last code.
pub(super) fn feature(groups: &[Groups], name: &str, least: u64, rows: &Rows) -> Option<Feature> {
    let part_of = |g: &Groups| g.features().iter().position(|f| f == name);
    let (groups, part) = groups.iter().find_map(|g| Some((g, part_of(g)?)))?;
    let mut levels: Vec<String> = Vec::new();
    let mut counts: Vec<u64> = Vec::new();
    let mut code = Vec::with_capacity(groups.n_levels());
    let mut sizes = vec![0; groups.n_levels()];
    rows.iter().for_each(|(row, n)| sizes[groups.at(row).index()] += n);
    for (id, n) in groups.ids().zip(sizes) {
        let label = &groups.parts(id)[part];
        let at = levels.iter().position(|level| level == label).unwrap_or_else(|| {
            levels.push(label.clone());
            counts.push(0);
            levels.len() - 1
        });
        counts[at] += n;
        code.push(at);
    }
    let narrow = |at: usize| u32::try_from(at).unwrap_or_else(|_| unreachable!("below 2^32"));
    let kept: Vec<bool> = counts.iter().map(|n| *n >= least.max(1)).collect();
    let rare = kept.iter().filter(|kept| **kept).count();
    let new: Vec<u32> = (0..levels.len())
        .map(|at| {
            if kept[at] { narrow(kept[..at].iter().filter(|k| **k).count()) } else { narrow(rare) }
        })
        .collect();
    let of = rows.iter().map(|(row, _)| new[code[groups.at(row).index()]]).collect();
    let levels = levels.into_iter().zip(kept).filter_map(|(l, kept)| kept.then_some(l)).collect();
    Some(Feature { name: name.to_owned(), levels, of })
}

/// Combinations of levels up to which every one has a place of its own while counting.
const DENSE: usize = 1 << 20;

impl Cells {
    /// Counts the rows of the frame by all features at once, cells in the order of their codes.
    pub(super) fn count(frame: &Frame, rows: &Rows, features: Vec<Feature>) -> Self {
        let wide = |f: &Feature| f.levels.len() + 1;
        let places = features.iter().try_fold(1_usize, |all, f| all.checked_mul(wide(f)));
        match places.filter(|places| *places <= DENSE) {
            Some(places) => Self::dense(frame, rows, features, places),
            None => Self::sorted(frame, rows, features),
        }
    }

    fn empty(features: Vec<Feature>) -> Self {
        let codes = vec![Vec::new(); features.len()];
        Self { features, codes, counts: Vec::new(), total: Confusion::default() }
    }

    /// One place per combination.
    fn dense(frame: &Frame, rows: &Rows, features: Vec<Feature>, places: usize) -> Self {
        let mut counts = vec![Confusion::default(); places];
        for (at, row) in rows.iter().enumerate() {
            let place = |place, f: &Feature| place * (f.levels.len() + 1) + index(f.of[at]);
            let cell = &mut counts[features.iter().fold(0, place)];
            *cell = plus(*cell, self::counts(frame, row));
        }
        let mut cells = Self::empty(features);
        for (place, counts) in counts.into_iter().enumerate().filter(|(_, c)| c.n() > 0) {
            let mut rest = place;
            for (codes, feature) in cells.codes.iter_mut().zip(&cells.features).rev() {
                codes.push(rest % (feature.levels.len() + 1));
                rest /= feature.levels.len() + 1;
            }
            cells.counts.push(counts);
            cells.total = plus(cells.total, counts);
        }
        cells
    }

    /// A counting sort by each feature, the last one first, brings equal rows together.
    fn sorted(frame: &Frame, rows: &Rows, features: Vec<Feature>) -> Self {
        let mut order: Vec<usize> = (0..rows.len()).collect();
        for feature in features.iter().rev() {
            order = sorted(&order, feature);
        }
        let mut cells = Self::empty(features);
        let mut before: Option<usize> = None;
        for &row in &order {
            let same = |other: usize| cells.features.iter().all(|f| f.of[row] == f.of[other]);
            if !before.is_some_and(same) {
                for (codes, feature) in cells.codes.iter_mut().zip(&cells.features) {
                    codes.push(index(feature.of[row]));
                }
                cells.counts.push(Confusion::default());
            }
            before = Some(row);
            let own = counts(frame, rows.get(row));
            if let Some(counts) = cells.counts.last_mut() {
                *counts = plus(*counts, own);
            }
            cells.total = plus(cells.total, own);
        }
        cells
    }

    /// The cells of each level of each feature, `(features, levels)`.
    pub(super) fn postings(&self) -> Vec<Vec<Vec<usize>>> {
        let of = |(feature, codes): (&Feature, &Vec<usize>)| {
            let mut cells = vec![Vec::new(); feature.levels.len() + 1];
            for (cell, code) in codes.iter().enumerate() {
                cells[*code].push(cell);
            }
            cells
        };
        self.features.iter().zip(&self.codes).map(of).collect()
    }
}

/// The rows in the order of one feature's codes; equal ones stay as they were.
fn sorted(order: &[usize], feature: &Feature) -> Vec<usize> {
    let mut next = vec![0; feature.levels.len() + 2];
    for code in &feature.of {
        next[index(*code) + 1] += 1;
    }
    for at in 1..next.len() {
        next[at] += next[at - 1];
    }
    let mut sorted = vec![0; order.len()];
    for &row in order {
        let at = &mut next[index(feature.of[row])];
        sorted[*at] = row;
        *at += 1;
    }
    sorted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Split;

    fn frame() -> Frame {
        let column = |name: &str, levels: [&str; 6]| Groups::encode(name, &levels.map(Some));
        let sex = column("sex", ["f", "m", "f", "m", "f", "x"]);
        let age = column("age", ["old", "old", "old", "new", "new", "old"]);
        Frame {
            split: Split::Test,
            y_true: vec![true, false, true, true, false, false],
            y_pred: vec![true, true, false, true, false, false],
            score: None,
            weight: None,
            groups: vec![Groups::cross(&[&sex, &age]), age],
        }
    }

    #[test]
    fn features_are_found_inside_intersections_and_rare_levels_share_a_code() {
        let frame = frame();
        assert_eq!(names(&frame.groups), ["sex", "age"]);
        let sex = feature(&frame.groups, "sex", 2, &Rows::Each(6)).unwrap();
        assert_eq!(
            (sex.levels.join(" "), sex.of.clone()),
            ("f m".to_owned(), vec![0, 1, 0, 1, 0, 2])
        );
        assert!(feature(&frame.groups, "race", 1, &Rows::Each(6)).is_none());
    }

    #[test]
    fn equal_rows_are_one_cell() {
        let (frame, rows) = (frame(), Rows::Each(6));
        let features =
            || ["sex", "age"].map(|name| feature(&frame.groups, name, 1, &rows).unwrap());
        let cells = Cells::count(&frame, &rows, features().into());
        // age: new, old; sex: f, m, x. Cells in the order of sex, then age.
        assert_eq!(cells.codes, [vec![0, 0, 1, 1, 2], vec![0, 1, 0, 1, 1]]);
        assert_eq!(cells.counts[1], Confusion { tp: 1, fn_: 1, ..Confusion::default() });
        assert_eq!(cells.counts.iter().copied().fold(Confusion::default(), plus), cells.total);
        assert_eq!(cells.total, Confusion { tp: 2, fp: 1, tn: 2, fn_: 1 });
        assert_eq!(cells.postings()[1][1], [1, 3, 4]);
        let other = Confusion { tp: 1, fp: 2, tn: 3, fn_: 4 };
        assert_eq!(minus(plus(cells.total, other), other), cells.total);
        let other = Cells::sorted(&frame, &rows, features().into());
        assert_eq!(
            (cells.codes, cells.counts, cells.total),
            (other.codes, other.counts, other.total)
        );
    }
}
