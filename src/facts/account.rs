//! `account`: the account itself. Rules on it are evaluated once per account, with the resources of
//! all scanned regions. It is known without an API call, so it is neither collected nor looked up.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::kind::{Kind, Scope, Shape};

/// The entry in the table of kinds.
pub static KIND: Kind = Kind {
    name: "account",
    doc: "The account itself, for rules that evaluate the resources of all scanned regions together.",
    scope: Scope::Account,
    list: &[],
    id: "id",
    arn: None,
    name_field: Some("name"),
    shape: Shape::of::<AwsAccount>(),
    facts: &[],
};

/// An account.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AwsAccount {
    /// The 12-digit account id.
    pub id: String,
    /// The name of the account in the config or in the organization.
    #[serde(default)]
    pub name: Option<String>,
    /// The labels of the account from the config, and the path of its organizational unit as
    /// `organization_unit`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// The AWS partition: `aws`, `aws-cn`, `aws-us-gov` or another.
    pub partition: String,
    /// The scanned regions, sorted. The list cannot be read if the enabled regions could not be
    /// listed, or if no selected rule reads regional resources.
    #[serde(default)]
    pub regions: Vec<String>,
}
