//! How unequally a classifier hands out benefit: one number for individuals, and the part of it
//! that lies between groups. The benefit of a row is `b = 1 + ŷ − y`: 0 for a missed positive, 1
//! for a right decision, 2 for a false positive.

mod index;

pub use index::{Atom, delta, generalized_entropy};

use super::Options;
use super::frame::Frame;
use super::tally::{Tally, small_groups, taking_part};
use crate::domain::{
    Cell, Evidence, Finding, Groups, Ideal, Meta, Stage, Subject, Undefined, Value,
};

crate::check! {
    /// How unequally benefit is spread over individuals (generalised entropy, α = 2).
    ///
    /// **Formula** `E[(b/μ)² − 1] / 2`, b = 1 + ŷ − y, μ = E[b]; with weights, weighted means.
    /// **Range** 0 and up. **Ideal** 0. **Undefined** `Empty` without rows; `ZeroDenominator`
    /// when every row is a missed positive. **Interval** delta method for independent rows; none
    /// when every decision is right. **Source** Speicher et al. 2018, KDD, §2.
    /// **Peer** `aif360.metrics.ClassificationMetric.generalized_entropy_index`, which ignores weights.
    GeneralizedEntropyIndex, "FA501", "generalized_entropy_index", Ideal::Zero
}

crate::check! {
    /// How unequally benefit is spread over individuals (Theil index, α = 1).
    ///
    /// **Formula** `E[(b/μ) ln(b/μ)]`, b = 1 + ŷ − y, μ = E[b], 0 ln 0 = 0.
    /// **Range** 0 and up. **Ideal** 0. **Undefined** `Empty` without rows; `ZeroDenominator`
    /// when every row is a missed positive. **Interval** delta method for independent rows; none
    /// when every decision is right. **Source** Theil 1967, Economics and Information Theory;
    /// Speicher et al. 2018, KDD, §2. **Peer** `aif360.metrics.ClassificationMetric.theil_index`.
    TheilIndex, "FA502", "theil_index", Ideal::Zero
}

crate::check! {
    /// How unequally benefit is spread over individuals (mean logarithmic deviation, α = 0).
    ///
    /// **Formula** `−E[ln(b/μ)]`, b = 1 + ŷ − y, μ = E[b]. **Range** 0 and up. **Ideal** 0.
    /// **Undefined** `Empty` without rows; `ZeroDenominator` when any row is a missed positive,
    /// because the logarithm of its benefit 0 does not exist. **Interval** delta method for
    /// independent rows; none when every decision is right. **Source** Shorrocks 1980,
    /// Econometrica 48, 613–625; Speicher et al. 2018, KDD, §2. **Peer** none that follows the
    /// paper: `aif360`'s alpha = 0 divides by the mean once too often.
    MeanLogDeviation, "FA503", "mean_log_deviation", Ideal::Zero
}

crate::check! {
    /// How unequally benefit is spread over individuals, as standard deviation by mean.
    ///
    /// **Formula** `√(E[(b − μ)²]) / μ = √(2 GE(2))`, b = 1 + ŷ − y, μ = E[b].
    /// **Range** 0 and up. **Ideal** 0. **Undefined** `Empty` without rows; `ZeroDenominator`
    /// when every row is a missed positive. **Interval** the transformed ends of the interval of
    /// `generalized_entropy_index`. **Source** Speicher et al. 2018, KDD, §2.
    /// **Peer** `aif360.metrics.ClassificationMetric.coefficient_of_variation`; `holisticai`
    /// returns √2 times as much.
    CoefficientOfVariation, "FA504", "coefficient_of_variation", Ideal::Zero
}

