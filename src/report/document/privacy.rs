//! What the model gives away about its training data, and what the data give away about people.

use super::phrase::Phrases;
use super::{Block, Cell, Kind, Section, Table, figures, leak, leak_charts, leak_groups, noisy};
use crate::domain::{Evidence, Finding, Stage};
use crate::report::words::{LeakWords, fill, names};

/// Masked examples that one kind of personal data shows.
const EXAMPLES: usize = 5;
/// Groupings of a page that has room for the charts of the strongest attack.
const MOST_GROUPINGS: usize = 8;
/// Rows of the table of examples.
const MOST_EXAMPLES: usize = 60;

/// The chapter.
pub(super) fn section(p: &Phrases<'_>) -> Section {
    let w = p.words;
    let all: Vec<&Finding> = p.record.of(Stage::Privacy).collect();
    let of = |test: &dyn Fn(&Finding) -> bool| -> Vec<&Finding> {
        all.iter().copied().filter(|f| test(f)).collect()
    };
    let member = |f: &Finding| {
        f.check.starts_with("membership_")
            && f.subject.attack.is_some()
            && f.subject.by.is_empty()
            && f.check != "membership_class_size_correlation"
    };
    let grouped = |f: &Finding| f.check.starts_with("membership_") && !f.subject.by.is_empty();
    let personal = |f: &Finding| f.check.starts_with("pii_");
    let private = |f: &Finding| f.code.starts_with("DP");
    let released = |f: &Finding| f.code.starts_with("AN");
    let mut blocks = membership(p, (&all, &of(&|f| member(f) && !private(f))));
    blocks.extend(leak_groups::blocks(p, &all));
    let other =
        |f: &Finding| !member(f) && !grouped(f) && !personal(f) && !released(f) && !private(f);
    blocks.extend(p.findings(w.other_findings, &of(&other)));
    blocks.extend(noisy::blocks(p, &of(&private)));
    blocks.extend(personal_data(p, &of(&personal)));
    blocks.extend(listed(p, (w.anonymity, w.anonymity_note), &of(&released)));
    Section { id: "privacy", title: w.privacy.to_owned(), blocks }
}

fn membership(p: &Phrases<'_>, (all, findings): (&[&Finding], &[&Finding])) -> Vec<Block> {
    let w = p.words;
    let mut blocks = vec![Block::Heading(w.membership.to_owned())];
    if findings.is_empty() {
        blocks.push(Block::Text(w.no_membership.to_owned()));
        return blocks;
    }
    let said = leak::said(all, p.language);
    if !said.facts.is_empty() {
        blocks.push(Block::List(said.facts.clone()));
    }
    let warning = |text: &String| {
        Block::Text(fill(LeakWords::of(p.language).warning, &[("text", text.clone())]))
    };
    blocks.extend(said.warnings.iter().map(warning));
    blocks.push(Block::Text(w.membership_note.to_owned()));
    blocks.extend(attacks(p, findings).map(Block::Table));
    if let Some(figure) = figures::roc(p) {
        blocks.push(Block::Figure(Box::new(figure)));
    }
    let charts = leak_charts::all(p);
    if p.record.groupings().len() <= MOST_GROUPINGS {
        blocks.extend(charts.into_iter().map(|figure| Block::Figure(Box::new(figure))));
    } else if !charts.is_empty() {
        blocks.push(Block::Text(LeakWords::of(p.language).charts_elsewhere.to_owned()));
    }
    blocks.extend(controls(p, findings));
    blocks
}

/// Measures that fit beside each other on paper.
const MOST_COLUMNS: usize = 5;

/// A row per attack, a column per measure; in several tables where they do not fit into one.
fn attacks<'a>(p: &'a Phrases<'_>, findings: &'a [&Finding]) -> impl Iterator<Item = Table> + 'a {
    let (mut checks, mut attacks): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for finding in findings {
        if !checks.contains(&finding.check.as_str()) {
            checks.push(&finding.check);
        }
        let attack = finding.subject.attack.as_deref().unwrap_or_default();
        if !attacks.contains(&attack) {
            attacks.push(attack);
        }
    }
    let parts: Vec<Vec<&str>> = checks.chunks(MOST_COLUMNS).map(<[&str]>::to_vec).collect();
    parts.into_iter().enumerate().map(move |(part, checks)| {
        let caption = if part == 0 { p.words.membership_caption } else { p.words.membership_more };
        measured(p, findings, caption, (&attacks, &checks))
    })
}

