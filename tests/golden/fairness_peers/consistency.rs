//! Consistency on German's features: by our function with aif360's rule on the own row, and as
//! aif360 counts it, with the protected column among the features.

use super::{About, Csv, Golden, Peer, Said, object, same};
use audit::fairness::Options;
use audit::fairness::individual::{Features, OwnRow, alike, audit};
use serde_json::Value as Json;

fn features(test: &str) -> Option<Features> {
    let csv = Csv::read(&crate::shared::data(test, "fairness/german_features.csv")?);
    let names: Vec<String> = csv.header.iter().filter(|name| *name != "row_id").cloned().collect();
    let column = |name: String| {
        let cells = csv.numbers(&name);
        (name, cells)
    };
    let columns: Vec<(String, Vec<f64>)> = names.into_iter().map(column).collect();
    Some(Features::new(&columns).unwrap())
}

fn mean(terms: &[f64]) -> f64 {
    terms.iter().sum::<f64>() / terms.len().to_string().parse::<f64>().unwrap()
}

#[test]
fn every_number_of_consistency() {
    let test = "every_number_of_consistency";
    let (Some(golden), Some(features)) = (Golden::read(test, "german"), features(test)) else {
        return;
    };
    let frame = &golden.frame;
    let near = features.neighbours(5, OwnRow::Included);
    let options = Options { compat: vec![Peer::Aif360], ..Options::default() };
    let said = Said::of(audit(frame, &features, &options).unwrap());
    let sex = golden.attributes().find(|(name, ..)| *name == "sex").unwrap().2;
    let peer = |label: &str| {
        let about = About { check: "aif360.consistency", label, ..About::default() };
        said.get(sex, about).value.clone()
    };
    for (key, expected) in object(&golden.json["consistency"]) {
        let found = match key.as_str() {
            "note" => continue,
            "consistency_predictions_k5_features_file_only" => {
                Ok(mean(&alike(&frame.y_pred, &near)))
            }
            "consistency_labels_k5_features_file_only" => Ok(mean(&alike(&frame.y_true, &near))),
            "rows_with_distance_tie_at_k5_boundary" => {
                let ties = near.iter().filter(|near| near.tie).count();
                Ok(ties.to_string().parse().unwrap())
            }
            "aif360_consistency_predictions_k5_features_plus_sex_code" => peer("predictions"),
            "aif360_consistency_labels_k5_features_plus_sex_code" => peer("labels"),
            _ => panic!("nobody knows {key}"),
        };
        same(&found, expected, key);
    }
}

#[test]
fn without_the_own_row_consistency_is_lower() {
    let test = "without_the_own_row_consistency_is_lower";
    let (Some(golden), Some(features)) = (Golden::read(test, "german"), features(test)) else {
        return;
    };
    let of = |own| mean(&alike(&golden.frame.y_pred, &features.neighbours(5, own)));
    let keys = ["consistency", "consistency_predictions_k5_features_file_only"];
    let said: &Json = &golden.json[keys[0]][keys[1]];
    let [with, without] = [OwnRow::Included, OwnRow::Excluded].map(of);
    assert!(without < with - 0.02, "{without} {with} {said}");
}
