//! `s3.bucket`: general purpose buckets. They are listed once per account with their regions; each
//! fact takes one call to the bucket's region.
//!
//! A fact is absent only if S3 says that it is not configured, by an error code or an empty
//! response. `MethodNotAllowed`, `NotImplemented` and `UnsupportedArgument` mean that the feature
//! is not available for this bucket or in this region. The fact is then unreadable with that code;
//! otherwise a rule would take it for a setting that was left off.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::account::PublicAccessBlock;
use super::acl::ACLS_DISABLED;
pub use super::acl::{Acl, Grant};
use super::exports::{IntelligentTiering, Inventories, RequestMetrics};
use super::lifecycle::Lifecycle;
use super::notification::Notification;
use super::object_acls::{self, ObjectAcls};
use super::replication::ReplicationConfiguration;
use super::website::{Cors, Website};
use super::{PolicyDocument, PolicyStatus, shape};
use crate::facts::kind::{
    AbsentIf, ApiCall, EmptyResponse, FactSpec, Kind, Scope, Settling, Shape,
};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// Returns the region of a bucket if the list does not have it.
pub const GET_BUCKET_LOCATION: ApiCall = ApiCall::new("s3:GetBucketLocation")
    .unless("the list has the region")
    .answer("LocationConstraint");

/// Lists the buckets of the account. Each page has the owner of all of them, in every region.
pub const LIST_BUCKETS: ApiCall = ApiCall::new("s3:ListBuckets")
    .element("Buckets")
    .paged(1_000)
    // Not `owner_id`, which is the id of an account everywhere else.
    .shared(&[("owner_canonical_user_id", "Owner.ID")])
    .action("s3:ListAllMyBuckets");

/// S3 accepts Object Lock and replication only where versioning is enabled, and refuses to suspend
/// versioning as long as there is one of them.
///
/// Sources: "Using S3 Object Lock", "Requirements and considerations for replication".
const BY_VERSIONING: Settling = Settling {
    fact: "versioning",
    absent_if: AbsentIf::NotField("status", "Enabled"),
    always_read: false,
    does_not_exist: true,
};

