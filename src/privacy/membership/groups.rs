//! Who pays for the leak: the same attack in each group, and the gaps between groups.

use super::findings::{count, dkw, numbers, tally};
use super::group_manuals::{GroupAdvantage, GroupAuc, GroupEpsilon, GroupOwnTpr, GroupTpr};
use super::{Attacked, Scene, find};
use crate::domain::{
    Finding, GroupId, Groups, Members, Meta, Seed, Stage, Subject, Undefined, Value, to_f64,
};
use crate::privacy::dp::rates;
use crate::stats;

/// False alarms that an attacker accepts.
const LIMIT: f64 = 0.01;

/// Groups to look at, and how.
#[derive(Debug, Clone, Copy)]
pub struct Grouping<'a> {
    /// Features over the rows of the pool.
    pub groups: &'a [Groups],
    /// Members and non-members that a group needs, each.
    pub min_group_size: u64,
    /// Level of the intervals.
    pub confidence: f64,
    /// The δ of the bounds on ε.
    pub delta: f64,
}

/// The attacks to look at in groups: all where they were `named`, else the strongest.
#[must_use]
pub fn for_groups<'a>(
    findings: &[Finding],
    attacked: &'a [Attacked],
    named: bool,
) -> Vec<&'a Attacked> {
    let strongest = super::overall::strongest_attack(findings);
    attacked.iter().filter(|a| named || Some(&a.attack) == strongest.as_ref()).collect()
}

/// What each group gives away, and the largest gaps: for each grouping and each attack the checks of
/// every group that has a row, then both comparisons.
#[must_use]
pub fn by_group(
    scene: &Scene,
    attacked: &[&Attacked],
    grouping: &Grouping<'_>,
    seed: Seed,
) -> Vec<Finding> {
    let made: Vec<(&Attacked, Vec<f64>)> =
        attacked.iter().filter_map(|a| Some((*a, a.scored.as_ref().ok()?.pool.clone()))).collect();
    let size = |g: &Groups| g.counts().into_iter().filter(|n| *n > 0).count();
    let family = grouping.groups.iter().map(size).sum::<usize>() * made.len();
    let mut findings = Vec::new();
    for groups in grouping.groups {
        for (attack, scores) in &made {
            let learns = find(&attack.attack).is_ok_and(super::Probe::learns);
            let look = Look { attack: &attack.attack, groups, grouping, learns, family, seed };
            findings.extend(look.findings(scene, scores));
        }
    }
    findings
}

/// One attack in the groups of one feature.
pub(super) struct Look<'a> {
    attack: &'a str,
    pub(super) groups: &'a Groups,
    pub(super) grouping: &'a Grouping<'a>,
    /// Whether the scores depend on each other.
    learns: bool,
    /// Bounds on ε of the whole audit.
    family: usize,
    seed: Seed,
}

/// The scores of one group.
pub(super) struct Level {
    pub(super) id: GroupId,
    scores: Members<Vec<f64>>,
    /// Why nothing is measured.
    pub(super) small: Option<Undefined>,
}

impl Level {
    pub(super) fn sizes(&self) -> (u64, u64) {
        (count(self.scores.seen.len()), count(self.scores.unseen.len()))
    }

    /// Members and non-members at or above a threshold.
    pub(super) fn above(&self, threshold: f64) -> (u64, u64) {
        let of = |scores: &[f64]| count(scores.iter().filter(|s| **s >= threshold).count());
        (of(&self.scores.seen), of(&self.scores.unseen))
    }
}

