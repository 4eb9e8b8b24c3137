//! Internet addresses.

use super::cues::{self, Cue};
use super::text::{Run, Text};
use super::{Candidate, Detector};
use crate::domain::{Ideal, Meta};
use std::net::Ipv6Addr;

crate::check! {
    /// An Internet address, version 4 or 6.
    ///
    /// **Formula** Four numbers of 0 to 255 without leading zeros between points, the first not 0; or
    /// text that reads as a version 6 address with at least four digits. A four-part software version
    /// (after `version`, `v`, `build`, 版本 …) is none, nor is a longer dotted identifier. The
    /// loopback and unspecified addresses point at nobody and are left out.
    /// **Range** found or not; a column of dotted numbers is reported when at least half may be
    /// addresses. **Ideal** 0 found. **Undefined** never.
    /// **Source** RFC 791, §3.2; RFC 4291, §2.2. **Peer** Presidio `IpRecognizer`.
    Ip, "PI005", "pii_ip", Ideal::Zero
}

impl Detector for Ip {
    fn meta(&self) -> &'static Meta {
        &Self::META
    }

    fn label(&self) -> &'static str {
        "IP"
    }

    fn starts(&self, byte: u8) -> bool {
        byte.is_ascii_hexdigit() || byte == b':'
    }

    fn chance(&self) -> Option<f64> {
        Some(0.5)
    }

    fn at(&self, text: &Text<'_>, at: usize) -> Option<Candidate> {
        if text.glued_left(at) || text.before(at, 1) == b':' && text.byte(at) == b':' {
            return None;
        }
        let colon = text.bytes()[at..].iter().take(5).any(|b| *b == b':');
        if colon && let Some(found) = version_6(text, at) {
            return Some(found);
        }
        if text.byte(at).is_ascii_digit() { version_4(text, at) } else { None }
    }
}

fn version_4(text: &Text<'_>, at: usize) -> Option<Candidate> {
    let run = Run::read(text, at, b".", 19);
    let longer = text.tail_of_token(at) || text.head_of_token(run.end);
    if run.groups.len() != 4 || run.separator != b'.' || longer {
        return None;
    }
    let mut rest = &run.digits[..];
    let mut parts = Vec::new();
    for width in &run.groups {
        let (part, tail) = rest.split_at(*width);
        rest = tail;
        parts.push(octet(part));
    }
    let range = parts.iter().all(Option::is_some) && !matches!(parts[0], Some(0 | 127));
    let passed = range && cues::before(text, at) != Some(Cue::Version);
    Some(Candidate { range: at..run.end, passed, rank: if passed { 4 } else { 0 } })
}

/// The number that one to three digits spell, if it is at most 255 and has no leading zero.
fn octet(digits: &[u8]) -> Option<u32> {
    let value = digits.iter().take(4).fold(0, |sum, d| sum * 10 + u32::from(*d));
    (value <= 255 && (digits.len() == 1 || digits[0] != 0)).then_some(value)
}

fn version_6(text: &Text<'_>, at: usize) -> Option<Candidate> {
    let allowed = |b: &&u8| b.is_ascii_hexdigit() || matches!(**b, b':' | b'.');
    let bytes = &text.bytes()[at..];
    let mut end = at + bytes.iter().take(45).take_while(allowed).count();
    while matches!(text.before(end, 1), b'.') || text.bytes()[at..end].ends_with(b":") {
        end -= 1;
    }
    let written = str::from_utf8(&text.bytes()[at..end]).ok()?;
    let address: Ipv6Addr = written.parse().ok()?;
    let groups = || written.split(':').filter(|g| !g.is_empty());
    let first = address.segments()[0];
    // Full form, or a prefix that is given out: `a::b` in code is none.
    let plausible = !written.contains("::") || matches!(first >> 12, 2 | 3 | 0xf) || first == 0x64;
    let wide = groups().any(|g| g.len() >= 3);
    let good = plausible && wide && !text.glued_right(end) && !address.is_loopback();
    good.then(|| Candidate::passed(at..end, 4))
}

#[cfg(test)]
mod tests {
    use crate::privacy::pii::found;

    #[test]
    fn finds_both_versions() {
        assert_eq!(found("登录IP为8.48.76.17，设备"), ["IP 8.48.76.17"]);
        assert_eq!(found("|106.31.73.20|"), ["IP 106.31.73.20"]);
        assert_eq!(found("from 61.157.139.204."), ["IP 61.157.139.204"]);
        assert_eq!(found("at 2001:db8::ff00:42:8329, ok"), ["IP 2001:db8::ff00:42:8329"]);
        let full = "6e40:4041:c617:e898:c11:40d2:c669:2eb4";
        assert_eq!(found(&format!("地址{full}已")), [format!("IP {full}")]);
    }

    #[test]
    fn leaves_near_misses_alone() {
        for text in [
            "Version 11.36.36.13",
            "v1.2.3.4",
            "版本10.12.80.31",
            "1.2.840.51052.8",
            "2.0.2008.494",
            "256.1.1.1",
            "01.02.03.04",
            "1.2.3",
            "127.0.0.1",
            "67:5d:13:68:19:36",
            "12:30:45",
            "std::io",
            "a::b",
            "::1",
            "1.2.3.4.5",
            "00:11:22:33:44:55:66:77",
            "8.8.8.8x",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
