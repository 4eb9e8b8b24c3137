//! Marks on a plotters backend.

use super::mark::{Anchor, GRID, INK, Mark, Point, Shape};
use super::{WIDTH, ZOOM};
use crate::report::escape::visible;
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::coord::types::RangedCoordf64;
use plotters::prelude::{
    BitMapBackend, Circle, Color, Cross, DrawingArea, DrawingBackend, IntoDrawingArea, PathElement,
    Polygon, Rectangle, SVGBackend, ShapeStyle, Text, WHITE,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontStyle, IntoFont, RGBColor, TextStyle, register_font};
use std::sync::OnceLock;

/// The name under which our font is known to plotters.
pub(super) const FAMILY: &str = "Audit Sans";
static BYTES: &[u8] = include_bytes!("../fonts/audit-sans.ttf");

/// Registers the font, once.
pub(super) fn font() -> Result<(), &'static str> {
    static REGISTERED: OnceLock<bool> = OnceLock::new();
    let done = REGISTERED.get_or_init(|| register_font(FAMILY, FontStyle::Normal, BYTES).is_ok());
    if *done { Ok(()) } else { Err("the font cannot be read") }
}

/// Marks and the height that they need.
pub(super) struct Sheet {
    /// Back to front.
    pub(super) marks: Vec<Mark>,
    /// Logical height.
    pub(super) height: f64,
}

impl Sheet {
    /// Width and height in pixels.
    pub(super) fn pixels(&self) -> (u32, u32) {
        (whole(WIDTH * ZOOM), whole((self.height * ZOOM).ceil()))
    }
}

/// A non-negative whole number of pixels.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the one place where a length becomes pixels; lengths are positive and small"
)]
fn whole(length: f64) -> u32 {
    length.round().clamp(0.0, 60_000.0) as u32
}

/// Width of a text in logical units.
pub(super) fn width(text: &str, size: f64) -> f64 {
    let measured = (FAMILY, size * ZOOM).into_font().box_size(&visible(text));
    measured.map_or(0.0, |(width, _)| f64::from(width) / ZOOM)
}

/// The text cut to a width, with an ellipsis where something is missing.
pub(super) fn ellipsis(text: &str, room: f64, size: f64) -> String {
    let text = visible(text);
    if width(&text, size) <= room {
        return text;
    }
    let mut kept: String = text;
    while kept.pop().is_some() {
        let cut = format!("{}…", kept.trim_end());
        if width(&cut, size) <= room {
            return cut;
        }
    }
    "…".to_owned()
}

/// The text in lines of at most this width, broken at spaces and between Chinese characters.
pub(super) fn wrap(text: &str, room: f64, size: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words(&visible(text)) {
        let Some(line) = lines.last_mut() else { continue };
        if line.is_empty() || width(&format!("{line}{}", word.trim_end()), size) <= room {
            line.push_str(&word);
        } else {
            lines.push(word);
        }
    }
    let lines = lines.iter().map(|line| ellipsis(line.trim_end(), room, size));
    lines.collect()
}

/// Pieces that may stand at the end of a line.
fn words(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = vec![String::new()];
    for c in text.chars() {
        let closing = matches!(c, '，' | '。' | '、' | '：' | '；' | '）' | '”');
        let han = ('\u{2e80}'..='\u{9fff}').contains(&c);
        if han && !closing {
            pieces.push(String::new());
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(c);
        }
        if c == ' ' || han || closing {
            pieces.push(String::new());
        }
    }
    // A closing mark stays with what it closes.
    let mut joined: Vec<String> = Vec::new();
    for piece in pieces.into_iter().filter(|p| !p.is_empty()) {
        let closing = piece.starts_with(['，', '。', '、', '：', '；', '）', '”']);
        match joined.last_mut() {
            Some(last) if closing => last.push_str(&piece),
            _ => joined.push(piece),
        }
    }
    joined
}

/// Red, green, blue of every pixel, row by row, on white; and the size.
pub(super) fn bitmap(sheet: &Sheet) -> Result<(Vec<u8>, (u32, u32)), String> {
    let (columns, rows) = sheet.pixels();
    let size = usize::try_from(columns * rows * 3).map_err(|error| error.to_string())?;
    let mut pixels = vec![0; size];
    let area = BitMapBackend::with_buffer(&mut pixels, (columns, rows)).into_drawing_area();
    let look = Look { paper: true, lower: 0.2 };
    paint(&area, sheet, look).map_err(|error| error.to_string())?;
    drop(area);
    Ok((pixels, (columns, rows)))
}

