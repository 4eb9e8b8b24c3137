//! Page one: the answer, why, the worst risks, who signs, and what exactly was audited.

use super::phrase::Phrases;
use super::{Cell, Kind, Table};
use crate::domain::{GateRow, Level, Risk, Verdict};
use crate::report::number;
use crate::report::words::{fill, names};

/// Page one.
pub(crate) struct Front {
    /// The answer.
    pub(crate) verdict: Verdict,
    /// The answer in words.
    pub(crate) answer: String,
    /// How many rules got which answer, worst first.
    pub(crate) counts: Vec<(Verdict, String, u64)>,
    /// At most five sentences.
    pub(crate) summary: Vec<String>,
    /// The worst risks.
    pub(crate) risks: Table,
    /// Words where there is no risk.
    pub(crate) no_risks: Option<String>,
    /// Where they lie.
    pub(crate) matrix: Matrix,
    /// What exactly was audited.
    pub(crate) facts: Vec<Fact>,
}

/// One fact of identity.
pub(crate) struct Fact {
    /// What it is.
    pub(crate) name: &'static str,
    /// The fact.
    pub(crate) value: String,
    /// Whether it is a digest.
    pub(crate) code: bool,
}

/// Likelihood against severity.
pub(crate) struct Matrix {
    /// Severities, lowest first.
    pub(crate) severities: Vec<String>,
    /// Likelihoods, highest first.
    pub(crate) rows: Vec<MatrixRow>,
}

/// One likelihood.
pub(crate) struct MatrixRow {
    /// Its name.
    pub(crate) likelihood: String,
    /// One cell per severity.
    pub(crate) cells: Vec<MatrixCell>,
}

/// One cell of the matrix.
pub(crate) struct MatrixCell {
    /// Level of risk as a class.
    pub(crate) class: &'static str,
    /// Level of risk in words.
    pub(crate) level: String,
    /// The risks that lie here: number and name.
    pub(crate) dots: Vec<String>,
}

/// Risks that page one has room for.
const TOP: usize = 5;
/// Failed rules that the summary names.
const NAMED: usize = 3;

/// The mark that says the same as a verdict's colour.
pub(crate) fn icon(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "✓",
        Verdict::Waived => "~",
        Verdict::Warn => "!",
        Verdict::Undecided => "?",
        Verdict::NotRun => "–",
        Verdict::Fail => "✗",
    }
}

/// The name of a level in the record.
pub(crate) fn level_class(level: Level) -> &'static str {
    match level {
        Level::VeryLow => "very_low",
        Level::Low => "low",
        Level::Moderate => "moderate",
        Level::High => "high",
        Level::VeryHigh => "very_high",
    }
}

/// Builds page one.
pub(super) fn front(p: &Phrases<'_>) -> Front {
    let a = p.record.assessment;
    let (w, verdict) = (p.words, a.verdict);
    let answer = match verdict {
        _ if a.gate.is_empty() => w.gate_without_rules,
        v if v.lets_pass() => w.gate_passed,
        _ => w.gate_not_passed,
    };
    Front {
        verdict,
        answer: answer.to_owned(),
        counts: counts(p),
        summary: summary(p),
        risks: top_risks(p),
        no_risks: a.risks.is_empty().then(|| w.no_risks.to_owned()),
        matrix: matrix(p),
        facts: facts(p),
    }
}

const WORST_FIRST: [Verdict; 6] = [
    Verdict::Fail,
    Verdict::NotRun,
    Verdict::Undecided,
    Verdict::Warn,
    Verdict::Waived,
    Verdict::Pass,
];

fn counts(p: &Phrases<'_>) -> Vec<(Verdict, String, u64)> {
    let number = |verdict| {
        let rows = p.record.assessment.gate.iter().filter(|r| r.verdict == verdict);
        u64::try_from(rows.count()).unwrap_or(u64::MAX)
    };
    WORST_FIRST.iter().map(|&v| (v, p.verdict(v), number(v))).collect()
}

