//! Changes between two cuts of the COMPAS score against statsmodels 0.15.0, `mcnemar` with
//! `correction=False`, exact where fewer than 25 rows differ.

use audit::domain::{Evidence, Finding, Groups, Split};
use audit::fairness::{Earlier, Frame, Options, Selection, changes};

/// Group, check, rows in both, only in the new, only in the old, in neither run, p-value.
type Expected = (&'static str, &'static str, [u64; 4], f64);

/// The new run cuts at 0.6, the old one at 0.5.
const EXPECTED: [Expected; 6] = [
    ("African-American", "accuracy_change", [2183, 189, 176, 1148], 0.496_218_874_999_752_26),
    (
        "African-American",
        "true_positive_rate_change",
        [1193, 0, 176, 532],
        3.621_061_026_843_226e-40,
    ),
    ("Asian", "accuracy_change", [26, 0, 1, 5], 1.0),
    ("Hispanic", "accuracy_change", [393, 24, 28, 192], 0.579_099_741_953_918_8),
    ("Hispanic", "true_positive_rate_change", [75, 0, 28, 129], 1.213_154_508_366_072_6e-7),
    ("Native American", "true_positive_rate_change", [9, 0, 0, 1], 1.0),
];

fn found<'a>(all: &'a [Finding], group: &str, check: &str) -> &'a Finding {
    let of = |f: &&Finding| {
        f.check == check && f.subject.group.as_ref().is_some_and(|key| key["race"] == group)
    };
    all.iter().find(of).unwrap_or_else(|| panic!("nothing about {group} {check}"))
}

fn p_value(finding: &Finding) -> Option<f64> {
    finding.evidence.iter().find_map(|evidence| match evidence {
        Evidence::Numbers { name, cells } if name == "significance" => {
            cells.iter().find(|cell| cell.name == "p")?.value
        }
        _ => None,
    })
}

#[test]
fn changes_between_two_cuts_of_compas() {
    let test = "changes_between_two_cuts_of_compas";
    let Some(csv) = crate::shared::data(test, "fairness/compas.csv") else { return };
    let text = std::fs::read_to_string(csv).unwrap();
    let mut lines = text.lines();
    let header: Vec<&str> = lines.next().unwrap().split(',').collect();
    let rows: Vec<Vec<&str>> = lines.map(|line| line.split(',').collect()).collect();
    let column = |name: &str| {
        let at = header.iter().position(|h| *h == name).unwrap();
        rows.iter().map(move |row| row[at])
    };
    let races: Vec<Option<&str>> = column("race").map(Some).collect();
    let cut = |at: f64| Frame {
        split: Split::Test,
        y_true: column("y_true").map(|cell| cell == "1").collect(),
        y_pred: column("score").map(|cell| cell.parse::<f64>().unwrap() > at).collect(),
        score: None,
        weight: None,
        groups: vec![Groups::encode("race", &races)],
    };
    let (new, old) = (cut(0.55), cut(0.45));
    let names = ["accuracy", "true_positive_rate"].map(str::to_owned).to_vec();
    let options = Options { metrics: Selection::Named(names), ..Options::default() };
    let all = changes(&new, &Earlier { frame: &old, name: "cut at 0.5" }, &options);
    for (group, check, cells, p) in EXPECTED {
        let finding = found(&all, group, check);
        let [both, first, second, neither] = cells;
        let counts = finding.evidence.iter().find_map(|evidence| match evidence {
            Evidence::Counts { counts } => Some(counts),
            _ => None,
        });
        let counts = counts.unwrap();
        let ours = ["both", "new_only", "old_only", "neither"].map(|name| counts[name]);
        assert_eq!(ours, [both, first, second, neither], "{group} {check}");
        let raw = p_value(finding);
        assert!((raw.unwrap() / p - 1.0).abs() < 1e-9, "{group} {check}: {raw:?}, {p}");
    }
}
