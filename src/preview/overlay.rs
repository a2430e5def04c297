//! Lays a change over what exists: only what the change describes differently before and after is
//! touched.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::effects::Effects;
use super::item::{Described, Item, ItemKey, ListGap};
use super::merge::{changes, without_removed};
use super::permissions;
use super::policy_status;
use super::refused::{InForce, refused, unchanged, without_refused};
use super::resources::{Unknown, has_other_tags, hide, ignores_public_acls};
use super::shape::{complete, empty_instead_of_absent, field_type, is_valid};
use super::table::{Merge, initial, merge_of};
use super::tree::{Finished, Finishing, Tree, Why, because_of};
use super::unread::{not_in_snapshot, not_read, nothing_else};
use crate::facts::{self, Kind, Scope};
use crate::model::text::one_line;
use crate::model::unreadable::outermost;
use crate::model::{AccountId, Cause, Extent, Gap, Partition, Refusal, Region, Resource};
use crate::snapshot::{AccountSnapshot, Listed};

/// The resources of an account after a change.
#[derive(Debug)]
pub struct Overlaid {
    /// The account after the change.
    pub after: AccountSnapshot,
    /// Why AWS refuses what changes, by resource.
    pub refused: BTreeMap<ItemKey, Vec<Refusal>>,
    /// The resources of which AWS refuses to change something that is changed in `after`, without that.
    pub unchanged: Vec<Resource>,
    /// The resources that the change concerns, with the addresses of what concerns them.
    pub touched: BTreeMap<ItemKey, BTreeSet<String>>,
}

/// How a change is laid over a snapshot.
#[derive(Debug, Clone, Copy)]
pub struct Overlay<'a> {
    /// What the change says.
    pub described: &'a Described,
    /// How values that are not known are finished.
    pub finishing: Finishing<'a>,
    /// Why nothing is known of what exists, such as no snapshot.
    pub missing: Option<&'a Cause>,
}

