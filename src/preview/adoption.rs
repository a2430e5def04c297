//! Resources that a change takes over instead of creating them: the default security group, network
//! ACL, route table and subnets of a VPC, and the default VPC. A plan says that it creates them, but
//! does not have their ids; what exists says which ones are meant.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::item::{Adoptee, Described, Hidden, Item, ItemKey, ListGap, Side, default_of};
use super::tree::Tree;
use crate::model::{AccountId, Resource};

/// The kinds of what can be taken over.
pub const KINDS: [&str; 5] =
    ["ec2.network_acl", "ec2.route_table", "ec2.security_group", "ec2.subnet", "ec2.vpc"];

/// The defaults of a VPC: the kind, and the attribute of the VPC that has the id.
pub const DEFAULTS: [(&str, &str); 3] = [
    ("ec2.security_group", "default_security_group_id"),
    ("ec2.network_acl", "default_network_acl_id"),
    ("ec2.route_table", "main_route_table_id"),
];

impl Described {
    /// The accounts in which something is taken over.
    pub fn adopting(&self) -> BTreeSet<AccountId> {
        self.adoptions.keys().map(|key| key.account.clone()).collect()
    }

    /// Finds what is taken over among the resources of an account, and describes that instead.
    pub fn adopt(&mut self, account: &AccountId, existing: &[Resource]) {
        let mut open: Vec<(ItemKey, Adoptee)> = self
            .adoptions
            .iter()
            .filter(|(key, _)| key.account == *account)
            .map(|(key, adoptee)| (key.clone(), adoptee.clone()))
            .collect();
        // What belongs to a VPC depends on which VPC it is.
        open.sort_by_key(|(_, adoptee)| *adoptee != Adoptee::Vpc);
        let mut ids = BTreeMap::new();
        for (key, adoptee) in open {
            let here = Existing { key: &key, resources: existing };
            let vpc_of = |vpc: &String| ids.get(vpc).unwrap_or(vpc).clone();
            let found = match &adoptee {
                Adoptee::Is(id) => Some(Found { id: id.clone(), resource: here.at(id) }),
                Adoptee::SecurityGroup(vpc) => self
                    .of_vpc(here, &vpc_of(vpc), |one| text(one, "group_name") == Some("default")),
                Adoptee::NetworkAcl(vpc) => self.of_vpc(here, &vpc_of(vpc), |one| {
                    one.facts.get("is_default") == Some(&Value::Bool(true))
                }),
                Adoptee::RouteTable(vpc) => self.of_vpc(here, &vpc_of(vpc), is_main),
                Adoptee::Vpc => Found::of(
                    here.only(|one| one.facts.get("is_default") == Some(&Value::Bool(true))),
                ),
                Adoptee::Subnet(zone) => Found::of(here.only(|one| {
                    one.facts.get("default_for_az") == Some(&Value::Bool(true))
                        && text(one, "availability_zone") == Some(zone)
                })),
            };
            let Some(found) = found else {
                if matches!(adoptee, Adoptee::Subnet(_)) {
                    self.in_default_vpc(&key, existing);
                }
                continue;
            };
            if adoptee == Adoptee::Vpc {
                self.adopt_defaults(here, &found.id, &mut ids);
            }
            self.rename(&key, &found.id);
            ids.insert(key.id.clone(), found.id.clone());
            let renamed = ItemKey { id: found.id, ..key.clone() };
            if let Some(resource) = found.resource {
                self.take_over(&renamed, resource);
            }
        }
        self.refer(account, &ids);
        self.adoptions.retain(|key, _| key.account != *account);
    }

    /// The same without knowing what exists: what is created with a VPC of the change can be taken
    /// over.
    pub fn adopt_new(&mut self, account: &AccountId) {
        let open = self.adoptions.iter().filter(|(key, _)| key.account == *account);
        let open: Vec<(ItemKey, String)> = open
            .filter_map(|(key, adoptee)| match adoptee {
                Adoptee::SecurityGroup(vpc)
                | Adoptee::NetworkAcl(vpc)
                | Adoptee::RouteTable(vpc) => Some((key.clone(), vpc.clone())),
                _ => None,
            })
            .collect();
        let mut ids = BTreeMap::new();
        for (key, vpc) in open {
            let here = Existing { key: &key, resources: &[] };
            if let Some(found) = self.of_vpc(here, &vpc, |_| false) {
                self.rename(&key, &found.id);
                self.adoptions.remove(&key);
                ids.insert(key.id.clone(), found.id);
            }
        }
        self.refer(account, &ids);
    }

