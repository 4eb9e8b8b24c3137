//! How findings, rules and reasons are said in the language of the report. Every sentence is made
//! from the structured record, never copied from its English text, so that both pages say the same.

use super::record::Record;
use super::{Cell, Kind};
use crate::domain::{
    Bound, Finding, GateRow, GroupKey, Judge, NotRun, Subject, Undefined, Value, Verdict,
};
use crate::report::language::Language;
use crate::report::number;
use crate::report::words::{Words, fill, names};

/// The record and the words for it.
pub(crate) struct Phrases<'a> {
    /// The record.
    pub(crate) record: &'a Record<'a>,
    /// The catalogue.
    pub(crate) words: &'static Words,
    /// The language.
    pub(crate) language: Language,
}

impl Phrases<'_> {
    /// A check in words.
    pub(crate) fn check(&self, check: &str) -> String {
        names::check(self.language, check)
    }

    /// An entry of a name list.
    pub(crate) fn name(&self, list: names::List, key: &str) -> String {
        names::name(self.language, list, key)
    }

    /// `sex = female, skin_tone = VI`.
    pub(crate) fn group(&self, key: &GroupKey) -> String {
        let part = |(feature, level): (&String, &String)| format!("{feature} = {level}");
        self.language.list(&key.iter().map(part).collect::<Vec<_>>())
    }

    /// What a finding is about, empty for the whole population.
    pub(crate) fn about(&self, subject: &Subject) -> String {
        let w = self.words;
        let mut parts = Vec::new();
        // What is compared with an earlier run stands under a caption that names the run.
        let reference = subject.reference.as_ref().filter(|_| !subject.against_baseline());
        match (&subject.group, reference) {
            (Some(group), Some(reference)) => {
                let sides = [("group", self.group(group)), ("reference", self.group(reference))];
                parts.push(fill(w.about_pair, &sides));
            }
            (Some(group), None) => parts.push(fill(w.about_group, &[("group", self.group(group))])),
            (None, _) if !subject.by.is_empty() => {
                parts.push(fill(w.about_by, &[("by", subject.by.join(" × "))]));
            }
            (None, _) => {}
        }
        if let Some(stratum) = &subject.within {
            let named = |(feature, level): (&String, &String)| {
                let all = names::find(self.language, names::TERMS, level)
                    .filter(|_| level.starts_with('('));
                (feature.clone(), all.unwrap_or_else(|| level.clone()))
            };
            let key: GroupKey = stratum.iter().map(named).collect();
            parts.push(fill(w.about_within, &[("stratum", self.group(&key))]));
        }
        if let Some(attack) = &subject.attack {
            let attack = self.name(names::ATTACKS, attack);
            parts.push(fill(w.about_attack, &[("attack", attack)]));
        }
        if let Some(label) = &subject.label {
            let label = self.name(names::LABELS, label);
            parts.push(fill(w.about_label, &[("label", label)]));
        }
        if let Some(place) = &subject.place {
            parts.push(fill(w.about_place, &[("place", place.clone())]));
        }
        self.language.list(&parts)
    }

    /// A check and what it is about: `demographic parity ratio by sex`.
    pub(crate) fn subject(&self, check: &str, subject: &Subject) -> String {
        let mut subject = subject.clone();
        // A rule with a check of its own is named once.
        subject.label = subject.label.filter(|label| !check.ends_with(label.as_str()));
        let (check, about) = (self.check(check), self.about(&subject));
        if about.is_empty() {
            check
        } else {
            fill(self.words.check_about, &[("check", check), ("about", about)])
        }
    }

    /// What a rule asks of: its finding, or the rule itself where nothing was measured.
    pub(crate) fn rule(&self, row: &GateRow) -> String {
        if let Some(finding) = self.record.judged(row) {
            return self.subject(&finding.check, &finding.subject);
        }
        let by = match &row.rule.by {
            crate::domain::By::Features(by) => by.clone(),
            crate::domain::By::Every => vec!["*".to_owned()],
            crate::domain::By::Whole => Vec::new(),
        };
        let (group, attack, label) =
            (row.rule.group.clone(), row.rule.attack.clone(), row.rule.label.clone());
        let subject = Subject { by, group, attack, label, ..Subject::default() };
        self.subject(&row.rule.check, &subject)
    }

    /// Why there is no number.
    pub(crate) fn undefined(&self, reason: &Undefined) -> String {
        let w = self.words;
        match reason {
            Undefined::NoPositives => w.undefined_no_positives.to_owned(),
            Undefined::NoNegatives => w.undefined_no_negatives.to_owned(),
            Undefined::NoPredictedPositives => w.undefined_no_predicted_positives.to_owned(),
            Undefined::NoPredictedNegatives => w.undefined_no_predicted_negatives.to_owned(),
            Undefined::Empty => w.undefined_empty.to_owned(),
            Undefined::ZeroDenominator => w.undefined_zero_denominator.to_owned(),
            Undefined::Unbounded => w.undefined_unbounded.to_owned(),
            Undefined::OneClass => w.undefined_one_class.to_owned(),
            Undefined::OneGroup => w.undefined_one_group.to_owned(),
            Undefined::NoScores => w.undefined_no_scores.to_owned(),
            Undefined::TooFew { n, need } => {
                fill(w.undefined_too_few, &[("n", n.to_string()), ("need", need.to_string())])
            }
            Undefined::GroupUndefined { group, because } => {
                let because = self.undefined(because);
                fill(w.undefined_group, &[("group", group.clone()), ("because", because)])
            }
            Undefined::NotRun { because } => self.unrun(because),
        }
    }

    /// That a check did not run, with the reason where the language has it.
    fn unrun(&self, because: &str) -> String {
        let known = names::find(self.language, names::BECAUSES, because)
            .or_else(|| self.language.pick(Some(because.to_owned()), None));
        known.map_or_else(
            || self.words.not_run_see_record.to_owned(),
            |because| fill(self.words.not_run_because, &[("because", because)]),
        )
    }

    /// The number, or the reason why there is none.
    pub(crate) fn value(&self, value: &Value) -> String {
        match value {
            Ok(value) => number::number(*value),
            Err(reason) => fill(self.words.no_value, &[("because", self.undefined(reason))]),
        }
    }

    /// `0.7100, 95 % interval [0.6600, 0.7600], n = 620`.
    pub(crate) fn measured(&self, finding: &Finding) -> String {
        let mut parts = vec![self.value(&finding.value)];
        if let Some(interval) = &finding.interval {
            let level = number::percent(interval.level);
            let ends = number::interval(interval);
            parts.push(fill(self.words.interval_of, &[("level", level), ("interval", ends)]));
        }
        parts.push(format!("n\u{a0}=\u{a0}{}", finding.n));
        self.language.list(&parts)
    }

    /// A cell with the value, its interval and, where the gate judged it, limit and answer.
    pub(crate) fn cell(&self, finding: &Finding) -> Cell {
        let mut cell = match &finding.value {
            Ok(value) => Cell::new(Kind::Number, number::number(*value)),
            Err(reason) => Cell::new(Kind::Absent, self.undefined(reason)),
        };
        if let Some(interval) = &finding.interval {
            cell = cell.below(number::interval(interval));
        }
        for row in self.record.rules(finding) {
            let bound = number::bound(row.rule.bound);
            cell = cell.below(format!("{bound}: {}", self.verdict(row.verdict)));
        }
        cell
    }

    /// A verdict in words.
    pub(crate) fn verdict(&self, verdict: Verdict) -> String {
        self.name(names::VERDICTS, verdict.name())
    }

    /// `at most 0.1`.
    pub(crate) fn limit(&self, bound: Bound) -> String {
        let template = match bound {
            Bound::AtMost(_) => self.words.at_most,
            Bound::AtLeast(_) => self.words.at_least,
        };
        fill(template, &[("limit", number::typed(bound.limit()))])
    }

    /// Why something did not run.
    pub(crate) fn not_run(&self, entry: &NotRun) -> String {
        let w = self.words;
        self.language.pick(entry.because.clone(), {
            let known = names::find(self.language, names::REASONS, &entry.reason);
            known.unwrap_or_else(|| fill(w.reason_code, &[("code", entry.reason.clone())]))
        })
    }

    /// Why a rule was answered as it was, in one sentence.
    pub(crate) fn reason(&self, row: &GateRow) -> String {
        let w = self.words;
        let Some(finding) = self.record.judged(row) else { return self.absent(row) };
        let value = match &finding.value {
            Ok(value) => *value,
            Err(reason) => return self.undecidable(row, reason),
        };
        let judged = match row.rule.judge {
            Judge::Point => w.judge_point,
            Judge::Lower => w.judge_lower,
            Judge::Upper => w.judge_upper,
            Judge::Interval => w.judge_interval,
        };
        let past = number::number((value - row.rule.bound.limit()).abs());
        let facts = [("judged", judged.to_owned()), ("past", past)];
        match row.verdict {
            Verdict::Pass if value.total_cmp(&row.rule.bound.limit()).is_eq() => {
                fill(w.reason_equal, &facts)
            }
            Verdict::Pass => fill(w.reason_pass, &facts),
            Verdict::Warn => w.reason_warn.to_owned(),
            Verdict::Fail if row.rule.bound.holds(value) => fill(w.reason_fail_end, &facts),
            Verdict::Fail => fill(w.reason_fail, &facts),
            Verdict::Waived => self.waived(row),
            Verdict::Undecided if finding.interval.is_none() => w.reason_no_interval.to_owned(),
            Verdict::Undecided => {
                let n = row.n_needed.map(|n| fill(w.n_would_decide, &[("n", n.to_string())]));
                let sentence = [Some(w.reason_undecided.to_owned()), n];
                self.language.sentences(&sentence.into_iter().flatten().collect::<Vec<_>>())
            }
            Verdict::NotRun => self.absent(row),
        }
    }

    fn undecidable(&self, row: &GateRow, reason: &Undefined) -> String {
        let because = self.undefined(reason);
        match (row.verdict, &row.rule.because) {
            (Verdict::Pass, Some(allowed)) => {
                let facts = [("because", because), ("allowed", allowed.clone())];
                fill(self.words.reason_undefined_passes, &facts)
            }
            (Verdict::Waived, _) => self.waived(row),
            _ => fill(self.words.reason_undefined, &[("because", because)]),
        }
    }

    fn waived(&self, row: &GateRow) -> String {
        let at = row.waiver.and_then(|i| usize::try_from(i).ok());
        let Some(record) = at.and_then(|i| self.record.assessment.waivers.get(i)) else {
            return self.verdict(Verdict::Waived);
        };
        let waiver = &record.waiver;
        let facts = [("until", waiver.until.clone()), ("owner", waiver.owner.clone())];
        fill(self.words.reason_waived, &facts)
    }

    /// The reason of a rule that has no finding.
    fn absent(&self, row: &GateRow) -> String {
        if row.verdict == Verdict::Waived {
            return self.waived(row);
        }
        let fits = |entry: &&NotRun| {
            row.rule.check == entry.what || row.rule.check.starts_with(&format!("{}_", entry.what))
        };
        match self.record.assessment.not_run.iter().find(fits) {
            Some(entry) => fill(self.words.reason_not_run, &[("because", self.not_run(entry))]),
            None => {
                self.language.pick(row.because.clone(), self.words.not_run_see_record.to_owned())
            }
        }
    }
}
