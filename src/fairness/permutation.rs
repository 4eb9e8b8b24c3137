//! Permutation tests that a number which is no rate is the same in all groups: the group labels are
//! dealt anew to the rows.

use super::Options;
use super::areas::Run;
use super::change::{logarithm, squared};
use super::frame::Frame;
use super::level::{Grouping, Level};
use super::metrics::{
    AveragePrecision, BrierScore, ExpectedCalibrationError, F1, LogLoss, Metric, RocAuc,
};
use super::significance::{Raw, one_group};
use super::slice::Slice;
use crate::domain::{
    Cell, Confusion, Finding, Groups, Ideal, Meta, Stage, Stream, Undefined, to_f64,
};
use crate::stats::{Permuted, permuted, sum};

/// What is dealt, and how a gap is measured.
#[derive(Clone, Copy)]
enum Kind {
    /// Labels within each actual class; gaps of areas in their standard errors.
    Area,
    /// Labels of all rows; gaps of means in their standard errors.
    Mean(fn(f64, bool) -> f64),
    /// Labels of all rows; gaps as they are.
    Plain,
}

/// The test of one metric.
struct Test {
    meta: Meta,
    metric: &'static dyn Metric,
    kind: Kind,
}

macro_rules! test {
    ($code:literal, $name:literal, $metric:expr, $kind:expr, $how:literal) => {
        Test {
            meta: Meta {
                code: $code,
                name: concat!($name, "_test"),
                ideal: Ideal::None,
                explain: concat!(
                    "How often groups dealt at random differ as much in `", $name, "` as these do.\n\n\
                     **Formula** `50 / l`, the `l`th permutation being the 50th in which the largest gap of two groups is at \
                     least the one seen; `(b + 1) / 10000` where only `b` of 9,999 are; then Holm's over all tests of \
                     the audit. ", $how,
                    " Measured where `fairness.tests: permutation` or `--tests permutation` asks for it, or a rule or \
                     `metrics` names it. **Range** 0 \
                     to 1. **Ideal** none; a p-value says nothing about the size of a gap.\n**Undefined** \
                     `GroupUndefined` when a group with rows has no value, or too few rows for an error; `OneGroup` \
                     when fewer than two groups are left; `NoScores` without scores; `NotRun` when the rows are \
                     weighted.\n**Interval** none; see `", $name, "_difference`. **Evidence** `significance`: the \
                     p-value as it is, Benjamini and Hochberg's, the largest gap and the number of tests.\n**Source** \
                     Westfall and Young 1993, Resampling-Based Multiple Testing, §2.3; in standard errors: Chung and \
                     Romano 2013, Annals of Statistics 41, 484–507; when to stop: Besag and Clifford 1991, Biometrika 78, 301–304. **Peer** `scipy.stats.permutation_test` for two \
                     groups.\n"
                ),
            },
            metric: &$metric,
            kind: $kind,
        }
    };
}

static TESTS: [Test; 6] = [
    test!(
        "FA710",
        "roc_auc",
        RocAuc,
        Kind::Area,
        "Labels are dealt within each actual class, so that every group keeps its base rate; the gap is in \
         DeLong's standard errors, so that groups of equal area may differ in the shape of their scores."
    ),
    test!(
        "FA723",
        "brier_score",
        BrierScore,
        Kind::Mean(squared),
        "The gap is in standard errors, so that groups of equal mean may differ in spread."
    ),
    test!(
        "FA724",
        "log_loss",
        LogLoss,
        Kind::Mean(logarithm),
        "The gap is in standard errors, so that groups of equal mean may differ in spread."
    ),
    test!(
        "FA712",
        "f1",
        F1,
        Kind::Plain,
        "The gap is taken as it is: the test is exact where the groups are alike in all that the metric \
         looks at, base rates included, and shows any such difference."
    ),
    test!(
        "FA722",
        "average_precision",
        AveragePrecision,
        Kind::Plain,
        "The gap is taken as it is: the test is exact where the groups are alike in all that the metric \
         looks at, base rates included, and shows any such difference."
    ),
    test!(
        "FA725",
        "expected_calibration_error",
        ExpectedCalibrationError,
        Kind::Plain,
        "The gap is taken as it is: the test is exact where the groups are alike in all that the metric \
         looks at, base rates included; the bias of small groups is that of the dealt ones too."
    ),
];

