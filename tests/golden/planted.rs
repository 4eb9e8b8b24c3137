//! What the generator plants is found, and what it does not plant is not.

use audit::dataset::synthetic::{Plant, Planted, SyntheticOptions, generate, usage_facts};
use audit::dataset::{Loaded, Source};
use audit::domain::{Evidence, Finding, Seed};
use audit::misuse::{self, Facts, Log, Policy};
use audit::privacy::pii::{self, Names, scan_text};
use std::collections::{BTreeMap, BTreeSet};

fn generated(seed: u64, plants: &[Plant]) -> (Loaded, Planted) {
    let synthetic = SyntheticOptions { n: 600, plants: plants.iter().copied().collect() };
    let source = Source { format: "synthetic".to_owned(), synthetic, ..Source::default() };
    generate(&source, Seed::new(seed)).unwrap()
}

/// `(row, column, label)` of everything that the detectors see in the table.
fn hits(data: &Loaded) -> BTreeSet<(u64, String, String)> {
    let mut found = BTreeSet::new();
    for (column, cells) in data.tables.iter().flat_map(|table| &table.columns) {
        for (row, cell) in (1..).zip(cells) {
            for hit in scan_text(cell.as_deref().unwrap_or_default()) {
                found.insert((row, column.clone(), hit.label.to_owned()));
            }
        }
    }
    found
}

fn value(findings: &[Finding], check: &str) -> f64 {
    *findings.iter().find(|f| f.check == check).unwrap().value.as_ref().unwrap()
}

fn personal_data(data: &Loaded) -> Vec<Finding> {
    let name = |(place, names): &(String, Vec<String>)| Names {
        place: place.clone(),
        names: names.clone(),
    };
    let names: Vec<Names> = data.names.iter().map(name).collect();
    pii::audit(&data.tables, &names, &pii::Options { max_examples: 5 })
}

fn usage(data: &Loaded) -> Vec<Finding> {
    let f = usage_facts();
    let facts = Facts {
        purposes: f.purposes,
        domains: f.domains,
        prohibited_uses: f.prohibited_uses,
        approvals: f.approvals,
        review_below: f.review_below,
        required_fields: f.required_fields,
        confidence: 0.95,
    };
    let log = Log::parse("usage.jsonl", data.usage_log.as_ref().unwrap().as_bytes()).unwrap();
    misuse::audit(&log, &Policy::built_in().unwrap(), &facts).unwrap()
}

/// Violating records of each rule, from the evidence.
fn breaches(findings: &[Finding]) -> BTreeMap<String, u64> {
    let count = |f: &Finding| {
        let counts = f.evidence.iter().find_map(|e| match e {
            Evidence::Counts { counts } => counts.get("violations").copied(),
            _ => None,
        });
        Some((f.check.strip_prefix("usage_")?.to_owned(), counts.filter(|n| *n > 0)?))
    };
    findings.iter().filter(|f| f.check != "usage_violations").filter_map(count).collect()
}

#[test]
fn every_planted_cell_and_name_is_found_and_nothing_else() {
    for seed in 0..5 {
        let (data, planted) = generated(seed, &[Plant::PersonalData]);
        let cell = |c: &audit::dataset::synthetic::PersonalCell| {
            (c.row, c.column.clone(), c.label.to_owned())
        };
        let expected: BTreeSet<_> = planted.personal_cells.iter().map(cell).collect();
        assert!(!expected.is_empty());
        assert_eq!(hits(&data), expected, "seed {seed}");
        let all = planted.personal_cells.len() + planted.personal_names.len();
        let found = value(&personal_data(&data), "pii_direct_identifiers");
        assert!((found - f64::from(u32::try_from(all).unwrap())).abs() < 1e-9, "{found} of {all}");
    }
}

#[test]
fn every_planted_breach_is_found_and_nothing_else() {
    for seed in 0..5 {
        let (data, planted) = generated(seed, &[Plant::Misuse]);
        let own = |(rule, n): (&&str, &u64)| ((*rule).to_owned(), *n);
        let expected: BTreeMap<String, u64> = planted.breaches.iter().map(own).collect();
        assert_eq!(breaches(&usage(&data)), expected, "seed {seed}");
    }
}

#[test]
fn clean_data_has_neither() {
    for seed in 0..5 {
        let (data, _) = generated(seed, &[Plant::Bias, Plant::Overfit]);
        assert_eq!(hits(&data), BTreeSet::new());
        assert!(value(&personal_data(&data), "pii_direct_identifiers").abs() < 1e-9);
        assert_eq!(breaches(&usage(&data)), BTreeMap::new());
    }
}
