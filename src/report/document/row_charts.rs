//! Charts with a row per group, comparison or rule.

use super::fairness::rows_of;
use super::figure::{Dot, Dots, Drawing, Figure, Guide, GuideKind, Panel, Scale, Signs};
use super::figures::{from_zero, numbers, slug};
use super::phrase::Phrases;
use super::record::Grouping;
use super::{Cell, Kind, Table};
use crate::domain::{Bound, Finding, Stage, Verdict};
use crate::report::number;
use crate::report::words::fill;

/// Rows that one chart has room for.
const MOST: usize = 24;

/// Panels of the chart of groups.
const PANELS: [&str; 3] = ["selection_rate", "true_positive_rate", "false_positive_rate"];

/// Comparisons that the chart of ratios always shows.
const RATIOS: [&str; 3] =
    ["demographic_parity_ratio", "equalized_odds_ratio", "equal_opportunity_ratio"];

/// Selection, true positive and false positive rates of the groups of one grouping.
pub(super) fn groups(p: &Phrases<'_>, grouping: &Grouping<'_>) -> Option<Figure> {
    let most = p.record.share(60, (4, MOST));
    let shown = &grouping.groups[..grouping.groups.len().min(most)];
    let find = |check: &str| -> Vec<Option<&Finding>> {
        shown.iter().map(|(_, measures)| measures.get(check).copied()).collect()
    };
    find(PANELS[0]).iter().flatten().next()?;
    let label = |levels: Vec<String>| levels.join(" | ");
    let labels: Vec<String> = shown
        .iter()
        .map(|(key, _)| label(grouping.by.iter().filter_map(|f| key.get(f)).cloned().collect()))
        .collect();
    let n = shown.iter().map(|(_, m)| rows_of(m.values().copied()).unwrap_or(0)).collect();
    let panels = PANELS.iter().map(|check| panel(p, grouping, check, &find(check))).collect();
    let mut how = p.words.groups_how.to_owned();
    if grouping.groups.len() > most {
        let facts = [("shown", most.to_string()), ("all", grouping.groups.len().to_string())];
        how = p.language.sentences(&[how, fill(p.words.first_rows, &facts)]);
    }
    let title = groups_title(p, grouping);
    let table = groups_table(p, &title, &labels, &PANELS.map(find));
    Some(Figure {
        name: format!("groups-{}", grouping_slug(p, grouping.by)),
        title,
        how,
        table,
        drawing: Drawing::Dots(Dots { labels, n, panels, signs: signs(p) }),
    })
}

/// A row per group, a column per panel.
fn groups_table(
    p: &Phrases<'_>,
    title: &str,
    labels: &[String],
    columns: &[Vec<Option<&Finding>>],
) -> Table {
    let names = PANELS.map(|check| p.check(check));
    let mut head = vec![p.words.group];
    head.extend(names.iter().map(String::as_str));
    let caption = fill(p.words.numbers_of, &[("chart", title.to_owned())]);
    let mut table = Table::new(caption, &head);
    for (i, label) in labels.iter().enumerate() {
        let absent = || Cell::new(Kind::Absent, p.words.not_measured);
        let number = |f: &Finding| p.number(f).below(format!("n\u{a0}=\u{a0}{}", f.n));
        let cells = columns.iter().map(|column| column[i].map_or_else(absent, number));
        table.rows.push(std::iter::once(Cell::quote(label.clone())).chain(cells).collect());
    }
    table
}

/// A part of a file name that no other grouping has.
pub(super) fn grouping_slug(p: &Phrases<'_>, by: &[String]) -> String {
    let names: Vec<String> = p.record.groupings().iter().map(|g| slug(&g.by.join("-"))).collect();
    let at = p.record.groupings().iter().position(|g| g.by == by).unwrap_or(0);
    let (name, number) = (&names[at], at + 1);
    let alone = names.iter().filter(|other| *other == name).count() == 1;
    match name.as_str() {
        "" => number.to_string(),
        name if alone => name.to_owned(),
        name => format!("{name}-{number}"),
    }
}

