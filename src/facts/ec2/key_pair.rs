//! `ec2.key_pair`: key pairs. AWS stores only the public key.

use super::shape;
use crate::facts::kind::{ApiCall, Kind, Scope, Shape};
use crate::facts::tags::Tags;
use crate::facts::time::Time;

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "ec2.key_pair",
    doc: "A key pair for connecting to instances.",
    scope: Scope::Regional,
    list: &[ApiCall::new("ec2:DescribeKeyPairs").element("keySet")],
    id: "key_pair_id",
    arn: Some("arn:{partition}:ec2:{region}:{account}:key-pair/{id}"),
    name_field: Some("key_name"),
    shape: Shape::of::<KeyPairInfo>(),
    facts: &[],
};

shape! { key_pair_shapes:
    /// What DescribeKeyPairs returns.
    pub struct KeyPairInfo {
        /// The key pair's id.
        pub key_pair_id: String,
        /// The name, by which instances refer to the key pair.
        pub key_name: Option<String>,
        /// `rsa` or `ed25519`.
        pub key_type: Option<String>,
        /// The key pair's fingerprint.
        pub key_fingerprint: Option<String>,
        /// When the key pair was created or imported.
        pub create_time: Option<Time>,
        /// The key pair's tags.
        #[serde(default)]
        pub tags: Tags,
    }
}
