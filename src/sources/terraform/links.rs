//! Which resource instances of the states have to do with which resources in AWS.

use std::collections::HashMap;

use super::relations::{INDEX, Id, PathId, RELATIONS, Relation, Role};
use super::state::Instance;
use crate::facts::{self, Scope as KindScope};
use crate::model::{AccountId, Arn, Region};

/// An instance that relates to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The number of the instance.
    pub instance: u32,
    /// How it relates.
    pub role: Role,
    /// The attribute that has the id.
    pub path: Option<PathId>,
    /// For an attribute in a list: its position.
    pub item: u16,
    /// The position in the table: earlier rows are preferred.
    rank: u16,
}

impl Link {
    /// The link of a resource that caused the creation of another one.
    pub fn brought(instance: u32) -> Self {
        Self { instance, role: Role::Brings, path: None, item: 0, rank: u16::MAX }
    }
}

/// A resource in AWS, as links are looked up.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The kind.
    pub kind: &'a str,
    /// What identifies it.
    pub id: &'a str,
    /// The account that owns it.
    pub account: &'a str,
    /// The region.
    pub region: &'a Region,
}

/// What is not known of the scope of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    /// Its account.
    Account,
    /// Its region.
    Region,
}

impl Missing {
    /// The name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Region => "region",
        }
    }
}

/// An instance with the number of its state.
#[derive(Debug)]
pub struct Known {
    /// The number of the state.
    pub state: usize,
    /// The instance.
    pub instance: Instance,
}

/// All links of the states of a root module.
#[derive(Debug, Default)]
pub struct Links {
    /// The instances.
    pub known: Vec<Known>,
    /// By kind and id.
    by_id: HashMap<&'static str, HashMap<Box<str>, Vec<Link>>>,
    /// By type and id.
    by_type: HashMap<Box<str>, HashMap<Box<str>, Vec<u32>>>,
}

impl Links {
    /// Adds the instances of a state.
    pub fn add(&mut self, state: usize, instances: Vec<Instance>) {
        for instance in instances {
            let Ok(number) = u32::try_from(self.known.len()) else { return };
            self.link(number, &instance);
            self.known.push(Known { state, instance });
        }
    }

    fn link(&mut self, number: u32, instance: &Instance) {
        let entry = INDEX.entry(&instance.resource_type);
        for row in entry.iter().flat_map(|entry| &entry.rows) {
            let rank = RELATIONS.iter().position(|other| std::ptr::eq(other, *row));
            let rank = rank.and_then(|rank| u16::try_from(rank).ok()).unwrap_or(u16::MAX);
            let mut link = Link { instance: number, role: row.role, path: None, item: 0, rank };
            match row.id {
                Id::Attribute(name) => {
                    let Some(path) = INDEX.path(name) else { continue };
                    for kept in instance.values(path) {
                        (link.path, link.item) = (Some(path), kept.item);
                        self.insert(row, id_of(name, &kept.text), link);
                    }
                }
                Id::Region => {
                    if let Some(region) = &instance.scope.region {
                        self.insert(row, region, link);
                    }
                }
                Id::Account => {
                    if let Some(account) = &instance.scope.account {
                        self.insert(row, account, link);
                    }
                }
            }
        }
        if entry.is_none() {
            // A type that the table does not have can still refer to a resource, for rules that name it.
            for kept in &instance.values {
                for kind in INDEX.parents_by(kept.path) {
                    let link = Link {
                        instance: number,
                        role: Role::Configures,
                        path: Some(kept.path),
                        item: kept.item,
                        rank: u16::MAX,
                    };
                    let ids = self.by_id.entry(kind).or_default();
                    ids.entry(kept.text.clone()).or_default().push(link);
                }
            }
        }
        let id = INDEX.path("id").and_then(|path| instance.values(path).next());
        if let Some(id) = id {
            let ids = self.by_type.entry((*instance.resource_type).into()).or_default();
            ids.entry(id.text.clone()).or_default().push(number);
        }
    }

