//! From a table of text to labels, groups, subjects and splits.

use super::bins;
use super::error::DatasetError;
use super::source::Source;
use crate::domain::{ClassId, Groups, Split, TextTable};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The cells of one column.
pub(crate) type Cells = [Option<String>];

/// A table, its file for messages, and what the source says about its columns.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows<'a> {
    /// The cells.
    pub(crate) table: &'a TextTable,
    /// Where they came from.
    pub(crate) file: &'a Path,
    /// What to make of them.
    pub(crate) source: &'a Source,
    /// Where rows were left out: the index of each row in the file.
    pub(crate) kept: Option<&'a [usize]>,
}

/// Class names in id order and the positive one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Classes {
    /// Names, sorted; by size when all are integers.
    pub(crate) names: Vec<String>,
    /// The positive class.
    pub(crate) positive: ClassId,
}

impl Classes {
    /// The classes among `labels`, the first of them in place of a positive one.
    pub(crate) fn all<'l>(labels: impl IntoIterator<Item = &'l String>) -> Self {
        let distinct: BTreeSet<&String> = labels.into_iter().collect();
        let mut names: Vec<String> = distinct.into_iter().cloned().collect();
        let integers: Option<Vec<i64>> = names.iter().map(|n| n.parse().ok()).collect();
        if integers.is_some() {
            names.sort_by_key(|n| n.parse::<i64>().unwrap_or(i64::MAX));
        }
        Self { names, positive: 0 }
    }

    /// The id of a class; a name that is not among the classes is a bug.
    pub(crate) fn id(&self, name: &str) -> ClassId {
        let at = self.names.iter().position(|n| n == name);
        let at = at.unwrap_or_else(|| unreachable!("the classes are the union of all labels"));
        ClassId::try_from(at).unwrap_or_else(|_| unreachable!("fewer than 2^32 classes"))
    }

    /// The ids of many labels.
    pub(crate) fn ids(&self, labels: &[String]) -> Vec<ClassId> {
        let ids: BTreeMap<&str, ClassId> =
            self.names.iter().map(|n| (n.as_str(), self.id(n))).collect();
        labels.iter().map(|l| ids[l.as_str()]).collect()
    }
}

/// A row number as messages count it: from 1 for the first data row.
pub(crate) fn row_number(index: usize) -> u64 {
    u64::try_from(index).unwrap_or_else(|_| unreachable!("usize fits u64")) + 1
}

impl<'a> Rows<'a> {
    /// The number of a row in its file.
    fn number(&self, i: usize) -> u64 {
        row_number(self.kept.map_or(i, |kept| kept[i]))
    }

