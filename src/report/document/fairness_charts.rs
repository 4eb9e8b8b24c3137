//! The curves of the groups' scores, and what the threshold does to a comparison.

use super::fairness::rows_of;
use super::fairness_slices::part;
use super::figure::{Drawing, Figure, Guide, GuideKind, LinePanel, Lines, Scale, Series};
use super::phrase::Phrases;
use super::record::Grouping;
use super::row_charts::grouping_slug;
use super::{Cell, Kind, Table};
use crate::domain::{Bound, Evidence, Finding, Stage};
use crate::report::number;
use crate::report::words::{FairnessWords, fill};

/// Curves that can be told apart, groupings that are drawn (fewer where there are many,
/// none beyond twelve), and panels of one chart.
const MOST_CURVES: usize = 4;
const ALL_GROUPINGS: usize = 12;
const MOST_GROUPINGS: (usize, usize) = (0, 4);
const MOST_PANELS: usize = 2;

/// Every chart of this kind, in the order of the report.
pub(super) fn all(p: &Phrases<'_>) -> Vec<Figure> {
    let groupings = p.record.groupings();
    let charts = |g: &Grouping<'_>| [scores(p, g), thresholds(p, g)];
    groupings
        .iter()
        .take(p.record.share(ALL_GROUPINGS, MOST_GROUPINGS))
        .flat_map(charts)
        .flatten()
        .collect()
}

/// Findings of one grouping, by check.
pub(super) fn of<'a>(
    p: &Phrases<'a>,
    by: &[String],
    check: &'static str,
) -> impl Iterator<Item = &'a Finding> {
    let by = by.to_vec();
    p.record.of(Stage::Fairness).filter(move |f| f.check == check && f.subject.by == by)
}

/// A curve of a finding by name.
fn curve(finding: &Finding, of: &str) -> Option<Vec<(f64, f64)>> {
    finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Curve { name, x, y } if name == of && !x.is_empty() => {
            Some(x.iter().copied().zip(y.iter().copied()).collect())
        }
        _ => None,
    })
}

/// Label and rows of the groups, the largest first.
fn labels(grouping: &Grouping<'_>) -> Vec<(String, u64)> {
    let of = |(key, measures): &(&crate::domain::GroupKey, _)| {
        let parts: Vec<String> = grouping.by.iter().filter_map(|f| key.get(f)).cloned().collect();
        let measures: &std::collections::BTreeMap<&str, &Finding> = measures;
        (parts.join("|"), rows_of(measures.values().copied()).unwrap_or(0))
    };
    let mut labels: Vec<(String, u64)> = grouping.groups.iter().map(of).collect();
    labels.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    labels
}

/// ROC and reliability of the largest groups.
fn scores(p: &Phrases<'_>, grouping: &Grouping<'_>) -> Option<Figure> {
    let w = FairnessWords::of(p.language);
    let roc = of(p, grouping.by, "roc_gap").next()?;
    let reliability = of(p, grouping.by, "reliability_gap").next()?;
    let labels = labels(grouping);
    let series = |finding: &Finding, kind: &str| -> Vec<Series> {
        let shown = |(label, n): &(String, u64)| {
            let facts = [("name", label.replace('|', " | ")), ("n", n.to_string())];
            let points = curve(finding, &format!("{kind} {label}"))?;
            Some(Series { name: fill(p.words.series_n, &facts), points })
        };
        labels.iter().filter_map(shown).take(MOST_CURVES).collect()
    };
    let left = series(roc, "roc");
    if left.is_empty() {
        return None;
    }
    let facts = [
        ("by", grouping.name()),
        ("roc", p.value(&roc.value)),
        ("reliability", p.value(&reliability.value)),
    ];
    let title = fill(w.scores_title, &facts);
    let mut how = w.scores_how.to_owned();
    if labels.len() > MOST_CURVES {
        let facts = [("shown", MOST_CURVES.to_string()), ("all", labels.len().to_string())];
        how = p.language.sentences(&[how, fill(w.largest_groups, &facts)]);
    }
    let table = reliability_table(p, &title, reliability, &labels);
    let panels = vec![
        unit_panel([w.roc_x, w.roc_y], left, Some(w.diagonals)),
        unit_panel(
            [w.reliability_x, w.reliability_y],
            series(reliability, "reliability"),
            Some(w.diagonals),
        ),
    ];
    let name = format!("scores-{}", grouping_slug(p, grouping.by));
    Some(Figure { name, title, how, table, drawing: Drawing::Lines(Lines { panels }) })
}

/// A panel whose axes both go from 0 to 1.
fn unit_panel([x, y]: [&str; 2], series: Vec<Series>, diagonal: Option<&str>) -> LinePanel {
    let unit = Scale::Linear { low: 0.0, high: 1.0 };
    LinePanel {
        y_title: y.to_owned(),
        x_title: x.to_owned(),
        x: unit,
        y: unit,
        series,
        guides: Vec::new(),
        levels: Vec::new(),
        diagonal: diagonal.map(str::to_owned),
        band: Vec::new(),
    }
}

