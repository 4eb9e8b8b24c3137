//! What other tools conclude about ε from the scores of one audit, and what follows by ours.

use super::dp::halved;
use audit::domain::{Members, Seed};
use audit::privacy::dp::one_run::{self, Guesses};
use audit::privacy::dp::rates::{self, Rates};
use audit::privacy::membership::Scene;
use audit::stats;
use serde_json::Value;

fn count(n: u64) -> f64 {
    f64::from(u32::try_from(n).unwrap())
}

fn size(n: usize) -> u64 {
    n.try_into().unwrap()
}

#[track_caller]
fn close(found: f64, expected: &Value, within: f64, what: &str) {
    let expected = expected.as_f64().unwrap();
    let slack = within * expected.abs().max(1.0);
    assert!((found - expected).abs() <= slack, "{what}: {found}, golden {expected}");
}

/// The names of the peer's five lower limits of `TPR / FPR`.
pub(super) const METHODS: [&str; 5] =
    ["katz-log", "adjusted-log", "bailey", "inv-sinh", "clopper-pearson"];

/// One of them, from hits among positives and negatives, as `tensorflow_privacy` has it; 0 where it says
/// nothing. The first four put a half or z² where there is a 0 or a whole.
pub(super) fn ratio(method: &str, (tp, fp): (u64, u64), (p, n): (u64, u64), alpha: f64) -> f64 {
    let quantile = stats::normal_quantile(alpha);
    if method == "clopper-pearson" {
        let low = stats::clopper_pearson(tp, p, 1.0 - alpha).unwrap().low;
        let high = stats::clopper_pearson(fp, n, 1.0 - alpha).unwrap().high;
        return if low <= 0.0 || high >= 1.0 { 0.0 } else { low / high };
    }
    let full = (tp, fp) == (p, n);
    let unless = |all: bool, hits: u64, of: u64| if all { count(of) - 0.5 } else { count(hits) };
    let (t, f) = (unless(full, tp, p), unless(full, fp, n));
    let (p_f, n_f) = (count(p), count(n));
    let rest = |t: f64, f: f64| (1.0 - t / p_f) / t + (1.0 - f / n_f) / f;
    if tp == 0 && (method != "adjusted-log" || fp == 0) {
        return 0.0;
    }
    let half = |f: f64| if f > 0.0 { f } else { 0.5 };
    match method {
        "katz-log" => t / p_f / (half(f) / n_f) * (quantile * rest(t, half(f)).sqrt()).exp(),
        "adjusted-log" => {
            let spread = 1.0 / (t + 0.5) - 1.0 / (p_f + 0.5) + 1.0 / (f + 0.5) - 1.0 / (n_f + 0.5);
            (t + 0.5) / (p_f + 0.5) / ((f + 0.5) / (n_f + 0.5)) * (quantile * spread.sqrt()).exp()
        }
        "bailey" => {
            let (t, f) = (unless(tp == p, tp, p), half(unless(fp == n, fp, n)));
            let (miss, right) = (1.0 - t / p_f, 1.0 - f / n_f);
            let inner = rest(t, f) - quantile * quantile * miss * right / (9.0 * t * f);
            let root = (1.0 + quantile / 3.0 * inner.sqrt())
                / (1.0 - quantile * quantile * right / (9.0 * f));
            t / p_f / (f / n_f) * root.powi(3)
        }
        "inv-sinh" => {
            let f = if f > 0.0 { f } else { quantile * quantile };
            let spread = 1.0 / t - 1.0 / p_f + 1.0 / f - 1.0 / n_f;
            t / f / (p_f / n_f) * (2.0 * (quantile / 2.0 * spread.sqrt()).asinh()).exp()
        }
        _ => panic!("unknown golden {method}"),
    }
}

