//! The manuals of the explanations.

use crate::domain::{Ideal, Meta};

/// Parts of a gap in selection rates.
pub(super) static PARTS: Meta = Meta {
    code: "FA421",
    name: "selection_rate_gap_parts",
    ideal: Ideal::Zero,
    explain: "Gap between the selection rates of a group and of the reference group, split into parts \
              that add up to it.\n\n\
              **Formula** `P(ŷ = 1 | g) − P(ŷ = 1 | r) = base_rate + score_distribution + \
              operating_point`. With π the base rate, T and F the true and false positive rate, and a \
              bar for the mean of both groups: `base_rate = (π_g − π_r) · mean(T − F)`, and \
              `error_rates = π̄ (T_g − T_r) + (1 − π̄) (F_g − F_r)` (Kitagawa). Where there are scores, \
              `error_rates` splits once more: T* and F* are the point of each group's own ROC curve at \
              which it has the slope of the mean curve at the mean F, so that both groups are selected \
              on equally strong evidence; `score_distribution = π̄ (T*_g − T*_r) + (1 − π̄) (F*_g − \
              F*_r)` is what the scores tell apart better in one group, and `operating_point = \
              error_rates − score_distribution` is what comes from cutting the curves at different \
              places: because the scores of one group are on another scale (miscalibration), because \
              thresholds differ, or because a score that is calibrated in both groups carries their \
              different base rates.\n\
              **Range** -1 to 1. **Ideal** 0.\n\
              **Undefined** `GroupUndefined` when one of the two has no actual positives or no actual \
              negatives; `NotRun` when the rows carry weights.\n\
              **Reference** the declared group, else the largest one.\n\
              **Interval** Newcombe's of the gap; none for the parts, because the slope of a sampled \
              curve has no closed-form error. A part describes the data and proves no cause.\n\
              **Source** Kitagawa 1955, JASA 50, 1168–1194; Oaxaca 1973, International Economic Review \
              14, 693–709; Fawcett 2006, Pattern Recognition Letters 27, §6 (slope and odds).\n\
              **Peer** none.\n",
};

/// ROC curves of the groups.
pub(super) static ROC: Meta = Meta {
    code: "FA422",
    name: "roc_gap",
    ideal: Ideal::Zero,
    explain: "Largest vertical distance between the ROC curves of two groups: how much more of one \
              group's positives is found at the same share of false alarms.\n\n\
              **Formula** `max_f (max_g T_g(f) − min_g T_g(f))`; `T_g(f)` is the highest true positive \
              rate on the curve of group g at the false positive rate f, its vertices joined by \
              straight lines; f runs over the vertices of all curves.\n\
              **Evidence** one curve per group, at most 65 points. In tables of more than \
              16,384 rows neighbouring scores may be taken together, in steps of nearly equal numbers of rows.\n\
              **Range** 0 to 1. **Ideal** 0. **Undefined** `NoScores` without scores, `OneGroup` when \
              fewer than two groups are large enough, `GroupUndefined` when a group has only one \
              class, `NotRun` when the rows carry weights.\n\
              **Interval** none; a largest distance of sampled curves lies above that of the \
              population, the more so the smaller the groups.\n\
              **Source** Fawcett 2006, Pattern Recognition Letters 27, 861–874; for areas between \
              curves Gardner, Brooks, Baker 2019, LAK.\n\
              **Peer** `fairlearn.postprocessing.plot_threshold_optimizer` draws the curves.\n",
};

