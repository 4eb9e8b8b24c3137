//! fairlearn's functions and its `MetricFrame`, plain and weighted.

use super::{About, Golden, Peer, Said, object, same, walk};
use audit::domain::Groups;
use serde_json::Value as Json;

const METRICS: [(&str, &str); 9] = [
    ("selection_rate", "selection_rate"),
    ("tpr", "true_positive_rate"),
    ("fpr", "false_positive_rate"),
    ("fnr", "false_negative_rate"),
    ("tnr", "true_negative_rate"),
    ("accuracy", "accuracy_score"),
    ("balanced_accuracy", "balanced_accuracy_score"),
    ("precision", "precision_score"),
    ("f1", "f1_score"),
];

fn metric(key: &str) -> &'static str {
    let found = METRICS.iter().find(|(short, _)| *short == key);
    found.unwrap_or_else(|| panic!("nobody knows the metric {key}")).1
}

fn functions(said: &Said, groups: &Groups, method: &str, golden: &Json) -> usize {
    for (key, expected) in object(golden) {
        let (name, label) = if let Some(name) = key.strip_suffix("_worst_case") {
            (name, format!("{method}, worst_case"))
        } else if let Some(name) = key.strip_suffix("_mean") {
            (name, format!("{method}, mean"))
        } else {
            (key.as_str(), method.to_owned())
        };
        let check = format!("fairlearn.{name}");
        let about = About { check: &check, label: &label, ..About::default() };
        same(&said.get(groups, about).value, expected, &format!("{key} {label}"));
    }
    object(golden).len()
}

fn metric_frame(said: &Said, groups: &Groups, golden: &Json) -> usize {
    let mut compared = 0;
    for (key, content) in object(golden) {
        if key == "by_group" {
            for (group, metrics) in object(content) {
                for (short, expected) in object(metrics) {
                    let check = "fairlearn.metric_frame_by_group";
                    let about = About { check, label: metric(short), group, ..About::default() };
                    same(&said.get(groups, about).value, expected, &format!("{group} {short}"));
                    compared += 1;
                }
            }
            continue;
        }
        let (aggregate, method) = match key.as_str() {
            "group_min" | "group_max" => (key.as_str(), None),
            _ => {
                let (aggregate, method) = key.split_once('_').unwrap();
                (aggregate, Some(method))
            }
        };
        let check = format!("fairlearn.metric_frame_{aggregate}");
        for (short, expected) in object(content) {
            let name = metric(short);
            let label = method.map_or(name.to_owned(), |method| format!("{name}, {method}"));
            let about = About { check: &check, label: &label, ..About::default() };
            same(&said.get(groups, about).value, expected, &format!("{key} {short}"));
            compared += 1;
        }
    }
    compared
}

fn all(golden: &Golden) -> usize {
    let mut compared = 0;
    for (key, frame) in
        [("fairlearn", golden.frame.clone()), ("fairlearn_weighted", golden.weighted())]
    {
        let said = golden.said(&frame, Peer::Fairlearn);
        for (_, attribute, groups) in golden.attributes() {
            let Some(part) = attribute.get(key) else { continue };
            for (section, content) in object(part) {
                compared += match section.as_str() {
                    "between_groups" | "to_overall" => functions(&said, groups, section, content),
                    "metricframe" => metric_frame(&said, groups, content),
                    _ => panic!("nobody knows {section}"),
                };
            }
        }
    }
    compared
}

#[test]
fn every_number_of_fairlearn() {
    walk("every_number_of_fairlearn", all, 1500);
}
