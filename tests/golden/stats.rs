//! Intervals and tests of the shared tables, computed by independent implementations.

use audit::domain::{Interval, to_f64};
use audit::stats::{chi_square, clopper_pearson, fisher_exact, newcombe, two_proportion_z, wilson};
use serde_json::{Map, Value as Json};

type Share = (u64, u64);

fn number(json: &Json) -> u64 {
    json.as_u64().or_else(|| json.as_f64().map(|v| v.to_string().parse().unwrap())).unwrap()
}

/// Equal to 1e-9, relative where the value is small.
fn same(found: f64, expected: f64, what: &str) {
    let gap = (found - expected).abs();
    assert!(
        gap <= 1e-9 * expected.abs().max(1e-300) || (gap < 1e-9 && expected.abs() > 1e-3),
        "{what}: {found:e}, the golden file: {expected:e}"
    );
}

fn close(found: Option<Interval>, ends: &Json, what: &str) {
    let found = found.unwrap();
    let (low, high) = (ends[0].as_f64().unwrap(), ends[1].as_f64().unwrap());
    let near = (found.low - low).abs() < 1e-9 && (found.high - high).abs() < 1e-9;
    assert!(near, "{what}: {found:?}, the golden file: {ends}");
}

/// Hits and denominator of a rate in a golden block.
fn counts(block: &Json, rate: &str) -> Share {
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

/// The intervals of a rate; how many were compared.
fn intervals(share: Share, golden: &Json, what: &str) -> usize {
    let Some(golden) = golden.as_object() else {
        assert_eq!((share.1, wilson(share.0, share.1, 0.95)), (0, None), "{what}");
        return 0;
    };
    for (method, ends) in golden {
        let found = match method.as_str() {
            "wilson_95" => wilson(share.0, share.1, 0.95),
            "clopper_pearson_95" => clopper_pearson(share.0, share.1, 0.95),
            other => panic!("{what}: unknown interval `{other}`"),
        };
        close(found, ends, what);
    }
    golden.len()
}

/// The tests of a rate against the majority group; how many numbers were compared.
fn versus(golden: &Map<String, Json>, own: [Share; 2], what: &str) -> usize {
    let side = |i: usize| {
        let [hits, misses] = [0, 1].map(|j| number(&golden["table"][i][j]));
        (hits, hits + misses)
    };
    let [a, b] = [side(0), side(1)];
    // The table of the golden file is that of the rate it names.
    assert_eq!([a, b], own, "{what}");
    let share = |(hits, n): Share| to_f64(hits) / to_f64(n);
    for (key, expected) in golden {
        let what = format!("{what} {key}");
        let expected_number = || expected.as_f64().unwrap();
        match key.as_str() {
            "table" => {}
            // scipy gives 1 for a side without rows; there is no test of nothing.
            "fisher_exact_two_sided_p" if a.1 == 0 || b.1 == 0 => {
                assert_eq!(fisher_exact(a, b), None, "{what}");
            }
            "fisher_exact_two_sided_p" => {
                same(fisher_exact(a, b).unwrap(), expected_number(), &what);
            }
            "chi2_uncorrected" => same(chi_square(&[a, b]).unwrap().0, expected_number(), &what),
            "chi2_p" => {
                same(chi_square(&[a, b]).unwrap().2, expected_number(), &what);
                same(two_proportion_z(a, b).unwrap().1, expected_number(), &what);
            }
            "two_proportion_z_pooled" => {
                same(two_proportion_z(a, b).unwrap().0, expected_number(), &what);
            }
            "difference" => same(share(a) - share(b), expected_number(), &what),
            "newcombe_wilson_95" => close(newcombe(a, b, 0.95), expected, &what),
            other => panic!("{what}: unknown key `{other}`"),
        }
    }
    golden.len() - 1
}

/// Every number under `statistics` of every group of every attribute of one table.
fn walk(test: &str, name: &str) -> usize {
    let file = format!("fairness/{name}.golden.json");
    let Some(path) = crate::shared::data(test, &file) else { return 0 };
    let json: Json = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut compared = 0;
    for (attribute, all) in json["attributes"].as_object().unwrap() {
        let majority = &all["groups"][all["majority_group"].as_str().unwrap()];
        for (group, statistics) in all["statistics"].as_object().unwrap() {
            let block = &all["groups"][group];
            for (part, rates) in statistics.as_object().unwrap() {
                // The majority group is not compared with itself.
                let Some(rates) = rates.as_object() else { continue };
                for (rate, golden) in rates {
                    let what = format!("{name} {attribute} {group} {part} {rate}");
                    let own = counts(block, rate);
                    compared += match part.as_str() {
                        "intervals" => intervals(own, golden, &what),
                        "versus_majority" => versus(
                            golden.as_object().unwrap(),
                            [own, counts(majority, rate)],
                            &what,
                        ),
                        other => panic!("{what}: unknown part `{other}`"),
                    };
                }
            }
        }
    }
    compared
}

#[test]
fn every_interval_and_test_of_compas() {
    let compared = walk("every_interval_and_test_of_compas", "compas");
    assert!(compared == 0 || compared > 400, "compared {compared}");
}

#[test]
fn every_interval_and_test_of_german() {
    let compared = walk("every_interval_and_test_of_german", "german");
    assert!(compared == 0 || compared > 200, "compared {compared}");
}

#[test]
fn every_interval_and_test_of_the_edge_cases() {
    let compared = walk("every_interval_and_test_of_the_edge_cases", "edge_cases");
    assert!(compared == 0 || compared > 150, "compared {compared}");
}
