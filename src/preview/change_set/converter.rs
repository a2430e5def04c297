//! What a resource of a change set says, before or after the change, and where that is recorded.

use std::collections::BTreeMap;

use super::resource::{Action, Resource};
use crate::facts::Kind;
use crate::preview::item::{Described, Item, ItemKey, Location, Side, Unresolved};
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
    /// Its properties.
    pub properties: Attribute<'c>,
    /// Where what it says is recorded.
    pub described: &'c mut Described,
}

impl Converter<'_> {
    /// A property.
    pub fn get(&self, name: &str) -> Attribute<'_> {
        self.properties.get(name)
    }

    /// Whether the change creates it, possibly in place of another one.
    pub fn is_created(&self) -> bool {
        self.is_after && (self.resource.action == Action::Add || self.resource.is_replaced)
    }

    /// Its id: that of the resource that exists, a name that is set, or its address.
    pub fn own_id(&self, name: Option<&str>) -> (String, bool) {
        if !self.is_created()
            && let Some(id) = &self.resource.physical_id
        {
            return (id.clone(), false);
        }
        let named = name.and_then(|name| self.properties.get(name).text().ok().flatten());
        match named {
            Some(name) => (name.to_owned(), false),
            None => (self.resource.address.clone(), true),
        }
    }

    /// Tags in a list.
    pub fn tags(&self, name: &str) -> Tree {
        let Ok(items) = self.get(name).items() else { return Tree::Unknown(Why::Apply) };
        let mut tags = BTreeMap::new();
        for tag in items {
            let (Ok(Some(key)), value) = (tag.get("Key").text(), tag.get("Value").text()) else {
                return Tree::Unknown(Why::Apply);
            };
            tags.insert(key.to_owned(), value.map(|value| Some(value.unwrap_or(""))).into());
        }
        Tree::Object(tags)
    }

    /// Declares the resource.
    pub fn declare(&mut self, kind: &'static Kind, (id, has_stand_in): (String, bool), tree: Tree) {
        let is_created = self.is_created();
        let address = self.resource.address.clone();
        let item = self.item(kind, &id);
        item.declared = Some(address);
        item.is_created |= is_created;
        item.has_stand_in |= has_stand_in;
        item.tree.add(tree);
    }

    /// Sets facts of another resource; if it is not known which one, they are unknown for all that the
    /// change set has.
    pub fn set(
        &mut self,
        kind: &'static Kind,
        id: Attribute<'_>,
        names: &'static [&'static str],
        tree: Tree,
    ) {
        match id.text() {
            Ok(Some(id)) => {
                let id = id.to_owned();
                self.item(kind, &id).tree.add(tree);
            }
            _ => {
                let unresolved = Unresolved {
                    address: self.resource.address.clone(),
                    kind: kind.name,
                    location: self.location.clone(),
                    fields: names,
                    is_anywhere: false,
                };
                self.side().unresolved.push(unresolved);
            }
        }
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
