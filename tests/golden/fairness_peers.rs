//! Every number of the golden files that fairlearn 0.15.0, aif360 0.6.1 and aequitas 1.1.0 computed,
//! against our reproduction of their conventions. A key that nobody knows fails, so that nothing of
//! a peer is left out in silence; what is left out on purpose is listed with a proof of its defect.

mod aequitas;
mod aif360;
mod bootstrap;
mod consistency;
mod fairlearn;
mod holisticai_aiverify;
mod ours;

use audit::domain::{Finding, Groups, Split, Value};
use audit::fairness::compat::Peer;
use audit::fairness::{Frame, Options, audit};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::path::Path;

/// Keys of a golden file that other tests walk: `fairness` and `stats`, and plain descriptions.
const ELSEWHERE: [&str; 9] = [
    "dataset",
    "rows",
    "positive_label",
    "positive_meaning",
    "versions",
    "overall",
    "overall_weighted",
    "weight_column",
    "cross_check_max_abs_difference",
];

/// The same for one attribute.
const ELSEWHERE_OF_ATTRIBUTE: [&str; 9] = [
    "columns",
    "groups",
    "groups_weighted",
    "majority_group",
    "privileged_group",
    "aggregates_undefined_skipped",
    "predictive_parity_difference",
    "accuracy_difference",
    "statistics",
];

const NAMES: [&str; 3] = ["compas", "german", "edge_cases"];

/// Columns of a CSV without quotes.
struct Csv {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Csv {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let split = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let mut lines = text.lines();
        Self { header: split(lines.next().unwrap()), rows: lines.map(split).collect() }
    }

    fn column(&self, name: &str) -> Vec<&str> {
        let at = self.header.iter().position(|h| h == name).unwrap();
        self.rows.iter().map(|row| row[at].as_str()).collect()
    }

    fn numbers(&self, name: &str) -> Vec<f64> {
        self.column(name).into_iter().map(|cell| cell.parse().unwrap()).collect()
    }

    fn flags(&self, name: &str) -> Vec<bool> {
        self.column(name).into_iter().map(|cell| cell == "1").collect()
    }
}

/// A table with its golden file.
struct Golden {
    json: Json,
    frame: Frame,
    weight: Option<Vec<f64>>,
    /// Grouping (`race*sex`) → the group that the golden file calls privileged.
    reference: BTreeMap<String, String>,
}

impl Golden {
    fn read(test: &str, name: &'static str) -> Option<Self> {
        let csv = crate::shared::data(test, &format!("fairness/{name}.csv"))?;
        let json = json(test, &format!("fairness/{name}.golden.json"))?;
        let csv = Csv::read(&csv);
        let attributes: Vec<&Json> = json["attributes"].as_object().unwrap().values().collect();
        let grouping = |attribute: &Json| {
            let names = attribute["columns"].as_array().unwrap().iter();
            let parts: Vec<Groups> = names
                .map(|c| c.as_str().unwrap())
                .map(|c| {
                    Groups::encode(c, &csv.column(c).into_iter().map(Some).collect::<Vec<_>>())
                })
                .collect();
            Groups::cross(&parts.iter().collect::<Vec<_>>())
        };
        let groups: Vec<Groups> = attributes.iter().map(|a| grouping(a)).collect();
        let privileged = |a: &Json| a["privileged_group"].as_str().unwrap().to_owned();
        let names = groups.iter().map(Groups::name);
        let reference = names.zip(attributes.iter().map(|a| privileged(a))).collect();
        let frame = Frame {
            split: Split::Test,
            y_true: csv.flags("y_true"),
            y_pred: csv.flags("y_pred"),
            score: Some(csv.numbers("score")),
            weight: None,
            groups,
        };
        let weight = json["weight_column"].as_str().map(|column| csv.numbers(column));
        Some(Self { json, frame, weight, reference })
    }

    /// The attribute's name in the file, its content and our grouping.
    fn attributes(&self) -> impl Iterator<Item = (&String, &Json, &Groups)> {
        let all = self.json["attributes"].as_object().unwrap();
        all.iter().zip(&self.frame.groups).map(|((name, json), groups)| (name, json, groups))
    }

    fn weighted(&self) -> Frame {
        Frame { weight: self.weight.clone(), ..self.frame.clone() }
    }

    /// The other label as the positive one.
    fn turned(&self) -> Frame {
        let not = |flags: &[bool]| flags.iter().map(|flag| !flag).collect();
        let score = self.frame.score.as_ref().map(|s| s.iter().map(|s| 1.0 - s).collect());
        Frame {
            y_true: not(&self.frame.y_true),
            y_pred: not(&self.frame.y_pred),
            score,
            ..self.frame.clone()
        }
    }

