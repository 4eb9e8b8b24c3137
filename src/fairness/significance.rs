//! Tests that a rate is the same in two groups, and in all groups, with the gap that they could see.
//!
//! Each test is of the very rate it names. All p-values of one audit are one family: they are
//! adjusted together, and the number of tests is part of the evidence.

use super::level::{Grouping, Level};
use super::metrics::{
    Accuracy, Basis, FalsePositiveRate, Metric, NegativePredictiveValue, Precision, SelectionRate,
    TruePositiveRate,
};
use super::{Options, permutation};
use crate::domain::{Cell, Evidence, Finding, Ideal, Meta, Stage, Subject, Undefined, to_f64};
use crate::stats::{
    benjamini_hochberg, chi_square, fisher_exact, holm, least_expected, minimum_detectable_gap,
    permuted_shares, rows_needed, two_proportion_z,
};

/// The test of one rate.
struct Test {
    meta: Meta,
    metric: &'static dyn Metric,
}

/// Where every expected cell holds this many rows, chi-square is near its distribution.
const LEAST_EXPECTED: f64 = 5.0;

macro_rules! test {
    ($code:literal, $name:literal, $metric:expr) => {
        Test {
            meta: Meta {
                code: $code,
                name: concat!($name, "_test"),
                ideal: Ideal::None,
                explain: concat!(
                    "How surprising a gap of `", $name, "` this large would be if there were none, \
                     adjusted for the number of tests.\n\n**Formula** Holm's p-value over all tests of \
                     the audit. Of a group against the reference (the declared one, else the largest): \
                     Fisher's exact test of the rows of `", $name, "` itself, two-sided. Of all groups: \
                     Pearson's chi-square without continuity correction, and where an expected cell is \
                     below 5 the smallest of Fisher's against the largest group times their number; where \
                     `fairness.tests: permutation` or `--tests permutation` asks for it, the largest gap in \
                     standard errors among hits dealt to the groups at random, as for `roc_auc_test`. \
                     **Range** 0 to 1. **Ideal** none; a p-value says nothing about the size of a gap.\n\
                     **Undefined** `GroupUndefined` when a group with rows has no value; `OneGroup` when \
                     fewer than two groups are left; `NotRun` when the rows are weighted.\n**Interval** \
                     none; that of the gap is with `", $name, "_difference`. **Evidence** `significance`: the p-value as \
                     it is, Benjamini and Hochberg's, the statistic and the number of tests; `power`: the \
                     smallest gap that these rows could show with a chance of 80 %, and the rows that the \
                     smaller group would need to show the gap that was seen.\n**Source** Fisher 1935, JRSS 98, \
                     39–82; Pearson 1900; Holm 1979, Scandinavian Journal of Statistics 6, 65–70; Benjamini \
                     and Hochberg 1995, JRSS B 57, 289–300; power: Fleiss, Levin, Paik 2003, §4.\n\
                     **Peer** `scipy.stats.fisher_exact`, `scipy.stats.chi2_contingency` with \
                     `correction=False`; aequitas tests other rows than the rate it names.\n"
                ),
            },
            metric: &$metric,
        }
    };
}

static TESTS: [Test; 6] = [
    test!("FA704", "selection_rate", SelectionRate),
    test!("FA705", "accuracy", Accuracy),
    test!("FA702", "true_positive_rate", TruePositiveRate),
    test!("FA706", "false_positive_rate", FalsePositiveRate),
    test!("FA709", "precision", Precision),
    test!("FA714", "negative_predictive_value", NegativePredictiveValue),
];

/// The manuals.
pub(super) fn checks() -> impl Iterator<Item = &'static Meta> {
    TESTS.iter().map(|test| &test.meta)
}

/// A finding whose p-value is not adjusted yet.
pub(super) struct Raw(pub(super) Finding, pub(super) Vec<Cell>);

type Share = (u64, u64);

