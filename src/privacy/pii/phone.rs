//! Telephone numbers of the world.

use super::cues::{self, Cue};
use super::text::Text;
use super::{Candidate, Detector, calling_codes};
use crate::domain::{Ideal, Meta};

crate::check! {
    /// A telephone number.
    ///
    /// **Formula** `+` or `00` and a country calling code with 8 to 15 digits in all; a North American
    /// number as `(ddd) ddd-dddd`, `ddd-ddd-dddd` or `ddd.ddd.dddd`; a national number with a leading
    /// 0 and separators, 9 to 12 digits; anything of 7 to 13 digits after a cue word such as
    /// `phone`, `Tel.`, `appeler`, 电话. Dates, decimals, dotted identifiers and numbers
    /// after a word such as `order` or `NHS` are none.
    /// **Range** found or not. **Ideal** 0 found. **Undefined** never.
    /// **Source** ITU-T E.164 (11/2010); E.123 (02/2001). **Peer** Presidio
    /// `PhoneRecognizer`.
    Phone, "PI002", "pii_phone", Ideal::Zero
}

impl Detector for Phone {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn label(&self) -> &'static str {
        "PHONE"
    }

    fn starts(&self, byte: u8) -> bool {
        byte.is_ascii_digit() || matches!(byte, b'+' | b'(')
    }

    fn at(&self, text: &Text<'_>, at: usize) -> Option<Candidate> {
        if text.tail_of_token(at) || text.before(at, 1) == b'+' || continues(text, at) {
            return None;
        }
        let mut dialled = Dialled::read(text, at);
        while dialled.groups.len() > 1 || dialled.digits.len() >= 7 {
            if let Some(end) = dialled.complete(text, at) {
                return Some(Candidate::passed(at..end, 3));
            }
            if !dialled.drop_last() {
                return None;
            }
        }
        None
    }
}

/// Whether the digits at `at` are a later group of a number that was read from its beginning.
fn continues(text: &Text<'_>, at: usize) -> bool {
    let digits = text.byte(at) != b'+';
    digits && text.before(at, 1) == b' ' && text.before(at, 2).is_ascii_digit()
}

/// One group of digits as written.
#[derive(Clone, Copy)]
struct Group {
    /// Its digits.
    width: usize,
    /// Whether it stands in parentheses.
    enclosed: bool,
    /// The separator before it: a blank, `-`, `.`, `/`, or 0 for none.
    separator: u8,
    /// Where it ends, the closing parenthesis included.
    end: usize,
}

/// Digits with the separators that people put into telephone numbers.
struct Dialled {
    plus: bool,
    digits: Vec<u8>,
    groups: Vec<Group>,
}

impl Dialled {
    fn read(text: &Text<'_>, at: usize) -> Self {
        let plus = text.byte(at) == b'+';
        let mut here = at + usize::from(plus);
        let mut dialled = Self { plus, digits: Vec::new(), groups: Vec::new() };
        let mut separator = 0;
        while let Some(end) = dialled.group(text, here, separator) {
            if dialled.digits.len() > 17 || dialled.groups.len() > 8 {
                dialled.drop_last();
                break;
            }
            (separator, here) = gap(text, end);
            if separator == 0 && text.byte(end) != b'(' && text.before(end, 1) != b')' {
                break;
            }
        }
        dialled
    }

    /// Reads one group, in parentheses or not, and says where it ends.
    fn group(&mut self, text: &Text<'_>, here: usize, separator: u8) -> Option<usize> {
        let enclosed = text.byte(here) == b'(';
        let start = here + usize::from(enclosed);
        let window = text.bytes()[start.min(text.bytes().len())..].iter().take(19);
        let width = window.take_while(|b| b.is_ascii_digit()).count();
        let end = start + width + usize::from(enclosed);
        let closed = !enclosed || (text.byte(end - 1) == b')' && (1..=5).contains(&width));
        if width == 0 || !closed || (enclosed && self.groups.len() > 1) {
            return None;
        }
        self.digits.extend(text.bytes()[start..start + width].iter().map(|b| b - b'0'));
        self.groups.push(Group { width, enclosed, separator, end });
        Some(end)
    }

