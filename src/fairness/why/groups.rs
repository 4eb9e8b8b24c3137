//! The groups of one grouping with their counts and sorted scores.

use crate::domain::{Cell, Confusion, Evidence, GroupId, Groups, MISSING, Subject, Undefined};
use crate::fairness::{Frame, Options};

/// One group that is large enough.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Group {
    /// Which.
    pub(super) id: GroupId,
    /// Its counts.
    pub(super) counts: Confusion,
    /// Scores of its actual positives, ascending; empty without scores.
    pub(super) positive: Vec<f64>,
    /// Scores of its actual negatives, ascending; empty without scores.
    pub(super) negative: Vec<f64>,
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
}

/// The rows in ascending order of their score.
pub(super) fn ranking(frame: &Frame) -> Option<Vec<usize>> {
    let scores = frame.score.as_ref()?;
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| (scores[*a] + 0.0).total_cmp(&(scores[*b] + 0.0)));
    Some(order)
}

impl<'a> Members<'a> {
    /// Counts every level, and hands its scores out in order.
    pub(super) fn of(
        frame: &'a Frame,
        groups: &'a Groups,
        ranking: Option<&[usize]>,
        options: &Options,
    ) -> Self {
        let empty = |id| Group {
            id,
            counts: Confusion::default(),
            positive: Vec::new(),
            negative: Vec::new(),
        };
        let mut members: Vec<Group> = groups.ids().map(empty).collect();
        for (row, id) in groups.of().iter().enumerate() {
            members[id.index()].counts.add(frame.y_true[row], frame.y_pred[row]);
        }
        if let (Some(order), Some(scores)) = (ranking, &frame.score) {
            for &row in order {
                let group = &mut members[groups.of()[row].index()];
                let class =
                    if frame.y_true[row] { &mut group.positive } else { &mut group.negative };
                class.push(scores[row] + 0.0);
            }
        }
        let unnamed = |g: &&Group| matches!(groups.parts(g.id), [level] if level == MISSING);
        let missing = members.iter().find(unnamed).map(|group| group.counts);
        let least = options.min_group_size.max(1);
        members.retain(|group| group.counts.n() >= least);
        Self { frame, groups, large: members, missing }
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
