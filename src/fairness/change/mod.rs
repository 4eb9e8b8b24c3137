//! What changed since an earlier run on the same rows.
//!
//! Rows that both runs decide alike cancel, so that a change is seen that two separate intervals would
//! hide.

mod gaps;
mod measures;
mod rows;

use super::{Frame, Options, Selection};
use crate::domain::{
    BASELINE, Cell, Evidence, Finding, GroupId, GroupKey, Groups, Meta, Stage, Subject, Undefined,
    to_f64,
};
use crate::stats::{benjamini_hochberg, holm};
use gaps::{GAPS, Gap};
use measures::{Change, MEASURES, Measure};
pub(super) use measures::{logarithm, squared};
use rows::Paired;

/// An earlier run.
#[derive(Debug, Clone, Copy)]
pub struct Earlier<'a> {
    /// What it said of the same rows in the same order; its groups do not matter.
    pub frame: &'a Frame,
    /// What the findings call it.
    pub name: &'a str,
}

/// The manuals.
pub(super) fn checks() -> impl Iterator<Item = &'static Meta> {
    MEASURES.iter().map(|measure| &measure.meta).chain(GAPS.iter().map(|gap| &gap.meta))
}

/// A finding with the p-value of no change, not adjusted yet.
struct Raw(Finding, Option<f64>);

/// The changes of all rows, then of each grouping: each group, then the worst gaps.
///
/// # Panics
/// Panics when the frames have different lengths: a bug of the caller.
#[must_use]
pub fn changes(new: &Frame, earlier: &Earlier<'_>, options: &Options) -> Vec<Finding> {
    let same = new.y_true == earlier.frame.y_true;
    assert!(same, "both runs describe the same rows");
    let both = Both { new, earlier, options };
    let whole = Paired::whole(new, earlier.frame);
    let mut raw = both.measured(&whole, &both.subject(None), "all");
    for groups in &new.groups {
        raw.extend(both.grouping(groups));
    }
    adjusted(raw)
}

/// Two runs, and what to make of them.
struct Both<'a> {
    new: &'a Frame,
    earlier: &'a Earlier<'a>,
    options: &'a Options,
}

