//! From classes to findings.

use super::codes::{Classes, count};
use super::diversity::Diversity;
use super::manuals::{
    AlphaKAnonymity, BasicBetaLikeness, DeltaDisclosure, EnhancedBetaLikeness, EntropyLDiversity,
    JournalistRisk, KAnonymity, LDiversity, MarketerRisk, ProsecutorRisk, RecursiveClDiversity,
    RowsBelowFive, TCloseness, UniqueRows,
};
use crate::domain::{Cell, Evidence, Finding, Meta, Stage, Subject, Value, rate, to_f64};
use crate::domain::{Undefined, ratio_of};

/// Classes with fewer rows are small.
const SMALL: u64 = 5;

/// The table, as the findings name it.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The file.
    pub(super) file: String,
    /// Rows.
    pub(super) n: u64,
}

impl Place {
    fn finding(&self, meta: &Meta, column: Option<&str>, value: Value) -> Finding {
        let subject = Subject {
            place: Some(self.file.clone()),
            label: column.map(str::to_owned),
            ..Subject::default()
        };
        Finding::new(meta, Stage::Privacy, subject, value, self.n)
    }
}

/// One number and its name.
type Named<'a> = (&'a str, Option<f64>);

fn numbers(name: &str, cells: &[Named<'_>], n: u64) -> Evidence {
    let cell = |(name, value): &Named<'_>| Cell { name: (*name).to_owned(), value: *value, n };
    Evidence::Numbers { name: name.to_owned(), cells: cells.iter().map(cell).collect() }
}

fn counts(counts: &[(&str, u64)]) -> Evidence {
    Evidence::Counts { counts: counts.iter().map(|(k, v)| ((*k).to_owned(), *v)).collect() }
}

/// What the classes alone say. `quasi` are the columns with their distinct values, `missing` the
/// missing cells among them, `population` the rows of the population in each class.
pub(super) fn of_classes(
    place: &Place,
    classes: &Classes,
    (quasi, missing): (&[(String, u64)], u64),
    population: Option<&[u64]>,
) -> Vec<Finding> {
    let (n, groups) = (place.n, count(classes.sizes.len()));
    let smallest = classes.sizes.iter().copied().min().unwrap_or(0);
    let rows = |test: &dyn Fn(u64) -> bool| -> u64 {
        classes.sizes.iter().filter(|size| test(**size)).sum()
    };
    let columns: Vec<Named<'_>> =
        quasi.iter().map(|(name, levels)| (name.as_str(), Some(to_f64(*levels)))).collect();
    let k = place.finding(&KAnonymity::META, None, Ok(to_f64(smallest)));
    let tally = [("classes", groups), ("rows", n), ("missing_cells", missing)];
    let (unique, small) = (rows(&|size| size == 1), rows(&|size| size < SMALL));
    let share = |hits| rate(hits, n, Undefined::Empty);
    let per_class = classes.sizes.iter().map(|size| 1.0 / to_f64(*size)).sum::<f64>();
    let prosecutor = place.finding(&ProsecutorRisk::META, None, ratio_of(1.0, to_f64(smallest)));
    let means = [
        ("per_record", Some(to_f64(groups) / to_f64(n))),
        ("per_class", Some(per_class / to_f64(groups))),
    ];
    let mut findings = vec![
        k.with(counts(&tally)).with(numbers("distinct_values", &columns, n)),
        place.finding(&UniqueRows::META, None, share(unique)).with(counts(&[("rows", unique)])),
        place.finding(&RowsBelowFive::META, None, share(small)).with(counts(&[("rows", small)])),
        prosecutor.with(numbers("mean_risk", &means, n)),
    ];
    findings.extend(linked(place, classes, population));
    findings
}

/// The risks that depend on the population.
fn linked(place: &Place, classes: &Classes, population: Option<&[u64]>) -> [Finding; 2] {
    let sizes = population.unwrap_or(&classes.sizes);
    let smallest = sizes.iter().copied().min().unwrap_or(0);
    let pairs = classes.sizes.iter().zip(sizes);
    let matched: f64 = pairs.map(|(f, whole)| to_f64(*f) / to_f64(*whole)).sum();
    let marketer = ratio_of(matched, to_f64(place.n));
    let known = counts(&[("population_table", u64::from(population.is_some()))]);
    [
        place.finding(&JournalistRisk::META, None, ratio_of(1.0, to_f64(smallest))),
        place.finding(&MarketerRisk::META, None, marketer),
    ]
    .map(|finding| finding.with(known.clone()))
}

/// What the classes say about one sensitive column.
pub(super) fn of_column(
    place: &Place,
    column: &str,
    d: &Diversity,
    (smallest, missing): (u64, u64),
) -> Vec<Finding> {
    let n = place.n;
    let finding = |meta: &Meta, value: Value| place.finding(meta, Some(column), value);
    let k = counts(&[("k", smallest), ("missing_cells", missing)]);
    let distances = [("equal", Some(d.t_equal)), ("ordered", d.t_ordered)];
    let cap = [("rarest_cap", Some(d.rarest_cap)), ("largest_gain", Some(d.beta))];
    vec![
        finding(&AlphaKAnonymity::META, Ok(d.alpha)).with(k),
        finding(&LDiversity::META, Ok(to_f64(d.distinct))),
        finding(&EntropyLDiversity::META, Ok(d.entropy_l)),
        finding(&RecursiveClDiversity::META, d.recursive_c.clone()).with(counts(&[("l", d.l)])),
        finding(&TCloseness::META, Ok(d.t())).with(numbers("distances", &distances, n)),
        finding(&BasicBetaLikeness::META, Ok(d.beta)),
        finding(&EnhancedBetaLikeness::META, d.enhanced_beta())
            .with(counts(&[("above_cap", d.above_cap)]))
            .with(numbers("gains", &cap, n)),
        finding(&DeltaDisclosure::META, Ok(d.delta)).with(counts(&[("absent", d.absent)])),
    ]
}