/// The manuals.
pub(super) fn checks() -> impl Iterator<Item = &'static Meta> {
    TESTS.iter().map(|test| &test.meta)
}

/// The tests of one grouping, not adjusted yet: all where permutations are asked for, else those that
/// are asked for by name.
pub(super) fn tests(frame: &Frame, grouping: &Grouping<'_>, options: &Options) -> Vec<Raw> {
    let groups: Vec<&Level> = grouping.taking_part().collect();
    let wanted = |test: &&Test| {
        let name = test.meta.name;
        options.names(name) || (options.statistics.permutation && options.wants(name))
    };
    let wanted: Vec<&Test> = TESTS.iter().filter(wanted).collect();
    if groups.len() < 2 {
        return wanted.iter().map(|test| one_group(&test.meta, grouping, &groups)).collect();
    }
    if wanted.is_empty() {
        return Vec::new();
    }
    let dealt = Dealt::of(frame, grouping.groups, &groups);
    wanted.into_iter().map(|test| one(test, grouping, (&groups, dealt.as_ref()), options)).collect()
}

fn one(
    test: &Test,
    grouping: &Grouping<'_>,
    (groups, dealt): (&[&Level], Option<&Dealt>),
    options: &Options,
) -> Raw {
    let n = groups.iter().map(|level| level.n).sum();
    let of = |value| Finding::new(&test.meta, Stage::Fairness, grouping.subject(), value, n);
    let because = "the rows are weighted".to_owned();
    let dealt = dealt.ok_or(Undefined::NotRun { because });
    let found = dealt.and_then(|dealt| {
        able(test, grouping, groups).map(|()| {
            let seed = options.statistics.seed.child("fairness/permutation");
            let seed = seed.child(&grouping.groups.name()).child(test.meta.name);
            let within = matches!(test.kind, Kind::Area);
            permuted(dealt.statistic(&dealt.labels, test), seed, |stream| {
                dealt.statistic(&dealt.anew(stream, within), test)
            })
        })
    });
    match found {
        Err(reason) => Raw(of(Err(reason)), Vec::new()),
        Ok(found) => Raw(of(Ok(found.p)), cells(&found, n).into()),
    }
}

/// What a test rests on; an infinite gap is left out.
pub(super) fn cells(found: &Permuted, n: u64) -> [Cell; 2] {
    let cell = |name: &str, value: f64| {
        let value = Some(value).filter(|value| value.is_finite());
        Cell { name: name.to_owned(), value, n }
    };
    [cell("largest_gap", found.statistic), cell("permutations", f64::from(found.permutations))]
}

/// Whether every group has a value and, where gaps are in standard errors, enough rows for one.
fn able(test: &Test, grouping: &Grouping<'_>, groups: &[&Level]) -> Result<(), Undefined> {
    for level in groups {
        let rows = grouping.rows(level);
        let refused = |reason| grouping.undefined(level, &reason);
        test.metric.of(&rows).map_err(refused)?;
        let c = level.confusion;
        let n = if matches!(test.kind, Kind::Area) {
            c.positives().min(c.negatives())
        } else {
            level.n
        };
        if n < 2 && !matches!(test.kind, Kind::Plain) {
            return Err(refused(Undefined::TooFew { n, need: 2 }));
        }
    }
    Ok(())
}

/// A row, whose group is dealt.
#[derive(Debug, Clone, Copy)]
struct Row {
    score: f64,
    positive: bool,
    selected: bool,
}

/// The rows of all groups that take part in ascending order of their scores, and their labels.
#[derive(Debug, Clone)]
struct Dealt {
    rows: Vec<Row>,
    /// The place of each row's group among those that take part.
    labels: Vec<usize>,
    /// Places of the rows of either class.
    classes: [Vec<usize>; 2],
    groups: usize,
    scored: bool,
}

