//! The shared tables against what fairlearn 0.15.0, scikit-learn 1.9.1 and plain counting computed.

use audit::domain::{Cell, Evidence, Finding, Groups, Split, Undefined};
use audit::fairness::{Frame, Options, audit};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::path::Path;

const TOLERANCE: f64 = 1e-9;

/// Ours → the golden block's name.
const BLOCK: [(&str, &str); 26] = [
    ("count", "count"),
    ("base_rate", "base_rate"),
    ("selection_rate", "selection_rate"),
    ("accuracy", "accuracy"),
    ("true_positive_rate", "tpr"),
    ("false_positive_rate", "fpr"),
    ("true_negative_rate", "tnr"),
    ("false_negative_rate", "fnr"),
    ("precision", "precision"),
    ("roc_auc", "auc"),
    ("balanced_accuracy", "balanced_accuracy"),
    ("f1", "f1"),
    ("false_discovery_rate", "fdr"),
    ("negative_predictive_value", "npv"),
    ("false_omission_rate", "for"),
    ("error_rate", "error_rate"),
    ("matthews_corrcoef", "mcc"),
    ("generalized_true_positive_rate", "generalized_tpr"),
    ("generalized_false_positive_rate", "generalized_fpr"),
    ("mean_score", "mean_score"),
    ("average_precision", "average_precision"),
    ("brier_score", "brier"),
    ("log_loss", "log_loss"),
    ("expected_calibration_error", "ece_10_left_closed"),
    ("expected_calibration_error_right_closed", "ece_10_right_closed"),
    ("maximum_calibration_error", "mce_10_left_closed"),
];

/// A table and its golden file.
struct Golden {
    json: Json,
    frame: Frame,
    findings: Vec<Finding>,
}

fn read(test: &str, name: &str) -> Option<Golden> {
    let csv = crate::shared::data(test, &format!("fairness/{name}.csv"))?;
    let json = crate::shared::data(test, &format!("fairness/{name}.golden.json"))?;
    let json: Json = serde_json::from_str(&std::fs::read_to_string(json).unwrap()).unwrap();
    let frame = frame(&csv, &json);
    let findings = audit(&frame, &Options::default());
    Some(Golden { json, frame, findings })
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
        score: Some(column("score").into_iter().map(|cell| cell.parse().unwrap()).collect()),
        weight: None,
        groups: json["attributes"].as_object().unwrap().values().map(grouping).collect(),
    }
}

impl Golden {
    /// Grouping, the golden attribute of the same columns.
    fn attributes(&self) -> impl Iterator<Item = (&Groups, &Json)> {
        let all = self.json["attributes"].as_object().unwrap();
        self.frame.groups.iter().zip(all.values())
    }

    fn of(&self, check: &str, by: &[String], group: Option<&BTreeMap<String, String>>) -> &Finding {
        let same = |f: &&Finding| {
            f.check == check && f.subject.by == by && f.subject.group.as_ref() == group
        };
        self.findings.iter().find(same).unwrap_or_else(|| panic!("no finding {check} by {by:?}"))
    }
}

fn close(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() <= TOLERANCE, "{what}: {found}, the golden file: {expected}");
}

/// A number against a number, an undefined value against null.
fn same(finding: &Finding, expected: &Json, what: &str) {
    match (&finding.value, expected.as_f64()) {
        (Ok(found), Some(expected)) => close(*found, expected, what),
        (Err(_), None) => assert!(expected.is_null(), "{what}: {expected}"),
        (found, _) => panic!("{what}: {found:?}, the golden file: {expected}"),
    }
}

fn cells<'a>(finding: &'a Finding, of: &str) -> Option<&'a [Cell]> {
    finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Numbers { name, cells } if name == of => Some(cells.as_slice()),
        _ => None,
    })
}

fn block(golden: &Golden, by: &[String], group: Option<&BTreeMap<String, String>>, block: &Json) {
    for (ours, theirs) in BLOCK {
        let what = format!("{ours} {group:?}");
        same(golden.of(ours, by, group), &block[theirs], &what);
    }
    let [Evidence::Counts { counts }] = golden.of("count", by, group).evidence.as_slice() else {
        panic!("the count has no confusion table")
    };
    for (cell, count) in counts {
        assert_eq!(block[cell].as_f64(), Some(count.to_string().parse().unwrap()), "{cell}");
    }
}

fn blocks(test: &str, name: &str) {
    let Some(golden) = read(test, name) else { return };
    block(&golden, &[], None, &golden.json["overall"]);
    for (groups, attribute) in golden.attributes() {
        let expected = attribute["groups"].as_object().unwrap();
        let mut listed = 0;
        for id in groups.ids() {
            let key = groups.key(id);
            if let Some(expected) = expected.get(&groups.label(id)) {
                block(&golden, groups.features(), Some(&key), expected);
                listed += 1;
            } else {
                // The golden files leave empty intersection cells out; we list them as empty.
                let rate = golden.of("selection_rate", groups.features(), Some(&key));
                assert_eq!(rate.value, Err(Undefined::Empty));
            }
        }
        assert_eq!(listed, expected.len(), "every golden group was compared");
    }
}

#[test]
fn compas_groups() {
    blocks("compas_groups", "compas");
}

#[test]
fn german_groups() {
    blocks("german_groups", "german");
}

#[test]
fn edge_case_groups() {
    blocks("edge_case_groups", "edge_cases");
}

