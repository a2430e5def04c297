//! `s3.directory_bucket`: directory buckets (S3 Express One Zone, and local zones). They are listed
//! region by region at an endpoint that exists only in regions that offer them. Elsewhere the call
//! cannot connect, which looks the same as a network that is down: it is a gap, to be accepted in
//! the configuration for the regions in question.
//!
//! Directory buckets have neither ACLs nor versioning; Block Public Access is always on.

use super::PolicyDocument;
use super::bucket::Encryption;
use super::lifecycle::Lifecycle;
use super::shape;
use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape, Silence};
use crate::facts::time::Time;

/// The table entry.
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
    // The operations are those of buckets, the actions are not: these calls have names of their own
    // in gaps and permissions.
    facts: &[
        FactSpec {
            name: "encryption",
            doc: "Default encryption of new objects.",
            call: ApiCall::new("s3express:GetBucketEncryption")
                .action("s3express:GetEncryptionConfiguration")
                .absent(&["ServerSideEncryptionConfigurationNotFoundError"])
                .answer("ServerSideEncryptionConfiguration")
                .silence(Silence::Absent),
            shape: Shape::of::<Encryption>(),
        },
        FactSpec {
            name: "lifecycle",
            doc: "Lifecycle rules; absent when there are none.",
            call: ApiCall::new("s3express:GetBucketLifecycleConfiguration")
                .action("s3express:GetLifecycleConfiguration")
                .absent(&["NoSuchLifecycleConfiguration"]),
            shape: Shape::of::<Lifecycle>(),
        },
        FactSpec {
            name: "policy",
            doc: "The bucket policy; absent when there is none.",
            call: ApiCall::new("s3express:GetBucketPolicy").absent(&["NoSuchBucketPolicy"]),
            shape: Shape::of::<PolicyDocument>(),
        },
    ],
};

shape! { directory_bucket_shapes:
    /// What ListDirectoryBuckets returns.
    pub struct Bucket {
        /// The bucket's name, which ends in its zone and `--x-s3`.
        pub name: String,
        /// The region it is in.
        pub bucket_region: Option<String>,
        /// When it was created.
        pub creation_date: Option<Time>,
    }
}