/// The tests of one grouping, not adjusted yet: per rate all groups together, then each group
/// against the reference.
pub(super) fn tests(grouping: &Grouping<'_>, options: &Options) -> Vec<Raw> {
    let groups: Vec<&Level> = grouping.taking_part().collect();
    let declared = options.reference.get(&grouping.groups.name());
    let named = |level: &&&Level| declared.is_some_and(|d| grouping.groups.label(level.id) == *d);
    let largest = groups.iter().copied().reduce(|a, b| if b.n > a.n { b } else { a });
    let reference = groups.iter().find(named).copied().or(largest);
    let wanted = TESTS.iter().filter(|test| options.wants(test.meta.name));
    let Some(reference) = reference.filter(|_| groups.len() > 1) else {
        return wanted.map(|test| one_group(&test.meta, grouping, &groups)).collect();
    };
    let mut raw = Vec::new();
    for test in wanted {
        raw.push(overall(test, grouping, &groups, options));
        let others = groups.iter().filter(|level| level.id != reference.id);
        raw.extend(others.map(|level| pair(test, grouping, [level, reference])));
    }
    raw
}

/// The test of a grouping in which nothing can be compared.
pub(super) fn one_group(meta: &'static Meta, grouping: &Grouping<'_>, groups: &[&Level]) -> Raw {
    let n = groups.iter().map(|level| level.n).sum();
    let value = Err(Undefined::OneGroup);
    Raw(Finding::new(meta, Stage::Fairness, grouping.subject(), value, n), Vec::new())
}

/// The counts of a rate in one group.
fn share(test: &Test, grouping: &Grouping<'_>, level: &Level) -> Result<Share, Undefined> {
    let measured = level.measured(test.metric);
    if let Err(reason) = &measured.value {
        return Err(grouping.undefined(level, reason));
    }
    match measured.basis {
        Basis::Share { hits, n } => Ok((hits, n)),
        _ => Err(Undefined::NotRun { because: "the rows are weighted".to_owned() }),
    }
}

fn cell(name: &str, value: f64, n: u64) -> Cell {
    Cell { name: name.to_owned(), value: Some(value), n }
}

fn pair(test: &Test, grouping: &Grouping<'_>, [level, reference]: [&Level; 2]) -> Raw {
    let subject = Subject {
        group: Some(grouping.key(level)),
        reference: Some(grouping.key(reference)),
        ..grouping.subject()
    };
    let finding = |value, n| Finding::new(&test.meta, Stage::Fairness, subject, value, n);
    let sides =
        share(test, grouping, level).and_then(|a| Ok((a, share(test, grouping, reference)?)));
    let (a, b) = match sides {
        Ok(sides) => sides,
        Err(reason) => return Raw(finding(Err(reason), 0), Vec::new()),
    };
    let n = a.1 + b.1;
    let p = fisher_exact(a, b).ok_or(Undefined::Empty);
    let statistic = two_proportion_z(a, b).map(|(z, _)| cell("z", z, n));
    let finding = finding(p, n).with(power(a, b, grouping.confidence));
    Raw(finding, statistic.into_iter().collect())
}

/// What these rows could see, and the rows that would see the gap.
fn power(a: Share, b: Share, level: f64) -> Evidence {
    let of = |(hits, n): Share| to_f64(hits) / to_f64(n);
    let gap = minimum_detectable_gap(of(b), (a.1, b.1), level);
    let rows = rows_needed((of(a), a.1), (of(b), b.1), level);
    let cells = vec![
        Cell { name: "minimum_detectable_gap".to_owned(), value: gap, n: a.1 + b.1 },
        Cell { name: "rows_needed".to_owned(), value: rows.map(to_f64), n: a.1.min(b.1) },
    ];
    Evidence::Numbers { name: "power".to_owned(), cells }
}

fn overall(test: &Test, grouping: &Grouping<'_>, groups: &[&Level], options: &Options) -> Raw {
    let shares: Result<Vec<Share>, Undefined> =
        groups.iter().map(|level| share(test, grouping, level)).collect();
    let of = |value, n| Finding::new(&test.meta, Stage::Fairness, grouping.subject(), value, n);
    let shares = match shares {
        Ok(shares) => shares,
        Err(reason) => return Raw(of(Err(reason), 0), Vec::new()),
    };
    let n = shares.iter().map(|(_, n)| n).sum();
    if options.statistics.permutation {
        let seed = options.statistics.seed.child("fairness/permutation");
        let seed = seed.child(&grouping.groups.name()).child(test.meta.name);
        let found = permuted_shares(&shares, seed);
        let cells = found.iter().flat_map(|found| permutation::cells(found, n)).collect();
        // Where all rows are alike, every way to deal them is.
        return Raw(of(Ok(found.map_or(1.0, |found| found.p)), n), cells);
    }
    let expected = least_expected(&shares);
    if expected < LEAST_EXPECTED {
        let p = smallest_fisher(&shares);
        return Raw(of(p, n), vec![cell("least_expected", expected, n)]);
    }
    let Some((statistic, freedom, p)) = chi_square(&shares) else {
        return Raw(of(Err(Undefined::OneGroup), n), Vec::new());
    };
    let cells = vec![
        cell("chi_square", statistic, n),
        cell("degrees_of_freedom", to_f64(freedom), n),
        cell("least_expected", expected, n),
    ];
    Raw(of(Ok(p), n), cells)
}

