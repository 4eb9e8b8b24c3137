//! What is compared between the groups of one grouping.

use super::{ByGroup, Level, Measure};
use crate::domain::{
    Cell, Finding, GroupKey, Interval, Meta, Stage, Subject, Undefined, Value, ratio_of, to_f64,
};
use crate::fairness::aggregate::Aggregate;
use crate::fairness::level::{Measured, named, numbers};
use crate::fairness::simultaneous;

/// One of several numbers that are compared together, e.g. of one class: its name and its number in
/// each level.
pub(in crate::fairness) struct Part {
    /// What tells it from the others.
    pub(in crate::fairness) name: String,
    /// The number of each level, in order.
    pub(in crate::fairness) by_level: Vec<Measured>,
}

/// One part over the groups that take part.
struct Span<'a> {
    name: &'a str,
    /// Over all groups: undefined when one of them is.
    strict: Value,
    /// Over the groups that have a value.
    lenient: Value,
    /// All groups that have a value.
    defined: Vec<(&'a Level, &'a Measured, f64)>,
}

impl<'a> Span<'a> {
    /// Lowest and highest group, the first ones where several are equal; two different groups also
    /// where all are equal.
    fn extremes(&self) -> Option<[(&'a Level, f64); 2]> {
        let second = self.defined.get(1)?;
        let (mut low, mut high) = (self.defined.first()?, self.defined.first()?);
        for entry in &self.defined {
            low = if entry.2 < low.2 { entry } else { low };
            high = if entry.2 > high.2 { entry } else { high };
        }
        let high = if low.2 >= high.2 { second } else { high };
        Some([(low.0, low.2), (high.0, high.2)])
    }

    fn n(&self) -> u64 {
        self.defined.iter().map(|(_, measured, _)| measured.basis.n()).sum()
    }
}

impl ByGroup<'_> {
    /// The difference and the ratio of every measure that has them.
    pub(super) fn comparisons(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (at, measure) in self.task.measures.iter().enumerate() {
            for (meta, aggregate) in compared(measure).filter(|(meta, _)| self.task.wants(meta)) {
                let of = |level: &Level| level.numbers[at].0.clone();
                let by_level = self.levels.iter().map(of).collect();
                let name = measure.meta.name.to_owned();
                findings.push(self.worst(meta, aggregate, &[Part { name, by_level }]));
            }
        }
        findings
    }

