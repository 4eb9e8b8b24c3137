//! One test per kind of problem: code, text under the caret, help.

use super::*;

fn names(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_owned).collect()
}

pub(super) fn known() -> Known {
    Known {
        checks: names(
            "accuracy selection_rate demographic_parity_difference demographic_parity_ratio \
             membership_auc membership_group_auc pii_direct_identifiers usage_violations",
        ),
        metrics: names(
            "accuracy selection_rate demographic_parity_difference demographic_parity_ratio",
        ),
        ranges: [("accuracy", 1.0), ("demographic_parity_ratio", 1.0)]
            .into_iter()
            .chain([("pii_direct_identifiers", f64::INFINITY)])
            .chain([("demographic_parity_difference", 1.0)])
            .map(|(name, most)| (name.to_owned(), [0.0, most]))
            .collect(),
        attacks: names("loss modified_entropy lira rmia lira.online.nig label_only.augmentation"),
        shadowed: [("lira", 2), ("rmia", 2), ("lira.online.nig", 4)]
            .map(|(name, models)| (name.to_owned(), models))
            .into(),
        shorthands: [("lira", "lira.online.residual_variance"), ("rmia", "rmia.online")]
            .map(|(short, full)| (short.to_owned(), full.to_owned()))
            .into(),
        architectures: names("seed-cnn"),
        formats: names("synthetic image-folder idx npz cifar predictions"),
        renderers: names("html json"),
    }
}

pub(super) const VALID: &str = "\
version: 1
name: Test audit
dataset:
  format: synthetic
  groups: [sex, age_group, sex*age_group]
model:
  train: {epochs: 3}
fairness: {reference: {sex: male}}
privacy: {membership: {attacks: [loss]}, pii: {}}
misuse: {approvals: {A-1: 2027-01-31}}
gate:
  - {check: demographic_parity_ratio, by: age_group*sex, at_least: 0.8}
  - {check: pii_direct_identifiers, at_most: 0}
";

/// Everything exists except what is called "gone".
pub(super) fn check(text: &str) -> Result<Config, Vec<Problem>> {
    set(text, &[])
}

fn set(text: &str, overrides: &[(&str, &str)]) -> Result<Config, Vec<Problem>> {
    let document = Document { path: "audits/test.yaml".to_owned(), text: text.to_owned() };
    let pairs = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    let overrides: Vec<_> = overrides.iter().map(pairs).collect();
    load(&document, &overrides, &known(), &|path| !path.to_string_lossy().contains("gone"))
}

/// The only problem of [`VALID`] with `from` replaced by `to`: code, text under the caret, help.
#[track_caller]
fn only(from: &str, to: &str) -> (&'static str, String, String) {
    assert!(VALID.contains(from), "the valid file holds `{from}`");
    let text = VALID.replace(from, to);
    let problems = check(&text).expect_err("a problem");
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let span = problems[0].span.clone().expect("a place in the file");
    (problems[0].code, text[span].to_owned(), problems[0].help.clone().unwrap_or_default())
}

#[track_caller]
pub(super) fn case(from: &str, to: &str, code: &str, under: &str, help: &str) {
    let (found, text, way_out) = only(from, to);
    assert_eq!((found, text.as_str()), (code, under));
    assert!(way_out.contains(help), "{way_out}");
}

#[test]
fn a_valid_file_is_resolved_with_its_defaults() {
    let config = check(VALID).unwrap();
    assert_eq!((config.slug.as_str(), config.seed), ("test-audit", 0));
    assert_eq!(config.dataset.groups[2], ["sex", "age_group"]);
    assert!(matches!(&config.model, Model::Train(t) if t.epochs == 3 && t.batch_size == 32));
    assert_eq!(config.fairness.min_group_size, 30);
    assert_eq!(config.report.formats, ["html", "json"]);
    let by = crate::domain::By::Features(names("sex age_group"));
    assert_eq!((&config.gate[0].by, config.gate[0].line), (&by, 12));
    assert_eq!(config.misuse.unwrap().facts.approvals["A-1"], "2027-01-31");
}