crate::check! {
    /// The part of `generalized_entropy_index` that lies between groups.
    ///
    /// **Formula** `Σ_g p_g ((μ_g/μ)² − 1) / 2`, `μ_g` the mean benefit of group g and `p_g` its share.
    /// **Range** 0 and up. **Ideal** 0. **Undefined** `OneGroup` when fewer than two groups are
    /// left; `ZeroDenominator` when every row is a missed positive. Groups below the declared
    /// minimum size are left out of the population first and named in the evidence
    /// `excluded_small_groups`. **Interval** none: at equality the estimate is at its boundary and
    /// the delta method fails. **Source** Shorrocks 1980, Econometrica 48; Speicher et al. 2018,
    /// KDD, §3. **Peer** `aif360`'s `between_all_groups_generalized_entropy_index`.
    BetweenGroupGeneralizedEntropyIndex, "FA505", "between_group_generalized_entropy_index", Ideal::Zero
}

crate::check! {
    /// The part of `theil_index` that lies between groups.
    ///
    /// **Formula** `Σ_g p_g (μ_g/μ) ln(μ_g/μ)`, `μ_g` the mean benefit of group g and `p_g` its share.
    /// **Range** 0 and up. **Ideal** 0. **Undefined** as for
    /// `between_group_generalized_entropy_index`. **Interval** none, for the same reason.
    /// **Source** Shorrocks 1980, Econometrica 48; Speicher et al. 2018, KDD, §3.
    /// **Peer** `aif360.metrics.ClassificationMetric.between_all_groups_theil_index`.
    BetweenGroupTheilIndex, "FA506", "between_group_theil_index", Ideal::Zero
}

crate::check! {
    /// The part of `mean_log_deviation` that lies between groups.
    ///
    /// **Formula** `−Σ_g p_g ln(μ_g/μ)`, `μ_g` the mean benefit of group g and `p_g` its share.
    /// **Range** 0 and up. **Ideal** 0. **Undefined** as for
    /// `between_group_generalized_entropy_index`, and `ZeroDenominator` when every row of a group
    /// is a missed positive. **Interval** none, for the same reason.
    /// **Source** Shorrocks 1980, Econometrica 48; Speicher et al. 2018, KDD, §3.
    /// **Peer** none that follows the paper.
    BetweenGroupMeanLogDeviation, "FA507", "between_group_mean_log_deviation", Ideal::Zero
}

crate::check! {
    /// Spread of the groups' mean benefits, as standard deviation by mean.
    ///
    /// **Formula** `√(Σ_g p_g (μ_g − μ)²) / μ`, `μ_g` the mean benefit of group g and `p_g` its share.
    /// **Range** 0 and up. **Ideal** 0. **Undefined** as for
    /// `between_group_generalized_entropy_index`. **Interval** none, for the same reason.
    /// **Source** Speicher et al. 2018, KDD, §3.
    /// **Peer** `aif360.metrics.ClassificationMetric.between_all_groups_coefficient_of_variation`.
    BetweenGroupCoefficientOfVariation, "FA508", "between_group_coefficient_of_variation", Ideal::Zero
}

/// One index of individuals, and its part between groups.
struct Index {
    individual: &'static Meta,
    between: &'static Meta,
    alpha: f64,
    shown: Shown,
}

/// How the entropy is shown.
#[derive(Clone, Copy, PartialEq)]
enum Shown {
    Entropy,
    /// `√(2 GE)`.
    Root,
}

impl Shown {
    fn of(self, entropy: f64) -> f64 {
        match self {
            Self::Entropy => entropy,
            Self::Root => (2.0 * entropy).sqrt(),
        }
    }
}

static INDICES: [Index; 4] = [
    Index {
        individual: &GeneralizedEntropyIndex::META,
        between: &BetweenGroupGeneralizedEntropyIndex::META,
        alpha: 2.0,
        shown: Shown::Entropy,
    },
    Index {
        individual: &TheilIndex::META,
        between: &BetweenGroupTheilIndex::META,
        alpha: 1.0,
        shown: Shown::Entropy,
    },
    Index {
        individual: &MeanLogDeviation::META,
        between: &BetweenGroupMeanLogDeviation::META,
        alpha: 0.0,
        shown: Shown::Entropy,
    },
    Index {
        individual: &CoefficientOfVariation::META,
        between: &BetweenGroupCoefficientOfVariation::META,
        alpha: 2.0,
        shown: Shown::Root,
    },
];

