//! The message catalogue: every word of the reports, in English and Chinese side by side. A missing
//! translation is a compile error, because both languages are values of one struct.

pub(crate) mod names;
mod names_checks;
mod names_fairness;
mod names_tasks;
mod names_terms;
mod page;
mod page_fairness;
mod page_leak;

pub(crate) use page::Words;
pub(crate) use page_fairness::FairnessWords;
pub(crate) use page_leak::LeakWords;

/// Declares a struct with one field per message and its two values.
macro_rules! catalogue {
    ($words:ident; $($key:ident: $english:literal, $chinese:literal;)*) => {
        /// Messages of one language. `{name}` is a place to be filled.
        #[derive(Debug)]
        pub(crate) struct $words { $(pub(crate) $key: &'static str,)* }

        static ENGLISH: $words = $words { $($key: $english,)* };
        static CHINESE: $words = $words { $($key: $chinese,)* };

        impl $words {
            /// The messages of a language.
            pub(crate) fn of(language: $crate::report::language::Language) -> &'static Self {
                language.pick(&ENGLISH, &CHINESE)
            }
        }

        /// Key, English, Chinese.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str, &str)] = &[$((stringify!($key), $english, $chinese),)*];
    };
}
use catalogue;

/// A message with its places filled.
pub(crate) fn fill(message: &str, facts: &[(&str, String)]) -> String {
    let mut filled = String::with_capacity(message.len());
    let mut rest = message;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let Some((place, tail)) = after.split_once('}') else { break };
        let fact = facts.iter().find(|(name, _)| *name == place);
        filled.push_str(fact.map_or(place, |(_, text)| text));
        rest = tail;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn places(message: &str) -> BTreeSet<&str> {
        message.split('{').skip(1).filter_map(|s| s.split('}').next()).collect()
    }

    #[test]
    fn both_languages_have_every_message_and_fill_the_same_places() {
        for (key, english, chinese) in
            page::ALL.iter().chain(page_fairness::ALL).chain(page_leak::ALL)
        {
            assert!(!english.trim().is_empty() && !chinese.trim().is_empty(), "{key}");
            assert_eq!(places(english), places(chinese), "{key}");
            let han = chinese.chars().any(|c| ('\u{3000}'..='\u{ffef}').contains(&c));
            let bare = places(chinese).iter().fold((*chinese).to_owned(), |s, p| s.replace(p, ""));
            let latin = bare.chars().any(|c| c.is_ascii_alphabetic());
            assert!(han || !latin, "{key} is not Chinese: {chinese}");
        }
    }

    #[test]
    fn a_fact_is_not_a_message() {
        let text = fill("{a} of {b}", &[("a", "{b}".to_owned()), ("b", "2".to_owned())]);
        assert_eq!(text, "{b} of 2");
    }
}
