//! Words around a number that say what it is.

use super::text::Text;
use regex::bytes::Regex;
use std::ops::Range;
use std::sync::LazyLock;

/// What the nearest word before a number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cue {
    /// A telephone, named as such.
    Phone,
    /// Words about reaching somebody.
    Contact,
    /// A social security number.
    SocialSecurity,
    /// A version, a chapter or an object identifier.
    Version,
    /// A payment card.
    Card,
    /// Something else that is counted or numbered.
    Other,
}

impl Cue {
    /// Whether the word says that a number is no telephone.
    pub(crate) fn denies_phone(self) -> bool {
        !matches!(self, Self::Phone | Self::Contact)
    }
}

/// How far back a word may stand, in bytes.
const REACH: usize = 72;

/// One expression per cue, in ASCII mode: `(?-u)` keeps `\b` and classes away from Unicode.
const WORDS: [(Cue, &str); 6] = [
    (
        Cue::Phone,
        r"tel(?:[^a-z]|$)|t(?:é|É)l(?:[^a-z]|$)|t(?:e|é|É)l(?:e|é|É)(?:ph|f)on|phone|fon(?:[^a-z]|$)|mobile?(?:[^a-z]|$)|mobil(?:nummer|telefon)|m(?:ó|o)vil|cell(?:[^a-z]|$)|cellular|handy(?:[^a-z]|nummer|$)|fax|call(?:[^a-z]|$)|calling|dial|ring(?:[^a-z]|$)|sms|whatsapp|hotline|desk(?:[^a-z]|$)|landline|rufnummer|anrufen|appele|llam[ea]|chiam|portable|电话|電話|手机|手機|座机|固话|致电|热线|传真|傳真|拨打|联系方式|号码簿",
    ),
    (
        Cue::Contact,
        r"contact|kontakt|contatt|answering|messages?|text me|reach|registered|emergency|联系|聯繫|微信",
    ),
    (Cue::SocialSecurity, r"ssn|social[ _-]security|soc[. ]sec"),
    (
        Cue::Version,
        r"version|versi(?:ó|o)n|(?:^|[^a-z])v(?:er)?\.?(?:[^a-z]|$)|build|release|firmware|revision|section|chapter|oid(?:[^a-z]|$)|uid(?:[^a-z]|$)|§|版本|固件|章节",
    ),
    (
        Cue::Card,
        r"cards?(?:[^a-z]|$)|cc(?:[^a-z]|$)|visa|mastercard|maestro|银行卡|信用卡|借记卡|卡号",
    ),
    (
        Cue::Other,
        r"timestamp|epoch|order|bestell|pedido|commande|ordine|batch|part (?:no|number)|sku|serial|isbn|imei|nhs|npi|itin|taxpayer|invoice|steuer|tax[ _-]?id|pesel|nino|dni|account|konto|bytes|size|checksum|commit|passport|licen[cs]e|badge|barcode|ticket|ref(?:erence)?(?:[^a-z]|$)|时间戳|订单|編號|编号|编码|编码|条码|流水|单号|证件|身份证|账号|税号|代码|书号|库存|大小|金额",
    ),
];

/// Words after a number that make it a telephone, e.g. `930.167.3943 fax`.
const AFTER: &str = r"^[ ,(-]{0,3}(?:office|fax|mobile|cell|home|work|desk|phone|tel)(?:[^a-z]|$)";

fn compile(pattern: &str) -> Regex {
    Regex::new(&format!("(?i-u){pattern}"))
        .unwrap_or_else(|error| unreachable!("the patterns above are constant: {error}"))
}

static LEFT: LazyLock<Vec<(Cue, Regex)>> =
    LazyLock::new(|| WORDS.iter().map(|(cue, words)| (*cue, compile(words))).collect());
static RIGHT: LazyLock<Regex> = LazyLock::new(|| compile(AFTER));

/// The nearest cue before `at` in the same sentence; the header speaks when the sentence is silent.
pub(crate) fn before(text: &Text<'_>, at: usize) -> Option<Cue> {
    let window = sentence(&text.bytes()[at.saturating_sub(REACH)..at]);
    nearest(window).or_else(|| nearest(text.header.as_bytes()))
}

