//! One run of the program per mistake that a configuration can hold.

use super::Folder;

const VALID: &str = "\
version: 1
name: Errors
dataset:
  format: synthetic
  groups: [sex]
model:
  train: {epochs: 1}
gate:
  - {check: demographic_parity_ratio, by: sex, at_least: 0.8}
";

/// Checks `text` with the program: exit code and stderr.
fn check(text: &str, more: &[&str]) -> (i32, String) {
    let folder = Folder::new();
    std::fs::write(folder.path("audit.yaml"), text).unwrap();
    let output = folder.audit(&[&["check", "audit.yaml"], more].concat());
    (output.code, output.stderr)
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let (code, stderr) = check(text, &[]);
    assert_eq!(code, 2, "{stderr}");
    assert_eq!(stderr, format!("{expected}\nerror: 1 problem in `audit.yaml`\n"), "{stderr}");
}

#[test]
fn a_valid_file_passes() {
    let folder = Folder::new();
    std::fs::write(folder.path("audit.yaml"), VALID).unwrap();
    let output = folder.audit(&["check", "audit.yaml"]);
    assert_eq!(output.code, 0);
    let stdout = output.stdout;
    assert_eq!(stdout, "audit.yaml: valid; 1 grouping, 1 gate rule, 0 waivers\n");
    assert!(output.stderr.is_empty());
}

#[test]
fn an_unknown_key() {
    let expected = "\
error[CF002]: unknown key
 --> audit.yaml:7:11
  |
7 |   train: {epoch: 1}
  |           ^^^^^ `model.train` has no such key
  = help: did you mean `epochs`?
";
    refused(&VALID.replace("epochs", "epoch"), expected);
}

#[test]
fn a_wrong_type() {
    let expected = "\
error[CF004]: wrong type
 --> audit.yaml:7:19
  |
7 |   train: {epochs: many}
  |                   ^^^^ expected a whole number, found text
";
    refused(&VALID.replace("epochs: 1", "epochs: many"), expected);
}

#[test]
fn a_layer_that_does_not_fit() {
    let expected = "\
error[CF019]: layer does not fit
 --> audit.yaml:7:32
  |
7 |   train: {architecture: [relu, dense: 8]}
  |                                ^^^^^ `model.train.architecture[1]` gets a map of 3 channels
  = help: put `flatten` before it
";
    refused(&VALID.replace("epochs: 1", "architecture: [relu, dense: 8]"), expected);
}

#[test]
fn a_missing_file() {
    let expected = "\
error[CF009]: missing file
 --> audit.yaml:6:10
  |
6 | waivers: none.yaml
  |          ^^^^^^^^^ there is no such file or folder
  = help: looked for `none.yaml`; relative paths start at the folder of the configuration file
";
    refused(&VALID.replace("model:", "waivers: none.yaml\nmodel:"), expected);
}

#[test]
fn an_unknown_check_in_the_gate() {
    let expected = "\
error[CF003]: unknown check
 --> audit.yaml:9:13
  |
9 |   - {check: demographic_parity_raito, by: sex, at_least: 0.8}
  |             ^^^^^^^^^^^^^^^^^^^^^^^^ no check has this name
  = help: did you mean `demographic_parity_ratio`?
";
    refused(&VALID.replace("_ratio", "_raito"), expected);
}

#[test]
fn a_ratio_above_one() {
    let expected = "\
error[CF011]: impossible threshold
 --> audit.yaml:9:58
  |
9 |   - {check: demographic_parity_ratio, by: sex, at_least: 1.2}
  |                                                          ^^^ `demographic_parity_ratio` lies between 0 and 1
  = help: with this limit the rule would always give the same answer
";
    refused(&VALID.replace("0.8", "1.2"), expected);
}

#[test]
fn an_undeclared_grouping() {
    let (code, stderr) = check(&VALID.replace("by: sex", "by: sexe"), &[]);
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error[CF012]: undeclared group\n"), "{stderr}");
    assert!(stderr.contains("= help: did you mean `sex`?"), "{stderr}");
}

