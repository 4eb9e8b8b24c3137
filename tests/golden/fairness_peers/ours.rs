//! Our own numbers where a peer computes the same thing: entropies and differential fairness.

use super::{About, Golden, Said, close, object, same, walk};
use audit::fairness::inequality::{benefits, generalized_entropy, group_benefits};
use audit::fairness::{Frame, Options, Rows, Tally, audit};

/// aif360's key → our check; the whole population where it is not between groups.
const CHECKS: [(&str, &str); 9] = [
    ("theil_index", "theil_index"),
    ("coefficient_of_variation", "coefficient_of_variation"),
    ("generalized_entropy_index_alpha_2", "generalized_entropy_index"),
    ("between_all_groups_theil_index", "between_group_theil_index"),
    ("between_all_groups_coefficient_of_variation", "between_group_coefficient_of_variation"),
    (
        "between_all_groups_generalized_entropy_index_alpha_2",
        "between_group_generalized_entropy_index",
    ),
    (
        "labels_smoothed_empirical_differential_fairness",
        "label_smoothed_empirical_differential_fairness",
    ),
    (
        "predictions_smoothed_empirical_differential_fairness",
        "smoothed_empirical_differential_fairness",
    ),
    ("differential_fairness_bias_amplification", "differential_fairness_bias_amplification"),
];

fn all(golden: &Golden) -> usize {
    let variants = [
        ("all_groups", golden.frame.clone()),
        ("weighted_all_groups", golden.weighted()),
        ("favorable_label_0_all_groups", golden.turned()),
    ];
    let mut compared = 0;
    for (section, frame) in variants {
        let findings = audit(&frame, &Options::default());
        let said = Said::of(findings.clone());
        for (_, attribute, groups) in golden.attributes() {
            let Some(content) = attribute["aif360"].get(section) else { continue };
            for (key, expected) in object(content) {
                // aif360's entropies ignore the weights.
                let weighted = frame.weight.is_some() && !key.contains("differential_fairness");
                let Some((_, check)) = CHECKS.iter().find(|(theirs, _)| theirs == key) else {
                    assert!(key.contains("_alpha_"), "nobody knows {key}");
                    compared += any_alpha(&frame, groups, key, expected.as_f64().unwrap());
                    continue;
                };
                if weighted {
                    continue;
                }
                let between = check.contains("between") || check.contains("differential");
                let finding = if between {
                    said.get(groups, About { check, ..About::default() })
                } else {
                    let whole = |f: &&audit::domain::Finding| f.check == *check;
                    findings.iter().find(whole).unwrap()
                };
                same(&finding.value, expected, &format!("{section} {key}"));
                compared += 1;
            }
        }
    }
    compared
}

/// The library's function for any alpha.
fn any_alpha(frame: &Frame, groups: &audit::domain::Groups, key: &str, expected: f64) -> usize {
    let (name, alpha) = key.split_once("_alpha_").unwrap();
    let rows = Rows { weight: None, ..Rows::of(frame) };
    let atoms = match name {
        "generalized_entropy_index" => benefits(&Tally::whole(&rows)),
        "between_all_groups_generalized_entropy_index" => {
            group_benefits(&Tally::by_level(&rows, groups))
        }
        _ => panic!("nobody knows {key}"),
    };
    close(generalized_entropy(&atoms, alpha.parse().unwrap()).unwrap(), expected, key);
    1
}

#[test]
fn entropies_and_differential_fairness_of_our_own() {
    walk("entropies_and_differential_fairness_of_our_own", all, 150);
}
