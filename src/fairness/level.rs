//! The groups of one grouping with all base metrics measured once.

use super::Options;
use super::bootstrap::{Instead, Resampling};
use super::frame::{ByGroup, Frame};
use super::metrics::{Basis, Count, METRICS, Metric};
use super::ranking::Ranking;
use super::slice::Slice;
use crate::domain::{
    Cell, Confusion, Evidence, Finding, GroupId, GroupKey, Groups, Stage, Subject, Undefined,
    Value, to_f64,
};

/// One base metric of one group.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    /// The number, or why there is none.
    pub(super) value: Value,
    /// What it rests on.
    pub(super) basis: Basis,
    /// What stands in where that has no closed form.
    pub(super) instead: Instead,
}

/// Measures `rows` in the order of [`METRICS`]; a group below `min` rows has only a count. `name`
/// tells its draws from those of other rows.
pub(super) fn measure(rows: &Slice<'_>, min: u64, options: &Options, name: &str) -> Vec<Measured> {
    let n = rows.n();
    let refusal = match n {
        0 => Some(Undefined::Empty),
        n if n < min => Some(Undefined::TooFew { n, need: min }),
        _ => None,
    };
    let resampling = Resampling::new(rows, options, name);
    let one = |metric: &&'static dyn Metric| match &refusal {
        Some(reason) if metric.meta().code != Count::META.code => {
            Measured { value: Err(reason.clone()), basis: Basis::Rows(n), instead: Instead::None }
        }
        _ => {
            let (value, basis) = (metric.of(rows), metric.basis(rows));
            let wanted = options.wants_any(metric.meta().name);
            let ok = value.as_ref().ok().filter(|_| wanted);
            let instead = ok.map_or(Instead::None, |v| resampling.instead(*metric, *v, &basis));
            Measured { value, basis, instead }
        }
    };
    METRICS.iter().map(one).collect()
}

/// The findings of one set of rows, one per base metric that `options` asks for.
pub(super) fn findings(
    measured: &[Measured],
    rows: &Slice<'_>,
    subject: &Subject,
    options: &Options,
) -> Vec<Finding> {
    let one = |(metric, measured): (&&dyn Metric, &Measured)| {
        let meta = metric.meta();
        let (value, n) = (measured.value.clone(), measured.basis.n());
        let finding = Finding::new(meta, Stage::Fairness, subject.clone(), value, n);
        let finding = finding.with_interval(measured.interval(options));
        if meta.code == Count::META.code { finding.with(confusion(rows)) } else { finding }
    };
    let wanted = METRICS.iter().zip(measured).filter(|(m, _)| options.wants(m.meta().name));
    wanted.map(one).collect()
}

fn confusion(rows: &Slice<'_>) -> Evidence {
    let c = rows.confusion();
    let cells = [("tp", c.tp), ("fp", c.fp), ("tn", c.tn), ("fn", c.fn_)];
    Evidence::Counts { counts: cells.map(|(name, n)| (name.to_owned(), n)).into() }
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
        let code = metric.meta().code;
        let at = METRICS.iter().position(|m| m.meta().code == code);
        &self.measured[at.unwrap_or_else(|| unreachable!("{code} is in the registry"))]
    }
}

/// One grouping, measured.
pub(super) struct Grouping<'a> {
    /// Its levels' names.
    pub(super) groups: &'a Groups,
    /// Its levels, empty ones included.
    pub(super) levels: Vec<Level>,
    /// Level of the intervals.
    pub(super) confidence: f64,
    split: &'static str,
    min_group_size: u64,
}

impl<'a> Grouping<'a> {
    /// Measures every level and reports it.
    pub(super) fn measure(
        frame: &'a Frame,
        groups: &'a Groups,
        ranking: Option<&Ranking>,
        options: &Options,
        findings: &mut Vec<Finding>,
    ) -> Self {
        let (split, min_group_size) = (frame.split.name(), options.min_group_size);
        let confidence = options.confidence;
        let levels = Vec::with_capacity(groups.n_levels());
        let mut grouping = Self { groups, levels, confidence, split, min_group_size };
        let by_group = ByGroup::of(frame, groups, ranking);
        for (id, rows) in groups.ids().zip(by_group.slices()) {
            let name = format!("{}/{}", groups.name(), groups.label(id));
            let measured = measure(&rows, min_group_size, options, &name);
            let subject = Subject { group: Some(groups.key(id)), ..grouping.subject() };
            findings.extend(self::findings(&measured, &rows, &subject, options));
            grouping.levels.push(Level { id, n: rows.n(), confusion: rows.confusion(), measured });
        }
        grouping
    }

    /// What a comparison between all groups is about.
    pub(super) fn subject(&self) -> Subject {
        let by = self.groups.features().to_vec();
        Subject { split: Some(self.split.to_owned()), by, ..Subject::default() }
    }

    /// `feature → level` of a group.
    pub(super) fn key(&self, level: &Level) -> GroupKey {
        self.groups.key(level.id)
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