#[test]
fn without_a_log_misuse_does_not_run_and_all_attacks_do() {
    let text = "version: 1\nname: A\ndataset: {format: synthetic}\nmodel: {train: }\n";
    let config = check(text).unwrap();
    assert_eq!((config.privacy.membership.attacks.len(), config.misuse), (0, None));
    assert!(config.gate.is_empty());
}

#[test]
fn metrics_control_and_threshold_are_read() {
    use super::Metrics;
    let fairness = |keys: &str| {
        check(&VALID.replace("fairness: {", &format!("fairness: {{{keys}, "))).map(|c| c.fairness)
    };
    assert_eq!(fairness("metrics: default").unwrap().metrics, Metrics::Default);
    assert_eq!(fairness("metrics: all").unwrap().metrics, Metrics::All);
    let named = Metrics::Named(vec!["accuracy".to_owned()]);
    assert_eq!(fairness("metrics: [accuracy]").unwrap().metrics, named);
    let read = fairness("control: [sex], threshold: 0.3").unwrap();
    assert_eq!((read.control, read.threshold), (vec!["sex".to_owned()], Some(0.3)));
    case("fairness: {", "fairness: {control: [height], ", "CF012", "height", "");
    case("fairness: {", "fairness: {threshold: 2, ", "CF006", "2", "");
}

#[test]
fn the_harm_follows_the_domain_unless_declared() {
    use crate::domain::HarmKind;
    let harm = |system: &str| {
        check(&VALID.replace("model:", &format!("system: {system}\nmodel:"))).unwrap().system.harm
    };
    assert_eq!(harm("{domain: medical-imaging}").kind, HarmKind::Safety);
    assert!(!harm("{domain: medical-imaging}").reversible);
    assert_eq!(harm("{domain: credit-scoring, harm: {kind: rights}}").kind, HarmKind::Rights);
}

#[test]
fn a_key_that_does_not_exist() {
    case("epochs: 3", "epoch: 3", "CF002", "epoch", "did you mean `epochs`?");
    case("name: Test audit", "name: A\nzebra: 1", "CF002", "zebra", "one of `version`, `name`");
}

#[test]
fn a_name_that_does_not_exist() {
    let near = "demographic_parity_raito";
    case("demographic_parity_ratio", near, "CF003", near, "`demographic_parity_ratio`?");
    case("[loss]", "[los]", "CF003", "los", "did you mean `loss`?");
    case("{epochs: 3}", "{device: tpu}", "CF003", "tpu", "did you mean `cpu`?");
    case("fairness: {", "fairness: {metrics: [acuracy], ", "CF003", "acuracy", "`accuracy`?");
    case("at_least: 0.8", "at_least: 0.8, judge: mean", "CF003", "mean", "`interval`");
}

#[test]
fn a_value_of_another_type() {
    case("epochs: 3", "epochs: ten", "CF004", "ten", "");
    case("epochs: 3", "epochs: \"10\"", "CF004", "\"10\"", "remove the quotes");
    case("epochs: 3", "epochs: 2.5", "CF004", "2.5", "");
    case("name: Test audit", "name: 7", "CF004", "7", "quotes");
    case("[loss]", "loss", "CF004", "loss", "write `attacks: [loss]`");
    case("sex: male", "sex: ", "CF004", "sex", "");
}

#[test]
fn a_key_that_is_missing() {
    case("version: 1\n", "", "CF005", "name", "begin the file with `version: 1`");
    case("  format: synthetic\n", "", "CF005", "groups", "add `format:`");
    case("model:\n  train: {epochs: 3}\n", "", "CF005", "dataset", "add `model:");
    case("by: age_group*sex, ", "", "CF005", "demographic_parity_ratio", "add `by:`");
    let table = "predictions\n  path: p.csv";
    let text = VALID.replace("synthetic", table).replace("model:\n  train: {epochs: 3}\n", "");
    let problems = check(&text).unwrap_err();
    assert_eq!((problems.len(), problems[0].code), (1, "CF005"), "{problems:?}");
    assert!(problems[0].label.contains("misuse.log"));
}

