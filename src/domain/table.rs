//! A table as text, for scanners that look at what is written and not at types.

/// Columns of text cells; all columns have the same number of rows.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TextTable {
    /// Where it came from, as the report may name it (relative, never absolute).
    pub file: String,
    /// `(name, cells)`; `None` is an empty cell.
    pub columns: Vec<(String, Vec<Option<String>>)>,
}

impl TextTable {
    /// Number of rows.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.columns.first().map_or(0, |(_, cells)| cells.len())
    }

    /// The cells of a column.
    #[must_use]
    pub fn column(&self, name: &str) -> Option<&[Option<String>]> {
        self.columns.iter().find(|(n, _)| n == name).map(|(_, cells)| cells.as_slice())
    }
}
