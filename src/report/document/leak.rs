//! What attacks on the training data found, in sentences; a pure function of the findings.

use super::shadow;
use crate::domain::{Evidence, Finding};
use crate::report::language::Language;
use crate::report::number;
use crate::report::words::{LeakWords, fill, names};

/// Rates of false alarms, finest first: the check, the rate, and of how many rows one speaks.
const RATES: [(&str, f64, f64); 3] = [
    ("membership_tpr_at_fpr_0.0001", 1e-4, 10_000.0),
    ("membership_tpr_at_fpr_0.001", 1e-3, 1_000.0),
    ("membership_tpr_at_fpr_0.01", 1e-2, 1_000.0),
];
/// Gaps between groups that are told.
const GAPS: usize = 4;
/// The check that names the strongest attack.
const STRONGEST: &str = "membership_strongest_tpr_at_fpr_0.01";

/// What was found, in sentences.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// The headline, what the data can resolve, gaps between groups, the blind baseline.
    pub facts: Vec<String>,
    /// What speaks against the numbers.
    pub warnings: Vec<String>,
}

/// The sentences about membership inference; none where it was not measured.
pub(crate) fn said(findings: &[&Finding], language: Language) -> Said {
    let teller = Teller { findings, words: LeakWords::of(language), language };
    let mut facts = teller.headline();
    facts.extend(teller.gaps());
    facts.extend(shadow::gains(findings, language));
    let (blind, shifted) = teller.blind();
    facts.extend(blind);
    let warnings = teller.below().into_iter().chain(shifted);
    Said { facts, warnings: warnings.chain(shadow::differ(findings, language)).collect() }
}

/// The attack that the record calls the strongest.
pub(crate) fn strongest<'a>(findings: &[&'a Finding]) -> Option<&'a str> {
    let picked = findings.iter().find(|f| f.check == STRONGEST && f.value.is_ok())?;
    cells(picked, "strongest")?.first().map(|cell| cell.name.as_str())
}

fn cells<'a>(finding: &'a Finding, wanted: &str) -> Option<&'a [crate::domain::Cell]> {
    finding.evidence.iter().find_map(|e| match e {
        Evidence::Numbers { name, cells } if name == wanted => Some(cells.as_slice()),
        _ => None,
    })
}

fn cell(finding: &Finding, list: &str, name: &str) -> Option<f64> {
    cells(finding, list)?.iter().find(|cell| cell.name == name)?.value
}

struct Teller<'a> {
    findings: &'a [&'a Finding],
    words: &'static LeakWords,
    language: Language,
}

