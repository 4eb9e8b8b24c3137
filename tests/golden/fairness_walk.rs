//! Every key of the golden files that is about groups: a key that nobody compares is a failure.

use audit::domain::{Cell, Evidence, Finding, Groups, Split, Undefined};
use audit::fairness::{Frame, Options, audit};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::path::Path;

const TOLERANCE: f64 = 1e-9;

/// The golden block's name → ours.
const BLOCK: [(&str, &str); 26] = [
    ("count", "count"),
    ("base_rate", "base_rate"),
    ("selection_rate", "selection_rate"),
    ("accuracy", "accuracy"),
    ("error_rate", "error_rate"),
    ("tpr", "true_positive_rate"),
    ("fnr", "false_negative_rate"),
    ("fpr", "false_positive_rate"),
    ("tnr", "true_negative_rate"),
    ("precision", "precision"),
    ("fdr", "false_discovery_rate"),
    ("npv", "negative_predictive_value"),
    ("for", "false_omission_rate"),
    ("f1", "f1"),
    ("balanced_accuracy", "balanced_accuracy"),
    ("mcc", "matthews_corrcoef"),
    ("mean_score", "mean_score"),
    ("brier", "brier_score"),
    ("log_loss", "log_loss"),
    ("ece_10_left_closed", "expected_calibration_error"),
    ("ece_10_right_closed", "expected_calibration_error_right_closed"),
    ("mce_10_left_closed", "maximum_calibration_error"),
    ("auc", "roc_auc"),
    ("average_precision", "average_precision"),
    ("generalized_tpr", "generalized_true_positive_rate"),
    ("generalized_fpr", "generalized_false_positive_rate"),
];

/// Keys of a file that say what it is, and blocks of other programs, which have tests of their own.
const ELSEWHERE: [&str; 9] = [
    "dataset",
    "rows",
    "positive_label",
    "positive_meaning",
    "versions",
    "weight_column",
    "aequitas",
    "consistency",
    "cross_check_max_abs_difference",
];

/// The same of an attribute; the intervals of `statistics` have tests of their own.
const ELSEWHERE_OF_ATTRIBUTE: [&str; 8] = [
    "columns",
    "majority_group",
    "privileged_group",
    "statistics",
    "fairlearn",
    "fairlearn_weighted",
    "fairlearn_bootstrap_200_seed42",
    "aif360",
];

/// A table, its golden file, and what we measure without and with weights.
struct Golden {
    json: Json,
    groups: Vec<Groups>,
    plain: Measured,
    weighted: Option<Measured>,
}

/// Findings by check, features and group; those of a comparison have no group.
struct Measured(BTreeMap<(String, Vec<String>, String), Finding>);

impl Measured {
    fn of(frame: &Frame) -> Self {
        let whole = audit(frame, &Options::default()).into_iter();
        let keyed = whole.filter(|f| f.subject.reference.is_none()).map(|f| {
            let level = |feature: &String| f.subject.group.as_ref().map(|key| key[feature].clone());
            let group: Option<Vec<String>> = f.subject.by.iter().map(level).collect();
            let group = group.map(|parts| parts.join("|")).unwrap_or_default();
            ((f.check.clone(), f.subject.by.clone(), group), f)
        });
        Self(keyed.collect())
    }

    #[track_caller]
    fn get(&self, check: &str, by: &[String], group: &str) -> &Finding {
        let key = (check.to_owned(), by.to_vec(), group.to_owned());
        self.0.get(&key).unwrap_or_else(|| panic!("no finding {key:?}"))
    }
}

fn read(test: &str, name: &str) -> Option<Golden> {
    let csv = crate::shared::data(test, &format!("fairness/{name}.csv"))?;
    let json = crate::shared::data(test, &format!("fairness/{name}.golden.json"))?;
    let json: Json = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    let frame = frame(&csv, &json);
    let plain = Measured::of(&Frame { weight: None, ..frame.clone() });
    let weighted = frame.weight.is_some().then(|| Measured::of(&frame));
    Some(Golden { groups: frame.groups, json, plain, weighted })
}

/// The tables hold no quotes, so splitting at commas reads them.
fn frame(csv: &Path, json: &Json) -> Frame {
    let text = std::fs::read_to_string(csv).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let column = |name: &str| -> Vec<&str> {
        let at = header.iter().position(|h| *h == name).unwrap();
        rows.iter().map(|row| row[at]).collect()
    };
    let flags = |name: &str| column(name).into_iter().map(|cell| cell == "1").collect();
    let numbers = |name: &str| -> Vec<f64> {
        column(name).into_iter().map(|cell| cell.parse().unwrap()).collect()
    };
    let grouping = |attribute: &Json| {
        let names = attribute["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap());
        let parts: Vec<Groups> = names
            .map(|c| Groups::encode(c, &column(c).into_iter().map(Some).collect::<Vec<_>>()))
            .collect();
        Groups::cross(&parts.iter().collect::<Vec<_>>())
    };
    Frame {
        split: Split::Test,
        y_true: flags("y_true"),
        y_pred: flags("y_pred"),
        score: Some(numbers("score")),
        weight: json["weight_column"].as_str().map(numbers),
        groups: json["attributes"].as_object().unwrap().values().map(grouping).collect(),
    }
}

#[track_caller]
fn same(found: Option<f64>, expected: &Json, what: &str) {
    match (found, expected.as_f64()) {
        (Some(a), Some(b)) => {
            assert!((a - b).abs() <= TOLERANCE, "{what}: {a}, the golden file: {b}");
        }
        (found, _) => {
            assert!(found.is_none() && expected.is_null(), "{what}: {found:?}, {expected}");
        }
    }
}

fn numbers<'a>(finding: &'a Finding, of: &str) -> Option<&'a [Cell]> {
    finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Numbers { name, cells } if name == of => Some(cells.as_slice()),
        _ => None,
    })
}

