//! `assessment.json`: the record itself.

use super::{Artifact, Options, RenderError, Renderer};
use crate::domain::Assessment;

/// Pretty JSON that ends with a newline.
pub(super) struct Json;

impl Renderer for Json {
    fn name(&self) -> &'static str {
        "json"
    }

    fn render(&self, a: &Assessment, _: &Options) -> Result<Vec<Artifact>, RenderError> {
        pretty(a).map(|text| vec![Artifact::text("assessment.json", text)])
    }
}

/// A value as pretty JSON with a newline at its end.
pub(super) fn pretty(value: &impl serde::Serialize) -> Result<String, RenderError> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| RenderError::Json { because: error.to_string() })?;
    Ok(text + "\n")
}
