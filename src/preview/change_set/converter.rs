//! What a resource of a change set says, before or after the change, and where that is recorded.

use std::collections::BTreeMap;

use serde_json::Value;

use super::context::{Context, Named};
use super::resource::{Action, Resource};
use super::stack::Stack;
use crate::facts::{self, Kind};
use crate::preview::item::{
    Described, Hidden, Item, ItemKey, Launch, ListGap, Location, Side, Unresolved,
};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{Tree, Why};

/// A resource that is converted, before or after the change.
pub struct Converter<'c> {
    /// The resource.
    pub resource: &'c Resource,
    /// Whether it is after the change.
    pub is_after: bool,
    /// Where it is.
    pub location: &'c Location,
    /// The stack.
    pub stack: &'c Stack,
    /// Its properties on this side of the change, and on the other one.
    pub contexts: (&'c Context, &'c Context),
    /// Where what it says is recorded.
    pub described: &'c mut Described,
}

/// What a change does to a property.
#[derive(Debug, Clone, Copy)]
pub enum Change<'p> {
    /// Nothing.
    None,
    /// A new resource does not have it.
    NotSet,
    /// It is set.
    Set(Attribute<'p>),
    /// It is not set any more.
    Removed,
}

/// What is set: unknown if it is not known, or empty.
pub fn converted<'p>(value: Attribute<'p>, make: impl FnOnce(Attribute<'p>) -> Tree) -> Tree {
    match value.why() {
        Some(why) => Tree::Unknown(why),
        None if value.is_empty() => Tree::Unknown(Why::Apply),
        None => make(value),
    }
}

