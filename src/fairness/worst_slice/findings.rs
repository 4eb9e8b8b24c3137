//! What a search says, as findings.

use super::select::{Choice, Different, Level, interval};
use super::{Searched, count};
use crate::domain::{Cell, Evidence, Finding, GroupKey, Split, Stage, Subject, Undefined, to_f64};
use crate::fairness::Frame;

/// A finished search for one metric.
pub(super) struct Search<'a> {
    pub(super) split: Split,
    pub(super) choice: Choice<'a>,
    pub(super) level: Level,
    /// The chance of any false rejection in the whole search.
    pub(super) alpha: f64,
    /// Metrics that share it.
    pub(super) family: u64,
    /// Every slice that differs.
    pub(super) different: Vec<Different>,
    /// Those that are listed, as indices into them.
    pub(super) listed: Vec<usize>,
}

/// That a metric was not searched.
pub(super) fn refused(metric: Searched, frame: &Frame, because: &str) -> Finding {
    let value = Err(Undefined::NotRun { because: because.to_owned() });
    Finding::new(metric.count(), Stage::Fairness, whole(frame.split), value, 0)
}

fn whole(split: Split) -> Subject {
    Subject { split: Some(split.name().to_owned()), ..Subject::default() }
}

fn cell(name: &str, value: f64, n: u64) -> Cell {
    Cell { name: name.to_owned(), value: Some(value), n }
}

fn numbers(name: &str, cells: Vec<Cell>) -> Evidence {
    Evidence::Numbers { name: name.to_owned(), cells }
}

impl Search<'_> {
    /// The number of slices that differ, then the listed ones.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let slices = self.choice.slices.iter().filter(|slice| !slice.repeated).count();
        let (rows, found) = (self.choice.cells.total.n(), count(self.different.len()));
        let search = vec![
            cell("slices_searched", to_f64(count(slices)), rows),
            cell("tests_corrected_for", to_f64(self.level.tests), rows),
            cell("level_of_each_test", self.level.each, rows),
            cell("chance_of_any_false_alarm", self.alpha, rows),
            cell("slices_listed", to_f64(count(self.listed.len())), rows),
        ];
        let subject = whole(self.split);
        let value = Ok(to_f64(found));
        let all = Finding::new(self.choice.metric.count(), Stage::Fairness, subject, value, rows);
        let listed = self.listed.iter().map(|at| self.slice(&self.different[*at]));
        std::iter::once(all.with(numbers("search", search))).chain(listed).collect()
    }

    fn slice(&self, found: &Different) -> Finding {
        let (table, features) = (&found.table, &self.choice.cells.features);
        let conditions = &self.choice.slices[found.slice].conditions;
        let key: GroupKey = conditions
            .iter()
            .map(|(f, level)| (features[*f].name.clone(), features[*f].levels[*level].clone()))
            .collect();
        let by = conditions.iter().map(|(f, _)| features[*f].name.clone()).collect();
        let subject = Subject { by, group: Some(key), ..whole(self.split) };
        let share = |name, hits, n| cell(name, to_f64(hits) / to_f64(n), n);
        let rates = vec![
            share("slice", table.hits, table.n),
            share("other_rows", table.all_hits - table.hits, table.all - table.n),
        ];
        let tests = self.level.tests * self.family;
        let corrected = (found.p_value * to_f64(tests)).min(1.0);
        let p_values = vec![
            cell("corrected_p_value", corrected, table.all),
            cell("p_value", found.p_value, table.all),
        ];
        let gap = self.choice.metric.gap();
        Finding::new(gap, Stage::Fairness, subject, Ok(found.gap), table.all)
            .with_interval(interval(table, self.level.each))
            .with(numbers("slice_rates", rates))
            .with(numbers("exact_test", p_values))
    }
}
