//! The parts that the manuals of all comparisons share.

use super::aggregate::Aggregate;
use crate::domain::Ideal;

/// The best value of a comparison.
pub(super) const fn ideal(aggregate: Aggregate) -> Ideal {
    match aggregate {
        Aggregate::Difference => Ideal::Zero,
        Aggregate::Ratio => Ideal::One,
    }
}

/// The rule on groups that all manuals share.
macro_rules! groups {
    () => {
        "`GroupUndefined` when a group with rows has no value itself; the evidence \
         `over_defined_groups` then holds the value of the other groups. `NoScores` when the \
         predictions carry no score but the metric needs one. `OneGroup` when fewer than two \
         groups are left: a group below the declared minimum size takes no part and is named in \
         the evidence `excluded_small_groups`, and a level without rows takes no part because \
         nobody is in it"
    };
}

macro_rules! simultaneous {
    ($two:literal) => {
        concat!(
            "of the worst pair out of all, so it accounts for the extremes having been picked: \
             it lies between the largest lower and the largest upper end of all pairs of groups, ",
            $two,
            ", each with the critical value of the studentized range with which all pairs hold \
             together (Agresti, Bini, Bertaccini, Ryu 2008, Biometrics 64, 1270–1275); several \
             metrics share the error evenly. It covers at least its level, and with two groups it \
             is the usual one; none where a group has no interval of its own"
        )
    };
}

/// The interval of a comparison: its aggregate, what its metrics rest on, and how it is made.
macro_rules! interval {
    ($aggregate:ident portion $how:ident) => {
        "none; the shares of one whole are not independent"
    };
    ($aggregate:ident biased Worst) => {
        "none; few rows bias the metric, and drawing them again repeats the bias"
    };
    (Difference share Worst) => {
        simultaneous!("by Newcombe's hybrid score method, with weights from both groups' intervals")
    };
    (Ratio share Worst) => {
        simultaneous!(
            "by Koopman's score method, with weights from both groups' intervals, smallest in \
             place of largest"
        )
    };
    (Difference $basis:ident Worst) => {
        simultaneous!("from both groups' own intervals (Zou and Donner 2008)")
    };
    (Ratio $basis:ident Worst) => {
        simultaneous!(
            "from both groups' own intervals (Donner and Zou 2012), smallest in place of largest"
        )
    };
    (Difference share ToOverall) => {
        "Newcombe's of the group and all other rows, times the share of the other rows, as if the \
         group had been named beforehand; none with weights"
    };
    (Difference area Pairwise) => {
        "bootstrap of each class of each group, 500 draws: how far the difference of two curves moves \
         bounds how far the area is off, by the triangle inequality; at least its level. None with fewer \
         than ten rows of a class in a group, with weights, or within strata"
    };
    ($aggregate:ident $basis:ident $how:ident) => {
        "none; no closed form is at hand"
    };
}

/// The range of an unsigned comparison.
macro_rules! range {
    (Difference signed) => {
        "0 to 2"
    };
    (Difference loss) => {
        "0 and up"
    };
    ($aggregate:ident $basis:ident) => {
        "0 to 1"
    };
}

/// What else makes a comparison undefined.
macro_rules! undefined {
    (Ratio signed) => {
        concat!(
            "`NotRun` when a value is below 0, where a ratio says nothing. ",
            undefined!(Ratio share)
        )
    };
    (Ratio $basis:ident) => {
        "`ZeroDenominator` when the metric is 0 on both sides. "
    };
    (Difference bins) => {
        "`NotRun` when two groups have no bin in common. "
    };
    (Difference $basis:ident) => {
        ""
    };
}

/// What is said of pairs with a reference group.
macro_rules! pairs {
    ($aggregate:ident Absent $how:ident) => {
        ""
    };
    ($aggregate:ident Signed Pairwise) => {
        ". **Pairs** with a declared reference group, also one finding per other group, without sign"
    };
    (Difference Signed $how:ident) => {
        ". **Pairs** with a declared reference group, also one signed finding per other group, \
         `m(group) − m(reference)`, with the interval of that pair; `GroupUndefined` when one of the \
         two has no value"
    };
    (Ratio Signed $how:ident) => {
        ". **Pairs** with a declared reference group, also one finding per other group, \
         `m(group) / m(reference)`, which may exceed 1, with the interval of that pair and \
         `min(r, 1/r)` as evidence; `GroupUndefined` when one of the two has no value"
    };
}

