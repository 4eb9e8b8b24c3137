//! How often the intervals cover the truth, by simulation: 2,000 draws for each setting, 20,000 of average precision.
//!
//! A nominal interval of 95 % must cover 94 to 96.5 % where it claims to hold, and an interval that
//! claims to cover at least its level 95 % and more, less the 0.7 points of a simulation's error.
//! `cargo test --test suite coverage_table -- --ignored --nocapture` prints docs/statistics.md's table.

use audit::domain::{Confusion, Groups, Interval, Seed, Split, Stream, Undefined, Value, to_f64};
use audit::fairness::{Frame, Options, Selection, audit};
use audit::stats::{
    Cube, Prior, average_precision, clopper_pearson, delong, katz_log, koopman, newcombe, wilson,
};

const DRAWS: u32 = 2000;
/// Where the coverage lies near an end of what is claimed.
const MANY: u32 = 20_000;
const LEVEL: f64 = 0.95;

/// What a method says of itself in a setting.
#[derive(Clone, Copy, PartialEq)]
enum Claim {
    /// 94 to 96.5 %.
    Holds,
    /// At least 95 %.
    AtLeast,
    /// Nothing; measured to show why.
    Nothing,
}

/// Whether one interval covers, or no interval at all.
type Trial = fn(&mut Stream) -> Option<bool>;

#[derive(Clone, Copy)]
struct Setting {
    method: &'static str,
    rows: &'static str,
    claim: Claim,
    trial: Trial,
}

struct Measured {
    coverage: f64,
    without: u32,
}

fn measure(setting: &Setting, draws: u32) -> Measured {
    let label = format!("coverage/{}/{}", setting.method, setting.rows);
    let mut draw = Seed::new(7).child(&label).stream();
    let (mut covered, mut without) = (0, 0);
    for _ in 0..draws {
        match (setting.trial)(&mut draw) {
            Some(true) => covered += 1,
            Some(false) => {}
            None => without += 1,
        }
    }
    Measured { coverage: f64::from(covered) / f64::from(draws - without), without }
}

fn covers(found: Option<Interval>, truth: f64) -> Option<bool> {
    found.map(|i| i.low - 1e-12 <= truth && truth <= i.high + 1e-12)
}

fn between(draw: &mut Stream, low: f64, high: f64) -> f64 {
    low + (high - low) * draw.uniform()
}

fn hits(draw: &mut Stream, n: u64, p: f64) -> u64 {
    (0..n).map(|_| u64::from(draw.flip(p))).sum()
}

/// One share whose chance is drawn anew each time.
fn share(draw: &mut Stream, n: u64, of: fn(u64, u64, f64) -> Option<Interval>) -> Option<bool> {
    let p = between(draw, 0.05, 0.95);
    covers(of(hits(draw, n, p), n, LEVEL), p)
}

type Pair = fn((u64, u64), (u64, u64), f64) -> Option<Interval>;

fn gap(draw: &mut Stream, [n, m]: [u64; 2], of: Pair) -> Option<bool> {
    let (p, q) = (between(draw, 0.05, 0.95), between(draw, 0.05, 0.95));
    covers(of((hits(draw, n, p), n), (hits(draw, m, q), m), LEVEL), p - q)
}

fn ratio(draw: &mut Stream, [n, m]: [u64; 2], of: Pair) -> Option<bool> {
    let (p, q) = (between(draw, 0.1, 0.9), between(draw, 0.1, 0.9));
    covers(of((hits(draw, n, p), n), (hits(draw, m, q), m), LEVEL), p / q)
}

/// Normal scores whose AUC is Φ(shift / √2).
fn scores(draw: &mut Stream, n: usize, shift: f64) -> Vec<f64> {
    (0..n).map(|_| draw.normal() + shift).collect()
}

/// Shift and AUC of two binormal classes.
const EASY: (f64, f64) = (0.953_872_552_417_365_5, 0.75);
const SHARP: (f64, f64) = (1.812_387_604_873_647, 0.9);

fn area(draw: &mut Stream, [n, m]: [usize; 2], (shift, auc): (f64, f64)) -> Option<bool> {
    let (positive, negative) = (scores(draw, n, shift), scores(draw, m, 0.0));
    covers(delong(&positive, &negative, LEVEL).ok()?.1, auc)
}

/// The average precision of `n` rows with normal scores, each positive with the given chance.
fn precision(draw: &mut Stream, n: usize, [share, shift, truth]: [f64; 3]) -> Option<bool> {
    let mut rows: Vec<(f64, bool)> = (0..n)
        .map(|_| {
            let positive = draw.flip(share);
            (draw.normal() + if positive { shift } else { 0.0 }, positive)
        })
        .collect();
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let counts: Vec<[u64; 2]> =
        rows.iter().map(|(_, positive)| [u64::from(!positive), u64::from(*positive)]).collect();
    covers(average_precision(&counts, LEVEL)?.1, truth)
}

