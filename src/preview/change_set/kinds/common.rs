//! What several types have in common.

use std::net::IpAddr;

use serde_json::Value;

use crate::preview::change_set::converter::{Converter, text};
use crate::preview::terraform::attribute::Attribute;
use crate::preview::tree::{ABSENT, Tree, Why};

/// A range as AWS returns it: without host bits, and IPv6 addresses in their short form.
pub(super) fn range(value: Attribute<'_>) -> Tree {
    let canonical = |text: &str| -> Option<String> {
        let (address, length) = text.trim().split_once('/')?;
        let address: IpAddr = address.parse().ok()?;
        let net = ipnet::IpNet::new(address, length.parse().ok()?).ok()?;
        Some(net.trunc().to_string())
    };
    match text(value) {
        absent if absent.is_absent() => ABSENT,
        Tree::Known(known) => match known.as_str().map(canonical) {
            Some(Some(range)) => range.as_str().into(),
            _ => Tree::Unknown(Why::Apply),
        },
        other => other,
    }
}

/// A list of security groups; without any, a launch template or the VPC decides.
pub(super) fn groups(groups: Attribute<'_>) -> Tree {
    match groups.is_empty() {
        true => Tree::Unknown(Why::Default),
        false => groups.list_tree(|id| Tree::object([("group_id", text(id))])),
    }
}

/// A policy, which can be JSON in a string.
pub(super) fn document(document: Attribute<'_>) -> Tree {
    let written = match document.raw() {
        Value::String(text) => serde_json::from_str(text).ok(),
        other => Some(other.clone()),
    };
    let written = written.filter(|written| written.is_object() && document.is_known());
    match written {
        Some(written) => Tree::object([("document", Tree::Known(written))]),
        None => Tree::Unknown(document.why().unwrap_or(Why::Apply)),
    }
}

/// Whether a launch template can set what an instance does not.
pub(super) fn has_template(cx: &Converter<'_>) -> bool {
    !cx.get("LaunchTemplate").is_empty()
}
