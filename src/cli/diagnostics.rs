//! Draws problems: code, place, caret, label, help.

use crate::config::{Document, Problem};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::fmt::Write as _;
use std::io::{self, IsTerminal};

/// When colour is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Colour {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Colour {
    /// Whether to colour what goes to stderr.
    #[must_use]
    pub fn on_stderr(self) -> bool {
        let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        match self {
            Self::Always => true,
            Self::Never => false,
            Self::Auto => io::stderr().is_terminal() && !set("NO_COLOR") && !dumb,
        }
    }
}

/// All problems of a document, a blank line between them, and how many there are.
#[must_use]
pub fn draw(document: &Document, problems: &[Problem], colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for problem in problems {
        text.push_str(&closed(&renderer.render(&[group(document, problem)])));
        text.push_str("\n\n");
    }
    let n = problems.len();
    let noun = if n == 1 { "problem" } else { "problems" };
    let title = format!("{n} {noun} in `{}`", document.path);
    let total = [Group::with_title(Level::ERROR.primary_title(title))];
    writeln!(text, "{}", renderer.render(&total))
        .unwrap_or_else(|_| unreachable!("a String grows"));
    text
}

/// One line for an error without a place.
#[must_use]
pub fn line(message: &str, colour: bool) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    format!("{}\n", renderer.render(&[Group::with_title(Level::ERROR.primary_title(message))]))
}

fn group<'a>(document: &'a Document, problem: &'a Problem) -> Group<'a> {
    let title = Level::ERROR.primary_title(problem.message.as_str()).id(problem.code);
    let group = match &problem.span {
        Some(span) => {
            let first = first_line(&document.text, span.clone());
            let mark = AnnotationKind::Primary.span(first).label(problem.label.as_str());
            let path = document.path.as_str();
            title.element(Snippet::source(&document.text).path(path).annotation(mark))
        }
        None => title.element(Level::NOTE.message(problem.label.as_str())),
    };
    match &problem.help {
        Some(help) => group.element(Level::HELP.message(help.as_str())),
        None => group,
    }
}

/// The part of a span on its first line: the caret marks where to look, not how long a block is.
fn first_line(text: &str, span: std::ops::Range<usize>) -> std::ops::Range<usize> {
    match text.get(span.clone()) {
        Some(shown) => span.start..span.start + shown.find(['\n', '\r']).unwrap_or(shown.len()),
        None => text.len()..text.len(),
    }
}

/// The drawing without the empty gutter line before the help.
fn closed(drawing: &str) -> String {
    let lines: Vec<&str> = drawing.lines().collect();
    let empty = |line: &str| plain(line).trim() == "|";
    let before_help =
        |i: usize| lines.get(i + 1).is_some_and(|next| plain(next).trim_start().starts_with("= "));
    let kept = lines.iter().enumerate().filter(|(i, line)| !(empty(line) && before_help(*i)));
    kept.map(|(_, line)| *line).collect::<Vec<_>>().join("\n")
}

/// A line without its colours.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        text.push_str(before);
        rest = after.split_once('m').map_or("", |(_, rest)| rest);
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(span: Option<std::ops::Range<usize>>) -> Problem {
        Problem {
            code: "CF003",
            message: "unknown metric".to_owned(),
            span,
            label: "no metric has this name".to_owned(),
            help: Some("did you mean `accuracy`?".to_owned()),
        }
    }

    fn document() -> Document {
        let text = "version: 1\nfairness:\n  metrics: [acuracy]\n".to_owned();
        Document { path: "audits/digits.yaml".to_owned(), text }
    }

    #[test]
    fn a_problem_is_drawn_in_the_house_format() {
        let drawn = draw(&document(), &[problem(Some(33..40))], false);
        let expected = "\
error[CF003]: unknown metric
 --> audits/digits.yaml:3:13
  |
3 |   metrics: [acuracy]
  |             ^^^^^^^ no metric has this name
  = help: did you mean `accuracy`?

error: 1 problem in `audits/digits.yaml`
";
        assert_eq!(drawn, expected);
    }

    #[test]
    fn a_problem_without_a_place_has_a_note() {
        let drawn = draw(&document(), &[problem(None)], false);
        assert!(drawn.starts_with("error[CF003]: unknown metric\n"), "{drawn}");
        assert!(drawn.contains("= note: no metric has this name"), "{drawn}");
    }

    #[test]
    fn colour_adds_nothing_but_colour() {
        let problems = [problem(Some(33..40)), problem(None)];
        let coloured = draw(&document(), &problems, true);
        assert!(coloured.contains('\u{1b}'));
        let stripped: Vec<String> = coloured.lines().map(plain).collect();
        let uncoloured = draw(&document(), &problems, false);
        assert_eq!(stripped, uncoloured.lines().collect::<Vec<_>>());
    }

    #[test]
    fn odd_spans_are_drawn_without_panic() {
        for span in [0..0, 11..43, 43..43, 90..99] {
            assert!(draw(&document(), &[problem(Some(span))], false).contains("CF003"));
        }
    }
}
