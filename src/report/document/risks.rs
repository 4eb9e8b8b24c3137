//! The register with every step of its derivation, and what could be done.

use super::phrase::Phrases;
use super::{Block, Cell, Section, Table};
use crate::domain::Risk;
use crate::report::number;
use crate::report::words::{fill, names};

/// The chapter.
pub(super) fn section(p: &Phrases<'_>) -> Section {
    let (w, a) = (p.words, p.record.assessment);
    let mut blocks = vec![Block::Text(w.risks_note.to_owned())];
    if a.risks.is_empty() {
        blocks.push(Block::Text(w.no_risks.to_owned()));
    } else {
        blocks.push(Block::Table(register(p)));
    }
    for risk in &a.risks {
        blocks.push(Block::Heading(fill(
            w.risk_heading,
            &[("id", risk.id.clone()), ("kind", p.name(names::RISKS, &risk.kind))],
        )));
        blocks.push(Block::List(steps(p, risk)));
    }
    if !a.measures.is_empty() {
        blocks.push(Block::Heading(w.measures.to_owned()));
        blocks.push(Block::Text(w.measures_note.to_owned()));
        blocks.push(Block::Table(measures(p)));
    }
    Section { id: "risks", title: w.risks.to_owned(), blocks }
}

fn register(p: &Phrases<'_>) -> Table {
    let w = p.words;
    let head =
        [w.risk, w.measured_value, w.threshold, w.likelihood, w.severity, w.level, w.residual];
    let mut table = Table::new(w.register, &head);
    for risk in &p.record.assessment.risks {
        table.rows.push(vec![
            Cell::words(format!("{} {}", risk.id, p.name(names::RISKS, &risk.kind)))
                .below(p.shown_by(risk))
                .id(format!("risk-{}", risk.id)),
            p.risk_value(risk),
            p.risk_limit(risk),
            p.level_cell(risk.likelihood),
            p.level_cell(risk.severity),
            p.level_cell(risk.level),
            p.level_cell(risk.residual),
        ]);
    }
    table
}

/// The derivation, so that a reader can do it again by hand.
fn steps(p: &Phrases<'_>, risk: &Risk) -> Vec<String> {
    let (w, d) = (p.words, &risk.derivation);
    let value = d.value.map_or_else(|| w.no_number.to_owned(), number::number);
    let mut steps = vec![
        fill(
            w.step_value,
            &[("finding", p.shown_by(risk)), ("value", value), ("limit", number::typed(d.limit))],
        ),
        fill(
            w.step_likelihood,
            &[
                ("probability", number::number(d.probability)),
                ("method", p.name(names::TERMS, &d.method)),
                ("level", p.level(risk.likelihood)),
            ],
        ),
        fill(
            w.step_severity,
            &[
                ("floor", p.level(d.harm_floor)),
                ("magnitude", p.level(d.magnitude)),
                ("level", p.level(risk.severity)),
            ],
        ),
        fill(
            w.step_level,
            &[
                ("likelihood", p.level(risk.likelihood)),
                ("severity", p.level(risk.severity)),
                ("level", p.level(risk.level)),
            ],
        ),
        fill(w.step_residual, &[("level", p.level(risk.residual))]),
    ];
    if d.low_confidence {
        steps.push(w.step_low_confidence.to_owned());
    }
    if risk.because.len() > 1 {
        steps.push(fill(w.step_findings, &[("n", risk.because.len().to_string())]));
    }
    steps
}

fn measures(p: &Phrases<'_>) -> Table {
    let w = p.words;
    let mut table = Table::new(w.measures, &[w.measure, w.addresses]);
    for measure in &p.record.assessment.measures {
        let words = Cell::words(p.name(names::MEASURES, &measure.key));
        table.rows.push(vec![words, Cell::words(p.language.list(&measure.risks))]);
    }
    table
}
