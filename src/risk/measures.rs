//! What could be done. Keys only: the words live in the report.

use crate::domain::{Measure, Risk};

/// The measures that address each kind of risk, the most direct first.
///
/// **Source** the risk treatment options of ISO 31000:2018, 6.5.2: remove the source, change the
/// likelihood, change the consequence. `group_thresholds` Hardt, Price, Srebro 2016, §4;
/// `regularise_or_dp_sgd` Abadi et al. 2016; `limit_output_precision` Shokri et al. 2017, §VIII;
/// `generalise_or_suppress` Samarati, Sweeney 1998; `human_review` EU 2024/1689, article 14.
const CATALOGUE: [(&str, &[&str]); 11] = [
    ("unequal_selection", &["group_thresholds", "collect_more_data", "human_review"]),
    ("unequal_errors", &["group_thresholds", "collect_more_data", "human_review"]),
    ("unequal_precision", &["group_thresholds", "collect_more_data", "human_review"]),
    ("unequal_accuracy", &["collect_more_data", "human_review"]),
    ("inaccuracy", &["collect_more_data", "human_review"]),
    ("membership_leak", &["regularise_or_dp_sgd", "limit_output_precision"]),
    ("personal_data", &["remove_or_mask_personal_data"]),
    ("reidentification", &["generalise_or_suppress", "remove_or_mask_personal_data"]),
    ("misuse", &["enforce_policy_at_gateway", "human_review"]),
    ("data_quality", &["repair_data"]),
    ("unknown", &["run_missing_check"]),
];

/// Every measure that addresses one of `risks`, in the order in which the register first needs it.
/// A risk that is known with low confidence can also be answered by more data.
pub(super) fn measures(risks: &[Risk]) -> Vec<Measure> {
    let mut measures: Vec<Measure> = Vec::new();
    for risk in risks {
        for key in keys(risk) {
            match measures.iter_mut().find(|m| m.key == key) {
                Some(measure) => measure.risks.push(risk.id.clone()),
                None => {
                    measures.push(Measure { key: key.to_owned(), risks: vec![risk.id.clone()] });
                }
            }
        }
    }
    measures
}

fn keys(risk: &Risk) -> Vec<&'static str> {
    let known = CATALOGUE.iter().find(|(kind, _)| *kind == risk.kind);
    let mut keys = known.map_or_else(Vec::new, |(_, keys)| keys.to_vec());
    let sampled = risk.derivation.method == "normal_interval";
    if risk.derivation.low_confidence && sampled && !keys.contains(&"collect_more_data") {
        keys.push("collect_more_data");
    }
    keys
}
