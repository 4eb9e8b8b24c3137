//! The manuals of what is measured on the scores of an attack.

use crate::domain::{Ideal, to_f64};
use crate::stats::Roc;

crate::check! {
    /// Chance that a member scores higher than a non-member.
    ///
    /// **Formula** `P(s_in > s_out) + ½ P(s_in = s_out)`. **Range** 0 to 1. **Ideal** ½.
    /// An interval wholly below ½ points at a fault of the data or of the tool, not at privacy.
    /// **Undefined** `TooFew` with fewer than two members or non-members.
    /// **Source** Carlini et al. 2022 (arXiv 2112.03570); interval: `DeLong` et al. 1988.
    /// **Peer** `sklearn.metrics.roc_auc_score`.
    MembershipAuc, "PR001", "membership_auc", Ideal::Half
}

crate::check! {
    /// The most that one threshold tells members from non-members by.
    ///
    /// **Formula** `max_t |TPR(t) − FPR(t)|`, which is the Kolmogorov–Smirnov distance of the scores.
    /// Its interval is `± (ε_in + ε_out)` with `ε = √(ln(4/α) / 2n)`, valid for every threshold at
    /// once (Dvoretzky–Kiefer–Wolfowitz, method `dkw`). **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** `TooFew` with fewer than two members or non-members.
    /// **Source** Yeom et al. 2018 (arXiv 1709.01604); Massart 1990, Annals of Probability 18.
    /// **Peer** `tensorflow_privacy` attacker advantage.
    MembershipAdvantage, "PR002", "membership_advantage", Ideal::Zero
}

crate::check! {
    /// Share of the members that are recognised when one non-member in a hundred is accused.
    ///
    /// **Formula** TPR at the last step of the ROC with `FPR ≤ 0.01`, not interpolated.
    /// Clopper–Pearson interval of the share at that threshold. **Range** 0 to 1. **Ideal** 0.01.
    /// **Undefined** `TooFew` with fewer than two members or non-members; below one allowed false
    /// alarm the value is that of no false alarm, and the evidence says the resolution.
    /// **Source** Carlini et al. 2022 (arXiv 2112.03570).
    MembershipTprAtFpr001, "PR003", "membership_tpr_at_fpr_0.01", Ideal::Zero
}

crate::check! {
    /// Share of the members that are recognised when one non-member in a thousand is accused.
    ///
    /// **Formula** TPR at the last step of the ROC with `FPR ≤ 0.001`, not interpolated.
    /// Clopper–Pearson interval of the share at that threshold. **Range** 0 to 1. **Ideal** 0.001.
    /// **Undefined** `TooFew` with fewer than two members or non-members; below one allowed false
    /// alarm the value is that of no false alarm, and the evidence says the resolution.
    /// **Source** Carlini et al. 2022 (arXiv 2112.03570).
    MembershipTprAtFpr0001, "PR004", "membership_tpr_at_fpr_0.001", Ideal::Zero
}

/// The largest share of members among the rows at or above a threshold, if there were as many
/// non-members for each member as there are; thresholds that no more than 1 in 1,000 of either reach
/// count as guesses.
#[must_use]
pub fn positive_predictive_value(roc: &Roc) -> f64 {
    let (members, others) = roc.sizes();
    let r = to_f64(others) / to_f64(members);
    let (fpr, tpr) = roc.points();
    let value = |(f, t): (&f64, &f64)| {
        if *t <= 1e-3 && *f <= 1e-3 { 1.0 / (1.0 + r) } else { t / (t + r * f) }
    };
    fpr.iter().zip(tpr).map(value).fold(0.0, f64::max)
}
