//! `junit.xml`: the gate as test results, one suite per room, for CI servers.

use super::csv::stage;
use super::document::{Phrases, Record};
use super::escape::xml;
use super::language::Language;
use super::words::Words;
use super::{Artifact, Options, RenderError, Renderer};
use crate::domain::{Assessment, GateRow, Verdict};

/// A test case per answer of the gate: failed and undecided ones are failures, waived ones skipped,
/// checks that did not run errors.
pub(super) struct Junit;

impl Renderer for Junit {
    fn name(&self) -> &'static str {
        "junit"
    }

    fn render(&self, a: &Assessment, _: &Options) -> Result<Vec<Artifact>, RenderError> {
        let record = Record::new(a);
        let language = Language::English;
        let p = Phrases { record: &record, words: Words::of(language), language };
        let mut suites: Vec<(&str, Vec<&GateRow>)> = Vec::new();
        for row in &a.gate {
            let name = record.judged(row).map_or("gate", |f| stage(f.stage));
            match suites.iter_mut().find(|(n, _)| *n == name) {
                Some((_, rows)) => rows.push(row),
                None => suites.push((name, vec![row])),
            }
        }
        let all: Vec<&GateRow> = a.gate.iter().collect();
        let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        text.push_str(&open("testsuites", &a.system.name, &all));
        for (name, rows) in &suites {
            text.push_str("  ");
            text.push_str(&open("testsuite", name, rows));
            for row in rows {
                text.push_str(&case(&p, name, row));
            }
            text.push_str("  </testsuite>\n");
        }
        text.push_str("</testsuites>\n");
        Ok(vec![Artifact::text("junit.xml", text)])
    }
}

fn open(element: &str, name: &str, rows: &[&GateRow]) -> String {
    let count = |of: &[Verdict]| rows.iter().filter(|r| of.contains(&r.verdict)).count();
    let (failures, errors) =
        (count(&[Verdict::Fail, Verdict::Undecided]), count(&[Verdict::NotRun]));
    // The schema knows `skipped` for a suite only.
    let skipped = if element == "testsuite" {
        format!(" skipped=\"{}\"", count(&[Verdict::Waived]))
    } else {
        String::new()
    };
    format!(
        "<{element} name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\"{skipped}>\n",
        xml(name),
        rows.len()
    )
}

fn case(p: &Phrases<'_>, suite: &str, row: &GateRow) -> String {
    let name = xml(&format!("{} ({})", p.rule(row), p.limit(row.rule.bound)));
    let measured = p.record.judged(row).map(|f| p.measured(f)).unwrap_or_default();
    let reason = p.reason(row);
    let message = xml(&if measured.is_empty() { reason } else { format!("{measured}. {reason}") });
    let head = format!("    <testcase classname=\"{}\" name=\"{name}\"", xml(suite));
    let kind = row.verdict.name();
    match row.verdict {
        Verdict::Pass => format!("{head}/>\n"),
        Verdict::Warn => {
            format!("{head}>\n      <system-out>{message}</system-out>\n    </testcase>\n")
        }
        Verdict::Waived => {
            format!("{head}>\n      <skipped message=\"{message}\"/>\n    </testcase>\n")
        }
        Verdict::NotRun => {
            format!(
                "{head}>\n      <error type=\"{kind}\" message=\"{message}\"/>\n    </testcase>\n"
            )
        }
        Verdict::Fail | Verdict::Undecided => format!(
            "{head}>\n      <failure type=\"{kind}\" message=\"{message}\"/>\n    </testcase>\n"
        ),
    }
}
