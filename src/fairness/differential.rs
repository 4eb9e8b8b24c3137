//! Differential fairness: how far the chance of any outcome may differ between any two groups, as
//! the logarithm of their ratio, with smoothed rates so that empty cells do not make it infinite.

use super::Options;
use super::frame::Frame;
use super::tally::{Tally, small_groups, taking_part};
use crate::domain::{Cell, Evidence, Finding, Groups, Ideal, Meta, Stage, Subject, Undefined};

crate::check! {
    /// Largest log ratio of the chance of a decision between two groups, with smoothed rates.
    ///
    /// **Formula** `max over groups g, h and decisions d of |ln P(ŷ = d | g) − ln P(ŷ = d | h)|`
    /// with `P(ŷ = 1 | g) = (selected_g + ½) / (n_g + 1)`; with weights, sums of weights. The
    /// evidence names the two groups, their rates, and the decision. **Range** 0 and up; at ε, a
    /// group's chances differ from another's by a factor of at most e^ε. **Ideal** 0.
    /// **Undefined** `OneGroup` when fewer than two groups are left: a group below the declared
    /// minimum size takes no part and is named in the evidence `excluded_small_groups`.
    /// **Interval** none: it is a maximum over pairs of smoothed rates, no closed form is at hand.
    /// **Source** Foulds, Islam, Keya, Pan 2020, An intersectional definition of fairness, ICDE,
    /// definition 3.1 and equation 7, Dirichlet concentration 1.
    /// **Peer** `aif360`'s `smoothed_empirical_differential_fairness` of the classified data set.
    DifferentialFairness, "FA511", "smoothed_empirical_differential_fairness", Ideal::Zero
}

crate::check! {
    /// Largest log ratio of the chance of a true label between two groups, with smoothed rates.
    ///
    /// **Formula** `max over groups g, h and labels l of |ln P(y = l | g) − ln P(y = l | h)|`
    /// with `P(y = 1 | g) = (positives_g + ½) / (n_g + 1)`; with weights, sums of weights.
    /// **Range** 0 and up. **Ideal** none; it describes the data, not the classifier.
    /// **Undefined** `OneGroup` when fewer than two groups are left: a group below the declared
    /// minimum size takes no part and is named in the evidence `excluded_small_groups`.
    /// **Interval** none: it is a maximum over pairs of smoothed rates, no closed form is at hand.
    /// **Source** Foulds, Islam, Keya, Pan 2020, ICDE, definition 3.1 and equation 7.
    /// **Peer** `aif360.metrics.BinaryLabelDatasetMetric.smoothed_empirical_differential_fairness`.
    LabelDifferentialFairness, "FA512", "label_smoothed_empirical_differential_fairness", Ideal::None
}

crate::check! {
    /// How much further apart the decisions are between groups than the labels.
    ///
    /// **Formula** `smoothed_empirical_differential_fairness` minus
    /// `label_smoothed_empirical_differential_fairness`. **Range** any number; above 0 the
    /// classifier widens what the data shows, below 0 it narrows it. **Ideal** 0.
    /// **Undefined** `OneGroup` when fewer than two groups are left. **Interval** none, for the
    /// reason given there. **Source** Foulds, Islam, Keya, Pan 2020, ICDE, definition 3.4.
    /// **Peer** `aif360`'s `differential_fairness_bias_amplification`.
    BiasAmplification, "FA513", "differential_fairness_bias_amplification", Ideal::Zero
}

/// The Dirichlet concentration of the smoothing; half of it is added to each outcome.
const CONCENTRATION: f64 = 1.0;

/// The manuals.
pub(super) fn checks() -> Vec<&'static Meta> {
    vec![&DifferentialFairness::META, &LabelDifferentialFairness::META, &BiasAmplification::META]
}

/// The largest log ratio, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Epsilon {
    /// The largest log ratio, 0 and up.
    pub value: f64,
    /// Whether the ratio is that of the positive outcome.
    pub positive: bool,
    /// Position and smoothed rate of the positive outcome: the lowest group, then the highest.
    pub extremes: [(usize, f64); 2],
}

