//! Electronic mail addresses.

use super::text::Text;
use super::{Candidate, Detector};
use crate::domain::{Ideal, Meta};

crate::check! {
    /// An electronic mail address.
    ///
    /// **Formula** `local@domain.tld`: a local part of at most 64 letters, digits and `._%+'-`, a
    /// domain of labels of at most 63, a top level of 2 to 24 letters. A name such as `icon@2x.png`
    /// or `lodash@4.17.21` is none.
    /// **Range** found or not. **Ideal** 0 found. **Undefined** never; an empty text holds none.
    /// **Source** RFC 5321, §4.5.3.1; RFC 5322, §3.4.1. **Peer** Presidio `EmailRecognizer`.
    Email, "PI001", "pii_email", Ideal::Zero
}

impl Detector for Email {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn label(&self) -> &'static str {
        "EMAIL"
    }

    fn starts(&self, byte: u8) -> bool {
        byte == b'@'
    }

    fn at(&self, text: &Text<'_>, at: usize) -> Option<Candidate> {
        let start = local_start(text, at)?;
        let end = domain_end(text, at + 1)?;
        let repository = &text.bytes()[start..at] == b"git" && text.byte(end) == b':';
        (!repository && !in_url(text, start)).then(|| Candidate::passed(start..end, 5))
    }
}

/// Where the local part before the `@` at `at` starts.
fn local_start(text: &Text<'_>, at: usize) -> Option<usize> {
    let local = |b: u8| b.is_ascii_alphanumeric() || b"._%+'-".contains(&b);
    let mut start = at;
    while local(text.before(start, 1)) {
        start -= 1;
        if at - start > 64 {
            return None;
        }
    }
    let edge = |b: &u8| !b.is_ascii_alphanumeric() && *b != b'_';
    start += text.bytes()[start..at].iter().take_while(|b| edge(b)).count();
    (start < at && text.before(at, 1) != b'.').then_some(start)
}

/// Where the domain that starts at `at` ends, or `None` when it is no domain.
fn domain_end(text: &Text<'_>, at: usize) -> Option<usize> {
    let domain = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-' || *b == b'.';
    let window = &text.bytes()[at..text.bytes().len().min(at + 254)];
    let window = &window[..window.iter().take_while(|b| domain(b)).count()];
    let mut labels: Vec<&[u8]> = window.split(|b| *b == b'.').collect();
    let good = |l: &&[u8]| !l.is_empty() && l.len() < 64 && l[0] != b'-' && !l.ends_with(b"-");
    labels.truncate(labels.iter().take_while(|l| good(l)).count());
    while labels.last().is_some_and(|l| !top_level(l)) {
        labels.pop();
    }
    let width = labels.iter().map(|l| l.len() + 1).sum::<usize>();
    (labels.len() > 1).then(|| at + width - 1)
}

/// Letters only, and no file extension.
fn top_level(label: &[u8]) -> bool {
    const EXTENSIONS: [&str; 27] = [
        "png", "jpg", "jpeg", "gif", "svg", "webp", "bmp", "tif", "tiff", "dcm", "css", "js",
        "json", "csv", "tsv", "txt", "pdf", "doc", "docx", "xls", "xlsx", "zip", "gz", "tar",
        "mp4", "npy", "parquet",
    ];
    let letters = label.iter().all(u8::is_ascii_alphabetic) || label.starts_with(b"xn--");
    let extension = EXTENSIONS.iter().any(|e| label.eq_ignore_ascii_case(e.as_bytes()));
    (2..=24).contains(&label.len()) && letters && !extension
}

/// Whether the local part is the password of `scheme://user:password@host`.
fn in_url(text: &Text<'_>, start: usize) -> bool {
    let window = &text.bytes()[start.saturating_sub(80)..start];
    let token = window.iter().rev().take_while(|b| b.is_ascii_graphic()).count();
    window[window.len() - token..].windows(3).any(|w| w == b"://")
}

#[cfg(test)]
mod tests {
    use crate::privacy::pii::found;

    #[test]
    fn finds_addresses_also_beside_chinese() {
        assert_eq!(found("邮箱976422931@qq.com，座机"), ["EMAIL 976422931@qq.com"]);
        assert_eq!(found("mail <j.o'hara+x@uni-hosp.co.uk>."), ["EMAIL j.o'hara+x@uni-hosp.co.uk"]);
        assert_eq!(found("scan_of_jo@web.de.jpg"), ["EMAIL scan_of_jo@web.de"]);
        assert_eq!(found("ｊｏ＠ｗｅｂ．ｄｅ"), ["EMAIL ｊｏ＠ｗｅｂ．ｄｅ"]);
    }

    #[test]
    fn leaves_near_misses_alone() {
        for text in [
            "icon@2x.png",
            "lodash@4.17.21",
            "user@host",
            "@handle",
            "a@b@",
            "x.@web.de",
            "git@github.com:org/repo",
            "https://me:secret@web.de/",
            "jo@-web.de",
            "@@@@",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
