//! Resource types as JSON Schema, for tools. A resource is an object with the fields of its list
//! and the facts on demand. What JSON Schema cannot express (scope, calls, IAM actions) is under
//! `x-rolecall`.

use serde_json::{Map, Value, json};

use super::words::scope;
use crate::facts::{ATTRIBUTES, ApiCall, KINDS, Kind};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// All resource types in one document.
pub(crate) fn all() -> Value {
    let kinds: Map<String, Value> =
        KINDS.iter().map(|kind| (kind.name.to_owned(), of(kind))).collect();
    json!({ "$schema": DIALECT, "title": "Resource types of rolecall", "$defs": kinds })
}

/// One resource type.
pub(crate) fn of(kind: &Kind) -> Value {
    let mut definitions = Map::new();
    let mut base = taken_apart((kind.shape.schema)(), &mut definitions);
    let mut properties = match base.remove("properties") {
        Some(Value::Object(properties)) => properties,
        _ => Map::new(),
    };
    for fact in kind.facts {
        let schema = taken_apart((fact.shape.schema)(), &mut definitions);
        // It is present only if a rule needs it, and null if it is not configured.
        properties.insert(
            fact.name.to_owned(),
            json!({ "description": fact.doc, "anyOf": [schema, { "type": "null" }] }),
        );
    }
    for attribute in ATTRIBUTES.iter().filter_map(|known| kind.attribute(known.name)) {
        let of = if attribute.optional { json!(["string", "null"]) } else { json!("string") };
        let schema = json!({ "description": attribute.doc, "type": of });
        properties.insert(attribute.name.to_owned(), schema);
    }
    let call =
        |call: &ApiCall| json!({ "call": call.name, "action": call.action, "absent": call.absent });
    let facts: Map<String, Value> =
        kind.facts.iter().map(|fact| (fact.name.to_owned(), call(&fact.call))).collect();
    json!({
        "$schema": DIALECT,
        "$id": format!("urn:rolecall:facts:{}", kind.name),
        "title": kind.name,
        "description": kind.doc,
        "type": "object",
        "properties": properties,
        "required": base.remove("required").unwrap_or(json!([])),
        "x-rolecall": {
            "once_per": scope(kind),
            "id": kind.id,
            "arn": kind.arn,
            "list": kind.list.iter().map(call).collect::<Vec<_>>(),
            "facts": facts,
        },
        "$defs": definitions,
    })
}

/// Removes the head of a schema and moves referenced types to `definitions` at the top of the
/// document.
fn taken_apart(schema: Value, definitions: &mut Map<String, Value>) -> Map<String, Value> {
    let Value::Object(mut schema) = schema else { return Map::new() };
    if let Some(Value::Object(own)) = schema.remove("$defs") {
        definitions.extend(own);
    }
    schema.remove("$schema");
    schema.remove("title");
    schema
}
