//! The parts that the manuals of a task's measures and their comparisons share.

/// The manual of a measure: code, name, ideal, ideal in words; what it is, formula, range, when it does
/// not exist, interval, source, the peer's own function.
macro_rules! own {
    ($code:literal $name:literal $ideal:ident $best:literal $summary:literal, $formula:expr,
     $range:literal, $undefined:literal, $interval:expr, $source:expr, $peer:literal) => {
        $crate::domain::Meta {
            code: $code,
            name: $name,
            ideal: $crate::domain::Ideal::$ideal,
            explain: concat!(
                $summary,
                "\n\n**Formula** ",
                $formula,
                ". **Range** ",
                $range,
                ". **Ideal** ",
                $best,
                ".\n**Undefined** ",
                $undefined,
                ".\n**Interval** ",
                $interval,
                ".\n**Source** ",
                $source,
                ".\n**Peer** ",
                $peer,
                ".\n"
            ),
        }
    };
}

/// How the interval of a comparison is made.
macro_rules! gap_interval {
    (difference share) => {
        simultaneous!("by Newcombe's hybrid score method, with weights from both groups' intervals")
    };
    (ratio share) => {
        simultaneous!(
            "by Koopman's score method, with weights from both groups' intervals, smallest in \
             place of largest"
        )
    };
    ($aggregate:ident none) => {
        "none; the measure has none itself"
    };
    (difference own) => {
        simultaneous!("from both groups' own intervals (Zou and Donner 2008)")
    };
    (ratio own) => {
        simultaneous!(
            "from both groups' own intervals (Donner and Zou 2012), smallest in place of largest"
        )
    };
}

/// The manual of the largest difference of a measure between two groups.
macro_rules! difference_of {
    ($code:literal $name:literal $range:literal $how:ident) => {
        $crate::domain::Meta {
            code: $code,
            name: concat!($name, "_difference"),
            ideal: $crate::domain::Ideal::Zero,
            explain: concat!(
                "Largest difference of `", $name, "` between two groups.\n\n**Formula** ",
                "`max_g m(g) − min_g m(g), m = ", $name, "`. **Range** ", $range,
                ". **Ideal** 0.\n**Undefined** ", groups!(), ".\n**Interval** ",
                gap_interval!(difference $how),
                ". **Pairs** with a declared reference group, also one signed finding per other \
                 group, `m(group) − m(reference)`, with the interval of that pair.\n**Source** \
                 Bird et al. 2020, Fairlearn, MSR-TR-2020-32; for the measure see its own page.\n",
                "**Peer** `fairlearn.metrics.MetricFrame.difference`.\n"
            ),
        }
    };
}

/// The manual of the smallest ratio of a measure between two groups.
macro_rules! ratio_of_groups {
    ($code:literal $name:literal $how:ident) => {
        $crate::domain::Meta {
            code: $code,
            name: concat!($name, "_ratio"),
            ideal: $crate::domain::Ideal::One,
            explain: concat!(
                "Smallest ratio of `", $name, "` between two groups.\n\n**Formula** ",
                "`min_g m(g) / max_g m(g), m = ", $name, "`. **Range** 0 to 1. **Ideal** 1.\n",
                "**Undefined** `ZeroDenominator` when the measure is 0 in all groups, `NotRun` when \
                 a value is below 0. ", groups!(), ".\n**Interval** ", gap_interval!(ratio $how),
                ". **Pairs** with a declared reference group, also one finding per other group, \
                 `m(group) / m(reference)`, which may exceed 1, with the interval of that pair.\n\
                 **Source** Bird et al. 2020, Fairlearn, MSR-TR-2020-32; for the measure see its \
                 own page.\n**Peer** `fairlearn.metrics.MetricFrame.ratio`.\n"
            ),
        }
    };
}

/// A measure with its comparisons: code of the difference, its range and what its interval follows
/// from, and the code of the ratio where there is one.
macro_rules! measure {
    ($meta:expr, $name:literal; $difference:literal $range:literal $how:ident $(; $ratio:literal)?) => {
        $crate::fairness::measures::Measure {
            meta: &$meta,
            difference: Some(&difference_of!($difference $name $range $how)),
            ratio: measure!(@ratio $name $how $($ratio)?),
        }
    };
    (@ratio $name:literal $how:ident) => { None };
    (@ratio $name:literal $how:ident $code:literal) => {
        Some(&ratio_of_groups!($code $name $how))
    };
}
