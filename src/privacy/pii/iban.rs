//! International bank account numbers.

use super::text::Text;
use super::{Candidate, Detector};
use crate::domain::{Ideal, Meta};

crate::check! {
    /// An international bank account number.
    ///
    /// **Formula** Country, two check digits and the account in the length of that country, single
    /// blanks allowed; with the first four signs moved to the end and letters read as 10 to 35, the
    /// number leaves 1 when divided by 97.
    /// **Range** found or not; one random number in 97 passes. **Ideal** 0 found.
    /// **Undefined** never. **Source** ISO 13616-1:2020; SWIFT IBAN registry.
    /// **Peer** Presidio `IbanRecognizer`.
    Iban, "PI004", "pii_iban", Ideal::Zero
}

/// Length of the whole number by country.
const LENGTHS: [(&str, usize); 88] = [
    ("AD", 24),
    ("AE", 23),
    ("AL", 28),
    ("AT", 20),
    ("AZ", 28),
    ("BA", 20),
    ("BE", 16),
    ("BG", 22),
    ("BH", 22),
    ("BI", 27),
    ("BR", 29),
    ("BY", 28),
    ("CH", 21),
    ("CR", 22),
    ("CY", 28),
    ("CZ", 24),
    ("DE", 22),
    ("DJ", 27),
    ("DK", 18),
    ("DO", 28),
    ("EE", 20),
    ("EG", 29),
    ("ES", 24),
    ("FI", 18),
    ("FK", 18),
    ("FO", 18),
    ("FR", 27),
    ("GB", 22),
    ("GE", 22),
    ("GI", 23),
    ("GL", 18),
    ("GR", 27),
    ("GT", 28),
    ("HN", 28),
    ("HR", 21),
    ("HU", 28),
    ("IE", 22),
    ("IL", 23),
    ("IQ", 23),
    ("IS", 26),
    ("IT", 27),
    ("JO", 30),
    ("KW", 30),
    ("KZ", 20),
    ("LB", 28),
    ("LC", 32),
    ("LI", 21),
    ("LT", 20),
    ("LU", 20),
    ("LV", 21),
    ("LY", 25),
    ("MC", 27),
    ("MD", 24),
    ("ME", 22),
    ("MK", 19),
    ("MN", 20),
    ("MR", 27),
    ("MT", 31),
    ("MU", 30),
    ("NI", 28),
    ("NL", 18),
    ("NO", 15),
    ("OM", 23),
    ("PK", 24),
    ("PL", 28),
    ("PS", 29),
    ("PT", 25),
    ("QA", 29),
    ("RO", 24),
    ("RS", 22),
    ("RU", 33),
    ("SA", 24),
    ("SC", 31),
    ("SD", 18),
    ("SE", 24),
    ("SI", 19),
    ("SK", 24),
    ("SM", 27),
    ("SO", 23),
    ("ST", 25),
    ("SV", 28),
    ("TL", 23),
    ("TN", 24),
    ("TR", 26),
    ("UA", 29),
    ("VA", 22),
    ("VG", 24),
    ("XK", 20),
];

impl Detector for Iban {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn label(&self) -> &'static str {
        "IBAN"
    }

    fn starts(&self, byte: u8) -> bool {
        byte.is_ascii_alphabetic()
    }

    fn chance(&self) -> Option<f64> {
        Some(1.0 / 97.0)
    }

    fn at(&self, text: &Text<'_>, at: usize) -> Option<Candidate> {
        let digits = text.byte(at + 2).is_ascii_digit() && text.byte(at + 3).is_ascii_digit();
        if !digits || !text.byte(at + 1).is_ascii_alphabetic() || text.glued_left(at) {
            return None;
        }
        let country = [text.byte(at).to_ascii_uppercase(), text.byte(at + 1).to_ascii_uppercase()];
        let (_, length) = LENGTHS.iter().find(|(c, _)| c.as_bytes() == country)?;
        let (signs, end) = signs(text, at, *length)?;
        let passed = remainder(&signs) == 1;
        Some(Candidate { range: at..end, passed, rank: 8 })
    }
}

/// The next `length` letters and digits with single blanks or hyphens between groups, and their end.
fn signs(text: &Text<'_>, at: usize, length: usize) -> Option<(Vec<u8>, usize)> {
    let mut signs = Vec::with_capacity(length);
    let mut here = at;
    while signs.len() < length {
        let byte = text.byte(here);
        let break_allowed = signs.len() >= 4 && text.before(here, 1).is_ascii_alphanumeric();
        if byte.is_ascii_alphanumeric() {
            signs.push(byte.to_ascii_uppercase());
        } else if !(break_allowed && matches!(byte, b' ' | b'-')) {
            return None;
        }
        here += 1;
    }
    let numeric = signs.iter().filter(|b| b.is_ascii_digit()).count();
    (!text.glued_right(here) && numeric * 3 > length).then_some((signs, here))
}

/// The number modulo 97, read as the standard says.
fn remainder(signs: &[u8]) -> u32 {
    let moved = signs[4..].iter().chain(&signs[..4]);
    moved.fold(0, |sum, b| match b {
        b'0'..=b'9' => (sum * 10 + u32::from(b - b'0')) % 97,
        _ => (sum * 100 + u32::from(b - b'A') + 10) % 97,
    })
}

#[cfg(test)]
mod tests {
    use crate::privacy::pii::found;

    #[test]
    fn finds_accounts_in_print_and_machine_form() {
        assert_eq!(found("账户DE89370400440532013000。"), ["IBAN DE89370400440532013000"]);
        let french = "FR22 4690 2370 6130 1013 6760 115";
        assert_eq!(found(&format!("Konto {french}. Die")), [format!("IBAN {french}")]);
        assert_eq!(found("iban gb42nawi04454264788619"), ["IBAN gb42nawi04454264788619"]);
    }

    #[test]
    fn leaves_near_misses_alone() {
        for text in [
            "DE88370400440532013000",
            "XDE89370400440532013000",
            "DE8937040044053201300",
            "DE893704004405320130001",
            "ZZ89370400440532013000",
            "NL80 ABNA 0639 6962 06",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
