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

crate::check! {
    /// Share of the members that are recognised when one non-member in ten thousand is accused.
    ///
    /// **Formula** TPR at the last step of the ROC with `FPR ≤ 0.0001`, not interpolated.
    /// Clopper–Pearson interval of the share at that threshold. **Range** 0 to 1. **Ideal** 0.0001.
    /// **Undefined** `TooFew` with fewer than two members or non-members; below one allowed false
    /// alarm (fewer than 10,000 non-members) the value is that of no false alarm, and the evidence
    /// says the resolution.
    /// **Source** Carlini et al. 2022 (arXiv 2112.03570).
    MembershipTprAtFpr00001, "PR008", "membership_tpr_at_fpr_0.0001", Ideal::Zero
}

crate::check! {
    /// The most that one threshold gets right of members and non-members, counted as equally many.
    ///
    /// **Formula** `max_t (TPR(t) + 1 − FPR(t)) / 2`. Interval as that of the advantage, half as wide.
    /// **Range** 0 to 1. **Ideal** ½.
    /// **Undefined** `TooFew` with fewer than two members or non-members.
    /// **Source** Carlini et al. 2022 (arXiv 2112.03570).
    MembershipBalancedAccuracy, "PR006", "membership_balanced_accuracy", Ideal::Half
}

crate::check! {
    /// How sure an accusation can be: the largest share of members among the rows above a threshold.
    ///
    /// **Formula** `max_t TPR(t) / (TPR(t) + r FPR(t))`, r non-members for each member; a threshold that at
    /// most 1 in 1,000 of either reach counts as a guess, `1 / (1 + r)`. The lower end of its interval is
    /// the same with the simultaneous limits of both rates (method `simultaneous_clopper_pearson`), since
    /// the threshold was chosen; the upper end is 1. **Range** 0 to 1. **Ideal** the share of members.
    /// **Undefined** `TooFew` with fewer than two members or non-members.
    /// **Source** Jayaraman et al. 2021 (arXiv 2005.10881).
    /// **Peer** `tensorflow_privacy` `get_ppv`, which has no interval.
    MembershipPpv, "PR007", "membership_ppv", Ideal::None
}

crate::check! {
    /// Number of training rows that can be named with one false name in twenty on average.
    ///
    /// **Formula** members with `q ≤ 0.05`, q the Benjamini–Hochberg adjusted p-values
    /// `(1 + non-members that score at least as high) / (1 + non-members)`. No interval: it counts these rows.
    /// **Range** 0 and up. **Ideal** 0.
    /// **Undefined** `TooFew` with fewer than two members or non-members; not run for a trained attacker,
    /// whose scores were learned from the memberships.
    /// **Source** Benjamini and Hochberg 1995, JRSS B 57; such p-values: Bates et al. 2023, Annals of
    /// Statistics 51.
    MembershipIdentifiable, "PR009", "membership_identifiable_records", Ideal::Zero
}

crate::check! {
    /// Share of the members that the strongest of all attacks recognises when one non-member in a hundred is
    /// accused: the one number to quote.
    ///
    /// **Formula** the largest TPR at `FPR ≤ 0.01` of the attacks that ran. Its Clopper–Pearson interval has
    /// the error divided by their number, since the largest was picked. **Range** 0 to 1. **Ideal** 0.01.
    /// **Undefined** `TooFew` with fewer than two members or non-members.
    /// **Source** Carlini et al. 2022 (arXiv 2112.03570); Bonferroni.
    MembershipStrongest, "PR010", "membership_strongest_tpr_at_fpr_0.01", Ideal::Zero
}

crate::check! {
    /// Number of attacks that are wrong more often than a guess.
    ///
    /// **Formula** attacks whose AUC lies below ½ beyond chance: the interval of `membership_auc` with the error
    /// divided by the number of attacks ends below ½. Members that look less like members than others do point at
    /// swapped masks, a wrong sign or different data, not at privacy. No interval: it counts attacks.
    /// **Range** 0 and up. **Ideal** 0. **Undefined** never; absent where no attack ran.
    /// **Source** Bonferroni; `DeLong` et al. 1988. **Peer** none: Privacy Meter 2 ships its loss attack with the sign
    /// turned, and nothing says so.
    MembershipBelowChance, "PR019", "membership_attacks_below_chance", Ideal::Zero
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
