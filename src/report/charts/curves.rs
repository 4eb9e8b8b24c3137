//! Curves in one or more panels.

use super::WIDTH;
use super::canvas::{Sheet, ellipsis, width};
use super::legend::{Key, legend, pattern};
use super::mark::{Anchor, BLUE, GREEN, INK, Mark, PURPLE, Point, Shape, VERMILLION, dashes};
use super::scale::{label, ticks};
use crate::report::document::{LinePanel, Lines, Scale, Series};
use plotters::style::RGBColor;

const SIZE: f64 = 13.0;
const STYLES: [(RGBColor, Shape); 4] = [
    (BLUE, Shape::Circle),
    (VERMILLION, Shape::Square),
    (GREEN, Shape::Triangle),
    (PURPLE, Shape::Cross),
];

/// The rectangle of a panel's axes.
struct Frame {
    left: f64,
    right: f64,
    top: f64,
    bottom: f64,
}

impl Frame {
    fn at(&self, panel: &LinePanel, (x, y): Point) -> Point {
        let across = self.left + (self.right - self.left) * panel.x.place(x);
        (across, self.bottom - (self.bottom - self.top) * panel.y.place(y))
    }
}

/// Draws the chart.
pub(super) fn draw(lines: &Lines) -> Sheet {
    let panels = f64::from(u32::try_from(lines.panels.len().max(1)).unwrap_or(1));
    let wide = WIDTH / panels;
    let tall = if panels > 1.0 { 260.0 } else { 400.0 };
    let mut marks = Vec::new();
    let mut entries: Vec<(Key, String)> = Vec::new();
    for (i, panel) in lines.panels.iter().enumerate() {
        let start = wide * f64::from(u32::try_from(i).unwrap_or(0));
        let frame = Frame {
            left: start + 62.0,
            right: start + wide - 18.0,
            top: 30.0,
            bottom: 30.0 + tall,
        };
        marks.extend(axes(panel, &frame));
        marks.extend(band(panel, &frame));
        marks.extend(guides(panel, &frame));
        for (order, series) in panel.series.iter().enumerate().take(STYLES.len()) {
            marks.extend(curve(panel, &frame, series, order));
        }
        for entry in keys(panel) {
            if !entries.contains(&entry) {
                entries.push(entry);
            }
        }
    }
    let (mut key, bottom) = legend(&entries, 30.0 + tall + 48.0);
    marks.append(&mut key);
    Sheet { marks, height: bottom + 6.0 }
}

fn axes(panel: &LinePanel, frame: &Frame) -> Vec<Mark> {
    let mut marks = Vec::new();
    let room = frame.right - frame.left + 40.0;
    let y_title = ellipsis(&panel.y_title, room, SIZE);
    marks.push(Mark::text((frame.left - 44.0, 14.0), y_title, SIZE, Anchor::Start));
    let middle = f64::midpoint(frame.left, frame.right);
    let x_title = ellipsis(&panel.x_title, room, SIZE);
    marks.push(Mark::text((middle, frame.bottom + 36.0), x_title, SIZE, Anchor::Middle));
    let mut free = f64::MIN;
    for tick in ticks(panel.x).into_iter().filter(|t| whole(panel.x, *t)) {
        let at = frame.at(panel, (tick, 0.0)).0;
        let text = label(tick);
        marks.push(Mark::Rule { from: (at, frame.top), to: (at, frame.bottom) });
        let half = width(&text, 11.5) / 2.0;
        if at - half > free + 6.0 {
            marks.push(Mark::text((at, frame.bottom + 14.0), text, 11.5, Anchor::Middle));
            free = at + half;
        }
    }
    for tick in ticks(panel.y) {
        let at = frame.at(panel, (0.0, tick)).1;
        marks.push(Mark::Rule { from: (frame.left, at), to: (frame.right, at) });
        marks.push(Mark::text((frame.left - 6.0, at), label(tick), 11.5, Anchor::End));
    }
    let corner = (frame.left, frame.bottom);
    marks.push(Mark::line(corner, (frame.right, frame.bottom), INK, 1.0));
    marks.push(Mark::line(corner, (frame.left, frame.top), INK, 1.0));
    marks
}

