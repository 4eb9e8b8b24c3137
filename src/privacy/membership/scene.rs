//! What an attack is given: the target's outputs, who was trained on, and what else is at hand.

use super::references::References;
use super::{Outputs, ProbeError, check};
use crate::domain::{ClassId, Logits, Members};

/// Outputs of the target on some rows, with checked labels.
#[derive(Debug, Clone, PartialEq)]
pub struct Rows {
    /// Of each row a number for each class, or `(φ, 0)` where nothing but `φ` is known.
    logits: Logits,
    labels: Vec<usize>,
    /// Number of classes.
    classes: usize,
    /// Whether `φ` is all that is known.
    alone: bool,
}

impl Rows {
    /// Checks the labels against the logits.
    ///
    /// # Errors
    /// Another number of labels than rows, a label beyond the last class, fewer than two classes.
    pub fn new(outputs: &Outputs<'_>) -> Result<Self, ProbeError> {
        let labels = check(outputs)?;
        let classes = outputs.logits.classes();
        if classes < 2 {
            return Err(ProbeError::OneClass);
        }
        Ok(Self { logits: outputs.logits.clone(), labels, classes, alone: false })
    }

    /// Rows of which nothing is known but the classes and `φ`, the logit of the probability of each, which
    /// is finite.
    pub(in crate::privacy) fn of_confidence(phi: Vec<f64>, labels: &[ClassId]) -> Self {
        let column = |class: &ClassId| usize::try_from(*class).unwrap_or(usize::MAX);
        let labels: Vec<usize> = labels.iter().map(column).collect();
        let classes = labels.iter().max().map_or(0, |most| most + 1);
        let Ok(logits) = Logits::new(phi.into_iter().flat_map(|phi| [phi, 0.0]).collect(), 2)
        else {
            unreachable!("the losses were checked")
        };
        Self { logits, labels, classes, alone: true }
    }

    /// The true classes, `(n,)`.
    #[must_use]
    pub fn labels(&self) -> &[usize] {
        &self.labels
    }

    /// Number of classes.
    pub(super) fn classes(&self) -> usize {
        self.classes
    }

    /// Whether the outputs of every class are known, not that of the true one alone.
    pub(super) fn whole(&self) -> bool {
        !self.alone
    }

    /// Number of rows.
    pub(super) fn len(&self) -> usize {
        self.labels.len()
    }

    /// Outputs of one row, and which of them is that of its class.
    pub(super) fn row(&self, i: usize) -> (&[f64], usize) {
        (self.logits.row(i), if self.alone { 0 } else { self.labels[i] })
    }

    fn each(&self, score: impl Fn(&[f64], usize) -> f64) -> Vec<f64> {
        let of = |i: usize| {
            let (logits, label) = self.row(i);
            score(logits, label)
        };
        (0..self.len()).map(of).collect()
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
        let (classes, labels) = (seen.classes, [seen.labels, unseen.labels].concat());
        let pool = Rows { logits, labels, classes, alone: false };
        Ok(Self { pool, member, population: None, references: None })
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