    /// The cells of a column that must exist.
    ///
    /// # Errors
    /// Names the columns that there are, and the nearest.
    pub(crate) fn column(&self, name: &str) -> Result<&'a Cells, DatasetError> {
        self.table.column(name).ok_or_else(|| DatasetError::NoColumn {
            file: self.file.to_owned(),
            column: name.to_owned(),
            known: self.table.columns.iter().map(|(n, _)| n.clone()).collect(),
        })
    }

    /// The cells of a column under its declared name, which must exist, or its default one, which
    /// need not.
    ///
    /// # Errors
    /// When a declared column does not exist.
    pub(crate) fn declared(
        &self,
        name: Option<&String>,
        default: &str,
    ) -> Result<Option<&'a Cells>, DatasetError> {
        match name {
            Some(name) => self.column(name).map(Some),
            None => Ok(self.table.column(default)),
        }
    }

    /// Labels of a column: text as written, except that `1.0` is `1`.
    ///
    /// # Errors
    /// When a cell is empty.
    pub(crate) fn labels(&self, column: &str) -> Result<Vec<String>, DatasetError> {
        let label = |(i, cell): (usize, &Option<String>)| {
            let text = cell.as_deref().map(str::trim).filter(|t| !t.is_empty());
            text.map(whole).ok_or_else(|| DatasetError::EmptyCell {
                file: self.file.to_owned(),
                column: column.to_owned(),
                row: self.number(i),
            })
        };
        self.column(column)?.iter().enumerate().map(label).collect()
    }

    /// Numbers of a column, each within `range`.
    ///
    /// # Errors
    /// Names the first cell that is empty, no number or out of range.
    pub(crate) fn numbers(
        &self,
        column: &str,
        range: std::ops::RangeInclusive<f64>,
        expected: &'static str,
    ) -> Result<Vec<f64>, DatasetError> {
        let number = |(i, cell): (usize, &Option<String>)| {
            let text = cell.as_deref().unwrap_or_default();
            if text.trim().is_empty() {
                let (file, column) = (self.file.to_owned(), column.to_owned());
                return Err(DatasetError::EmptyCell { file, column, row: self.number(i) });
            }
            let read = text.trim().parse::<f64>().ok();
            read.filter(|v| range.contains(v)).ok_or_else(|| DatasetError::Number {
                file: self.file.to_owned(),
                column: column.to_owned(),
                row: self.number(i),
                value: text.to_owned(),
                expected,
            })
        };
        self.column(column)?.iter().enumerate().map(number).collect()
    }

    /// The classes among `labels` and the declared positive one.
    ///
    /// # Errors
    /// When the positive class does not occur, or is not declared and cannot be told.
    pub(crate) fn classes<'l>(
        &self,
        labels: impl IntoIterator<Item = &'l String>,
    ) -> Result<Classes, DatasetError> {
        let mut classes = Classes::all(labels);
        let positive = positive(self.source.positive.as_deref(), &classes.names, self.file)?;
        classes.positive = classes.id(&positive);
        Ok(classes)
    }

    /// The declared groupings: single features as they are, several as their intersection.
    ///
    /// # Errors
    /// When a column does not exist.
    pub(crate) fn groups(&self) -> Result<Vec<Groups>, DatasetError> {
        let one = |f: &String| {
            let asked = bins::asked(f).filter(|_| self.table.column(f).is_none());
            if let Some((column, bins)) = asked {
                return self.binned(f, column, bins);
            }
            let groups = Groups::encode(f, self.column(f)?);
            check_levels(self.file, f, groups.n_levels(), groups.len())?;
            Ok(groups)
        };
        let grouping = |features: &Vec<String>| {
            let parts: Vec<Groups> =
                features.iter().map(one).collect::<Result<_, DatasetError>>()?;
            let parts: Vec<&Groups> = parts.iter().collect();
            check_cells(self.file, &parts)?;
            Ok(Groups::cross(&parts))
        };
        self.source.groups.iter().filter(|f| !f.is_empty()).map(grouping).collect()
    }

    fn binned(&self, feature: &str, column: &str, bins: usize) -> Result<Groups, DatasetError> {
        let cells = self.column(column)?;
        bins::groups(feature, cells, bins).map_err(|i| DatasetError::Number {
            file: self.file.to_owned(),
            column: column.to_owned(),
            row: self.number(i),
            value: cells[i].clone().unwrap_or_default(),
            expected: "a number, because the feature asks for bins of this column",
        })
    }

    /// Names of the rows: the id column, or the row numbers, which say nothing about a person.
    ///
    /// # Errors
    /// When a declared id column does not exist.
    pub(crate) fn ids(&self) -> Result<Vec<String>, DatasetError> {
        let cells = self.declared(self.source.columns.id.as_ref(), "id")?;
        let id = |i: usize| {
            let cell = cells.and_then(|c| c[i].clone());
            cell.unwrap_or_else(|| self.number(i).to_string())
        };
        Ok((0..self.table.rows()).map(id).collect())
    }

    /// Whose row it is, where that is declared. A row without a subject is a subject of its own.
    ///
    /// # Errors
    /// When the declared column does not exist.
    pub(crate) fn subjects(&self) -> Result<Option<Vec<String>>, DatasetError> {
        let Some(name) = &self.source.columns.subject else { return Ok(None) };
        let own = |(i, cell): (usize, &Option<String>)| {
            cell.clone().unwrap_or_else(|| format!("(row {})", self.number(i)))
        };
        Ok(Some(self.column(name)?.iter().enumerate().map(own).collect()))
    }

    /// The splits as the column says, or `None` when there is no such column and none was named.
    ///
    /// # Errors
    /// When a declared column does not exist or a cell names no split.
    pub(crate) fn splits(&self) -> Result<Option<Vec<Split>>, DatasetError> {
        let name = self.source.columns.split.as_deref().unwrap_or("split");
        let cells = self.declared(self.source.columns.split.as_ref(), name)?;
        let Some(cells) = cells else { return Ok(None) };
        let split = |(i, cell): (usize, &Option<String>)| {
            let text = cell.as_deref().unwrap_or_default();
            Split::parse(text).ok_or_else(|| DatasetError::UnknownSplit {
                file: self.file.to_owned(),
                column: name.to_owned(),
                row: self.number(i),
                value: text.to_owned(),
            })
        };
        cells.iter().enumerate().map(split).collect::<Result<_, _>>().map(Some)
    }
}

