//! The tables of New York City's Local Law 144: impact ratios of an automated employment decision
//! tool by sex, by race or ethnicity, and by their intersection.

use super::Options;
use super::frame::Frame;
use crate::domain::{
    Cell, Evidence, Finding, GroupId, Groups, Ideal, Interval, MISSING, Meta, Stage, Subject,
    Undefined, Value, rate, ratio_of, to_f64,
};
use crate::stats::katz_log;

crate::check! {
    /// Selection rate of a category divided by that of the most selected category.
    ///
    /// Of a category, or the smallest of all categories where no group is named.
    ///
    /// **Formula** `P(ŷ = 1 | category) / max P(ŷ = 1 | category)`. A category of less than 2 % of
    /// the rows is left out, as the rules allow, and shown as left out with its rate and its share
    /// in the evidence. Rows of an unknown category are counted apart, in `local_law_144_unknown`.
    /// The declared minimum group size and weights do not apply: the rules count people.
    /// **Range** 0 to 1. **Ideal** 1. **Undefined** `Empty` for a category without rows; `NotRun`
    /// for one that is left out; `ZeroDenominator` when nobody is selected; `OneGroup` when fewer
    /// than two categories are left. **Interval** Katz's log interval against the most selected
    /// category as if it had been named beforehand; none for that category itself.
    /// **Source** New York City Administrative Code § 20-870; 6 RCNY §§ 5-300 to 5-304 (2023).
    /// **Peer** none; `holisticai`'s `four_fifths` of a pair is the same ratio.
    ImpactRatio, "FA531", "local_law_144_impact_ratio", Ideal::One
}

crate::check! {
    /// Scoring rate of a category divided by that of the highest scoring category.
    ///
    /// Of a category, or the smallest of all categories where no group is named.
    ///
    /// **Formula** `P(s > m | category) / max P(s > m | category)`, m the median score of all rows.
    /// Categories below 2 %, unknown ones, group sizes and weights as for
    /// `local_law_144_impact_ratio`. **Range** 0 to 1. **Ideal** 1. **Undefined** as for
    /// `local_law_144_impact_ratio`, and `NoScores` when the predictions carry no score.
    /// **Interval** Katz's log interval as for `local_law_144_impact_ratio`; it takes the median as
    /// given. **Source** New York City Administrative Code § 20-870; 6 RCNY §§ 5-300 to 5-304
    /// (2023). **Peer** none.
    ScoringImpactRatio, "FA532", "local_law_144_scoring_impact_ratio", Ideal::One
}

crate::check! {
    /// Share of the rows whose category is unknown, which the impact ratios leave out.
    ///
    /// **Formula** rows with a missing value in any of the features / rows. **Range** 0 to 1.
    /// **Ideal** 0. **Undefined** `Empty` without rows. **Interval** none; it is counted, not
    /// estimated. **Source** 6 RCNY § 5-301 (2023): the number of individuals of unknown category
    /// must be published. **Peer** none.
    Unknown, "FA533", "local_law_144_unknown", Ideal::Zero
}

/// A category with less than this share of the rows may be left out.
const LEAST_SHARE: f64 = 0.02;

/// The manuals.
pub(super) fn checks() -> Vec<&'static Meta> {
    vec![&ImpactRatio::META, &ScoringImpactRatio::META, &Unknown::META]
}

/// One category.
struct Category {
    id: GroupId,
    n: u64,
    hits: u64,
    /// Whether it is less than the least share of the rows.
    small: bool,
}

impl Category {
    fn rate(&self) -> f64 {
        rate(self.hits, self.n, Undefined::Empty).unwrap_or(0.0)
    }

    fn included(&self) -> bool {
        self.n > 0 && !self.small
    }
}

/// Both versions of the table and the unknown ones, for each grouping; nothing unless asked for.
pub(super) fn findings(frame: &Frame, options: &Options) -> Vec<Finding> {
    let mut findings = Vec::new();
    for groups in frame.groups.iter().filter(|_| options.local_law_144) {
        let table = Table { frame, groups, options };
        findings.extend(table.version(&ImpactRatio::META, Some(&frame.y_pred)));
        let above = frame.score.as_deref().map(above_median);
        findings.extend(table.version(&ScoringImpactRatio::META, above.as_deref()));
        findings.push(table.unknown());
    }
    findings
}

