//! Disaggregation: one pass over the rows gives the counts of all groups of a grouping.

use super::areas::Run;
use super::pass::Summary;
use super::ranking::Ranking;
use super::slice::{Scores, Slice, Weights};
use super::tally::{Rows, Tally};
use super::weights::Weighed;
use crate::domain::{Confusion, Groups, Masses, Split};
use crate::stats::Placements;
use std::sync::OnceLock;

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
    /// Gives the memory back. Millions of pages take a while, which two threads share.
    pub fn free(self) {
        let Self { y_true, y_pred, score, weight, groups, .. } = self;
        rayon::join(move || drop((groups, y_true, y_pred)), move || drop((score, weight)));
    }

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

/// Counts, scores and weights of each level of one grouping.
pub(super) struct ByGroup<'a> {
    frame: &'a Frame,
    groups: Option<&'a Groups>,
    ranking: Option<&'a Ranking<'a>>,
    confusions: Vec<Confusion>,
    summaries: Option<Vec<Summary>>,
    /// Filled when somebody asks for scores, which a summary answers otherwise.
    scores: OnceLock<Buckets>,
    /// Rows of each level by step of the score and class, made when somebody asks.
    by_step: OnceLock<Option<Vec<Vec<[u64; 2]>>>>,
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

/// The level of a row.
fn level_of(groups: Option<&Groups>, row: usize) -> usize {
    groups.map_or(0, |groups| groups.at(row).index())
}

impl<'a> ByGroup<'a> {
    /// All rows as one group.
    pub(super) fn whole(frame: &'a Frame, ranking: Option<&'a Ranking<'a>>) -> Self {
        Self::levels(frame, None, ranking)
    }

    /// Each level of `groups`, the empty ones included.
    pub(super) fn of(
        frame: &'a Frame,
        groups: &'a Groups,
        ranking: Option<&'a Ranking<'a>>,
    ) -> Self {
        Self::levels(frame, Some(groups), ranking)
    }

    fn levels(
        frame: &'a Frame,
        groups: Option<&'a Groups>,
        ranking: Option<&'a Ranking<'a>>,
    ) -> Self {
        let levels = groups.map_or(1, Groups::n_levels);
        let level = |row: usize| level_of(groups, row);
        let confusions = match ranking {
            Some(ranking) => ranking.confusions(levels, level),
            None => counted(frame, levels, level),
        };
        let weighed = Weighed::levels(frame, levels, level);
        let summaries = ranking.and_then(|ranking| ranking.summaries(groups));
        let counts = confusions.iter().fold(Confusion::default(), |all, c| all.plus(c));
        let masses = weighed.as_ref().map_or_else(
            || Masses::from(counts),
            |levels| levels.iter().fold(Masses::default(), |all, w| all.plus(&w.sums)),
        );
        let (scores, by_step, population) = (OnceLock::new(), OnceLock::new(), (counts, masses));
        Self { frame, groups, ranking, confusions, summaries, scores, by_step, weighed, population }
    }

