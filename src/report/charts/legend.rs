//! What lines and markers mean, below a picture.

use super::WIDTH;
use super::canvas::{ellipsis, width};
use super::mark::{Anchor, GREEN, GRID, INK, Mark, Point, Shape, VERMILLION, dashes};
use crate::report::document::GuideKind;
use plotters::style::RGBColor;

/// How an entry looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Key {
    /// A guide.
    Guide(GuideKind),
    /// A curve.
    Curve(RGBColor, Shape),
    /// The diagonal.
    Diagonal,
    /// The band of equality.
    Band,
    /// A hatched cell.
    Hatched,
    /// The limit of a row.
    RowLimit,
    /// A broken limit.
    Failed,
}

/// The dashes of a guide, a pattern for each kind: never colour alone.
pub(super) fn pattern(kind: GuideKind) -> ((f64, f64), RGBColor) {
    match kind {
        GuideKind::Whole => ((2.0, 3.0), INK),
        GuideKind::Limit => ((8.0, 3.0), VERMILLION),
        GuideKind::Floor => ((12.0, 3.0), INK),
        GuideKind::Mark => ((4.0, 4.0), GRID),
        GuideKind::Stop => ((1.0, 5.0), INK),
    }
}

/// The legend from `top` down, and the place where it ends.
pub(super) fn legend(entries: &[(Key, String)], top: f64) -> (Vec<Mark>, f64) {
    const SIZE: f64 = 13.0;
    const SAMPLE: f64 = 30.0;
    let (mut marks, mut at) = (Vec::new(), (20.0, top + 12.0));
    for (key, text) in entries {
        let text = ellipsis(text, WIDTH - 40.0 - SAMPLE, SIZE);
        let wide = SAMPLE + width(&text, SIZE) + 22.0;
        if at.0 > 20.0 && at.0 + wide > WIDTH {
            at = (20.0, at.1 + 20.0);
        }
        marks.extend(sample(*key, at));
        marks.push(Mark::text((at.0 + SAMPLE, at.1), text, SIZE, Anchor::Start));
        at.0 += wide;
    }
    (marks, if entries.is_empty() { top } else { at.1 + 16.0 })
}

fn sample(key: Key, (x, y): Point) -> Vec<Mark> {
    let (from, to) = ((x, y), (x + 24.0, y));
    match key {
        Key::Guide(kind) => {
            let (dash, colour) = pattern(kind);
            dashes(from, to, dash, colour)
        }
        Key::Diagonal => dashes(from, to, (1.5, 3.0), INK),
        Key::Curve(colour, shape) => vec![
            Mark::line(from, to, colour, 2.0),
            Mark::Marker { at: (x + 12.0, y), shape, colour },
        ],
        Key::Band => {
            vec![Mark::Band { from: (x, y - 6.0), to: (x + 24.0, y + 6.0), colour: GREEN }]
        }
        Key::Hatched => super::heat::hatching((x, y - 7.0), (x + 24.0, y + 7.0)),
        Key::Failed => {
            vec![Mark::Marker { at: (x + 12.0, y), shape: Shape::Cross, colour: VERMILLION }]
        }
        Key::RowLimit => {
            vec![Mark::line((x + 12.0, y - 7.0), (x + 12.0, y + 7.0), VERMILLION, 2.0)]
        }
    }
}
