//! The table of kinds that plans can describe, which is the same for every source: what AWS sets on a
//! new resource, what it leaves when a setting is removed, and how lists are combined.

use serde_json::{Value, json};

use super::resources::known;
use super::tree::{ABSENT, Tree, Why};
use crate::model::{Region, Resource};

/// How the items of a list that a change describes are combined with those that exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Merge {
    /// The described list replaces the one that exists.
    Whole,
    /// Items are identified by these fields.
    By(&'static [&'static str]),
    /// Rules of a security group, which AWS combines by protocol and ports.
    Permissions,
    /// Keys and values.
    Tags,
}

/// How fields are combined.
pub fn merge_of(kind: &str, field: &str) -> Merge {
    match (kind, field) {
        (_, "tags") => Merge::Tags,
        ("ec2.security_group", "ip_permissions" | "ip_permissions_egress") => Merge::Permissions,
        ("ec2.network_acl", "entries") => Merge::By(&["rule_number", "egress"]),
        ("ec2.network_acl", "associations") => Merge::By(&["subnet_id"]),
        ("ec2.route_table", "routes") => Merge::By(&[
            "destination_cidr_block",
            "destination_ipv6_cidr_block",
            "destination_prefix_list_id",
        ]),
        ("ec2.route_table", "associations") => Merge::By(&["subnet_id", "gateway_id", "main"]),
        ("ec2.route_table", "propagating_vgws") => Merge::By(&["gateway_id"]),
        ("ec2.internet_gateway", "attachments") => Merge::By(&["vpc_id"]),
        ("ec2.managed_prefix_list", "entries") => Merge::By(&["cidr"]),
        ("ec2.image", "launch_permission") => {
            Merge::By(&["group", "user_id", "organization_arn", "organizational_unit_arn"])
        }
        ("ec2.snapshot", "create_volume_permission") => Merge::By(&["group", "user_id"]),
        ("ec2.network_interface", "groups") | ("ec2.instance", "security_groups") => {
            Merge::By(&["group_id"])
        }
        ("ec2.volume", "attachments") => Merge::By(&["instance_id"]),
        ("ec2.settings", "vpc_block_public_access_exclusions") => Merge::By(&["resource_arn"]),
        ("ec2.client_vpn_endpoint", "authorization_rules") => {
            Merge::By(&["destination_cidr", "group_id"])
        }
        _ => Merge::Whole,
    }
}

/// What a new resource has besides what declares it.
pub fn initial(kind: &str, region: &Region) -> Vec<(&'static str, Tree)> {
    match kind {
        "s3.bucket" => {
            // Since April 2026, in all regions but these two.
            let allows_sse_c = matches!(region.as_str(), "me-central-1" | "me-south-1");
            let types: &[&str] = if allows_sse_c { &[] } else { &["SSE-C"] };
            let blocked = json!({
                "block_public_acls": true, "ignore_public_acls": true,
                "block_public_policy": true, "restrict_public_buckets": true,
            });
            let mut initial = vec![
                // Since January 2023 and April 2023.
                (
                    "encryption",
                    Tree::Default(json!({ "rules": [{
                        "sse_algorithm": "AES256", "kms_master_key_id": null,
                        "bucket_key_enabled": false, "blocked_encryption_types": types,
                    }] })),
                ),
                ("public_access_block", Tree::Default(blocked)),
                (
                    "ownership_controls",
                    Tree::Default(json!({ "object_ownership": "BucketOwnerEnforced" })),
                ),
                ("acl", Tree::Default(Value::Null)),
                ("versioning", Tree::object([("status", ABSENT), ("mfa_delete", ABSENT)])),
                ("request_payment", Tree::object([("payer", "BucketOwner".into())])),
            ];
            // Features that are off until somebody configures them.
            initial.extend(
                [
                    "accelerate",
                    "cors",
                    "intelligent_tiering",
                    "inventory",
                    "lifecycle",
                    "logging",
                    "metrics",
                    "notification",
                    "object_lock",
                    "policy",
                    "policy_status",
                    "replication",
                    "tags",
                    "website",
                ]
                .map(|fact| (fact, ABSENT)),
            );
            initial
        }
        "s3.access_point" | "s3.multi_region_access_point" => {
            vec![("policy", ABSENT), ("policy_status", ABSENT)]
        }
        "s3.directory_bucket" => vec![
            ("policy", ABSENT),
            ("lifecycle", ABSENT),
            ("encryption", Tree::Unknown(Why::Default)),
        ],
        "ec2.security_group" => vec![
            ("ip_permissions", Tree::List(Vec::new())),
            ("ip_permissions_egress", Tree::List(Vec::new())),
        ],
        "ec2.image" => vec![("launch_permission", Tree::List(Vec::new()))],
        "ec2.snapshot" => vec![
            ("create_volume_permission", Tree::List(Vec::new())),
            ("locked", ABSENT),
            ("public", false.into()),
        ],
        "ec2.managed_prefix_list" => vec![("entries", Tree::List(Vec::new()))],
        "ec2.client_vpn_endpoint" => vec![("authorization_rules", Tree::List(Vec::new()))],
        "ec2.address" => vec![("transfer", ABSENT)],
        _ => Vec::new(),
    }
}

