//! Slices and explanations of the example, as the fairness room makes them.

use crate::domain::{Finding, Groups, Split, to_f64};
use crate::fairness::{Frame, Options, SliceOptions, ThresholdRule, explain, worst_slices};

/// Rows with these counts (hits, false alarms, right refusals, misses); scores spread evenly below
/// and above one half.
fn frame(cells: &[(&str, &str, [u64; 4])]) -> Frame {
    let (mut sex, mut tone, mut y_true, mut y_pred) = (vec![], vec![], vec![], vec![]);
    let mut score = Vec::new();
    for (first, second, counts) in cells {
        let kinds = [(true, true), (false, true), (false, false), (true, false)];
        for ((truth, decision), n) in kinds.into_iter().zip(counts) {
            for i in 0..*n {
                let spread = to_f64(i) / to_f64(*n) / 2.0;
                score.push(if decision { 0.5 + spread } else { 0.49 - 0.9 * spread });
                sex.push(Some(*first));
                tone.push(Some(*second));
                y_true.push(truth);
                y_pred.push(decision);
            }
        }
    }
    let groups = vec![Groups::encode("sex", &sex), Groups::encode("skin_tone", &tone)];
    Frame { split: Split::Test, y_true, y_pred, score: Some(score), weight: None, groups }
}

/// What the search and the explanations say about the cells.
pub(super) fn findings(cells: &[(&str, &str, [u64; 4])]) -> Vec<Finding> {
    let frame = frame(cells);
    let options = Options { min_group_size: 30, ..Options::default() };
    let mut findings = worst_slices(&frame, &SliceOptions::default());
    findings.extend(explain(&frame, &options, &ThresholdRule::usual()));
    findings
}
