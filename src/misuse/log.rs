//! A usage log: JSON Lines, one typed record per line.

use super::record::Record;
use super::text::tame;
use crate::domain::LogLine;
use chrono::{DateTime, SecondsFormat, Utc};

/// A usage log as read. Lines that are no record are kept with their reason.
#[derive(Debug, Clone)]
pub struct Log {
    name: String,
    entries: Vec<Entry>,
    malformed: Vec<LogLine>,
}

/// One record and its line, from 1.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) line: u64,
    pub(super) record: Record,
}

/// Why a log cannot be audited at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LogError {
    /// There is no line.
    #[error("the usage log `{log}` holds no record; an empty log shows no proper use")]
    Empty {
        /// The log's name.
        log: String,
    },
    /// No line is a record.
    #[error(
        "none of the {lines} lines of the usage log `{log}` is a record; line {line}: {because}"
    )]
    Unreadable {
        /// The log's name.
        log: String,
        /// Lines that hold something.
        lines: usize,
        /// The first of them, from 1.
        line: u64,
        /// What is wrong with it.
        because: String,
    },
}

impl Log {
    /// Reads JSON Lines. Blank lines are skipped; a line that is not a record (not JSON, a wrong
    /// type, an unknown or repeated field, a time that is not RFC 3339, a confidence outside 0 to 1,
    /// another version than 1) is counted as malformed with its reason.
    ///
    /// # Errors
    /// The log is empty, or none of its lines is a record.
    pub fn parse(name: &str, text: &[u8]) -> Result<Self, LogError> {
        let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let mut log = Self { name: name.to_owned(), entries: Vec::new(), malformed: Vec::new() };
        for (line, bytes) in (1..).zip(text.split(|&b| b == b'\n')) {
            if bytes.trim_ascii().is_empty() {
                continue;
            }
            match record(bytes) {
                Ok(record) => log.entries.push(Entry { line, record }),
                Err(because) => {
                    let message = tame(&because);
                    log.malformed.push(LogLine { line, id: String::new(), message });
                }
            }
        }
        match (log.entries.is_empty(), log.malformed.first()) {
            (true, None) => Err(LogError::Empty { log: log.name }),
            (true, Some(first)) => Err(LogError::Unreadable {
                lines: log.malformed.len(),
                line: first.line,
                because: first.message.clone(),
                log: log.name,
            }),
            _ => Ok(log),
        }
    }

    /// The log's name, as findings name it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Records that could be read.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether no record could be read; [`Log::parse`] refuses such a log.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn malformed(&self) -> &[LogLine] {
        &self.malformed
    }
}

/// One line as a checked record with its time in UTC, or what is wrong with it.
fn record(bytes: &[u8]) -> Result<Record, String> {
    let mut record: Record = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    if let Some(version) = record.v.filter(|&v| v != 1) {
        return Err(format!("version {version} of the record is not known, only 1"));
    }
    if let Some(ts) = &record.ts {
        record.ts = Some(utc("ts", ts)?);
    }
    if let Some(review) = &mut record.review
        && let Some(at) = &review.at
    {
        review.at = Some(utc("review.at", at)?);
    }
    let confidence = record.output.as_ref().and_then(|output| output.confidence);
    match confidence {
        Some(c) if !(0.0..=1.0).contains(&c) => {
            Err(format!("`output.confidence` is {c}, which is not between 0 and 1"))
        }
        _ => Ok(record),
    }
}

/// A time in UTC, so that its first ten characters are the day on which it happened.
fn utc(field: &str, text: &str) -> Result<String, String> {
    let time = DateTime::parse_from_rfc3339(text)
        .map_err(|_| format!("`{field}` is not a time of RFC 3339: {text}"))?;
    Ok(time.with_timezone(&Utc).to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Log, LogError> {
        Log::parse("usage.jsonl", text.as_bytes())
    }

    #[test]
    fn blank_lines_and_a_byte_order_mark_are_no_records() {
        let log = parse("\u{feff}{\"id\":\"a\"}\r\n\n  \n{\"id\":\"b\"}\n").unwrap();
        assert_eq!((log.len(), log.malformed().len()), (2, 0));
        assert_eq!((log.entries()[0].line, log.entries()[1].line), (1, 4));
    }

    #[test]
    fn each_kind_of_malformed_line_is_kept_with_its_line() {
        for (line, reason) in [
            ("{", "EOF"),
            (r#"{"purpos":"x"}"#, "unknown field `purpos`"),
            (r#"{"id":"a","id":"b"}"#, "duplicate field `id`"),
            (r#"{"output":{"confidence":"0.9"}}"#, "invalid type"),
            (r#"{"output":{"confidence":1.5}}"#, "not between 0 and 1"),
            (r#"{"output":{"decision":"maybe"}}"#, "unknown variant `maybe`"),
            (r#"{"ts":"yesterday"}"#, "not a time of RFC 3339"),
            (r#"{"review":{"at":"2026-01-01"}}"#, "`review.at` is not a time"),
            (r#"{"v":2}"#, "version 2"),
            ("[]", ""),
        ] {
            let log = parse(&format!("{{\"id\":\"a\"}}\n{line}\n")).unwrap();
            assert_eq!((log.len(), log.malformed().len()), (1, 1), "{line}");
            let found = &log.malformed()[0];
            assert!(found.line == 2 && found.message.contains(reason), "{line}: {found:?}");
        }
    }

    #[test]
    fn times_are_brought_to_utc() {
        let log = parse(r#"{"ts":"2026-06-30T23:30:00-05:00"}"#).unwrap();
        assert_eq!(log.entries()[0].record.ts.as_deref(), Some("2026-07-01T04:30:00Z"));
    }

    #[test]
    fn an_empty_or_wholly_unreadable_log_is_an_error() {
        assert_eq!(parse("\n \n").unwrap_err(), LogError::Empty { log: "usage.jsonl".to_owned() });
        let error = parse("\nnonsense\nmore\n").unwrap_err();
        assert!(matches!(error, LogError::Unreadable { lines: 2, line: 2, .. }), "{error}");
        assert!(Log::parse("x", b"\xff\xfe\x00").is_err());
    }
}
