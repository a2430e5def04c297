//! An organization (AWS Organizations): its tree of organizational units (OUs), their accounts, and the
//! selection of accounts. The `aws` module reads it; the config defines the filter and how accounts
//! are accessed.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::phrases::series;
use super::text;
use crate::model::globs::Globs;
use crate::model::ids::{AccountId, Arn, OuId, Partition};
use crate::model::suggest::did_you_mean;
use crate::model::target::{ExternalId, Hop};

/// How the organization is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationAccess {
    /// The partition of the endpoint.
    pub partition: Partition,
    /// The role to assume; `None`: the base credentials are used.
    pub role: Option<OrganizationRole>,
}

/// The role that is assumed to read the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationRole {
    /// Its account: the management account or that of a delegated administrator; `None`: the account
    /// of the base credentials.
    pub account: Option<AccountId>,
    /// `role/path/name`.
    pub resource: String,
    /// The external id that its trust policy requires.
    pub external_id: Option<ExternalId>,
}

impl OrganizationAccess {
    /// The required IAM actions, which are also the names of API calls, sorted.
    pub const ACTIONS: [&str; 3] = [Self::LIST_ACCOUNTS, Self::LIST_UNITS, Self::LIST_ROOTS];
    /// Lists the accounts that are directly in a root or OU.
    pub const LIST_ACCOUNTS: &str = "organizations:ListAccountsForParent";
    /// Lists the OUs that are directly in a root or OU.
    pub const LIST_UNITS: &str = "organizations:ListOrganizationalUnitsForParent";
    /// Lists the roots; an organization has one.
    pub const LIST_ROOTS: &str = "organizations:ListRoots";

    /// The ARN of its role, if it has one. `account` is used as the account of the base credentials.
    pub fn role_arn(&self, account: &str) -> Option<Arn> {
        self.role.as_ref().map(|role| Arn {
            partition: self.partition.clone(),
            service: "iam".to_owned(),
            region: String::new(),
            account: role.account.as_ref().map_or(account, AccountId::as_str).to_owned(),
            resource: role.resource.clone(),
        })
    }

    /// The AssumeRole call that comes first, if a role is configured.
    pub fn hop(&self, base: &AccountId) -> Option<Hop> {
        let external_id = self.role.as_ref().and_then(|role| role.external_id.clone());
        // Every role allows one hour, even with role chaining.
        self.role_arn(base.as_str()).map(|role_arn| Hop {
            role_arn,
            external_id,
            duration_seconds: 3600,
            source_identity: None,
        })
    }
}

/// A root or an organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrganizationalUnit {
    /// Its id.
    pub id: OuId,
    /// Its name.
    pub name: String,
    /// The parent OU or root; absent for a root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<OuId>,
}

