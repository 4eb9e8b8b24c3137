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
    let body = rounded(&merged(body(&drawn)))
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
    let body = rounded(&merged(body(&drawn)))
        .replace(&format!("font-family=\"{FAMILY}\""), &format!("font-family=\"{fonts}\""));
    let (columns, rows) = sheet.pixels();
    let (title, desc) = (xml(&figure.title), xml(&described(figure)));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{columns}\" height=\"{rows}\" \
         viewBox=\"0 0 {columns} {rows}\" role=\"img\">\n<title>{title}</title>\n\
         <desc>{desc}</desc>\n{body}</svg>\n"
    ))
}

/// Font sizes with one decimal; plotters writes all that a float has.
fn rounded(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, after)) = rest.split_once(" font-size=\"") {
        let (size, tail) = after.split_once('"').unwrap_or((after, ""));
        let size = size.parse().map_or(size.to_owned(), |size: f64| format!("{size:.1}"));
        text.extend([before, " font-size=\"", &size, "\""]);
        rest = tail;
    }
    text + rest
}

/// Runs of straight lines of one look as one path: dashes would else be most of the page.
fn merged(body: &str) -> String {
    let mut text = String::with_capacity(body.len());
    let mut open: Option<&str> = None;
    let mut at = (0, 0);
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
            text.extend(["<path ", look, " d=\"M0 0"]);
            (open, at) = (Some(look), (0, 0));
        }
        text.push_str(&relative(points, &mut at));
    }
    text + if open.is_some() { "\"/>\n" } else { "" }
}

/// A polygonal line as relative steps from `at`, which it moves to its end.
fn relative(points: &str, at: &mut (i64, i64)) -> String {
    let numbers = points.split(|c: char| c != '-' && !c.is_ascii_digit());
    let numbers: Vec<i64> = numbers.filter_map(|n| n.parse().ok()).collect();
    let mut steps = String::new();
    for (i, point) in numbers.chunks_exact(2).enumerate() {
        let (dx, dy) = (point[0] - at.0, point[1] - at.1);
        let step = match (i, dx, dy) {
            (0, ..) => format!("m{dx} {dy}"),
            (_, dx, 0) => format!("h{dx}"),
            (_, 0, dy) => format!("v{dy}"),
            _ => format!("l{dx} {dy}"),
        };
        steps.push_str(&step);
        *at = (point[0], point[1]);
    }
    steps
}

/// What the drawing holds, for those who do not see it.
fn described(figure: &Figure) -> String {
    let names: Vec<&str> = match &figure.drawing {
        Drawing::Dots(dots) => dots.panels.iter().map(|p| p.title.as_str()).collect(),
        Drawing::Lines(lines) => lines.panels.iter().map(|p| p.y_title.as_str()).collect(),
        Drawing::Heat(map) => vec![map.title.as_str()],
    };
    format!("{}. {}", names.join("; "), figure.how)
}

/// The drawing without the outer element that plotters writes.
fn body(drawn: &str) -> &str {
    let start = drawn.find('>').map_or(0, |at| at + 1);
    let end = drawn.rfind("</svg>").unwrap_or(drawn.len());
    drawn[start..end].trim_start()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_lines_becomes_one_path_of_steps() {
        let line = |points: &str| format!("<polyline fill=\"none\" points=\"{points} \"/>\n");
        let drawn = format!("{}{}<g/>\n", line("5,7 5,9"), line("5,12 8,12 9,10"));
        assert_eq!(merged(&drawn), "<path fill=\"none\" d=\"M0 0m5 7v2m0 3h3l1 -2\"/>\n<g/>\n");
    }

    #[test]
    fn font_sizes_have_one_decimal() {
        assert_eq!(rounded("<text font-size=\"20.967\">n"), "<text font-size=\"21.0\">n");
    }
}
