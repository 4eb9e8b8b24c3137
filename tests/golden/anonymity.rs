//! Anonymity of tables against pycanon 1.3.6, every number of every table, and the numbers in which
//! it departs from the definitions that it names, each with the proof.

use crate::shared;
use audit::dataset;
use audit::domain::{Evidence, Finding, TextTable, Undefined};
use audit::privacy::anonymity::{self, Options};
use serde_json::Value;
use std::path::Path;

fn names(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

fn inline(rows: &Value, columns: &[&str]) -> TextTable {
    let cell = |row: &Value, i: usize| row[i].as_str().map(str::to_owned);
    let rows = rows.as_array().unwrap();
    let column = |(i, name): (usize, &&str)| {
        ((*name).to_owned(), rows.iter().map(|row| cell(row, i)).collect())
    };
    let columns = columns.iter().enumerate().map(column).collect();
    TextTable { file: "inline".to_owned(), columns }
}

/// The findings of one table, by what they measure.
struct Measured(Vec<Finding>);

impl Measured {
    fn of(table: &TextTable, quasi: Vec<String>, sensitive: Vec<String>) -> Self {
        let options = Options { quasi, sensitive, l: None };
        Self(anonymity::audit(table, None, &options).unwrap())
    }

    fn finding(&self, check: &str) -> &Finding {
        self.0.iter().find(|f| f.check == check).unwrap()
    }

    fn value(&self, check: &str) -> f64 {
        self.finding(check).value.clone().unwrap()
    }

    fn cell(&self, check: &str, wanted: &str) -> f64 {
        let cells = self.finding(check).evidence.iter().find_map(|e| match e {
            Evidence::Numbers { cells, .. } => Some(cells),
            _ => None,
        });
        cells.unwrap().iter().find(|c| c.name == wanted).unwrap().value.unwrap()
    }

    fn count(&self, check: &str, wanted: &str) -> f64 {
        let counts = self.finding(check).evidence.iter().find_map(|e| match e {
            Evidence::Counts { counts } => Some(counts),
            _ => None,
        });
        audit::domain::to_f64(counts.unwrap()[wanted])
    }

    /// Our number under the golden's key; none for keys that are no result.
    fn golden(&self, key: &str) -> Option<f64> {
        Some(match key {
            "k" | "k_keep_nan" => self.value("k_anonymity"),
            "alpha" => self.value("alpha_k_anonymity"),
            "l" => self.value("l_diversity"),
            "basic_beta" => self.value("basic_beta_likeness"),
            "t_closeness" => self.value("t_closeness"),
            "delta_disclosure" => self.value("delta_disclosure"),
            "n_classes_keep_nan" => self.count("k_anonymity", "classes"),
            "n_unique_rows" => self.count("unique_rows", "rows"),
            "prosecutor_max_risk" | "pycanon_max_rir" => self.value("prosecutor_risk"),
            "prosecutor_avg_risk_per_record" => self.value("marketer_risk"),
            "pct_records_k_lt_5" => self.value("rows_in_small_classes"),
            "pycanon_average_rir" => self.cell("prosecutor_risk", "per_class"),
            "recursive_c_infimum_definition" => self.value("recursive_cl_diversity"),
            _ => return None,
        })
    }

    /// The three numbers in which the peer departs from the definition.
    fn departure(&self, key: &str, peer: &Value) {
        match key {
            // Counts in ascending order, a floor and a 1 on top: 1 where a class of 4, 2 and 1 has
            // r_1/r_3 = 4; where some class has a single value it says nothing and neither do we.
            "recursive_c_pycanon" if peer.is_null() => {
                assert_eq!(self.finding("recursive_cl_diversity").value, Err(Undefined::Unbounded));
            }
            "recursive_c_pycanon" => {
                assert!(
                    (self.value("recursive_cl_diversity") - peer.as_f64().unwrap()).abs() > 0.5
                );
            }
            // A floor over exp(ln 2) = 1.9999999999999998: never above ours, and 1 too small where
            // ours is a whole number.
            "entropy_l" => {
                let (ours, peer) = (self.value("entropy_l_diversity"), peer.as_f64().unwrap());
                assert!((0.0..=1.0).contains(&(ours - peer)), "{ours} {peer}");
            }
            // The smaller of the largest gain and the largest −ln p, of whatever values. Where that
            // is below the largest gain, the definition fails at the very β that is reported.
            "enhanced_beta" => {
                let peer = peer.as_f64().unwrap();
                let gain = self.value("basic_beta_likeness");
                let cap = self.cell("enhanced_beta_likeness", "rarest_cap");
                assert!((gain.min(cap) - peer).abs() < 1e-12, "{gain} {cap} {peer}");
                let ours = self.finding("enhanced_beta_likeness").value.clone();
                if peer < gain - 1e-9 {
                    assert_eq!(ours, Err(Undefined::Unbounded));
                } else {
                    assert!((ours.unwrap() - peer).abs() < 1e-12);
                }
            }
            other => panic!("the goldens have a key that nothing is compared with: {other}"),
        }
    }
}

/// Keys that describe the table or the peer's run.
const ABOUT: [&str; 5] = ["n", "qi", "sa", "rows", "seconds_all_metrics_contended"];

fn compare(name: &str, golden: &Value, measured: &Measured) {
    for (key, peer) in golden.as_object().unwrap() {
        if ABOUT.contains(&key.as_str()) {
            continue;
        }
        match measured.golden(key) {
            Some(ours) => {
                let peer = peer.as_f64().unwrap();
                assert!((ours - peer).abs() < 1e-9, "{name} {key}: {ours} is not {peer}");
            }
            None => measured.departure(key, peer),
        }
    }
}

#[test]
fn every_number_of_the_peer_is_ours_or_is_wrong() {
    let test = "anonymity::goldens";
    let Some(goldens) = shared::data(test, "privacy/kanon_goldens.json") else { return };
    let folder = goldens.parent().unwrap().to_owned();
    let goldens: Value = serde_json::from_str(&std::fs::read_to_string(&goldens).unwrap()).unwrap();
    let mut tables = 0;
    for (name, golden) in goldens.as_object().unwrap() {
        match name.as_str() {
            "pycanon_version" => assert_eq!(golden, "1.3.6"),
            // The peer drops the two rows with a missing value; k is 1 either way.
            "nan_toy" => {
                let table = inline(&golden["rows"], &["age", "city", "s"]);
                let own = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect();
                let measured = Measured::of(&table, own(&["age", "city"]), own(&["s"]));
                assert!((measured.value("k_anonymity") - 1.0).abs() < 1e-15);
                assert_eq!((&golden["pycanon_k"], &golden["k_keep_nan"]), (&1.into(), &1.into()));
                assert!((measured.count("k_anonymity", "missing_cells") - 2.0).abs() < 1e-15);
            }
            "recursive_toy" => {
                let table = inline(&golden["rows"], &["q", "s"]);
                let measured = Measured::of(&table, names(&golden["qi"]), names(&golden["sa"]));
                compare(name, golden, &measured);
                tables += 1;
            }
            file => {
                let path = folder.join(format!("kanon_{file}"));
                let table = dataset::read_text_table(Path::new(&path)).unwrap();
                assert_eq!(
                    Some(table.rows()),
                    golden["n"].as_u64().and_then(|n| n.try_into().ok())
                );
                let measured = Measured::of(&table, names(&golden["qi"]), names(&golden["sa"]));
                compare(name, golden, &measured);
                tables += 1;
            }
        }
    }
    assert!(tables >= 4, "{tables} tables");
}
