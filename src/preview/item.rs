//! What a plan says about resources, before or after the change.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Map, Value};

use super::tree::{Tree, Why};
use crate::facts::{self, Kind, Scope};
use crate::model::{AccountId, BlockPosition, Partition, PlannedChange, Region, Resource};

/// Where resources are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The account.
    pub account: AccountId,
    /// The region.
    pub region: Region,
}

/// What identifies a resource.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ItemKey {
    /// The account.
    pub account: AccountId,
    /// The kind.
    pub kind: &'static str,
    /// The region; [`Region::global`] for kinds that are listed once per account.
    pub region: Region,
    /// The id, or the address of a resource that does not exist yet.
    pub id: String,
}

impl ItemKey {
    /// The key of a resource of a kind.
    pub fn new(kind: &'static Kind, location: &Location, id: &str) -> Self {
        let region = match kind.scope {
            Scope::Regional => location.region.clone(),
            Scope::Global | Scope::Account => Region::global(),
        };
        Self { account: location.account.clone(), kind: kind.name, region, id: id.to_owned() }
    }

    /// The kind.
    pub fn kind(&self) -> Option<&'static Kind> {
        facts::kind(self.kind)
    }
}

/// A resource.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Where it is.
    pub location: Location,
    /// The address of what declares it; `None` if only satellites do.
    pub declared: Option<String>,
    /// Whether the change creates it, possibly in place of another one.
    pub is_created: bool,
    /// Whether its id is the address of what declares it.
    pub has_stand_in: bool,
    /// Whether it can lose tags that the change does not name, because those of its stack change.
    pub may_lose_tags: bool,
    /// Its fields and facts, as far as they are described.
    pub tree: Tree,
    /// Those that what declares it describes.
    pub own: Tree,
    /// The addresses of everything that describes it.
    pub addresses: BTreeSet<String>,
}

impl Item {
    /// One of which nothing is described.
    pub fn new(location: &Location) -> Self {
        Self {
            location: location.clone(),
            declared: None,
            is_created: false,
            has_stand_in: false,
            may_lose_tags: false,
            tree: Tree::Object(BTreeMap::new()),
            own: Tree::Object(BTreeMap::new()),
            addresses: BTreeSet::new(),
        }
    }
}

/// Something that is set on a resource, but not known on which one.
#[derive(Debug, Clone, PartialEq)]
pub struct Unresolved {
    /// The address of what sets it.
    pub address: String,
    /// The kind of the resource.
    pub kind: &'static str,
    /// Where the resource is.
    pub location: Location,
    /// The fields and facts that it sets.
    pub fields: &'static [&'static str],
    /// The ids of the resources that it can be; `None`: any that the change declares.
    pub among: Option<BTreeSet<String>>,
    /// Whether it can also be a resource that the plan does not declare.
    pub is_anywhere: bool,
    /// Whether it has values for all of these fields, and does not remove what they have.
    pub has_values: bool,
}

/// A resource that changes in a way that is not converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hidden {
    /// The address of what changes it.
    pub address: String,
    /// The kind.
    pub kind: &'static str,
    /// Where.
    pub location: Location,
    /// Its id, if it is known.
    pub id: Option<String>,
    /// Whether it can be any resource of the kind if there is none with the id.
    pub is_anywhere: bool,
    /// The field or fact that changes; everything but the id if it is not known.
    pub field: Option<String>,
}

/// A kind whose list is not known after the change.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ListGap {
    /// The kind.
    pub kind: &'static str,
    /// Where.
    pub location: Location,
    /// The address of what changes it.
    pub address: String,
    /// Why.
    pub why: Why,
    /// Whether it only adds resources, and leaves those that there are as they are.
    pub only_adds: bool,
}

/// In place of resources that are not known.
pub const ANY_RESOURCE: &str = "rolecall:resource-not-known";
/// In place of the ARN of the bucket that has the policy, if its name is not known. It starts with
/// [`crate::model::STAND_IN`].
pub const OWN_BUCKET: &str = "\u{e001}rolecall:bucket-of-the-policy";
/// In place of principals that are not known.
pub const ANY_PRINCIPAL: &str = "rolecall:principal-not-known";
/// In place of the values of a condition that are not known.
pub const ANY_VALUE: &str = "rolecall:value-not-known";

