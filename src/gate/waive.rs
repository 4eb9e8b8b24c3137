//! Waivers: who accepted which breach, until when, and whether that still matters.

use super::select::same_features;
use crate::domain::{Finding, GateRow, Verdict, Waiver, WaiverRecord, WaiverState};
use chrono::NaiveDate;

/// The declared waivers and what each has done so far.
pub(super) struct Docket<'a> {
    waivers: &'a [Waiver],
    states: Vec<WaiverState>,
}

impl<'a> Docket<'a> {
    /// All waivers unused, or expired on `today`. A waiver holds on its last day.
    pub(super) fn new(waivers: &'a [Waiver], today: &str) -> Self {
        let today = date(today);
        let state = |w: &Waiver| match (date(&w.until), today) {
            (Some(until), Some(today)) if today <= until => WaiverState::Unused,
            _ => WaiverState::Expired,
        };
        Self { waivers, states: waivers.iter().map(state).collect() }
    }

    /// Waives `row` by the first waiver in force that covers it, if the row failed or is undecided.
    /// What did not run cannot be waived: nobody knows what would be accepted.
    pub(super) fn apply(&mut self, mut row: GateRow, finding: &Finding) -> GateRow {
        if !matches!(row.verdict, Verdict::Fail | Verdict::Undecided) {
            return row;
        }
        let in_force = |(i, w): &(usize, &Waiver)| {
            self.states[*i] != WaiverState::Expired && covers(w, finding)
        };
        let Some((index, waiver)) = self.waivers.iter().enumerate().find(in_force) else {
            return row;
        };
        self.states[index] = WaiverState::Used;
        row.because = format!(
            "{}; {}, waived until {} by {}: {}",
            row.because,
            row.verdict.name(),
            waiver.until,
            waiver.owner,
            waiver.because
        );
        row.verdict = Verdict::Waived;
        row.waiver = u64::try_from(index).ok();
        row
    }

    /// All waivers in their own order with what they did.
    pub(super) fn records(self) -> Vec<WaiverRecord> {
        let record = |(w, state): (&Waiver, WaiverState)| WaiverRecord { waiver: w.clone(), state };
        self.waivers.iter().zip(self.states).map(record).collect()
    }
}

fn date(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

fn covers(waiver: &Waiver, finding: &Finding) -> bool {
    let subject = &finding.subject;
    let asked = |want: &Option<String>, have: &Option<String>| want.is_none() || want == have;
    let grouping = match waiver.by.as_deref() {
        None => true,
        Some("*") => !subject.by.is_empty(),
        Some(by) => {
            let features: Vec<&str> = by.split('*').map(str::trim).collect();
            same_features(&features, &subject.by)
        }
    };
    waiver.check == finding.check
        && grouping
        && asked(&waiver.attack, &subject.attack)
        && asked(&waiver.label, &subject.label)
}

#[cfg(test)]
mod tests {
    use super::super::examples::{finding, rule};
    use super::super::judge;
    use super::*;
    use crate::domain::{Bound, By, GateRule};

    fn waiver(by: Option<&str>, until: &str) -> Waiver {
        Waiver {
            check: "d".to_owned(),
            by: by.map(str::to_owned),
            attack: None,
            label: None,
            because: "known and being mended".to_owned(),
            until: until.to_owned(),
            owner: "Imaging team".to_owned(),
        }
    }

    fn run(waivers: &[Waiver], value: f64) -> (Vec<GateRow>, Vec<WaiverState>, Verdict) {
        let findings = [finding("d", &["sex", "age"], Ok(value))];
        let rules = [GateRule { by: By::Every, ..rule("d", Bound::AtMost(0.1)) }];
        let (rows, records, verdict) = judge(&findings, &rules, waivers, &[], "2026-06-30");
        (rows, records.iter().map(|r| r.state).collect(), verdict)
    }

    #[test]
    fn a_waiver_in_force_waives_a_failed_row_and_is_named() {
        let (rows, states, verdict) = run(&[waiver(Some("age*sex"), "2026-06-30")], 0.2);
        assert_eq!(
            (rows[0].verdict, rows[0].waiver, verdict),
            (Verdict::Waived, Some(0), Verdict::Waived)
        );
        assert_eq!(states, [WaiverState::Used]);
        assert!(
            rows[0]
                .because
                .ends_with("fail, waived until 2026-06-30 by Imaging team: known and being mended")
        );
    }

    #[test]
    fn an_expired_or_unreadable_waiver_waives_nothing() {
        for until in ["2026-06-29", "soon", ""] {
            let (rows, states, _) = run(&[waiver(None, until)], 0.2);
            assert_eq!((rows[0].verdict, states[0]), (Verdict::Fail, WaiverState::Expired));
        }
    }

    #[test]
    fn a_waiver_of_another_grouping_or_of_a_pass_is_unused() {
        let (rows, states, _) = run(&[waiver(Some("sex"), "2027-01-01")], 0.2);
        assert_eq!((rows[0].verdict, states[0]), (Verdict::Fail, WaiverState::Unused));
        let (rows, states, _) = run(&[waiver(Some("*"), "2027-01-01")], 0.05);
        assert_eq!((rows[0].verdict, states[0]), (Verdict::Pass, WaiverState::Unused));
    }

    #[test]
    fn the_next_waiver_takes_over_from_an_expired_one() {
        let waivers = [waiver(None, "2026-01-01"), waiver(None, "2027-01-01")];
        let (rows, states, _) = run(&waivers, 0.2);
        assert_eq!(rows[0].waiver, Some(1));
        assert_eq!(states, [WaiverState::Expired, WaiverState::Used]);
    }
}
