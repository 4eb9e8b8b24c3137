//! holisticai 1.0.14 and AI Verify 2.2.1: every key is either a number of ours under another name,
//! or a documented defect with its proof.

use super::{About, Golden, Said, close, json, object};
use audit::domain::{Confusion, Finding, Groups};
use audit::fairness::{Options, Rows, Tally, audit};
use serde_json::Value as Json;

/// Our numbers of one group.
struct Group<'a> {
    said: &'a Said,
    groups: &'a Groups,
    name: &'a str,
}

impl Group<'_> {
    fn finding(&self, check: &str) -> &Finding {
        let about = About { check, group: self.name, ..About::default() };
        self.said.get(self.groups, about)
    }

    fn value(&self, check: &str) -> f64 {
        self.finding(check).value.clone().unwrap()
    }

    /// Rows, and the share selected.
    fn selected(&self) -> (f64, f64) {
        (self.value("count"), self.value("selection_rate"))
    }
}

/// The number of ours that a key of holisticai is.
fn holisticai(key: &str, a: &Group<'_>, b: &Group<'_>) -> f64 {
    let difference = |check: &str| a.value(check) - b.value(check);
    let ((n_a, p_a), (n_b, p_b)) = (a.selected(), b.selected());
    let pooled = (n_a * p_a + n_b * p_b) / (n_a + n_b);
    let both = 1.0 / n_a + 1.0 / n_b;
    match key {
        "statistical_parity" => difference("selection_rate"),
        "disparate_impact" => p_a / p_b,
        "four_fifths" => (p_a / p_b).min(p_b / p_a),
        "equal_opportunity_diff" => difference("true_positive_rate"),
        "false_positive_rate_diff" => difference("false_positive_rate"),
        "false_negative_rate_diff" => difference("false_negative_rate"),
        "true_negative_rate_diff" => difference("true_negative_rate"),
        "average_odds_diff" => {
            f64::midpoint(difference("true_positive_rate"), difference("false_positive_rate"))
        }
        "accuracy_diff" => difference("accuracy"),
        // Defect of its name: the area between two ROC curves is never negative; this is a
        // difference of two areas, which curves that cross make 0.
        "abroca" => difference("roc_auc"),
        "z_test_diff" => (p_a - p_b) / (pooled * (1.0 - pooled) * both).sqrt(),
        "z_test_ratio" => (p_a / p_b).ln() / ((1.0 - pooled) / pooled * both).sqrt(),
        "cohen_d" => {
            let spread = (n_a - 1.0) * p_a * (1.0 - p_a) + (n_b - 1.0) * p_b * (1.0 - p_b);
            (p_a - p_b) / (spread / (n_a + n_b - 2.0)).sqrt()
        }
        _ => panic!("nobody knows {key}"),
    }
}

fn holisticai_of(test: &str, name: &'static str) -> usize {
    let golden = Golden::read(test, name);
    let file = json(test, &format!("fairness/{name}.holisticai.json"));
    let (Some(golden), Some(file)) = (golden, file) else { return 0 };
    let findings = audit(&golden.frame, &Options::default());
    let whole = |check: &str| {
        let found = findings.iter().find(|f| f.check == check && f.subject.by.is_empty());
        found.unwrap().value.clone().unwrap()
    };
    for (key, expected) in object(&file) {
        let expected = expected.as_f64();
        match key.as_str() {
            "versions" | "orientation" | "attributes" => {}
            "theil_index" => close(whole(key), expected.unwrap(), key),
            "generalized_entropy_index_alpha_2" => {
                close(whole("generalized_entropy_index"), expected.unwrap(), key);
            }
            // Defect: √2 times the standard deviation by the mean.
            "coefficient_of_variation" => {
                close(whole(key) * 2.0_f64.sqrt(), expected.unwrap(), key);
            }
            _ => panic!("nobody knows {key}"),
        }
    }
    let said = Said::of(findings.clone());
    let mut compared = 3;
    for (attribute, content) in object(&file["attributes"]) {
        let (_, _, groups) = golden.attributes().find(|(own, ..)| *own == attribute).unwrap();
        let reference = golden.reference[&groups.name()].as_str();
        let group = |name| Group { said: &said, groups, name };
        for (name, keys) in object(content) {
            for (key, expected) in object(keys) {
                let found = holisticai(key, &group(name), &group(reference));
                close(found, expected.as_f64().unwrap(), &format!("{attribute} {name} {key}"));
                compared += 1;
            }
        }
    }
    compared
}

