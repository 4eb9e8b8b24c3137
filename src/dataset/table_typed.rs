//! Tables column by column in as few bytes as their use needs: codes of texts, or numbers.
//!
//! A Parquet file is read in tasks of one column of one row group, of which each writes into its
//! own part of the column; so at any time only as many row groups are decoded as there are threads,
//! and the result depends neither on their number nor on how the file is cut.

use super::coded::Coded;
use super::dictionary;
use super::error::DatasetError;
use super::guard::guarded;
use super::table;
use super::table_cells::{self, Refused};
use super::table_content::Content;
use super::table_form::{Form, Parts, form};
use super::table_levels::{Levels, MOST};
use crate::domain::digest_hex;
use polars::prelude::Column;
use rayon::prelude::*;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

/// What a column is needed as.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Use {
    /// Labels, groups, splits.
    Texts,
    /// Numbers in a range, and what a message calls them.
    Numbers(RangeInclusive<f64>, &'static str),
}

/// A column as it was asked for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Data {
    /// [`Use::Texts`].
    Texts(Coded),
    /// [`Use::Numbers`], `(n,)`.
    Numbers(Vec<f64>),
}

impl Data {
    /// The column as texts, as which it was asked for.
    pub(crate) fn into_texts(self) -> Coded {
        match self {
            Self::Texts(coded) => coded,
            Self::Numbers(_) => unreachable!("columns come as they were asked for"),
        }
    }

    /// The column as numbers, as which it was asked for.
    pub(crate) fn into_numbers(self) -> Vec<f64> {
        match self {
            Self::Numbers(values) => values,
            Self::Texts(_) => unreachable!("columns come as they were asked for"),
        }
    }
}

/// A file whose columns are known, but not read.
pub(crate) struct Opened {
    path: PathBuf,
    content: Content,
    form: Form,
}

/// The columns that were asked for, in that order.
#[derive(Debug)]
pub(crate) struct Typed {
    /// The columns.
    pub(crate) columns: Vec<Data>,
    /// SHA-256 of the file, where that was asked for.
    pub(crate) sha256: Option<String>,
}

/// A column in the making.
enum Cells {
    Codes(Vec<u16>),
    Numbers(Vec<f64>),
}

/// One column of some consecutive rows.
struct Task<'a> {
    column: usize,
    part: usize,
    start: usize,
    out: Out<'a>,
}

enum Out<'a> {
    Texts(&'a mut [u16]),
    Numbers(&'a mut [f64], RangeInclusive<f64>, &'static str),
}

/// Looks at a file's columns.
///
/// # Errors
/// When the file is missing, empty or no table.
pub(crate) fn open(path: &Path) -> Result<Opened, DatasetError> {
    opened(path, Content::load(path)?)
}

/// Looks at the columns of a file whose bytes are at hand.
///
/// # Errors
/// When it is no table.
pub(crate) fn open_bytes(path: &Path, bytes: &[u8]) -> Result<Opened, DatasetError> {
    opened(path, Content::of(bytes))
}

fn opened(path: &Path, content: Content) -> Result<Opened, DatasetError> {
    let form = guarded(path, || form(path, &content))?;
    Ok(Opened { path: path.to_owned(), content, form })
}

impl Opened {
    /// Names of all columns.
    pub(crate) fn names(&self) -> &[String] {
        self.form.names()
    }

    /// Reads some columns, and the digest of the file if that is `digested`.
    ///
    /// # Errors
    /// When a column does not exist or a cell does not fit its use.
    pub(crate) fn read(
        self,
        wanted: &[(&str, Use)],
        digested: bool,
    ) -> Result<Typed, DatasetError> {
        let digest = || digested.then(|| digest_hex(&self.content));
        let (sha256, columns) = rayon::join(digest, || self.columns(wanted));
        let columns = columns?;
        self.content.same()?;
        Ok(Typed { columns, sha256 })
    }

