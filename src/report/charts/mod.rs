//! Draws figures, as SVG and as PNG, with a font of our own.
//!
//! A figure becomes a list of marks in a logical plane of 800 units width; marks become pictures
//! at twice that size.

mod canvas;
mod curves;
mod heat;
mod legend;
mod mark;
mod rows;
mod scale;
mod svg;

pub(crate) use svg::inline_svg;

use super::RenderError;
use super::document::{Drawing, Figure};
use canvas::{Sheet, font};
use mark::{Anchor, INK, Mark};

/// Logical width of every picture.
const WIDTH: f64 = 800.0;
/// Pixels per logical unit.
const ZOOM: f64 = 2.0;

/// What a figure looks like, without its title.
fn sheet(figure: &Figure) -> Result<Sheet, RenderError> {
    font().map_err(|because| failed(figure, &because))?;
    Ok(match &figure.drawing {
        Drawing::Dots(dots) => rows::draw(dots),
        Drawing::Lines(lines) => curves::draw(lines),
        Drawing::Heat(map) => heat::draw(map),
    })
}

/// The same below its title.
fn titled(figure: &Figure) -> Result<Sheet, RenderError> {
    const SIZE: f64 = 18.0;
    let mut sheet = sheet(figure)?;
    let lines = canvas::wrap(&figure.title, WIDTH - 40.0, SIZE);
    let height = 24.0 * f64::from(u32::try_from(lines.len()).unwrap_or(1)) + 20.0;
    for mark in &mut sheet.marks {
        mark.shift(height);
    }
    let mut y = 26.0;
    for text in lines {
        let at = (20.0, y);
        sheet.marks.push(Mark::Text { at, text, size: SIZE, anchor: Anchor::Start, colour: INK });
        y += 24.0;
    }
    sheet.height += height;
    Ok(sheet)
}

fn failed(figure: &Figure, because: &impl ToString) -> RenderError {
    RenderError::Chart { name: figure.name.clone(), because: because.to_string() }
}

/// The figure as a stand-alone SVG file on white.
pub(crate) fn svg_file(figure: &Figure) -> Result<String, RenderError> {
    svg::file(figure, &titled(figure)?)
}

/// The figure as a PNG on white, 1600 pixels wide.
pub(crate) fn png_file(figure: &Figure) -> Result<Vec<u8>, RenderError> {
    let sheet = titled(figure)?;
    let (pixels, (columns, rows)) =
        canvas::bitmap(&sheet).map_err(|because| failed(figure, &because))?;
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new(&mut bytes);
    image::ImageEncoder::write_image(
        encoder,
        &pixels,
        columns,
        rows,
        image::ExtendedColorType::Rgb8,
    )
    .map_err(|error| failed(figure, &error))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
