//! Permutation tests that a number which is no rate is the same in all groups: the group labels are
//! dealt anew to the rows.

use super::Options;
use super::areas::Run;
use super::frame::Frame;
use super::level::{Grouping, Level};
use super::metrics::{
    AveragePrecision, BrierScore, ExpectedCalibrationError, F1, LogLoss, Metric, RocAuc,
};
use super::significance::Raw;
use super::slice::Slice;
use crate::domain::{Cell, Confusion, Finding, Groups, Ideal, Meta, Stage, Undefined, to_f64};
use crate::stats::{permuted, sum};

/// Permutations.
pub(super) const DRAWS: u32 = 999;

/// What is dealt, and how a gap is measured.
#[derive(Clone, Copy, PartialEq)]
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
                     **Formula** `(b + 1) / (m + 1)`, `b` of `m` = 999 permutations in which the largest gap of two \
                     groups is at least the one seen, then Holm's over all tests of the audit. ", $how,
                    " Measured where `fairness.tests: permutation` or `--tests permutation` asks for it. **Range** 0 \
                     to 1. **Ideal** none; a p-value says nothing about the size of a gap.\n**Undefined** \
                     `GroupUndefined` when a group with rows has no value, or too few rows for an error; `OneGroup` \
                     when fewer than two groups are left; `NoScores` without scores; `NotRun` when the rows are \
                     weighted.\n**Interval** none; see `", $name, "_difference`. **Evidence** `significance`: the \
                     p-value as it is, Benjamini and Hochberg's, the largest gap and the number of tests.\n**Source** \
                     Westfall and Young 1993, Resampling-Based Multiple Testing, §2.3; in standard errors: Chung and \
                     Romano 2013, Annals of Statistics 41, 484–507. **Peer** `scipy.stats.permutation_test` for two \
                     groups.\n"
                ),
            },
            metric: &$metric,
            kind: $kind,
        }
    };
}

fn squared(score: f64, truth: bool) -> f64 {
    (score - if truth { 1.0 } else { 0.0 }).powi(2)
}

fn logarithm(score: f64, truth: bool) -> f64 {
    let score = score.clamp(f64::EPSILON, 1.0 - f64::EPSILON);
    -(if truth { score } else { 1.0 - score }).ln()
}

static TESTS: [Test; 6] = [
    test!(
        "FA710", "roc_auc", RocAuc, Kind::Area,
        "Labels are dealt within each actual class, so that every group keeps its base rate; the gap is in \
         DeLong's standard errors, so that groups of equal area may differ in the shape of their scores."
    ),
    test!(
        "FA723", "brier_score", BrierScore, Kind::Mean(squared),
        "The gap is in standard errors, so that groups of equal mean may differ in spread."
    ),
    test!(
        "FA724", "log_loss", LogLoss, Kind::Mean(logarithm),
        "The gap is in standard errors, so that groups of equal mean may differ in spread."
    ),
    test!(
        "FA712", "f1", F1, Kind::Plain,
        "The gap is taken as it is: the test is exact where the groups are alike in all that the metric \
         looks at, base rates included, and shows any such difference."
    ),
    test!(
        "FA722", "average_precision", AveragePrecision, Kind::Plain,
        "The gap is taken as it is: the test is exact where the groups are alike in all that the metric \
         looks at, base rates included, and shows any such difference."
    ),
    test!(
        "FA725", "expected_calibration_error", ExpectedCalibrationError, Kind::Plain,
        "The gap is taken as it is: the test is exact where the groups are alike in all that the metric \
         looks at, base rates included; the bias of small groups is that of the dealt ones too."
    ),
];

/// The manuals.
pub(super) fn checks() -> impl Iterator<Item = &'static Meta> {
    TESTS.iter().map(|test| &test.meta)
}

/// The tests of one grouping, not adjusted yet.
pub(super) fn tests(frame: &Frame, grouping: &Grouping<'_>, options: &Options) -> Vec<Raw> {
    let groups: Vec<&Level> = grouping.taking_part().collect();
    let wanted = TESTS.iter().filter(|test| options.wants(test.meta.name));
    if !options.statistics.permutation || groups.len() < 2 {
        return Vec::new();
    }
    let dealt = Dealt::of(frame, grouping.groups, &groups);
    wanted.map(|test| one(test, grouping, (&groups, dealt.as_ref()), options)).collect()
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
    let found = match dealt {
        None => Err(Undefined::NotRun { because }),
        Some(dealt) => able(test, grouping, groups).and_then(|()| {
            let name = format!("{}/{}", grouping.groups.name(), test.meta.name);
            let seed = options.statistics.seed.child("fairness/permutation").child(&name);
            let mut dealt = dealt.clone();
            let seen = dealt.statistic(test);
            let mut stream = seed.stream();
            Ok(permuted(seen, DRAWS, || {
                dealt.deal(&mut stream, test.kind == Kind::Area);
                dealt.statistic(test)
            }))
        }),
    };
    match found {
        Err(reason) => Raw(of(Err(reason)), Vec::new()),
        Ok(found) => {
            let cell = |name: &str, value| Cell { name: name.to_owned(), value: Some(value), n };
            let cells = vec![
                cell("largest_gap", found.statistic),
                cell("permutations", f64::from(DRAWS)),
            ];
            Raw(of(Ok(found.p)), cells)
        }
    }
}