impl Both<'_> {
    fn subject(&self, groups: Option<&Groups>) -> Subject {
        let reference = GroupKey::from([(BASELINE.to_owned(), self.earlier.name.to_owned())]);
        Subject {
            split: Some(self.new.split.name().to_owned()),
            by: groups.map(|groups| groups.features().to_vec()).unwrap_or_default(),
            reference: Some(reference),
            ..Subject::default()
        }
    }

    /// Whether a change is asked for: by its own name or by that of what changes.
    fn wants(&self, change: &str, base: &str) -> bool {
        let named = |names: &[String]| names.iter().any(|name| name == base);
        let of_base = matches!(&self.options.metrics, Selection::Named(names) if named(names));
        of_base || self.options.wants(change)
    }

    /// Why nothing can be said.
    fn refusal(&self, scored: bool) -> Option<Undefined> {
        let weighted = self.new.weight.is_some() || self.earlier.frame.weight.is_some();
        if weighted {
            return Some(Undefined::NotRun { because: "the rows are weighted".to_owned() });
        }
        match (scored, &self.new.score, &self.earlier.frame.score) {
            (true, None, _) => Some(Undefined::NoScores),
            (true, _, None) => {
                let because = "the earlier run has no scores".to_owned();
                Some(Undefined::NotRun { because })
            }
            _ => None,
        }
    }

    fn measured(&self, rows: &Paired, subject: &Subject, name: &str) -> Vec<Raw> {
        let base = |measure: &Measure| measure.metric.meta().name;
        let wanted = MEASURES.iter().filter(|m| self.wants(m.meta.name, base(m)));
        let one = |measure: &Measure| {
            let (n, need) = (rows.n(), self.options.min_group_size);
            let refusal = match self.refusal(measure.scored()) {
                None if n == 0 => Some(Undefined::Empty),
                None if n < need && name != "all" => Some(Undefined::TooFew { n, need }),
                refusal => refusal,
            };
            let seed = self.options.statistics.seed.child("fairness/change");
            let seed = seed.child(name).child(base(measure));
            let change = match refusal {
                Some(because) => Change::undefined(because, n),
                None => measure.of(rows, self.options.confidence, seed),
            };
            raw(&measure.meta, subject, change)
        };
        wanted.map(one).collect()
    }

    fn grouping(&self, groups: &Groups) -> Vec<Raw> {
        let levels = Paired::by_level(self.new, self.earlier.frame, groups);
        let all: Vec<(GroupId, &Paired)> = groups.ids().zip(&levels).collect();
        let subject = self.subject(Some(groups));
        let mut raw = Vec::new();
        for (id, rows) in &all {
            let subject = Subject { group: Some(groups.key(*id)), ..subject.clone() };
            let name = format!("{}/{}", groups.name(), groups.label(*id));
            raw.extend(self.measured(rows, &subject, &name));
        }
        let least = self.options.min_group_size.max(1);
        let part: Vec<(GroupId, &Paired)> = all.into_iter().filter(|g| g.1.n() >= least).collect();
        let wanted = GAPS.iter().filter(|gap| self.wants(gap.meta.name, gap.name));
        raw.extend(wanted.map(|gap| self.gap(gap, groups, &part, &subject)));
        raw
    }

    fn gap(
        &self,
        gap: &Gap,
        groups: &Groups,
        part: &[(GroupId, &Paired)],
        subject: &Subject,
    ) -> Raw {
        let rows: Vec<&Paired> = part.iter().map(|(_, rows)| *rows).collect();
        let n = rows.iter().map(|rows| rows.n()).sum();
        let change = match self.refusal(gap.scored()) {
            Some(because) => Change::undefined(because, n),
            None => gap.of(&rows, self.options.confidence).unwrap_or_else(|(at, because)| {
                let group = groups.key(part[at].0);
                let pairs: Vec<String> = group.iter().map(|(f, l)| format!("{f}={l}")).collect();
                let (group, because) = (pairs.join("|"), Box::new(because));
                Change::undefined(Undefined::GroupUndefined { group, because }, n)
            }),
        };
        raw(&gap.meta, subject, change)
    }
}

fn cell(name: &str, value: Option<f64>, n: u64) -> Cell {
    Cell { name: name.to_owned(), value, n }
}

fn numbers(name: &str, cells: Vec<Cell>) -> Evidence {
    Evidence::Numbers { name: name.to_owned(), cells }
}

fn raw(meta: &Meta, subject: &Subject, change: Change) -> Raw {
    let Change { value, runs, interval, p, n, agreement } = change;
    let finding = Finding::new(meta, Stage::Fairness, subject.clone(), value, n);
    if finding.value.is_err() {
        return Raw(finding, None);
    }
    let cells = vec![cell("new", runs[0], n), cell("old", runs[1], n)];
    let finding = finding.with_interval(interval).with(numbers("runs", cells));
    let Some(a) = agreement else { return Raw(finding, p) };
    let counts =
        [("both", a.both), ("new_only", a.first), ("old_only", a.second), ("neither", a.neither)];
    let counts = counts.map(|(name, rows)| (name.to_owned(), rows)).into();
    Raw(finding.with(Evidence::Counts { counts }), p)
}

/// All findings with their p-values adjusted over all of them.
fn adjusted(raw: Vec<Raw>) -> Vec<Finding> {
    let p: Vec<f64> = raw.iter().filter_map(|Raw(_, p)| *p).collect();
    let tests = u64::try_from(p.len()).unwrap_or(u64::MAX);
    let mut corrected = holm(&p).into_iter().zip(benjamini_hochberg(&p));
    let finish = |Raw(finding, p): Raw| {
        let Some((p, (holm, rate))) = p.and_then(|p| Some((p, corrected.next()?))) else {
            return finding;
        };
        let n = finding.n;
        let cells = vec![
            cell("p", Some(p), n),
            cell("holm", Some(holm), n),
            cell("benjamini_hochberg", Some(rate), n),
            cell("tests", Some(to_f64(tests)), n),
        ];
        finding.with(numbers("significance", cells))
    };
    raw.into_iter().map(finish).collect()
}

#[cfg(test)]
mod tests;