/// In place of an IAM role or user of the account itself: followed by its name, such as `role/reader`.
pub const OWN_PRINCIPAL: &str = "rolecall:principal-of-the-account/";

/// What is taken over. A VPC is named by its id, or by the address of what declares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Adoptee {
    /// The resource with this id, which may be that of one that is created with a VPC.
    Is(String),
    /// The default security group of a VPC.
    SecurityGroup(String),
    /// The default network ACL of a VPC.
    NetworkAcl(String),
    /// The main route table of a VPC.
    RouteTable(String),
    /// The default VPC of the region.
    Vpc,
    /// The default subnet of an availability zone.
    Subnet(String),
}

/// The id of what AWS creates with a VPC that does not exist yet.
pub fn default_of(vpc: &str, attribute: &str) -> String {
    format!("{vpc}.{attribute}")
}

/// How a new instance is launched: what it does not say itself, and what decides instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// Its launch template.
    pub template: Option<TemplateVersion>,
    /// Whether it has block devices of its own; `None` if that is not known.
    pub has_own_devices: Option<bool>,
    /// Devices of which it says that they have no EBS volume.
    pub without_volume: BTreeSet<String>,
    /// What it says of its network interfaces.
    pub network: LaunchNetwork,
}

/// What a new instance says of its network interfaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaunchNetwork {
    /// Whether it is attached to interfaces that are described elsewhere.
    pub is_attached: bool,
    /// How many of those it names; `None` if it is not known.
    pub interfaces: Option<usize>,
    /// Whether it sets its subnet.
    pub sets_subnet: bool,
    /// Whether it sets its security groups.
    pub sets_groups: bool,
    /// Whether it sets private or IPv6 addresses.
    pub sets_addresses: bool,
    /// Whether it has a public address; absent if it does not say so.
    pub public_address: PublicAddress,
}

/// Whether a new instance says that it has a public address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PublicAddress {
    /// It does not say.
    NotSet,
    /// It says so.
    Set(bool),
    /// What it says is not known.
    Unknown,
}

/// A version of a launch template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateVersion {
    /// The id, the name, or the address of what declares it; `None` if it is not known.
    pub template: Option<String>,
    /// `$Default`, `$Latest`, or a number; `None` if it is not known.
    pub version: Option<String>,
}

/// What sets a field of another resource after the change.
#[derive(Debug, Clone, PartialEq)]
pub struct Setter {
    /// The address of what sets it.
    pub address: String,
    /// Whether the change is of this resource.
    pub is_changed: bool,
    /// Whether others set the field as well.
    pub is_shared: bool,
    /// What it becomes.
    pub tree: Tree,
}

/// A new copy of an image or a snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// What it is a copy of.
    pub source: ItemKey,
    /// Whether the change encrypts the copy; `None` if that is not known.
    pub encrypts: Option<bool>,
}

/// The items of a list as the code can write them.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ListItems {
    /// Those that are an attribute of one resource.
    pub direct: BTreeSet<String>,
    /// Those that can be something else in a case in which they are known, such as outputs of modules. The
    /// list is not known, so one that has nothing else is one of these.
    pub indirect: BTreeSet<String>,
    /// Variables of modules that are passed on. A list of only one is like that.
    pub variables: BTreeSet<String>,
}

impl ListItems {
    /// Whether these are the items of the list, and refer to nothing else.
    pub fn are(&self, written: &[String]) -> bool {
        let Self { direct, indirect, variables } = self;
        match written {
            [only] if variables.contains(only) => true,
            [only] if direct.is_empty() => indirect.len() == 1 && indirect.contains(only),
            all => {
                !all.is_empty()
                    && indirect.is_empty()
                    && all.iter().cloned().collect::<BTreeSet<String>>() == *direct
            }
        }
    }
}

/// A list of a new resource that has nothing if the configuration has no blocks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithoutBlocks {
    /// The resource.
    pub key: ItemKey,
    /// Its address.
    pub address: String,
    /// The argument that the blocks would be of.
    pub argument: &'static str,
    /// The field.
    pub field: &'static str,
}

/// What a plan knows of its resources after the change, and of its data sources and variables. Nothing in
/// it is sensitive.
#[derive(Debug, Default)]
pub struct KnownAttributes {
    /// By address.
    pub resources: HashMap<String, KnownResource>,
    /// The variables of the root module.
    pub variables: HashMap<String, Value>,
}

