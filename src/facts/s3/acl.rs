//! Access control lists of buckets and objects.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::kind::{AbsentIf, Settling};

/// If the bucket owner is enforced, S3 keeps ACLs, but they have no effect.
pub(super) const ACLS_DISABLED: Settling = Settling {
    fact: "ownership_controls",
    absent_if: AbsentIf::Field("object_ownership", "BucketOwnerEnforced"),
    always_read: true,
    does_not_exist: false,
};

/// An access control list (ACL). It is read together with the ownership controls. With
/// `BucketOwnerEnforced`, S3 ignores the ACL, and the fact is absent. If the ownership controls are
/// unreadable, the fact is the ACL as stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Acl {
    /// The canonical user id of the bucket owner.
    pub owner_id: Option<String>,
    /// The grants.
    #[serde(default)]
    pub grants: Vec<Grant>,
}

/// One grant of an ACL.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Grant {
    /// Who the permission is granted to.
    pub grantee: Grantee,
    /// `FULL_CONTROL`, `WRITE`, `WRITE_ACP`, `READ` or `READ_ACP`.
    pub permission: String,
}

/// The grantee of a grant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Grantee {
    /// `CanonicalUser`, `AmazonCustomerByEmail` or `Group`.
    pub r#type: String,
    /// The canonical user id, for a canonical user.
    pub id: Option<String>,
    /// The URI of the group, for a group: `http://acs.amazonaws.com/groups/global/AllUsers` is
    /// everyone.
    pub uri: Option<String>,
    /// The email address, for `AmazonCustomerByEmail`.
    pub email_address: Option<String>,
}
