//! The last step: renders the record. Every file of a report folder is a function of the
//! [`Assessment`] and the [`Options`]; nothing here reads a file, a clock or the environment.

mod csv;
mod document;
mod escape;
mod html;
mod json;
mod junit;
mod language;
mod manifest;
mod markdown;
mod number;
mod pictures;
mod sarif;
mod words;

#[cfg(feature = "plots")]
mod charts;

#[cfg(test)]
mod example;
#[cfg(test)]
mod example_fairness;
#[cfg(test)]
mod example_folder;
#[cfg(test)]
mod example_leak;
#[cfg(test)]
mod example_record;
#[cfg(test)]
mod tests;

pub use manifest::manifest;

pub use document::Said;

use crate::domain::{Assessment, Finding};
use language::Language;

/// What the membership attacks among the findings found, in English sentences.
#[must_use]
pub fn leak_in_words(findings: &[Finding]) -> Said {
    document::said(&findings.iter().collect::<Vec<_>>(), Language::English)
}

/// A file of the report folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Artifact {
    /// Path relative to the report folder, `/` separated.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

impl Artifact {
    fn text(path: &str, text: String) -> Self {
        Self { path: path.to_owned(), bytes: text.into_bytes() }
    }
}

/// What to render.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Names of renderers; empty means all. The record (`json`) and the table of findings (`csv`)
    /// are always written.
    pub formats: Vec<String>,
    /// `en`, `zh`; empty means English.
    pub languages: Vec<String>,
}

impl Options {
    fn languages(&self) -> Result<Vec<Language>, RenderError> {
        let mut languages = Vec::new();
        for name in &self.languages {
            let language = Language::parse(name)
                .ok_or_else(|| RenderError::UnknownLanguage { name: name.clone() })?;
            if !languages.contains(&language) {
                languages.push(language);
            }
        }
        if languages.is_empty() {
            languages.push(Language::English);
        }
        Ok(languages)
    }
}

/// Why a report could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// No renderer has this name.
    #[error("no report format is called `{name}`; there are {known}")]
    UnknownFormat {
        /// What was asked for.
        name: String,
        /// The names that there are.
        known: String,
    },
    /// There is no catalogue of this language.
    #[error("no report language is called `{name}`; there are en, zh")]
    UnknownLanguage {
        /// What was asked for.
        name: String,
    },
    /// The record cannot be written as JSON.
    #[error("the record cannot be written as JSON: {because}")]
    Json {
        /// The serialiser's message.
        because: String,
    },
    /// The page's template failed.
    #[error("the page cannot be written: {because}")]
    Template {
        /// The template's message.
        because: String,
    },
    /// A chart cannot be drawn.
    #[error("chart `{name}` cannot be drawn: {because}")]
    Chart {
        /// The chart.
        name: String,
        /// The drawing library's message.
        because: String,
    },
}

/// One output format.
pub trait Renderer: Sync {
    /// Its name in the configuration.
    fn name(&self) -> &'static str;

    /// Files as bytes, in a fixed order.
    fn render(
        &self,
        assessment: &Assessment,
        options: &Options,
    ) -> Result<Vec<Artifact>, RenderError>;
}

/// All formats, in the order of their files.
static RENDERERS: [&dyn Renderer; 7] = [
    &html::Html,
    &json::Json,
    &markdown::Markdown,
    &sarif::Sarif,
    &junit::Junit,
    &csv::Csv,
    &pictures::Png,
];

/// Formats that are written whether they were asked for or not: they are the record itself.
const ALWAYS: [&str; 2] = ["json", "csv"];

/// All formats, in the order of their files.
#[must_use]
pub fn renderers() -> &'static [&'static dyn Renderer] {
    &RENDERERS
}

/// Renders the record in the formats that were asked for, in the order of [`renderers`].
///
/// # Errors
/// An unknown format or language, or a renderer's own failure.
pub fn render(assessment: &Assessment, options: &Options) -> Result<Vec<Artifact>, RenderError> {
    let known = || RENDERERS.iter().map(|r| r.name()).collect::<Vec<_>>();
    if let Some(name) = options.formats.iter().find(|f| !known().contains(&f.as_str())) {
        return Err(RenderError::UnknownFormat { name: name.clone(), known: known().join(", ") });
    }
    let wanted = |name: &str| {
        options.formats.is_empty()
            || ALWAYS.contains(&name)
            || options.formats.iter().any(|f| f == name)
    };
    let mut artifacts = Vec::new();
    for renderer in RENDERERS.iter().filter(|r| wanted(r.name())) {
        artifacts.extend(renderer.render(assessment, options)?);
    }
    Ok(artifacts)
}
