//! What a key may hold, and the walk that compares a document with that.
//!
//! The walk reports unknown and duplicate keys, wrong types, missing keys, values out of range and
//! unknown names, all of them; it fills in defaults. What depends on several keys comes after it.

use super::known::Known;
use super::layers::Choice;
use super::problem::{Place, Problem, one_of, suggestion};
use super::raw::{Entry, Raw, RawValue};
use std::collections::BTreeMap;

/// A table of keys.
pub(super) struct Table {
    pub(super) fields: &'static [Field],
    /// Keys of the interface that this version does not have.
    pub(super) later: &'static [&'static str],
}

/// One key.
pub(super) struct Field {
    pub(super) key: &'static str,
    pub(super) kind: Kind,
    pub(super) need: Need,
    /// One line for the schema.
    pub(super) about: &'static str,
}

/// Whether a key must be given.
pub(super) enum Need {
    Required,
    Optional,
    /// The value, as YAML, that stands where none is given.
    Default(&'static str),
}

/// What a key holds.
pub(super) enum Kind {
    /// Text that is not empty.
    Text,
    /// Text, or a number or flag taken as it was typed: labels, group levels.
    Word,
    /// A path, relative to the folder of the configuration.
    File,
    /// `YYYY-MM-DD`.
    Date,
    Flag,
    /// Always 1.
    Version,
    /// A whole number from the first to the second.
    Count(u64, u64),
    /// A finite number from the first to the second.
    Number(f64, f64),
    /// A finite number above the first and below the second.
    Between(f64, f64),
    Name(&'static Names),
    List(&'static Kind),
    /// One of the words, or a list, map or table.
    WordOr(&'static [&'static str], &'static Kind),
    /// Any keys, all with the same kind of value.
    Map(&'static Kind),
    Table(&'static Table),
    /// A name, or a list.
    NameOr(&'static Names, &'static Kind),
    /// One of the words, or a table with exactly one key.
    Choice(&'static Choice),
    /// A whole number of these.
    Whole(&'static [u64]),
}

/// A set of names.
pub(super) struct Names {
    /// What one of them is called in messages.
    pub(super) what: &'static str,
    pub(super) from: From,
    /// Names of the interface that this version does not have.
    pub(super) later: &'static [&'static str],
}

/// Where names come from.
pub(super) enum From {
    Fixed(&'static [&'static str]),
    Known(fn(&Known) -> &[String]),
}

impl Names {
    /// The names in their order.
    pub(super) fn list<'a>(&self, known: &'a Known) -> Vec<&'a str> {
        match self.from {
            From::Fixed(names) => names.to_vec(),
            From::Known(pick) => pick(known).iter().map(String::as_str).collect(),
        }
    }
}

impl Kind {
    /// What belongs here, in words that fit after "expected".
    pub(super) fn expected(&self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Word => "a word or number".to_owned(),
            Self::File => "a path".to_owned(),
            Self::Date => "a date, YYYY-MM-DD".to_owned(),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Version => "the number 1".to_owned(),
            Self::Count(..) | Self::Whole(_) => "a whole number".to_owned(),
            Self::Number(..) | Self::Between(..) => "a number".to_owned(),
            Self::Name(names) => format!("the name of {}", names.what),
            Self::List(item) => format!("a list, each item {}", item.expected()),
            Self::WordOr(words, list) => format!("`{}` or {}", words.join("`, `"), list.expected()),
            Self::Map(_) | Self::Table(_) => "a table of keys".to_owned(),
            Self::NameOr(names, list) => {
                format!("the name of {} or {}", names.what, list.expected())
            }
            Self::Choice(choice) => choice.what.to_owned(),
        }
    }

    /// Whether the key without a value means an empty block.
    fn is_block(&self) -> bool {
        matches!(self, Self::Table(_) | Self::Map(_) | Self::List(_))
    }

    /// The range in words, for kinds that have one.
    fn range(&self) -> String {
        match self {
            Self::Count(1, u64::MAX) => "must be at least 1".to_owned(),
            Self::Count(least, most) => format!("must be a whole number from {least} to {most}"),
            Self::Number(least, most) if *most >= f64::MAX && *least > f64::MIN => {
                format!("must be at least {least}")
            }
            Self::Number(_, most) if *most >= f64::MAX => "must be a finite number".to_owned(),
            Self::Number(least, most) => format!("must lie between {least} and {most}"),
            Self::Between(least, most) => format!("must lie above {least} and below {most}"),
            Self::Whole(all) => format!("must be one of {all:?}"),
            _ => "must not be empty".to_owned(),
        }
    }
}

/// Walks a document. Problems are collected, never returned early.
pub(super) struct Walk<'a> {
    pub(super) known: &'a Known,
    pub(super) problems: Vec<Problem>,
}

impl Walk<'_> {
    /// Checks one value, `path` being its key path for messages.
    pub(super) fn value(&mut self, raw: &mut Raw, kind: &Kind, path: &str) {
        if raw.is_nothing() {
            match kind {
                Kind::Table(_) | Kind::Map(_) => raw.value = RawValue::Table(Vec::new()),
                Kind::List(_) => raw.value = RawValue::List(Vec::new()),
                _ => {}
            }
        }
        match (kind, &mut raw.value) {
            (Kind::Table(table), RawValue::Table(_)) => self.table(raw, table, path),
            (Kind::Map(kind), RawValue::Table(_)) => self.map(raw, kind, path),
            (Kind::List(kind), RawValue::List(items)) => {
                for (i, item) in items.iter_mut().enumerate() {
                    self.value(item, kind, &format!("{path}[{i}]"));
                }
            }
            (Kind::WordOr(words, _), RawValue::Text(word)) => {
                if !words.contains(&word.as_str()) {
                    let label = format!("expected {}", kind.expected());
                    let problem = Problem::new("CF003", "unknown word", &raw.place, label);
                    self.problems.push(problem.help(suggestion(word, words)));
                }
            }
            (Kind::WordOr(_, more @ Kind::List(_)) | Kind::NameOr(_, more), RawValue::List(_))
            | (Kind::WordOr(_, more @ (Kind::Map(_) | Kind::Table(_))), RawValue::Table(_)) => {
                self.value(raw, more, path);
            }
            (Kind::Choice(choice), RawValue::Text(_) | RawValue::Table(_)) => {
                self.choice(raw, choice, path);
            }
            _ => self.scalar(raw, kind, path),
        }
    }

