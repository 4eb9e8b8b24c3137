//! `audit report`: renders an assessment again.

use super::{CliError, Outcome, Streams, error, files, output};
use crate::domain::Assessment;
use crate::report;
use clap::{Args, ValueEnum};
use std::io;
use std::path::{Path, PathBuf};

/// Render reports again from an assessment; computes nothing.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Example: audit report reports/quickstart/assessment.json --format html --out pages"
)]
pub struct ReportArgs {
    /// The record of a run, `assessment.json`.
    #[arg(value_name = "ASSESSMENT")]
    pub assessment: PathBuf,
    /// Folder to write into; the folder of the assessment where absent.
    #[arg(long, value_name = "DIR", help_heading = "Output")]
    pub out: Option<PathBuf>,
    /// Report format (repeatable); all where absent.
    #[arg(long = "format", value_name = "FORMAT", help_heading = "Output")]
    pub formats: Vec<String>,
    /// Language of the words (repeatable); all where absent.
    #[arg(long = "language", value_name = "LANGUAGE", value_enum, help_heading = "Output")]
    pub languages: Vec<Language>,
}

/// A language of the reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Language {
    /// English.
    En,
    /// Chinese.
    Zh,
}

impl Language {
    /// The code in the configuration.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh",
        }
    }
}

/// Renders the record again.
pub fn run(args: &ReportArgs, streams: &mut Streams<'_>) -> io::Result<Outcome> {
    let ended = render(args, streams);
    error::shown(ended, streams)
}

fn render(args: &ReportArgs, streams: &mut Streams<'_>) -> Result<Outcome, CliError> {
    let document = files::document(&args.assessment)?;
    let assessment: Assessment = serde_json::from_str(&document.text)
        .map_err(|e| CliError::read(&args.assessment, &format!("not an assessment: {e}")))?;
    if assessment.schema != 1 {
        let because = format!("schema {} is not known, only 1 is", assessment.schema);
        return Err(CliError::read(&args.assessment, &because));
    }
    let chosen = |given: Vec<String>, all: Vec<String>| if given.is_empty() { all } else { given };
    let languages = args.languages.iter().map(|l| l.code().to_owned()).collect();
    let options = report::Options {
        formats: args.formats.clone(),
        languages: chosen(languages, vec!["en".to_owned(), "zh".to_owned()]),
    };
    let beside = args.assessment.parent().unwrap_or(Path::new("."));
    let folder = args.out.clone().unwrap_or_else(|| beside.to_path_buf());
    let artifacts = report::render(&assessment, &options)?;
    for artifact in &artifacts {
        let path = folder.join(&artifact.path);
        output::replace(&path, &artifact.bytes).map_err(|e| CliError::write(&path, &e))?;
    }
    writeln!(streams.out, "{} files in {}", artifacts.len(), folder.display())?;
    Ok(Outcome::Passed)
}