impl Teller<'_> {
    /// The strongest attack at the finest rate at which the data show more than guessing, else at the
    /// finest that they resolve, and what that rate is.
    fn headline(&self) -> Vec<String> {
        let Some(attack) = strongest(self.findings) else { return Vec::new() };
        let of = |check: &str| {
            let fits =
                |f: &&&Finding| f.check == check && f.subject.attack.as_deref() == Some(attack);
            self.findings.iter().find(fits).copied()
        };
        let Some(floor) = of(RATES[2].0).and_then(|f| cell(f, "resolution", "floor")) else {
            return Vec::new();
        };
        // Those that see labels only are made on other rows, and none of them was picked from.
        let other = |f: &Finding| {
            f.subject.attack.as_ref().is_some_and(|attack| attack.starts_with("label_only."))
        };
        let ran = |f: &&&Finding| f.check == RATES[2].0 && f.value.is_ok() && !other(f);
        let facts = [
            ("attacks", self.findings.iter().filter(ran).count().to_string()),
            ("attack", names::name(self.language, names::ATTACKS, attack)),
            ("n", number::number((1.0 / floor).round())),
            ("floor", number::percent(floor)),
        ];
        let seen = |(_, rate, _): &&(&str, f64, f64)| *rate >= floor * (1.0 - 1e-9);
        // The limits hold for all rates at once, so that the rate may be chosen by them.
        let sure = |(check, rate, _): &&(&str, f64, f64)| {
            of(check).and_then(|f| cell(f, "band", "low")).is_some_and(|low| low > *rate)
        };
        let finest = RATES.iter().filter(seen).find(sure);
        let Some((check, rate, base)) = finest.or_else(|| RATES.iter().find(seen)) else {
            return vec![fill(self.words.headline_coarse, &facts)];
        };
        let found = of(check).and_then(|f| self.found(f, *rate, *base, &facts));
        found.into_iter().chain([fill(self.words.floor, &facts)]).collect()
    }

    fn found(
        &self,
        finding: &Finding,
        rate: f64,
        base: f64,
        facts: &[(&str, String)],
    ) -> Option<String> {
        let value = finding.value.as_ref().ok()?;
        let level = finding.interval.as_ref().map_or(0.95, |i| i.level);
        let rows = |share: f64| {
            let rows = share * base;
            let rounded = if rows < 10.0 { (rows * 10.0).round() / 10.0 } else { rows.round() };
            number::typed(rounded)
        };
        let mut facts = facts.to_vec();
        facts.extend([
            ("base", number::typed(base)),
            ("alarms", rows(rate)),
            ("found", rows(*value)),
            ("level", number::percent(level)),
            ("low", rows(cell(finding, "band", "low")?)),
            ("high", rows(cell(finding, "band", "high")?)),
        ]);
        Some(fill(self.words.headline, &facts))
    }

    /// Gaps between groups whose interval lies above 0, for the strongest attack.
    fn gaps(&self) -> Vec<String> {
        let attack = strongest(self.findings);
        let sure = |f: &&&Finding| {
            f.check == "membership_group_tpr_at_fpr_0.01_difference"
                && f.subject.attack.as_deref() == attack
                && f.interval.as_ref().is_some_and(|i| i.low > 0.0)
        };
        let gap = |f: &&Finding| {
            let facts = [("by", f.subject.by.join(" × ")), ("measured", measured(f))];
            fill(self.words.group_gap, &facts)
        };
        self.findings.iter().filter(sure).take(GAPS).map(gap).collect()
    }

    /// The blind baseline: a fact where it finds nothing, a warning where it finds a shift.
    fn blind(&self) -> (Option<String>, Option<String>) {
        let found = self.findings.iter().find(|f| f.check == "membership_blind_auc");
        let Some(finding) = found.filter(|f| f.value.is_ok()) else { return (None, None) };
        let facts = [("measured", measured(finding))];
        if cells(finding, "distribution_shift").is_some() {
            return (None, Some(fill(self.words.shifted, &facts)));
        }
        (Some(fill(self.words.blind_clear, &facts)), None)
    }

    /// The attacks below chance.
    fn below(&self) -> Option<String> {
        let found = self.findings.iter().find(|f| f.check == "membership_attacks_below_chance")?;
        let listed = cells(found, "below_chance")?;
        let name = |c: &crate::domain::Cell| names::name(self.language, names::ATTACKS, &c.name);
        let attacks: Vec<String> = listed.iter().map(name).collect();
        let facts = [("n", listed.len().to_string()), ("attacks", self.language.list(&attacks))];
        Some(fill(self.words.below, &facts))
    }
}