/// The peer's largest bounds on ε: over all thresholds and four ways to read them, without a
/// correction for that.
pub(super) fn largest(method: &str, seen: &[f64], unseen: &[f64], k: usize) -> Vec<f64> {
    let (p, n) = (size(seen.len()), size(unseen.len()));
    let mut all: Vec<(f64, bool)> = seen.iter().map(|s| (*s, true)).collect();
    all.extend(unseen.iter().map(|s| (*s, false)));
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (mut tp, mut fp, mut bounds) = (0, 0, Vec::new());
    for (i, (score, member)) in all.iter().enumerate() {
        if *member {
            tp += 1;
        } else {
            fp += 1;
        }
        if all.get(i + 1).is_some_and(|next| next.0.total_cmp(score).is_eq()) {
            continue;
        }
        bounds.extend([
            ratio(method, (tp, fp), (p, n), 0.05),
            ratio(method, (n - fp, p - tp), (n, p), 0.05),
            ratio(method, (fp, tp), (n, p), 0.05),
            ratio(method, (p - tp, n - fp), (p, n), 0.05),
        ]);
    }
    let mut bounds: Vec<f64> = bounds.into_iter().filter(|b| *b > 0.0).map(f64::ln).collect();
    bounds.sort_by(|a, b| b.total_cmp(a));
    bounds.truncate(k);
    bounds
}

/// Bounds in descending order.
pub(super) fn same(found: &[f64], golden: &Value, what: &str) {
    let golden = golden.as_array().unwrap();
    assert_eq!(found.len(), golden.len(), "{what}");
    found.iter().zip(golden).for_each(|(found, golden)| close(*found, golden, 1e-9, what));
}

/// The largest bounds of each method on the loss.
pub(super) fn all_thresholds(parts: &Members<Vec<f64>>, golden: &Value) {
    let golden = golden.as_object().unwrap();
    assert_eq!(golden.len(), METHODS.len());
    for (method, golden) in golden {
        same(&largest(method, &parts.seen, &parts.unseen, 3), golden, method);
    }
}

/// True and false alarms among the top scores, and the bounds on ε and μ that follow.
pub(super) fn accused(scene: &Scene, scores: &[f64], top: usize, golden: &Value, what: &str) {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let tp = order[..top].iter().filter(|i| scene.member[**i]).count();
    let (tp, fp) = (size(tp), size(top - tp));
    let found = Rates { tp, members: 2000, fp, non_members: 2000 };
    let epsilon = |delta| rates::epsilon_lower_bound(found, delta, 0.95).unwrap();
    for (measure, expected) in golden.as_object().unwrap() {
        let what = format!("{what} {measure}");
        // The peer's bounds may lie below 0, where they say nothing; ours stop there.
        let floored = serde_json::json!(expected.as_f64().unwrap().max(0.0));
        match measure.as_str() {
            "tp" => assert_eq!(expected.as_u64(), Some(tp), "{what}"),
            "fp" => assert_eq!(expected.as_u64(), Some(fp), "{what}"),
            "tpr_cp_low" => {
                close(stats::clopper_pearson(tp, 2000, 0.95).unwrap().low, expected, 1e-9, &what);
            }
            "fpr_cp_high" => {
                close(stats::clopper_pearson(fp, 2000, 0.95).unwrap().high, expected, 1e-9, &what);
            }
            "eps_cp_delta0" => close(epsilon(0.0), &floored, 1e-6, &what),
            "eps_cp_delta1e_5" => close(epsilon(1e-5), &floored, 1e-6, &what),
            "mu_gdp" => {
                close(rates::mu_lower_bound(found, 0.95).unwrap(), &floored, 1e-6, &what);
            }
            _ => panic!("unknown golden {what}"),
        }
    }
}

/// Right guesses among the highest and lowest scores, and the bound that follows from one run.
pub(super) fn one_run(parts: &Members<Vec<f64>>, golden: &Value) {
    for (key, golden) in golden.as_object().unwrap() {
        let each: usize = key.rsplit('_').next().unwrap().parse().unwrap();
        assert_eq!(*key, format!("k_plus_{each}_k_minus_{each}"));
        let found = one_run::guess(parts, each, Seed::new(7));
        let Guesses { records, made, right } = found;
        for (measure, expected) in golden.as_object().unwrap() {
            // The reference halves down to 1e-5 and keeps the lower end.
            let bound = |delta| halved(|e| one_run::p_value(found, e, delta) < 0.05);
            match measure.as_str() {
                "m" => assert_eq!(expected.as_u64(), Some(records), "{key}"),
                "r" => assert_eq!(expected.as_u64(), Some(made), "{key}"),
                "v" => assert_eq!(expected.as_u64(), Some(right), "{key}"),
                "eps_lb_delta0" => close(bound(0.0), expected, 1e-9, key),
                "eps_lb_delta1e_5" => close(bound(1e-5), expected, 1e-9, key),
                _ => panic!("unknown golden {key} {measure}"),
            }
        }
    }
}
