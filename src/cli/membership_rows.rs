//! What `audit membership` is told of the rows beside the model's outputs.

use super::CliError;
use crate::dataset;
use crate::domain::{Groups, InputFile, TextTable, digest_hex};
use crate::pipeline;
use crate::privacy::membership::{Scene, class_sizes};
use clap::Args;
use std::path::{Path, PathBuf};

/// Tables with a row for each row of the masks, in their order.
#[derive(Debug, Clone, Args)]
pub struct RowArgs {
    /// Table of the rows' groups, in the order of the masks; a column `id` names the rows.
    #[arg(long, value_name = "FILE", help_heading = "Rows")]
    pub groups: Option<PathBuf>,
    /// A column of it, or several as `sex*age` (repeatable). The classes form groups by themselves, and
    /// with every single column.
    #[arg(long, value_name = "COLUMN", requires = "groups", help_heading = "Rows")]
    pub by: Vec<String>,
    /// Members and non-members that a group needs, each.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = clap::value_parser!(u64).range(2..), help_heading = "Rows")]
    pub min_group_size: u64,
    /// Columns of the groups' table that an attacker may know (repeatable): are the records that stand alone
    /// by them the exposed ones?
    #[arg(long, value_name = "COLUMN", num_args = 1.., requires = "groups", help_heading = "Rows")]
    pub quasi: Vec<String>,
    /// Table of what is known of the rows without the model, in the order of the masks: can members be
    /// told from others by that alone? A column `id` is no feature.
    #[arg(long, value_name = "FILE", help_heading = "Rows")]
    pub features: Option<PathBuf>,
}

/// What was read.
pub(super) struct Known {
    /// The groupings over the pool: classes, columns, columns with classes.
    pub(super) groups: Vec<Groups>,
    /// The rows' names.
    pub(super) id: Option<Vec<String>>,
    /// How many rows share each row's quasi-identifiers.
    pub(super) classes: Option<Vec<u64>>,
    /// Features of some rows, and which.
    pub(super) features: Option<(Vec<Vec<f64>>, Vec<usize>)>,
    /// The tables.
    pub(super) inputs: Vec<InputFile>,
}

impl RowArgs {
    /// Reads the tables.
    pub(super) fn read(&self, scene: &Scene) -> Result<Known, CliError> {
        let mut inputs = Vec::new();
        let pool = scene.member.len();
        let table = self.groups.as_ref().map(|path| read(path, pool, &mut inputs)).transpose()?;
        let declared = match &table {
            Some(table) => {
                self.by.iter().map(|by| grouping(table, by)).collect::<Result<Vec<_>, _>>()?
            }
            None => Vec::new(),
        };
        let classes: Vec<Option<String>> =
            scene.pool.labels().iter().map(|y| Some(y.to_string())).collect();
        let name = |cell: &Option<String>| cell.clone().unwrap_or_default();
        let id = table.as_ref().and_then(|table| table.column("id"));
        let id = id.map(|cells| cells.iter().map(name).collect());
        let features = self.features.as_ref().map(|path| read(path, pool, &mut inputs));
        let features = features.transpose()?.map(|table| {
            let rows = pipeline::some_rows(&scene.member);
            let mut all = pipeline::encoded(&table, &["id"]);
            (rows.iter().map(|row| std::mem::take(&mut all[*row])).collect(), rows)
        });
        let groups = pipeline::groupings(&classes, &declared);
        let classes = match &table {
            Some(table) if !self.quasi.is_empty() => {
                self.quasi.iter().try_for_each(|name| column(table, name).map(|_| ()))?;
                class_sizes(table, &self.quasi)
            }
            _ => None,
        };
        Ok(Known { groups, id, classes, features, inputs })
    }
}

/// A table with a row for each row of the masks.
fn read(path: &Path, pool: usize, inputs: &mut Vec<InputFile>) -> Result<TextTable, CliError> {
    let table = dataset::read_text_table(path)?;
    let bytes = std::fs::read(path).map_err(|e| CliError::read(path, &e))?;
    inputs.push(InputFile { path: path.display().to_string(), sha256: digest_hex(&bytes) });
    if table.rows() == pool {
        return Ok(table);
    }
    let (file, rows) = (path.display(), table.rows());
    let message = format!(
        "`{file}` has {rows} rows, but the masks {pool}; it needs one for each, in their order"
    );
    Err(CliError::Usage(message))
}

/// The cells of a column, or the columns that there are.
fn column<'a>(table: &'a TextTable, name: &str) -> Result<&'a [Option<String>], CliError> {
    table.column(name).ok_or_else(|| {
        let known: Vec<&str> = table.columns.iter().map(|(name, _)| name.as_str()).collect();
        let known = known.join(", ");
        CliError::Usage(format!("`{}` has no column `{name}`; it has {known}", table.file))
    })
}

/// One column, or several crossed.
fn grouping(table: &TextTable, by: &str) -> Result<Groups, CliError> {
    let part = |name: &str| {
        let name = name.trim();
        Ok(Groups::encode(name, column(table, name)?))
    };
    let parts = by.split('*').map(part).collect::<Result<Vec<_>, CliError>>()?;
    Ok(Groups::cross(&parts.iter().collect::<Vec<_>>()))
}
