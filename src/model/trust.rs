//! Whom a site trusts: its own organization, accounts, networks. Rules on cross-account access ask
//! it.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::model::ids::{AccountId, OrganizationId};

/// What counts as the site's own, beside the account that is evaluated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trust {
    /// The organization that the accounts are in.
    pub organization_id: Option<OrganizationId>,
    /// Accounts.
    pub accounts: BTreeSet<AccountId>,
    /// Service principals that may be allowed without a condition on who makes the service act.
    pub services: BTreeSet<String>,
    /// Ids of VPCs.
    pub vpcs: BTreeSet<String>,
    /// Ids of VPC endpoints.
    pub vpc_endpoints: BTreeSet<String>,
    /// Ranges of addresses.
    pub networks: Vec<IpNet>,
}

impl Trust {
    /// Whether a range lies within one of the trusted networks.
    pub fn covers(&self, range: &IpNet) -> bool {
        self.networks.iter().any(|network| network.contains(range))
    }
}
