//! Which metrics and comparisons are reported, and what must be measured for them.

use super::comparisons::{COMPARISONS, Comparison};
use super::metrics::{AverageOdds, METRICS, Metric};

/// Which metrics and comparisons are reported.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Selection {
    /// What a reviewer needs: the base metrics of decisions, those of scores where there are scores,
    /// their differences and ratios, and the field's named comparisons.
    Default,
    /// Everything.
    #[default]
    All,
    /// The checks of these names.
    Named(Vec<String>),
}

/// Base metrics of decisions, and the area under the ROC curve, which says so without scores.
const DECISIONS: [&str; 16] = [
    "count",
    "base_rate",
    "selection_rate",
    "accuracy",
    "true_positive_rate",
    "false_positive_rate",
    "true_negative_rate",
    "false_negative_rate",
    "precision",
    "roc_auc",
    "balanced_accuracy",
    "f1",
    "false_discovery_rate",
    "negative_predictive_value",
    "false_omission_rate",
    "matthews_corrcoef",
];

/// Base metrics that are reported where there are scores.
const SCORES: [&str; 4] =
    ["average_precision", "brier_score", "log_loss", "expected_calibration_error"];

/// Comparisons that have a name of their own.
const NAMED: [&str; 10] = [
    "demographic_parity_difference",
    "demographic_parity_ratio",
    "equalized_odds_difference",
    "equalized_odds_ratio",
    "equal_opportunity_difference",
    "equal_opportunity_ratio",
    "predictive_parity_difference",
    "predictive_equality_difference",
    "average_odds_difference",
    "disparate_impact",
];

/// Comparisons that are also measured against a reference group.
const PAIRS: [&str; 7] = [
    "selection_rate_difference",
    "accuracy_difference",
    "true_positive_rate_difference",
    "false_positive_rate_difference",
    "precision_difference",
    "average_odds_difference",
    "disparate_impact",
];

impl Selection {
    fn metric(&self, name: &str, scores: bool) -> bool {
        match self {
            Self::Default => DECISIONS.contains(&name) || (scores && SCORES.contains(&name)),
            Self::All => true,
            Self::Named(names) => names.iter().any(|wanted| wanted == name),
        }
    }

    fn comparison(&self, name: &str, scores: bool) -> bool {
        let base = name.strip_suffix("_difference").or_else(|| name.strip_suffix("_ratio"));
        match self {
            Self::Default => {
                NAMED.contains(&name) || base.is_some_and(|base| self.metric(base, scores))
            }
            _ => self.metric(name, scores),
        }
    }
}

/// What is reported of one frame.
pub(super) struct Plan {
    /// Base metrics that are measured, in the order of the findings.
    pub(super) metrics: Vec<&'static dyn Metric>,
    /// Those among them that are reported.
    pub(super) reported: Vec<&'static str>,
    /// Comparisons that are reported.
    pub(super) comparisons: Vec<&'static Comparison>,
    /// Those among them that are also measured against a reference group.
    pub(super) pairs: Vec<&'static Comparison>,
    /// Those among them that are also measured within strata.
    pub(super) conditional: Vec<&'static Comparison>,
}

impl Plan {
    /// The plan for rows with or without scores; the checks of the `required` names are part of it.
    pub(super) fn new(selection: &Selection, required: &[String], scores: bool) -> Self {
        let must = |name: &str| required.iter().any(|asked| asked == name);
        let name = |metric: &&dyn Metric| metric.meta().name;
        let metric = |name: &&'static str| selection.metric(name, scores) || must(name);
        let reported: Vec<&str> = METRICS.iter().map(name).filter(metric).collect();
        let wanted =
            |c: &&Comparison| selection.comparison(c.meta.name, scores) || must(c.meta.name);
        let comparisons: Vec<&Comparison> = COMPARISONS.iter().filter(wanted).collect();
        let among = |names: &[&str], all: &[&'static Comparison]| -> Vec<&'static Comparison> {
            let listed =
                |c: &&Comparison| *selection != Selection::Default || names.contains(&c.meta.name);
            all.iter().copied().filter(listed).collect()
        };
        let compared = |code: &str| {
            comparisons.iter().any(|c| c.metrics.iter().any(|m| m.meta().code == code))
        };
        let hidden: &'static dyn Metric = &AverageOdds;
        let all = METRICS.iter().copied().chain([hidden]);
        let needed = |metric: &&'static dyn Metric| {
            reported.contains(&metric.meta().name) || compared(metric.meta().code)
        };
        let metrics = all.filter(needed).collect();
        let (pairs, conditional) = (among(&PAIRS, &comparisons), among(&NAMED, &comparisons));
        Self { metrics, reported, comparisons, pairs, conditional }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_of_the_default_exists() {
        let plan = Plan::new(&Selection::Default, &[], true);
        assert_eq!(plan.reported.len(), DECISIONS.len() + SCORES.len());
        assert_eq!((plan.pairs.len(), plan.conditional.len()), (PAIRS.len(), NAMED.len()));
        let differences = plan.comparisons.iter().filter(|c| c.meta.code.starts_with("FA1"));
        assert_eq!(differences.count(), plan.reported.len() - 1);
    }

    #[test]
    fn without_scores_the_default_leaves_out_what_needs_them() {
        let plan = Plan::new(&Selection::Default, &[], false);
        assert_eq!(plan.reported.len(), DECISIONS.len());
        assert!(plan.comparisons.iter().all(|c| !c.meta.name.starts_with("brier")));
        let required = ["abroca".to_owned(), "mean_score".to_owned()];
        let plan = Plan::new(&Selection::Default, &required, false);
        assert!(plan.comparisons.iter().any(|c| c.meta.name == "abroca"));
        assert!(plan.reported.contains(&"mean_score"));
    }

    #[test]
    fn all_is_everything_and_a_name_is_that_alone() {
        let all = Plan::new(&Selection::All, &[], false);
        assert_eq!((all.reported.len(), all.comparisons.len()), (METRICS.len(), COMPARISONS.len()));
        let named = Selection::Named(vec!["equalized_odds_ratio".to_owned()]);
        let plan = Plan::new(&named, &[], false);
        let measured: Vec<&str> = plan.metrics.iter().map(|m| m.meta().name).collect();
        assert_eq!(measured, ["true_positive_rate", "false_positive_rate"]);
        assert!(plan.reported.is_empty() && plan.comparisons.len() == 1);
    }
}