/// A cell of the confusion table, weighted where there are weights.
fn cell(count: &Finding, name: &str) -> Option<f64> {
    if let Some(cells) = numbers(count, "weights") {
        return cells.iter().find(|cell| cell.name == name)?.value;
    }
    let Some(Evidence::Counts { counts }) = count.evidence.first() else { return None };
    match name {
        "weight_sum" => count.value.clone().ok(),
        _ => counts[name].to_string().parse().ok(),
    }
}

/// Compares every key of a block.
fn block(measured: &Measured, by: &[String], group: &str, expected: &Map<String, Json>) -> usize {
    for (key, expected) in expected {
        let what = format!("{key} of {by:?} {group}");
        if let Some((_, ours)) = BLOCK.iter().find(|(theirs, _)| theirs == key) {
            same(measured.get(ours, by, group).value.clone().ok(), expected, &what);
        } else if ["weight_sum", "tp", "fp", "tn", "fn"].contains(&key.as_str()) {
            same(cell(measured.get("count", by, group), key), expected, &what);
        } else {
            panic!("nobody compares {what}");
        }
    }
    expected.len()
}

fn blocks(measured: &Measured, groups: &Groups, expected: &Json) -> usize {
    let expected = expected.as_object().unwrap();
    let compare = |(label, of): (&String, &Json)| {
        block(measured, groups.features(), label, of.as_object().unwrap())
    };
    expected.iter().map(compare).sum()
}

/// The value, or the one over the groups that have one.
fn over_defined(finding: &Finding) -> Option<f64> {
    let shown = || numbers(finding, "over_defined_groups").and_then(|cells| cells[0].value);
    finding.value.clone().ok().or_else(shown)
}

/// Compares every key of every aggregate.
fn aggregates(measured: &Measured, by: &[String], expected: &Json) -> usize {
    let mut compared = 0;
    for (metric, keys) in expected.as_object().unwrap() {
        let ours = BLOCK.iter().find(|(theirs, _)| theirs == metric).map(|(_, ours)| *ours);
        let ours = ours.unwrap_or_else(|| panic!("nobody compares {metric}"));
        let difference = measured.get(&format!("{ours}_difference"), by, "");
        let ratio = measured.get(&format!("{ours}_ratio"), by, "");
        let defined = keys["defined_groups"].as_u64().unwrap();
        if defined < 2 {
            assert!(over_defined(difference).is_none() && over_defined(ratio).is_none());
            continue;
        }
        let named = numbers(difference, "extremes")
            .or_else(|| numbers(difference, "over_defined_groups").map(|cells| &cells[1..]))
            .unwrap();
        for (key, expected) in keys.as_object().unwrap() {
            let what = format!("{key} of {metric} by {by:?}");
            match key.as_str() {
                "difference" => same(over_defined(difference), expected, &what),
                // A ratio of numbers below 0 is undefined with us.
                "ratio" if matches!(ratio.value, Err(Undefined::NotRun { .. })) => {
                    assert!(keys["min"].as_f64().unwrap() < 0.0, "{what}");
                }
                "ratio" => same(over_defined(ratio), expected, &what),
                "min" => same(named[0].value, expected, &what),
                "max" => same(named[1].value, expected, &what),
                "min_group" | "max_group" | "defined_groups" => {}
                _ => panic!("nobody compares {what}"),
            }
            compared += 1;
        }
    }
    compared
}

fn attribute(golden: &Golden, groups: &Groups, attribute: &Json) -> usize {
    let by = groups.features();
    let gap = |check: &str, expected: &Json| {
        same(over_defined(golden.plain.get(check, by, "")), expected, check);
        1
    };
    let compare = |(key, expected): (&String, &Json)| match key.as_str() {
        "groups" => blocks(&golden.plain, groups, expected),
        "groups_weighted" => blocks(golden.weighted.as_ref().unwrap(), groups, expected),
        "aggregates_undefined_skipped" => aggregates(&golden.plain, by, expected),
        "predictive_parity_difference" | "accuracy_difference" => gap(key, expected),
        elsewhere if ELSEWHERE_OF_ATTRIBUTE.contains(&elsewhere) => 0,
        unknown => panic!("nobody compares `{unknown}` of {by:?}"),
    };
    attribute.as_object().unwrap().iter().map(compare).sum()
}