/// The manuals, individuals first.
pub(super) fn checks() -> Vec<&'static Meta> {
    let between = INDICES.iter().map(|index| index.between);
    INDICES.iter().map(|index| index.individual).chain(between).collect()
}

/// The benefits of a set of rows: missed positives, right decisions, false positives.
#[must_use]
pub fn benefits(rows: &Tally) -> Vec<Atom> {
    let both = |of: fn(&Tally, bool, bool) -> f64| of(rows, true, true) + of(rows, false, false);
    let atom = |benefit, weight, square| Atom { benefit, weight, square };
    vec![
        atom(0.0, rows.cell(true, false), rows.square(true, false)),
        atom(1.0, both(Tally::cell), both(Tally::square)),
        atom(2.0, rows.cell(false, true), rows.square(false, true)),
    ]
}

/// Every row gets the mean benefit of its group; groups without weight are left out.
#[must_use]
pub fn group_benefits(levels: &[Tally]) -> Vec<Atom> {
    let some = levels.iter().filter(|level| level.total() > 0.0);
    let atom = |level: &Tally| {
        let weight = level.total();
        let benefit = 1.0 + (level.predicted(true) - level.actual(true)) / weight;
        let square = benefits(level).iter().map(|atom| atom.square).sum();
        Atom { benefit, weight, square }
    };
    some.map(atom).collect()
}

/// The indices over all rows.
pub(super) fn whole(frame: &Frame, all: &Tally, options: &Options) -> Vec<Finding> {
    let benefits = benefits(all);
    let subject = Subject { split: Some(frame.split.name().to_owned()), ..Subject::default() };
    let one = |index: &Index| {
        let value = generalized_entropy(&benefits, index.alpha).map(|v| index.shown.of(v));
        let interval = delta(&benefits, index.alpha, options.confidence).map(|mut interval| {
            interval.low = index.shown.of(interval.low);
            interval.high = index.shown.of(interval.high);
            interval
        });
        let interval = interval.filter(|_| value.is_ok());
        Finding::new(index.individual, Stage::Fairness, subject.clone(), value, all.rows())
            .with_interval(interval)
    };
    INDICES.iter().filter(|i| options.wants(i.individual.name)).map(one).collect()
}

/// The parts of the indices that lie between the groups of one grouping.
pub(super) fn between(
    frame: &Frame,
    (groups, levels): (&Groups, &[Tally]),
    options: &Options,
) -> Vec<Finding> {
    let part = taking_part(levels, options.min_group_size);
    let chosen: Vec<Tally> = part.iter().map(|&level| levels[level]).collect();
    let all = chosen.iter().fold(Tally::default(), Tally::with);
    let subject = Subject {
        split: Some(frame.split.name().to_owned()),
        by: groups.features().to_vec(),
        ..Subject::default()
    };
    let small = small_groups(groups, levels, options.min_group_size);
    let one = |index: &Index| {
        let value: Value = match chosen.len() {
            0 | 1 => Err(Undefined::OneGroup),
            _ => generalized_entropy(&group_benefits(&chosen), index.alpha),
        };
        let total = generalized_entropy(&benefits(&all), index.alpha);
        let parts = decomposition(&value, &total, all.rows());
        let value = value.map(|entropy| index.shown.of(entropy));
        let finding =
            Finding::new(index.between, Stage::Fairness, subject.clone(), value, all.rows());
        let parts = parts.filter(|_| index.shown == Shown::Entropy);
        [parts, small.clone()].into_iter().flatten().fold(finding, Finding::with)
    };
    INDICES.iter().filter(|i| options.wants(i.between.name)).map(one).collect()
}

