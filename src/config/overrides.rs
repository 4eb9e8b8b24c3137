//! `--set KEY=VALUE`: changes the document as typed, before anything is checked.

use super::problem::{Place, Problem};
use super::raw::{Entry, Raw, RawValue, parse};

/// Sets `key` (dotted; a number picks an item of a list) to `text`, read as YAML. An empty text or
/// `null` takes the key away.
pub(super) fn apply(raw: &mut Raw, key: &str, text: &str) -> Result<(), Problem> {
    let place = Place::Set(format!("{key}={text}"));
    let refuse = |label: String| Problem::new("CF018", "bad override", &place, label);
    let mut value = if text.trim().is_empty() {
        Raw::new(RawValue::Nothing)
    } else {
        parse(text)
            .map_err(|problem| refuse(format!("the value is not YAML: {}", problem.label)))?
    };
    value.set_place(&place);
    let steps: Vec<&str> = key.split('.').collect();
    if steps.iter().any(|step| step.trim().is_empty()) {
        return Err(refuse("a key is empty".to_owned()).help("write `--set model.train.epochs=5`"));
    }
    if value.is_nothing() {
        remove(raw, &steps);
        return Ok(());
    }
    let mut at = raw;
    for (i, step) in steps.iter().enumerate() {
        at = descend(at, step, &place).ok_or_else(|| {
            let above = steps[..i].join(".");
            let above = if above.is_empty() { "the file" } else { above.as_str() };
            refuse(format!("`{above}` has nothing at `{step}` that could be set"))
        })?;
    }
    *at = value;
    Ok(())
}

fn remove(raw: &mut Raw, steps: &[&str]) {
    let RawValue::Table(entries) = &mut raw.value else { return };
    match steps {
        [] => {}
        [last] => entries.retain(|entry| entry.key != *last),
        [first, rest @ ..] => {
            for entry in entries.iter_mut().filter(|entry| entry.key == *first) {
                remove(&mut entry.value, rest);
            }
        }
    }
}

/// The node under one step; a missing key is made, a missing item of a list is not.
fn descend<'a>(raw: &'a mut Raw, step: &str, place: &Place) -> Option<&'a mut Raw> {
    if raw.is_nothing() {
        raw.value = RawValue::Table(Vec::new());
    }
    match &mut raw.value {
        RawValue::List(items) => items.get_mut(step.parse::<usize>().ok()?),
        RawValue::Table(entries) => {
            if !entries.iter().any(|entry| entry.key == step) {
                let mut value = Raw::new(RawValue::Nothing);
                value.set_place(place);
                entries.push(Entry { key: step.to_owned(), place: place.clone(), value });
            }
            entries.iter_mut().find(|entry| entry.key == step).map(|entry| &mut entry.value)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_changed_or_made_and_remembers_where_it_came_from() {
        let mut raw = parse("a: {b: 1}\nc:\nd: [{e: 1}]\n").unwrap();
        for (key, text) in [("a.b", "2.50"), ("c.x.y", "[1, 2]"), ("d.0.e", "w")] {
            apply(&mut raw, key, text).unwrap();
        }
        assert_eq!(raw.at(&["a", "b"]).unwrap().word().as_deref(), Some("2.50"));
        assert_eq!(raw.at(&["c", "x", "y"]).unwrap().items().len(), 2);
        assert_eq!(raw.get("d").unwrap().items()[0].get("e").unwrap().word().as_deref(), Some("w"));
        assert_eq!(raw.at(&["a", "b"]).unwrap().place, Place::Set("a.b=2.50".to_owned()));
    }

    #[test]
    fn null_takes_a_key_away() {
        let mut raw = parse("a: {b: 1, c: 2}\n").unwrap();
        for key in ["a.b", "a.x", "y"] {
            apply(&mut raw, key, "null").unwrap();
        }
        assert_eq!(raw.at(&["a", "b"]), None);
        assert!(raw.at(&["a", "c"]).is_some());
        apply(&mut raw, "a", "").unwrap();
        assert!(raw.entries().is_empty());
    }

    #[test]
    fn what_cannot_be_set_says_so() {
        let mut raw = parse("a: 1\nd: [1]\n").unwrap();
        for (key, text) in [("a.b", "1"), ("d.7", "1"), ("d.x", "1"), ("a", "[1"), ("a..b", "1")] {
            let problem = apply(&mut raw, key, text).unwrap_err();
            assert_eq!((problem.code, problem.span), ("CF018", None), "{key}={text}");
            assert!(problem.message.contains("from --set"), "{}", problem.message);
        }
    }
}