/// The smoothed differential fairness of groups, each given as `(positive weight, weight)`.
///
/// Both outcomes are most unequal between the groups of the lowest and of the highest rate, so no
/// other pair needs a look. The first group decides where several are equal.
///
/// # Errors
/// [`Undefined::OneGroup`] for fewer than two groups.
pub fn epsilon(groups: &[(f64, f64)]) -> Result<Epsilon, Undefined> {
    let smoothed = |(i, &(positive, all)): (usize, &(f64, f64))| {
        (i, (positive + CONCENTRATION / 2.0) / (all + CONCENTRATION))
    };
    let rates: Vec<(usize, f64)> = groups.iter().enumerate().map(smoothed).collect();
    let [first, second, ..] = rates[..] else { return Err(Undefined::OneGroup) };
    let low = rates.iter().fold(first, |low, rate| if rate.1 < low.1 { *rate } else { low });
    let high = rates.iter().fold(first, |high, rate| if rate.1 > high.1 { *rate } else { high });
    let high = if high.0 == low.0 { second } else { high };
    let of_positive = high.1.ln() - low.1.ln();
    let of_negative = (1.0 - low.1).ln() - (1.0 - high.1).ln();
    let positive = of_positive >= of_negative;
    let value = of_positive.max(of_negative);
    Ok(Epsilon { value, positive, extremes: [low, high] })
}

