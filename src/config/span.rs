//! Finds every part of a parsed document again in its text.
//!
//! The YAML reader gives values without places; [`super::scan`] walks the same tree over the text.
//! Where the two trees differ (aliases, explicit `?` keys) a part keeps the span of what surrounds it.

use super::problem::Place;
use super::raw::{Raw, RawValue};
use super::scan::{Children, Node, document};

/// The greatest character boundary of `text` that is not above `at`.
pub(super) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The line of a byte, from 1.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    text[..floor(text, at)].matches('\n').count() + 1
}

/// Whether there is nothing but blanks and comments.
pub(super) fn is_blank(text: &str) -> bool {
    text.lines().map(str::trim).all(|line| line.is_empty() || line.starts_with('#'))
}

/// Gives each node of `raw` its place in `text`.
pub(super) fn attach(raw: &mut Raw, text: &str) {
    let node = document(text);
    place(raw, &node, text);
}

fn place(raw: &mut Raw, node: &Node, text: &str) {
    let here = Place::Text(floor(text, node.span.start)..floor(text, node.span.end));
    match (&mut raw.value, &node.children) {
        (RawValue::List(items), Children::List(nodes)) if items.len() == nodes.len() => {
            raw.place = here;
            items.iter_mut().zip(nodes).for_each(|(item, node)| place(item, node, text));
        }
        (RawValue::Table(entries), Children::Table(nodes)) if entries.len() == nodes.len() => {
            raw.place = here;
            for (entry, (key, node)) in entries.iter_mut().zip(nodes) {
                let empty = node.span.is_empty();
                entry.place = Place::Text(floor(text, key.start)..floor(text, key.end));
                place(&mut entry.value, node, text);
                if empty {
                    entry.value.set_place(&entry.place);
                }
            }
        }
        (RawValue::Number(number), Children::None) => {
            let typed = text.get(node.span.clone()).unwrap_or_default();
            if serde_yaml::from_str::<f64>(typed).is_ok() {
                typed.clone_into(&mut number.text);
            }
            raw.place = here;
        }
        _ => raw.set_place(&here),
    }
}

#[cfg(test)]
mod tests {
    use super::super::raw::{RawNumber, parse};
    use super::*;

    fn shown<'a>(text: &'a str, path: &[&str]) -> &'a str {
        let raw = parse(text).unwrap();
        match &raw.at(path).unwrap().place {
            Place::Text(span) => &text[span.clone()],
            place => unreachable!("{place:?}"),
        }
    }

    const TEXT: &str = "# head\nversion: 1   # one\n\"quoted key\": 'it''s: # here'\nblock:\n  list:\n  - a\n  - b: 1\n    c: {d: [x, \"y, z\"], e: 2}\n  folded: >\n    some: text\n    # not a comment\n\n  empty:\n  long: one\n    two\nlast: é: no\n";

    #[test]
    fn values_are_found_in_all_styles() {
        let text = TEXT.replace("last: é: no", "last: é");
        assert_eq!(shown(&text, &["version"]), "1");
        assert_eq!(shown(&text, &["quoted key"]), "'it''s: # here'");
        assert_eq!(shown(&text, &["block", "long"]), "one\n    two");
        assert_eq!(shown(&text, &["block", "empty"]), "empty");
        assert!(shown(&text, &["block", "folded"]).ends_with("# not a comment"));
        assert_eq!(shown(&text, &["last"]), "é");
        let raw = parse(&text).unwrap();
        let item = &raw.at(&["block", "list"]).unwrap().items()[1];
        let Place::Text(span) = &item.at(&["c", "d"]).unwrap().items()[1].place else {
            unreachable!("placed")
        };
        assert_eq!(&text[span.clone()], "\"y, z\"");
    }

    #[test]
    fn an_alias_keeps_its_own_span() {
        let text = "a: &x {b: 1}\nc: *x\nd: !!str 5\n";
        assert_eq!(shown(text, &["c"]), "*x");
        assert_eq!(shown(text, &["c", "b"]), "*x");
        assert_eq!(shown(text, &["d"]), "5");
    }

    #[test]
    fn lines_count_from_one() {
        assert_eq!(line_of("a\nb\n", 0), 1);
        assert_eq!(line_of("a\nb\n", 2), 2);
        assert_eq!(line_of("a", 99), 1);
    }

    /// Every scalar that a writer emits is found again where the scanner says it is.
    fn agree(raw: &Raw, text: &str) {
        let Place::Text(span) = &raw.place else { unreachable!("every node has a place") };
        match &raw.value {
            RawValue::List(items) => items.iter().for_each(|item| agree(item, text)),
            RawValue::Table(entries) => entries.iter().for_each(|entry| agree(&entry.value, text)),
            RawValue::Number(RawNumber { value, .. }) => {
                let again: f64 = serde_yaml::from_str(&text[span.clone()]).unwrap();
                assert!((again - value).abs() <= 0.0);
            }
            RawValue::Text(word) if !word.contains('\n') => {
                let again: String = serde_yaml::from_str(&text[span.clone()]).unwrap();
                assert_eq!(&again, word);
            }
            _ => {}
        }
    }

    fn trees() -> impl proptest::strategy::Strategy<Value = serde_yaml::Value> {
        use proptest::prelude::*;
        use serde_yaml::Value;
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ -~é中\\n]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Sequence),
                proptest::collection::vec(("[ -~é]{1,8}".prop_map(Value::from), inner), 0..4)
                    .prop_map(|entries| Value::Mapping(entries.into_iter().collect())),
            ]
        })
    }

    proptest::proptest! {
        #[test]
        fn the_scanner_agrees_with_the_reader(tree in trees()) {
            let text = serde_yaml::to_string(&tree).unwrap();
            agree(&parse(&text).unwrap(), &text);
        }

        #[test]
        fn no_text_makes_the_scanner_panic(text in "[-\\[\\]{}:,#&*!|>'\"\\\\%?a \\n\\t\u{85}é.0]{0,60}") {
            drop(document(&text));
            let _ = parse(&text);
        }
    }
}
