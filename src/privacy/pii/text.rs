//! A text as the detectors see it: bytes, full-width forms made plain, boundaries without `\b`.

use std::borrow::Cow;
use std::ops::Range;

/// The bytes of one text. Full-width digits, letters and a few signs, odd dashes and odd spaces are
/// replaced by their ASCII forms; `range` leads back to the bytes of the original.
pub(crate) struct Text<'a> {
    bytes: Cow<'a, [u8]>,
    /// Original offset of each byte and of the end; empty when nothing was replaced.
    offsets: Vec<usize>,
    /// Words that stand outside the text and speak for it, e.g. the header of its column.
    pub(crate) header: &'a str,
}

impl<'a> Text<'a> {
    /// Reads `text`, which stands under `header` (empty when it stands alone).
    pub(crate) fn new(text: &'a str, header: &'a str) -> Self {
        if text.is_ascii() || text.chars().all(|c| plain(c).is_none()) {
            return Self { bytes: Cow::Borrowed(text.as_bytes()), offsets: Vec::new(), header };
        }
        let mut bytes = Vec::with_capacity(text.len());
        let mut offsets = Vec::with_capacity(text.len() + 1);
        for (at, c) in text.char_indices() {
            if let Some(ascii) = plain(c) {
                bytes.push(ascii);
                offsets.push(at);
            } else {
                let width = c.len_utf8();
                bytes.extend_from_slice(&text.as_bytes()[at..at + width]);
                offsets.extend(at..at + width);
            }
        }
        offsets.push(text.len());
        Self { bytes: Cow::Owned(bytes), offsets, header }
    }

    /// All bytes.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The byte at `at`, 0 past the end.
    pub(crate) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    /// The byte `back` places before `at`, 0 before the beginning.
    pub(crate) fn before(&self, at: usize, back: usize) -> u8 {
        at.checked_sub(back).map_or(0, |i| self.byte(i))
    }

    /// Whether an ASCII letter or digit touches `at` from the left. A Chinese character does not.
    pub(crate) fn glued_left(&self, at: usize) -> bool {
        self.before(at, 1).is_ascii_alphanumeric()
    }

    /// Whether an ASCII letter or digit touches `end` from the right.
    pub(crate) fn glued_right(&self, end: usize) -> bool {
        self.byte(end).is_ascii_alphanumeric()
    }

    /// Whether a number that starts at `at` is the tail of something longer: a decimal, a dotted
    /// identifier, a hyphenated code.
    pub(crate) fn tail_of_token(&self, at: usize) -> bool {
        match self.before(at, 1) {
            b'.' => self.before(at, 2).is_ascii_digit(),
            b'-' | b'/' => self.word_before(at - 1).any(|b| b.is_ascii_digit()),
            byte => byte.is_ascii_alphanumeric(),
        }
    }

    /// The letters and digits that end at `end`, last first, at most sixteen.
    fn word_before(&self, end: usize) -> impl Iterator<Item = u8> {
        let window = self.bytes()[end.saturating_sub(16)..end].iter().rev();
        window.copied().take_while(u8::is_ascii_alphanumeric)
    }

    /// Whether a number that ends before `end` goes on as something longer.
    pub(crate) fn head_of_token(&self, end: usize) -> bool {
        match self.byte(end) {
            b'.' | b'-' | b'/' => self.byte(end + 1).is_ascii_digit(),
            byte => byte.is_ascii_alphanumeric(),
        }
    }

    /// The bytes of the original that `range` stands for.
    pub(crate) fn original(&self, range: &Range<usize>) -> Range<usize> {
        match (self.offsets.get(range.start), self.offsets.get(range.end)) {
            (Some(&start), Some(&end)) => start..end,
            _ => range.clone(),
        }
    }
}

/// The ASCII form of a full-width or look-alike sign. The full-width colon and comma stay as they
/// are: in Chinese text they are punctuation, not parts of numbers.
fn plain(c: char) -> Option<u8> {
    match c {
        '０'..='９'
        | 'Ａ'..='Ｚ'
        | 'ａ'..='ｚ'
        | '＠'
        | '＋'
        | '－'
        | '．'
        | '（'
        | '）'
        | '／' => u8::try_from(u32::from(c) - 0xFEE0).ok(),
        '\u{3000}' | '\u{a0}' | '\u{202f}' | '\u{2009}' => Some(b' '),
        '\u{2010}'..='\u{2013}' | '\u{2212}' => Some(b'-'),
        _ => None,
    }
}

/// Digits in groups that are separated by one byte each, e.g. `6216 6119 0535 1040 891`.
#[derive(Default)]
pub(crate) struct Run {
    /// Values 0 to 9 of all digits in order.
    pub(crate) digits: Vec<u8>,
    /// Length of each group.
    pub(crate) groups: Vec<usize>,
    /// The one separator, 0 when there is a single group.
    pub(crate) separator: u8,
    /// Where the last group ends.
    pub(crate) end: usize,
}

impl Run {
    /// Reads the digits at `at`; groups may be separated by one of `separators`, the same throughout.
    /// A group that would lead beyond `most` digits is left out.
    pub(crate) fn read(text: &Text<'_>, at: usize, separators: &[u8], most: usize) -> Self {
        let mut run = Self { end: at, ..Self::default() };
        let mut here = at;
        loop {
            let width = run.group(text, here, most);
            if width == 0 {
                return run;
            }
            if run.digits.len() > most {
                run.digits.truncate(run.digits.len() - width);
                return run;
            }
            run.groups.push(width);
            run.end = here + width;
            let next = text.byte(run.end);
            let known =
                if run.separator == 0 { separators.contains(&next) } else { next == run.separator };
            if !known || !text.byte(run.end + 1).is_ascii_digit() {
                return run;
            }
            run.separator = next;
            here = run.end + 1;
        }
    }

    /// Drops the last group where it is set off by a blank: it may be another number.
    pub(crate) fn shorten(&mut self) -> bool {
        let last = self.groups.pop().unwrap_or(0);
        self.digits.truncate(self.digits.len() - last);
        self.end -= (last + 1).min(self.end);
        self.separator == b' ' && !self.groups.is_empty()
    }

    fn group(&mut self, text: &Text<'_>, at: usize, most: usize) -> usize {
        let room = most + 1 - self.digits.len().min(most);
        let digits = text.bytes()[at.min(text.bytes().len())..].iter();
        let before = self.digits.len();
        self.digits.extend(digits.take(room).take_while(|b| b.is_ascii_digit()).map(|b| b - b'0'));
        self.digits.len() - before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_forms_become_plain_and_offsets_lead_back() {
        let original = "电话１３８－９";
        let text = Text::new(original, "");
        assert!(text.bytes().ends_with(b"138-9"));
        let range = text.original(&(6..11));
        assert_eq!(&original[range], "１３８－９");
    }

    #[test]
    fn a_chinese_character_is_no_part_of_a_number() {
        let text = Text::new("号8月", "");
        assert!(!text.glued_left(3) && !text.glued_right(4));
        let text = Text::new("a8b", "");
        assert!(text.glued_left(1) && text.glued_right(2));
    }

    #[test]
    fn runs_keep_one_separator() {
        let text = Text::new("6216 6119-05", "");
        let run = Run::read(&text, 0, b" -", 19);
        assert_eq!((run.groups, run.end), (vec![4, 4], 9));
    }
}