impl Dealt {
    /// `None` for rows with weights.
    fn of(frame: &Frame, groups: &Groups, part: &[&Level]) -> Option<Self> {
        if frame.weight.is_some() {
            return None;
        }
        let mut place = vec![None; groups.n_levels()];
        for (at, level) in part.iter().enumerate() {
            place[level.id.index()] = Some(at);
        }
        let row = |(at, level): (usize, crate::domain::GroupId)| {
            let score = frame.score.as_ref().map_or(0.0, |score| score[at] + 0.0);
            let (positive, selected) = (frame.y_true[at], frame.y_pred[at]);
            place[level.index()].map(|label| (Row { score, positive, selected }, label))
        };
        let mut both: Vec<(Row, usize)> = groups.of().enumerate().filter_map(row).collect();
        both.sort_by(|a, b| a.0.score.total_cmp(&b.0.score));
        let (rows, labels): (Vec<Row>, Vec<usize>) = both.into_iter().unzip();
        let class = |of: bool| (0..rows.len()).filter(|at| rows[*at].positive == of).collect();
        let classes = [class(false), class(true)];
        Some(Self { rows, labels, classes, groups: part.len(), scored: frame.score.is_some() })
    }

    /// The labels dealt anew, within each class or over all rows.
    fn anew(&self, stream: &mut Stream, within: bool) -> Vec<usize> {
        let mut labels = self.labels.clone();
        if !within {
            stream.shuffle(&mut labels);
            return labels;
        }
        for places in &self.classes {
            let mut dealt: Vec<usize> = places.iter().map(|at| self.labels[*at]).collect();
            stream.shuffle(&mut dealt);
            for (at, label) in places.iter().zip(dealt) {
                labels[*at] = label;
            }
        }
        labels
    }

    /// The largest gap of two groups; infinite where a group has no value.
    fn statistic(&self, labels: &[usize], test: &Test) -> f64 {
        let found = match test.kind {
            Kind::Area => self.areas(labels),
            Kind::Mean(of) => self.means(labels, of),
            Kind::Plain => self.plain(labels, test.metric),
        };
        let Some(found) = found else { return f64::INFINITY };
        let mut widest = 0.0_f64;
        for (i, a) in found.iter().enumerate() {
            for b in &found[..i] {
                let (gap, error) = ((a.0 - b.0).abs(), (a.1 + b.1).sqrt());
                let gap = if gap > 0.0 { gap / error } else { 0.0 };
                widest = widest.max(gap);
            }
        }
        widest
    }

    /// Area and `DeLong`'s variance of each group.
    fn areas(&self, labels: &[usize]) -> Option<Vec<(f64, f64)>> {
        let mut runs = vec![Run::default(); self.groups];
        for (row, label) in self.rows.iter().zip(labels) {
            runs[*label].add(row.score, usize::from(row.positive));
        }
        let area = |run: Run| {
            let placements = run.close();
            Some((placements.auc().ok()?, placements.variance().ok()?))
        };
        runs.into_iter().map(area).collect()
    }

    /// Mean and its variance of each group.
    fn means(&self, labels: &[usize], of: fn(f64, bool) -> f64) -> Option<Vec<(f64, f64)>> {
        let mut values = vec![Vec::new(); self.groups];
        for (row, label) in self.rows.iter().zip(labels) {
            values[*label].push(of(row.score, row.positive));
        }
        let mean = |values: Vec<f64>| {
            let n = to_f64(u64::try_from(values.len()).ok()?);
            let mean = sum(values.iter().copied()) / n;
            let squares = sum(values.iter().map(|value| (value - mean).powi(2)));
            Some((mean, squares / (n - 1.0) / n))
        };
        values.into_iter().map(mean).collect()
    }

    /// The metric of each group, and half, so that a gap is divided by 1.
    fn plain(&self, labels: &[usize], metric: &dyn Metric) -> Option<Vec<(f64, f64)>> {
        let mut scores = vec![[Vec::new(), Vec::new()]; self.groups];
        let mut counts = vec![Confusion::default(); self.groups];
        for (row, label) in self.rows.iter().zip(labels) {
            counts[*label].add(row.positive, row.selected);
            scores[*label][usize::from(row.positive)].push(row.score);
        }
        let value = |(c, [negative, positive]): (Confusion, &[Vec<f64>; 2])| {
            let rows =
                if self.scored { Slice::ranked(c, positive, negative) } else { Slice::counted(c) };
            Some((metric.of(&rows).ok()?, 0.5))
        };
        counts.into_iter().zip(&scores).map(value).collect()
    }
}

#[cfg(test)]
mod tests;
