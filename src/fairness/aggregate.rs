//! Compares the groups of one grouping: the worst case over all of them, in one number.

use super::comparisons::{Comparison, How};
use super::level::{Grouping, Level, Measured, numbers};
use super::metrics::Metric;
use super::{pairwise, simultaneous, to_overall};
use crate::domain::{Cell, Finding, Stage, Undefined, Value, ratio_of, to_f64};
use crate::stats::sum;

/// How the numbers of two groups become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// `max − min`, 0 to 1; larger is worse.
    Difference,
    /// `min / max`, 0 to 1; smaller is worse.
    Ratio,
}

impl Aggregate {
    /// The number of a lower and a higher value.
    pub(super) fn of(self, low: f64, high: f64) -> Value {
        match self {
            Self::Difference => Ok(high - low),
            Self::Ratio if low < 0.0 => {
                let because = "a ratio of numbers below 0 says nothing".to_owned();
                Err(Undefined::NotRun { because })
            }
            Self::Ratio => ratio_of(low, high),
        }
    }

    /// Whether a value is further from the ideal.
    pub(super) fn is_worse(self, value: f64, than: f64) -> bool {
        match self {
            Self::Difference => value > than,
            Self::Ratio => value < than,
        }
    }
}

/// A group that has the number in question.
#[derive(Clone, Copy)]
struct Entry<'a> {
    level: &'a Level,
    value: f64,
    measured: &'a Measured,
}

/// One base metric over the groups that take part.
struct Component<'a> {
    metric: &'static dyn Metric,
    /// Over all groups: undefined when one of them is.
    strict: Value,
    /// Over the groups that have a value.
    lenient: Value,
    /// Lowest and highest group, among at least two.
    extremes: Option<[Entry<'a>; 2]>,
    /// All groups that have a value.
    defined: Vec<Entry<'a>>,
    n: u64,
}

impl<'a> Component<'a> {
    fn of(metric: &'static dyn Metric, aggregate: Aggregate, grouping: &'a Grouping<'_>) -> Self {
        let (mut defined, mut undefined) = (Vec::new(), None);
        for level in grouping.taking_part() {
            let measured = level.measured(metric);
            match &measured.value {
                Ok(value) => {
                    defined.push(Entry { level, value: *value, measured });
                }
                Err(reason) => {
                    undefined.get_or_insert_with(|| grouping.undefined(level, reason));
                }
            }
        }
        let extremes = extremes(&defined);
        let lenient = extremes
            .ok_or(Undefined::OneGroup)
            .and_then(|[low, high]| aggregate.of(low.value, high.value));
        let strict = undefined.map_or_else(|| lenient.clone(), Err);
        let n = defined.iter().map(|entry| entry.measured.basis.n()).sum();
        Self { metric, strict, lenient, extremes, defined, n }
    }

    /// The groups as the interval of the worst case needs them.
    fn sides(&self, level: f64) -> simultaneous::Groups<'a> {
        simultaneous::Groups { measured: self.defined.iter().map(|e| e.measured).collect(), level }
    }

    /// The extreme groups, when this component is as bad as the worst one.
    fn deciding(&self, aggregate: Aggregate, worst: f64) -> Option<[Entry<'a>; 2]> {
        let value = self.lenient.as_ref().ok()?;
        self.extremes.filter(|_| !aggregate.is_worse(worst, *value))
    }
}

/// Lowest and highest of at least two groups, the first ones where several are equal; two
/// different groups also where all are equal.
fn extremes<'a>(defined: &[Entry<'a>]) -> Option<[Entry<'a>; 2]> {
    let second = defined.get(1)?;
    let (mut low, mut high) = (defined.first()?, defined.first()?);
    for entry in defined {
        if entry.value < low.value {
            low = entry;
        }
        if entry.value > high.value {
            high = entry;
        }
    }
    let all_equal = low.value >= high.value;
    Some([*low, if all_equal { *second } else { *high }])
}

/// The worst of several values, or the first reason why one of them does not exist.
fn worst<'a>(aggregate: Aggregate, values: impl Iterator<Item = &'a Value>) -> Value {
    let mut worst: Option<f64> = None;
    for value in values {
        let value = value.clone()?;
        if worst.is_none_or(|so_far| aggregate.is_worse(value, so_far)) {
            worst = Some(value);
        }
    }
    worst.ok_or(Undefined::OneGroup)
}

/// The mean of several values, or the first reason why one of them does not exist.
fn mean<'a>(values: impl Iterator<Item = &'a Value>) -> Value {
    let values: Vec<f64> = values.cloned().collect::<Result<_, _>>()?;
    let n = u64::try_from(values.len()).unwrap_or(u64::MAX);
    if n == 0 { Err(Undefined::OneGroup) } else { Ok(sum(values) / to_f64(n)) }
}

