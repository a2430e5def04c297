//! Instances and network interfaces that join a security group which exists: what the group lets in
//! reaches them, although no finding on the group changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::evaluate::Evaluation;
use crate::model::Resource;
use crate::report::Concerned;

/// The type whose resources are what a group lets in.
const INBOUND: &str = "aws_vpc_security_group_ingress_rule";

/// Where a kind has its groups.
fn field(kind: &str) -> Option<&'static str> {
    match kind {
        "ec2.instance" => Some("security_groups"),
        "ec2.network_interface" => Some("groups"),
        _ => None,
    }
}

/// The resources that are in a group after the change but not before, by the id of the group.
/// Resources are named by their addresses if they have one.
pub(super) fn groups(
    before: &[Resource],
    after: &[Resource],
    concerned: &Concerned,
) -> BTreeMap<String, BTreeSet<String>> {
    let was: BTreeSet<(&str, &str, &str)> = before.iter().flat_map(memberships).collect();
    let mut joined: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for resource in after {
        let addresses = concerned.addresses.get(&(resource.kind.clone(), resource.id.clone()));
        let mut addresses = addresses.into_iter().flatten();
        let name = addresses.next().unwrap_or(&resource.id);
        for one in memberships(resource).filter(|one| !was.contains(one)) {
            joined.entry(one.2.to_owned()).or_default().insert(name.clone());
        }
    }
    joined
}

/// Kind, id and group of a resource, for each group.
fn memberships(resource: &Resource) -> impl Iterator<Item = (&str, &str, &str)> {
    let groups = field(&resource.kind).and_then(|field| resource.facts.get(field));
    let groups = groups.and_then(Value::as_array).into_iter().flatten();
    let ids = groups.filter_map(|group| group.get("group_id")?.as_str());
    ids.map(|group| (resource.kind.as_str(), resource.id.as_str(), group))
}

/// The rules whose failures are what a group lets in, by what fixes them in Terraform.
pub(super) fn inbound_rules(evaluation: &Evaluation) -> BTreeSet<String> {
    let is_inbound = |entry: &String| entry.split('.').next() == Some(INBOUND);
    let rules = evaluation.rules.iter().map(|rule| &rule.rule);
    let inbound = rules.filter(|rule| rule.meta.terraform.iter().any(is_inbound));
    inbound.map(|rule| rule.id.to_string()).collect()
}
