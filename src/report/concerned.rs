//! What a planned change does to the resources of an account, by which findings name their causes.

use std::collections::{BTreeMap, BTreeSet};

use super::previewed::Previewed;
use crate::model::{Cause, Finding, PlannedChange, Refusal, ResourceRef};

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
    pub refused: BTreeMap<(String, String), Vec<Refusal>>,
    /// The addresses of what declares resources of which AWS will refuse something, by kind and id.
    pub declared: BTreeMap<(String, String), String>,
    /// The rules on what security groups let in.
    pub inbound_rules: BTreeSet<String>,
    /// What changes of other resources that a resource refers to, or that refer to it, by kind and id:
    /// kinds, with the addresses.
    pub related: BTreeMap<(String, String), BTreeSet<(String, String)>>,
    /// The resources that the change creates, by kind and id.
    pub created: BTreeSet<(String, String)>,
    /// What rules read, by rule.
    pub reads: BTreeMap<String, RuleReads>,
    /// The types of what the plan changes, by address.
    pub types: BTreeMap<String, String>,
    /// By kind and id of a resource, and by address of what sets a part of it: the fields and facts of
    /// the resource that change.
    pub fields: BTreeMap<(String, String), BTreeMap<String, BTreeSet<String>>>,
}

/// What a rule reads.
#[derive(Debug, Default)]
pub struct RuleReads {
    /// The kinds that it looks up.
    pub kinds: BTreeSet<String>,
    /// The facts of the resource itself, besides what its list has.
    pub facts: BTreeSet<String>,
    /// Whether `facts` are all that the rule reads, so that a change of another fact is not a cause.
    pub has_only_facts: bool,
    /// The types in which failures are fixed.
    pub types: BTreeSet<String>,
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

    /// Why AWS will refuse a part of the change of the resource of a finding, if the rule can read that.
    pub(super) fn refused(&self, finding: &Finding) -> Vec<String> {
        let reads = self.reads.get(&*finding.rule).filter(|reads| reads.has_only_facts);
        let is_read = |one: &&Refusal| {
            one.facts.is_empty()
                || reads
                    .is_none_or(|reads| one.facts.iter().any(|fact| reads.facts.contains(*fact)))
        };
        let all = self.refused.get(&key_of(&finding.resource)).into_iter().flatten();
        all.filter(is_read).map(|one| one.message.clone()).collect()
    }

    /// Whether the change creates a resource.
    pub(super) fn is_created(&self, resource: &ResourceRef) -> bool {
        self.created.contains(&key_of(resource))
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
    /// do with the resource of the finding; with `is_fixed_there`, only those in which the failure is fixed.
    pub(super) fn causes(&self, finding: &Finding, is_fixed_there: bool) -> Vec<String> {
        let Some(reads) = self.reads.get(&*finding.rule) else { return Vec::new() };
        let is_fix =
            |address: &String| self.types.get(address).is_some_and(|of| reads.types.contains(of));
        let related = self.related.get(&key_of(&finding.resource)).into_iter().flatten();
        let read = related.filter(|(kind, address)| {
            reads.kinds.contains(kind) && (!is_fixed_there || is_fix(address))
        });
        let addresses: BTreeSet<String> = read.map(|(_, address)| address.clone()).collect();
        addresses.into_iter().collect()
    }

    /// Of what concerns the resource of a finding: what changes something that the rule reads. Empty if
    /// that is not known.
    pub(super) fn read_of(&self, finding: &Finding) -> BTreeSet<String> {
        let reads = self.reads.get(&*finding.rule).filter(|reads| reads.has_only_facts);
        let (Some(reads), Some(fields)) = (reads, self.fields.get(&key_of(&finding.resource)))
        else {
            return BTreeSet::new();
        };
        let is_read = |fields: &BTreeSet<String>| !fields.is_disjoint(&reads.facts);
        let read = fields.iter().filter(|(_, fields)| is_read(fields));
        read.map(|(address, _)| address.clone()).collect()
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

/// The kind and id of a resource.
fn key_of(resource: &ResourceRef) -> (String, String) {
    (resource.kind.to_string(), resource.id.as_deref().unwrap_or_default().to_owned())
}
