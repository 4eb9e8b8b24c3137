//! The groups of one grouping with the base metrics measured once.

use super::Options;
use super::bootstrap::{Instead, Resampling};
use super::frame::{ByGroup, Frame};
use super::metrics::{Basis, Count, Metric};
use super::ranking::Ranking;
use super::selection::Plan;
use super::slice::{ALL, Slice};
use super::tally::Tally;
use crate::domain::{
    Cell, Code, Confusion, Evidence, Finding, GroupId, GroupKey, Groups, Interval, Seed, Stage,
    Subject, Undefined, Value, to_f64,
};

/// One base metric of one group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    code: Code,
    /// The number, or why there is none.
    pub(super) value: Value,
    /// What it rests on.
    pub(super) basis: Basis,
    /// What stands in where that has no closed form.
    pub(super) instead: Instead,
}

impl Measured {
    /// A number with what it rests on.
    pub(super) fn new(code: Code, value: Value, basis: Basis, instead: Instead) -> Self {
        Self { code, value, basis, instead }
    }
}

/// Measures `rows` in the order of the plan; a group below `min` rows, or whose rows weigh nothing,
/// has only a count. `name` tells its draws from those of other rows.
pub(super) fn measure(
    rows: &Slice<'_>,
    min: u64,
    options: &Options,
    plan: &Plan,
    name: &str,
) -> Vec<Measured> {
    let n = rows.n();
    let refusal = match n {
        0 => Some(Undefined::Empty),
        n if n < min => Some(Undefined::TooFew { n, need: min }),
        _ if rows.masses().total() <= 0.0 => Some(Undefined::ZeroDenominator),
        _ => None,
    };
    let resampling = Resampling::new(rows, options, name);
    let one = |metric: &&'static dyn Metric| {
        let code = metric.meta().code;
        match &refusal {
            Some(reason) if code != Count::META.code => {
                Measured::new(code, Err(reason.clone()), Basis::Rows(n), Instead::None)
            }
            _ => {
                let (value, basis) = metric.measure(rows);
                let ok = value.as_ref().ok().filter(|_| plan.draws);
                let instead = ok.map_or(Instead::None, |v| resampling.instead(*metric, *v, &basis));
                Measured::new(code, value, basis, instead)
            }
        }
    };
    plan.metrics.iter().map(one).collect()
}

/// The number of one base metric.
pub(super) fn measured<'a>(all: &'a [Measured], metric: &dyn Metric) -> &'a Measured {
    let code = metric.meta().code;
    let found = all.iter().find(|measured| measured.code == code);
    found.unwrap_or_else(|| unreachable!("the plan measures {code}"))
}

/// The findings of one set of rows, one per base metric that the plan reports.
pub(super) fn findings(
    measured: &[Measured],
    rows: &Slice<'_>,
    subject: &Subject,
    options: &Options,
    plan: &Plan,
) -> Vec<Finding> {
    let one = |(metric, measured): (&&dyn Metric, &Measured)| {
        let meta = metric.meta();
        let (value, basis) = (measured.value.clone(), measured.basis);
        let interval = measured.interval(options);
        let finding = Finding::new(meta, Stage::Fairness, subject.clone(), value, basis.n());
        let finding = finding.with_interval(named(interval, rows.weights().is_some()));
        if meta.code == Count::META.code {
            return counts(finding, rows);
        }
        match effective_n(&basis, rows) {
            Some(cell) => finding.with(numbers("weights", vec![cell])),
            None => finding,
        }
    };
    let wanted = plan.metrics.iter().zip(measured);
    wanted.filter(|(m, _)| plan.reported.contains(&m.meta().name)).map(one).collect()
}

/// The interval with a method that says where it rests on an effective number of rows.
pub(super) fn named(interval: Option<Interval>, weighted: bool) -> Option<Interval> {
    let effective = |i: Interval| Interval { method: format!("{}, effective n", i.method), ..i };
    if weighted { interval.map(effective) } else { interval }
}

