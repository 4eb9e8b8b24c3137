//! The manuals of the differential-privacy checks.

use crate::domain::Ideal;

crate::check! {
    /// The ε that the declared training has at its δ, by the Rényi accountant: an upper bound.
    ///
    /// **Formula** `min_α [T ρ(α) + ln((α − 1)/α) − (ln δ + ln α)/(α − 1)]` over orders from 1.1 to
    /// 1024, `ρ` being the Rényi divergence of one step of the Gaussian mechanism with noise
    /// multiplier `σ` on a Poisson sample of rate `q`; a row is added or removed.
    /// **Range** 0 and up. **Ideal** 0.
    /// **Undefined** never. No interval: it is computed from the numbers of a training, which this tool
    /// cannot verify where they were declared; of its own trainings (`model.train.dp`) it knows them.
    /// **Source** Mironov, Talwar, Zhang 2019 (arXiv 1908.10530); Balle et al. 2020 (arXiv
    /// 1905.09982). **Peer** `dp_accounting.rdp`, `opacus.accountants.RDPAccountant`.
    DpEpsilonRdp, "DP001", "dp_epsilon_rdp", Ideal::Zero
}

crate::check! {
    /// The ε that the declared training has at its δ, by numerical composition of its privacy loss.
    ///
    /// **Formula** the smallest `ε` with `δ(ε) ≤ δ`, the worse of adding and removing a row; the value
    /// is the upper end and the interval both ends of what the grid, the tails and the rounding leave
    /// open, which no chance is left in. **Range** 0 and up. **Ideal** 0.
    /// **Undefined** `Unbounded` where `δ` is so small that rounding errors are not small against it.
    /// **Source** Gopi, Lee, Wutschitz 2021 (arXiv 2106.02848).
    /// **Peer** `dp_accounting.pld`; `opacus.accountants.PRVAccountant`, which looks at removal alone.
    DpEpsilonPrv, "DP002", "dp_epsilon_prv", Ideal::Zero
}

crate::check! {
    /// How far the strongest evidence against the claimed ε exceeds it.
    ///
    /// **Formula** `max(0, b − ε)` over `b`: the lower end of `dp_epsilon_prv`, and every lower bound
    /// on ε from an attack. 0 is no proof of the claim; above 0 the claim is false, or the training
    /// is not what was declared. **Range** 0 and up. **Ideal** 0.
    /// **Undefined** never; without a claim there is no finding. No interval: its parts have theirs.
    /// **Source** Jagielski, Ullman, Oprea 2020 (arXiv 2006.07709).
    DpClaimExcess, "DP003", "dp_claim_excess", Ideal::Zero
}

crate::check! {
    /// Lower bound on ε from the error rates of an attack at a threshold that was chosen on one half of
    /// the records and tested on the other.
    ///
    /// **Formula** `max(ln((TPR_lo − δ)/FPR_hi), ln((TNR_lo − δ)/FNR_hi), 0)` with Clopper–Pearson ends;
    /// very low scores that prove non-membership count as much as very high ones. The level of the
    /// interval holds for all bounds of one audit together (Bonferroni). **Range** 0 and up. **Ideal** 0.
    /// **Undefined** `TooFew` where a half has fewer than two members or non-members.
    /// **Source** Jagielski, Ullman, Oprea 2020 (arXiv 2006.07709); Nasr et al. 2021 (arXiv 2101.04535).
    /// **Peer** `tensorflow_privacy` `epsilon_lower_bound`, which takes the largest over all thresholds
    /// and finds a leak in more than nine of ten attacks that know nothing.
    EpsilonClopperPearson, "DP010", "membership_epsilon_lower_bound_clopper_pearson", Ideal::Zero
}

crate::check! {
    /// Lower bound on the `μ` of Gaussian differential privacy, from the same rates.
    ///
    /// **Formula** `max(Φ⁻¹(1 − FPR_hi) − Φ⁻¹(FNR_hi), 0)` with Clopper–Pearson ends; the evidence has the
    /// `ε` that this `μ` means at `δ`. It speaks about trainings whose trade-off is Gaussian, as that of
    /// noisy gradients nearly is. **Range** 0 and up. **Ideal** 0.
    /// **Undefined** `TooFew` where a half has fewer than two members or non-members.
    /// **Source** Nasr et al. 2023 (arXiv 2302.07956); Dong, Roth, Su 2022, JRSS B 84.
    MuClopperPearson, "DP011", "membership_mu_lower_bound_clopper_pearson", Ideal::Zero
}

crate::check! {
    /// Lower bound on ε from one training in which each record was a member by its own fair coin.
    ///
    /// **Formula** `sup{ε: p(ε) < α}`, `p = P[W ≥ v] + 2mδ max_i P[v−i ≤ W < v]/i`, `W ~ Bin(r, e^ε/(1+e^ε))`:
    /// of `m` records the `r/2` highest scores are guessed to be members and the `r/2` lowest not, `v`
    /// rightly; `r` is fixed beforehand. **Range** 0 and up. **Ideal** 0.
    /// **Undefined** `TooFew` without a guess. Membership that was drawn otherwise than by coins makes it
    /// an illustration and no bound.
    /// **Source** Steinke, Nasr, Jagielski 2023 (arXiv 2305.08846). **Peer** `privacy_meter`, which takes
    /// the largest over a grid of `r` and so finds a leak in three of eight attacks that know nothing.
    EpsilonOneRun, "DP012", "membership_epsilon_lower_bound_one_run", Ideal::Zero
}

crate::check! {
    /// Lower bound on the `μ` of Gaussian differential privacy from one training with fair coins.
    ///
    /// **Formula** the largest `μ` that the recursion of the source refutes for the same guesses as
    /// `membership_epsilon_lower_bound_one_run`; the evidence has the `ε` that this `μ` means at `δ`.
    /// **Range** 0 and up. **Ideal** 0.
    /// **Undefined** `TooFew` without a guess. Membership that was drawn otherwise than by coins makes it
    /// an illustration and no bound.
    /// **Source** Mahloujifar, Melis, Chaudhuri 2024 (arXiv 2410.22235), algorithm 2.
    /// **Peer** `privacy_guard` `FDPAnalysisNode`, on a grid of noises of step 0.01.
    MuOneRun, "DP013", "membership_mu_lower_bound_one_run", Ideal::Zero
}
