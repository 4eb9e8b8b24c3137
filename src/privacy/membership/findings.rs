//! From the scores of an attack to findings.

use super::band::Band;
use super::logs::predicted;
use super::ranks::ascending;
use super::worth::{
    MembershipAdvantage, MembershipAuc, MembershipBalancedAccuracy, MembershipIdentifiable,
    MembershipPpv, MembershipTprAtFpr00001, MembershipTprAtFpr0001, MembershipTprAtFpr001,
    positive_predictive_value,
};
use super::{Scene, identifiable};
use crate::domain::{
    Cell, Evidence, Finding, Ideal, Interval, Members, Meta, Seed, Stage, Subject, Undefined,
    Value, to_f64,
};
use crate::stats::{self, Roc};

/// Members and non-members that a comparison needs.
const NEED: usize = 2;
/// Most vertices of a curve in the record.
const VERTICES: usize = 400;
/// The rates of false alarms that are quoted.
const RATES: [(&Meta, f64); 3] = [
    (&MembershipTprAtFpr001::META, 0.01),
    (&MembershipTprAtFpr0001::META, 0.001),
    (&MembershipTprAtFpr00001::META, 0.0001),
];

crate::check! {
    /// How much more often the model is right about rows that it has learned from.
    ///
    /// **Formula** `accuracy on members − accuracy on non-members`, the largest logit (the first of
    /// equals) being the prediction. Newcombe interval. **Range** −1 to 1. **Ideal** 0.
    /// **Undefined** `TooFew` with fewer than two members or non-members; not run where only losses are stored.
    /// **Source** Yeom et al. 2018 (arXiv 1709.01604); Newcombe 1998, method 10.
    GeneralizationGap, "PR005", "generalization_gap", Ideal::Zero
}

pub(super) fn generalization_gap(scene: &Scene, level: f64) -> Finding {
    let (seen, unseen) = (right(scene, true), right(scene, false));
    let n = seen.1 + unseen.1;
    let meta = &GeneralizationGap::META;
    let finding = |value| Finding::new(meta, Stage::Privacy, Subject::default(), value, n);
    if !scene.pool.whole() {
        let because = "losses do not say which class was predicted".to_owned();
        return finding(Err(Undefined::NotRun { because }));
    }
    if let Some(reason) = too_few(seen.1.min(unseen.1)) {
        return finding(Err(reason));
    }
    let gap = to_f64(seen.0) / to_f64(seen.1) - to_f64(unseen.0) / to_f64(unseen.1);
    let counts = [
        ("members", seen.1),
        ("members_right", seen.0),
        ("non_members", unseen.1),
        ("non_members_right", unseen.0),
    ];
    finding(Ok(gap)).with_interval(stats::newcombe(seen, unseen, level)).with(tally(&counts))
}

/// Right predictions and rows among members or non-members.
pub(super) fn right(scene: &Scene, wanted: bool) -> (u64, u64) {
    let rows: Vec<usize> = (0..scene.member.len()).filter(|i| scene.member[*i] == wanted).collect();
    let hit = |i: &&usize| predicted(scene.pool.row(**i).0) == scene.pool.row(**i).1;
    (count(rows.iter().filter(hit).count()), count(rows.len()))
}

/// An attack whose scores are measured.
pub(super) struct Attack<'a> {
    /// Identity and manual.
    pub(super) meta: &'static Meta,
    /// Whether it learned from who is a member.
    pub(super) learns: bool,
    pub(super) level: f64,
    /// Draws the memberships of the null run.
    pub(super) null: Seed,
    /// The members' rows, in order.
    pub(super) rows: &'a [usize],
    /// Limits for so many members and non-members.
    pub(super) band: &'a Band,
}

/// Whether there are enough members and non-members to compare.
pub(super) fn enough(sizes: (u64, u64)) -> Result<(), Undefined> {
    too_few(sizes.0.min(sizes.1)).map_or(Ok(()), Err)
}

/// The measures of an attack, in the order of its findings.
fn all() -> impl Iterator<Item = &'static Meta> {
    let rates = RATES.iter().map(|(meta, _)| *meta);
    let single = [&MembershipBalancedAccuracy::META, &MembershipPpv::META];
    [&MembershipAuc::META, &MembershipAdvantage::META]
        .into_iter()
        .chain(rates)
        .chain(single)
        .chain([&MembershipIdentifiable::META])
}

