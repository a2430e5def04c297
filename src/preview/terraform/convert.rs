//! What a resource of a plan says, before or after the change, and where that is recorded.

use std::collections::{BTreeMap, BTreeSet};

use super::address::type_of;
use super::attribute::Attribute;
use super::family::{Candidates, Family};
use super::plan::{Action, Plan, PlannedResource};
use crate::facts::{self, Kind, Scope};
use crate::model::Partition;
use crate::preview::item::{
    Adoptee, Copied, Described, Hidden, Item, ItemKey, Launch, ListGap, Location, OpenPart,
    OpenPolicy, PartialPolicy, Side, Unresolved, WithoutBlocks,
};
use crate::preview::lists::further_items;
use crate::preview::tree::{Tree, Why};

/// A point in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Before the change.
    Before,
    /// After it.
    After,
}

/// A resource of the plan that is converted.
pub struct Converter<'p> {
    plan: &'p Plan,
    /// The resource.
    pub resource: &'p PlannedResource,
    /// Before or after the change.
    pub when: When,
    /// Where it is.
    pub location: Location,
    described: &'p mut Described,
    /// The attribute by which others refer to a resource of a type.
    id_attribute: fn(&str) -> &'static str,
}

/// The resource that a satellite belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The one with this id, or address.
    Id(String),
    /// One of those with these ids, or addresses.
    OneOf(BTreeSet<String>),
    /// Not known which one.
    Unresolved {
        /// Whether it can also be one that the plan does not declare.
        is_anywhere: bool,
    },
}

impl<'p> Converter<'p> {
    /// `id_attribute`: the attribute by which others refer to a resource of a type.
    pub fn new(
        plan: &'p Plan,
        (resource, when): (&'p PlannedResource, When),
        location: Location,
        described: &'p mut Described,
        id_attribute: fn(&str) -> &'static str,
    ) -> Self {
        Self { plan, resource, when, location, described, id_attribute }
    }

    /// All attributes.
    pub fn attributes(&self) -> Attribute<'p> {
        match self.when {
            When::Before => self.resource.before(),
            When::After => self.resource.after(),
        }
    }