/// The region of a location constraint.
pub fn region_of_location(constraint: Option<&str>) -> &str {
    match constraint {
        // These date from the time when S3 had two regions.
        None | Some("") => "us-east-1",
        Some("EU") => "eu-west-1",
        Some(region) => region,
    }
}

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "s3.bucket",
    doc: "A general purpose bucket.",
    scope: Scope::Global,
    // Some S3-compatible services list buckets without their regions; then GetBucketLocation is
    // called.
    list: &[LIST_BUCKETS, GET_BUCKET_LOCATION],
    id: "name",
    arn: Some("arn:{partition}:s3:::{id}"),
    name_field: None,
    shape: Shape::of::<Bucket>(),
    facts: &[
        FactSpec {
            name: "accelerate",
            doc: "Transfer Acceleration; absent if it was never configured.",
            // If it was never configured, the response has no Status; it is not an error.
            call: ApiCall::new("s3:GetBucketAccelerateConfiguration")
                .action("s3:GetAccelerateConfiguration")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<Accelerate>(),
        },
        FactSpec {
            name: "acl",
            doc: "The access control list (ACL); absent if `ownership_controls` is `BucketOwnerEnforced`, because S3 then ignores the ACL.",
            // S3 leaves out grants that have no effect because of IgnorePublicAcls.
            call: ApiCall::new("s3:GetBucketAcl")
                // S3 keeps and returns the ACL, but it has no effect.
                .settled_by(ACLS_DISABLED)
                .element("AccessControlList")
                .always(&["grants", "grants[].grantee.uri|id|email_address"]),
            shape: Shape::of::<Acl>(),
        },
        FactSpec {
            name: "cors",
            doc: "The CORS configuration; absent if there is none.",
            call: ApiCall::new("s3:GetBucketCors")
                .action("s3:GetBucketCORS")
                .absent(&["NoSuchCORSConfiguration"]),
            shape: Shape::of::<Cors>(),
        },
        FactSpec {
            name: "encryption",
            doc: "The default encryption of new objects.",
            // Not returned by AWS since January 2023, when every bucket got default encryption.
            call: ApiCall::new("s3:GetBucketEncryption")
                .action("s3:GetEncryptionConfiguration")
                .absent(&["ServerSideEncryptionConfigurationNotFoundError"])
                .answer("ServerSideEncryptionConfiguration")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<Encryption>(),
        },
        FactSpec {
            name: "intelligent_tiering",
            doc: "The S3 Intelligent-Tiering configurations; absent if there are none.",
            // If there are none, the list is empty; it is not an error. The same holds for
            // inventories and metrics.
            call: ApiCall::new("s3:ListBucketIntelligentTieringConfigurations")
                .action("s3:GetIntelligentTieringConfiguration")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<IntelligentTiering>(),
        },
        FactSpec {
            name: "inventory",
            doc: "The S3 Inventory configurations; absent if there are none.",
            call: ApiCall::new("s3:ListBucketInventoryConfigurations")
                .action("s3:GetInventoryConfiguration")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<Inventories>(),
        },
        FactSpec {
            name: "lifecycle",
            doc: "The lifecycle configuration; absent if there is none.",
            call: ApiCall::new("s3:GetBucketLifecycleConfiguration")
                .action("s3:GetLifecycleConfiguration")
                .absent(&["NoSuchLifecycleConfiguration"]),
            shape: Shape::of::<Lifecycle>(),
        },
        FactSpec {
            name: "logging",
            doc: "Server access logging; absent if it is disabled.",
            // If it is disabled, the response has no LoggingEnabled element; it is not an error.
            call: ApiCall::new("s3:GetBucketLogging")
                .answer("LoggingEnabled")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<Logging>(),
        },
        FactSpec {
            name: "metrics",
            doc: "The request metrics configurations; absent if there are none.",
            call: ApiCall::new("s3:ListBucketMetricsConfigurations")
                .action("s3:GetMetricsConfiguration")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<RequestMetrics>(),
        },
        FactSpec {
            name: "notification",
            doc: "The event notifications; absent if there are none.",
            // If there are none, the response is empty; it is not an error.
            call: ApiCall::new("s3:GetBucketNotificationConfiguration")
                .action("s3:GetBucketNotification")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<Notification>(),
        },
        FactSpec {
            name: "object_acls",
            doc: "The ACLs of a sample of the objects; absent if `ownership_controls` is `BucketOwnerEnforced`, because S3 then ignores ACLs. Only opt-in rules read it.",
            call: object_acls::GET_OBJECT_ACL,
            shape: Shape::of::<ObjectAcls>(),
        },
        FactSpec {
            name: "object_lock",
            doc: "The Object Lock configuration; absent if Object Lock is disabled.",
            call: ApiCall::new("s3:GetObjectLockConfiguration")
                .settled_by(BY_VERSIONING)
                .action("s3:GetBucketObjectLockConfiguration")
                .absent(&["ObjectLockConfigurationNotFoundError"])
                .answer("ObjectLockConfiguration")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<ObjectLockConfiguration>(),
        },
        FactSpec {
            name: "ownership_controls",
            doc: "Object Ownership; if absent, the legacy setting `ObjectWriter` applies and ACLs are in effect.",
            // S3 stores exactly one rule.
            call: ApiCall::new("s3:GetBucketOwnershipControls")
                .absent(&["OwnershipControlsNotFoundError"])
                .answer("OwnershipControls.Rules[0]")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<OwnershipControls>(),
        },
        FactSpec {
            name: "policy",
            doc: "The bucket policy; absent if there is none.",
            call: ApiCall::new("s3:GetBucketPolicy").absent(&["NoSuchBucketPolicy"]),
            shape: Shape::of::<PolicyDocument>(),
        },
        FactSpec {
            name: "policy_status",
            doc: "Whether S3 considers the bucket policy public; absent if there is no policy.",
            call: ApiCall::new("s3:GetBucketPolicyStatus")
                .settled_by(Settling::BY_POLICY)
                .absent(&["NoSuchBucketPolicy"])
                .answer("PolicyStatus"),
            shape: Shape::of::<PolicyStatus>(),
        },
        FactSpec {
            name: "public_access_block",
            doc: "The Block Public Access settings of the bucket itself; those of the account apply as well.",
            // S3 returns this code although AWS's list of error codes lacks it; it means that all
            // four flags are off.
            call: ApiCall::new("s3:GetPublicAccessBlock")
                .action("s3:GetBucketPublicAccessBlock")
                .absent(&["NoSuchPublicAccessBlockConfiguration"])
                .answer("PublicAccessBlockConfiguration")
                .always(PublicAccessBlock::FLAGS)
                .if_empty(EmptyResponse::Defaults),
            shape: Shape::of::<PublicAccessBlock>(),
        },
        FactSpec {
            name: "replication",
            doc: "The replication configuration; absent if there is none.",
            call: ApiCall::new("s3:GetBucketReplication")
                .settled_by(BY_VERSIONING)
                .action("s3:GetReplicationConfiguration")
                .absent(&["ReplicationConfigurationNotFoundError"])
                .answer("ReplicationConfiguration")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<ReplicationConfiguration>(),
        },
        FactSpec {
            name: "request_payment",
            doc: "Who pays for requests and data transfer.",
            call: ApiCall::new("s3:GetBucketRequestPayment"),
            shape: Shape::of::<RequestPayment>(),
        },
        FactSpec {
            name: "tags",
            doc: "The bucket's tags; absent if the bucket has none.",
            // Some S3-compatible stores return NoSuchTagSetError.
            call: ApiCall::new("s3:GetBucketTagging")
                .element("TagSet")
                .absent(&["NoSuchTagSet", "NoSuchTagSetError"])
                .answer("TagSet")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<Tags>(),
        },
        FactSpec {
            name: "versioning",
            doc: "Versioning and MFA delete. The status is absent if versioning was never configured.",
            call: ApiCall::new("s3:GetBucketVersioning").if_empty(EmptyResponse::Defaults),
            shape: Shape::of::<Versioning>(),
        },
        FactSpec {
            name: "website",
            doc: "Static website hosting; absent if it is disabled.",
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
    /// The region of the bucket. Absent if ListBuckets did not return the region and
    /// GetBucketLocation failed; in that case, the facts of the bucket cannot be read.
    pub bucket_region: Option<String>,
    /// When the bucket was created. In `us-east-1`, the date can change when the bucket is
    /// modified, for example when the bucket's policy changes.
    pub creation_date: Option<Time>,
    /// The canonical user id of the account, which is the owner of all its buckets. Absent in older
    /// snapshots.
    pub owner_canonical_user_id: Option<String>,
}

/// The default encryption.
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
    /// The key id, key ARN or alias, for KMS; if absent, the AWS managed key.
    pub kms_master_key_id: Option<String>,
    /// Whether an S3 Bucket Key is used.
    pub bucket_key_enabled: Option<bool>,
    /// The encryption types that are blocked for new objects (`SSE-C`).
    #[serde(default)]
    pub blocked_encryption_types: Vec<String>,
}

