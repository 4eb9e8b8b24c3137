//! The gate: declared thresholds and waivers, applied to findings. It measures nothing.
//!
//! Every rule answers at least once. A rule that matches no finding answers `not_run`, so a check
//! that silently disappeared can never pass.

mod answer;
mod select;
mod waive;
mod words;

use crate::domain::{Finding, GateRow, GateRule, NotRun, Verdict, Waiver, WaiverRecord};

/// Applies `rules` to `findings` and `waivers` to the rules that were not kept.
///
/// Rows come in the order of the rules, and for each rule in the order of the findings. `today` and
/// the waivers' dates are `YYYY-MM-DD`; a date that cannot be read waives nothing. The verdict is
/// the worst row's; without any rule it is `Pass`.
///
/// Values are compared unrounded and equality passes (see [`crate::domain::Bound::holds`]).
#[must_use]
pub fn judge(
    findings: &[Finding],
    rules: &[GateRule],
    waivers: &[Waiver],
    not_run: &[NotRun],
    today: &str,
) -> (Vec<GateRow>, Vec<WaiverRecord>, Verdict) {
    let mut docket = waive::Docket::new(waivers, today);
    let mut rows = Vec::new();
    for rule in rules {
        let matching = select::matching(rule, findings);
        if matching.is_empty() {
            rows.push(absent(rule, findings, not_run));
        }
        for finding in matching {
            let row = answer::row(rule, finding);
            rows.push(docket.apply(row, finding));
        }
    }
    let verdict = rows.iter().map(|row| row.verdict).max().unwrap_or(Verdict::Pass);
    (rows, docket.records(), verdict)
}

/// The row of a rule that no finding answers.
fn absent(rule: &GateRule, findings: &[Finding], not_run: &[NotRun]) -> GateRow {
    let because = select::reason(rule, not_run).map_or_else(
        || {
            if findings.iter().any(|f| f.check == rule.check) {
                "no finding of this name fits the rule's grouping, group, attack and label"
                    .to_owned()
            } else {
                "no finding of this name".to_owned()
            }
        },
        |entry| format!("not run, because {}", entry.because),
    );
    GateRow {
        rule: rule.clone(),
        finding: None,
        verdict: Verdict::NotRun,
        because,
        n_needed: None,
        waiver: None,
    }
}

#[cfg(test)]
pub(crate) mod examples {
    //! Findings and rules that the tests of this folder share.

    use crate::domain::{
        Bound, By, Finding, GateRule, Interval, Judge, OnUndefined, Stage, Subject, Value,
    };

    /// A fairness finding over `by`, without interval.
    pub(crate) fn finding(check: &str, by: &[&str], value: Value) -> Finding {
        Finding {
            code: "FA900".to_owned(),
            check: check.to_owned(),
            stage: Stage::Fairness,
            subject: Subject {
                by: by.iter().map(|f| (*f).to_owned()).collect(),
                ..Subject::default()
            },
            value,
            interval: None,
            n: 100,
            evidence: Vec::new(),
        }
    }

    /// A 95 % interval.
    #[expect(clippy::unnecessary_wraps, reason = "findings take an optional interval")]
    pub(crate) fn interval(low: f64, high: f64) -> Option<Interval> {
        Some(Interval { low, high, level: 0.95, method: "wilson".to_owned() })
    }

    /// A point rule over the whole population.
    pub(crate) fn rule(check: &str, bound: Bound) -> GateRule {
        GateRule {
            check: check.to_owned(),
            by: By::Whole,
            group: None,
            attack: None,
            label: None,
            bound,
            judge: Judge::Point,
            on_undefined: OnUndefined::Undecided,
            because: None,
            line: 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::examples::{finding, rule};
    use super::*;
    use crate::domain::{Bound, By};

    #[test]
    fn no_rule_passes_and_the_worst_row_decides() {
        assert_eq!(judge(&[], &[], &[], &[], "2026-01-01").2, Verdict::Pass);
        let findings = [finding("a", &[], Ok(0.1)), finding("b", &[], Ok(0.9))];
        let rules = [rule("a", Bound::AtMost(0.5)), rule("b", Bound::AtMost(0.5))];
        let (rows, _, verdict) = judge(&findings, &rules, &[], &[], "2026-01-01");
        assert_eq!(rows.len(), 2);
        assert_eq!((rows[0].verdict, rows[1].verdict), (Verdict::Pass, Verdict::Fail));
        assert_eq!(rows[1].finding, Some(findings[1].id()));
        assert_eq!(verdict, Verdict::Fail);
    }

    #[test]
    fn a_rule_without_finding_is_not_run_and_says_why() {
        let not_run = [NotRun {
            what: "membership".to_owned(),
            reason: "no_training_rows".to_owned(),
            because: "the table holds no training row".to_owned(),
        }];
        let rules =
            [rule("membership_auc", Bound::AtMost(0.6)), rule("nothing", Bound::AtMost(0.0))];
        let (rows, _, verdict) = judge(&[], &rules, &[], &not_run, "2026-01-01");
        assert_eq!(rows[0].because, "not run, because the table holds no training row");
        assert_eq!(rows[1].because, "no finding of this name");
        assert!(rows.iter().all(|r| r.verdict == Verdict::NotRun && r.finding.is_none()));
        assert_eq!(verdict, Verdict::NotRun);
    }

    #[test]
    fn a_finding_of_another_grouping_does_not_answer() {
        let findings = [finding("demographic_parity_ratio", &["age"], Ok(0.9))];
        let mut asked = rule("demographic_parity_ratio", Bound::AtLeast(0.8));
        asked.by = By::Features(vec!["sex".to_owned()]);
        let (rows, _, verdict) = judge(&findings, &[asked], &[], &[], "2026-01-01");
        assert_eq!(verdict, Verdict::NotRun);
        assert!(rows[0].because.starts_with("no finding of this name fits"));
    }
}
