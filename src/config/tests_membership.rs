//! Attacks, shadow models and canaries of the configuration.

use super::tests::{VALID, case, check};
use super::{Document, load_waivers};

const ATTACKS: &str = "attacks: [loss]";

fn membership(block: &str) -> (Vec<String>, Option<usize>) {
    let read = check(&VALID.replace(ATTACKS, block)).unwrap().privacy.membership;
    (read.attacks, read.shadow_models)
}

#[test]
fn short_names_stand_for_the_recommended_variant() {
    let full = ["loss", "lira.online.residual_variance", "rmia.online"].map(str::to_owned);
    let found = membership("attacks: [loss, lira, rmia], shadow_models: 8");
    assert_eq!(found, (full.to_vec(), Some(8)));
    let (attacks, _) = membership("shadow_models: 2");
    assert_eq!(attacks[2..], full[1..]);
    let rule = "at_most: 0}\n  - {check: membership_auc, attack: lira, at_most: 0.6}";
    let text = VALID.replace("at_most: 0}", rule);
    assert_eq!(check(&text).unwrap().gate[2].attack.as_ref(), Some(&full[1]));
    let waiver = "- {check: membership_auc, attack: rmia, because: a, until: 2999-01-01, owner: b}";
    let document = Document { path: "w.yaml".to_owned(), text: waiver.to_owned() };
    let waivers = load_waivers(&document, &super::tests::known()).unwrap();
    assert_eq!(waivers[0].attack.as_ref(), Some(&full[2]));
}

#[test]
fn an_attack_without_its_shadow_models_is_refused() {
    case("[loss]", "[loss, lira]", "CF005", "lira", "add `shadow_models: 8`");
    let two = "attacks: [lira.online.nig], shadow_models: 2";
    case(ATTACKS, two, "CF006", "lira.online.nig", "`shadow_models: 4` or more");
    let twice = "attacks: [lira, lira.online.residual_variance], shadow_models: 2";
    let again = "lira.online.residual_variance";
    let text = VALID.replace(ATTACKS, twice);
    // The full name is not among this test's names, which is a problem of its own.
    let problems = check(&text).unwrap_err();
    assert!(problems.iter().any(|p| p.code == "CF007" && p.label.contains(again)), "{problems:?}");
}

#[test]
fn a_number_of_shadow_models_that_cannot_be_trained_is_refused() {
    let with = |n: &str| format!("attacks: [lira], shadow_models: {n}");
    case(ATTACKS, &with("5"), "CF006", "5", "write 4 or 6");
    case(ATTACKS, &with("1"), "CF006", "1", "");
    case(ATTACKS, &with("many"), "CF004", "many", "");
    let unused = "attacks: [loss], shadow_models: 4";
    case(ATTACKS, unused, "CF016", "shadow_models", "add `lira` and `rmia`");
    let text = VALID.replace(ATTACKS, &with("4"));
    let load = "load: {format: safetensors, path: w}";
    let problems = check(&text.replace("train: {epochs: 3}", load)).unwrap_err();
    assert!(problems.iter().any(|p| p.code == "CF016" && p.label.contains("trained here")));
}

#[test]
fn canaries_are_resolved_with_their_defaults() {
    use super::{Canaries, CanaryKind};
    let of = |block: &str| {
        let block = format!("pii: {{}}, canaries: {block}");
        check(&VALID.replace("pii: {}", &block)).unwrap()
    };
    let plain = check(VALID).unwrap();
    assert_eq!(plain.privacy.canaries, None);
    assert!(!plain.canonical().contains("canaries"));
    let given = of("{count: 100}");
    let kind = CanaryKind::Mislabelled;
    assert_eq!(given.privacy.canaries, Some(Canaries { count: 100, kind, seed: None }));
    assert!(
        given.canonical().contains(r#""canaries":{"count":100,"kind":"mislabelled","seed":null}"#)
    );
    let all = of("{count: 20, kind: noise, seed: 0}").privacy.canaries;
    let kind = CanaryKind::Noise;
    assert_eq!(all, Some(Canaries { count: 20, kind, seed: Some(0) }));
}

#[test]
fn canaries_that_could_show_nothing_are_refused() {
    let with = |block: &str| format!("pii: {{}}, canaries: {block}");
    case("pii: {}", &with("{count: 0}"), "CF006", "0", "");
    case("pii: {}", &with("{kind: noise}"), "CF005", "kind", "");
    case("pii: {}", &with("{count: 50, kind: mislabeled}"), "CF003", "mislabeled", "mislabelled");
    case("pii: {}", &with("{count: 50, guesses: 9}"), "CF008", "guesses", "");
}

#[test]
fn label_only_attacks_have_a_budget_and_no_place_in_the_list() {
    let of = |block: &str| check(&VALID.replace(ATTACKS, block)).unwrap().privacy.membership;
    assert_eq!(of(ATTACKS).label_only, None);
    let plain = of("label_only: {}").label_only.unwrap();
    assert_eq!((plain.queries_per_example, plain.examples), (48, 500));
    let given = of("label_only: {queries_per_example: 9, examples: 20}").label_only.unwrap();
    assert_eq!((given.queries_per_example, given.examples), (9, 20));
    let name = "label_only.augmentation";
    case("[loss]", &format!("[loss, {name}]"), "CF016", name, "`label_only: {}` beside");
    case(ATTACKS, "label_only: {queries_per_example: 0}", "CF006", "0", "");
    let rule = format!("at_most: 0}}\n  - {{check: membership_auc, attack: {name}, at_most: 0.6}}");
    let text = VALID.replace("at_most: 0}", &rule);
    assert_eq!(check(&text).unwrap().gate[2].attack.as_deref(), Some(name));
}
