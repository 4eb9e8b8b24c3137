//! Tables that are to be released: how well each record hides among the others, and what its group
//! gives away about it.
//!
//! Rows are grouped by their quasi-identifiers. A missing value is one more value, in
//! quasi-identifiers and in sensitive columns alike: a blank is something that an attacker sees.

mod codes;
mod diversity;
mod findings;
mod manuals;
mod suggest;

pub use suggest::{Role, Suggestion, suggest};

use crate::domain::{Finding, Meta, TextTable, hint};
use codes::{Classes, Coded, classes, count, encode, tally};
use diversity::Sensitive;
use findings::Place;

/// What to measure.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Options {
    /// Columns that an attacker may know; at least one.
    pub quasi: Vec<String>,
    /// Columns that must not be learned.
    pub sensitive: Vec<String>,
    /// The `l` of the recursive diversity; the table's own where absent.
    pub l: Option<u64>,
}

/// Why a table could not be measured.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AnonymityError {
    /// No quasi-identifier.
    #[error("no quasi-identifier is named; name the columns that an attacker may know")]
    NoQuasi,
    /// A column is not there.
    #[error("`{file}` has no column `{column}`{}; its columns are `{}`", hint(.column, .known), .known.join("`, `"))]
    NoColumn {
        /// The table.
        file: String,
        /// The column that was asked for.
        column: String,
        /// The columns that there are.
        known: Vec<String>,
    },
    /// A column is named twice.
    #[error(
        "column `{0}` is named more than once; a column is either known to an attacker or sensitive, and is named once"
    )]
    Twice(String),
    /// The table has no rows.
    #[error("`{0}` holds no rows; there is nothing to hide in")]
    Empty(String),
    /// The `l` of the recursive diversity.
    #[error("`l` is {0}, but recursive diversity needs at least 2")]
    SmallL(u64),
    /// The population does not contain the table.
    #[error(
        "the population `{population}` holds {of_population} rows like row {row} of `{file}`, which itself holds {of_table}; the population must contain every row of the table"
    )]
    NotContained {
        /// The table.
        file: String,
        /// The population.
        population: String,
        /// The first such row, from 1.
        row: u64,
        /// Rows of its class in the table.
        of_table: u64,
        /// Rows of its class in the population.
        of_population: u64,
    },
}

/// The manuals of this room, in order of their codes.
#[must_use]
pub(crate) fn checks() -> [&'static Meta; 14] {
    use manuals::{
        AlphaKAnonymity, BasicBetaLikeness, DeltaDisclosure, EnhancedBetaLikeness,
        EntropyLDiversity, JournalistRisk, KAnonymity, LDiversity, MarketerRisk, ProsecutorRisk,
        RecursiveClDiversity, RowsBelowFive, TCloseness, UniqueRows,
    };
    [
        &KAnonymity::META,
        &AlphaKAnonymity::META,
        &LDiversity::META,
        &EntropyLDiversity::META,
        &RecursiveClDiversity::META,
        &TCloseness::META,
        &BasicBetaLikeness::META,
        &EnhancedBetaLikeness::META,
        &DeltaDisclosure::META,
        &UniqueRows::META,
        &RowsBelowFive::META,
        &ProsecutorRisk::META,
        &JournalistRisk::META,
        &MarketerRisk::META,
    ]
}

/// Measures a table. Findings: what the classes say, then what they say about each sensitive column
/// in the order asked for. `population` holds the people from whom the table was drawn, with the same
/// quasi-identifiers.
///
/// # Errors
/// When a column is missing or named twice, there is no row, or the population does not contain the
/// table.
pub fn audit(
    table: &TextTable,
    population: Option<&TextTable>,
    options: &Options,
) -> Result<Vec<Finding>, AnonymityError> {
    check(table, options)?;
    let quasi = coded(table, &options.quasi)?;
    let classes = classes(&quasi);
    let place = Place { file: table.file.clone(), n: count(table.rows()) };
    let columns: Vec<(String, u64)> =
        options.quasi.iter().cloned().zip(quasi.iter().map(levels)).collect();
    let missing = quasi.iter().map(|column| column.missing).sum();
    let whole =
        population.map(|p| in_population(table, p, &options.quasi, &classes)).transpose()?;
    let smallest = classes.sizes.iter().copied().min().unwrap_or(0);
    let mut found = findings::of_classes(&place, &classes, (&columns, missing), whole.as_deref());
    for name in &options.sensitive {
        let sensitive = Sensitive::new(&encode(cells(table, name)?.iter()));
        let diversity = diversity::measure(&classes, &sensitive, options.l);
        found.extend(findings::of_column(&place, name, &diversity, (smallest, sensitive.missing)));
    }
    Ok(found)
}

fn levels(column: &Coded<'_>) -> u64 {
    count(column.levels.len())
}

/// Whether the options fit the table.
///
/// # Errors
/// As [`audit`], as far as the table alone decides it.
pub fn check(table: &TextTable, options: &Options) -> Result<(), AnonymityError> {
    if options.quasi.is_empty() {
        return Err(AnonymityError::NoQuasi);
    }
    let named: Vec<&String> = options.quasi.iter().chain(&options.sensitive).collect();
    if let Some((_, name)) = named.iter().enumerate().find(|(i, name)| named[..*i].contains(name)) {
        return Err(AnonymityError::Twice((*name).clone()));
    }
    for name in named {
        cells(table, name)?;
    }
    if let Some(l) = options.l.filter(|l| *l < 2) {
        return Err(AnonymityError::SmallL(l));
    }
    if table.rows() == 0 { Err(AnonymityError::Empty(table.file.clone())) } else { Ok(()) }
}

