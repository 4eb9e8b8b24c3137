//! The answer of one rule to one finding.

use super::words;
use crate::domain::{
    Bound, Finding, GateRow, GateRule, Interval, Judge, OnUndefined, Stage, Undefined, Verdict,
    to_f64,
};

/// Judges one finding by one rule; waivers come later.
pub(super) fn row(rule: &GateRule, finding: &Finding) -> GateRow {
    let (verdict, because) = match &finding.value {
        Ok(value) => defined(rule, finding, *value),
        Err(why) => undefined(rule, why),
    };
    let n_needed = match (verdict, &finding.value, rule.judge) {
        (Verdict::Undecided, Ok(value), Judge::Interval) => {
            finding.interval.as_ref().and_then(|i| n_needed(rule.bound, *value, i, finding))
        }
        _ => None,
    };
    GateRow {
        rule: rule.clone(),
        finding: Some(finding.id()),
        verdict,
        because,
        n_needed,
        waiver: None,
    }
}

fn undefined(rule: &GateRule, why: &Undefined) -> (Verdict, String) {
    match (rule.on_undefined, why) {
        (_, Undefined::NotRun { .. }) => (Verdict::NotRun, why.to_string()),
        (OnUndefined::Undecided, _) => (Verdict::Undecided, format!("there is no value: {why}")),
        (OnUndefined::Pass, _) => {
            let because = rule.because.as_deref().unwrap_or("the rule lets it pass");
            (Verdict::Pass, format!("there is no value ({why}), which passes: {because}"))
        }
    }
}

fn defined(rule: &GateRule, finding: &Finding, value: f64) -> (Verdict, String) {
    let interval = finding.interval.as_ref();
    let verdict = match (rule.judge, interval) {
        (Judge::Point, _) => at_point(rule.bound, value, interval),
        (Judge::Lower, Some(i)) => kept(rule.bound, i.low),
        (Judge::Upper, Some(i)) => kept(rule.bound, i.high),
        (Judge::Interval, Some(i)) => at_interval(rule.bound, i),
        (_, None) if is_exact(finding) => kept(rule.bound, value),
        (_, None) => Verdict::Undecided,
    };
    let measured = words::measured(value, finding, rule.bound);
    (verdict, format!("{measured}: {}", relation(rule, interval, verdict)))
}

fn kept(bound: Bound, value: f64) -> Verdict {
    if bound.holds(value) { Verdict::Pass } else { Verdict::Fail }
}

/// The value decides; a pass whose interval reaches beyond the bound is a warning.
fn at_point(bound: Bound, value: f64, interval: Option<&Interval>) -> Verdict {
    let crosses = |i: &Interval| !(bound.holds(i.low) && bound.holds(i.high));
    match kept(bound, value) {
        Verdict::Pass if interval.is_some_and(crosses) => Verdict::Warn,
        verdict => verdict,
    }
}

/// The whole interval decides, or nothing does.
fn at_interval(bound: Bound, i: &Interval) -> Verdict {
    match (bound.holds(i.low), bound.holds(i.high)) {
        (true, true) => Verdict::Pass,
        (false, false) => Verdict::Fail,
        _ => Verdict::Undecided,
    }
}

/// Whether a value without interval is a count of what is there rather than an estimate: files,
/// rows, records and hits of a detector are counted, not sampled.
fn is_exact(finding: &Finding) -> bool {
    let counted = match finding.stage {
        Stage::Dataset | Stage::Misuse => true,
        Stage::Privacy => finding.check.starts_with("pii_") || finding.code.starts_with("AN"),
        Stage::Fairness => finding.check == "count",
    };
    counted && finding.interval.is_none()
}

fn relation(rule: &GateRule, interval: Option<&Interval>, verdict: Verdict) -> String {
    let limit = words::limit(rule.bound);
    let judged = match (rule.judge, interval) {
        (Judge::Lower, Some(_)) => "the lower end",
        (Judge::Upper, Some(_)) => "the upper end",
        (Judge::Interval, Some(_)) => "the whole interval",
        _ => "the value",
    };
    match verdict {
        Verdict::Warn => format!("the value keeps {limit}, but the interval crosses it"),
        Verdict::Fail => format!("{judged} is beyond the limit of {limit}"),
        Verdict::Undecided if interval.is_some() => format!("the interval crosses {limit}"),
        Verdict::Undecided => format!("the rule judges the interval, and {limit} needs one"),
        _ => format!("{judged} keeps {limit}"),
    }
}

/// The rows that would decide an undecided interval, if the estimate stayed where it is.
///
/// A half-width shrinks with the square root of the rows. With `w` the distance from the estimate to
/// the end that lies across the bound and `d` the distance from the estimate to the bound, the end
/// reaches the bound at `n (w / d)²`, rounded up. Ratios are
/// measured in logarithms. None when the estimate lies on the bound: no number of rows decides it.
fn n_needed(bound: Bound, value: f64, interval: &Interval, finding: &Finding) -> Option<u64> {
    let positive = [value, interval.low, interval.high, bound.limit()].iter().all(|&v| v > 0.0);
    let log = interval.is_of_ratio() && positive;
    let scale = |v: f64| if log { v.ln() } else { v };
    let across = if scale(bound.limit()) > scale(value) { interval.high } else { interval.low };
    let half_width = (scale(across) - scale(value)).abs();
    let distance = (scale(bound.limit()) - scale(value)).abs();
    let factor = half_width / distance;
    count((to_f64(finding.n) * factor * factor).ceil())
}