/// The positive one of the classes `known`, whose labels lie in `file`.
///
/// # Errors
/// When the positive class does not occur, or is not declared and cannot be told.
pub(crate) fn positive(
    declared: Option<&str>,
    known: &[String],
    file: &Path,
) -> Result<String, DatasetError> {
    let (file, known) = (file.to_owned(), known.to_vec());
    let Some(declared) = declared else {
        let lower: Vec<String> = known.iter().map(|n| n.to_lowercase()).collect();
        let usual = ["0", "1"] == *lower || ["false", "true"] == *lower;
        return match known.last() {
            Some(last) if usual => Ok(last.clone()),
            _ => Err(DatasetError::PositiveUnnamed { file, known }),
        };
    };
    let positive = whole(declared.trim());
    if known.contains(&positive) {
        Ok(positive)
    } else {
        Err(DatasetError::PositiveAbsent { file, positive, known })
    }
}

/// Most levels of a feature; more are an id or a measurement.
const MOST_LEVELS: usize = 1_000;

/// Most cells of an intersection, empty ones included.
const MOST_CELLS: usize = 10_000;

/// Rows from which on a feature with a level for every row is an id.
const ENOUGH_ROWS: usize = 20;

/// Refuses a feature that cannot be one of groups.
///
/// # Errors
/// When it has very many levels, or as many as there are rows.
pub(crate) fn check_levels(
    file: &Path,
    feature: &str,
    levels: usize,
    rows: usize,
) -> Result<(), DatasetError> {
    if levels <= MOST_LEVELS && (levels < rows || rows <= ENOUGH_ROWS) {
        return Ok(());
    }
    let (file, column) = (file.to_owned(), feature.to_owned());
    Err(DatasetError::ManyLevels { file, column, most: MOST_LEVELS.min(rows - 1) })
}

/// Refuses an intersection with too many cells to be read by anybody.
///
/// # Errors
/// When the product of the levels is too large.
pub(crate) fn check_cells(file: &Path, parts: &[&Groups]) -> Result<(), DatasetError> {
    let cells = parts.iter().try_fold(1_usize, |n, part| n.checked_mul(part.n_levels()));
    if parts.len() < 2 || cells.is_some_and(|cells| cells <= MOST_CELLS) {
        return Ok(());
    }
    let names: Vec<String> = parts.iter().map(|part| part.name()).collect();
    let (file, column) = (file.to_owned(), names.join("*"));
    Err(DatasetError::ManyLevels { file, column, most: MOST_CELLS })
}

