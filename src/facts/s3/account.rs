//! `s3.account`: settings of S3 that hold for a whole account. There is exactly one per account; it
//! is not listed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape, Silence};

/// The table entry.
pub static KIND: Kind = Kind {
    name: "s3.account",
    doc: "Account-wide settings of S3; one per account.",
    scope: Scope::Global,
    list: &[],
    id: "account_id",
    arn: None,
    name_field: None,
    shape: Shape::of::<Account>(),
    facts: &[FactSpec {
        name: "public_access_block",
        doc: "Block Public Access of the account, as it is in effect: an organization's S3 policy is included.",
        // The code says "nothing configured", which AWS defines as all four flags off; the
        // collector writes that.
        call: ApiCall::new("s3control:GetPublicAccessBlock")
            .action("s3:GetAccountPublicAccessBlock")
            .absent(&["NoSuchPublicAccessBlockConfiguration"])
            .answer("PublicAccessBlockConfiguration")
            .silence(Silence::Defaults),
        shape: Shape::of::<PublicAccessBlock>(),
    }],
};

/// What identifies the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// The 12-digit account id.
    pub account_id: String,
}

/// Block Public Access. Nothing configured means all four flags are false, and reads so.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PublicAccessBlock {
    /// New public ACLs are refused. Grants that exist already stay in effect.
    #[serde(default)]
    pub block_public_acls: bool,
    /// Public ACLs have no effect, existing ones included.
    #[serde(default)]
    pub ignore_public_acls: bool,
    /// New public bucket policies are refused. A public policy that exists already stays in effect.
    #[serde(default)]
    pub block_public_policy: bool,
    /// A bucket with a public policy is open to AWS services and the bucket owner's account only.
    #[serde(default)]
    pub restrict_public_buckets: bool,
}
