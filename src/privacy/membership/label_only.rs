//! Attacks on a model that gives labels only: how far can a row be changed before its label changes?

use super::Band;
use super::changes::Change;
use super::findings::{Attack, count, tally};
use super::worth::MembershipAuc;
use crate::domain::{Finding, Ideal, Members, Meta, Seed, Stage, Subject, Undefined};

crate::check! {
    /// Rows whose class survives noise are taken for members, by the labels of the model alone.
    ///
    /// **Formula** 0 where the model is wrong about the row, else `(1 + a) / (1 + q)`, `a` of `q` noisy copies having
    /// the true class as their label: a stand-in for the distance to the decision boundary. The noise is Gaussian,
    /// of standard deviation 4, 8, 16, 32, 64 and 128 of 255 in turn, the same for all rows; copies are rounded to
    /// bytes. **Range** minus infinity to infinity: 0 to 1, higher = member.
    /// **Ideal** members and non-members look alike. **Undefined** `NotRun` where there is no model to ask.
    /// **Source** Choquette-Choo et al. 2021, §4.3 (arXiv 2007.14321); Li, Zhang 2021 (arXiv 2007.15528).
    /// **Peer** `art` `LabelOnlyDecisionBoundary` walks to the boundary by `HopSkipJump`, row by row; this tool does not.
    NoiseRobustness, "PR050", "label_only.noise_robustness", Ideal::None
}

crate::check! {
    /// Rows whose class survives a shift or a mirror are taken for members, by the labels of the model alone.
    ///
    /// **Formula** 0 where the model is wrong about the row, else `(1 + a) / (1 + q)`, `a` of `q` changed copies having
    /// the true class as their label: the mirror image, then all shifts by one pixel, by two, … up to a quarter of
    /// the shorter side, edges drawn out, as far as the budget goes. The source learns which copies count most from
    /// shadow models; here all count alike. **Range** minus infinity to infinity: 0 to 1, higher = member.
    /// **Ideal** members and non-members look alike. **Undefined** `NotRun` where there is no model to ask.
    /// **Source** Choquette-Choo et al. 2021, §4.2 (arXiv 2007.14321). **Peer** none.
    Augmentation, "PR051", "label_only.augmentation", Ideal::None
}

/// One of the attacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelOnly {
    /// Copies with more and more noise.
    NoiseRobustness,
    /// Mirrored and shifted copies.
    Augmentation,
}

/// What the model said about changed copies of some rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Copies of each row that it was asked about.
    pub queries: u64,
    /// Whether it is right about each row itself, `(n,)`.
    pub right: Vec<bool>,
    /// Copies of each row whose label was the true class, `(n,)`.
    pub agreed: Vec<u64>,
}

impl LabelOnly {
    /// Both.
    pub const ALL: [Self; 2] = [Self::NoiseRobustness, Self::Augmentation];

    /// Identity and manual; the name is the attack's full name.
    #[must_use]
    pub fn meta(self) -> &'static Meta {
        match self {
            Self::NoiseRobustness => &NoiseRobustness::META,
            Self::Augmentation => &Augmentation::META,
        }
    }

    /// The changes that the model is asked about, at most as many as there are queries.
    #[must_use]
    pub fn changes(self, shape: [usize; 3], queries: usize, seed: Seed) -> Vec<Change> {
        match self {
            Self::NoiseRobustness => Change::noise(shape, queries, seed.child("noise")),
            Self::Augmentation => Change::augmentations(shape, queries),
        }
    }

    /// What the scores are worth, as of every other attack. `rows` are the members' places among all members.
    #[must_use]
    pub fn findings(
        self,
        answers: &Members<Answers>,
        rows: &[usize],
        level: f64,
        seed: Seed,
    ) -> Vec<Finding> {
        let scores = Members { seen: answers.seen.scores(), unseen: answers.unseen.scores() };
        let band = Band::new((count(scores.seen.len()), count(scores.unseen.len())), level);
        let meta = self.meta();
        let null = seed.child(&format!("privacy/membership/null/{}", meta.name));
        let attack = Attack { meta, learns: false, level, null, rows, band: &band };
        let mut findings = attack.findings(&scores);
        if let Some(auc) = findings.iter_mut().find(|f| f.value.is_ok()) {
            let asked = answers.seen.queries * auc.n;
            let queries = [("queries_per_row", answers.seen.queries), ("queries", asked)];
            auc.evidence.push(tally(&queries));
        }
        findings
    }

    /// Why the model could not be asked.
    #[must_use]
    pub fn not_run(self, because: &str) -> Finding {
        let attack = Some(self.meta().name.to_owned());
        let subject = Subject { attack, ..Subject::default() };
        let value = Err(Undefined::NotRun { because: because.to_owned() });
        Finding::new(&MembershipAuc::META, Stage::Privacy, subject, value, 0)
    }
}