/// Epochs are whole; other axes take every tick.
fn whole(scale: Scale, tick: f64) -> bool {
    let epochs = matches!(scale, Scale::Linear { low, .. } if low > 0.0);
    !epochs || (tick - tick.round()).abs() < 1e-9
}

/// The shaded range: between two abscissae from the lower end of the left to the upper end of the
/// right one, which holds for curves that rise.
fn band(panel: &LinePanel, frame: &Frame) -> Vec<Mark> {
    let piece = |pair: &[(f64, f64, f64)]| {
        let (from, to) =
            (frame.at(panel, (pair[0].0, pair[1].2)), frame.at(panel, (pair[1].0, pair[0].1)));
        Mark::Band { from, to, colour: BLUE }
    };
    panel.band.windows(2).map(piece).collect()
}

fn guides(panel: &LinePanel, frame: &Frame) -> Vec<Mark> {
    let mut marks = Vec::new();
    for guide in &panel.guides {
        let (dash, colour) = pattern(guide.kind);
        let at = frame.at(panel, (guide.at, 0.0)).0;
        marks.extend(dashes((at, frame.top), (at, frame.bottom), dash, colour));
    }
    for guide in &panel.levels {
        let (dash, colour) = pattern(guide.kind);
        let at = frame.at(panel, (0.0, guide.at)).1;
        marks.extend(dashes((frame.left, at), (frame.right, at), dash, colour));
    }
    if panel.diagonal.is_some() {
        let (low, high) = panel.x.ends();
        let (from, to) = (frame.at(panel, (low, low)), frame.at(panel, (high, high)));
        marks.extend(dashes(from, to, (1.5, 3.0), INK));
    }
    marks
}

/// A curve with markers at even distances along the abscissa, shifted from curve to curve.
fn curve(panel: &LinePanel, frame: &Frame, series: &Series, order: usize) -> Vec<Mark> {
    const MARKERS: f64 = 7.0;
    let (colour, shape) = STYLES[order % STYLES.len()];
    let points = simplified(panel, frame, series);
    let step = (frame.right - frame.left) / MARKERS;
    let shift = f64::from(u32::try_from(order).unwrap_or(0)) * 0.25;
    let mut next = frame.left + step * (0.25 + shift);
    let mut marks = Vec::new();
    let few = points.len() <= 12;
    for &at in &points {
        if few || at.0 >= next {
            marks.push(Mark::Marker { at, shape, colour });
            while next <= at.0 {
                next += step;
            }
        }
    }
    if points.len() > 1 {
        marks.insert(0, Mark::Path { points, colour, width: 2.0 });
    }
    marks
}

/// The points in the plane: those of the same pixel once, and of a level or upright run only its
/// ends.
fn simplified(panel: &LinePanel, frame: &Frame, series: &Series) -> Vec<Point> {
    let mut points: Vec<Point> = Vec::new();
    for &point in &series.points {
        let (x, y) = frame.at(panel, point);
        let at = ((x * 2.0).round() / 2.0, (y * 2.0).round() / 2.0);
        if points.last().is_some_and(|last| same(last.0, at.0) && same(last.1, at.1)) {
            continue;
        }
        if let [.., before, last] = points.as_slice() {
            let level = same(before.1, last.1) && same(last.1, at.1);
            let upright = same(before.0, last.0) && same(last.0, at.0);
            if level || upright {
                points.pop();
            }
        }
        points.push(at);
    }
    points
}

fn same(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-9
}

fn keys(panel: &LinePanel) -> Vec<(Key, String)> {
    let curves = panel.series.iter().zip(STYLES);
    let mut entries: Vec<(Key, String)> =
        curves.map(|(s, (colour, shape))| (Key::Curve(colour, shape), s.name.clone())).collect();
    for guide in panel.guides.iter().chain(&panel.levels) {
        entries.push((Key::Guide(guide.kind), guide.text.clone()));
    }
    entries.extend(panel.diagonal.iter().map(|text| (Key::Diagonal, text.clone())));
    entries
}
