//! Sums of weights of each level of one grouping.

use super::frame::Frame;
use crate::domain::{Masses, Quadrant};
use crate::stats::Running;

/// The weights of one level, summed by outcome.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Weighed {
    /// Sums of the weights.
    pub(super) sums: Masses,
    /// Sums of their squares.
    pub(super) squares: Masses,
}

impl Weighed {
    /// Each of `levels` levels, `level` saying which a row belongs to; `None` without weights.
    pub(super) fn levels(
        frame: &Frame,
        levels: usize,
        level: impl Fn(usize) -> usize,
    ) -> Option<Vec<Self>> {
        let weight = frame.weight.as_ref()?;
        let mut running = vec![[Running::default(); 8]; levels];
        for (row, w) in weight.iter().enumerate() {
            let at = place(Quadrant::of(frame.y_true[row], frame.y_pred[row]));
            let sums = &mut running[level(row)];
            sums[at].add(*w);
            sums[at + 4].add(w * w);
        }
        let masses = |sums: &[Running]| Masses {
            tp: sums[0].total(),
            fp: sums[1].total(),
            tn: sums[2].total(),
            fn_: sums[3].total(),
        };
        let of =
            |sums: &[Running; 8]| Self { sums: masses(&sums[..4]), squares: masses(&sums[4..]) };
        Some(running.iter().map(of).collect())
    }
}

fn place(quadrant: Quadrant) -> usize {
    match quadrant {
        Quadrant::Tp => 0,
        Quadrant::Fp => 1,
        Quadrant::Tn => 2,
        Quadrant::Fn => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Groups, Split};

    #[test]
    fn weights_are_summed_by_level_and_outcome() {
        let frame = Frame {
            split: Split::Test,
            y_true: vec![true, true, false],
            y_pred: vec![true, true, true],
            score: None,
            weight: Some(vec![1.0, 2.0, 4.0]),
            groups: vec![Groups::encode("g", &[Some("a"), Some("a"), Some("b")])],
        };
        let found = Weighed::levels(&frame, 2, |row| frame.groups[0].at(row).index()).unwrap();
        assert!(
            (found[0].sums.tp - 3.0).abs() < 1e-15 && (found[0].squares.tp - 5.0).abs() < 1e-15
        );
        assert!((found[1].sums.fp - 4.0).abs() < 1e-15 && found[1].sums.tp.abs() < 1e-15);
        assert_eq!(Weighed::levels(&Frame { weight: None, ..frame }, 2, |_| 0), None);
    }
}
