//! Comparisons under control features: within each stratum, their weighted mean and the worst one.

use super::Options;
use super::aggregate::{Aggregate, compare};
use super::comparisons::Comparison;
use super::frame::{ByGroup, Frame};
use super::level::{self, Grouping, numbers};
use super::ranking::Ranking;
use super::selection::Plan;
use crate::domain::{
    Cell, Finding, GroupId, GroupKey, Groups, Stage, Subject, Undefined, Value, to_f64,
};
use crate::stats::sum;

/// The level of all strata together, for their mean.
const MEAN: &str = "(mean)";
/// The level of all strata together, for the worst of them.
const WORST: &str = "(worst)";

/// The strata of a frame: the combinations of the control features.
pub(super) struct Strata<'a> {
    groups: Groups,
    frame: &'a Frame,
    plan: Plan,
}

/// One comparison in one stratum.
struct Part {
    label: String,
    weight: f64,
    finding: Finding,
}

impl<'a> Strata<'a> {
    /// The strata; `None` without control features.
    ///
    /// # Panics
    /// Panics when a control feature is no grouping of the frame: a bug of the caller.
    pub(super) fn of(frame: &'a Frame, options: &Options) -> Option<Self> {
        let one = |feature: &String| {
            let of = |groups: &&Groups| groups.features() == [feature.clone()];
            let found = frame.groups.iter().find(of);
            found.unwrap_or_else(|| unreachable!("`{feature}` is a grouping of the frame"))
        };
        let features: Vec<&Groups> = options.control.iter().map(one).collect();
        (!features.is_empty()).then(|| {
            let plan = Plan::conditional(options, frame.score.is_some());
            Self { groups: Groups::cross(&features), frame, plan }
        })
    }

    /// The findings of the `at`-th grouping; none where a control feature forms the groups itself.
    pub(super) fn findings(&self, at: usize, options: &Options) -> Vec<Finding> {
        let plan = &self.plan;
        let features = self.frame.groups[at].features();
        if features.iter().any(|feature| self.groups.features().contains(feature)) {
            return Vec::new();
        }
        let mut measured: Vec<(GroupId, f64, Vec<Finding>)> = Vec::new();
        for (id, frame) in self.frames(at) {
            let ranking = Ranking::of(&frame);
            let grouping =
                Grouping::measure(&frame, &frame.groups[0], ranking.as_ref(), options, plan);
            let all = ByGroup::whole(&frame, ranking.as_ref());
            let whole = level::measure(&all.slice(0), 0, options, plan, "stratum");
            let grouping = grouping.beside(&whole).within(self.groups.key(id));
            let compared = plan.comparisons.iter().map(|c| compare(c, &grouping)).collect();
            measured.push((id, weight(&frame), compared));
        }
        let mut findings = Vec::new();
        for (i, comparison) in plan.comparisons.iter().enumerate() {
            let part = |(id, weight, all): &(GroupId, f64, Vec<Finding>)| Part {
                label: self.groups.label(*id),
                weight: *weight,
                finding: all[i].clone(),
            };
            let parts: Vec<Part> = measured.iter().map(part).collect();
            let together = self.together(comparison, &parts);
            findings.extend(parts.into_iter().map(|part| part.finding));
            findings.extend(together);
        }
        findings
    }

    /// The rows of each stratum that has any, with one grouping.
    fn frames(&self, grouping: usize) -> Vec<(GroupId, Frame)> {
        let rows_of = |id: GroupId| -> Vec<usize> {
            let of = self.groups.of().enumerate();
            of.filter(|(_, level)| *level == id).map(|(row, _)| row).collect()
        };
        let with_rows =
            self.groups.ids().map(|id| (id, rows_of(id))).filter(|(_, r)| !r.is_empty());
        with_rows.map(|(id, rows)| (id, self.frame.select(&rows, grouping))).collect()
    }

    /// The weighted mean over the strata, and the worst of them. A stratum with fewer than two groups
    /// compares nothing and takes no part; one whose comparison is undefined leaves both undefined.
    fn together(&self, comparison: &Comparison, all: &[Part]) -> Vec<Finding> {
        let Some(first) = all.first() else { return Vec::new() };
        let compares = |part: &&Part| part.finding.value != Err(Undefined::OneGroup);
        let parts: Vec<&Part> = all.iter().filter(compares).collect();
        let values: Result<Vec<f64>, Undefined> = parts.iter().map(|p| self.value(p)).collect();
        let weight = sum(parts.iter().map(|part| part.weight));
        let mean = values.clone().and_then(|values| {
            let total = sum(values.iter().zip(&parts).map(|(value, part)| value * part.weight));
            if weight > 0.0 { Ok(total / weight) } else { Err(Undefined::OneGroup) }
        });
        let worst = values.and_then(|values| {
            let worst = match comparison.aggregate {
                Aggregate::Difference => values.into_iter().reduce(f64::max),
                Aggregate::Ratio => values.into_iter().reduce(f64::min),
            };
            worst.ok_or(Undefined::OneGroup)
        });
        let n = parts.iter().map(|part| part.finding.n).sum();
        let one = |(level, value): (&str, Value)| {
            let features = self.groups.features().iter();
            let within: GroupKey = features.map(|f| (f.clone(), level.to_owned())).collect();
            let subject = Subject { within: Some(within), ..first.finding.subject.clone() };
            let finding = Finding::new(&comparison.meta, Stage::Fairness, subject, value, n);
            finding.with(numbers("strata", all.iter().map(cell).collect()))
        };
        [(MEAN, mean), (WORST, worst)].map(one).into()
    }

    fn value(&self, part: &Part) -> Value {
        part.finding.value.clone().map_err(|because| {
            if because == Undefined::NoScores {
                return because;
            }
            let group = format!("{}={}", self.groups.name(), part.label);
            Undefined::GroupUndefined { group, because: Box::new(because) }
        })
    }
}

fn cell(part: &Part) -> Cell {
    let value = part.finding.value.as_ref().ok().copied();
    Cell { name: part.label.clone(), value, n: part.finding.n }
}

/// What a stratum counts in the mean: its weight, or its rows.
fn weight(frame: &Frame) -> f64 {
    let rows = u64::try_from(frame.y_true.len()).unwrap_or(u64::MAX);
    frame.weight.as_ref().map_or_else(|| to_f64(rows), |weight| sum(weight.iter().copied()))
}
