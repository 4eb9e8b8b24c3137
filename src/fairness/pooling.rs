//! Rates of intersectional groups, each drawn towards what all of them have in common.

use super::Options;
use super::level::{Grouping, Level};
use super::metrics::{
    Accuracy, Basis, FalsePositiveRate, Metric, Precision, SelectionRate, TruePositiveRate,
};
use super::slice::Slice;
use crate::domain::{Cell, Evidence, Finding, Ideal, Meta, Stage, Subject, Undefined, to_f64};
use crate::stats::Prior;
use rayon::prelude::*;

/// The pooled form of one rate.
struct Pooled {
    meta: Meta,
    metric: &'static dyn Metric,
}

macro_rules! pooled {
    ($code:literal, $name:literal, $metric:expr) => {
        Pooled {
            meta: Meta {
                code: $code,
                name: concat!($name, "_pooled"),
                ideal: Ideal::None,
                explain: concat!(
                    "`", $name, "` of an intersectional group, drawn towards the mean of all its like in \
                     proportion to how few rows it has.\n\n**Formula** `(hits + m s) / (n + s)`, `m` the \
                     rate of all rows, averaged over the rows `s` that the likeness of the groups may be \
                     worth; each counts by the beta-binomial likelihood of all groups and `(1 + s)⁻²`. \
                     **Range** 0 to 1. **Ideal** \
                     none; see `", $name, "`.\n**Undefined** `OneGroup` when fewer than three groups have \
                     rows for the rate; `ZeroDenominator` when all rows are alike; `NotRun` when the rows \
                     are weighted. A group without rows for the rate has none itself. Groups below the \
                     declared minimum take part.\n**Interval** the central one \
                     of the mixture of posterior beta distributions, given `m`. It covers on average over \
                     the groups, not in each; with fewer than ten groups somewhat too seldom. **Evidence** `raw`: the \
                     rate as it is; `prior`: `m` and `s`.\n**Source** Kleinman 1973, JASA 68, 46–54; \
                     Christiansen and Morris 1997, JASA 92, 618–632. **Peer** none.\n"
                ),
            },
            metric: &$metric,
        }
    };
}

static POOLED: [Pooled; 5] = [
    pooled!("FA804", "selection_rate", SelectionRate),
    pooled!("FA805", "accuracy", Accuracy),
    pooled!("FA802", "true_positive_rate", TruePositiveRate),
    pooled!("FA806", "false_positive_rate", FalsePositiveRate),
    pooled!("FA809", "precision", Precision),
];

/// The manuals.
pub(super) fn checks() -> impl Iterator<Item = &'static Meta> {
    POOLED.iter().map(|pooled| &pooled.meta)
}

/// Per rate every group with rows, of a grouping of several features; nothing of a single one.
pub(super) fn findings(grouping: &Grouping<'_>, options: &Options) -> Vec<Finding> {
    if grouping.groups.features().len() < 2 {
        return Vec::new();
    }
    let wanted = POOLED.par_iter().filter(|pooled| options.wants(pooled.meta.name));
    wanted.flat_map_iter(|pooled| one(pooled, grouping)).collect()
}

fn one(pooled: &Pooled, grouping: &Grouping<'_>) -> Vec<Finding> {
    let levels: Vec<&Level> = grouping.levels.iter().filter(|level| level.n > 0).collect();
    let weighted = || Undefined::NotRun { because: "the rows are weighted".to_owned() };
    let shares: Vec<Option<(u64, u64)>> =
        levels.iter().map(|level| share(pooled.metric, level)).collect();
    let known: Vec<(u64, u64)> = shares.iter().copied().flatten().filter(|s| s.1 > 0).collect();
    let prior = match (shares.iter().all(Option::is_some), known.len()) {
        (false, _) => Err(weighted()),
        (_, 0..=2) => Err(Undefined::OneGroup),
        _ => Prior::fit(&known).ok_or(Undefined::ZeroDenominator),
    };
    let finding = |(level, share): (&&Level, Option<(u64, u64)>)| {
        let subject = Subject { group: Some(grouping.key(level)), ..grouping.subject() };
        let (_, n) = share.unwrap_or((0, 0));
        let of = |value| Finding::new(&pooled.meta, Stage::Fairness, subject, value, n);
        match (&prior, share) {
            (Err(reason), _) => of(Err(reason.clone())),
            (Ok(_), None | Some((_, 0))) => of(Err(Undefined::Empty)),
            (Ok(prior), Some(share)) => {
                let (value, interval) = prior.shrink(share, grouping.confidence);
                of(Ok(value))
                    .with_interval(Some(interval))
                    .with(raw(share))
                    .with(likeness(prior, n))
            }
        }
    };
    levels.iter().zip(shares).map(finding).collect()
}

