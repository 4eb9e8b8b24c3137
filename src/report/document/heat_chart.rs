//! The groups of two features as a table of shaded cells.

use super::figure::{Drawing, Figure, Heat, HeatCell};
use super::phrase::Phrases;
use super::record::Grouping;
use super::row_charts::grouping_slug;
use super::{Cell, Kind, Table};
use crate::domain::{Finding, Undefined};
use crate::report::number;
use crate::report::words::{FairnessWords, fill};

/// What is measured, and the most rows and columns of a map.
const MEASURE: &str = "selection_rate";
const MOST: (usize, usize) = (16, 9);

/// The selection rates of the groups of two features.
pub(super) fn heat(p: &Phrases<'_>, grouping: &Grouping<'_>) -> Option<Figure> {
    let [first, second] = grouping.by else { return None };
    let levels = |feature: &String| {
        let mut seen: Vec<&String> = Vec::new();
        for level in grouping.groups.iter().filter_map(|(key, _)| key.get(feature)) {
            if !seen.contains(&level) {
                seen.push(level);
            }
        }
        seen
    };
    let (mut rows, mut columns, mut sides) = (levels(first), levels(second), (first, second));
    if columns.len() > rows.len() {
        (rows, columns, sides) = (columns, rows, (second, first));
    }
    if rows.len() > MOST.0 || columns.len() > MOST.1 {
        return None;
    }
    let find = |row: &String, column: &String| {
        let is = |key: &&crate::domain::GroupKey| {
            key.get(sides.0) == Some(row) && key.get(sides.1) == Some(column)
        };
        let group = grouping.groups.iter().find(|(key, _)| is(key));
        group.and_then(|(_, measures)| measures.get(MEASURE).copied())
    };
    let cells: Vec<Vec<HeatCell>> =
        rows.iter().map(|r| columns.iter().map(|c| shaded(find(r, c))).collect()).collect();
    let (low, high) = extremes(&cells)?;
    let names = |levels: &[&String]| levels.iter().map(|l| (*l).clone()).collect::<Vec<_>>();
    let map = Heat {
        title: fill(
            FairnessWords::of(p.language).heat_axes,
            &[("check", p.check(MEASURE)), ("rows", sides.0.clone()), ("columns", sides.1.clone())],
        ),
        rows: names(&rows),
        columns: names(&columns),
        cells,
        ends: (low, high),
        hatched: FairnessWords::of(p.language).heat_hatched.to_owned(),
    };
    Some(figure(p, grouping, map))
}

fn shaded(finding: Option<&Finding>) -> HeatCell {
    match finding.map(|f| (&f.value, f.n)) {
        Some((Ok(value), n)) => HeatCell::Value(*value, n),
        Some((Err(Undefined::TooFew { n, .. }), _)) => HeatCell::Hatched(*n),
        Some((Err(_), n)) if n > 0 => HeatCell::Hatched(n),
        _ => HeatCell::Empty,
    }
}

/// The lowest and the highest value.
fn extremes(cells: &[Vec<HeatCell>]) -> Option<(f64, f64)> {
    let value = |cell: &HeatCell| match cell {
        HeatCell::Value(value, _) => Some(*value),
        _ => None,
    };
    let values = || cells.iter().flatten().filter_map(value);
    Some((values().min_by(f64::total_cmp)?, values().max_by(f64::total_cmp)?))
}

fn figure(p: &Phrases<'_>, grouping: &Grouping<'_>, map: Heat) -> Figure {
    let w = FairnessWords::of(p.language);
    let (mut strongest, mut faintest) = (String::new(), String::new());
    for (row, cells) in map.rows.iter().zip(&map.cells) {
        for (column, cell) in map.columns.iter().zip(cells) {
            if let HeatCell::Value(value, _) = cell {
                let name = || format!("{row} | {column}");
                if value.total_cmp(&map.ends.1).is_eq() && strongest.is_empty() {
                    strongest = name();
                }
                if value.total_cmp(&map.ends.0).is_eq() && faintest.is_empty() {
                    faintest = name();
                }
            }
        }
    }
    let facts = [
        ("by", grouping.name()),
        ("low", number::number(map.ends.0)),
        ("high", number::number(map.ends.1)),
        ("low_group", faintest),
        ("high_group", strongest),
    ];
    let title = fill(w.heat_title, &facts);
    let caption = fill(p.words.numbers_of, &[("chart", title.clone())]);
    let mut head = vec![p.words.group];
    head.extend(map.columns.iter().map(String::as_str));
    let mut table = Table::new(caption, &head);
    for (row, cells) in map.rows.iter().zip(&map.cells) {
        let cells = cells.iter().map(|cell| written(w, cell));
        table.rows.push(std::iter::once(Cell::quote(row.clone())).chain(cells).collect());
    }
    let name = format!("heat-{}", grouping_slug(p, grouping.by));
    Figure { name, title, how: w.heat_how.to_owned(), table, drawing: Drawing::Heat(map) }
}

fn written(w: &FairnessWords, cell: &HeatCell) -> Cell {
    let rows = |n: u64| format!("n\u{a0}=\u{a0}{n}");
    match cell {
        HeatCell::Value(value, n) => {
            Cell::new(Kind::Number, number::number(*value)).below(rows(*n))
        }
        HeatCell::Hatched(n) => Cell::new(Kind::Absent, w.heat_hatched).below(rows(*n)),
        HeatCell::Empty => Cell::new(Kind::Absent, rows(0)),
    }
}
