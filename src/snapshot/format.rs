//! The lines of a snapshot. A change that an older reader would misread raises [`FORMAT`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{
    AccountId, Demand, Gap, Organization, Partition, Region, Resource, SkippedAccount,
};

/// Version of the format on disk.
pub const FORMAT: u64 = 1;

/// `snapshot.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u64,
    /// The program and version that wrote it: `rolecall 0.1.0`.
    pub tool: String,
    /// The accounts asked for, sorted by id.
    pub targets: Vec<ManifestTarget>,
    /// What was asked for.
    pub demand: Demand,
    /// Accounts of the organization that were left out, sorted by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_accounts: Vec<SkippedAccount>,
    /// The organization as it was read, so that a resumed run need not read it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
}

/// Whom a snapshot is of.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Roll {
    /// The accounts asked for.
    pub targets: Vec<ManifestTarget>,
    /// Accounts of the organization that are left out.
    pub skipped_accounts: Vec<SkippedAccount>,
    /// The organization that they were found in.
    pub organization: Option<Organization>,
}

impl From<Vec<ManifestTarget>> for Roll {
    fn from(targets: Vec<ManifestTarget>) -> Self {
        Self { targets, ..Self::default() }
    }
}

/// A target, without its external id.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ManifestTarget {
    /// Its id.
    pub account: AccountId,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its partition.
    #[serde(default)]
    pub partition: Partition,
    /// ARN of the role by which it is entered; absent for the central identity's own account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The site's labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

/// First line of an account's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountHeader {
    /// The account.
    pub account: AccountId,
    /// Its partition.
    #[serde(default)]
    pub partition: Partition,
    /// When collection of the account began, RFC 3339 in UTC with seconds. It is `now()` for rules.
    pub collected_at: String,
    /// Whether the account could be entered.
    pub entered: bool,
    /// The regions scanned, sorted.
    #[serde(default)]
    pub regions: BTreeSet<Region>,
    /// What was asked for.
    pub demand: Demand,
    /// How often each API was called, `ec2:DescribeVpcs`; retries do not count. Empty where nobody
    /// called AWS.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub calls: BTreeMap<String, u64>,
}

/// A list that was made to its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// The kind.
    pub kind: String,
    /// Where; [`Region::global`] for global kinds.
    pub region: Region,
    /// The facts that were asked for of each resource.
    #[serde(default)]
    pub facts: BTreeSet<String>,
    /// How many resources follow.
    pub count: usize,
}

/// One line of an account's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub(super) enum Line {
    Header(AccountHeader),
    Listed(Listed),
    Resource(Resource),
    Gap(Gap),
    End(End),
}

/// Last line: a file without it is cut off.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) resources: usize,
    pub(super) gaps: usize,
}
