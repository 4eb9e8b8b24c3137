//! The charts of the strongest attack: scores of members and others, rows that can be named, groups.

use super::figure::{
    Dots, Drawing, Figure, Guide, GuideKind, LinePanel, Lines, Panel, Scale, Series,
};
use super::figures::{from_zero, numbers};
use super::leak;
use super::leak_groups;
use super::phrase::Phrases;
use super::row_charts::{dot, reach, signs};
use super::{Cell, Kind, Table};
use crate::domain::{Evidence, Finding, GroupKey, Stage, to_f64};
use crate::report::number;
use crate::report::words::{LeakWords, fill, names};

/// Groups that the chart has room for, of all groupings together, and at least and at most.
const MOST: (usize, (usize, usize)) = (84, (4, 20));
/// Panels of the chart of groups.
const PANELS: [&str; 2] = ["membership_group_auc", "membership_group_tpr_at_fpr_0.01"];

/// The charts that the record has numbers for.
pub(super) fn all(p: &Phrases<'_>) -> Vec<Figure> {
    [histogram(p), identifiable(p), groups(p)].into_iter().flatten().collect()
}

fn curve<'a>(finding: &'a Finding, wanted: &str) -> Option<(&'a [f64], &'a [f64])> {
    finding.evidence.iter().find_map(|e| match e {
        Evidence::Curve { name, x, y } if name == wanted && x.len() == y.len() => {
            Some((x.as_slice(), y.as_slice()))
        }
        _ => None,
    })
}

/// The findings of the room, and the name of the strongest attack.
fn strongest<'a>(p: &Phrases<'a>) -> Option<(Vec<&'a Finding>, &'a str)> {
    let all: Vec<&Finding> = p.record.of(Stage::Privacy).collect();
    let attack = leak::strongest(&all)?;
    Some((all, attack))
}

/// How the scores of members and non-members lie beside each other.
fn histogram(p: &Phrases<'_>) -> Option<Figure> {
    let w = LeakWords::of(p.language);
    let (all, attack) = strongest(p)?;
    let holder = all.iter().find(|f| curve(f, "scores_members").is_some())?;
    let (edges, members) = curve(holder, "scores_members")?;
    let (_, others) = curve(holder, "scores_non_members")?;
    let (low, high) = (*edges.first()?, *edges.last()?);
    let width = (high - low) / to_f64(u64::try_from(edges.len()).ok()?.saturating_sub(1).max(1));
    let shared: f64 = members.iter().zip(others).map(|(a, b)| a.min(*b)).sum();
    let attack = p.name(names::ATTACKS, attack);
    let facts = [("attack", attack), ("shared", number::percent((shared * 1e3).round() / 1e3))];
    let title = fill(w.histogram_title, &facts);
    let steps = |y: &[f64]| {
        let step = |(x, y): (&f64, &f64)| [(*x, *y), (x + width, *y)];
        edges.iter().zip(y).flat_map(step).collect()
    };
    let top = members.iter().chain(others).copied().fold(0.0, f64::max);
    let panel = LinePanel {
        y_title: w.histogram_y.to_owned(),
        x_title: w.histogram_x.to_owned(),
        x: Scale::Linear { low, high: high + width },
        y: Scale::Linear { low: 0.0, high: top.max(1e-9) * 1.08 },
        series: vec![
            Series { name: w.members.to_owned(), points: steps(members) },
            Series { name: w.others.to_owned(), points: steps(others) },
        ],
        guides: Vec::new(),
        levels: Vec::new(),
        diagonal: None,
        band: Vec::new(),
    };
    let caption = fill(p.words.numbers_of, &[("chart", title.clone())]);
    let mut table = Table::new(caption, &[w.score_from, w.members, w.others]);
    for ((from, inside), outside) in edges.iter().zip(members).zip(others) {
        let cell = |value: &f64| Cell::new(Kind::Number, number::number(*value));
        table.rows.push(vec![cell(from), cell(inside), cell(outside)]);
    }
    let drawing = Drawing::Lines(Lines { panels: vec![panel] });
    let name = "membership-scores".to_owned();
    Some(Figure { name, title, how: w.histogram_how.to_owned(), table, drawing })
}