/// fairlearn's comparisons, with the base metrics that they rest on.
const FAIRLEARN: [(&str, &str, &[&str]); 6] = [
    ("demographic_parity_difference", "demographic_parity_difference", &["selection_rate"]),
    ("demographic_parity_ratio", "demographic_parity_ratio", &["selection_rate"]),
    ("equalized_odds_difference", "equalized_odds_difference_worst_case", &["tpr", "fpr"]),
    ("equalized_odds_ratio", "equalized_odds_ratio_worst_case", &["tpr", "fpr"]),
    ("equal_opportunity_difference", "equal_opportunity_difference", &["tpr"]),
    ("equal_opportunity_ratio", "equal_opportunity_ratio", &["tpr"]),
];

fn comparisons(test: &str, name: &str) -> [usize; 2] {
    let Some(golden) = read(test, name) else { return [0, 0] };
    let (mut defined, mut undefined) = (0, 0);
    for (groups, attribute) in golden.attributes() {
        let peer = &attribute["fairlearn"]["between_groups"];
        for (ours, theirs, rests_on) in FAIRLEARN {
            let finding = golden.of(ours, groups.features(), None);
            let what = format!("{ours} by {}", groups.name());
            let rates = attribute["groups"].as_object().unwrap().values();
            let missing = rates.clone().any(|rates| rests_on.iter().any(|m| rates[*m].is_null()));
            let zeros =
                |metric: &&str| rates.clone().all(|rates| rates[*metric].as_f64() == Some(0.0));
            if missing {
                // peer_says: a number, because it counts the 0/0 rate of a group as 0.
                assert!(peer[theirs].is_number(), "{what}");
                let reason = &finding.value;
                assert!(matches!(reason, Err(Undefined::GroupUndefined { .. })), "{what}");
                undefined += 1;
            } else if ours.ends_with("ratio") && rests_on.iter().any(zeros) {
                assert_eq!(finding.value, Err(Undefined::ZeroDenominator), "{what}");
                undefined += 1;
            } else {
                same(finding, &peer[theirs], &what);
                assert!(finding.value.is_ok(), "{what}");
                defined += 1;
            }
        }
    }
    [defined, undefined]
}

#[test]
fn fairlearn_comparisons_where_every_rate_exists() {
    let test = "fairlearn_comparisons_where_every_rate_exists";
    let counts = ["compas", "german", "edge_cases"].map(|name| comparisons(test, name));
    let total: usize = counts.iter().map(|[defined, _]| defined).sum();
    let undefined = counts[2][1];
    assert!(total == 0 || (total >= 40 && undefined >= 4), "compared {counts:?}");
}

fn gaps(test: &str, name: &str) {
    let Some(golden) = read(test, name) else { return };
    for (groups, attribute) in golden.attributes() {
        for (ours, theirs) in BLOCK {
            let expected = &attribute["aggregates_undefined_skipped"][theirs];
            if expected.is_null() {
                continue;
            }
            for aggregate in ["difference", "ratio"] {
                let check = format!("{ours}_{aggregate}");
                let finding = golden.of(&check, groups.features(), None);
                gap(finding, expected, aggregate, attribute);
            }
        }
        for ours in ["predictive_parity_difference", "accuracy_difference"] {
            let finding = golden.of(ours, groups.features(), None);
            let shown = cells(finding, "over_defined_groups").and_then(|cells| cells[0].value);
            let found = finding.value.clone().ok().or(shown).unwrap();
            close(found, attribute[ours].as_f64().unwrap(), ours);
        }
    }
}

/// The value, or the one over the defined groups, against the golden aggregate that skips
/// undefined groups; and the two groups that form it.
fn gap(finding: &Finding, expected: &Json, aggregate: &str, attribute: &Json) {
    let what = format!("{} by {:?}", finding.check, finding.subject.by);
    let groups = attribute["groups"].as_object().unwrap().len();
    let defined = expected["defined_groups"].as_u64().unwrap();
    let all = usize::try_from(defined).unwrap() == groups;
    let Some(number) = expected[aggregate].as_f64() else {
        assert!(finding.value.is_err() && cells(finding, "over_defined_groups").is_none());
        return;
    };
    let named = if all {
        close(*finding.value.as_ref().unwrap(), number, &what);
        cells(finding, "extremes").unwrap()
    } else {
        assert!(matches!(finding.value, Err(Undefined::GroupUndefined { .. })), "{what}");
        if defined < 2 {
            return;
        }
        let cells = cells(finding, "over_defined_groups").unwrap();
        close(cells[0].value.unwrap(), number, &what);
        &cells[1..]
    };
    close(named[0].value.unwrap(), expected["min"].as_f64().unwrap(), &what);
    close(named[1].value.unwrap(), expected["max"].as_f64().unwrap(), &what);
}

#[test]
fn gaps_over_the_defined_groups() {
    for name in ["compas", "german", "edge_cases"] {
        gaps("gaps_over_the_defined_groups", name);
    }
}

#[test]
fn wilson_intervals_of_every_group() {
    for name in ["compas", "german", "edge_cases"] {
        let Some(golden) = read("wilson_intervals_of_every_group", name) else { return };
        for (groups, attribute) in golden.attributes() {
            for id in groups.ids() {
                let expected = &attribute["statistics"][groups.label(id)]["intervals"];
                for (ours, theirs) in BLOCK {
                    let Some(ends) = expected[theirs]["wilson_95"].as_array() else { continue };
                    let finding = golden.of(ours, groups.features(), Some(&groups.key(id)));
                    let interval = finding.interval.as_ref().unwrap();
                    assert_eq!(interval.method, "wilson");
                    close(interval.low, ends[0].as_f64().unwrap(), ours);
                    close(interval.high, ends[1].as_f64().unwrap(), ours);
                }
            }
        }
    }
}
