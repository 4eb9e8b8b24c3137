//! Personal data in tables and names: from hits to findings.

use super::{DETECTORS, mask, scan};
use crate::domain::{
    Cell, Evidence, Finding, Ideal, Interval, Masked, Stage, Subject, TextTable, Undefined, rate,
};
use crate::stats::{clopper_pearson, wilson};
use std::collections::{BTreeMap, BTreeSet};

/// Level of the intervals of a scan.
const CONFIDENCE: f64 = 0.95;

crate::check! {
    /// Share of the cells of a column that hold one kind of personal data.
    ///
    /// **Formula** `cells with a hit / cells that are not empty`, by file, column and kind. Kinds with
    /// a check digit must show that it means something: a column whose candidates pass the check no
    /// more often than chance would let them (the 95 % Clopper–Pearson interval of the pass rate
    /// reaches down to chance and stays below one half) holds numbers of another kind, and the kind
    /// is not reported there. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** never; columns without a hit have no finding.
    /// **Source** Regulation (EU) 2016/679, art. 4(1); GB/T 35273-2020, annex A.
    PiiCells, "PI050", "pii_cells", Ideal::Zero
}

crate::check! {
    /// Share of the file names of one place that hold personal data.
    ///
    /// **Formula** `names with a hit / names`. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** never; a place without names has no finding.
    /// **Source** Regulation (EU) 2016/679, art. 4(1); DICOM PS3.15, annex E.
    PiiFileNames, "PI051", "pii_file_names", Ideal::Zero
}

crate::check! {
    /// Number of cells and file names that hold a direct identifier of any kind.
    ///
    /// **Formula** `cells with a reported hit + names with a hit`, each counted once.
    /// **Range** 0 to the number of cells and names scanned. **Ideal** 0.
    /// **Undefined** never; when there is nothing to scan, there is no finding.
    /// **Source** Regulation (EU) 2016/679, art. 4(1) and recital 26; ISO/IEC 20889:2018, §3.
    PiiDirectIdentifiers, "PI052", "pii_direct_identifiers", Ideal::Zero
}

/// How to report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Masked examples per finding.
    pub max_examples: usize,
}

/// The file names of one folder or list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// Where they come from, as the report may name it.
    pub place: String,
    /// The names.
    pub names: Vec<String>,
}

/// Scans all cells and names. Findings come by table and column, then by place, then the whole;
/// none at all when there is no cell and no name. No finding holds a value in clear.
#[must_use]
pub fn audit(tables: &[TextTable], names: &[Names], options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut total = Total::default();
    for table in tables {
        for (header, cells) in &table.columns {
            let column = Column::scan(header, cells);
            let place = mask::redact(&format!("{}:{header}", table.file));
            findings.extend(column.findings(&place, cells, options));
            total.add(&column);
        }
    }
    for list in names.iter().filter(|list| !list.names.is_empty()) {
        let cells: Vec<Option<String>> = list.names.iter().cloned().map(Some).collect();
        let column = Column { trusted: ALL, ..Column::scan("", &cells) };
        findings.push(column.names(&list.place, &cells, options));
        total.add(&column);
    }
    findings.extend(total.finding());
    findings
}

/// One bit per detector.
type Mask = u8;
const ALL: Mask = Mask::MAX;

/// What the cells of one column hold.
struct Column<'a> {
    header: &'a str,
    /// Detectors that hit, for each cell, `(n,)`.
    hits: Vec<Mask>,
    /// Cells that are not empty.
    filled: u64,
    /// Cells with a candidate that passed and with one that failed, by detector.
    checked: [(u64, u64); DETECTORS.len()],
    /// Detectors whose hits mean something in this column.
    trusted: Mask,
}

impl<'a> Column<'a> {
    fn scan(header: &'a str, cells: &[Option<String>]) -> Self {
        let checked = [(0, 0); DETECTORS.len()];
        let mut column = Self { header, hits: Vec::new(), filled: 0, checked, trusted: 0 };
        for cell in cells {
            let text = cell.as_deref().unwrap_or("").trim();
            column.filled += u64::from(!text.is_empty());
            let mut hits = 0;
            for (k, (passed, failed)) in scan(text, header).checked.into_iter().enumerate() {
                hits |= u8::from(passed) << k;
                column.checked[k].0 += u64::from(passed);
                column.checked[k].1 += u64::from(failed && !passed);
            }
            column.hits.push(hits);
        }
        for (k, detector) in DETECTORS.iter().enumerate() {
            let (passed, failed) = column.checked[k];
            let by_chance = detector.chance().is_some_and(|p| by_chance(passed, failed, p));
            column.trusted |= u8::from(!by_chance) << k;
        }
        column
    }

