//! Which findings a rule speaks about, and why there may be none.

use crate::domain::{By, Finding, GateRule, NotRun};
use std::collections::BTreeSet;

/// The findings that `rule` judges, in their own order.
///
/// Name, attack and label must fit; a rule that names no attack or label covers each of them. A
/// rule that names a group takes that group's findings. Otherwise, over a grouping, it takes the
/// comparison between the groups where the check is one, and every group where it is not. A pair
/// comparison with a reference group is signed and repeats what the unsigned worst case says, so it
/// is judged only where a rule names its group; a change since an earlier run is no such pair. A
/// comparison within a stratum is not judged.
pub(super) fn matching<'a>(rule: &GateRule, findings: &'a [Finding]) -> Vec<&'a Finding> {
    let fits: Vec<&Finding> = findings.iter().filter(|f| fits(rule, f)).collect();
    if rule.group.is_some() || rule.by == By::Whole {
        return fits;
    }
    let apart = |f: &&Finding| f.subject.reference.is_none() || f.subject.against_baseline();
    let unpaired = || fits.iter().copied().filter(apart);
    let compared: Vec<&Finding> = unpaired().filter(|f| f.subject.group.is_none()).collect();
    if compared.is_empty() { unpaired().collect() } else { compared }
}

fn fits(rule: &GateRule, finding: &Finding) -> bool {
    let subject = &finding.subject;
    let asked = |want: &Option<String>, have: &Option<String>| want.is_none() || want == have;
    finding.check == rule.check
        && subject.within.is_none()
        && asked(&rule.attack, &subject.attack)
        && asked(&rule.label, &subject.label)
        && (rule.group.is_none() || rule.group == subject.group)
        && grouping(&rule.by, &subject.by)
}

fn grouping(asked: &By, by: &[String]) -> bool {
    match asked {
        By::Every => !by.is_empty(),
        By::Features(features) => same_features(features, by),
        By::Whole => by.is_empty(),
    }
}

/// Whether two groupings name the same features; `sex*age` and `age*sex` are one grouping.
pub(super) fn same_features<A: AsRef<str>, B: AsRef<str>>(a: &[A], b: &[B]) -> bool {
    let a: BTreeSet<&str> = a.iter().map(AsRef::as_ref).collect();
    let b: BTreeSet<&str> = b.iter().map(AsRef::as_ref).collect();
    a == b
}

/// Why the check of `rule` did not run, if that was said: of its attack, of the check itself, of its
/// family, or of its stage, the closest first.
pub(super) fn reason<'a>(rule: &GateRule, not_run: &'a [NotRun]) -> Option<&'a NotRun> {
    let (family, stage) = family(&rule.check);
    let names = [rule.attack.as_deref(), Some(rule.check.as_str()), Some(family), Some(stage)];
    names.into_iter().flatten().find_map(|name| {
        not_run.iter().find(|entry| {
            let last = entry.what.rsplit(['.', '/']).next().unwrap_or_default();
            entry.what == name || last == name
        })
    })
}

/// The checks of a table that is to be released, by their names in the field.
const ANONYMITY: [&str; 14] = [
    "k_anonymity",
    "alpha_k_anonymity",
    "l_diversity",
    "entropy_l_diversity",
    "recursive_cl_diversity",
    "t_closeness",
    "basic_beta_likeness",
    "enhanced_beta_likeness",
    "delta_disclosure",
    "unique_rows",
    "rows_in_small_classes",
    "prosecutor_risk",
    "journalist_risk",
    "marketer_risk",
];

/// The family and the stage of a check, by its name.
fn family(check: &str) -> (&'static str, &'static str) {
    if check.starts_with("membership_") {
        ("membership", "privacy")
    } else if check.starts_with("pii_") {
        ("pii", "privacy")
    } else if check.starts_with("dp_") {
        ("dp", "privacy")
    } else if ANONYMITY.contains(&check) {
        ("anonymity", "privacy")
    } else if check.starts_with("usage_") {
        ("usage", "misuse")
    } else if matches!(check, "subject_overlap" | "skipped_rows") {
        ("dataset", "dataset")
    } else {
        ("fairness", "fairness")
    }
}

