//! Fields that several resources of the change set on the same resource, such as two policies of one
//! bucket, or a block of a bucket and a resource for the same setting. AWS has what was set last, and the
//! order is not known unless one of them refers to the other.

use super::item::{Described, Item, ItemKey, Setter};
use super::table::{Merge, merge_of};
use super::tree::{Tree, Why};
use crate::facts::Kind;

impl Item {
    /// Adds fields that something describes. Several can describe items of one list; what sets another
    /// value sets all of it, also the lists within.
    pub(super) fn describe(&mut self, kind: &Kind, fields: Tree) {
        let (Tree::Object(mine), Tree::Object(fields)) = (&mut self.tree, fields) else { return };
        for (name, tree) in fields {
            let is_whole = merge_of(kind.name, &name) == Merge::Whole;
            match mine.get_mut(&name) {
                Some(known) if is_whole => known.replace(tree),
                Some(known) => known.add(tree),
                None => drop(mine.insert(name, tree)),
            }
        }
    }
}

impl Described {
    /// Notes that the resource at `address` sets fields of another one after the change.
    pub(super) fn note_set(
        &mut self,
        key: &ItemKey,
        (address, is_changed): (&str, bool),
        fields: &Tree,
    ) {
        let Tree::Object(fields) = fields else { return };
        // Items of lists are different ones.
        let whole = |(field, _): &(&String, &Tree)| merge_of(key.kind, field) == Merge::Whole;
        for (field, tree) in fields.iter().filter(whole) {
            let new = Setter {
                address: address.to_owned(),
                is_changed,
                is_shared: false,
                tree: tree.clone(),
            };
            let place = self.setters.entry((key.clone(), field.clone()));
            place.and_modify(|first| first.share(&new)).or_insert(new);
        }
    }

    /// Takes what is changed over what stays, and makes unknown what two that change set differently.
    /// `follows`: whether the resource at an address is certainly applied after the one at another.
    pub(super) fn settle_conflicts(&mut self, follows: impl Fn(&str, &str) -> bool) {
        for ((key, field), mut setter) in std::mem::take(&mut self.setters) {
            let was = self.before.items.get(&key).and_then(|item| item.own.get(&field));
            let Some(item) = self.after.items.get_mut(&key) else { continue };
            let is = item.own.get(&field);
            let changes = item.is_created || was.map(Tree::normal) != is.clone().map(Tree::normal);
            // What is set on a resource without an id yet refers to it.
            let is_last = |declared: &str| {
                let is_only = setter.is_changed && !setter.is_shared;
                is_only && (item.has_stand_in || follows(&setter.address, declared))
            };
            match is {
                _ if !changes || item.declared.as_deref().is_none_or(is_last) => {}
                Some(own) if item.is_created && own.is_absent() => {}
                // S3 creates a bucket with Object Lock with versioning.
                Some(_) if item.is_created && field == "versioning" && has_lock(item) => {}
                Some(own) if setter.is_changed => {
                    combine(&mut setter.tree, &if item.is_created { sent(own) } else { own });
                    setter.is_shared = true;
                }
                Some(own) => {
                    setter.tree.replace(own);
                    setter.is_shared = true;
                }
                // It is reset, before or after it is set.
                None if !item.is_created => {
                    setter.tree = Tree::Unknown(Why::Apply);
                    setter.is_shared = true;
                }
                None => {}
            }
            if !setter.is_shared {
                continue;
            }
            if let Tree::Object(fields) = &mut item.tree {
                let place = fields.entry(field.clone()).or_insert(Tree::Unknown(Why::Apply));
                overwrite(place, setter.tree);
            }
            // It is that of one of them.
            if self.partial.get(&key).is_some_and(|partial| partial.field == field) {
                self.partial.remove(&key);
            }
        }
    }
}

impl Setter {
    fn share(&mut self, other: &Self) {
        match (self.is_changed, other.is_changed) {
            _ if self.address == other.address => self.tree.replace(other.tree.clone()),
            // What stays was set before, and they are the same.
            (false, false) => self.tree.replace(other.tree.clone()),
            (true, false) => self.is_shared = true,
            (false, true) => *self = Self { is_shared: true, ..other.clone() },
            (true, true) => {
                self.is_shared = true;
                combine(&mut self.tree, &other.tree);
            }
        }
    }
}

/// Whether what declares a bucket says something of Object Lock.
fn has_lock(item: &Item) -> bool {
    item.own.get("object_lock").is_some()
}

/// What a new resource sets of a field: what is absent is not sent.
fn sent(own: Tree) -> Tree {
    match own {
        Tree::Object(fields) => {
            Tree::Object(fields.into_iter().filter(|(_, tree)| !tree.is_absent()).collect())
        }
        other => other,
    }
}

/// What both say of a field; what they say differently is not known.
fn combine(one: &mut Tree, other: &Tree) {
    match (one, other) {
        (Tree::Object(one), Tree::Object(other)) => {
            for (name, tree) in other {
                match one.get_mut(name) {
                    Some(mine) => combine(mine, tree),
                    None => drop(one.insert(name.clone(), tree.clone())),
                }
            }
        }
        (one, other) if one.clone().normal() == other.clone().normal() => {}
        (one, _) => *one = Tree::Unknown(Why::Apply),
    }
}

/// Replaces what satellites set in what declares the resource.
fn overwrite(place: &mut Tree, with: Tree) {
    match (place, with) {
        (Tree::Object(place), Tree::Object(with)) => {
            for (name, tree) in with {
                overwrite(place.entry(name).or_insert(Tree::Unknown(Why::Apply)), tree);
            }
        }
        (place, with) => *place = with,
    }
}
