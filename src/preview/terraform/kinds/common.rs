//! What several kinds have in common.

use crate::preview::terraform::attribute::Attribute;
use crate::preview::terraform::convert::{Converter, fields};
use crate::preview::tree::Tree;

/// The account that owns what the plan creates.
pub(super) fn owner(cx: &Converter<'_>) -> Tree {
    match cx.get("owner_id").text() {
        Ok(Some(id)) => id.into(),
        _ => cx.location.account.as_str().into(),
    }
}

/// The tags of a resource whose list returns them.
pub(super) fn tags_of(cx: &Converter<'_>) -> Tree {
    let tags = cx.all_tags();
    if tags.is_empty() { Tree::Object(Default::default()) } else { tags.tags() }
}

/// The settings of Block Public Access.
pub(super) fn flags(block: Attribute<'_>) -> Tree {
    let flag = |name: &str| block.get(name).flag().map(|on| on.unwrap_or(false)).into();
    fields([
        ("block_public_acls", flag("block_public_acls")),
        ("ignore_public_acls", flag("ignore_public_acls")),
        ("block_public_policy", flag("block_public_policy")),
        ("restrict_public_buckets", flag("restrict_public_buckets")),
    ])
}
