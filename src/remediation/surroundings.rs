//! What keeps a resource out of a plan, or makes its fixes unsafe: settings of the config, tags, the
//! owner.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::settings::PlanSettings;
use super::world::tags_of;
use crate::facts::{self, Fact, Kind, TAGS};
use crate::fixes::Change;
use crate::model::{AccountId, Cause, Globs, HandsOff, Resource};

/// Tags by which AWS services and Kubernetes mark what they manage, and the manager in words.
const MANAGERS: [(&str, &str); 3] = [
    ("aws:cloudformation:stack-name", "CloudFormation stack"),
    ("aws:autoscaling:groupName", "Auto Scaling group"),
    ("kubernetes.io/cluster/", "Kubernetes cluster"),
];

/// What prevents changes of a resource.
pub(super) enum Barrier {
    /// It can be changed; what manages it, if something does.
    None { managed_by: Option<String> },
    /// The config, or the owner, for this reason.
    Forbidden(String),
    /// Its tags could not be read.
    Unreadable(Cause),
}

/// Finds what prevents changes of a resource.
pub(super) fn barrier(
    settings: &PlanSettings,
    (account, name): (&AccountId, Option<&str>),
    kind: &Kind,
    resource: &Resource,
) -> Barrier {
    let tags = tags_of(kind, resource);
    let none = Map::new();
    let known = match &tags {
        Fact::Known(tags) => Some(*tags),
        Fact::Absent => Some(&none),
        Fact::Unreadable(_) => None,
    };
    if let Some(reason) = hands_off(&settings.hands_off, (account, name), resource, known) {
        return Barrier::Forbidden(reason);
    }
    if let Some(owner) = other_owner(resource, account) {
        return Barrier::Forbidden(format!("owned by account {owner}"));
    }
    match tags {
        Fact::Unreadable(cause) => Barrier::Unreadable(cause),
        Fact::Known(tags) => {
            Barrier::None { managed_by: manager(tags, settings.managed_tags.as_ref()) }
        }
        Fact::Absent => Barrier::None { managed_by: None },
    }
}

/// Why a change that was planned for a resource managed by `planned` must not be made, now that the
/// resource has these tags.
pub fn forbidden_by_tags(
    settings: &PlanSettings,
    name: Option<&str>,
    planned: Option<&str>,
    (change, tags): (&Change, &Map<String, Value>),
) -> Option<String> {
    let kind = facts::kind(&change.kind)?;
    let resource = Resource {
        kind: change.kind.clone(),
        id: change.resource.clone(),
        region: change.region.clone(),
        arn: change.arn.clone(),
        name: change.name.clone(),
        facts: Map::from_iter([(TAGS.to_owned(), Value::Object(tags.clone()))]),
        unreadable: BTreeMap::new(),
    };
    match barrier(settings, (&change.account, name), kind, &resource) {
        Barrier::Forbidden(reason) => Some(reason),
        Barrier::Unreadable(cause) => Some(cause.to_string()),
        Barrier::None { managed_by } => {
            (managed_by.as_deref() != planned).then(|| now_managed_by(managed_by.as_deref()))
        }
    }
}

/// The message if the manager of a resource is another one than in the plan.
pub(super) fn now_managed_by(manager: Option<&str>) -> String {
    format!("it is now managed by {}", manager.unwrap_or("nothing else"))
}

/// The reason of the first `[[hands_off]]` that covers a resource.
pub(super) fn hands_off(
    all: &[HandsOff],
    account: (&AccountId, Option<&str>),
    resource: &Resource,
    tags: Option<&Map<String, Value>>,
) -> Option<String> {
    let names = [Some(resource.id.as_str()), resource.name.as_deref(), resource.arn.as_deref()];
    let names: Vec<&str> = names.into_iter().flatten().collect();
    let covers = |one: &&HandsOff| one.covers(account, &names, tags) == Some(true);
    all.iter().find(covers).map(|one| format!("hands off: {}", one.reason))
}

/// The account that owns a resource, if it is another one.
fn other_owner<'a>(resource: &'a Resource, account: &AccountId) -> Option<&'a str> {
    let owner = resource.facts.get("owner_id")?.as_str()?;
    (!owner.is_empty() && owner != account.as_str()).then_some(owner)
}

/// What manages a resource with these tags.
fn manager(tags: &Map<String, Value>, named: Option<&Globs>) -> Option<String> {
    let value = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    for (key, manager) in MANAGERS {
        let is_prefix = key.ends_with('/');
        let found = tags.iter().find(|(tag, _)| *tag == key || (is_prefix && tag.starts_with(key)));
        if let Some((tag, text)) = found {
            let name = tag.strip_prefix(key).filter(|rest| !rest.is_empty());
            return Some(format!("{manager} {}", name.map_or_else(|| value(text), str::to_owned)));
        }
    }
    let mut sorted: Vec<(&String, &Value)> = tags.iter().collect();
    sorted.sort_by_key(|(key, _)| *key);
    sorted.into_iter().find_map(|(key, text)| {
        let tag = format!("{key}={}", value(text));
        named?
            .patterns()
            .iter()
            .any(|pattern| {
                let text = if pattern.contains('=') { &tag } else { key };
                Globs::new(&[pattern]).is_ok_and(|globs| globs.matches(text))
            })
            .then(|| format!("tag {tag}"))
    })
}