/// Whether every group has a value and, where gaps are in standard errors, enough rows for one.
fn able(test: &Test, grouping: &Grouping<'_>, groups: &[&Level]) -> Result<(), Undefined> {
    for level in groups {
        let rows = grouping.rows(level);
        let refused = |reason| grouping.undefined(level, &reason);
        test.metric.of(&rows).map_err(refused)?;
        let c = level.confusion;
        let n = if test.kind == Kind::Area { c.positives().min(c.negatives()) } else { level.n };
        if n < 2 && test.kind != Kind::Plain {
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
        let row = |(at, level): (usize, &crate::domain::GroupId)| {
            let score = frame.score.as_ref().map_or(0.0, |score| score[at] + 0.0);
            let (positive, selected) = (frame.y_true[at], frame.y_pred[at]);
            place[level.index()].map(|label| (Row { score, positive, selected }, label))
        };
        let mut both: Vec<(Row, usize)> = groups.of().iter().enumerate().filter_map(row).collect();
        both.sort_by(|a, b| a.0.score.total_cmp(&b.0.score));
        let (rows, labels): (Vec<Row>, Vec<usize>) = both.into_iter().unzip();
        let class = |of: bool| (0..rows.len()).filter(|at| rows[*at].positive == of).collect();
        let classes = [class(false), class(true)];
        Some(Self { rows, labels, classes, groups: part.len(), scored: frame.score.is_some() })
    }

    /// Deals the labels anew, within each class or over all rows.
    fn deal(&mut self, stream: &mut crate::domain::Stream, within: bool) {
        if !within {
            return stream.shuffle(&mut self.labels);
        }
        for places in &self.classes {
            let mut labels: Vec<usize> = places.iter().map(|at| self.labels[*at]).collect();
            stream.shuffle(&mut labels);
            for (at, label) in places.iter().zip(labels) {
                self.labels[*at] = label;
            }
        }
    }

    /// The largest gap of two groups; infinite where a group has no value.
    fn statistic(&self, test: &Test) -> f64 {
        let found = match test.kind {
            Kind::Area => self.areas(),
            Kind::Mean(of) => self.means(of),
            Kind::Plain => self.plain(test.metric),
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
    fn areas(&self) -> Option<Vec<(f64, f64)>> {
        let mut runs = vec![Run::default(); self.groups];
        for (row, label) in self.rows.iter().zip(&self.labels) {
            runs[*label].add(row.score, usize::from(row.positive));
        }
        let area = |run: Run| {
            let placements = run.close();
            Some((placements.auc().ok()?, placements.variance().ok()?))
        };
        runs.into_iter().map(area).collect()
    }

    /// Mean and its variance of each group.
    fn means(&self, of: fn(f64, bool) -> f64) -> Option<Vec<(f64, f64)>> {
        let mut values = vec![Vec::new(); self.groups];
        for (row, label) in self.rows.iter().zip(&self.labels) {
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
    fn plain(&self, metric: &dyn Metric) -> Option<Vec<(f64, f64)>> {
        let mut scores = vec![[Vec::new(), Vec::new()]; self.groups];
        let mut counts = vec![Confusion::default(); self.groups];
        for (row, label) in self.rows.iter().zip(&self.labels) {
            counts[*label].add(row.positive, row.selected);
            scores[*label][usize::from(row.positive)].push(row.score);
        }
        let value = |(c, [negative, positive]): (Confusion, &[Vec<f64>; 2])| {
            let rows = if self.scored {
                Slice::ranked(c, positive, negative)
            } else {
                Slice::counted(c)
            };
            Some((metric.of(&rows).ok()?, 0.5))
        };
        counts.into_iter().zip(&scores).map(value).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Selection, Statistics, audit};
    use super::*;
    use crate::domain::{Evidence, Seed, Split, Stream};

    /// Groups a and b of `n` rows each; the scores of a's positives lie higher by `lift`.
    fn frame(draw: &mut Stream, n: usize, lift: f64) -> Frame {
        let (mut names, mut y_true, mut score) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..2 * n {
            let (group, positive) = (row % 2, row / 2 % 2 == 0);
            names.push(Some(["a", "b"][group]));
            y_true.push(positive);
            let shift = if positive && group == 0 { lift } else { 0.0 };
            score.push((0.3 + 0.1 * draw.normal() + shift).clamp(0.0, 1.0));
        }
        let y_pred = score.iter().map(|s| *s > 0.35).collect();
        let groups = vec![Groups::encode("g", &names)];
        Frame { split: Split::Test, y_true, y_pred, score: Some(score), weight: None, groups }
    }

    fn test_of(frame: &Frame, check: &str) -> Vec<Finding> {
        let statistics = Statistics { permutation: true, ..Statistics::default() };
        let metrics = Selection::Named(vec![check.to_owned()]);
        audit(frame, &Options { metrics, statistics, ..Options::default() })
    }

    fn p(finding: &Finding) -> f64 {
        let cells = finding.evidence.iter().find_map(|evidence| match evidence {
            Evidence::Numbers { name, cells } if name == "significance" => Some(cells),
            _ => None,
        });
        cells.unwrap().iter().find(|cell| cell.name == "p").and_then(|cell| cell.value).unwrap()
    }

    #[test]
    fn a_gap_is_found_and_its_absence_too() {
        let mut draw = Seed::new(12).stream();
        let apart = frame(&mut draw, 200, 0.2);
        let alike = frame(&mut draw, 200, 0.0);
        for test in &TESTS {
            let found = test_of(&apart, test.meta.name);
            assert_eq!(found.len(), 1, "{}", test.meta.name);
            assert!(p(&found[0]) < 0.05, "{} {}", test.meta.name, p(&found[0]));
            let none = test_of(&alike, test.meta.name);
            assert!(p(&none[0]) > 0.01, "{} {}", test.meta.name, p(&none[0]));
            assert_eq!(none, test_of(&alike, test.meta.name));
        }
    }

    #[test]
    fn without_a_gap_every_p_value_is_as_likely_as_another() {
        // 200 tables without a gap: about 20 p-values of at most 0.1; 33 is three standard errors above.
        let mut draw = Seed::new(13).stream();
        for check in ["roc_auc_test", "brier_score_test"] {
            let small = (0..200).filter(|_| p(&test_of(&frame(&mut draw, 30, 0.0), check)[0]) <= 0.1);
            let small = small.count();
            assert!((7..=33).contains(&small), "{check}: {small}");
        }
    }

    #[test]
    fn labels_are_dealt_within_a_class_where_areas_are_compared() {
        let mut draw = Seed::new(14).stream();
        let frame = frame(&mut draw, 25, 0.1);
        let options = Options::default();
        let plan = super::super::selection::Plan::new(&options, true);
        let ranking = super::super::ranking::Ranking::of(&frame);
        let grouping =
            Grouping::measure(&frame, &frame.groups[0], ranking.as_ref(), &options, &plan);
        let part: Vec<&Level> = grouping.taking_part().collect();
        let mut dealt = Dealt::of(&frame, grouping.groups, &part).unwrap();
        let positives = |dealt: &Dealt| {
            let of = |at: &&usize| dealt.labels[**at] == 0;
            dealt.classes[1].iter().filter(of).count()
        };
        let (before, labels) = (positives(&dealt), dealt.labels.clone());
        dealt.deal(&mut draw, true);
        assert!(before == positives(&dealt) && labels != dealt.labels);
        let area = dealt.areas().unwrap();
        assert_eq!(area.len(), 2);
        assert!(dealt.rows.windows(2).all(|pair| pair[0].score <= pair[1].score));
    }

    #[test]
    fn each_reason_is_reached_and_nothing_is_said_unasked() {
        let mut draw = Seed::new(15).stream();
        let plain = frame(&mut draw, 20, 0.0);
        assert!(audit(&plain, &Options::default()).iter().all(|f| f.check != "roc_auc_test"));
        let weighted = Frame { weight: Some(vec![1.0; 40]), ..plain.clone() };
        let found = &test_of(&weighted, "roc_auc_test")[0].value;
        assert!(matches!(found, Err(Undefined::NotRun { .. })));
        let bare = Frame { score: None, ..plain.clone() };
        assert_eq!(test_of(&bare, "brier_score_test")[0].value, Err(Undefined::NoScores));
        assert!(test_of(&bare, "f1_test")[0].value.is_ok());
        let negative = Frame { y_true: vec![false; 40], ..plain };
        let found = &test_of(&negative, "roc_auc_test")[0].value;
        assert!(matches!(found, Err(Undefined::GroupUndefined { .. })));
    }
}
