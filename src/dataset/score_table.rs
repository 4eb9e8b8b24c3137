//! The scores of membership attacks, row by row, as Parquet.

use super::error::DatasetError;
use polars::prelude::{Column, DataFrame, ParquetWriter};

/// What is known of each row, and its scores. All columns have `n` entries.
#[derive(Debug, Clone)]
pub struct ScoreTable<'a> {
    /// A name for each row, if there is one.
    pub id: Option<&'a [String]>,
    /// True classes.
    pub label: &'a [usize],
    /// Whether the target was trained on each row.
    pub member: &'a [bool],
    /// `(attack, scores)`, higher = member.
    pub scores: Vec<(&'a str, &'a [f64])>,
}

/// The table as Parquet: `row` from 0, `id` where there is one, `label`, `member`, and one column per
/// attack.
///
/// # Errors
/// When the table cannot be written, e.g. because a column has another length.
pub fn write_scores(table: &ScoreTable<'_>) -> Result<Vec<u8>, DatasetError> {
    let failed = |e: polars::error::PolarsError| DatasetError::Write { because: e.to_string() };
    let n = table.member.len();
    let wide = |v: usize| u64::try_from(v).unwrap_or(u64::MAX);
    let rows: Vec<u64> = (0..n).map(wide).collect();
    let labels: Vec<u64> = table.label.iter().map(|y| wide(*y)).collect();
    let mut columns = vec![Column::new("row".into(), rows)];
    columns.extend(table.id.map(|id| Column::new("id".into(), id)));
    columns.push(Column::new("label".into(), labels));
    columns.push(Column::new("member".into(), table.member));
    columns.extend(table.scores.iter().map(|(name, s)| Column::new((*name).into(), *s)));
    let mut frame = DataFrame::new(n, columns).map_err(failed)?;
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(&mut frame).map_err(failed)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::scratch::Scratch;
    use super::*;

    #[test]
    fn scores_are_read_back_as_they_were() {
        let (member, scores) = ([true, false], [0.1 + 0.2, -1e-300]);
        let id = ["a".to_owned(), "b".to_owned()];
        let table = ScoreTable {
            id: Some(&id),
            label: &[3, 0],
            member: &member,
            scores: vec![("lira.online.nig", &scores)],
        };
        let folder = Scratch::new("scores");
        folder.file("s.parquet", write_scores(&table).unwrap());
        let read = super::super::read_text_table(&folder.path("s.parquet")).unwrap();
        let names: Vec<&str> = read.columns.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["row", "id", "label", "member", "lira.online.nig"]);
        let cells = |name| read.column(name).unwrap().iter().flatten().cloned().collect::<Vec<_>>();
        assert_eq!(cells("member"), ["true", "false"]);
        assert_eq!(cells("label"), ["3", "0"]);
        let back: Vec<f64> = cells("lira.online.nig").iter().map(|c| c.parse().unwrap()).collect();
        assert_eq!(back, scores);
        let short = ScoreTable { label: &[3], ..table };
        assert!(matches!(write_scores(&short), Err(DatasetError::Write { .. })));
    }
}