    fn said(&self, frame: &Frame, peer: Peer) -> Said {
        let reference = self.reference.clone();
        let compat = vec![peer];
        let options = Options { reference, compat, ..Options::default() };
        Said::of(audit(frame, &options))
    }
}

fn json(test: &str, relative: &str) -> Option<Json> {
    let path = crate::shared::data(test, relative)?;
    Some(serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap())
}

/// Check, features, label, group, reference.
type Key = (String, String, String, String, String);

/// Findings by what they are about.
struct Said(BTreeMap<Key, Finding>);

/// What is looked up of one grouping.
#[derive(Clone, Copy, Default)]
struct About<'a> {
    check: &'a str,
    label: &'a str,
    group: &'a str,
    reference: &'a str,
}

impl Said {
    fn of(findings: Vec<Finding>) -> Self {
        let key = |f: &Finding| {
            let levels = |group: &BTreeMap<String, String>| {
                f.subject
                    .by
                    .iter()
                    .map(|feature| group[feature].clone())
                    .collect::<Vec<_>>()
                    .join("|")
            };
            let [group, reference] = [&f.subject.group, &f.subject.reference]
                .map(|side| side.as_ref().map(levels).unwrap_or_default());
            let label = f.subject.label.clone().unwrap_or_default();
            (f.check.clone(), f.subject.by.join("*"), label, group, reference)
        };
        Self(findings.into_iter().map(|f| (key(&f), f)).collect())
    }

    fn get(&self, groups: &Groups, about: About<'_>) -> &Finding {
        let About { check, label, group, reference } = about;
        let [label, group, reference] = [label, group, reference].map(str::to_owned);
        let key = (check.to_owned(), groups.name(), label, group, reference);
        self.0.get(&key).unwrap_or_else(|| panic!("nothing is said about {key:?}"))
    }

    /// Any reference.
    fn against_any(&self, groups: &Groups, check: &str, label: &str, group: &str) -> &Finding {
        let fits = |(c, by, l, g, _): &&Key| {
            c == check && *by == groups.name() && l == label && g == group
        };
        let key = self.0.keys().find(fits);
        &self.0[key.unwrap_or_else(|| panic!("nothing about {check} {label} {group}"))]
    }
}

fn object(json: &Json) -> &Map<String, Json> {
    json.as_object().unwrap_or_else(|| panic!("not an object: {json}"))
}

/// 1e-9 relative.
fn close(found: f64, expected: f64, what: &str) {
    let allowed = 1e-9 * expected.abs().max(1e-3);
    assert!((found - expected).abs() <= allowed, "{what}: {found}, the golden file: {expected}");
}

/// A number against a number, no number against null.
fn same(value: &Value, expected: &Json, what: &str) {
    match (value, expected) {
        (Ok(found), Json::Number(expected)) => close(*found, expected.as_f64().unwrap(), what),
        (Ok(found), Json::Bool(expected)) => {
            close(*found, f64::from(u8::from(*expected)), what);
        }
        (Err(_), Json::Null) => {}
        (found, expected) => panic!("{what}: {found:?}, the golden file: {expected}"),
    }
}

/// All cells of the goldens for one peer; the number compared.
fn walk(test: &str, of: fn(&Golden) -> usize, least: usize) {
    let all: Vec<Golden> = NAMES.iter().filter_map(|name| Golden::read(test, name)).collect();
    if all.len() == NAMES.len() {
        let compared: usize = all.iter().map(of).sum();
        assert!(compared >= least, "only {compared} numbers compared");
    }
}

#[test]
fn no_key_of_a_golden_file_is_unknown() {
    for name in NAMES {
        let Some(golden) = Golden::read("no_key_of_a_golden_file_is_unknown", name) else { return };
        for key in object(&golden.json).keys() {
            let walked = ["attributes", "aequitas", "consistency"].contains(&key.as_str());
            assert!(walked || ELSEWHERE.contains(&key.as_str()), "{name}: nobody knows {key}");
        }
        for (_, attribute, _) in golden.attributes() {
            for key in object(attribute).keys() {
                let ours =
                    ["fairlearn", "fairlearn_weighted", "fairlearn_bootstrap_200_seed42", "aif360"];
                let known =
                    ours.contains(&key.as_str()) || ELSEWHERE_OF_ATTRIBUTE.contains(&key.as_str());
                assert!(known, "{name}: nobody knows {key}");
            }
        }
    }
}
