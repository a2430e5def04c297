//! One account to scan, and how to reach it.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::ids::{AccountId, Arn, Partition, Region};

/// A shared secret between the two sides of a role. It is never printed: `Debug` hides it and it
/// has no `Display` and no `Serialize`.
#[derive(Clone, PartialEq, Eq)]
pub struct ExternalId(String);

impl ExternalId {
    /// Wraps the secret.
    pub fn new(secret: String) -> Self {
        Self(secret)
    }

    /// The secret itself, for the AssumeRole request only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for ExternalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExternalId(…)")
    }
}

/// One AssumeRole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The role to assume.
    pub role_arn: Arn,
    /// The secret that its trust policy asks for.
    pub external_id: Option<ExternalId>,
    /// How long a session lasts, in seconds; after that it is renewed.
    pub duration_seconds: u32,
}

/// How a target is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// With the base credentials themselves (`role = "none"`): the central identity's own account.
    Own,
    /// By a role in the target account.
    Assume(Hop),
}

/// One AWS account to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its id.
    pub account: AccountId,
    /// Its name for people, if the site gave one.
    pub name: Option<String>,
    /// Partition, from the role ARN.
    pub partition: Partition,
    /// How it is entered.
    pub role: Role,
    /// Regions to scan; empty: all that are enabled in the account.
    pub regions: Vec<Region>,
    /// The site's own key–value pairs, carried into reports.
    pub labels: BTreeMap<String, String>,
}