impl Attack<'_> {
    /// AUC, advantage, the rates at fixed false alarms, balanced accuracy, precision, and the number
    /// of rows that can be named.
    pub(super) fn findings(&self, scores: &Members<Vec<f64>>) -> Vec<Finding> {
        let sizes = (count(scores.seen.len()), count(scores.unseen.len()));
        // Sorted once: sorting what is sorted takes no time.
        let sorted = in_order(scores);
        match enough(sizes).and_then(|()| stats::roc(&sorted.seen, &sorted.unseen)) {
            Ok(roc) => all().map(|meta| self.finding(meta, (scores, &sorted), &roc)).collect(),
            Err(reason) => {
                let n = sizes.0 + sizes.1;
                all().map(|meta| self.new_finding(meta, Err(reason.clone()), n)).collect()
            }
        }
    }

    fn new_finding(&self, meta: &Meta, value: Value, n: u64) -> Finding {
        let attack = Some(self.meta.name.to_owned());
        let subject = Subject { attack, ..Subject::default() };
        Finding::new(meta, Stage::Privacy, subject, value, n)
    }

    fn finding(
        &self,
        meta: &Meta,
        (scores, sorted): (&Members<Vec<f64>>, &Members<Vec<f64>>),
        roc: &Roc,
    ) -> Finding {
        let (sizes, level) = (roc.sizes(), self.level);
        let new = |value: f64| self.new_finding(meta, Ok(value), sizes.0 + sizes.1);
        let both = || tally(&[("members", sizes.0), ("non_members", sizes.1)]);
        if let Some((_, limit)) = RATES.iter().find(|(rate, _)| rate.code == meta.code) {
            return self.tpr_at_fpr(new(roc.tpr_at_fpr(*limit)), roc, *limit);
        }
        if meta.code == MembershipAuc::META.code {
            return self.auc(new(roc.auc()).with(both()), (scores, sorted), roc);
        }
        if meta.code == MembershipIdentifiable::META.code {
            return self.identifiable(scores);
        }
        let (value, interval) = if meta.code == MembershipAdvantage::META.code {
            (roc.advantage(), dkw(roc.advantage(), sizes, (level, 1.0)))
        } else if meta.code == MembershipBalancedAccuracy::META.code {
            (roc.balanced_accuracy(), dkw(roc.balanced_accuracy(), sizes, (level, 0.5)))
        } else {
            let (low, high) = (self.band.least_precision(roc), 1.0);
            let method = "simultaneous_clopper_pearson".to_owned();
            (positive_predictive_value(roc), Interval { low, high, level, method })
        };
        new(value).with_interval(Some(interval)).with(both())
    }

    /// The rows that can be named, and how many more at other rates of false names.
    fn identifiable(&self, scores: &Members<Vec<f64>>) -> Finding {
        let (meta, n) = (&MembershipIdentifiable::META, count(scores.seen.len()));
        if self.learns {
            let because = "its scores were learned from the memberships".to_owned();
            return self.new_finding(meta, Err(Undefined::NotRun { because }), n);
        }
        let (named, evidence) = identifiable::evidence(&identifiable::adjusted(scores), self.rows);
        let finding = self.new_finding(meta, Ok(to_f64(named)), n);
        evidence.into_iter().fold(finding, Finding::with)
    }

    /// Adds interval, curve, null run and, where it applies, the alarm for a reversed attack.
    fn auc(
        &self,
        finding: Finding,
        (scores, sorted): (&Members<Vec<f64>>, &Members<Vec<f64>>),
        roc: &Roc,
    ) -> Finding {
        let n = finding.n;
        let interval = self.interval(sorted).and_then(|(_, interval)| interval);
        let reversed = interval.as_ref().is_some_and(|i| i.high < 0.5);
        let (x, y) = thinned(roc);
        let name = "roc".to_owned();
        let rates: Vec<f64> =
            (0..=40_u32).map(|i| 10_f64.powf(f64::from(i) / 10.0 - 4.0)).collect();
        let (low, high) = self.band.curves(roc, &rates);
        let limit = |name: &str, y: Vec<f64>| Evidence::Curve {
            name: name.to_owned(),
            x: rates.clone(),
            y,
        };
        let mut finding = finding
            .with_interval(interval)
            .with(Evidence::Curve { name, x, y })
            .with(limit("roc_low", low))
            .with(limit("roc_high", high));
        let empty = shuffled(scores, self.null);
        if let Some((value, interval)) = self.interval(&empty) {
            let (low, high) = (interval.as_ref().map(|i| i.low), interval.as_ref().map(|i| i.high));
            let cells = [("auc", Some(value)), ("low", low), ("high", high)];
            finding = finding.with(numbers("null_run", &cells, n));
        }
        if reversed {
            let value = roc.auc();
            finding = finding.with(numbers("below_chance", &[("auc", Some(value))], n));
        }
        finding
    }

    /// The area and `DeLong`'s interval; scores that depend on each other have twice the variance.
    fn interval(&self, scores: &Members<Vec<f64>>) -> Option<(f64, Option<Interval>)> {
        let (auc, variance) = stats::delong_variance(&scores.seen, &scores.unseen).ok()?;
        let times = if self.learns { 2.0 } else { 1.0 };
        Some((auc, stats::interval_of_auc(auc, times * variance, self.level)))
    }

    /// Adds the interval of the rate, the counts behind it, the finest rate that the data resolve and
    /// the band.
    fn tpr_at_fpr(&self, finding: Finding, roc: &Roc, limit: f64) -> Finding {
        let (members, non_members) = roc.sizes();
        let (tp, fp) = roc.hits_at_fpr(limit);
        let counts = [("tp", tp), ("fp", fp), ("members", members), ("non_members", non_members)];
        let cells = [
            ("floor", Some(1.0 / to_f64(non_members))),
            ("fpr_limit", Some(limit)),
            ("fpr_reached", Some(to_f64(fp) / to_f64(non_members))),
        ];
        let (low, high) = self.band.at(roc, limit);
        finding
            .with_interval(stats::clopper_pearson(tp, members, self.level))
            .with(tally(&counts))
            .with(numbers("resolution", &cells, non_members))
            .with(numbers("band", &[("low", Some(low)), ("high", Some(high))], members))
    }
}

