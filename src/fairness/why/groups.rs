//! The groups of one grouping with their counts, and their rows by score.

use crate::domain::{Cell, Confusion, Evidence, GroupId, Groups, MISSING, Subject, Undefined};
use crate::fairness::frame::counted;
use crate::fairness::ranking::Ranking;
use crate::fairness::steps::Steps;
use crate::fairness::{Frame, Options};
use crate::stats::{Roc, roc_of_counts};

/// One group that is large enough.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// Which.
    pub(super) id: GroupId,
    /// Its counts.
    pub(super) counts: Confusion,
    /// Its rows by step of the score and class (negative, positive), ascending; steps without a row
    /// are left out, and all are without scores.
    pub(super) rows: Vec<(usize, [u64; 2])>,
}

impl Group {
    /// The ROC curve of its scores.
    ///
    /// # Errors
    /// When it lacks a class or scores.
    pub(super) fn roc(&self) -> Result<Roc, Undefined> {
        roc_of_counts(self.rows.iter().map(|(_, rows)| *rows))
    }
}

/// The groups that take part.
pub(super) struct Members<'a> {
    /// The frame.
    pub(super) frame: &'a Frame,
    /// The grouping.
    pub(super) groups: &'a Groups,
    /// The groups with at least the declared number of rows, in order.
    pub(super) large: Vec<Group>,
    /// Counts of the rows without a level, where one feature forms the groups.
    pub(super) missing: Option<Confusion>,
    /// The scores, where there are any.
    pub(super) scored: Option<&'a Scored<'a>>,
}

/// The rows of a frame by score, and what the cells of each step are.
pub(super) struct Scored<'a> {
    /// The rows.
    pub(super) ranking: &'a Ranking<'a>,
    /// The steps.
    pub(super) steps: &'a Steps,
    /// A row of each cell, none where it has no row.
    pub(super) rows: Vec<Option<usize>>,
}

impl<'a> Scored<'a> {
    /// Of a ranking.
    pub(super) fn of(ranking: &'a Ranking<'a>) -> Self {
        let (steps, rows) = ranking.steps();
        Self { ranking, steps, rows }
    }

    /// The rows of one step: one that stands for all of them, and how many they are.
    pub(super) fn step(&self, at: usize) -> impl Iterator<Item = (usize, u64)> {
        let row = |cell: u32| usize::try_from(cell).ok().and_then(|cell| self.rows[cell]);
        let known = move |(cell, n): &(u32, u32)| Some((row(*cell)?, u64::from(*n)));
        self.steps.step(at).iter().filter_map(known)
    }
}

impl<'a> Members<'a> {
    /// Counts every level, and hands its scores out in order.
    pub(super) fn of(
        frame: &'a Frame,
        groups: &'a Groups,
        scored: Option<&'a Scored<'a>>,
        options: &Options,
    ) -> Self {
        let level = |row: usize| groups.at(row).index();
        let counts = match scored {
            Some(scored) => scored.ranking.confusions(groups.n_levels(), level),
            None => counted(frame, groups.n_levels(), level),
        };
        let member = |(id, counts)| Group { id, counts, rows: Vec::new() };
        let mut members: Vec<Group> = groups.ids().zip(counts).map(member).collect();
        let unnamed = |g: &&Group| matches!(groups.parts(g.id), [level] if level == MISSING);
        let missing = members.iter().find(unnamed).map(|group| group.counts);
        for at in 0..scored.map_or(0, |scored| scored.steps.len()) {
            for (row, n) in scored.into_iter().flat_map(|scored| scored.step(at)) {
                let rows = &mut members[level(row)].rows;
                if rows.last().is_none_or(|(last, _)| *last < at) {
                    rows.push((at, [0, 0]));
                }
                if let Some((_, classes)) = rows.last_mut() {
                    classes[usize::from(frame.y_true[row])] += n;
                }
            }
        }
        let least = options.min_group_size.max(1);
        members.retain(|group| group.counts.n() >= least);
        Self { frame, groups, large: members, missing, scored }
    }

    /// The declared reference group, or the largest one, the first of equals.
    pub(super) fn reference(&self, options: &Options) -> Option<&Group> {
        match options.reference.get(&self.groups.name()) {
            Some(name) => self.large.iter().find(|g| self.groups.label(g.id) == *name),
            None => self.large.iter().rev().max_by_key(|g| g.counts.n()),
        }
    }

    /// What a statement about all groups is about.
    pub(super) fn subject(&self) -> Subject {
        let by = self.groups.features().to_vec();
        Subject { split: Some(self.frame.split.name().to_owned()), by, ..Subject::default() }
    }

    /// What a statement about a group and the reference is about.
    pub(super) fn pair(&self, group: &Group, reference: &Group) -> Subject {
        let key = |g: &Group| Some(self.groups.key(g.id));
        Subject { group: key(group), reference: key(reference), ..self.subject() }
    }

    /// That a group has no such number.
    pub(super) fn undefined(&self, group: &Group, because: Undefined) -> Undefined {
        let parts = self.groups.features().iter().zip(self.groups.parts(group.id));
        let pairs: Vec<String> = parts.map(|(f, part)| format!("{f}={part}")).collect();
        Undefined::GroupUndefined { group: pairs.join("|"), because: Box::new(because) }
    }
}

/// A named number.
pub(super) fn cell(name: &str, value: f64, n: u64) -> Cell {
    Cell { name: name.to_owned(), value: Some(value), n }
}

/// Named numbers.
pub(super) fn numbers(name: &str, cells: Vec<Cell>) -> Evidence {
    Evidence::Numbers { name: name.to_owned(), cells }
}