/// Decisions, labels, and how the two differ, over the groups of one grouping.
pub(super) fn findings(
    frame: &Frame,
    (groups, levels): (&Groups, &[Tally]),
    options: &Options,
) -> Vec<Finding> {
    let part = taking_part(levels, options.min_group_size);
    let pairs = |of: fn(&Tally) -> f64| -> Vec<(f64, f64)> {
        part.iter().map(|&level| (of(&levels[level]), levels[level].total())).collect()
    };
    let decisions = epsilon(&pairs(|level| level.predicted(true)));
    let labels = epsilon(&pairs(|level| level.actual(true)));
    let n = part.iter().map(|&level| levels[level].rows()).sum();
    let subject = Subject {
        split: Some(frame.split.name().to_owned()),
        by: groups.features().to_vec(),
        ..Subject::default()
    };
    let ids: Vec<_> = groups.ids().collect();
    let named = |epsilon: &Epsilon| {
        let cell = |(at, rate): (usize, f64)| {
            let level = part[at];
            let (name, n) = (groups.label(ids[level]), levels[level].rows());
            Cell { name, value: Some(rate), n }
        };
        let name = if epsilon.positive { "extremes_of_positives" } else { "extremes_of_negatives" };
        Evidence::Numbers { name: name.to_owned(), cells: epsilon.extremes.map(cell).into() }
    };
    let small = small_groups(groups, levels, options.min_group_size);
    let finding = |meta: &'static Meta, value, evidence: Option<Evidence>| {
        let finding = Finding::new(meta, Stage::Fairness, subject.clone(), value, n);
        [evidence, small.clone()].into_iter().flatten().fold(finding, Finding::with)
    };
    let value = |epsilon: &Result<Epsilon, Undefined>| epsilon.clone().map(|found| found.value);
    let evidence = |epsilon: &Result<Epsilon, Undefined>| epsilon.as_ref().ok().map(named);
    let amplified = value(&decisions).and_then(|of| Ok(of - value(&labels)?));
    let all = [
        finding(&DifferentialFairness::META, value(&decisions), evidence(&decisions)),
        finding(&LabelDifferentialFairness::META, value(&labels), evidence(&labels)),
        finding(&BiasAmplification::META, amplified, None),
    ];
    all.into_iter().filter(|found| options.wants(&found.check)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Split;

    #[test]
    fn two_groups_by_hand() {
        // (3 + ½)/(4 + 1) = 0.7 and (1 + ½)/5 = 0.3: both ratios are 7/3.
        let found = epsilon(&[(3.0, 4.0), (1.0, 4.0)]).unwrap();
        assert!((found.value - (7.0_f64 / 3.0).ln()).abs() < 1e-15);
        assert_eq!(found.extremes.map(|(at, _)| at), [1, 0]);
        // 0.9 and 0.5: 9/5 of the positives, 5 of the negatives.
        let found = epsilon(&[(4.0, 4.0), (2.0, 4.0)]).unwrap();
        assert!((found.value - 5.0_f64.ln()).abs() < 1e-14);
        assert!(!found.positive);
        // 0.1 and 0.5: 5 of the positives, 9/5 of the negatives.
        let found = epsilon(&[(0.0, 4.0), (2.0, 4.0)]).unwrap();
        assert!((found.value - 5.0_f64.ln()).abs() < 1e-14);
        assert!(found.positive);
    }

    #[test]
    fn what_the_labels_show_is_subtracted() {
        let names = [Some("a"), Some("a"), Some("b"), Some("b")];
        let frame = Frame {
            split: Split::Test,
            y_true: vec![true, true, true, false],
            y_pred: vec![true, true, false, false],
            score: None,
            weight: None,
            groups: vec![Groups::encode("g", &names)],
        };
        let levels = Tally::by_level(&crate::fairness::Rows::of(&frame), &frame.groups[0]);
        let found = findings(&frame, (&frame.groups[0], &levels), &Options::default());
        // Decisions 2.5/3 and 0.5/3: ln 5; labels 2.5/3 and 1.5/3, of the negatives ln 3.
        let wanted = [5.0_f64.ln(), 3.0_f64.ln(), (5.0_f64 / 3.0).ln()];
        for (f, wanted) in found.iter().zip(wanted) {
            assert!((f.value.clone().unwrap() - wanted).abs() < 1e-14, "{:?}", f.value);
            assert_eq!(f.subject.split.as_deref(), Some(Split::Test.name()));
        }
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn no_other_pair_is_worse() {
        let groups = [(3.0, 9.0), (0.0, 2.0), (7.0, 7.0), (1.5, 4.0), (2.0, 30.0)];
        let rate = |(positive, all): (f64, f64)| (positive + 0.5) / (all + 1.0);
        let mut worst = 0.0_f64;
        for a in groups {
            for b in groups {
                let (a, b) = (rate(a), rate(b));
                worst = worst.max((a / b).ln().abs()).max(((1.0 - a) / (1.0 - b)).ln().abs());
            }
        }
        assert!((epsilon(&groups).unwrap().value - worst).abs() < 1e-14);
    }

    #[test]
    fn equal_groups_are_at_zero_and_one_group_has_no_number() {
        let equal = epsilon(&[(1.0, 4.0), (1.0, 4.0)]).unwrap();
        assert!(equal.value.abs() < 1e-15);
        assert_eq!(equal.extremes.map(|(at, _)| at), [0, 1]);
        assert_eq!(epsilon(&[(1.0, 4.0)]), Err(Undefined::OneGroup));
        assert_eq!(epsilon(&[]), Err(Undefined::OneGroup));
    }

    #[test]
    fn the_pair_is_named_and_small_groups_take_no_part() {
        let names = [Some("a"), Some("a"), Some("b"), Some("b"), Some("c")];
        let frame = Frame {
            split: Split::Test,
            y_true: vec![true, false, true, false, true],
            y_pred: vec![true, true, false, false, false],
            score: None,
            weight: None,
            groups: vec![Groups::encode("g", &names)],
        };
        let options = Options { min_group_size: 2, ..Options::default() };
        let levels = Tally::by_level(&crate::fairness::Rows::of(&frame), &frame.groups[0]);
        let found = findings(&frame, (&frame.groups[0], &levels), &options);
        // 2.5/3 against 0.5/3: ln 5; the labels are alike.
        assert!((found[0].value.clone().unwrap() - 5.0_f64.ln()).abs() < 1e-14);
        assert!((found[2].value.clone().unwrap() - 5.0_f64.ln()).abs() < 1e-14);
        let Evidence::Numbers { cells, .. } = &found[0].evidence[0] else { panic!() };
        assert_eq!([cells[0].name.as_str(), cells[1].name.as_str()], ["b", "a"]);
        let Evidence::Numbers { name, .. } = &found[0].evidence[1] else { panic!() };
        assert_eq!((name.as_str(), found[0].n), ("excluded_small_groups", 4));
    }
}