/// Server access logging.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Logging {
    /// The bucket where the logs are stored.
    pub target_bucket: String,
    /// The prefix of the log objects.
    pub target_prefix: Option<String>,
}

/// Object Ownership.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OwnershipControls {
    /// `BucketOwnerEnforced` (ACLs are disabled), `BucketOwnerPreferred` or `ObjectWriter`.
    pub object_ownership: String,
}

/// The versioning state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Versioning {
    /// `Enabled` or `Suspended`; absent if versioning was never configured.
    pub status: Option<String>,
    /// `Enabled` or `Disabled`; absent if MFA delete was never configured.
    pub mfa_delete: Option<String>,
}

/// Transfer Acceleration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Accelerate {
    /// `Enabled` or `Suspended`.
    pub status: String,
}

/// Who pays for requests and data transfer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestPayment {
    /// `BucketOwner` or `Requester`.
    pub payer: String,
}

shape! { bucket_shapes:
    /// The Object Lock configuration.
    pub struct ObjectLockConfiguration {
        /// `Enabled`.
        pub object_lock_enabled: Option<String>,
        /// The default rule for new objects without settings of their own.
        pub rule: Option<ObjectLockRule>,
    }

    /// The default rule for new objects.
    pub struct ObjectLockRule {
        /// The default retention.
        pub default_retention: Option<DefaultRetention>,
    }

    /// The default retention, in days or years.
    pub struct DefaultRetention {
        /// `GOVERNANCE` (users with special permissions can bypass it) or `COMPLIANCE` (nobody
        /// can).
        pub mode: Option<String>,
        /// The retention period in days.
        pub days: Option<i64>,
        /// The retention period in years.
        pub years: Option<i64>,
    }
}
