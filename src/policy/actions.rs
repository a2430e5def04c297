//! The actions of S3 that a bucket's policies and ACL can allow, grouped by what a caller can do
//! with them.

use std::collections::BTreeSet;
use std::sync::{Arc, LazyLock};

use super::wildcard::{covers, overlaps};

/// What somebody can do with a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ability {
    /// List the objects, their versions, or uploads in progress.
    List,
    /// Read objects.
    Read,
    /// Create or overwrite objects.
    Write,
    /// Delete objects, or the bucket.
    Delete,
    /// Read ACLs, the policy and other settings that decide about access.
    ReadPermissions,
    /// Change them.
    ChangePermissions,
    /// Read other settings, tags, attributes and locks of objects, and what parts an upload has.
    ReadSettings,
    /// Change them.
    ChangeSettings,
}

impl Ability {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::ReadPermissions => "read_permissions",
            Self::ChangePermissions => "change_permissions",
            Self::ReadSettings => "read_settings",
            Self::ChangeSettings => "change_settings",
        }
    }

    /// Its name for people.
    pub fn title(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Read => "read",
            Self::Write => "write",
            Self::Delete => "delete",
            Self::ReadPermissions => "read permissions",
            Self::ChangePermissions => "change permissions",
            Self::ReadSettings => "read settings",
            Self::ChangeSettings => "change settings",
        }
    }
}

/// What an action applies to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    Bucket,
    Objects,
    /// For an action that is not in the table, or several actions.
    Either,
}

/// An action.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action {
    pub name: String,
    pub ability: Ability,
    pub target: Target,
}

impl Action {
    /// Whether it concerns the bucket and not its objects.
    pub fn is_of_bucket(&self) -> bool {
        self.target == Target::Bucket
    }

    /// Whether it changes or deletes the bucket itself, which no request through an access point
    /// can.
    pub fn changes_bucket(&self) -> bool {
        self.is_of_bucket() && matches!(self.ability, Delete | ChangePermissions | ChangeSettings)
    }
}

use Ability::{
    ChangePermissions, ChangeSettings, Delete, List, Read, ReadPermissions, ReadSettings, Write,
};
use Target::{Bucket, Objects};

/// The actions with which S3 authorizes requests for a bucket and its objects.
const ACTIONS: &[(Ability, Target, &[&str])] = &[
    (List, Bucket, &["ListBucket", "ListBucketMultipartUploads", "ListBucketVersions"]),
    (
        Read,
        Objects,
        &[
            "GetObject",
            "GetObjectTorrent",
            "GetObjectVersion",
            "GetObjectVersionForReplication",
            "GetObjectVersionTorrent",
        ],
    ),
    (
        Write,
        Objects,
        &[
            "AbortMultipartUpload",
            "InitiateReplication",
            "ObjectOwnerOverrideToBucketOwner",
            "PutObject",
            "ReplicateObject",
        ],
    ),
    (Delete, Bucket, &["DeleteBucket"]),
    (Delete, Objects, &["DeleteObject", "DeleteObjectVersion", "ReplicateDelete"]),
    (
        ReadPermissions,
        Bucket,
        &[
            "GetBucketAcl",
            "GetBucketOwnershipControls",
            "GetBucketPolicy",
            "GetBucketPolicyStatus",
            "GetBucketPublicAccessBlock",
        ],
    ),
    (ReadPermissions, Objects, &["GetObjectAcl", "GetObjectVersionAcl"]),
    (
        ChangePermissions,
        Bucket,
        &[
            "DeleteBucketPolicy",
            "PutBucketAcl",
            "PutBucketOwnershipControls",
            "PutBucketPolicy",
            "PutBucketPublicAccessBlock",
        ],
    ),
    (ChangePermissions, Objects, &["PutObjectAcl", "PutObjectVersionAcl"]),
    (
        ReadSettings,
        Bucket,
        &[
            "GetAccelerateConfiguration",
            "GetAnalyticsConfiguration",
            "GetBucketAbac",
            "GetBucketCORS",
            "GetBucketLocation",
            "GetBucketLogging",
            "GetBucketMetadataTableConfiguration",
            "GetBucketNotification",
            "GetBucketObjectLockConfiguration",
            "GetBucketRequestPayment",
            "GetBucketTagging",
            "GetBucketVersioning",
            "GetBucketWebsite",
            "GetEncryptionConfiguration",
            "GetIntelligentTieringConfiguration",
            "GetInventoryConfiguration",
            "GetLifecycleConfiguration",
            "GetMetricsConfiguration",
            "GetReplicationConfiguration",
            "ListTagsForResource",
        ],
    ),
    (
        ReadSettings,
        Objects,
        &[
            "GetObjectAttributes",
            "GetObjectLegalHold",
            "GetObjectRetention",
            "GetObjectTagging",
            "GetObjectVersionAttributes",
            "GetObjectVersionTagging",
            "ListMultipartUploadParts",
        ],
    ),
    (
        ChangeSettings,
        Bucket,
        &[
            "CreateBucketMetadataTableConfiguration",
            "DeleteBucketMetadataTableConfiguration",
            "DeleteBucketWebsite",
            "PutAccelerateConfiguration",
            "PutAnalyticsConfiguration",
            "PutBucketAbac",
            "PutBucketCORS",
            "PutBucketLogging",
            "PutBucketNotification",
            "PutBucketObjectLockConfiguration",
            "PutBucketRequestPayment",
            "PutBucketTagging",
            "PutBucketVersioning",
            "PutBucketWebsite",
            "PutEncryptionConfiguration",
            "PutIntelligentTieringConfiguration",
            "PutInventoryConfiguration",
            "PutLifecycleConfiguration",
            "PutMetricsConfiguration",
            "PutReplicationConfiguration",
            "TagResource",
            "UntagResource",
            "UpdateBucketMetadataInventoryTableConfiguration",
            "UpdateBucketMetadataJournalTableConfiguration",
        ],
    ),
    (
        ChangeSettings,
        Objects,
        &[
            "BypassGovernanceRetention",
            "DeleteObjectTagging",
            "DeleteObjectVersionTagging",
            "PutObjectLegalHold",
            "PutObjectRetention",
            "PutObjectTagging",
            "PutObjectVersionTagging",
            "ReplicateTags",
            "RestoreObject",
            "UpdateObjectEncryption",
        ],
    ),
];

