//! Personal data in text: one file per kind, one pass over the bytes.
//!
//! A table of 256 entries says which detectors a byte may start. At such a byte, unless a letter or
//! digit before it shows that a word is already under way, each of them looks ahead a bounded
//! distance. The work is therefore linear in the text.

mod audit;
mod calling_codes;
mod cn_mobile;
mod cn_resident_id;
mod credit_card;
mod cues;
mod email;
mod iban;
mod ip;
mod mask;
mod phone;
mod text;
mod us_ssn;

pub use audit::{Names, Options, audit};
pub(crate) use audit::{PiiCells, PiiDirectIdentifiers, PiiFileNames};

use crate::domain::{Code, Meta};
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;
use text::Text;

/// One kind of personal data.
pub(crate) trait Detector: Sync {
    /// Identity and manual.
    fn meta(&self) -> &'static Meta;
    /// The label under which hits are reported.
    fn label(&self) -> &'static str;
    /// Whether a hit may start at this byte.
    fn starts(&self, byte: u8) -> bool;
    /// The candidate that starts at `at`; looks ahead a bounded distance only.
    fn at(&self, text: &Text<'_>, at: usize) -> Option<Candidate>;
    /// Share of random candidates that pass the check, where there is a check.
    fn chance(&self) -> Option<f64> {
        None
    }
}

/// Something of the right shape.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    /// Bytes of the normalised text.
    pub(crate) range: Range<usize>,
    /// Whether check digits, dates, prefixes and context agree.
    pub(crate) passed: bool,
    /// Who wins an overlap: checksums before plain shapes. A failed candidate of rank above 0 still
    /// keeps weaker detectors off its bytes.
    pub(crate) rank: u8,
}

impl Candidate {
    /// A candidate that needs no further check.
    pub(crate) fn passed(range: Range<usize>, rank: u8) -> Self {
        Self { range, passed: true, rank }
    }
}

/// All detectors, in order of their codes.
pub(crate) const DETECTORS: [&dyn Detector; 8] = [
    &email::Email,
    &phone::Phone,
    &credit_card::CreditCard,
    &iban::Iban,
    &ip::Ip,
    &us_ssn::UsSsn,
    &cn_resident_id::CnResidentId,
    &cn_mobile::CnMobile,
];

/// Bit `k` of entry `b` is set when byte `b` may start a hit of detector `k`.
static STARTS: LazyLock<[u8; 256]> = LazyLock::new(|| {
    let mut table = [0_u8; 256];
    for (byte, mask) in (0_u8..=255).zip(table.iter_mut()) {
        for (k, detector) in DETECTORS.iter().enumerate() {
            *mask |= u8::from(detector.starts(byte)) << k;
        }
    }
    table
});

/// Personal data in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// First byte.
    pub start: usize,
    /// Byte after the last.
    pub end: usize,
    /// Kind, e.g. `EMAIL`.
    pub label: &'static str,
    /// The detector's code, e.g. `PI001`.
    pub code: Code,
}

/// The kinds that can be found and the manual of each detector, in order of their codes.
#[must_use]
pub fn detectors() -> Vec<(&'static str, &'static Meta)> {
    DETECTORS.iter().map(|d| (d.label(), d.meta())).collect()
}

/// All personal data in `text`, in order, without overlaps. Offsets are bytes of `text`.
#[must_use]
pub fn scan_text(text: &str) -> Vec<Hit> {
    scan(text, "").hits
}

/// What a scan of one text brought.
pub(crate) struct Scan {
    /// Hits in order.
    pub(crate) hits: Vec<Hit>,
    /// For each detector: whether a candidate passed, and whether one failed.
    pub(crate) checked: [(bool, bool); DETECTORS.len()],
}

/// Scans one text that stands under `header`.
pub(crate) fn scan(text: &str, header: &str) -> Scan {
    let text = Text::new(text, header);
    let found = resolve(candidates(&text));
    let mut scan = Scan { hits: Vec::new(), checked: [(false, false); DETECTORS.len()] };
    for (k, candidate) in found {
        let (passed, failed) = &mut scan.checked[k];
        *passed |= candidate.passed;
        *failed |= !candidate.passed;
        if candidate.passed {
            let Range { start, end } = text.original(&candidate.range);
            let (label, code) = (DETECTORS[k].label(), DETECTORS[k].meta().code);
            scan.hits.push(Hit { start, end, label, code });
        }
    }
    scan
}

fn candidates(text: &Text<'_>) -> Vec<(usize, Candidate)> {
    let starts = &*STARTS;
    let mut found = Vec::new();
    let mut inside = false;
    for (at, byte) in text.bytes().iter().enumerate() {
        let word = byte.is_ascii_alphanumeric();
        let mask = starts[usize::from(*byte)];
        if mask != 0 && !(word && inside) {
            for (k, detector) in DETECTORS.iter().enumerate() {
                if mask >> k & 1 == 1 {
                    found.extend(detector.at(text, at).map(|candidate| (k, candidate)));
                }
            }
        }
        inside = word;
    }
    found
}

/// Keeps the best of overlapping candidates: higher rank, then longer, then earlier. Failed
/// candidates of rank 0 stay for the statistics and displace nothing.
fn resolve(mut found: Vec<(usize, Candidate)>) -> Vec<(usize, Candidate)> {
    found.sort_by_key(|(_, c)| (Reverse((c.rank, c.range.len())), c.range.start));
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    found.retain(|(_, candidate)| {
        let Range { start, end } = candidate.range;
        let free = taken.range(..end).next_back().is_none_or(|(_, other)| *other <= start);
        if candidate.rank > 0 && free {
            taken.insert(start, end);
        }
        candidate.rank == 0 || free
    });
    found.sort_by_key(|(_, c)| c.range.start);
    found
}

/// `LABEL text` of each hit.
#[cfg(test)]
pub(crate) fn found(text: &str) -> Vec<String> {
    let show = |h: Hit| format!("{} {}", h.label, &text[h.start..h.end]);
    scan_text(text).into_iter().map(show).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_number_is_not_a_card_too() {
        // Valid as a resident number and by Luhn; the stronger check wins.
        let hits = found("号310115196505274657，电话18100000000");
        assert_eq!(hits, ["CN_RESIDENT_ID 310115196505274657", "PHONE 18100000000"]);
    }

    #[test]
    fn common_codes_are_left_alone() {
        for text in [
            "Epoch timestamp 1743069889, loss 8.1",
            "loss 680.379105115",
            "书号978-7-536-43590-2，",
            "StudyInstanceUID 1.2.840.76245.4.432.20200583159327.181832",
            "Request id 789f4494-3607-4282-9277-755d0931de54 took 9",
            "Commit 5813634fa8f99af2d4855f280ab75e5a54888676",
            "商品编码30509436230，库存充足",
            "Part number 710-674-705",
            "NHS number 998 415 1485",
            "shipped on 2024-07-03.",
            "2 24 07 18 953 167 51",
            "1725247998143.0",
            "24.05.2024 12:30",
            "ISIC_2545166",
            "",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn long_hostile_input_is_scanned_in_a_bounded_time() {
        for unit in ["1", "1 ", "+1", "(", "@", "a@", "1.", "a:", "DE89 ", "0-", "：1"] {
            let _ = scan_text(&unit.repeat(200_000 / unit.len()));
        }
    }
}
