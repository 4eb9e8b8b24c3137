//! The likelihood-ratio attack with references on both sides.

use super::lira::{Variance, online};
use super::{Needs, Probe, Scene, Scored};
use crate::domain::{Ideal, Meta, Seed};

crate::check! {
    /// The likelihood-ratio attack with references that have seen a row and references that have not;
    /// a variance for each row.
    ///
    /// **Formula** `ln N(φ; μ_in, σ_in) − ln N(φ; μ_out, σ_out)`, μ the medians of the references' φ for the
    /// row, σ each row's own standard deviations (divided by n).
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has fewer than two IN or OUT references.
    /// **Source** Carlini et al. 2022, §V (arXiv 2112.03570), which writes means; its code takes medians.
    /// **Peer** `mi_lira_2021` `generate_ours`; with one reference a side its variance is 0, which is refused here.
    OnlinePerExample, "PR034", "lira.online.per_example_variance", Ideal::None
}

impl Probe for OnlinePerExample {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { inside: 2, outside: 2, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        online(scene, Variance::PerExample)
    }
}

crate::check! {
    /// The likelihood-ratio attack with references that have seen a row and references that have not;
    /// one variance for everything.
    ///
    /// **Formula** `ln N(φ; μ_in, σ_in) − ln N(φ; μ_out, σ_out)`, μ the medians of the references' φ for the
    /// row, σ one standard deviation, that of all IN values about their grand mean, on both sides.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has fewer than one IN or OUT reference.
    /// **Source** Carlini et al. 2022, §V (arXiv 2112.03570), which writes means; its code takes medians.
    /// **Peer** `mi_lira_2021` with `fix_variance`, whose OUT side takes the IN deviation too.
    OnlineGlobal, "PR035", "lira.online.global_variance", Ideal::None
}

impl Probe for OnlineGlobal {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { inside: 1, outside: 1, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        online(scene, Variance::Global)
    }
}

crate::check! {
    /// The likelihood-ratio attack with references that have seen a row and references that have not;
    /// one variance for each side.
    ///
    /// **Formula** `ln N(φ; μ_in, σ_in) − ln N(φ; μ_out, σ_out)`, μ the medians of the references' φ for the
    /// row, σ one standard deviation for each side, that of all values about their rows' medians.
    /// **Range** minus infinity to infinity, higher = member. **Ideal** members and non-members look alike.
    /// **Undefined** an error where a row has fewer than one IN or OUT reference.
    /// **Source** Carlini et al. 2022, §V (arXiv 2112.03570), which writes means; its code takes medians.
    /// **Peer** `tensorflow_privacy` `compute_score_lira` with `fix_variance`.
    OnlineResidual, "PR036", "lira.online.residual_variance", Ideal::None
}

impl Probe for OnlineResidual {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { inside: 1, outside: 1, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        online(scene, Variance::Residual)
    }
}
