//! `fairness.slices`: the search for the worst slices.

use super::keys::{NONE, fixed, key, table};
use super::raw::Raw;
use super::resolve::{Resolver, size, undeclared};
use super::shape::{Kind, Names, Need, Table};
use serde::Serialize;

/// `fairness.slices:`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Slices {
    /// Features to combine; empty means all declared ones.
    pub features: Vec<String>,
    /// Most conditions of a slice, 1 to 3.
    pub max_depth: usize,
    /// Fewest rows of a slice.
    pub min_support: u64,
    /// Names of the rates to compare; empty means all that can be.
    pub metrics: Vec<String>,
    /// Most slices listed per rate.
    pub report: usize,
}

pub(super) static SLICES: Table = table(
    &[
        key(
            "features",
            Kind::List(&Kind::Text),
            NONE,
            "features of `dataset.groups` to combine; all of them where none is named",
        ),
        key("max_depth", Kind::Count(1, 3), Need::Default("3"), "most conditions of a slice"),
        key("min_support", Kind::Count(1, u64::MAX), Need::Default("30"), "fewest rows of a slice"),
        key(
            "metrics",
            Kind::List(&Kind::Name(&SEARCHED)),
            Need::Default("[selection_rate, accuracy, true_positive_rate, false_positive_rate]"),
            "rates to compare; the more, the stricter each test",
        ),
        key("report", Kind::Count(1, 1000), Need::Default("10"), "most slices listed per rate"),
    ],
    &["effect_size"],
);

static SEARCHED: Names = fixed(
    "a rate to search by",
    &["selection_rate", "accuracy", "true_positive_rate", "false_positive_rate"],
);

impl Resolver<'_> {
    /// `fairness.slices:`.
    pub(super) fn slices(&mut self, raw: &Raw, declared: &[&str]) -> Slices {
        for feature in raw.get("features").map(Raw::items).unwrap_or_default() {
            let Some(name) = feature.word() else { continue };
            if !declared.contains(&name.as_str()) {
                let help = undeclared(&name, declared);
                let label = "`dataset.groups` does not name this feature";
                self.report_at("CF012", "undeclared group", &feature.place, (label, &help));
            }
        }
        Slices {
            features: raw.words_at("features"),
            max_depth: size(raw.count_at("max_depth"), 3),
            min_support: raw.count_at("min_support").unwrap_or(30),
            metrics: raw.words_at("metrics"),
            report: size(raw.count_at("report"), 10),
        }
    }
}
