//! Kinds of Amazon S3.

use super::shape::shape;

pub mod access_grants_instance;
pub mod access_point;
pub mod account;
pub mod bucket;
pub mod directory_bucket;
pub mod multi_region_access_point;
pub mod object_lambda_access_point;
pub mod region;
pub mod storage_lens_configuration;

// Parts of these kinds.
pub mod acl;
pub mod exports;
pub mod lifecycle;
pub mod notification;
pub mod object_acls;
pub mod replication;
pub mod website;

pub use super::policy::{PolicyDocument, PolicyStatus};

shape! { common_shapes:
    /// A tag in a filter.
    pub struct Tag {
        /// The tag's key.
        pub key: String,
        /// The tag's value.
        pub value: String,
    }

    /// Encryption with a KMS key.
    pub struct Ssekms {
        /// The id, ARN or alias of the key.
        pub key_id: Option<String>,
    }
}
