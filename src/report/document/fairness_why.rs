//! Why the groups differ, and which thresholds would change it.

use super::fairness_charts::{bound, compared};
use super::fairness_slices::part;
use super::phrase::Phrases;
use super::{Block, Cell, Kind, Table, fairness_charts};
use crate::domain::{Cell as Numbered, Evidence, Finding, Stage};
use crate::report::number;
use crate::report::words::{FairnessWords, fill};

/// Rows that a table shows (fewer where there are many groupings), and ranges of thresholds that one
/// row lists.
const ALL_ROWS: usize = 48;
const FEWEST_AND_MOST: (usize, usize) = (3, 24);
const MOST_RANGES: usize = 4;

fn most(p: &Phrases<'_>) -> usize {
    p.record.share(ALL_ROWS, FEWEST_AND_MOST)
}

/// Parts of the gaps, the thresholds that pass, and the charts of both.
pub(super) fn blocks(p: &Phrases<'_>) -> Vec<Block> {
    let w = FairnessWords::of(p.language);
    let all = |check: &'static str| p.record.of(Stage::Fairness).filter(move |f| f.check == check);
    let gaps: Vec<&Finding> = all("selection_rate_gap_parts").collect();
    let swept: Vec<&Finding> = all("passing_thresholds").collect();
    let mut blocks = Vec::new();
    if gaps.iter().chain(&swept).next().is_none() {
        return blocks;
    }
    blocks.push(Block::Heading(w.why.to_owned()));
    if !gaps.is_empty() {
        blocks.push(Block::Text(w.parts_note.to_owned()));
        blocks.push(Block::Table(parts(p, &gaps)));
        blocks.extend(p.left_out(gaps.len(), most(p)));
    }
    let charts = fairness_charts::all(p);
    blocks.extend(charts.into_iter().map(|figure| Block::Figure(Box::new(figure))));
    if !swept.is_empty() {
        blocks.push(Block::Table(thresholds(p, &swept)));
        blocks.extend(p.left_out(swept.len(), most(p)));
    }
    let wrong: Vec<&Finding> =
        p.record.of(Stage::Fairness).filter(|f| f.check.ends_with("_label_error")).collect();
    if wrong.iter().any(|f| f.value.is_ok()) {
        blocks.push(Block::Text(w.labels_note.to_owned()));
        blocks.push(Block::Details(labels(p, &wrong)));
        blocks.extend(p.left_out(wrong.len(), most(p)));
    }
    blocks
}

/// A row per rate, group and reference.
fn labels(p: &Phrases<'_>, wrong: &[&Finding]) -> Table {
    let w = FairnessWords::of(p.language);
    let shares = [("1", 0.01), ("5", 0.05), ("10", 0.1)];
    let heads = shares.map(|(_, share)| fill(w.gap_if_wrong, &[("share", number::percent(share))]));
    let mut head = vec![p.words.check, w.closes_at];
    head.extend(heads.iter().map(String::as_str));
    let mut table = Table::new(w.labels_caption, &head);
    for finding in wrong.iter().take(most(p)) {
        let rate = finding.check.trim_end_matches("_label_error");
        let name = Cell::words(p.subject(rate, &finding.subject)).link(p.anchor(&finding.code));
        let mut closes = p.number(finding).below(format!("n\u{a0}=\u{a0}{}", finding.n));
        if let Ok(share) = finding.value {
            closes.text = number::percent(share);
        }
        let range = |(percent, _): &(&str, f64)| {
            let end = |which: &str| {
                let name = format!("{which}_at_{percent}_percent");
                part(finding, "gap_with_wrong_labels", &name).and_then(|c| c.value)
            };
            match (end("lowest"), end("highest")) {
                (Some(low), Some(high)) => {
                    let facts = [("low", number::number(low)), ("high", number::number(high))];
                    Cell::new(Kind::Number, fill(w.from_to, &facts))
                }
                _ => Cell::new(Kind::Absent, p.words.no_number),
            }
        };
        let ranges = shares.iter().map(range);
        table.rows.push([name, closes].into_iter().chain(ranges).collect());
    }
    table
}