fn cells<'a>(table: &'a TextTable, name: &str) -> Result<&'a [Option<String>], AnonymityError> {
    table.column(name).ok_or_else(|| AnonymityError::NoColumn {
        file: table.file.clone(),
        column: name.to_owned(),
        known: table.columns.iter().map(|(name, _)| name.clone()).collect(),
    })
}

fn coded<'a>(table: &'a TextTable, names: &[String]) -> Result<Vec<Coded<'a>>, AnonymityError> {
    names.iter().map(|name| Ok(encode(cells(table, name)?.iter()))).collect()
}

/// How many rows of the population are in each class of the table.
fn in_population(
    table: &TextTable,
    population: &TextTable,
    quasi: &[String],
    own: &Classes,
) -> Result<Vec<u64>, AnonymityError> {
    let both = |name: &String| -> Result<Coded<'_>, AnonymityError> {
        Ok(encode(cells(table, name)?.iter().chain(cells(population, name)?)))
    };
    let columns: Vec<Coded<'_>> = quasi.iter().map(both).collect::<Result<_, _>>()?;
    let joint = classes(&columns);
    // The table's rows come first, so its classes have the same numbers in both.
    let of_population = tally(&joint.of[table.rows()..], joint.sizes.len());
    for (row, class) in own.of.iter().enumerate() {
        let (f, whole) = (own.sizes[codes::wide(*class)], of_population[codes::wide(*class)]);
        if whole < f {
            return Err(AnonymityError::NotContained {
                file: table.file.clone(),
                population: population.file.clone(),
                row: count(row + 1),
                of_table: f,
                of_population: whole,
            });
        }
    }
    Ok(of_population[..own.sizes.len()].to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(columns: &[(&str, &[&str])]) -> TextTable {
        let cell = |c: &&str| Some((*c).to_owned()).filter(|c| !c.is_empty());
        let column =
            |(n, cells): &(&str, &[&str])| ((*n).to_owned(), cells.iter().map(cell).collect());
        TextTable { file: "t.csv".to_owned(), columns: columns.iter().map(column).collect() }
    }

    fn people() -> TextTable {
        table(&[
            ("age", &["30", "30", "30", "40", "40", ""]),
            ("city", &["A", "A", "A", "B", "B", "B"]),
            ("disease", &["x", "y", "y", "x", "x", "z"]),
        ])
    }

    fn options(quasi: &[&str], sensitive: &[&str]) -> Options {
        let names = |list: &[&str]| list.iter().map(|n| (*n).to_owned()).collect();
        Options { quasi: names(quasi), sensitive: names(sensitive), l: None }
    }

    fn value(findings: &[Finding], check: &str) -> f64 {
        findings.iter().find(|f| f.check == check).unwrap().value.clone().unwrap()
    }

    #[test]
    fn six_people_by_hand() {
        // Classes of 3, 2 and 1 rows: the missing age is a value of its own.
        let found = audit(&people(), None, &options(&["age", "city"], &["disease"])).unwrap();
        assert_eq!(found.len(), 14);
        for (check, expected) in [
            ("k_anonymity", 1.0),
            ("unique_rows", 1.0 / 6.0),
            ("rows_in_small_classes", 1.0),
            ("prosecutor_risk", 1.0),
            ("journalist_risk", 1.0),
            ("marketer_risk", 0.5),
            ("alpha_k_anonymity", 1.0),
            ("l_diversity", 1.0),
        ] {
            assert!((value(&found, check) - expected).abs() < 1e-15, "{check}");
        }
        let disease = found.iter().find(|f| f.check == "t_closeness").unwrap();
        assert_eq!(disease.subject.label.as_deref(), Some("disease"));
        assert!(found.iter().all(|f| f.n == 6 && f.interval.is_none()));
    }

    #[test]
    fn a_population_lowers_the_risk_of_those_who_may_not_be_in_the_table() {
        let (age, city) = (["30"; 4], ["A"; 4]);
        let small = table(&[("age", &age[..2]), ("city", &city[..2])]);
        let large = table(&[("city", &city), ("age", &age)]);
        let found = audit(&small, Some(&large), &options(&["age", "city"], &[])).unwrap();
        assert!((value(&found, "prosecutor_risk") - 0.5).abs() < 1e-15);
        assert!((value(&found, "journalist_risk") - 0.25).abs() < 1e-15);
        // One class, 2 of 4, of 2 rows: (2/4)/2.
        assert!((value(&found, "marketer_risk") - 0.25).abs() < 1e-15);
        let error = audit(&large, Some(&small), &options(&["age"], &[])).unwrap_err().to_string();
        assert!(error.contains("holds 2 rows like row 1") && error.contains("holds 4"), "{error}");
    }

    #[test]
    fn each_mistake_has_its_error() {
        let error = |quasi: &[&str], sensitive: &[&str]| {
            audit(&people(), None, &options(quasi, sensitive)).unwrap_err()
        };
        assert_eq!(error(&[], &["disease"]), AnonymityError::NoQuasi);
        assert_eq!(error(&["age"], &["age"]), AnonymityError::Twice("age".to_owned()));
        let unknown = error(&["age", "ctiy"], &[]).to_string();
        assert!(unknown.contains("did you mean `city`?"), "{unknown}");
        let empty = audit(&table(&[("age", &[])]), None, &options(&["age"], &[])).unwrap_err();
        assert_eq!(empty, AnonymityError::Empty("t.csv".to_owned()));
        let mut small = options(&["age"], &[]);
        small.l = Some(1);
        assert_eq!(audit(&people(), None, &small), Err(AnonymityError::SmallL(1)));
    }
}
