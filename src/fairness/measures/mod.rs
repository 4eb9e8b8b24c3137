//! The measures of a task other than binary classification, by group and between groups.
//!
//! A task makes the numbers of each set of rows; what is compared between the groups, and with which
//! interval, is the same for all tasks and for binary classification.

#[macro_use]
mod manual;
mod gaps;

pub(super) use gaps::Part;

use super::Options;
use super::bootstrap::Instead;
use super::level::{Measured, named};
use super::metrics::Basis;
use crate::domain::{
    Evidence, Finding, GroupId, Groups, Interval, Meta, Split, Stage, Subject, Undefined, Value,
};

/// One measure of a task.
pub(super) struct Measure {
    /// Code, name and manual.
    pub(super) meta: &'static Meta,
    /// Its largest difference between two groups, where that is compared.
    pub(super) difference: Option<&'static Meta>,
    /// Its smallest ratio between two groups, where that is compared.
    pub(super) ratio: Option<&'static Meta>,
}

impl Measure {
    /// The manuals of the measure and of its comparisons.
    pub(super) fn metas(&self) -> impl Iterator<Item = &'static Meta> + use<> {
        [Some(self.meta), self.difference, self.ratio].into_iter().flatten()
    }
}

/// A number of one set of rows.
#[derive(Debug, Clone)]
pub(super) struct Number {
    value: Value,
    basis: Basis,
    instead: Instead,
    evidence: Vec<Evidence>,
}

impl Number {
    /// A number with what its interval follows from.
    pub(super) fn new(value: Value, basis: Basis) -> Self {
        Self { value, basis, instead: Instead::None, evidence: Vec::new() }
    }

    /// A number whose interval was drawn, or that has none.
    pub(super) fn drawn(value: Value, n: u64, interval: Option<Interval>) -> Self {
        let instead = interval.filter(|_| value.is_ok()).map_or(Instead::None, Instead::Drawn);
        Self { instead, ..Self::new(value, Basis::Rows(n)) }
    }

    /// A mean of `n` numbers of either sign, with its standard error and degrees of freedom.
    pub(super) fn mean(value: f64, n: u64, (error, freedom): (f64, f64)) -> Self {
        Self {
            instead: Instead::Student { error, freedom },
            ..Self::new(Ok(value), Basis::Rows(n))
        }
    }

    /// What it is made of.
    #[cfg(test)]
    pub(super) fn seen(&self) -> (&Value, Basis, &Instead, &[Evidence]) {
        (&self.value, self.basis, &self.instead, &self.evidence)
    }

    /// The same with what it rests on.
    pub(super) fn with(mut self, evidence: Vec<Evidence>) -> Self {
        self.evidence.extend(evidence);
        self
    }
}

/// The places of the rows of every level of a grouping.
pub(super) fn rows_by_level(groups: &Groups) -> Vec<Vec<usize>> {
    let mut rows = vec![Vec::new(); groups.n_levels()];
    for (row, level) in groups.of().enumerate() {
        rows[level.index()].push(row);
    }
    rows
}

/// What is measured, of which rows.
pub(super) struct Task<'a> {
    /// The measures, in the order of the numbers and of the findings.
    pub(super) measures: &'a [Measure],
    /// The part of the data that the rows come from.
    pub(super) split: Split,
    /// What tells the findings from those of another cutoff, if anything.
    pub(super) label: Option<String>,
    /// Whether the rows carry weights.
    pub(super) weighted: bool,
    /// How it is measured.
    pub(super) options: &'a Options,
}

/// The numbers of one group, empty ones included.
pub(super) struct Level {
    id: GroupId,
    n: u64,
    numbers: Vec<(Measured, Vec<Evidence>)>,
}

/// One grouping, measured.
pub(super) struct ByGroup<'a> {
    task: &'a Task<'a>,
    groups: &'a Groups,
    levels: Vec<Level>,
}

impl<'a> Task<'a> {
    /// Whether a check is reported.
    pub(super) fn wants(&self, meta: &Meta) -> bool {
        self.options.wants(meta.name)
    }

    /// What the findings of all rows are about.
    fn subject(&self) -> Subject {
        let split = Some(self.split.name().to_owned());
        Subject { split, label: self.label.clone(), ..Subject::default() }
    }

    /// The findings of all rows.
    pub(super) fn whole(&self, numbers: Vec<Number>) -> Vec<Finding> {
        self.findings(&self.assembled(numbers), &self.subject())
    }

    /// Measures every level of a grouping; one of no row, or of too few, has a reason for each number.
    /// The first measure is the count, which every level has.
    pub(super) fn by(
        &'a self,
        groups: &'a Groups,
        sizes: &[u64],
        numbers: impl Fn(GroupId) -> Vec<Number>,
    ) -> ByGroup<'a> {
        let level = |(id, n): (GroupId, u64)| {
            let need = self.options.min_group_size;
            let refusal = match n {
                0 => Some(Undefined::Empty),
                n if n < need => Some(Undefined::TooFew { n, need }),
                _ => None,
            };
            let mut found = numbers(id);
            if let Some(reason) = refusal {
                let refused = || Number::new(Err(reason.clone()), Basis::Rows(n));
                found.iter_mut().skip(1).for_each(|number| *number = refused());
            }
            Level { id, n, numbers: self.assembled(found) }
        };
        let levels = groups.ids().zip(sizes.iter().copied()).map(level).collect();
        ByGroup { task: self, groups, levels }
    }

    fn assembled(&self, numbers: Vec<Number>) -> Vec<(Measured, Vec<Evidence>)> {
        assert_eq!(numbers.len(), self.measures.len(), "one number for each measure");
        let one = |(measure, number): (&Measure, Number)| {
            let Number { value, basis, instead, evidence } = number;
            (Measured::new(measure.meta.code, value, basis, instead), evidence)
        };
        self.measures.iter().zip(numbers).map(one).collect()
    }

    fn findings(&self, numbers: &[(Measured, Vec<Evidence>)], subject: &Subject) -> Vec<Finding> {
        let one = |(measure, (measured, evidence)): (&Measure, &(Measured, Vec<Evidence>))| {
            let (value, n) = (measured.value.clone(), measured.basis.n());
            let finding = Finding::new(measure.meta, Stage::Fairness, subject.clone(), value, n);
            let interval = named(measured.interval(self.options), self.weighted);
            let finding = finding.with_interval(interval);
            evidence.iter().cloned().fold(finding, Finding::with)
        };
        let wanted = self.measures.iter().zip(numbers).filter(|(m, _)| self.wants(m.meta));
        wanted.map(one).collect()
    }
}

impl ByGroup<'_> {
    /// The findings of every level, then the comparisons, then each group against a declared
    /// reference.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let of = |level: &Level| {
            let subject = Subject { group: Some(self.groups.key(level.id)), ..self.subject() };
            self.task.findings(&level.numbers, &subject)
        };
        let levels = self.levels.iter().flat_map(of);
        levels.chain(self.comparisons()).chain(self.pairs()).collect()
    }

    /// What a comparison between all groups is about.
    fn subject(&self) -> Subject {
        Subject { by: self.groups.features().to_vec(), ..self.task.subject() }
    }
}

#[cfg(test)]
mod tests;
