//! The properties of a resource before or after a change, in which what is not known is marked.

use serde_json::{Map, Value};

use crate::preview::terraform::attribute::Attribute;

/// In place of a value that is known only after the change.
const NOT_KNOWN: &str = "{{changeSet:KNOWN_AFTER_APPLY}}";

/// Dynamic references, which CloudFormation resolves when it makes the change.
const REFERENCE: &str = "{{resolve:";
/// In place of a parameter with `NoEcho`.
const NO_ECHO: &str = "****";

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

fn is_hidden(text: &str) -> bool {
    text.contains(NOT_KNOWN) || text.contains(REFERENCE) || text == NO_ECHO
}

/// A value without what is not known, and the marks of that.
fn marked(value: Value) -> (Value, Value) {
    match value {
        Value::String(text) if is_hidden(&text) => (Value::Null, Value::Bool(true)),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_the_change_set_does_not_show_is_unknown() {
        for (value, is_known) in [
            ("Enabled", true),
            ("acme-***", true),
            ("{{changeSet:KNOWN_AFTER_APPLY}}", false),
            ("{{resolve:ssm:/app/bucket:1}}", false),
            ("arn:aws:s3:::{{resolve:secretsmanager:app}}/*", false),
            ("****", false),
        ] {
            let text = json!({ "Properties": { "A": [value] } }).to_string();
            let context = Context::new(Some(&text.into())).unwrap().unwrap();
            let items = context.properties().get("A").items().unwrap();
            assert_eq!(items[0].is_unknown(), !is_known, "{value}");
        }
    }
}