/// The finding of one comparison over one grouping.
pub(super) fn compare(comparison: &Comparison, grouping: &Grouping<'_>) -> Finding {
    let finding = match comparison.how {
        How::Worst => extreme(comparison, grouping),
        How::Mean => averaged(comparison, grouping),
        How::ToOverall => to_overall::compare(comparison, grouping),
        How::Pairwise(of) => pairwise::compare(comparison, of, grouping),
    };
    let small: Vec<Cell> = grouping.small().map(|level| grouping.size_of(level)).collect();
    if small.is_empty() { finding } else { finding.with(numbers("excluded_small_groups", small)) }
}

/// The value where at least two groups take part.
pub(super) fn of_groups(grouping: &Grouping<'_>, value: impl FnOnce() -> Value) -> Value {
    match grouping.taking_part().count() {
        0 | 1 => Err(Undefined::OneGroup),
        _ => value(),
    }
}

/// A finding about all groups that take part, without evidence yet.
pub(super) fn about(comparison: &Comparison, grouping: &Grouping<'_>, value: Value) -> Finding {
    let n = grouping.taking_part().map(|level| level.n).sum();
    Finding::new(&comparison.meta, Stage::Fairness, grouping.subject(), value, n)
}

/// The gap between the extreme groups of each base metric, the worst of several.
fn extreme(comparison: &Comparison, grouping: &Grouping<'_>) -> Finding {
    let aggregate = comparison.aggregate;
    let components = components(comparison, grouping);
    let value = of_groups(grouping, || worst(aggregate, components.iter().map(|c| &c.strict)));
    let shown = value.clone().or_else(|_| worst(aggregate, components.iter().map(|c| &c.lenient)));
    let deciding = shown.ok().and_then(|worst| {
        components.iter().find_map(|c| c.deciding(aggregate, worst).map(|x| (c, worst, x)))
    });
    let finding = about(comparison, grouping, value);
    let finding = match deciding {
        Some((component, _, [low, high])) if finding.value.is_ok() => {
            let sides: Vec<_> = components.iter().map(|c| c.sides(grouping.confidence)).collect();
            let interval = simultaneous::worst(aggregate, &sides);
            let extremes = vec![cell(grouping, &low), cell(grouping, &high)];
            let finding = Finding { n: component.n, ..finding };
            let finding = finding.with_interval(grouping.named(interval));
            finding.with(numbers("extremes", extremes))
        }
        Some((component, worst, [low, high])) => {
            let value = Cell { name: "value".to_owned(), value: Some(worst), n: component.n };
            let cells = vec![value, cell(grouping, &low), cell(grouping, &high)];
            finding.with(numbers("over_defined_groups", cells))
        }
        None => finding,
    };
    with_parts(finding, &components)
}

/// The mean of the gaps of several base metrics.
fn averaged(comparison: &Comparison, grouping: &Grouping<'_>) -> Finding {
    let components = components(comparison, grouping);
    let value = of_groups(grouping, || mean(components.iter().map(|c| &c.strict)));
    let lenient = mean(components.iter().map(|c| &c.lenient));
    let finding = about(comparison, grouping, value);
    let finding = match (&finding.value, lenient) {
        (Err(_), Ok(shown)) => {
            let n = components.iter().map(|c| c.n).sum();
            let value = Cell { name: "value".to_owned(), value: Some(shown), n };
            finding.with(numbers("over_defined_groups", vec![value]))
        }
        _ => finding,
    };
    with_parts(finding, &components)
}

fn components<'a>(comparison: &Comparison, grouping: &'a Grouping<'_>) -> Vec<Component<'a>> {
    let of = |m: &&'static dyn Metric| Component::of(*m, comparison.aggregate, grouping);
    comparison.metrics.iter().map(of).collect()
}

/// Adds the parts of a comparison of several metrics.
fn with_parts(finding: Finding, components: &[Component<'_>]) -> Finding {
    let part = |c: &Component<'_>| Cell {
        name: c.metric.meta().name.to_owned(),
        value: c.strict.as_ref().ok().copied(),
        n: c.n,
    };
    match components {
        [_] => finding,
        several => finding.with(numbers("components", several.iter().map(part).collect())),
    }
}

fn cell(grouping: &Grouping<'_>, entry: &Entry<'_>) -> Cell {
    let name = grouping.groups.label(entry.level.id);
    Cell { name, value: Some(entry.value), n: entry.measured.basis.n() }
}