#[test]
fn a_value_out_of_range() {
    case("epochs: 3", "epochs: 0", "CF006", "0", "");
    case("epochs: 3", "epochs: -3", "CF006", "-3", "");
    case("epochs: 3", "learning_rate: .nan", "CF006", ".nan", "");
    case("fairness: {", "fairness: {confidence: 1, ", "CF006", "1", "");
    case("name: Test audit", "name: ' '", "CF006", "' '", "");
    case("at_least: 0.8", "at_least: .inf", "CF006", ".inf", "");
}

#[test]
fn a_thing_given_twice() {
    case("{epochs: 3}", "{epochs: 3, epochs: 4}", "CF007", "epochs", "keep one");
    case("[sex, age", "[sex, sex, age", "CF007", "sex", "remove it");
}

#[test]
fn a_thing_of_a_later_version_is_refused() {
    case("gate:", "robustness: {}\ngate:", "CF008", "robustness", "nothing is ignored");
    case("[loss]", "[quantile]", "CF008", "quantile", "`modified_entropy`");
    case("attacks:", "targets: 4, attacks:", "CF008", "targets", "");
    case("pii: {}", "pii: {languages: [en]}", "CF008", "languages", "");
    case("synthetic", "dicom", "CF008", "dicom", "`image-folder`");
}

#[test]
fn a_file_that_does_not_exist() {
    let help = "looked for `audits/gone.rego`";
    case("misuse: {", "misuse: {policy: gone.rego, ", "CF009", "gone.rego", help);
    case("gate:", "waivers: gone.yaml\ngate:", "CF009", "gone.yaml", "folder of the config");
    case("pii: {}", "pii: {paths: [here, gone]}", "CF009", "gone", "");
    let folder = "image-folder\n  path: data\n  metadata: gone.csv";
    let text = VALID.replace("synthetic", folder).replace("misuse: {", "misuse: {log: l, ");
    let problems = check(&text).unwrap_err();
    assert!(
        problems[0].help.as_ref().unwrap().contains("`audits/data/gone.csv` and `audits/gone.csv`")
    );
}

#[test]
fn exactly_one_of_several() {
    let two = "model:\n  load: {path: w}\n  train:";
    case("model:\n  train:", two, "CF010", "load", "exactly one");
    case("train: {epochs: 3}", "{}", "CF010", "model", "exactly one");
    case(", at_least: 0.8", "", "CF010", "demographic_parity_ratio", "at_most");
    case("at_least: 0.8", "at_most: 1, at_least: 0.8", "CF010", "at_least", "two rules");
}

#[test]
fn a_threshold_that_no_value_can_meet() {
    case("at_least: 0.8", "at_least: 80", "CF011", "80", "same answer");
    case("at_least: 0.8", "at_least: -0.1", "CF011", "-0.1", "");
    case("at_most: 0}", "at_most: -1}", "CF011", "-1", "");
    let rate = "check: accuracy, at_most: 1.5";
    case("check: pii_direct_identifiers, at_most: 0", rate, "CF011", "1.5", "");
}

#[test]
fn a_difference_of_one_group_has_a_sign() {
    let pair = |limit: &str| {
        let rule = format!("difference, by: sex, group: {{sex: female}}, at_least: {limit}");
        check(&VALID.replace("ratio, by: age_group*sex, at_least: 0.8", &rule))
    };
    assert!(pair("-0.1").is_ok());
    assert_eq!(pair("-1.1").unwrap_err()[0].code, "CF011");
}

#[test]
fn a_group_that_is_not_declared() {
    case("age_group*sex", "agegroup", "CF012", "agegroup", "did you mean `age_group`?");
    case("{sex: male}", "{race: x}", "CF012", "race", "add `race` to `dataset.groups`");
    let group = "by: sex, group: {age_group: old}";
    case("by: age_group*sex", group, "CF012", "group", "group: {sex: …}");
}

