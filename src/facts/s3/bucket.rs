//! `s3.bucket`: general purpose buckets. They are listed once per account with their regions; each
//! fact is one call to the bucket's region.
//!
//! A setting that is not there is absent only where S3 defines it so, by an error code or an empty
//! answer. `MethodNotAllowed`, `NotImplemented` and `UnsupportedArgument` say that the feature is
//! not offered for this bucket or in this region; the fact is then unreadable with that code, since
//! a rule that asks for the setting would otherwise take it for one that somebody left off.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::PublicAccessBlock;
use super::exports::{IntelligentTiering, Inventories, RequestMetrics};
use super::lifecycle::Lifecycle;
use super::notification::Notification;
use super::replication::ReplicationConfiguration;
use super::website::{Cors, Website};
use super::{PolicyDocument, PolicyStatus, shape};
use crate::facts::kind::{AbsentIf, ApiCall, FactSpec, Kind, Scope, Settling, Shape, Silence};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// Supplies the region of a bucket when the list does not tell it.
pub const GET_BUCKET_LOCATION: ApiCall = ApiCall::new("s3:GetBucketLocation")
    .unless("the list tells the region")
    .answer("LocationConstraint");

/// The region that a location constraint means.
pub fn region_of_location(constraint: Option<&str>) -> &str {
    match constraint {
        // From the time when there were two regions.
        None | Some("") => "us-east-1",
        Some("EU") => "eu-west-1",
        Some(region) => region,
    }
}