/// Share of positives, their shift, and the average precision of such scores by numerical integration.
const HALF: [f64; 3] = [0.5, 1.0, 0.752_995_996_864_829_4];
const FIFTH: [f64; 3] = [0.2, 2.0, 0.786_469_220_356_620_8];
const TWENTIETH: [f64; 3] = [0.05, 1.0, 0.173_314_799_543_087_18];

fn matthews(c: &Confusion) -> Value {
    let [tp, fp, tn, fn_] = [c.tp, c.fp, c.tn, c.fn_].map(to_f64);
    let margins = (tp + fp) * (tp + fn_) * (tn + fp) * (tn + fn_);
    if margins > 0.0 { Ok((tp * tn - fp * fn_) / margins.sqrt()) } else { Err(Undefined::Empty) }
}

/// `n` rows over tp, fp, tn, fn.
fn cells(draw: &mut Stream, n: u64, chances: [f64; 4]) -> Vec<u64> {
    let mut counts = vec![0; 4];
    for _ in 0..n {
        let (mut left, mut at) = (draw.uniform(), 0);
        while at < 3 && left >= chances[at] {
            left -= chances[at];
            at += 1;
        }
        counts[at] += 1;
    }
    counts
}

fn of_cells(counts: &[u64]) -> Confusion {
    Confusion { tp: counts[0], fp: counts[1], tn: counts[2], fn_: counts[3] }
}

const PLAIN: [f64; 4] = [0.4, 0.1, 0.4, 0.1];
const RARE: [f64; 4] = [0.1, 0.1, 0.75, 0.05];

fn bootstrapped(draw: &mut Stream, n: u64, [tp, fp, tn, fn_]: [f64; 4]) -> Option<bool> {
    let margins = (tp + fp) * (tp + fn_) * (tn + fp) * (tn + fn_);
    let truth = (tp * tn - fp * fn_) / margins.sqrt();
    let counts = cells(draw, n, [tp, fp, tn, fn_]);
    let value = matthews(&of_cells(&counts)).ok()?;
    let cube = Cube::new(vec![counts]);
    let of = |cells: &[Vec<u64>]| matthews(&of_cells(&cells[0]));
    let draws = cube.draws(1000, Seed::new(draw.bits()), of);
    covers(draws.bca(value, cube.acceleration(of), LEVEL), truth)
}

/// A frame of actual positives and negatives by group, `(n, TPR, FPR)` each.
fn frame(draw: &mut Stream, groups: &[(usize, f64, f64)]) -> Frame {
    let (mut names, mut y_true, mut y_pred) = (Vec::new(), Vec::new(), Vec::new());
    for (at, (n, tpr, fpr)) in groups.iter().enumerate() {
        for row in 0..2 * n {
            names.push(Some(at.to_string()));
            y_true.push(row % 2 == 0);
            y_pred.push(draw.flip(if row % 2 == 0 { *tpr } else { *fpr }));
        }
    }
    let groups = vec![Groups::encode("g", &names)];
    Frame { split: Split::Test, y_true, y_pred, score: None, weight: None, groups }
}

/// The interval that the audit reports of a comparison.
fn audited(
    draw: &mut Stream,
    groups: &[(usize, f64, f64)],
    check: &str,
    truth: f64,
) -> Option<bool> {
    let options =
        Options { metrics: Selection::Named(vec![check.to_owned()]), ..Options::default() };
    let found = audit(&frame(draw, groups), &options).remove(0);
    assert_eq!(found.check, check);
    covers(found.interval, truth)
}

/// The reported gap of the areas of two groups with `n` rows of either class each.
fn area_gap(draw: &mut Stream, n: usize) -> Option<bool> {
    let mut made = frame(draw, &[(n, 0.5, 0.5), (n, 0.5, 0.5)]);
    let shift = |row: usize| if row < 2 * n { SHARP.0 } else { EASY.0 };
    let score =
        |(row, positive): (usize, &bool)| draw.normal() + if *positive { shift(row) } else { 0.0 };
    made.score = Some(made.y_true.iter().enumerate().map(score).collect());
    let metrics = Selection::Named(vec!["roc_auc_difference".to_owned()]);
    let found = audit(&made, &Options { metrics, ..Options::default() }).remove(0);
    covers(found.interval, SHARP.1 - EASY.1)
}

