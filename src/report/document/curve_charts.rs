//! Charts of curves: the attacks' ROC and the course of training.

use super::figure::{Drawing, Figure, Guide, GuideKind, LinePanel, Lines, Scale, Series};
use super::phrase::Phrases;
use super::{Cell, Kind, Table};
use crate::domain::{EpochRecord, Evidence, Finding, Stage, to_f64};
use crate::report::number;
use crate::report::words::{fill, names};

/// Curves that can be told apart in one panel.
const MOST: usize = 4;
/// False alarms at which the table reads the curves.
const READ_AT: [f64; 4] = [0.001, 0.01, 0.1, 0.5];
/// The lowest rate on the axes.
const LOWEST: f64 = 1e-4;

/// An attack's curve.
struct Attack<'a> {
    name: String,
    finding: &'a Finding,
    x: &'a [f64],
    y: &'a [f64],
}

impl Attack<'_> {
    /// Members found at no more than this rate of false alarms, without interpolation.
    fn found_at(&self, limit: f64) -> f64 {
        let pairs = self.x.iter().zip(self.y);
        pairs.filter(|(x, _)| **x <= limit).map(|(_, y)| *y).fold(0.0, f64::max)
    }
}

impl Attack<'_> {
    /// The curve as it is: level until the next vertex, then upright.
    fn steps(&self) -> Vec<(f64, f64)> {
        let mut points: Vec<(f64, f64)> = Vec::with_capacity(2 * self.x.len());
        for (&x, &y) in self.x.iter().zip(self.y) {
            if let Some(&(_, level)) = points.last() {
                points.push((x, level));
            }
            points.push((x, y));
        }
        points
    }
}

fn attacks<'a>(p: &Phrases<'a>) -> Vec<Attack<'a>> {
    let mut found: Vec<Attack<'a>> = Vec::new();
    for finding in p.record.of(Stage::Privacy) {
        let Some(attack) = &finding.subject.attack else { continue };
        let name = p.name(names::ATTACKS, attack);
        let curve = finding.evidence.iter().find_map(|e| match e {
            Evidence::Curve { x, y, .. } if x.len() == y.len() && x.len() > 1 => Some((x, y)),
            _ => None,
        });
        if let (Some((x, y)), true) = (curve, found.iter().all(|a| a.name != name)) {
            found.push(Attack { name, finding, x, y });
        }
    }
    found.sort_by(|a, b| b.found_at(0.01).total_cmp(&a.found_at(0.01)));
    found
}

/// The ROC of the strongest attacks, both axes logarithmic.
pub(super) fn roc(p: &Phrases<'_>) -> Option<Figure> {
    let w = p.words;
    let attacks = attacks(p);
    let strongest = attacks.first()?;
    let shown_by = |f: &&Finding| {
        f.check == "membership_tpr_at_fpr_0.001"
            && f.subject.attack == strongest.finding.subject.attack
    };
    let measured = p
        .record
        .of(Stage::Privacy)
        .find(shown_by)
        .map_or_else(|| number::number(strongest.found_at(0.001)), |finding| p.measured(finding));
    let facts = [("attack", strongest.name.clone()), ("measured", measured)];
    let mut title = fill(w.roc_title, &facts);
    if let Some(floor) = resolution(p, &attacks).filter(|floor| *floor > 0.001) {
        let coarse = fill(w.roc_coarse, &[("rate", number::percent(floor))]);
        title = p.language.sentences(&[title, coarse]);
    }
    let shown = &attacks[..attacks.len().min(MOST)];
    let mut how = w.roc_how.to_owned();
    if attacks.len() > MOST {
        let facts = [("shown", MOST.to_string()), ("all", attacks.len().to_string())];
        how = p.language.sentences(&[how, fill(w.roc_strongest, &facts)]);
    }
    let mut table = roc_table(p, &attacks);
    table.caption = fill(w.numbers_of, &[("chart", title.clone())]);
    let drawing = Drawing::Lines(Lines { panels: vec![roc_panel(p, shown)] });
    Some(Figure { name: "membership-roc".to_owned(), title, how, table, drawing })
}

fn roc_panel(p: &Phrases<'_>, shown: &[Attack<'_>]) -> LinePanel {
    let w = p.words;
    let series = shown
        .iter()
        .map(|a| Series {
            name: fill(w.series_n, &[("name", a.name.clone()), ("n", a.finding.n.to_string())]),
            points: a.steps(),
        })
        .collect();
    let line = |at: f64| Guide { at, kind: GuideKind::Mark, text: number::percent(at) };
    let mut guides = vec![line(0.001), line(0.01)];
    if let Some(floor) = resolution(p, shown) {
        let text = fill(w.guide_floor, &[("rate", number::percent(floor))]);
        guides.push(Guide { at: floor, kind: GuideKind::Floor, text });
    }
    LinePanel {
        y_title: w.roc_y.to_owned(),
        x_title: w.roc_x.to_owned(),
        x: Scale::Log { low: LOWEST, high: 1.0 },
        y: Scale::Log { low: LOWEST, high: 1.0 },
        series,
        guides,
        levels: limits(p, shown),
        diagonal: Some(w.chance.to_owned()),
    }
}

/// The smallest rate of false alarms that the data can show, from the attacks' own evidence.
fn resolution(p: &Phrases<'_>, shown: &[Attack<'_>]) -> Option<f64> {
    let attacks: Vec<_> = shown.iter().map(|a| &a.finding.subject.attack).collect();
    let drawn = |f: &&Finding| attacks.contains(&&f.subject.attack);
    let evidence = p.record.of(Stage::Privacy).filter(drawn).flat_map(|f| &f.evidence);
    let mut floors = evidence.filter_map(|e| match e {
        Evidence::Numbers { name, cells } if name == "resolution" => cells.first()?.value,
        _ => None,
    });
    floors.next().filter(|floor| *floor > LOWEST && *floor < 1.0)
}

