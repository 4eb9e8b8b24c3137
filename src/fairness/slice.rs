//! What a metric sees of a set of rows.

use crate::domain::Confusion;
use crate::stats::Placements;

/// The scores of a set of rows by actual class, each in ascending order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scores<'a> {
    /// Of the actual positives.
    pub positive: &'a [f64],
    /// Of the actual negatives.
    pub negative: &'a [f64],
}

/// A set of rows, reduced to its counts and sorted scores.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slice<'a> {
    confusion: Confusion,
    scores: Option<Scores<'a>>,
    area: Option<Placements>,
}

impl<'a> Slice<'a> {
    /// Rows without scores.
    #[must_use]
    pub fn counted(confusion: Confusion) -> Self {
        Self { confusion, scores: None, area: None }
    }

    /// Rows with the scores of both actual classes, each in ascending order.
    #[must_use]
    pub fn ranked(confusion: Confusion, positive: &'a [f64], negative: &'a [f64]) -> Self {
        Self { confusion, scores: Some(Scores { positive, negative }), area: None }
    }

    /// The same rows, whose scores have been placed among each other before.
    pub(super) fn with_area(self, area: Placements) -> Self {
        Self { area: Some(area), ..self }
    }

    /// How the scores of both classes lie among each other, where there are scores.
    pub(super) fn area(&self) -> Option<Placements> {
        self.area.or_else(|| self.scores.map(|s| Placements::of(s.positive, s.negative)))
    }

    /// The four counts.
    #[must_use]
    pub fn confusion(&self) -> Confusion {
        self.confusion
    }

    /// The scores, where the predictions carry any.
    #[must_use]
    pub fn scores(&self) -> Option<Scores<'a>> {
        self.scores
    }

    /// Number of rows.
    #[must_use]
    pub fn n(&self) -> u64 {
        self.confusion.n()
    }
}