/// An account of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its id.
    pub account: AccountId,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its state: `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, …
    pub state: String,
    /// The OU or root that it is in.
    pub unit: OuId,
}

/// A whole organization. It is consistent: every parent exists, there are no duplicates, and the tree
/// is not too deep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Organization {
    units: Vec<OrganizationalUnit>,
    accounts: Vec<Member>,
    /// For each OU: its path of names from the root, and its id with those of its ancestors.
    #[serde(skip)]
    paths: BTreeMap<OuId, OuPath>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct OuPath {
    path: String,
    chain: Vec<OuId>,
}

#[derive(Deserialize)]
struct Parts {
    units: Vec<OrganizationalUnit>,
    accounts: Vec<Member>,
}

impl TryFrom<Parts> for Organization {
    type Error = InvalidOrganization;
    fn try_from(parts: Parts) -> Result<Self, InvalidOrganization> {
        Self::new(parts.units, parts.accounts)
    }
}

/// An inconsistent organization, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidOrganization(String);

impl Organization {
    /// AWS allows the root and five levels of OUs.
    pub const MAX_DEPTH: usize = 6;
    /// Five times the default quota.
    pub const MAX_UNITS: usize = 10_000;
    /// Ten times the maximum quota that AWS documents.
    pub const MAX_ACCOUNTS: usize = 100_000;
    const ACTIVE: &str = "ACTIVE";

    /// Builds an organization from OUs and accounts in any order.
    pub fn new(
        mut units: Vec<OrganizationalUnit>,
        mut accounts: Vec<Member>,
    ) -> Result<Self, InvalidOrganization> {
        let invalid = |reason: String| Err(InvalidOrganization(reason));
        if units.len() > Self::MAX_UNITS || accounts.len() > Self::MAX_ACCOUNTS {
            return invalid(format!(
                "the organization has more than {} OUs or {} accounts",
                Self::MAX_UNITS,
                Self::MAX_ACCOUNTS
            ));
        }
        units.sort_by(|a, b| a.id.cmp(&b.id));
        accounts.sort_by(|a, b| a.account.cmp(&b.account));
        if let Some(pair) = units.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return invalid(format!(
                "duplicate OU {}; if it is being moved, try again",
                pair[0].id
            ));
        }
        if let Some(pair) = accounts.windows(2).find(|pair| pair[0].account == pair[1].account) {
            return invalid(format!(
                "account {} is in two OUs; if it is being moved, try again",
                pair[0].account
            ));
        }
        if units.iter().all(|ou| ou.parent.is_some()) {
            return invalid("the organization has no root".to_owned());
        }
        let by_id: BTreeMap<&OuId, &OrganizationalUnit> =
            units.iter().map(|ou| (&ou.id, ou)).collect();
        let mut paths = BTreeMap::new();
        for ou in &units {
            let (mut names, mut chain) = (vec![ou.name.as_str()], vec![ou.id.clone()]);
            let mut ancestor = ou.parent.as_ref();
            while let Some(id) = ancestor {
                let Some(parent) = by_id.get(id) else {
                    return invalid(format!("OU {} is in {id}, which does not exist", ou.id));
                };
                if chain.len() == Self::MAX_DEPTH {
                    return invalid(format!(
                        "OU {} is more than {} levels below a root",
                        ou.id,
                        Self::MAX_DEPTH - 1
                    ));
                }
                names.push(&parent.name);
                chain.push(parent.id.clone());
                ancestor = parent.parent.as_ref();
            }
            names.reverse();
            paths.insert(ou.id.clone(), OuPath { path: names.join("/"), chain });
        }
        if let Some(orphan) = accounts.iter().find(|member| !paths.contains_key(&member.unit)) {
            return invalid(format!(
                "account {} is in {}, which does not exist",
                orphan.account, orphan.unit
            ));
        }
        Ok(Self { units, accounts, paths })
    }

    /// The accounts, sorted by id.
    pub fn accounts(&self) -> &[Member] {
        &self.accounts
    }

    /// One of the accounts.
    pub fn member(&self, account: &AccountId) -> Option<&Member> {
        let at = self.accounts.binary_search_by(|member| member.account.cmp(account)).ok()?;
        self.accounts.get(at)
    }

    /// The roots and OUs, sorted by id.
    pub fn units(&self) -> &[OrganizationalUnit] {
        &self.units
    }

    /// The names of an OU and its ancestors: `Root/Workloads/Prod`.
    pub fn path(&self, ou: &OuId) -> Option<&str> {
        self.paths.get(ou).map(|ou_path| ou_path.path.as_str())
    }

    /// The accounts that a filter selects, and all others with the reason, both sorted by id; or every
    /// pattern that matches nothing, which is usually a typo.
    pub fn select(
        &self,
        filter: &OrganizationFilter,
    ) -> Result<(Vec<DiscoveredAccount>, Vec<SkippedAccount>), Vec<UnmatchedPattern>> {
        let mut unmatched = Vec::new();
        let include_units = self.find_units("include_units", &filter.include_units, &mut unmatched);
        let exclude_units = self.find_units("exclude_units", &filter.exclude_units, &mut unmatched);
        self.check_accounts("include_accounts", &filter.include_accounts, &mut unmatched);
        self.check_accounts("exclude_accounts", &filter.exclude_accounts, &mut unmatched);
        if !unmatched.is_empty() {
            return Err(unmatched);
        }
        let (mut discovered, mut skipped) = (Vec::new(), Vec::new());
        for member in &self.accounts {
            let Some(ou_path) = self.paths.get(&member.unit) else { continue };
            let within =
                |units: &BTreeSet<&OuId>| ou_path.chain.iter().find(|ou| units.contains(ou));
            let matching =
                |patterns: &'_ [Globs]| patterns.iter().position(|globs| member.matches(globs));
            let shown = |globs: Option<&Globs>| {
                globs
                    .and_then(|globs| globs.patterns().first())
                    .map_or("", String::as_str)
                    .to_owned()
            };
            let reason = if member.state != Self::ACTIVE {
                Some(format!("account state is {}", text::one_line(&member.state, 40)))
            } else if let Some(ou) = within(&exclude_units) {
                Some(format!("OU `{}` is in `exclude_units`", self.path(ou).unwrap_or_default()))
            } else if let Some(index) = matching(&filter.exclude_accounts) {
                Some(format!(
                    "`{}` is in `exclude_accounts`",
                    shown(filter.exclude_accounts.get(index))
                ))
            } else if !include_units.is_empty() && within(&include_units).is_none() {
                Some(format!("OU `{}` is not in `include_units`", ou_path.path))
            } else if !filter.include_accounts.is_empty()
                && matching(&filter.include_accounts).is_none()
            {
                Some("not matched by `include_accounts`".to_owned())
            } else {
                None
            };
            let (account, name) = (member.account.clone(), member.name.clone());
            match reason {
                Some(reason) => skipped.push(SkippedAccount { account, name, reason }),
                None => {
                    discovered.push(DiscoveredAccount { account, name, unit: ou_path.path.clone() })
                }
            }
        }
        Ok((discovered, skipped))
    }

    fn find_units(
        &self,
        list: &'static str,
        patterns: &[OuPattern],
        unmatched: &mut Vec<UnmatchedPattern>,
    ) -> BTreeSet<&OuId> {
        let mut found = BTreeSet::new();
        for (index, pattern) in patterns.iter().enumerate() {
            let hits: Vec<&OuId> = match pattern {
                OuPattern::Id(id) => {
                    self.paths.get_key_value(id).map(|(id, _)| id).into_iter().collect()
                }
                OuPattern::Path(path) => self
                    .paths
                    .iter()
                    .filter(|(_, ou_path)| ou_path.path == *path)
                    .map(|(id, _)| id)
                    .collect(),
            };
            let problem = match hits.as_slice() {
                [one] => {
                    found.insert(*one);
                    continue;
                }
                [] => {
                    let names = self.paths.iter().map(|(id, ou_path)| match pattern {
                        OuPattern::Id(_) => id.as_str(),
                        OuPattern::Path(_) => ou_path.path.as_str(),
                    });
                    let help = did_you_mean(&pattern.to_string(), names.clone())
                        .map(|similar| format!("did you mean `{similar}`?"));
                    let some: Vec<&str> = names.take(5).collect();
                    let some = if self.paths.len() > some.len() {
                        format!("{}, …", some.join(", "))
                    } else {
                        series(some, "and")
                    };
                    let help = help.unwrap_or_else(|| format!("the OUs are {some}"));
                    (format!("unknown OU `{pattern}`"), help)
                }
                // Names can contain slashes, so two paths can be equal.
                several => {
                    let ids: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
                    (
                        format!("`{pattern}` is ambiguous: {} OUs have this path", ids.len()),
                        format!("use the id instead: {}", series(ids, "or")),
                    )
                }
            };
            unmatched.push(UnmatchedPattern {
                list,
                index,
                message: problem.0,
                help: Some(problem.1),
            });
        }
        found
    }

    fn check_accounts(
        &self,
        list: &'static str,
        patterns: &[Globs],
        unmatched: &mut Vec<UnmatchedPattern>,
    ) {
        for (index, globs) in patterns.iter().enumerate() {
            if self.accounts.iter().any(|member| member.matches(globs)) {
                continue;
            }
            let pattern = globs.patterns().first().map_or("", String::as_str);
            let names = self
                .accounts
                .iter()
                .flat_map(|member| [Some(member.account.as_str()), member.name.as_deref()])
                .flatten();
            let help = did_you_mean(pattern, names).map(|meant| format!("did you mean `{meant}`?"));
            let message =
                format!("no account of the organization matches `{}`", text::one_line(pattern, 80));
            unmatched.push(UnmatchedPattern { list, index, message, help });
        }
    }
}

impl Member {
    fn matches(&self, globs: &Globs) -> bool {
        globs.matches(self.account.as_str())
            || self.name.as_deref().is_some_and(|name| globs.matches(name))
    }
}

/// Selects accounts of an organization. Exclusions take precedence; an OU includes all OUs below it;
/// empty lists exclude nothing.
#[derive(Debug, Clone, Default)]
pub struct OrganizationFilter {
    /// Only accounts in these OUs.
    pub include_units: Vec<OuPattern>,
    /// No accounts in these OUs.
    pub exclude_units: Vec<OuPattern>,
    /// Of those, only accounts whose id or name matches one of these. One pattern each.
    pub include_accounts: Vec<Globs>,
    /// No accounts whose id or name matches one of these. One pattern each.
    pub exclude_accounts: Vec<Globs>,
}

/// How an OU is specified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OuPattern {
    /// By its id.
    Id(OuId),
    /// By its path of names: `Root/Workloads/Prod`.
    Path(String),
}

impl fmt::Display for OuPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Path(path) => f.write_str(&text::one_line(path, 200)),
        }
    }
}

/// An account of the organization that is scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiscoveredAccount {
    /// Its id.
    pub account: AccountId,
    /// Its name.
    pub name: Option<String>,
    /// The path of its OU: `Root/Workloads/Prod`.
    pub unit: String,
}

impl DiscoveredAccount {
    /// The label that carries [`Self::unit`].
    pub const LABEL: &str = "organization_unit";
}

/// An account of the organization that is not scanned, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SkippedAccount {
    /// Its id.
    pub account: AccountId,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The reason.
    pub reason: String,
}

impl fmt::Display for SkippedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.account)?;
        if let Some(name) = &self.name {
            write!(f, " ({})", text::one_line(name, 60))?;
        }
        write!(f, " is skipped: {}", text::one_line(&self.reason, 200))
    }
}

/// A pattern of a filter that matches no OU or account, or more than one OU.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnmatchedPattern {
    /// The field of [`OrganizationFilter`].
    pub list: &'static str,
    /// Its index in that list.
    pub index: usize,
    /// What is wrong with it.
    pub message: String,
    /// A suggestion.
    pub help: Option<String>,
}
