//! The calls that write tags and their permissions. The conditions let AWS refuse a write if somebody
//! changed a tag after it was read.
//!
//! Names of condition keys do not distinguish upper and lower case, and which characters they can have
//! is not documented. So conditions that name a tag are used only for keys of plain characters that no
//! other key equals but for case. An empty value can count as absent, so it has no condition. What
//! remains is `aws:TagKeys`, which compares the keys exactly, and the comparison before the write.
//!
//! S3 evaluates tags of buckets only if a bucket has attribute-based access control, so there are no
//! conditions on its present tags.

use serde_json::{Value, json};

use super::tag_set::of_state;
use crate::facts::Tags;
use crate::fixes::permit::{literal, on_bucket, on_resource};
use crate::fixes::policy::{Permission, WriteTarget};
use crate::fixes::spec::{Facts, Write};

const BUCKET: &str = "s3.bucket";

/// A write without the conditions that depend on tags.
fn bare(ec2: &'static str, s3: &'static str, target: &WriteTarget<'_>) -> Write {
    match (target.kind, s3) {
        (BUCKET, "s3:TagResource") => {
            Write { call: "s3control:TagResource", permissions: vec![on_bucket(s3, target)] }
        }
        (BUCKET, _) => {
            Write { call: "s3control:UntagResource", permissions: vec![on_bucket(s3, target)] }
        }
        (kind, _) => Write { call: ec2, permissions: vec![on_resource(ec2, kind, target)] },
    }
}

/// The call that creates tags and changes their values.
pub(super) fn create(target: &WriteTarget<'_>) -> Write {
    bare("ec2:CreateTags", "s3:TagResource", target)
}

/// The call that deletes tags.
pub(super) fn delete(target: &WriteTarget<'_>) -> Write {
    bare("ec2:DeleteTags", "s3:UntagResource", target)
}

/// The call that gives tags these values, those that differ from the state before.
pub(super) fn create_tags(target: &WriteTarget<'_>, tags: &Tags, before: &Facts) -> Write {
    let before = of_state(before);
    let sent = changing(tags, |key, value| before.get(key) != Some(value));
    create(target).with(|mut permission| {
        for (key, value) in &sent {
            if is_plain(key, sent.keys()) && !value.is_empty() {
                permission = permission.when(&format!("aws:RequestTag/{key}"), literal(value));
            }
        }
        present(keys(permission, &sent), target, &sent, &before)
    })
}

/// The call that deletes these tags, those that are in the state before.
pub(super) fn delete_tags(target: &WriteTarget<'_>, tags: &Tags, before: &Facts) -> Write {
    let before = of_state(before);
    let sent = changing(tags, |key, _| before.contains_key(key));
    delete(target).with(|permission| present(keys(permission, &sent), target, &sent, &before))
}

impl Write {
    fn with(mut self, narrow: impl Fn(Permission) -> Permission) -> Self {
        self.permissions = self.permissions.into_iter().map(narrow).collect();
        self
    }
}

/// The tags that a request has: those that change, or all if none does.
fn changing(tags: &Tags, changes: impl Fn(&String, &String) -> bool) -> Tags {
    let changing: Tags = tags
        .iter()
        .filter(|(key, value)| changes(key, value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    if changing.is_empty() { tags.clone() } else { changing }
}

/// Only these keys.
fn keys(permission: Permission, sent: &Tags) -> Permission {
    let keys: Vec<String> = sent.keys().map(|key| literal(key)).collect();
    permission.when_op("ForAllValues:StringEquals", "aws:TagKeys", json!(keys))
}

/// Only while the resource has the tags that it had before, or does not have them.
fn present(
    mut permission: Permission,
    target: &WriteTarget<'_>,
    sent: &Tags,
    before: &Tags,
) -> Permission {
    if target.kind == BUCKET {
        return permission;
    }
    for key in sent.keys().filter(|key| is_plain(key, sent.keys().chain(before.keys()))) {
        let name = format!("aws:ResourceTag/{key}");
        permission = match before.get(key) {
            Some(value) if value.is_empty() => permission,
            Some(value) => permission.when(&name, literal(value)),
            None => permission.when_op("Null", &name, Value::from("true")),
        };
    }
    permission
}

/// Whether the name of a condition key can contain the key of a tag, and means no other one of them.
fn is_plain<'a>(key: &str, mut others: impl Iterator<Item = &'a String>) -> bool {
    key.chars().all(|char| char.is_ascii_alphanumeric() || "_-.:/".contains(char))
        && others.all(|other| other == key || !other.eq_ignore_ascii_case(key))
}
