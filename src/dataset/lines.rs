//! The shape of a CSV file: its separator, its header, and whether every record fits.
//!
//! The table library fills short records with nulls and reports long ones without a line number,
//! so the shape is checked before the cells are parsed.

use super::error::DatasetError;
use std::path::Path;

/// What a scan of the bytes shows.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Shape<'a> {
    /// Comma, semicolon or tab.
    pub(crate) separator: u8,
    /// Names in the first record.
    pub(crate) header: Vec<String>,
    /// Records below the header.
    pub(crate) rows: usize,
    /// The bytes without byte order mark and without blank lines at the end.
    pub(crate) body: &'a [u8],
}

/// Checks that every record has as many fields as the header.
///
/// # Errors
/// When the bytes are not UTF-8 text, a quote stays open, or a record is ragged.
pub(crate) fn scan<'a>(path: &Path, bytes: &'a [u8]) -> Result<Shape<'a>, DatasetError> {
    let refuse = |because: String| DatasetError::NotATable { file: path.to_owned(), because };
    let text = std::str::from_utf8(bytes)
        .map_err(|e| refuse(format!("byte {} is not UTF-8", e.valid_up_to() + 1)))?;
    if let Some(at) = text.find('\0') {
        return Err(refuse(format!("byte {} is zero, which no text holds", at + 1)));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = text.trim_end_matches(['\r', '\n']);
    let first = body.lines().next().unwrap_or_default();
    let count = |c: &u8| first.bytes().filter(|b| b == c).count();
    let separator = [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',');
    let records = Records { bytes: body.as_bytes(), separator, at: 0, line: 1 };
    let mut header = Vec::new();
    let mut rows = 0;
    for (number, record) in records.enumerate() {
        let Record { line, fields, text, closed } = record;
        if !closed {
            return Err(refuse(format!("the quote that opens in line {line} is never closed")));
        }
        if number == 0 {
            header = names(text, separator);
        } else if fields == header.len() {
            rows += 1;
        } else {
            let (file, expected) = (path.to_owned(), header.len());
            return Err(DatasetError::Ragged { file, line, found: fields, expected });
        }
    }
    Ok(Shape { separator, header, rows, body: body.as_bytes() })
}

struct Record<'a> {
    line: u64,
    fields: usize,
    text: &'a [u8],
    closed: bool,
}

/// Records of a CSV text; line breaks inside quotes belong to the field.
struct Records<'a> {
    bytes: &'a [u8],
    separator: u8,
    at: usize,
    line: u64,
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        if self.at >= self.bytes.len() {
            return None;
        }
        let (start, line) = (self.at, self.line);
        let (mut fields, mut quoted) = (1, false);
        while let Some(&byte) = self.bytes.get(self.at) {
            self.at += 1;
            if byte == b'"' {
                quoted = !quoted;
            } else if byte == b'\n' {
                self.line += 1;
                if !quoted {
                    break;
                }
            } else if byte == self.separator && !quoted {
                fields += 1;
            }
        }
        let text = &self.bytes[start..self.at];
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        Some(Record { line, fields, text, closed: !quoted })
    }
}

/// The fields of the header without their quotes.
fn names(record: &[u8], separator: u8) -> Vec<String> {
    let mut quoted = false;
    let fields = record.split(|&byte| {
        quoted ^= byte == b'"';
        byte == separator && !quoted
    });
    let plain = |field: &[u8]| {
        let text = String::from_utf8_lossy(field).into_owned();
        let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
        inner.map_or_else(|| text.clone(), |t| t.replace("\"\"", "\""))
    };
    fields.map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> Result<Shape<'_>, DatasetError> {
        scan(Path::new("a.csv"), text.as_bytes())
    }

    #[test]
    fn quotes_hide_separators_and_line_breaks() {
        let s = shape("\u{feff}\"a,1\",b\r\n\"x\ny\",\"say \"\"hi\"\"\"\r\n1,2\r\n\r\n").unwrap();
        assert_eq!(s.header, ["a,1", "b"]);
        assert_eq!((s.rows, s.separator), (2, b','));
    }

    #[test]
    fn the_separator_is_what_the_header_holds_most() {
        assert_eq!(shape("a;b;c,d\n1;2;3").unwrap().separator, b';');
        assert_eq!(shape("a\tb\n1\t2").unwrap().separator, b'\t');
        assert_eq!(shape("a\n1").unwrap().header, ["a"]);
    }

    #[test]
    fn a_ragged_record_is_named_by_the_line_it_starts_on() {
        let error = shape("a,b\n\"1\n\",2\n3\n").unwrap_err();
        assert!(
            matches!(error, DatasetError::Ragged { line: 4, found: 1, expected: 2, .. }),
            "{error}"
        );
        assert!(matches!(shape("a\n1,2").unwrap_err(), DatasetError::Ragged { line: 2, .. }));
    }

    #[test]
    fn what_is_no_text_is_refused() {
        for (bytes, word) in [
            (&b"a,b\n\"1,2\n3,4\n"[..], "line 2 is never closed"),
            (&b"a\n\xff\n"[..], "byte 3 is not UTF-8"),
            (&b"a\n\0\n"[..], "byte 3 is zero"),
        ] {
            let error = scan(Path::new("a.csv"), bytes).unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    }
}
