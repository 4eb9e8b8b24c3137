//! Rows with dots and whiskers.

use super::WIDTH;
use super::canvas::{Sheet, ellipsis, width, wrap};
use super::legend::{Key, legend, pattern};
use super::mark::{Anchor, BLUE, GREEN, GRID, INK, Mark, Shape, VERMILLION, dashes};
use super::scale::{label, ticks};
use crate::report::document::{Dot, Dots, Panel, Scale};
use crate::report::number;

const ROW: f64 = 28.0;
const SIZE: f64 = 13.0;
const N: f64 = 70.0;

/// Where things are.
struct Frame {
    left: f64,
    top: f64,
    bottom: f64,
    panel: f64,
}

/// Draws the chart.
pub(super) fn draw(dots: &Dots) -> Sheet {
    let titles: Vec<Vec<String>> = {
        let room = panel_width(dots) - 12.0;
        dots.panels.iter().map(|p| wrap(&p.title, room, SIZE)).collect()
    };
    let lines = titles.iter().map(Vec::len).max().unwrap_or(1);
    let top = 8.0 + 18.0 * f64::from(u32::try_from(lines).unwrap_or(1)) + 6.0;
    let rows = f64::from(u32::try_from(dots.labels.len()).unwrap_or(0));
    let frame =
        Frame { left: label_width(dots), top, bottom: top + rows * ROW, panel: panel_width(dots) };
    let mut marks = names(dots, &frame);
    for (i, panel) in dots.panels.iter().enumerate() {
        let left = frame.left + frame.panel * f64::from(u32::try_from(i).unwrap_or(0));
        for (line, text) in titles[i].iter().enumerate() {
            let y = 16.0 + 18.0 * f64::from(u32::try_from(line).unwrap_or(0));
            marks.push(Mark::text((left + 6.0, y), text.as_str(), SIZE, Anchor::Start));
        }
        marks.extend(draw_panel(panel, left, &frame));
    }
    let (mut key, bottom) = legend(&entries(dots), frame.bottom + 28.0);
    marks.append(&mut key);
    Sheet { marks, height: bottom + 6.0 }
}

fn label_width(dots: &Dots) -> f64 {
    let widest = dots.labels.iter().map(|l| width(l, SIZE)).fold(60.0, f64::max);
    let most = if dots.panels.len() > 1 { 190.0 } else { 330.0 };
    widest.min(most) + 28.0
}

fn panel_width(dots: &Dots) -> f64 {
    let panels = f64::from(u32::try_from(dots.panels.len().max(1)).unwrap_or(1));
    (WIDTH - label_width(dots) - N) / panels
}

/// Row names on the left, n on the right, faint lines between the rows.
fn names(dots: &Dots, frame: &Frame) -> Vec<Mark> {
    let mut marks = vec![Mark::text((WIDTH - 14.0, frame.top - 14.0), "n", SIZE, Anchor::End)];
    for (i, (label, n)) in dots.labels.iter().zip(&dots.n).enumerate() {
        let y = row(frame, i);
        let text = ellipsis(label, frame.left - 24.0, SIZE);
        marks.push(Mark::text((frame.left - 10.0, y), text, SIZE, Anchor::End));
        marks.push(Mark::text((WIDTH - 14.0, y), n.to_string(), SIZE, Anchor::End));
    }
    marks
}

fn row(frame: &Frame, i: usize) -> f64 {
    frame.top + ROW * (f64::from(u32::try_from(i).unwrap_or(0)) + 0.5)
}

