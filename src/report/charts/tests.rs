use super::canvas::{Sheet, bitmap, ellipsis, font, width, wrap};
use super::mark::{Anchor, Mark};
use super::{inline_svg, png_file, svg_file, titled};
use crate::report::document::{Document, figures};
use crate::report::example::{assessment, hostile};
use crate::report::language::Language;

/// The pixels of one character.
fn drawn(text: &str) -> Vec<u8> {
    font().unwrap();
    let mark = Mark::text((30.0, 30.0), text, 24.0, Anchor::Start);
    bitmap(&Sheet { marks: vec![mark], height: 60.0 }).unwrap().0
}

#[test]
fn chinese_is_drawn_with_glyphs_and_not_with_boxes() {
    // A character that the font lacks is drawn as .notdef; two hanzi must differ from it and from
    // each other.
    let (one, two, missing) = (drawn("审"), drawn("计"), drawn("\u{e123}"));
    assert!(one.iter().any(|&byte| byte < 100), "nothing was drawn");
    assert!(one != two && one != missing && two != missing);
}

#[test]
fn every_word_of_the_charts_is_in_the_font() {
    font().unwrap();
    let missing = drawn("\u{e123}");
    for language in [Language::English, Language::Chinese] {
        for figure in figures(&assessment(), language) {
            for mark in titled(&figure).unwrap().marks {
                let Mark::Text { text, .. } = mark else { continue };
                for c in text.chars().filter(|c| !c.is_whitespace() && !c.is_ascii()) {
                    assert!(drawn(&c.to_string()) != missing, "no glyph for {c:?} in {text}");
                }
            }
        }
    }
}

#[test]
fn pictures_are_wide_enough_and_the_same_every_time() {
    for figure in figures(&assessment(), Language::Chinese) {
        let png = png_file(&figure).unwrap();
        assert_eq!(&png[1..4], b"PNG");
        let columns = u32::from_be_bytes(png[16..20].try_into().unwrap());
        assert!(columns >= 1600, "{columns}");
        assert_eq!(png, png_file(&figure).unwrap());
    }
}

#[test]
fn no_text_is_cut_off_by_the_edge() {
    for record in [assessment(), hostile()] {
        for language in [Language::English, Language::Chinese] {
            for figure in figures(&record, language) {
                let sheet = titled(&figure).unwrap();
                for mark in &sheet.marks {
                    let Mark::Text { at, text, size, anchor, .. } = mark else { continue };
                    let wide = width(text, *size);
                    let left = match anchor {
                        Anchor::Start => at.0,
                        Anchor::Middle => at.0 - wide / 2.0,
                        Anchor::End => at.0 - wide,
                    };
                    let inside = left >= 0.0 && left + wide <= 800.0 && at.1 <= sheet.height;
                    assert!(inside, "{}: {text} at {left}..{}", figure.name, left + wide);
                }
            }
        }
    }
}

#[test]
fn drawings_on_the_page_follow_its_theme_and_have_a_name() {
    for figure in figures(&hostile(), Language::English) {
        let svg = inline_svg(&figure).unwrap();
        assert!(svg.starts_with("<svg viewBox=\"0 0 1600 "), "{svg:.80}");
        assert!(svg.contains("role=\"img\"") && svg.contains("<title id="));
        assert!(svg.contains("currentColor") && !svg.contains("#1A1A1A"));
        assert!(!svg.contains("<script") && !svg.contains('\u{202e}'));
        let file = svg_file(&figure).unwrap();
        assert!(file.contains("xmlns=") && file.contains("#1A1A1A"));
    }
}

#[test]
fn a_figure_of_the_page_is_a_picture_in_the_folder() {
    let document: Document = crate::report::document::document(&assessment(), Language::English);
    let names: Vec<String> =
        figures(&assessment(), Language::English).into_iter().map(|f| f.name).collect();
    let blocks = document.sections.iter().flat_map(|s| &s.blocks);
    let shown: Vec<&str> = blocks
        .filter_map(|b| match b {
            crate::report::document::Block::Figure(f) => Some(f.name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(shown, names);
    assert_eq!(shown.len(), 14, "{shown:?}");
}

#[test]
fn long_texts_are_wrapped_or_end_in_an_ellipsis() {
    font().unwrap();
    let long = "A group with a very long name that nobody can read in a chart";
    let cut = ellipsis(long, 100.0, 13.0);
    assert!(cut.ends_with('…') && width(&cut, 13.0) <= 100.0, "{cut}");
    let lines = wrap("按性别分组，入选率从百分之三十到百分之四十四。", 100.0, 13.0);
    assert!(lines.len() > 1 && lines.iter().all(|l| width(l, 13.0) <= 100.0), "{lines:?}");
    assert!(lines.iter().all(|l| !l.starts_with(['，', '。'])), "{lines:?}");
    assert_eq!(lines.concat(), "按性别分组，入选率从百分之三十到百分之四十四。");
}
