//! The gate, what did not pass first.

use super::phrase::Phrases;
use super::{Block, Cell, Kind, Section, Table};
use crate::domain::{GateRow, Verdict};
use crate::report::number;

/// The chapter.
pub(super) fn section(p: &Phrases<'_>) -> Section {
    let w = p.words;
    let mut blocks = vec![Block::Text(w.gate_intro.to_owned())];
    let rows = &p.record.assessment.gate;
    let mut open: Vec<&GateRow> = rows.iter().filter(|r| !r.verdict.lets_pass()).collect();
    open.sort_by_key(|r| std::cmp::Reverse(r.verdict));
    let passed: Vec<&GateRow> = rows.iter().filter(|r| r.verdict.lets_pass()).collect();
    if rows.is_empty() {
        blocks.push(Block::Text(w.no_rules.to_owned()));
    }
    for (caption, rows) in [(w.gate_open, open), (w.gate_kept, passed)] {
        if !rows.is_empty() {
            blocks.push(Block::Table(table(p, caption, &rows)));
        }
    }
    Section { id: "gate", title: w.gate.to_owned(), blocks }
}

fn table(p: &Phrases<'_>, caption: &str, rows: &[&GateRow]) -> Table {
    let w = p.words;
    let head = [w.rule, w.verdict, w.measured_value, w.n, w.threshold, w.why];
    let mut table = Table::new(caption, &head);
    table.rows = rows.iter().map(|row| cells(p, row)).collect();
    table
}

fn cells(p: &Phrases<'_>, row: &GateRow) -> Vec<Cell> {
    let w = p.words;
    let finding = p.record.judged(row);
    let anchor = finding.and_then(|f| p.anchor(&f.code));
    let value = match finding.map(|f| (&f.value, &f.interval)) {
        Some((Ok(value), interval)) => {
            let cell = Cell::new(Kind::Number, number::number(*value));
            match interval {
                Some(interval) => cell.below(number::interval(interval)),
                None => cell.below(w.no_interval),
            }
        }
        Some((Err(reason), _)) => Cell::new(Kind::Absent, p.undefined(reason)),
        None => Cell::new(Kind::Absent, w.not_measured),
    };
    let n = finding.map_or_else(|| Cell::new(Kind::Absent, w.none), |f| Cell::count(f.n));
    vec![
        Cell::words(p.rule(row)).link(anchor),
        p.verdict_cell(row.verdict),
        value,
        n,
        Cell::new(Kind::Number, number::bound(row.rule.bound)),
        Cell::words(p.reason(row)),
    ]
}

impl Phrases<'_> {
    /// A verdict as a cell.
    pub(crate) fn verdict_cell(&self, verdict: Verdict) -> Cell {
        Cell::new(Kind::Verdict(verdict), self.verdict(verdict))
    }

    /// The anchor of a check's definition, if the record holds one.
    pub(crate) fn anchor(&self, code: &str) -> Option<String> {
        let known = self.record.assessment.definitions.iter().any(|d| d.code == code);
        known.then(|| format!("def-{code}"))
    }
}
