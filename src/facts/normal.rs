//! Normalization of facts.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::compact::CompactFacts;
use super::kind::{FactSpec, Kind, outermost};
use super::kinds::kind;
use super::packer::Packer;
use crate::model::unreadable::Unreadable;
use crate::model::{Cause, Resource, describe_serde_error, text};

/// Checks a resource's facts against the shapes of its kind and normalizes them: every optional field
/// of the list and of each fact is present, `null` if absent. A `null` fact for which AWS defines
/// defaults has these: snapshots of older versions and test cases can have it. `None` for a kind that
/// this version does not know. The error names the fact and the resource.
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
                Value::Null => fact.defaults().unwrap_or_default(),
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

/// Something that AWS always sends and that a resource of a snapshot lacks.
#[derive(Debug, Clone)]
pub struct Lost {
    /// The field of the list, or the fact, that it is in.
    pub name: &'static str,
    /// Its path; the last step can be one of several: `a|b`.
    path: String,
    /// Why the field or fact is not known.
    pub cause: Cause,
}

impl Lost {
    /// Whether the snapshot says why it could not be read. That one item of a list is unreadable does
    /// not explain what another one lacks.
    pub fn is_explained_by(&self, unreadable: &Unreadable) -> bool {
        let path = self.path.replace("[]", "");
        let (before, last) = path.rsplit_once('.').map_or(("", path.as_str()), |parts| parts);
        let mut alternatives = last.split('|').map(|last| match before {
            "" => last.to_owned(),
            before => format!("{before}.{last}"),
        });
        let known: Vec<String> = unreadable.keys().map(|known| known.replace("[]", "")).collect();
        alternatives.any(|path| known.contains(&path))
    }
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
                fact.defaults().unwrap_or_default()
            } else {
                (fact.shape.normalize_text)(text).ok()?
            };
            normal.insert(fact.name.to_owned(), value);
        }
        Some(normal)
    }

    /// The same in the compact form, without `null` facts that AWS always returns: what they are was
    /// not collected. `None` also for facts that have no compact form.
    pub fn compact(self, kind: &Kind) -> Option<CompactFacts> {
        let mut packer = Packer::default();
        (kind.shape.pack_text)(self.0, &mut packer)?;
        let facts = self.known(kind)?;
        if facts.is_empty() {
            return Some(CompactFacts(packer.into_bytes()));
        }
        let size_at = packer.reopen()?;
        for (fact, text) in facts {
            let start = packer.position();
            packer.name(fact.name).ok()?;
            let value = packer.position();
            if text == "null" {
                fact.defaults().unwrap_or_default().serialize(&mut packer).ok()?;
            } else {
                (fact.shape.pack_text)(text, &mut packer)?;
            }
            if fact.is_always_known() && packer.is_null_from(value) {
                packer.truncate(start);
            }
        }
        packer.end(size_at).ok()?;
        Some(CompactFacts(packer.into_bytes()))
    }

    /// The fields of the list and the facts that lack what AWS always sends.
    pub fn lost(self, kind: &Kind) -> Vec<Lost> {
        let listed = kind.list.first().map(|call| {
            let missing = call.missing_in_text(self.0).into_iter();
            missing.map(|path| Lost {
                name: outermost(path),
                path: path.to_owned(),
                cause: call.not_in_snapshot(path),
            })
        });
        let facts = self.known(kind).unwrap_or_default().into_iter();
        let of_facts = facts.filter(|(_, text)| *text != "null").flat_map(|(fact, text)| {
            let missing = fact.call.missing_in_text(text).into_iter();
            missing.map(|path| Lost {
                name: fact.name,
                path: format!("{}.{path}", fact.name),
                cause: fact.call.not_in_snapshot(path),
            })
        });
        listed.into_iter().flatten().chain(of_facts).collect()
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::{EmptyResponse, KINDS};

    /// A null fact is what AWS defines for a setting that was never configured, however it is read.
    #[test]
    fn facts_with_defaults_are_never_absent() {
        let expected = [
            ("ec2.settings/instance_metadata_defaults", json!(null), "http_tokens"),
            ("ec2.snapshot/public", json!(false), ""),
            ("s3.account/public_access_block", json!(false), "block_public_acls"),
            ("s3.bucket/public_access_block", json!(false), "restrict_public_buckets"),
            ("s3.bucket/versioning", json!(null), "status"),
        ];
        let mut found = Vec::new();
        for kind in KINDS {
            for fact in kind.facts {
                let Some(defaults) = fact.defaults() else {
                    let other = fact.call.if_empty != EmptyResponse::Defaults;
                    assert!(other || !fact.is_always_known(), "{}/{}", kind.name, fact.name);
                    continue;
                };
                assert_eq!((fact.shape.normalize)(defaults.clone()).unwrap(), defaults);
                found.push((format!("{}/{}", kind.name, fact.name), defaults));
            }
        }
        found.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(found.len(), expected.len(), "{found:?}");
        for ((name, defaults), (wanted, value, field)) in found.iter().zip(&expected) {
            assert_eq!(name, wanted);
            let got = if field.is_empty() { defaults } else { &defaults[*field] };
            assert_eq!(got, value, "{name}: {defaults}");
        }
        let account = json!({ "account_id": "111122223333", "public_access_block": null });
        let text = account.to_string();
        let kind = kind("s3.account").unwrap();
        let fast = FactsText::new(&text).unwrap().normalize(kind).unwrap();
        let resource = Resource {
            kind: "s3.account".to_owned(),
            id: "111122223333".to_owned(),
            region: crate::model::Region::global(),
            arn: None,
            name: None,
            facts: account.as_object().unwrap().clone(),
            unreadable: BTreeMap::new(),
        };
        let slow = normalize(resource).unwrap().unwrap().facts;
        assert_eq!(Value::Object(fast), Value::Object(slow.clone()));
        assert_eq!(slow["public_access_block"]["block_public_policy"], json!(false));
    }
}