/// A maximum over thresholds ± the sum of the two uniform bounds, each at half of the error, times a
/// scale.
pub(super) fn dkw(value: f64, (seen, unseen): (u64, u64), (level, scale): (f64, f64)) -> Interval {
    let bound = |n: u64| ((4.0 / (1.0 - level)).ln() / (2.0 * to_f64(n))).sqrt();
    let slack = scale * (bound(seen) + bound(unseen));
    let (low, high) = ((value - slack).max(0.0), (value + slack).min(1.0));
    Interval { low, high, level, method: "dkw".to_owned() }
}

/// The same scores in ascending order.
fn in_order(scores: &Members<Vec<f64>>) -> Members<Vec<f64>> {
    let sorted = |scores: &[f64]| ascending(scores.iter().copied());
    Members { seen: sorted(&scores.seen), unseen: sorted(&scores.unseen) }
}

/// The same scores with membership drawn anew: what this attack finds where there is nothing.
fn shuffled(scores: &Members<Vec<f64>>, seed: Seed) -> Members<Vec<f64>> {
    let mut all: Vec<f64> = scores.seen.iter().chain(&scores.unseen).copied().collect();
    seed.stream().shuffle(&mut all);
    let unseen = all.split_off(scores.seen.len());
    Members { seen: all, unseen }
}

/// At most [`VERTICES`] vertices: the first half without a gap, since the rates at few false alarms
/// are read there, then evenly spaced ones up to (1, 1).
fn thinned(roc: &Roc) -> (Vec<f64>, Vec<f64>) {
    let (x, y) = roc.points();
    let head = VERTICES / 2;
    let keep: Vec<usize> = if x.len() <= VERTICES {
        (0..x.len()).collect()
    } else {
        let rest = x.len() - 1 - head;
        let spaced = (0..head).map(|i| head + i * rest / (head - 1));
        (0..head).chain(spaced).collect()
    };
    keep.into_iter().map(|i| (x[i], y[i])).unzip()
}

fn too_few(n: u64) -> Option<Undefined> {
    (n < count(NEED)).then(|| Undefined::TooFew { n, need: count(NEED) })
}

pub(super) fn tally(counts: &[(&str, u64)]) -> Evidence {
    Evidence::Counts { counts: counts.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect() }
}

