//! Disaggregation: one pass over the rows gives the counts of all groups of a grouping.

use super::slice::{Slice, Weights};
use super::weights::Weighed;
use crate::domain::{Confusion, Groups, Masses, Split};

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

/// The rows in ascending order of their score. Sorted once, used by every grouping.
pub(super) struct Ranking {
    rows: Vec<(f64, usize)>,
}

impl Ranking {
    /// The ranking of a frame, where it has scores.
    pub(super) fn of(frame: &Frame) -> Option<Self> {
        let scores = frame.score.as_ref()?;
        // Adding 0 turns −0 into 0, so that the two tie.
        let mut rows: Vec<(f64, usize)> =
            scores.iter().enumerate().map(|(row, score)| (score + 0.0, row)).collect();
        match &frame.weight {
            None => rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0)),
            // Equal scores in order of their weights, so that no sum depends on the rows' order.
            Some(w) => rows.sort_unstable_by(|a, b| {
                a.0.total_cmp(&b.0).then_with(|| w[a.1].total_cmp(&w[b.1]))
            }),
        }
        Some(Self { rows })
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
}

impl ByGroup {
    /// All rows as one group.
    pub(super) fn whole(frame: &Frame, ranking: Option<&Ranking>) -> Self {
        let pairs = frame.y_true.iter().copied().zip(frame.y_pred.iter().copied());
        let confusions = vec![Confusion::count(pairs)];
        Self::with(frame, confusions, |_| 0, ranking)
    }

    /// Each level of `groups`, the empty ones included.
    pub(super) fn of(frame: &Frame, groups: &Groups, ranking: Option<&Ranking>) -> Self {
        let mut confusions = vec![Confusion::default(); groups.n_levels()];
        let answers = frame.y_true.iter().zip(&frame.y_pred);
        for (level, (y_true, y_pred)) in groups.of().iter().zip(answers) {
            confusions[level.index()].add(*y_true, *y_pred);
        }
        Self::with(frame, confusions, |row| groups.of()[row].index(), ranking)
    }

    fn with(
        frame: &Frame,
        confusions: Vec<Confusion>,
        level: impl Fn(usize) -> usize,
        ranking: Option<&Ranking>,
    ) -> Self {
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
            Some(b) => Slice::ranked(confusion, b.bucket(positive), b.bucket(negative)),
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
        let (mut next, mut values) = (starts.clone(), vec![0.0; total]);
        let mut weights = vec![0.0; frame.weight.as_ref().map_or(0, |_| total)];
        for (score, row) in &ranking.rows {
            let bucket = 2 * level(*row) + usize::from(frame.y_true[*row]);
            values[next[bucket]] = *score;
            if let Some(weight) = &frame.weight {
                weights[next[bucket]] = weight[*row];
            }
            next[bucket] += 1;
        }
        Self { values, weights, starts }
    }

    fn weights(&self, index: usize) -> &[f64] {
        &self.weights[self.starts[index]..self.starts[index + 1]]
    }

    fn bucket(&self, index: usize) -> &[f64] {
        &self.values[self.starts[index]..self.starts[index + 1]]
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