impl Overlay<'_> {
    /// The account after the change.
    pub fn account(self, mut snapshot: AccountSnapshot) -> Overlaid {
        let account = snapshot.header.account.clone();
        let partition = snapshot.header.partition.clone();
        let mut live: BTreeMap<ItemKey, Resource> = BTreeMap::new();
        let mut rest = Vec::new();
        for resource in std::mem::take(&mut snapshot.resources) {
            match key_of(&account, &resource) {
                Some(key) => drop(live.insert(key, resource)),
                None => rest.push(resource),
            }
        }
        let ignored =
            live.iter().any(|(key, one)| key.kind == "s3.account" && ignores_public_acls(one));
        let in_force = InForce::of(&live);
        let is_bucket = |key: &ItemKey| key.kind == "s3.bucket";
        let changed =
            |key: &ItemKey| is_bucket(key) && self.described.after.items.contains_key(key);
        let buckets = live.iter().filter(|(key, _)| changed(key));
        let buckets = buckets.map(|(key, bucket)| (key.clone(), bucket.clone())).collect();
        let Described { before, after, .. } = self.described;
        let mut keys: BTreeSet<&ItemKey> = before.items.keys().chain(after.items.keys()).collect();
        keys.retain(|key| key.account == account);
        // What the change deletes can stay, if AWS refuses it.
        live.extend(self.missing_and_deleted(&account, &live, &partition));
        let unresolved = self.unresolved(&account, &live);
        keys.extend(unresolved.keys());
        let attached = self.attached_volumes(&account, &live);
        let used_too_long = self.groups_in_use(&account, &live);
        for key in keys.into_iter().filter(|key| !attached.contains_key(key)) {
            let (was, is) = (before.items.get(key), after.items.get(key));
            let unknown = unresolved.get(key).cloned().unwrap_or_default();
            self.item(key, (was, is), unknown, (&mut live, &partition));
        }
        self.hide_changed(&account, &mut live);
        let not_known = self.not_known();
        Effects { described: self.described, account: &account, not_known }
            .apply(&mut live, ignored);
        let mut refused = refused(self.described, &account, &in_force, &live);
        let mut unchanged = unchanged(&refused, &buckets, &live);
        for (key, bucket) in &mut unchanged {
            if let Some(kind) = key.kind() {
                self.settle(kind, bucket);
            }
            policy_status::decide(bucket);
        }
        refused.why.extend(self.delete_groups(&account, &used_too_long, &mut live));
        refused.why.extend(self.attached(attached));
        self.described.name_open(&mut live);
        let mut resources: Vec<Resource> = live.into_values().chain(rest).collect();
        resources.sort_by(|a, b| (&a.kind, &a.region, &a.id).cmp(&(&b.kind, &b.region, &b.id)));
        snapshot.resources = resources;
        self.lists(&account, &mut snapshot);
        let touched = self.described.changed.iter().filter(|(key, _)| key.account == account);
        let touched = touched.map(|(key, addresses)| (key.clone(), addresses.clone())).collect();
        let unchanged = unchanged.into_values().collect();
        Overlaid { after: snapshot, refused: refused.why, unchanged, touched }
    }

    fn item(
        &self,
        key: &ItemKey,
        (was, is): (Option<&Item>, Option<&Item>),
        unknown: Unknown,
        (live, partition): (&mut BTreeMap<ItemKey, Resource>, &Partition),
    ) {
        let Some(kind) = key.kind() else { return };
        let declares = |item: Option<&Item>| item.is_some_and(|item| item.declared.is_some());
        if declares(was) && !declares(is) {
            // Whether EC2 deletes a security group depends on what uses it.
            let is_protected = self.described.protected.contains(key);
            if key.kind != "ec2.security_group" && !is_protected {
                live.remove(key);
            }
            return;
        }
        let Some(item) = is.or(was) else {
            if let Some(resource) = live.get_mut(key) {
                self.hide_unknown(resource, unknown);
                if let Ok(Some(normal)) = facts::normalize(resource.clone()) {
                    *resource = normal;
                }
            }
            return;
        };
        let existing = live.get(key).filter(|_| !item.is_created || !declares(is)).cloned();
        let mut finished = Finished::default();
        let nothing = Tree::Object(BTreeMap::new());
        let (before, after) =
            (was.map_or(&nothing, |item| &item.tree), is.map_or(&nothing, |item| &item.tree));
        let resource = match existing {
            Some(resource) => {
                let changes = changes(kind, &resource, before, after);
                let mut changes = without_refused(&resource, changes);
                if is.is_some_and(|item| item.may_lose_tags)
                    && has_other_tags(&resource, before, after)
                {
                    changes.insert("tags".to_owned(), Tree::Unknown(Why::Apply));
                }
                if changes.is_empty() && unknown.is_empty() {
                    return;
                }
                self.changed(kind, resource, changes, unknown, &mut finished)
            }
            None => {
                let mut item = without_removed(kind, item, (before, after));
                self.complete_existing(key, kind, &mut item, live);
                let described = self.created(key, kind, &item, unknown, partition, &mut finished);
                let is_created = is.is_some_and(|item| item.is_created);
                match self.missing {
                    // It exists, but the account could not be read.
                    Some(cause) if !cause.is_of_plan() && !is_created => {
                        not_read(kind, described, |_| cause.clone())
                    }
                    // The snapshot does not have what the change concerns.
                    None if !declares(is) || self.is_updated(key, is_created) => {
                        not_read(kind, described, not_in_snapshot)
                    }
                    _ => described,
                }
            }
        };
        if let Some(resource) = resource {
            live.insert(key.clone(), resource);
        }
    }

    /// Why nothing is known of what exists.
    fn of_existing(&self) -> Why {
        let has_snapshot = self.missing.is_none_or(|cause| !cause.is_of_plan());
        if has_snapshot { Why::Apply } else { Why::NoSnapshot }
    }

    /// Adds what is certain of a resource that is not in the snapshot.
    pub(super) fn complete_existing(
        &self,
        key: &ItemKey,
        kind: &'static Kind,
        item: &mut Item,
        live: &BTreeMap<ItemKey, Resource>,
    ) {
        add_shared(kind, &mut item.tree, live);
        // What is taken over has nothing else.
        if item.declared.is_none() && !item.has_stand_in {
            self.add_existing(key, &mut item.tree);
        }
    }

    /// Adds what is certain of a resource that exists, and of which only parts are described.
    fn add_existing(&self, key: &ItemKey, tree: &mut Tree) {
        let Tree::Object(fields) = tree else { return };
        for (name, list) in fields.iter_mut() {
            if let (Merge::Permissions, Tree::List(rules)) = (merge_of(key.kind, name), list) {
                rules.push(permissions::others(self.of_existing()));
            }
        }
        // Others cannot change the rules of a group.
        if key.kind == "ec2.security_group" && self.described.changed.contains_key(key) {
            let owner = || Tree::from(key.account.as_str());
            fields.entry("owner_id".to_owned()).or_insert_with(owner);
        }
    }

    /// Whether the change is of a resource that exists.
    fn is_updated(&self, key: &ItemKey, is_created: bool) -> bool {
        !is_created && self.described.changed.contains_key(key)
    }

    /// The cause for what the resources at some addresses make unknown.
    pub(super) fn because<'a>(
        &self,
        what: Option<&str>,
        addresses: impl Iterator<Item = &'a str>,
    ) -> Cause {
        let named = addresses.map(|address| match self.described.deferred.get(address) {
            Some(why) => format!("{address} (deferred to a later plan: {why})"),
            None => match self.described.hints.get(address) {
                Some(hint) => format!("{address} ({hint})"),
                None => address.to_owned(),
            },
        });
        because_of(self.finishing.source, what, named)
    }

    fn not_known(&self) -> Cause {
        Why::Apply.cause(self.finishing.source)
    }

    /// A resource whose fields change.
    fn changed(
        &self,
        kind: &'static Kind,
        mut resource: Resource,
        changes: BTreeMap<String, Tree>,
        unknown: Unknown,
        out: &mut Finished,
    ) -> Option<Resource> {
        let ignored = ignores_public_acls(&resource);
        let sets_acl = changes.get("acl").is_some_and(Tree::is_known);
        for (field, tree) in changes {
            let tree = complete(tree, field_type(kind, &field).as_ref(), Why::Apply);
            let is_part = matches!(tree, Tree::Object(_));
            resource
                .unreadable
                .retain(|path, _| outermost(path) != field || is_part && *path != field);
            self.put(kind, &mut resource, &field, tree, out);
        }
        resource.unreadable.append(&mut out.unreadable);
        self.hide_unknown(&mut resource, unknown);
        // S3 leaves out public grants while they have no effect.
        if kind.name == "s3.bucket" && ignored && !sets_acl && !ignores_public_acls(&resource) {
            hide(&mut resource, "acl", self.not_known());
        }
        self.settle(kind, &mut resource);
        self.name(kind, &mut resource);
        // What is not known is absent, in the form in which everything else is.
        let normal = facts::normalize(resource.clone()).ok().flatten();
        Some(normal.unwrap_or(resource))
    }

    /// A resource that is not in the snapshot.
    pub(super) fn created(
        &self,
        key: &ItemKey,
        kind: &'static Kind,
        item: &Item,
        unknown: Unknown,
        partition: &Partition,
        out: &mut Finished,
    ) -> Option<Resource> {
        let mut tree = Tree::Object(BTreeMap::new());
        let is_default = |field: &str| matches!(item.tree.get(field), Some(Tree::Default(_)));
        if item.is_created {
            for (field, value) in initial(kind.name, &item.location.region) {
                if !is_default(field) {
                    tree.add(Tree::object([(field, value)]));
                }
            }
        }
        tree.add(item.tree.clone());
        let Tree::Object(mut fields) = tree else { return None };
        let names = (kind.shape.fields)().into_iter();
        for name in names.chain(kind.facts.iter().map(|fact| fact.name.to_owned())) {
            let why = if item.is_created { Why::Apply } else { self.of_existing() };
            fields.entry(name).or_insert(Tree::Unknown(why));
        }
        fields.insert(kind.id.to_owned(), Tree::from(key.id.as_str()));
        let has_stand_in = item.has_stand_in;
        let region = match kind.list.is_empty() && kind.scope == Scope::Global {
            true => Region::global(),
            false => item.location.region.clone(),
        };
        let mut resource = Resource {
            kind: kind.name.to_owned(),
            id: key.id.clone(),
            region,
            arn: None,
            name: None,
            facts: Map::new(),
            unreadable: BTreeMap::new(),
        };
        let has_own_id = has_stand_in && item.tree.get(kind.id).is_some_and(|id| id.is_known());
        for (field, tree) in fields {
            let tree = complete(tree, field_type(kind, &field).as_ref(), Why::Apply);
            let tree = if kind.fact(&field).is_none() && field != kind.id {
                empty_instead_of_absent(kind, &field, tree)
            } else {
                tree
            };
            let tree = match merge_of(kind.name, &field) {
                Merge::Permissions => {
                    permissions::singles(&tree).map(permissions::combined).unwrap_or(tree)
                }
                _ => tree,
            };
            self.put(kind, &mut resource, &field, tree, out);
        }
        resource.unreadable.append(&mut out.unreadable);
        self.hide_unknown(&mut resource, unknown);
        if has_stand_in {
            resource.unreadable.insert("arn".to_owned(), self.not_known());
            if !has_own_id && item.tree.get(kind.id).is_some() {
                // A name that the configuration leaves open; those that AWS gives are only ids.
                resource.unreadable.insert(kind.id.to_owned(), self.not_known());
            }
        } else if let Some(identity) =
            kind.identify(&resource.facts, &key.account, partition, &item.location.region)
        {
            resource.arn = identity.arn;
        }
        self.settle(kind, &mut resource);
        self.name(kind, &mut resource);
        let normal = facts::normalize(resource);
        normal.ok().flatten()
    }

    /// Sets a field or fact; what it has if that is not known.
    fn put(
        &self,
        kind: &Kind,
        resource: &mut Resource,
        field: &str,
        tree: Tree,
        out: &mut Finished,
    ) {
        let mut inside = Finished::default();
        let value = self.finishing.value(tree, field, &mut inside);
        let value = value.filter(|value| {
            is_valid(kind, field, value) || {
                // A required field within it is not known, so all of it is not known.
                let cause = inside.unreadable.values().next().cloned();
                inside.unreadable.clear();
                inside
                    .unreadable
                    .insert(field.to_owned(), cause.unwrap_or_else(|| self.not_known()));
                false
            }
        });
        match value {
            Some(value) => drop(resource.facts.insert(field.to_owned(), value)),
            None => drop(resource.facts.remove(field)),
        }
        out.unreadable.append(&mut inside.unreadable);
        out.assumed.append(&mut inside.assumed);
    }

    /// Facts that others decide: the ACL of a bucket by Object Ownership, the status of a policy by the
    /// policy, replication by versioning.
    fn settle(&self, kind: &'static Kind, resource: &mut Resource) {
        for fact in kind.facts {
            let Some(by) = fact.settled_by() else { continue };
            let state = kind.fact_of(resource, by);
            if fact.is_absent_by(&state) {
                resource.unreadable.retain(|path, _| outermost(path) != fact.name);
                resource.facts.insert(fact.name.to_owned(), Value::Null);
                continue;
            }
            // It was absent because of what the other one was.
            let is_settled =
                fact.can_come_back() && resource.facts.get(fact.name).is_some_and(Value::is_null);
            if is_settled && kind.fact_of(resource, fact.name).unreadable().is_none() {
                match kind.fact_of(resource, by) {
                    facts::Fact::Unreadable(cause) => hide(resource, fact.name, cause),
                    _ => hide(resource, fact.name, self.not_known()),
                }
            }
        }
    }

    /// The display name.
    fn name(&self, kind: &Kind, resource: &mut Resource) {
        let text = |value: Option<&Value>| {
            value.and_then(Value::as_str).filter(|name| !name.is_empty()).map(str::to_owned)
        };
        resource.name = match kind.name_field {
            Some(field) => text(resource.facts.get(field)),
            None => text(resource.facts.get("tags").and_then(|tags| tags.get("Name"))),
        };
    }

    /// The lists with the resources that there are, and gaps for those that were not read.
    pub(super) fn count_lists(&self, snapshot: &mut AccountSnapshot) {
        let mut counts: BTreeMap<(String, Region), usize> = BTreeMap::new();
        for resource in &snapshot.resources {
            let scope = facts::kind(&resource.kind).map(|kind| kind.scope);
            let region = match scope {
                Some(Scope::Regional) => resource.region.clone(),
                _ => Region::global(),
            };
            *counts.entry((resource.kind.clone(), region)).or_default() += 1;
        }
        for (key, listed) in &mut snapshot.lists {
            listed.count = counts.get(key).copied().unwrap_or(0);
        }
        for ((kind, region), count) in counts {
            let key = (kind.clone(), region.clone());
            let was_listed = snapshot.lists.contains_key(&key);
            snapshot.lists.entry(key).or_insert_with(|| Listed {
                kind: kind.clone(),
                region: region.clone(),
                facts: BTreeSet::new(),
                count,
            });
            let is_list = facts::kind(&kind).is_some_and(|kind| !kind.list.is_empty());
            if !was_listed && is_list {
                // What else there is was not read.
                let extent = Extent::List { kind: kind.clone() };
                let has_gap = |gap: &Gap| gap.region == region && gap.extent == extent;
                if !snapshot.gaps.iter().any(has_gap) {
                    let call = facts::kind(&kind).map_or("", |kind| kind.list_call());
                    let is_open = self.described.gaps.iter().any(|gap| {
                        gap.kind == kind && gap.location.region == region && !gap.only_adds
                    });
                    let missing = self.missing.cloned();
                    let missing = missing.map(|one| if is_open { one } else { one.of_others() });
                    let cause = missing.unwrap_or_else(|| Cause::not_collected(call));
                    snapshot.gaps.push(Gap { region, cause, extent });
                }
            }
        }
    }

    /// Gaps for everything else, if nothing is known of it.
    pub(super) fn without_others(&self, snapshot: &mut AccountSnapshot) {
        if let Some(cause) = self.missing {
            nothing_else(snapshot, cause);
        }
        snapshot.gaps.sort();
    }

    /// The lists after the change: complete, or with a gap.
    fn lists(&self, account: &AccountId, snapshot: &mut AccountSnapshot) {
        self.count_lists(snapshot);
        let mut gaps: BTreeMap<(&str, &Region), Vec<&ListGap>> = BTreeMap::new();
        let own = self.described.gaps.iter().filter(|gap| gap.location.account == *account);
        for gap in own.filter(|gap| !self.is_kept(gap, &snapshot.resources)) {
            gaps.entry((gap.kind, &gap.location.region)).or_default().push(gap);
        }
        for ((kind, region), gaps) in gaps {
            let mut addresses: Vec<&str> = gaps.iter().map(|gap| gap.address.as_str()).collect();
            addresses.dedup();
            // One instance of a group is evaluated in place of all.
            addresses
                .sort_by_key(|one| kind == "ec2.instance" && self.described.groups.contains(*one));
            let extent = Extent::List { kind: kind.to_owned() };
            if !snapshot.gaps.iter().any(|gap| gap.region == *region && gap.extent == extent) {
                let what = format!("which {} exist", plural(kind));
                let mut cause = self.because(Some(&what), addresses.iter().copied());
                if gaps.iter().all(|gap| gap.only_adds) {
                    cause = cause.of_others();
                }
                // What else an instance has would be known from its image.
                let images = &self.described.unread_images;
                if kind == "ec2.volume" && addresses.iter().all(|one| images.contains_key(*one)) {
                    let images: BTreeSet<&String> =
                        addresses.iter().filter_map(|one| images.get(*one)).collect();
                    let first = images.first().map_or("", |first| first.as_str());
                    let first = one_line(first, 60);
                    cause.message += &match images.len() {
                        1 => format!("; the snapshot does not have image {first}"),
                        all => format!(
                            "; the snapshot does not have images {first} and {} more",
                            all - 1
                        ),
                    };
                }
                snapshot.gaps.push(Gap { region: region.clone(), cause, extent });
            }
        }
        self.without_others(snapshot);
    }
}

