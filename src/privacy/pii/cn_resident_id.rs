//! Chinese resident identity numbers.

use super::text::{Run, Text};
use super::{Candidate, Detector};
use crate::domain::{Ideal, Meta};

crate::check! {
    /// A Chinese resident identity number (居民身份证号码), which also tells birth date and sex.
    ///
    /// **Formula** Six digits of region, eight of birth date, three of sequence and a check sign:
    /// `Σ dᵢ · 2^(17−i) mod 11` selects from `1 0 X 9 8 7 6 5 4 3 2`. The province must exist, the
    /// date must be real and between 1900 and 2099. Blanks may stand around the date.
    /// **Range** found or not; one random number in eleven has the right check sign.
    /// **Ideal** 0 found. **Undefined** never. **Source** GB 11643-1999. **Peer** none.
    CnResidentId, "PI007", "pii_cn_resident_id", Ideal::Zero
}

impl Detector for CnResidentId {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn label(&self) -> &'static str {
        "CN_RESIDENT_ID"
    }

    fn starts(&self, byte: u8) -> bool {
        byte.is_ascii_digit()
    }

    fn chance(&self) -> Option<f64> {
        Some(1.0 / 11.0)
    }

    fn at(&self, text: &Text<'_>, at: usize) -> Option<Candidate> {
        if text.tail_of_token(at) {
            return None;
        }
        let mut run = Run::read(text, at, b" ", 18);
        if run.digits.len() == 17 && matches!(text.byte(run.end), b'X' | b'x') {
            run.digits.push(10);
            run.end += 1;
            *run.groups.last_mut()? += 1;
        }
        let grouped = matches!(run.groups[..], [18] | [6, 8, 4] | [6, 4, 4, 4]);
        if run.digits.len() != 18 || !grouped || text.head_of_token(run.end) {
            return None;
        }
        // A real region and date with a wrong check sign is a faulty number of this kind, not a card.
        let shaped = province(&run.digits) && born(&run.digits);
        let rank = if shaped { 9 } else { 0 };
        Some(Candidate { range: at..run.end, passed: shaped && checked(&run.digits), rank })
    }
}

fn number(digits: &[u8]) -> u32 {
    digits.iter().fold(0, |sum, d| sum * 10 + u32::from(*d))
}

/// Provinces, municipalities, autonomous and special administrative regions (GB/T 2260), and the
/// codes 81 to 83 of the residence permits for Hong Kong, Macao and Taiwan.
fn province(digits: &[u8]) -> bool {
    matches!(
        number(&digits[..2]),
        11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83
    )
}

/// Whether the birth date is a day of the calendar.
fn born(digits: &[u8]) -> bool {
    let (year, month, day) =
        (number(&digits[6..10]), number(&digits[10..12]), number(&digits[12..14]));
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    (1900..=2099).contains(&year) && (1..=days).contains(&day)
}

/// ISO 7064 MOD 11-2 over all eighteen signs, X being ten.
fn checked(digits: &[u8]) -> bool {
    digits.iter().fold(0, |sum, d| (sum * 2 + u32::from(*d)) % 11) == 1
}

#[cfg(test)]
mod tests {
    use crate::privacy::pii::found;

    #[test]
    fn finds_numbers_beside_chinese_and_in_full_width() {
        let id = "11010519491231002X";
        assert_eq!(found(&format!("身份证号{id}，联系")), [format!("CN_RESIDENT_ID {id}")]);
        assert_eq!(found("身份证310115196505274657。"), ["CN_RESIDENT_ID 310115196505274657"]);
        let wide = "１１０１０５１９４９１２３１００２Ｘ";
        assert_eq!(found(&format!("号{wide}")), [format!("CN_RESIDENT_ID {wide}")]);
    }

    #[test]
    fn leaves_near_misses_alone() {
        for text in [
            "110105194912310021",  // check sign
            "990105194912310026",  // no such province
            "420106199915381968",  // no such month
            "110105190002290010",  // 1900 was no leap year
            "A11010519491231002X", // glued
            "11010519491231002X1",
            "500103194806223349", // check sign, though its Luhn sum is right
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