#[test]
fn a_syntax_error() {
    let (code, stderr) = check(&VALID.replace("[sex]", "[sex"), &[]);
    assert_eq!(code, 2);
    assert!(stderr.starts_with("error[CF001]: this is not YAML\n --> audit.yaml:"), "{stderr}");
    assert!(stderr.ends_with("\nerror: 1 problem in `audit.yaml`\n"), "{stderr}");
}

#[test]
fn several_mistakes_are_shown_at_once() {
    let text = VALID.replace("version: 1\n", "").replace("epochs", "epoch").replace("0.8", "8");
    let (code, stderr) = check(&text, &[]);
    assert_eq!(code, 2);
    let codes: Vec<&str> = stderr.lines().filter_map(|l| l.strip_prefix("error[")).collect();
    assert_eq!(
        codes,
        ["CF005]: missing key", "CF002]: unknown key", "CF011]: impossible threshold"]
    );
    assert!(stderr.ends_with("error: 3 problems in `audit.yaml`\n"), "{stderr}");
}

#[test]
fn an_override_is_named() {
    let (code, stderr) = check(VALID, &["--set", "model.train.epochs=0"]);
    assert_eq!(code, 2);
    let title = "error[CF006]: value out of range, from --set model.train.epochs=0\n";
    assert!(stderr.starts_with(title), "{stderr}");
    assert_eq!(check(VALID, &["--set", "model.train.epochs=2"]).0, 0);
}

#[test]
fn a_file_that_is_not_there_or_not_text() {
    let folder = Folder::new();
    let output = folder.audit(&["check", "absent.yaml"]);
    assert_eq!(output.code, 2);
    let stderr = output.stderr;
    assert!(stderr.starts_with("error: cannot read `absent.yaml`: "), "{stderr}");
    std::fs::write(folder.path("audit.yaml"), b"name: \xff").unwrap();
    let output = folder.audit(&["check", "audit.yaml"]);
    assert_eq!(output.code, 2);
    assert!(output.stderr.contains("not UTF-8 text at byte 6"));
}

#[test]
fn waivers_are_checked_too() {
    let folder = Folder::new();
    std::fs::write(folder.path("w.yaml"), "- {check: accuracy, until: 2027-01-01}\n").unwrap();
    std::fs::write(folder.path("audit.yaml"), format!("{VALID}waivers: w.yaml\n")).unwrap();
    let output = folder.audit(&["check", "audit.yaml"]);
    assert_eq!(output.code, 2);
    let stderr = output.stderr;
    assert!(stderr.contains("`waivers[0].because` is missing here"), "{stderr}");
    assert!(stderr.ends_with("error: 2 problems in `w.yaml`\n"), "{stderr}");
}

#[test]
fn colour_only_when_asked() {
    let text = VALID.replace("epochs", "epoch");
    assert!(!check(&text, &[]).1.contains('\u{1b}'));
    assert!(check(&text, &["--color", "always"]).1.contains('\u{1b}'));
}

#[test]
fn wrong_usage_ends_with_two_and_help_with_zero() {
    let folder = Folder::new();
    assert_eq!(folder.audit(&["no-such-command"]).code, 2);
    assert_eq!(folder.audit(&["check"]).code, 2);
    assert_eq!(folder.audit(&["check", "a.yaml", "--set", "novalue"]).code, 2);
    assert_eq!(folder.audit(&["--help"]).code, 0);
    assert_eq!(folder.audit(&["--version"]).code, 0);
}

#[test]
fn our_own_audits_are_valid() {
    let audits = concat!(env!("CARGO_MANIFEST_DIR"), "/audits");
    for entry in std::fs::read_dir(audits).unwrap() {
        let path = entry.unwrap().path().display().to_string();
        let lesion = path.ends_with("skin-lesion.yaml");
        let mut more = Vec::new();
        if lesion {
            let data = crate::shared::data("our_own_audits_are_valid", "images/ham10000_64");
            let Some(data) = data else { continue };
            more = vec!["--set".to_owned(), format!("dataset.path={}", data.display())];
        }
        let mut args = vec!["check", path.as_str()];
        args.extend(more.iter().map(String::as_str));
        let folder = Folder::new();
        let output = folder.audit(&args);
        let stderr = output.stderr;
        assert_eq!(output.code, 0, "{stderr}");
    }
}
