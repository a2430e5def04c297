//! `organizations.account`: the account in AWS Organizations. There is exactly one per account, so it
//! is not listed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::kind::{ApiCall, FactSpec, Kind, Scope, Shape};

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "organizations.account",
    doc: "The account in AWS Organizations; one per account.",
    scope: Scope::Global,
    list: &[],
    id: "account_id",
    arn: None,
    name_field: None,
    shape: Shape::of::<OrganizationAccount>(),
    facts: &[FactSpec {
        name: "organization",
        doc: "The organization that the account belongs to; absent if it belongs to none.",
        // Every account may make this call, not only the management account.
        call: ApiCall::new("organizations:DescribeOrganization")
            .absent(&["AWSOrganizationsNotInUseException"])
            .answer("Organization")
            .always(&["id", "master_account_id"]),
        shape: Shape::of::<OrganizationDescription>(),
    }],
};

/// What identifies the account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationAccount {
    /// The 12-digit account id.
    pub account_id: String,
}

/// An organization, without the email address of its management account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OrganizationDescription {
    /// The id of the organization: `o-a1b2c3d4e5`.
    #[serde(default)]
    pub id: Option<String>,
    /// The ARN of the organization.
    #[serde(default)]
    pub arn: Option<String>,
    /// `ALL`, or `CONSOLIDATED_BILLING` if the organization cannot use policies.
    #[serde(default)]
    pub feature_set: Option<String>,
    /// The id of the management account.
    #[serde(default)]
    pub master_account_id: Option<String>,
    /// The ARN of the management account in the organization.
    #[serde(default)]
    pub master_account_arn: Option<String>,
}
