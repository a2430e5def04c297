//! The tags that `[[tags.require]]` requires: what is wrong with those of a resource, and which values
//! they would get.

use std::collections::BTreeMap;
use std::rc::Rc;

use rhai::{Array, Dynamic, ImmutableString};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::arguments::{Scripted, optional_text, script_value};
use super::table::{ResultShape, topic};
use super::texts;
use crate::facts::{self, Kind, Reference, Shape, TAGS};
use crate::model::{
    DiscoveredAccount, MAX_TAG_VALUE, MAX_TAGS, TagDefault, TagRequirement, is_reserved_tag,
    series, text,
};
use crate::rules::values::context::EvalContext;
use crate::rules::values::interrupt::Interrupt;
use crate::rules::values::json::{to_json, type_name};
use crate::rules::values::object::Object;

topic! {
    /// These functions evaluate the tags that your configuration requires, as set by
    /// `[[tags.require]]` in `rolecall.toml`. Tags that start with `aws:` belong to AWS and are
    /// ignored.
    "Required tags";

    /// Returns what is wrong with the required tags of a resource, in the order of the
    /// configuration: tags that are missing, that have a value that is not allowed, or whose key is
    /// misspelled. Each problem contains the value that the tag would get, or the reason why there
    /// is none. Returns an empty list if the configuration requires no tags of the kind.
    ///
    /// A kind from which a value is copied must be declared in `needs`. The verdict does not depend
    /// on it: if it cannot be read, there is no value.
    fn tag_problems(resource: "object") -> "list of tag_problem";
    "tag_problems(related(\"ec2.volume\", \"volume_id\", \"vol-1\")[0])" => "[]";
    "tag_problems(related(\"ec2.volume\", \"volume_id\", \"vol-2\")[0]).map(|problem| problem.problem)"
        => "[\"missing\"]";
    "tag_problems(related(\"ec2.volume\", \"volume_id\", \"vol-2\")[0])"
        => "[#{ key: \"Owner\", problem: \"missing\", value: (), remove: #{}, new_value: \"web\", source: \"fixed value\", no_value: (), acts: false }]";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("tag_problems", move |resource: Dynamic| -> Scripted<Array> {
            let problems = Tagged::new(&cx, "tag_problems", &resource)?.problems()?;
            Ok(problems.iter().map(script_value).collect())
        })
    };

    /// Returns how many tags can be added to a resource: AWS allows 50 in addition to those that
    /// start with `aws:`.
    fn free_tags(resource: "object") -> "int";
    "free_tags(related(\"ec2.volume\", \"volume_id\", \"vol-1\")[0])" => "48";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("free_tags", move |resource: Dynamic| -> Scripted<i64> {
            let tags = Tagged::new(&cx, "free_tags", &resource)?.tags()?;
            let used = tags.keys().filter(|key| !is_reserved_tag(key)).count();
            Ok(i64::try_from(MAX_TAGS.saturating_sub(used)).unwrap_or_default())
        })
    };

    /// Returns the reason why a resource does not need the required tags, for use in `skip`, or
    /// `()` if it needs them. It does not need them if another account owns it, if it is being
    /// deleted or no longer exists, or if one of its tags matches `exempt_tags`, as in
    /// `has_matching_tag`.
    fn tagging_exemption(resource: "object", exempt_tags: "list of string") -> "string?";
    "tagging_exemption(related(\"ec2.volume\", \"volume_id\", \"vol-1\")[0], [\"Name=root\"])"
        => "\"exempted by tag (exempt_tags)\"";
    "tagging_exemption(related(\"ec2.volume\", \"volume_id\", \"vol-2\")[0], [])" => "()";
    |engine, context| {
        let cx = Rc::clone(context);
        engine.register_fn("tagging_exemption", move |resource: Dynamic, exempt_tags: Array| {
            let reason = Tagged::new(&cx, EXEMPTION, &resource)?.exemption(&exempt_tags)?;
            Ok::<_, Box<rhai::EvalAltResult>>(match reason {
                Some(reason) => Dynamic::from(ImmutableString::from(reason)),
                None => Dynamic::UNIT,
            })
        })
    };
}

