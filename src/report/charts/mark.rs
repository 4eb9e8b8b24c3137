//! What a picture is made of, in logical units, the origin top left.

use plotters::style::RGBColor;

/// Text, axes and whatever must stand out from the paper; follows the theme of the page.
pub(super) const INK: RGBColor = RGBColor(0x1a, 0x1a, 0x1a);
/// Lines to read values at.
pub(super) const GRID: RGBColor = RGBColor(0x8c, 0x8c, 0x8c);
/// Okabe–Ito colours that keep a contrast of 3:1 to white and to the dark theme alike.
pub(super) const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xb2);
/// For what failed, and for limits.
pub(super) const VERMILLION: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
/// For ranges that count as equal.
pub(super) const GREEN: RGBColor = RGBColor(0x00, 0x9e, 0x73);
/// A fourth curve.
pub(super) const PURPLE: RGBColor = RGBColor(0xcc, 0x79, 0xa7);

/// A place.
pub(super) type Point = (f64, f64);

/// Which end of a text lies at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    /// The left end.
    Start,
    /// The middle.
    Middle,
    /// The right end.
    End,
}

/// The shape of a marker; together with the colour it tells curves apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A filled circle.
    Circle,
    /// A filled square.
    Square,
    /// A filled triangle.
    Triangle,
    /// A cross.
    Cross,
}

/// One piece of a picture.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    /// A straight line.
    Line { from: Point, to: Point, colour: RGBColor, width: f64 },
    /// A faint straight line to read values at.
    Rule { from: Point, to: Point },
    /// A polygonal line.
    Path { points: Vec<Point>, colour: RGBColor, width: f64 },
    /// A faint filled rectangle.
    Band { from: Point, to: Point, colour: RGBColor },
    /// A filled rectangle, `strength` from 0 to 1.
    Fill { from: Point, to: Point, colour: RGBColor, strength: f64 },
    /// A marker.
    Marker { at: Point, shape: Shape, colour: RGBColor },
    /// A line of text; the place is the middle of its height.
    Text { at: Point, text: String, size: f64, anchor: Anchor, colour: RGBColor },
}

impl Mark {
    /// Moves the mark down.
    pub(super) fn shift(&mut self, by: f64) {
        match self {
            Self::Line { from, to, .. }
            | Self::Rule { from, to }
            | Self::Fill { from, to, .. }
            | Self::Band { from, to, .. } => {
                from.1 += by;
                to.1 += by;
            }
            Self::Path { points, .. } => points.iter_mut().for_each(|p| p.1 += by),
            Self::Marker { at, .. } | Self::Text { at, .. } => at.1 += by,
        }
    }

    /// A text in ink.
    pub(super) fn text(at: Point, text: impl Into<String>, size: f64, anchor: Anchor) -> Self {
        Self::Text { at, text: text.into(), size, anchor, colour: INK }
    }

    /// A straight line.
    pub(super) fn line(from: Point, to: Point, colour: RGBColor, width: f64) -> Self {
        Self::Line { from, to, colour, width }
    }
}

/// A line of dashes, `on` long and `off` apart.
pub(super) fn dashes(from: Point, to: Point, (on, off): (f64, f64), colour: RGBColor) -> Vec<Mark> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy);
    let at = |s: f64| (from.0 + dx * s / length, from.1 + dy * s / length);
    let mut marks = Vec::new();
    let mut s = 0.0;
    while s < length {
        marks.push(Mark::line(at(s), at((s + on).min(length)), colour, 1.0));
        s += on + off;
    }
    marks
}