fn walk(test: &str, name: &str, at_least: usize) {
    let Some(golden) = read(test, name) else { return };
    let mut compared = 0;
    for (key, expected) in golden.json.as_object().unwrap() {
        compared += match key.as_str() {
            "overall" => block(&golden.plain, &[], "", expected.as_object().unwrap()),
            "overall_weighted" => {
                block(golden.weighted.as_ref().unwrap(), &[], "", expected.as_object().unwrap())
            }
            "attributes" => {
                let pairs = golden.groups.iter().zip(expected.as_object().unwrap().values());
                pairs.map(|(groups, json)| attribute(&golden, groups, json)).sum()
            }
            elsewhere if ELSEWHERE.contains(&elsewhere) => 0,
            unknown => panic!("nobody compares `{unknown}`"),
        };
    }
    assert!(compared >= at_least, "{compared} numbers were compared");
}

#[test]
fn every_key_of_compas() {
    walk("every_key_of_compas", "compas", 1500);
}

#[test]
fn every_key_of_german() {
    walk("every_key_of_german", "german", 600);
}

#[test]
fn every_key_of_the_edge_cases() {
    walk("every_key_of_the_edge_cases", "edge_cases", 600);
}

/// What AIF360 computes for one group against the privileged one.
#[test]
fn pairs_against_the_privileged_group() {
    let test = "pairs_against_the_privileged_group";
    for name in ["compas", "german"] {
        let (Some(csv), Some(json)) = (
            crate::shared::data(test, &format!("fairness/{name}.csv")),
            crate::shared::data(test, &format!("fairness/{name}.golden.json")),
        ) else {
            return;
        };
        let json: Json = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
        let frame = Frame { weight: None, ..frame(&csv, &json) };
        let attributes = json["attributes"].as_object().unwrap();
        let name_of = |a: &Json| {
            let columns = a["columns"].as_array().unwrap().iter().map(|c| c.as_str().unwrap());
            columns.collect::<Vec<_>>().join("*")
        };
        let privileged = |a: &Json| a["privileged_group"].as_str().unwrap().to_owned();
        let reference = attributes.values().map(|a| (name_of(a), privileged(a))).collect();
        let findings = audit(&frame, &Options { reference, ..Options::default() });
        let mut compared = 0;
        for f in findings.iter().filter(|f| f.subject.reference.is_some()) {
            let by = f.subject.by.join("*");
            let of = attributes.values().find(|a| name_of(a) == by).unwrap();
            let group = f.subject.group.as_ref().unwrap();
            let label: Vec<String> = f.subject.by.iter().map(|c| group[c].clone()).collect();
            let expected = &of["aif360"]["pairwise_vs_privileged"][label.join("|")];
            // AIF360 has NaN, which the file holds as null, or 0 where a rate does not exist.
            let (Ok(value), Some(expected)) = (&f.value, expected[&f.check].as_f64()) else {
                continue;
            };
            same(Some(*value), &Json::from(expected), &format!("{} of {label:?}", f.check));
            compared += 1;
        }
        assert!(compared > 10, "{compared} pairs of {name}");
    }
}

/// Ours, fairlearn's method and its name.
const DISTANCES: [[&str; 3]; 8] = [
    ["selection_rate_difference_to_overall", "to_overall", "demographic_parity_difference"],
    ["selection_rate_ratio_to_overall", "to_overall", "demographic_parity_ratio"],
    ["true_positive_rate_difference_to_overall", "to_overall", "equal_opportunity_difference"],
    ["true_positive_rate_ratio_to_overall", "to_overall", "equal_opportunity_ratio"],
    ["equalized_odds_difference_to_overall", "to_overall", "equalized_odds_difference_worst_case"],
    ["equalized_odds_ratio_to_overall", "to_overall", "equalized_odds_ratio_worst_case"],
    ["equalized_odds_difference_mean", "between_groups", "equalized_odds_difference_mean"],
    ["equalized_odds_ratio_mean", "between_groups", "equalized_odds_ratio_mean"],
];

/// What fairlearn computes against the whole population, and as a mean of both odds, where no rate
/// is 0/0.
#[test]
fn distances_to_the_whole_population() {
    let Some(golden) = read("distances_to_the_whole_population", "compas") else { return };
    let mut compared = 0;
    let attributes = golden.json["attributes"].as_object().unwrap();
    let weighted = golden.weighted.as_ref().unwrap();
    for (groups, attribute) in golden.groups.iter().zip(attributes.values()) {
        for (measured, library) in [(&golden.plain, "fairlearn"), (weighted, "fairlearn_weighted")]
        {
            for [ours, method, theirs] in DISTANCES {
                let finding = measured.get(ours, groups.features(), "");
                if let Ok(value) = finding.value {
                    let what = format!("{ours} by {:?}", groups.features());
                    same(Some(value), &attribute[library][method][theirs], &what);
                    compared += 1;
                }
            }
        }
    }
    assert!(compared >= 48, "{compared}");
}
