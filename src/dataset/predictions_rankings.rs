//! The held-out rows of a table of ranked lists.

use super::error::DatasetError;
use super::predictions_classes::{picked, test_rows, with_rows};
use super::source::Source;
use crate::domain::{Groups, InputFile};
use std::collections::{BTreeMap, BTreeSet};

/// Names of the columns of ranked lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RankingColumns {
    /// The query, or user, whose list the row is in.
    pub query: String,
    /// The item; rows of one list that name the same item are counted. Not needed.
    pub item: Option<String>,
    /// The score, highest first.
    pub score: String,
    /// How relevant the row is, at least 0.
    pub relevance: String,
}

/// Lists, scores, relevance and groups of the test rows. All columns have `n` entries.
#[derive(Debug, Clone, PartialEq)]
pub struct RankingAnswers {
    /// The query of each row, `(n,)`, numbered from 0 in the order of their names.
    pub query: Vec<usize>,
    /// Score of each row, `(n,)`, finite.
    pub score: Vec<f64>,
    /// Relevance of each row, `(n,)`, finite, at least 0.
    pub relevance: Vec<f64>,
    /// The declared groupings.
    pub groups: Vec<Groups>,
    /// The first item that a list holds twice, with its query.
    pub twice: Option<(String, String)>,
    /// Digest of the table.
    pub input: InputFile,
}

/// Reads the table of ranked lists that `source` and `columns` describe.
///
/// # Errors
/// Names the file, the row and the column that do not fit, and what to do about it.
pub fn read_rankings(
    source: &Source,
    columns: &RankingColumns,
) -> Result<RankingAnswers, DatasetError> {
    with_rows(source, |rows, input| {
        let test = test_rows(rows)?;
        let names = picked(&rows.labels(&columns.query)?, &test);
        let scores = rows.numbers(&columns.score, f64::MIN..=f64::MAX, "a finite number")?;
        let relevant = "a finite relevance of at least 0";
        let relevance = rows.numbers(&columns.relevance, 0.0..=f64::MAX, relevant)?;
        let sorted: BTreeSet<&String> = names.iter().collect();
        let ids: BTreeMap<&String, usize> =
            sorted.into_iter().enumerate().map(|(id, name)| (name, id)).collect();
        let items = columns.item.as_ref().map(|item| rows.labels(item)).transpose()?;
        let items = items.map(|items| picked(&items, &test));
        Ok(RankingAnswers {
            query: names.iter().map(|name| ids[name]).collect(),
            score: picked(&scores, &test),
            relevance: picked(&relevance, &test),
            groups: rows.groups()?.iter().map(|groups| groups.select(&test)).collect(),
            twice: items.and_then(|items| twice(&names, &items)),
            input,
        })
    })
}

/// The first item that a list holds twice.
fn twice(queries: &[String], items: &[String]) -> Option<(String, String)> {
    let mut seen = BTreeSet::new();
    let again = queries.iter().zip(items).find(|pair| !seen.insert(*pair));
    again.map(|(query, item)| (query.clone(), item.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dataset::scratch::Scratch;

    fn read(text: &str) -> Result<RankingAnswers, DatasetError> {
        let folder = Scratch::new("rankings");
        folder.file("p.csv", text);
        let source = Source {
            base: folder.root().to_owned(),
            path: Some("p.csv".into()),
            ..Source::default()
        };
        let columns = RankingColumns {
            query: "u".to_owned(),
            item: Some("i".to_owned()),
            score: "s".to_owned(),
            relevance: "r".to_owned(),
        };
        read_rankings(&source, &columns)
    }

    #[test]
    fn lists_are_numbered_by_name_and_a_repeated_item_is_found() {
        let found = read("u,i,s,r\nbo,1,0.5,1\nal,1,-2,0\nbo,2,0.1,3\n").unwrap();
        assert_eq!((found.query, found.relevance), (vec![1, 0, 1], vec![1.0, 0.0, 3.0]));
        assert_eq!(found.twice, None);
        let found = read("u,i,s,r\nbo,1,0.5,1\nbo,1,0.1,3\n").unwrap();
        assert_eq!(found.twice, Some(("bo".to_owned(), "1".to_owned())));
        let error = read("u,i,s,r\nbo,1,0.5,-1\n").unwrap_err().to_string();
        assert!(error.contains("row 1 of column `r`"), "{error}");
    }
}
