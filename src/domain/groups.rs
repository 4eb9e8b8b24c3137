//! One sensitive feature, dictionary-encoded: the level of each row.

use super::group_ids::GroupIds;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The level of rows whose value is absent. It is a group like any other.
pub const MISSING: &str = "(missing)";

/// Index of a level within one [`Groups`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GroupId(pub u32);

impl GroupId {
    /// The id as an index into per-level arrays.
    #[must_use]
    pub fn index(self) -> usize {
        usize::try_from(self.0).unwrap_or_else(|_| unreachable!("u32 fits usize on our targets"))
    }

    fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or_else(|_| unreachable!("fewer than 2^32 levels")))
    }
}

/// One feature: `levels` sorted (with `(missing)` last), `of[i]` the level of row `i`.
///
/// An intersection has several `features`; each of its levels has one part per feature, and all
/// combinations are listed, also those without a row.
#[derive(Debug, Clone)]
pub struct Groups {
    features: Vec<String>,
    levels: Vec<Vec<String>>,
    /// Shared, because a feature may be a grouping of its own and part of others.
    of: Arc<GroupIds>,
    /// The columns that an intersection was made of.
    parts: Vec<Arc<GroupIds>>,
}

impl PartialEq for Groups {
    fn eq(&self, other: &Self) -> bool {
        self.features == other.features && self.levels == other.levels && self.of == other.of
    }
}

impl Eq for Groups {}

impl Groups {
    /// Encodes one column; `None` and the empty string become [`MISSING`].
    #[must_use]
    pub fn encode<S: AsRef<str>>(feature: &str, values: &[Option<S>]) -> Self {
        let name = |v: &Option<S>| match v {
            Some(text) if !text.as_ref().is_empty() => text.as_ref().to_owned(),
            _ => MISSING.to_owned(),
        };
        let names: Vec<String> = values.iter().map(name).collect();
        let distinct: BTreeSet<(bool, &String)> =
            names.iter().map(|v| (v.as_str() == MISSING, v)).collect();
        let ids: BTreeMap<&String, usize> =
            distinct.iter().enumerate().map(|(i, (_, v))| (*v, i)).collect();
        let of = Arc::new(GroupIds::new(ids.len(), names.iter().map(|v| ids[v])));
        let levels = distinct.iter().map(|(_, v)| vec![(*v).clone()]).collect();
        Self { features: vec![feature.to_owned()], levels, of, parts: Vec::new() }
    }

    /// Takes a column that is encoded already, with `levels` that are sorted, distinct and not empty, and
    /// perhaps `empty` cells. `of` is given the id of each level and that of a missing value, and
    /// brings the ids of the rows.
    ///
    /// # Panics
    /// Panics when there are 65,536 levels or more: a bug of the caller.
    #[must_use]
    pub fn coded(
        feature: &str,
        levels: &[String],
        empty: bool,
        of: impl FnOnce(&[u16], u16) -> Vec<u16>,
    ) -> Self {
        let mut names: Vec<String> = levels.iter().filter(|l| *l != MISSING).cloned().collect();
        let narrow = |place: usize| {
            u16::try_from(place).unwrap_or_else(|_| unreachable!("fewer than 2^16 levels"))
        };
        let missing = narrow(names.len());
        let id = |level: &String| names.binary_search(level).map_or(missing, narrow);
        let ids: Vec<u16> = levels.iter().map(id).collect();
        if empty || names.len() < levels.len() {
            names.push(MISSING.to_owned());
        }
        let levels = names.into_iter().map(|name| vec![name]).collect();
        Self {
            features: vec![feature.to_owned()],
            levels,
            of: Arc::new(GroupIds::Narrow(of(&ids, missing))),
            parts: Vec::new(),
        }
    }

    /// One feature whose levels have an order of their own; rows without a level are [`MISSING`],
    /// which comes last.
    ///
    /// # Panics
    /// Panics when a row names a level that is not listed: a bug of the caller.
    #[must_use]
    pub fn ordered(feature: &str, mut levels: Vec<String>, of: &[Option<usize>]) -> Self {
        assert!(of.iter().flatten().all(|level| *level < levels.len()), "every level is listed");
        let missing = levels.len();
        if of.iter().any(Option::is_none) {
            levels.push(MISSING.to_owned());
        }
        let of = of.iter().map(|level| level.unwrap_or(missing));
        let of = GroupIds::new(levels.len(), of);
        let levels = levels.into_iter().map(|level| vec![level]).collect();
        Self { features: vec![feature.to_owned()], levels, of: Arc::new(of), parts: Vec::new() }
    }

    /// The intersection of several features over the same rows, first feature slowest.
    /// Every combination of levels is listed, empty ones included.
    ///
    /// # Panics
    /// Panics when `parts` is empty or the lengths differ: a bug of the caller.
    #[must_use]
    pub fn cross(parts: &[&Self]) -> Self {
        let Some((first, rest)) = parts.split_first() else {
            unreachable!("an intersection of nothing is never asked for")
        };
        match rest.split_first() {
            None => (*first).clone(),
            Some((second, rest)) => {
                rest.iter().fold(first.times(second), |left, right| left.times(right))
            }
        }
    }