const EQUAL: [(usize, f64, f64); 6] = [
    (40, 0.7, 0.3),
    (40, 0.7, 0.3),
    (40, 0.7, 0.3),
    (40, 0.7, 0.3),
    (40, 0.7, 0.3),
    (40, 0.7, 0.3),
];
const UNEQUAL: [(usize, f64, f64); 5] =
    [(300, 0.7, 0.3), (150, 0.6, 0.3), (60, 0.8, 0.4), (20, 0.75, 0.2), (10, 0.7, 0.3)];

/// F1 of a group from its cells.
fn f1(draw: &mut Stream, n: u64, [tp, fp, tn, fn_]: [f64; 4]) -> Option<bool> {
    let counts = of_cells(&cells(draw, n, [tp, fp, tn, fn_]));
    let rows = [(true, true, counts.tp), (false, true, counts.fp), (false, false, counts.tn)];
    let (mut y_true, mut y_pred) = (Vec::new(), Vec::new());
    for (truth, decision, count) in rows.into_iter().chain([(true, false, counts.fn_)]) {
        for _ in 0..count {
            y_true.push(truth);
            y_pred.push(decision);
        }
    }
    let frame =
        Frame { split: Split::Test, y_true, y_pred, score: None, weight: None, groups: Vec::new() };
    let options =
        Options { metrics: Selection::Named(vec!["f1".to_owned()]), ..Options::default() };
    let found = audit(&frame, &options).remove(0);
    covers(found.interval, 2.0 * tp / (2.0 * tp + fp + fn_))
}

/// Of twenty groups of `n` rows with shares from Beta(6, 14), the one drawn by lot.
fn pooled(draw: &mut Stream, n: u64) -> Option<bool> {
    let mut groups = Vec::new();
    for _ in 0..20 {
        let mut uniform: Vec<f64> = (0..19).map(|_| draw.uniform()).collect();
        uniform.sort_unstable_by(f64::total_cmp);
        groups.push((uniform[5], (hits(draw, n, uniform[5]), n)));
    }
    let prior = Prior::fit(&groups.iter().map(|(_, counts)| *counts).collect::<Vec<_>>())?;
    let (truth, counts) = groups[draw.below(20)];
    covers(Some(prior.shrink(counts, LEVEL).1), truth)
}

macro_rules! settings {
    ($(($method:literal, $setting:literal, $claim:ident, $trial:expr)),+ $(,)?) => {
        [$(Setting { method: $method, rows: $setting, claim: Claim::$claim, trial: $trial }),+]
    };
}

mod paired;

