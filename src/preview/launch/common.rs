//! What the parts of a launch have in common.

use crate::model::Resource;
use crate::preview::item::ItemKey;
use crate::preview::tree::Tree;

/// The kind whose resources say which volumes an instance brings along.
pub(super) const IMAGE: &str = "ec2.image";

/// A resource that exists, in the region of another one.
pub(super) fn existing<'r>(
    resources: &'r [Resource],
    near: &ItemKey,
    kind: &str,
    id: &str,
) -> Option<&'r Resource> {
    resources.iter().find(|one| one.kind == kind && one.region == near.region && one.id == id)
}

/// Sets a field that the instance leaves open. What something else of the plan makes unknown stays so.
pub(super) fn set_if_open(tree: &mut Tree, name: &str, value: Tree) {
    if let Tree::Object(fields) = tree
        && fields.get(name).is_none_or(Tree::is_left_open)
    {
        fields.insert(name.to_owned(), value);
    }
}

/// Whether there is a list, with items.
pub(super) fn has_items(list: Option<&Tree>) -> bool {
    list.and_then(Tree::items).is_some_and(|items| !items.is_empty())
}