    /// Cells in which one of `detectors` hit.
    fn count(&self, detectors: Mask) -> u64 {
        self.hits.iter().map(|hits| u64::from(hits & detectors & self.trusted != 0)).sum()
    }

    fn findings(&self, place: &str, cells: &[Option<String>], options: &Options) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (label, detectors) in labels() {
            let hits = self.count(detectors);
            if hits > 0 {
                let subject = Subject { label: Some(label.to_owned()), ..subject(place) };
                let column = mask::redact(self.header);
                let examples = self.examples(cells, (&column, detectors), options.max_examples);
                let share = rate(hits, self.filled, Undefined::Empty);
                let finding =
                    Finding::new(&PiiCells::META, Stage::Privacy, subject, share, self.filled);
                let finding = finding
                    .with_interval(wilson(hits, self.filled, CONFIDENCE))
                    .with(self.counts("cells", hits, detectors))
                    .with(Evidence::Cells { cells: examples });
                findings.push(finding);
            }
        }
        findings
    }

    fn names(&self, place: &str, cells: &[Option<String>], options: &Options) -> Finding {
        let hits = self.count(ALL);
        let n = count(cells.len());
        let examples = self.examples(cells, ("name", ALL), options.max_examples);
        let share = rate(hits, n, Undefined::Empty);
        let subject = subject(&mask::redact(place));
        Finding::new(&PiiFileNames::META, Stage::Privacy, subject, share, n)
            .with_interval(wilson(hits, n, CONFIDENCE))
            .with(self.counts("names", hits, 0))
            .with(Evidence::Cells { cells: examples })
    }

    /// Counts behind a share; for kinds with a check also how many candidates failed it.
    fn counts(&self, what: &str, hits: u64, detectors: Mask) -> Evidence {
        let mut counts = BTreeMap::new();
        counts.insert(format!("{what}_with_hit"), hits);
        counts.insert(what.to_owned(), self.filled);
        for (k, detector) in DETECTORS.iter().enumerate() {
            let (_, failed) = self.checked[k];
            if detectors >> k & 1 == 1 && detector.chance().is_some() && failed > 0 {
                *counts.entry("failed_check".to_owned()).or_default() += failed;
            }
        }
        Evidence::Counts { counts }
    }

    /// The first cells with a hit, masked; at most `most`.
    fn examples(
        &self,
        cells: &[Option<String>],
        (column, detectors): (&str, Mask),
        most: usize,
    ) -> Vec<Masked> {
        let wanted = detectors & self.trusted;
        let codes: BTreeSet<_> = bits(wanted).map(|k| DETECTORS[k].meta().code).collect();
        let mut examples = Vec::new();
        for (i, cell) in cells.iter().enumerate().filter(|(i, _)| self.hits[*i] & wanted != 0) {
            let text = cell.as_deref().unwrap_or("").trim();
            for hit in scan(text, self.header).hits {
                if examples.len() >= most {
                    return examples;
                }
                if codes.contains(hit.code) {
                    let masked = mask::mask(hit.label, &text[hit.start..hit.end]);
                    let (row, label) = (count(i + 1), hit.label.to_owned());
                    examples.push(Masked { row, column: column.to_owned(), label, masked });
                }
            }
        }
        examples
    }
}

/// Sums over all columns and names.
#[derive(Default)]
struct Total {
    scanned: u64,
    with_hit: u64,
    by_label: BTreeMap<&'static str, u64>,
}

impl Total {
    fn add(&mut self, column: &Column<'_>) {
        self.scanned += column.filled;
        self.with_hit += column.count(ALL);
        for (label, detectors) in labels() {
            *self.by_label.entry(label).or_default() += column.count(detectors);
        }
    }

    fn finding(self) -> Option<Finding> {
        if self.scanned == 0 {
            return None;
        }
        let value = Ok(crate::domain::to_f64(self.with_hit));
        let cell = |(label, hits): (&&str, &u64)| Cell {
            name: (*label).to_owned(),
            value: Some(crate::domain::to_f64(*hits)),
            n: self.scanned,
        };
        let cells = self.by_label.iter().map(cell).collect();
        let subject = Subject::default();
        let meta = &PiiDirectIdentifiers::META;
        let numbers = Evidence::Numbers { name: "by_label".to_owned(), cells };
        Some(Finding::new(meta, Stage::Privacy, subject, value, self.scanned).with(numbers))
    }
}

