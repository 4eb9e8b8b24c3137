//! The charts of a record, and what they share.

use super::curve_charts;
#[cfg(feature = "plots")]
use super::fairness_charts;
use super::figure::Scale;
use super::phrase::Phrases;
use super::row_charts;
use super::training_chart;
use super::{Cell, Table};
use crate::domain::Finding;

pub(super) use super::heat_chart::heat;
pub(super) use super::noisy::epsilon;
pub(super) use curve_charts::roc;
pub(super) use row_charts::{disparity, groups, violations};
pub(super) use training_chart::training;

/// Every chart, in the order of the report.
#[cfg(feature = "plots")]
pub(super) fn all(p: &Phrases<'_>) -> Vec<super::Figure> {
    let of = |grouping| [groups(p, &grouping), heat(p, &grouping)];
    let mut figures: Vec<super::Figure> =
        p.record.groupings().into_iter().flat_map(of).flatten().collect();
    figures.extend(disparity(p));
    figures.extend(fairness_charts::all(p));
    figures.extend(roc(p));
    figures.extend(super::leak_charts::all(p));
    let rest = [epsilon(p), violations(p), training(p)];
    figures.extend(rest.into_iter().flatten());
    figures
}

/// The numbers of a chart of rows.
pub(super) fn numbers(p: &Phrases<'_>, caption: &str, rows: &[(String, &Finding)]) -> Table {
    let w = p.words;
    let mut table = Table::new(caption, &[w.row_of_chart, w.measured_value, w.n]);
    for (label, finding) in rows {
        let name = Cell::quote(label.clone());
        table.rows.push(vec![name, p.number(finding), Cell::count(finding.n)]);
    }
    table
}

/// An axis from 0 that ends at a round number just above `high`.
pub(super) fn from_zero(high: f64) -> Scale {
    let ends = [0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0];
    let above = ends.into_iter().find(|&end| high <= end).unwrap_or_else(|| high.max(1e-9) * 1.1);
    Scale::Linear { low: 0.0, high: above }
}

/// A file name from a grouping: letters and digits, everything else a hyphen.
pub(super) fn slug(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let mapped: String = text.chars().map(plain).collect();
    let parts: Vec<&str> = mapped.split('-').filter(|part| !part.is_empty()).collect();
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_a_safe_file_name() {
        assert_eq!(slug("Sex × skin_tone"), "sex-skin-tone");
        assert_eq!(slug("../../etc"), "etc");
        assert_eq!(slug("性别"), "");
    }

    #[test]
    fn an_axis_ends_at_a_round_number() {
        assert_eq!(from_zero(0.33), Scale::Linear { low: 0.0, high: 0.4 });
        assert_eq!(from_zero(0.0), Scale::Linear { low: 0.0, high: 0.01 });
    }
}
