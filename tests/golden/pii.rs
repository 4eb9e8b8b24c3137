//! Personal data on labelled text and tables, scored by the rules of the data's own scorer.

use crate::shared;
use audit::domain::TextTable;
use audit::privacy::pii::{self, Hit, Options};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The kinds that we look for.
const LABELS: [&str; 7] =
    ["EMAIL", "PHONE", "CREDIT_CARD", "IBAN", "IP", "US_SSN", "CN_RESIDENT_ID"];

#[derive(Default, Clone, Copy)]
struct Score {
    found: f64,
    false_alarms: f64,
    missed: f64,
}

impl Score {
    fn f1(self) -> f64 {
        2.0 * self.found / (2.0 * self.found + self.false_alarms + self.missed)
    }

    fn plus(self, other: Self) -> Self {
        Self {
            found: self.found + other.found,
            false_alarms: self.false_alarms + other.false_alarms,
            missed: self.missed + other.missed,
        }
    }
}

/// Start and end in code points, label.
type Span = (usize, usize, String);

fn overlap(a: &Span, b: &Span) -> usize {
    a.1.min(b.1).saturating_sub(a.0.max(b.0))
}

/// Same label, and the overlap is at least half of the longer one.
fn matches(a: &Span, b: &Span) -> bool {
    a.2 == b.2 && overlap(a, b) * 2 >= (a.1 - a.0).max(b.1 - b.0)
}

fn spans(document: &Value, key: &str, label: &str) -> Vec<Span> {
    let at = |s: &Value, k: &str| usize::try_from(s[k].as_u64().unwrap()).unwrap();
    let span = |s: &Value| (at(s, "start"), at(s, "end"), s[label].as_str().unwrap().to_owned());
    document[key].as_array().map_or(Vec::new(), |all| all.iter().map(span).collect())
}

fn predicted(text: &str) -> Vec<Span> {
    let chars = |byte: usize| text[..byte].chars().count();
    let span = |h: &Hit| (chars(h.start), chars(h.end), h.label.to_owned());
    pii::scan_text(text).iter().map(span).collect()
}

#[derive(Default)]
struct Report {
    by_label: BTreeMap<String, Score>,
    by_language: BTreeMap<String, Score>,
    all: Score,
    traps_touched: f64,
    traps: f64,
}

impl Report {
    fn add(&mut self, document: &Value, show: bool) {
        let text = document["text"].as_str().unwrap();
        let language = document["lang"].as_str().unwrap_or("").to_owned();
        let (gold, traps) = (spans(document, "spans", "label"), spans(document, "traps", "kind"));
        let guesses = predicted(text);
        let mut used = BTreeSet::new();
        for span in gold.iter().filter(|s| LABELS.contains(&s.2.as_str())) {
            let hit = (0..guesses.len()).find(|i| !used.contains(i) && matches(span, &guesses[*i]));
            used.extend(hit);
            let (found, missed) = if hit.is_some() { (1.0, 0.0) } else { (0.0, 1.0) };
            if show && hit.is_none() {
                eprintln!("missed {} {:?} in {text:?}", span.2, cut(text, span));
            }
            self.count(&span.2, &language, Score { found, missed, false_alarms: 0.0 });
        }
        for (i, guess) in guesses.iter().enumerate() {
            let touched: Vec<_> = gold.iter().filter(|s| overlap(s, guess) > 0).collect();
            let neutral = traps.iter().any(|t| t.2 == "ex_email" && overlap(t, guess) > 0);
            let near = touched.iter().any(|s| s.2 == guess.2);
            if used.contains(&i) || near || (touched.is_empty() && neutral) {
                continue;
            }
            if show {
                eprintln!("false {} {:?} in {text:?}", guess.2, cut(text, guess));
            }
            self.count(&guess.2, &language, Score { false_alarms: 1.0, ..Score::default() });
        }
        for trap in &traps {
            self.traps += 1.0;
            self.traps_touched += f64::from(guesses.iter().any(|g| overlap(trap, g) > 0));
        }
    }

    fn count(&mut self, label: &str, language: &str, score: Score) {
        for entry in [
            self.by_label.entry(label.to_owned()).or_default(),
            self.by_language.entry(language.to_owned()).or_default(),
            &mut self.all,
        ] {
            *entry = entry.plus(score);
        }
    }
}

fn cut(text: &str, span: &Span) -> String {
    text.chars().skip(span.0).take(span.1 - span.0).collect()
}