impl Look<'_> {
    fn findings(&self, scene: &Scene, scores: &[f64]) -> Vec<Finding> {
        let levels = self.levels(scene, scores);
        let threshold = common_threshold(&scene.split(scores));
        let mut findings = Vec::new();
        for level in &levels {
            findings.push(self.auc(level));
            findings.push(self.tpr(level, threshold));
            findings.extend(self.own(level));
            findings.push(self.epsilon(level));
        }
        findings.push(self.auc_gap(&levels));
        findings.push(self.tpr_gap(&levels, threshold));
        findings
    }

    /// Every level that has a row.
    fn levels(&self, scene: &Scene, scores: &[f64]) -> Vec<Level> {
        let empty = || Members { seen: Vec::new(), unseen: Vec::new() };
        let mut parts: Vec<Members<Vec<f64>>> =
            (0..self.groups.n_levels()).map(|_| empty()).collect();
        for ((id, member), score) in self.groups.of().zip(&scene.member).zip(scores) {
            let part = &mut parts[id.index()];
            if *member { part.seen.push(*score) } else { part.unseen.push(*score) }
        }
        let need = self.grouping.min_group_size.max(2);
        let level = |(id, scores): (GroupId, Members<Vec<f64>>)| {
            let n = count(scores.seen.len().min(scores.unseen.len()));
            let small = (n < need).then_some(Undefined::TooFew { n, need });
            Level { id, scores, small }
        };
        let inhabited = |l: &Level| l.sizes() != (0, 0);
        self.groups.ids().zip(parts).map(level).filter(inhabited).collect()
    }

    /// A finding about one group, or, without a group, about the gap between all.
    pub(super) fn new_finding(
        &self,
        meta: &Meta,
        of: Option<&Level>,
        value: Value,
        n: u64,
    ) -> Finding {
        let subject = Subject {
            by: self.groups.features().to_vec(),
            group: of.map(|level| self.groups.key(level.id)),
            attack: Some(self.attack.to_owned()),
            ..Subject::default()
        };
        Finding::new(meta, Stage::Privacy, subject, value, n)
    }

    fn of_level(&self, meta: &Meta, level: &Level, value: Value) -> Finding {
        let (members, others) = level.sizes();
        let value = level.small.clone().map_or(value, Err);
        self.new_finding(meta, Some(level), value, members + others)
    }

    /// The area and its variance; scores that depend on each other have twice the variance.
    pub(super) fn area(&self, level: &Level) -> Result<(f64, f64), Undefined> {
        if let Some(reason) = &level.small {
            return Err(reason.clone());
        }
        let (auc, variance) = stats::delong_variance(&level.scores.seen, &level.scores.unseen)?;
        Ok((auc, if self.learns { 2.0 * variance } else { variance }))
    }

    fn auc(&self, level: &Level) -> Finding {
        let area = self.area(level);
        let interval = area.as_ref().ok().and_then(|(auc, variance)| {
            stats::interval_of_auc(*auc, *variance, self.grouping.confidence)
        });
        let (members, others) = level.sizes();
        self.of_level(&GroupAuc::META, level, area.map(|(auc, _)| auc))
            .with_interval(interval)
            .with(tally(&[("members", members), ("non_members", others)]))
    }

    fn tpr(&self, level: &Level, threshold: f64) -> Finding {
        let (members, others) = level.sizes();
        let (tp, fp) = level.above(threshold);
        let finding = self.of_level(&GroupTpr::META, level, share(tp, members));
        self.rate(finding, (tp, members), (fp, others))
    }

    /// TPR at the group's own threshold, and the advantage.
    fn own(&self, level: &Level) -> [Finding; 2] {
        let (tpr, advantage) = (&GroupOwnTpr::META, &GroupAdvantage::META);
        let made = stats::roc(&level.scores.seen, &level.scores.unseen);
        let roc = match (made, &level.small) {
            (Ok(roc), None) => roc,
            (Err(reason), None) => {
                return [tpr, advantage].map(|m| self.of_level(m, level, Err(reason.clone())));
            }
            (_, Some(_)) => {
                return [tpr, advantage].map(|m| self.of_level(m, level, Err(Undefined::Empty)));
            }
        };
        let ((tp, fp), sizes) = (roc.hits_at_fpr(LIMIT), roc.sizes());
        let found = self.of_level(tpr, level, share(tp, sizes.0));
        let found = self.rate(found, (tp, sizes.0), (fp, sizes.1));
        let most = roc.advantage();
        let interval = dkw(most, sizes, (self.grouping.confidence, 1.0));
        [found, self.of_level(advantage, level, Ok(most)).with_interval(Some(interval))]
    }

    /// Adds interval and counts to a rate of members found.
    fn rate(&self, finding: Finding, tp: (u64, u64), fp: (u64, u64)) -> Finding {
        if finding.value.is_err() {
            return finding;
        }
        let counts = [("tp", tp.0), ("members", tp.1), ("fp", fp.0), ("non_members", fp.1)];
        let interval = stats::clopper_pearson(tp.0, tp.1, self.grouping.confidence);
        finding.with_interval(interval).with(tally(&counts))
    }

    fn epsilon(&self, level: &Level) -> Finding {
        let meta = &GroupEpsilon::META;
        if level.small.is_some() {
            return self.of_level(meta, level, Err(Undefined::Empty));
        }
        let (delta, error) = (self.grouping.delta, 1.0 - self.grouping.confidence);
        let each = 1.0 - error / to_f64(count(self.family.max(1)));
        let (by, label) = (self.groups.name(), self.groups.label(level.id));
        let lot = format!("privacy/membership/group/{}/{by}/{label}", self.attack);
        let found = rates::held_out(&level.scores, delta, each, self.seed.child(&lot));
        let bound = found.and_then(|found| {
            rates::epsilon_lower_bound(found, delta, each).ok_or(Undefined::Empty)
        });
        let finding = self.of_level(meta, level, bound);
        if finding.value.is_err() {
            return finding;
        }
        let n = finding.n;
        let cells = [("level", Some(each)), ("delta", Some(delta))];
        finding.with(numbers("clopper_pearson", &cells, n))
    }
}

