//! `audit list`: the names that this build knows.

use super::registry::Registries;
use super::{Outcome, Streams};
use crate::domain::Layer;
use clap::{Args, ValueEnum};
use std::io;

/// List what can be named in a configuration.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example: audit list attacks")]
pub struct ListArgs {
    /// What to list; everything where absent.
    #[arg(value_name = "WHAT", value_enum)]
    pub what: Option<What>,
}

/// A kind of name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Everything that a gate rule may judge.
    Checks,
    /// Data-set formats.
    Formats,
    /// Network architectures, and the layers that a list of one's own may hold.
    Models,
    /// Membership attacks.
    Attacks,
    /// Kinds of personal data.
    Detectors,
    /// Rules of the built-in usage policy.
    Rules,
    /// Report formats.
    Renderers,
}

/// Prints one kind bare, or all kinds under headings.
pub fn run(
    args: &ListArgs,
    registries: &Registries,
    streams: &mut Streams<'_>,
) -> io::Result<Outcome> {
    if let Some(what) = args.what {
        for line in lines(what, registries) {
            writeln!(streams.out, "{line}")?;
        }
        return Ok(Outcome::Passed);
    }
    for (i, what) in What::value_variants().iter().enumerate() {
        let name = what.to_possible_value();
        let gap = if i == 0 { "" } else { "\n" };
        writeln!(streams.out, "{gap}{}:", name.as_ref().map_or("", |name| name.get_name()))?;
        for line in lines(*what, registries) {
            writeln!(streams.out, "  {line}")?;
        }
    }
    Ok(Outcome::Passed)
}

fn lines(what: What, registries: &Registries) -> Vec<String> {
    match what {
        What::Checks => {
            let checks = &registries.checks;
            let width = checks.iter().map(|meta| meta.name.len()).max().unwrap_or(0);
            let line = |m: &&crate::domain::Meta| {
                format!("{}  {:<width$}  {}", m.code, m.name, m.summary())
            };
            checks.iter().map(line).collect()
        }
        What::Formats => registries.formats.clone(),
        What::Models => models(&registries.models),
        What::Attacks => registries.attacks.clone(),
        What::Detectors => registries.detectors.clone(),
        What::Rules => registries.rules.clone(),
        What::Renderers => registries.renderers.clone(),
    }
}

/// The named networks, then the layers.
fn models(named: &[(String, String)]) -> Vec<String> {
    let layers = format!("any of {}", Layer::NAMES.join(", "));
    let own = ("[layers, ...]".to_owned(), layers);
    let all: Vec<&(String, String)> = named.iter().chain(std::iter::once(&own)).collect();
    let width = all.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    all.iter().map(|(name, about)| format!("{name:<width$}  {about}")).collect()
}
