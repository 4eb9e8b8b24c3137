//! What `audit fairness` prints when nothing was chosen: the rates of every group side by side, the
//! gaps that people ask for first, and how to get the rest.

use super::text::{columns, number, subject, value};
use crate::domain::{Finding, Interval};

/// Rates of the groups, one column each.
const RATES: [&str; 4] =
    ["selection_rate", "true_positive_rate", "false_positive_rate", "accuracy"];

/// Gaps between the groups, one line each.
const GAPS: [&str; 7] = [
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equalized_odds_difference",
    "equal_opportunity_difference",
    "accuracy_difference",
    "roc_auc_difference",
    "disparate_impact",
];

/// Groups at most.
const MOST: usize = 50;

/// The short text.
pub(super) fn text(findings: &[Finding]) -> String {
    let sizes: Vec<&Finding> = findings.iter().filter(|f| f.check == "count").collect();
    let mut rows = vec![["group", "n", RATES[0], RATES[1], RATES[2], RATES[3]].map(str::to_owned)];
    for size in sizes.iter().take(MOST) {
        let rate = |name: &&str| {
            let own = |f: &&Finding| f.check == **name && f.subject == size.subject;
            findings.iter().find(own).map_or(String::new(), cell)
        };
        let [a, b, c, d] = RATES.each_ref().map(rate);
        rows.push([subject(size), size.n.to_string(), a, b, c, d]);
    }
    let mut text = columns(&rows);
    if sizes.len() > MOST {
        text.push_str(&format!("and {} more groups\n", sizes.len() - MOST));
    }
    let named = |f: &&Finding| GAPS.contains(&f.check.as_str()) && !f.subject.by.is_empty();
    let gap = |f: &Finding| [f.check.clone(), subject(f), value(f), ends(f.interval.as_ref())];
    let gaps: Vec<_> = findings.iter().filter(named).map(gap).collect();
    if !gaps.is_empty() {
        let head = ["gap", "of", "value", "interval"].map(str::to_owned);
        text.push('\n');
        text.push_str(&columns(&[vec![head], gaps].concat()));
    }
    text.push_str(&format!(
        "\n{} numbers in all: `--metrics all` prints every one, `--json` with what each rests on, \
         `--out DIR` writes a report.\n",
        findings.len()
    ));
    text
}

fn cell(finding: &Finding) -> String {
    match &finding.value {
        Ok(value) => format!("{} {}", number(*value), ends(finding.interval.as_ref())),
        Err(_) => "undefined".to_owned(),
    }
}

fn ends(interval: Option<&Interval>) -> String {
    interval.map_or(String::new(), |i| format!("[{}, {}]", number(i.low), number(i.high)))
}
