//! What you trust: your organization, accounts, principals and networks. Rules about cross-account access use it.

use std::collections::BTreeSet;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use crate::model::ids::{AccountId, OrganizationId};

/// What is trusted in addition to the evaluated account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Trust {
    /// The organization of the accounts.
    pub organization_id: Option<OrganizationId>,
    /// Trusted accounts.
    pub accounts: BTreeSet<AccountId>,
    /// Service principals that can be allowed without a condition on the source account or
    /// organization.
    pub services: BTreeSet<String>,
    /// Ids of trusted canonical users.
    pub canonical_users: BTreeSet<String>,
    /// Ids of trusted CloudFront origin access identities.
    pub origin_access_identities: BTreeSet<String>,
    /// Unique ids of trusted users and roles, for conditions on `aws:userid`.
    pub principal_ids: BTreeSet<String>,
    /// Ids of trusted VPCs.
    pub vpcs: BTreeSet<String>,
    /// Ids of trusted VPC endpoints.
    pub vpc_endpoints: BTreeSet<String>,
    /// Trusted address ranges.
    pub networks: Vec<IpNet>,
}

impl Trust {
    /// Whether a range is within one of the trusted networks.
    pub fn covers(&self, range: &IpNet) -> bool {
        self.networks.iter().any(|network| network.contains(range))
    }
}