#[test]
fn every_number_of_holisticai() {
    let test = "every_number_of_holisticai";
    let compared = holisticai_of(test, "compas") + holisticai_of(test, "german");
    assert!(compared == 0 || compared > 100, "only {compared} numbers compared");
}

/// What AI Verify divides: counts of the group by totals of all rows, so that the rate follows the
/// size of the group.
fn aiverify(key: &str, group: &Confusion, all: &Confusion) -> f64 {
    let (part, whole) = match key {
        "True Positive Rate" => (group.tp, all.positives()),
        "True Negative Rate" => (group.tn, all.negatives()),
        "Positive Predictive Value Parity" => (group.tp, all.selected()),
        "Negative Predictive Value Parity" => (group.tn, all.n() - all.selected()),
        "False Positive Rate" => (group.fp, all.negatives()),
        "False Negative Rate" => (group.fn_, all.positives()),
        "False Discovery Rate" => (group.fp, all.selected()),
        "False Omission Rate" => (group.fn_, all.n() - all.selected()),
        _ => panic!("nobody knows {key}"),
    };
    audit::domain::to_f64(part) / audit::domain::to_f64(whole)
}

fn counts(tally: &Tally) -> Confusion {
    let count = |truth, decision| tally.cell(truth, decision).to_string().parse().unwrap();
    Confusion {
        tp: count(true, true),
        fp: count(false, true),
        tn: count(false, false),
        fn_: count(true, false),
    }
}

fn positions(entry: &Json) -> Vec<usize> {
    let group = entry["group"].as_array().unwrap().iter();
    group.map(|at| usize::try_from(at.as_u64().unwrap()).unwrap()).collect()
}

#[test]
fn the_group_rates_of_ai_verify_follow_the_size_of_the_group() {
    let test = "the_group_rates_of_ai_verify_follow_the_size_of_the_group";
    let golden = Golden::read(test, "compas");
    let file = json(test, "fairness/compas.aiverify_fmt.json");
    let (Some(golden), Some(file)) = (golden, file) else { return };
    for key in object(&file).keys() {
        let known = ["sensitive_feature", "output_classes", "results"].contains(&key.as_str());
        assert!(known, "nobody knows {key}");
    }
    let (_, _, groups) = golden.attributes().find(|(name, ..)| *name == "race").unwrap();
    let mut compared = 0;
    for (class, frame) in [golden.turned(), golden.frame.clone()].iter().enumerate() {
        let rows = Rows::of(frame);
        let all = counts(&Tally::whole(&rows));
        let by_group: Vec<Confusion> = Tally::by_level(&rows, groups).iter().map(counts).collect();
        let rate = |at: usize| {
            audit::domain::to_f64(by_group[at].selected()) / audit::domain::to_f64(by_group[at].n())
        };
        for (key, entries) in object(&file["results"][class]) {
            for entry in entries.as_array().unwrap() {
                let (at, expected) = (positions(entry), entry["metric"].as_f64().unwrap());
                let found = match (key.as_str(), at.as_slice()) {
                    // A ratio of selection rates, as everywhere.
                    ("Disparate Impact", [a, b]) => rate(*a) / rate(*b),
                    // Defect: a difference of counts, not of rates.
                    ("Equal Selection Parity", [a, b]) => {
                        let selected = |at: usize| audit::domain::to_f64(by_group[at].selected());
                        (selected(*a) - selected(*b)).abs()
                    }
                    (_, [a]) => aiverify(key, &by_group[*a], &all),
                    _ => panic!("nobody knows {entry}"),
                };
                close(found, expected, &format!("{key} {at:?}"));
                compared += 1;
            }
        }
    }
    assert!(compared > 100, "only {compared} numbers compared");
    // Of the positives among Native Americans 9 in 10 are found; AI Verify says 0.28 %.
    let native = groups.ids().position(|id| groups.label(id) == "Native American").unwrap();
    let levels = Tally::by_level(&Rows::of(&golden.frame), groups);
    let own = levels[native].cell(true, true) / levels[native].actual(true);
    let said = file["results"][1]["True Positive Rate"][native]["metric"].as_f64().unwrap();
    assert!((own - 0.9).abs() < 1e-12 && said < 0.003, "{own} {said}");
}