fn groups_title(p: &Phrases<'_>, grouping: &Grouping<'_>) -> String {
    let rate = |(i, (_, m)): (usize, &(_, std::collections::BTreeMap<&str, &Finding>))| {
        let value = m.get(PANELS[0]).and_then(|f| f.value.as_ref().ok().copied());
        value.map(|value| (i, value))
    };
    let rates: Vec<(usize, f64)> = grouping.groups.iter().enumerate().filter_map(rate).collect();
    let low = rates.iter().min_by(|a, b| a.1.total_cmp(&b.1));
    let high = rates.iter().max_by(|a, b| a.1.total_cmp(&b.1));
    let (Some(low), Some(high)) = (low, high) else {
        return fill(p.words.groups_title_none, &[("by", grouping.name())]);
    };
    let name = |i: usize| {
        let key = grouping.groups[i].0;
        grouping.by.iter().filter_map(|f| key.get(f)).cloned().collect::<Vec<_>>().join(" | ")
    };
    let facts = [
        ("by", grouping.name()),
        ("low_group", name(low.0)),
        ("low", number::number(low.1)),
        ("high_group", name(high.0)),
        ("high", number::number(high.1)),
    ];
    let message = if rates.len() < 2 { p.words.groups_title_one } else { p.words.groups_title };
    fill(message, &facts)
}

fn panel(
    p: &Phrases<'_>,
    grouping: &Grouping<'_>,
    check: &str,
    findings: &[Option<&Finding>],
) -> Panel {
    let dots: Vec<Dot> = findings.iter().map(|f| dot(p, *f)).collect();
    let mut guides = Vec::new();
    if let Some(Ok(value)) = p.record.overall().get(check).map(|f| f.value.clone()) {
        let text = fill(p.words.guide_whole, &[("value", number::number(value))]);
        guides.push(Guide { at: value, kind: GuideKind::Whole, text });
    }
    guides.extend(limits(p, grouping, check, findings));
    let highest = dots.iter().map(reach).chain(guides.iter().map(|g| g.at)).fold(0.0, f64::max);
    Panel { title: p.check(check), scale: from_zero(highest), stem: None, band: None, guides, dots }
}

/// The end of a row's whisker.
pub(super) fn reach(dot: &Dot) -> f64 {
    match dot {
        Dot::Value { value, interval, .. } => interval.map_or(*value, |(_, high)| high.max(*value)),
        Dot::Absent(_) => 0.0,
    }
}

/// A finding as a dot.
pub(super) fn dot(p: &Phrases<'_>, finding: Option<&Finding>) -> Dot {
    let Some(finding) = finding else { return Dot::Absent(p.words.not_measured.to_owned()) };
    match &finding.value {
        Err(_) => Dot::Absent(p.words.no_number.to_owned()),
        Ok(value) => {
            let rules = p.record.rules(finding);
            Dot::Value {
                value: *value,
                interval: finding.interval.as_ref().map(|i| (i.low, i.high)),
                limit: rules.first().map(|r| r.rule.bound.limit()),
                failed: rules.iter().any(|r| matches!(r.verdict, Verdict::Fail | Verdict::Waived)),
            }
        }
    }
}

/// Where a limit on a comparison lies among the rates that it compares: below the highest selection
/// or true positive rate, above the lowest false positive rate.
fn limits(
    p: &Phrases<'_>,
    grouping: &Grouping<'_>,
    check: &str,
    findings: &[Option<&Finding>],
) -> Vec<Guide> {
    let values = || findings.iter().flatten().filter_map(|f| f.value.as_ref().ok().copied());
    let (low, high) = (values().min_by(f64::total_cmp), values().max_by(f64::total_cmp));
    let (Some(low), Some(high)) = (low, high) else { return Vec::new() };
    let mut guides = Vec::new();
    for comparison in &grouping.comparisons {
        for row in p.record.rules(comparison) {
            let limit = row.rule.bound.limit();
            let at = match (check, comparison.check.as_str(), row.rule.bound) {
                ("selection_rate", "demographic_parity_ratio", Bound::AtLeast(_))
                | (
                    "true_positive_rate",
                    "equal_opportunity_ratio" | "equalized_odds_ratio",
                    Bound::AtLeast(_),
                ) => limit * high,
                ("selection_rate", "demographic_parity_difference", Bound::AtMost(_))
                | (
                    "true_positive_rate",
                    "equal_opportunity_difference" | "equalized_odds_difference",
                    Bound::AtMost(_),
                ) => high - limit,
                ("false_positive_rate", "equalized_odds_difference", Bound::AtMost(_)) => {
                    low + limit
                }
                _ => continue,
            };
            let facts =
                [("check", p.check(&comparison.check)), ("bound", number::bound(row.rule.bound))];
            let text = fill(p.words.guide_limit, &facts);
            guides.push(Guide { at, kind: GuideKind::Limit, text });
        }
    }
    guides
}

