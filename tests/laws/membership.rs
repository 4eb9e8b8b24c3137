//! What must hold of every membership attack: it finds nothing where there is nothing, and finds what
//! is planted.

use audit::domain::{Finding, Logits, Members, Seed};
use audit::privacy::membership::{self, Options, Outputs, References, Rows, Scene};

fn options(attacks: &[&str]) -> Options {
    Options { attacks: attacks.iter().map(|a| (*a).to_owned()).collect(), confidence: 0.95 }
}

fn finding<'a>(findings: &'a [Finding], check: &str, attack: &str) -> &'a Finding {
    let wanted = |f: &&Finding| f.check == check && f.subject.attack.as_deref() == Some(attack);
    findings.iter().find(wanted).unwrap()
}

/// Logits of two classes for rows of unequal difficulty, `(n, 2)`, all of class 0; rows that `saw`
/// marks have theirs moved by `shift`.
fn logits(difficulty: &[f64], saw: &[bool], shift: f64, seed: Seed) -> Logits {
    let mut draw = seed.stream();
    let row = |(i, d): (usize, &f64)| {
        let moved = if saw.get(i) == Some(&true) { shift } else { 0.0 };
        [d + moved + 0.5 * draw.normal(), 0.0]
    };
    Logits::new(difficulty.iter().enumerate().flat_map(row).collect(), 2).unwrap()
}

/// `pool` rows, a population of 100 and eight references, each trained on one half of the pool; four
/// have seen each row.
fn scene(pool: usize, shift: f64, seed: u64) -> Scene {
    let (root, rows) = (Seed::new(seed), pool + 100);
    let mut draw = root.child("rows").stream();
    let difficulty: Vec<f64> = (0..rows).map(|_| 2.0 * draw.normal()).collect();
    let mut half = || {
        let mut saw: Vec<bool> = (0..pool).map(|i| i < pool / 2).collect();
        draw.shuffle(&mut saw);
        saw
    };
    let member = half();
    let target = logits(&difficulty, &member, shift, root.child("target"));
    let mut references = References::new(8, pool, rows);
    for pair in 0..4 {
        let saw = half();
        for (model, inside) in [(2 * pair, true), (2 * pair + 1, false)] {
            let saw: Vec<bool> = saw.iter().map(|s| *s == inside).collect();
            let said = logits(&difficulty, &saw, shift, root.child(&format!("{model}")));
            (0..rows).for_each(|row| references.set(model, row, (said.row(row), 0)));
            (0..pool).filter(|row| saw[*row]).for_each(|row| references.mark(model, row));
        }
    }
    let part = |from: usize, to: usize| {
        let logits = target.select(&(from..to).collect::<Vec<_>>());
        Rows::new(&Outputs { logits: &logits, labels: &vec![0; to - from] }).unwrap()
    };
    let population = Some(part(pool, rows));
    Scene { pool: part(0, pool), member, population, references: Some(references) }
}

fn all() -> Vec<&'static str> {
    membership::attacks().iter().map(|attack| attack.meta().name).collect()
}

#[test]
fn without_a_signal_the_intervals_cover_chance() {
    let runs = 60;
    let mut covered = vec![(0, 0); all().len()];
    for seed in 0..runs {
        let scene = scene(200, 0.0, seed);
        let findings = membership::audit_scene(&scene, &options(&all()), Seed::new(seed)).unwrap();
        for (count, attack) in covered.iter_mut().zip(all()) {
            let auc = finding(&findings, "membership_auc", attack);
            let interval = auc.interval.as_ref();
            count.0 += i32::from(interval.is_none_or(|i| i.low <= 0.5 && 0.5 <= i.high));
            let advantage = finding(&findings, "membership_advantage", attack);
            count.1 += i32::from(advantage.interval.as_ref().unwrap().low <= 0.0);
        }
    }
    // Of 60 runs 57 are expected; fewer than 51 have a chance of 1 in 1,000.
    for (count, attack) in covered.iter().zip(all()) {
        assert!(count.0.min(count.1) >= 51, "{attack}: {count:?} of {runs}");
    }
}

#[test]
fn a_planted_signal_is_found_and_references_help() {
    let scene = scene(600, 2.0, 5);
    let findings = membership::audit_scene(&scene, &options(&[]), Seed::new(5)).unwrap();
    let auc = |attack: &str| finding(&findings, "membership_auc", attack).value.clone().unwrap();
    for attack in all() {
        // The largest probability and the entropy do not know the class, and both classes leak.
        let blind = ["entropy", "max_confidence"].contains(&attack);
        assert!(blind || auc(attack) > 0.6, "{attack} {}", auc(attack));
    }
    for attack in ["lira.online.nig", "rmia.online", "calibrated.out_mean", "quantile"] {
        assert!(auc(attack) > auc("loss") + 0.1, "{attack} {} {}", auc(attack), auc("loss"));
    }
    let again = membership::audit_scene(&scene, &options(&[]), Seed::new(5)).unwrap();
    assert_eq!(findings, again, "the same seed gives the same findings");
}

#[test]
fn an_attack_without_what_it_needs_is_refused_by_name_and_a_finding_otherwise() {
    let whole = scene(40, 1.0, 1);
    let alone = Scene { references: None, population: None, ..whole.clone() };
    let refused = |scene: &Scene, attack: &str| {
        membership::audit_scene(scene, &options(&[attack]), Seed::new(1)).unwrap_err().to_string()
    };
    assert!(refused(&alone, "rmia.offline").contains("needs reference models"));
    assert!(refused(&alone, "population").contains("needs a population"));
    let mut few = References::new(2, 40, 140);
    (0..40).for_each(|row| few.mark(0, row));
    let few = Scene { references: Some(few), ..whole };
    let message = refused(&few, "lira.online.per_example_variance");
    let expected = "needs 2 reference model(s) that were trained on each row, but row 0 has 1";
    assert!(message.contains(expected), "{message}");
    let mut all = References::new(1, 40, 140);
    (0..40).for_each(|row| all.mark(0, row));
    let all = Scene { references: Some(all), ..alone.clone() };
    let expected = "needs 1 reference model(s) that were not trained on each row, but row 0 has 0";
    assert!(refused(&all, "calibrated.out_mean").contains(expected));
    let findings = membership::audit_scene(&alone, &options(&[]), Seed::new(1)).unwrap();
    let absent = finding(&findings, "membership_auc", "rmia.online").value.clone().unwrap_err();
    assert_eq!(absent.to_string(), "not run, because there are no reference models");
}

#[test]
fn saturated_outputs_still_rank() {
    // Every probability is 0 or 1 in f64; members are more certain by a little.
    let rows = |z: f64| {
        let values = (0..50).flat_map(|i| [z + f64::from(i) / 100.0, -200.0, -200.0]).collect();
        Logits::new(values, 3).unwrap()
    };
    let (seen, unseen) = (rows(200.0), rows(199.0));
    let outputs = |logits| Outputs { logits, labels: &[0; 50] };
    let members = Members { seen: outputs(&seen), unseen: outputs(&unseen) };
    let findings = membership::audit(&members, &options(&[]), Seed::new(1)).unwrap();
    assert_eq!(finding(&findings, "membership_auc", "loss").value, Ok(1.0));
    // The modified entropy is of the order of (1 − p)², below the smallest number: all rows tie.
    assert_eq!(finding(&findings, "membership_auc", "modified_entropy").value, Ok(0.5));
}