    /// A default of a VPC: one that is created with it, or one that exists.
    fn of_vpc<'r>(
        &self,
        here: Existing<'r, '_>,
        vpc: &str,
        is_default: impl Fn(&Resource) -> bool,
    ) -> Option<Found<'r>> {
        let kind = here.key.kind;
        let (_, attribute) = DEFAULTS.iter().find(|(name, _)| *name == kind)?;
        let id = default_of(vpc, attribute);
        let created = ItemKey { id: id.clone(), ..here.key.clone() };
        if self.after.items.get(&created).is_some_and(|item| item.declared.is_some()) {
            return Some(Found { id, resource: None });
        }
        Found::of(here.only(|one| text(one, "vpc_id") == Some(vpc) && is_default(one)))
    }

    /// Nothing is created with a default VPC that exists: its defaults are those that it has.
    fn adopt_defaults(
        &mut self,
        here: Existing<'_, '_>,
        vpc: &str,
        ids: &mut BTreeMap<String, String>,
    ) {
        let address = here.key.id.as_str();
        self.gaps.retain(|gap: &ListGap| gap.address != address);
        for (kind, attribute) in DEFAULTS {
            let planned = default_of(address, attribute);
            let key = ItemKey { kind, id: planned.clone(), ..here.key.clone() };
            self.after.items.remove(&key);
            self.changed.remove(&key);
            let near = Existing { key: &key, ..here };
            let found = near.only(|one| {
                text(one, "vpc_id") == Some(vpc)
                    && match kind {
                        "ec2.security_group" => text(one, "group_name") == Some("default"),
                        "ec2.network_acl" => {
                            one.facts.get("is_default") == Some(&Value::Bool(true))
                        }
                        _ => is_main(one),
                    }
            });
            if let Some(found) = found {
                self.rename(&key, &found.id);
                ids.insert(planned, found.id.clone());
            }
        }
    }

    /// A default subnet that does not exist yet is created in the default VPC.
    fn in_default_vpc(&mut self, subnet: &ItemKey, existing: &[Resource]) {
        let key = ItemKey { kind: "ec2.vpc", ..subnet.clone() };
        let here = Existing { key: &key, resources: existing };
        let vpc = here.only(|one| one.facts.get("is_default") == Some(&Value::Bool(true)));
        if let (Some(vpc), Some(item)) = (vpc, self.after.items.get_mut(subnet)) {
            item.tree.add(Tree::object([("vpc_id", vpc.id.as_str().into())]));
        }
    }

    /// Gives a resource another id.
    fn rename(&mut self, key: &ItemKey, id: &str) {
        let new = ItemKey { id: id.to_owned(), ..key.clone() };
        if new == *key {
            return;
        }
        for Side { items, unresolved } in [&mut self.before, &mut self.after] {
            let same = unresolved
                .iter_mut()
                .filter(|one| one.kind == key.kind && one.location.account == key.account);
            for among in same.filter_map(|one| one.among.as_mut()) {
                if among.remove(&key.id) {
                    among.insert(id.to_owned());
                }
            }
            let Some(item) = items.remove(key) else { continue };
            match items.entry(new.clone()) {
                std::collections::btree_map::Entry::Vacant(place) => drop(place.insert(item)),
                std::collections::btree_map::Entry::Occupied(mut known) => {
                    let known: &mut Item = known.get_mut();
                    let was_created = known.is_created;
                    known.declared = known.declared.take().or(item.declared);
                    known.is_created |= item.is_created;
                    known.addresses.extend(item.addresses);
                    // What takes over a new resource removes what AWS creates it with.
                    if let (Tree::Object(mine), Tree::Object(taken)) = (&mut known.tree, &item.tree)
                        && was_created
                    {
                        let is_replaced =
                            |name: &String| replaced(key.kind).contains(&name.as_str());
                        mine.retain(|name, _| !(is_replaced(name) && taken.contains_key(name)));
                    }
                    known.tree.add(item.tree);
                }
            }
        }
        if let Some(addresses) = self.changed.remove(key) {
            self.changed.entry(new).or_default().extend(addresses);
        }
        let is_it = |one: &&mut Hidden| {
            one.kind == key.kind
                && one.location.account == key.account
                && one.id.as_deref() == Some(&key.id)
        };
        for hidden in self.hidden.iter_mut().filter(is_it) {
            hidden.id = Some(id.to_owned());
        }
    }

    /// What exists keeps what the change does not set; what the provider takes over, it replaces.
    fn take_over(&mut self, key: &ItemKey, resource: &Resource) {
        let Some(item) = self.after.items.get_mut(key) else { return };
        let replaced = replaced(key.kind);
        (item.is_created, item.has_stand_in) = (false, false);
        if let Tree::Object(fields) = &mut item.tree
            && item.declared.is_some()
        {
            fields.retain(|name, _| {
                let name = name.as_str();
                SET.contains(&(key.kind, name)) || replaced.contains(&name)
            });
        }
        let (declared, location) = (item.declared.clone(), item.location.clone());
        let set: Vec<&str> =
            replaced.iter().copied().filter(|name| item.tree.get(name).is_some()).collect();
        let before = self.before.items.entry(key.clone()).or_insert_with(|| Item::new(&location));
        before.declared = before.declared.take().or(declared);
        if let Tree::Object(fields) = &mut before.tree {
            for name in set {
                if let Some(value) = resource.facts.get(name) {
                    fields.insert(name.to_owned(), Tree::of_json(taken(name, value)));
                }
            }
        }
    }

    /// Makes everything that refers to what is taken over refer to what exists.
    fn refer(&mut self, account: &AccountId, ids: &BTreeMap<String, String>) {
        for Side { items, .. } in [&mut self.before, &mut self.after] {
            let here = items.iter_mut().filter(|(key, _)| key.account == *account);
            here.for_each(|(_, item)| item.tree.refer(ids));
        }
    }
}