/// A whole number back as a count; none beyond 2^53 or when not finite.
fn count(whole: f64) -> Option<u64> {
    let fits = (0.0..=9_007_199_254_740_992.0).contains(&whole);
    if fits { format!("{whole:.0}").parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{finding, interval, rule};
    use super::*;

    fn answer(bound: Bound, judge: Judge, value: f64, ends: Option<Interval>) -> GateRow {
        let f = finding("a", &[], Ok(value)).with_interval(ends);
        row(&GateRule { judge, ..rule("a", bound) }, &f)
    }

    #[test]
    fn the_point_decides_and_a_crossing_interval_warns() {
        let at_least = Bound::AtLeast(0.8);
        let verdict = |v, ends| answer(at_least, Judge::Point, v, ends).verdict;
        assert_eq!(verdict(0.8, None), Verdict::Pass);
        assert_eq!(verdict(0.85, interval(0.8, 0.9)), Verdict::Pass);
        assert_eq!(verdict(0.85, interval(0.79, 0.9)), Verdict::Warn);
        assert_eq!(verdict(0.799_999_9, interval(0.7, 0.9)), Verdict::Fail);
        let at_most = Bound::AtMost(0.1);
        assert_eq!(answer(at_most, Judge::Point, 0.05, interval(0.0, 0.11)).verdict, Verdict::Warn);
        assert_eq!(answer(at_most, Judge::Point, 0.11, interval(0.0, 0.2)).verdict, Verdict::Fail);
    }

    #[test]
    fn an_end_of_the_interval_decides() {
        let verdict = |judge, ends| answer(Bound::AtMost(0.1), judge, 0.05, ends).verdict;
        assert_eq!(verdict(Judge::Upper, interval(0.0, 0.1)), Verdict::Pass);
        assert_eq!(verdict(Judge::Upper, interval(0.0, 0.100_001)), Verdict::Fail);
        assert_eq!(verdict(Judge::Lower, interval(0.0, 0.5)), Verdict::Pass);
        assert_eq!(verdict(Judge::Lower, interval(0.2, 0.5)), Verdict::Fail);
        assert_eq!(verdict(Judge::Upper, None), Verdict::Undecided);
        assert_eq!(verdict(Judge::Interval, None), Verdict::Undecided);
    }

    #[test]
    fn an_exact_count_needs_no_interval() {
        let mut f = finding("pii_direct_identifiers", &[], Ok(0.0));
        f.stage = Stage::Privacy;
        for judge in [Judge::Lower, Judge::Upper, Judge::Interval] {
            let r = GateRule { judge, ..rule("pii_direct_identifiers", Bound::AtMost(0.0)) };
            assert_eq!(row(&r, &f).verdict, Verdict::Pass);
        }
        f.value = Ok(1.0);
        let r =
            GateRule { judge: Judge::Upper, ..rule("pii_direct_identifiers", Bound::AtMost(0.0)) };
        assert_eq!(row(&r, &f).verdict, Verdict::Fail);
        f.check = "membership_advantage".to_owned();
        assert_eq!(row(&r, &f).verdict, Verdict::Undecided);
    }

    #[test]
    fn an_undecided_interval_says_how_many_rows_it_needs() {
        // w = 0.10, d = 0.05, so four times the 100 rows.
        let r = answer(Bound::AtMost(0.1), Judge::Interval, 0.05, interval(0.0, 0.15));
        assert_eq!((r.verdict, r.n_needed), (Verdict::Undecided, Some(400)));
        let r = answer(Bound::AtMost(0.1), Judge::Interval, 0.1, interval(0.0, 0.2));
        assert_eq!((r.verdict, r.n_needed), (Verdict::Undecided, None));
        // ln 0.8 to ln 0.4 is ln 2 wide, ln 0.8 to ln 0.4·√2 half of it: four times the rows.
        let ends = Interval { low: 0.4, high: 1.6, level: 0.95, method: "katz_log".to_owned() };
        let limit = 0.4 * 2.0_f64.sqrt() * 1.000_000_1;
        let r = answer(Bound::AtLeast(limit), Judge::Interval, 0.8, Some(ends));
        assert_eq!(r.n_needed, Some(401));
        for (v, low, high, verdict) in
            [(0.05, 0.0, 0.1, Verdict::Pass), (0.2, 0.100_001, 0.3, Verdict::Fail)]
        {
            let r = answer(Bound::AtMost(0.1), Judge::Interval, v, interval(low, high));
            assert_eq!((r.verdict, r.n_needed), (verdict, None));
        }
    }

    #[test]
    fn an_undefined_value_is_undecided_unless_the_rule_says_otherwise() {
        let f = finding("a", &[], Err(Undefined::NoPositives));
        let mut r = rule("a", Bound::AtMost(0.1));
        let answered = row(&r, &f);
        assert_eq!(answered.verdict, Verdict::Undecided);
        assert_eq!(answered.because, "there is no value: no row is actually positive");
        r.on_undefined = OnUndefined::Pass;
        r.because = Some("the group was empty last year".to_owned());
        assert_eq!(row(&r, &f).verdict, Verdict::Pass);
        let absent = finding("a", &[], Err(Undefined::NotRun { because: "of x".to_owned() }));
        assert_eq!(row(&r, &absent).verdict, Verdict::NotRun);
    }

    #[test]
    fn the_sentence_names_value_interval_and_bound() {
        let r = answer(Bound::AtLeast(0.8), Judge::Point, 0.751_23, interval(0.7, 0.79));
        assert_eq!(
            r.because,
            "0.7512 (95 % interval 0.7 to 0.79, n = 100): the value is beyond the limit of at least 0.8"
        );
    }
}
