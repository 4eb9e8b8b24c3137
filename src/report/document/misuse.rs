//! The usage log against the policy.

use super::phrase::Phrases;
use super::{Block, Cell, Section, Table, figures};
use crate::domain::{Evidence, Finding, Stage};

/// Log lines that one rule shows.
const EXAMPLES: usize = 5;

/// The chapter.
pub(super) fn section(p: &Phrases<'_>) -> Section {
    let w = p.words;
    let findings: Vec<&Finding> = p.record.of(Stage::Misuse).collect();
    let mut blocks = Vec::new();
    if findings.is_empty() {
        blocks.push(Block::Text(w.no_misuse.to_owned()));
    } else {
        blocks.push(Block::Text(w.misuse_note.to_owned()));
        blocks.extend(p.findings(w.violations, &findings));
        if let Some(figure) = figures::violations(p) {
            blocks.push(Block::Figure(Box::new(figure)));
        }
        let examples = examples(p, &findings);
        if !examples.rows.is_empty() {
            blocks.push(Block::Table(examples));
        }
    }
    Section { id: "misuse", title: w.misuse.to_owned(), blocks }
}

fn examples(p: &Phrases<'_>, findings: &[&Finding]) -> Table {
    let w = p.words;
    let head = [w.check, w.line, w.record_id, w.policy_says];
    let mut table = Table::new(w.first_examples, &head);
    for finding in findings {
        for evidence in &finding.evidence {
            let Evidence::Lines { lines } = evidence else { continue };
            for line in lines.iter().take(EXAMPLES) {
                table.rows.push(vec![
                    Cell::words(p.subject(&finding.check, &finding.subject)),
                    Cell::count(line.line),
                    Cell::quote(line.id.clone()),
                    Cell::quote(line.message.clone()),
                ]);
            }
        }
    }
    table
}
