//! The chart of the attacks' ROC.

use super::figure::{Drawing, Figure, Guide, GuideKind, LinePanel, Lines, Scale, Series};
use super::phrase::Phrases;
use super::{Cell, Kind, Table};
use crate::domain::{Evidence, Finding, Stage};
use crate::report::number;
use crate::report::words::{LeakWords, fill, names};

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
    if !band(strongest).is_empty() {
        let text = fill(LeakWords::of(p.language).band, &[("attack", strongest.name.clone())]);
        how = p.language.sentences(&[how, fill(w.roc_band, &[("what", text)])]);
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
        band: shown.first().map_or_else(Vec::new, band),
    }
}

/// The limits of a whole curve, from the attack's own evidence.
fn band(attack: &Attack<'_>) -> Vec<(f64, f64, f64)> {
    let of = |wanted: &str| {
        attack.finding.evidence.iter().find_map(|e| match e {
            Evidence::Curve { name, x, y } if name == wanted => Some((x, y)),
            _ => None,
        })
    };
    let (Some((x, low)), Some((_, high))) = (of("roc_low"), of("roc_high")) else {
        return Vec::new();
    };
    x.iter().zip(low).zip(high).map(|((x, low), high)| (*x, *low, *high)).collect()
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
