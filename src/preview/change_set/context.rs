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
#[derive(Debug, Default)]
pub struct Context {
    json: Value,
    value: Value,
    unknown: Value,
}

/// Which resource a property names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// The property is not set.
    Nothing,
    /// These resources.
    Ids(Vec<String>),
    /// One whose id is known only after the change.
    New,
    /// It can be any.
    Any,
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
        Ok(Some(Self { json, value, unknown }))
    }

    /// All properties.
    pub fn properties(&self) -> Attribute<'_> {
        Attribute::new(&self.value, &self.unknown, &NULL)
    }

    /// An attribute of the resource besides its properties, such as `DeletionPolicy`.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.json.get(name).and_then(Value::as_str)
    }

    /// The resources that a property names: an id or a list of ids, or those in blocks
    /// (`Volumes.VolumeId`).
    pub fn named(&self, property: &str) -> Named {
        let mut texts = Vec::new();
        let (name, part) = match property.split_once('.') {
            Some((name, part)) => (name, Some(part)),
            None => (property, None),
        };
        if let Some(value) = self.json.get("Properties").and_then(|all| all.get(name)) {
            match (part, value) {
                (Some(part), Value::Array(blocks)) => {
                    let parts = blocks.iter().filter_map(|block| block.get(part));
                    parts.for_each(|value| strings(value, &mut texts));
                    // A block that is not known as a whole.
                    texts.extend(blocks.iter().filter_map(text_of));
                }
                (_, value) => strings(value, &mut texts),
            }
        }
        if texts.is_empty() {
            return Named::Nothing;
        }
        let is_new = |text: &&String| *text == NOT_KNOWN;
        match texts.iter().all(|text| !is_hidden(text)) {
            true => Named::Ids(texts.into_iter().cloned().collect()),
            false if texts.iter().all(is_new) => Named::New,
            false => Named::Any,
        }
    }

    /// Whether a property is not known, or a part of it.
    pub fn has_hidden(&self) -> bool {
        has_mark(&self.unknown)
    }

    /// All strings in the properties.
    pub fn strings(&self) -> Vec<&String> {
        let mut texts = Vec::new();
        if let Some(value) = self.json.get("Properties") {
            strings(value, &mut texts);
        }
        texts
    }
}

fn text_of(value: &Value) -> Option<&String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

fn strings<'v>(value: &'v Value, texts: &mut Vec<&'v String>) {
    match value {
        Value::String(text) => texts.push(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, texts)),
        Value::Object(fields) => fields.values().for_each(|field| strings(field, texts)),
        _ => {}
    }
}

fn is_hidden(text: &str) -> bool {
    text.contains(NOT_KNOWN) || text.contains(REFERENCE) || text.contains(NO_ECHO)
}

/// Whether an object is a function that CloudFormation did not resolve.
fn is_function(fields: &Map<String, Value>) -> bool {
    let name = fields.keys().next().filter(|_| fields.len() == 1);
    name.is_some_and(|name| name == "Ref" || name.starts_with("Fn::"))
}

/// A value without what is not known, and the marks of that. CloudFormation accepts numbers and booleans
/// for strings and the other way around, so they are all strings here, but not in documents.
fn marked(value: Value) -> (Value, Value) {
    match value {
        Value::String(text) if is_hidden(&text) => (Value::Null, Value::Bool(true)),
        Value::String(text) => (Value::String(text), Value::Null),
        Value::Bool(flag) => (Value::String(flag.to_string()), Value::Null),
        Value::Number(number) => (Value::String(number.to_string()), Value::Null),
        Value::Array(items) => {
            let (values, marks) = items.into_iter().map(marked).unzip::<_, _, Vec<_>, Vec<_>>();
            (Value::Array(values), Value::Array(marks))
        }
        Value::Object(fields) if is_function(&fields) => (Value::Null, Value::Bool(true)),
        Value::Object(fields) => {
            let (mut values, mut marks) = (Map::new(), Map::new());
            for (name, value) in fields {
                let (known, mark) = marked(value.clone());
                let is_document = matches!(&*name, "Policy" | "PolicyDocument") && !has_mark(&mark);
                values.insert(name.clone(), if is_document { value } else { known });
                marks.insert(name, mark);
            }
            (Value::Object(values), Value::Object(marks))
        }
        Value::Null => (Value::Null, Value::Null),
    }
}

fn has_mark(marks: &Value) -> bool {
    match marks {
        Value::Bool(mark) => *mark,
        Value::Array(items) => items.iter().any(has_mark),
        Value::Object(fields) => fields.values().any(has_mark),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_and_booleans_are_strings_and_functions_are_unknown() {
        let properties = json!({
            "A": 80, "B": true, "C": { "Ref": "Data" }, "D": { "Fn::GetAtt": ["Data", "Arn"] },
            "PolicyDocument": { "Condition": { "Bool": { "aws:SecureTransport": false } } },
        });
        let text = json!({ "Properties": properties }).to_string();
        let context = Context::new(Some(&text.into())).unwrap().unwrap();
        let get = |name: &str| context.properties().get(name);
        assert_eq!((get("A").text(), get("A").number()), (Ok(Some("80")), Ok(Some(80))));
        assert_eq!((get("B").text(), get("B").flag()), (Ok(Some("true")), Ok(Some(true))));
        assert!(get("C").is_unknown() && get("D").is_unknown());
        assert_eq!(get("PolicyDocument").raw(), &properties["PolicyDocument"]);
    }

    #[test]
    fn what_the_change_set_does_not_show_is_unknown() {
        for (value, is_known) in [
            ("Enabled", true),
            ("acme-***", true),
            ("{{changeSet:KNOWN_AFTER_APPLY}}", false),
            ("{{resolve:ssm:/app/bucket:1}}", false),
            ("arn:aws:s3:::{{resolve:secretsmanager:app}}/*", false),
            ("****", false),
            ("acme-****", false),
        ] {
            let text = json!({ "Properties": { "A": [value] } }).to_string();
            let context = Context::new(Some(&text.into())).unwrap().unwrap();
            let items = context.properties().get("A").items().unwrap();
            assert_eq!(items[0].is_unknown(), !is_known, "{value}");
        }
    }
}
