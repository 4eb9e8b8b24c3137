//! `audit anonymity`: how well the records of a table hide.

use super::findings::{self, Destination};
use super::{CliError, Outcome, Streams, error};
use crate::dataset;
use crate::domain::{InputFile, TextTable, digest_hex};
use crate::privacy::anonymity::{self, Options, Suggestion};
use clap::Args;
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Measure how well each record of a table hides among the others, before it is released.
///
/// k-anonymity, l-diversity, t-closeness, β-likeness, δ-disclosure and the risk of being found. Without
/// `--quasi` nothing is measured: each column is shown with what it seems to be, and why.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Example: audit anonymity patients.csv --quasi age sex zip --sensitive diagnosis --json\n\nA missing value is one more value, in quasi-identifiers and in sensitive columns alike."
)]
pub struct AnonymityArgs {
    /// CSV or Parquet, one row per person.
    #[arg(value_name = "TABLE")]
    pub table: PathBuf,
    /// Columns that an attacker may know (repeatable).
    #[arg(long, value_name = "COLUMN", num_args = 1..)]
    pub quasi: Vec<String>,
    /// Columns that must not be learned (repeatable); numbers are compared in their order.
    #[arg(long, value_name = "COLUMN", num_args = 1.., requires = "quasi")]
    pub sensitive: Vec<String>,
    /// Table of everybody from whom the rows were drawn, with the same quasi-identifiers.
    #[arg(long, value_name = "TABLE", requires = "quasi")]
    pub population: Option<PathBuf>,
    /// The l of the recursive (c,l)-diversity; the table's own where absent.
    #[arg(long, value_name = "L", requires = "sensitive", value_parser = clap::value_parser!(u64).range(2..))]
    pub l: Option<u64>,
    /// Print the findings as JSON.
    #[arg(long, help_heading = "Output")]
    pub json: bool,
    /// Also write a report into this folder.
    #[arg(long, value_name = "DIR", help_heading = "Output", requires = "quasi")]
    pub out: Option<PathBuf>,
}

/// Measures the table, or suggests what to measure.
pub fn run(args: &AnonymityArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let ended = if args.quasi.is_empty() { suggest(args, streams) } else { measure(args, streams) };
    error::shown(ended, streams)
}

fn measure(args: &AnonymityArgs, streams: &mut Streams<'_>) -> Result<Outcome, CliError> {
    let names: Vec<&str> = args.quasi.iter().chain(&args.sensitive).map(String::as_str).collect();
    let options =
        Options { quasi: args.quasi.clone(), sensitive: args.sensitive.clone(), l: args.l };
    let mut inputs = Vec::new();
    let table = read(&args.table, &names, &mut inputs)?;
    let known: Vec<&str> = args.quasi.iter().map(String::as_str).collect();
    let population = args.population.as_ref().map(|path| read(path, &known, &mut inputs));
    let population = population.transpose()?;
    let findings = anonymity::audit(&table, population.as_ref(), &options)?;
    let name = args.table.display().to_string();
    let to = Destination { json: args.json, out: args.out.as_deref(), settings: BTreeMap::new() };
    findings::show(&name, findings, inputs, &to, streams)
}

/// Reads some columns and notes the file. A column that is asked for twice is read once; the
/// measurement says what is wrong with that.
fn read(path: &Path, names: &[&str], inputs: &mut Vec<InputFile>) -> Result<TextTable, CliError> {
    let mut once: Vec<&str> = Vec::new();
    for name in names {
        if !once.contains(name) {
            once.push(name);
        }
    }
    let table = dataset::read_columns(path, &once)?;
    let bytes = std::fs::read(path).map_err(|e| CliError::read(path, &e))?;
    inputs.push(InputFile { path: path.display().to_string(), sha256: digest_hex(&bytes) });
    Ok(table)
}

fn suggest(args: &AnonymityArgs, streams: &mut Streams<'_>) -> Result<Outcome, CliError> {
    let table = dataset::read_text_table(&args.table)?;
    let made = anonymity::suggest(&table);
    if args.json {
        let lines: Vec<serde_json::Value> = made.iter().map(record).collect();
        writeln!(streams.out, "{}", serde_json::Value::from(lines))?;
        return Ok(Outcome::Passed);
    }
    let width = made.iter().map(|s| s.column.chars().count()).max().unwrap_or(0);
    for s in &made {
        let (column, role) = (&s.column, s.role.name());
        let line = format!("{column:width$}  {role:16}  {} values; {}", s.distinct, s.because);
        writeln!(streams.out, "{line}")?;
    }
    let quasi = made.iter().filter(|s| s.role == anonymity::Role::Quasi);
    let quasi: Vec<&str> = quasi.map(|s| s.column.as_str()).collect();
    let example = if quasi.is_empty() { "COLUMN…".to_owned() } else { quasi.join(" ") };
    writeln!(streams.err, "nothing was measured; choose with `--quasi {example}`")?;
    Ok(Outcome::Passed)
}

fn record(s: &Suggestion) -> serde_json::Value {
    serde_json::json!({
        "column": s.column,
        "role": s.role.name(),
        "because": s.because,
        "distinct": s.distinct,
        "separation": s.separation,
    })
}