/// At most five sentences: the count, what failed and by how much, what is open, the worst risk,
/// what was not looked at.
fn summary(p: &Phrases<'_>) -> Vec<String> {
    let gate = &p.record.assessment.gate;
    let count = |v| gate.iter().filter(|r| r.verdict == v).count();
    let counts = [
        (p.words.counted_failed, count(Verdict::Fail)),
        (p.words.counted_undecided, count(Verdict::Undecided)),
        (p.words.counted_not_run, count(Verdict::NotRun)),
        (p.words.counted_passing, gate.iter().filter(|r| r.verdict.lets_pass()).count()),
    ];
    let some = counts.into_iter().filter(|(_, n)| *n > 0);
    let counted: Vec<String> =
        some.map(|(words, n)| fill(words, &[("n", n.to_string())])).collect();
    let facts = [
        ("all", gate.len().to_string()),
        ("counted", p.language.list(&counted)),
        ("warn", count(Verdict::Warn).to_string()),
        ("waived", count(Verdict::Waived).to_string()),
    ];
    let message = if gate.is_empty() {
        p.words.no_rules
    } else if gate.iter().all(|r| r.verdict.lets_pass()) {
        p.words.summary_kept
    } else {
        p.words.summary_counts
    };
    let first = fill(message, &facts);
    let rest = [failures(p), unsure(p), worst_risk(p), gaps(p)];
    std::iter::once(first).chain(rest.into_iter().flatten()).collect()
}

fn failures(p: &Phrases<'_>) -> Option<String> {
    let mut failed: Vec<&GateRow> =
        p.record.assessment.gate.iter().filter(|r| r.verdict == Verdict::Fail).collect();
    failed.sort_by(|a, b| breach(p, b).total_cmp(&breach(p, a)));
    let named: Vec<String> = failed.iter().take(NAMED).map(|row| failure(p, row)).collect();
    let joined = p.language.list(&named);
    match failed.len().saturating_sub(NAMED) {
        _ if failed.is_empty() => None,
        0 => Some(fill(p.words.summary_failed, &[("failed", joined)])),
        more => {
            let facts = [("failed", joined), ("more", more.to_string())];
            Some(fill(p.words.summary_failed_more, &facts))
        }
    }
}

/// The distance past the limit in units of the limit, to name the worst first.
fn breach(p: &Phrases<'_>, row: &GateRow) -> f64 {
    let limit = row.rule.bound.limit();
    let value = p.record.judged(row).and_then(|f| f.value.clone().ok());
    value.map_or(0.0, |value| (value - limit).abs() / limit.abs().max(1e-3))
}

fn failure(p: &Phrases<'_>, row: &GateRow) -> String {
    let value = p.record.judged(row).map(|f| p.value(&f.value)).unwrap_or_default();
    let facts = [("rule", p.rule(row)), ("value", value), ("limit", p.limit(row.rule.bound))];
    fill(p.words.summary_failure, &facts)
}

fn unsure(p: &Phrases<'_>) -> Option<String> {
    let open = |r: &&GateRow| matches!(r.verdict, Verdict::Undecided | Verdict::Warn);
    let rows: Vec<String> =
        p.record.assessment.gate.iter().filter(open).map(|r| p.rule(r)).collect();
    let (first, rest) = rows.split_first()?;
    let facts = [("rule", first.clone()), ("more", rest.len().to_string())];
    let message = if rest.is_empty() { p.words.summary_open } else { p.words.summary_open_more };
    Some(fill(message, &facts))
}

fn worst_risk(p: &Phrases<'_>) -> Option<String> {
    let risk = p.record.assessment.risks.first()?;
    let facts = [
        ("id", risk.id.clone()),
        ("kind", p.name(names::RISKS, &risk.kind)),
        ("level", p.level(risk.level)),
    ];
    Some(fill(p.words.summary_risk, &facts))
}

fn gaps(p: &Phrases<'_>) -> Option<String> {
    let parts: Vec<String> =
        p.record.assessment.not_run.iter().map(|entry| p.part(&entry.what)).collect();
    let named = p.language.list(&parts.iter().take(NAMED).cloned().collect::<Vec<_>>());
    match parts.len() {
        0 => None,
        1..=NAMED => Some(fill(p.words.summary_gaps, &[("parts", named)])),
        all => {
            let more = (all - NAMED).to_string();
            Some(fill(p.words.summary_gaps_more, &[("parts", named), ("more", more)]))
        }
    }
}

fn top_risks(p: &Phrases<'_>) -> Table {
    let w = p.words;
    let head = [w.risk, w.measured_value, w.threshold, w.likelihood, w.severity, w.level];
    let mut table = Table::new(w.top_risks, &head);
    for risk in p.record.assessment.risks.iter().take(TOP) {
        table.rows.push(vec![
            Cell::words(format!("{} {}", risk.id, p.name(names::RISKS, &risk.kind)))
                .below(p.shown_by(risk))
                .link(Some(format!("risk-{}", risk.id))),
            p.risk_value(risk),
            p.risk_limit(risk),
            p.level_cell(risk.likelihood),
            p.level_cell(risk.severity),
            p.level_cell(risk.level),
        ]);
    }
    table
}

