//! Compares each group with the whole population: the group that is furthest from it decides.

use super::aggregate::{Aggregate, about, of_groups};
use super::comparisons::Comparison;
use super::level::{Grouping, Level, measured, numbers};
use super::metrics::{Basis, Metric};
use crate::domain::{Cell, Finding, Interval, Undefined, to_f64};
use crate::stats::newcombe;

/// One group beside the whole population.
struct Entry<'a> {
    level: &'a Level,
    metric: &'static dyn Metric,
    /// Of the group and of all rows.
    values: [f64; 2],
    /// Distance of the two, as the aggregate measures it.
    distance: f64,
}

/// The finding of one comparison with the whole population.
pub(super) fn compare(comparison: &Comparison, grouping: &Grouping<'_>) -> Finding {
    let (mut entries, mut undefined) = (Vec::new(), None);
    for level in grouping.taking_part() {
        for &metric in comparison.metrics {
            match entry(comparison.aggregate, grouping, level, metric) {
                Ok(entry) => entries.push(entry),
                Err(reason) => {
                    undefined.get_or_insert(reason);
                }
            }
        }
    }
    let worse =
        |a: &Entry<'_>, b: &Entry<'_>| comparison.aggregate.is_worse(b.distance, a.distance);
    let furthest = entries.into_iter().reduce(|a, b| if worse(&a, &b) { b } else { a });
    let value = of_groups(grouping, || match (undefined, &furthest) {
        (Some(reason), _) => Err(reason),
        (None, Some(entry)) => Ok(entry.distance),
        (None, None) => Err(Undefined::OneGroup),
    });
    let finding = about(comparison, grouping, value);
    let Some(entry) = furthest.filter(|_| finding.value != Err(Undefined::OneGroup)) else {
        return finding;
    };
    let [group, all] = bases(grouping, &entry).map(|basis| basis.n());
    let label = grouping.groups.label(entry.level.id);
    let mut cells = vec![
        Cell { name: label, value: Some(entry.values[0]), n: group },
        Cell { name: "overall".to_owned(), value: Some(entry.values[1]), n: all },
    ];
    if finding.value.is_ok() {
        let interval = interval(comparison.aggregate, grouping, &entry);
        return finding.with_interval(interval).with(numbers("group_and_overall", cells));
    }
    let value = Cell { name: "value".to_owned(), value: Some(entry.distance), n: group };
    cells.insert(0, value);
    finding.with(numbers("over_defined_groups", cells))
}

fn bases(grouping: &Grouping<'_>, entry: &Entry<'_>) -> [Basis; 2] {
    let whole = measured(&grouping.whole, entry.metric).basis;
    [entry.level.measured(entry.metric).basis, whole]
}

fn entry<'a>(
    aggregate: Aggregate,
    grouping: &Grouping<'_>,
    level: &'a Level,
    metric: &'static dyn Metric,
) -> Result<Entry<'a>, Undefined> {
    let whole = measured(&grouping.whole, metric).value.clone()?;
    let group = level.measured(metric).value.clone();
    let group = group.map_err(|reason| grouping.undefined(level, &reason))?;
    let distance = aggregate.of(group.min(whole), group.max(whole))?;
    Ok(Entry { level, metric, values: [group, whole], distance })
}

/// The group is a part of all rows, so their difference is `(1 − π)` times that of the group and the
/// rest, with the group's share `π` of the denominator; Newcombe's interval of the latter is scaled.
fn interval(aggregate: Aggregate, grouping: &Grouping<'_>, entry: &Entry<'_>) -> Option<Interval> {
    let [Basis::Share { hits, n }, Basis::Share { hits: all_hits, n: all }] =
        bases(grouping, entry)
    else {
        return None;
    };
    if aggregate == Aggregate::Ratio || n >= all {
        return None;
    }
    let (group, rest) = ((hits, n), (all_hits - hits, all - n));
    let (a, b) = if entry.values[0] >= entry.values[1] { (group, rest) } else { (rest, group) };
    let interval = newcombe(a, b, grouping.confidence)?;
    let rest = 1.0 - to_f64(n) / to_f64(all);
    Some(Interval { low: interval.low * rest, high: interval.high * rest, ..interval })
}
