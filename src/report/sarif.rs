//! `assessment.sarif`: the gate as SARIF 2.1.0, for code hosts.

use super::document::{Phrases, Record};
use super::json::pretty;
use super::language::Language;
use super::words::Words;
use super::{Artifact, Options, RenderError, Renderer};
use crate::domain::{Assessment, Definition, GateRow, Level, Verdict, digest_hex};
use serde_json::{Value, json};

/// One result per answer of the gate that is not a plain pass; a waived one is suppressed.
pub(super) struct Sarif;

impl Renderer for Sarif {
    fn name(&self) -> &'static str {
        "sarif"
    }

    fn render(&self, a: &Assessment, _: &Options) -> Result<Vec<Artifact>, RenderError> {
        let record = Record::new(a);
        let language = Language::English;
        let p = Phrases { record: &record, words: Words::of(language), language };
        let rules = rules(&p);
        let shown = a.gate.iter().filter(|row| row.verdict != Verdict::Pass);
        let results: Vec<Value> = shown.map(|row| result(&p, row, &rules)).collect();
        let described: Vec<Value> = rules.iter().map(|rule| rule.json.clone()).collect();
        let driver = json!({
            "name": a.provenance.tool.name,
            "semanticVersion": a.provenance.tool.version,
            "rules": described,
        });
        let log = json!({
            "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": driver},
                "columnKind": "unicodeCodePoints",
                "results": results,
                "properties": {"verdict": a.verdict.name()},
            }],
        });
        pretty(&log).map(|text| vec![Artifact::text("assessment.sarif", text)])
    }
}

/// A rule of the log: a check that the gate asks for.
struct Rule {
    id: String,
    json: Value,
}

/// One rule per check of the gate, in the gate's order.
fn rules(p: &Phrases<'_>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = Vec::new();
    for row in &p.record.assessment.gate {
        let id = id(p, row);
        if rules.iter().any(|rule| rule.id == id) {
            continue;
        }
        let known = p.record.assessment.definitions.iter().find(|d| d.code == id);
        let json = rule(p, &id, &row.rule.check, known);
        rules.push(Rule { id, json });
    }
    rules
}

/// The code of the check; its name where nothing was measured.
fn id(p: &Phrases<'_>, row: &GateRow) -> String {
    let measured = p.record.judged(row).map(|f| f.code.clone());
    let defined = || p.record.assessment.definitions.iter().find(|d| d.check == row.rule.check);
    measured.or_else(|| defined().map(|d| d.code.clone())).unwrap_or_else(|| row.rule.check.clone())
}

fn rule(p: &Phrases<'_>, id: &str, check: &str, definition: Option<&Definition>) -> Value {
    let summary = definition.map_or_else(|| p.check(check), |d| d.summary.clone());
    let help = definition.map_or_else(String::new, |d| {
        format!(
            "Formula: {}\nRange: {}\nUndefined: {}\nSource: {}",
            d.formula, d.range, d.undefined, d.source
        )
    });
    let risk = p.record.assessment.risks.iter().filter(|r| r.check == check).map(|r| r.level).max();
    let mut rule = json!({
        "id": id,
        "name": check,
        "shortDescription": {"text": summary},
        "help": {"text": if help.is_empty() { summary.clone() } else { help }},
    });
    if let Some(level) = risk {
        rule["properties"] = json!({"security-severity": severity(level), "tags": ["security"]});
    }
    rule
}

/// The middle of the band that code hosts give each level, 0 to 10.
fn severity(level: Level) -> &'static str {
    match level {
        Level::VeryLow => "1.0",
        Level::Low => "3.0",
        Level::Moderate => "5.5",
        Level::High => "8.0",
        Level::VeryHigh => "9.5",
    }
}

fn result(p: &Phrases<'_>, row: &GateRow, rules: &[Rule]) -> Value {
    let id = id(p, row);
    let level = match row.verdict {
        Verdict::Pass => "none",
        Verdict::Warn => "warning",
        Verdict::Waived | Verdict::Undecided | Verdict::NotRun | Verdict::Fail => "error",
    };
    let measured = p.record.judged(row).map(|f| format!(" Measured: {}.", p.measured(f)));
    let text = format!(
        "{}: {} ({}).{} {}",
        p.rule(row),
        p.verdict(row.verdict),
        p.limit(row.rule.bound),
        measured.unwrap_or_default(),
        p.reason(row)
    );
    let subject =
        row.finding.as_ref().map_or_else(|| row.rule.check.clone(), |f| f.as_str().to_owned());
    let print = digest_hex(format!("{subject}\n{:?}", row.rule.bound).as_bytes());
    let mut result = json!({
        "ruleId": id,
        "ruleIndex": rules.iter().position(|rule| rule.id == id),
        "level": level,
        "message": {"text": text},
        "locations": [location(p, row)],
        "partialFingerprints": {"findingAndBound/v1": print},
        "properties": {"verdict": row.verdict.name()},
    });
    if let Some(suppression) = suppression(p, row) {
        result["suppressions"] = json!([suppression]);
    }
    result
}

/// The rule's line in the configuration, if the record names that file; else only what it is about.
fn location(p: &Phrases<'_>, row: &GateRow) -> Value {
    let inputs = &p.record.assessment.provenance.inputs;
    let yaml = |path: &str| {
        let end = std::path::Path::new(path).extension();
        end.is_some_and(|e| e.eq_ignore_ascii_case("yaml") || e.eq_ignore_ascii_case("yml"))
    };
    let logical = json!([{"fullyQualifiedName": p.rule(row), "kind": "check"}]);
    match inputs.iter().find(|input| yaml(&input.path)) {
        Some(input) => json!({
            "physicalLocation": {
                "artifactLocation": {"uri": uri(&input.path)},
                "region": {"startLine": row.rule.line.max(1)},
            },
            "logicalLocations": logical,
        }),
        None => json!({"logicalLocations": logical}),
    }
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let code = format!("%{byte:02X}");
            uri.push_str(&code);
        }
    }
    uri
}

fn suppression(p: &Phrases<'_>, row: &GateRow) -> Option<Value> {
    let at = usize::try_from(row.waiver?).ok()?;
    let waiver = &p.record.assessment.waivers.get(at)?.waiver;
    (row.verdict == Verdict::Waived).then(|| {
        let justification =
            format!("{} (until {}, {})", waiver.because, waiver.until, waiver.owner);
        json!({"kind": "external", "status": "accepted", "justification": justification})
    })
}
