//! The JSON Schema of the configuration, from the tables that also check it.

use super::keys::ROOT;
use super::known::Known;
use super::layers::{Choice, LAYER};
use super::shape::{Field, Kind, Need, Table};
use serde_json::{Map, Value, json};

/// JSON Schema, draft 2020-12, for editors. It states what one key may hold; what depends on
/// several keys, on groups or on files only `audit check` can say.
#[must_use]
pub fn schema(known: &Known) -> Value {
    let mut root = table(&ROOT, known);
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["title"] = json!("audit configuration, version 1");
    root["$defs"] = json!({LAYER.name: choice(&LAYER, known)});
    let model = &mut root["properties"]["model"];
    model["minProperties"] = json!(1);
    model["maxProperties"] = json!(1);
    root["properties"]["gate"]["items"]["oneOf"] =
        json!([{"required": ["at_most"]}, {"required": ["at_least"]}]);
    root
}

fn table(table: &Table, known: &Known) -> Value {
    let properties: Map<String, Value> =
        table.fields.iter().map(|f| (f.key.to_owned(), field(f, known))).collect();
    let required: Vec<&str> =
        table.fields.iter().filter(|f| matches!(f.need, Need::Required)).map(|f| f.key).collect();
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn field(field: &Field, known: &Known) -> Value {
    let mut schema = kind(&field.kind, known);
    schema["description"] = json!(field.about);
    if let Need::Default(yaml) = field.need {
        schema["default"] = serde_yaml::from_str(yaml)
            .unwrap_or_else(|_| unreachable!("the defaults are YAML: a test reads each"));
    }
    schema
}

/// A word, or a table with exactly one key.
fn choice(choice: &Choice, known: &Known) -> Value {
    let mut one = table(&choice.table, known);
    one["minProperties"] = json!(1);
    one["maxProperties"] = json!(1);
    json!({"anyOf": [{"enum": choice.words}, one]})
}

fn kind(of: &Kind, known: &Known) -> Value {
    match of {
        Kind::Text | Kind::File => json!({"type": "string", "minLength": 1}),
        Kind::Word => json!({"type": ["string", "number", "boolean"]}),
        Kind::Date => {
            json!({"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"})
        }
        Kind::Flag => json!({"type": "boolean"}),
        Kind::Version => json!({"const": 1}),
        Kind::Count(least, most) => {
            let mut schema = json!({"type": "integer", "minimum": least});
            if *most != u64::MAX {
                schema["maximum"] = json!(most);
            }
            schema
        }
        Kind::Number(least, most) => {
            let mut schema = json!({"type": "number"});
            if *least > f64::MIN {
                schema["minimum"] = json!(least);
            }
            if *most < f64::MAX {
                schema["maximum"] = json!(most);
            }
            schema
        }
        Kind::Between(least, most) => {
            json!({"type": "number", "exclusiveMinimum": least, "exclusiveMaximum": most})
        }
        Kind::Name(names) => json!({"enum": names.list(known)}),
        Kind::List(item) => json!({"type": "array", "items": kind(item, known)}),
        Kind::WordOr(words, list) => json!({"anyOf": [{"enum": words}, kind(list, known)]}),
        Kind::Map(all) => json!({"type": "object", "additionalProperties": kind(all, known)}),
        Kind::Table(inner) => table(inner, known),
        Kind::NameOr(names, list) => {
            json!({"anyOf": [{"enum": names.list(known)}, kind(list, known)]})
        }
        Kind::Choice(choice) => json!({"$ref": format!("#/$defs/{}", choice.name)}),
        Kind::Whole(all) => json!({"enum": all}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_covers_every_key_and_every_default_is_yaml() {
        let known = Known { formats: vec!["synthetic".to_owned()], ..Known::default() };
        let schema = schema(&known);
        assert_eq!(schema["required"], json!(["version", "name", "dataset"]));
        assert_eq!(schema["properties"]["dataset"]["properties"]["format"]["enum"][0], "synthetic");
        let train = &schema["properties"]["model"]["properties"]["train"]["properties"];
        assert_eq!(train["epochs"]["default"], 10);
        assert_eq!(train["learning_rate"]["exclusiveMinimum"], 0.0);
        assert_eq!(schema["properties"]["dataset"]["additionalProperties"], false);
        let architecture = &train["architecture"];
        assert_eq!(architecture["anyOf"][1]["items"]["$ref"], "#/$defs/layer");
        let layer = &schema["$defs"]["layer"]["anyOf"];
        assert_eq!(layer[0]["enum"], json!(["batch_norm", "relu", "flatten"]));
        assert_eq!(layer[1]["properties"]["residual"]["items"]["$ref"], "#/$defs/layer");
        assert_eq!(
            layer[1]["properties"]["conv"]["properties"]["kernel"]["enum"],
            json!([1, 3, 5])
        );
        assert_eq!(architecture["default"], "seed-cnn");
    }
}