    fn columns(&self, wanted: &[(&str, Use)]) -> Result<Vec<Data>, DatasetError> {
        let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
        table::check_columns(&self.path, self.names(), Some(&names))?;
        let source = self.form.parts(&self.path, &self.content, &names)?;
        let mut columns: Vec<Cells> =
            wanted.iter().map(|(_, u)| blank(u, self.form.rows())).collect();
        let mut tasks = tasks(wanted, &mut columns, &source.lengths);
        let read = |task: &mut Task<'_>| {
            guarded(&self.path, || self.run(&source, wanted[task.column].0, task))
        };
        // One at a time, so that no thread is left with several at the end.
        let read: Vec<_> = tasks.par_iter_mut().with_max_len(1).map(read).collect();
        let mut levels: Vec<Vec<Vec<String>>> = vec![Vec::new(); wanted.len()];
        for (task, found) in tasks.iter().zip(read) {
            levels[task.column].push(found?);
        }
        drop(tasks);
        let data = |(cells, levels): (Cells, Vec<Vec<String>>)| match cells {
            Cells::Codes(of) => Data::Texts(Coded::new(of, &levels, &source.lengths)),
            Cells::Numbers(values) => Data::Numbers(values),
        };
        Ok(columns.into_iter().zip(levels).map(data).collect())
    }

    /// Does one task; returns the texts that its codes stand for.
    fn run(
        &self,
        source: &Parts<'_>,
        name: &str,
        task: &mut Task<'_>,
    ) -> Result<Vec<String>, DatasetError> {
        if let Out::Texts(out) = &mut task.out
            && let Some(texts) = self.dictionary(name, task.part, out)
        {
            return Ok(texts);
        }
        let column = source.column(&self.path, name, task.part)?;
        let mut levels = Levels::default();
        let done = match &mut task.out {
            Out::Texts(out) => table_cells::codes(&column, &mut levels, out),
            Out::Numbers(out, range, _) => table_cells::numbers(&column, range, out),
        };
        done.map_err(|refused| self.refused(refused, &column, task))?;
        Ok(levels.into_texts())
    }

    /// The codes of a part that is stored as such, and the texts that they stand for.
    fn dictionary(&self, name: &str, part: usize, out: &mut [u16]) -> Option<Vec<String>> {
        let (chunk, mut levels) = (self.form.chunk(name, part)?, Levels::default());
        dictionary::codes(self.content.bytes(), chunk, &mut levels, out)?;
        Some(levels.into_texts())
    }

    fn refused(&self, refused: Refused, column: &Column, task: &Task<'_>) -> DatasetError {
        let (file, name) = (self.path.clone(), column.name().to_string());
        match refused {
            Refused::TooMany => DatasetError::ManyLevels { file, column: name, most: MOST },
            Refused::Kind(kind) => DatasetError::ColumnType { file, column: name, kind },
            Refused::Library(because) => DatasetError::NotATable { file, because },
            Refused::Cell(at) => {
                let row = super::rows::row_number(task.start + at);
                let cells = table::texts(&self.path, column);
                let value = cells.ok().and_then(|cells| cells[at].clone()).unwrap_or_default();
                let Out::Numbers(_, _, expected) = task.out else {
                    unreachable!("a text is refused as a whole column")
                };
                if value.trim().is_empty() {
                    return DatasetError::EmptyCell { file, column: name, row };
                }
                DatasetError::Number { file, column: name, row, value, expected }
            }
        }
    }
}

fn blank(kind: &Use, rows: usize) -> Cells {
    match kind {
        Use::Texts => Cells::Codes(vec![0; rows]),
        Use::Numbers(..) => Cells::Numbers(vec![0.0; rows]),
    }
}

/// Every column cut at the same rows.
fn tasks<'a>(wanted: &[(&str, Use)], columns: &'a mut [Cells], lengths: &[usize]) -> Vec<Task<'a>> {
    let mut tasks = Vec::with_capacity(columns.len() * lengths.len());
    for (column, ((_, kind), data)) in wanted.iter().zip(columns).enumerate() {
        let outs: Vec<Out<'a>> = match (data, kind) {
            (Cells::Codes(of), _) => cut(of, lengths).map(Out::Texts).collect(),
            (Cells::Numbers(values), Use::Numbers(range, what)) => {
                cut(values, lengths).map(|out| Out::Numbers(out, range.clone(), what)).collect()
            }
            (Cells::Numbers(_), Use::Texts) => unreachable!("a column is made for its use"),
        };
        let mut start = 0;
        for (part, out) in outs.into_iter().enumerate() {
            tasks.push(Task { column, part, start, out });
            start += lengths[part];
        }
    }
    tasks
}

/// Consecutive parts of a slice.
fn cut<'a, T>(whole: &'a mut [T], lengths: &[usize]) -> impl Iterator<Item = &'a mut [T]> {
    let mut rest = Some(whole);
    lengths.iter().map_while(move |length| {
        let (now, later) = rest.take()?.split_at_mut(*length);
        rest = Some(later);
        Some(now)
    })
}

#[cfg(test)]
mod tests;
