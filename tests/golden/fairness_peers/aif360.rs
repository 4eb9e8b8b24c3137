//! aif360's classification and data-set metrics: plain, weighted, and with the other label positive.

use super::{About, Golden, Peer, Said, close, object, same, walk};
use audit::domain::Groups;
use audit::fairness::inequality::{Atom, generalized_entropy};
use audit::fairness::{Frame, Rows, Tally};
use serde_json::Value as Json;

/// Check and label of a golden key.
fn ours(key: &str) -> (String, String) {
    let (name, label) = if let Some((name, alpha)) = key.split_once("_alpha_") {
        (name, format!("alpha={alpha}"))
    } else if let Some(name) = key.strip_prefix("labels_") {
        (name, "labels".to_owned())
    } else if let Some(name) = key.strip_prefix("predictions_") {
        (name, "predictions".to_owned())
    } else if let Some(name) = key.strip_prefix("label_") {
        (name, "labels".to_owned())
    } else if ["disparate_impact", "statistical_parity_difference"].contains(&key) {
        (key, "predictions".to_owned())
    } else {
        (key, String::new())
    };
    (format!("aif360.{name}"), label)
}

fn section(said: &Said, groups: &Groups, sides: [&str; 2], golden: &Json) -> usize {
    let [group, reference] = sides;
    for (key, expected) in object(golden) {
        let (check, label) = ours(key);
        let about = About { check: &check, label: &label, group, reference };
        same(&said.get(groups, about).value, expected, &format!("{key} {group}"));
    }
    object(golden).len()
}

/// The numbers that aif360 gets wrong for one group against the privileged one: everybody else
/// counts as benefit 0. They are proved to be that, and not reproduced.
fn between_on_a_subset(frame: &Frame, groups: &Groups, sides: [&str; 2], golden: &Json) -> usize {
    let rows = Rows { weight: None, ..Rows::of(frame) };
    let levels = Tally::by_level(&rows, groups);
    let ids: Vec<_> = groups.ids().collect();
    let of = |side: &str| ids.iter().position(|id| groups.label(*id) == side).unwrap();
    let mean = |t: &Tally| 1.0 + (t.predicted(true) - t.actual(true)) / t.total();
    let two: Vec<&Tally> = sides.iter().map(|side| &levels[of(side)]).collect();
    let rest = Tally::whole(&rows).total() - two.iter().map(|t| t.total()).sum::<f64>();
    let atom = |benefit, weight| Atom { benefit, weight, square: weight };
    let mut atoms = vec![atom(0.0, rest)];
    atoms.extend(two.iter().map(|t| atom(mean(t), t.total())));
    let mut compared = 0;
    for (key, expected) in object(golden).iter().filter(|(key, _)| key.starts_with("between_")) {
        let alpha = match key.split_once("_alpha_") {
            Some((_, alpha)) => alpha.parse().unwrap(),
            None if key.ends_with("theil_index") => 1.0,
            None => 2.0,
        };
        let entropy = generalized_entropy(&atoms, alpha).unwrap();
        let root = key.ends_with("coefficient_of_variation");
        let found = if root { (2.0 * entropy).sqrt() } else { entropy };
        close(found, expected.as_f64().unwrap(), &format!("{key} {sides:?}"));
        // Between the two groups alone it is far smaller, unless there is no third.
        let alone = generalized_entropy(&atoms[1..], alpha).unwrap();
        assert!(rest <= 0.0 || alone < 0.5 * entropy, "{key} {sides:?}: {alone} {entropy}");
        compared += 1;
    }
    compared
}

fn without_between(golden: &Json) -> Json {
    let kept = object(golden).iter().filter(|(key, _)| !key.starts_with("between_"));
    kept.map(|(key, value)| (key.clone(), value.clone())).collect()
}

fn all(golden: &Golden) -> usize {
    let variants = [
        ("", golden.frame.clone()),
        ("weighted_", golden.weighted()),
        ("favorable_label_0_", golden.turned()),
    ];
    let mut compared = 0;
    for (prefix, frame) in variants {
        let said = golden.said(&frame, Peer::Aif360);
        for (_, attribute, groups) in golden.attributes() {
            let reference = golden.reference[&groups.name()].as_str();
            for (name, content) in object(&attribute["aif360"]) {
                match name.strip_prefix(prefix).unwrap_or_default() {
                    "all_groups" => compared += section(&said, groups, ["", ""], content),
                    "privileged_vs_rest" => {
                        compared += section(&said, groups, ["", reference], content);
                    }
                    "pairwise_vs_privileged" => {
                        for (group, cells) in object(content) {
                            let sides = [group.as_str(), reference];
                            compared += section(&said, groups, sides, &without_between(cells));
                            compared += between_on_a_subset(&frame, groups, sides, cells);
                        }
                    }
                    _ => assert!(
                        [
                            "weighted_",
                            "favorable_label_0_",
                            "all_groups",
                            "privileged_vs_rest",
                            "pairwise_vs_privileged"
                        ]
                        .iter()
                        .any(|known| name.starts_with(known)),
                        "nobody knows {name}"
                    ),
                }
            }
        }
    }
    compared
}

#[test]
fn every_number_of_aif360() {
    walk("every_number_of_aif360", all, 1500);
}
