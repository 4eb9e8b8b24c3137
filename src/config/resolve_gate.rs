//! The `gate` block: each rule must be able to pass and to fail.

use super::problem::Place;
use super::raw::Raw;
use super::resolve::{Resolver, undeclared};
use super::resolve_data::{grouping, same};
use super::span::line_of;
use crate::domain::{Bound, By, GateRule, Judge, OnUndefined};

/// The check that holds a claimed ε against the evidence.
const CLAIM: &str = "dp_claim_excess";

impl Resolver<'_> {
    /// `gate:`, in file order.
    pub(super) fn gate(&mut self, raw: &Raw, groups: &[Vec<String>]) -> Vec<GateRule> {
        raw.items().iter().map(|item| self.rule(item, groups)).collect()
    }

    /// The rules of the file, and that a claimed ε must not be refuted.
    pub(super) fn gate_and_claim(&mut self, raw: &Raw, groups: &[Vec<String>]) -> Vec<GateRule> {
        let mut rules = raw.get("gate").map_or_else(Vec::new, |gate| self.gate(gate, groups));
        let declared = raw.at(&["privacy", "dp"]).and_then(|dp| dp.entry("claimed_epsilon"));
        let trained = || raw.at(&["model", "train"]).and_then(|train| train.entry("dp"));
        let declared = declared.or_else(trained);
        if let Some(entry) = declared.filter(|_| rules.iter().all(|rule| rule.check != CLAIM)) {
            rules.push(GateRule {
                check: CLAIM.to_owned(),
                by: By::Whole,
                group: None,
                attack: None,
                label: None,
                bound: Bound::AtMost(0.0),
                judge: Judge::Point,
                on_undefined: OnUndefined::Undecided,
                because: None,
                line: self.line(&entry.place),
            });
        }
        rules
    }

    fn rule(&mut self, raw: &Raw, groups: &[Vec<String>]) -> GateRule {
        let check = raw.word_at("check").unwrap_or_default();
        let by = if in_groups(&check) {
            self.by(raw, &with_classes(groups))
        } else {
            self.by(raw, groups)
        };
        self.grouped(raw, &check, &by);
        let on_undefined = match raw.word_at("on_undefined").as_deref() {
            Some("pass") => OnUndefined::Pass,
            _ => OnUndefined::Undecided,
        };
        let because = raw.word_at("because");
        if let (OnUndefined::Pass, None, Some(entry)) =
            (on_undefined, &because, raw.entry("on_undefined"))
        {
            let label = "an undefined value may pass only with a reason";
            let help = "add `because:` to the rule";
            self.report_at("CF014", "missing reason", &entry.value.place, (label, help));
        }
        GateRule {
            bound: self.bound(raw, &check),
            by,
            group: raw.get("group").map(|_| raw.map_at("group")),
            attack: raw.word_at("attack").map(|name| self.known.attack(name)),
            label: raw.word_at("label"),
            judge: judge(raw),
            on_undefined,
            because,
            line: self.line(&raw.place),
            check,
        }
    }

    /// The line of a rule; a rule from `--set` counts as the first line.
    fn line(&self, place: &Place) -> u64 {
        let line = match place {
            Place::Text(span) => line_of(self.text, span.start),
            _ => 1,
        };
        u64::try_from(line).unwrap_or(1)
    }

    fn bound(&mut self, raw: &Raw, check: &str) -> Bound {
        let most = raw.get("at_most").zip(raw.number_at("at_most"));
        let least = raw.get("at_least").zip(raw.number_at("at_least"));
        let given = ["at_most", "at_least"].into_iter().filter(|key| raw.get(key).is_some());
        match given.collect::<Vec<_>>().as_slice() {
            [_, second] => {
                let at = raw.entry(second).map_or(&raw.place, |entry| &entry.place);
                let help = "keep one; a band takes two rules";
                self.report_at("CF010", "two limits", at, ("`at_most` is given as well", help));
            }
            [] => {
                let at = raw.get("check").map_or(&raw.place, |check| &check.place);
                let help = "add `at_most:` or `at_least:`";
                self.report_at("CF010", "no limit", at, ("this rule has no limit", help));
            }
            _ => {}
        }
        for (raw_limit, limit) in most.iter().chain(&least) {
            self.limit(raw, raw_limit, *limit, check);
        }
        match (most, least) {
            (None, Some((_, limit))) => Bound::AtLeast(limit),
            (most, _) => Bound::AtMost(most.map_or(0.0, |(_, limit)| limit)),
        }
    }

    fn limit(&mut self, rule: &Raw, raw: &Raw, limit: f64, check: &str) {
        let Some(range) = self.known.ranges.get(check) else { return };
        let [least, most] = widened(*range, check, rule.get("group").is_some());
        if limit.is_finite() && !(least..=most).contains(&limit) {
            let label = if most.is_finite() {
                format!("`{check}` lies between {least} and {most}")
            } else {
                format!("`{check}` is never below {least}")
            };
            let help = "with this limit the rule would always give the same answer";
            self.report_at("CF011", "impossible threshold", &raw.place, (&label, help));
        }
    }

    fn by(&mut self, raw: &Raw, groups: &[Vec<String>]) -> By {
        let Some((at, text)) = raw.get("by").and_then(|by| Some((&by.place, by.word()?))) else {
            return By::Whole;
        };
        if text.trim() == "*" {
            return By::Every;
        }
        let features = grouping(&text);
        if let Some(declared) = groups.iter().find(|declared| same(declared, &features)) {
            self.group(raw, declared);
            return By::Features(declared.clone());
        }
        let declared: Vec<String> = groups.iter().map(|group| group.join("*")).collect();
        let declared: Vec<&str> = declared.iter().map(String::as_str).collect();
        let help = undeclared(text.trim(), &declared);
        let label = "`dataset.groups` does not declare this grouping";
        self.report_at("CF012", "undeclared group", at, (label, &help));
        By::Features(features)
    }

    /// `group` must name a level for each feature of `by`.
    fn group(&mut self, raw: &Raw, features: &[String]) {
        let Some(entry) = raw.entry("group") else { return };
        let named: Vec<String> = raw.map_at("group").into_keys().collect();
        if !same(features, &named) {
            let label = format!("expected one level for each of `{}`", features.join("`, `"));
            let help = format!("write `group: {{{}: …}}`", features.join(": …, "));
            self.report_at("CF012", "undeclared group", &entry.place, (&label, &help));
        }
    }

    /// Whether the rule's way of choosing findings goes with its check.
    fn grouped(&mut self, raw: &Raw, check: &str, by: &By) {
        if !self.known.checks.iter().any(|name| name == check) {
            return;
        }
        let metric = in_groups(check) || self.known.metrics.iter().any(|name| name == check);
        let compared = check.strip_suffix("_change").unwrap_or(check);
        let compares =
            in_groups(check) || compared.ends_with("_difference") || compared.ends_with("_ratio");
        let at = |key| raw.entry(key).map_or(&raw.place, |entry| &entry.place);
        if metric && compares && *by == By::Whole && raw.get("by").is_none() {
            let label = "this is about groups, but the rule has no `by`";
            let help = "add `by:` with a grouping, or `by: \"*\"` for each of them";
            let at = raw.get("check").map_or(&raw.place, |check| &check.place);
            self.report_at("CF005", "missing key", at, (label, help));
        }
        if !metric && raw.get("by").is_some() {
            let label = format!("`{check}` is not measured by group");
            self.report_at("CF016", "key does not apply", at("by"), (&label, "remove `by`"));
        }
        if raw.get("attack").is_some() && !check.starts_with("membership_") {
            let label = format!("`{check}` is not the result of an attack");
            self.report_at(
                "CF016",
                "key does not apply",
                at("attack"),
                (&label, "remove `attack`"),
            );
        }
        if raw.get("group").is_some() && !matches!(by, By::Features(_)) {
            let help = "add `by:` with the features that form the group";
            let label = "a group needs a grouping";
            self.report_at("CF016", "key does not apply", at("group"), (label, help));
        }
    }
}

