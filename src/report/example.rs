//! A record as the rest of the house would make it, for the tests of this folder. All numbers follow
//! from the counts below; gate and register come from the rooms that make them. Intervals are plain
//! normal approximations: here it matters that they are shown, not how they were made.

use super::example_leak::{band, limits};
use super::example_record::{
    dataset_record, definitions, model, not_run, provenance, system, waivers,
};
use crate::domain::{
    Assessment, Bound, By, Cell, Confusion, Evidence, Finding, GateRule, GroupKey, Interval, Judge,
    LogLine, Masked, OnUndefined, Stage, Subject, Undefined, Value, to_f64,
};
use crate::{gate, risk};

/// Groups: sex, skin tone, counts; one cell is empty and one has no positives.
const CELLS: [(&str, &str, [u64; 4]); 6] = [
    ("female", "I–II", [61, 38, 240, 21]),
    ("female", "III–IV", [33, 22, 118, 19]),
    ("female", "V–VI", [0, 9, 41, 0]),
    ("male", "I–II", [88, 52, 231, 15]),
    ("male", "III–IV", [49, 37, 120, 14]),
    ("male", "V–VI", [0, 0, 0, 0]),
];

const METRICS: [&str; 8] = [
    "count",
    "base_rate",
    "selection_rate",
    "accuracy",
    "true_positive_rate",
    "false_positive_rate",
    "precision",
    "roc_auc",
];

/// The record of an audit in which every kind of answer occurs.
pub(crate) fn assessment() -> Assessment {
    let findings = [fairness(), membership(), personal_data(), usage(), dataset()].concat();
    let not_run = not_run();
    let (gate, waived, verdict) =
        gate::judge(&findings, &rules(), &waivers(), &not_run, "2026-11-23");
    let system = system();
    let (risks, measures) = risk::register(&findings, &gate, &system);
    let definitions = definitions(&findings);
    Assessment {
        schema: 1,
        provenance: provenance(),
        system,
        dataset: dataset_record(),
        model: model(),
        findings,
        gate,
        risks,
        measures,
        waivers: waived,
        not_run,
        definitions,
        verdict,
    }
}

/// The same record with strings that a stranger could have written.
pub(crate) fn hostile() -> Assessment {
    let mut a = assessment();
    a.system.name = "<script>alert(1)</script> & \u{202e}evil".to_owned();
    a.system.purpose = "=HYPERLINK(\"http://x\") \"><img src=x onerror=alert(1)>".to_owned();
    let rename = |key: &mut GroupKey| {
        for level in key.values_mut().filter(|level| *level == "female") {
            *level = format!("<script>female</script>{}", "很长的名字 long ".repeat(12));
        }
        for level in key.values_mut().filter(|level| *level == "male") {
            *level = "=male|\u{202e}x".to_owned();
        }
    };
    for finding in &mut a.findings {
        finding.subject.group.as_mut().map(rename);
        for evidence in &mut finding.evidence {
            if let Evidence::Lines { lines } = evidence {
                lines[0].message = "</td><script>x</script> | `code` {{ fill }}".to_owned();
            }
        }
    }
    let (gate, waived, verdict) =
        gate::judge(&a.findings, &rules(), &waivers(), &a.not_run, "2026-11-23");
    (a.risks, a.measures) = risk::register(&a.findings, &gate, &a.system);
    (a.gate, a.waivers, a.verdict) = (gate, waived, verdict);
    a
}

fn finding(code: &str, check: &str, stage: Stage, value: Value, n: u64) -> Finding {
    let (code, check) = (code.to_owned(), check.to_owned());
    let subject = Subject::default();
    Finding { code, check, stage, subject, value, interval: None, n, evidence: Vec::new() }
}

fn fairness() -> Vec<Finding> {
    let mut findings = Vec::new();
    let counts = |test: &dyn Fn(&str, &str) -> bool| {
        CELLS.iter().filter(|(sex, tone, _)| test(sex, tone)).fold(
            Confusion::default(),
            |c, (_, _, [tp, fp, tn, fn_])| Confusion {
                tp: c.tp + tp,
                fp: c.fp + fp,
                tn: c.tn + tn,
                fn_: c.fn_ + fn_,
            },
        )
    };
    let whole = measures(counts(&|_, _| true), 0.861);
    findings.extend(whole.into_iter().map(|f| test(f, &[], None)));
    let sexes = ["female", "male"];
    let tones = ["I–II", "III–IV", "V–VI"];
    let mut by_sex: Vec<(GroupKey, Confusion)> =
        sexes.map(|s| (key(&[("sex", s)]), counts(&|sex, _| sex == s))).to_vec();
    let missing = Confusion { tp: 3, fp: 1, tn: 7, fn_: 1 };
    by_sex.push((key(&[("sex", "(missing)")]), missing));
    findings.extend(grouping(&["sex"], &by_sex));
    let by_tone = tones.map(|t| (key(&[("skin_tone", t)]), counts(&|_, tone| tone == t)));
    findings.extend(grouping(&["skin_tone"], &by_tone));
    let cross: Vec<(GroupKey, Confusion)> = CELLS
        .iter()
        .map(|(s, t, _)| {
            (key(&[("sex", s), ("skin_tone", t)]), counts(&|sex, tone| sex == *s && tone == *t))
        })
        .collect();
    findings.extend(grouping(&["sex", "skin_tone"], &cross));
    findings.extend(super::example_fairness::findings(&CELLS));
    findings
}