/// Whether a word such as `office` or `fax` follows `end`.
pub(crate) fn phone_after(text: &Text<'_>, end: usize) -> bool {
    let bytes = text.bytes();
    RIGHT.is_match(&bytes[end..bytes.len().min(end + 14)])
}

/// Whether an electronic mail address stands directly before `at`, as in a contact line.
pub(crate) fn after_email(text: &Text<'_>, at: usize) -> bool {
    let window = &text.bytes()[at.saturating_sub(REACH)..at];
    let words = window.split(|b| b.is_ascii_whitespace() || b",;/|".contains(b));
    let linking: [&[u8]; 6] = [b"or", b"oder", b"ou", b"o", b"und", b"and"];
    let mut last = words.filter(|w| !w.is_empty() && !linking.contains(w));
    last.next_back().is_some_and(|w| w.contains(&b'@'))
}

fn nearest(window: &[u8]) -> Option<Cue> {
    let last = |(cue, words): &(Cue, Regex)| {
        let starts = words.find_iter(window).filter(|m| whole(window, &m.range()));
        starts.last().map(|m| (m.start(), *cue))
    };
    LEFT.iter().filter_map(last).max_by_key(|(start, _)| *start).map(|(_, cue)| cue)
}

/// Whether an ASCII word starts where the match starts: no `tel` in `hotel`.
fn whole(window: &[u8], found: &Range<usize>) -> bool {
    let before = found.start.checked_sub(1).and_then(|i| window.get(i)).copied().unwrap_or(0);
    let first = window.get(found.start).copied().unwrap_or(0);
    !first.is_ascii_lowercase() || !before.is_ascii_alphabetic() || compound(window, found)
}

/// Words that also close a compound: `Mobiltelefon`, `iphone`, `Bestellnummer`.
fn compound(window: &[u8], found: &Range<usize>) -> bool {
    let word = &window[found.clone()];
    word.starts_with(b"phone") || word.starts_with(b"telefon")
}

/// What follows the last end of a sentence or the last long number.
fn sentence(window: &[u8]) -> &[u8] {
    let mut start = 0;
    let mut digits = 0;
    for (i, byte) in window.iter().enumerate() {
        digits = if byte.is_ascii_digit() { digits + 1 } else { 0 };
        let next = window.get(i + 1).copied().unwrap_or(0);
        let blank = next == b' ' && i.checked_sub(2).is_some_and(|j| !abbreviated(&window[j..i]));
        let stop =
            (matches!(byte, b'.' | b'!') && blank) || window[..=i].ends_with("。".as_bytes());
        if digits >= 5 || stop {
            start = i + 1;
        }
    }
    &window[start..]
}

/// Whether a point after these two bytes belongs to an abbreviation: `Tel.`, `No.`.
fn abbreviated(last: &[u8]) -> bool {
    [b"el", b"EL", b"ob", b"ax", b"no", b"No", b"nr", b"Nr"].iter().any(|a| last == *a)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cue(left: &str) -> Option<Cue> {
        before(&Text::new(left, ""), left.len())
    }

    #[test]
    fn the_nearest_word_speaks() {
        assert_eq!(cue("Tel.: "), Some(Cue::Phone));
        assert_eq!(cue("Phone 12, order "), Some(Cue::Other));
        assert_eq!(cue("联系电话"), Some(Cue::Phone));
        assert_eq!(cue("the hotel "), None);
        assert_eq!(cue("My SSN is "), Some(Cue::SocialSecurity));
        assert_eq!(cue("版本"), Some(Cue::Version));
    }

    #[test]
    fn a_sentence_or_a_long_number_ends_the_reach() {
        assert_eq!(cue("Call me. It was "), None);
        assert_eq!(cue("Telefon 06075 503339 and "), None);
        assert_eq!(cue("请拨打电话。共"), None);
    }

    #[test]
    fn a_header_speaks_for_silent_cells() {
        let text = Text::new("4512345", "home_phone");
        assert_eq!(before(&text, 0), Some(Cue::Phone));
    }

    #[test]
    fn words_after_the_number_count_too() {
        let text = Text::new("416 60 039 office", "");
        assert!(phone_after(&text, 10));
        let text = Text::new("jo@web.de, 0000518428", "");
        assert!(after_email(&text, 11));
    }
}
