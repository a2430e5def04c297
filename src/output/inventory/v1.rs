//! Version 1 of the JSON format of `rolecall inventory --count`. `v1.schema.json` next to this file
//! is generated from these types.
//!
//! Within version 1, fields and enum values may be added; none is removed or changes its meaning.

use schemars::JsonSchema;
use serde::Serialize;

use crate::inventory::{AccountInventory, InventoryGap};
use crate::model::Cause;
use crate::output::json::v1::Version;

/// The number of resources by account, region and kind.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "rolecall inventory, version 1")]
#[allow(dead_code, reason = "written account by account; the schema needs the whole")]
pub struct Inventory {
    /// Format version.
    pub version: Version,
    /// The accounts, sorted by id.
    pub accounts: Vec<Account>,
    /// Number of known resources.
    pub resources: usize,
    /// Whether something could not be read and is not an accepted gap: exit code 3.
    pub incomplete: bool,
}

/// An account.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Account {
    /// Account id.
    pub id: String,
    /// Account name.
    pub name: Option<String>,
    /// `collected`, `not_accessible` or `not_collected`.
    pub status: &'static str,
    /// When collection of the account started, in RFC 3339 format.
    pub collected_at: Option<String>,
    /// The scanned regions, sorted.
    pub regions: Vec<String>,
    /// Number of known resources.
    pub resources: usize,
    /// Resources by region and kind. Lists that were empty are left out.
    pub counts: Vec<Count>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

/// Resources of a kind in a region.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Count {
    /// Region, or `global`.
    pub region: String,
    /// Kind: `ec2.instance`.
    pub kind: &'static str,
    /// Number of known resources.
    pub resources: usize,
    /// Whether these are all of them.
    pub complete: bool,
}

/// Something that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// Region of the API call, or `global`.
    pub region: String,
    /// Kind; `null` if all kinds are affected.
    pub kind: Option<String>,
    /// Fact or field that could not be read; `null` if the whole list could not be read.
    pub fact: Option<String>,
    /// Number of resources that lack the fact; `null` if the whole list could not be read.
    pub resources: Option<usize>,
    /// API call.
    pub call: String,
    /// Error code.
    pub code: String,
    /// Error message.
    pub message: String,
    /// Type of policy that denied the call, if known.
    pub denied_by: Option<crate::model::DeniedBy>,
    /// Reason for accepting the gap, if it is accepted.
    pub accepted: Option<String>,
}

impl From<&InventoryGap> for Gap {
    fn from(gap: &InventoryGap) -> Self {
        let Cause { call, code, message, denied_by } = gap.cause.clone();
        Self {
            region: gap.region.to_string(),
            kind: gap.kind.clone(),
            fact: gap.fact.clone(),
            resources: gap.resources,
            call,
            code,
            message,
            denied_by,
            accepted: gap.accepted.clone(),
        }
    }
}

impl From<&AccountInventory> for Account {
    fn from(inventory: &AccountInventory) -> Self {
        let counts = inventory.counts.iter().map(|((region, kind), count)| Count {
            region: region.to_string(),
            kind,
            resources: count.resources,
            complete: count.is_complete,
        });
        Self {
            id: inventory.account.id.to_string(),
            name: inventory.account.name.clone(),
            status: inventory.status.as_str(),
            collected_at: inventory.account.collected_at.clone(),
            regions: inventory.regions.iter().map(ToString::to_string).collect(),
            resources: inventory.resources(),
            counts: counts.collect(),
            gaps: inventory.gaps.iter().map(Gap::from).collect(),
        }
    }
}