/// The counts of a rate, of a group of any size; `None` when the rows are weighted.
fn share(metric: &dyn Metric, level: &Level) -> Option<(u64, u64)> {
    let weighted = level.measured(metric).value.is_ok()
        && !matches!(level.measured(metric).basis, Basis::Share { .. });
    match metric.basis(&Slice::counted(level.confusion)) {
        Basis::Share { hits, n } if !weighted => Some((hits, n)),
        _ => None,
    }
}

fn raw((hits, n): (u64, u64)) -> Evidence {
    let cells = vec![Cell { name: "value".to_owned(), value: Some(to_f64(hits) / to_f64(n)), n }];
    Evidence::Numbers { name: "raw".to_owned(), cells }
}

fn likeness(prior: &Prior, n: u64) -> Evidence {
    let cell = |name: &str, value| Cell { name: name.to_owned(), value: Some(value), n };
    let cells = vec![cell("mean", prior.mean()), cell("strength", prior.strength())];
    Evidence::Numbers { name: "prior".to_owned(), cells }
}

#[cfg(test)]
mod tests {
    use super::super::{Frame, Selection, audit};
    use super::*;
    use crate::domain::{Groups, Split};

    /// Two features; each cell has rows of which some are selected.
    fn frame(cells: &[(&str, &str, usize, usize)]) -> Frame {
        let (mut a, mut b, mut y_pred) = (Vec::new(), Vec::new(), Vec::new());
        for (left, right, hits, n) in cells {
            a.extend(std::iter::repeat_n(Some(*left), *n));
            b.extend(std::iter::repeat_n(Some(*right), *n));
            y_pred.extend((0..*n).map(|i| i < *hits));
        }
        let (a, b) = (Groups::encode("a", &a), Groups::encode("b", &b));
        let groups = vec![a.clone(), Groups::cross(&[&a, &b])];
        let y_true = vec![false; y_pred.len()];
        Frame { split: Split::Test, y_true, y_pred, score: None, weight: None, groups }
    }

    fn pooled(frame: &Frame, check: &str, min_group_size: u64) -> Vec<Finding> {
        let metrics = Selection::Named(vec![check.to_owned()]);
        audit(frame, &Options { min_group_size, metrics, ..Options::default() })
    }

    #[test]
    fn a_tiny_cell_moves_to_the_rest_and_keeps_its_raw_value() {
        let cells = [("x", "u", 20, 50), ("x", "v", 22, 50), ("y", "u", 18, 50), ("y", "v", 2, 2)];
        let found = pooled(&frame(&cells), "selection_rate_pooled", 30);
        assert_eq!(found.len(), 4);
        let tiny = &found[3];
        let (value, interval) = (tiny.value.clone().unwrap(), tiny.interval.clone().unwrap());
        assert!((0.38..0.55).contains(&value), "{value}");
        assert!(interval.low < value && value < interval.high && interval.high < 0.9);
        assert_eq!((interval.method.as_str(), tiny.n), ("beta_binomial", 2));
        let Evidence::Numbers { name, cells } = &tiny.evidence[0] else { panic!("the raw value") };
        assert_eq!((name.as_str(), cells[0].value, cells[0].n), ("raw", Some(1.0), 2));
        let large = found[0].value.clone().unwrap();
        assert!((large - 0.4).abs() < 0.03, "{large}");
    }

    #[test]
    fn nothing_to_pool_is_said() {
        let few = [("x", "u", 2, 5), ("y", "v", 2, 5)];
        let found = pooled(&frame(&few), "selection_rate_pooled", 0);
        assert!(found.iter().all(|f| f.value == Err(Undefined::OneGroup)) && found.len() == 2);
        let same = [("x", "u", 0, 5), ("x", "v", 0, 5), ("y", "v", 0, 5)];
        let found = pooled(&frame(&same), "selection_rate_pooled", 0);
        assert!(found.iter().all(|f| f.value == Err(Undefined::ZeroDenominator)));
        // Nobody is actually positive, so no group has the rate.
        let found = pooled(&frame(&same), "true_positive_rate_pooled", 0);
        assert!(found.iter().all(|f| f.value == Err(Undefined::OneGroup)));
    }

    #[test]
    fn weighted_rows_are_not_pooled_and_each_group_is_named() {
        let cells = [("x", "u", 20, 50), ("x", "v", 22, 50), ("y", "u", 18, 50)];
        let mut frame = frame(&cells);
        let plain = pooled(&frame, "selection_rate_pooled", 0);
        frame.weight = Some(vec![2.0; 150]);
        let weighted = pooled(&frame, "selection_rate_pooled", 0);
        let groups = [("x", "u"), ("x", "v"), ("y", "u")];
        for ((of_plain, of_weighted), (a, b)) in plain.iter().zip(&weighted).zip(groups) {
            assert!(of_plain.value.is_ok());
            assert!(matches!(of_weighted.value, Err(Undefined::NotRun { .. })), "{of_weighted:?}");
            let key = of_plain.subject.group.as_ref().unwrap();
            assert_eq!((key["a"].as_str(), key["b"].as_str()), (a, b));
        }
        assert_eq!((plain.len(), weighted.len()), (3, 3));
    }
}
