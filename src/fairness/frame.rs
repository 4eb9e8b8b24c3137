//! Disaggregation: one pass over the rows gives the counts of all groups of a grouping.

use super::areas::Run;
use super::ranking::Ranking;
use super::slice::{Slice, Weights};
use super::weights::Weighed;
use crate::domain::{Confusion, Groups, Masses, Split};
use crate::stats::Placements;

/// The rows of one split, as the metrics need them. All columns have `n` entries.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// The part of the data that the rows come from.
    pub split: Split,
    /// Whether each row is actually positive, `(n,)`.
    pub y_true: Vec<bool>,
    /// Whether each row is predicted positive, `(n,)`.
    pub y_pred: Vec<bool>,
    /// Score of the positive class, `(n,)`, finite; higher means "positive".
    pub score: Option<Vec<f64>>,
    /// Weight of each row, `(n,)`, finite, at least 0, not all 0; every row counts one where absent.
    pub weight: Option<Vec<f64>>,
    /// The groupings, intersections included.
    pub groups: Vec<Groups>,
}

impl Frame {
    /// Some of the rows with one of the groupings.
    pub(super) fn select(&self, rows: &[usize], grouping: usize) -> Self {
        let numbers =
            |all: &Option<Vec<f64>>| all.as_ref().map(|v| rows.iter().map(|&i| v[i]).collect());
        Self {
            split: self.split,
            y_true: rows.iter().map(|&i| self.y_true[i]).collect(),
            y_pred: rows.iter().map(|&i| self.y_pred[i]).collect(),
            score: numbers(&self.score),
            weight: numbers(&self.weight),
            groups: vec![self.groups[grouping].select(rows)],
        }
    }
}

/// Counts, sorted scores and weights of each level of one grouping.
pub(super) struct ByGroup {
    confusions: Vec<Confusion>,
    scores: Option<Buckets>,
    weighed: Option<Vec<Weighed>>,
    population: (Confusion, Masses),
}

/// Scores by level and actual class: bucket `2 level + class` is `values[starts[b]..starts[b + 1]]`.
struct Buckets {
    values: Vec<f64>,
    weights: Vec<f64>,
    starts: Vec<usize>,
    areas: Vec<Placements>,
}

impl ByGroup {
    /// All rows as one group.
    pub(super) fn whole(frame: &Frame, ranking: Option<&Ranking>) -> Self {
        Self::levels(frame, 1, |_| 0, ranking)
    }

    /// Each level of `groups`, the empty ones included.
    pub(super) fn of(frame: &Frame, groups: &Groups, ranking: Option<&Ranking>) -> Self {
        Self::levels(frame, groups.n_levels(), |row| groups.of()[row].index(), ranking)
    }

    fn levels(
        frame: &Frame,
        levels: usize,
        level: impl Fn(usize) -> usize,
        ranking: Option<&Ranking>,
    ) -> Self {
        let confusions = match ranking {
            Some(ranking) => ranking.confusions(frame, levels, &level),
            None => counted(frame, levels, &level),
        };
        let weighed = Weighed::levels(frame, confusions.len(), &level);
        let scores = ranking.map(|r| Buckets::fill(r, &confusions, frame, level));
        let counts = confusions.iter().fold(Confusion::default(), |all, c| all.plus(c));
        let masses = weighed.as_ref().map_or_else(
            || Masses::from(counts),
            |levels| levels.iter().fold(Masses::default(), |all, w| all.plus(&w.sums)),
        );
        Self { confusions, scores, weighed, population: (counts, masses) }
    }

    /// The levels in order.
    pub(super) fn slices(&self) -> impl Iterator<Item = Slice<'_>> {
        (0..self.confusions.len()).map(|level| self.slice(level))
    }

    /// Whether the rows carry weights.
    pub(super) fn weighted(&self) -> bool {
        self.weighed.is_some()
    }

    /// One level.
    pub(super) fn slice(&self, level: usize) -> Slice<'_> {
        let confusion = self.confusions[level];
        let (positive, negative) = (2 * level + 1, 2 * level);
        let rows = match &self.scores {
            None => Slice::counted(confusion),
            Some(b) => Slice::ranked(confusion, b.bucket(positive), b.bucket(negative))
                .with_area(b.areas.get(level).copied()),
        };
        let rows = rows.within(self.population.0, self.population.1);
        let Some(Weighed { sums, squares }) = self.weighed.as_ref().map(|w| w[level]) else {
            return rows;
        };
        let beside = |bucket: usize| self.scores.as_ref().map_or(&[][..], |b| b.weights(bucket));
        let (positive, negative) = (beside(positive), beside(negative));
        rows.weighted(Weights { sums, squares, positive, negative })
    }
}

