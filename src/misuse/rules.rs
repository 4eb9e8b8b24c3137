//! The checks of a usage log and their manuals.

use super::Facts;
use crate::check;
use crate::domain::{Ideal, Meta};

check! {
    /// Log records that break at least one rule of the usage policy.
    ///
    /// **Formula** `#{records with at least one deny}`. Malformed lines and missing fields have their
    /// own checks. **Range** 0 to the number of records. **Ideal** 0.
    /// **Undefined** never: a log without a record cannot be audited.
    /// **Source** EU 2024/1689, articles 12 and 26(5); NIST AI RMF 1.0, MEASURE 2.4.
    Violations, "MU001", "usage_violations", Ideal::Zero
}

check! {
    /// Share of the log's lines that are no record: not JSON, a wrong type, an unknown field.
    ///
    /// **Formula** `malformed lines / lines`, blank lines left out, with a Clopper–Pearson interval.
    /// **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** never: a log without a record cannot be audited.
    /// **Source** EU 2024/1689, articles 12 and 19 (a log must be complete); Clopper and Pearson 1934.
    MalformedRecord, "MU002", "usage_malformed_record", Ideal::Zero
}

check! {
    /// Share of the records that lack a required field, counted before the policy runs.
    ///
    /// A policy cannot judge what is absent: a rule that reads an absent field does not fire.
    ///
    /// **Formula** `records that lack a required field / records`, with a Clopper–Pearson interval.
    /// Absent, null and blank count as lacking; the counts name each field.
    /// **Range** 0 to 1. **Ideal** 0. **Undefined** `not_run` where no field is required.
    /// **Source** EU 2024/1689, articles 12 and 26(6); Clopper and Pearson 1934.
    MissingField, "MU003", "usage_missing_field", Ideal::Zero
}

check! {
    /// Share of the records whose purpose is not one of the allowed purposes.
    ///
    /// **Formula** `records with another purpose / records`, with a Clopper–Pearson interval; a record
    /// without a purpose is counted by `usage_missing_field`. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** `not_run` where no purpose is declared.
    /// **Source** EU 2024/1689, articles 13(3)(b) and 26(1); ISO/IEC 42001:2023, A.9.4.
    PurposeNotAllowed, "MU004", "usage_purpose_not_allowed", Ideal::Zero
}

check! {
    /// Share of the records whose domain is not one of the allowed domains.
    ///
    /// **Formula** `records of another domain / records`, with a Clopper–Pearson interval; a record
    /// without a domain is counted by `usage_missing_field`. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** `not_run` where no domain is declared.
    /// **Source** EU 2024/1689, article 26(1); NIST AI RMF 1.0, MAP 3.3.
    DomainNotAllowed, "MU005", "usage_domain_not_allowed", Ideal::Zero
}

check! {
    /// Share of the records whose use is prohibited.
    ///
    /// **Formula** `records of a prohibited use / records`, with a Clopper–Pearson interval.
    /// **Range** 0 to 1. **Ideal** 0. **Undefined** `not_run` where no use is prohibited.
    /// **Source** EU 2024/1689, article 5(1); ISO/IEC 42001:2023, A.9.2.
    ProhibitedUse, "MU006", "usage_prohibited_use", Ideal::Zero
}

check! {
    /// Share of the records made under an approval that had expired.
    ///
    /// **Formula** `records after the last day (UTC) of their approval / records`, with a
    /// Clopper–Pearson interval. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** `not_run` where no approval is declared.
    /// **Source** ISO/IEC 42001:2023, A.9.2; NIST AI RMF 1.0, GOVERN 1.4.
    ApprovalExpired, "MU007", "usage_approval_expired", Ideal::Zero
}

check! {
    /// Share of the records that name an approval which is not declared.
    ///
    /// **Formula** `records of an unknown approval / records`, with a Clopper–Pearson interval; a
    /// record without an approval is counted by `usage_missing_field`. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** `not_run` where no approval is declared.
    /// **Source** ISO/IEC 42001:2023, A.9.2; NIST AI RMF 1.0, GOVERN 1.4.
    ApprovalUnknown, "MU008", "usage_approval_unknown", Ideal::Zero
}