    fn times(&self, right: &Self) -> Self {
        assert_eq!(self.of.len(), right.of.len(), "both features describe the same rows");
        let width = right.levels.len();
        let of = self.of.pairs(&right.of, width, self.levels.len() * width);
        let mut levels = Vec::with_capacity(self.levels.len() * width);
        for a in &self.levels {
            for b in &right.levels {
                levels.push(a.iter().chain(b).cloned().collect());
            }
        }
        let features = self.features.iter().chain(&right.features).cloned().collect();
        let parts = self.columns().chain(right.columns()).cloned().collect();
        Self { features, levels, of: Arc::new(of), parts }
    }

    /// The feature names: one, or several for an intersection.
    #[must_use]
    pub fn features(&self) -> &[String] {
        &self.features
    }

    /// The features joined by `*`, as in the configuration: `sex*age_group`.
    #[must_use]
    pub fn name(&self) -> String {
        self.features.join("*")
    }

    /// Number of rows.
    #[must_use]
    pub fn len(&self) -> usize {
        self.of.len()
    }

    /// Whether there is no row.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.of.len() == 0
    }

    /// Number of levels, empty ones included.
    #[must_use]
    pub fn n_levels(&self) -> usize {
        self.levels.len()
    }

    /// All level ids in order.
    pub fn ids(&self) -> impl Iterator<Item = GroupId> + use<> {
        (0..self.levels.len()).map(GroupId::from_index)
    }

    /// The level of one row.
    ///
    /// # Panics
    /// Panics when there is no such row.
    #[must_use]
    pub fn at(&self, row: usize) -> GroupId {
        self.of.at(row)
    }

    /// The level of each row, `(n,)`.
    #[must_use]
    pub fn of(&self) -> impl ExactSizeIterator<Item = GroupId> + '_ {
        (0..self.len()).map(|row| self.at(row))
    }

    /// The column itself.
    pub(crate) fn column(&self) -> &GroupIds {
        &self.of
    }

    /// The columns of single features behind this one, as far as they are known.
    fn columns(&self) -> impl Iterator<Item = &Arc<GroupIds>> {
        std::iter::once(&self.of).filter(|_| self.parts.is_empty()).chain(&self.parts)
    }

    /// Whether rows that are alike in all of `others` are known to be alike in this one, because it is an
    /// intersection of them. `false` says nothing.
    #[must_use]
    pub fn follows_from(&self, others: &[&Self]) -> bool {
        let known = |column| others.iter().any(|other| Arc::ptr_eq(&other.of, column));
        self.columns().all(known)
    }

    /// The parts of a level, one per feature.
    #[must_use]
    pub fn parts(&self, id: GroupId) -> &[String] {
        &self.levels[id.index()]
    }

    /// The parts joined by `|`, e.g. `female|<40`.
    #[must_use]
    pub fn label(&self, id: GroupId) -> String {
        self.levels[id.index()].join("|")
    }

    /// `feature → level`, as findings name a group.
    #[must_use]
    pub fn key(&self, id: GroupId) -> BTreeMap<String, String> {
        self.features.iter().cloned().zip(self.levels[id.index()].iter().cloned()).collect()
    }

    /// The same feature over the chosen rows; the levels stay, even where no row is left.
    #[must_use]
    pub fn select(&self, rows: &[usize]) -> Self {
        Self {
            features: self.features.clone(),
            levels: self.levels.clone(),
            of: Arc::new(self.of.select(rows)),
            parts: Vec::new(),
        }
    }

    /// Rows in each level, `(levels,)`.
    #[must_use]
    pub fn counts(&self) -> Vec<u64> {
        let mut counts = vec![0; self.levels.len()];
        for id in self.of() {
            counts[id.index()] += 1;
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_value_is_a_group_of_its_own_and_comes_last() {
        let g = Groups::encode("sex", &[Some("m"), None, Some(""), Some("zz"), Some("f")]);
        let labels: Vec<String> = g.ids().map(|id| g.label(id)).collect();
        assert_eq!(labels, ["f", "m", "zz", MISSING]);
        assert_eq!(g.counts(), [1, 1, 1, 2]);
    }

    #[test]
    fn an_intersection_lists_its_empty_cells() {
        let sex = Groups::encode("sex", &[Some("f"), Some("m")]);
        let age = Groups::encode("age", &[Some("old"), Some("young")]);
        let both = Groups::cross(&[&sex, &age]);
        assert_eq!(both.name(), "sex*age");
        assert_eq!(both.counts(), [1, 0, 0, 1]);
        assert_eq!(both.label(GroupId(1)), "f|young");
        assert_eq!(both.key(GroupId(3))["age"], "young");
    }

    #[test]
    fn an_intersection_follows_from_its_features() {
        let sex = Groups::encode("sex", &[Some("f"), Some("m")]);
        let age = Groups::encode("age", &[Some("old"), Some("young")]);
        let site = Groups::encode("site", &[Some("a"), Some("b")]);
        let all = Groups::cross(&[&Groups::cross(&[&sex, &age]), &site]);
        assert!(all.follows_from(&[&sex, &site, &age]) && sex.follows_from(&[&sex.clone()]));
        assert!(!all.follows_from(&[&sex, &age]) && !sex.follows_from(&[&all]));
        assert!(!sex.select(&[0, 1]).follows_from(&[&sex]));
        assert_eq!(sex.select(&[0, 1]), sex);
    }
}