/// A boolean; one that is not valid is not known.
pub fn flag(value: Attribute<'_>) -> Result<Option<bool>, Why> {
    match value.why() {
        Some(why) => Err(why),
        None => match value.raw() {
            Value::Null => Ok(None),
            Value::String(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Value::String(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            _ => Err(Why::Apply),
        },
    }
}

/// A string; what is not one is not known.
pub fn text(value: Attribute<'_>) -> Tree {
    match (value.text(), value.raw()) {
        (Ok(None), Value::Array(_) | Value::Object(_)) => Tree::Unknown(Why::Apply),
        (text, _) => text.into(),
    }
}

/// An integer; what is not one is not known.
pub fn number(value: Attribute<'_>) -> Tree {
    match value.number() {
        Ok(None) if !value.is_empty() => Tree::Unknown(Why::Apply),
        number => number.into(),
    }
}

impl<'c> Converter<'c> {
    /// All properties.
    pub fn properties(&self) -> Attribute<'c> {
        self.contexts.0.properties()
    }

    /// A property.
    pub fn get(&self, name: &str) -> Attribute<'c> {
        self.properties().get(name)
    }

    /// Whether the change creates it, possibly in place of another one.
    pub fn is_created(&self) -> bool {
        self.is_after && (self.resource.action == Action::Add || self.resource.is_replaced)
    }

    /// Whether the change deletes the resource, possibly because another one replaces it, and this is what
    /// it is before.
    pub fn is_deleted(&self) -> bool {
        !self.is_after && (self.resource.action == Action::Remove || self.resource.is_replaced)
    }

    /// Whether the change keeps the resource, and this is what it is before.
    pub fn is_before_update(&self) -> bool {
        !self.is_after && self.resource.action == Action::Modify && !self.resource.is_replaced
    }

    /// What the change does to a property. Only the side after the change says so.
    pub fn change(&self, name: &str) -> Change<'c> {
        let (own, other) = (self.get(name), self.contexts.1.properties().get(name));
        // An empty block is set, but what it sets is not documented.
        let has = |value: &Attribute<'_>| !value.is_empty() || value.raw().is_object();
        let is_set = has(&own);
        if self.is_created() {
            return if is_set { Change::Set(own) } else { Change::NotSet };
        }
        let is_same = own.is_known() && other.is_known() && own.raw() == other.raw();
        if !self.is_after || is_same || !is_set && !has(&other) {
            return Change::None;
        }
        if is_set { Change::Set(own) } else { Change::Removed }
    }

    /// Adds a field of a property, with what it is if a new resource does not set the property. What an
    /// update leaves when it removes a property is not documented.
    pub fn put(
        &self,
        tree: &mut Tree,
        (property, field): (&str, &str),
        default: Tree,
        make: impl FnOnce(Attribute<'c>) -> Tree,
    ) {
        let value = match self.change(property) {
            Change::None => return,
            Change::NotSet => default,
            Change::Set(value) => converted(value, make),
            Change::Removed => Tree::Unknown(Why::Apply),
        };
        tree.add(Tree::Object([(field.to_owned(), value)].into()));
    }

    /// The account that owns what the change creates.
    pub fn owner(&self) -> Tree {
        self.location.account.as_str().into()
    }

    /// Its id: that of the resource that exists, a name that is set, or its address.
    pub fn own_id(&self, name: Option<&str>) -> (String, bool) {
        if !self.is_created()
            && let Some(id) = &self.resource.physical_id
        {
            return (id.clone(), false);
        }
        let named = name.and_then(|name| self.get(name).text().ok().flatten());
        match named {
            Some(name) => (name.to_owned(), false),
            None => (self.resource.address.clone(), true),
        }
    }

    /// Adds the tags: its own and those of the stack, which apply if it has none with the same key.
    /// `is_marked`: whether CloudFormation marks resources of the type with tags of its own.
    pub fn put_tags(&self, tree: &mut Tree, is_marked: bool) {
        let own = self.get("Tags");
        let other = self.contexts.1.properties().get("Tags");
        let is_same = own.is_known() && other.is_known() && own.raw() == other.raw();
        let is_kept = is_same || own.is_empty() && other.is_empty();
        if !self.is_created() && is_kept && !self.resource.changes_tags {
            return;
        }
        let mut tags: BTreeMap<String, Tree> = BTreeMap::new();
        if self.is_after {
            tags.extend(self.stack.tags.iter().cloned());
        }
        if self.is_created() && is_marked {
            for (key, value) in [
                ("stack-id", &self.stack.id),
                ("stack-name", &self.stack.name),
                ("logical-id", &self.resource.logical_id),
            ] {
                tags.insert(format!("aws:cloudformation:{key}"), value.as_str().into());
            }
        }
        let mut all = Tree::Object(tags);
        match list_of_tags(own) {
            Some(own) => all.add(own),
            None => all = Tree::Unknown(Why::Apply),
        }
        tree.add(Tree::object([("tags", all)]));
    }

    /// Declares the resource.
    pub fn declare(&mut self, kind: &'static Kind, (id, has_stand_in): (String, bool), tree: Tree) {
        let tree = self.of_side(tree);
        let is_created = self.is_created();
        let may_lose_tags = self.is_after && !is_created && self.resource.changes_tags;
        let address = self.resource.address.clone();
        let item = self.item(kind, &id);
        item.declared = Some(address);
        item.is_created |= is_created;
        item.has_stand_in |= has_stand_in;
        item.may_lose_tags |= may_lose_tags;
        item.tree.add(tree);
    }

    /// Sets facts of the resource that a property names; if it is not known which one, they are unknown
    /// for all that it can be.
    pub fn set(
        &mut self,
        kind: &'static Kind,
        property: &str,
        names: &'static [&'static str],
        tree: Tree,
    ) {
        let tree = self.of_side(tree);
        match self.contexts.0.named(property) {
            Named::Ids(ids) => {
                for id in ids {
                    if self.is_after {
                        let key = ItemKey::new(kind, self.location, &id);
                        self.described.note_set(&key, (&self.resource.address, true), &tree);
                    }
                    self.item(kind, &id).describe(kind, tree.clone());
                }
            }
            named => {
                let is_anywhere = named != Named::New || !self.stack.creates(kind.name);
                self.unresolved(kind, names, is_anywhere);
            }
        }
    }

    /// Fields that are not known after the change, or all of them if none are named: of the resources that
    /// an id means, or of all of a kind.
    pub fn hide(&mut self, kind: &'static Kind, id: Option<&str>, fields: &[&str]) {
        let fields: Vec<Option<&str>> = match fields {
            [] => vec![None],
            fields => fields.iter().copied().map(Some).collect(),
        };
        for field in fields {
            self.described.hidden.push(Hidden {
                address: self.resource.address.clone(),
                kind: kind.name,
                location: self.location.clone(),
                id: id.map(str::to_owned),
                is_anywhere: id.is_none(),
                field: field.map(str::to_owned),
            });
        }
    }

    /// The same for the resources that a property names.
    pub fn hide_named(
        &mut self,
        kind: &'static Kind,
        property: &str,
        fields: &'static [&'static str],
    ) {
        let named = self.contexts.0.named(property);
        match named {
            Named::Nothing => {}
            Named::Ids(ids) => ids.iter().for_each(|id| self.hide(kind, Some(id), fields)),
            Named::New if self.stack.creates(kind.name) => self.unresolved(kind, fields, false),
            Named::New | Named::Any => {
                self.unresolved(kind, fields, false);
                self.hide(kind, None, fields);
            }
        }
    }

    /// Sets facts of the one resource of a kind in the region.
    pub fn set_settings(&mut self, kind: &'static Kind, tree: Tree) {
        let tree = self.of_side(tree);
        let id = self.location.region.as_str().to_owned();
        self.item(kind, &id).tree.add(tree);
    }

    /// Notes how a new instance is launched.
    pub fn launched(&mut self, kind: &'static Kind, id: &str, launch: Launch) {
        self.described.launches.insert(ItemKey::new(kind, self.location, id), launch);
    }

    fn unresolved(
        &mut self,
        kind: &'static Kind,
        fields: &'static [&'static str],
        is_anywhere: bool,
    ) {
        self.described.after.unresolved.push(Unresolved {
            address: self.resource.address.clone(),
            kind: kind.name,
            location: self.location.clone(),
            fields,
            among: None,
            is_anywhere,
            has_values: false,
        });
    }

    /// A list that is not known after the change.
    pub fn gap(&mut self, kind: &str) {
        self.open_list(kind, false);
    }

    /// The same for a kind of which this resource has some of its own: a new one only adds to the list.
    pub fn brings(&mut self, kind: &str) {
        self.open_list(kind, self.resource.action == Action::Add);
    }

    fn open_list(&mut self, kind: &str, only_adds: bool) {
        if let Some(kind) = facts::kind(kind) {
            self.described.gaps.insert(ListGap {
                kind: kind.name,
                location: self.location.clone(),
                address: self.resource.address.clone(),
                why: Why::NotConverted,
                only_adds,
            });
        }
    }

    /// What is not known before the change is not what is not known after it.
    fn of_side(&self, tree: Tree) -> Tree {
        if self.is_after { tree } else { before(tree) }
    }

    fn item(&mut self, kind: &'static Kind, id: &str) -> &mut Item {
        let key = ItemKey::new(kind, self.location, id);
        let address = self.resource.address.clone();
        let known = self.described.changed.entry(key.clone()).or_default();
        known.insert(address.clone());
        let location = self.location.clone();
        let item = self.side().items.entry(key).or_insert_with(|| Item::new(&location));
        item.addresses.insert(address);
        item
    }

    fn side(&mut self) -> &mut Side {
        if self.is_after { &mut self.described.after } else { &mut self.described.before }
    }
}

/// A tree in which what is not known is marked as that of before the change.
fn before(tree: Tree) -> Tree {
    match tree {
        Tree::Unknown(_) => Tree::Unknown(Why::Sensitive),
        Tree::List(items) => Tree::List(items.into_iter().map(before).collect()),
        Tree::Object(fields) => {
            Tree::Object(fields.into_iter().map(|(name, tree)| (name, before(tree))).collect())
        }
        known => known,
    }
}

/// Tags in a list; `None` if it is not known which ones there are.
pub fn list_of_tags(list: Attribute<'_>) -> Option<Tree> {
    let mut tags = BTreeMap::new();
    for tag in list.items().ok()? {
        let Ok(Some(key)) = tag.get("Key").text() else { return None };
        let value = tag.get("Value").text();
        tags.insert(key.to_owned(), value.map(|value| Some(value.unwrap_or(""))).into());
    }
    Some(Tree::Object(tags))
}