/// Whether each score is above the median of all.
fn above_median(scores: &[f64]) -> Vec<bool> {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or_default();
    let lower = sorted.get(sorted.len().saturating_sub(1) / 2).copied().unwrap_or_default();
    let median = f64::midpoint(lower, upper);
    scores.iter().map(|score| *score > median).collect()
}

struct Table<'a> {
    frame: &'a Frame,
    groups: &'a Groups,
    options: &'a Options,
}

impl Table<'_> {
    fn subject(&self) -> Subject {
        let by = self.groups.features().to_vec();
        let split = Some(self.frame.split.name().to_owned());
        Subject { split, by, ..Subject::default() }
    }

    fn is_unknown(&self, id: GroupId) -> bool {
        self.groups.parts(id).iter().any(|part| part == MISSING)
    }

    fn rows(&self) -> u64 {
        u64::try_from(self.groups.len()).unwrap_or_else(|_| unreachable!("usize fits u64"))
    }

    /// The known categories in order.
    fn categories(&self, selected: &[bool]) -> Vec<Category> {
        let mut hits = vec![0; self.groups.n_levels()];
        for (level, selected) in self.groups.of().zip(selected) {
            hits[level.index()] += u64::from(*selected);
        }
        let counted = self.groups.ids().zip(self.groups.counts()).zip(hits);
        let known = counted.filter(|((id, _), _)| !self.is_unknown(*id));
        let least = LEAST_SHARE * to_f64(self.rows());
        known.map(|((id, n), hits)| Category { id, n, hits, small: to_f64(n) < least }).collect()
    }

    /// One finding per category, then the smallest ratio of all.
    fn version(&self, meta: &'static Meta, selected: Option<&[bool]>) -> Vec<Finding> {
        let all = |value, n| Finding::new(meta, Stage::Fairness, self.subject(), value, n);
        let Some(selected) = selected else {
            return vec![all(Err(Undefined::NoScores), self.rows())];
        };
        let categories = self.categories(selected);
        let included = || categories.iter().filter(|c| c.included());
        // Of equal categories the first one is the most selected.
        let most = included().reduce(|best, c| if c.rate() > best.rate() { c } else { best });
        let mut findings: Vec<Finding> =
            categories.iter().map(|c| self.category(meta, c, most)).collect();
        let ratios: Vec<(f64, Option<Interval>)> = findings
            .iter()
            .filter_map(|f| f.value.as_ref().ok().map(|value| (*value, f.interval.clone())))
            .collect();
        let least = ratios.iter().min_by(|a, b| a.0.total_cmp(&b.0));
        let value = match (included().count(), least) {
            (0 | 1, _) => Err(Undefined::OneGroup),
            (_, Some((least, _))) => Ok(*least),
            (_, None) => Err(Undefined::ZeroDenominator),
        };
        let interval = least.and_then(|(_, interval)| interval.clone());
        let interval = interval.filter(|_| value.is_ok());
        let n = included().map(|c| c.n).sum();
        let table = categories.iter().map(|c| self.cell(c)).collect();
        let table = Evidence::Numbers { name: "rates_of_categories".to_owned(), cells: table };
        let small: Vec<Cell> =
            categories.iter().filter(|c| c.small && c.n > 0).map(|c| self.share(c)).collect();
        let small = (!small.is_empty())
            .then_some(Evidence::Numbers { name: "below_two_per_cent".to_owned(), cells: small });
        let summary = all(value, n).with_interval(interval).with(table);
        findings.push(small.into_iter().fold(summary, Finding::with));
        findings.retain(|f| self.options.wants(&f.check));
        findings
    }

    fn category(&self, meta: &'static Meta, c: &Category, most: Option<&Category>) -> Finding {
        let value: Value = match most {
            _ if c.n == 0 => Err(Undefined::Empty),
            _ if c.small => Err(Undefined::NotRun { because: BELOW_TWO_PER_CENT.to_owned() }),
            Some(most) => ratio_of(c.rate(), most.rate()),
            None => Err(Undefined::ZeroDenominator),
        };
        let other = most.filter(|most| most.id != c.id && value.is_ok());
        let level = self.options.confidence;
        let interval = other.and_then(|most| katz_log((c.hits, c.n), (most.hits, most.n), level));
        let subject = Subject { group: Some(self.groups.key(c.id)), ..self.subject() };
        let rate =
            Evidence::Numbers { name: "rates_of_categories".to_owned(), cells: vec![self.cell(c)] };
        let share =
            Evidence::Numbers { name: "share_of_rows".to_owned(), cells: vec![self.share(c)] };
        let finding = Finding::new(meta, Stage::Fairness, subject, value, c.n);
        finding.with_interval(interval).with(rate).with(share)
    }

    /// The category's own rate.
    fn cell(&self, c: &Category) -> Cell {
        let value = (c.n > 0).then(|| c.rate());
        Cell { name: self.groups.label(c.id), value, n: c.n }
    }

    /// The category's share of all rows.
    fn share(&self, c: &Category) -> Cell {
        let value = rate(c.n, self.rows(), Undefined::Empty).ok();
        Cell { name: self.groups.label(c.id), value, n: c.n }
    }

    fn unknown(&self) -> Finding {
        let sizes = self.groups.ids().zip(self.groups.counts());
        let unknown = sizes.filter(|(id, _)| self.is_unknown(*id)).map(|(_, n)| n).sum();
        let value = rate(unknown, self.rows(), Undefined::Empty);
        let counts = [("unknown".to_owned(), unknown)].into();
        Finding::new(&Unknown::META, Stage::Fairness, self.subject(), value, self.rows())
            .with(Evidence::Counts { counts })
    }
}