const EXEMPTION: &str = "tagging_exemption";
const OWNER: &str = "owner_id";

/// The states of resources that AWS lists for a while although they are gone or soon will be, or never
/// came to be; in lower case. The first part is the path of the field.
const GONE: [(&str, &[&str]); 6] = [
    (
        "state",
        &[
            "cancelled",
            "delete-complete",
            "delete-in-progress",
            "deleted",
            "deleting",
            "deregistered",
            "error",
            "expired",
            "failed",
            "failing",
            "invalid",
            "payment-failed",
            "queued-deleted",
            "rejected",
            "rejecting",
            "retired",
            "unsupported",
        ],
    ),
    ("service_state", &["deleted", "deleting", "failed"]),
    ("state.name", &["shutting-down", "terminated"]),
    ("status.code", &["deleted", "deleting", "expired", "failed", "rejected"]),
    ("fleet_state", &["deleted", "deleted_running", "deleted_terminating", "failed"]),
    (
        "spot_fleet_request_state",
        &["cancelled", "cancelled_running", "cancelled_terminating", "failed"],
    ),
];

/// What `tag_problems` returns.
pub(crate) static TAG_PROBLEM: ResultShape =
    ResultShape { name: "tag_problem", shape: Shape::of::<TagProblem>() };

/// What is wrong with one required tag.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct TagProblem {
    /// The required key.
    key: String,
    /// `missing`, `value not allowed`, or `misspelled as` with the key that the resource has.
    problem: String,
    /// The present value, or that of the misspelled tag.
    value: Option<String>,
    /// The misspelled tags, with their values.
    remove: facts::Tags,
    /// The value that the tag would get, or `()` if there is none.
    new_value: Option<String>,
    /// Where the value comes from.
    source: Option<String>,
    /// Why there is no value.
    no_value: Option<String>,
    /// Whether something acts on the tag, such as a backup plan or an access policy.
    acts: bool,
}

/// A value for a tag, and where it comes from, or why there is none.
type NewValue = Result<(String, String), String>;

/// A resource whose tags are evaluated.
struct Tagged<'a> {
    context: &'a EvalContext,
    helper: &'static str,
    object: Object,
    kind: &'static Kind,
}

impl<'a> Tagged<'a> {
    fn new(context: &'a EvalContext, helper: &'static str, resource: &Dynamic) -> Scripted<Self> {
        let object = resource.read_lock::<Object>().map(|object| object.clone());
        let Some((object, kind)) = object.and_then(|object| Some((object.clone(), object.kind()?)))
        else {
            let got = type_name(resource);
            return Interrupt::Broken(format!("`{helper}` expects a resource, got {got}")).raise();
        };
        if !kind.has_tags() {
            let message = format!("`{helper}`: `{}` has no tags", kind.name);
            return Interrupt::Broken(message).raise();
        }
        Ok(Self { context, helper, object, kind })
    }

    /// The tags of the resource. They are read as a script reads them.
    fn tags(&self) -> Scripted<BTreeMap<String, String>> {
        tags_of(&self.context.read(&self.object, TAGS)?)
    }

    fn exemption(&self, exempt_tags: &Array) -> Scripted<Option<String>> {
        if self.object.has_field(OWNER) {
            let owner = self.context.read(&self.object, OWNER)?;
            let owner = optional_text(self.helper, &owner)?.unwrap_or_default();
            self.context.record(|recorder| recorder.seen.account = true);
            if !owner.is_empty() && owner != self.context.view()?.facts.account.as_str() {
                return Ok(Some(format!("owned by {}", text::one_line(&owner, 60))));
            }
        }
        for (path, states) in GONE {
            let field = path.split('.').next().unwrap_or(path);
            if !self.object.has_field(field) {
                continue;
            }
            let value = to_json(&self.context.read(&self.object, field)?)?;
            let inner = path.split_once('.').map_or(Some(&value), |(_, name)| value.get(name));
            if let Some(state) = inner.and_then(Value::as_str)
                && states.contains(&state.to_lowercase().as_str())
            {
                return Ok(Some(format!("state: {state}")));
            }
        }
        let tags = self.context.read(&self.object, TAGS)?;
        let exempt = texts::matching_tag(self.helper, &tags, exempt_tags)?;
        Ok(exempt.then(|| "exempted by tag (exempt_tags)".to_owned()))
    }

