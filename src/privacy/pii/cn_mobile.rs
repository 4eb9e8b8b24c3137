//! Chinese mobile numbers.

use super::cues::{self, Cue};
use super::text::{Run, Text};
use super::{Candidate, Detector};
use crate::domain::{Ideal, Meta};

crate::check! {
    /// A mobile number of mainland China, reported under the label PHONE.
    ///
    /// **Formula** Eleven digits, alone or in groups of 3, 4 and 4, with one of the allotted prefixes
    /// between 130 and 199, after `+86`, `0086` or nothing. Beside a Chinese character it is found;
    /// inside a longer number (an order number) it is not; nor after a word such as 订单号.
    /// **Range** found or not; about one random eleven-digit number in twelve has such a prefix.
    /// **Ideal** 0 found. **Undefined** never.
    /// **Source** Ministry of Industry and Information Technology, Telecommunications Network
    /// Numbering Plan. **Peer** none.
    CnMobile, "PI008", "pii_cn_mobile", Ideal::Zero
}

impl Detector for CnMobile {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn label(&self) -> &'static str {
        "PHONE"
    }

    fn starts(&self, byte: u8) -> bool {
        byte.is_ascii_digit() || byte == b'+'
    }

    fn chance(&self) -> Option<f64> {
        Some(1.0 / 12.0)
    }

    fn at(&self, text: &Text<'_>, at: usize) -> Option<Candidate> {
        if text.tail_of_token(at) {
            return None;
        }
        let code = country_code(text, at);
        let run = Run::read(text, at + code, b" -", 11);
        let grouped = run.groups == [11] || run.groups == [3, 4, 4];
        if run.digits.len() != 11 || !grouped || text.head_of_token(run.end) {
            return None;
        }
        let misled = run.groups.len() == 1
            && code == 0
            && cues::before(text, at).is_some_and(Cue::denies_phone);
        let passed = allotted(&run.digits) && !misled;
        Some(Candidate { range: at..run.end, passed, rank: if passed { 5 } else { 0 } })
    }
}

/// Width of `+86`, `0086` or `86` with a blank or hyphen after it; 0 when there is none.
fn country_code(text: &Text<'_>, at: usize) -> usize {
    let rest = &text.bytes()[at..];
    for (code, alone) in [(&b"+86"[..], true), (b"0086", true), (b"86", false)] {
        if rest.starts_with(code) {
            let gap = usize::from(matches!(text.byte(at + code.len()), b' ' | b'-'));
            if alone || gap == 1 {
                return code.len() + gap;
            }
        }
    }
    0
}

/// Whether the first three digits are allotted to a mobile service.
fn allotted(digits: &[u8]) -> bool {
    let unused =
        [(4, 2), (4, 3), (5, 4), (6, 0), (6, 1), (6, 3), (6, 4), (6, 8), (6, 9), (7, 9), (9, 4)];
    digits[0] == 1 && digits[1] >= 3 && !unused.contains(&(digits[1], digits[2]))
}

#[cfg(test)]
mod tests {
    use crate::privacy::pii::found;

    #[test]
    fn finds_mobile_numbers_beside_chinese() {
        for phone in
            ["13812345678", "138-1234-5678", "176 5381 5197", "+86 13642913555", "0086-13642913555"]
        {
            assert_eq!(found(&format!("手机{phone}，地址")), [format!("PHONE {phone}")], "{phone}");
        }
        assert_eq!(found("电话１３８１２３４５６７８。"), ["PHONE １３８１２３４５６７８"]);
        assert_eq!(found("19803352896.png"), ["PHONE 19803352896"]);
    }

    #[test]
    fn leaves_near_misses_alone() {
        for text in [
            "订单号20191398880217已发货",
            "12012345678",
            "商品编码13509436230，库存",
            "138123456789",
            "1.13812345678",
            "x13812345678",
            "13812345678.5",
            "15412345678",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
