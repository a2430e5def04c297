//! Lists of which a plan shows only what they refer to: whether they have more items than that, the code says.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::item::{Described, ListItems};
use super::tree::{Tree, Why};

/// In place of further items: followed by the address of the resource, `#`, and the argument.
const FURTHER: &str = "rolecall:further-items-not-known/";

/// The stand-in for the items that a list can have besides those that it refers to.
pub fn further_items(address: &str, argument: &str) -> String {
    format!("{FURTHER}{address}#{argument}")
}

/// The address and the argument in a stand-in.
fn list_of(item: &Tree) -> Option<(&str, &str)> {
    item.as_str()?.strip_prefix(FURTHER)?.rsplit_once('#')
}

/// The id of an item: of a list of ids, or of groups.
fn id_of(item: &Tree) -> Tree {
    match item {
        Tree::Object(_) => item.get("group_id").unwrap_or(Tree::Unknown(Why::Apply)),
        other => other.clone(),
    }
}

/// Calls `visit` for each list in a tree.
fn each_list(tree: &mut Tree, visit: &mut dyn FnMut(&mut Vec<Tree>)) {
    match tree {
        Tree::Object(fields) => fields.values_mut().for_each(|field| each_list(field, visit)),
        Tree::List(items) => {
            visit(items);
            items.iter_mut().for_each(|item| each_list(item, visit));
        }
        _ => {}
    }
}

impl Described {
    /// The lists that can have further items, by address and argument. `items` returns how the code can
    /// write them.
    pub(super) fn open_lists(&mut self, items: impl Fn(&str, &str) -> ListItems) {
        let mut found: BTreeMap<(String, String), ListItems> = BTreeMap::new();
        for item in self.after.items.values_mut() {
            each_list(&mut item.tree, &mut |list| {
                for one in list.iter().map(id_of) {
                    if let Some((address, argument)) = list_of(&one) {
                        let key = (address.to_owned(), argument.to_owned());
                        found.entry(key).or_insert_with(|| items(address, argument));
                    }
                }
            });
        }
        self.lists = found;
    }

    /// Ends the lists that can have further items where the code says that they do not: `written` returns
    /// the items of a list as the code has them.
    pub fn settle_lists(&mut self, written: impl Fn(&str, &str) -> Option<Vec<String>>) {
        let lists = std::mem::take(&mut self.lists);
        let is_whole = |((address, argument), items): (&(String, String), &ListItems)| {
            written(address, argument).is_some_and(|written| items.are(&written))
        };
        let whole: BTreeSet<(String, String)> =
            lists.iter().filter(|one| is_whole(*one)).map(|(key, _)| key.clone()).collect();
        for side in [&mut self.before, &mut self.after] {
            for item in side.items.values_mut() {
                for tree in [&mut item.tree, &mut item.own] {
                    each_list(tree, &mut |list| settle(list, &whole));
                }
            }
        }
        for setter in self.setters.values_mut() {
            each_list(&mut setter.tree, &mut |list| settle(list, &whole));
        }
    }
}

/// Removes the stand-in from a list without further items, and makes it an unknown item of another one.
fn settle(list: &mut Vec<Tree>, whole: &BTreeSet<(String, String)>) {
    let is_ended = |item: &Tree| {
        let id = id_of(item);
        let key = list_of(&id).map(|(address, argument)| (address.to_owned(), argument.to_owned()));
        key.is_some_and(|key| whole.contains(&key))
    };
    list.retain(|item| !is_ended(item));
    for item in list {
        match item {
            Tree::Object(fields) => {
                if let Some(id) = fields.get_mut("group_id").filter(|id| list_of(id).is_some()) {
                    *id = Tree::Unknown(Why::Apply);
                }
            }
            Tree::Known(Value::String(_)) if list_of(item).is_some() => {
                *item = Tree::Unknown(Why::Apply);
            }
            _ => {}
        }
    }
}