    /// The gap between the extreme groups, the worst of several parts.
    pub(in crate::fairness) fn worst(
        &self,
        meta: &'static Meta,
        aggregate: Aggregate,
        parts: &[Part],
    ) -> Finding {
        let spans: Vec<Span<'_>> = parts.iter().map(|part| self.span(part, aggregate)).collect();
        let value = match self.taking_part().count() {
            0 | 1 => Err(Undefined::OneGroup),
            _ => worst(aggregate, spans.iter().map(|span| &span.strict)),
        };
        let shown = worst_defined(aggregate, spans.iter().map(|span| &span.lenient));
        let shown = value.as_ref().ok().copied().or(shown);
        let is_it = |span: &&Span<'_>| {
            let lenient = span.lenient.as_ref().ok().copied();
            lenient.map(f64::to_bits) == shown.map(f64::to_bits) && shown.is_some()
        };
        let deciding = spans.iter().find(is_it);
        let n = self.taking_part().map(|level| level.n).sum();
        let finding = Finding::new(meta, Stage::Fairness, self.subject(), value, n);
        let finding = match deciding.and_then(|span| Some((span, span.extremes()?))) {
            Some((span, both)) => self.decided(finding, span, both, (aggregate, &spans)),
            None => finding,
        };
        let finding = with_parts(finding, &spans);
        let small: Vec<Cell> = self.small().map(|l| self.cell(l, to_f64(l.n), l.n)).collect();
        if small.is_empty() {
            finding
        } else {
            finding.with(numbers("excluded_small_groups", small))
        }
    }

    /// Adds the interval and the groups that decide.
    fn decided(
        &self,
        finding: Finding,
        span: &Span<'_>,
        both: [(&Level, f64); 2],
        (aggregate, spans): (Aggregate, &[Span<'_>]),
    ) -> Finding {
        let cells = both.map(|(level, value)| self.cell(level, value, level.n));
        if finding.value.is_err() {
            let value = span.lenient.as_ref().ok().copied();
            let value = Cell { name: "value".to_owned(), value, n: span.n() };
            return finding
                .with(numbers("over_defined_groups", [vec![value], cells.to_vec()].concat()));
        }
        let level = self.task.options.confidence;
        let sides: Vec<simultaneous::Groups<'_>> = spans
            .iter()
            .map(|span| {
                let measured = span.defined.iter().map(|(_, measured, _)| *measured).collect();
                simultaneous::Groups { measured, level }
            })
            .collect();
        let interval = simultaneous::worst(aggregate, &sides);
        let n = if spans.len() == 1 { span.n() } else { finding.n };
        let finding = Finding { n, ..finding }.with_interval(named(interval, self.task.weighted));
        let finding = finding.with(numbers("extremes", cells.to_vec()));
        if spans.len() == 1 {
            return finding;
        }
        let value = span.strict.as_ref().ok().copied();
        let cell = Cell { name: span.name.to_owned(), value, n: span.n() };
        finding.with(numbers("deciding_class", vec![cell]))
    }

    fn span<'a>(&'a self, part: &'a Part, aggregate: Aggregate) -> Span<'a> {
        let (mut defined, mut undefined) = (Vec::new(), None);
        for (level, measured) in self.levels.iter().zip(&part.by_level) {
            if !self.takes_part(level) {
                continue;
            }
            match &measured.value {
                Ok(value) => defined.push((level, measured, *value)),
                Err(reason) => {
                    undefined.get_or_insert_with(|| self.undefined(level, reason));
                }
            }
        }
        let name = part.name.as_str();
        let mut span = Span { name, strict: Ok(0.0), lenient: Ok(0.0), defined };
        let extremes = span.extremes().ok_or(Undefined::OneGroup);
        span.lenient = extremes.and_then(|[(_, low), (_, high)]| aggregate.of(low, high));
        span.strict = undefined.map_or_else(|| span.lenient.clone(), Err);
        span
    }

    /// Every group against the declared reference.
    pub(super) fn pairs(&self) -> Vec<Finding> {
        let Some(declared) = self.task.options.reference.get(&self.groups.name()) else {
            return Vec::new();
        };
        let reference = self.levels.iter().find(|l| self.groups.label(l.id) == *declared);
        let mut findings = Vec::new();
        for (at, measure) in self.task.measures.iter().enumerate() {
            for (meta, aggregate) in compared(measure).filter(|(meta, _)| self.task.wants(meta)) {
                let Some(reference) = reference else {
                    findings.push(self.unknown(meta, declared));
                    continue;
                };
                let others = self.levels.iter().filter(|level| level.id != reference.id);
                findings.extend(others.map(|l| self.pair((meta, aggregate), at, [l, reference])));
            }
        }
        findings
    }

    fn pair(
        &self,
        (meta, aggregate): (&'static Meta, Aggregate),
        at: usize,
        both: [&Level; 2],
    ) -> Finding {
        let [group, reference] = both.map(|level| Some(self.groups.key(level.id)));
        let subject = Subject { group, reference, ..self.subject() };
        let [a, b] = both.map(|level| &level.numbers[at].0);
        let of = |level: &Level, measured: &Measured| {
            measured.value.clone().map_err(|reason| self.undefined(level, &reason))
        };
        let sides = of(both[0], a).and_then(|x| Ok((x, of(both[1], b)?)));
        let value = sides.and_then(|(x, y)| match aggregate {
            Aggregate::Difference => Ok(x - y),
            Aggregate::Ratio => aggregate.of(x.min(y), x.max(y)).and_then(|_| ratio_of(x, y)),
        });
        let level = self.task.options.confidence;
        let interval: Option<Interval> = value.as_ref().ok().and_then(|_| match aggregate {
            Aggregate::Difference => simultaneous::pair(a, b, level),
            Aggregate::Ratio => simultaneous::over(a, b, level),
        });
        let n = a.basis.n() + b.basis.n();
        let finding = Finding::new(meta, Stage::Fairness, subject, value, n);
        finding.with_interval(named(interval, self.task.weighted))
    }

    fn unknown(&self, meta: &'static Meta, declared: &str) -> Finding {
        let because = format!("no row belongs to the reference group `{declared}`");
        let key = GroupKey::from([(self.groups.name(), declared.to_owned())]);
        let subject = Subject { reference: Some(key), ..self.subject() };
        Finding::new(meta, Stage::Fairness, subject, Err(Undefined::NotRun { because }), 0)
    }

    fn takes_part(&self, level: &Level) -> bool {
        level.n > 0 && level.n >= self.task.options.min_group_size
    }

    fn taking_part(&self) -> impl Iterator<Item = &Level> {
        self.levels.iter().filter(|level| self.takes_part(level))
    }

    fn small(&self) -> impl Iterator<Item = &Level> {
        self.levels.iter().filter(|level| level.n > 0 && !self.takes_part(level))
    }

    fn cell(&self, level: &Level, value: f64, n: u64) -> Cell {
        Cell { name: self.groups.label(level.id), value: Some(value), n }
    }

    /// Why a comparison has no value, given a group's own reason. That there are no scores at all is
    /// not that group's doing.
    fn undefined(&self, level: &Level, because: &Undefined) -> Undefined {
        if *because == Undefined::NoScores {
            return Undefined::NoScores;
        }
        let parts = self.groups.features().iter().zip(self.groups.parts(level.id));
        let pairs: Vec<String> = parts.map(|(f, part)| format!("{f}={part}")).collect();
        Undefined::GroupUndefined { group: pairs.join("|"), because: Box::new(because.clone()) }
    }
}

/// The comparisons of a measure.
fn compared(measure: &Measure) -> impl Iterator<Item = (&'static Meta, Aggregate)> + use<> {
    let difference = measure.difference.map(|meta| (meta, Aggregate::Difference));
    let ratio = measure.ratio.map(|meta| (meta, Aggregate::Ratio));
    [difference, ratio].into_iter().flatten()
}

/// The worst of several values, or the first reason why one of them does not exist.
fn worst<'a>(aggregate: Aggregate, values: impl Iterator<Item = &'a Value> + Clone) -> Value {
    if let Some(reason) = values.clone().find_map(|value| value.as_ref().err()) {
        return Err(reason.clone());
    }
    worst_defined(aggregate, values).ok_or(Undefined::OneGroup)
}

/// The worst of the values that exist.
fn worst_defined<'a>(aggregate: Aggregate, values: impl Iterator<Item = &'a Value>) -> Option<f64> {
    let worse = |a: f64, b: f64| if aggregate.is_worse(b, a) { b } else { a };
    values.filter_map(|value| value.as_ref().ok().copied()).reduce(worse)
}

/// Adds the parts of a comparison of several.
fn with_parts(finding: Finding, spans: &[Span<'_>]) -> Finding {
    let part = |span: &Span<'_>| {
        let value = span.strict.as_ref().ok().copied();
        Cell { name: span.name.to_owned(), value, n: span.n() }
    };
    match spans {
        [_] => finding,
        several => finding.with(numbers("components", several.iter().map(part).collect())),
    }
}
