//! How what a change describes is combined with what exists.

use std::collections::{BTreeMap, BTreeSet};

use super::item::Item;
use super::permissions;
use super::table::{Merge, merge_of, removed};
use super::tree::{ABSENT, Tree, Why};
use crate::facts::Kind;
use crate::model::Resource;

/// The fields that differ before and after, with what they become.
pub(super) fn changes(
    kind: &Kind,
    live: &Resource,
    before: &Tree,
    after: &Tree,
) -> BTreeMap<String, Tree> {
    let (Tree::Object(before), Tree::Object(after)) = (before, after) else {
        return BTreeMap::new();
    };
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let mut changes = BTreeMap::new();
    for name in names.into_iter().filter(|name| **name != kind.id) {
        let (was, is) = (before.get(name), after.get(name));
        // What a change makes of something that is not converted can be anything.
        let is_unknown = matches!(is, Some(Tree::Unknown(Why::NotConverted)));
        let is_same = was.map(|tree| tree.clone().normal()) == is.map(|tree| tree.clone().normal());
        if is_same && !is_unknown {
            continue;
        }
        let existing = live.facts.get(name).cloned().map(Tree::of_json);
        let merge = merge_of(kind.name, name);
        let is = match (was, is) {
            // Items of a list can be gone without the list.
            (Some(_), None) if !matches!(merge, Merge::Whole) => &Tree::List(Vec::new()),
            (Some(was), None) => {
                if let Some(tree) = removed(kind.name, name, was, Some(live)) {
                    let tree = changed(existing.as_ref(), Some(was), &tree, Merge::Whole);
                    changes.insert(name.clone(), tree);
                }
                continue;
            }
            (_, Some(is)) => is,
            (None, None) => continue,
        };
        let tree = changed(existing.as_ref(), was, is, merge);
        if existing.map(Tree::normal) != Some(tree.clone().normal()) {
            changes.insert(name.clone(), tree);
        }
    }
    // The status is that of the policy before the change.
    if changes.contains_key(POLICY) && kind.fact(POLICY_STATUS).is_some() {
        changes.entry(POLICY_STATUS.to_owned()).or_insert(Tree::Unknown(Why::Apply));
    }
    if kind.name == "ec2.image"
        && let Some(shared) = changes.get("launch_permission").and_then(Tree::items)
        && let Some(is_public) = is_public(&shared)
    {
        changes.insert("public".to_owned(), is_public.into());
    }
    changes
}

/// What is described of a resource after the change, with what is left of what is described only
/// before.
pub(super) fn without_removed(kind: &Kind, item: &Item, (before, after): (&Tree, &Tree)) -> Item {
    let mut item = Item { tree: after.clone(), ..item.clone() };
    let (Tree::Object(was), Tree::Object(is)) = (before, &mut item.tree) else { return item };
    if item.is_created {
        return item;
    }
    for (name, was) in was.iter().filter(|(name, _)| **name != kind.id) {
        if !is.contains_key(name) && merge_of(kind.name, name) == Merge::Whole {
            let left = removed(kind.name, name, was, None);
            is.insert(name.clone(), left.unwrap_or_else(|| was.clone()));
        }
    }
    item
}

/// Whether an image with these permissions is public; `None` if that is not known.
fn is_public(permissions: &[Tree]) -> Option<bool> {
    let mut groups = permissions.iter().map(|one| one.get("group").unwrap_or(ABSENT));
    if groups.clone().any(|group| group.as_str() == Some("all")) {
        return Some(true);
    }
    groups.all(|group| group.is_absent() || group.as_str().is_some()).then_some(false)
}

const POLICY: &str = "policy";
const POLICY_STATUS: &str = "policy_status";

/// What a value becomes.
fn changed(live: Option<&Tree>, was: Option<&Tree>, is: &Tree, merge: Merge) -> Tree {
    let none = Tree::List(Vec::new());
    match (merge, live) {
        (Merge::Permissions, Some(live)) if is.items().is_some() => {
            permissions::change(live, was.unwrap_or(&none), is).unwrap_or(Tree::Unknown(Why::Apply))
        }
        (Merge::By(fields), Some(live)) if is.items().is_some() => {
            items(live, was.unwrap_or(&none), is, fields).unwrap_or(Tree::Unknown(Why::Apply))
        }
        (Merge::Permissions | Merge::By(_), None) if is.items().is_some() => {
            // The items that exist are not known.
            Tree::Unknown(Why::Apply)
        }
        (Merge::Tags, None) => Tree::Unknown(Why::Apply),
        (Merge::Tags, Some(Tree::Object(live)))
            if !matches!(is, Tree::Unknown(_) | Tree::Default(_)) =>
        {
            let keys = |tree: Option<&Tree>| match tree {
                Some(Tree::Object(fields)) => fields.clone(),
                _ => BTreeMap::new(),
            };
            let (was, is) = (keys(was), keys(Some(is)));
            let mut tags = live.clone();
            tags.retain(|key, _| !was.contains_key(key) || is.contains_key(key));
            tags.extend(is.into_iter().filter(|(key, tree)| was.get(key) != Some(tree)));
            Tree::Object(tags)
        }
        (_, Some(Tree::Object(live))) => match (was, is) {
            (None | Some(Tree::Object(_)), Tree::Object(is)) => {
                let mut fields = live.clone();
                for (name, tree) in is {
                    let was = match was {
                        Some(Tree::Object(was)) => was.get(name),
                        _ => None,
                    };
                    if was.map(|tree| tree.clone().normal()) == Some(tree.clone().normal()) {
                        continue;
                    }
                    let tree = changed(live.get(name), was, tree, Merge::Whole);
                    fields.insert(name.clone(), tree);
                }
                Tree::Object(fields)
            }
            _ => is.clone(),
        },
        _ => is.clone(),
    }
}

/// The items of a list after a change; `None` if that is not known.
fn items(live: &Tree, was: &Tree, is: &Tree, by: &[&str]) -> Option<Tree> {
    let id = |item: &Tree| -> Vec<Tree> {
        by.iter().map(|field| item.get(field).unwrap_or(ABSENT)).collect()
    };
    let (live, was, is) = (live.items()?, was.items()?, is.items()?);
    if was.iter().chain(&is).any(|item| !id(item).iter().all(Tree::is_known)) {
        return None;
    }
    let find =
        |list: &[Tree], wanted: &Vec<Tree>| list.iter().find(|item| id(item) == *wanted).cloned();
    let mut items = Vec::new();
    let mut known: Vec<Vec<Tree>> = Vec::new();
    for item in live {
        let id = id(&item);
        match (find(&was, &id), find(&is, &id)) {
            (Some(_), None) => continue,
            (was, Some(is)) => items.push(changed(Some(&item), was.as_ref(), &is, Merge::Whole)),
            (None, None) => items.push(item),
        }
        known.push(id);
    }
    for item in is {
        if !known.contains(&id(&item)) {
            items.push(item);
        }
    }
    Some(Tree::List(items))
}