/// `1.0` as `1`: integers that went through a float column elsewhere.
pub(crate) fn whole(text: &str) -> String {
    let integer = text.trim_end_matches('0').strip_suffix('.');
    let digits = |t: &&str| t.trim_start_matches('-').bytes().all(|b| b.is_ascii_digit());
    integer.filter(|t| !t.is_empty()).filter(digits).unwrap_or(text).to_owned()
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

    fn with<T>(t: &TextTable, source: &Source, f: impl Fn(Rows<'_>) -> T) -> T {
        f(Rows { table: t, file: Path::new("t.csv"), source, kept: None })
    }

    #[test]
    fn integers_that_went_through_a_float_column_are_integers_again() {
        for (text, plain) in [("1.0", "1"), ("-2.00", "-2"), ("10", "10"), ("1.5", "1.5")] {
            assert_eq!(whole(text), plain);
        }
        assert_eq!((whole("a.0").as_str(), whole(".0").as_str()), ("a.0", ".0"));
    }

    #[test]
    fn classes_sort_as_numbers_where_they_are_numbers() {
        let t = table(&[("y", &["10", "9", "10", "1.0"])]);
        let source = Source { positive: Some("10".to_owned()), ..Source::default() };
        let classes = with(&t, &source, |r| r.classes(&r.labels("y")?)).unwrap();
        assert_eq!(
            classes,
            Classes { names: vec!["1".into(), "9".into(), "10".into()], positive: 2 }
        );
    }

    #[test]
    fn the_positive_class_is_declared_or_one_of_zero_and_one() {
        let positive = |labels: &[&str], declared: Option<&str>| {
            let t = table(&[("y", labels)]);
            let source = Source { positive: declared.map(str::to_owned), ..Source::default() };
            with(&t, &source, |r| r.classes(&r.labels("y")?).map(|c| c.names[0].clone()))
        };
        assert!(positive(&["0", "1"], None).is_ok());
        assert!(positive(&["False", "True"], None).is_ok());
        let error = positive(&["good", "bad"], None).unwrap_err().to_string();
        assert!(error.contains("`bad`, `good`"), "{error}");
        let error = positive(&["good", "bad"], Some("goood")).unwrap_err().to_string();
        assert!(error.contains("did you mean `good`?"), "{error}");
    }

    #[test]
    fn cells_that_do_not_fit_are_named_by_row() {
        let t = table(&[("y", &["1", ""]), ("s", &["0.5", "1.5"]), ("split", &["train", "tset"])]);
        let source = Source::default();
        let error = with(&t, &source, |r| r.labels("y")).unwrap_err().to_string();
        assert!(error.contains("row 2 of column `y`"), "{error}");
        let error = with(&t, &source, |r| r.numbers("s", 0.0..=1.0, "a share")).unwrap_err();
        assert!(error.to_string().contains("`1.5`, not a share"), "{error}");
        let error = with(&t, &source, |r| r.splits()).unwrap_err();
        assert!(matches!(error, DatasetError::UnknownSplit { row: 2, .. }), "{error}");
    }

    #[test]
    fn groups_cross_and_unknown_columns_are_told() {
        let t = table(&[("sex", &["f", "m"]), ("age", &["old", ""])]);
        let groups = vec![vec!["sex".to_owned()], vec!["sex".to_owned(), "age".to_owned()]];
        let mut source = Source { groups, ..Source::default() };
        let made = with(&t, &source, |r| r.groups()).unwrap();
        assert_eq!(made[1].counts(), [1, 0, 0, 1]);
        source.groups = vec![vec!["sxe".to_owned()]];
        let error = with(&t, &source, |r| r.groups()).unwrap_err().to_string();
        assert!(error.contains("did you mean `sex`?"), "{error}");
    }

    #[test]
    fn a_row_without_a_subject_is_its_own() {
        let t = table(&[("p", &["a", "", ""])]);
        let mut source = Source::default();
        assert_eq!(with(&t, &source, |r| r.subjects()).unwrap(), None);
        source.columns.subject = Some("p".to_owned());
        let subjects = with(&t, &source, |r| r.subjects()).unwrap().unwrap();
        assert_eq!(subjects, ["a", "(row 2)", "(row 3)"]);
        assert_eq!(with(&t, &source, |r| r.ids()).unwrap(), ["1", "2", "3"]);
    }
}
