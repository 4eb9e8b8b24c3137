//! The names that a policy and a configuration may use: fields of the record, declared facts.

use serde_json::Value;

/// The leaves of a record, dotted, in the order of the record. A test holds them to the type.
pub(super) const FIELDS: [&str; 30] = [
    "v",
    "id",
    "ts",
    "model.name",
    "model.version",
    "model.sha256",
    "actor.id_hash",
    "actor.role",
    "actor.kind",
    "approval_id",
    "purpose",
    "domain",
    "use",
    "region",
    "subject.id_hash",
    "subject.age_band",
    "subject.consent",
    "input.sha256",
    "input.modality",
    "input.ood_score",
    "output.label",
    "output.confidence",
    "output.decision",
    "review.required",
    "review.done",
    "review.by_hash",
    "review.at",
    "review.changed",
    "prev_hash",
    "hash",
];

/// The facts that a policy may read under `data.audit`.
pub(super) const FACTS: [&str; 5] =
    ["purposes", "domains", "prohibited_uses", "approvals", "review_below"];

/// What a dotted path names in a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// A field with a value.
    Leaf,
    /// An object of fields.
    Object,
    /// Nothing.
    Unknown,
}

/// What `path` names in a record.
pub(super) fn place(path: &str) -> Place {
    let inside = |field: &&str| field.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    if FIELDS.contains(&path) {
        Place::Leaf
    } else if FIELDS.iter().any(inside) {
        Place::Object
    } else {
        Place::Unknown
    }
}

/// The known name closest to `name`: alike as a whole, or in its last part (`confidence` for
/// `output.confidence`).
pub(super) fn closest(name: &str, known: &[&'static str]) -> Option<&'static str> {
    let last = |path: &'_ str| path.rsplit('.').next().unwrap_or_default().to_owned();
    let score = |field: &str| {
        let whole = strsim::normalized_damerau_levenshtein(name, field);
        whole.max(0.9 * strsim::normalized_damerau_levenshtein(&last(name), &last(field)))
    };
    let best = known
        .iter()
        .map(|&field| (score(field), field))
        .reduce(|best, next| if next.0 > best.0 { next } else { best });
    best.filter(|(score, _)| *score >= 0.6).map(|(_, field)| field)
}

/// Whether a record, as JSON, lacks the field or object at `path`, or has nothing written there.
pub(super) fn is_missing(record: &Value, path: &str) -> bool {
    let found = path.split('.').try_fold(record, |at, part| at.get(part));
    match found {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Object(fields)) => fields.is_empty(),
        Some(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::super::canary;
    use super::*;

    fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                for (name, inner) in fields {
                    let path =
                        if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                    leaves(inner, &path, found);
                }
            }
            _ => found.push(path.to_owned()),
        }
    }

    #[test]
    fn the_fields_are_those_of_the_record() {
        let mut found = Vec::new();
        leaves(&serde_json::to_value(canary::record()).unwrap(), "", &mut found);
        found.sort();
        let mut fields = FIELDS.to_vec();
        fields.sort_unstable();
        assert_eq!(found, fields);
    }

    #[test]
    fn a_path_is_a_leaf_an_object_or_nothing() {
        assert_eq!(place("output.confidence"), Place::Leaf);
        assert_eq!(place("output"), Place::Object);
        assert_eq!(place("out"), Place::Unknown);
        assert_eq!(place("purpose.x"), Place::Unknown);
    }

    #[test]
    fn the_closest_name_is_found_as_a_whole_or_by_its_last_part() {
        assert_eq!(closest("output.confidnce", &FIELDS), Some("output.confidence"));
        assert_eq!(closest("confidence", &FIELDS), Some("output.confidence"));
        assert_eq!(closest("purpses", &FACTS), Some("purposes"));
        assert_eq!(closest("weather", &FIELDS), None);
    }

    #[test]
    fn absent_null_blank_and_empty_are_missing() {
        let record = serde_json::json!({"purpose": " ", "actor": {}, "review": {"done": false}});
        for path in ["purpose", "actor", "actor.role", "region"] {
            assert!(is_missing(&record, path), "{path}");
        }
        assert!(!is_missing(&record, "review.done"));
    }
}
