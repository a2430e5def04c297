//! `s3.account`: account-level S3 settings. There is exactly one per account, so it is not listed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::kind::{ApiCall, EmptyResponse, FactSpec, Kind, Scope, Shape};

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "s3.account",
    doc: "Account-level S3 settings; one per account.",
    scope: Scope::Global,
    list: &[],
    id: "account_id",
    arn: None,
    name_field: None,
    shape: Shape::of::<Account>(),
    facts: &[FactSpec {
        name: "public_access_block",
        doc: "The effective Block Public Access settings of the account, which take the organization's S3 policy into account.",
        // The code means "not configured", which AWS defines as all four flags off; the collector
        // writes that.
        call: ApiCall::new("s3control:GetPublicAccessBlock")
            .action("s3:GetAccountPublicAccessBlock")
            .absent(&["NoSuchPublicAccessBlockConfiguration"])
            .answer("PublicAccessBlockConfiguration")
            .always(PublicAccessBlock::FLAGS)
            .if_empty(EmptyResponse::Defaults),
        shape: Shape::of::<PublicAccessBlock>(),
    }],
};

/// What identifies the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Account {
    /// The 12-digit account id.
    pub account_id: String,
}

impl PublicAccessBlock {
    /// AWS always returns all flags.
    pub(super) const FLAGS: &'static [&'static str] = &[
        "block_public_acls",
        "ignore_public_acls",
        "block_public_policy",
        "restrict_public_buckets",
    ];
}

/// The Block Public Access settings. If none are configured, all four are false.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PublicAccessBlock {
    /// Whether new public ACLs are rejected. Existing grants stay in effect.
    #[serde(default)]
    pub block_public_acls: bool,
    /// Whether all public ACLs are ignored, including existing ones.
    #[serde(default)]
    pub ignore_public_acls: bool,
    /// Whether new public bucket policies are rejected. An existing public policy stays in effect.
    #[serde(default)]
    pub block_public_policy: bool,
    /// Whether access to buckets with a public policy is restricted to AWS services and the bucket
    /// owner's account.
    #[serde(default)]
    pub restrict_public_buckets: bool,
}
