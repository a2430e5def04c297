//! `s3.directory_bucket`: directory buckets (S3 Express One Zone and Local Zones). They are listed
//! per region, at an endpoint that exists only in regions that support them. In other regions the
//! call fails to connect, which cannot be distinguished from a network failure. This is a gap,
//! which you can accept in the configuration for these regions.
//!
//! Directory buckets have neither ACLs nor versioning; Block Public Access is always enabled.

use super::PolicyDocument;
use super::bucket::Encryption;
use super::lifecycle::Lifecycle;
use super::shape;
use crate::facts::kind::{ApiCall, EmptyResponse, FactSpec, Kind, Scope, Shape};
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "s3.directory_bucket",
    doc: "A directory bucket.",
    scope: Scope::Regional,
    list: &[ApiCall::new("s3express:ListDirectoryBuckets")
        .paged(1_000)
        .action("s3express:ListAllMyDirectoryBuckets")
        .answer("Buckets")],
    id: "name",
    arn: Some("arn:{partition}:s3express:{region}:{account}:bucket/{id}"),
    name_field: None,
    shape: Shape::of::<Bucket>(),
    // The operations are the same as for general purpose buckets, but the IAM actions differ. So
    // these calls have their own names in gaps and permissions.
    facts: &[
        FactSpec {
            name: "encryption",
            doc: "The default encryption of new objects.",
            call: ApiCall::new("s3express:GetBucketEncryption")
                .action("s3express:GetEncryptionConfiguration")
                .absent(&["ServerSideEncryptionConfigurationNotFoundError"])
                .answer("ServerSideEncryptionConfiguration")
                .if_empty(EmptyResponse::Absent),
            shape: Shape::of::<Encryption>(),
        },
        FactSpec {
            name: "lifecycle",
            doc: "The lifecycle configuration; absent if there is none.",
            call: ApiCall::new("s3express:GetBucketLifecycleConfiguration")
                .action("s3express:GetLifecycleConfiguration")
                .absent(&["NoSuchLifecycleConfiguration"]),
            shape: Shape::of::<Lifecycle>(),
        },
        FactSpec {
            name: "policy",
            doc: "The bucket policy; absent if there is none.",
            call: ApiCall::new("s3express:GetBucketPolicy").absent(&["NoSuchBucketPolicy"]),
            shape: Shape::of::<PolicyDocument>(),
        },
    ],
};

shape! { directory_bucket_shapes:
    /// What ListDirectoryBuckets returns.
    pub struct Bucket {
        /// The bucket's name, which ends with the zone id and `--x-s3`.
        pub name: String,
        /// The region of the bucket.
        pub bucket_region: Option<String>,
        /// When the bucket was created.
        pub creation_date: Option<Time>,
    }
}
