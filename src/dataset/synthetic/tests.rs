//! What the generator promises: known defects, nothing else, the same on every machine.

use super::*;
use crate::dataset::findings;
use crate::dataset::rows::row_number;
use crate::domain::to_f64;

fn source(n: usize, plants: &[Plant]) -> Source {
    let synthetic = SyntheticOptions { n, plants: plants.iter().copied().collect() };
    Source { synthetic, ..Source::default() }
}

fn made(n: usize, plants: &[Plant]) -> (Loaded, Planted) {
    generate(&source(n, plants), Seed::new(7)).unwrap()
}

fn share(part: usize, whole: usize) -> f64 {
    let count = |n: usize| to_f64(u64::try_from(n).unwrap());
    count(part) / count(whole)
}

/// Share of rows of `split` with `level` of `feature` that are recorded malignant.
fn base_rate(loaded: &Loaded, split: Split, feature: &str, level: &str) -> f64 {
    let cells = loaded.tables[0].column(feature).unwrap();
    let of: Vec<usize> = loaded.examples.rows(split);
    let rows: Vec<usize> = of.into_iter().filter(|&i| cells[i].as_deref() == Some(level)).collect();
    let hits = rows.iter().filter(|&&i| loaded.examples.y_true[i] == 1).count();
    share(hits, rows.len())
}

#[test]
fn clean_data_has_no_defect_and_the_shares_that_were_asked_for() {
    let (loaded, planted) = made(1200, &[]);
    assert_eq!(planted, Planted::default());
    let shares = Split::ALL.map(|s| loaded.examples.rows(s).len());
    assert!(shares.iter().zip([720, 120, 360]).all(|(got, want)| got.abs_diff(want) <= 30));
    let (overlap, duplicates) = (&findings(&loaded)[0], &findings(&loaded)[2]);
    assert_eq!((overlap.value.clone(), duplicates.value.clone()), (Ok(0.0), Ok(0.0)));
    for (feature, level) in [
        ("sex", "female"),
        ("sex", "male"),
        ("age_group", "<40"),
        ("age_group", "60+"),
        ("skin_tone", "dark"),
        ("skin_tone", "light"),
        ("site", "face"),
    ] {
        for split in [Split::Train, Split::Test] {
            let rate = base_rate(&loaded, split, feature, level);
            assert!((rate - 0.4).abs() < 0.12, "{feature}={level} {split:?} {rate}");
        }
    }
}

#[test]
fn bias_lies_in_the_past_of_dark_skin_and_nowhere_else() {
    let (loaded, planted) = made(1200, &[Plant::Bias]);
    assert!(base_rate(&loaded, Split::Train, "skin_tone", "dark") < 0.2);
    for (split, feature, level) in
        [(Split::Test, "skin_tone", "dark"), (Split::Train, "skin_tone", "light")]
    {
        assert!((base_rate(&loaded, split, feature, level) - 0.4).abs() < 0.12);
    }
    let gap = base_rate(&loaded, Split::Train, "sex", "female")
        - base_rate(&loaded, Split::Train, "sex", "male");
    assert!(gap.abs() < 0.08, "{gap}");
    assert!((50..80).contains(&planted.underdiagnosed.len()), "{}", planted.underdiagnosed.len());
}

#[test]
fn one_row_in_six_is_mislabelled_in_every_split() {
    let (loaded, planted) = made(1200, &[Plant::Overfit]);
    for split in Split::ALL {
        let rows = loaded.examples.rows(split);
        let wrong = rows.iter().filter(|&&i| planted.mislabelled.contains(&row_number(i))).count();
        let part = share(wrong, rows.len());
        assert!((0.15..=0.21).contains(&part), "{split:?} {part}");
    }
    assert!(planted.mislabelled.iter().all(|row| planted.textured.contains(row)));
}

