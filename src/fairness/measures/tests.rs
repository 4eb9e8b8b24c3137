//! Who takes part in a comparison, what it rests on and what it is about, by hand.

use super::*;
use crate::domain::{GroupKey, Ideal};
use crate::fairness::Selection;
use crate::fairness::aggregate::Aggregate;

const fn meta(code: &'static str, name: &'static str) -> Meta {
    Meta { code, name, ideal: Ideal::None, explain: "" }
}

static COUNT: Meta = meta("FA901", "count");
static RATE: Meta = meta("FA902", "rate");
static DIFFERENCE: Meta = meta("FA903", "rate_difference");
static RATIO: Meta = meta("FA904", "rate_ratio");
static MEASURES: [Measure; 2] = [
    Measure { meta: &COUNT, difference: None, ratio: None },
    Measure { meta: &RATE, difference: Some(&DIFFERENCE), ratio: Some(&RATIO) },
];

fn task(options: &Options) -> Task<'_> {
    let label = Some("cutoff 3".to_owned());
    Task { measures: &MEASURES, split: Split::Test, label, weighted: false, options }
}

fn share(hits: u32, n: u32) -> Number {
    let basis = Basis::Share { hits: hits.into(), n: n.into() };
    Number::new(Ok(f64::from(hits) / f64::from(n)), basis)
}

/// The findings of groups with these names, rows and rates.
fn findings(options: &Options, of: &[(&str, u64, (u32, u32))]) -> Vec<Finding> {
    let names: Vec<Option<&str>> = of.iter().map(|group| Some(group.0)).collect();
    let sizes: Vec<u64> = of.iter().map(|group| group.1).collect();
    let numbers = |id: GroupId| {
        let (_, n, (hits, rows)) = of[id.index()];
        let count = Number::new(Ok(crate::domain::to_f64(n)), Basis::Rows(n));
        let none = || Number::new(Err(Undefined::NoPositives), Basis::Rows(0));
        vec![count, if rows == 0 { none() } else { share(hits, rows) }]
    };
    task(options).by(&Groups::encode("g", &names), &sizes, numbers).findings()
}

fn at_least(min_group_size: u64) -> Options {
    Options { min_group_size, ..Options::default() }
}

fn key(level: &str) -> GroupKey {
    GroupKey::from([("g".to_owned(), level.to_owned())])
}

fn of<'a>(findings: &'a [Finding], check: &str, group: Option<&str>) -> &'a Finding {
    let is = |f: &&Finding| f.check == check && f.subject.group == group.map(key);
    findings.iter().find(is).unwrap()
}

/// Name and cells of some evidence.
type Shown<'a> = (&'a str, Vec<(&'a str, Option<f64>, u64)>);

fn evidence(finding: &Finding) -> Vec<Shown<'_>> {
    let shown = finding.evidence.iter().map(|evidence| match evidence {
        Evidence::Numbers { name, cells } => {
            (name.as_str(), cells.iter().map(|c| (c.name.as_str(), c.value, c.n)).collect())
        }
        other => panic!("{other:?}"),
    });
    shown.collect()
}

#[test]
fn groups_with_enough_rows_take_part_and_the_first_of_equals_is_named() {
    let groups = [
        ("a", 20, (2, 10)),
        ("b", 20, (2, 10)),
        ("c", 10, (4, 5)),
        ("d", 20, (8, 10)),
        ("e", 9, (4, 4)),
        ("f", 0, (1, 1)),
    ];
    let found = findings(&at_least(10), &groups);
    assert_eq!(of(&found, "rate", Some("c")).value, Ok(0.8));
    assert_eq!(of(&found, "rate", Some("e")).value, Err(Undefined::TooFew { n: 9, need: 10 }));
    assert_eq!(of(&found, "rate", Some("f")).value, Err(Undefined::Empty));
    assert_eq!(of(&found, "count", Some("e")).value, Ok(9.0));
    for (check, value) in [("rate_difference", 0.8 - 0.2), ("rate_ratio", 0.2 / 0.8)] {
        let gap = of(&found, check, None);
        // 10 + 10 + 5 + 10 rows are behind the rates.
        assert_eq!((gap.value.clone(), gap.n), (Ok(value), 35));
        let extremes = ("extremes", vec![("a", Some(0.2), 20), ("c", Some(0.8), 10)]);
        let small = ("excluded_small_groups", vec![("e", Some(9.0), 9)]);
        assert_eq!(evidence(gap), [extremes, small]);
        assert!(gap.interval.is_some());
    }
    let all = findings(&at_least(0), &[("a", 4, (1, 4)), ("b", 0, (1, 1)), ("c", 4, (3, 4))]);
    assert_eq!(of(&all, "rate_difference", None).value, Ok(0.5));
    assert_eq!(evidence(of(&all, "rate_difference", None)).len(), 1);
}

