//! The fields of a shape as a flat list, from its JSON Schema.

use serde_json::Value;

use crate::facts::kind::Shape;
use crate::model::code_series;

/// One field that a rule can read.
#[derive(Debug)]
pub struct Field {
    /// Its path: `options.tunnel_options[].ike_versions`.
    pub path: String,
    /// Its type, with `?` if it can be absent: `string?`, `list of object`.
    pub kind: String,
    /// Its documentation.
    pub doc: String,
    /// All values that it can have, if that is a fixed set.
    pub closed: Vec<String>,
    /// The format of a string, or of the strings in a list: `lowercase`, `action`, `principal`.
    pub format: Option<String>,
}

impl Field {
    /// Whether it is a field of the resource itself, not of another field.
    pub fn is_outermost(&self) -> bool {
        !self.path.contains(['.', '['])
    }

    /// Its possible values, if the documentation lists all of them in backticks and has no word that
    /// indicates other values.
    pub fn values(&self) -> Vec<&str> {
        if !self.closed.is_empty() {
            return self.closed.iter().map(String::as_str).collect();
        }
        if !self.is_word() || self.doc.contains('…') {
            return Vec::new();
        }
        let values = self.named();
        if values.len() > 1 { values } else { Vec::new() }
    }

    /// The values that the documentation names in backticks.
    pub fn named(&self) -> Vec<&str> {
        self.doc.split('`').skip(1).step_by(2).collect()
    }

    /// Whether the values that the documentation names are those of a list, not examples of what users
    /// write.
    pub fn lists_values(&self) -> bool {
        self.doc.starts_with('`') || self.doc.contains("`, …") || self.named().len() > 1
    }

    /// Whether all of its values are in lowercase: those that the documentation names as examples are.
    pub fn is_lowercase(&self) -> bool {
        let has_capital = |value: &&str| value.chars().any(char::is_uppercase);
        self.is_word() && self.doc.contains("`, …") && !self.named().iter().any(has_capital)
    }

    /// Whether its values are words that AWS defines, not numbers, names or ids.
    fn is_word(&self) -> bool {
        const OTHER: [&str; 8] =
            ["number", "date", "account", " id", "name", "ARN", "capital", "ends in"];
        self.kind.trim_end_matches('?').ends_with("string")
            && !OTHER.iter().any(|word| self.doc.contains(word))
    }

    /// Whether it can be absent.
    pub fn is_optional(&self) -> bool {
        self.kind.ends_with('?')
    }
}

/// The maximum depth of a type. Types of facts are not recursive, so it is never reached.
const DEPTH: usize = 16;

/// Every field of the shape, with the fields of an object after the object. `at` is the prefix of
/// their paths: empty, or a fact's name.
pub fn of(shape: &Shape, at: &str) -> Vec<Field> {
    let schema = (shape.schema)();
    let root = Walk { definitions: schema.get("$defs").unwrap_or(&Value::Null) };
    let mut fields = Vec::new();
    root.inside(&schema, at, DEPTH, &mut fields);
    fields
}

/// The type of the shape as a whole.
pub fn kind(shape: &Shape) -> String {
    let schema = (shape.schema)();
    Walk { definitions: schema.get("$defs").unwrap_or(&Value::Null) }.name(&schema)
}

/// The values that a schema allows, if it lists them.
fn closed(schema: &Value) -> Vec<String> {
    let values = schema.get("enum").and_then(Value::as_array).into_iter().flatten();
    values.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The name of the type that a schema references, directly or in `anyOf`.
fn reference(schema: &Value) -> Option<&str> {
    let choices = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    std::iter::once(schema)
        .chain(choices)
        .find_map(|schema| schema.get("$ref")?.as_str()?.rsplit('/').next())
}

struct Walk<'a> {
    definitions: &'a Value,
}

impl<'a> Walk<'a> {
    /// Resolves a reference, or `anyOf` with null, and returns whether null is allowed.
    fn resolve(&self, schema: &'a Value) -> (&'a Value, bool) {
        if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            let null = |choice: &&Value| choice.get("type").and_then(Value::as_str) == Some("null");
            let other = choices.iter().find(|choice| !null(choice)).unwrap_or(schema);
            return (self.resolve(other).0, choices.iter().any(|choice| null(&choice)));
        }
        if let Some(name) = reference(schema) {
            return (self.definitions.get(name).unwrap_or(&Value::Null), false);
        }
        let null = schema
            .get("type")
            .and_then(Value::as_array)
            .is_some_and(|types| types.iter().any(|name| name == "null"));
        (schema, null)
    }

    /// The name of the type, as shown to rule authors.
    fn name(&self, schema: &'a Value) -> String {
        if reference(schema) == Some("Time") {
            return "time".to_owned();
        }
        let (schema, _) = self.resolve(schema);
        let type_name = match schema.get("type") {
            Some(Value::Array(names)) => {
                names.iter().filter_map(Value::as_str).find(|name| *name != "null")
            }
            other => other.and_then(Value::as_str),
        };
        match type_name {
            Some("string") => "string".to_owned(),
            Some("boolean") => "bool".to_owned(),
            Some("integer") => "int".to_owned(),
            Some("number") => "float".to_owned(),
            Some("array") => schema
                .get("items")
                .map_or("list".to_owned(), |items| format!("list of {}", self.name(items))),
            Some("object") => match schema.get("additionalProperties") {
                Some(values @ Value::Object(_)) => format!("map of {}", self.name(values)),
                _ => "object".to_owned(),
            },
            _ => "any".to_owned(),
        }
    }

    /// The fields of an object, or of the objects in a list.
    fn inside(&self, schema: &'a Value, at: &str, depth: usize, out: &mut Vec<Field>) {
        let (schema, _) = self.resolve(schema);
        if let Some(items) = schema.get("items") {
            return self.inside(items, &format!("{at}[]"), depth, out);
        }
        let Some(properties) =
            schema.get("properties").and_then(Value::as_object).filter(|_| depth > 0)
        else {
            return;
        };
        for (name, property) in properties {
            let path = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            let (resolved, absent) = self.resolve(property);
            let doc = property
                .get("description")
                .or_else(|| resolved.get("description"))
                .and_then(Value::as_str);
            let kind = format!("{}{}", self.name(property), if absent { "?" } else { "" });
            let closed = closed(property);
            let mut doc = doc.unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
            if !closed.iter().all(|value| doc.contains(&format!("`{value}`"))) {
                let nil = absent.then_some("()");
                let values = code_series(closed.iter().map(String::as_str).chain(nil), "or");
                doc = format!("{}: {values}.", doc.trim_end_matches('.'));
            }
            let format = property.get("format").and_then(Value::as_str).map(str::to_owned);
            out.push(Field { path: path.clone(), kind, doc, closed, format });
            self.inside(property, &path, depth - 1, out);
        }
    }
}
