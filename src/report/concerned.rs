//! What a planned change does to the resources of an account, by which findings name their causes.

use std::collections::{BTreeMap, BTreeSet};

use super::previewed::Previewed;
use crate::model::{Cause, Finding, PlannedChange, ResourceRef};

/// What a change does to the resources of an account.
#[derive(Debug, Default)]
pub struct Concerned {
    /// The addresses that concern a resource, by kind and id.
    pub addresses: BTreeMap<(String, String), BTreeSet<String>>,
    /// By kind and id of a resource that replaces another one: the id of that.
    pub replaces: BTreeMap<(String, String), String>,
    /// The kinds whose lists are not known after the change, with the addresses of what changes them.
    pub lists: BTreeMap<String, BTreeSet<String>>,
    /// By kind and id of a resource that is a part of what has the address: which part.
    pub parts: BTreeMap<(String, String), String>,
    /// The addresses of groups of instances: the results for one instance, whose id is the address, are those for
    /// all of them.
    pub groups: BTreeSet<String>,
    /// By the address of what launches instances: their image, which the snapshot does not have.
    pub unread_images: BTreeMap<String, String>,
    /// What the plan does, by address.
    pub planned: BTreeMap<String, PlannedChange>,
    /// The resources that join a security group, by its id.
    pub joined: BTreeMap<String, BTreeSet<String>>,
    /// Why AWS will refuse a part of the change, by kind and id.
    pub refused: BTreeMap<(String, String), Vec<String>>,
    /// The rules on what security groups let in.
    pub inbound_rules: BTreeSet<String>,
    /// What changes of other resources that a resource refers to, or that refer to it, by kind and id:
    /// kinds, with the addresses.
    pub related: BTreeMap<(String, String), BTreeSet<(String, String)>>,
    /// The kinds that rules look up, by rule.
    pub looks_up: BTreeMap<String, BTreeSet<String>>,
}

impl Concerned {
    /// What the plan does to these.
    pub(super) fn changes(&self, addresses: &[String]) -> Vec<PlannedChange> {
        addresses.iter().filter_map(|address| self.planned.get(address)).cloned().collect()
    }

    /// Which part of what has the address a resource is.
    pub(super) fn part(&self, resource: &ResourceRef) -> Option<String> {
        let id = resource.id.as_deref()?;
        self.parts.get(&(resource.kind.to_string(), id.to_owned())).cloned()
    }

    /// Whether results for a list, because of an address, say the same as other ones of the rule: those for one
    /// instance of a group, or those for the volumes of an instance that depend on its image.
    pub(super) fn is_said(&self, list: &Previewed, address: &String, others: &[Previewed]) -> bool {
        match &*list.resource.kind {
            "ec2.instance" => self.groups.contains(address),
            "ec2.volume" => self.unread_images.get(address).is_some_and(|image| {
                let is_it = |other: &Previewed| {
                    let names_it = |cause: &Cause| cause.message.contains(image.as_str());
                    other.rule == list.rule
                        && other.account == list.account
                        && other.resource.id.is_some()
                        && other.addresses.contains(address)
                        && !other.causes.is_empty()
                        && other.causes.iter().all(names_it)
                };
                others.iter().any(is_it)
            }),
            _ => false,
        }
    }

    /// Why AWS will refuse a part of the change of a resource.
    pub(super) fn refused(&self, resource: &ResourceRef) -> Vec<String> {
        let id = resource.id.as_deref().unwrap_or_default();
        self.refused.get(&(resource.kind.to_string(), id.to_owned())).cloned().unwrap_or_default()
    }

    /// The resources that join the security group of a finding.
    pub(super) fn joined(&self, finding: &Finding) -> Vec<String> {
        let ResourceRef { kind, id, .. } = &*finding.resource;
        let is_inbound =
            &**kind == "ec2.security_group" && self.inbound_rules.contains(&*finding.rule);
        let joined = id.as_deref().filter(|_| is_inbound).and_then(|id| self.joined.get(id));
        joined.into_iter().flatten().cloned().collect()
    }

    /// The addresses of what changes of the resources that the rule of a finding looks up, and that have to
    /// do with the resource of the finding.
    pub(super) fn causes(&self, finding: &Finding) -> Vec<String> {
        let ResourceRef { kind, id, .. } = &*finding.resource;
        let key = (kind.to_string(), id.as_deref().unwrap_or_default().to_owned());
        let looks_up = self.looks_up.get(&*finding.rule);
        let is_read = |kind: &str| looks_up.is_some_and(|kinds| kinds.contains(kind));
        let related = self.related.get(&key).into_iter().flatten();
        let read = related.filter(|(kind, _)| is_read(kind));
        let addresses: BTreeSet<String> = read.map(|(_, address)| address.clone()).collect();
        addresses.into_iter().collect()
    }

    pub(super) fn of(&self, resource: &ResourceRef) -> Option<Vec<String>> {
        match &resource.id {
            Some(id) => {
                let found = self.addresses.get(&(resource.kind.to_string(), id.to_string()))?;
                Some(found.iter().cloned().collect())
            }
            None => {
                let found = self.lists.get(&*resource.kind)?;
                Some(found.iter().cloned().collect())
            }
        }
    }
}