#[cfg(test)]
mod tests {
    use super::super::examples::{finding, rule};
    use super::*;
    use crate::domain::{Bound, GroupKey};

    fn by(features: &[&str]) -> By {
        By::Features(features.iter().map(|f| (*f).to_owned()).collect())
    }

    fn of_group(mut f: Finding, level: &str, reference: Option<&str>) -> Finding {
        let key = |level: &str| GroupKey::from([("sex".to_owned(), level.to_owned())]);
        f.subject.group = Some(key(level));
        f.subject.reference = reference.map(key);
        f
    }

    fn asked(check: &str, by: By) -> GateRule {
        GateRule { by, ..rule(check, Bound::AtMost(0.1)) }
    }

    #[test]
    fn every_takes_each_grouping_and_not_the_whole() {
        let all = [
            finding("d", &[], Ok(0.1)),
            finding("d", &["sex"], Ok(0.1)),
            finding("d", &["age"], Ok(0.1)),
        ];
        assert_eq!(matching(&asked("d", By::Every), &all).len(), 2);
        assert_eq!(matching(&asked("d", By::Whole), &all), [&all[0]]);
    }

    #[test]
    fn an_intersection_is_found_in_any_order() {
        let all = [finding("d", &["sex", "age"], Ok(0.1)), finding("d", &["sex"], Ok(0.1))];
        assert_eq!(matching(&asked("d", by(&["age", "sex"])), &all), [&all[0]]);
        assert!(matching(&asked("d", by(&["race"])), &all).is_empty());
    }

    #[test]
    fn a_comparison_is_judged_rather_than_its_pairs() {
        let worst = finding("d", &["sex"], Ok(0.2));
        let pair = of_group(finding("d", &["sex"], Ok(-0.2)), "f", Some("m"));
        let all = [worst, pair];
        assert_eq!(matching(&asked("d", By::Every), &all), [&all[0]]);
        let mut named = asked("d", by(&["sex"]));
        named.group.clone_from(&all[1].subject.group);
        assert_eq!(matching(&named, &all), [&all[1]]);
    }

    #[test]
    fn a_per_group_check_is_judged_in_every_group() {
        let base = || finding("true_positive_rate", &["sex"], Ok(0.8));
        let all = [of_group(base(), "f", None), of_group(base(), "m", None)];
        assert_eq!(matching(&asked("true_positive_rate", by(&["sex"])), &all).len(), 2);
    }

    #[test]
    fn each_attack_and_label_is_covered_unless_one_is_named() {
        let mut a = finding("membership_auc", &[], Ok(0.5));
        a.subject.attack = Some("loss".to_owned());
        let mut b = a.clone();
        b.subject.attack = Some("entropy".to_owned());
        let all = [a, b];
        let mut r = asked("membership_auc", By::Whole);
        assert_eq!(matching(&r, &all).len(), 2);
        r.attack = Some("entropy".to_owned());
        assert_eq!(matching(&r, &all), [&all[1]]);
        r.label = Some("EMAIL".to_owned());
        assert!(matching(&r, &all).is_empty());
    }

    #[test]
    fn the_closest_reason_is_taken() {
        let entry = |what: &str| NotRun {
            what: what.to_owned(),
            reason: "skipped".to_owned(),
            because: what.to_owned(),
        };
        let all = [entry("privacy"), entry("privacy.pii"), entry("misuse")];
        let why = |check: &str| reason(&asked(check, By::Whole), &all).map(|n| n.what.as_str());
        assert_eq!(why("pii_direct_identifiers"), Some("privacy.pii"));
        assert_eq!(why("membership_auc"), Some("privacy"));
        assert_eq!(why("usage_violations"), Some("misuse"));
        assert_eq!(why("accuracy"), None);
    }
}
