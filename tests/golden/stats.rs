//! Intervals of the shared tables, computed by independent implementations.

use audit::domain::Interval;
use audit::stats::{clopper_pearson, newcombe, wilson};
use serde_json::Value as Json;

fn number(json: &Json) -> u64 {
    json.as_u64().or_else(|| json.as_f64().map(|v| v.to_string().parse().unwrap())).unwrap()
}

fn close(found: Option<Interval>, ends: &Json, what: &str) {
    let found = found.unwrap();
    let (low, high) = (ends[0].as_f64().unwrap(), ends[1].as_f64().unwrap());
    let near = (found.low - low).abs() < 1e-9 && (found.high - high).abs() < 1e-9;
    assert!(near, "{what}: {found:?}, the golden file: {ends}");
}

/// Hits and denominator of a rate in a golden block.
fn counts(block: &Json, rate: &str) -> (u64, u64) {
    let of = |cell: &str| number(&block[cell]);
    let (tp, fp, tn, fn_) = (of("tp"), of("fp"), of("tn"), of("fn"));
    match rate {
        "selection_rate" => (tp + fp, tp + fp + tn + fn_),
        "accuracy" => (tp + tn, tp + fp + tn + fn_),
        "tpr" => (tp, tp + fn_),
        "fpr" => (fp, fp + tn),
        "precision" => (tp, tp + fp),
        other => panic!("the golden file has a rate `{other}` that this test does not know"),
    }
}

fn each_group(test: &str, mut visit: impl FnMut(&Json, &Json)) {
    for name in ["compas", "german", "edge_cases"] {
        let file = format!("fairness/{name}.golden.json");
        let Some(path) = crate::shared::data(test, &file) else { return };
        let json: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        for attribute in json["attributes"].as_object().unwrap().values() {
            for (group, statistics) in attribute["statistics"].as_object().unwrap() {
                visit(&attribute["groups"][group], statistics);
            }
        }
    }
}

#[test]
fn intervals_of_shares() {
    let mut compared = 0;
    each_group("intervals_of_shares", |block, statistics| {
        for (rate, ends) in statistics["intervals"].as_object().unwrap() {
            let (hits, n) = counts(block, rate);
            if n == 0 {
                assert_eq!(wilson(hits, n, 0.95), None);
                continue;
            }
            close(wilson(hits, n, 0.95), &ends["wilson_95"], rate);
            close(clopper_pearson(hits, n, 0.95), &ends["clopper_pearson_95"], rate);
            compared += 1;
        }
    });
    assert!(compared == 0 || compared > 100, "compared {compared}");
}

#[test]
fn intervals_of_differences() {
    let mut compared = 0;
    each_group("intervals_of_differences", |_, statistics| {
        let Some(rates) = statistics["versus_majority"].as_object() else { return };
        for (rate, golden) in rates {
            if golden["newcombe_wilson_95"].is_null() {
                continue;
            }
            let side = |i: usize| {
                let [hits, misses] = [0, 1].map(|j| number(&golden["table"][i][j]));
                (hits, hits + misses)
            };
            close(newcombe(side(0), side(1), 0.95), &golden["newcombe_wilson_95"], rate);
            compared += 1;
        }
    });
    assert!(compared == 0 || compared > 50, "compared {compared}");
}