/// Adds what all resources of a kind in an account have in common. What one of them has is certain; a
/// plan can have read it of another account.
fn add_shared(kind: &'static Kind, tree: &mut Tree, live: &BTreeMap<ItemKey, Resource>) {
    for (field, _) in kind.list.first().into_iter().flat_map(|call| call.shared) {
        let others = live.values().filter(|one| one.kind == kind.name);
        let known = others.filter_map(|one| one.facts.get(*field)?.as_str()).next();
        if known.is_some() || tree.get(field).is_none() {
            tree.add(Tree::object([(*field, known.into())]));
        }
    }
}

/// Resources of a kind in plain words, as its documentation begins: `EBS volumes`.
fn plural(kind: &str) -> String {
    let doc = facts::kind(kind).map_or(kind, |kind| kind.doc);
    let words = ["A ", "An ", "The "].iter().find_map(|article| doc.strip_prefix(article));
    let words = words.unwrap_or(doc);
    let end = [".", ",", ":", ";", " (", " that ", " which ", " of ", " for "]
        .iter()
        .filter_map(|end| words.find(end))
        .min();
    let noun = words.get(..end.unwrap_or(words.len())).unwrap_or(words);
    let noun = noun.replacen("Account-level", "account-level", 1);
    let ending = if noun.ends_with("ss") { "es" } else { "s" };
    match noun.ends_with('s') && ending == "s" {
        true => noun,
        false => format!("{noun}{ending}"),
    }
}

/// The key of a resource.
pub(super) fn key_of(account: &AccountId, resource: &Resource) -> Option<ItemKey> {
    let kind = facts::kind(&resource.kind)?;
    let region = match kind.scope {
        Scope::Regional => resource.region.clone(),
        Scope::Global | Scope::Account => Region::global(),
    };
    Some(ItemKey { account: account.clone(), kind: kind.name, region, id: resource.id.clone() })
}
