//! What was audited: the data set and the model.

use super::phrase::Phrases;
use super::{Block, Cell, Kind, Section, Table, figures};
use crate::domain::{Finding, HarmKind, Stage, Temperature};
use crate::report::number;
use crate::report::words::{fill, names};

/// The chapter.
pub(super) fn section(p: &Phrases<'_>) -> Section {
    let w = p.words;
    let mut blocks =
        vec![Block::Table(system(p)), Block::Table(dataset(p)), Block::Table(splits(p))];
    let findings: Vec<&Finding> = p.record.of(Stage::Dataset).collect();
    blocks.extend(p.findings(w.data_findings, &findings));
    blocks.push(Block::Table(model(p)));
    match figures::training(p) {
        Some(figure) => blocks.push(Block::Figure(Box::new(figure))),
        None => blocks.push(Block::Text(w.nothing_trained.to_owned())),
    }
    Section { id: "data", title: w.data_and_model.to_owned(), blocks }
}

/// A table of facts.
pub(super) fn facts(p: &Phrases<'_>, caption: &str, rows: Vec<(String, Cell)>) -> Table {
    let mut table = Table::new(caption, &[p.words.fact, p.words.value]);
    table.rows = rows.into_iter().map(|(name, cell)| vec![Cell::words(name), cell]).collect();
    table
}

fn system(p: &Phrases<'_>) -> Table {
    let (w, s) = (p.words, &p.record.assessment.system);
    let list = |items: &[String]| {
        if items.is_empty() { Cell::words(w.none) } else { Cell::quote(p.language.list(items)) }
    };
    let yes = |answer| if answer { w.yes } else { w.no };
    let kind = match s.harm.kind {
        HarmKind::Safety => "safety",
        HarmKind::Rights => "rights",
        HarmKind::Finance => "finance",
        HarmKind::Privacy => "privacy",
        HarmKind::Quality => "quality",
    };
    let yearly = s.decisions_per_year;
    let owner = s.owner.as_ref().map(|o| format!("{} ({})", o.name, o.contact));
    let rows = vec![
        (w.purpose, Cell::quote(s.purpose.clone())),
        (w.domain, Cell::words(p.name(names::TERMS, &s.domain))),
        (w.users, list(&s.users)),
        (w.out_of_scope, list(&s.out_of_scope)),
        (w.harm, Cell::words(p.name(names::TERMS, kind))),
        (w.reversible, Cell::words(yes(s.harm.reversible))),
        (w.minors, Cell::words(yes(s.harm.minors))),
        (w.jurisdictions, list(&s.jurisdictions)),
        (w.decisions_per_year, yearly.map_or_else(|| Cell::words(w.not_declared), Cell::count)),
        (w.owner, owner.map_or_else(|| Cell::words(w.not_declared), Cell::quote)),
    ];
    facts(p, w.system, rows.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect())
}

fn dataset(p: &Phrases<'_>) -> Table {
    let (w, d) = (p.words, &p.record.assessment.dataset);
    let path = d.path.clone();
    let mut rows = vec![
        (w.format.to_owned(), Cell::words(p.name(names::TERMS, &d.format))),
        (w.path.to_owned(), path.map_or_else(|| Cell::words(w.built_in), Cell::quote)),
        (w.rows_used.to_owned(), Cell::count(d.n)),
        (w.rows_skipped.to_owned(), Cell::count(d.skipped)),
        (w.classes.to_owned(), Cell::quote(p.language.list(&d.classes))),
        (w.positive_class.to_owned(), Cell::quote(d.positive.clone())),
    ];
    for (grouping, levels) in &d.groups {
        let name = fill(w.levels_of, &[("by", grouping.clone())]);
        rows.push((name, Cell::count(*levels)));
    }
    facts(p, w.dataset, rows)
}

fn splits(p: &Phrases<'_>) -> Table {
    let w = p.words;
    let mut table = Table::new(w.splits, &[w.split, w.n, w.positives]);
    for split in &p.record.assessment.dataset.splits {
        let name = if split.split == "train" {
            w.split_train.to_owned()
        } else {
            p.name(names::TERMS, &split.split)
        };
        table.rows.push(vec![
            Cell::words(name),
            Cell::count(split.n),
            Cell::count(split.positives),
        ]);
    }
    table
}

/// The temperature, and what it does to the rows that it was fitted to.
fn calibration(p: &Phrases<'_>, found: &Temperature) -> [(String, Cell); 2] {
    let w = p.words;
    let number = |x| Cell::new(Kind::Number, number::number(x));
    let effect = fill(w.calibration_effect, &[("n", found.n.to_string())]);
    let [before, after] =
        [found.validation_nll_before, found.validation_nll_after].map(number::number);
    let change = fill(w.from_to, &[("from", before), ("to", after)]);
    [
        (w.temperature.to_owned(), number(found.temperature)),
        (effect, Cell::new(Kind::Number, change)),
    ]
}

fn model(p: &Phrases<'_>) -> Table {
    let (w, m) = (p.words, &p.record.assessment.model);
    let absent = || Cell::new(Kind::Absent, w.not_known);
    let mut rows = vec![
        (w.origin.to_owned(), Cell::words(p.name(names::TERMS, &m.source))),
        (
            w.architecture.to_owned(),
            m.architecture.clone().map_or_else(absent, |a| Cell::new(Kind::Code, a)),
        ),
        (w.parameters.to_owned(), m.parameters.map_or_else(absent, Cell::count)),
        (w.kept_epoch.to_owned(), m.kept_epoch.map_or_else(absent, Cell::count)),
    ];
    rows.extend(m.stopped_epoch.map(|epoch| (w.stopped_epoch.to_owned(), Cell::count(epoch))));
    rows.extend(m.calibration.iter().flat_map(|found| calibration(p, found)));
    for (key, value) in &m.settings {
        rows.push((format!("{}: {key}", w.setting), Cell::new(Kind::Code, value.clone())));
    }
    if let Some(last) = m.training.last() {
        let loss = Cell::new(Kind::Number, number::number(last.train_loss));
        rows.push((w.last_train_loss.to_owned(), loss));
    }
    facts(p, w.model, rows)
}