/// A row per group and reference.
fn parts(p: &Phrases<'_>, gaps: &[&Finding]) -> Table {
    let w = FairnessWords::of(p.language);
    let head = [w.pair, w.gap, w.from_base_rates, w.from_scores, w.from_cut];
    let mut table = Table::new(w.parts_caption, &head);
    for finding in gaps.iter().take(most(p)) {
        let cell = |name| match part(finding, "parts", name).and_then(|c| c.value) {
            Some(value) => Cell::new(Kind::Number, number::number(value)),
            None => Cell::new(Kind::Absent, p.words.no_number),
        };
        let together = part(finding, "parts", "error_rates").and_then(|c| c.value);
        let scores = match together {
            Some(value) => Cell::new(Kind::Number, number::number(value)).below(w.not_split),
            None => cell("score_distribution"),
        };
        let name = Cell::quote(p.about(&finding.subject)).link(p.anchor(&finding.code));
        let gap = p.number(finding).below(format!("n\u{a0}=\u{a0}{}", finding.n));
        table.rows.push(vec![name, gap, cell("base_rate"), scores, cell("operating_point")]);
    }
    table
}

/// A row per grouping and rule.
fn thresholds(p: &Phrases<'_>, swept: &[&Finding]) -> Table {
    let w = FairnessWords::of(p.language);
    let head = [w.rule, w.share_of_thresholds, w.passing_ranges, w.best_passing];
    let mut table = Table::new(w.thresholds_caption, &head);
    for finding in swept.iter().take(most(p)) {
        let limit = number::bound(bound(finding));
        let by = finding.subject.by.join(" × ");
        let facts = [("check", compared(p, finding)), ("by", by), ("bound", limit)];
        let rule = if finding.value.is_ok() { w.rule_by } else { w.rule_by_unlimited };
        let name = Cell::words(fill(rule, &facts)).link(p.anchor(&finding.code));
        let mut row = vec![name, p.number(finding)];
        row.extend(match finding.value {
            Ok(_) => [ranges(p, finding), best(p, finding)],
            Err(_) => [(); 2].map(|()| Cell::new(Kind::Absent, p.words.no_number)),
        });
        table.rows.push(row);
    }
    table
}

/// The ends of a range of thresholds.
fn between(p: &Phrases<'_>, cells: &[Numbered]) -> Option<String> {
    let w = FairnessWords::of(p.language);
    let value = |name: &str| cells.iter().find(|c| c.name == name).and_then(|c| c.value);
    let facts = [
        ("above", number::number(value("above")?)),
        ("up_to", number::number(value("up_to")?)),
        ("accuracy", number::number(value("accuracy")?)),
    ];
    Some(fill(w.range_of_thresholds, &facts))
}

fn list<'a>(finding: &'a Finding, of: &str) -> &'a [Numbered] {
    let found = finding.evidence.iter().find_map(|e| match e {
        Evidence::Numbers { name, cells } if name == of => Some(cells.as_slice()),
        _ => None,
    });
    found.unwrap_or_default()
}

fn ranges(p: &Phrases<'_>, finding: &Finding) -> Cell {
    let w = FairnessWords::of(p.language);
    let all: Vec<String> =
        list(finding, "passing_thresholds").chunks(3).filter_map(|c| between(p, c)).collect();
    let Some((first, others)) = all.split_first() else { return Cell::words(w.no_threshold) };
    let shown = others.iter().take(MOST_RANGES - 1);
    let mut cell = shown.fold(Cell::words(first.clone()), |cell, range| cell.below(range.clone()));
    if let Some(more) = all.len().checked_sub(MOST_RANGES).filter(|more| *more > 0) {
        cell = cell.below(fill(w.more_ranges, &[("more", more.to_string())]));
    }
    cell
}

fn best(p: &Phrases<'_>, finding: &Finding) -> Cell {
    let w = FairnessWords::of(p.language);
    let found = between(p, list(finding, "most_accurate_passing_threshold"));
    let cell = Cell::words(found.unwrap_or_else(|| w.no_threshold.to_owned()));
    match between(p, list(finding, "most_accurate_threshold")) {
        Some(all) => cell.below(fill(w.best_of_all, &[("range", all)])),
        None => cell,
    }
}