impl Buckets {
    fn fill(
        ranking: &Ranking,
        confusions: &[Confusion],
        frame: &Frame,
        level: impl Fn(usize) -> usize,
    ) -> Self {
        let mut starts = vec![0];
        let mut total = 0;
        for confusion in confusions {
            for count in [confusion.negatives(), confusion.positives()] {
                total += usize::try_from(count).unwrap_or_else(|_| unreachable!("rows fit usize"));
                starts.push(total);
            }
        }
        let bucket =
            |row: Option<usize>| row.map_or(0, |r| 2 * level(r) + usize::from(frame.y_true[r]));
        let buckets: Vec<usize> = ranking.examples().map(bucket).collect();
        let (mut next, mut values) = (starts.clone(), vec![0.0; total]);
        let Some(weight) = &frame.weight else {
            let mut runs = vec![Run::default(); confusions.len()];
            for (score, cell) in ranking.iter() {
                let bucket = buckets[cell];
                values[next[bucket]] = score;
                next[bucket] += 1;
                runs[bucket / 2].add(score, bucket % 2);
            }
            let areas = runs.into_iter().map(Run::close).collect();
            return Self { values, weights: Vec::new(), starts, areas };
        };
        let mut weights = vec![0.0; total];
        // With weights every row is a cell of its own.
        for (score, row) in ranking.iter() {
            let bucket = buckets[row];
            (values[next[bucket]], weights[next[bucket]]) = (score, weight[row]);
            next[bucket] += 1;
        }
        Self { values, weights, starts, areas: Vec::new() }
    }

    fn weights(&self, index: usize) -> &[f64] {
        &self.weights[self.starts[index]..self.starts[index + 1]]
    }

    fn bucket(&self, index: usize) -> &[f64] {
        &self.values[self.starts[index]..self.starts[index + 1]]
    }
}

fn counted(frame: &Frame, levels: usize, level: impl Fn(usize) -> usize) -> Vec<Confusion> {
    let mut confusions = vec![Confusion::default(); levels];
    for (row, (y_true, y_pred)) in frame.y_true.iter().zip(&frame.y_pred).enumerate() {
        confusions[level(row)].add(*y_true, *y_pred);
    }
    confusions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame() -> Frame {
        let sex = Groups::encode("sex", &[Some("f"), Some("m"), Some("f"), Some("m")]);
        let age = Groups::encode("age", &[Some("old"), Some("old"), Some("old"), Some("young")]);
        let both = Groups::cross(&[&sex, &age]);
        Frame {
            split: Split::Test,
            y_true: vec![true, false, false, true],
            y_pred: vec![true, true, false, false],
            score: Some(vec![0.9, 0.6, 0.1, -0.0]),
            weight: None,
            groups: vec![sex, both],
        }
    }

    #[test]
    fn one_pass_counts_every_level_and_empty_ones_too() {
        let (frame, ranking) = (frame(), Ranking::of(&frame()));
        let sex = ByGroup::of(&frame, &frame.groups[0], ranking.as_ref());
        let rows: Vec<_> = sex.slices().collect();
        assert_eq!(rows[0].confusion(), Confusion { tp: 1, tn: 1, ..Confusion::default() });
        assert_eq!(rows[1].confusion(), Confusion { fp: 1, fn_: 1, ..Confusion::default() });
        let both = ByGroup::of(&frame, &frame.groups[1], ranking.as_ref());
        assert_eq!(both.slices().map(|s| s.n()).collect::<Vec<_>>(), [2, 0, 1, 1]);
    }

    #[test]
    fn scores_arrive_sorted_in_their_group_and_class() {
        let (frame, ranking) = (frame(), Ranking::of(&frame()));
        let whole = ByGroup::whole(&frame, ranking.as_ref());
        let scores = whole.slices().next().unwrap().scores().unwrap();
        assert_eq!((scores.positive, scores.negative), (&[0.0, 0.9][..], &[0.1, 0.6][..]));
        assert!(scores.positive[0].is_sign_positive());
        let sex = ByGroup::of(&frame, &frame.groups[0], ranking.as_ref());
        let men = sex.slices().nth(1).unwrap().scores().unwrap();
        assert_eq!((men.positive, men.negative), (&[0.0][..], &[0.6][..]));
    }

    #[test]
    fn without_scores_there_is_no_ranking() {
        let frame = Frame { score: None, ..frame() };
        assert!(Ranking::of(&frame).is_none());
        assert_eq!(ByGroup::whole(&frame, None).slices().next().unwrap().scores(), None);
    }
}