/// What exists in the account and region of a resource, of its kind.
#[derive(Debug, Clone, Copy)]
struct Existing<'r, 'k> {
    key: &'k ItemKey,
    resources: &'r [Resource],
}

impl<'r> Existing<'r, '_> {
    fn at(&self, id: &str) -> Option<&'r Resource> {
        self.only(|one| one.id == id)
    }

    /// The only one that matches.
    fn only(&self, matches: impl Fn(&Resource) -> bool) -> Option<&'r Resource> {
        let mut found = self.resources.iter().filter(|one| {
            one.kind == self.key.kind && one.region == self.key.region && matches(one)
        });
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }
}

/// What is taken over.
struct Found<'r> {
    id: String,
    /// What it is before the change; `None` if the change creates it with its VPC.
    resource: Option<&'r Resource>,
}

impl<'r> Found<'r> {
    fn of(resource: Option<&'r Resource>) -> Option<Self> {
        let resource = resource?;
        Some(Self { id: resource.id.clone(), resource: Some(resource) })
    }
}

/// What a VPC or subnet that is taken over is set to; the rest of it stays.
const SET: [(&str, &str); 4] = [
    ("ec2.subnet", "assign_ipv6_address_on_creation"),
    ("ec2.subnet", "enable_dns64"),
    ("ec2.subnet", "map_public_ip_on_launch"),
    ("ec2.vpc", "attributes"),
];

/// What the provider replaces as a whole when it takes over a resource.
fn replaced(kind: &str) -> &'static [&'static str] {
    match kind {
        "ec2.security_group" => &["ip_permissions", "ip_permissions_egress", "tags"],
        "ec2.network_acl" => &["entries", "tags"],
        "ec2.route_table" => &["routes", "propagating_vgws", "tags"],
        _ => &["tags"],
    }
}

/// The part of a value that the provider removes: not what AWS does not let it remove.
fn taken(name: &str, value: &Value) -> Value {
    match (name, value) {
        ("tags", Value::Object(tags)) => {
            let own = tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
            Value::Object(own.map(|(key, value)| (key.clone(), value.clone())).collect())
        }
        ("entries", Value::Array(entries)) => {
            let last = |one: &&Value| {
                one.get("rule_number")
                    .and_then(Value::as_i64)
                    .is_some_and(|number| number >= 32_767)
            };
            Value::Array(entries.iter().filter(|one| !last(one)).cloned().collect())
        }
        ("routes", Value::Array(routes)) => {
            let stays = |route: &&Value| {
                let gateway = route.get("gateway_id").and_then(Value::as_str).unwrap_or_default();
                let list = route.get("destination_prefix_list_id").and_then(Value::as_str);
                gateway == "local" || gateway.starts_with("vpce-") && list.is_some()
            };
            Value::Array(routes.iter().filter(|one| !stays(one)).cloned().collect())
        }
        (_, value) => value.clone(),
    }
}

fn text<'r>(resource: &'r Resource, name: &str) -> Option<&'r str> {
    resource.facts.get(name).and_then(Value::as_str)
}

/// Whether a route table is the main one of its VPC.
fn is_main(table: &Resource) -> bool {
    let items = table.facts.get("associations").and_then(Value::as_array);
    items.into_iter().flatten().any(|one| one.get("main") == Some(&Value::Bool(true)))
}
