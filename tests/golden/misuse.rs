//! A small hand-made log whose counts are known (`fixtures/usage/README.md` lists its lines).

use audit::domain::{Evidence, Finding, LogLine, digest_hex};
use audit::misuse::{Facts, Log, Policy, audit};

const LOG: &[u8] = include_bytes!("../../fixtures/usage/log.jsonl");

fn facts() -> Facts {
    Facts {
        purposes: vec!["triage".to_owned()],
        domains: vec!["dermatology".to_owned()],
        prohibited_uses: vec!["self-diagnosis".to_owned()],
        approvals: [("A-1".to_owned(), "2026-06-30".to_owned())].into(),
        review_below: 0.8,
        required_fields: ["id", "ts", "purpose", "actor.role", "region"]
            .map(str::to_owned)
            .to_vec(),
        confidence: 0.95,
    }
}

fn findings() -> Vec<Finding> {
    let log = Log::parse("log.jsonl", LOG).unwrap_or_else(|error| unreachable!("{error}"));
    assert_eq!(log.len(), 24);
    let policy = Policy::built_in().unwrap_or_else(|error| unreachable!("{error}"));
    audit(&log, &policy, &facts()).unwrap_or_else(|error| unreachable!("{error}"))
}

fn lines(finding: &Finding) -> &[LogLine] {
    match finding.evidence.get(1) {
        Some(Evidence::Lines { lines }) => lines,
        _ => &[],
    }
}

#[test]
fn the_fixture_is_the_one_that_was_described() {
    let readme = include_str!("../../fixtures/usage/README.md");
    assert!(readme.contains(&digest_hex(LOG)), "{}", digest_hex(LOG));
}

/// Check, violations, rows, both ends of the exact 95 % interval, lines.
type Row = (&'static str, u64, u64, f64, f64, &'static [u64]);

/// The ends are where the binomial tail sums of `violations` in `rows` are 0.025, found by bisection
/// outside this program.
const EXPECTED: [Row; 8] = [
    ("usage_malformed_record", 2, 26, 0.009_455_391_003_7, 0.251_302_916_695_4, &[22, 23]),
    ("usage_missing_field", 1, 24, 0.001_054_352_445_5, 0.211_201_683_457_0, &[21]),
    ("usage_purpose_not_allowed", 3, 24, 0.026_559_314_986_2, 0.323_611_358_188_8, &[13, 14, 26]),
    ("usage_domain_not_allowed", 1, 24, 0.001_054_352_445_5, 0.211_201_683_457_0, &[14]),
    ("usage_prohibited_use", 1, 24, 0.001_054_352_445_5, 0.211_201_683_457_0, &[15]),
    ("usage_approval_expired", 1, 24, 0.001_054_352_445_5, 0.211_201_683_457_0, &[16]),
    ("usage_approval_unknown", 1, 24, 0.001_054_352_445_5, 0.211_201_683_457_0, &[17]),
    ("usage_missing_review", 2, 24, 0.010_256_341_281_3, 0.269_972_801_557_6, &[18, 19]),
];

#[test]
fn every_rule_counts_what_was_planted() {
    let findings = findings();
    assert_eq!(findings.len(), 9);
    for (finding, (check, hits, n, low, high, at)) in findings[1..].iter().zip(EXPECTED) {
        assert_eq!((finding.check.as_str(), finding.n), (check, n));
        let [hits, rows] = [hits, n].map(|c| f64::from(u32::try_from(c).unwrap()));
        assert!((finding.value.clone().unwrap() - hits / rows).abs() < 1e-12, "{check}");
        let interval = finding.interval.as_ref().unwrap();
        assert!((interval.low - low).abs() < 1e-9, "{check} {interval:?}");
        assert!((interval.high - high).abs() < 1e-9, "{check} {interval:?}");
        let found: Vec<u64> = lines(finding).iter().map(|l| l.line).collect();
        assert_eq!(found, at, "{check}");
    }
}

#[test]
fn records_with_any_violation_are_counted_once() {
    let findings = findings();
    assert_eq!(
        (findings[0].check.as_str(), findings[0].value.clone()),
        ("usage_violations", Ok(8.0))
    );
    assert!(findings[0].interval.is_none());
    let shown: Vec<u64> = lines(&findings[0]).iter().map(|l| l.line).collect();
    assert_eq!(shown, [13, 14, 15, 16, 17]);
    assert_eq!(lines(&findings[0])[1].message, "purpose_not_allowed, domain_not_allowed");
}

#[test]
fn hostile_words_arrive_escaped() {
    let findings = findings();
    let purpose = &lines(&findings[3])[2];
    assert_eq!(
        purpose.message,
        "the purpose \"triage\\u{202e}<script>\" is not one of the allowed purposes"
    );
}
