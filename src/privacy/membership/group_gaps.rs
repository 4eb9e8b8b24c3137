//! The largest gaps between groups, with intervals that count the picking.

use super::findings::{count, numbers};
use super::group_manuals::{GroupAucDifference, GroupTprDifference};
use super::groups::{Level, Look, share};
use crate::domain::{Finding, Interval, Meta, Undefined, Value, to_f64};
use crate::stats;

impl Look<'_> {
    pub(super) fn auc_gap(&self, levels: &[Level]) -> Finding {
        let areas: Vec<Result<(f64, f64), Undefined>> =
            levels.iter().map(|level| self.area(level)).collect();
        let value = |i: usize| areas[i].clone().map(|(auc, _)| auc);
        let z = stats::simultaneous(self.grouping.confidence, levels.len());
        let pair = |a: usize, b: usize| -> Option<Interval> {
            let (first, second) = (areas[a].clone().ok()?, areas[b].clone().ok()?);
            let (gap, half) = (first.0 - second.0, z * (first.1 + second.1).sqrt());
            let (level, method) = (self.grouping.confidence, "tukey_delong".to_owned());
            let known = first.1 > 0.0 && second.1 > 0.0;
            known.then_some(Interval { low: gap - half, high: gap + half, level, method })
        };
        self.gap(&GroupAucDifference::META, levels, &value, &pair)
    }

    pub(super) fn tpr_gap(&self, levels: &[Level], threshold: f64) -> Finding {
        let hits = |i: usize| (levels[i].above(threshold).0, levels[i].sizes().0);
        let value = |i: usize| match &levels[i].small {
            Some(reason) => Err(reason.clone()),
            None => share(hits(i).0, hits(i).1),
        };
        let pairs = to_f64(count(levels.len() * levels.len().saturating_sub(1) / 2)).max(1.0);
        let level = self.grouping.confidence;
        let each = 1.0 - (1.0 - level) / pairs;
        let pair = |a: usize, b: usize| {
            let made = stats::newcombe(hits(a), hits(b), each)?;
            Some(Interval { level, method: "newcombe_bonferroni".to_owned(), ..made })
        };
        self.gap(&GroupTprDifference::META, levels, &value, &pair)
    }

    /// Largest less smallest value; the ends are the largest of the ends of all pairs.
    fn gap(
        &self,
        meta: &Meta,
        levels: &[Level],
        value: &dyn Fn(usize) -> Value,
        pair: &dyn Fn(usize, usize) -> Option<Interval>,
    ) -> Finding {
        let n = levels.iter().map(|l| l.sizes().0 + l.sizes().1).sum();
        let values: Vec<Value> = (0..levels.len()).map(value).collect();
        let label = |i: usize| {
            let key = self.groups.key(levels[i].id);
            key.iter().map(|(f, l)| format!("{f}={l}")).collect::<Vec<_>>().join("|")
        };
        let known = |i: usize| values[i].clone().unwrap_or(0.0);
        if let Some(i) = values.iter().position(Result::is_err) {
            let because = Box::new(values[i].clone().err().unwrap_or(Undefined::Empty));
            let reason = Undefined::GroupUndefined { group: label(i), because };
            return self.new_finding(meta, None, Err(reason), n);
        }
        if levels.len() < 2 {
            return self.new_finding(meta, None, Err(Undefined::OneGroup), n);
        }
        let order = |a: &usize, b: &usize| known(*a).total_cmp(&known(*b));
        let (most, least) = ((0..levels.len()).max_by(order), (0..levels.len()).min_by(order));
        let (most, least) = (most.unwrap_or(0), least.unwrap_or(0));
        let cells = [(&*label(most), Some(known(most))), (&*label(least), Some(known(least)))];
        self.new_finding(meta, None, Ok(known(most) - known(least)), n)
            .with_interval(widest(levels.len(), pair))
            .with(numbers("extremes", &cells, n))
    }
}

/// An interval of the gap from those of all ordered pairs, which hold together; none where one is
/// missing.
fn widest(n: usize, pair: &dyn Fn(usize, usize) -> Option<Interval>) -> Option<Interval> {
    let pairs = (0..n).flat_map(|a| (0..n).filter(move |b| *b != a).map(move |b| (a, b)));
    let all: Option<Vec<Interval>> = pairs.map(|(a, b)| pair(a, b)).collect();
    let all = all?;
    let low = all.iter().map(|i| i.low).fold(0.0, f64::max);
    let high = all.iter().map(|i| i.high).fold(0.0, f64::max).min(1.0);
    all.into_iter().next().map(|first| Interval { low, high, ..first })
}
