//! Findings and verdicts as plain text on stdout.

use crate::domain::{Assessment, Bound, Finding, GateRow, GroupKey, Verdict};
use std::collections::BTreeMap;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// Four significant digits; whole numbers stay whole, and a number below 0.0001 is written as `1.5e-38`.
pub(crate) fn number(x: f64) -> String {
    let size = x.abs();
    if size < 1e15 && (size - size.round()).abs() <= f64::EPSILON * size {
        return format!("{x:.0}");
    }
    if size < 1e-4 {
        return format!("{x:.3e}");
    }
    let digits = (0..12).rev().find(|d| size * 10_f64.powi(*d) < 10_000.0).unwrap_or(0);
    let digits = usize::try_from(digits).unwrap_or(0);
    format!("{x:.digits$}")
}

fn key(group: &GroupKey) -> String {
    group.iter().map(|(f, l)| format!("{f}={l}")).collect::<Vec<_>>().join(" ")
}

/// Who or what a finding is about, in one phrase.
pub(crate) fn subject(f: &Finding) -> String {
    let s = &f.subject;
    let mut parts = Vec::new();
    match (&s.group, s.by.is_empty()) {
        (Some(group), _) => parts.push(key(group)),
        (None, false) => parts.push(format!("by {}", s.by.join("*"))),
        (None, true) => {}
    }
    parts.extend(s.reference.as_ref().map(|r| format!("against {}", key(r))));
    parts.extend(s.within.as_ref().map(|w| format!("within {}", key(w))));
    parts.extend(s.attack.clone());
    parts.extend(s.place.clone());
    parts.extend(s.label.clone());
    if parts.is_empty() { "all".to_owned() } else { parts.join(" ") }
}

/// The value, or the reason why there is none.
pub(crate) fn value(f: &Finding) -> String {
    match &f.value {
        Ok(v) => number(*v),
        Err(why) => format!("undefined: {why}"),
    }
}

fn interval(f: &Finding) -> String {
    f.interval
        .as_ref()
        .map_or(String::new(), |i| format!("[{}, {}] {}", number(i.low), number(i.high), i.method))
}

/// All findings, one line each, in columns.
pub(crate) fn findings(findings: &[Finding]) -> String {
    let row = |f: &Finding| [f.check.clone(), subject(f), f.n.to_string(), value(f), interval(f)];
    let mut rows = vec![["check", "of", "n", "value", "interval"].map(str::to_owned)];
    rows.extend(findings.iter().map(row));
    columns(&rows)
}

/// Rows of cells as lines, each column as wide as its widest cell.
pub(crate) fn columns<const K: usize>(rows: &[[String; K]]) -> String {
    let width = |c: usize| rows.iter().map(|r| r[c].width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..K).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, w)| {
            let gap = w.saturating_sub(cell.width());
            format!("{cell}{}", " ".repeat(gap))
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        let _infallible = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn bound(bound: Bound) -> String {
    match bound {
        Bound::AtMost(limit) => format!("at most {}", number(limit)),
        Bound::AtLeast(limit) => format!("at least {}", number(limit)),
    }
}

/// The gate, worst answers first, and the verdict.
pub(crate) fn verdict(a: &Assessment) -> String {
    let by_id: BTreeMap<_, _> = a.findings.iter().map(|f| (f.id(), f)).collect();
    let row = |g: &GateRow| {
        let finding = g.finding.as_ref().and_then(|id| by_id.get(id));
        [
            g.verdict.name().replace('_', " "),
            g.rule.check.clone(),
            finding.map_or(String::new(), |f| subject(f)),
            finding.map_or(g.because.clone(), |f| value(f)),
            finding.map_or(String::new(), |f| interval(f)),
            bound(g.rule.bound),
        ]
    };
    let mut gate: Vec<&GateRow> = a.gate.iter().collect();
    gate.sort_by_key(|g| std::cmp::Reverse(g.verdict));
    let rows: Vec<_> = gate.into_iter().map(row).collect();
    let mut text = columns(&rows);
    let counted = |v: Verdict| a.gate.iter().filter(|g| g.verdict == v).count();
    let all = [Verdict::Fail, Verdict::NotRun, Verdict::Undecided, Verdict::Warn, Verdict::Waived];
    let counts: Vec<String> = all
        .iter()
        .chain([&Verdict::Pass])
        .map(|v| (counted(*v), v.name().replace('_', " ")))
        .filter(|(n, _)| *n > 0)
        .map(|(n, name)| format!("{n} {name}"))
        .collect();
    let counts = if counts.is_empty() { "no gate rule".to_owned() } else { counts.join(", ") };
    let _infallible =
        writeln!(text, "\nverdict: {} ({counts})", a.verdict.name().replace('_', " "));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_each_other_in_chinese_too() {
        let rows = [["手机号", "1"], ["abc", "2"]].map(|r| r.map(str::to_owned));
        assert_eq!(columns(&rows), "手机号  1\nabc     2\n");
    }

    #[test]
    fn numbers_have_four_significant_digits() {
        let cases = [(0.0, "0"), (7214.0, "7214"), (0.812_74, "0.8127"), (12.345_6, "12.35")];
        for (x, expected) in cases {
            assert_eq!(number(x), expected);
        }
        assert_eq!(number(0.001_234_56), "0.001235");
        assert_eq!(number(-0.5), "-0.5000");
        assert_eq!(number(2.123_45e-38), "2.123e-38");
    }
}