/// Why a category has no impact ratio.
const BELOW_TWO_PER_CENT: &str = "the category holds less than 2 % of the rows";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Split;

    /// Categories with rows and selected ones; the empty name is unknown.
    fn frame(categories: &[(&str, usize, usize)]) -> Frame {
        let (mut names, mut y_pred) = (Vec::new(), Vec::new());
        for (name, n, hits) in categories {
            names.extend(vec![Some(*name); *n]);
            y_pred.extend((0..*n).map(|row| row < *hits));
        }
        let groups = vec![Groups::encode("race", &names)];
        let y_true = y_pred.clone();
        Frame { split: Split::Test, y_true, y_pred, score: None, weight: None, groups }
    }

    fn found(frame: &Frame, check: &str) -> Vec<Finding> {
        let options = Options { local_law_144: true, min_group_size: 1000, ..Options::default() };
        findings(frame, &options).into_iter().filter(|f| f.check == check).collect()
    }

    fn close(value: &Value, expected: f64) {
        assert!((value.clone().unwrap() - expected).abs() < 1e-15, "{value:?}");
    }

    #[test]
    fn nothing_unless_asked_for() {
        assert_eq!(findings(&frame(&[("a", 2, 1)]), &Options::default()), []);
    }

    #[test]
    fn ratios_to_the_most_selected_category_by_hand() {
        // 50/100, 30/100, 20/50: the first is the most selected.
        let rows = frame(&[("a", 100, 50), ("b", 100, 30), ("c", 50, 20)]);
        let found = found(&rows, "local_law_144_impact_ratio");
        [1.0, 0.6, 0.8].iter().zip(&found).for_each(|(ratio, f)| close(&f.value, *ratio));
        assert_eq!(found[1].interval, katz_log((30, 100), (50, 100), 0.95));
        assert_eq!(found[0].interval, None);
        close(&found[3].value, 0.6);
        assert_eq!((found[3].interval.clone(), found[3].n), (found[1].interval.clone(), 250));
        let Evidence::Numbers { cells, .. } = &found[3].evidence[0] else { panic!() };
        assert_eq!(cells.len(), 3);
    }

    #[test]
    fn a_category_below_two_per_cent_is_left_out_and_shown() {
        // c has 1 of 101 rows and is always selected: it must not be the most selected.
        let rows = frame(&[("a", 50, 25), ("b", 50, 20), ("c", 1, 1)]);
        let found = found(&rows, "local_law_144_impact_ratio");
        close(&found[0].value, 1.0);
        assert!(matches!(found[2].value, Err(Undefined::NotRun { .. })));
        close(&found[3].value, 0.8);
        let Evidence::Numbers { name, cells } = &found[3].evidence[1] else { panic!() };
        assert_eq!(
            (name.as_str(), cells[0].name.as_str(), cells[0].n),
            ("below_two_per_cent", "c", 1)
        );
        assert!((cells[0].value.unwrap() - 1.0 / 101.0).abs() < 1e-15);
        // Exactly 2 % stays.
        let rows = frame(&[("a", 49, 10), ("b", 49, 10), ("c", 2, 1)]);
        assert!(super::tests::found(&rows, "local_law_144_impact_ratio")[2].value.is_ok());
    }

    #[test]
    fn unknown_rows_are_counted_apart_and_in_no_ratio() {
        let rows = frame(&[("a", 6, 3), ("b", 6, 3), ("", 4, 4)]);
        let ratios = found(&rows, "local_law_144_impact_ratio");
        assert_eq!(ratios.len(), 3);
        close(&ratios[2].value, 1.0);
        close(&found(&rows, "local_law_144_unknown")[0].value, 0.25);
    }

    #[test]
    fn scores_above_the_median_of_all_rows() {
        let mut rows = frame(&[("a", 3, 0), ("b", 3, 0)]);
        assert_eq!(
            found(&rows, "local_law_144_scoring_impact_ratio")[0].value,
            Err(Undefined::NoScores)
        );
        // Median (0.4 + 0.5)/2: above it a has 2 of 3, b 1 of 3.
        rows.score = Some(vec![0.9, 0.8, 0.1, 0.5, 0.4, 0.2]);
        let found = found(&rows, "local_law_144_scoring_impact_ratio");
        close(&found[0].value, 1.0);
        close(&found[2].value, 0.5);
        assert_eq!(above_median(&[3.0, 1.0, 2.0]), [true, false, false]);
    }

    #[test]
    fn nobody_selected_and_one_category_have_no_ratio() {
        let none = found(&frame(&[("a", 3, 0), ("b", 3, 0)]), "local_law_144_impact_ratio");
        assert!(none.iter().all(|f| f.value == Err(Undefined::ZeroDenominator)));
        let one = found(&frame(&[("a", 3, 1)]), "local_law_144_impact_ratio");
        assert_eq!(one[1].value, Err(Undefined::OneGroup));
    }

    #[test]
    fn the_first_of_equal_categories_is_the_most_selected_and_each_is_named() {
        let rows = frame(&[("a", 20, 4), ("b", 20, 10), ("c", 20, 10)]);
        let found = found(&rows, "local_law_144_impact_ratio");
        [0.4, 1.0, 1.0].iter().zip(&found).for_each(|(ratio, f)| close(&f.value, *ratio));
        assert_eq!(found[1].interval, None);
        assert_eq!(found[2].interval, katz_log((10, 20), (10, 20), 0.95));
        for (f, name) in found.iter().zip(["a", "b", "c"]) {
            assert_eq!(f.subject.group.as_ref().map(|key| key["race"].as_str()), Some(name));
        }
        assert!(found.iter().all(|f| f.subject.by == ["race"]));
        assert!(found.iter().all(|f| f.subject.split.as_deref() == Some(Split::Test.name())));
        assert_eq!(found[3].subject.group, None);
    }

    #[test]
    fn a_category_without_rows_is_empty_and_not_a_small_one() {
        let all = frame(&[("a", 4, 2), ("b", 4, 1), ("c", 4, 4)]);
        let some = found(&all.select(&(0..8).collect::<Vec<_>>(), 0), "local_law_144_impact_ratio");
        assert_eq!((&some[2].value, some[3].evidence.len()), (&Err(Undefined::Empty), 1));
        close(&some[3].value, 0.5);
        let Evidence::Numbers { cells, .. } = &some[3].evidence[0] else { panic!() };
        let rates: Vec<Option<f64>> = cells.iter().map(|cell| cell.value).collect();
        assert_eq!(rates, [Some(0.5), Some(0.25), None]);
        let none = found(&all.select(&[], 0), "local_law_144_impact_ratio");
        assert!(none[..3].iter().all(|f| f.value == Err(Undefined::Empty)));
        assert_eq!(none[3].value, Err(Undefined::OneGroup));
    }
}