/// Limits of the gate on members found at a rate of false alarms.
fn limits(p: &Phrases<'_>, shown: &[Attack<'_>]) -> Vec<Guide> {
    let names = shown.iter().map(|a| &a.finding.subject.attack).collect::<Vec<_>>();
    let mut guides: Vec<Guide> = Vec::new();
    for finding in p.record.of(Stage::Privacy).filter(|f| names.contains(&&f.subject.attack)) {
        if !finding.check.starts_with("membership_tpr_at_fpr_") {
            continue;
        }
        for row in p.record.rules(finding) {
            let check = p.check(&finding.check);
            let facts = [("check", check), ("bound", number::bound(row.rule.bound))];
            let text = fill(p.words.guide_limit, &facts);
            let guide = Guide { at: row.rule.bound.limit(), kind: GuideKind::Limit, text };
            if !guides.contains(&guide) {
                guides.push(guide);
            }
        }
    }
    guides
}

fn roc_table(p: &Phrases<'_>, attacks: &[Attack<'_>]) -> Table {
    let w = p.words;
    let columns: Vec<String> =
        READ_AT.iter().map(|&at| fill(w.found_at, &[("rate", number::percent(at))])).collect();
    let mut head = vec![w.attack, w.n];
    head.extend(columns.iter().map(String::as_str));
    let mut table = Table::new("", &head);
    for attack in attacks {
        let mut row = vec![Cell::words(attack.name.clone()), Cell::count(attack.finding.n)];
        let read = |&at: &f64| Cell::new(Kind::Number, number::number(attack.found_at(at)));
        row.extend(READ_AT.iter().map(read));
        table.rows.push(row);
    }
    table
}

/// Loss and accuracy by epoch.
pub(super) fn training(p: &Phrases<'_>) -> Option<Figure> {
    let w = p.words;
    let model = &p.record.assessment.model;
    let (first, last) = (model.training.first()?, model.training.last()?);
    let kept = model.kept_epoch.unwrap_or(last.epoch);
    let facts = [
        ("first", number::number(first.train_loss)),
        ("last", number::number(last.train_loss)),
        ("epochs", model.training.len().to_string()),
        ("kept", kept.to_string()),
    ];
    let title = fill(w.training_title, &facts);
    let n = p.record.assessment.dataset.splits.iter().find(|s| s.split == "train").map(|s| s.n);
    let n = n.map_or_else(|| w.not_known.to_owned(), |n| n.to_string());
    let panels = vec![
        training_panel(p, w.loss, |e| (e.train_loss, e.validation_loss)),
        training_panel(p, w.accuracy, |e| (e.train_accuracy, e.validation_accuracy)),
    ];
    let table = training_table(p, &fill(w.numbers_of, &[("chart", title.clone())]));
    let how = fill(w.training_how, &[("n", n)]);
    let drawing = Drawing::Lines(Lines { panels });
    Some(Figure { name: "training".to_owned(), title, how, table, drawing })
}

fn training_panel(
    p: &Phrases<'_>,
    title: &str,
    of: impl Fn(&EpochRecord) -> (f64, Option<f64>),
) -> LinePanel {
    let (w, model) = (p.words, &p.record.assessment.model);
    let at = |e: &EpochRecord| to_f64(e.epoch);
    let seen = model.training.iter().map(|e| (at(e), of(e).0)).collect();
    let held: Vec<(f64, f64)> =
        model.training.iter().filter_map(|e| Some((at(e), of(e).1?))).collect();
    let mut series = vec![Series { name: w.on_training.to_owned(), points: seen }];
    if !held.is_empty() {
        series.push(Series { name: w.on_validation.to_owned(), points: held });
    }
    let values = || series.iter().flat_map(|s| s.points.iter().map(|(_, y)| *y));
    let (low, high) = (values().fold(f64::MAX, f64::min), values().fold(f64::MIN, f64::max));
    let room = ((high - low) * 0.08).max(high.abs() * 0.01).max(1e-6);
    let last = model.training.last().map_or(1.0, at);
    let kept = model.kept_epoch.map(|k| Guide {
        at: to_f64(k),
        kind: GuideKind::Mark,
        text: fill(w.guide_kept, &[("kept", k.to_string())]),
    });
    LinePanel {
        y_title: title.to_owned(),
        x_title: w.epoch.to_owned(),
        x: Scale::Linear { low: 0.5, high: last + 0.5 },
        y: Scale::Linear { low: (low - room).max(0.0), high: high + room },
        series,
        guides: kept.into_iter().collect(),
        levels: Vec::new(),
        diagonal: None,
    }
}

fn training_table(p: &Phrases<'_>, caption: &str) -> Table {
    let w = p.words;
    let head = [w.epoch, w.train_loss, w.validation_loss, w.train_accuracy, w.validation_accuracy];
    let mut table = Table::new(caption, &head);
    let held = |value: Option<f64>| {
        let absent = || Cell::new(Kind::Absent, w.no_validation);
        value.map_or_else(absent, |v| Cell::new(Kind::Number, number::number(v)))
    };
    for e in &p.record.assessment.model.training {
        table.rows.push(vec![
            Cell::count(e.epoch),
            held(Some(e.train_loss)),
            held(e.validation_loss),
            held(Some(e.train_accuracy)),
            held(e.validation_accuracy),
        ]);
    }
    table
}