/// The table, with the names in lowercase.
static TABLE: LazyLock<Vec<(String, Arc<Action>)>> = LazyLock::new(|| {
    let of = |(ability, target, names): &(Ability, Target, &[&str])| {
        let (ability, target) = (*ability, *target);
        let action = |name: &&str| {
            let name = format!("s3:{name}");
            (name.to_lowercase(), Arc::new(Action { name, ability, target }))
        };
        names.iter().map(action).collect::<Vec<_>>()
    };
    ACTIONS.iter().flat_map(of).collect()
});

/// The actions that patterns allow: those that one of `actions` matches, or, without any, those that
/// none of `not_actions` matches. A pattern of S3 that matches no action of the table is an action of
/// its own, so that actions that are newer than the table are not lost.
pub fn matching(actions: &[String], not_actions: &[String]) -> Vec<Arc<Action>> {
    let lower =
        |patterns: &[String]| patterns.iter().map(|one| one.to_lowercase()).collect::<Vec<_>>();
    let (named, not_named) = (lower(actions), lower(not_actions));
    let mut found: Vec<Arc<Action>> = Vec::new();
    if actions.is_empty() {
        let left =
            TABLE.iter().filter(|(name, _)| !not_named.iter().any(|pattern| covers(pattern, name)));
        found.extend(left.map(|(_, action)| Arc::clone(action)));
    }
    for pattern in &named {
        let before = found.len();
        let matches = TABLE.iter().filter(|(name, _)| covers(pattern, name));
        found.extend(matches.map(|(_, action)| Arc::clone(action)));
        if found.len() == before && overlaps(pattern, "s3:*") {
            found.extend(unknown(pattern, actions).map(Arc::new));
        }
    }
    found.sort();
    found.dedup();
    found
}

/// What the actions apply to that a pattern in lower case matches; `None` if it matches none of the
/// table.
pub fn target_of(pattern: &str) -> Option<Target> {
    let matches = TABLE.iter().filter(|(name, _)| covers(pattern, name));
    let mut targets = matches.map(|(_, action)| action.target);
    let first = targets.next()?;
    Some(if targets.all(|target| target == first) { first } else { Target::Either })
}

/// Whether these are all actions of the table.
pub fn is_every_action(names: &BTreeSet<&str>) -> bool {
    TABLE.iter().all(|(_, action)| names.contains(action.name.as_str()))
}