/// One line of the table that has a name of its own.
macro_rules! named {
    ($aggregate:ident $basis:ident $pairs:ident $how:ident $(($distance:expr))?, $code:expr,
     $name:expr, [$($metric:expr),*], $summary:expr, $formula:expr, $source:expr, $peer:expr) => {
        Comparison {
            meta: Meta {
                code: $code,
                name: $name,
                ideal: ideal(Aggregate::$aggregate),
                explain: concat!(
                    $summary, "\n\n**Formula** `", $formula, "`. **Range** ",
                    range!($aggregate $basis), ". **Ideal** ",
                    best!($aggregate), ".\n**Undefined** ",
                    undefined!($aggregate $basis), groups!(), ".\n**Interval** ",
                    interval!($aggregate $basis $how), pairs!($aggregate $pairs $how),
                    ".\n**Source** ", $source, ".\n**Peer** ", $peer, ".\n"
                ),
            },
            metrics: &[$(&$metric),*],
            aggregate: Aggregate::$aggregate,
            pairs: Pairs::$pairs,
            how: How::$how $(($distance))?,
        }
    };
}

/// The best value in words.
macro_rules! best {
    (Difference) => {
        "0"
    };
    (Ratio) => {
        "1"
    };
}

/// A comparison of a base metric under the metric's own name.
macro_rules! generic {
    (difference $number:literal $name:literal $metric:ident $basis:ident) => {
        named!(
            Difference $basis Signed Worst, concat!("FA1", $number),
            concat!($name, "_difference"), [$metric],
            concat!("Largest difference of `", $name, "` between two groups."),
            concat!("max_g m(g) − min_g m(g), m = ", $name), bird!(),
            "`fairlearn.metrics.MetricFrame.difference`"
        )
    };
    (ratio $number:literal $name:literal $metric:ident $basis:ident) => {
        named!(
            Ratio $basis Signed Worst, concat!("FA2", $number),
            concat!($name, "_ratio"), [$metric],
            concat!("Smallest ratio of `", $name, "` between two groups."),
            concat!("min_g m(g) / max_g m(g), m = ", $name), bird!(),
            "`fairlearn.metrics.MetricFrame.ratio`"
        )
    };
    (difference_to_overall $number:literal $name:literal $metric:ident $basis:ident) => {
        named!(
            Difference $basis Absent ToOverall, concat!("FA6", $number),
            concat!($name, "_difference_to_overall"), [$metric],
            concat!("Largest difference of `", $name, "` between a group and the whole population."),
            concat!("max_g |m(g) − m(all rows)|, m = ", $name), bird!(),
            "`fairlearn.metrics.MetricFrame.difference(method=\"to_overall\")`"
        )
    };
    (ratio_to_overall $number:literal $name:literal $metric:ident $basis:ident) => {
        named!(
            Ratio $basis Absent ToOverall, concat!("FA9", $number),
            concat!($name, "_ratio_to_overall"), [$metric],
            concat!(
                "Smallest ratio of `", $name,
                "` of a group and of the whole population, the smaller over the larger."
            ),
            concat!("min_g min(r, 1/r), r = m(g) / m(all rows), m = ", $name), bird!(),
            "`fairlearn.metrics.MetricFrame.ratio(method=\"to_overall\")`"
        )
    };
}

macro_rules! bird {
    () => {
        "Bird et al. 2020, Fairlearn, MSR-TR-2020-32; for the metric see its own page"
    };
}

/// The comparisons with a name of their own, then four of each base metric.
macro_rules! table {
    ([$($named:expr,)*] $($number:literal $name:literal $metric:ident $basis:ident;)*) => {
        /// All comparisons, in the order of the findings.
        pub static COMPARISONS: &[Comparison] = &[
            $($named,)*
            $(
                generic!(difference $number $name $metric $basis),
                generic!(ratio $number $name $metric $basis),
                generic!(difference_to_overall $number $name $metric $basis),
                generic!(ratio_to_overall $number $name $metric $basis),
            )*
        ];
    };
}
