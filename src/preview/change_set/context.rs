//! The properties of a resource before or after a change, in which what is not known is marked.

use serde_json::{Map, Value};

use crate::preview::terraform::attribute::Attribute;

/// In place of a value that is known only after the change.
const NOT_KNOWN: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

static NULL: Value = Value::Null;

/// The properties of a resource.
#[derive(Debug)]
pub struct Context {
    value: Value,
    unknown: Value,
}

impl Context {
    /// Reads `BeforeContext` or `AfterContext`: JSON in a string. `None` if there is none.
    pub fn new(context: Option<&Value>) -> Result<Option<Self>, String> {
        let text = match context {
            None | Some(Value::Null) => return Ok(None),
            Some(Value::String(text)) => text,
            Some(_) => return Err("has a context that is not a string".to_owned()),
        };
        let json: Value = serde_json::from_str(text)
            .map_err(|_| "has a context that is not valid JSON".to_owned())?;
        let properties = json.get("Properties").cloned().unwrap_or_default();
        let (value, unknown) = marked(properties);
        Ok(Some(Self { value, unknown }))
    }

    /// All properties.
    pub fn properties(&self) -> Attribute<'_> {
        Attribute::new(&self.value, &self.unknown, &NULL)
    }
}

/// A value without what is not known, and the marks of that.
fn marked(value: Value) -> (Value, Value) {
    match value {
        Value::String(text) if text.contains(NOT_KNOWN) => (Value::Null, Value::Bool(true)),
        Value::Array(items) => {
            let (values, marks) = items.into_iter().map(marked).unzip::<_, _, Vec<_>, Vec<_>>();
            (Value::Array(values), Value::Array(marks))
        }
        Value::Object(fields) => {
            let (mut values, mut marks) = (Map::new(), Map::new());
            for (name, value) in fields {
                let (value, mark) = marked(value);
                values.insert(name.clone(), value);
                marks.insert(name, mark);
            }
            (Value::Object(values), Value::Object(marks))
        }
        other => (other, Value::Null),
    }
}
