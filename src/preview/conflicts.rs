//! Fields that several resources of the change set on the same resource, such as two policies of one
//! bucket. AWS has what was set last, and the order is not known.

use super::item::{Described, ItemKey, Setter};
use super::table::{Merge, merge_of};
use super::tree::{Tree, Why};

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
    pub(super) fn settle_conflicts(&mut self) {
        for ((key, field), setter) in std::mem::take(&mut self.setters) {
            let Some(item) = self.after.items.get_mut(&key).filter(|_| setter.is_shared) else {
                continue;
            };
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
            _ if self.address == other.address => self.tree.add(other.tree.clone()),
            // What stays was set before, and they are the same.
            (false, false) => self.tree.add(other.tree.clone()),
            (true, false) => self.is_shared = true,
            (false, true) => *self = Self { is_shared: true, ..other.clone() },
            (true, true) => {
                self.is_shared = true;
                combine(&mut self.tree, &other.tree);
            }
        }
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