check! {
    /// Share of the records with an adverse decision that needed human review and has none.
    ///
    /// **Formula** `records that are adverse ∧ (review required ∨ confidence below the limit) ∧ not
    /// reviewed / records`, with a Clopper–Pearson interval. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** never: a log without a record cannot be audited.
    /// **Source** EU 2024/1689, articles 14(4) and 26(2); PIPL, article 24.
    MissingReview, "MU009", "usage_missing_review", Ideal::Zero
}

check! {
    /// Share of the records that break a rule of the declared policy; the label names the rule.
    ///
    /// **Formula** `records that the rule denies / records`, with a Clopper–Pearson interval.
    /// **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** never: a log without a record cannot be audited.
    /// **Source** the declared policy; Clopper and Pearson 1934.
    PolicyViolation, "MU010", "usage_policy_violation", Ideal::Zero
}

/// A rule of the shipped policy and the check that counts it.
pub(super) struct Rule {
    /// The check.
    pub(super) meta: &'static Meta,
    /// The rule's name in the policy.
    pub(super) name: &'static str,
    /// Why the shipped rule cannot fire under these facts.
    pub(super) idle: fn(&Facts) -> Option<&'static str>,
}

/// The rules whose names have a check of their own; any other is a `usage_policy_violation`.
pub(super) const RULES: &[Rule] = &[
    Rule {
        meta: &PurposeNotAllowed::META,
        name: "purpose_not_allowed",
        idle: |facts| facts.purposes.is_empty().then_some("no allowed purpose is declared"),
    },
    Rule {
        meta: &DomainNotAllowed::META,
        name: "domain_not_allowed",
        idle: |facts| facts.domains.is_empty().then_some("no allowed domain is declared"),
    },
    Rule {
        meta: &ProhibitedUse::META,
        name: "prohibited_use",
        idle: |facts| facts.prohibited_uses.is_empty().then_some("no prohibited use is declared"),
    },
    Rule { meta: &ApprovalExpired::META, name: "approval_expired", idle: no_approval },
    Rule { meta: &ApprovalUnknown::META, name: "approval_unknown", idle: no_approval },
    Rule { meta: &MissingReview::META, name: "missing_review", idle: |_| None },
];

fn no_approval(facts: &Facts) -> Option<&'static str> {
    facts.approvals.is_empty().then_some("no approval is declared")
}

/// All checks of a usage log, in the order of their codes.
#[must_use]
pub fn checks() -> Vec<&'static Meta> {
    let own = [&Violations::META, &MalformedRecord::META, &MissingField::META];
    let rules = RULES.iter().map(|rule| rule.meta);
    own.into_iter().chain(rules).chain([&PolicyViolation::META]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_and_names_are_unique_and_every_manual_is_complete() {
        let checks = checks();
        let codes: BTreeSet<&str> = checks.iter().map(|m| m.code).collect();
        let names: BTreeSet<&str> = checks.iter().map(|m| m.name).collect();
        assert_eq!((codes.len(), names.len()), (checks.len(), checks.len()));
        for (i, meta) in checks.iter().enumerate() {
            assert_eq!(meta.code, format!("MU{:03}", i + 1));
            assert!(meta.name.starts_with("usage_"), "{}", meta.name);
            assert!(meta.name.chars().all(|c| c.is_ascii_lowercase() || c == '_'));
            for head in ["Formula", "Range", "Ideal", "Undefined", "Source"] {
                assert!(meta.section(head).is_some_and(|s| !s.is_empty()), "{} {head}", meta.code);
            }
        }
    }

    #[test]
    fn the_shipped_policy_declares_exactly_these_rules() {
        let policy = super::super::Policy::built_in().unwrap();
        let names: Vec<&str> = RULES.iter().map(|rule| rule.name).collect();
        assert_eq!(policy.rules(), names);
        for rule in RULES {
            assert_eq!(rule.meta.name, format!("usage_{}", rule.name));
        }
    }
}