/// The default policy of a VPC endpoint, which allows everything.
pub fn full_access() -> Value {
    json!({
        "Version": "2008-10-17",
        "Statement": [{ "Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*" }],
    })
}

/// The default encryption of a bucket whose own was deleted: S3 has a default that cannot be deleted.
pub fn encryption_after_reset() -> Tree {
    let rule = Tree::object([
        ("sse_algorithm", "AES256".into()),
        ("kms_master_key_id", ABSENT),
        ("bucket_key_enabled", false.into()),
        ("blocked_encryption_types", Tree::Unknown(Why::Default)),
    ]);
    Tree::object([("rules", Tree::List(vec![rule]))])
}

/// What versioning becomes when what set it is removed; `None` if it stays as it is.
fn without_versioning(before: &Tree, live: Option<&Resource>) -> Option<Tree> {
    let status = before.get("status").filter(|status| !status.is_absent())?;
    // S3 cannot turn versioning off again, and not even suspend it with Object Lock.
    let suspended = Tree::object([("status", "Suspended".into())]);
    let live = live.filter(|live| live.facts.contains_key("object_lock"));
    match live.and_then(|live| known(live, "object_lock")) {
        _ if status.as_str() == Some("Suspended") => Some(suspended),
        Some(Value::Null) => Some(suspended),
        Some(lock) if lock.get("object_lock_enabled").is_some() => None,
        _ => Some(Tree::object([("status", Tree::Unknown(Why::Apply))])),
    }
}

/// The state of a volume that is detached; `None` if something else is attached to it.
fn detached(live: Option<&Resource>) -> Option<Tree> {
    let attachments = live.and_then(|live| known(live, "attachments")).and_then(Value::as_array);
    match attachments.map(Vec::len) {
        Some(0 | 1) => Some("available".into()),
        Some(_) => None,
        None => Some(Tree::Unknown(Why::Apply)),
    }
}

/// What a resource has when what set a field or fact is removed; `None` if it stays as it is. `live`: what
/// the snapshot has of it.
pub fn removed(kind: &str, field: &str, before: &Tree, live: Option<&Resource>) -> Option<Tree> {
    Some(match (kind, field) {
        ("s3.bucket", "acl") => return None,
        ("s3.bucket", "versioning") => return without_versioning(before, live),
        ("s3.bucket" | "s3.account", "public_access_block") => Tree::object([
            ("block_public_acls", false.into()),
            ("ignore_public_acls", false.into()),
            ("block_public_policy", false.into()),
            ("restrict_public_buckets", false.into()),
        ]),
        ("s3.bucket" | "s3.directory_bucket", "encryption") => encryption_after_reset(),
        // These cannot be turned off again either.
        ("s3.bucket", "accelerate") => Tree::object([("status", "Suspended".into())]),
        ("s3.bucket", "object_lock") => {
            Tree::object([("object_lock_enabled", "Enabled".into()), ("rule", ABSENT)])
        }
        ("s3.bucket", "request_payment") => Tree::object([("payer", "BucketOwner".into())]),
        // Without ownership controls, ACLs are in effect.
        (
            "s3.bucket",
            "ownership_controls" | "policy" | "policy_status" | "logging" | "lifecycle"
            | "replication" | "website" | "notification" | "cors",
        )
        | ("s3.access_point" | "s3.multi_region_access_point", "policy" | "policy_status")
        | ("s3.directory_bucket", "policy" | "lifecycle") => ABSENT,
        (
            "ec2.address",
            "association_id"
            | "instance_id"
            | "network_interface_id"
            | "network_interface_owner_id"
            | "private_ip_address"
            | "subnet_id",
        ) => ABSENT,
        ("ec2.volume", "state") => return detached(live),
        // The default set of the region.
        ("ec2.vpc", "dhcp_options_id") => "default".into(),
        ("ec2.settings", "ebs_encryption_by_default") => {
            Tree::object([("ebs_encryption_by_default", false.into())])
        }
        ("ec2.settings", "instance_metadata_defaults") => Tree::object([
            ("http_tokens", ABSENT),
            ("http_endpoint", ABSENT),
            ("instance_metadata_tags", ABSENT),
            ("http_put_response_hop_limit", ABSENT),
        ]),
        ("ec2.settings", "snapshot_block_public_access") => {
            Tree::object([("state", "unblocked".into())])
        }
        ("ec2.settings", "vpc_block_public_access_options") => Tree::object([
            ("internet_gateway_block_mode", "off".into()),
            ("state", "update-complete".into()),
        ]),
        // The provider resets it, which is not a default that can change.
        ("ec2.vpc_endpoint", "policy_document") => json!({ "document": full_access() }).into(),
        ("ec2.settings", "serial_console_access") => {
            Tree::object([("serial_console_access_enabled", false.into())])
        }
        _ => Tree::Unknown(Why::Apply),
    })
}