/// Whether a check of membership is measured in groups, among which are the classes.
fn in_groups(check: &str) -> bool {
    check.starts_with("membership_group_")
}

/// The declared groupings, the classes, and each single feature with the classes.
fn with_classes(groups: &[Vec<String>]) -> Vec<Vec<String>> {
    let taken = groups.iter().flatten().any(|feature| feature == "class");
    let class = if taken { "true_class" } else { "class" }.to_owned();
    let alone = groups.iter().filter(|group| group.len() == 1);
    let crossed = alone.map(|group| vec![group[0].clone(), class.clone()]);
    groups.iter().cloned().chain([vec![class.clone()]]).chain(crossed).collect()
}

fn judge(raw: &Raw) -> Judge {
    match raw.word_at("judge").as_deref() {
        Some("lower") => Judge::Lower,
        Some("upper") => Judge::Upper,
        Some("interval") => Judge::Interval,
        _ => Judge::Point,
    }
}

/// The range of a rule about one group, whose difference from the reference has a sign and whose
/// ratio may exceed 1.
fn widened([least, most]: [f64; 2], check: &str, one_group: bool) -> [f64; 2] {
    if one_group && check.ends_with("_difference") {
        [-most, most]
    } else if one_group && check.ends_with("_ratio") {
        [least, f64::INFINITY]
    } else {
        [least, most]
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{VALID, check};

    #[test]
    fn a_check_of_membership_in_groups_may_name_the_classes() {
        let with = |by: &str| {
            let rule = format!("check: membership_group_auc{by}, at_most: 0.6");
            check(&VALID.replace("check: pii_direct_identifiers, at_most: 0", &rule))
        };
        for by in ["class", "sex", "sex*class", "class*sex", "'*'"] {
            assert!(with(&format!(", by: {by}")).is_ok(), "{by}");
        }
        assert_eq!(with(", by: sex*age_group*class").unwrap_err()[0].code, "CF012");
        assert_eq!(with("").unwrap_err()[0].code, "CF005");
    }
}
