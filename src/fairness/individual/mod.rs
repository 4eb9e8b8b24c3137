//! Individual fairness: whether rows that are near each other are decided alike.

mod neighbours;

pub use neighbours::{Features, FeaturesError, Neighbours, OwnRow};

use super::Options;
use super::frame::Frame;
use crate::domain::{
    Cell, Evidence, Finding, GroupId, Groups, Ideal, Meta, Stage, Subject, Undefined, Value, to_f64,
};
use crate::stats::sum;

crate::check! {
    /// How alike the decisions of a row and of its nearest neighbours are.
    ///
    /// **Formula** `1 − mean_i |ŷ_i − mean of ŷ over the k nearest rows to i|`; of a group, the mean
    /// over its rows, with neighbours among all. k = 5, Euclidean distance on the given columns as
    /// they are (scale them first), the row itself is no neighbour, of equally near rows the earlier
    /// one counts; the evidence `settings` repeats this and says in how many rows it mattered.
    /// **Range** 0 to 1. **Ideal** 1. **Undefined** `TooFew` for fewer than k + 1 rows, and for a
    /// group below the declared minimum size; `Empty` for a group without rows. **Interval** none:
    /// rows share neighbours, so their terms are not independent. **Source** Zemel, Wu, Swersky,
    /// Pitassi, Dwork 2013, ICML, §5.3. **Peer** `aif360`'s `consistency`, for which the row is a
    /// neighbour of itself and the protected column a feature.
    Consistency, "FA521", "consistency", Ideal::One
}

crate::check! {
    /// How alike the true labels of a row and of its nearest neighbours are.
    ///
    /// **Formula** `1 − mean_i |y_i − mean of y over the k nearest rows to i|`, as `consistency`.
    /// **Range** 0 to 1. **Ideal** none; it describes the data, and is what `consistency` may be
    /// compared with. **Undefined** as for `consistency`. **Interval** none, for the same reason.
    /// **Source** Zemel, Wu, Swersky, Pitassi, Dwork 2013, ICML, §5.3.
    /// **Peer** `aif360.metrics.BinaryLabelDatasetMetric.consistency`.
    LabelConsistency, "FA522", "label_consistency", Ideal::None
}

/// Neighbours that are looked at.
const K: usize = 5;

/// The manuals.
pub(super) fn checks() -> Vec<&'static Meta> {
    vec![&Consistency::META, &LabelConsistency::META]
}

/// `1 − |y_i − mean of y over the neighbours|` of every row, `(n,)`.
///
/// # Panics
/// Panics when the neighbours are of other rows: a bug of the caller.
#[must_use]
pub fn alike(labels: &[bool], neighbours: &[Neighbours]) -> Vec<f64> {
    assert_eq!(labels.len(), neighbours.len(), "both describe the same rows");
    let one = |(own, near): (&bool, &Neighbours)| {
        let agreeing = near.rows.iter().filter(|row| labels[**row] == *own).count();
        share(agreeing, near.rows.len())
    };
    labels.iter().zip(neighbours).map(one).collect()
}

fn count(n: usize) -> u64 {
    u64::try_from(n).unwrap_or_else(|_| unreachable!("usize fits u64"))
}

fn share(part: usize, whole: usize) -> f64 {
    to_f64(count(part)) / to_f64(count(whole))
}

/// Rows of the whole population or of one group, and what is said about them.
struct Part<'a> {
    subject: Subject,
    level: Option<(&'a Groups, GroupId)>,
    n: u64,
}

/// Consistency of decisions and labels: all rows, then every group of every grouping.
///
/// # Errors
/// Says so when the features have another number of rows than the frame.
pub fn audit(
    frame: &Frame,
    features: &Features,
    options: &Options,
) -> Result<Vec<Finding>, FeaturesError> {
    fits(frame, features)?;
    let (rows, enough) = (features.rows(), features.rows() > K);
    let neighbours = if enough { features.neighbours(K, OwnRow::Excluded) } else { Vec::new() };
    let settings = settings(features, &neighbours);
    let parts = parts(frame);
    let mut findings = Vec::new();
    for (meta, labels) in
        [(&Consistency::META, &frame.y_pred), (&LabelConsistency::META, &frame.y_true)]
    {
        let alike = if enough { alike(labels, &neighbours) } else { Vec::new() };
        for part in parts.iter().filter(|_| options.wants(meta.name)) {
            let value = match part.n {
                0 => Err(Undefined::Empty),
                _ if !enough => Err(Undefined::TooFew { n: count(rows), need: count(K + 1) }),
                n if part.level.is_some() && n < options.min_group_size => {
                    Err(Undefined::TooFew { n, need: options.min_group_size })
                }
                _ => mean(&alike, frame.weight.as_deref(), part.level),
            };
            let finding = Finding::new(meta, Stage::Fairness, part.subject.clone(), value, part.n);
            let settings = part.level.is_none().then(|| settings.clone());
            findings.push(settings.into_iter().fold(finding, Finding::with));
        }
    }
    findings.extend(super::compat::consistency(frame, features, options));
    Ok(findings)
}

fn fits(frame: &Frame, features: &Features) -> Result<(), FeaturesError> {
    let (rows, expected) = (features.rows(), frame.y_true.len());
    if rows == expected {
        return Ok(());
    }
    Err(FeaturesError::OtherRows { rows, expected })
}

fn parts(frame: &Frame) -> Vec<Part<'_>> {
    let split = Some(frame.split.name().to_owned());
    let subject = Subject { split, ..Subject::default() };
    let n = count(frame.y_true.len());
    let mut parts = vec![Part { subject: subject.clone(), level: None, n }];
    for groups in &frame.groups {
        for (id, n) in groups.ids().zip(groups.counts()) {
            let by = groups.features().to_vec();
            let subject = Subject { by, group: Some(groups.key(id)), ..subject.clone() };
            parts.push(Part { subject, level: Some((groups, id)), n });
        }
    }
    parts
}