    fn table(&mut self, raw: &mut Raw, table: &Table, path: &str) {
        self.duplicates(raw);
        let place = raw.place.clone();
        let RawValue::Table(entries) = &mut raw.value else { return };
        for entry in entries.iter_mut() {
            match table.fields.iter().find(|field| field.key == entry.key) {
                Some(field) if entry.value.is_nothing() && !field.kind.is_block() => {}
                Some(field) => {
                    self.value(&mut entry.value, &field.kind, &join(path, field.key));
                }
                None => self.unknown_key(entry, table, path),
            }
        }
        // A key without a value is a key that is not given.
        entries.retain(|entry| !entry.value.is_nothing());
        for field in table.fields {
            if entries.iter().any(|entry| entry.key == field.key) {
                continue;
            }
            match field.need {
                Need::Required => self.missing(field, &place, entries, path),
                Need::Optional => {}
                Need::Default(yaml) => entries.push(self.default(field, yaml, path)),
            }
        }
    }

    fn default(&mut self, field: &Field, yaml: &str, path: &str) -> Entry {
        let mut value = serde_yaml::from_str::<Raw>(yaml)
            .unwrap_or_else(|_| unreachable!("the defaults are YAML: a test reads each"));
        self.value(&mut value, &field.kind, &join(path, field.key));
        Entry { key: field.key.to_owned(), place: Place::Default, value }
    }

    fn unknown_key(&mut self, entry: &Entry, table: &Table, path: &str) {
        let whole = if path.is_empty() { "the file" } else { path };
        if table.later.contains(&entry.key.as_str()) {
            let label = format!("`{}` is not in this version", entry.key);
            let problem = Problem::new("CF008", "not in this version", &entry.place, label);
            self.problems.push(problem.help("remove the key; nothing is ignored silently"));
            return;
        }
        let keys: Vec<&str> = table.fields.iter().map(|field| field.key).collect();
        let label = format!("`{whole}` has no such key");
        let problem = Problem::new("CF002", "unknown key", &entry.place, label);
        self.problems.push(problem.help(suggestion(&entry.key, &keys)));
    }

    fn missing(&mut self, field: &Field, place: &Place, entries: &[Entry], path: &str) {
        let at = match (place, entries.first()) {
            (Place::Text(_), Some(first)) => &first.place,
            _ => place,
        };
        let label = format!("`{}` is missing here", join(path, field.key));
        let problem = Problem::new("CF005", "missing key", at, label);
        let help = match field.kind {
            Kind::Version => "begin the file with `version: 1`".to_owned(),
            _ => format!("add `{}:` with {}: {}", field.key, field.kind.expected(), field.about),
        };
        self.problems.push(problem.help(help));
    }

    pub(super) fn duplicates(&mut self, raw: &Raw) {
        let mut first: BTreeMap<&str, &Entry> = BTreeMap::new();
        for entry in raw.entries() {
            if first.insert(&entry.key, entry).is_some() {
                let label = format!("`{}` was given before", entry.key);
                let problem = Problem::new("CF007", "duplicate key", &entry.place, label);
                self.problems.push(problem.help("keep one of the two"));
            }
        }
    }