/// Reliability of the groups' scores.
pub(super) static RELIABILITY: Meta = Meta {
    code: "FA423",
    name: "reliability_gap",
    ideal: Ideal::Zero,
    explain: "Largest distance between mean score and share of actual positives in a bin of a \
              group.\n\n\
              **Formula** `max_{g, b} |mean(score | g, b) − P(y = 1 | g, b)|`; the bins b are tenths of \
              all scores of the grouping, equal scores in one bin; only bins with at least 10 rows of \
              the group, and no fewer than the declared minimum, take part.\n\
              **Evidence** one curve per group, share of positives over mean score, with the rows of \
              each bin.\n\
              **Range** 0 to 1. **Ideal** 0. **Undefined** `NoScores` without scores, `OneGroup` when \
              fewer than two groups are large enough, `TooFew` when no bin has enough rows, `NotRun` \
              when the rows carry weights.\n\
              **Interval** none; a largest distance over bins lies above that of the population, the \
              more so the smaller the bins.\n\
              **Source** Naeini, Cooper, Hauskrecht 2015, AAAI (maximum calibration error); \
              Kleinberg, Mullainathan, Raghavan 2017, ITCS (calibration within groups).\n\
              **Peer** `sklearn.calibration.calibration_curve` by group.\n",
};

/// Thresholds at which a rule passes.
pub(super) static THRESHOLDS: Meta = Meta {
    code: "FA431",
    name: "passing_thresholds",
    ideal: Ideal::One,
    explain: "Share of the thresholds of the score at which a comparison between groups keeps its \
              limit.\n\n\
              **Formula** `#{cuts that keep the limit} / #{cuts}`; a cut lies between two neighbouring \
              scores and selects the rows whose score is at least the threshold. Cuts that select \
              everybody or nobody are left out; in tables of more than 16,384 rows \
              neighbouring scores may be taken together, in steps of nearly equal numbers of rows. The label names the comparison; its limit is that of \
              the gate, or 0.8 for the demographic parity ratio and 0.1 for the equalized odds \
              difference where the gate has none.\n\
              **Evidence** the thresholds that pass, as ranges with both ends and the best accuracy in \
              each (the first 20); the most accurate threshold of all and of those that pass; the \
              comparison and the accuracy over the thresholds, at most 101 points.\n\
              **Range** 0 to 1. **Ideal** 1: the comparison does not hang on the threshold. \
              **Undefined** `NoScores` without scores, `OneGroup` when fewer than two groups are large \
              enough, `GroupUndefined` when a group has no rate of the comparison at any threshold, \
              `ZeroDenominator` when all scores are equal, `NotRun` when the rows carry weights.\n\
              **Interval** none; the thresholds are those of these rows, and a threshold chosen on them \
              has to be tried on others.\n\
              **Source** Hardt, Price, Srebro 2016, §3 and figure 1.\n\
              **Peer** `veritastool` searches one threshold per group; none lists the ranges.\n",
};

/// The check of one rate.
macro_rules! labels {
    ($code:literal, $rate:literal, $rows:literal) => {
        Meta {
            code: $code,
            name: concat!($rate, "_label_error"),
            ideal: Ideal::None,
            explain: concat!(
                "Smallest share of wrong group labels that would close the gap of `", $rate, "` between a \
                 group and the reference group.\n\n\
                 **Formula** `min{k : some exchange of k labels makes the gap 0 or turns its sign} / n`; n \
                 are ", $rows, " of both groups. The worst exchange moves only rows that lower the higher \
                 rate or raise the lower one when they move, so it is found exactly by counts.\n\
                 **Evidence** the lowest and the highest gap with 1, 2, 5 and 10 % of the labels wrong, \
                 `n` being their number; where rows have no label, the lowest and the highest gap if each \
                 of them belonged to either group.\n\
                 **Range** 0 to 1. **Ideal** none; the larger, the less the gap hangs on the labels. \
                 **Undefined** `GroupUndefined` when a group has no rate, `ZeroDenominator` when no \
                 exchange leaves both groups with rows, `NotRun` when the rows carry weights.\n\
                 **Interval** none; these are bounds over all ways to be wrong, not over samples.\n\
                 **Source** Horowitz and Manski 1995, Econometrica 63, 281–302 (bounds from contaminated \
                 data); Kallus, Mao, Zhou 2022, Management Science 68, 1959–1981.\n\
                 **Peer** none.\n"
            ),
        }
    };
}

/// Wrong labels, by rate.
pub(super) static LABELS: [Meta; 3] = [
    labels!("FA441", "selection_rate", "all rows"),
    labels!("FA442", "true_positive_rate", "the actual positives"),
    labels!("FA443", "false_positive_rate", "the actual negatives"),
];