/// An action that is not in the table.
fn unknown(pattern: &str, written: &[String]) -> Option<Action> {
    let name = written.iter().find(|one| one.to_lowercase() == *pattern)?.clone();
    let verb = pattern.strip_prefix("s3:").unwrap_or(pattern);
    let reads = ["get", "list", "head", "describe"].iter().any(|read| verb.starts_with(read));
    let ability = if reads { ReadSettings } else { ChangeSettings };
    Some(Action { name, ability, target: Target::Either })
}

/// The actions that a permission of a bucket's ACL allows to others than the owner.
pub fn of_permission(permission: &str) -> Vec<Arc<Action>> {
    let names: &[&str] = match permission {
        "READ" => &["ListBucket", "ListBucketMultipartUploads", "ListBucketVersions"],
        "WRITE" => &["DeleteObject", "PutObject"],
        "READ_ACP" => &["GetBucketAcl"],
        "WRITE_ACP" => &["PutBucketAcl"],
        "FULL_CONTROL" => &[
            "DeleteObject",
            "GetBucketAcl",
            "ListBucket",
            "ListBucketMultipartUploads",
            "ListBucketVersions",
            "PutBucketAcl",
            "PutObject",
        ],
        _ => &[],
    };
    let is_one = |action: &Arc<Action>| names.iter().any(|name| action.name[3..] == **name);
    let mut found: Vec<Arc<Action>> =
        TABLE.iter().map(|(_, action)| Arc::clone(action)).filter(is_one).collect();
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn abilities(actions: &[&str], not_actions: &[&str]) -> Vec<&'static str> {
        let owned = |list: &[&str]| list.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>();
        let found = matching(&owned(actions), &owned(not_actions));
        let all: BTreeSet<Ability> = found.iter().map(|action| action.ability).collect();
        all.into_iter().map(Ability::as_str).collect()
    }

    #[test]
    fn actions_are_grouped_by_what_they_are_good_for() {
        let everything = vec![
            "list",
            "read",
            "write",
            "delete",
            "read_permissions",
            "change_permissions",
            "read_settings",
            "change_settings",
        ];
        for (actions, expected) in [
            (&["s3:*"][..], everything.clone()),
            (&["*"], everything.clone()),
            (&["S3:getobject"], vec!["read"]),
            (&["s3:GetObject*"], vec!["read", "read_permissions", "read_settings"]),
            (&["s3:Get*", "s3:List*"], vec!["list", "read", "read_permissions", "read_settings"]),
            (&["s3:ListBucket"], vec!["list"]),
            (&["s3:ListMultipartUploadParts"], vec!["read_settings"]),
            (&["s3:PutObject"], vec!["write"]),
            (&["s3:PutObject*"], vec!["write", "change_permissions", "change_settings"]),
            (&["s3:DeleteObject"], vec!["delete"]),
            (&["s3:DeleteBucketPolicy"], vec!["change_permissions"]),
            (&["s3:BypassGovernanceRetention"], vec!["change_settings"]),
            (&["s3:GetSomethingNew"], vec!["read_settings"]),
            (&["s3:InventSomething*"], vec!["change_settings"]),
            (&["ec2:DescribeInstances"], vec![]),
        ] {
            assert_eq!(abilities(actions, &[]), expected, "{actions:?}");
        }
        assert_eq!(abilities(&[], &["s3:Get*", "s3:List*", "s3:Put*", "s3:Delete*"]).len(), 3);
        assert_eq!(abilities(&[], &["s3:*"]), [""; 0]);
        assert_eq!(abilities(&[], &["ec2:*"]), everything);
    }

    #[test]
    fn permissions_of_acls_are_actions() {
        let names = |permission: &str| -> Vec<&'static str> {
            let found: BTreeSet<Ability> =
                of_permission(permission).iter().map(|action| action.ability).collect();
            found.into_iter().map(Ability::as_str).collect()
        };
        assert_eq!(names("READ"), ["list"]);
        assert_eq!(names("WRITE"), ["write", "delete"]);
        assert_eq!(names("READ_ACP"), ["read_permissions"]);
        assert_eq!(names("WRITE_ACP"), ["change_permissions"]);
        assert_eq!(names("FULL_CONTROL").len(), 5);
        assert_eq!(names("NEW"), [""; 0]);
    }

    #[test]
    fn every_action_is_in_the_table_once() {
        let names: Vec<&String> = TABLE.iter().map(|(name, _)| name).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
    }
}
