//! Permissions of a security group of which a part could not be read.

use rhai::{Array, Dynamic};
use serde_json::{Map, Value, json};

use crate::facts::ec2::security_group::IpPermission;
use crate::model::Cause;
use crate::rules::helpers::arguments::{Scripted, read};
use crate::rules::values::json::to_json;
use crate::rules::values::object::Object;
use crate::rules::values::tracking;

/// What could not be read of a permission.
#[derive(Debug, Clone)]
pub(super) struct Unread {
    /// Why.
    pub cause: Cause,
    /// The permission if what could not be read opens as much as it can; `None` if that is not bounded.
    pub at_most: Option<IpPermission>,
    /// Whether it can be a prefix list.
    pub can_be_list: bool,
}

/// The permissions, and what could not be read of them. A permission that is not known as a whole can
/// only open more, so what is known may be enough for the rule to fail: it is taken as one that opens
/// only what is known of it.
pub(super) fn convert_permissions(
    helper: &str,
    permissions: &Dynamic,
) -> Scripted<(Vec<IpPermission>, Vec<Unread>)> {
    const EXPECTED: &str = "a list of permissions, such as `group.ip_permissions`";
    let unread = |item: &Dynamic| item.read_lock::<Object>()?.first_unreadable();
    let unread: Vec<Option<Cause>> = match permissions.as_array_ref() {
        Ok(items) => items.iter().map(unread).collect(),
        Err(_) => Vec::new(),
    };
    if unread.iter().all(Option::is_none) {
        return Ok((read(helper, EXPECTED, permissions)?, Vec::new()));
    }
    let items = permissions.as_array_ref().map(|items| items.clone()).unwrap_or_default();
    let known: Array = items
        .iter()
        .zip(&unread)
        .filter(|(_, unread)| unread.is_none())
        .map(|(item, _)| item.clone())
        .collect();
    let mut known =
        read::<Vec<IpPermission>>(helper, EXPECTED, &Dynamic::from_array(known))?.into_iter();
    let mut causes = Vec::new();
    // Positions stay those of the list.
    let mut all = Vec::with_capacity(items.len());
    for (item, unread) in items.iter().zip(unread) {
        all.push(match unread {
            None => known.next().unwrap_or(NOTHING),
            Some(cause) => match partly_known(item)? {
                Some((permission, unread)) => {
                    causes.extend(unread);
                    permission
                }
                None => {
                    causes.push(Unread { cause, at_most: None, can_be_list: true });
                    NOTHING
                }
            },
        });
    }
    Ok((all, causes))
}

/// The sources of a permission that are known, and why others are not; `None` if its protocol or ports
/// are not known. A description does not matter.
fn partly_known(permission: &Dynamic) -> Scripted<Option<(IpPermission, Vec<Unread>)>> {
    let Some(object) = permission.read_lock::<Object>() else { return Ok(None) };
    tracking::mark_used(object.address());
    let mut fields = Map::new();
    let mut unread: Vec<(&str, Cause)> = Vec::new();
    for (name, value) in object.fields_with_causes(None) {
        let source = SOURCES.into_iter().find(|source| *source == name);
        let value = match (value, source) {
            (Ok(value), _) => value,
            (Err(_), None) => return Ok(None),
            (Err(cause), Some(source)) => {
                unread.push((source, cause));
                continue;
            }
        };
        let mut known = Vec::new();
        if let Ok(items) = value.as_array_ref() {
            for item in items.iter() {
                match source_of(item)? {
                    Ok(item) => known.push(item),
                    Err(cause) => unread.extend(source.map(|source| (source, cause))),
                }
            }
            fields.insert(name.to_owned(), known.into());
        } else {
            fields.insert(name.to_owned(), to_json(value)?);
        }
    }
    let Ok(permission) = serde_json::from_value::<IpPermission>(fields.into()) else {
        return Ok(None);
    };
    let unread = unread.into_iter().map(|(source, cause)| {
        let at_most = serde_json::from_value(everything(&permission, source)).ok();
        Unread { cause, at_most, can_be_list: source == PREFIX_LISTS }
    });
    let unread = unread.collect();
    Ok(Some((permission, unread)))
}

/// A permission with the protocol and the ports of another one, for all addresses that a list of
/// sources can have.
fn everything(of: &IpPermission, source: &str) -> Value {
    let mut permission = json!({
        "ip_protocol": of.ip_protocol, "from_port": of.from_port, "to_port": of.to_port,
    });
    if matches!(source, "ip_ranges" | PREFIX_LISTS) {
        permission["ip_ranges"] = json!([{ "cidr_ip": "0.0.0.0/0" }]);
    }
    if matches!(source, "ipv6_ranges" | PREFIX_LISTS) {
        permission["ipv6_ranges"] = json!([{ "cidr_ipv6": "::/0" }]);
    }
    permission
}

/// A source without its description, or why it is not known.
fn source_of(source: &Dynamic) -> Scripted<Result<Value, Cause>> {
    let Some(object) = source.read_lock::<Object>() else { return to_json(source).map(Ok) };
    tracking::mark_used(object.address());
    let mut fields = Map::new();
    for (name, value) in object.fields_with_causes(None).filter(|(name, _)| *name != "description")
    {
        match value {
            Ok(value) => drop(fields.insert(name.to_owned(), to_json(value)?)),
            Err(cause) => return Ok(Err(cause)),
        }
    }
    Ok(Ok(fields.into()))
}

/// The lists of sources of a permission.
const SOURCES: [&str; 4] = ["ip_ranges", "ipv6_ranges", PREFIX_LISTS, "user_id_group_pairs"];

const PREFIX_LISTS: &str = "prefix_list_ids";

/// A permission that opens nothing.
const NOTHING: IpPermission = IpPermission {
    ip_protocol: None,
    from_port: None,
    to_port: None,
    ip_ranges: Vec::new(),
    ipv6_ranges: Vec::new(),
    prefix_list_ids: Vec::new(),
    user_id_group_pairs: Vec::new(),
};
