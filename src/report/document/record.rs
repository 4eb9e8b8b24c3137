//! The record with its findings in easy reach.

use crate::domain::{Assessment, Finding, FindingId, GateRow, GroupKey, Risk, Stage};
use std::collections::BTreeMap;

/// The record, and an index over it.
pub(crate) struct Record<'a> {
    /// The record.
    pub(crate) assessment: &'a Assessment,
    by_id: BTreeMap<FindingId, &'a Finding>,
    rules: BTreeMap<FindingId, Vec<&'a GateRow>>,
}

/// One grouping of the population and what was measured on it.
pub(crate) struct Grouping<'a> {
    /// The features that form it.
    pub(crate) by: &'a [String],
    /// The groups in the record's order, each with its measures by name.
    pub(crate) groups: Vec<(&'a GroupKey, BTreeMap<&'a str, &'a Finding>)>,
    /// Comparisons over all groups.
    pub(crate) comparisons: Vec<&'a Finding>,
    /// Signed comparisons of a group with the reference.
    pub(crate) pairs: Vec<&'a Finding>,
    /// Numbers in the conventions of other libraries, whose names hold a dot.
    pub(crate) peers: Vec<&'a Finding>,
    /// Comparisons under control features.
    pub(crate) strata: Vec<&'a Finding>,
}

impl Grouping<'_> {
    /// The features joined by `×`.
    pub(crate) fn name(&self) -> String {
        self.by.join(" × ")
    }
}

/// Whether a finding about groups has a place of its own: slices that a search found and
/// explanations of gaps (`FA4…`) are no measures of the declared groupings, nor are changes since an
/// earlier run; and what is said of one class of several has a table of its own.
pub(crate) fn stands_apart(finding: &Finding) -> bool {
    finding.code.starts_with("FA4")
        || finding.subject.label.is_some()
        || finding.subject.against_baseline()
}

impl<'a> Record<'a> {
    /// Builds the index.
    pub(crate) fn new(assessment: &'a Assessment) -> Self {
        let by_id = assessment.findings.iter().map(|f| (f.id(), f)).collect();
        let mut rules: BTreeMap<FindingId, Vec<&GateRow>> = BTreeMap::new();
        for row in &assessment.gate {
            if let Some(id) = &row.finding {
                rules.entry(id.clone()).or_default().push(row);
            }
        }
        Self { assessment, by_id, rules }
    }

    /// The finding with this identity.
    pub(crate) fn finding(&self, id: &FindingId) -> Option<&'a Finding> {
        self.by_id.get(id).copied()
    }

    /// The finding that a rule judged.
    pub(crate) fn judged(&self, row: &GateRow) -> Option<&'a Finding> {
        row.finding.as_ref().and_then(|id| self.finding(id))
    }

    /// The rules that judged a finding.
    pub(crate) fn rules(&self, finding: &Finding) -> &[&'a GateRow] {
        self.rules.get(&finding.id()).map_or(&[], Vec::as_slice)
    }

    /// The finding whose number a risk is derived from: the worst of those that it names.
    pub(crate) fn shows(&self, risk: &Risk) -> Option<&'a Finding> {
        let named = || risk.because.iter().filter_map(|id| self.finding(id));
        let same = |f: &&Finding| {
            let value = f.value.as_ref().ok().copied();
            f.check == risk.check
                && value.map(f64::to_bits) == risk.derivation.value.map(f64::to_bits)
        };
        named().find(same).or_else(|| named().next())
    }

    /// Findings of a room, in the record's order.
    pub(crate) fn of(&self, stage: Stage) -> impl Iterator<Item = &'a Finding> + use<'a> {
        self.assessment.findings.iter().filter(move |f| f.stage == stage)
    }

    /// The groupings of the fairness findings, in the record's order.
    pub(crate) fn groupings(&self) -> Vec<Grouping<'a>> {
        let mut found: Vec<Grouping<'a>> = Vec::new();
        let grouped = |f: &&Finding| !f.subject.by.is_empty() && !stands_apart(f);
        for finding in self.of(Stage::Fairness).filter(grouped) {
            let by = finding.subject.by.as_slice();
            let at = found.iter().position(|g| g.by == by).unwrap_or_else(|| {
                let (groups, comparisons) = (Vec::new(), Vec::new());
                let (pairs, peers, strata) = (Vec::new(), Vec::new(), Vec::new());
                found.push(Grouping { by, groups, comparisons, pairs, peers, strata });
                found.len() - 1
            });
            found[at].add(finding);
        }
        found
    }

    /// Rows that each grouping may take of `all`, so that the page stays small with many groupings.
    pub(crate) fn share(&self, all: usize, (least, most): (usize, usize)) -> usize {
        (all / self.groupings().len().max(1)).clamp(least, most)
    }

    /// Measures of the whole population by name.
    pub(crate) fn overall(&self) -> BTreeMap<&'a str, &'a Finding> {
        let whole =
            self.of(Stage::Fairness).filter(|f| f.subject.by.is_empty() && !stands_apart(f));
        whole.map(|f| (f.check.as_str(), f)).collect()
    }
}

impl<'a> Grouping<'a> {
    fn add(&mut self, finding: &'a Finding) {
        match (&finding.subject.group, &finding.subject.reference) {
            _ if finding.check.contains('.') => self.peers.push(finding),
            _ if finding.subject.within.is_some() => self.strata.push(finding),
            (_, Some(_)) => self.pairs.push(finding),
            (None, None) => self.comparisons.push(finding),
            (Some(key), None) => {
                let at = self.groups.iter().position(|(k, _)| *k == key).unwrap_or_else(|| {
                    self.groups.push((key, BTreeMap::new()));
                    self.groups.len() - 1
                });
                self.groups[at].1.insert(&finding.check, finding);
            }
        }
    }
}