#[test]
fn persons_are_where_the_ground_truth_says_and_nowhere_else() {
    let (clean, _) = made(300, &[]);
    let (loaded, planted) = made(300, &[Plant::PersonalData]);
    for (name, cells) in &loaded.tables[0].columns {
        let before = clean.tables[0].column(name).unwrap();
        for (i, (cell, coded)) in cells.iter().zip(before).enumerate() {
            let row = row_number(i);
            let told = planted.personal_cells.iter().any(|c| c.row == row && c.column == *name);
            assert_eq!(cell != coded, told, "{name} {row}: {cell:?}");
        }
    }
    let changed = loaded.names[0].1.iter().zip(&clean.names[0].1).filter(|(a, b)| a != b).count();
    assert_eq!((changed, planted.personal_names.len()), (6, 6));
    let kinds: BTreeSet<&str> = planted.personal_cells.iter().map(|c| c.label).collect();
    assert_eq!(kinds.len(), 5);
}

#[test]
fn breaches_are_counted_and_a_clean_log_keeps_the_rules() {
    let facts = usage_facts();
    let (clean, _) = made(60, &[]);
    let log = clean.usage_log.unwrap();
    let (loaded, planted) = made(60, &[Plant::Misuse]);
    for line in log.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        let text = |field: &str| record[field].as_str().unwrap().to_owned();
        assert!(
            facts.purposes.contains(&text("purpose")) && facts.domains.contains(&text("domain"))
        );
        assert!(!facts.prohibited_uses.contains(&text("use")));
        assert!(text("ts")[..10] <= *facts.approvals[&text("approval_id")]);
        assert!(facts.required_fields.iter().all(|f| record.get(f).is_some()));
        let sure = record["output"]["confidence"].as_f64().unwrap() >= facts.review_below;
        let adverse = record["output"]["decision"] == "adverse";
        assert!(record["review"]["done"] == true || (sure && !adverse), "{line}");
    }
    let planted_log = loaded.usage_log.unwrap();
    let plain = |line: &str| {
        let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
        let chain = record.as_object_mut().unwrap();
        chain.remove("hash");
        chain.remove("prev_hash");
        record
    };
    let pairs = planted_log.lines().zip(log.lines());
    let broken = pairs.filter(|(a, b)| plain(a) != plain(b)).count();
    assert_eq!(u64::try_from(broken).unwrap(), planted.breaches.values().sum::<u64>());
}

#[test]
fn the_log_is_a_chain() {
    let (loaded, _) = made(60, &[Plant::Misuse]);
    let mut before = "0".repeat(64);
    for line in loaded.usage_log.unwrap().lines() {
        let mut record: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(record["prev_hash"], before.as_str());
        before = record.as_object_mut().unwrap().remove("hash").unwrap().as_str().unwrap().into();
        assert_eq!(crate::domain::digest_hex(record.to_string().as_bytes()), before);
    }
}

#[test]
fn a_plant_moves_nothing_but_its_own_part() {
    let (clean, _) = made(120, &[]);
    let (others, _) = made(120, &[Plant::PersonalData, Plant::Misuse]);
    assert_eq!((clean.images, clean.examples.clone()), (others.images, others.examples));
    let (biased, _) = made(120, &[Plant::Bias]);
    assert_eq!(clean.examples.groups, biased.examples.groups);
    assert_eq!(clean.usage_log, biased.usage_log);
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| made(90, &Plant::ALL))
    };
    assert_eq!(on(1), on(4));
    let (other, _) = generate(&source(90, &Plant::ALL), Seed::new(8)).unwrap();
    assert_ne!(on(1).0.digest, other.digest);
}

#[test]
fn what_cannot_be_made_is_refused() {
    let error = generate(&source(19, &[]), Seed::new(1)).unwrap_err();
    assert!(matches!(error, DatasetError::Amount { n: 19, .. }));
    let mut s = source(60, &[]);
    s.groups = vec![vec!["skin_tone".to_owned(), "sxe".to_owned()]];
    assert!(matches!(generate(&s, Seed::new(1)), Err(DatasetError::NoColumn { .. })));
    s = source(60, &[]);
    s.split = SplitPlan::Drawn { train: 1.0, validation: 0.0, test: 0.0 };
    assert!(matches!(generate(&s, Seed::new(1)), Err(DatasetError::EmptySplit { .. })));
    assert!(Plant::ALL.iter().all(|p| Plant::parse(p.name()) == Some(*p)));
}