fn draw_panel(panel: &Panel, left: f64, frame: &Frame) -> Vec<Mark> {
    let (start, room) = (left + 10.0, frame.panel - 24.0);
    let x = |value: f64| start + room * panel.scale.place(value);
    let mut marks = Vec::new();
    if let Some((low, high)) = panel.band {
        let (from, to) = ((x(low), frame.top), (x(high), frame.bottom));
        marks.push(Mark::Band { from, to, colour: GREEN });
    }
    let axis = |at: f64| Mark::line((start, at), (start + room, at), INK, 1.0);
    marks.push(axis(frame.bottom));
    let mut free = f64::MIN;
    for tick in ticks(panel.scale) {
        let (at, text) = (x(tick), label(tick));
        marks.push(Mark::line((at, frame.bottom), (at, frame.bottom + 5.0), INK, 1.0));
        marks.push(Mark::Rule { from: (at, frame.top), to: (at, frame.bottom) });
        let half = width(&text, 11.5) / 2.0;
        if at - half > free + 6.0 {
            marks.push(Mark::text((at, frame.bottom + 14.0), text, 11.5, Anchor::Middle));
            free = at + half;
        }
    }
    for guide in &panel.guides {
        let (dash, colour) = pattern(guide.kind);
        let at = x(guide.at);
        marks.extend(dashes((at, frame.top), (at, frame.bottom), dash, colour));
    }
    for (i, dot) in panel.dots.iter().enumerate() {
        let y = row(frame, i);
        if let (Some(from), Dot::Value { value, .. }) = (panel.stem, dot) {
            marks.push(Mark::line((x(from), y), (x(*value), y), GRID, 1.0));
        }
        marks.extend(draw_dot(dot, y, start, &x));
        marks.extend(beyond(dot, panel.scale, (start, y)));
    }
    marks
}

/// The number of a dot that lies below the axis and is drawn on its edge.
fn beyond(dot: &Dot, scale: Scale, (start, y): (f64, f64)) -> Option<Mark> {
    let Dot::Value { value, .. } = dot else { return None };
    let text = format!("← {}", number::number(*value));
    (*value < scale.ends().0).then(|| Mark::text((start + 9.0, y - 9.0), text, 11.0, Anchor::Start))
}

fn draw_dot(dot: &Dot, y: f64, start: f64, x: &impl Fn(f64) -> f64) -> Vec<Mark> {
    let (value, interval, limit, failed) = match dot {
        Dot::Absent(why) => {
            return vec![Mark::text((start + 4.0, y), why.as_str(), 11.5, Anchor::Start)];
        }
        Dot::Value { value, interval, limit, failed } => (*value, *interval, *limit, *failed),
    };
    let mut marks = Vec::new();
    if let Some(limit) = limit {
        let at = x(limit);
        marks.push(Mark::line((at, y - 10.0), (at, y + 10.0), VERMILLION, 2.0));
    }
    let (colour, shape) = if failed { (VERMILLION, Shape::Cross) } else { (BLUE, Shape::Circle) };
    if let Some((low, high)) = interval {
        let (low, high) = (x(low), x(high));
        marks.push(Mark::line((low, y), (high, y), colour, 2.0));
        for end in [low, high] {
            marks.push(Mark::line((end, y - 4.0), (end, y + 4.0), colour, 1.5));
        }
    }
    marks.push(Mark::Marker { at: (x(value), y), shape, colour });
    marks
}

fn entries(dots: &Dots) -> Vec<(Key, String)> {
    let mut entries: Vec<(Key, String)> = Vec::new();
    let several = dots.panels.len() > 1;
    for panel in &dots.panels {
        for guide in &panel.guides {
            let text = if several {
                format!("{}: {}", panel.title, guide.text)
            } else {
                guide.text.clone()
            };
            entries.push((Key::Guide(guide.kind), text));
        }
        if panel.band.is_some() {
            entries.push((Key::Band, dots.signs.band.to_owned()));
        }
    }
    let values = || dots.panels.iter().flat_map(|panel| &panel.dots);
    if values().any(|dot| matches!(dot, Dot::Value { limit: Some(_), .. })) {
        entries.push((Key::RowLimit, dots.signs.limit.to_owned()));
    }
    if values().any(|dot| matches!(dot, Dot::Value { failed: true, .. })) {
        entries.push((Key::Failed, dots.signs.failed.to_owned()));
    }
    entries
}