    /// Drops the last group where a blank stands before it; otherwise the number ends nowhere else.
    fn drop_last(&mut self) -> bool {
        match self.groups.pop() {
            Some(last) if !self.groups.is_empty() => {
                self.digits.truncate(self.digits.len() - last.width);
                last.separator == b' '
            }
            _ => false,
        }
    }

    /// Where the number ends, extension included, when it is one.
    fn complete(&self, text: &Text<'_>, at: usize) -> Option<usize> {
        let last = self.groups.last()?;
        let end = extension(text, last.end);
        let hyphenated = text.byte(end) == b'-' && text.glued_right(end + 1);
        let named = cues::phone_after(text, end);
        if text.head_of_token(end) || (hyphenated && !named) || self.is_date() {
            return None;
        }
        let sure = self.international() || self.north_american() || self.national();
        let strict = sure && !cues::before(text, at).is_some_and(Cue::denies_phone);
        let plus = self.plus && sure;
        (plus || strict || (self.plausible() && self.cued(text, at, named))).then_some(end)
    }

    fn widths(&self) -> Vec<usize> {
        self.groups.iter().map(|g| g.width).collect()
    }

    /// Whether every separator is this one.
    fn only(&self, separator: u8) -> bool {
        self.groups.iter().skip(1).all(|g| g.separator == separator)
    }

    fn uses(&self, separator: u8) -> bool {
        self.groups.iter().any(|g| g.separator == separator)
    }

    /// `2024-07-03`, `03.07.2024`, with or without something after it.
    fn is_date(&self) -> bool {
        let year = |from: usize| {
            let century = self.digits.get(from..from + 2);
            century.is_some_and(|c| matches!(c, [1, 9] | [2, 0]))
        };
        let spaced = self.only(b' ') && self.digits.len() > 8;
        match self.widths()[..] {
            [4, 1 | 2, 1 | 2, ..] => year(0) && !spaced,
            [a @ (1 | 2), b @ (1 | 2), 4, ..] => year(a + b) && !spaced,
            [4, 4] => year(0) && year(4),
            _ => false,
        }
    }

    /// `+` or `00`, a calling code and as many digits as E.164 allows.
    fn international(&self) -> bool {
        let zeros = self.digits.starts_with(&[0, 0]);
        let number = match (self.plus, zeros) {
            (true, _) => &self.digits[..],
            (false, true) if self.groups.len() > 1 => &self.digits[2..],
            _ => return false,
        };
        let code = calling_codes::width(number);
        let trunk = usize::from(self.groups.iter().any(|g| g.enclosed && g.width == 1));
        let length = number.len() - trunk.min(number.len());
        let decimal = self.uses(b'.') && self.groups.len() < 3;
        let fits =
            if number.first() == Some(&1) { length == 11 } else { (8..=15).contains(&length) };
        code > 0 && fits && !decimal
    }

    /// Area code 200 to 999 and the usual separators.
    fn north_american(&self) -> bool {
        let (area, joined) = match self.widths()[..] {
            [3, 3, 4] => (0, self.only(b'-') || self.only(b'.') || self.groups[0].enclosed),
            [1, 3, 3, 4] if self.digits[0] == 1 => {
                (1, self.only(b'-') || self.only(b'.') || self.groups[1].enclosed)
            }
            _ => return false,
        };
        !self.plus && joined && self.digits[area] >= 2 && self.digits[area + 3] >= 1
    }

    /// One leading zero, separators, 9 to 12 digits.
    fn national(&self) -> bool {
        let widths = self.widths();
        let zero = self.digits.first() == Some(&0) && self.digits.get(1).is_some_and(|d| *d > 0);
        let shaped = (2..=6).contains(&widths[0]) && widths.iter().all(|w| (2..=8).contains(w));
        let dotted = !self.uses(b'.') || (self.only(b'.') && (widths.len() == 5 || widths[0] > 2));
        let code_like = widths == [3, 3, 3] && !self.groups[0].enclosed;
        let length = (9..=12).contains(&self.digits.len());
        !self.plus && widths.len() > 1 && zero && shaped && dotted && !code_like && length
    }

    /// What may be a number if a word says so.
    fn plausible(&self) -> bool {
        let widths = self.widths();
        let dotted = self.uses(b'.')
            && !(self.only(b'.') && widths.iter().all(|w| *w > 1) && widths.len() > 2);
        let thin = widths.iter().skip(1).any(|w| *w < 2);
        (7..=13).contains(&self.digits.len()) && !dotted && !thin
    }

