//! What can be searched for, and the manuals of its two checks.

use crate::domain::{Confusion, Ideal, Meta};

/// A rate by which slices are compared with the other rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Searched {
    /// Share predicted positive; both directions are looked for.
    SelectionRate,
    /// Share of right decisions; lower is worse.
    Accuracy,
    /// Share of the actual positives that is found; lower is worse.
    TruePositiveRate,
    /// Share of the actual negatives that is taken for positive; higher is worse.
    FalsePositiveRate,
}

/// The check of a single slice.
macro_rules! gap {
    ($code:literal, $metric:literal, $direction:literal) => {
        Meta {
            code: $code,
            name: concat!($metric, "_slice_gap"),
            ideal: Ideal::Zero,
            explain: concat!(
                "Difference of `", $metric, "` between one slice of the rows and all other rows; only \
                 slices that differ beyond chance are listed, the largest certain gap first.\n\n\
                 **Formula** `m(slice) − m(other rows), m = ", $metric, "`. **Range** -1 to 1. \
                 **Ideal** 0; ", $direction, ".\n\
                 **Undefined** never; a slice without a rate cannot be found.\n\
                 **Interval** Newcombe's square-and-add of the Clopper–Pearson limits of both rates, \
                 each at one minus the level of each test, so that all intervals of the search hold \
                 at once as often as the confidence says; it is wider than the test and may reach 0.\n\
                 **Listed** is a slice that rejects (see `", $metric, "_slices`), unless it holds the \
                 same rows as a slice with fewer conditions; or a slice with some of its conditions \
                 rejects in the same direction and it is not itself worse than the rest of that \
                 slice, by the same test at the same level; or it no longer rejects once the rows of \
                 the slices listed before it are set aside.\n\
                 **Source** Fisher 1935, The Design of Experiments, §12; Newcombe 1998, Statistics in \
                 Medicine 17, 873–890; Clopper and Pearson 1934, Biometrika 26, 404–413.\n\
                 **Peer** none with a corrected interval; `aif360.detectors.bias_scan` gives one slice \
                 without.\n"
            ),
        }
    };
}

/// The check of the search as a whole.
macro_rules! slices {
    ($code:literal, $metric:literal, $rows:literal, $direction:literal) => {
        Meta {
            code: $code,
            name: concat!($metric, "_slices"),
            ideal: Ideal::Zero,
            explain: concat!(
                "Number of slices whose `", $metric, "` differs from that of the other rows beyond \
                 chance; ", $direction, ".\n\n\
                 **Formula** `#{slices S: p(S) ≤ α / (M k)}`: S runs over all combinations of levels of \
                 at most `max_depth` features with at least `min_support` rows; p is twice the tail of \
                 the hypergeometric distribution on the observed side, of S against the other rows, \
                 among ", $rows, "; α is one minus the confidence, M the number of metrics searched, \
                 and k the smallest whole number for which at most k slices can reach α / (M k) with \
                 their margins (Tarone). Slices of the same rows as one with fewer conditions, and the \
                 larger of two levels that share all rows, are not counted in k.\n\
                 **Range** 0 and up. **Ideal** 0. **Undefined** `NotRun` when no feature is declared or \
                 the rows carry weights.\n\
                 **Guarantee** given which rows each slice holds and how many of all rows count, the \
                 p-value of a slice that does not differ is at most δ with chance at most δ, and a \
                 slice that cannot reach the level never rejects; so the chance of any false rejection \
                 among all slices and metrics is at most M · k · α / (M k) = α (Bonferroni). Rows are \
                 taken to be independent.\n\
                 **Interval** none; the count follows from tests at a level corrected for the whole \
                 search.\n\
                 **Source** Tarone 1990, Biometrics 46, 515–522; Terada, Okada-Hatakeyama, Tsuda, Sese \
                 2013, PNAS 110, 12996–13001.\n\
                 **Peer** none; `aif360.detectors.bias_scan` and `FACTS` search without a guarantee.\n"
            ),
        }
    };
}

static GAPS: [Meta; 4] = [
    gap!("FA401", "selection_rate", "a slice above and a slice below the others are both listed"),
    gap!("FA402", "accuracy", "only slices below the others are listed"),
    gap!("FA403", "true_positive_rate", "only slices below the others are listed"),
    gap!("FA404", "false_positive_rate", "only slices above the others are listed"),
];

static COUNTS: [Meta; 4] = [
    slices!("FA411", "selection_rate", "all rows", "slices above and below the others both count"),
    slices!("FA412", "accuracy", "all rows", "only slices below the others count"),
    slices!(
        "FA413",
        "true_positive_rate",
        "the actual positives",
        "only slices below the others count"
    ),
    slices!(
        "FA414",
        "false_positive_rate",
        "the actual negatives",
        "only slices above the others count"
    ),
];

/// The manuals, gaps first.
pub(in crate::fairness) fn metas() -> impl Iterator<Item = &'static Meta> {
    GAPS.iter().chain(&COUNTS)
}

impl Searched {
    /// All of them, in the order of the findings.
    pub const ALL: [Self; 4] =
        [Self::SelectionRate, Self::Accuracy, Self::TruePositiveRate, Self::FalsePositiveRate];

    /// The metric's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.gap().name.trim_end_matches("_slice_gap")
    }

    fn at(self) -> usize {
        match self {
            Self::SelectionRate => 0,
            Self::Accuracy => 1,
            Self::TruePositiveRate => 2,
            Self::FalsePositiveRate => 3,
        }
    }

    /// The check of one slice.
    pub(super) fn gap(self) -> &'static Meta {
        &GAPS[self.at()]
    }

    /// The check of the search.
    pub(super) fn count(self) -> &'static Meta {
        &COUNTS[self.at()]
    }

    /// Rows that count, and rows of the denominator.
    pub(super) fn share(self, c: Confusion) -> (u64, u64) {
        match self {
            Self::SelectionRate => (c.selected(), c.n()),
            Self::Accuracy => (c.tp + c.tn, c.n()),
            Self::TruePositiveRate => (c.tp, c.positives()),
            Self::FalsePositiveRate => (c.fp, c.negatives()),
        }
    }

    /// Whether a gap of this sign is looked for.
    pub(super) fn is_worse(self, gap: f64) -> bool {
        match self {
            Self::SelectionRate => true,
            Self::Accuracy | Self::TruePositiveRate => gap < 0.0,
            Self::FalsePositiveRate => gap > 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_metric_has_its_name_its_codes_and_its_direction() {
        let names = ["selection_rate", "accuracy", "true_positive_rate", "false_positive_rate"];
        assert_eq!(Searched::ALL.map(Searched::name), names);
        let codes = Searched::ALL.map(|metric| (metric.gap().code, metric.count().code));
        let expected =
            [("FA401", "FA411"), ("FA402", "FA412"), ("FA403", "FA413"), ("FA404", "FA414")];
        assert_eq!(codes, expected);
        let worse = |gap: f64| Searched::ALL.map(|metric| metric.is_worse(gap));
        assert_eq!(worse(-0.1), [true, true, true, false]);
        assert_eq!(worse(0.1), [true, false, false, true]);
        assert_eq!(worse(0.0)[1..], [false, false, false]);
    }
}