fn subject(place: &str) -> Subject {
    Subject { place: Some(place.to_owned()), ..Subject::default() }
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

fn bits(mask: Mask) -> impl Iterator<Item = usize> {
    (0..DETECTORS.len()).filter(move |k| mask >> k & 1 == 1)
}

/// Labels in alphabetical order with the detectors that report under them.
fn labels() -> BTreeMap<&'static str, Mask> {
    let mut labels: BTreeMap<&'static str, Mask> = BTreeMap::new();
    for (k, detector) in DETECTORS.iter().enumerate() {
        *labels.entry(detector.label()).or_default() |= 1 << k;
    }
    labels
}

/// Whether the pass rate of a check may be chance and is surely not the rule.
fn by_chance(passed: u64, failed: u64, chance: f64) -> bool {
    let interval: Option<Interval> = clopper_pearson(passed, passed + failed, CONFIDENCE);
    interval.is_some_and(|i| i.low <= chance && i.high < 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Seed;

    fn table(header: &str, cells: &[&str]) -> TextTable {
        let cells = cells.iter().map(|c| (!c.is_empty()).then(|| (*c).to_owned())).collect();
        TextTable { file: "t.csv".to_owned(), columns: vec![(header.to_owned(), cells)] }
    }

    fn run(tables: &[TextTable], names: &[Names]) -> Vec<Finding> {
        audit(tables, names, &Options { max_examples: 2 })
    }

    #[test]
    fn counts_cells_not_hits() {
        let t =
            table("note", &["jo@web.de and al@web.de", "", "none", "jo@web.de 11010519491231002X"]);
        let found = run(&[t], &[]);
        assert_eq!(found.len(), 3);
        let (id, mail, whole) = (&found[0], &found[1], &found[2]);
        // 1 of 3 cells, 2 of 3 cells, 2 cells in all.
        assert_eq!((id.subject.label.as_deref(), id.n), (Some("CN_RESIDENT_ID"), 3));
        assert_eq!((mail.value.clone(), mail.n), (Ok(2.0 / 3.0), 3));
        assert_eq!((whole.value.clone(), whole.n), (Ok(2.0), 3));
        assert_eq!(mail.subject.place.as_deref(), Some("t.csv:note"));
    }

    #[test]
    fn no_clear_value_leaves_the_scan() {
        let secret = [
            "jo.doe@web.de",
            "11010519491231002X",
            "4111111111111111",
            "125-17-4954",
            "8.48.76.17",
        ];
        let t = table("contact jo.doe@web.de", &secret);
        let names = Names {
            place: "photos of jo.doe@web.de".to_owned(),
            names: vec!["scan_13812345678.png".to_owned(), "a.png".to_owned()],
        };
        let json = serde_json::to_string(&run(&[t], &[names])).unwrap();
        for value in secret.iter().chain(&["13812345678", "jo.doe"]) {
            assert!(!json.contains(value), "{value} in {json}");
        }
        assert!(json.contains("1101**********002X") && json.contains("j***@***.de"));
    }

    #[test]
    fn random_numbers_are_no_cards_though_one_in_ten_passes() {
        let mut draw = Seed::new(5).stream();
        let cells: Vec<String> = (0..400)
            .map(|_| {
                format!("4{}", (0..15).map(|_| draw.below(10).to_string()).collect::<String>())
            })
            .collect();
        let cells: Vec<&str> = cells.iter().map(String::as_str).collect();
        let found = run(&[table("serial", &cells)], &[]);
        assert_eq!(found.len(), 1, "only the total");
        assert_eq!(found[0].value, Ok(0.0));
    }

    #[test]
    fn one_card_among_words_is_reported() {
        let found = run(&[table("note", &["fine", "card 4111111111111111", "well"])], &[]);
        assert_eq!(found[0].subject.label.as_deref(), Some("CREDIT_CARD"));
    }

    #[test]
    fn names_have_one_finding_a_place_and_nothing_has_none() {
        let names = Names { place: "images".to_owned(), names: vec!["a.png".to_owned()] };
        let found = run(&[], &[names]);
        assert_eq!((found[0].check.as_str(), found[0].value.clone()), ("pii_file_names", Ok(0.0)));
        assert_eq!(found.len(), 2);
        assert!(run(&[], &[]).is_empty());
        assert!(run(&[table("a", &["", ""])], &[]).is_empty());
    }
}
