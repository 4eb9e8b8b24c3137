//! What a policy reads and which rules it declares, checked before it is ever evaluated.
//!
//! In Rego a misspelled field is `undefined` and its rule never fires: a policy with a typing mistake
//! finds nothing and looks clean. So every reference must name a field of the record or a declared
//! fact, directly and in full; nothing may read the whole record or a field by a computed name.

use super::policy::{At, PolicyError};
use super::schema::{FACTS, FIELDS, Place, closest, place};
use super::tokens::{Kind, Token};

/// Builtins whose answer changes from run to run.
const UNSTEADY: [&str; 2] = ["time.now_ns", "rand.intn"];

/// Checks every `input` and `data` reference of the policy.
pub(super) fn check(name: &str, tokens: &[Token]) -> Result<(), PolicyError> {
    for (i, token) in tokens.iter().enumerate() {
        let Kind::Word(word) = &token.kind else { continue };
        let is_part = i.checked_sub(1).is_some_and(|j| tokens[j].kind == Kind::Mark('.'));
        if is_part {
            continue;
        }
        let at = || At::new(name, token.line, token.column);
        let path = path(&tokens[i + 1..]);
        match word.as_str() {
            "input" => check_field(at(), path)?,
            "data" => check_fact(at(), path)?,
            "time" | "rand" => {
                let builtin = format!("{word}.{}", path.unwrap_or_default().join("."));
                if UNSTEADY.contains(&builtin.as_str()) {
                    return Err(PolicyError::Unsteady { at: at(), builtin });
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// The constant parts that follow a name, `.a["b"].c`; none where a part is computed.
fn path(mut rest: &[Token]) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    loop {
        let kind = |i: usize| rest.get(i).map(|t| &t.kind);
        match (kind(0), kind(1), kind(2)) {
            (Some(Kind::Mark('.')), Some(Kind::Word(part)), _) => {
                parts.push(part.clone());
                rest = &rest[2..];
            }
            (Some(Kind::Mark('[')), Some(Kind::Text(part)), Some(Kind::Mark(']'))) => {
                parts.push(part.clone());
                rest = &rest[3..];
            }
            (Some(Kind::Mark('[')), ..) => {
                return if parts.is_empty() { None } else { Some(parts) };
            }
            _ => return Some(parts),
        }
    }
}

fn check_field(at: At, path: Option<Vec<String>>) -> Result<(), PolicyError> {
    let path = path.unwrap_or_default().join(".");
    match place(&path) {
        Place::Leaf => Ok(()),
        Place::Object => Err(PolicyError::WholeObject { at, path: format!("input.{path}") }),
        Place::Unknown if path.is_empty() => {
            Err(PolicyError::WholeObject { at, path: "input".to_owned() })
        }
        Place::Unknown => {
            let help = help("input.", closest(&path, &FIELDS));
            Err(PolicyError::UnknownField { at, path: format!("input.{path}"), help })
        }
    }
}

fn check_fact(at: At, path: Option<Vec<String>>) -> Result<(), PolicyError> {
    let path = path.unwrap_or_default();
    let fact = match path.as_slice() {
        [audit, fact, ..] if audit == "audit" => fact.as_str(),
        [other, ..] if other != "audit" => other.as_str(),
        _ => return Err(PolicyError::WholeObject { at, path: "data".to_owned() }),
    };
    if path[0] == "audit" && FACTS.contains(&fact) {
        return Ok(());
    }
    let help = help("data.audit.", closest(fact, &FACTS));
    Err(PolicyError::UnknownField { at, path: format!("data.{}", path.join(".")), help })
}

fn help(prefix: &str, closest: Option<&str>) -> String {
    closest.map_or_else(String::new, |name| format!("; did you mean `{prefix}{name}`?"))
}

/// The rules that the policy declares, `"rule": "name"`, each once and in order. A name that is not a
/// literal, or not a plain word, is refused: a rule that never fires must still be known, so that it
/// is reported with 0 violations.
pub(super) fn rules(name: &str, tokens: &[Token]) -> Result<Vec<String>, PolicyError> {
    let mut rules: Vec<String> = Vec::new();
    for window in tokens.windows(3) {
        let [key, colon, value] = window else { continue };
        if key.kind != Kind::Text("rule".to_owned()) || colon.kind != Kind::Mark(':') {
            continue;
        }
        match &value.kind {
            Kind::Text(rule) if is_plain(rule) => {
                if !rules.contains(rule) {
                    rules.push(rule.clone());
                }
            }
            _ => return Err(PolicyError::RuleName { at: At::new(name, value.line, value.column) }),
        }
    }
    if rules.is_empty() { Err(PolicyError::NoRules { policy: name.to_owned() }) } else { Ok(rules) }
}

fn is_plain(rule: &str) -> bool {
    let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    (1..=64).contains(&rule.len()) && rule.chars().all(lower)
}

#[cfg(test)]
mod tests {
    use super::super::tokens::tokens;
    use super::*;

    fn checked(rego: &str) -> Result<(), String> {
        check("p.rego", &tokens(rego)).map_err(|error| error.to_string())
    }

    #[test]
    fn fields_and_facts_may_be_read_in_each_spelling() {
        for rego in [
            "input.output.confidence < data.audit.review_below",
            r#"input["output"]["label"] == "x""#,
            "data.audit.approvals[input.approval_id]",
            "not input.review.done",
            "startswith(input.purpose, \"t\")",
            "import input.purpose as why",
            "# input.nonsense\nx := \"input.nonsense\"",
            "object.input",
        ] {
            assert_eq!(checked(rego), Ok(()), "{rego}");
        }
    }

    #[test]
    fn a_misspelled_field_or_fact_is_refused_with_a_suggestion() {
        let error = checked("allow if {\n  input.output.confidnce < 0.5\n}").unwrap_err();
        assert_eq!(
            error,
            "p.rego:2:3: a record has no field `input.output.confidnce`; did you mean `input.output.confidence`?"
        );
        let error = checked(r#"input["purpos"]"#).unwrap_err();
        assert!(error.ends_with("did you mean `input.purpose`?"), "{error}");
        let error = checked("data.audit.purpses[_]").unwrap_err();
        assert!(error.ends_with("did you mean `data.audit.purposes`?"), "{error}");
        assert!(
            checked("data.purposes").unwrap_err().ends_with("did you mean `data.audit.purposes`?")
        );
        assert!(checked("input.purpose.kind").is_err());
    }

    #[test]
    fn nothing_reads_around_the_check() {
        for rego in [
            "r := input",
            "object.get(input, \"purpos\", \"\")",
            "walk(input, x)",
            "m := input.model",
            "input[field]",
            "input.output[field]",
            "import input.model as m",
            "d := data.audit",
            "data[x]",
            "data.audit.usage.deny",
        ] {
            assert!(checked(rego).is_err(), "{rego}");
        }
    }

    #[test]
    fn answers_may_not_change_from_run_to_run() {
        assert!(checked("time.now_ns() > 3").unwrap_err().contains("time.now_ns"));
        assert!(checked("rand.intn(\"a\", 3)").is_err());
        assert_eq!(checked("time.parse_rfc3339_ns(input.ts)"), Ok(()));
    }

    #[test]
    fn rules_are_declared_by_literal_names() {
        let named = |rego: &str| rules("p.rego", &tokens(rego));
        let two = r#"deny contains {"rule": "b", "message": m} {"rule":"a"} {"rule":"b"}"#;
        assert_eq!(named(two).unwrap(), ["b", "a"]);
        for bad in [r#"{"rule": name}"#, r#"{"rule": "Not plain"}"#, r#"{"rule": ""}"#, "{}"] {
            assert!(named(bad).is_err(), "{bad}");
        }
    }
}
