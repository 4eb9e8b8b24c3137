//! SVG for the page and for files of its own.

use super::canvas::{FAMILY, Sheet, ink, vector};
use super::{failed, sheet};
use crate::report::RenderError;
use crate::report::document::{Drawing, Figure};
use crate::report::escape::xml;

/// The figure for the page: named, described, in the page's ink and font.
pub(crate) fn inline_svg(figure: &Figure) -> Result<String, RenderError> {
    let sheet = sheet(figure)?;
    let drawn = vector(&sheet, false).map_err(|because| failed(figure, &because))?;
    let body = merged(body(&drawn))
        .replace(&format!(" font-family=\"{FAMILY}\""), "")
        .replace(&ink(), "currentColor")
        .replace(" opacity=\"1\"", "");
    let id = xml(&figure.name);
    let (columns, rows) = sheet.pixels();
    let (title, desc) = (xml(&figure.title), xml(&described(figure)));
    Ok(format!(
        "<svg viewBox=\"0 0 {columns} {rows}\" role=\"img\" aria-labelledby=\"svg-{id} desc-{id}\">\n\
         <title id=\"svg-{id}\">{title}</title>\n<desc id=\"desc-{id}\">{desc}</desc>\n{body}</svg>"
    ))
}

/// The figure as a file: on white, with a list of fonts that readers are likely to have.
pub(super) fn file(figure: &Figure, sheet: &Sheet) -> Result<String, RenderError> {
    let drawn = vector(sheet, true).map_err(|because| failed(figure, &because))?;
    let fonts =
        format!("{FAMILY}, DejaVu Sans, PingFang SC, Microsoft YaHei, Noto Sans SC, sans-serif");
    let body = merged(body(&drawn))
        .replace(&format!("font-family=\"{FAMILY}\""), &format!("font-family=\"{fonts}\""));
    let (columns, rows) = sheet.pixels();
    let (title, desc) = (xml(&figure.title), xml(&described(figure)));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{columns}\" height=\"{rows}\" \
         viewBox=\"0 0 {columns} {rows}\" role=\"img\">\n<title>{title}</title>\n\
         <desc>{desc}</desc>\n{body}</svg>\n"
    ))
}

/// Runs of straight lines of one look as one path: dashes would else be most of the page.
fn merged(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut open: Option<&str> = None;
    for line in body.lines() {
        let parts = line.strip_prefix("<polyline ").and_then(|rest| rest.split_once(" points=\""));
        let Some((look, points)) = parts else {
            text.push_str(if open.take().is_some() { "\"/>\n" } else { "" });
            text.push_str(line);
            text.push('\n');
            continue;
        };
        if open != Some(look) {
            text.push_str(if open.is_some() { "\"/>\n" } else { "" });
            text.extend(["<path ", look, " d=\""]);
            open = Some(look);
        }
        let points = points.trim_end_matches(['"', '/', '>', ' ']);
        text.extend(["M", &points.replace(' ', "L")]);
    }
    text + if open.is_some() { "\"/>\n" } else { "" }
}

/// What the drawing holds, for those who do not see it.
fn described(figure: &Figure) -> String {
    let names: Vec<&str> = match &figure.drawing {
        Drawing::Dots(dots) => dots.panels.iter().map(|p| p.title.as_str()).collect(),
        Drawing::Lines(lines) => lines.panels.iter().map(|p| p.y_title.as_str()).collect(),
    };
    format!("{}. {}", names.join("; "), figure.how)
}

/// The drawing without the outer element that plotters writes.
fn body(drawn: &str) -> &str {
    let start = drawn.find('>').map_or(0, |at| at + 1);
    let end = drawn.rfind("</svg>").unwrap_or(drawn.len());
    drawn[start..end].trim_start()
}
