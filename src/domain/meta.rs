//! What a check is: its code, its name and its manual page, all from one doc comment.

use serde::{Deserialize, Serialize};

/// A code that is stable forever, e.g. `FA002`.
pub type Code = &'static str;

/// The value that means "nothing to report".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ideal {
    /// 0, for differences and breaches.
    Zero,
    /// 1, for ratios and hit rates.
    One,
    /// ½, for attacks that learn nothing.
    Half,
    /// No value is better than another (a count, a selection rate).
    None,
}

/// The identity and manual of one check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meta {
    /// Stable code.
    pub code: Code,
    /// The field's name, snake case.
    pub name: &'static str,
    /// The best possible value.
    pub ideal: Ideal,
    /// The doc comment: summary, then paragraphs headed in bold (`**Formula** …`).
    pub explain: &'static str,
}

impl Meta {
    /// The first paragraph.
    #[must_use]
    pub fn summary(&self) -> String {
        let lines = self.explain.lines().map(str::trim).take_while(|l| !l.is_empty());
        lines.collect::<Vec<_>>().join(" ")
    }

    /// The text after a bold head, up to the next one, e.g. `section("Formula")`.
    #[must_use]
    pub fn section(&self, head: &str) -> Option<String> {
        let start = self.explain.find(&format!("**{head}**"))? + head.len() + 4;
        let rest = &self.explain[start..];
        let end = rest.find("**").unwrap_or(rest.len());
        let words: Vec<&str> = rest[..end].split_whitespace().collect();
        Some(words.join(" ").trim_end_matches('.').to_owned())
    }
}

/// A check's manual as the record keeps it, so that a report can be rendered from the record alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Stable code.
    pub code: String,
    /// The check's name.
    pub check: String,
    /// The best possible value.
    pub ideal: Ideal,
    /// One sentence.
    pub summary: String,
    /// The formula.
    pub formula: String,
    /// The range of the value.
    pub range: String,
    /// When the value does not exist.
    pub undefined: String,
    /// The paper or standard.
    pub source: String,
}

/// The record of a check's manual.
#[must_use]
pub fn definition(meta: &Meta) -> Definition {
    let section = |head| meta.section(head).unwrap_or_default();
    Definition {
        code: meta.code.to_owned(),
        check: meta.name.to_owned(),
        ideal: meta.ideal,
        summary: meta.summary(),
        formula: section("Formula"),
        range: section("Range"),
        undefined: section("Undefined"),
        source: section("Source"),
    }
}

/// Declares a check: a unit type whose doc comment is kept as `META.explain`.
///
/// The comment must hold the bold heads Formula, Range, Ideal, Undefined and Source.
#[macro_export]
macro_rules! check {
    ($(#[doc = $doc:expr])* $name:ident, $code:literal, $check:literal, $ideal:expr) => {
        $(#[doc = $doc])*
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct $name;
        impl $name {
            /// Identity and manual of this check.
            pub(crate) const META: $crate::domain::Meta = $crate::domain::Meta {
                code: $code,
                name: $check,
                ideal: $ideal,
                explain: concat!($($doc, "\n"),*),
            };
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    crate::check! {
        /// Share of rows.
        ///
        /// **Formula** `a / b`. **Range** 0 to 1. **Ideal** 1.
        /// **Undefined** never. **Source** Nobody 2020.
        Example, "FA999", "example", Ideal::One
    }

    #[test]
    fn the_doc_comment_is_the_manual() {
        assert_eq!(Example::META.summary(), "Share of rows.");
        assert_eq!(Example::META.section("Formula").as_deref(), Some("`a / b`"));
        assert_eq!(Example::META.section("Source").as_deref(), Some("Nobody 2020"));
        assert_eq!(definition(&Example::META).undefined, "never");
    }
}
