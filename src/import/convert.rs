//! From AWS's JSON to the JSON of facts: names and values, field by field, as the shape says. What
//! the shape does not know is counted.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::error::Fault;
use super::place::{self, Place};
use super::want::{Field, Object, Want, fold};
use crate::facts::{Time, secrets};

/// Fields that were left out, in AWS's names, and how often.
pub(super) type Ignored = BTreeMap<String, usize>;

/// Converts what one file holds.
pub(super) struct Convert<'a> {
    /// The file, for faults.
    pub(super) file: &'a str,
    /// What was left out.
    pub(super) ignored: &'a mut Ignored,
}

impl Convert<'_> {
    /// A value; `None` where AWS wrote "nothing".
    pub(super) fn value(
        &mut self,
        want: &Want,
        value: &Value,
        at: &Place,
    ) -> Result<Option<Value>, Fault> {
        let wrong = |expected: &str| Err(self.wrong(at, expected, value));
        Ok(Some(match (want, value) {
            (Want::UserData, Value::Null) => user_data(None),
            (_, Value::Null) => return Ok(None),
            (Want::Object(object), Value::Object(map)) => {
                Value::Object(self.object(object, map, at, true)?)
            }
            (Want::Object(_), _) => return wrong("an object"),
            (Want::List(item), Value::Array(items)) => {
                let items = items.iter().enumerate();
                let items = items
                    .map(|(index, value)| self.value(item, value, &at.item(index)))
                    .collect::<Result<Vec<_>, _>>()?;
                Value::Array(items.into_iter().flatten().collect())
            }
            (Want::List(_), _) => return wrong("a list"),
            (Want::Map, Value::Array(tags)) => self.tags(tags, at)?,
            (Want::Map, Value::Object(tags)) if tags.values().all(Value::is_string) => {
                value.clone()
            }
            (Want::Map, _) => return wrong("a list of `Key` and `Value`"),
            (Want::Time, Value::String(text)) if text.is_empty() => return Ok(None),
            // One that cannot be read stays as it is: it is not "never".
            (Want::Time, Value::String(text)) => {
                Value::String(Time::read(text).map_or_else(|| text.clone(), |time| time.0))
            }
            (Want::Time, _) => return wrong("a time as text"),
            (Want::Text, Value::String(_)) => value.clone(),
            (Want::Text, _) => return wrong("a text"),
            (Want::Integer, Value::Number(number)) if number.is_i64() => value.clone(),
            (Want::Integer, _) => return wrong("a whole number"),
            (Want::Number, Value::Number(number)) => {
                number.as_f64().map_or_else(|| value.clone(), |number| json!(number))
            }
            (Want::Number, _) => return wrong("a number"),
            (Want::Bool, Value::Bool(_)) => value.clone(),
            // Attributes: {"Value": true}.
            (Want::Bool, Value::Object(map)) => match place::get(map, "Value") {
                Some((_, Value::Bool(on))) => Value::Bool(*on),
                _ => return wrong("true, false, or an object with such a `Value`"),
            },
            (Want::Bool, _) => return wrong("true or false"),
            (Want::Secret, Value::String(text)) if text.is_empty() => return Ok(None),
            (Want::Secret, Value::String(_)) => json!("present"),
            (Want::Secret, _) => return wrong("a text"),
            (Want::UserData, Value::String(text)) => user_data(Some(text)),
            (Want::UserData, Value::Object(map)) => {
                match place::get(map, "Value").map(|(_, value)| value) {
                    None | Some(Value::Null) => user_data(None),
                    Some(Value::String(text)) => user_data(Some(text)),
                    Some(_) => return wrong("a text in `Value`"),
                }
            }
            (Want::UserData, _) => return wrong("a text, or an object with a text in `Value`"),
            (Want::Policy, _) => return self.policy(value, at),
            (Want::Free, Value::String(text)) => self.document(text, at)?,
            (Want::Free, _) => value.clone(),
        }))
    }

    /// An object. With `whole`, what its type cannot do without must be there.
    pub(super) fn object(
        &mut self,
        object: &Object,
        map: &Map<String, Value>,
        at: &Place,
        whole: bool,
    ) -> Result<Map<String, Value>, Fault> {
        let mut out = Map::new();
        for (key, value) in map {
            let folded = fold(key);
            let field = object.fields.get(&folded).or_else(|| {
                // One list of EC2 has its tags under the name of the XML element.
                (folded == "tagset").then(|| object.fields.get("tags")).flatten()
            });
            match field {
                Some(field) => {
                    let at = at.field(key);
                    if out.contains_key(&field.name) {
                        return Err(self.fault(
                            &at,
                            format!("`{}` stands here twice, in two spellings", field.name),
                        ));
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
                    if let Some((at, value)) =
                        place::find(map, place, at).map_err(|(at, fault)| self.fault(&at, fault))?
                    {
                        self.take(field, value, &at, &mut out)?;
                    }
                }
            }
        }
        let all = object.fields.values().chain(object.elsewhere.iter().map(|(field, _)| field));
        for field in all.filter(|field| field.required && whole) {
            if !out.contains_key(&field.name) {
                match field.want {
                    Want::UserData => drop(out.insert(field.name.clone(), user_data(None))),
                    _ => return Err(self.fault(at, format!("`{}` is missing", field.name))),
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
    ) -> Result<(), Fault> {
        // AWS writes "nothing" as an empty text in places.
        let nothing = field.nullable && value.as_str() == Some("");
        if let Some(value) = self.value(&field.want, value, at)?.filter(|_| !nothing) {
            out.insert(field.name.clone(), value);
        }
        Ok(())
    }

    fn tags(&self, tags: &[Value], at: &Place) -> Result<Value, Fault> {
        let mut out = Map::new();
        for (index, tag) in tags.iter().enumerate() {
            let at = at.item(index);
            let Value::Object(tag) = tag else {
                return Err(self.wrong(&at, "an object with `Key` and `Value`", tag));
            };
            let text = |name: &str| match place::get(tag, name) {
                None | Some((_, Value::Null)) => Ok(None),
                Some((_, Value::String(text))) => Ok(Some(text.clone())),
                Some((key, other)) => Err(self.wrong(&at.field(key), "a text", other)),
            };
            let key = text("Key")?
                .ok_or_else(|| self.fault(&at, "a tag without its `Key`".to_owned()))?;
            out.insert(key, Value::String(text("Value")?.unwrap_or_default()));
        }
        Ok(Value::Object(out))
    }

    /// A policy: its text, an object that has the text, or the document itself.
    fn policy(&self, value: &Value, at: &Place) -> Result<Option<Value>, Fault> {
        let document = match value {
            Value::String(text) if text.is_empty() => return Ok(None),
            Value::String(text) => self.document(text, at)?,
            Value::Object(map) if map.is_empty() => return Ok(None),
            Value::Object(map) => match place::get(map, "Policy") {
                Some((key, policy)) => return self.policy(policy, &at.field(key)),
                None if place::get(map, "Statement").is_some() => value.clone(),
                None => {
                    return Err(
                        self.fault(at, "expected a policy; this has no `Statement`".to_owned())
                    );
                }
            },
            Value::Null => return Ok(None),
            _ => return Err(self.wrong(at, "a policy as text", value)),
        };
        Ok(Some(json!({ "document": document })))
    }

    fn document(&self, text: &str, at: &Place) -> Result<Value, Fault> {
        match serde_json::from_str(text) {
            Ok(document @ Value::Object(_)) => Ok(document),
            Ok(_) => Err(self.fault(
                at,
                "expected a policy, which is a JSON object; this text is other JSON".to_owned(),
            )),
            Err(error) => Err(self.fault(at, format!("expected a policy as JSON text: {error}"))),
        }
    }

    /// A value of another type than the API's. What it is stays untold: it could be a secret in the
    /// wrong place.
    fn wrong(&self, at: &Place, expected: &str, got: &Value) -> Fault {
        let got = match got {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "a text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.fault(at, format!("expected {expected}, got {got}"))
    }

    pub(super) fn fault(&self, at: &Place, message: String) -> Fault {
        Fault::at(self.file, at, message)
    }
}

fn user_data(text: Option<&str>) -> Value {
    let data = secrets::user_data(text);
    json!({ "present": data.present, "looks_like_secret": data.looks_like_secret, "detector": data.detector })
}