#[test]
fn one_group_is_no_comparison_even_when_its_number_does_not_exist() {
    for of_a in [(1, 4), (0, 0)] {
        let found = findings(&at_least(4), &[("a", 4, of_a), ("b", 3, (1, 3))]);
        assert_eq!(of(&found, "rate_difference", None).value, Err(Undefined::OneGroup));
    }
}

#[test]
fn a_group_without_a_number_is_named_and_the_others_are_compared() {
    let found = findings(&at_least(1), &[("a", 4, (1, 4)), ("b", 4, (0, 0)), ("c", 4, (3, 4))]);
    let gap = of(&found, "rate_difference", None);
    let because = Box::new(Undefined::NoPositives);
    assert_eq!(gap.value, Err(Undefined::GroupUndefined { group: "g=b".to_owned(), because }));
    let cells = vec![("value", Some(0.5), 8), ("a", Some(0.25), 4), ("c", Some(0.75), 4)];
    assert_eq!(evidence(gap), [("over_defined_groups", cells)]);
}

#[test]
fn every_group_is_compared_with_the_declared_reference() {
    let mut options = at_least(1);
    options.reference.insert("g".to_owned(), "b".to_owned());
    let groups = [("a", 20, (2, 10)), ("b", 20, (4, 8)), ("c", 20, (3, 4))];
    let found = findings(&options, &groups);
    let pairs: Vec<_> = found
        .iter()
        .filter(|f| f.subject.reference.is_some())
        .map(|f| (f.check.as_str(), f.subject.group.clone(), f.value.clone().unwrap(), f.n))
        .collect();
    let expected = [
        ("rate_difference", Some(key("a")), 0.2 - 0.5, 18),
        ("rate_difference", Some(key("c")), 0.75 - 0.5, 12),
        ("rate_ratio", Some(key("a")), 0.2 / 0.5, 18),
        ("rate_ratio", Some(key("c")), 0.75 / 0.5, 12),
    ];
    assert_eq!(pairs, expected);
    options.reference.insert("g".to_owned(), "z".to_owned());
    let found = findings(&options, &groups);
    let unknown: Vec<_> = found.iter().filter(|f| f.subject.reference == Some(key("z"))).collect();
    assert_eq!(unknown.len(), 2);
    assert!(unknown.iter().all(|f| matches!(f.value, Err(Undefined::NotRun { .. }))));
}

#[test]
fn findings_say_what_they_are_about_and_only_what_is_wanted() {
    let named = |name: &str| Selection::Named(vec![name.to_owned()]);
    let options = Options { metrics: named("rate"), ..at_least(1) };
    let groups = [("a", 4, (1, 4)), ("b", 4, (3, 4))];
    let found = findings(&options, &groups);
    assert_eq!(found.iter().map(|f| f.check.as_str()).collect::<Vec<_>>(), ["rate", "rate"]);
    let all = task(&options).whole(vec![share(1, 1), share(4, 8)]);
    let [all] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((all.check.as_str(), all.value.clone(), all.n), ("rate", Ok(0.5), 8));
    for subject in found.iter().chain([all]).map(|f| &f.subject) {
        assert_eq!(subject.split.as_deref(), Some("test"));
        assert_eq!(subject.label.as_deref(), Some("cutoff 3"));
    }
    let options = Options { metrics: named("rate_ratio"), ..at_least(1) };
    let found = findings(&options, &groups);
    let [ratio] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((ratio.check.as_str(), ratio.subject.by.join("|")), ("rate_ratio", "g".to_owned()));
}

#[test]
fn of_several_parts_the_worst_decides() {
    let options = at_least(1);
    let task = task(&options);
    let groups = Groups::encode("g", &[Some("a"), Some("b")]);
    let by = task.by(&groups, &[30, 40], |_| vec![share(1, 2), share(1, 2)]);
    let part = |name: &str, rates: [(u32, u32); 2]| {
        let measured = |(hits, n): (u32, u32)| {
            let Number { value, basis, instead, .. } = share(hits, n);
            Measured::new(RATE.code, value, basis, instead)
        };
        Part { name: name.to_owned(), by_level: rates.map(measured).to_vec() }
    };
    let parts =
        [part("x", [(5, 10), (6, 10)]), part("y", [(9, 12), (2, 8)]), part("z", [(1, 2); 2])];
    let gap = by.worst(&DIFFERENCE, Aggregate::Difference, &parts);
    assert_eq!((gap.value.clone(), gap.n), (Ok(0.5), 70));
    let components = vec![("x", Some(0.6 - 0.5), 20), ("y", Some(0.5), 20), ("z", Some(0.0), 4)];
    let expected = [
        ("extremes", vec![("b", Some(0.25), 40), ("a", Some(0.75), 30)]),
        ("deciding_class", vec![("y", Some(0.5), 20)]),
        ("components", components),
    ];
    assert_eq!(evidence(&gap), expected);
}