pub(super) fn numbers(name: &str, cells: &[(&str, Option<f64>)], n: u64) -> Evidence {
    let cell =
        |(name, value): &(&str, Option<f64>)| Cell { name: (*name).to_owned(), value: *value, n };
    Evidence::Numbers { name: name.to_owned(), cells: cells.iter().map(cell).collect() }
}

pub(super) fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or(u64::MAX)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::Logits;
    use crate::privacy::membership::Outputs;
    use crate::privacy::membership::loss::Loss;

    pub(in crate::privacy::membership) fn attack(seen: &[f64], unseen: &[f64]) -> Vec<Finding> {
        let scores = Members { seen: seen.to_vec(), unseen: unseen.to_vec() };
        let band = Band::new((count(seen.len()), count(unseen.len())), 0.95);
        let rows: Vec<usize> = (0..seen.len()).collect();
        let (level, null) = (0.95, Seed::new(1));
        let (meta, learns, rows, band) = (&Loss::META, false, rows.as_slice(), &band);
        Attack { meta, learns, level, null, rows, band }.findings(&scores)
    }

    pub(in crate::privacy::membership) fn evidence<'a>(
        f: &'a Finding,
        wanted: &str,
    ) -> Option<&'a [Cell]> {
        f.evidence.iter().find_map(|e| match e {
            Evidence::Numbers { name, cells } if name == wanted => Some(cells.as_slice()),
            _ => None,
        })
    }

    #[test]
    fn one_member_is_too_few_for_everything() {
        let findings = attack(&[1.0], &[0.0, 0.5]);
        assert_eq!(findings.len(), 8);
        let reason = Undefined::TooFew { n: 1, need: 2 };
        assert!(findings.iter().all(|f| f.value == Err(reason.clone()) && f.evidence.is_empty()));
    }

    #[test]
    fn below_the_resolution_the_value_is_that_of_no_false_alarm() {
        // Two of three members above all four non-members.
        let findings = attack(&[9.0, 8.0, 1.0], &[7.0, 3.0, 2.0, 0.0]);
        let finest = &findings[3];
        assert_eq!(finest.check, "membership_tpr_at_fpr_0.001");
        assert_eq!(finest.value, Ok(2.0 / 3.0));
        let floor = &evidence(finest, "resolution").unwrap()[0];
        assert_eq!((floor.name.as_str(), floor.value, floor.n), ("floor", Some(0.25), 4));
    }

    #[test]
    fn a_reversed_attack_is_called_below_chance() {
        let (low, high): (Vec<f64>, Vec<f64>) =
            (0..50).map(|i| (f64::from(i), f64::from(i + 25))).unzip();
        assert!(evidence(&attack(&low, &high)[0], "below_chance").is_some());
        assert!(evidence(&attack(&high, &low)[0], "below_chance").is_none());
        assert!(evidence(&attack(&high, &low)[0], "null_run").is_some());
    }

    #[test]
    fn the_curve_keeps_its_beginning_and_its_end() {
        let scores: Vec<f64> = (0..1000).map(f64::from).collect();
        let roc = stats::roc(&scores, &scores[..500]).unwrap();
        let (x, y) = thinned(&roc);
        assert_eq!((x.len(), x[0], y[0]), (400, 0.0, 0.0));
        assert!((x[399] - 1.0).abs() < 1e-15 && (y[399] - 1.0).abs() < 1e-15);
        assert_eq!(y[..200], roc.points().1[..200]);
    }

    #[test]
    fn the_gap_by_hand() {
        // Members 2 of 2 right, non-members 1 of 2 (a tie goes to the first class): gap ½.
        let seen = Logits::new(vec![1.0, 0.0, 0.0, 1.0], 2).unwrap();
        let unseen = Logits::new(vec![0.0, 0.0, 0.0, 0.0], 2).unwrap();
        let members = Members {
            seen: Outputs { logits: &seen, labels: &[0, 1] },
            unseen: Outputs { logits: &unseen, labels: &[0, 1] },
        };
        let gap = generalization_gap(&Scene::of_members(&members).unwrap(), 0.95);
        assert_eq!((gap.value.clone(), gap.n), (Ok(0.5), 4));
        assert_eq!(gap.interval.unwrap().method, "newcombe");
    }
}
