//! `assessment.md`, the report for a repository, and `summary.md`, its first page for a CI job.

use super::document::{Block, Cell, Document, Figure, Table, document};
use super::escape::markdown as plain;
use super::language::Language;
use super::words::fill;
use super::{Artifact, Options, RenderError, Renderer};
use crate::domain::Assessment;

/// Markdown in the first language that was asked for.
pub(super) struct Markdown;

impl Renderer for Markdown {
    fn name(&self) -> &'static str {
        "markdown"
    }

    fn render(&self, a: &Assessment, options: &Options) -> Result<Vec<Artifact>, RenderError> {
        let language = options.languages()?.first().copied().unwrap_or(Language::English);
        let document = document(a, language);
        let front = front(&document);
        let mut report = front.clone();
        for section in &document.sections {
            report.extend(["\n## ", &plain(&section.title), "\n"]);
            for block in &section.blocks {
                report.push('\n');
                report.push_str(&write(&document, block));
            }
        }
        let files = [("assessment.md", report), ("summary.md", front)];
        Ok(files.map(|(path, text)| Artifact::text(path, text)).into())
    }
}

/// Page one.
fn front(d: &Document) -> String {
    let (w, f) = (d.words, &d.front);
    let mut text = format!("# {}\n\n", plain(&fill(w.report_of, &[("name", d.title.clone())])));
    text.extend(["**", f.icon(), " ", &plain(&f.answer), "**\n\n"]);
    let counts: Vec<String> = f.counts.iter().map(|(_, name, n)| format!("{name} {n}")).collect();
    text.extend([&counts.join(" · "), "\n\n"]);
    for sentence in &f.summary {
        text.extend(["- ", &plain(sentence), "\n"]);
    }
    text.extend(["\n## ", &plain(w.top_risks), "\n\n"]);
    match &f.no_risks {
        Some(words) => text.extend([&plain(words), "\n"]),
        None => text.push_str(&rows(&f.risks)),
    }
    text.extend(["\n## ", &plain(w.identity), "\n\n"]);
    for fact in &f.facts {
        let value = if fact.code { format!("`{}`", fact.value) } else { plain(&fact.value) };
        text.extend(["- ", &plain(fact.name), ": ", &value, "\n"]);
    }
    text
}

fn write(d: &Document, block: &Block) -> String {
    match block {
        Block::Heading(text) => format!("### {}\n", plain(text)),
        Block::Text(text) => format!("{}\n", plain(text)),
        Block::Command(text) => format!("```text\n{text}\n```\n"),
        Block::List(items) => {
            items.iter().flat_map(|item| ["1. ".to_owned(), plain(item), "\n".to_owned()]).collect()
        }
        Block::Table(table) | Block::Details(table) => captioned(table),
        Block::Figure(figure) => picture(d, figure),
    }
}

fn picture(d: &Document, figure: &Figure) -> String {
    let (title, how) = (plain(&figure.title), plain(&figure.how));
    let file = format!("charts/{}{}.png", figure.name, d.language.infix());
    let image = if cfg!(feature = "plots") {
        format!("![{title}]({file})")
    } else {
        plain(d.words.no_plots)
    };
    format!("{image}\n\n{} {how}\n\n{}", plain(d.words.how_to_read), captioned(&figure.table))
}

fn captioned(table: &Table) -> String {
    format!("**{}**\n\n{}", plain(&table.caption), rows(table))
}

fn rows(table: &Table) -> String {
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    let mut text = line(table.head.iter().map(|head| plain(head)).collect());
    text.push_str(&line(table.head.iter().map(|_| "---".to_owned()).collect()));
    for row in &table.rows {
        text.push_str(&line(row.iter().map(cell).collect()));
    }
    text
}

fn cell(cell: &Cell) -> String {
    let mut text = plain(&cell.text);
    if !cell.icon().is_empty() {
        text = format!("{} {text}", cell.icon());
    }
    for line in &cell.below {
        text.push_str("<br>");
        text.push_str(&plain(line));
    }
    text
}
