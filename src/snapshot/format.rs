//! The lines of a snapshot. A change that older readers would misread increments [`FORMAT`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::{
    AccountId, AccountKeys, Demand, Gap, Organization, Origin, Partition, Region, Resource,
    SkippedAccount,
};

/// The version of the format on disk.
pub const FORMAT: u64 = 1;

/// `snapshot.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`FORMAT`].
    pub format: u64,
    /// The program and version that wrote it: `rolecall 0.1.0`.
    pub tool: String,
    /// The requested accounts, sorted by id.
    pub targets: Vec<ManifestTarget>,
    /// What was requested.
    pub demand: Demand,
    /// Accounts of the organization that were skipped, sorted by id.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skipped_accounts: Vec<SkippedAccount>,
    /// The organization, so that a resumed run does not need to read it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<Organization>,
    /// What it is of, if not of what exists.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

/// The accounts of a snapshot.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TargetList {
    /// The requested accounts.
    pub targets: Vec<ManifestTarget>,
    /// Accounts of the organization that are skipped.
    pub skipped_accounts: Vec<SkippedAccount>,
    /// The organization that they were discovered in.
    pub organization: Option<Organization>,
    /// What the snapshot is of, if not of what exists.
    pub origin: Option<Origin>,
}

impl From<Vec<ManifestTarget>> for TargetList {
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
    /// ARN of the role that is assumed in it; absent for the central identity's own account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// Its labels from the configuration.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
}

impl ManifestTarget {
    /// What identifies it in the config.
    pub fn keys(&self) -> AccountKeys<'_> {
        AccountKeys { id: &self.account, name: self.name.as_deref(), labels: &self.labels }
    }
}

/// What identifies a run that several processes collect, and what its parts must have in common.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunStamp {
    /// The id of the run.
    pub run: String,
    /// The program and version: `rolecall 0.1.0`.
    pub tool: String,
    /// A hash of the selected rules.
    pub rules: String,
}

/// First line of an account's file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccountHeader {
    /// The account.
    pub account: AccountId,
    /// Its partition.
    #[serde(default)]
    pub partition: Partition,
    /// When collection of the account started, RFC 3339 in UTC with seconds. For rules, it is `now()`.
    pub collected_at: String,
    /// Whether rolecall had access to the account.
    pub entered: bool,
    /// The scanned regions, sorted.
    #[serde(default)]
    pub regions: BTreeSet<Region>,
    /// The patterns that limited the enabled regions to those that were scanned; empty: no limit, or
    /// the regions were named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub region_filter: Vec<String>,
    /// What was requested.
    pub demand: Demand,
    /// The number of calls by API, `ec2:DescribeVpcs`, without retries. Empty if AWS was not called.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub calls: BTreeMap<String, u64>,
    /// The run that collected it, if several processes collect it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunStamp>,
}

/// A list that was read completely.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Listed {
    /// The kind.
    pub kind: String,
    /// The region; [`Region::global`] for global kinds.
    pub region: Region,
    /// The facts that were requested for each resource.
    #[serde(default)]
    pub facts: BTreeSet<String>,
    /// The number of resources that follow.
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

/// Last line: a file without it is truncated.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct End {
    pub(super) resources: usize,
    pub(super) gaps: usize,
}