/// The table entry.
pub static KIND: Kind = Kind {
    name: "s3.bucket",
    doc: "A general purpose bucket.",
    scope: Scope::Global,
    // Some S3-compatible services list buckets without their regions; GetBucketLocation then fills
    // the hole.
    list: &[
        ApiCall::new("s3:ListBuckets")
            .element("Buckets")
            .paged(1_000)
            .action("s3:ListAllMyBuckets"),
        GET_BUCKET_LOCATION,
    ],
    id: "name",
    arn: Some("arn:{partition}:s3:::{id}"),
    name_field: None,
    shape: Shape::of::<Bucket>(),
    facts: &[
        FactSpec {
            name: "accelerate",
            doc: "Transfer acceleration; absent when it was never configured.",
            // Never configured is an answer without a Status, not an error.
            call: ApiCall::new("s3:GetBucketAccelerateConfiguration")
                .action("s3:GetAccelerateConfiguration")
                .silence(Silence::Absent),
            shape: Shape::of::<Accelerate>(),
        },
        FactSpec {
            name: "acl",
            doc: "The access control list, where it has an effect; absent where `ownership_controls` say `BucketOwnerEnforced`, for then S3 ignores it.",
            // S3 leaves grants out that IgnorePublicAcls makes void.
            call: ApiCall::new("s3:GetBucketAcl")
                // S3 keeps the list, and answers with it, but it has no effect.
                .settled_by(Settling {
                    fact: "ownership_controls",
                    absent_if: AbsentIf::Field("object_ownership", "BucketOwnerEnforced"),
                    always_read: true,
                })
                .element("AccessControlList"),
            shape: Shape::of::<Acl>(),
        },
        FactSpec {
            name: "cors",
            doc: "Cross-origin rules; absent when there are none.",
            call: ApiCall::new("s3:GetBucketCors")
                .action("s3:GetBucketCORS")
                .absent(&["NoSuchCORSConfiguration"]),
            shape: Shape::of::<Cors>(),
        },
        FactSpec {
            name: "encryption",
            doc: "Default encryption of new objects.",
            // Not seen on AWS since January 2023, when every bucket got a default.
            call: ApiCall::new("s3:GetBucketEncryption")
                .action("s3:GetEncryptionConfiguration")
                .absent(&["ServerSideEncryptionConfigurationNotFoundError"])
                .answer("ServerSideEncryptionConfiguration")
                .silence(Silence::Absent),
            shape: Shape::of::<Encryption>(),
        },
        FactSpec {
            name: "intelligent_tiering",
            doc: "Intelligent-Tiering archive configurations; absent when there are none.",
            // None is an empty list, not an error; so with inventories and metrics.
            call: ApiCall::new("s3:ListBucketIntelligentTieringConfigurations")
                .action("s3:GetIntelligentTieringConfiguration")
                .silence(Silence::Absent),
            shape: Shape::of::<IntelligentTiering>(),
        },
        FactSpec {
            name: "inventory",
            doc: "Inventories; absent when there are none.",
            call: ApiCall::new("s3:ListBucketInventoryConfigurations")
                .action("s3:GetInventoryConfiguration")
                .silence(Silence::Absent),
            shape: Shape::of::<Inventories>(),
        },
        FactSpec {
            name: "lifecycle",
            doc: "Lifecycle rules; absent when there are none.",
            call: ApiCall::new("s3:GetBucketLifecycleConfiguration")
                .action("s3:GetLifecycleConfiguration")
                .absent(&["NoSuchLifecycleConfiguration"]),
            shape: Shape::of::<Lifecycle>(),
        },
        FactSpec {
            name: "logging",
            doc: "Server access logging; absent when it is off.",
            // Off is an answer without a LoggingEnabled element, not an error.
            call: ApiCall::new("s3:GetBucketLogging")
                .answer("LoggingEnabled")
                .silence(Silence::Absent),
            shape: Shape::of::<Logging>(),
        },
        FactSpec {
            name: "metrics",
            doc: "Request metrics; absent when there are none.",
            call: ApiCall::new("s3:ListBucketMetricsConfigurations")
                .action("s3:GetMetricsConfiguration")
                .silence(Silence::Absent),
            shape: Shape::of::<RequestMetrics>(),
        },
        FactSpec {
            name: "notification",
            doc: "Event notifications; absent when nobody is told.",
            // Nobody is an empty answer, not an error.
            call: ApiCall::new("s3:GetBucketNotificationConfiguration")
                .action("s3:GetBucketNotification")
                .silence(Silence::Absent),
            shape: Shape::of::<Notification>(),
        },
        FactSpec {
            name: "object_lock",
            doc: "Object Lock; absent when it is off.",
            call: ApiCall::new("s3:GetObjectLockConfiguration")
                .action("s3:GetBucketObjectLockConfiguration")
                .absent(&["ObjectLockConfigurationNotFoundError"])
                .answer("ObjectLockConfiguration")
                .silence(Silence::Absent),
            shape: Shape::of::<ObjectLockConfiguration>(),
        },
        FactSpec {
            name: "ownership_controls",
            doc: "Object ownership; absent means the legacy ObjectWriter, with ACLs in effect.",
            // S3 keeps exactly one rule.
            call: ApiCall::new("s3:GetBucketOwnershipControls")
                .absent(&["OwnershipControlsNotFoundError"])
                .answer("OwnershipControls.Rules[0]")
                .silence(Silence::Absent),
            shape: Shape::of::<OwnershipControls>(),
        },
        FactSpec {
            name: "policy",
            doc: "The bucket policy; absent when there is none.",
            call: ApiCall::new("s3:GetBucketPolicy").absent(&["NoSuchBucketPolicy"]),
            shape: Shape::of::<PolicyDocument>(),
        },
        FactSpec {
            name: "policy_status",
            doc: "Whether S3 itself calls the bucket policy public; absent when there is no policy.",
            call: ApiCall::new("s3:GetBucketPolicyStatus")
                .settled_by(Settling::BY_POLICY)
                .absent(&["NoSuchBucketPolicy"])
                .answer("PolicyStatus"),
            shape: Shape::of::<PolicyStatus>(),
        },
        FactSpec {
            name: "public_access_block",
            doc: "Block Public Access of the bucket alone; the account's own applies as well.",
            // Missing from AWS's list of error codes, but this is what S3 answers; it means all
            // four flags off.
            call: ApiCall::new("s3:GetPublicAccessBlock")
                .action("s3:GetBucketPublicAccessBlock")
                .absent(&["NoSuchPublicAccessBlockConfiguration"])
                .answer("PublicAccessBlockConfiguration")
                .silence(Silence::Defaults),
            shape: Shape::of::<PublicAccessBlock>(),
        },
        FactSpec {
            name: "replication",
            doc: "Replication to other buckets; absent when there is none.",
            call: ApiCall::new("s3:GetBucketReplication")
                .action("s3:GetReplicationConfiguration")
                .absent(&["ReplicationConfigurationNotFoundError"])
                .answer("ReplicationConfiguration")
                .silence(Silence::Absent),
            shape: Shape::of::<ReplicationConfiguration>(),
        },
        FactSpec {
            name: "request_payment",
            doc: "Who pays for requests.",
            call: ApiCall::new("s3:GetBucketRequestPayment"),
            shape: Shape::of::<RequestPayment>(),
        },
        FactSpec {
            name: "tags",
            doc: "The bucket's tags; absent when it has none.",
            // Some compatible stores say NoSuchTagSetError.
            call: ApiCall::new("s3:GetBucketTagging")
                .element("TagSet")
                .absent(&["NoSuchTagSet", "NoSuchTagSetError"])
                .answer("TagSet")
                .silence(Silence::Absent),
            shape: Shape::of::<Tags>(),
        },
        FactSpec {
            name: "versioning",
            doc: "Versioning and MFA delete. A bucket that never had versioning has no status.",
            call: ApiCall::new("s3:GetBucketVersioning").silence(Silence::Defaults),
            shape: Shape::of::<Versioning>(),
        },
        FactSpec {
            name: "website",
            doc: "Static website hosting; absent when it is off.",
            call: ApiCall::new("s3:GetBucketWebsite").absent(&["NoSuchWebsiteConfiguration"]),
            shape: Shape::of::<Website>(),
        },
    ],
};

