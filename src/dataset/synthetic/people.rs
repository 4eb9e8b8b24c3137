//! The table around the pictures, and, when planted, persons in it.
//!
//! Every person is invented, and every identifier is one that nobody can hold: e-mail at the
//! reserved example domains (RFC 2606), telephone numbers set aside for fiction (555-01xx; Ofcom's
//! 07700 900xxx), published test card numbers, the bank `WEST` of the IBAN examples, resident IDs
//! of people born before 1906. Check digits are right all the same.

use super::cohort::{Cohort, Record};
use crate::dataset::rows::row_number;
use crate::domain::{Seed, Stream, TextTable};

const GIVEN: [&str; 12] = [
    "anna", "bruno", "clara", "david", "elena", "felix", "greta", "hugo", "irene", "jonas",
    "karin", "lukas",
];
const FAMILY: [&str; 12] = [
    "adler",
    "bergmann",
    "castell",
    "dorn",
    "egger",
    "fontaine",
    "grund",
    "hollis",
    "ivers",
    "jansen",
    "keller",
    "lindqvist",
];
const DOMAINS: [&str; 3] = ["example.com", "example.net", "example.org"];
const CARDS: [&str; 5] = [
    "4111 1111 1111 1111",
    "4012 8888 8888 1881",
    "5555 5555 5555 4444",
    "5105 1051 0510 5100",
    "6011 1111 1111 1117",
];
const NOTES: [&str; 6] = [
    "no change since last visit",
    "itching, first seen in spring",
    "control in six months",
    "known for years",
    "grew during the last year",
    "seen by second reader",
];
const DESKS: [&str; 3] = ["desk 1", "desk 2", "desk 3"];
/// Kinds of personal data in the cells, in turn.
const KINDS: [&str; 5] = ["EMAIL", "PHONE", "CREDIT_CARD", "IBAN", "CN_RESIDENT_ID"];
/// One cell in so many identifies a person.
const EVERY: usize = 30;
/// File names that identify a person.
const NAMES: usize = 6;

/// A place that identifies a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonalCell {
    /// Row of the table, or position in the list of names, from 1.
    pub row: u64,
    /// Column of the table, or `name`.
    pub column: String,
    /// `EMAIL`, `PHONE`, `CREDIT_CARD`, `IBAN` or `CN_RESIDENT_ID`.
    pub label: &'static str,
}

/// The table, the file names, and what was planted in them.
#[derive(Debug)]
pub(super) struct People {
    /// `metadata.csv`.
    pub(super) table: TextTable,
    /// File names in row order.
    pub(super) names: Vec<String>,
    /// Personal cells, in row order.
    pub(super) cells: Vec<PersonalCell>,
    /// Personal names, in row order.
    pub(super) in_names: Vec<PersonalCell>,
}

/// Writes the table: coded ids only, unless `personal`.
pub(super) fn write(cohort: &Cohort, personal: bool, seed: Seed) -> People {
    let records = &cohort.records;
    let id = |i: usize| format!("SYN-{:06}", row_number(i));
    let mut stream = seed.child("table").stream();
    let mut pick = |from: &[&str]| {
        (0..records.len()).map(|_| from[stream.below(from.len())].to_owned()).collect()
    };
    let (mut notes, mut contacts): (Vec<String>, Vec<String>) = (pick(&NOTES), pick(&DESKS));
    let mut names: Vec<String> = (0..records.len()).map(|i| format!("{}.png", id(i))).collect();
    let (mut cells, mut in_names) = (Vec::new(), Vec::new());
    if personal {
        let seed = seed.child("plant/personal");
        cells = plant_cells([&mut notes, &mut contacts], &mut seed.child("cells").stream());
        in_names = plant_names(&mut names, &mut seed.child("names").stream());
    }
    let text = |of: &dyn Fn(&Record) -> String| records.iter().map(|r| Some(of(r))).collect();
    let some = |cells: Vec<String>| cells.into_iter().map(Some).collect();
    let columns: Vec<(&str, Vec<Option<String>>)> = vec![
        ("image_id", (0..records.len()).map(|i| Some(id(i))).collect()),
        ("patient_id", text(&|r| format!("P-{:05}", row_number(r.patient)))),
        ("label", text(&|r| r.label().to_owned())),
        ("split", text(&|r| r.split.name().to_owned())),
        ("sex", text(&|r| r.sex.to_owned())),
        ("age", text(&|r| r.age.to_string())),
        ("age_group", text(&|r| r.age_group.to_owned())),
        ("skin_tone", text(&|r| r.tone.name().to_owned())),
        ("site", text(&|r| r.site.to_owned())),
        ("patient_note", some(notes)),
        ("contact", some(contacts)),
    ];
    let columns = columns.into_iter().map(|(n, cells)| (n.to_owned(), cells)).collect();
    People { table: TextTable { file: "metadata.csv".to_owned(), columns }, names, cells, in_names }
}

