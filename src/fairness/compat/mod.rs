//! The numbers of other libraries by their own conventions: reference groups, signs, directions,
//! what 0/0 becomes. They stand beside our numbers, which they never change, and each finding
//! carries evidence where the convention misleads.
//!
//! Inside this folder a peer's NaN and infinity are `f64`s, because what the peers do with them is
//! part of the convention; a finding turns them into [`Undefined`].

mod aequitas;
mod aif360;
mod aif360_manual;
mod fairlearn;
mod manual;

use super::frame::Frame;
use super::individual::Features;
use super::tally::Rows;
use super::{Options, Selection};
use crate::domain::{
    Cell, Evidence, Finding, GroupId, Groups, MISSING, Meta, Stage, Subject, Undefined, to_f64,
};

/// A library whose conventions can be reproduced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Peer {
    /// fairlearn 0.15.0.
    Fairlearn,
    /// aif360 0.6.1.
    Aif360,
    /// aequitas 1.1.0.
    Aequitas,
}

impl Peer {
    /// All of them, in the order of the findings.
    pub const ALL: [Self; 3] = [Self::Fairlearn, Self::Aif360, Self::Aequitas];

    /// The name in the configuration and before the dot of a check.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Fairlearn => "fairlearn",
            Self::Aif360 => "aif360",
            Self::Aequitas => "aequitas",
        }
    }

    /// The peer of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|peer| peer.name() == name)
    }
}

/// The manuals of all peers.
pub(super) fn checks() -> Vec<&'static Meta> {
    let all = [fairlearn::checks(), aif360::checks(), aequitas::checks()];
    all.into_iter().flatten().collect()
}

/// What the wanted peers would say, grouping by grouping: everything, unless the options name some
/// of the peers' own checks.
pub(super) fn audit(frame: &Frame, options: &Options) -> Vec<Finding> {
    let chosen = matches!(&options.metrics, Selection::Named(names) if names.iter().any(|n| n.contains('.')));
    let mut findings = Vec::new();
    for peer in Peer::ALL.into_iter().filter(|peer| options.compat.contains(peer)) {
        for groups in &frame.groups {
            let rows = Rows::of(frame);
            let table = Table { rows, groups, options, split: frame.split.name() };
            let said = match peer {
                Peer::Fairlearn => fairlearn::say(&table),
                Peer::Aif360 => aif360::say(&table),
                Peer::Aequitas => aequitas::say(&table),
            };
            let wanted = said.into_iter().filter(|s| !chosen || options.wants(s.check.name));
            findings.extend(wanted.map(|said| table.finding(said)));
        }
    }
    findings
}

/// aif360's consistency of every grouping, when its numbers are asked for.
pub(super) fn consistency(frame: &Frame, features: &Features, options: &Options) -> Vec<Finding> {
    let asked = options.compat.contains(&Peer::Aif360);
    let mut findings = Vec::new();
    for groups in frame.groups.iter().filter(|_| asked) {
        let split = frame.split.name();
        let table = Table { rows: Rows::of(frame), groups, options, split };
        let said = aif360::consistency(&table, features);
        findings.extend(said.into_iter().map(|said| table.finding(said)));
    }
    findings
}

/// One grouping of one table.
struct Table<'a> {
    rows: Rows<'a>,
    groups: &'a Groups,
    options: &'a Options,
    split: &'static str,
}

/// One number of a peer.
struct Said {
    check: &'static Meta,
    /// Which of several numbers of that check, in the peer's own words.
    label: String,
    group: Option<GroupId>,
    reference: Option<GroupId>,
    /// NaN and infinity are the peer's.
    value: f64,
    n: u64,
    /// Why the peer gives no number at all.
    refused: Option<&'static str>,
    /// Why the number misleads.
    notes: Vec<Evidence>,
}

impl Said {
    fn new(check: &'static Meta, label: impl Into<String>, value: f64, n: u64) -> Self {
        let (group, reference, refused, notes) = (None, None, None, Vec::new());
        Self { check, label: label.into(), group, reference, value, n, refused, notes }
    }

    /// A number that the peer refuses to give.
    fn refused(check: &'static Meta, because: &'static str) -> Self {
        Self { refused: Some(because), ..Self::new(check, "", f64::NAN, 0) }
    }

    fn of(mut self, group: GroupId) -> Self {
        self.group = Some(group);
        self
    }

    fn against(mut self, reference: GroupId) -> Self {
        self.reference = Some(reference);
        self
    }

    fn with(mut self, note: Option<Evidence>) -> Self {
        self.notes.extend(note);
        self
    }
}

/// Why fairlearn and aif360 give no number.
const MISSING_REFUSED: &str = "this peer refuses rows whose group is missing";

/// A note: why the number misleads, and the cells that show it; none without a cell.
fn note(name: &str, cells: Vec<Cell>) -> Option<Evidence> {
    (!cells.is_empty()).then(|| Evidence::Numbers { name: name.to_owned(), cells })
}

/// A named number of a note; NaN and infinity become absent.
fn cell(name: impl Into<String>, value: f64, n: u64) -> Cell {
    Cell { name: name.into(), value: value.is_finite().then_some(value), n }
}

impl Table<'_> {
    fn finding(&self, said: Said) -> Finding {
        let value = if let Some(because) = said.refused {
            Err(Undefined::NotRun { because: because.to_owned() })
        } else if said.value.is_finite() {
            Ok(said.value)
        } else if said.n == 0 {
            Err(Undefined::Empty)
        } else {
            Err(Undefined::ZeroDenominator)
        };
        let subject = Subject {
            group: said.group.map(|id| self.groups.key(id)),
            reference: said.reference.map(|id| self.groups.key(id)),
            label: Some(said.label).filter(|label| !label.is_empty()),
            ..self.subject()
        };
        let infinite = vec![Cell { name: "value".to_owned(), value: None, n: said.n }];
        let infinite =
            if said.value.is_infinite() { note("peer_says_infinity", infinite) } else { None };
        let finding = Finding::new(said.check, Stage::Fairness, subject, value, said.n);
        infinite.into_iter().chain(said.notes).fold(finding, Finding::with)
    }

    fn subject(&self) -> Subject {
        let by = self.groups.features().to_vec();
        Subject { split: Some(self.split.to_owned()), by, ..Subject::default() }
    }

    /// The group that the options name for this grouping.
    fn declared(&self) -> Option<GroupId> {
        let name = self.options.reference.get(&self.groups.name())?;
        self.groups.ids().find(|id| self.groups.label(*id) == *name)
    }

    /// Rows whose group is missing, in any of the features.
    fn missing(&self) -> u64 {
        let sizes = self.groups.ids().zip(self.groups.counts());
        sizes.filter(|(id, _)| self.is_missing(*id)).map(|(_, n)| n).sum()
    }

    fn is_missing(&self, id: GroupId) -> bool {
        self.groups.parts(id).iter().any(|part| part == MISSING)
    }

    /// A group's size as a cell.
    fn size(&self, id: GroupId, n: u64) -> Cell {
        cell(self.groups.label(id), to_f64(n), n)
    }
}

/// What Python's `max` returns for two numbers: the first unless the second is larger, so that a
/// NaN in second place is dropped and one in first place stays.
fn python_max(first: f64, second: f64) -> f64 {
    if second > first { second } else { first }
}

/// What Python's `min` returns for two numbers.
fn python_min(first: f64, second: f64) -> f64 {
    if second < first { second } else { first }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_aif360;