    fn problems(&self) -> Scripted<Vec<TagProblem>> {
        self.context.record(|recorder| recorder.seen.required_tags = true);
        let view = self.context.view()?;
        let mut requirements = view.facts.required_tags.of(self.kind.name).peekable();
        if requirements.peek().is_none() {
            return Ok(Vec::new());
        }
        let tags = self.tags()?;
        let mut problems = Vec::new();
        for requirement in requirements {
            problems.extend(self.problem(requirement, &tags)?);
        }
        Ok(problems)
    }

    fn problem(
        &self,
        requirement: &TagRequirement,
        tags: &BTreeMap<String, String>,
    ) -> Scripted<Option<TagProblem>> {
        let present = tags.get(&requirement.key);
        if present.is_some_and(|value| requirement.values.allow(value)) {
            return Ok(None);
        }
        let of_spelling = |key: &String| Some((key.clone(), tags.get(key)?.clone()));
        let misspelled: BTreeMap<String, String> = match present {
            Some(_) => BTreeMap::new(),
            None => requirement.spellings.iter().filter_map(of_spelling).collect(),
        };
        let problem = if present.is_some() {
            "value not allowed".to_owned()
        } else if misspelled.is_empty() {
            "missing".to_owned()
        } else {
            format!("misspelled as {}", series(misspelled.keys(), "and"))
        };
        let new_value = match self.respelled(requirement, &misspelled) {
            Some(known) => known,
            None => self.default(requirement)?,
        };
        let (new_value, source, no_value) = match new_value {
            Ok((value, source)) => (Some(value), Some(source), None),
            Err(reason) => (None, None, Some(reason)),
        };
        Ok(Some(TagProblem {
            key: requirement.key.clone(),
            problem,
            value: present.or_else(|| misspelled.values().next()).cloned(),
            remove: misspelled,
            new_value,
            source,
            no_value,
            acts: requirement.acts,
        }))
    }

    /// The value of the misspelled tag, if it is allowed.
    fn respelled(
        &self,
        requirement: &TagRequirement,
        misspelled: &BTreeMap<String, String>,
    ) -> Option<NewValue> {
        let mut allowed: Vec<(&String, &String)> =
            misspelled.iter().filter(|(_, value)| requirement.values.allow(value)).collect();
        allowed.dedup_by_key(|(_, value)| *value);
        match allowed.as_slice() {
            [] => None,
            [(key, value)] => Some(Ok(((*value).clone(), format!("tag {key}")))),
            several => {
                let keys = series(several.iter().map(|(key, _)| key.as_str()), "and");
                Some(Err(format!("the tags {keys} have different values")))
            }
        }
    }

    /// The first default that is there and allowed. A source that cannot be read, and sources that
    /// disagree, end the search: a later default could be wrong.
    fn default(&self, requirement: &TagRequirement) -> Scripted<NewValue> {
        let mut rejected = Vec::new();
        for default in &requirement.default {
            let found = match default {
                TagDefault::Value(value) => Some((value.clone(), "fixed value".to_owned())),
                TagDefault::Label(label) => {
                    self.label(label)?.map(|value| (value, format!("account label {label}")))
                }
                TagDefault::Ou(_) => self
                    .label(DiscoveredAccount::LABEL)?
                    .map(|value| (value, "organizational unit".to_owned())),
                TagDefault::CopyFrom(name) => {
                    let Some(source) = facts::tag_source(self.kind.name, name) else { continue };
                    match self.copied(source, &requirement.key)? {
                        Ok(found) => found,
                        Err(reason) => return Ok(Err(reason)),
                    }
                }
            };
            let Some((value, source)) = found else { continue };
            match self.unusable(requirement, &value) {
                None => return Ok(Ok((value, source))),
                Some(reason) => {
                    rejected.push(format!("{source}: {} {reason}", text::one_line(&value, 60)))
                }
            }
        }
        Ok(Err(match rejected.as_slice() {
            [] => "no default".to_owned(),
            rejected => format!("no default ({})", rejected.join("; ")),
        }))
    }

