//! The population attack: is the loss of a row small among rows that no model was trained on?

use super::ranks::share_at_most;
use super::{Needs, Probe, Scene, Scored, loss};
use crate::domain::{Ideal, Meta, Seed};

crate::check! {
    /// Rows with a smaller loss than most rows of a population that nobody was trained on are taken
    /// for members.
    ///
    /// **Formula** share of the population whose loss is at least that of the row; one minus it is a
    /// p-value, so a threshold needs no knowledge of the pool.
    /// **Range** minus infinity to infinity: 0 to 1, higher = member.
    /// **Ideal** members and non-members look alike.
    /// **Undefined** an error without a population. As many ties as the population is small: the loss
    /// itself ranks finer.
    /// **Source** Ye et al. 2022, Attack-P (arXiv 2111.09679).
    /// **Peer** Privacy Meter 1 (its version 2 returns the loss attack with its sign turned round).
    Population, "PR027", "population", Ideal::None
}

impl Probe for Population {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn needs(&self) -> Needs {
        Needs { population: true, ..Needs::default() }
    }

    fn scores(&self, scene: &Scene, _seed: Seed) -> Scored {
        let losses = scene.each(loss::score);
        let shares = share_at_most(&losses.population, &losses.pool);
        Scored { pool: shares, population: Vec::new() }
    }
}
