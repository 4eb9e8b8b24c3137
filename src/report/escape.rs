//! What strings from configurations, tables and logs become before they are shown.
//!
//! A log field is written by a stranger. Markup must not act, and characters that cannot be seen
//! must not reorder what is around them.

use std::fmt::{self, Write};

/// The escaper of all HTML templates (see `askama.toml`).
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Page;

impl askama::filters::Escaper for Page {
    fn write_escaped_str<W: Write>(&self, dest: W, string: &str) -> fmt::Result {
        askama::filters::Html.write_escaped_str(dest, &visible(string))
    }
}

/// Whether a character reorders or hides text: control characters, zero-width characters, the
/// directional marks, embeddings, overrides and isolates of Unicode.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// The text with every hidden character spelt out as its number, `‹U+202E›`; line ends and tabs
/// become spaces.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\n' | '\r' | '\t') {
            shown.push(' ');
        } else if is_hidden(c) {
            let code = format!("‹U+{:04X}›", u32::from(c));
            shown.push_str(&code);
        } else {
            shown.push(c);
        }
    }
    shown
}

/// The text as XML character data or attribute value.
pub(crate) fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&apos;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The text as Markdown without any markup of its own, for table cells too.
pub(crate) fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in visible(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => {
                escaped.push('\\');
                escaped.push(c);
            }
            other => escaped.push(other),
        }
    }
    escaped
}

/// The text as a CSV cell that no spreadsheet takes for a formula: a cell that begins with
/// `= + - @`, a tab or a line end gets an apostrophe in front.
pub(crate) fn csv(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    let guarded = if formula { format!("'{text}") } else { text.to_owned() };
    if guarded.contains(['"', ',', '\n', '\r']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use askama::filters::Escaper;

    #[test]
    fn markup_does_not_act_and_hidden_marks_are_shown() {
        let mut page = String::new();
        Page.write_escaped_str(&mut page, "<script>\u{202e}x").unwrap();
        assert!(!page.contains('<') && !page.contains('\u{202e}'), "{page}");
        assert!(page.contains("‹U+202E›"), "{page}");
        assert_eq!(xml("a<b>&\"'\u{1}"), "a&lt;b&gt;&amp;&quot;&apos;‹U+0001›");
        assert_eq!(markdown("a|b <i> *c*\nd"), "a\\|b &lt;i&gt; \\*c\\* d");
        assert_eq!(visible("中文 é"), "中文 é");
    }

    #[test]
    fn a_cell_is_never_a_formula() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-x", "'-x"),
            ("@f", "'@f"),
            ("\tx", "'\tx"),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("=a,b", "\"'=a,b\""),
            ("plain", "plain"),
        ] {
            assert_eq!(csv(text), cell);
        }
    }
}