/// How many training rows can be named at which share of false names.
fn identifiable(p: &Phrases<'_>) -> Option<Figure> {
    let w = LeakWords::of(p.language);
    let (all, attack) = strongest(p)?;
    let mut holders = all.iter().filter(|f| curve(f, "identifiable_by_rate").is_some());
    let holder = holders.find(|f| f.subject.attack.as_deref() == Some(attack))?;
    let (x, y) = curve(holder, "identifiable_by_rate")?;
    let (low, high) = (*x.first()?, *x.last()?);
    let facts = [
        ("attack", p.name(names::ATTACKS, attack)),
        ("named", p.value(&holder.value)),
        ("n", holder.n.to_string()),
    ];
    let title = fill(w.identifiable_title, &facts);
    let top = y.iter().copied().fold(0.0, f64::max);
    let mark = fill(w.guide_rate, &[("rate", number::percent(0.05))]);
    let panel = LinePanel {
        y_title: w.identifiable_y.to_owned(),
        x_title: w.identifiable_x.to_owned(),
        x: Scale::Log { low, high },
        y: Scale::Linear { low: 0.0, high: top.max(1.0) * 1.08 },
        series: vec![Series {
            name: p.name(names::ATTACKS, attack),
            points: x.iter().copied().zip(y.iter().copied()).collect(),
        }],
        guides: vec![Guide { at: 0.05, kind: GuideKind::Mark, text: mark }],
        levels: Vec::new(),
        diagonal: None,
        band: Vec::new(),
    };
    let caption = fill(p.words.numbers_of, &[("chart", title.clone())]);
    let mut table = Table::new(caption, &[w.identifiable_x, w.identifiable_y]);
    for (x, y) in x.iter().zip(y) {
        let share = Cell::new(Kind::Number, number::percent(*x));
        table.rows.push(vec![share, Cell::new(Kind::Number, number::number(*y))]);
    }
    let drawing = Drawing::Lines(Lines { panels: vec![panel] });
    let name = "membership-identifiable".to_owned();
    Some(Figure { name, title, how: w.identifiable_how.to_owned(), table, drawing })
}

/// The strongest attack in every group.
fn groups(p: &Phrases<'_>) -> Option<Figure> {
    let w = LeakWords::of(p.language);
    let (all, attack) = strongest(p)?;
    let grouped: Vec<&Finding> = all
        .iter()
        .copied()
        .filter(|f| !f.subject.by.is_empty() && f.subject.attack.as_deref() == Some(attack))
        .collect();
    let groups = leak_groups::groups(&grouped);
    let most = p.record.share(MOST.0, MOST.1);
    let shown = &groups[..groups.len().min(most)];
    let find = |check: &str| of_groups(&grouped, shown, check);
    let rates: Vec<(String, &Finding)> = shown
        .iter()
        .zip(find(PANELS[1]))
        .filter_map(|((_, group), finding)| Some((p.group(group), finding?)))
        .collect();
    let value = |f: &Finding| f.value.clone().unwrap_or(-1.0);
    let worst = rates.iter().max_by(|a, b| value(a.1).total_cmp(&value(b.1)))?;
    let facts = [
        ("attack", p.name(names::ATTACKS, attack)),
        ("group", worst.0.clone()),
        ("measured", p.measured(worst.1)),
    ];
    let title = fill(w.group_chart_title, &facts);
    let mut how = w.group_chart_how.to_owned();
    if groups.len() > most {
        let facts = [("shown", most.to_string()), ("all", groups.len().to_string())];
        how = p.language.sentences(&[how, fill(p.words.first_rows, &facts)]);
    }
    let table = numbers(p, &fill(p.words.numbers_of, &[("chart", title.clone())]), &rates);
    let panels = PANELS.iter().map(|check| panel(p, check, &find(check))).collect();
    let labels = shown.iter().map(|(_, group)| p.group(group)).collect();
    let n = find(PANELS[0]).iter().map(|f| f.map_or(0, |f| f.n)).collect();
    let drawing = Drawing::Dots(Dots { labels, n, panels, signs: signs(p) });
    Some(Figure { name: "membership-groups".to_owned(), title, how, table, drawing })
}

/// The findings of one check in the order of the groups.
fn of_groups<'a>(
    grouped: &[&'a Finding],
    shown: &[(&[String], &GroupKey)],
    check: &str,
) -> Vec<Option<&'a Finding>> {
    let of = |(by, group): &(&[String], &GroupKey)| {
        let same = |f: &&&Finding| {
            f.check == check && f.subject.by == *by && f.subject.group.as_ref() == Some(*group)
        };
        grouped.iter().find(same).copied()
    };
    shown.iter().map(of).collect()
}

/// One measure in each group, with what guessing would give.
fn panel(p: &Phrases<'_>, check: &str, findings: &[Option<&Finding>]) -> Panel {
    let w = LeakWords::of(p.language);
    let (chance, scale_to_one) = if check == PANELS[0] { (0.5, true) } else { (0.01, false) };
    let dots: Vec<_> = findings.iter().map(|f| dot(p, *f)).collect();
    let highest = dots.iter().map(reach).fold(chance, f64::max);
    let text = fill(w.guide_guessing, &[("value", number::number(chance))]);
    let guides = vec![Guide { at: chance, kind: GuideKind::Mark, text }];
    let scale =
        if scale_to_one { Scale::Linear { low: 0.0, high: 1.0 } } else { from_zero(highest) };
    let title = if scale_to_one { w.group_chart_auc } else { w.group_chart_tpr };
    Panel { title: title.to_owned(), scale, stem: Some(chance), band: None, guides, dots }
}