fn key(pairs: &[(&str, &str)]) -> GroupKey {
    pairs.iter().map(|(feature, level)| ((*feature).to_owned(), (*level).to_owned())).collect()
}

fn test(mut f: Finding, by: &[&str], group: Option<&GroupKey>) -> Finding {
    f.subject.split = Some("test".to_owned());
    f.subject.by = by.iter().map(|b| (*b).to_owned()).collect();
    f.subject.group = group.cloned();
    f
}

/// All measures of one set of rows.
fn measures(c: Confusion, auc: f64) -> Vec<Finding> {
    let share = |check: &str, hits: u64, n: u64, none: Undefined| {
        let value = if n == 0 { Err(none) } else { Ok(to_f64(hits) / to_f64(n)) };
        let code = METRICS.iter().position(|m| *m == check).unwrap() + 1;
        let mut f = finding(&format!("FA{code:03}"), check, Stage::Fairness, value, n);
        f.interval = share_interval(hits, n);
        f
    };
    let n = c.n();
    let auc_value = if c.positives() == 0 { Err(Undefined::OneClass) } else { Ok(auc) };
    let mut measures = vec![
        finding("FA001", "count", Stage::Fairness, Ok(to_f64(n)), n),
        share("base_rate", c.positives(), n, Undefined::Empty),
        share("selection_rate", c.selected(), n, Undefined::Empty),
        share("accuracy", c.tp + c.tn, n, Undefined::Empty),
        share("true_positive_rate", c.tp, c.positives(), Undefined::NoPositives),
        share("false_positive_rate", c.fp, c.negatives(), Undefined::NoNegatives),
        share("precision", c.tp, c.selected(), Undefined::NoPredictedPositives),
        finding("FA008", "roc_auc", Stage::Fairness, auc_value.clone(), n),
    ];
    measures[7].interval = auc_value.ok().map(|v| interval(v - 0.03, v + 0.03, "normal"));
    if (1..30).contains(&n) {
        for f in &mut measures[1..] {
            f.value = Err(Undefined::TooFew { n, need: 30 });
            f.interval = None;
        }
    }
    measures
}

/// Half of the width of a 95 % interval of a share.
fn half(share: f64, n: u64) -> f64 {
    1.96 * (share * (1.0 - share) / to_f64(n)).sqrt()
}

fn share_interval(hits: u64, n: u64) -> Option<Interval> {
    let share = to_f64(hits) / to_f64(n);
    let half = half(share, n).max(1.0 / to_f64(n.max(1)));
    let ends = || interval((share - half).max(0.0), (share + half).min(1.0), "normal");
    (n > 0).then(ends)
}

fn interval(low: f64, high: f64, method: &str) -> Interval {
    Interval { low, high, level: 0.95, method: method.to_owned() }
}