pub(super) fn numbers(name: &str, cells: Vec<Cell>) -> Evidence {
    Evidence::Numbers { name: name.to_owned(), cells }
}

/// The effective rows behind a number, where the rows carry weights; absent where the number rests on
/// some of the rows and its basis does not say how much those weigh.
fn effective_n(basis: &Basis, rows: &Slice<'_>) -> Option<Cell> {
    rows.weights()?;
    let effective = match basis {
        Basis::Weighted(proportion) => proportion.effective_n,
        Basis::Mean { freedom, .. } => freedom + 1.0,
        _ if basis.n() == rows.confusion().n() => rows.effective_n(ALL),
        _ => return None,
    };
    Some(Cell { name: "effective_n".to_owned(), value: Some(effective), n: basis.n() })
}

/// The confusion table of counts and, where there are weights, that of weights.
fn counts(finding: Finding, rows: &Slice<'_>) -> Finding {
    let c = rows.confusion();
    let cells = [("tp", c.tp), ("fp", c.fp), ("tn", c.tn), ("fn", c.fn_)];
    let counts = cells.map(|(name, n)| (name.to_owned(), n)).into();
    let finding = finding.with(Evidence::Counts { counts });
    if rows.weights().is_none() {
        return finding;
    }
    let m = rows.masses();
    let cells = [
        ("tp", m.tp, c.tp),
        ("fp", m.fp, c.fp),
        ("tn", m.tn, c.tn),
        ("fn", m.fn_, c.fn_),
        ("weight_sum", m.total(), c.n()),
        ("effective_n", rows.effective_n(ALL), c.n()),
    ];
    let cell =
        |(name, value, n): (&str, f64, u64)| Cell { name: name.to_owned(), value: Some(value), n };
    finding.with(numbers("weights", cells.map(cell).to_vec()))
}

/// One level of a grouping.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Level {
    /// Which.
    pub(super) id: GroupId,
    /// Its rows.
    pub(super) n: u64,
    /// Its four counts.
    pub(super) confusion: Confusion,
    measured: Vec<Measured>,
}

impl Level {
    /// The number of one base metric.
    pub(super) fn measured(&self, metric: &dyn Metric) -> &Measured {
        measured(&self.measured, metric)
    }
}

/// One grouping, measured.
pub(super) struct Grouping<'a> {
    /// Its levels' names.
    pub(super) groups: &'a Groups,
    /// Its levels, empty ones included.
    pub(super) levels: Vec<Level>,
    /// All rows, in the order of the plan.
    pub(super) whole: Vec<Measured>,
    /// Level of the intervals.
    pub(super) confidence: f64,
    within: Option<GroupKey>,
    rows: ByGroup<'a>,
    split: &'static str,
    min_group_size: u64,
    /// Where draws start; none where nothing is drawn.
    pub(super) seed: Option<Seed>,
}

impl<'a> Grouping<'a> {
    /// The same grouping with the numbers of all its rows, which some comparisons look at.
    pub(super) fn beside(self, whole: &[Measured]) -> Self {
        Self { whole: whole.to_vec(), ..self }
    }

    /// Measures every level.
    pub(super) fn measure(
        frame: &'a Frame,
        groups: &'a Groups,
        ranking: Option<&'a Ranking<'a>>,
        options: &Options,
        plan: &Plan,
    ) -> Self {
        let rows = ByGroup::of(frame, groups, ranking);
        let min_group_size = options.min_group_size;
        let level = |(id, rows): (GroupId, Slice<'_>)| {
            let name = format!("{}/{}", groups.name(), groups.label(id));
            let measured = measure(&rows, min_group_size, options, plan, &name);
            Level { id, n: rows.n(), confusion: rows.confusion(), measured }
        };
        let levels = groups.ids().zip(rows.slices()).map(level).collect();
        Self {
            groups,
            levels,
            whole: Vec::new(),
            confidence: options.confidence,
            within: None,
            rows,
            split: frame.split.name(),
            min_group_size,
            seed: plan.draws.then_some(options.statistics.seed),
        }
    }

