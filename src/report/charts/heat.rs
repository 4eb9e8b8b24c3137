//! A table of shaded cells, hatched where there are too few rows.

use super::WIDTH;
use super::canvas::{Sheet, ellipsis, width};
use super::legend::{Key, legend};
use super::mark::{Anchor, BLUE, GRID, INK, Mark, Point};
use crate::report::document::{Heat, HeatCell};
use crate::report::number;

const ROW: f64 = 46.0;
const SIZE: f64 = 13.0;
const TOP: f64 = 52.0;
/// Faintest and strongest shade; text in ink stays readable on both.
const SHADES: (f64, f64) = (0.06, 0.55);

fn at(i: usize) -> f64 {
    f64::from(u32::try_from(i).unwrap_or(0))
}

/// Draws the map.
pub(super) fn draw(map: &Heat) -> Sheet {
    let widest = map.rows.iter().map(|l| width(l, SIZE)).fold(60.0, f64::max);
    let left = widest.min(210.0) + 28.0;
    let across = (WIDTH - left - 14.0) / at(map.columns.len().max(1));
    let mut marks = vec![Mark::text((left, 14.0), map.title.as_str(), SIZE, Anchor::Start)];
    for (i, name) in map.columns.iter().enumerate() {
        let place = (left + across * (at(i) + 0.5), TOP - 14.0);
        marks.push(Mark::text(place, ellipsis(name, across - 6.0, SIZE), SIZE, Anchor::Middle));
    }
    for (i, (name, cells)) in map.rows.iter().zip(&map.cells).enumerate() {
        let top = TOP + ROW * at(i);
        let name = ellipsis(name, left - 24.0, SIZE);
        marks.push(Mark::text((left - 10.0, top + ROW / 2.0), name, SIZE, Anchor::End));
        for (j, cell) in cells.iter().enumerate() {
            let from = (left + across * at(j), top);
            marks.extend(draw_cell(map, cell, from, (from.0 + across, top + ROW)));
        }
    }
    let bottom = TOP + ROW * at(map.rows.len());
    let hatched = map.cells.iter().flatten().any(|cell| matches!(cell, HeatCell::Hatched(_)));
    let entries: Vec<(Key, String)> =
        hatched.then(|| (Key::Hatched, map.hatched.clone())).into_iter().collect();
    let (mut key, end) = legend(&entries, bottom + 10.0);
    marks.append(&mut key);
    Sheet { marks, height: end + 6.0 }
}

fn draw_cell(map: &Heat, cell: &HeatCell, from: Point, to: Point) -> Vec<Mark> {
    let middle = (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1));
    let line = |text: String, dy: f64, size| {
        Mark::text((middle.0, middle.1 + dy), text, size, Anchor::Middle)
    };
    let rows = |n: u64| line(format!("n = {n}"), 9.0, 11.0);
    let mut marks = Vec::new();
    match cell {
        HeatCell::Value(value, n) => {
            let (low, high) = map.ends;
            let share =
                if high > low { ((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 };
            let strength = SHADES.0 + share * (SHADES.1 - SHADES.0);
            marks.push(Mark::Fill { from, to, colour: BLUE, strength });
            marks.extend([line(number::number(*value), -8.0, SIZE), rows(*n)]);
        }
        HeatCell::Hatched(n) => {
            marks.extend(hatching(from, (to.0, f64::midpoint(from.1, to.1))));
            marks.push(rows(*n));
        }
        HeatCell::Empty => marks.push(line("n = 0".to_owned(), 0.0, 11.0)),
    }
    let corners = [from, (to.0, from.1), to, (from.0, to.1), from];
    marks.extend(corners.windows(2).map(|ends| Mark::line(ends[0], ends[1], INK, 0.5)));
    marks
}

/// Slanted lines within a rectangle.
pub(super) fn hatching(from: Point, to: Point) -> Vec<Mark> {
    const STEP: f64 = 8.0;
    let tall = to.1 - from.1;
    let mut marks = Vec::new();
    let mut x = from.0 - tall + STEP;
    while x < to.0 {
        // From the lower end (x, bottom) to the upper end (x + tall, top), cut at both sides.
        let low = (x.max(from.0), to.1 - (x.max(from.0) - x));
        let high = ((x + tall).min(to.0), from.1 + (x + tall - (x + tall).min(to.0)));
        marks.push(Mark::line(low, high, GRID, 1.0));
        x += STEP;
    }
    marks
}
