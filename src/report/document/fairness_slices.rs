//! The slices that a search found.

use super::phrase::Phrases;
use super::{Block, Cell, Kind, Table};
use crate::domain::{Cell as Numbered, Evidence, Finding, Stage};
use crate::report::number;
use crate::report::words::{FairnessWords, fill};

/// Slices that one table shows, fewer where there are many groupings.
const ALL_ROWS: usize = 60;
const FEWEST_AND_MOST: (usize, usize) = (3, 20);

/// What the search says, metric by metric.
pub(super) fn blocks(p: &Phrases<'_>) -> Vec<Block> {
    let w = FairnessWords::of(p.language);
    let counts: Vec<&Finding> = of(p, "FA41").collect();
    let Some(first) = counts.first() else { return Vec::new() };
    let mut blocks = vec![Block::Heading(w.slices.to_owned())];
    if let Some(alpha) = part(first, "search", "chance_of_any_false_alarm") {
        let facts = [("alpha", number::percent(alpha.value.unwrap_or(0.0)))];
        blocks.push(Block::Text(fill(w.slices_note, &facts)));
    }
    blocks.push(Block::List(counts.iter().map(|f| counted(p, f)).collect()));
    for count in counts {
        let gap = count.check.replace("_slices", "_slice_gap");
        let slices: Vec<&Finding> = of(p, "FA40").filter(|f| f.check == gap).collect();
        if !slices.is_empty() {
            let caption = fill(w.slices_caption, &[("check", p.check(&count.check))]);
            blocks.push(Block::Table(table(p, caption, &slices)));
            blocks.extend(p.left_out(slices.len(), p.record.share(ALL_ROWS, FEWEST_AND_MOST)));
        }
    }
    blocks
}

fn of<'a>(p: &Phrases<'a>, family: &'static str) -> impl Iterator<Item = &'a Finding> {
    p.record.of(Stage::Fairness).filter(move |f| f.code.starts_with(family))
}

/// A named number of a finding's evidence.
pub(super) fn part<'a>(finding: &'a Finding, list: &str, name: &str) -> Option<&'a Numbered> {
    finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Numbers { name: of, cells } if of == list => {
            cells.iter().find(|c| c.name == name)
        }
        _ => None,
    })
}

/// One line per metric.
fn counted(p: &Phrases<'_>, finding: &Finding) -> String {
    let w = FairnessWords::of(p.language);
    let check = ("check", p.check(&finding.check));
    let found = match &finding.value {
        Ok(found) => *found,
        Err(reason) => return fill(w.slices_refused, &[check, ("because", p.undefined(reason))]),
    };
    let value = |name| part(finding, "search", name).and_then(|c| c.value).unwrap_or(0.0);
    let whole = |x: f64| format!("{x:.0}");
    let facts = [
        check,
        ("found", whole(found)),
        ("searched", whole(value("slices_searched"))),
        ("listed", whole(value("slices_listed"))),
    ];
    fill(if found > 0.0 { w.slices_found } else { w.slices_none }, &facts)
}

fn table(p: &Phrases<'_>, caption: String, slices: &[&Finding]) -> Table {
    let w = FairnessWords::of(p.language);
    let head = [w.slice, w.slice_gap, w.slice_rate, w.other_rate, w.corrected_p];
    let mut table = Table::new(caption, &head);
    for finding in slices.iter().take(p.record.share(ALL_ROWS, FEWEST_AND_MOST)) {
        let name = finding.subject.group.as_ref().map(|key| p.group(key)).unwrap_or_default();
        let rate = |name| {
            let cell = part(finding, "slice_rates", name);
            let text = cell.and_then(|c| c.value).map_or(String::new(), number::number);
            let rows = cell.map_or(0, |c| c.n);
            Cell::new(Kind::Number, text).below(format!("n\u{a0}=\u{a0}{rows}"))
        };
        table.rows.push(vec![
            Cell::quote(name).link(p.anchor(&finding.code)),
            p.number(finding),
            rate("slice"),
            rate("other_rows"),
            Cell::new(Kind::Number, p_value(w, finding)),
        ]);
    }
    table
}

fn p_value(w: &FairnessWords, finding: &Finding) -> String {
    match part(finding, "exact_test", "corrected_p_value").and_then(|c| c.value) {
        Some(p) if p < 1e-4 => w.below_small.to_owned(),
        Some(p) => number::number(p),
        None => String::new(),
    }
}