    /// Why a value cannot be that of the tag.
    fn unusable(&self, requirement: &TagRequirement, value: &str) -> Option<&'static str> {
        // The other services accept all characters.
        let for_s3 = |c: char| c.is_alphanumeric() || c == ' ' || "+-=._:/@".contains(c);
        if !requirement.values.allow(value) {
            Some("is not allowed")
        } else if value.chars().count() > MAX_TAG_VALUE {
            Some("is too long")
        } else if self.kind.name.starts_with("s3.") && !value.chars().all(for_s3) {
            Some("contains characters that S3 does not accept")
        } else {
            None
        }
    }

    /// A label of the account.
    fn label(&self, label: &str) -> Scripted<Option<String>> {
        self.context.record(|recorder| {
            recorder.seen.account_labels.insert(label.to_owned());
        });
        let value = self.context.view()?.facts.labels.get(label).cloned();
        Ok(value.filter(|value| !value.is_empty()))
    }

    /// The tag of the resources to which this one belongs; `None` if no such resource has it.
    fn copied(
        &self,
        source: &Reference,
        key: &str,
    ) -> Scripted<Result<Option<(String, String)>, String>> {
        let Some(to) = facts::kind(source.to) else { return Ok(Ok(None)) };
        let first = source.path.split(['.', '[']).next().unwrap_or(source.path);
        let name = to.short_name().replace('_', " ");
        let value = to_json(&self.context.read(&self.object, first)?)?;
        let mut ids = Map::new();
        ids.insert(first.to_owned(), value);
        let mut found: Vec<(String, String)> = Vec::new();
        for id in source.ids(&ids) {
            let key_field = Dynamic::from(ImmutableString::from(id));
            // If the list could not be read, nothing is found.
            let others = self.context.related_in_part(to.name, Some((to.id, &key_field)))?;
            if let (true, Some(cause)) = (others.is_empty(), self.context.list_gap(to.name)?) {
                return Ok(Err(format!("{name} {id} could not be read: {cause}")));
            }
            for other in others {
                let Some(object) = other.read_lock::<Object>().map(|object| object.clone()) else {
                    continue;
                };
                if let Some(cause) = object.unreadable(TAGS) {
                    return Ok(Err(format!("tags of {name} {id} could not be read: {cause}")));
                }
                if let Some(value) = tags_of(&self.context.read(&object, TAGS)?)?.remove(key) {
                    found.push((id.to_owned(), value));
                }
            }
        }
        let Some((id, value)) = found.first() else { return Ok(Ok(None)) };
        Ok(match found.iter().all(|(_, other)| other == value) {
            true => Ok(Some((value.clone(), format!("{name} {id}")))),
            false => {
                let ids = series(found.iter().map(|(id, _)| id.as_str()), "and");
                Err(format!("the {name}s {ids} have different values"))
            }
        })
    }
}

/// Tags from their script value; `()` contains none.
fn tags_of(tags: &Dynamic) -> Scripted<BTreeMap<String, String>> {
    let Value::Object(tags) = to_json(tags)? else { return Ok(BTreeMap::new()) };
    let text = |(key, value): (String, Value)| Some((key, value.as_str()?.to_owned()));
    Ok(tags.into_iter().filter_map(text).collect())
}

#[cfg(test)]
mod tests;