impl Answers {
    /// The scores, `(n,)`, higher = member.
    #[must_use]
    pub fn scores(&self) -> Vec<f64> {
        use crate::domain::to_f64;
        let all = to_f64(1 + self.queries);
        let score = |(right, agreed): (&bool, &u64)| {
            if *right { to_f64(1 + agreed) / all } else { 0.0 }
        };
        self.right.iter().zip(&self.agreed).map(score).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Stream;

    /// Rows that the model gets right with probability `right`, and copies with probability `kept`.
    fn answers(n: usize, (right, kept): (f64, f64), draw: &mut Stream) -> Answers {
        let right: Vec<bool> = (0..n).map(|_| draw.flip(right)).collect();
        let mut copies = || (0..12).map(|_| u64::from(draw.flip(kept))).sum();
        let agreed = (0..n).map(|_| copies()).collect();
        Answers { queries: 12, right, agreed }
    }

    fn auc(members: &Members<Answers>, seed: Seed) -> Finding {
        let rows: Vec<usize> = (0..members.seen.right.len()).collect();
        LabelOnly::NoiseRobustness.findings(members, &rows, 0.95, seed).swap_remove(0)
    }

    #[test]
    fn the_score_by_hand() {
        let answers = Answers { queries: 3, right: vec![true, true, false], agreed: vec![3, 0, 3] };
        let scores: Vec<u64> = answers.scores().iter().map(|s| s.to_bits()).collect();
        // A row that the model is wrong about has distance 0, however its copies fare.
        assert_eq!(scores, [1.0_f64, 0.25, 0.0].map(f64::to_bits));
    }

    #[test]
    fn members_that_hold_are_found_and_shuffled_ones_are_not() {
        let draw = &mut Seed::new(1).stream();
        let seen = answers(200, (1.0, 0.9), draw);
        let found = auc(&Members { seen, unseen: answers(200, (0.7, 0.7), draw) }, Seed::new(1));
        let interval = found.interval.clone().unwrap();
        assert!(interval.low > 0.7 && found.n == 400, "{found:?}");
        assert_eq!(found.subject.attack.as_deref(), Some("label_only.noise_robustness"));
        let covered = (0..200).filter(|run| {
            let draw = &mut Seed::new(*run).child("null").stream();
            let (seen, unseen) = (answers(80, (0.8, 0.7), draw), answers(80, (0.8, 0.7), draw));
            let i = auc(&Members { seen, unseen }, Seed::new(*run)).interval.unwrap();
            i.low <= 0.5 && 0.5 <= i.high
        });
        let covered = covered.count();
        assert!(covered >= 185, "{covered} of 200");
    }

    #[test]
    fn the_cost_is_in_the_evidence_and_one_row_is_too_few() {
        let draw = &mut Seed::new(2).stream();
        let (seen, unseen) = (answers(3, (1.0, 0.5), draw), answers(2, (1.0, 0.5), draw));
        let found = auc(&Members { seen, unseen }, Seed::new(1));
        let last = format!("{:?}", found.evidence.last().unwrap());
        assert!(
            last.contains("\"queries\": 60") && last.contains("\"queries_per_row\": 12"),
            "{last}"
        );
        let (seen, unseen) = (answers(1, (1.0, 0.5), draw), answers(5, (1.0, 0.5), draw));
        let found = auc(&Members { seen, unseen }, Seed::new(1));
        assert_eq!(found.value, Err(Undefined::TooFew { n: 1, need: 2 }));
    }
}