/// Ratios between groups on a logarithmic axis.
pub(super) fn disparity(p: &Phrases<'_>) -> Option<Figure> {
    let w = p.words;
    let mut rows: Vec<(String, &Finding)> = Vec::new();
    for grouping in p.record.groupings() {
        let wanted = |f: &&&Finding| {
            RATIOS.contains(&f.check.as_str())
                || (f.check.ends_with("_ratio") && !p.record.rules(f).is_empty())
        };
        for finding in grouping.comparisons.iter().filter(wanted) {
            rows.push((format!("{} ({})", p.check(&finding.check), grouping.name()), finding));
        }
    }
    let all = rows.len();
    rows.truncate(MOST);
    let defined = |(_, f): &(String, &Finding)| f.value.as_ref().ok().copied();
    let worst = rows
        .iter()
        .filter(|row| defined(row).is_some())
        .min_by(|a, b| defined(a).unwrap_or(1.0).total_cmp(&defined(b).unwrap_or(1.0)))?;
    let facts =
        [("what", p.subject(&worst.1.check, &worst.1.subject)), ("measured", p.measured(worst.1))];
    let title = fill(w.disparity_title, &facts);
    let dots: Vec<Dot> = rows.iter().map(|(_, f)| dot(p, Some(f))).collect();
    let panel = Panel {
        title: w.ratio_axis.to_owned(),
        scale: ratio_scale(&dots),
        stem: Some(1.0),
        band: Some((0.8, 1.25)),
        guides: vec![Guide { at: 1.0, kind: GuideKind::Mark, text: w.guide_equal.to_owned() }],
        dots,
    };
    let mut how = w.disparity_how.to_owned();
    if all > MOST {
        let facts = [("shown", MOST.to_string()), ("all", all.to_string())];
        how = p.language.sentences(&[how, fill(w.first_rows, &facts)]);
    }
    Some(figure(p, ("disparity", title, how), &rows, panel))
}

fn ratio_scale(dots: &[Dot]) -> Scale {
    let mut low: f64 = 0.5;
    let mut high: f64 = 1.5;
    for dot in dots {
        if let Dot::Value { value, interval, .. } = dot {
            let (bottom, top) = interval.unwrap_or((*value, *value));
            low = low.min(bottom.min(*value) * 0.9);
            high = high.max(top.max(*value) * 1.1);
        }
    }
    Scale::Log { low: low.max(0.05), high: high.min(20.0) }
}

/// Shares of log records that break each rule.
pub(super) fn violations(p: &Phrases<'_>) -> Option<Figure> {
    let w = p.words;
    // A share has an interval; counts and rules that did not run stay in the table.
    let share = |f: &&Finding| f.interval.is_some();
    let mut rows: Vec<(String, &Finding)> = p
        .record
        .of(Stage::Misuse)
        .filter(share)
        .map(|f| {
            let label = f.subject.label.as_ref().filter(|_| f.check == "usage_policy_violation");
            let label = label.map(|l| p.name(crate::report::words::names::LABELS, l));
            (label.unwrap_or_else(|| p.check(&f.check)), f)
        })
        .collect();
    let all = rows.len();
    rows.truncate(MOST);
    let value = |f: &Finding| f.value.as_ref().ok().copied().unwrap_or(0.0);
    let worst = rows.iter().max_by(|a, b| value(a.1).total_cmp(&value(b.1)))?;
    let facts = [("what", worst.0.clone()), ("measured", p.measured(worst.1))];
    let none = value(worst.1) <= 0.0;
    let title = fill(if none { w.violations_title_none } else { w.violations_title }, &facts);
    let dots: Vec<Dot> = rows.iter().map(|(_, f)| dot(p, Some(f))).collect();
    let highest = dots.iter().map(reach).fold(0.0, f64::max);
    let panel = Panel {
        title: w.share_axis.to_owned(),
        scale: from_zero(highest),
        stem: None,
        band: None,
        guides: Vec::new(),
        dots,
    };
    let mut how = w.violations_how.to_owned();
    if all > MOST {
        let facts = [("shown", MOST.to_string()), ("all", all.to_string())];
        how = p.language.sentences(&[how, fill(w.first_rows, &facts)]);
    }
    Some(figure(p, ("violations", title, how), &rows, panel))
}

/// What the signs of a chart of rows mean.
pub(super) fn signs(p: &Phrases<'_>) -> Signs {
    Signs { limit: p.words.sign_limit, failed: p.words.sign_failed, band: p.words.sign_band }
}

fn figure(
    p: &Phrases<'_>,
    (name, title, how): (&str, String, String),
    rows: &[(String, &Finding)],
    panel: Panel,
) -> Figure {
    let table = numbers(p, &fill(p.words.numbers_of, &[("chart", title.clone())]), rows);
    let labels = rows.iter().map(|(label, _)| label.clone()).collect();
    let n = rows.iter().map(|(_, f)| f.n).collect();
    let drawing = Drawing::Dots(Dots { labels, n, panels: vec![panel], signs: signs(p) });
    Figure { name: name.to_owned(), title, how, table, drawing }
}