    /// Whether the words around the number call it a telephone.
    fn cued(&self, text: &Text<'_>, at: usize, named: bool) -> bool {
        let zero = self.digits.first() == Some(&0);
        match cues::before(text, at) {
            Some(Cue::Phone) => true,
            Some(Cue::Contact) => zero || self.groups.len() > 1,
            None => {
                named && self.groups.len() > 1
                    || zero && self.digits.len() > 8 && cues::after_email(text, at)
            }
            Some(_) => false,
        }
    }
}

/// The separator after a group and where the next group starts; 0 and `end` when there is none.
fn gap(text: &Text<'_>, end: usize) -> (u8, usize) {
    let mut here = end + usize::from(text.byte(end) == b' ');
    let mark = matches!(text.byte(here), b'-' | b'.' | b'/');
    let separator = match (mark, here > end) {
        (true, _) => text.byte(here),
        (false, true) => b' ',
        (false, false) => 0,
    };
    here += usize::from(mark);
    here += usize::from(mark && text.byte(end) == b' ' && text.byte(here) == b' ');
    let next = text.byte(here);
    if next.is_ascii_digit() || next == b'(' { (separator, here) } else { (0, text.bytes().len()) }
}

/// Where an extension (`x769`, `ext. 12`, `转8001`) that follows `end` ends.
fn extension(text: &Text<'_>, end: usize) -> usize {
    let mut here = end + usize::from(text.byte(end) == b' ');
    let rest = &text.bytes()[here..];
    let marks: [&[u8]; 5] = [b"ext. ", b"ext.", b"ext ", "转".as_bytes(), b"x"];
    let Some(mark) = marks.iter().find(|m| rest.starts_with(m)) else { return end };
    here += mark.len();
    let width = text.bytes()[here..].iter().take(6).take_while(|b| b.is_ascii_digit()).count();
    if (1..=5).contains(&width) { here + width } else { end }
}

#[cfg(test)]
mod tests {
    use crate::privacy::pii::found;

    #[test]
    fn finds_international_numbers() {
        for phone in [
            "+49(0)0963 92237",
            "+33 (0)5 17 67 93 31",
            "+441164960035",
            "+34 846 89 46 41",
            "+1-903-140-4508x769",
            "001-253-366-9781",
            "+86 755 5367 8138",
            "+39 0508430170",
        ] {
            assert_eq!(found(&format!("于{phone}。")), [format!("PHONE {phone}")], "{phone}");
        }
    }

    #[test]
    fn finds_north_american_and_national_numbers() {
        for phone in [
            "(885) 930-2805",
            "243-453-4126",
            "339.997.5579",
            "1-853-297-3514",
            "(602)272-9781",
            "0755-41811535",
            "05828 46638",
            "(02476) 904219",
            "01 53 88 37 97",
            "0113 4960985",
        ] {
            assert_eq!(found(&format!("or {phone}, then")), [format!("PHONE {phone}")], "{phone}");
        }
    }

    #[test]
    fn a_cue_word_admits_bare_numbers() {
        for (text, phone) in [
            ("Telefon 02554381052", "02554381052"),
            ("telefono 330834555", "330834555"),
            ("Can someone call me on 450 0840?", "450 0840"),
            ("电话：62345678。", "62345678"),
            ("416 60 039 office", "416 60 039"),
            ("jo@web.de or 0909 879 0882", "0909 879 0882"),
        ] {
            assert!(found(text).contains(&format!("PHONE {phone}")), "{text} {:?}", found(text));
        }
    }

    #[test]
    fn leaves_near_misses_alone() {
        for text in [
            "1743069889",
            "0235771744",
            "453 834 9284",
            "710-674-705",
            "+12",
            "+08:00",
            "call 2024-07-03",
            "phone 03.07.2024",
            "+3.1415926535",
            "x+49301234567",
            "000 123 4567",
            "order 0755-41811535",
            "12 0755 41811535",
            "690 550 7092",
            "0-306-40615-2",
            "243-453-41267",
            "3-243-453-4126",
            "0755-41811535-a1",
            "ISBN 979-6-130-00304-2",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
