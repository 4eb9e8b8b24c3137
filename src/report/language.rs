//! The languages of the reports.

/// A language that has a complete catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// Simplified Chinese.
    Chinese,
}

impl Language {
    /// Reads `en`, `zh` and their usual regional forms.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name.to_ascii_lowercase().as_str() {
            "en" | "en-gb" | "en-us" => Some(Self::English),
            "zh" | "zh-cn" | "zh-hans" => Some(Self::Chinese),
            _ => None,
        }
    }

    /// The tag for `lang` attributes.
    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Chinese => "zh-Hans",
        }
    }

    /// What stands between a file's stem and its ending: nothing, or `.zh`.
    pub(crate) fn infix(self) -> &'static str {
        match self {
            Self::English => "",
            Self::Chinese => ".zh",
        }
    }

    /// One of two texts.
    pub(crate) fn pick<T>(self, english: T, chinese: T) -> T {
        match self {
            Self::English => english,
            Self::Chinese => chinese,
        }
    }

    /// Joins the parts of an enumeration.
    pub(crate) fn list(self, parts: &[String]) -> String {
        parts.join(self.pick(", ", "、"))
    }

    /// Joins sentences to a paragraph.
    pub(crate) fn sentences(self, parts: &[String]) -> String {
        parts.join(self.pick(" ", ""))
    }
}