#[test]
fn shares_that_do_not_sum_to_one() {
    let data = "image-folder\n  path: d\n  split: {train: 0.5, test: 0.4}";
    let text = VALID.replace("synthetic", data).replace("misuse: {", "misuse: {log: l, ");
    let problems = check(&text).unwrap_err();
    assert_eq!((problems.len(), problems[0].code), (1, "CF013"));
    assert_eq!(problems[0].label, "these sum to 0.9");
    let fine = text.replace("0.4", "0.4, validation: 0.1");
    assert!(check(&fine).unwrap().dataset.split.is_some());
}

#[test]
fn an_undefined_value_passes_only_with_a_reason() {
    let pass = "at_least: 0.8, on_undefined: pass";
    case("at_least: 0.8", pass, "CF014", "pass", "because");
    assert!(check(&VALID.replace("at_least: 0.8", &format!("{pass}, because: few"))).is_ok());
}

#[test]
fn text_in_the_wrong_form() {
    case("2027-01-31", "2027-02-30", "CF015", "2027-02-30", "");
    case("2027-01-31", "31.1.2027", "CF015", "31.1.2027", "");
    case("[sex, age", "[sex*sex, sex, age", "CF015", "sex*sex", "sex*age_group");
}

#[test]
fn a_key_without_effect() {
    case("format: synthetic", "format: synthetic\n  path: d", "CF016", "path", "another format");
    let by = "check: pii_direct_identifiers, by: sex";
    case("check: pii_direct_identifiers", by, "CF016", "by", "remove");
    let attack = "check: accuracy, attack: loss";
    case("check: pii_direct_identifiers", attack, "CF016", "attack", "remove");
}

#[test]
fn another_version() {
    case("version: 1", "version: 2", "CF017", "2", "version: 1");
    case("version: 1", "version: one", "CF004", "one", "");
}

#[test]
fn overrides_are_checked_and_name_themselves() {
    let config =
        set(VALID, &[("model.train.epochs", "5"), ("seed", "9"), ("misuse", "null")]).unwrap();
    assert!(matches!(&config.model, Model::Train(train) if train.epochs == 5));
    assert_eq!((config.seed, config.misuse), (9, None));
    let problems = set(VALID, &[("model.train.epochs", "zero"), ("name.x", "1")]).unwrap_err();
    let codes: Vec<_> = problems.iter().map(|p| p.code).collect();
    assert_eq!(codes, ["CF018", "CF004"]);
    assert_eq!(problems[1].message, "wrong type, from --set model.train.epochs=zero");
    assert!(problems.iter().all(|p| p.span.is_none()));
}

#[test]
fn all_problems_come_at_once_and_in_order() {
    let text = VALID.replace("epochs: 3", "epoch: 3").replace("0.8", "8").replace("[loss]", "[x]");
    let codes: Vec<_> = check(&text).unwrap_err().iter().map(|p| p.code).collect();
    assert_eq!(codes, ["CF002", "CF003", "CF011"]);
}

#[test]
fn a_syntax_error_comes_alone() {
    let problems = check(&VALID.replace("[loss]", "[loss")).unwrap_err();
    assert_eq!((problems.len(), problems[0].code), (1, "CF001"));
    assert_eq!(check("").unwrap_err()[0].code, "CF005");
}

#[test]
fn the_canonical_text_ignores_comments_and_spelled_out_defaults() {
    let plain = check(VALID).unwrap().canonical();
    let same = VALID.replace("gate:", "# why\nseed: 0\ngate:");
    assert_eq!(check(&same).unwrap().canonical(), plain);
    assert_ne!(set(VALID, &[("seed", "1")]).unwrap().canonical(), plain);
}

fn waivers(text: &str) -> Result<Vec<crate::domain::Waiver>, Vec<Problem>> {
    load_waivers(&Document { path: "w.yaml".to_owned(), text: text.to_owned() }, &known())
}