/// The mean over the rows of a level, or all rows, by their weights.
fn mean(alike: &[f64], weight: Option<&[f64]>, level: Option<(&Groups, GroupId)>) -> Value {
    let inside = |row: &usize| level.is_none_or(|(groups, id)| groups.at(*row) == id);
    let weight = |row: usize| weight.map_or(1.0, |weights| weights[row]);
    let rows = || (0..alike.len()).filter(inside);
    let total = sum(rows().map(weight));
    crate::domain::ratio_of(sum(rows().map(|row| weight(row) * alike[row])), total)
}

/// k, the rule on the own row, the number of features, and the rows with a tie at the k-th place.
fn settings(features: &Features, neighbours: &[Neighbours]) -> Evidence {
    let n = count(features.rows());
    let ties = neighbours.iter().filter(|near| near.tie).count();
    let cell = |(name, value): (&str, usize)| Cell {
        name: name.to_owned(),
        value: Some(to_f64(count(value))),
        n,
    };
    let parts = [
        ("k_neighbours", K),
        ("own_row_is_a_neighbour", 0),
        ("euclidean_features", features.columns()),
        ("rows_with_a_tie_at_the_last_place", ties),
    ];
    Evidence::Numbers { name: "settings".to_owned(), cells: parts.map(cell).into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Groups, Split};

    /// Two far clusters of six rows on a line.
    fn clusters(y_pred: [bool; 12]) -> (Frame, Features) {
        let at: Vec<f64> = (0..6).chain(100..106).map(f64::from).collect();
        let names: Vec<Option<&str>> =
            (0..12).map(|i| Some(if i < 6 { "a" } else { "b" })).collect();
        let frame = Frame {
            split: Split::Test,
            y_true: vec![true; 12],
            y_pred: y_pred.to_vec(),
            score: None,
            weight: None,
            groups: vec![Groups::encode("g", &names)],
        };
        (frame, Features::new(&[("x".to_owned(), at)]).unwrap())
    }

    fn close(value: &Value, expected: f64) {
        assert!((value.clone().unwrap() - expected).abs() < 1e-15, "{value:?} {expected}");
    }

    #[test]
    fn one_odd_row_by_hand() {
        // In cluster a one of six differs: it agrees with 0 of 5, the others with 4 of 5 each.
        let mut y_pred = [false; 12];
        y_pred[2] = true;
        let (frame, features) = clusters(y_pred);
        let found = audit(&frame, &features, &Options::default()).unwrap();
        close(&found[0].value, (5.0 * 0.8 + 6.0) / 12.0);
        close(&found[1].value, 4.0 / 6.0);
        close(&found[2].value, 1.0);
        // Labels are all alike.
        close(&found[3].value, 1.0);
        let Evidence::Numbers { name, cells } = &found[0].evidence[0] else { panic!() };
        assert_eq!((name.as_str(), cells[0].value), ("settings", Some(5.0)));
    }

    #[test]
    fn weights_count_rows_and_not_neighbours() {
        let mut y_pred = [false; 12];
        y_pred[2] = true;
        let (mut frame, features) = clusters(y_pred);
        let mut weight = vec![1.0; 12];
        weight[2] = 4.0;
        frame.weight = Some(weight);
        let found = audit(&frame, &features, &Options::default()).unwrap();
        close(&found[0].value, (5.0 * 0.8 + 6.0) / 15.0);
    }

    #[test]
    fn few_rows_small_groups_and_other_rows_are_said() {
        let (frame, features) = clusters([false; 12]);
        let options = Options { min_group_size: 7, ..Options::default() };
        let found = audit(&frame, &features, &options).unwrap();
        assert_eq!(found[1].value, Err(Undefined::TooFew { n: 6, need: 7 }));
        let six = Options { min_group_size: 6, ..Options::default() };
        close(&audit(&frame, &features, &six).unwrap()[1].value, 1.0);
        let few = Features::new(&[("x".to_owned(), vec![0.0; 5])]).unwrap();
        let error = audit(&frame, &few, &options).unwrap_err();
        assert_eq!(error.to_string(), "the features have 5 rows, the predictions 12");
        let five = Frame {
            y_true: vec![true; 5],
            y_pred: vec![true; 5],
            groups: Vec::new(),
            ..frame.clone()
        };
        let found = audit(&five, &few, &options).unwrap();
        assert_eq!(found[0].value, Err(Undefined::TooFew { n: 5, need: 6 }));
    }

    #[test]
    fn findings_say_what_they_are_about_and_a_level_without_rows_is_empty() {
        let (mut frame, features) = clusters([false; 12]);
        let names: Vec<Option<&str>> = (0..13).map(|i| Some(["a", "b", "c"][i / 6])).collect();
        let rows: Vec<usize> = (0..12).collect();
        frame.groups = vec![Groups::encode("g", &names).select(&rows)];
        let found = audit(&frame, &features, &Options::default()).unwrap();
        let of =
            |f: &Finding| (f.subject.by.join("|"), f.subject.group.clone().map(|g| g["g"].clone()));
        let groups = ["a", "b", "c"].map(|g| ("g".to_owned(), Some(g.to_owned())));
        assert_eq!(found[1..4].iter().map(of).collect::<Vec<_>>(), groups);
        assert_eq!(found[3].value, Err(Undefined::Empty));
        let known = crate::fairness::checks();
        for finding in &found {
            assert_eq!(finding.subject.split.as_deref(), Some("test"));
            assert!(known.iter().any(|meta| meta.name == finding.check));
        }
    }
}
