//! Tables that several chapters share.

use super::phrase::Phrases;
use super::{Block, Cell, Kind, Table};
use crate::domain::{Cell as Numbered, Evidence, Finding, Verdict};
use crate::report::number;
use crate::report::words::{FairnessWords, fill, names};

/// Rows that one table shows; the rest is in `findings.csv`.
pub(super) const MOST_ROWS: usize = 80;

impl Phrases<'_> {
    /// A table of findings, one per row, and a sentence where rows had to be left out.
    pub(super) fn findings(&self, caption: &str, findings: &[&Finding]) -> Vec<Block> {
        let w = self.words;
        if findings.is_empty() {
            return Vec::new();
        }
        let head = [w.check, w.measured_value, w.n, w.threshold, w.verdict];
        let mut table = Table::new(caption, &head);
        table.rows = findings.iter().take(MOST_ROWS).map(|f| self.finding_row(f)).collect();
        let mut blocks = vec![Block::Table(table)];
        blocks.extend(self.left_out(findings.len(), MOST_ROWS));
        blocks
    }

    /// A shorter table of findings that no rule judges, to be opened on demand.
    pub(super) fn findings_on_demand(&self, caption: &str, findings: &[&Finding]) -> Vec<Block> {
        let w = self.words;
        if findings.is_empty() {
            return Vec::new();
        }
        let most = self.record.share(120, (4, MOST_ROWS));
        let mut table = Table::new(caption, &[w.check, w.measured_value, w.n]);
        for finding in findings.iter().take(most) {
            let name = self.subject(&finding.check, &finding.subject);
            let peer = finding.check.contains('.');
            let notes = if peer { self.beside(finding) } else { Vec::new() };
            let name = notes.into_iter().fold(Cell::words(name), Cell::below);
            table.rows.push(vec![name, self.cell(finding), Cell::count(finding.n)]);
        }
        let mut blocks = vec![Block::Details(table)];
        blocks.extend(self.left_out(findings.len(), most));
        blocks
    }

    /// A sentence that says how many rows are missing, if any.
    pub(super) fn left_out(&self, all: usize, most: usize) -> Option<Block> {
        let more = all.checked_sub(most).filter(|&more| more > 0)?;
        Some(Block::Text(fill(self.words.rows_left_out, &[("more", more.to_string())])))
    }

    fn finding_row(&self, finding: &Finding) -> Vec<Cell> {
        let w = self.words;
        let about = self.subject(&finding.check, &finding.subject);
        let mut name = Cell::words(about).link(self.anchor(&finding.code));
        for line in self.beside(finding) {
            name = name.below(line);
        }
        let rules = self.record.rules(finding);
        let worst = rules.iter().map(|r| r.verdict).max();
        let limits: Vec<String> = rules.iter().map(|r| number::bound(r.rule.bound)).collect();
        let limit = if limits.is_empty() {
            Cell::new(Kind::Absent, w.no_limit)
        } else {
            Cell::new(Kind::Number, self.language.list(&limits))
        };
        let verdict: Cell = worst.map_or_else(
            || Cell::new(Kind::Absent, w.not_judged),
            |v: Verdict| self.verdict_cell(v),
        );
        vec![name, self.number(finding), Cell::count(finding.n), limit, verdict]
    }

    /// The number with its interval or the words that there is none.
    pub(super) fn number(&self, finding: &Finding) -> Cell {
        match (&finding.value, &finding.interval) {
            (Err(reason), _) => Cell::new(Kind::Absent, self.undefined(reason)),
            (Ok(value), None) => Cell::new(Kind::Number, number::number(*value)),
            (Ok(value), Some(interval)) => {
                Cell::new(Kind::Number, number::number(*value)).below(number::interval(interval))
            }
        }
    }

    /// What the evidence adds to a comparison: the extreme groups, the value without the
    /// undefined ones, the groups that were too small.
    pub(super) fn beside(&self, finding: &Finding) -> Vec<String> {
        let line = |evidence: &Evidence| match evidence {
            Evidence::Numbers { name, cells } if !cells.is_empty() => {
                let cells: Vec<String> = cells.iter().map(|c| self.numbered(name, c)).collect();
                let facts = [("name", self.list_name(name)), ("cells", self.language.list(&cells))];
                Some(fill(self.words.named, &facts))
            }
            _ => None,
        };
        finding.evidence.iter().filter_map(line).collect()
    }

    /// The name of a list of numbers; one of the predictions of a class names that class.
    fn list_name(&self, name: &str) -> String {
        match name.strip_prefix("predicted_of_actual ") {
            Some(class) => {
                let message = FairnessWords::of(self.language).predicted_of_actual;
                fill(message, &[("class", class.to_owned())])
            }
            None => self.name(names::TERMS, name),
        }
    }

    pub(super) fn numbered(&self, list: &str, cell: &Numbered) -> String {
        if list == "row" {
            return self.language.pick(cell.name.clone(), row_in_chinese(cell));
        }
        let name = names::find(self.language, names::TERMS, &cell.name)
            .or_else(|| names::find(self.language, names::LABELS, &cell.name))
            .or_else(|| names::known(self.language, &cell.name))
            .unwrap_or_else(|| cell.name.clone());
        let rows = format!("n\u{a0}=\u{a0}{}", cell.n);
        match cell.value {
            Some(value) => format!("{name} {} ({rows})", number::number(value)),
            None if list == "excluded_small_groups" => format!("{name} ({rows})"),
            None => format!("{name} {} ({rows})", self.words.no_number),
        }
    }
}

/// A row that was left out; the reason is in the record.
fn row_in_chinese(cell: &Numbered) -> String {
    cell.value.map_or_else(|| cell.name.clone(), |row| format!("第 {} 行", number::number(row)))
}
