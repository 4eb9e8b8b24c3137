//! What can be wrong with a configuration, as data. `cli` draws it.

use crate::domain::nearest;
use std::ops::Range;

/// One mistake: where it is, what it is and the way out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Stable code, `CF001` and up; [`PROBLEM_KINDS`] explains each.
    pub code: &'static str,
    /// A lowercase fragment that fits after "error: ".
    pub message: String,
    /// Bytes of the document that the mistake covers. None where the value came from `--set`.
    pub span: Option<Range<usize>>,
    /// What to write beside the caret.
    pub label: String,
    /// The way out, if one can be named.
    pub help: Option<String>,
}

/// The manual of one problem code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProblemKind {
    /// Stable code.
    pub code: &'static str,
    /// Snake-case name, as `audit explain` accepts it.
    pub name: &'static str,
    /// What is wrong, and what to do about it.
    pub explain: &'static str,
}

/// All problem codes, in order. A code never changes its meaning.
pub const PROBLEM_KINDS: &[ProblemKind] = &[
    kind(
        "CF001",
        "syntax_error",
        "The text is not YAML. Nothing else can be checked before it is.",
    ),
    kind(
        "CF002",
        "unknown_key",
        "The key does not exist. Unknown keys are errors, because a mistyped key would otherwise be a check that silently does not happen.",
    ),
    kind(
        "CF003",
        "unknown_name",
        "The name of a check, metric, attack, format or other registered thing does not exist. `audit list` shows the names.",
    ),
    kind(
        "CF004",
        "wrong_type",
        "The value has another type than the key expects, e.g. text instead of a number.",
    ),
    kind("CF005", "missing_key", "A key that has no default is not given."),
    kind(
        "CF006",
        "out_of_range",
        "The value has the right type but lies outside what the key accepts.",
    ),
    kind(
        "CF007",
        "duplicate",
        "The same key or grouping is given twice, so one of the two would be ignored.",
    ),
    kind(
        "CF008",
        "not_in_this_version",
        "The key or name belongs to the interface, but this version cannot do it. It is refused, never ignored.",
    ),
    kind(
        "CF009",
        "missing_file",
        "A file or folder that the configuration names does not exist. Relative paths start at the folder of the configuration file.",
    ),
    kind(
        "CF010",
        "not_exactly_one",
        "Exactly one of several keys must be given: one of `train`, `load`, `predictions`; one of `at_most`, `at_least`.",
    ),
    kind(
        "CF011",
        "impossible_threshold",
        "The limit of a gate rule lies outside the values that the check can take, so the rule would always pass or always fail.",
    ),
    kind(
        "CF012",
        "undeclared_group",
        "A rule or a reference names a feature or grouping that `dataset.groups` does not declare.",
    ),
    kind("CF013", "shares_do_not_sum", "The shares of `dataset.split` must sum to 1."),
    kind(
        "CF014",
        "missing_reason",
        "Something that weakens the gate (`on_undefined: pass`, a waiver) must say why in `because`.",
    ),
    kind(
        "CF015",
        "malformed",
        "A piece of text is not in the form that the key asks for, e.g. a date that is not YYYY-MM-DD.",
    ),
    kind(
        "CF016",
        "does_not_apply",
        "The key has no effect together with another choice, e.g. `dataset.n` with a format that reads files.",
    ),
    kind(
        "CF017",
        "unsupported_version",
        "`version` states the shape of the file. This program reads version 1.",
    ),
    kind(
        "CF018",
        "bad_override",
        "A `--set KEY=VALUE` cannot be applied: the value is not YAML, or the path leads through something that has no keys.",
    ),
    kind(
        "CF019",
        "layer_does_not_fit",
        "A layer of `architecture` does not fit onto what flows into it, e.g. `dense` before `flatten`, a residual block that changes the shape, or a pool that leaves nothing. Without `dataset.resize` the size of the pictures is known only when they are read; a pool that leaves nothing is then reported in the run.",
    ),
];

const fn kind(code: &'static str, name: &'static str, explain: &'static str) -> ProblemKind {
    ProblemKind { code, name, explain }
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// Bytes of the document.
    Text(Range<usize>),
    /// It was given by `--set` under this key.
    Set(String),
    /// It is a default.
    Default,
}

impl Problem {
    /// A problem without help yet.
    pub(super) fn new(code: &'static str, message: &str, place: &Place, label: String) -> Self {
        let (message, span) = match place {
            Place::Text(span) => (message.to_owned(), Some(span.clone())),
            Place::Set(key) => (format!("{message}, from --set {key}"), None),
            Place::Default => (message.to_owned(), None),
        };
        Self { code, message, span, label, help: None }
    }

    /// The same problem with a way out.
    pub(super) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// "did you mean …", or the names themselves while they fit on a line.
pub(super) fn suggestion(word: &str, known: &[&str]) -> String {
    match nearest(word, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => one_of(known),
    }
}

/// "one of …" with at most a dozen names.
pub(super) fn one_of(known: &[&str]) -> String {
    let shown: Vec<String> = known.iter().take(12).map(|name| format!("`{name}`")).collect();
    match known.len() {
        0 => "this build has none to offer".to_owned(),
        1 => format!("the only choice is {}", shown[0]),
        n if n > shown.len() => {
            format!("one of {}, … ({n} in all; see `audit list`)", shown.join(", "))
        }
        _ => format!("one of {}", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_name_is_suggested_and_a_far_one_is_not() {
        assert_eq!(suggestion("Accurcy", &["auc", "accuracy"]), "did you mean `accuracy`?");
        assert_eq!(suggestion("zebra", &["a", "b"]), "one of `a`, `b`");
    }

    #[test]
    fn codes_and_names_are_unique_and_in_order() {
        for (i, kind) in PROBLEM_KINDS.iter().enumerate() {
            assert_eq!(kind.code, format!("CF{:03}", i + 1));
            assert!(PROBLEM_KINDS[..i].iter().all(|other| other.name != kind.name));
        }
    }
}