    /// An attribute.
    pub fn get(&self, name: &str) -> Attribute<'p> {
        self.attributes().get(name)
    }

    /// Whether the change creates it, possibly in place of another one.
    pub fn is_created(&self) -> bool {
        self.when == When::After && matches!(self.resource.action, Action::Create | Action::Replace)
    }

    /// Whether the configuration has an argument. Dynamic blocks are not seen, nor are blocks of
    /// attributes that the provider can compute.
    pub fn has_argument(&self, name: &str) -> bool {
        let expression = self.plan.expression(self.resource, name);
        expression.is_some_and(|expression| !self.plan.is_null(&self.resource.module, expression))
    }

    /// Whether the plan has the configuration of the resource.
    pub fn has_configuration(&self) -> bool {
        self.plan.configured(self.resource).is_some()
    }

    /// Whether the configuration leaves an argument out that is not known: it has none, or one that is
    /// `null`, so the provider computes it. The path is that of [`Plan::referred`].
    pub fn is_left_out(&self, path: &str) -> bool {
        let has_block = |outer: &str| self.plan.argument(self.resource, outer).is_some();
        match self.plan.argument(self.resource, path) {
            None => path.rsplit_once('.').is_some_and(|(outer, _)| has_block(outer)),
            // Nothing that it refers to is unknown.
            Some(_) => {
                let referred = self.plan.referred(self.resource, path);
                referred.resources.is_empty() && !referred.is_uncertain
            }
        }
    }

    /// An attribute in both states, if the plan describes it: it is configured, or the plan changes it.
    /// What the provider only read is not described: something else sets it.
    pub fn described(&self, name: &str) -> Option<Attribute<'p>> {
        let attribute = self.get(name);
        let (before, after) = (self.resource.before().get(name), self.resource.after().get(name));
        let is_set = match self.resource.action {
            Action::Create | Action::Replace => after.is_set(),
            _ => after.why().is_none() && before.raw() != after.raw(),
        };
        (is_set || self.has_argument(name)).then_some(attribute)
    }

    /// An attribute that is the id of another resource: its value, or the address of a planned one.
    pub fn link(&self, name: &str) -> Tree {
        self.link_at(name, self.get(name), &["id"])
    }

    /// The same for an attribute at a path of the configuration, and with these attributes of the
    /// other resource.
    pub fn link_at(&self, argument: &str, value: Attribute<'_>, of: &[&str]) -> Tree {
        match value.text() {
            Ok(text) => text.into(),
            Err(Why::Apply) => match self.plan.referred(self.resource, argument).only(of) {
                Some(address) => self.id_of(address),
                None => Tree::Unknown(Why::Apply),
            },
            Err(why) => Tree::Unknown(why),
        }
    }

    /// An attribute that names a KMS key, at a path of the configuration. A planned key has a stand-in: it is
    /// none of AWS, whatever its id will be.
    pub fn key_link(&self, argument: &str, value: Attribute<'_>) -> Tree {
        match value.text() {
            Err(Why::Apply) => match self.planned_key(argument) {
                Some(key) => Tree::from(key.as_str()),
                None => Tree::Unknown(Why::Apply),
            },
            text => text.into(),
        }
    }

    /// The ARN or the id of the key of the plan that an argument refers to, with its address in place of
    /// the id.
    fn planned_key(&self, argument: &str) -> Option<String> {
        const TYPES: [&str; 3] = ["aws_kms_external_key", "aws_kms_key", "aws_kms_replica_key"];
        let referred = self.plan.referred(self.resource, argument);
        let address = referred.only(&["arn", "id", "key_id"])?;
        let key = self.plan.at(address).filter(|key| TYPES.contains(&key.type_name.as_str()))?;
        if referred.only(&["arn"]).is_none() {
            return Some(address.to_owned());
        }
        // The ARN says where the key is.
        let region = |one: &'p PlannedResource| one.after().get("region").text().ok();
        let is_here = key.provider == self.resource.provider
            && region(key).is_some_and(|own| Some(own) == region(self.resource));
        let Location { account, region } = &self.location;
        let partition = Partition::of_region(region);
        is_here.then(|| format!("arn:{partition}:kms:{region}:{account}:key/{address}"))
    }

    /// The tags with the default ones of the provider. The provider computes them; without default
    /// ones, they are those of the resource.
    pub fn all_tags(&self) -> Attribute<'p> {
        let (all, own) = (self.get("tags_all"), self.get("tags"));
        let has_provider = self.plan.provider(&self.resource.provider).is_some();
        if all.is_unknown() && !self.has_default_tags() && has_provider || all.is_empty() {
            return own;
        }
        all
    }

    /// Whether the provider has default tags.
    pub fn has_default_tags(&self) -> bool {
        let provider = self.plan.provider(&self.resource.provider);
        let expressions = provider.and_then(|provider| provider.get("expressions"));
        expressions.is_some_and(|all| all.get("default_tags").is_some())
    }

    /// The id of what an address refers to. Types for one setting of a bucket have its name, too.
    fn id_of(&self, address: &str) -> Tree {
        let mut address = address.to_owned();
        for _ in 0..8 {
            let one = self.plan.at(&address);
            let Some(one) = one.filter(|one| one.type_name.starts_with("aws_s3_bucket_")) else {
                return Tree::from(self.stand_in(&address).as_str());
            };
            let referred = self.plan.referred(one, "bucket");
            match (one.after().get("bucket").text(), referred.only(&["id", "bucket"])) {
                (Ok(Some(name)), _) => return name.into(),
                (_, Some(next)) => address = next.to_owned(),
                _ => break,
            }
        }
        Tree::Unknown(Why::Apply)
    }

    /// A list of ids of other resources.
    pub fn links(&self, argument: &str, value: Attribute<'_>) -> Tree {
        let referred = self.plan.referred(self.resource, argument);
        let Ok(items) = value.items() else {
            // A set is not known as a whole if one of its items is not.
            let among = referred.among("id").filter(|_| value.is_unknown());
            return match among {
                Some(all) => {
                    let ids = all.into_iter().map(|one| Tree::from(self.stand_in(one).as_str()));
                    Tree::List(ids.chain([Tree::Unknown(Why::Apply)]).collect())
                }
                None => Tree::Unknown(Why::Apply),
            };
        };
        let unknown = items.iter().filter(|item| item.is_unknown()).count();
        let ids: Vec<&str> = referred
            .resources
            .iter()
            .filter(|(_, attribute)| attribute == "id")
            .map(|(address, _)| address.as_str())
            .collect();
        let is_certain = !referred.is_uncertain && ids.len() == referred.resources.len();
        // Those that are not known are these, in some order.
        let known_ids: Vec<&str> =
            items.iter().filter_map(|item| item.text().ok().flatten()).collect();
        let not_known: Vec<String> = ids
            .iter()
            .map(|address| self.stand_in(address))
            .filter(|id| !known_ids.contains(&id.as_str()))
            .collect();
        if unknown > 0 && !(is_certain && not_known.len() == unknown) {
            return Tree::Unknown(Why::Apply);
        }
        let mut stand_ins = not_known.into_iter();
        Tree::List(
            items
                .iter()
                .map(|item| match item.is_unknown() {
                    true => match stand_ins.next() {
                        Some(id) => Tree::from(id.as_str()),
                        None => Tree::Unknown(Why::Apply),
                    },
                    false => item.text().into(),
                })
                .collect(),
        )
    }

    /// A list of ids of security groups. If it can have more items than those that it refers to, the code
    /// can say that it does not: until it was asked, a stand-in is in place of the others.
    pub fn group_links(&self, argument: &str, value: Attribute<'_>) -> Tree {
        match self.links(argument, value) {
            Tree::List(mut items) => {
                let is_open = |item: &Tree| *item == Tree::Unknown(Why::Apply);
                if value.is_unknown() && items.last().is_some_and(is_open) {
                    items.pop();
                    items
                        .push(Tree::from(further_items(&self.resource.address, argument).as_str()));
                }
                Tree::List(items)
            }
            other => other,
        }
    }

    /// The id of a planned resource if it is known, else something that contains its address.
    pub fn stand_in(&self, address: &str) -> String {
        let Some(resource) = self.plan.at(address) else { return address.to_owned() };
        match resource.after().get((self.id_attribute)(&resource.type_name)).text() {
            Ok(Some(id)) => id.to_owned(),
            // What a route leads to is known by the beginning of the id.
            _ if resource.type_name == "aws_internet_gateway" => format!("igw-({address})"),
            _ => address.to_owned(),
        }
    }

    /// The id of the resource itself: that in an attribute, or its address.
    pub fn own_id(&self, attribute: &str) -> (String, bool) {
        match self.get(attribute).text() {
            Ok(Some(id)) => (id.to_owned(), false),
            _ => (self.resource.address.clone(), true),
        }
    }

    /// The resource that this one is a satellite of, by the id in an attribute.
    pub fn target(&self, argument: &str, of: &[&str]) -> Target {
        match self.link_at(argument, self.get(argument), of) {
            Tree::Known(_) if self.refers_to_other(argument, of) => {
                Target::Unresolved { is_anywhere: true }
            }
            Tree::Known(value) => match value.as_str() {
                Some(id) => Target::Id(id.to_owned()),
                None => Target::Unresolved { is_anywhere: false },
            },
            _ => match self.candidates(argument) {
                Some(target) => target,
                None => {
                    let referred = self.plan.referred(self.resource, argument);
                    let is_known = referred.only(of).is_some();
                    Target::Unresolved { is_anywhere: referred.resources.is_empty() || is_known }
                }
            },
        }
    }

    /// Whether an argument that is not known only refers to a resource whose id it cannot be, so that this is
    /// a condition.
    fn refers_to_other(&self, argument: &str, of: &[&str]) -> bool {
        let Some(family) = Family::of(argument).filter(|_| self.get(argument).is_unknown()) else {
            return false;
        };
        let referred = self.plan.referred(self.resource, argument);
        let type_name = referred.only(of).and_then(type_of);
        type_name.is_some_and(|name| !family.is_of(&name) && !family.is_known_by_id(&name))
    }

    /// The resources that an id in an argument can be of, if it is known only after the change.
    fn candidates(&self, argument: &str) -> Option<Target> {
        if self.get(argument).why() != Some(Why::Apply) {
            return None;
        }
        let (ids, is_one) = match self.plan.candidates(self.resource, argument)? {
            Candidates::All => return Some(Target::Unresolved { is_anywhere: true }),
            Candidates::Among(ids) => (ids, false),
            Candidates::These(ids) => (ids, true),
        };
        let id = |id: &String| match self.plan.at(id) {
            Some(_) => self.id_of(id).as_str().map(str::to_owned),
            None => Some(id.clone()),
        };
        let ids: BTreeSet<String> = ids.iter().map(id).collect::<Option<_>>()?;
        let mut all = ids.iter();
        match (all.next(), all.next()) {
            (Some(only), None) if is_one => Some(Target::Id(only.clone())),
            _ => Some(Target::OneOf(ids)),
        }
    }

    /// The resource of the plan that an argument refers to.
    pub fn referred(&self, argument: &str, of: &[&str]) -> Option<&'p PlannedResource> {
        let referred = self.plan.referred(self.resource, argument);
        self.plan.at(referred.only(of)?)
    }

    /// The plan.
    pub fn plan(&self) -> &'p Plan {
        self.plan
    }

    /// Declares a resource.
    pub fn declare(
        &mut self,
        kind: &'static Kind,
        (id, has_stand_in): (String, bool),
        fields: Tree,
    ) {
        let key = ItemKey::new(kind, &self.location, &id);
        let (is_created, address) = (self.is_created(), self.resource.address.clone());
        self.note(&key, &address, &fields);
        let item = self.item(key);
        item.declared.get_or_insert_with(|| address.clone());
        item.is_created |= is_created;
        item.has_stand_in |= has_stand_in;
        item.addresses.insert(address);
        item.own = fields.clone();
        // Satellites are applied after what they belong to, wherever they are in the plan.
        let satellites = std::mem::replace(&mut item.tree, fields);
        item.describe(kind, satellites);
    }

    /// Notes that what this resource creates takes over one that exists. Its id is the address until
    /// what exists is known.
    pub fn adopt(&mut self, kind: &'static Kind, adoptee: Adoptee) {
        let key = ItemKey::new(kind, &self.location, &self.resource.address);
        self.described.adoptions.insert(key.clone(), adoptee);
        self.item(key).has_stand_in = true;
    }

    /// The resource that this one is about, if it takes over one that exists.
    pub fn taken_over(&mut self, kind: &'static Kind, adoptee: Adoptee) -> Target {
        if self.is_created() {
            self.adopt(kind, adoptee);
            return Target::Id(self.resource.address.clone());
        }
        match (self.get("id").text(), adoptee) {
            (Ok(Some(id)), _) => Target::Id(id.to_owned()),
            (_, Adoptee::Is(id)) => Target::Id(id),
            _ => Target::Unresolved { is_anywhere: true },
        }
    }

    /// Sets fields or facts of another resource.
    pub fn set(
        &mut self,
        kind: &'static Kind,
        target: Target,
        names: &'static [&'static str],
        fields: Tree,
    ) {
        let address = self.resource.address.clone();
        match target {
            Target::Id(id) => {
                let key = ItemKey::new(kind, &self.location, &id);
                self.note(&key, &address, &fields);
                if self.when == When::Before && self.resource.is_deleted_last() {
                    self.removed(&key, &fields);
                }
                if self.when == When::After {
                    let setter = (address.as_str(), self.resource.is_changed());
                    self.described.note_set(&key, setter, &fields);
                }
                let item = self.item(key);
                item.addresses.insert(address);
                item.describe(kind, fields);
            }
            target => {
                let location = self.location.clone();
                let (among, is_anywhere) = match target {
                    Target::OneOf(ids) => (Some(ids), false),
                    Target::Unresolved { is_anywhere } => (None, is_anywhere),
                    Target::Id(_) => return,
                };
                let has_values = names.iter().all(|name| fields.get(name).is_some());
                let (kind, fields) = (kind.name, names);
                let one =
                    Unresolved { address, kind, location, fields, among, is_anywhere, has_values };
                self.side().unresolved.push(one);
            }
        }
    }

    /// Notes the fields that the deletion of this resource removes from another one.
    fn removed(&mut self, key: &ItemKey, fields: &Tree) {
        let Tree::Object(fields) = fields else { return };
        for field in fields.keys() {
            self.described.removed.push(Hidden {
                address: self.resource.address.clone(),
                kind: key.kind,
                location: self.location.clone(),
                id: Some(key.id.clone()),
                is_anywhere: false,
                field: Some(field.clone()),
            });
        }
    }

    /// Marks fields of another resource as not known, if this one changes; of every resource of the kind
    /// if it is not known which one it is.
    pub fn unknown(&mut self, kind: &'static Kind, id: &Tree, names: &'static [&'static str]) {
        if !self.resource.is_changed() {
            return;
        }
        let target = match id.as_str() {
            Some(id) => Target::Id(id.to_owned()),
            None => Target::Unresolved { is_anywhere: true },
        };
        let unknown =
            names.iter().map(|name| ((*name).to_owned(), Tree::Unknown(Why::NotConverted)));
        let tree = Tree::Object(unknown.collect());
        // Before the change, it is what it is.
        if self.when == When::After {
            self.set(kind, target, names, tree);
        } else if !self.resource.exists_after() {
            let location = self.location.clone();
            let id = id.as_str().map(str::to_owned);
            for field in names {
                let (location, id) = (location.clone(), id.clone());
                let hidden = Hidden {
                    address: self.resource.address.clone(),
                    kind: kind.name,
                    location,
                    id,
                    is_anywhere: true,
                    field: Some((*field).to_owned()),
                };
                self.described.hidden.push(hidden);
            }
        }
    }

    /// Marks fields as not known, if this resource changes: of the resources that an id means, which can be
    /// that of an instance or a network interface. An id that is not in the snapshot means nothing else.
    pub fn hide_meant(&mut self, kind: &'static Kind, id: &str, names: &[&str]) {
        if !self.resource.is_changed() {
            return;
        }
        for field in names {
            self.described.hidden.push(Hidden {
                address: self.resource.address.clone(),
                kind: kind.name,
                location: self.location.clone(),
                id: Some(id.to_owned()),
                is_anywhere: false,
                field: Some((*field).to_owned()),
            });
        }
    }

    /// Records a policy of which only a part is not known.
    pub fn partial(
        &mut self,
        kind: &'static Kind,
        id: &str,
        field: &'static str,
        document: serde_json::Value,
    ) {
        let key = ItemKey::new(kind, &self.location, id);
        self.described.partial.insert(key, PartialPolicy { field, document });
    }

    /// Notes that the code can say what a policy is: at the address of a data source, the parts that are not
    /// known, or all of it.
    pub fn open_policy(
        &mut self,
        kind: &'static Kind,
        id: &str,
        argument: &'static str,
        parts: Option<(String, Vec<OpenPart>)>,
    ) {
        let (address, parts) = match parts {
            Some((data, parts)) => (data, Some(parts)),
            None => (self.resource.address.clone(), None),
        };
        // The account of other types can be that of an ARN.
        let is_own = self.resource.type_name == "aws_s3_bucket_policy";
        self.described.open_policies.push(OpenPolicy {
            key: ItemKey::new(kind, &self.location, id),
            address,
            parts,
            partition: Partition::of_region(&self.location.region),
            provider: is_own.then(|| self.resource.provider.clone()),
            argument,
        });
    }

    /// Notes that a field has nothing if the configuration has no blocks of an argument.
    pub fn without_blocks(
        &mut self,
        kind: &'static Kind,
        id: &str,
        (argument, field): (&'static str, &'static str),
    ) {
        let key = ItemKey::new(kind, &self.location, id);
        let address = self.resource.address.clone();
        self.described.without_blocks.push(WithoutBlocks { key, address, argument, field });
    }

    /// Notes what of a field is not known until apply, in words.
    pub fn open(&mut self, kind: &'static Kind, id: &str, field: &'static str, what: String) {
        let key = ItemKey::new(kind, &self.location, id);
        self.described.open.insert((key, field), what);
    }

    /// Notes that the instance whose id is the address is one of a group, in place of all of them.
    pub fn stands_for_group(&mut self) {
        self.described.groups.insert(self.resource.address.clone());
    }

    /// Notes how a new instance is launched.
    pub fn launched(&mut self, kind: &'static Kind, id: &str, launch: Launch) {
        self.described.launches.insert(ItemKey::new(kind, &self.location, id), launch);
    }

    /// Notes that what this resource creates is a copy of something with this id, in a region.
    pub fn copied(&mut self, kind: &'static Kind, of: &Tree, region: Result<Option<&str>, Why>) {
        const ENCRYPTED: &str = "encrypted";
        let encrypts = match self.get(ENCRYPTED).flag() {
            Ok(on) => Some(on.unwrap_or(false)),
            // The provider computes it if it is not configured.
            Err(_) => (!self.has_argument(ENCRYPTED) && self.has_configuration()).then_some(false),
        };
        let (Some(id), Ok(Some(region))) = (of.as_str(), region) else { return };
        let Ok(region) = region.parse() else { return };
        let location = Location { region, ..self.location.clone() };
        let source = ItemKey::new(kind, &location, id);
        let key = ItemKey::new(kind, &self.location, &self.resource.address);
        self.described.copies.insert(key, Copied { source, encrypts });
    }

    /// Notes that Terraform deletes the resource before it creates another one in its place.
    pub fn deleted_first(&mut self, kind: &'static Kind, id: &str) {
        if self.when == When::Before && self.resource.is_deleted_first() {
            self.described.deleted_first.insert(ItemKey::new(kind, &self.location, id));
        }
    }

    /// Notes that EC2 does not terminate the instance that the change deletes.
    pub fn protected(&mut self, kind: &'static Kind, id: &str) {
        self.described.protected.insert(ItemKey::new(kind, &self.location, id));
    }

    /// The attribute of a planned resource that an argument refers to, if it is only one.
    pub fn referred_attribute(&self, argument: &str) -> Option<String> {
        let referred = self.plan.referred(self.resource, argument);
        match referred.resources.iter().collect::<Vec<_>>().as_slice() {
            [(_, attribute)] if !referred.is_uncertain => Some(attribute.clone()),
            _ => None,
        }
    }

    /// Notes that the name of the resource is generated, and begins with `start`.
    pub fn generated(&mut self, kind: &'static Kind, id: &str, start: &str) {
        let key = ItemKey::new(kind, &self.location, id);
        self.described.generated.insert(key, start.to_owned());
    }

    /// Sets facts of the one resource of a kind in the account, or in the account and region.
    pub fn set_singleton(&mut self, kind: &'static Kind, fields: Tree) {
        let id = match kind.scope {
            Scope::Regional => self.location.region.as_str().to_owned(),
            Scope::Global | Scope::Account => self.location.account.as_str().to_owned(),
        };
        self.set(kind, Target::Id(id), &[], fields);
    }

    /// Marks the list of a kind as not known after the change, if this resource changes.
    pub fn gap(&mut self, kind: &'static str, why: Why) {
        self.open_list(kind, why, false);
    }

    /// The same for a kind of which this resource has some of its own: a new one only adds to the list.
    pub fn brings(&mut self, kind: &'static str, why: Why) {
        self.open_list(kind, why, self.resource.action == Action::Create);
    }

    fn open_list(&mut self, kind: &'static str, why: Why, only_adds: bool) {
        if self.resource.is_changed() {
            let location = match facts::kind(kind).map(|kind| kind.scope) {
                Some(Scope::Global) => {
                    Location { region: crate::model::Region::global(), ..self.location.clone() }
                }
                _ => self.location.clone(),
            };
            let address = self.resource.address.clone();
            self.described.gaps.insert(ListGap { kind, location, address, why, only_adds });
        }
    }

    fn note(&mut self, key: &ItemKey, address: &str, fields: &Tree) {
        if !self.resource.is_changed() {
            return;
        }
        let known = self.described.changed.entry(key.clone()).or_default();
        known.insert(address.to_owned());
        if let Tree::Object(fields) = fields {
            let parts = self.described.parts.entry(key.clone()).or_default();
            let [before, after] = parts.entry(address.to_owned()).or_default();
            let side = if self.when == When::Before { before } else { after };
            side.extend(fields.clone());
        }
    }

    fn item(&mut self, key: ItemKey) -> &mut Item {
        let location = self.location.clone();
        self.side().items.entry(key).or_insert_with(|| Item::new(&location))
    }

    fn side(&mut self) -> &mut Side {
        match self.when {
            When::Before => &mut self.described.before,
            When::After => &mut self.described.after,
        }
    }
}

/// Fields of an object.
pub fn fields<const N: usize>(fields: [(&str, Tree); N]) -> Tree {
    Tree::object(fields)
}

/// Fields that are only there if they have a value.
pub fn present<const N: usize>(fields: [(&str, Option<Tree>); N]) -> Tree {
    let present = fields.into_iter().filter_map(|(name, tree)| Some((name.to_owned(), tree?)));
    Tree::Object(present.collect::<BTreeMap<_, _>>())
}
