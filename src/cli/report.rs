//! `audit report`: renders an assessment again.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

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