    /// The same grouping in a stratum that all its rows belong to.
    pub(super) fn within(self, stratum: GroupKey) -> Self {
        Self { within: Some(stratum), ..self }
    }

    /// The findings of every level.
    pub(super) fn findings(&self, options: &Options, plan: &Plan) -> Vec<Finding> {
        let of = |level: &Level| {
            let subject = Subject { group: Some(self.key(level)), ..self.subject() };
            findings(&level.measured, &self.rows(level), &subject, options, plan)
        };
        self.levels.iter().flat_map(of).collect()
    }

    /// What a comparison between all groups is about.
    pub(super) fn subject(&self) -> Subject {
        let (by, within) = (self.groups.features().to_vec(), self.within.clone());
        Subject { split: Some(self.split.to_owned()), by, within, ..Subject::default() }
    }

    /// `feature → level` of a group.
    pub(super) fn key(&self, level: &Level) -> GroupKey {
        self.groups.key(level.id)
    }

    /// The counts of every level, or its weights.
    pub(super) fn tallies(&self) -> Vec<Tally> {
        self.rows.tallies()
    }

    /// The rows of a group.
    pub(super) fn rows(&self, level: &Level) -> Slice<'_> {
        self.rows.slice(level.id.index())
    }

    /// The interval of a comparison, named after what it rests on.
    pub(super) fn named(&self, interval: Option<Interval>) -> Option<Interval> {
        named(interval, self.rows.weighted())
    }

    /// The groups that comparisons look at: those with rows, and enough of them.
    pub(super) fn taking_part(&self) -> impl Iterator<Item = &Level> {
        self.levels.iter().filter(|level| level.n > 0 && level.n >= self.min_group_size)
    }

    /// The groups with rows, but fewer than the declared minimum.
    pub(super) fn small(&self) -> impl Iterator<Item = &Level> {
        self.levels.iter().filter(|level| level.n > 0 && level.n < self.min_group_size)
    }

    /// A group and its number of rows, as evidence.
    pub(super) fn size_of(&self, level: &Level) -> Cell {
        Cell { name: self.groups.label(level.id), value: Some(to_f64(level.n)), n: level.n }
    }

    /// Why a comparison has no value, given a group's own reason. That there are no scores at all
    /// is not that group's doing.
    pub(super) fn undefined(&self, level: &Level, because: &Undefined) -> Undefined {
        if *because == Undefined::NoScores {
            return Undefined::NoScores;
        }
        let parts = self.groups.features().iter().zip(self.groups.parts(level.id));
        let pairs: Vec<String> = parts.map(|(f, part)| format!("{f}={part}")).collect();
        Undefined::GroupUndefined { group: pairs.join("|"), because: Box::new(because.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use super::super::slice::Weights;
    use super::*;
    use crate::domain::Masses;

    #[test]
    fn effective_rows_are_those_of_the_number() {
        // Two true positives of weights 1 and 3, and a true negative of weight 2.
        let sums = Masses { tp: 4.0, tn: 2.0, ..Masses::default() };
        let squares = Masses { tp: 10.0, tn: 4.0, ..Masses::default() };
        let counted = Slice::counted(Confusion { tp: 2, tn: 1, ..Confusion::default() });
        let weights = Weights { sums, squares, positive: &[], negative: &[] };
        let weighted = counted.weighted(weights);
        let mean = |n| Basis::Mean { variance: 0.1, freedom: 0.6, most: 1.0, n };
        let of = |basis: Basis| effective_n(&basis, &weighted).and_then(|cell| cell.value);
        assert_eq!(of(mean(2)), Some(1.6));
        assert_eq!(of(Basis::Rows(3)), Some(36.0 / 14.0));
        assert_eq!(of(Basis::Area { variance: None, n: 3 }), Some(36.0 / 14.0));
        // Of some of the rows it is not known how much they weigh.
        assert_eq!(of(Basis::Rows(2)), None);
        assert_eq!(effective_n(&mean(2), &counted), None);
    }
}
