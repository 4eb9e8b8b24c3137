//! The page: one file, no scripts, no outside requests.

use super::document::{Block, Cell, Document, Figure, Table, document, icon};
use super::language::Language;
use super::words::{Words, fill};
use super::{Artifact, Options, RenderError, Renderer};
use crate::domain::{Assessment, Verdict};
use askama::Template;

/// `index.html` and `index.zh.html`.
pub(super) struct Html;

impl Renderer for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn render(&self, a: &Assessment, options: &Options) -> Result<Vec<Artifact>, RenderError> {
        let languages = options.languages()?;
        let mut pages = Vec::new();
        for &language in &languages {
            let document = document(a, language);
            let drawings = drawings(&document)?;
            let others = languages.iter().copied().filter(|&other| other != language).collect();
            let page = Page { document: &document, w: document.words, others, drawings };
            let text = page
                .render()
                .map_err(|error| RenderError::Template { because: error.to_string() })?;
            pages.push(Artifact::text(&file(language), text + "\n"));
        }
        Ok(pages)
    }
}

fn file(language: Language) -> String {
    format!("index{}.html", language.infix())
}

/// The drawings of a document's figures, in order; none in a build without plots.
fn drawings(document: &Document) -> Result<Vec<Option<String>>, RenderError> {
    let blocks = document.sections.iter().flat_map(|section| &section.blocks);
    let figures = blocks.filter_map(|block| match block {
        Block::Figure(figure) => Some(figure.as_ref()),
        _ => None,
    });
    figures.map(drawing).collect()
}

#[cfg(feature = "plots")]
fn drawing(figure: &Figure) -> Result<Option<String>, RenderError> {
    super::charts::inline_svg(figure).map(Some)
}

#[cfg(not(feature = "plots"))]
#[expect(clippy::unnecessary_wraps, reason = "the same signature as with plots")]
fn drawing(_figure: &Figure) -> Result<Option<String>, RenderError> {
    Ok(None)
}

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'a> {
    document: &'a Document,
    w: &'static Words,
    others: Vec<Language>,
    drawings: Vec<Option<String>>,
}

#[expect(
    clippy::unused_self,
    clippy::trivially_copy_pass_by_ref,
    reason = "templates call methods, on references"
)]
impl Page<'_> {
    fn title(&self) -> String {
        fill(self.w.report_of, &[("name", self.document.title.clone())])
    }

    fn file(&self, language: &Language) -> String {
        file(*language)
    }

    fn other(&self, language: &Language) -> &'static str {
        Words::of(*language).other_language
    }

    fn icon(&self, verdict: &Verdict) -> &'static str {
        icon(*verdict)
    }

    fn captioned(&self, message: &str, caption: &str) -> String {
        fill(message, &[("caption", caption.to_owned())])
    }

    /// The drawing of a figure: figures are drawn in the order of the blocks.
    fn drawing(&self, figure: &Figure) -> Option<&String> {
        let blocks = self.document.sections.iter().flat_map(|section| &section.blocks);
        let mut figures = blocks.filter_map(|block| match block {
            Block::Figure(figure) => Some(figure.as_ref()),
            _ => None,
        });
        let at = figures.position(|other| other.name == figure.name)?;
        self.drawings.get(at)?.as_ref()
    }

    fn table<'t>(&self, table: &'t Table) -> TableView<'t> {
        TableView { table, label: self.captioned(self.w.scroll, &table.caption) }
    }
}

#[derive(Template)]
#[template(path = "table.html")]
struct TableView<'a> {
    table: &'a Table,
    label: String,
}

#[derive(Template)]
#[template(path = "cell.html")]
struct CellView<'a> {
    cell: &'a Cell,
}

#[expect(clippy::unused_self, reason = "templates call methods")]
impl TableView<'_> {
    fn cell<'t>(&self, cell: &'t Cell) -> CellView<'t> {
        CellView { cell }
    }
}