/// The number and its interval.
fn measured(finding: &Finding) -> String {
    let value = finding.value.as_ref().map_or_else(|_| String::new(), |v| number::number(*v));
    let interval = finding.interval.as_ref().map(|i| format!(" {}", number::interval(i)));
    value + &interval.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Cell, Ideal, Interval, Meta, Stage, Subject};

    fn finding(check: &'static str, value: f64, n: u64) -> Finding {
        let meta = Meta { code: "PR000", name: check, ideal: Ideal::Zero, explain: "" };
        let attack = check.contains("_fpr_0").then(|| "loss".to_owned());
        let attack = attack.filter(|_| !check.contains("strongest"));
        let subject = Subject { attack, ..Subject::default() };
        let interval = Interval {
            low: value / 2.0,
            high: (value * 1.5).min(1.0),
            level: 0.95,
            method: "delong".to_owned(),
        };
        Finding::new(&meta, Stage::Privacy, subject, Ok(value), n).with_interval(Some(interval))
    }

    fn numbers(name: &str, cells: &[(&str, f64)]) -> Evidence {
        let cell = |(name, value): &(&str, f64)| Cell {
            name: (*name).to_owned(),
            value: Some(*value),
            n: 1,
        };
        Evidence::Numbers { name: name.to_owned(), cells: cells.iter().map(cell).collect() }
    }

    fn record(non_members: f64) -> Vec<Finding> {
        let rate = |check, value: f64| {
            finding(check, value, 4000)
                .with(numbers("resolution", &[("floor", 1.0 / non_members)]))
                .with(numbers("band", &[("low", value * 0.7), ("high", value * 1.4)]))
        };
        vec![
            rate(RATES[0].0, 0.01),
            rate(RATES[1].0, 0.045),
            rate(RATES[2].0, 0.141),
            finding(STRONGEST, 0.141, 4000).with(numbers("strongest", &[("loss", 0.141)])),
        ]
    }

    fn told(findings: &[Finding], language: Language) -> Said {
        said(&findings.iter().collect::<Vec<_>>(), language)
    }

    #[test]
    fn the_finest_rate_that_the_data_show_is_the_headline() {
        let text = told(&record(2000.0), Language::English).facts;
        assert!(text[0].contains("Of 1000 training rows"), "{text:?}");
        assert!(text[0].contains("accepts 1 false alarm(s)"), "{text:?}");
        assert!(
            text[0].contains("finds 45 (95\u{a0}% limits, for all rates at once: 32 to 63)"),
            "{text:?}"
        );
        assert!(
            text[1].contains("2000 non-members") && text[1].contains("0.05\u{a0}%"),
            "{text:?}"
        );
        let finer = told(&record(20_000.0), Language::English).facts;
        assert!(finer[0].contains("Of 10000 training rows"), "{finer:?}");
        let coarse = told(&record(50.0), Language::English).facts;
        assert!(
            coarse.len() == 1 && coarse[0].contains("50 non-members are too few"),
            "{coarse:?}"
        );
        assert!(told(&record(2000.0), Language::Chinese).facts[0].contains("45 行"));
        assert_eq!(told(&[], Language::English), Said::default());
    }

    #[test]
    fn a_rate_at_which_nothing_is_sure_gives_way_to_one_where_something_is() {
        let mut all = record(2000.0);
        all[1].evidence.truncate(1);
        let unsure = numbers("band", &[("low", 0.0), ("high", 0.2)]);
        all[1].evidence.push(unsure.clone());
        let text = told(&all, Language::English).facts;
        assert!(text[0].contains("accepts 10 false alarm(s)"), "{text:?}");
        all[2].evidence.truncate(1);
        all[2].evidence.push(unsure);
        let text = told(&all, Language::English).facts;
        assert!(text[0].contains("accepts 1 false alarm(s)"), "{text:?}");
    }

    #[test]
    fn a_shift_and_reversed_attacks_are_warnings() {
        let mut all = record(2000.0);
        let blind = finding("membership_blind_auc", 0.52, 100);
        all.push(blind.clone());
        let calm = told(&all, Language::English);
        assert!(calm.warnings.is_empty() && calm.facts[2].contains("blind AUC 0.5200"), "{calm:?}");
        all.pop();
        all.push(blind.with(numbers("distribution_shift", &[("auc", 0.52)])));
        let reversed = finding("membership_attacks_below_chance", 1.0, 100);
        all.push(reversed.with(numbers("below_chance", &[("loss", 0.2)])));
        let alarmed = told(&all, Language::English);
        assert_eq!((alarmed.facts.len(), alarmed.warnings.len()), (2, 2));
        assert!(alarmed.warnings[0].starts_with("1 attack(s)"), "{alarmed:?}");
        assert!(alarmed.warnings[1].contains("may come from that"), "{alarmed:?}");
    }
}
