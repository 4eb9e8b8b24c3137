//! The charts as files of their own.

use super::{Artifact, Options, RenderError, Renderer};
use crate::domain::Assessment;

/// `charts/*.png` and `charts/*.svg`, one pair per figure and language.
pub(super) struct Png;

impl Renderer for Png {
    fn name(&self) -> &'static str {
        "png"
    }

    #[cfg(feature = "plots")]
    fn render(&self, a: &Assessment, options: &Options) -> Result<Vec<Artifact>, RenderError> {
        use super::{charts, document::figures};
        let mut files = Vec::new();
        for language in options.languages()? {
            for figure in figures(a, language) {
                let stem = format!("charts/{}{}", figure.name, language.infix());
                let bytes = charts::png_file(&figure)?;
                files.push(Artifact { path: format!("{stem}.png"), bytes });
                files.push(Artifact::text(&format!("{stem}.svg"), charts::svg_file(&figure)?));
            }
        }
        Ok(files)
    }

    /// A build without plots draws nothing; the page says so.
    #[cfg(not(feature = "plots"))]
    fn render(&self, _: &Assessment, options: &Options) -> Result<Vec<Artifact>, RenderError> {
        options.languages().map(|_| Vec::new())
    }
}