    /// The levels in order.
    pub(super) fn slices(&self) -> impl Iterator<Item = Slice<'_>> {
        (0..self.confusions.len()).map(|level| self.slice(level))
    }

    /// Whether the rows carry weights.
    pub(super) fn weighted(&self) -> bool {
        self.weighed.is_some()
    }

    /// The counts of every level, or its weights.
    pub(super) fn tallies(&self) -> Vec<Tally> {
        if self.weighed.is_none() {
            return self.confusions.iter().map(Tally::counted).collect();
        }
        let rows = Rows::of(self.frame);
        self.groups
            .map_or_else(|| vec![Tally::whole(&rows)], |groups| Tally::by_level(&rows, groups))
    }

    /// One level.
    pub(super) fn slice(&self, level: usize) -> Slice<'_> {
        let confusion = self.confusions[level];
        let rows = match (&self.summaries, self.ranking) {
            (Some(summaries), _) => Slice::summed(confusion, &summaries[level], (self, level)),
            (None, None) => Slice::counted(confusion),
            (None, Some(ranking)) => {
                let scores = self.scores(ranking, level);
                let area = self.buckets(ranking).areas.get(level).copied();
                Slice::ranked(confusion, scores.positive, scores.negative).with_area(area)
            }
        };
        let rows = rows.within(self.population.0, self.population.1);
        let Some(Weighed { sums, squares }) = self.weighed.as_ref().map(|w| w[level]) else {
            return rows;
        };
        let beside = |bucket: usize| {
            self.ranking.map_or(&[][..], |ranking| self.buckets(ranking).weights(bucket))
        };
        let (positive, negative) = (beside(2 * level + 1), beside(2 * level));
        rows.weighted(Weights { sums, squares, positive, negative })
    }

    /// The scores of one level, which a ranking was made for.
    pub(super) fn scores_of(&self, level: usize) -> Scores<'_> {
        let Some(ranking) = self.ranking else { return Scores { positive: &[], negative: &[] } };
        self.scores(ranking, level)
    }

    /// Rows of one level by step of the score and class: negative, positive.
    pub(super) fn by_step(&self, level: usize) -> Option<&[[u64; 2]]> {
        let ranking = self.ranking?;
        let levels = self.by_step.get_or_init(|| ranking.by_step(self.groups)).as_ref()?;
        Some(&levels[level])
    }

    fn scores(&self, ranking: &Ranking<'_>, level: usize) -> Scores<'_> {
        let buckets = self.buckets(ranking);
        Scores { positive: buckets.bucket(2 * level + 1), negative: buckets.bucket(2 * level) }
    }

    fn buckets(&self, ranking: &Ranking<'_>) -> &Buckets {
        self.scores.get_or_init(|| {
            let level = |row: usize| level_of(self.groups, row);
            Buckets::fill(ranking, &self.confusions, self.frame, level)
        })
    }
}

impl Buckets {
    fn fill(
        ranking: &Ranking<'_>,
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

/// The counts of each of `levels` levels, where `level` tells that of a row.
pub(super) fn counted(
    frame: &Frame,
    levels: usize,
    level: impl Fn(usize) -> usize,
) -> Vec<Confusion> {
    let mut confusions = vec![Confusion::default(); levels];
    for (row, (y_true, y_pred)) in frame.y_true.iter().zip(&frame.y_pred).enumerate() {
        confusions[level(row)].add(*y_true, *y_pred);
    }
    confusions
}

#[cfg(test)]
impl Frame {
    /// Rows of group, class and score, in the groups of `g`; selected above `threshold`.
    pub(super) fn of_scores(rows: &[(&str, bool, f64)], threshold: f64) -> Self {
        let names: Vec<Option<&str>> = rows.iter().map(|row| Some(row.0)).collect();
        Self {
            split: Split::Test,
            y_true: rows.iter().map(|row| row.1).collect(),
            y_pred: rows.iter().map(|row| row.2 > threshold).collect(),
            score: Some(rows.iter().map(|row| row.2).collect()),
            weight: None,
            groups: vec![Groups::encode("g", &names)],
        }
    }
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
        let frame = frame();
        let ranking = Ranking::of(&frame);
        let sex = ByGroup::of(&frame, &frame.groups[0], ranking.as_ref());
        let rows: Vec<_> = sex.slices().collect();
        assert_eq!(rows[0].confusion(), Confusion { tp: 1, tn: 1, ..Confusion::default() });
        assert_eq!(rows[1].confusion(), Confusion { fp: 1, fn_: 1, ..Confusion::default() });
        let both = ByGroup::of(&frame, &frame.groups[1], ranking.as_ref());
        assert_eq!(both.slices().map(|s| s.n()).collect::<Vec<_>>(), [2, 0, 1, 1]);
    }

    #[test]
    fn scores_arrive_sorted_in_their_group_and_class() {
        let frame = frame();
        let ranking = Ranking::of(&frame);
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