/// What a plan knows of a resource or a data source.
#[derive(Debug)]
pub struct KnownResource {
    /// The type.
    pub type_name: String,
    /// The provider; empty for a data source.
    pub provider: String,
    /// The attributes of which everything is known.
    pub attributes: Map<String, Value>,
}

/// A policy of which the plan knows too little.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPolicy {
    /// What has the policy.
    pub key: ItemKey,
    /// The address of what has the policy in the code: a resource with the argument, or a data source.
    pub address: String,
    /// Which parts of the document are not known; `None`: nothing is known.
    pub parts: Option<Vec<OpenPart>>,
    /// The partition.
    pub partition: Partition,
    /// The provider of the resource, if its account is that of the key.
    pub provider: Option<String>,
    /// The argument, and the fact.
    pub argument: &'static str,
}

/// A part of a policy that is not known, and that has a stand-in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenPart {
    /// What it is, in words.
    pub what: String,
    /// Where it is in the document; `None` if it has more than what the argument says.
    pub path: Option<Vec<String>>,
    /// The blocks of the data source around the argument.
    pub blocks: Vec<BlockPosition>,
    /// The argument.
    pub argument: &'static str,
    /// How many items it has, if the plan knows.
    pub items: Option<usize>,
}

/// A policy with stand-ins.
#[derive(Debug, Clone, PartialEq)]
pub struct PartialPolicy {
    /// The fact or field that has it: `policy`.
    pub field: &'static str,
    /// The document.
    pub document: Value,
}

/// What is described before or after the change.
#[derive(Debug, Default)]
pub struct Side {
    /// The resources.
    pub items: BTreeMap<ItemKey, Item>,
    /// What is set on an unknown resource.
    pub unresolved: Vec<Unresolved>,
}