/// Bonferroni over the exact tests of every group against the largest one.
fn smallest_fisher(shares: &[Share]) -> Result<f64, Undefined> {
    let largest = shares.iter().enumerate().max_by_key(|(i, (_, n))| (*n, usize::MAX - i));
    let (at, largest) = largest.ok_or(Undefined::OneGroup)?;
    let others = shares.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, share)| *share);
    let tests = to_f64(u64::try_from(shares.len()).unwrap_or(u64::MAX)) - 1.0;
    let smallest = others.filter_map(|share| fisher_exact(share, *largest)).fold(1.0, f64::min);
    Ok((smallest * tests).min(1.0))
}

/// Adjusts all p-values of an audit together.
pub(super) fn adjusted(raw: Vec<Raw>) -> Vec<Finding> {
    let p: Vec<f64> = raw.iter().filter_map(|Raw(f, _)| f.value.as_ref().ok().copied()).collect();
    let tests = u64::try_from(p.len()).unwrap_or(u64::MAX);
    let mut corrected = holm(&p).into_iter().zip(benjamini_hochberg(&p));
    let finish = |Raw(mut finding, statistics): Raw| {
        let Ok(p) = finding.value else { return finding };
        let Some((holm, rate)) = corrected.next() else {
            unreachable!("as many as defined values")
        };
        finding.value = Ok(holm);
        let mut cells = vec![
            cell("p", p, finding.n),
            cell("benjamini_hochberg", rate, finding.n),
            cell("tests", to_f64(tests), finding.n),
        ];
        cells.extend(statistics);
        finding.with(Evidence::Numbers { name: "significance".to_owned(), cells })
    };
    raw.into_iter().map(finish).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{Frame, Selection, audit};
    use super::*;
    use crate::domain::{Groups, Seed, Split};

    /// Rows of a grouping `g`: level, hits of the decision among `n` actual negatives.
    fn frame(levels: &[(&str, usize, usize)]) -> Frame {
        let (mut names, mut y_pred) = (Vec::new(), Vec::new());
        for (name, hits, n) in levels {
            names.extend(std::iter::repeat_n(Some(*name), *n));
            y_pred.extend((0..*n).map(|i| i < *hits));
        }
        let groups = vec![Groups::encode("g", &names)];
        let y_true = vec![false; y_pred.len()];
        Frame { split: Split::Test, y_true, y_pred, score: None, weight: None, groups }
    }

    fn tests_of(frame: &Frame, check: &str) -> Vec<Finding> {
        let options =
            Options { metrics: Selection::Named(vec![check.to_owned()]), ..Options::default() };
        audit(frame, &options)
    }

    fn evidence(finding: &Finding, of: &str, cell: &str) -> Option<f64> {
        finding.evidence.iter().find_map(|evidence| match evidence {
            Evidence::Numbers { name, cells } if name == of => {
                cells.iter().find(|c| c.name == cell).and_then(|c| c.value)
            }
            _ => None,
        })
    }

    #[test]
    fn the_rate_that_is_named_is_tested_against_the_largest_group() {
        let frame = frame(&[("a", 8, 32), ("b", 60, 100), ("c", 30, 40)]);
        let found = tests_of(&frame, "false_positive_rate_test");
        let reference = |f: &Finding| f.subject.reference.as_ref().map(|key| key["g"].clone());
        assert_eq!(
            found.iter().map(reference).collect::<Vec<_>>(),
            [None, Some("b".to_owned()), Some("b".to_owned())]
        );
        let raw = fisher_exact((8, 32), (60, 100)).unwrap();
        assert_eq!(evidence(&found[1], "significance", "p"), Some(raw));
        assert_eq!(evidence(&found[1], "significance", "tests"), Some(3.0));
        let chi = chi_square(&[(8, 32), (60, 100), (30, 40)]).unwrap();
        assert_eq!(evidence(&found[0], "significance", "chi_square"), Some(chi.0));
        // Holm: the smallest of the three is tripled.
        let least = raw.min(chi.2);
        let holm = found.iter().filter_map(|f| f.value.clone().ok()).fold(1.0, f64::min);
        assert!((holm - 3.0 * least).abs() < 1e-15);
        let gap = evidence(&found[1], "power", "minimum_detectable_gap").unwrap();
        assert!((0.2..0.35).contains(&gap), "{gap}");
        assert!(evidence(&found[1], "power", "rows_needed").unwrap() < 32.0);
    }

    #[test]
    fn thin_tables_use_exact_tests_only() {
        let found =
            tests_of(&frame(&[("a", 0, 6), ("b", 6, 7), ("c", 1, 2)]), "selection_rate_test");
        // The largest group is b: 2 · min(Fisher).
        let least = fisher_exact((0, 6), (6, 7)).unwrap();
        assert_eq!(evidence(&found[0], "significance", "p"), Some(2.0 * least));
        assert_eq!(evidence(&found[0], "significance", "chi_square"), None);
    }

    #[test]
    fn a_group_without_the_rate_and_a_single_group_have_no_test() {
        let found = tests_of(&frame(&[("a", 3, 6), ("b", 6, 7)]), "true_positive_rate_test");
        assert!(found.iter().all(|f| matches!(f.value, Err(Undefined::GroupUndefined { .. }))));
        assert_eq!(found.len(), 2);
        let one = tests_of(&frame(&[("a", 3, 6)]), "selection_rate_test");
        assert_eq!(
            one.iter().map(|f| (&f.value, f.n)).collect::<Vec<_>>(),
            [(&Err(Undefined::OneGroup), 6)]
        );
    }

    #[test]
    fn without_a_gap_one_audit_in_twenty_raises_an_alarm_at_most() {
        // Ten groups of 40 rows, all with the same rate, 400 audits: no test at all below 5 %.
        let mut draw = Seed::new(21).child("null").stream();
        let names: Vec<Option<String>> = (0..400).map(|row| Some((row % 10).to_string())).collect();
        let mut alarms = 0;
        for _ in 0..400 {
            let y_pred: Vec<bool> = (0..400).map(|_| draw.flip(0.4)).collect();
            let groups = vec![Groups::encode("g", &names)];
            let y_true = vec![false; 400];
            let frame =
                Frame { split: Split::Test, y_true, y_pred, score: None, weight: None, groups };
            let found = tests_of(&frame, "selection_rate_test");
            alarms += u32::from(found.iter().any(|f| f.value.as_ref().is_ok_and(|p| *p < 0.05)));
        }
        // 20 expected at most; 32 is four standard errors above.
        assert!(alarms <= 32, "{alarms}");
    }

    #[test]
    fn the_declared_group_is_the_reference_else_the_first_of_the_largest() {
        let frame = frame(&[("a", 3, 10), ("b", 7, 10), ("c", 4, 9)]);
        let sides = |declared: &[&str]| -> Vec<(String, String, u64)> {
            let reference = declared.iter().map(|d| ("g".to_owned(), (*d).to_owned())).collect();
            let metrics = Selection::Named(vec!["selection_rate_test".to_owned()]);
            let found = audit(&frame, &Options { reference, metrics, ..Options::default() });
            let side = |f: &Finding| {
                let of =
                    |key: &Option<crate::domain::GroupKey>| key.as_ref().map(|k| k["g"].clone());
                Some((of(&f.subject.group)?, of(&f.subject.reference)?, f.n))
            };
            found.iter().filter_map(side).collect()
        };
        let pair = |a: &str, b: &str, n| (a.to_owned(), b.to_owned(), n);
        assert_eq!(sides(&[]), [pair("b", "a", 20), pair("c", "a", 19)]);
        assert_eq!(sides(&["c"]), [pair("a", "c", 19), pair("b", "c", 19)]);
    }

    #[test]
    fn five_expected_rows_are_enough_for_chi_square() {
        let found = tests_of(&frame(&[("a", 3, 10), ("b", 7, 10)]), "selection_rate_test");
        assert_eq!(evidence(&found[0], "significance", "least_expected"), Some(5.0));
        // Four cells off by 2 of 5 expected: 4 · 4/5.
        let chi = evidence(&found[0], "significance", "chi_square").unwrap();
        assert!((chi - 3.2).abs() < 1e-12, "{chi}");
    }
}
