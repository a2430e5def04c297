//! An account to scan, and how to access it.

use std::collections::BTreeMap;
use std::fmt;

use crate::model::ids::{AccountId, Arn, Partition, Region};

/// An external id, which is treated as a secret. It is never printed: `Debug` hides it, and it has
/// neither `Display` nor `Serialize`.
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

/// One AssumeRole call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// The role to assume.
    pub role_arn: Arn,
    /// The external id that its trust policy requires.
    pub external_id: Option<ExternalId>,
    /// The session duration in seconds, after which the session is renewed.
    pub duration_seconds: u32,
    /// Who is behind the session, for CloudTrail. The trust policy must allow `sts:SetSourceIdentity`.
    pub source_identity: Option<String>,
}

/// How a target is accessed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// With the base credentials (`role = "none"`): the central identity's own account.
    Own,
    /// With a role in the target account.
    Assume(Hop),
}

/// One AWS account to scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Its id.
    pub account: AccountId,
    /// Its display name, if one is configured.
    pub name: Option<String>,
    /// Its partition, from the role ARN.
    pub partition: Partition,
    /// How it is accessed.
    pub role: Role,
    /// Regions to scan; if empty, all regions that are enabled in the account.
    pub regions: Vec<Region>,
    /// Your labels (key–value pairs), which are included in reports.
    pub labels: BTreeMap<String, String>,
}

/// What identifies an account in the config.
#[derive(Debug, Clone, Copy)]
pub struct AccountKeys<'a> {
    /// Its id.
    pub id: &'a AccountId,
    /// Its name.
    pub name: Option<&'a str>,
    /// Its labels.
    pub labels: &'a BTreeMap<String, String>,
}
