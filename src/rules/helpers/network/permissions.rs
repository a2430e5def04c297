//! Permissions of a security group of which a part could not be read.

use rhai::{Array, Dynamic};
use serde_json::{Map, Value};

use crate::facts::ec2::security_group::IpPermission;
use crate::model::Cause;
use crate::rules::helpers::arguments::{Scripted, read};
use crate::rules::values::json::to_json;
use crate::rules::values::object::Object;
use crate::rules::values::tracking;

/// The permissions, and what could not be read of them. A permission that is not known as a whole can
/// only open more, so what is known may be enough for the rule to fail: it is taken as one that opens
/// only what is known of it.
pub(super) fn convert_permissions(
    helper: &str,
    permissions: &Dynamic,
) -> Scripted<(Vec<IpPermission>, Vec<Cause>)> {
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
                    causes.push(cause);
                    NOTHING
                }
            },
        });
    }
    Ok((all, causes))
}

/// The sources of a permission that are known, and why others are not; `None` if its protocol or ports
/// are not known. A description does not matter.
fn partly_known(permission: &Dynamic) -> Scripted<Option<(IpPermission, Option<Cause>)>> {
    let Some(object) = permission.read_lock::<Object>() else { return Ok(None) };
    tracking::mark_used(object.address());
    let mut fields = Map::new();
    let mut unread = None;
    for (name, value) in object.fields_with_causes(None) {
        let value = match value {
            Ok(value) => value,
            Err(_) if !SOURCES.contains(&name) => return Ok(None),
            Err(cause) => {
                unread = Some(cause);
                continue;
            }
        };
        let mut known = Vec::new();
        if let Ok(items) = value.as_array_ref() {
            for source in items.iter() {
                match source_of(source)? {
                    Ok(source) => known.push(source),
                    Err(cause) => unread = Some(cause),
                }
            }
            fields.insert(name.to_owned(), known.into());
        } else {
            fields.insert(name.to_owned(), to_json(value)?);
        }
    }
    let permission = serde_json::from_value(fields.into()).ok();
    Ok(permission.map(|permission| (permission, unread)))
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
const SOURCES: [&str; 4] = ["ip_ranges", "ipv6_ranges", "prefix_list_ids", "user_id_group_pairs"];

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
