//! The file of waivers: `version: 1` and a list, or the list alone.

use super::keys::WAIVERS;
use super::known::Known;
use super::problem::{Place, Problem};
use super::raw::{Entry, Raw, RawValue, parse};
use super::shape::{Kind, Walk};
use super::{Document, sorted};
use crate::domain::Waiver;

/// Reads a file of waivers. A bare list counts as version 1.
///
/// # Errors
/// All problems of the file, in file order.
pub fn load_waivers(document: &Document, known: &Known) -> Result<Vec<Waiver>, Vec<Problem>> {
    let raw = parse(&document.text).map_err(|problem| vec![problem])?;
    let mut raw = if matches!(raw.value, RawValue::List(_)) { wrapped(raw) } else { raw };
    let mut walk = Walk { known, problems: Vec::new() };
    walk.value(&mut raw, &Kind::Table(&WAIVERS), "");
    if !walk.problems.is_empty() {
        return Err(sorted(walk.problems));
    }
    Ok(raw
        .get("waivers")
        .map(Raw::items)
        .unwrap_or_default()
        .iter()
        .map(|raw| waiver(raw, known))
        .collect())
}

fn wrapped(list: Raw) -> Raw {
    let entry = |key: &str, value: Raw| Entry { key: key.to_owned(), place: Place::Default, value };
    let one = serde_yaml::from_str("1").unwrap_or_else(|_| unreachable!("1 is YAML"));
    Raw::new(RawValue::Table(vec![entry("version", one), entry("waivers", list)]))
}

fn waiver(raw: &Raw, known: &Known) -> Waiver {
    let word = |key| raw.word_at(key).unwrap_or_default();
    Waiver {
        check: word("check"),
        by: raw.word_at("by"),
        attack: raw.word_at("attack").map(|name| known.attack(name)),
        label: raw.word_at("label"),
        because: word("because"),
        until: word("until"),
        owner: word("owner"),
    }
}
