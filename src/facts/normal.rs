//! Normalization of facts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::kind::{FactSpec, Kind};
use super::kinds::kind;
use crate::model::{Resource, describe_serde_error, text};

/// Checks a resource's facts against the shapes of its kind and normalizes them: every optional field
/// of the list and of each fact is present, `null` if absent. `None` for a kind that this version
/// does not know. The error names the fact and the resource.
pub fn normalize(mut resource: Resource) -> Result<Option<Resource>, String> {
    let Some(kind) = kind(&resource.kind) else { return Ok(None) };
    let invalid = |what: &str, error: serde_json::Error| {
        format!(
            "invalid {what} of {} `{}`: {}",
            resource.kind,
            text::one_line(&resource.id, 100),
            describe_serde_error(&error.to_string())
        )
    };
    let mut facts = Vec::new();
    for fact in kind.facts {
        if let Some(value) = resource.facts.remove(fact.name) {
            let value = match value {
                Value::Null => Value::Null,
                value => {
                    let invalid = |error| invalid(&format!("`{}`", fact.name), error);
                    (fact.shape.normalize)(value).map_err(invalid)?
                }
            };
            facts.push((fact.name.to_owned(), value));
        }
    }
    let base = (kind.shape.normalize)(Value::Object(resource.facts))
        .map_err(|error| invalid("facts", error))?;
    let Value::Object(mut normal) = base else {
        return Err(format!("facts of {} are not an object", resource.kind));
    };
    normal.extend(facts);
    resource.facts = normal;
    Ok(Some(resource))
}

/// The JSON text of a resource's facts, as it is in a snapshot.
#[derive(Debug, Clone, Copy)]
pub struct FactsText<'a>(&'a str);

impl<'a> FactsText<'a> {
    /// `None` if the text is not a JSON object.
    pub fn new(text: &'a str) -> Option<Self> {
        text.starts_with('{').then_some(Self(text))
    }

    /// The facts as [`normalize`] returns them, without building a JSON tree in between. `None` if
    /// they are invalid; [`normalize`] returns the error.
    pub fn normalize(self, kind: &Kind) -> Option<Map<String, Value>> {
        let Ok(Value::Object(mut normal)) = (kind.shape.normalize_text)(self.0) else {
            return None;
        };
        for (fact, text) in self.known(kind)? {
            let value = if text == "null" {
                Value::Null
            } else {
                (fact.shape.normalize_text)(text).ok()?
            };
            normal.insert(fact.name.to_owned(), value);
        }
        Some(normal)
    }

    /// Whether [`Self::normalize`] returns facts, at a fraction of its cost.
    pub fn is_valid(self, kind: &Kind) -> bool {
        let valid = |(fact, text): (&FactSpec, &str)| {
            text == "null" || (fact.shape.check_text)(text).is_ok()
        };
        (kind.shape.check_text)(self.0).is_ok()
            && self.known(kind).is_some_and(|facts| facts.into_iter().all(valid))
    }

    /// The facts that are present beyond the list, with their JSON text.
    fn known(self, kind: &Kind) -> Option<Vec<(&'static FactSpec, &'a str)>> {
        /// A key, which is copied only if it has escapes.
        #[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord)]
        struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

        if kind.facts.is_empty() {
            return Some(Vec::new());
        }
        let texts: BTreeMap<Key<'a>, &'a RawValue> = serde_json::from_str(self.0).ok()?;
        let known = |fact: &'static FactSpec| {
            Some((fact, texts.get(&Key(Cow::Borrowed(fact.name)))?.get()))
        };
        Some(kind.facts.iter().filter_map(known).collect())
    }
}