/// What a plan or a change set says.
#[derive(Debug, Default)]
pub struct Described {
    /// Before the change.
    pub before: Side,
    /// After it.
    pub after: Side,
    /// The kinds whose lists are not known after it.
    pub gaps: BTreeSet<ListGap>,
    /// Resources that change but stay, by kind and address, with their ids: if they are in the snapshot,
    /// the change does not make their lists unknown.
    pub kept: BTreeMap<(&'static str, String), String>,
    /// How many resources the change is of, as the tool that planned it counts them.
    pub changes: usize,
    /// The addresses of everything that the change concerns, by resource, also of what it deletes.
    pub changed: BTreeMap<ItemKey, BTreeSet<String>>,
    /// The fields that each change sets, by resource and address: before and after it.
    pub parts: BTreeMap<ItemKey, BTreeMap<String, [BTreeMap<String, Tree>; 2]>>,
    /// Types that this version does not know and that the change affects, with the first address.
    pub unknown_types: BTreeMap<String, String>,
    /// What is taken over instead of created, by the address of what does so.
    pub adoptions: BTreeMap<ItemKey, Adoptee>,
    /// Security groups that Terraform deletes before it creates others in their place.
    pub deleted_first: BTreeSet<ItemKey>,
    /// Instances that the change deletes, and that EC2 does not terminate.
    pub protected: BTreeSet<ItemKey>,
    /// New copies.
    pub copies: BTreeMap<ItemKey, Copied>,
    /// The launches of new instances.
    pub launches: BTreeMap<ItemKey, Launch>,
    /// Images that exist, and that the plan read.
    pub images: Vec<Resource>,
    /// The addresses of groups of instances: one instance is described in place of all.
    pub groups: BTreeSet<String>,
    /// The accounts.
    pub accounts: BTreeSet<AccountId>,
    /// The regions of resources, by account.
    pub regions: BTreeMap<AccountId, BTreeSet<Region>>,
    /// Resources that change in a way that is not converted.
    pub hidden: Vec<Hidden>,
    /// Fields that the change removes from resources that stay.
    pub removed: Vec<Hidden>,
    /// What custom resources name, by their addresses: they can change all of it.
    pub named: BTreeMap<String, (Location, BTreeSet<String>)>,
    /// What sets fields of other resources after the change.
    pub setters: BTreeMap<(ItemKey, String), Setter>,
    /// Policies of which only resources or principals are not known.
    pub partial: BTreeMap<ItemKey, PartialPolicy>,
    /// By the address of what launches instances: their image, which the snapshot does not have.
    pub unread_images: BTreeMap<String, String>,
    /// Policies that the code can say.
    pub open_policies: Vec<OpenPolicy>,
    /// What the plan knows, if there are such policies.
    pub values: KnownAttributes,
    /// Lists that can have further items, by the address and the argument of a resource.
    pub lists: BTreeMap<(String, String), ListItems>,
    /// Lists that have nothing if the configuration has no blocks for them.
    pub without_blocks: Vec<WithoutBlocks>,
    /// The addresses of nested stacks that change.
    pub nested: BTreeSet<String>,
    /// What to do about what resources make unknown, by their addresses.
    pub hints: BTreeMap<String, &'static str>,
    /// What of fields is not known until apply, in words.
    pub open: BTreeMap<(ItemKey, &'static str), String>,
    /// New resources whose names are generated, by what the names begin with.
    pub generated: BTreeMap<ItemKey, String>,
    /// What happens to the resources that change, by address.
    pub planned: BTreeMap<String, PlannedChange>,
    /// The resources of the stack that a change set names, as `describe-stack-resources` would return
    /// them after it; `null` for a plan.
    pub stack: Value,
    /// The name of the stack of a change set.
    pub stack_name: Option<String>,
    /// What is left to a later plan, and why, by address.
    pub deferred: BTreeMap<String, &'static str>,
    /// Whether something is left to a later plan.
    pub is_partial: bool,
    /// When the change was planned, in RFC 3339 format in UTC with seconds.
    pub timestamp: Option<String>,
}

impl Described {
    /// Empties the lists for which the configuration has no blocks. `leaves_out` returns whether the resource
    /// at an address certainly has no blocks of an argument.
    pub fn settle_blocks(&mut self, leaves_out: impl Fn(&str, &str) -> bool) {
        for one in std::mem::take(&mut self.without_blocks) {
            if !leaves_out(&one.address, one.argument) {
                continue;
            }
            if let Some(item) = self.after.items.get_mut(&one.key)
                && let Tree::Object(fields) = &mut item.tree
                && fields.get(one.field) == Some(&Tree::Unknown(Why::Blocks))
            {
                fields.insert(one.field.to_owned(), Tree::List(Vec::new()));
            }
        }
    }

    /// The fields of a resource that change, by the address of what changes them.
    pub fn fields_of(
        &self,
        key: &ItemKey,
    ) -> impl Iterator<Item = (String, BTreeSet<String>)> + use<'_> {
        let parts = self.parts.get(key).into_iter().flatten();
        parts.map(|(address, [before, after])| {
            let normal = |side: &BTreeMap<String, Tree>, name: &String| {
                side.get(name).map(|tree| tree.clone().normal())
            };
            let names = before.keys().chain(after.keys());
            let changed = names.filter(|name| normal(before, name) != normal(after, name));
            (address.clone(), changed.cloned().collect())
        })
    }

    /// The strings that the change has for a resource, before or after it.
    pub fn texts_of(&self, key: &ItemKey) -> BTreeSet<String> {
        fn collect(tree: Tree, out: &mut BTreeSet<String>) {
            match tree {
                Tree::Known(Value::String(text)) => drop(out.insert(text)),
                Tree::Object(fields) => fields.into_values().for_each(|tree| collect(tree, out)),
                Tree::List(items) => items.into_iter().for_each(|tree| collect(tree, out)),
                _ => {}
            }
        }
        let mut texts = BTreeSet::new();
        for side in [&self.before, &self.after] {
            if let Some(item) = side.items.get(key) {
                collect(item.tree.clone().normal(), &mut texts);
            }
        }
        texts
    }

    /// The resources that replace others: each with the one that it replaces.
    pub fn replaced(&self) -> impl Iterator<Item = (&ItemKey, &ItemKey)> {
        let declared: BTreeMap<(&str, &str), &ItemKey> = self
            .before
            .items
            .iter()
            .filter_map(|(key, item)| Some(((key.kind, item.declared.as_deref()?), key)))
            .collect();
        self.after.items.iter().filter_map(move |(key, item)| {
            let old = declared.get(&(key.kind, item.declared.as_deref()?))?;
            (*old != key && !self.before.items.contains_key(key)).then_some((key, *old))
        })
    }
}
