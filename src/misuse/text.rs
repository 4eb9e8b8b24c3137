//! Words from a log or a policy, made safe to print. Both may be written by an attacker.

/// The most characters of a foreign text that a finding repeats.
const LONGEST: usize = 200;

/// The first 200 characters with control and bidirectional characters escaped as `\u{202e}`, and an
/// ellipsis where something was cut. Escaping comes last, so an escape is never cut in half.
pub(super) fn tame(text: &str) -> String {
    let mut tamed = String::new();
    for c in text.chars().take(LONGEST) {
        if is_deceptive(c) {
            tamed.extend(c.escape_unicode());
        } else {
            tamed.push(c);
        }
    }
    if text.chars().nth(LONGEST).is_some() {
        tamed.push('…');
    }
    tamed
}

/// Control characters, bidirectional controls (Unicode 15.1, table 4-14 of UAX 9), invisible
/// separators and the byte order mark.
fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_words_of_any_script_stay() {
        assert_eq!(tame("<b>信用 crédit</b>"), "<b>信用 crédit</b>");
    }

    #[test]
    fn control_and_bidirectional_characters_are_escaped() {
        assert_eq!(tame("a\u{202e}b\n\u{1b}[31m"), "a\\u{202e}b\\u{a}\\u{1b}[31m");
    }

    #[test]
    fn long_text_is_cut_at_two_hundred_characters() {
        assert_eq!(tame(&"é".repeat(200)), "é".repeat(200));
        assert_eq!(tame(&"é".repeat(201)), format!("{}…", "é".repeat(200)));
    }
}
