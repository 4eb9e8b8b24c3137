//! United States social security numbers.

use super::cues::{self, Cue};
use super::text::{Run, Text};
use super::{Candidate, Detector};
use crate::domain::{Ideal, Meta};

crate::check! {
    /// A social security number of the United States.
    ///
    /// **Formula** `AAA-GG-SSSS`; blanks or no separators only after a cue word such as `SSN`. Area
    /// 000, 666 and 900 to 999, group 00 and serial 0000 were never issued, nor were the numbers
    /// printed in advertisements.
    /// **Range** found or not. **Ideal** 0 found. **Undefined** never.
    /// **Source** Social Security Administration, rules on numbers never assigned. **Peer** Presidio
    /// `UsSsnRecognizer`.
    UsSsn, "PI006", "pii_us_ssn", Ideal::Zero
}

impl Detector for UsSsn {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn label(&self) -> &'static str {
        "US_SSN"
    }

    fn starts(&self, byte: u8) -> bool {
        byte.is_ascii_digit()
    }

    fn at(&self, text: &Text<'_>, at: usize) -> Option<Candidate> {
        if text.tail_of_token(at) {
            return None;
        }
        let run = Run::read(text, at, b"- ", 9);
        let shaped = run.groups == [3, 2, 4] || run.groups == [9];
        if run.digits.len() != 9 || !shaped || text.head_of_token(run.end) {
            return None;
        }
        let hyphens = run.separator == b'-';
        if !hyphens && cues::before(text, at) != Some(Cue::SocialSecurity) {
            return None;
        }
        Some(Candidate { range: at..run.end, passed: issued(&run.digits), rank: 6 })
    }
}

/// Whether the nine digits may have been given to a person.
fn issued(digits: &[u8]) -> bool {
    const ADVERTISED: [[u8; 9]; 2] = [[0, 7, 8, 0, 5, 1, 1, 2, 0], [2, 1, 9, 0, 9, 9, 9, 9, 9]];
    let area = &digits[..3];
    area != [0, 0, 0]
        && area != [6, 6, 6]
        && area[0] != 9
        && digits[3..5] != [0, 0]
        && digits[5..] != [0, 0, 0, 0]
        && ADVERTISED.iter().all(|a| a != digits)
}

#[cfg(test)]
mod tests {
    use crate::privacy::pii::found;

    #[test]
    fn finds_issued_numbers() {
        assert_eq!(found("号125-17-4954，"), ["US_SSN 125-17-4954"]);
        assert_eq!(found("SSN: 125 17 4954"), ["US_SSN 125 17 4954"]);
        assert_eq!(found("social security number 125174954"), ["US_SSN 125174954"]);
    }

    #[test]
    fn leaves_never_issued_and_near_misses_alone() {
        for text in [
            "000-12-3456",
            "666-12-3456",
            "957-17-8313",
            "123-00-4567",
            "123-45-0000",
            "078-05-1120",
            "862040946",
            "125 17 4954",
            "1-125-17-4954",
            "125-17-49541",
            "125-17-4954-1",
            "X125-17-4954",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