impl Phrases<'_> {
    /// A level in words.
    pub(crate) fn level(&self, level: Level) -> String {
        self.name(names::LEVELS, level_class(level))
    }

    /// A level as a cell.
    pub(crate) fn level_cell(&self, level: Level) -> Cell {
        Cell::new(Kind::Level(level), self.level(level))
    }

    /// A stage or check in words.
    pub(crate) fn part(&self, what: &str) -> String {
        names::find(self.language, names::PARTS, what).unwrap_or_else(|| self.check(what))
    }

    /// The finding that shows a risk, in words.
    pub(crate) fn shown_by(&self, risk: &Risk) -> String {
        self.record
            .shows(risk)
            .map_or_else(|| self.check(&risk.check), |f| self.subject(&f.check, &f.subject))
    }

    /// The number behind a risk.
    pub(crate) fn risk_value(&self, risk: &Risk) -> Cell {
        let Some(finding) = self.record.shows(risk) else {
            let value = risk.derivation.value.map(number::number);
            return value.map_or_else(
                || Cell::new(Kind::Absent, self.words.no_number),
                |v| Cell::new(Kind::Number, v),
            );
        };
        let mut cell = match &finding.value {
            Ok(value) => Cell::new(Kind::Number, number::number(*value)),
            Err(reason) => Cell::new(Kind::Absent, self.undefined(reason)),
        };
        if let Some(interval) = &finding.interval {
            cell = cell.below(number::interval(interval));
        }
        cell.below(format!("n\u{a0}=\u{a0}{}", finding.n))
    }

    /// The limit behind a risk.
    pub(crate) fn risk_limit(&self, risk: &Risk) -> Cell {
        let rules = self.record.shows(risk).map_or(&[][..], |f| self.record.rules(f));
        let same =
            |row: &&&GateRow| row.rule.bound.limit().total_cmp(&risk.derivation.limit).is_eq();
        let rule = rules.iter().find(same);
        let text = rule.map_or_else(
            || number::typed(risk.derivation.limit),
            |row| number::bound(row.rule.bound),
        );
        Cell::new(Kind::Number, text)
    }
}

fn matrix(p: &Phrases<'_>) -> Matrix {
    let row = |&likelihood: &Level| MatrixRow {
        likelihood: p.level(likelihood),
        cells: Level::ALL.iter().map(|&severity| matrix_cell(p, likelihood, severity)).collect(),
    };
    Matrix {
        severities: Level::ALL.iter().map(|&level| p.level(level)).collect(),
        rows: Level::ALL.iter().rev().map(row).collect(),
    }
}

fn matrix_cell(p: &Phrases<'_>, likelihood: Level, severity: Level) -> MatrixCell {
    let level = crate::risk::level(likelihood, severity);
    let here = |r: &&Risk| (r.likelihood, r.severity) == (likelihood, severity);
    let dots = p.record.assessment.risks.iter().filter(here).map(|r| r.id.clone()).collect();
    MatrixCell { class: level_class(level), level: p.level(level), dots }
}

fn facts(p: &Phrases<'_>) -> Vec<Fact> {
    let (w, a) = (p.words, p.record.assessment);
    let origin = &a.provenance;
    let plain = |name, value| Fact { name, value, code: false };
    let digest = |name, value| Fact { name, value, code: true };
    let model = match &origin.model_sha256 {
        Some(hash) => digest(w.model_digest, hash.clone()),
        None => plain(w.model_digest, w.no_model_digest.to_owned()),
    };
    vec![
        plain(w.purpose, a.system.purpose.clone()),
        model,
        plain(w.data_rows, fill(w.rows, &[("n", a.dataset.n.to_string())])),
        digest(w.data_digest, origin.data_sha256.clone()),
        digest(w.config_digest, origin.config_sha256.clone()),
        plain(w.seed, origin.seed.to_string()),
        plain(w.tool, format!("{} {}", origin.tool.name, origin.tool.version)),
    ]
}

impl Front {
    /// The mark that says the same as the colour of the banner.
    pub(crate) fn icon(&self) -> &'static str {
        icon(self.verdict)
    }
}
