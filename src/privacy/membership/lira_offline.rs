//! The likelihood-ratio attack with references that have not seen the row.

use super::lira::{Variance, one_sided, two_sided};
use super::{Needs, Probe, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed};

crate::check! {
    /// Rows of which the target is surer than the models that have not seen them are taken for members,
    /// in deviations of the row's own.
    ///
    /// **Formula** `(φ − μ_out) / σ_out`, which ranks as the one-sided test `Φ` of it; μ the median of the OUT
    /// references' φ, σ the row's own standard deviation of the OUT values (divided by n).
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has fewer than two OUT references.
    /// **Source** Carlini et al. 2022, §V-B, equation 4 (arXiv 2112.03570): the test has one side.
    /// **Peer** `LeakPro` and `SACRO-ML` by default; the published code and others are two-sided.
    OneSidedPerExample, "PR037", "lira.offline.one_sided.per_example_variance", Ideal::None
}

impl Probe for OneSidedPerExample {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { outside: 2, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        one_sided(scene, Variance::PerExample)
    }
}

crate::check! {
    /// Rows of which the target is surer than the models that have not seen them are taken for members,
    /// in deviations about the grand mean.
    ///
    /// **Formula** `(φ − μ_out) / σ_out`, which ranks as the one-sided test `Φ` of it; μ the median of the OUT
    /// references' φ, σ the standard deviation of all OUT values about their grand mean.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has fewer than one OUT reference.
    /// **Source** Carlini et al. 2022, §V-B, equation 4 (arXiv 2112.03570): the test has one side.
    /// **Peer** `LeakPro` and `SACRO-ML` by default; the published code and others are two-sided.
    OneSidedGlobal, "PR038", "lira.offline.one_sided.global_variance", Ideal::None
}

impl Probe for OneSidedGlobal {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { outside: 1, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        one_sided(scene, Variance::Global)
    }
}

crate::check! {
    /// Rows of which the target is surer than the models that have not seen them are taken for members,
    /// in deviations about the rows' medians.
    ///
    /// **Formula** `(φ − μ_out) / σ_out`, which ranks as the one-sided test `Φ` of it; μ the median of the OUT
    /// references' φ, σ the standard deviation of all OUT values about their rows' medians.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has fewer than one OUT reference.
    /// **Source** Carlini et al. 2022, §V-B, equation 4 (arXiv 2112.03570): the test has one side.
    /// **Peer** `LeakPro` and `SACRO-ML` by default; the published code and others are two-sided.
    OneSidedResidual, "PR039", "lira.offline.one_sided.residual_variance", Ideal::None
}

impl Probe for OneSidedResidual {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { outside: 1, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        one_sided(scene, Variance::Residual)
    }
}

crate::check! {
    /// The offline attack as its published code has it: also rows of which the target is less sure than
    /// the models that have not seen them are taken for members. Weaker than the one-sided test; kept for comparison.
    ///
    /// **Formula** `−ln N(φ; μ_out, σ_out)`, μ the median of the OUT references' φ, σ the row's own standard deviation of the OUT values (divided by n).
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has fewer than two OUT references.
    /// **Source** code of Carlini et al. 2022 (arXiv 2112.03570); their paper writes a one-sided test.
    /// **Peer** `mi_lira_2021` `generate_ours_offline`, `PrivacyGuard`.
    TwoSidedPerExample, "PR040", "lira.offline.two_sided.per_example_variance", Ideal::None
}

impl Probe for TwoSidedPerExample {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { outside: 2, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        two_sided(scene, Variance::PerExample)
    }
}

crate::check! {
    /// The offline attack as its published code has it: also rows of which the target is less sure than
    /// the models that have not seen them are taken for members. Weaker than the one-sided test; kept for comparison.
    ///
    /// **Formula** `−ln N(φ; μ_out, σ_out)`, μ the median of the OUT references' φ, σ the standard deviation of all OUT values about their grand mean.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has fewer than one OUT reference.
    /// **Source** code of Carlini et al. 2022 (arXiv 2112.03570); their paper writes a one-sided test.
    /// **Peer** `mi_lira_2021` `generate_ours_offline`, `PrivacyGuard`.
    TwoSidedGlobal, "PR041", "lira.offline.two_sided.global_variance", Ideal::None
}

impl Probe for TwoSidedGlobal {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { outside: 1, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        two_sided(scene, Variance::Global)
    }
}

crate::check! {
    /// The offline attack as its published code has it: also rows of which the target is less sure than
    /// the models that have not seen them are taken for members. Weaker than the one-sided test; kept for comparison.
    ///
    /// **Formula** `−ln N(φ; μ_out, σ_out)`, μ the median of the OUT references' φ, σ the standard deviation of all OUT values about their rows' medians.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has fewer than one OUT reference.
    /// **Source** code of Carlini et al. 2022 (arXiv 2112.03570); their paper writes a one-sided test.
    /// **Peer** `tensorflow_privacy` `compute_score_lira` with `fix_variance`.
    TwoSidedResidual, "PR042", "lira.offline.two_sided.residual_variance", Ideal::None
}

impl Probe for TwoSidedResidual {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { outside: 1, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        two_sided(scene, Variance::Residual)
    }
}