static SETTINGS: &[Setting] = &settings![
    ("wilson", "10 rows", Holds, |d| share(d, 10, wilson)),
    ("wilson", "30 rows", Holds, |d| share(d, 30, wilson)),
    ("wilson", "300 rows", Holds, |d| share(d, 300, wilson)),
    ("wilson", "5 rows", Nothing, |d| share(d, 5, wilson)),
    ("wilson", "10 rows, a share of 0.02", Nothing, |d| covers(
        wilson(hits(d, 10, 0.02), 10, LEVEL),
        0.02
    )),
    ("clopper_pearson", "5 rows", AtLeast, |d| share(d, 5, clopper_pearson)),
    ("clopper_pearson", "30 rows", AtLeast, |d| share(d, 30, clopper_pearson)),
    ("clopper_pearson", "300 rows", AtLeast, |d| share(d, 300, clopper_pearson)),
    ("newcombe", "10 and 10 rows", Holds, |d| gap(d, [10, 10], newcombe)),
    ("newcombe", "10 and 300 rows", Holds, |d| gap(d, [10, 300], newcombe)),
    ("newcombe", "300 and 300 rows", Holds, |d| gap(d, [300, 300], newcombe)),
    ("koopman", "20 and 20 rows", Holds, |d| ratio(d, [20, 20], koopman)),
    ("koopman", "20 and 300 rows", Holds, |d| ratio(d, [20, 300], koopman)),
    ("koopman", "300 and 300 rows", Holds, |d| ratio(d, [300, 300], koopman)),
    ("katz_log", "20 and 20 rows", Nothing, |d| ratio(d, [20, 20], katz_log)),
    ("wilson of F1", "40 rows", Holds, |d| f1(d, 40, PLAIN)),
    ("wilson of F1", "100 rows, rare positives", Holds, |d| f1(d, 100, RARE)),
    ("delong", "10 and 10 rows, area 0.9", AtLeast, |d| area(d, [10, 10], SHARP)),
    ("delong", "30 and 30 rows, area 0.75", Holds, |d| area(d, [30, 30], EASY)),
    ("delong", "30 and 100 rows, area 0.9", Holds, |d| area(d, [30, 100], SHARP)),
    ("delong", "100 and 100 rows, area 0.9", Holds, |d| area(d, [100, 100], SHARP)),
    ("mover of areas", "two groups of 30 and 30 rows", AtLeast, |d| area_gap(d, 30)),
    ("mover of areas", "two groups of 100 and 100 rows", Holds, |d| area_gap(d, 100)),
    ("bootstrap_bca", "Matthews correlation, 100 rows", Holds, |d| bootstrapped(d, 100, PLAIN)),
    ("bootstrap_bca", "Matthews correlation, 300 rows", Holds, |d| bootstrapped(d, 300, PLAIN)),
    ("bootstrap_bca", "Matthews correlation, 300 rows, rare positives", Holds, |d| bootstrapped(
        d, 300, RARE
    )),
    ("bootstrap_bca", "Matthews correlation, 20 rows, rare positives", Nothing, |d| bootstrapped(
        d, 20, RARE
    )),
    ("jackknife", "average precision, 100 rows, 50 of them positive", Holds, |d| precision(
        d, 100, HALF
    )),
    ("jackknife", "average precision, 300 rows, 60 of them positive", Holds, |d| precision(
        d, 300, FIFTH
    )),
    ("jackknife", "average precision, 2,000 rows, 100 of them positive", Holds, |d| precision(
        d, 2000, TWENTIETH
    )),
    ("jackknife", "average precision, 1,000 rows, 50 of them positive", Nothing, |d| precision(
        d, 1000, TWENTIETH
    )),
    ("jackknife", "average precision, 40 rows, 20 of them positive", Nothing, |d| precision(
        d, 40, HALF
    )),
    ("worst difference", "six groups of 40, no gap", AtLeast, |d| audited(
        d,
        &EQUAL,
        "true_positive_rate_difference",
        0.0
    )),
    ("worst difference", "five groups of 10 to 300", AtLeast, |d| audited(
        d,
        &UNEQUAL,
        "true_positive_rate_difference",
        0.2
    )),
    ("worst difference", "two rates, five groups of 10 to 300", AtLeast, |d| audited(
        d,
        &UNEQUAL,
        "equalized_odds_difference",
        0.2
    )),
    ("worst ratio", "six groups of 40, no gap", AtLeast, |d| audited(
        d,
        &EQUAL,
        "true_positive_rate_ratio",
        1.0
    )),
    ("worst ratio", "five groups of 10 to 300", AtLeast, |d| audited(
        d,
        &UNEQUAL,
        "true_positive_rate_ratio",
        0.75
    )),
    ("beta_binomial", "twenty groups of 10, on average", Holds, |d| pooled(d, 10)),
    ("beta_binomial", "twenty groups of 50, on average", Holds, |d| pooled(d, 50)),
];

/// The settings with less coverage than they claim, or more, as far as so many draws can tell.
fn broken(settings: &[Setting], draws: u32, slack: f64) -> Vec<String> {
    let mut broken = Vec::new();
    for setting in settings.iter().filter(|s| s.claim != Claim::Nothing) {
        let Measured { coverage, .. } = measure(setting, draws);
        let kept = match setting.claim {
            Claim::Holds => (0.94 - slack..=0.965 + slack).contains(&coverage),
            _ => coverage >= 0.943 - slack,
        };
        if !kept {
            broken.push(format!("{}, {}: {coverage}", setting.method, setting.rows));
        }
    }
    broken
}

#[test]
fn every_interval_covers_what_it_claims() {
    let broken = [SETTINGS, paired::SETTINGS].map(|settings| broken(settings, DRAWS, 0.0)).concat();
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
fn no_slow_interval_is_grossly_off() {
    // The standard error of a coverage of 0.95 in 100 draws is 0.022.
    let broken = broken(paired::SLOW, 100, 0.066);
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
#[ignore = "takes two minutes"]
fn every_slow_interval_covers_what_it_claims() {
    let broken = broken(paired::SLOW, DRAWS, 0.0);
    assert!(broken.is_empty(), "{broken:#?}");
}

#[test]
#[ignore = "prints the table of docs/statistics.md"]
fn coverage_table() {
    println!("| method | setting | claim | covered | without interval |");
    println!("|---|---|---|---|---|");
    for setting in [SETTINGS, paired::SETTINGS, paired::SLOW].concat() {
        let Measured { coverage, without } = measure(&setting, DRAWS);
        let claim = match setting.claim {
            Claim::Holds => "94 to 96.5 %",
            Claim::AtLeast => "at least 95 %",
            Claim::Nothing => "none",
        };
        let covered = 100.0 * coverage;
        println!(
            "| {} | {} | {claim} | {covered:.1} % | {without} |",
            setting.method, setting.rows
        );
    }
}
