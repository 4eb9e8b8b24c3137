//! The manuals of what is measured on the scores of an attack in each group.

use crate::domain::Ideal;

crate::check! {
    /// Chance that a member of the group scores higher than a non-member of the same group.
    ///
    /// **Formula** `P(s_in > s_out) + ½ P(s_in = s_out)` over the rows of one group. Of all attacks the strongest
    /// is measured in groups, and each that was asked for by name. **Range** 0 to 1. **Ideal** ½.
    /// **Undefined** `TooFew` where members or non-members of the group are fewer than the minimum group size.
    /// **Source** Carlini et al. 2022 (arXiv 2112.03570); groups: Kulynych et al. 2022 (arXiv 1906.00389);
    /// interval: `DeLong` et al. 1988.
    /// **Peer** `tensorflow_privacy` slices, without interval or comparison.
    GroupAuc, "PR011", "membership_group_auc", Ideal::Half
}

crate::check! {
    /// Share of the group's members that an attacker finds with one threshold for everybody.
    ///
    /// **Formula** members of the group at or above the threshold, divided by its members; the threshold is the
    /// last one that accuses at most 1 in 100 of all non-members. The attacker of the report does the same to all
    /// rows, whoever they are. The group's own false alarms are in the evidence. Clopper–Pearson interval of the
    /// share at that threshold. **Range** 0 to 1. **Ideal** 0.01.
    /// **Undefined** `TooFew` where members or non-members of the group are fewer than the minimum group size.
    /// **Source** Carlini et al. 2022 (arXiv 2112.03570); groups: Kulynych et al. 2022 (arXiv 1906.00389).
    GroupTpr, "PR012", "membership_group_tpr_at_fpr_0.01", Ideal::Zero
}

crate::check! {
    /// Share of the group's members that an attacker finds with a threshold of the group's own.
    ///
    /// **Formula** TPR at the last step of the group's own ROC with `FPR ≤ 0.01`, not interpolated; below 100
    /// non-members that is the step without a false alarm. It asks for an attacker who knows the group.
    /// Clopper–Pearson interval of the share at that threshold. **Range** 0 to 1. **Ideal** 0.01.
    /// **Undefined** `TooFew` where members or non-members of the group are fewer than the minimum group size.
    /// **Source** Carlini et al. 2022 (arXiv 2112.03570).
    GroupOwnTpr, "PR013", "membership_group_own_tpr_at_fpr_0.01", Ideal::Zero
}

crate::check! {
    /// The most that one threshold tells members of the group from its non-members by.
    ///
    /// **Formula** `max_t |TPR(t) − FPR(t)|` over the rows of one group, with the interval of
    /// `membership_advantage`. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** `TooFew` where members or non-members of the group are fewer than the minimum group size.
    /// **Source** Yeom et al. 2018 (arXiv 1709.01604); Massart 1990, Annals of Probability 18.
    GroupAdvantage, "PR014", "membership_group_advantage", Ideal::Zero
}

crate::check! {
    /// What the attack proves about ε from the rows of one group alone.
    ///
    /// **Formula** as `membership_epsilon_lower_bound_clopper_pearson`: the threshold is chosen on one half of the
    /// group's rows and tested on the other, `max{ln((TPR_lo − δ)/FPR_hi), ln((TNR_lo − δ)/FNR_hi), 0}`; the error is
    /// shared out among all groups of the audit (Bonferroni). A small group proves little, whatever it gives away.
    /// **Range** 0 and up. **Ideal** 0.
    /// **Undefined** `TooFew` where members or non-members of the group are fewer than the minimum group size.
    /// **Source** Jagielski, Ullman, Oprea 2020 (arXiv 2006.07709); Nasr et al. 2021 (arXiv 2101.04535).
    GroupEpsilon, "PR015", "membership_group_epsilon_lower_bound", Ideal::Zero
}

crate::check! {
    /// How much more one group gives away than another, over all thresholds.
    ///
    /// **Formula** largest less smallest `membership_group_auc` of the groups. The interval of the gap is that of all
    /// pairs together: `AUC_a − AUC_b ± z √(v_a + v_b)` with `DeLong`'s variances and Tukey's critical value for so
    /// many groups (method `tukey_delong`); its ends are the largest of the pairs' ends, so that picking the widest pair
    /// is counted. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** `OneGroup` with fewer than two groups; `GroupUndefined` where a group has no AUC. No interval where
    /// a group's AUC has no variance, as at exactly 0 or 1.
    /// **Source** `DeLong` et al. 1988; Tukey 1953; Hayter 1984, Annals of Statistics 12.
    GroupAucDifference, "PR016", "membership_group_auc_difference", Ideal::Zero
}

crate::check! {
    /// How much more often members of one group are found than those of another, with one threshold for everybody.
    ///
    /// **Formula** largest less smallest `membership_group_tpr_at_fpr_0.01`. Its interval is that of all pairs together:
    /// Newcombe's, with the error divided by their number (method `newcombe_bonferroni`); its ends are the largest of the
    /// pairs' ends. The threshold counts as given. **Range** 0 to 1. **Ideal** 0.
    /// **Undefined** `OneGroup` with fewer than two groups; `GroupUndefined` where a group has no rate.
    /// **Source** Newcombe 1998, Statistics in Medicine 17, method 10; Bonferroni.
    GroupTprDifference, "PR017", "membership_group_tpr_at_fpr_0.01_difference", Ideal::Zero
}