/// Some measures of all attacks.
fn measured(
    p: &Phrases<'_>,
    findings: &[&Finding],
    caption: &str,
    (attacks, checks): (&[&str], &[&str]),
) -> Table {
    let w = p.words;
    let columns: Vec<String> = checks.iter().map(|check| p.check(check)).collect();
    let mut head = vec![w.attack, w.n];
    head.extend(columns.iter().map(String::as_str));
    let mut table = Table::new(caption, &head);
    for attack in attacks {
        let of = |f: &&&Finding| f.subject.attack.as_deref() == Some(*attack);
        let n = findings.iter().filter(of).map(|f| f.n).max().unwrap_or(0);
        let mut row = vec![Cell::words(p.name(names::ATTACKS, attack)), Cell::count(n)];
        row.extend(checks.iter().map(|check| {
            let finding = findings.iter().filter(of).find(|f| f.check == *check);
            finding.map_or_else(|| Cell::new(Kind::Absent, w.not_measured), |f| p.cell(f))
        }));
        table.rows.push(row);
    }
    table
}

/// Null runs, resolution floors and whatever else the attacks put beside their numbers.
fn controls(p: &Phrases<'_>, findings: &[&Finding]) -> Vec<Block> {
    let w = p.words;
    let head = [w.attack, w.check, w.control, w.value];
    let mut table = Table::new(w.controls, &head);
    for finding in findings {
        let attack = finding.subject.attack.as_deref().unwrap_or_default();
        for evidence in &finding.evidence {
            let Evidence::Numbers { name, cells } = evidence else { continue };
            let cells: Vec<String> = cells.iter().map(|c| p.numbered(name, c)).collect();
            table.rows.push(vec![
                Cell::words(p.name(names::ATTACKS, attack)),
                Cell::words(p.check(&finding.check)),
                Cell::words(p.name(names::TERMS, name)),
                Cell::words(p.language.list(&cells)),
            ]);
        }
    }
    if table.rows.is_empty() {
        return Vec::new();
    }
    vec![Block::Text(w.controls_note.to_owned()), Block::Details(table)]
}

/// A heading, a note and a row per finding; nothing where there is none.
fn listed(p: &Phrases<'_>, (title, note): (&str, &str), findings: &[&Finding]) -> Vec<Block> {
    if findings.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading(title.to_owned()), Block::Text(note.to_owned())];
    blocks.extend(p.findings(title, findings));
    blocks
}

fn personal_data(p: &Phrases<'_>, findings: &[&Finding]) -> Vec<Block> {
    let w = p.words;
    let mut blocks = vec![Block::Heading(w.personal_data.to_owned())];
    if findings.is_empty() {
        blocks.push(Block::Text(w.no_personal_data_scan.to_owned()));
        return blocks;
    }
    blocks.push(Block::Text(w.personal_data_note.to_owned()));
    blocks.extend(p.findings(w.personal_data, findings));
    let head = [w.kind, w.place, w.column, w.row, w.masked];
    let mut table = Table::new(w.masked_examples, &head);
    for finding in findings {
        for evidence in &finding.evidence {
            let Evidence::Cells { cells } = evidence else { continue };
            for cell in cells.iter().take(EXAMPLES) {
                let place = finding.subject.place.clone().unwrap_or_else(|| w.none.to_owned());
                table.rows.push(vec![
                    Cell::words(p.name(names::LABELS, &cell.label)),
                    Cell::quote(place),
                    Cell::quote(cell.column.clone()),
                    Cell::count(cell.row),
                    Cell::new(Kind::Code, cell.masked.clone()),
                ]);
            }
        }
    }
    let all = table.rows.len();
    table.rows.truncate(MOST_EXAMPLES);
    if all > 0 {
        blocks.push(Block::Table(table));
    }
    if all > MOST_EXAMPLES {
        let more = (all - MOST_EXAMPLES).to_string();
        blocks.push(Block::Text(fill(w.examples_left_out, &[("more", more)])));
    }
    blocks
}
