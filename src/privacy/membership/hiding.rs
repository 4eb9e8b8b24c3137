//! Anonymity beside membership: are the records that stand alone in a table the ones that the model gives
//! away?

use super::findings::{count, tally};
use super::overall::strongest_attack;
use super::{Attacked, Scene};
use crate::domain::{Finding, Ideal, Interval, Stage, Subject, TextTable, Undefined, to_f64};
use crate::stats;
use std::collections::BTreeMap;

crate::check! {
    /// Whether members that few others resemble get the higher scores.
    ///
    /// **Formula** Spearman's ρ, over the members, of the strongest attack's score and the number of rows with the same
    /// quasi-identifiers (a missing value is one more value); tied values share their mean rank. Below 0 the records that
    /// stand alone are the exposed ones. Interval: `tanh(artanh ρ ± z √((1 + ρ²/2) / (n − 3)))` (method `bonett_wright`).
    /// **Range** −1 to 1. **Ideal** 0.
    /// **Undefined** `TooFew` with fewer than ten members; `ZeroDenominator` where all scores or all class sizes are equal.
    /// **Source** Spearman 1904; Bonett and Wright 2000, Psychometrika 65. **Peer** none.
    ClassSizeCorrelation, "PR046", "membership_class_size_correlation", Ideal::Zero
}

/// Members that it needs.
const NEED: u64 = 10;

/// The correlation for the attack that the findings call the strongest; none where no attack was made.
/// `classes` are the sizes of the rows' classes over the pool, see [`class_sizes`].
#[must_use]
pub fn class_size_correlation(
    scene: &Scene,
    (attacked, findings): (&[Attacked], &[Finding]),
    classes: &[u64],
    confidence: f64,
) -> Option<Finding> {
    let attack = strongest_attack(findings)?;
    let scored = attacked.iter().find(|a| a.attack == attack)?.scored.as_ref().ok()?;
    let rows: Vec<usize> = (0..scene.member.len()).filter(|row| scene.member[*row]).collect();
    let scores: Vec<f64> = rows.iter().map(|row| scored.pool[*row]).collect();
    let sizes: Vec<f64> = rows.iter().map(|row| to_f64(classes[*row])).collect();
    let n = count(rows.len());
    let subject = Subject { attack: Some(attack), ..Subject::default() };
    let new = |value| {
        Finding::new(&ClassSizeCorrelation::META, Stage::Privacy, subject.clone(), value, n)
    };
    if n < NEED {
        return Some(new(Err(Undefined::TooFew { n, need: NEED })));
    }
    let alone = count(sizes.iter().filter(|size| **size < 1.5).count());
    let counts = tally(&[("members", n), ("unique_rows", alone)]);
    let Some(rho) = spearman(&scores, &sizes) else {
        return Some(new(Err(Undefined::ZeroDenominator)).with(counts));
    };
    Some(new(Ok(rho)).with_interval(interval(rho, n, confidence)).with(counts))
}

/// For each row the number of rows with the same values in these columns; none where a column does not
/// exist.
#[must_use]
pub fn class_sizes(table: &TextTable, quasi: &[String]) -> Option<Vec<u64>> {
    let columns: Option<Vec<_>> = quasi.iter().map(|name| table.column(name)).collect();
    let columns = columns?;
    let key = |row: usize| columns.iter().map(|cells| cells[row].as_deref()).collect::<Vec<_>>();
    let mut sizes: BTreeMap<Vec<Option<&str>>, u64> = BTreeMap::new();
    for row in 0..table.rows() {
        *sizes.entry(key(row)).or_default() += 1;
    }
    Some((0..table.rows()).map(|row| sizes[&key(row)]).collect())
}

/// Pearson's correlation of the ranks; none where one side does not vary.
fn spearman(a: &[f64], b: &[f64]) -> Option<f64> {
    let (a, b) = (ranks(a), ranks(b));
    let mean = f64::midpoint(to_f64(count(a.len())), 1.0);
    let product = |left: &[f64], right: &[f64]| {
        stats::sum(left.iter().zip(right).map(|(l, r)| (l - mean) * (r - mean)))
    };
    let scale = (product(&a, &a) * product(&b, &b)).sqrt();
    (scale > 0.0).then(|| (product(&a, &b) / scale).clamp(-1.0, 1.0))
}

/// Ranks from 1; equal values share the mean of theirs.
fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|a, b| values[*a].total_cmp(&values[*b]));
    let mut ranks = vec![0.0; values.len()];
    let mut from = 0;
    while from < order.len() {
        let same = |at: &usize| values[*at].total_cmp(&values[order[from]]).is_eq();
        let tied = order[from..].iter().take_while(|at| same(at)).count();
        let middle = to_f64(count(2 * from + tied + 1)) / 2.0;
        order[from..from + tied].iter().for_each(|at| ranks[*at] = middle);
        from += tied;
    }
    ranks
}

fn interval(rho: f64, n: u64, level: f64) -> Option<Interval> {
    if rho.abs() >= 1.0 {
        return None;
    }
    let half = stats::two_sided(level) * ((1.0 + rho * rho / 2.0) / (to_f64(n) - 3.0)).sqrt();
    let (low, high) = ((rho.atanh() - half).tanh(), (rho.atanh() + half).tanh());
    Some(Interval { low, high, level, method: "bonett_wright".to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_and_correlation_by_hand() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        // Differences of ranks 1, 1, 0, 1, 1: ρ = 1 − 6 · 4 / (5 · 24) = 0.8.
        let rho = spearman(&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 1.0, 3.0, 5.0, 4.0]).unwrap();
        assert!((rho - 0.8).abs() < 1e-12, "{rho}");
        assert_eq!(spearman(&[1.0, 1.0], &[1.0, 2.0]), None);
        let i = interval(0.8, 103, 0.95).unwrap();
        // artanh 0.8 = 1.098612; √(1.32 / 100) = 0.114891; 1.96 times that: 0.225183.
        assert!(
            (i.low.atanh() - 0.873_429).abs() < 1e-5 && (i.high.atanh() - 1.323_795).abs() < 1e-5
        );
        assert_eq!(interval(1.0, 50, 0.95), None);
    }

    #[test]
    fn a_missing_value_is_one_more_value() {
        let cells = |values: &[Option<&str>]| {
            values.iter().map(|v| v.map(str::to_owned)).collect::<Vec<_>>()
        };
        let columns = vec![
            ("sex".to_owned(), cells(&[Some("f"), Some("f"), None, None, Some("f")])),
            ("age".to_owned(), cells(&[Some("1"), Some("1"), Some("1"), Some("1"), None])),
        ];
        let table = TextTable { file: "t.csv".to_owned(), columns };
        let quasi = ["sex".to_owned(), "age".to_owned()];
        assert_eq!(class_sizes(&table, &quasi), Some(vec![2, 2, 2, 2, 1]));
        assert_eq!(class_sizes(&table, &["zip".to_owned()]), None);
    }
}
