//! More than two classes: each of them against all others.

use super::phrase::Phrases;
use super::{Block, Cell, Kind, Table};
use crate::domain::{Finding, GroupKey, Stage};
use crate::report::words::{FairnessWords, fill};
use std::collections::BTreeMap;

/// What the table shows of each class and group.
const SHOWN: [&str; 5] =
    ["selection_rate", "true_positive_rate", "false_positive_rate", "precision", "f1"];

/// Rows that all tables show together, and the least and the most of one table.
const ALL_ROWS: usize = 90;
const ROWS: (usize, usize) = (6, 60);

/// Class and group, in the record's order, with the measures by name.
type Row<'a> = ((&'a str, Option<&'a GroupKey>), BTreeMap<&'a str, &'a Finding>);

/// The tables, one for each grouping; nothing where there are two classes.
pub(super) fn blocks(p: &Phrases<'_>) -> Vec<Block> {
    let w = FairnessWords::of(p.language);
    let of_class = |f: &&Finding| f.subject.label.is_some() && !f.code.starts_with("FA4");
    let all: Vec<&Finding> = p.record.of(Stage::Fairness).filter(of_class).collect();
    let mut groupings: Vec<&[String]> = Vec::new();
    for finding in &all {
        if !groupings.contains(&finding.subject.by.as_slice()) {
            groupings.push(&finding.subject.by);
        }
    }
    if groupings.is_empty() {
        return Vec::new();
    }
    let mut blocks = vec![Block::Heading(w.classes.to_owned())];
    blocks.push(Block::Text(w.classes_note.to_owned()));
    for by in groupings {
        let of: Vec<&Finding> = all.iter().copied().filter(|f| f.subject.by == by).collect();
        let by = by.join(" × ");
        let facts = [("by", by.clone())];
        let caption =
            if by.is_empty() { w.classes_whole.to_owned() } else { fill(w.classes_by, &facts) };
        let rows = rows(&of);
        let shown = p.record.share(ALL_ROWS, ROWS);
        blocks.push(Block::Table(table(p, caption, &rows, shown)));
        blocks.extend(p.left_out(rows.len(), shown));
        let compared = |f: &&Finding| f.subject.group.is_none() && !f.subject.by.is_empty();
        let compared: Vec<&Finding> = of.into_iter().filter(compared).collect();
        blocks.extend(p.findings_on_demand(&fill(w.classes_compared, &facts), &compared));
    }
    blocks
}

fn rows<'a>(findings: &[&'a Finding]) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::new();
    let measured = |f: &&&Finding| {
        f.subject.reference.is_none() && (f.subject.group.is_some() || f.subject.by.is_empty())
    };
    for finding in findings.iter().filter(measured) {
        let class = finding.subject.label.as_deref().unwrap_or_default();
        let key = (class, finding.subject.group.as_ref());
        let at = rows.iter().position(|(of, _)| *of == key).unwrap_or_else(|| {
            rows.push((key, BTreeMap::new()));
            rows.len() - 1
        });
        rows[at].1.insert(&finding.check, finding);
    }
    rows
}

fn table(p: &Phrases<'_>, caption: String, rows: &[Row<'_>], shown: usize) -> Table {
    let w = FairnessWords::of(p.language);
    let names = SHOWN.map(|check| p.check(check));
    let mut head = vec![w.class, p.words.group];
    head.extend(names.iter().map(String::as_str));
    let mut table = Table::new(caption, &head);
    for ((class, group), measures) in rows.iter().take(shown) {
        let of = group.map_or_else(|| w.all_rows.to_owned(), |key| p.group(key));
        let mut row = vec![Cell::quote((*class).to_owned()), Cell::quote(of)];
        row.extend(SHOWN.map(|check| {
            let missing = || Cell::new(Kind::Absent, p.words.not_measured);
            measures.get(check).map_or_else(missing, |f| p.cell(f))
        }));
        table.rows.push(row);
    }
    table
}
