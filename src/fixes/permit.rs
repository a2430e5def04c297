//! The permissions of writes on one resource.

use super::policy::{Permission, WriteTarget};
use crate::facts;

/// A permission on a resource of a kind in the scanned account, by the ARN format of the kind. The
/// ARN of the snapshot is not used: it could name something else.
pub(super) fn on_resource(
    action: &'static str,
    kind: &str,
    target: &WriteTarget<'_>,
) -> Permission {
    Permission::new(action, arn(kind, target, target.id))
}

/// The ARN of a resource of a kind in the scanned account and region.
pub(super) fn arn(kind: &str, target: &WriteTarget<'_>, id: &str) -> String {
    let format = facts::kind(kind).and_then(|kind| kind.arn).unwrap_or("{id}");
    // The field of this name in the list would be the ARN.
    let format = match format {
        "{prefix_list_arn}" => "arn:{partition}:ec2:{region}:{account}:prefix-list/{id}",
        format => format,
    };
    format
        .replace("{partition}", target.partition.as_str())
        .replace("{region}", target.region.as_str())
        .replace("{account}", target.account.as_str())
        .replace("{id}", id)
}

/// A permission without a resource in the region of the target.
pub(super) fn in_region(action: &'static str, target: &WriteTarget<'_>) -> Permission {
    Permission::new(action, "*").when("aws:RequestedRegion", target.region.as_str())
}

/// A permission on the bucket itself, only while the scanned account owns it: another account could
/// have created a bucket with the name of a deleted one.
pub(super) fn on_bucket(action: &'static str, target: &WriteTarget<'_>) -> Permission {
    on_resource(action, "s3.bucket", target).when("s3:ResourceAccount", target.account.as_str())
}

/// Text that is literal in a resource or condition of a policy: wildcards and policy variables
/// are escaped.
pub(super) fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '*' | '?' | '$' => out.extend(["${", char.encode_utf8(&mut [0; 4]), "}"]),
            char => out.push(char),
        }
    }
    out
}
