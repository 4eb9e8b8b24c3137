//! What is said of all attacks together.

use super::findings::{count, numbers};
use super::worth::{
    MembershipAuc, MembershipBelowChance, MembershipStrongest, MembershipTprAtFpr001,
};
use crate::domain::{Evidence, Finding, Stage, Subject, to_f64};
use crate::stats;

/// The attack that finds the most members at one false alarm in a hundred.
pub(super) fn strongest(findings: &[Finding], level: f64) -> Option<Finding> {
    let rate = |f: &&Finding| f.check == MembershipTprAtFpr001::META.name;
    let all: Vec<&Finding> = findings.iter().filter(rate).collect();
    let first = all.first()?;
    let value = |f: &Finding| f.value.clone().unwrap_or(-1.0);
    let best = all.iter().fold(first, |best, f| if value(f) > value(best) { f } else { best });
    let counts = best.evidence.iter().find_map(|e| match e {
        Evidence::Counts { counts } => Some((counts.get("tp")?, counts.get("members")?)),
        _ => None,
    });
    let shared = 1.0 - (1.0 - level) / to_f64(count(all.len()));
    let interval = counts.and_then(|(tp, n)| stats::clopper_pearson(*tp, *n, shared));
    let attack = best.subject.attack.clone().unwrap_or_default();
    let number = numbers("strongest", &[(&attack, best.value.clone().ok())], best.n);
    let meta = &MembershipStrongest::META;
    let finding =
        Finding::new(meta, Stage::Privacy, Subject::default(), best.value.clone(), best.n);
    Some(finding.with_interval(interval).with(number))
}

/// The name of the attack that [`strongest`] has picked.
pub(super) fn strongest_attack(findings: &[Finding]) -> Option<String> {
    let picked = findings.iter().find(|f| f.check == MembershipStrongest::META.name)?;
    picked.evidence.iter().find_map(|e| match e {
        Evidence::Numbers { name, cells } if name == "strongest" => {
            Some(cells.first()?.name.clone())
        }
        _ => None,
    })
}

/// The number of attacks whose area lies below ½ beyond chance, the error shared out among all.
pub(super) fn below_chance(findings: &[Finding], level: f64) -> Option<Finding> {
    let areas: Vec<&Finding> = findings
        .iter()
        .filter(|f| f.check == MembershipAuc::META.name && f.value.is_ok())
        .collect();
    let n = areas.first()?.n;
    let times = stats::two_sided(1.0 - (1.0 - level) / to_f64(count(areas.len())))
        / stats::two_sided(level);
    let below = |f: &&&Finding| match (&f.value, &f.interval) {
        (Ok(value), Some(i)) => logit(*value) + times * (logit(i.high) - logit(*value)) < 0.0,
        (Ok(value), None) => *value <= 0.0,
        (Err(_), _) => false,
    };
    let reversed: Vec<(&str, Option<f64>)> = areas
        .iter()
        .filter(below)
        .map(|f| (f.subject.attack.as_deref().unwrap_or_default(), f.value.clone().ok()))
        .collect();
    let value = Ok(to_f64(count(reversed.len())));
    let meta = &MembershipBelowChance::META;
    let finding = Finding::new(meta, Stage::Privacy, Subject::default(), value, n);
    let listed = (!reversed.is_empty()).then(|| numbers("below_chance", &reversed, n));
    Some(listed.into_iter().fold(finding, Finding::with))
}

fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::super::findings::tests::{attack, evidence};
    use super::*;

    #[test]
    fn reversed_attacks_are_counted() {
        let (low, high): (Vec<f64>, Vec<f64>) =
            (0..50).map(|i| (f64::from(i), f64::from(i + 25))).unzip();
        let all = [attack(&low, &high), attack(&high, &low)].concat();
        let found = below_chance(&all, 0.95).unwrap();
        assert_eq!((found.value.clone(), found.n), (Ok(1.0), 100));
        assert_eq!(evidence(&found, "below_chance").unwrap().len(), 1);
        assert_eq!(below_chance(&attack(&high, &low), 0.95).unwrap().value, Ok(0.0));
        assert_eq!(below_chance(&[], 0.95), None);
    }
}