/// The index as a sum: between groups and within them.
fn decomposition(between: &Value, total: &Value, n: u64) -> Option<Evidence> {
    let (between, total) = (between.as_ref().ok()?, total.as_ref().ok()?);
    let parts = [("between_groups", *between), ("within_groups", total - between)];
    let cell = |(name, value): (&str, f64)| Cell { name: name.to_owned(), value: Some(value), n };
    let cells = parts.into_iter().map(cell).collect();
    Some(Evidence::Numbers { name: "components".to_owned(), cells })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Split;
    use crate::fairness::Rows;

    fn between(frame: &Frame, options: &Options) -> Vec<Finding> {
        let groups = &frame.groups[0];
        super::between(frame, (groups, &Tally::by_level(&Rows::of(frame), groups)), options)
    }

    /// Rows (truth, decision) of group a, then of group b.
    fn frame(a: &[(bool, bool)], b: &[(bool, bool)]) -> Frame {
        let rows: Vec<(bool, bool)> = a.iter().chain(b).copied().collect();
        let names = std::iter::repeat_n(Some("a"), a.len()).chain(vec![Some("b"); b.len()]);
        Frame {
            split: Split::Test,
            y_true: rows.iter().map(|row| row.0).collect(),
            y_pred: rows.iter().map(|row| row.1).collect(),
            score: None,
            weight: None,
            groups: vec![Groups::encode("g", &names.collect::<Vec<_>>())],
        }
    }

    fn options(min_group_size: u64) -> Options {
        Options { min_group_size, ..Options::default() }
    }

    const MISSED: (bool, bool) = (true, false);
    const RIGHT: (bool, bool) = (true, true);
    const ALARM: (bool, bool) = (false, true);

    #[test]
    fn a_missed_positive_a_hit_and_a_false_alarm_by_hand() {
        // Benefits 0, 1, 2: GE(2) 1/3, Theil (2 ln 2)/3, no logarithm of 0, √(2/3).
        let three = frame(&[MISSED, RIGHT, ALARM], &[]);
        let found = whole(&three, &Tally::whole(&Rows::of(&three)), &options(1));
        let value = |i: usize| found[i].value.clone();
        assert!((value(0).unwrap() - 1.0 / 3.0).abs() < 1e-15);
        assert!((value(1).unwrap() - 2.0 * 2.0_f64.ln() / 3.0).abs() < 1e-15);
        assert_eq!(value(2), Err(Undefined::ZeroDenominator));
        assert!((value(3).unwrap() - (2.0_f64 / 3.0).sqrt()).abs() < 1e-15);
        assert!(found[2].interval.is_none());
        let [entropy, root] = [0, 3].map(|i| found[i].interval.clone().unwrap());
        assert!((root.high - (2.0 * entropy.high).sqrt()).abs() < 1e-15);
    }

    #[test]
    fn the_part_between_groups_by_hand() {
        // Means 1/2 and 3/2, halves each, μ = 1: GE(2) = (1/4 + 9/4)/2 − 1 over 2 = 1/8.
        let two = frame(&[MISSED, RIGHT], &[RIGHT, ALARM]);
        let found = between(&two, &options(1));
        assert!((found[0].value.clone().unwrap() - 0.125).abs() < 1e-15);
        assert!((found[3].value.clone().unwrap() - 0.5).abs() < 1e-15);
        let Evidence::Numbers { cells, .. } = &found[0].evidence[0] else { panic!() };
        // All four: benefits 0, 1, 1, 2: (6/4 − 1)/2 = 1/4, so 1/8 lies within.
        assert!((cells[1].value.unwrap() - 0.125).abs() < 1e-15);
        assert_eq!(found[0].n, 4);
    }

    #[test]
    fn one_group_and_small_groups() {
        let two = frame(&[MISSED, RIGHT], &[RIGHT]);
        let found = between(&two, &options(2));
        assert_eq!(found[0].value, Err(Undefined::OneGroup));
        let Evidence::Numbers { name, cells } = &found[0].evidence[0] else { panic!() };
        assert_eq!((name.as_str(), cells[0].name.as_str()), ("excluded_small_groups", "b"));
    }

    #[test]
    fn a_group_has_the_mean_benefit_of_its_rows_and_without_rows_none() {
        use crate::domain::Confusion;
        // Four of ten selected, five positive: 1 + (4 − 5)/10.
        let some = Tally::counted(&Confusion { tp: 3, fp: 1, tn: 4, fn_: 2 });
        let found = group_benefits(&[Tally::default(), some]);
        assert_eq!(found, [Atom { benefit: 0.9, weight: 10.0, square: 10.0 }]);
    }
}
