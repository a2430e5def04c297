//! A sample of the ACLs of a bucket's objects. There can be billions of objects, so nothing is known
//! about those that are not in the sample.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::acl::{ACLS_DISABLED, Grant, Grantee};
use crate::facts::kind::ApiCall;

/// How many objects are listed, in the order of their keys.
pub const LISTED: u16 = 100;
/// Of how many of these the ACL is read.
pub const SAMPLED: u16 = 20;

/// Lists the first objects of a bucket.
pub const LIST_OBJECTS: ApiCall = ApiCall::new("s3:ListObjectsV2").action("s3:ListBucket");

/// Returns the ACL of an object.
pub const GET_OBJECT_ACL: ApiCall = ApiCall::new("s3:GetObjectAcl")
    .settled_by(ACLS_DISABLED)
    .after(&LIST_OBJECTS)
    .at_most(SAMPLED)
    .element("AccessControlList");

/// The ACLs of a sample of the objects in a bucket: at most 20, evenly spaced among the first 100. Only
/// public grants are kept. If the ACL of an object could not be read, and no other object in the sample
/// is public, the fact is unreadable.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectAcls {
    /// The number of objects whose ACL was read; 0 if the bucket has no objects.
    pub sampled: u16,
    /// Whether the bucket has objects that are not in the sample.
    pub has_more: bool,
    /// The objects in the sample with public grants, sorted by key.
    #[serde(default)]
    pub public_objects: Vec<PublicObject>,
}

/// An object with public grants.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PublicObject {
    /// The key of the object.
    pub key: String,
    /// The grants to everyone (`AllUsers`) or to everyone with an AWS account (`AuthenticatedUsers`).
    #[serde(default)]
    pub grants: Vec<Grant>,
}

/// Whether a grant is to everyone, or to everyone with an AWS account.
pub fn is_public(grantee: &Grantee) -> bool {
    const GROUPS: [&str; 2] = ["AllUsers", "AuthenticatedUsers"];
    let group = grantee.uri.as_deref().and_then(|uri| uri.rsplit_once("/groups/global/"));
    group.is_some_and(|(_, name)| GROUPS.contains(&name))
}
