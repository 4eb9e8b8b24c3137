//! Payment card numbers.

use super::cues::{self, Cue};
use super::text::{Run, Text};
use super::{Candidate, Detector};
use crate::domain::{Ideal, Meta};

crate::check! {
    /// The number of a payment card.
    ///
    /// **Formula** 13 to 19 digits, alone or grouped by blanks or hyphens (first group 4 or 6), with
    /// an issuer prefix of that length (Visa, Mastercard, American Express, Discover, Diners, JCB,
    /// `UnionPay`, Maestro, Mir, `RuPay`, Troy) and a Luhn sum divisible by 10. After a word such as
    /// `card` or 卡号 any prefix will do, and 12 digits.
    /// **Range** found or not; one random number in ten passes Luhn, so a column is reported only
    /// when its candidates pass more often than that. **Ideal** 0 found. **Undefined** never.
    /// **Source** ISO/IEC 7812-1:2017. **Peer** Presidio `CreditCardRecognizer`.
    CreditCard, "PI003", "pii_credit_card", Ideal::Zero
}

impl Detector for CreditCard {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn label(&self) -> &'static str {
        "CREDIT_CARD"
    }

    fn starts(&self, byte: u8) -> bool {
        byte.is_ascii_digit()
    }

    fn chance(&self) -> Option<f64> {
        Some(0.1)
    }

    fn at(&self, text: &Text<'_>, at: usize) -> Option<Candidate> {
        if text.tail_of_token(at) {
            return None;
        }
        let mut run = Run::read(text, at, b" -", 19);
        let mut failed = None;
        while let Some(&first) = run.groups.first() {
            let grouped = run.groups.len() == 1 || matches!(first, 4 | 6);
            let narrow = run.groups.iter().rev().skip(1).any(|g| *g < 3) || run.groups.len() > 5;
            let sized = (12..=19).contains(&run.digits.len());
            let shaped = sized && grouped && !narrow && !text.head_of_token(run.end);
            if shaped && (issued(&run.digits) || cues::before(text, at) == Some(Cue::Card)) {
                if luhn(&run.digits) && !social_security_key(&run.digits) {
                    return Some(Candidate::passed(at..run.end, 7));
                }
                failed.get_or_insert(Candidate { range: at..run.end, passed: false, rank: 0 });
            }
            if !run.shorten() {
                break;
            }
        }
        failed
    }
}

/// The first `width` digits as a number.
fn leading(digits: &[u8], width: usize) -> u64 {
    digits.iter().take(width).fold(0, |sum, d| sum * 10 + u64::from(*d))
}

/// Whether an issuer gives out numbers of this prefix and length.
fn issued(digits: &[u8]) -> bool {
    let n = digits.len();
    let long = (16..=19).contains(&n);
    let (two, three, four) = (leading(digits, 2), leading(digits, 3), leading(digits, 4));
    match (two, three, four) {
        (_, _, 1800 | 2131) => n == 15,
        (_, 300..=305 | 309, _) | (36 | 38 | 39, _, _) => n == 14 || long,
        (34 | 37, _, _) => n == 15,
        (40..=49, _, _) => matches!(n, 13 | 16 | 19),
        (51..=55, _, _) | (_, _, 2221..=2720 | 9792) => n == 16,
        (_, _, 3528..=3589 | 2200..=2204 | 9558) | (60 | 62 | 64 | 65 | 81 | 82, _, _) => long,
        (50 | 56..=58 | 61 | 63 | 66..=69, _, _) => n >= 13,
        _ => false,
    }
}

/// Luhn's check: every second digit from the right doubled, digit sum divisible by ten.
fn luhn(digits: &[u8]) -> bool {
    let weigh = |(i, d): (usize, &u8)| match (i % 2, *d) {
        (0, d) => u64::from(d),
        (_, 9) => 9,
        (_, d) => u64::from(d) * 2 % 9,
    };
    digits.iter().rev().enumerate().map(weigh).sum::<u64>() % 10 == 0
}

/// Whether fifteen digits carry the key of a French social-security number instead.
fn social_security_key(digits: &[u8]) -> bool {
    digits.len() == 15
        && matches!(digits[0], 1 | 2)
        && 97 - leading(digits, 13) % 97 == leading(digits, 15) % 100
}

#[cfg(test)]
mod tests {
    use crate::privacy::pii::found;

    #[test]
    fn finds_cards_of_every_length_and_grouping() {
        for card in [
            "4111111111111111",
            "5599-2350-9920-7381",
            "378282246310005",
            "3782 822463 10005",
            "6216 6119 0535 1040 891",
            "6217997096096433476",
            "4477006998104",
            "30569309025904",
        ] {
            assert_eq!(
                found(&format!("卡{card}，开户")),
                [format!("CREDIT_CARD {card}")],
                "{card}"
            );
        }
    }

    #[test]
    fn what_follows_after_a_blank_is_another_number() {
        assert_eq!(found("4111 1111 1111 1111 12/25"), ["CREDIT_CARD 4111 1111 1111 1111"]);
        let hits = found("6217997096096433476 13812345678");
        assert_eq!(hits, ["CREDIT_CARD 6217997096096433476", "PHONE 13812345678"]);
    }

    #[test]
    fn leaves_near_misses_alone() {
        for text in [
            "4111111111111112",
            "a4111111111111111",
            "4111111111111111.5",
            "1.4111111111111111",
            "41111111111111111",
            "ISBN 978-1-150-50610-9",
            "352046699196876",
            "1725247998143",
            "4111-1111 1111-1111",
            "20291879295984",
            "41 11 11 11 11 11 11 11",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