/// What ListBuckets returns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Bucket {
    /// The bucket's name.
    pub name: String,
    /// The region it is in. Absent when AWS did not tell it and GetBucketLocation failed: then
    /// every fact of the bucket is unreadable.
    pub bucket_region: Option<String>,
    /// When it was created, or last changed its policy in `us-east-1`.
    pub creation_date: Option<Time>,
}

/// An access control list. The ownership controls are read with it. With `BucketOwnerEnforced` S3
/// keeps the list and ignores it, and the fact is absent; where they are unreadable, it is the list
/// as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Acl {
    /// Canonical id of the bucket's owner.
    pub owner_id: Option<String>,
    /// The grants.
    #[serde(default)]
    pub grants: Vec<Grant>,
}

/// One grant of an access control list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Grant {
    /// Who is granted it.
    pub grantee: Grantee,
    /// `FULL_CONTROL`, `WRITE`, `WRITE_ACP`, `READ` or `READ_ACP`.
    pub permission: String,
}

/// Who a grant is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Grantee {
    /// `CanonicalUser`, `AmazonCustomerByEmail` or `Group`.
    pub r#type: String,
    /// Canonical id, for a canonical user.
    pub id: Option<String>,
    /// The group, for a group: `http://acs.amazonaws.com/groups/global/AllUsers` is everybody.
    pub uri: Option<String>,
    /// E-mail address, for a customer by e-mail.
    pub email_address: Option<String>,
}

/// Default encryption.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Encryption {
    /// The rules; S3 allows one.
    #[serde(default)]
    pub rules: Vec<EncryptionRule>,
}

/// One default encryption rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EncryptionRule {
    /// `AES256`, `aws:kms`, `aws:kms:dsse` or `aws:fsx`.
    pub sse_algorithm: Option<String>,
    /// Key id, key ARN or alias, for KMS; absent: the AWS managed key.
    pub kms_master_key_id: Option<String>,
    /// Whether an S3 bucket key is used.
    pub bucket_key_enabled: Option<bool>,
    /// Encryption types that are refused for new objects (`SSE-C`).
    #[serde(default)]
    pub blocked_encryption_types: Vec<String>,
}

/// Server access logging.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Logging {
    /// The bucket that receives the logs.
    pub target_bucket: String,
    /// Prefix of the log objects' keys.
    pub target_prefix: Option<String>,
}

/// Object ownership.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnershipControls {
    /// `BucketOwnerEnforced` (ACLs are off), `BucketOwnerPreferred` or `ObjectWriter`.
    pub object_ownership: String,
}

/// Versioning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Versioning {
    /// `Enabled` or `Suspended`; absent when versioning was never configured.
    pub status: Option<String>,
    /// `Enabled` or `Disabled`; absent when MFA delete was never configured.
    pub mfa_delete: Option<String>,
}

/// Transfer acceleration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Accelerate {
    /// `Enabled` or `Suspended`.
    pub status: String,
}

/// Who pays for requests.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestPayment {
    /// `BucketOwner` or `Requester`.
    pub payer: String,
}

shape! { bucket_shapes:
    /// Object Lock.
    pub struct ObjectLockConfiguration {
        /// `Enabled`.
        pub object_lock_enabled: Option<String>,
        /// What holds for new objects that say nothing themselves.
        pub rule: Option<ObjectLockRule>,
    }

    /// The rule for new objects.
    pub struct ObjectLockRule {
        /// How long they are kept.
        pub default_retention: Option<DefaultRetention>,
    }

    /// How long new objects are kept; in days or in years.
    pub struct DefaultRetention {
        /// `GOVERNANCE` (some may lift it) or `COMPLIANCE` (nobody may).
        pub mode: Option<String>,
        /// In days.
        pub days: Option<i64>,
        /// In years.
        pub years: Option<i64>,
    }
}
