//! Which metrics and comparisons are reported, and what must be measured for them.

use super::Options;
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

/// Rates that are tested or pooled.
const RATES: [&str; 6] = [
    "selection_rate",
    "accuracy",
    "true_positive_rate",
    "false_positive_rate",
    "precision",
    "negative_predictive_value",
];

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

    /// The comparisons of some names, unless everything or a choice was asked for.
    fn among(&self, names: &[&str], all: &[&'static Comparison]) -> Vec<&'static Comparison> {
        let listed = |c: &&Comparison| *self != Self::Default || names.contains(&c.meta.name);
        all.iter().copied().filter(listed).collect()
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
    /// Whether metrics without a closed-form interval are drawn again for one.
    pub(super) draws: bool,
}

impl Plan {
    /// The plan for rows with or without scores; the checks of the required names are part of it.
    pub(super) fn new(options: &Options, scores: bool) -> Self {
        let must = |name: &str| options.required.iter().any(|asked| asked == name);
        let selection = &options.metrics;
        let name = |metric: &&dyn Metric| metric.meta().name;
        let metric = |name: &&'static str| selection.metric(name, scores) || must(name);
        let reported: Vec<&str> = METRICS.iter().map(name).filter(metric).collect();
        let wanted =
            |c: &&Comparison| selection.comparison(c.meta.name, scores) || must(c.meta.name);
        let comparisons: Vec<&Comparison> = COMPARISONS.iter().filter(wanted).collect();
        let pairs = selection.among(&PAIRS, &comparisons);
        let tested = |name: &str| {
            let asked = |end: &&str| options.wants(&format!("{name}{end}"));
            RATES.contains(&name) && ["_test", "_pooled"].iter().any(asked)
        };
        let needed = |metric: &&'static dyn Metric| {
            let name = metric.meta().name;
            reported.contains(&name) || compared(&comparisons, *metric) || tested(name)
        };
        let metrics = every().filter(needed).collect();
        Self { metrics, reported, comparisons, pairs, draws: true }
    }

    /// The plan of the comparisons within strata.
    pub(super) fn conditional(options: &Options, scores: bool) -> Self {
        let whole = Self::new(options, scores);
        let comparisons = options.metrics.among(&NAMED, &whole.comparisons);
        let metrics = every().filter(|metric| compared(&comparisons, *metric)).collect();
        let (reported, pairs) = (Vec::new(), Vec::new());
        Self { metrics, reported, comparisons, pairs, draws: false }
    }
}

/// The base metrics, and those that only comparisons use.
fn every() -> impl Iterator<Item = &'static dyn Metric> {
    let hidden: &'static dyn Metric = &AverageOdds;
    METRICS.iter().copied().chain([hidden])
}

/// Whether a comparison rests on the metric.
fn compared(comparisons: &[&'static Comparison], metric: &dyn Metric) -> bool {
    let code = metric.meta().code;
    comparisons.iter().any(|c| c.metrics.iter().any(|m| m.meta().code == code))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(metrics: Selection, required: &[&str], scores: bool) -> Plan {
        let required = required.iter().map(|name| (*name).to_owned()).collect();
        Plan::new(&Options { metrics, required, ..Options::default() }, scores)
    }

    #[test]
    fn every_name_of_the_default_exists() {
        let default = plan(Selection::Default, &[], true);
        assert_eq!(default.reported.len(), DECISIONS.len() + SCORES.len());
        assert_eq!(default.pairs.len(), PAIRS.len());
        let differences = default.comparisons.iter().filter(|c| c.meta.code.starts_with("FA1"));
        assert_eq!(differences.count(), default.reported.len() - 1);
        let options = Options { metrics: Selection::Default, ..Options::default() };
        assert_eq!(Plan::conditional(&options, true).comparisons.len(), NAMED.len());
    }

    #[test]
    fn without_scores_the_default_leaves_out_what_needs_them() {
        let default = plan(Selection::Default, &[], false);
        assert_eq!(default.reported.len(), DECISIONS.len());
        assert!(default.comparisons.iter().all(|c| !c.meta.name.starts_with("brier")));
        let more = plan(Selection::Default, &["abroca", "mean_score"], false);
        assert!(more.comparisons.iter().any(|c| c.meta.name == "abroca"));
        assert!(more.reported.contains(&"mean_score"));
    }

    #[test]
    fn all_is_everything_and_a_name_is_that_alone() {
        let all = plan(Selection::All, &[], false);
        assert_eq!((all.reported.len(), all.comparisons.len()), (METRICS.len(), COMPARISONS.len()));
        let named = Selection::Named(vec!["equalized_odds_ratio".to_owned()]);
        let one = plan(named, &[], false);
        let measured: Vec<&str> = one.metrics.iter().map(|m| m.meta().name).collect();
        assert_eq!(measured, ["true_positive_rate", "false_positive_rate"]);
        assert!(one.reported.is_empty() && one.comparisons.len() == 1);
        let test = plan(Selection::Named(vec!["accuracy_test".to_owned()]), &[], false);
        assert_eq!((test.metrics.len(), test.reported.len()), (1, 0));
    }

    #[test]
    fn a_required_name_brings_itself_and_nothing_else() {
        let named = Selection::Named(vec!["accuracy".to_owned()]);
        let both = plan(named, &["mean_score"], false);
        assert_eq!(both.reported.len(), 2);
        assert!(["accuracy", "mean_score"].iter().all(|name| both.reported.contains(name)));
        assert!(both.comparisons.is_empty());
    }
}