    /// Links an instance of a plan with the resource that it describes, whose id may not be known yet.
    pub fn describe(
        &mut self,
        number: usize,
        (kind, id): (&'static str, &str),
        (account, region): (&AccountId, &Region),
    ) {
        let Some(known) = self.known.get_mut(number) else { return };
        let entry = INDEX.entry(&known.instance.resource_type);
        let mut rows = entry.into_iter().flat_map(|entry| &entry.rows);
        let Some(row) = rows.find(|row| row.kind == kind) else { return };
        let scope = &mut known.instance.scope;
        scope.account.get_or_insert_with(|| account.as_str().into());
        scope.region.get_or_insert_with(|| region.as_str().into());
        let rank = RELATIONS.iter().position(|other| std::ptr::eq(other, *row));
        let rank = rank.and_then(|rank| u16::try_from(rank).ok()).unwrap_or(u16::MAX);
        let Ok(instance) = u32::try_from(number) else { return };
        let link = Link { instance, role: row.role, path: None, item: 0, rank };
        let links = self.by_id.entry(row.kind).or_default().entry(id.into()).or_default();
        // Of a resource that exists, the attributes have the id already.
        if !links.iter().any(|known| known.instance == instance && known.role == row.role) {
            links.push(link);
        }
    }

    fn insert(&mut self, row: &'static Relation, id: &str, link: Link) {
        let links = self.by_id.entry(row.kind).or_default().entry(id.into()).or_default();
        // A bucket has its name twice, as `bucket` and `id`.
        let last = links.last();
        if last.is_none_or(|last| last.instance != link.instance || last.role != link.role) {
            links.push(link);
        }
    }

    /// The instances that relate to a resource, as far as account and region allow.
    pub fn of<'a>(&'a self, target: &'a Target<'a>) -> impl Iterator<Item = Link> + 'a {
        let links = self.by_id.get(target.kind).and_then(|ids| ids.get(target.key()));
        let fits = |link: &&Link| {
            self.known
                .get(link.instance as usize)
                .is_some_and(|known| target.can_be(&known.instance))
        };
        links.into_iter().flatten().filter(fits).copied()
    }

    /// The instances of a type with an id.
    pub fn of_type(&self, resource_type: &str, id: &str) -> &[u32] {
        self.by_type
            .get(resource_type)
            .and_then(|ids| ids.get(id))
            .map_or(&[], |numbers| numbers.as_slice())
    }

    /// All instances of a type.
    pub fn all_of_type(&self, resource_type: &str) -> impl Iterator<Item = u32> {
        let ids = self.by_type.get(resource_type).into_iter().flatten();
        ids.flat_map(|(_, numbers)| numbers.iter().copied())
    }

    /// An instance.
    pub fn instance(&self, number: u32) -> Option<&Known> {
        self.known.get(number as usize)
    }
}

/// Of several links, those that come first in the table.
pub fn preferred(mut links: Vec<Link>) -> Vec<Link> {
    let first = links.iter().map(|link| link.rank).min();
    links.retain(|link| Some(link.rank) == first);
    links
}

/// The id in an attribute: of an access point, the state has the ARN where rolecall has the name.
fn id_of<'a>(path: &str, text: &'a str) -> &'a str {
    if !path.ends_with("_arn") {
        return text;
    }
    match text.parse::<Arn>() {
        Ok(_) => text.rsplit('/').next().unwrap_or(text),
        Err(_) => text,
    }
}

impl Target<'_> {
    /// What the table has as the id.
    fn key(&self) -> &str {
        match INDEX.id_of(self.kind) {
            Some(Id::Region) => self.region.as_str(),
            Some(Id::Account) => self.account,
            Some(Id::Attribute(_)) | None => self.id,
        }
    }

    /// Whether an instance can be about this resource. Ids alone are not enough: they are unique only
    /// in an account and region.
    fn can_be(&self, instance: &Instance) -> bool {
        // The same connection is in the lists of both sides.
        let kind = facts::kind(self.kind);
        if kind.is_some_and(|kind| kind.list.iter().any(|call| call.two_regions)) {
            return true;
        }
        let is_regional = self.is_regional();
        let same = |known: Option<&str>, wanted: &str| match known {
            Some(known) => known == wanted,
            None => !self.is_named(),
        };
        same(instance.scope.account.as_deref(), self.account)
            && (!is_regional || same(instance.scope.region.as_deref(), self.region.as_str()))
    }

    /// For what only its account and region identify: what is not known of those of an instance that
    /// can be it otherwise.
    pub fn missing(&self, instance: &Instance) -> Option<Missing> {
        if matches!(INDEX.id_of(self.kind)?, Id::Attribute(_)) {
            return None;
        }
        let (account, region) = (&instance.scope.account, &instance.scope.region);
        let can_be = account.as_deref().is_none_or(|account| account == self.account)
            && region.as_deref().is_none_or(|region| region == self.region.as_str());
        match (account, region) {
            _ if !can_be => None,
            (None, _) => Some(Missing::Account),
            (_, None) if self.is_regional() => Some(Missing::Region),
            _ => None,
        }
    }

    fn is_regional(&self) -> bool {
        facts::kind(self.kind).is_some_and(|kind| kind.scope == KindScope::Regional)
    }

    /// Whether the id is a name that another account or region can have as well.
    fn is_named(&self) -> bool {
        let is_unique = matches!(self.kind, "s3.bucket" | "s3.directory_bucket");
        self.kind == "ec2.settings" || (self.kind.starts_with("s3.") && !is_unique)
    }
}

/// The account that owns a resource: that of its ARN, or else the scanned one.
pub fn owner<'a>(account: &'a AccountId, arn: Option<&'a Arn>) -> &'a str {
    let owner = arn.map(|arn| arn.account.as_str()).filter(|owner| !owner.is_empty());
    owner.unwrap_or(account.as_str())
}