#[test]
fn waivers_need_a_reason_and_a_date() {
    let list = "- {check: accuracy, because: small, until: 2027-01-01, owner: team}\n";
    assert_eq!(waivers(list).unwrap()[0].because, "small");
    let file = format!("version: 1\nwaivers:\n{list}");
    assert_eq!(waivers(&file), waivers(list));
    let problems = waivers("- {check: acuracy, until: soon, owner: team}\n").unwrap_err();
    let codes: Vec<_> = problems.iter().map(|p| p.code).collect();
    assert_eq!(codes, ["CF005", "CF003", "CF015"]);
}

#[test]
fn facts_have_the_keys_of_misuse() {
    let read = |text: &str| {
        load_facts(&Document { path: "f.yaml".to_owned(), text: text.to_owned() }, &known())
    };
    assert_eq!(read("purposes: [triage]\n").unwrap().purposes, ["triage"]);
    assert_eq!(read("purpose: [triage]\n").unwrap_err()[0].code, "CF002");
}

#[test]
fn packed_files_have_keys_of_their_own() {
    let text = "version: 1\nname: N\ndataset: {format: idx, path: d, classes: [a, b, a], limit: 9, \
                validation: 0.2}\nmodel: {train: {}}\n";
    let problems = check(text).unwrap_err();
    assert_eq!((problems.len(), problems[0].code), (1, "CF007"), "{problems:#?}");
    let config = check(&text.replace("b, a]", "b]")).unwrap();
    assert_eq!((config.dataset.classes.len(), config.dataset.limit), (2, Some(9)));
    assert_eq!(config.dataset.validation, Some(0.2));
    case(
        "  format: synthetic",
        "  format: synthetic\n  limit: 5",
        "CF016",
        "limit",
        "remove the key",
    );
    let problems = check(&text.replace("classes: [a, b, a]", "resize: [8, 8]")).unwrap_err();
    assert_eq!((problems.len(), problems[0].code), (1, "CF016"), "{problems:#?}");
}

#[test]
fn a_memory_limit_is_a_size_with_a_unit() {
    let limited = |limit: &str| {
        let data = format!("{{format: image-folder, path: d, memory_limit: {limit}}}");
        check(&format!("version: 1\nname: N\ndataset: {data}\nmodel: {{train: {{}}}}\n"))
    };
    for (limit, bytes) in [("512", 512), ("3 KiB", 3 << 10), ("2MiB", 2 << 20), ("1 GiB", 1 << 30)]
    {
        assert_eq!(limited(limit).unwrap().dataset.memory_limit, Some(bytes), "{limit}");
    }
    for wrong in ["2 MB", "0 KiB", "-1", "1.5 GiB", "lots"] {
        assert_eq!(limited(wrong).unwrap_err()[0].code, "CF015", "{wrong}");
    }
}

proptest::proptest! {
    #[test]
    fn no_document_makes_the_loader_panic(text in "[-\\[\\]{}:,#&*!|>'\"a-z_0-9 .\\n\\t é]{0,80}") {
        drop(check(&text));
        drop(waivers(&text));
    }

    #[test]
    fn no_damage_makes_the_loader_panic(at in 0..VALID.len(), cut in 0..12usize, put in "[-:{}\\[\\]#*\\n 0é]{0,3}") {
        let end = (at + cut).min(VALID.len());
        let text = format!("{}{put}{}", &VALID[..at], &VALID[end..]);
        for problem in check(&text).err().into_iter().flatten() {
            let span = problem.span.unwrap_or(0..0);
            assert!(text.get(span).is_some(), "a span lies on characters of the text");
        }
    }

    #[test]
    fn no_override_makes_the_loader_panic(key in "[a-z.0-9]{0,12}", value in "[-:{}\\[\\]a-z0-9 ]{0,8}") {
        drop(set(VALID, &[(&key, &value)]));
    }
}
