//! Waivers, what was not measured, definitions, and how to do it again.

use super::phrase::Phrases;
use super::{Block, Cell, Kind, Section, Table};
use crate::domain::{Definition, Ideal, Undefined, WaiverState};
use crate::report::language::Language;
use crate::report::words::{fill, names};

/// Failed rules that somebody accepted.
pub(super) fn waivers(p: &Phrases<'_>) -> Section {
    let w = p.words;
    let head = [w.rule, w.state, w.until, w.owner, w.why];
    let mut table = Table::new(w.waivers, &head);
    for record in &p.record.assessment.waivers {
        let waiver = &record.waiver;
        let state = match record.state {
            WaiverState::Used => w.waiver_used,
            WaiverState::Unused => w.waiver_unused,
            WaiverState::Expired => w.waiver_expired,
        };
        let mut scope: Vec<String> = Vec::new();
        scope.extend(waiver.by.iter().map(|by| fill(w.about_by, &[("by", by.clone())])));
        scope.extend(
            waiver
                .attack
                .iter()
                .map(|attack| fill(w.about_attack, &[("attack", p.name(names::ATTACKS, attack))])),
        );
        scope.extend(waiver.label.iter().map(|label| p.name(names::LABELS, label)));
        let mut rule = Cell::words(p.check(&waiver.check));
        if !scope.is_empty() {
            rule = rule.below(p.language.list(&scope));
        }
        table.rows.push(vec![
            rule,
            Cell::words(state),
            Cell::words(waiver.until.clone()),
            Cell::quote(waiver.owner.clone()),
            Cell::quote(waiver.because.clone()),
        ]);
    }
    let block = if table.rows.is_empty() {
        Block::Text(w.no_waivers.to_owned())
    } else {
        Block::Table(table)
    };
    Section { id: "waivers", title: w.waivers.to_owned(), blocks: vec![block] }
}

/// What was not measured.
pub(super) fn not_run(p: &Phrases<'_>) -> Section {
    let w = p.words;
    let mut table = Table::new(w.not_run, &[w.part, w.why]);
    for entry in &p.record.assessment.not_run {
        let why = p.not_run(entry);
        table.rows.push(vec![Cell::words(p.part(&entry.what)), Cell::words(why)]);
    }
    for finding in &p.record.assessment.findings {
        if let Err(reason @ Undefined::NotRun { .. }) = &finding.value {
            let what = p.subject(&finding.check, &finding.subject);
            table.rows.push(vec![Cell::words(what), Cell::words(p.undefined(reason))]);
        }
    }
    let first =
        if table.rows.is_empty() { Block::Text(w.all_ran.to_owned()) } else { Block::Table(table) };
    let blocks = vec![first, Block::Text(w.never_covered.to_owned())];
    Section { id: "not-run", title: w.not_run.to_owned(), blocks }
}

/// The manuals of the checks.
pub(super) fn definitions(p: &Phrases<'_>) -> Section {
    let w = p.words;
    let head = [w.check, w.meaning, w.formula, w.range, w.ideal, w.source];
    let mut table = Table::new(w.definitions, &head);
    let all = &p.record.assessment.definitions;
    table.rows = all
        .iter()
        .map(|d| {
            let first = all.iter().find(|other| other.undefined == d.undefined);
            definition(p, d, first.map(|f| f.code.as_str()).filter(|code| *code != d.code))
        })
        .collect();
    let mut blocks = vec![Block::Text(w.definitions_note.to_owned())];
    if !table.rows.is_empty() {
        blocks.push(Block::Table(table));
    }
    Section { id: "definitions", title: w.definitions.to_owned(), blocks }
}

/// One manual; `same` is the code of an earlier check that is undefined in the same cases.
fn definition(p: &Phrases<'_>, d: &Definition, same: Option<&str>) -> Vec<Cell> {
    let w = p.words;
    let ideal = match d.ideal {
        Ideal::Zero => "0",
        Ideal::One => "1",
        Ideal::Half => "0.5",
        Ideal::None => w.none,
    };
    let plain = |text: &str| text.replace('`', "");
    let meaning = match (p.language, names::meaning_in_chinese(&d.check)) {
        (Language::Chinese, Some(meaning)) => Cell::words(meaning),
        (Language::Chinese, None) => Cell::quote(plain(&d.summary)),
        (Language::English, _) => {
            let undefined = match same {
                Some(code) => fill(w.undefined_as, &[("code", code.to_owned())]),
                None => fill(w.undefined_when, &[("when", plain(&d.undefined))]),
            };
            Cell::words(plain(&d.summary)).below(undefined)
        }
    };
    let range = plain(&d.range);
    let range = p.language.pick(range.clone(), names::range_in_chinese(&range).unwrap_or(range));
    vec![
        Cell::words(p.check(&d.check)).below(d.code.clone()).id(format!("def-{}", d.code)),
        meaning,
        Cell::new(Kind::Code, plain(&d.formula)),
        Cell::words(range),
        Cell::words(ideal),
        Cell::quote(plain(&d.source)),
    ]
}

/// The command, the digests, the seed.
pub(super) fn reproduce(p: &Phrases<'_>) -> Section {
    let (w, origin) = (p.words, &p.record.assessment.provenance);
    let mut table = Table::new(w.digests, &[w.fact, w.value]);
    let mut add = |name: &str, kind, value: String| {
        table.rows.push(vec![Cell::words(name), Cell::new(kind, value)]);
    };
    let tool = format!("{} {}", origin.tool.name, origin.tool.version);
    add(w.tool, Kind::Words, tool);
    add(w.features, Kind::Code, origin.tool.features.join(", "));
    add(w.seed, Kind::Code, origin.seed.to_string());
    add(w.config_digest, Kind::Code, origin.config_sha256.clone());
    add(w.data_digest, Kind::Code, origin.data_sha256.clone());
    match &origin.model_sha256 {
        Some(hash) => add(w.model_digest, Kind::Code, hash.clone()),
        None => add(w.model_digest, Kind::Absent, w.no_model_digest.to_owned()),
    }
    let mut blocks = vec![
        Block::Text(w.reproduce_note.to_owned()),
        Block::Command("audit run CONFIG"),
        Block::Table(table),
    ];
    if !origin.inputs.is_empty() {
        let mut inputs = Table::new(w.inputs, &[w.path, w.digest]);
        inputs.rows = origin
            .inputs
            .iter()
            .map(|i| vec![Cell::quote(i.path.clone()), Cell::new(Kind::Code, i.sha256.clone())])
            .collect();
        blocks.push(Block::Table(inputs));
    }
    Section { id: "reproduce", title: w.reproduce.to_owned(), blocks }
}
