//! What a finding is a risk of, and which findings speak of the same thing.

use crate::domain::{Finding, Stage, Undefined};

/// Checks of attacks that speak of the data or of the tool, not of a leak.
const BESIDE_PRIVACY: [&str; 2] = ["membership_blind_auc", "membership_attacks_below_chance"];

/// The catalogue key of the risk and the family of checks that share one row of the register.
///
/// | kind | checks |
/// |---|---|
/// | `unequal_selection` | demographic parity, selection and base rates of groups |
/// | `unequal_errors` | equalised odds, equal opportunity, the four error rates of groups |
/// | `unequal_precision` | precision and the rates among the predicted, of groups |
/// | `unequal_accuracy` | accuracy, ranking and calibration measures of groups |
/// | `inaccuracy` | the same measures of the whole population, where nothing is compared |
/// | `membership_leak`, `personal_data`, `reidentification`, `misuse`, `data_quality` | the other rooms |
/// | `unknown` | any check that did not run |
///
/// In fairness a family is the base measure without its aggregate (`demographic_parity`), all
/// membership attacks are one family, and elsewhere each check is its own.
pub(super) fn kind_and_family(finding: &Finding) -> (&'static str, String) {
    if matches!(finding.value, Err(Undefined::NotRun { .. })) {
        return ("unknown", finding.check.clone());
    }
    if BESIDE_PRIVACY.contains(&finding.check.as_str()) {
        return ("data_quality", finding.check.clone());
    }
    match finding.stage {
        Stage::Dataset => ("data_quality", finding.check.clone()),
        Stage::Misuse => ("misuse", finding.check.clone()),
        Stage::Privacy if BESIDE_PRIVACY.contains(&finding.check.as_str()) => {
            ("data_quality", finding.check.clone())
        }
        Stage::Privacy if finding.check.starts_with("membership_") => {
            ("membership_leak", "membership".to_owned())
        }
        Stage::Privacy if finding.code.starts_with("DP") => {
            ("membership_leak", "differential_privacy".to_owned())
        }
        Stage::Privacy if finding.code.starts_with("AN") => {
            ("reidentification", finding.check.clone())
        }
        Stage::Privacy => ("personal_data", finding.check.clone()),
        Stage::Fairness => {
            let base = base(&finding.check);
            (fairness(base, finding.subject.by.is_empty()), base.to_owned())
        }
    }
}

/// The measure without its aggregate over groups.
fn base(check: &str) -> &str {
    let check = check.strip_prefix("worst_class_").unwrap_or(check);
    let check = check.strip_suffix("_to_overall").unwrap_or(check);
    let check = check.strip_suffix("_mean").unwrap_or(check);
    let aggregates = ["_difference", "_ratio", "_group_min", "_group_max"];
    aggregates.into_iter().find_map(|a| check.strip_suffix(a)).unwrap_or(check)
}

fn fairness(base: &str, whole: bool) -> &'static str {
    match base {
        "count" => "data_quality",
        _ if whole => "inaccuracy",
        "demographic_parity"
        | "mean_prediction"
        | "exposure_share"
        | "exposure_to_relevance"
        | "top_k_share"
        | "top_k_representation"
        | "mean_outcome"
        | "disparate_impact"
        | "selection_rate"
        | "predicted_positive_share"
        | "base_rate" => "unequal_selection",
        "equalized_odds"
        | "average_odds"
        | "average_abs_odds"
        | "predictive_equality"
        | "generalized_true_positive_rate"
        | "generalized_false_positive_rate"
        | "equal_opportunity"
        | "recall_macro"
        | "true_positive_rate"
        | "false_positive_rate"
        | "true_negative_rate"
        | "false_negative_rate" => "unequal_errors",
        "precision"
        | "false_discovery_rate"
        | "false_omission_rate"
        | "precision_macro"
        | "precision_weighted"
        | "negative_predictive_value" => "unequal_precision",
        _ => "unequal_accuracy",
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::finding;
    use super::*;

    fn kind(stage: Stage, check: &str, by: &[&str]) -> (&'static str, String) {
        let mut f = finding(check, Ok(0.5), None);
        f.stage = stage;
        f.subject.by = by.iter().map(|s| (*s).to_owned()).collect();
        kind_and_family(&f)
    }

    #[test]
    fn aggregates_of_one_measure_are_one_family() {
        for check in ["demographic_parity_ratio", "demographic_parity_difference"] {
            let (kind, family) = kind(Stage::Fairness, check, &["sex"]);
            assert_eq!((kind, family.as_str()), ("unequal_selection", "demographic_parity"));
        }
    }

    #[test]
    fn every_room_has_its_kind() {
        let of = |stage, check, by: &[&str]| kind(stage, check, by).0;
        assert_eq!(of(Stage::Fairness, "equalized_odds_difference", &["sex"]), "unequal_errors");
        assert_eq!(of(Stage::Fairness, "precision_ratio", &["sex"]), "unequal_precision");
        assert_eq!(of(Stage::Fairness, "roc_auc_difference", &["sex"]), "unequal_accuracy");
        assert_eq!(of(Stage::Fairness, "accuracy", &[]), "inaccuracy");
        assert_eq!(of(Stage::Privacy, "membership_auc", &[]), "membership_leak");
        assert_eq!(of(Stage::Privacy, "membership_blind_auc", &[]), "data_quality");
        assert_eq!(of(Stage::Privacy, "pii_direct_identifiers", &[]), "personal_data");
        assert_eq!(of(Stage::Misuse, "usage_missing_review", &[]), "misuse");
        assert_eq!(of(Stage::Dataset, "subject_overlap", &[]), "data_quality");
        let mut f = finding("membership_auc", Ok(0.5), None);
        f.value = Err(Undefined::NotRun { because: "of x".to_owned() });
        assert_eq!(kind_and_family(&f).0, "unknown");
    }
}
