//! The document as typed: a tree that keeps duplicate keys and knows where each part stands.

use super::problem::{Place, Problem};
use super::span;
use crate::domain::to_f64;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use std::collections::BTreeMap;
use std::fmt;

/// One node.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Raw {
    pub(super) value: RawValue,
    pub(super) place: Place,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum RawValue {
    /// `key:` without a value, or `null`.
    Nothing,
    Flag(bool),
    Number(RawNumber),
    Text(String),
    List(Vec<Raw>),
    Table(Vec<Entry>),
}

/// A number and how it was written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RawNumber {
    /// May be NaN or infinite: YAML can write both.
    pub(super) value: f64,
    /// The value, where it is a whole number from 0 to 2^64 − 1.
    pub(super) whole: Option<u64>,
    /// As typed, so that the label `1.0` stays `1.0`.
    pub(super) text: String,
}

/// One `key: value`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) value: Raw,
}

impl Raw {
    /// A node whose place is not known yet.
    pub(super) fn new(value: RawValue) -> Self {
        Self { value, place: Place::Default }
    }

    /// Whether this is a key without a value.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self.value, RawValue::Nothing)
    }

    /// The entries of a table; none for anything else.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            RawValue::Table(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a list; none for anything else.
    pub(super) fn items(&self) -> &[Raw] {
        match &self.value {
            RawValue::List(items) => items,
            _ => &[],
        }
    }

    /// The entry of a key; of duplicates the first.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The value of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Raw> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The value at a path of keys.
    pub(super) fn at(&self, path: &[&str]) -> Option<&Raw> {
        path.iter().try_fold(self, |raw, key| raw.get(key))
    }

    /// Whether a key is given, rather than filled in.
    pub(super) fn gives(&self, key: &str) -> bool {
        self.entry(key).is_some_and(|entry| entry.place != Place::Default)
    }

    /// The word under a key.
    pub(super) fn word_at(&self, key: &str) -> Option<String> {
        self.get(key).and_then(Self::word)
    }

    /// The whole number under a key.
    pub(super) fn count_at(&self, key: &str) -> Option<u64> {
        match &self.get(key)?.value {
            RawValue::Number(number) => number.whole,
            _ => None,
        }
    }

    /// The number under a key.
    pub(super) fn number_at(&self, key: &str) -> Option<f64> {
        match &self.get(key)?.value {
            RawValue::Number(number) => Some(number.value),
            _ => None,
        }
    }

    /// The flag under a key.
    pub(super) fn flag_at(&self, key: &str) -> Option<bool> {
        match &self.get(key)?.value {
            RawValue::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The words of the list under a key.
    pub(super) fn words_at(&self, key: &str) -> Vec<String> {
        let items = self.get(key).map(Self::items).unwrap_or_default();
        items.iter().filter_map(Self::word).collect()
    }

    /// The words of the table under a key.
    pub(super) fn map_at(&self, key: &str) -> BTreeMap<String, String> {
        let entries = self.get(key).map(Self::entries).unwrap_or_default();
        entries.iter().filter_map(|e| Some((e.key.clone(), e.value.word()?))).collect()
    }

    /// Text, or a number or flag as it was typed.
    pub(super) fn word(&self) -> Option<String> {
        match &self.value {
            RawValue::Text(text) => Some(text.clone()),
            RawValue::Number(number) => Some(number.text.clone()),
            RawValue::Flag(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    /// What a reader would call it.
    pub(super) fn describe(&self) -> &'static str {
        match &self.value {
            RawValue::Nothing => "nothing",
            RawValue::Flag(_) => "true or false",
            RawValue::Number(number) if number.whole.is_some() => "a whole number",
            RawValue::Number(_) => "a number",
            RawValue::Text(_) => "text",
            RawValue::List(_) => "a list",
            RawValue::Table(_) => "a table of keys",
        }
    }

    /// Gives the node and all below it the same place.
    pub(super) fn set_place(&mut self, place: &Place) {
        self.place = place.clone();
        match &mut self.value {
            RawValue::List(items) => items.iter_mut().for_each(|item| item.set_place(place)),
            RawValue::Table(entries) => {
                for entry in entries {
                    entry.place = place.clone();
                    entry.value.set_place(place);
                }
            }
            _ => {}
        }
    }
}

/// Reads YAML and finds every part again in the text. A document without content is an empty table.
pub(super) fn parse(text: &str) -> Result<Raw, Problem> {
    match serde_yaml::from_str::<Raw>(text) {
        Ok(mut raw) => {
            span::attach(&mut raw, text);
            Ok(raw)
        }
        Err(_) if span::is_blank(text) => {
            let mut raw = Raw::new(RawValue::Table(Vec::new()));
            raw.set_place(&Place::Text(0..0));
            Ok(raw)
        }
        Err(error) => Err(syntax_error(text, &error)),
    }
}

fn syntax_error(text: &str, error: &serde_yaml::Error) -> Problem {
    let mark = error.location();
    let start = mark.as_ref().map_or(text.len(), |mark| span::floor(text, mark.index()));
    let line_end = text[start..].find('\n').map_or(text.len(), |n| start + n);
    let next = text[start..].chars().next().map_or(0, char::len_utf8);
    let end = (start + next).min(line_end);
    let whole = error.to_string();
    let tail = mark.map(|mark| format!(" at line {} column {}", mark.line(), mark.column()));
    let label = tail.map_or(whole.as_str(), |tail| whole.split(&tail).next().unwrap_or(&whole));
    let problem =
        Problem::new("CF001", "this is not YAML", &Place::Text(start..end), label.to_owned());
    let before = &text[..start];
    if before.lines().last().is_some_and(|line| line.contains('\t'))
        || text[start..].starts_with('\t')
    {
        return problem.help("indent with spaces; YAML does not allow tabs");
    }
    problem
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

fn number(value: f64, whole: Option<u64>, text: String) -> Raw {
    Raw::new(RawValue::Number(RawNumber { value, whole, text }))
}

impl<'de> Visitor<'de> for Reader {
    type Value = Raw;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a number, true, false, a list or a table")
    }

    fn visit_unit<E: Error>(self) -> Result<Raw, E> {
        Ok(Raw::new(RawValue::Nothing))
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<Raw, E> {
        Ok(Raw::new(RawValue::Flag(flag)))
    }

    fn visit_u64<E: Error>(self, v: u64) -> Result<Raw, E> {
        Ok(number(to_f64(v), Some(v), v.to_string()))
    }

    fn visit_i64<E: Error>(self, v: i64) -> Result<Raw, E> {
        let size = to_f64(v.unsigned_abs());
        Ok(number(if v < 0 { -size } else { size }, u64::try_from(v).ok(), v.to_string()))
    }

    fn visit_u128<E: Error>(self, v: u128) -> Result<Raw, E> {
        Ok(number(v.to_string().parse().unwrap_or(f64::INFINITY), None, v.to_string()))
    }

    fn visit_i128<E: Error>(self, v: i128) -> Result<Raw, E> {
        Ok(number(v.to_string().parse().unwrap_or(f64::INFINITY), None, v.to_string()))
    }

    fn visit_f64<E: Error>(self, v: f64) -> Result<Raw, E> {
        Ok(number(v, None, v.to_string()))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Raw, E> {
        Ok(Raw::new(RawValue::Text(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Raw, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Raw::new(RawValue::List(list)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Raw, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Raw, Raw>()? {
            let key = key.word().ok_or_else(|| A::Error::custom("a key must be a single word"))?;
            entries.push(Entry { key, place: Place::Default, value });
        }
        Ok(Raw::new(RawValue::Table(entries)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn duplicate_keys_and_the_spelling_of_numbers_survive() {
        let raw = parse("a: 1.0\na: 2\nb: {c: -3}\n").unwrap();
        assert_eq!(raw.entries().len(), 3);
        assert_eq!(raw.get("a").unwrap().word().as_deref(), Some("1.0"));
        assert_eq!(raw.at(&["b", "c"]).unwrap().word().as_deref(), Some("-3"));
        assert_eq!(raw.at(&["b", "d"]), None);
    }

    #[test]
    fn a_syntax_error_points_at_its_place() {
        let text = "version: 1\nname: [a, b\nseed: 2\n";
        let problem = parse(text).unwrap_err();
        assert_eq!(problem.code, "CF001");
        assert!(problem.span.unwrap().start >= 11, "{}", problem.label);
        assert!(!problem.label.contains("at line"), "{}", problem.label);
    }

    #[test]
    fn a_tab_is_named_as_the_cause() {
        let problem = parse("version: 1\nsystem:\n\tpurpose: x\n").unwrap_err();
        assert!(problem.help.unwrap().contains("spaces"));
    }
}