fn grouping(by: &[&str], groups: &[(GroupKey, Confusion)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (i, (key, confusion)) in groups.iter().enumerate() {
        let auc = 0.88 - 0.02 * to_f64(u64::try_from(i).unwrap());
        findings.extend(measures(*confusion, auc).into_iter().map(|f| test(f, by, Some(key))));
    }
    let large: Vec<&(GroupKey, Confusion)> = groups.iter().filter(|(_, c)| c.n() >= 30).collect();
    let rate = |hits: fn(&Confusion) -> u64, all: fn(&Confusion) -> u64| {
        let mut rates: Vec<(u64, u64, String)> = large
            .iter()
            .filter(|(_, c)| all(c) > 0)
            .map(|(key, c)| (hits(c), all(c), key.values().cloned().collect::<Vec<_>>().join("|")))
            .collect();
        rates.sort_by(|a, b| (to_f64(a.0) / to_f64(a.1)).total_cmp(&(to_f64(b.0) / to_f64(b.1))));
        (rates[0].clone(), rates[rates.len() - 1].clone())
    };
    let parity = rate(Confusion::selected, Confusion::n);
    let odds = rate(|c| c.tp, Confusion::positives);
    let none = large.iter().find(|(_, c)| c.positives() == 0).map(|(key, _)| {
        let pairs: Vec<String> = key.iter().map(|(f, l)| format!("{f}={l}")).collect();
        let because = Box::new(Undefined::NoPositives);
        Undefined::GroupUndefined { group: pairs.join("|"), because }
    });
    let mut add = |code: &str, check: &str, (low, high): &Extremes, lost: Option<&Undefined>| {
        findings.push(test(compared(code, check, low, high, lost), by, None));
    };
    add("FA031", "demographic_parity_difference", &parity, None);
    add("FA032", "demographic_parity_ratio", &parity, None);
    add("FA033", "equalized_odds_difference", &odds, none.as_ref());
    add("FA034", "equalized_odds_ratio", &odds, none.as_ref());
    add("FA035", "equal_opportunity_difference", &odds, none.as_ref());
    add("FA105", "true_positive_rate_difference", &odds, none.as_ref());
    findings
}

type Extremes = ((u64, u64, String), (u64, u64, String));

fn compared(
    code: &str,
    check: &str,
    low: &(u64, u64, String),
    high: &(u64, u64, String),
    lost: Option<&Undefined>,
) -> Finding {
    let (a, b) = (to_f64(low.0) / to_f64(low.1), to_f64(high.0) / to_f64(high.1));
    let ratio = check.ends_with("_ratio");
    let value = if ratio { a / b } else { b - a };
    let shown = lost.map_or(Ok(value), |reason| Err(reason.clone()));
    let mut f = finding(code, check, Stage::Fairness, shown, low.1 + high.1);
    if lost.is_none() {
        f.interval = if ratio {
            Some(interval(value * (-0.18_f64).exp(), value * 0.18_f64.exp(), "normal"))
        } else {
            let half = half(b, high.1).hypot(half(a, low.1));
            Some(interval(value - half, value + half, "normal"))
        };
    } else {
        let cells = vec![Cell { name: "value".to_owned(), value: Some(value), n: f.n }];
        f.evidence.push(Evidence::Numbers { name: "over_defined_groups".to_owned(), cells });
    }
    let cell = |(_, n, name): &(u64, u64, String), value| Cell {
        name: name.clone(),
        value: Some(value),
        n: *n,
    };
    let cells = vec![cell(low, a), cell(high, b)];
    f.with(Evidence::Numbers { name: "extremes".to_owned(), cells })
}

fn membership() -> Vec<Finding> {
    let mut findings = Vec::new();
    for (i, attack) in ["loss", "modified_entropy", "gap"].iter().enumerate() {
        let strength = [0.55, 0.62, 0.9][i];
        let x: Vec<f64> = (0..=2000).map(|k| f64::from(k) / 2000.0).collect();
        let y: Vec<f64> = x.iter().map(|x| x.powf(strength)).collect();
        let auc = 1.0 / (1.0 + strength);
        let of = |code: &str, check: &str, value: f64, half: f64| {
            let mut f = finding(code, check, Stage::Privacy, Ok(value), 4000);
            f.subject.attack = Some((*attack).to_owned());
            f.interval = Some(interval((value - half).max(0.0), value + half, "normal"));
            f
        };
        let null = vec![Cell { name: "auc".to_owned(), value: Some(0.503), n: 2000 }];
        let floor = vec![Cell { name: "floor".to_owned(), value: Some(0.0005), n: 2000 }];
        findings.push(
            of("PR001", "membership_auc", auc, 0.017)
                .with(Evidence::Curve { name: "roc".to_owned(), x, y })
                .with(limits("roc_low", strength, 0.8))
                .with(limits("roc_high", strength, 1.2))
                .with(Evidence::Numbers { name: "null_run".to_owned(), cells: null })
                .with(Evidence::Numbers { name: "resolution".to_owned(), cells: floor.clone() }),
        );
        findings.push(of("PR002", "membership_advantage", 2.0 * auc - 1.0, 0.02));
        let tpr = 0.001_f64.powf(strength);
        findings.push(of("PR004", "membership_tpr_at_fpr_0.001", tpr, 0.004).with(band(tpr)));
        let (check, tpr) = ("membership_tpr_at_fpr_0.01", 0.01_f64.powf(strength));
        let floor = Evidence::Numbers { name: "resolution".to_owned(), cells: floor };
        findings.push(of("PR003", check, tpr, 0.01).with(floor).with(band(tpr)));
    }
    let mut gap = finding("PR005", "generalization_gap", Stage::Privacy, Ok(0.094), 6000);
    gap.interval = Some(interval(0.078, 0.111, "normal"));
    findings.push(gap);
    findings.extend(super::example_leak::findings());
    findings
}

fn personal_data() -> Vec<Finding> {
    let mut cells = finding("PI001", "pii_cells", Stage::Privacy, Ok(3.0 / 1206.0), 1206);
    cells.subject.place = Some("metadata.csv:note".to_owned());
    cells.subject.label = Some("EMAIL".to_owned());
    let hit = |row, label: &str, masked: &str| Masked {
        row,
        column: "note".to_owned(),
        label: label.to_owned(),
        masked: masked.to_owned(),
    };
    cells.evidence.push(Evidence::Cells {
        cells: vec![hit(17, "EMAIL", "j***@*******.org"), hit(420, "EMAIL", "a****@****.com")],
    });
    let mut ids = finding("PI001", "pii_cells", Stage::Privacy, Ok(1.0 / 1206.0), 1206);
    ids.subject.place = Some("metadata.csv:note".to_owned());
    ids.subject.label = Some("CN_RESIDENT_ID".to_owned());
    let id = hit(88, "CN_RESIDENT_ID", "1101**********411X");
    ids.evidence.push(Evidence::Cells { cells: vec![id] });
    let names = finding("PI002", "pii_file_names", Stage::Privacy, Ok(0.0), 1206);
    let mut direct = finding("PI003", "pii_direct_identifiers", Stage::Privacy, Ok(4.0), 2412);
    let count = |label: &str, n| Cell { name: label.to_owned(), value: Some(to_f64(n)), n };
    let cells_by = vec![count("EMAIL", 3), count("CN_RESIDENT_ID", 1)];
    direct.evidence.push(Evidence::Numbers { name: "by_label".to_owned(), cells: cells_by });
    vec![cells, ids, names, direct]
}

fn usage() -> Vec<Finding> {
    let rules = [
        ("MU001", "usage_missing_field", 0),
        ("MU002", "usage_purpose_not_allowed", 4),
        ("MU003", "usage_prohibited_use", 1),
        ("MU004", "usage_approval_expired", 12),
        ("MU005", "usage_missing_review", 31),
        ("MU010", "usage_violations", 44),
    ];
    let one = |(code, check, hits): (&str, &str, u64)| {
        let value = Ok(to_f64(hits) / 5000.0);
        let mut f = finding(code, check, Stage::Misuse, value, 5000);
        f.interval = share_interval(hits, 5000);
        f.subject.place = Some("usage.jsonl".to_owned());
        f.subject.label = check.strip_prefix("usage_").map(str::to_owned);
        let lines = (0..hits.min(3)).map(|i| LogLine {
            line: 40 + 317 * i,
            id: format!("req-{:05}", 100 + i),
            message: "purpose is not on the list of allowed purposes".to_owned(),
        });
        if check == "usage_violations" {
            (f.value, f.interval) = (Ok(to_f64(hits)), None);
        } else if hits > 0 {
            f.evidence.push(Evidence::Lines { lines: lines.collect() });
        }
        f
    };
    rules.map(one).to_vec()
}

fn dataset() -> Vec<Finding> {
    let no_subject = Undefined::NotRun { because: "no subject column is declared".to_owned() };
    vec![
        finding("DA001", "subject_overlap", Stage::Dataset, Err(no_subject), 0),
        finding("DA002", "skipped_rows", Stage::Dataset, Ok(2.0), 6010),
        finding("DA009", "brand_new_check", Stage::Dataset, Ok(0.125), 6010),
    ]
}

fn rule(check: &str, by: By, bound: Bound, judge: Judge, line: u64) -> GateRule {
    GateRule {
        check: check.to_owned(),
        by,
        group: None,
        attack: None,
        label: None,
        bound,
        judge,
        on_undefined: OnUndefined::Undecided,
        because: None,
        line,
    }
}

fn rules() -> Vec<GateRule> {
    use Bound::{AtLeast, AtMost};
    let sex = || By::Features(vec!["sex".to_owned()]);
    vec![
        rule("demographic_parity_ratio", By::Every, AtLeast(0.8), Judge::Point, 40),
        rule("demographic_parity_difference", sex(), AtMost(0.05), Judge::Interval, 41),
        rule("equalized_odds_difference", By::Every, AtMost(0.15), Judge::Point, 42),
        rule("accuracy", By::Whole, AtLeast(0.6), Judge::Lower, 43),
        rule("membership_tpr_at_fpr_0.001", By::Whole, AtMost(0.01), Judge::Upper, 44),
        rule("pii_direct_identifiers", By::Whole, AtMost(0.0), Judge::Point, 45),
        rule("usage_missing_review", By::Whole, AtMost(0.001), Judge::Point, 46),
        rule("usage_approval_expired", By::Whole, AtMost(0.001), Judge::Point, 47),
        rule("usage_prohibited_use", By::Whole, AtMost(0.001), Judge::Point, 48),
        rule("robust_accuracy", By::Whole, AtLeast(0.4), Judge::Point, 49),
    ]
}