/// Writes a person into one row in [`EVERY`], at least one of each kind.
fn plant_cells([notes, contacts]: [&mut Vec<String>; 2], s: &mut Stream) -> Vec<PersonalCell> {
    let rows = chosen(notes.len(), (notes.len() / EVERY).max(KINDS.len()), s);
    let mut cells = Vec::new();
    for (i, row) in rows.into_iter().enumerate() {
        let label = KINDS[i % KINDS.len()];
        let text = identifier(label, i, s);
        let column = if matches!(label, "EMAIL" | "PHONE") && s.flip(0.5) {
            contacts[row] = text;
            "contact"
        } else {
            notes[row] = sentence(label, &text);
            "patient_note"
        };
        cells.push(PersonalCell { row: row_number(row), column: column.to_owned(), label });
    }
    cells.sort();
    cells
}

/// Names some files after persons, by e-mail and resident ID in turn.
fn plant_names(names: &mut [String], s: &mut Stream) -> Vec<PersonalCell> {
    let mut planted = Vec::new();
    for (i, row) in chosen(names.len(), NAMES, s).into_iter().enumerate() {
        let label = ["EMAIL", "CN_RESIDENT_ID"][i % 2];
        let person = identifier(label, 100 + i, s);
        names[row] =
            if i % 2 == 0 { format!("{person}.png") } else { format!("scan_{person}.png") };
        planted.push(PersonalCell { row: row_number(row), column: "name".to_owned(), label });
    }
    planted.sort();
    planted
}

fn chosen(n: usize, wanted: usize, s: &mut Stream) -> Vec<usize> {
    let mut rows: Vec<usize> = (0..n).collect();
    s.shuffle(&mut rows);
    rows.truncate(wanted);
    rows
}

fn sentence(label: &str, text: &str) -> String {
    match label {
        "EMAIL" => format!("send result to {text}"),
        "PHONE" => format!("call back at {text}"),
        "CREDIT_CARD" => format!("fee paid by card {text}"),
        "IBAN" => format!("refund to {text}"),
        _ => format!("resident ID {text}, copy on file"),
    }
}

/// An identifier of this kind; `serial` keeps them apart.
fn identifier(label: &str, serial: usize, s: &mut Stream) -> String {
    match label {
        "EMAIL" => {
            let [given, family] = [GIVEN, FAMILY].map(|names| names[s.below(names.len())]);
            format!("{given}.{family}@{}", DOMAINS[s.below(DOMAINS.len())])
        }
        "PHONE" if s.flip(0.5) => format!("+1 202-555-01{:02}", s.below(100)),
        "PHONE" => format!("+44 7700 900{:03}", s.below(1000)),
        "CREDIT_CARD" => CARDS[s.below(CARDS.len())].to_owned(),
        "IBAN" => iban(&format!("WEST{:014}", 10_000_000 + s.below(80_000_000))),
        _ => resident_id(serial, s),
    }
}

/// A British IBAN with the check digits of ISO 13616: 98 − (number mod 97).
fn iban(account: &str) -> String {
    let digits = |c: char| c.to_digit(36).unwrap_or(0).to_string();
    let number: String = format!("{account}GB00").chars().map(digits).collect();
    let rest = number.bytes().fold(0_u32, |r, b| (r * 10 + u32::from(b - b'0')) % 97);
    format!("GB{:02}{account}", 98 - rest)
}

/// A Chinese resident ID (GB 11643-1999) of somebody born between 1900 and 1905.
fn resident_id(serial: usize, s: &mut Stream) -> String {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let region = ["110101", "310115", "440106", "330106", "510104"][s.below(5)];
    let (year, month, day) = (1900 + s.below(6), 1 + s.below(12), 1 + s.below(28));
    let body = format!("{region}{year:04}{month:02}{day:02}{:03}", 1 + serial % 999);
    let sum: u32 = body.bytes().zip(WEIGHTS).map(|(b, w)| u32::from(b - b'0') * w).sum();
    let check = ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"];
    let at = usize::try_from(sum % 11).unwrap_or(0);
    format!("{body}{}", check[at])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_agree_with_published_examples() {
        // The example of the IBAN registry: GB82 WEST 1234 5698 7654 32.
        assert_eq!(iban("WEST12345698765432"), "GB82WEST12345698765432");
        // Weighted sum of a resident ID with its check digit is 1 modulo 11 (GB 11643-1999).
        let id = resident_id(3, &mut Seed::new(1).stream());
        let digit = |c: char| if c == 'X' { 10 } else { c.to_digit(10).unwrap() };
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
        let sum: u32 = id.chars().zip(weights).map(|(c, w)| digit(c) * w).sum();
        assert_eq!((id.len(), sum % 11), (18, 1), "{id}");
    }

    #[test]
    fn card_numbers_pass_the_luhn_check() {
        for card in CARDS {
            let digits: Vec<u32> = card.chars().filter_map(|c| c.to_digit(10)).collect();
            let sum: u32 = digits
                .iter()
                .rev()
                .enumerate()
                .map(|(i, d)| if i % 2 == 1 { d * 2 / 10 + d * 2 % 10 } else { *d })
                .sum();
            assert_eq!(sum % 10, 0, "{card}");
        }
    }
}