/// The last threshold that accuses at most 1 in 100 of all non-members; infinite where none does.
fn common_threshold(scores: &Members<Vec<f64>>) -> f64 {
    let Ok(roc) = stats::roc(&scores.seen, &scores.unseen) else { return f64::INFINITY };
    let (tp, fp) = roc.hits_at_fpr(LIMIT);
    let mut all: Vec<f64> = scores.seen.iter().chain(&scores.unseen).map(|s| s + 0.0).collect();
    all.sort_unstable_by(|a, b| b.total_cmp(a));
    let place = usize::try_from(tp + fp).ok().and_then(|n| n.checked_sub(1));
    place.and_then(|at| all.get(at).copied()).unwrap_or(f64::INFINITY)
}

pub(super) fn share(hits: u64, n: u64) -> Value {
    if n == 0 { Err(Undefined::Empty) } else { Ok(to_f64(hits) / to_f64(n)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Logits;
    use crate::privacy::membership::{Outputs, Rows, Scored};

    /// A pool of which only membership matters, with scores of its own.
    pub(in crate::privacy::membership) fn made(rows: &[(&str, bool, f64)]) -> Made {
        let logits = Logits::new(vec![0.0; 2 * rows.len()], 2).unwrap();
        let labels = vec![0; rows.len()];
        let pool = Rows::new(&Outputs { logits: &logits, labels: &labels }).unwrap();
        let member = rows.iter().map(|row| row.1).collect();
        let scene = Scene { pool, member, population: None, references: None };
        let levels: Vec<Option<&str>> = rows.iter().map(|row| Some(row.0)).collect();
        let scored = Scored { pool: rows.iter().map(|r| r.2).collect(), population: Vec::new() };
        let attacked = Attacked { attack: "loss".to_owned(), scored: Ok(scored) };
        Made { scene, groups: [Groups::encode("sex", &levels)], attacked }
    }

    pub(in crate::privacy::membership) struct Made {
        pub(in crate::privacy::membership) scene: Scene,
        groups: [Groups; 1],
        attacked: Attacked,
    }

    impl Made {
        pub(in crate::privacy::membership) fn findings(&self, min: u64) -> Vec<Finding> {
            let grouping = Grouping {
                groups: &self.groups,
                min_group_size: min,
                confidence: 0.95,
                delta: 1e-5,
            };
            by_group(&self.scene, &[&self.attacked], &grouping, Seed::new(1))
        }
    }

    fn of<'a>(all: &'a [Finding], check: &str, level: Option<&str>) -> &'a Finding {
        let fits = |f: &&Finding| {
            let group = f.subject.group.as_ref().map(|g| g["sex"].as_str());
            f.check == check && group == level
        };
        all.iter().find(fits).unwrap()
    }

    /// `f` is told apart at every threshold, `m` not at all.
    fn unequal() -> Made {
        let f = (0..60).map(|i| ("f", i % 2 == 0, if i % 2 == 0 { 100.0 } else { -1.0 }));
        let m = (0..60).map(|i| ("m", i % 2 == 0, f64::from(i / 2)));
        made(&f.chain(m).collect::<Vec<_>>())
    }

    #[test]
    fn one_threshold_for_all_finds_one_group_alone() {
        let all = unequal().findings(10);
        // Threshold: the last with no false alarm (60 non-members), which is 100.
        let tpr = "membership_group_tpr_at_fpr_0.01";
        assert_eq!(of(&all, tpr, Some("f")).value, Ok(1.0));
        assert_eq!(of(&all, tpr, Some("m")).value, Ok(0.0));
        let gap = of(&all, "membership_group_tpr_at_fpr_0.01_difference", None);
        assert_eq!((gap.value.clone(), gap.n), (Ok(1.0), 120));
        assert!(gap.interval.as_ref().unwrap().low > 0.8, "{gap:?}");
        assert_eq!(of(&all, "membership_group_auc", Some("f")).value, Ok(1.0));
        // Members and others of m have the same scores.
        assert_eq!(of(&all, "membership_group_auc", Some("m")).value, Ok(0.5));
        let area = of(&all, "membership_group_auc_difference", None);
        assert_eq!((area.value.clone(), area.interval.clone()), (Ok(0.5), None));
        let bound = |level| of(&all, "membership_group_epsilon_lower_bound", level).value.clone();
        assert!(bound(Some("f")).unwrap() > 0.5);
        assert_eq!(bound(Some("m")), Ok(0.0));
        assert_eq!(of(&all, "membership_group_advantage", Some("f")).value, Ok(1.0));
    }

    #[test]
    fn a_small_group_is_undefined_and_so_is_the_gap() {
        let all = unequal().findings(31);
        let reason = Undefined::TooFew { n: 30, need: 31 };
        let group = all.iter().filter(|f| f.subject.group.is_some());
        assert!(group.clone().count() == 10);
        assert!(group.into_iter().all(|f| f.value == Err(reason.clone())), "{all:?}");
        let gap = of(&all, "membership_group_auc_difference", None);
        assert!(
            matches!(&gap.value, Err(Undefined::GroupUndefined { group, .. }) if group == "sex=f")
        );
    }

    #[test]
    fn without_a_leak_few_of_a_thousand_gaps_exclude_zero() {
        let run = |seed: u64| {
            let mut draw = Seed::new(seed).stream();
            let row = |i: usize| (["a", "b", "c"][i % 3], i.is_multiple_of(2), draw.normal());
            let all = made(&(0..240).map(row).collect::<Vec<_>>()).findings(20);
            ["membership_group_auc_difference", "membership_group_tpr_at_fpr_0.01_difference"]
                .map(|check| of(&all, check, None).interval.as_ref().is_some_and(|i| i.low > 0.0))
        };
        let runs: Vec<[bool; 2]> = (0..1000).map(run).collect();
        for at in 0..2 {
            let wrong = runs.iter().filter(|r| r[at]).count();
            // 5 % are allowed; 68 is three standard errors above.
            assert!(wrong <= 68, "{wrong} of 1000");
        }
    }

    #[test]
    fn one_group_has_no_gap() {
        let rows: Vec<_> = (0..40).map(|i| ("f", i % 2 == 0, f64::from(i))).collect();
        let all = made(&rows).findings(10);
        assert_eq!(
            of(&all, "membership_group_auc_difference", None).value,
            Err(Undefined::OneGroup)
        );
    }
}