/// The picture as SVG text, with or without paper.
pub(super) fn vector(sheet: &Sheet, paper: bool) -> Result<String, String> {
    let mut text = String::new();
    let area = SVGBackend::with_string(&mut text, sheet.pixels()).into_drawing_area();
    paint(&area, sheet, Look { paper, lower: 0.0 }).map_err(|error| error.to_string())?;
    drop(area);
    Ok(text)
}

type Plane<DB> = DrawingArea<DB, Cartesian2d<RangedCoordf64, RangedCoordf64>>;

/// What differs between the backends.
#[derive(Clone, Copy)]
struct Look {
    /// Whether to fill the paper.
    paper: bool,
    /// How far text is set lower, in units of its size: the bitmap backend centres the box of the
    /// line and not its letters.
    lower: f64,
}

fn paint<DB: DrawingBackend>(
    area: &DrawingArea<DB, Shift>,
    sheet: &Sheet,
    look: Look,
) -> Result<(), Box<dyn std::error::Error>>
where
    DB::ErrorType: 'static,
{
    if look.paper {
        area.fill(&WHITE)?;
    }
    let (x, y) = area.get_pixel_range();
    let (columns, rows) = sheet.pixels();
    let logical = (f64::from(columns) / ZOOM, f64::from(rows) / ZOOM);
    let plane: Plane<DB> =
        area.apply_coord_spec(Cartesian2d::new(0.0..logical.0, 0.0..logical.1, (x, y)));
    for mark in &sheet.marks {
        put(&plane, mark, look)?;
    }
    area.present()?;
    Ok(())
}

fn put<DB: DrawingBackend>(
    plane: &Plane<DB>,
    mark: &Mark,
    look: Look,
) -> Result<(), Box<dyn std::error::Error>>
where
    DB::ErrorType: 'static,
{
    match mark {
        Mark::Line { from, to, colour, width } => {
            plane.draw(&PathElement::new(vec![*from, *to], stroke(*colour, *width)))?;
        }
        Mark::Rule { from, to } => {
            plane.draw(&PathElement::new(vec![*from, *to], GRID.mix(0.35).stroke_width(2)))?;
        }
        Mark::Path { points, colour, width } => {
            plane.draw(&PathElement::new(points.clone(), stroke(*colour, *width)))?;
        }
        Mark::Band { from, to, colour } => {
            plane.draw(&Rectangle::new([*from, *to], colour.mix(0.14).filled()))?;
        }
        Mark::Fill { from, to, colour, strength } => {
            plane.draw(&Rectangle::new([*from, *to], colour.mix(*strength).filled()))?;
        }
        Mark::Marker { at, shape, colour } => marker(plane, *at, *shape, *colour)?,
        Mark::Text { at, text, size, anchor, colour } => {
            let place = match anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let style = TextStyle::from((FAMILY, size * ZOOM).into_font())
                .color(colour)
                .pos(Pos::new(place, VPos::Center));
            let at = (at.0, at.1 + size * look.lower);
            plane.draw(&Text::new(visible(text), at, style))?;
        }
    }
    Ok(())
}

fn marker<DB: DrawingBackend>(
    plane: &Plane<DB>,
    at: Point,
    shape: Shape,
    colour: RGBColor,
) -> Result<(), Box<dyn std::error::Error>>
where
    DB::ErrorType: 'static,
{
    const R: f64 = 4.5;
    let (x, y) = at;
    match shape {
        Shape::Circle => plane.draw(&Circle::new(at, whole(R * ZOOM), colour.filled()))?,
        Shape::Square => {
            plane.draw(&Rectangle::new([(x - R, y - R), (x + R, y + R)], colour.filled()))?;
        }
        Shape::Triangle => {
            let points = vec![(x - R - 1.0, y + R), (x + R + 1.0, y + R), (x, y - R - 1.0)];
            plane.draw(&Polygon::new(points, colour.filled()))?;
        }
        Shape::Cross => {
            plane.draw(&Cross::new(at, whole(R * ZOOM), stroke(colour, 2.5)))?;
        }
    }
    Ok(())
}

fn stroke(colour: RGBColor, width: f64) -> ShapeStyle {
    ShapeStyle::from(&colour).stroke_width(whole(width * ZOOM).max(1))
}

/// The colour as SVG writes it.
pub(super) fn ink() -> String {
    format!("#{:02X}{:02X}{:02X}", INK.0, INK.1, INK.2)
}
