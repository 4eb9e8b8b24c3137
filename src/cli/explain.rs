//! `audit explain`: the manual page of a check or a problem code.

use super::registry::Registries;
use super::{Outcome, Streams, diagnostics};
use crate::config::PROBLEM_KINDS;
use crate::domain::{Meta, nearest};
use clap::Args;
use std::io;

/// Explain a check or an error code.
///
/// What it measures, the formula, when it has no value, and the source.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Examples: audit explain equalized_odds_difference\n          audit explain FA002\n          audit explain CF003"
)]
pub struct ExplainArgs {
    /// A code or a name; `audit list checks` shows both.
    #[arg(value_name = "CODE|NAME", required_unless_present = "all")]
    pub subject: Option<String>,
    /// All pages as one Markdown document.
    #[arg(long, conflicts_with = "subject")]
    pub all: bool,
}

/// Prints the page, or the nearest name where there is none.
pub fn run(
    args: &ExplainArgs,
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> io::Result<Outcome> {
    if args.all {
        write!(streams.out, "{}", book(registries))?;
        return Ok(Outcome::Passed);
    }
    let subject = args.subject.as_deref().unwrap_or_default().trim();
    let is = |code: &str, name: &str| {
        code.eq_ignore_ascii_case(subject) || name.eq_ignore_ascii_case(subject)
    };
    let pages: Vec<_> = registries.checks.iter().filter(|m| is(m.code, m.name)).collect();
    for meta in &pages {
        writeln!(streams.out, "{} {}\n\n{}", meta.code, meta.name, page(meta))?;
    }
    if !pages.is_empty() {
        return Ok(Outcome::Passed);
    }
    if let Some(kind) = PROBLEM_KINDS.iter().find(|kind| is(kind.code, kind.name)) {
        writeln!(streams.out, "{} {}\n\n{}", kind.code, kind.name, kind.explain)?;
        return Ok(Outcome::Passed);
    }
    let names = registries.checks.iter().flat_map(|meta| [meta.name, meta.code]);
    let help = match nearest(subject, names.chain(PROBLEM_KINDS.iter().map(|kind| kind.name))) {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`audit list checks` shows all names".to_owned(),
    };
    let message = format!("nothing is called `{subject}`; {help}");
    streams.err.write_all(diagnostics::line(&message, streams.colour).as_bytes())?;
    Ok(Outcome::CouldNotAudit)
}

/// All checks and problem codes as one Markdown page.
fn book(registries: &Registries) -> String {
    let mut text = String::from(
        "# How each number is made\n\nWritten by `audit explain --all`; edit the doc comments, not this file.\n",
    );
    let mut checks = registries.checks.clone();
    checks.sort_by_key(|meta| meta.code);
    for meta in checks {
        let page = page(meta);
        let (summary, facts) = page.split_once("\n\n").unwrap_or((&page, ""));
        text += &format!("\n## {} `{}`\n\n{summary}\n\n", meta.code, meta.name);
        for (head, fact) in facts.lines().filter_map(|line| line.split_once(' ')) {
            text += &format!("- **{head}** {}\n", fact.trim_start());
        }
    }
    text += "\n# What can be wrong with a configuration\n\n";
    for kind in PROBLEM_KINDS {
        text += &format!("- **{}** `{}`: {}\n", kind.code, kind.name, kind.explain);
    }
    text
}

/// The doc comment as plain text: a paragraph, then one line per head.
fn page(meta: &Meta) -> String {
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut parts = meta.explain.split("**");
    let mut lines = vec![words(parts.next().unwrap_or_default()), String::new()];
    while let (Some(head), Some(body)) = (parts.next(), parts.next()) {
        let body = words(body);
        lines.push(format!("{:<10} {body}", words(head)));
    }
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::options::Talk;
    use crate::domain::Ideal;

    static META: Meta = Meta {
        code: "FA999",
        name: "example",
        ideal: Ideal::One,
        explain: " Share\n of rows.\n\n **Formula** `a / b`. **Range** 0 to 1.\n",
    };

    fn explain(subject: &str) -> (Outcome, String, String) {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams =
            Streams { out: &mut out, err: &mut err, colour: false, talk: Talk::default() };
        let registries = Registries { checks: vec![&META], ..Registries::default() };
        let args = ExplainArgs { subject: Some(subject.to_owned()), all: false };
        let outcome = run(&args, &registries, &mut streams).unwrap();
        (outcome, String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
    }

    #[test]
    fn a_page_has_a_line_per_head() {
        let page = "FA999 example\n\nShare of rows.\n\nFormula    `a / b`.\nRange      0 to 1.\n";
        assert_eq!(explain("fa999").1, page);
        assert_eq!(explain("example").0, Outcome::Passed);
    }

    #[test]
    fn problem_codes_have_pages_and_typos_a_suggestion() {
        assert!(explain("CF009").1.starts_with("CF009 missing_file"));
        let (outcome, _, err) = explain("exmaple");
        assert_eq!(outcome, Outcome::CouldNotAudit);
        assert!(err.contains("did you mean `example`?"), "{err}");
    }
}