    fn map(&mut self, raw: &mut Raw, kind: &Kind, path: &str) {
        self.duplicates(raw);
        if let RawValue::Table(entries) = &mut raw.value {
            for entry in entries.iter_mut() {
                self.value(&mut entry.value, kind, &join(path, &entry.key));
            }
        }
    }

    fn scalar(&mut self, raw: &Raw, kind: &Kind, path: &str) {
        let fits = match (kind, &raw.value) {
            (Kind::Text | Kind::File | Kind::Date | Kind::Word, RawValue::Text(text)) => {
                !text.trim().is_empty()
            }
            (Kind::Name(names) | Kind::NameOr(names, _), RawValue::Text(name)) => {
                self.name(raw, names, name);
                return;
            }
            (Kind::Word, RawValue::Number(_) | RawValue::Flag(_))
            | (Kind::Flag, RawValue::Flag(_)) => true,
            (Kind::Version, RawValue::Number(number)) => {
                self.version(raw, number.whole);
                return;
            }
            (Kind::Count(least, most), RawValue::Number(number)) => match number.whole {
                Some(whole) => (*least..=*most).contains(&whole),
                None if number.value.fract().abs() > 0.0 => {
                    return self.wrong_type(raw, kind, path);
                }
                None => false,
            },
            (Kind::Whole(all), RawValue::Number(number)) => {
                number.whole.is_some_and(|whole| all.contains(&whole))
            }
            (Kind::Number(least, most), RawValue::Number(number)) => {
                (*least..=*most).contains(&number.value)
            }
            (Kind::Between(least, most), RawValue::Number(number)) => {
                *least < number.value && number.value < *most
            }
            _ => return self.wrong_type(raw, kind, path),
        };
        if !fits {
            let label = format!("`{path}` {}", kind.range());
            self.problems.push(Problem::new("CF006", "value out of range", &raw.place, label));
        }
        if let (true, Kind::Date) = (fits, kind) {
            self.date(raw);
        }
    }

    fn wrong_type(&mut self, raw: &Raw, kind: &Kind, path: &str) {
        let label = format!("expected {}, found {}", kind.expected(), raw.describe());
        let mut problem = Problem::new("CF004", "wrong type", &raw.place, label);
        let quoted_number =
            matches!(&raw.value, RawValue::Text(text) if text.trim().parse::<f64>().is_ok());
        problem = match kind {
            Kind::Count(..)
            | Kind::Whole(_)
            | Kind::Number(..)
            | Kind::Between(..)
            | Kind::Version
                if quoted_number =>
            {
                problem.help("remove the quotes")
            }
            Kind::Text | Kind::File | Kind::Date if raw.word().is_some() => {
                problem.help("put it in quotes if it is meant as text")
            }
            Kind::List(_) if raw.word().is_some() => problem.help(format!(
                "write `{}: [{}]`",
                last(path),
                raw.word().unwrap_or_default()
            )),
            _ => problem,
        };
        self.problems.push(problem);
    }

    fn version(&mut self, raw: &Raw, whole: Option<u64>) {
        if whole != Some(1) {
            let label = "this program reads version 1".to_owned();
            let problem = Problem::new("CF017", "unsupported version", &raw.place, label);
            self.problems.push(problem.help("write `version: 1`"));
        }
    }

    fn date(&mut self, raw: &Raw) {
        let text = raw.word().unwrap_or_default();
        if text.len() != 10 || chrono::NaiveDate::parse_from_str(&text, "%Y-%m-%d").is_err() {
            let label = "expected a date, YYYY-MM-DD".to_owned();
            self.problems.push(Problem::new("CF015", "not a date", &raw.place, label));
        }
    }

    fn name(&mut self, raw: &Raw, names: &Names, name: &str) {
        let list = names.list(self.known);
        if list.contains(&name) {
            return;
        }
        let noun = names.what.split_once(' ').map_or(names.what, |(_, noun)| noun);
        if names.later.contains(&name) {
            let label = if noun == "attack" {
                format!("`{name}` needs rows that no model has seen; see `audit membership`")
            } else {
                format!("this version has no {noun} `{name}` yet")
            };
            let problem = Problem::new("CF008", "not in this version", &raw.place, label);
            self.problems.push(problem.help(one_of(&list)));
            return;
        }
        let label = format!("no {noun} has this name");
        let problem = Problem::new("CF003", &format!("unknown {noun}"), &raw.place, label);
        self.problems.push(problem.help(suggestion(name, &list)));
    }
}

pub(super) fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}