fn report(path: &Path) -> Report {
    let mut report = Report::default();
    let show = std::env::var_os("AUDIT_SHOW_MISSES").is_some();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        report.add(&serde_json::from_str(line).unwrap(), show);
    }
    for (name, s) in report.by_label.iter().chain(&report.by_language) {
        eprintln!(
            "{name:16} found {} false {} missed {} f1 {:.4}",
            s.found,
            s.false_alarms,
            s.missed,
            s.f1()
        );
    }
    eprintln!("all {:.4}, traps {} of {}", report.all.f1(), report.traps_touched, report.traps);
    report
}

#[test]
fn synthetic_text_in_six_languages() {
    let Some(path) = shared::data("pii::synthetic_text", "pii/text/text_synth.jsonl") else {
        return;
    };
    let report = report(&path);
    assert!(report.all.f1() >= 0.95, "{}", report.all.f1());
    assert!(report.by_language["zh"].f1() >= 0.97);
    assert!(report.traps_touched / report.traps <= 0.02);
}

#[test]
fn english_text_of_the_presidio_research_set() {
    let Some(path) = shared::data("pii::presidio_text", "pii/text/text_presidio_v2.jsonl") else {
        return;
    };
    let report = report(&path);
    assert!(report.all.f1() >= 0.95, "{}", report.all.f1());
}

/// A CSV file as text; quoted fields may hold commas and line ends.
fn read_csv(path: &Path, file: &str) -> TextTable {
    let text = std::fs::read_to_string(path).unwrap();
    let (mut rows, mut row, mut cell, mut quoted) = (Vec::new(), Vec::new(), String::new(), false);
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match (sign, quoted) {
            ('"', true) if signs.peek() == Some(&'"') => cell.extend(signs.next()),
            ('"', _) => quoted = !quoted,
            (',', false) => row.push(std::mem::take(&mut cell)),
            ('\n', false) => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            ('\r', false) => {}
            _ => cell.push(sign),
        }
    }
    let header = rows.remove(0);
    let column = |(k, name): (usize, &String)| {
        let cells = rows.iter().map(|r| Some(r[k].clone()).filter(|c| !c.is_empty())).collect();
        (name.trim_start_matches('\u{feff}').to_owned(), cells)
    };
    TextTable { file: file.to_owned(), columns: header.iter().enumerate().map(column).collect() }
}

/// The same of a Parquet file.
#[cfg(feature = "tables")]
fn read_parquet(path: &Path, file: &str) -> TextTable {
    use polars::prelude::{DataType, ParquetReader, SerReader};
    let frame = ParquetReader::new(std::fs::File::open(path).unwrap()).finish().unwrap();
    let column = |c: &polars::prelude::Column| {
        let text = c.cast(&DataType::String).unwrap();
        let cells = text.str().unwrap().iter().map(|v| v.map(str::to_owned)).collect();
        (c.name().to_string(), cells)
    };
    TextTable { file: file.to_owned(), columns: frame.columns().iter().map(column).collect() }
}

#[test]
fn columns_are_judged_by_evidence() {
    let Some(path) = shared::data("pii::columns", "pii/tables/columns.json") else { return };
    let folder = path.parent().unwrap();
    let gold: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    let (mut trapped, mut missed) = (Vec::new(), Vec::new());
    for (file, columns) in gold["columns"].as_object().unwrap() {
        let table = match file.rsplit_once('.').unwrap().1 {
            "csv" => read_csv(&folder.join(file), file),
            #[cfg(feature = "tables")]
            "parquet" => read_parquet(&folder.join(file), file),
            _ => continue,
        };
        let findings = pii::audit(&[table], &[], &Options { max_examples: 3 });
        for (column, truth) in columns.as_object().unwrap() {
            let place = format!("{file}:{column}");
            let label = truth["label"].as_str().unwrap();
            let hits: Vec<_> = findings
                .iter()
                .filter(|f| f.subject.place.as_deref() == Some(&place))
                .map(|f| (f.subject.label.clone().unwrap(), f.value.clone().unwrap()))
                .collect();
            let expected = LABELS.contains(&label);
            if expected && !hits.iter().any(|(l, _)| l == label) {
                missed.push(format!("{place} {label} {hits:?}"));
            }
            if label == "NONE" && !hits.is_empty() {
                trapped.push(format!("{place} {hits:?}"));
            }
            if !expected && label != "NONE" && !hits.is_empty() {
                eprintln!("other kind {place} {label}: {hits:?}");
            }
        }
    }
    eprintln!("trapped {trapped:#?}\nmissed {missed:#?}");
    assert!(missed.is_empty(), "{missed:?}");
    assert!(trapped.len() <= 2, "{trapped:?}");
}
