//! Converts AWS's JSON to the JSON of facts, field by field, by the expected type. Unknown fields
//! are counted.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::error::ImportProblem;
use super::place::{self, Place};
use super::want::{ExpectedType, Field, Object, aws_name, fold};
use crate::facts::{PolicyDocument, Time, secrets};

/// Unknown fields, in AWS's names, with the number of occurrences.
pub(super) type Ignored = BTreeMap<String, usize>;

/// Converts the values of one file.
pub(super) struct Convert<'a> {
    /// The file, for messages.
    pub(super) file: &'a str,
    /// The unknown fields.
    pub(super) ignored: &'a mut Ignored,
}

impl Convert<'_> {
    /// Converts a value; `None` if it is null or an empty string that means null.
    pub(super) fn value(
        &mut self,
        expected: &ExpectedType,
        value: &Value,
        at: &Place,
    ) -> Result<Option<Value>, ImportProblem> {
        let wrong = |expected: &str| Err(self.wrong(at, expected, value));
        Ok(Some(match (expected, value) {
            (ExpectedType::UserData, Value::Null) => user_data(None),
            (_, Value::Null) => return Ok(None),
            (ExpectedType::Object(object), Value::Object(map)) => {
                Value::Object(self.object(object, map, at, true)?)
            }
            (ExpectedType::Object(_), _) => return wrong("object"),
            (ExpectedType::List(item), Value::Array(items)) => {
                let mut out = Vec::with_capacity(items.len());
                for (index, value) in items.iter().enumerate() {
                    let at = at.item(index);
                    // Without it, the list would look complete.
                    let item = self.value(item, value, &at)?;
                    out.push(item.ok_or_else(|| self.nothing(&at, value))?);
                }
                Value::Array(out)
            }
            (ExpectedType::List(_), _) => return wrong("list"),
            (ExpectedType::Tags, Value::Array(tags)) => self.tags(tags, at)?,
            (ExpectedType::Tags, Value::Object(tags)) if tags.values().all(Value::is_string) => {
                value.clone()
            }
            (ExpectedType::Tags, _) => return wrong("list of tags with `Key` and `Value`"),
            (ExpectedType::Time, Value::String(text)) if text.is_empty() => return Ok(None),
            // An invalid time is kept as it is, since it does not mean "never".
            (ExpectedType::Time, Value::String(text)) => {
                Value::String(Time::read(text).map_or_else(|| text.clone(), |time| time.0))
            }
            (ExpectedType::Time, _) => return wrong("time as string"),
            (ExpectedType::String, Value::String(_)) => value.clone(),
            (ExpectedType::String, _) => return wrong("string"),
            (ExpectedType::Integer, Value::Number(number)) if number.is_i64() => value.clone(),
            (ExpectedType::Integer, _) => return wrong("int"),
            (ExpectedType::Number, Value::Number(number)) => {
                number.as_f64().map_or_else(|| value.clone(), |number| json!(number))
            }
            (ExpectedType::Number, _) => return wrong("float"),
            (ExpectedType::Bool, Value::Bool(_)) => value.clone(),
            // Attributes: {"Value": true}.
            (ExpectedType::Bool, Value::Object(map)) => match place::get(map, "Value") {
                Some((_, Value::Bool(on))) => Value::Bool(*on),
                _ => return wrong("bool, or object with bool `Value`"),
            },
            (ExpectedType::Bool, _) => return wrong("bool"),
            (ExpectedType::Secret, Value::String(text)) if text.is_empty() => return Ok(None),
            (ExpectedType::Secret, Value::String(_)) => json!("present"),
            (ExpectedType::Secret, _) => return wrong("string"),
            (ExpectedType::UserData, Value::String(text)) => user_data(Some(text)),
            (ExpectedType::UserData, Value::Object(map)) => {
                match place::get(map, "Value").map(|(_, value)| value) {
                    None | Some(Value::Null) => user_data(None),
                    Some(Value::String(text)) => user_data(Some(text)),
                    Some(_) => return wrong("object with string `Value`"),
                }
            }
            (ExpectedType::UserData, _) => {
                return wrong("string, or object with string `Value`");
            }
            (ExpectedType::Policy, _) => return self.policy(value, at),
            (ExpectedType::Json, Value::String(text)) => self.document(text, at)?,
            (ExpectedType::Json, _) => value.clone(),
        }))
    }

    /// Counts fields of the response that are neither its list nor its fact.
    pub(super) fn note_ignored<'v>(&mut self, fields: impl Iterator<Item = &'v str>) {
        for field in fields {
            let shown = Place::default().field(field).without_numbers();
            *self.ignored.entry(shown).or_default() += 1;
        }
    }

    /// Converts an object. With `whole`, all required fields must be present.
    pub(super) fn object(
        &mut self,
        object: &Object,
        map: &Map<String, Value>,
        at: &Place,
        whole: bool,
    ) -> Result<Map<String, Value>, ImportProblem> {
        let mut out = Map::new();
        for (key, value) in map {
            let folded = fold(key);
            let field = object.fields.get(&folded).or_else(|| {
                // One EC2 list has its tags under the name of the XML element.
                (folded == "tagset").then(|| object.fields.get("tags")).flatten()
            });
            match field {
                Some(field) => {
                    let at = at.field(key);
                    if out.contains_key(&field.name) {
                        return Err(self
                            .problem(&at, format!("duplicate `{}` in two spellings", field.name)));
                    }
                    self.take(field, value, &at, &mut out)?;
                }
                None if object
                    .elsewhere
                    .iter()
                    .any(|(_, place)| place::begins_with(place, key)) => {}
                None => *self.ignored.entry(at.field(key).without_numbers()).or_default() += 1,
            }
        }
        for (field, place) in &object.elsewhere {
            match place.strip_suffix('?') {
                Some(switch) => {
                    let found = place::get(map, switch).map(|(_, value)| value);
                    let on =
                        found.is_some_and(|value| !value.is_null() && value.as_str() != Some(""));
                    out.insert(field.name.clone(), Value::Bool(on));
                }
                None => {
                    if let Some((at, value)) = place::find(map, place, at)
                        .map_err(|(at, problem)| self.problem(&at, problem))?
                    {
                        self.take(field, value, &at, &mut out)?;
                    }
                }
            }
        }
        let all = object.fields.values().chain(object.elsewhere.iter().map(|(field, _)| field));
        for field in all.filter(|field| field.required && whole) {
            if !out.contains_key(&field.name) {
                match field.expected {
                    ExpectedType::UserData => drop(out.insert(field.name.clone(), user_data(None))),
                    _ => {
                        return Err(
                            self.problem(at, format!("missing `{}`", aws_name(&field.name)))
                        );
                    }
                }
            }
        }
        Ok(out)
    }

    fn take(
        &mut self,
        field: &Field,
        value: &Value,
        at: &Place,
        out: &mut Map<String, Value>,
    ) -> Result<(), ImportProblem> {
        // In places, AWS writes null as an empty string.
        let is_null = field.nullable && value.as_str() == Some("");
        if let Some(value) = self.value(&field.expected, value, at)?.filter(|_| !is_null) {
            out.insert(field.name.clone(), value);
        }
        Ok(())
    }

    fn tags(&self, tags: &[Value], at: &Place) -> Result<Value, ImportProblem> {
        let mut out = Map::new();
        for (index, tag) in tags.iter().enumerate() {
            let at = at.item(index);
            let Value::Object(tag) = tag else {
                return Err(self.wrong(&at, "object with `Key` and `Value`", tag));
            };
            let text = |name: &str| match place::get(tag, name) {
                None | Some((_, Value::Null)) => Ok(None),
                Some((_, Value::String(text))) => Ok(Some(text.clone())),
                Some((key, other)) => Err(self.wrong(&at.field(key), "string", other)),
            };
            let key =
                text("Key")?.ok_or_else(|| self.problem(&at, "tag without `Key`".to_owned()))?;
            let value = text("Value")?.unwrap_or_default();
            if out.insert(key, Value::String(value)).is_some() {
                return Err(self.problem(&at, "duplicate tag".to_owned()));
            }
        }
        Ok(Value::Object(out))
    }

    /// Converts a policy: a JSON string, an object that contains the string, or the document itself.
    fn policy(&self, value: &Value, at: &Place) -> Result<Option<Value>, ImportProblem> {
        let document = match value {
            Value::String(text) if text.is_empty() => return Ok(None),
            Value::String(text) => self.document(text, at)?,
            Value::Object(map) if map.is_empty() => return Ok(None),
            Value::Object(map) => match place::get(map, "Policy") {
                Some((key, policy)) => return self.policy(policy, &at.field(key)),
                None if place::get(map, "Statement").is_some() => value.clone(),
                None => {
                    return Err(self.problem(at, "invalid policy: missing `Statement`".to_owned()));
                }
            },
            Value::Null => return Ok(None),
            _ => return Err(self.wrong(at, "policy as JSON string", value)),
        };
        Ok(Some(json!({ "document": document })))
    }

    fn document(&self, text: &str, at: &Place) -> Result<Value, ImportProblem> {
        PolicyDocument::parse(text)
            .map(|policy| policy.document)
            .map_err(|reason| self.problem(at, format!("invalid policy: {reason}")))
    }

    /// A value of the wrong type. The message does not contain it, since it could be a secret.
    fn wrong(&self, at: &Place, expected: &str, value: &Value) -> ImportProblem {
        let found = match value {
            Value::Null => "null",
            Value::Bool(_) => "bool",
            Value::Number(number) if number.is_f64() => "float",
            Value::Number(_) => "int",
            Value::String(_) => "string",
            Value::Array(_) => "list",
            Value::Object(_) => "object",
        };
        self.problem(at, format!("expected {expected}, found {found}"))
    }

    /// A value that means that there is none, where there should be one.
    pub(super) fn nothing(&self, at: &Place, value: &Value) -> ImportProblem {
        let found = match value {
            Value::String(_) => "an empty string",
            Value::Object(map) if map.is_empty() => "an empty object",
            Value::Object(_) => "an object without one",
            _ => "null",
        };
        self.problem(at, format!("expected a value, found {found}"))
    }

    pub(super) fn problem(&self, at: &Place, message: String) -> ImportProblem {
        ImportProblem::at(self.file, at, message)
    }
}

fn user_data(text: Option<&str>) -> Value {
    let data = secrets::user_data(text);
    json!({ "present": data.present, "looks_like_secret": data.looks_like_secret, "detector": data.detector })
}