/// A row per group and bin: mean score, share of positives, rows.
fn reliability_table(
    p: &Phrases<'_>,
    title: &str,
    finding: &Finding,
    labels: &[(String, u64)],
) -> Table {
    let w = FairnessWords::of(p.language);
    let caption = fill(p.words.numbers_of, &[("chart", title.to_owned())]);
    let head = [p.words.group, w.reliability_x, w.reliability_y, p.words.n];
    let mut table = Table::new(caption, &head);
    for (label, _) in labels.iter().take(MOST_CURVES) {
        let bins = format!("bins {label}");
        let rows = finding.evidence.iter().find_map(|e| match e {
            Evidence::Numbers { name, cells } if *name == bins => Some(cells.as_slice()),
            _ => None,
        });
        let points = curve(finding, &format!("reliability {label}")).unwrap_or_default();
        for ((x, y), bin) in points.into_iter().zip(rows.unwrap_or_default()) {
            let number = |value| Cell::new(Kind::Number, number::number(value));
            let name = Cell::quote(label.replace('|', " | "));
            table.rows.push(vec![name, number(x), number(y), Cell::count(bin.n)]);
        }
    }
    table
}

/// A comparison and the accuracy over the thresholds, a panel for each of the first two rules.
fn thresholds(p: &Phrases<'_>, grouping: &Grouping<'_>) -> Option<Figure> {
    let w = FairnessWords::of(p.language);
    let swept: Vec<&Finding> = of(p, grouping.by, "passing_thresholds")
        .filter(|f| curve(f, "value_by_threshold").is_some())
        .take(MOST_PANELS)
        .collect();
    let first = swept.first()?;
    let title = sweep_title(p, grouping, first);
    let caption = fill(p.words.numbers_of, &[("chart", title.clone())]);
    let mut table =
        Table::new(caption, &[w.threshold, w.comparison, p.words.value, p.words.accuracy]);
    for finding in &swept {
        let (value, accuracy) = (
            curve(finding, "value_by_threshold").unwrap_or_default(),
            curve(finding, "accuracy_by_threshold").unwrap_or_default(),
        );
        // About ten points; the record holds them all.
        let step = value.len().div_ceil(10).max(1);
        for ((x, value), (_, accuracy)) in value.into_iter().zip(accuracy).step_by(step) {
            let number = |value| Cell::new(Kind::Number, number::number(value));
            let name = Cell::words(compared(p, finding));
            table.rows.push(vec![number(x), name, number(value), number(accuracy)]);
        }
    }
    let panels = swept.iter().map(|finding| sweep_panel(p, finding)).collect();
    let name = format!("thresholds-{}", grouping_slug(p, grouping.by));
    let how = w.sweep_how.to_owned();
    Some(Figure { name, title, how, table, drawing: Drawing::Lines(Lines { panels }) })
}

/// The comparison that a sweep is about.
pub(super) fn compared(p: &Phrases<'_>, finding: &Finding) -> String {
    p.check(finding.subject.label.as_deref().unwrap_or_default())
}

/// The limit of a sweep.
pub(super) fn bound(finding: &Finding) -> Bound {
    let limit = part(finding, "limit", "limit").and_then(|c| c.value).unwrap_or(0.0);
    match &finding.subject.label {
        Some(check) if check.ends_with("_ratio") => Bound::AtLeast(limit),
        _ => Bound::AtMost(limit),
    }
}

fn sweep_title(p: &Phrases<'_>, grouping: &Grouping<'_>, finding: &Finding) -> String {
    let w = FairnessWords::of(p.language);
    let best = |name| part(finding, "most_accurate_passing_threshold", name).and_then(|c| c.value);
    let facts = [
        ("by", grouping.name()),
        ("check", compared(p, finding)),
        ("bound", number::bound(bound(finding))),
        ("share", number::percent(finding.value.as_ref().ok().copied().unwrap_or(0.0))),
        ("threshold", best("up_to").map(number::number).unwrap_or_default()),
        ("accuracy", best("accuracy").map(number::number).unwrap_or_default()),
    ];
    fill(if best("up_to").is_some() { w.sweep_title } else { w.sweep_title_none }, &facts)
}

fn sweep_panel(p: &Phrases<'_>, finding: &Finding) -> LinePanel {
    let w = FairnessWords::of(p.language);
    let check = compared(p, finding);
    let line =
        |name: String, of: &str| Series { name, points: curve(finding, of).unwrap_or_default() };
    let series = vec![
        line(check.clone(), "value_by_threshold"),
        line(p.words.accuracy.to_owned(), "accuracy_by_threshold"),
    ];
    let limit = bound(finding);
    let facts = [("check", check.clone()), ("bound", number::bound(limit))];
    let text = fill(w.sweep_limit, &facts);
    let reach = series.iter().flat_map(|s| &s.points).map(|(x, _)| *x);
    let (low, high) = reach.fold((0.0_f64, 1.0_f64), |(l, h), x| (l.min(x), h.max(x)));
    LinePanel {
        x: Scale::Linear { low, high },
        levels: vec![Guide { at: limit.limit(), kind: GuideKind::Limit, text }],
        ..unit_panel([w.threshold, &check], series, None)
    }
}
