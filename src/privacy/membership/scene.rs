//! What an attack is given: the target's outputs, who was trained on, and what else is at hand.

use super::references::References;
use super::{Outputs, ProbeError, check};
use crate::domain::{Logits, Members};

/// Outputs of the target on some rows, with checked labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    logits: Logits,
    labels: Vec<usize>,
}

impl Rows {
    /// Checks the labels against the logits.
    ///
    /// # Errors
    /// Another number of labels than rows, a label beyond the last class, fewer than two classes.
    pub fn new(outputs: &Outputs<'_>) -> Result<Self, ProbeError> {
        let labels = check(outputs)?;
        if outputs.logits.classes() < 2 {
            return Err(ProbeError::OneClass);
        }
        Ok(Self { logits: outputs.logits.clone(), labels })
    }

    /// The true classes, `(n,)`.
    #[must_use]
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// Number of classes.
    pub(super) fn classes(&self) -> usize {
        self.logits.classes()
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    /// Outputs and class of one row.
    pub(super) fn row(&self, i: usize) -> (&[f64], usize) {
        (self.logits.row(i), self.labels[i])
    }

    fn each(&self, score: impl Fn(&[f64], usize) -> f64) -> Vec<f64> {
        self.labels.iter().enumerate().map(|(i, y)| score(self.logits.row(i), *y)).collect()
    }
}

/// Everything that an attack may use.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// The rows that are attacked.
    pub pool: Rows,
    /// Whether the target was trained on each of them, `(n,)`. Only `attacker.logistic` looks at
    /// it, and only at rows that it does not score.
    pub member: Vec<bool>,
    /// Rows that no model was trained on, beside the pool.
    pub population: Option<Rows>,
    /// Other models trained the same way on other rows.
    pub references: Option<References>,
}

impl Scene {
    /// Members first, then non-members; neither population nor references.
    ///
    /// # Errors
    /// Logits and labels that do not fit, or come from different models.
    pub fn of_members(members: &Members<Outputs<'_>>) -> Result<Self, ProbeError> {
        let (seen, unseen) = (Rows::new(&members.seen)?, Rows::new(&members.unseen)?);
        if seen.classes() != unseen.classes() {
            return Err(ProbeError::Classes { seen: seen.classes(), unseen: unseen.classes() });
        }
        let values = [&seen, &unseen]
            .into_iter()
            .flat_map(|rows| (0..rows.len()).flat_map(|i| rows.logits.row(i).iter().copied()));
        let Ok(logits) = Logits::new(values.collect(), seen.classes()) else {
            unreachable!("both halves were checked")
        };
        let mut member = vec![true; seen.len()];
        member.resize(seen.len() + unseen.len(), false);
        let labels = [seen.labels, unseen.labels].concat();
        Ok(Self { pool: Rows { logits, labels }, member, population: None, references: None })
    }

    /// The same scores for members and non-members apart, in row order.
    #[must_use]
    pub fn split(&self, scores: &[f64]) -> Members<Vec<f64>> {
        let part = |wanted: bool| {
            let of = self.member.iter().zip(scores).filter(|(m, _)| **m == wanted);
            of.map(|(_, score)| *score).collect()
        };
        Members { seen: part(true), unseen: part(false) }
    }

    /// Scores every row of pool and population by its own outputs alone.
    pub(super) fn each(&self, score: impl Fn(&[f64], usize) -> f64 + Copy) -> Scored {
        let population = self.population.as_ref().map_or(Vec::new(), |rows| rows.each(score));
        Scored { pool: self.pool.each(score), population }
    }
}

/// The scores of one attack, higher = member.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// Of the pool, `(n,)`.
    pub pool: Vec<f64>,
    /// Of the population, if there is one and the attack can score rows that no model has seen;
    /// else empty.
    pub population: Vec<f64>,
}
