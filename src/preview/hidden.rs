//! Resources that change in a way that is not converted: what they are after the change is not known.

use std::collections::BTreeMap;

use serde_json::Value;

use super::item::{Described, Hidden, ItemKey, ListGap};
use super::overlay::Overlay;
use super::resources::hide;
use super::table::{Merge, merge_of, removed};
use super::tree::{Tree, Why};
use crate::facts;
use crate::model::unreadable::outermost;
use crate::model::{AccountId, Cause, Resource};

impl Described {
    /// Hides fields that something removes and something else sets, such as a resource that has another
    /// name now: Terraform does both in any order. Items of lists are different ones, and what is the same
    /// in both orders is known.
    pub(super) fn hide_contradictions(&mut self) {
        let all = std::mem::take(&mut self.removed);
        let is_set = |one: &Hidden| {
            let (Some(kind), Some(id)) = (facts::kind(one.kind), &one.id) else { return false };
            let field = one.field.as_deref().unwrap_or_default();
            let key = ItemKey::new(kind, &one.location, id);
            let set = self.after.items.get(&key).and_then(|item| item.tree.get(field));
            let before = self.before.items.get(&key).and_then(|item| item.tree.get(field));
            let left = before.and_then(|before| removed(one.kind, field, &before, None));
            let is_same = |set: &Tree| {
                let left = left.clone().map(Tree::normal);
                set.is_known() && left.as_ref() == Some(&set.clone().normal())
            };
            merge_of(one.kind, field) == Merge::Whole && set.is_some_and(|set| !is_same(&set))
        };
        let hidden: Vec<Hidden> = all.into_iter().filter(is_set).collect();
        self.hidden.extend(hidden);
    }
}

impl Overlay<'_> {
    /// What changes in a way that is not converted is not known.
    pub(super) fn hide_changed(&self, account: &AccountId, live: &mut BTreeMap<ItemKey, Resource>) {
        for hidden in self.described.hidden.iter().filter(|one| one.location.account == *account) {
            let here = |key: &ItemKey| {
                key.kind == hidden.kind
                    && (key.region.is_global() || key.region == hidden.location.region)
            };
            let is_it = |(key, resource): (&ItemKey, &Resource)| {
                here(key) && hidden.id.as_ref().is_some_and(|id| is_meant(resource, id))
            };
            let cause = self.because(None, std::iter::once(hidden.address.as_str()));
            let is_known = live.iter().any(is_it);
            for (key, resource) in live.iter_mut() {
                let is_hidden = match is_known {
                    true => is_it((key, &*resource)),
                    false => here(key) && hidden.is_anywhere,
                };
                match hidden.field.as_deref() {
                    _ if !is_hidden => {}
                    Some(field) => hide(resource, field, cause.clone()),
                    None => hide_all(resource, &cause),
                }
            }
        }
        for (address, (location, names)) in &self.described.named {
            if location.account != *account {
                continue;
            }
            let cause = self.because(None, std::iter::once(address.as_str()));
            let is_named = |resource: &Resource| {
                names.contains(&resource.id)
                    || resource.arn.as_ref().is_some_and(|arn| names.contains(arn))
            };
            for (key, resource) in live.iter_mut() {
                let is_here = key.region.is_global() || key.region == location.region;
                if is_here && is_named(resource) {
                    hide_all(resource, &cause);
                }
            }
        }
    }

    /// Whether a list is known although something of it changes: what changes stays, and is in the list.
    pub(super) fn is_kept(&self, gap: &ListGap, resources: &[Resource]) -> bool {
        let id = self.described.kept.get(&(gap.kind, gap.address.clone()));
        let region = &gap.location.region;
        let is_listed = |one: &Resource, id: &str| {
            one.kind == gap.kind
                && (region.is_global() || one.region == *region)
                && is_meant(one, id)
        };
        id.is_some_and(|id| resources.iter().any(|one| is_listed(one, id)))
    }
}

impl Described {
    /// Says what of a field is not known until apply, and of what follows from it.
    pub(super) fn name_open(&self, live: &mut BTreeMap<ItemKey, Resource>) {
        let not_known = Why::Apply.cause("").message;
        for ((key, field), what) in &self.open {
            let Some(resource) = live.get_mut(key) else { continue };
            let is_it = |path: &str| {
                let path = outermost(path);
                path == *field || path.strip_suffix("_status") == Some(field)
            };
            for (path, cause) in &mut resource.unreadable {
                if is_it(path) && cause.is_of_plan() && cause.message == not_known {
                    cause.message = format!("{not_known}: {what}");
                }
            }
        }
    }
}

/// Makes everything but the id unreadable.
fn hide_all(resource: &mut Resource, cause: &Cause) {
    let Some(kind) = facts::kind(&resource.kind) else { return };
    let fields = (kind.shape.fields)().into_iter();
    let facts = kind.facts.iter().map(|fact| fact.name.to_owned());
    for field in fields.chain(facts).filter(|field| *field != kind.id) {
        hide(resource, &field, cause.clone());
    }
}

/// Whether a resource has this id, or another name that CloudFormation has for it, or is attached to an
/// instance or a network interface with the id, or belongs to the stack with this ARN.
fn is_meant(resource: &Resource, id: &str) -> bool {
    // Some ids have several parts.
    id.split('|').any(|part| is_meant_by(resource, part))
}

fn is_meant_by(resource: &Resource, id: &str) -> bool {
    if resource.id == id {
        return true;
    }
    let is_id = |value: Option<&Value>| value.and_then(Value::as_str) == Some(id);
    let field = |name: &str| resource.facts.get(name);
    let any = |list: &str, name: &str| {
        let items = field(list).and_then(Value::as_array);
        items.into_iter().flatten().any(|item| is_id(item.get(name)))
    };
    let is_it = match resource.kind.as_str() {
        "ec2.security_group" => is_id(field("group_name")),
        "ec2.key_pair" => is_id(field("key_name")),
        "ec2.address" => is_id(field("public_ip")) || is_id(field("instance_id")),
        "ec2.network_interface" => {
            is_id(field("attachment").and_then(|attachment| attachment.get("instance_id")))
                || is_id(field("association").and_then(|association| association.get("public_ip")))
        }
        "ec2.volume" => any("attachments", "instance_id"),
        "ec2.instance" => {
            any("network_interfaces", "network_interface_id") || is_id(field("public_ip_address"))
        }
        _ => false,
    };
    is_it || is_of_stack(resource, id)
}

/// Whether a resource belongs to a stack, or to one that is nested in it.
fn is_of_stack(resource: &Resource, stack: &str) -> bool {
    let Some((_, name)) = stack.split_once(":stack/") else { return false };
    let name = name.split('/').next().unwrap_or_default();
    let tag = |name: &str| {
        let tags = resource.facts.get("tags")?;
        tags.get(format!("aws:cloudformation:{name}"))?.as_str()
    };
    let nested = |own: &str| own.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'));
    tag("stack-id") == Some(stack) || tag("stack-name").is_some_and(nested)
}
