//! An organization of AWS: its units as a tree, the accounts in them, and which of those are meant.
//! Reading it is the business of `aws`; which filter applies and how the accounts are entered, that
//! of the config.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::text;
use crate::model::globs::Globs;
use crate::model::ids::{AccountId, Arn, Partition, UnitId};
use crate::model::suggest::did_you_mean;
use crate::model::target::{ExternalId, Hop};

/// How the organization is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationAccess {
    /// The partition whose endpoint is asked.
    pub partition: Partition,
    /// The role that is assumed for it; `None`: the base credentials read it themselves.
    pub role: Option<OrganizationRole>,
}

/// The role by which the organization is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrganizationRole {
    /// Where it is: the management account or a delegated administrator's; `None`: the account of
    /// the base credentials.
    pub account: Option<AccountId>,
    /// `role/path/name`.
    pub resource: String,
    /// The secret that its trust policy asks for.
    pub external_id: Option<ExternalId>,
}

impl OrganizationAccess {
    /// The IAM actions that it takes, each the name of an API call too, sorted.
    pub const ACTIONS: [&str; 3] = [Self::LIST_ACCOUNTS, Self::LIST_UNITS, Self::LIST_ROOTS];
    /// Lists the accounts directly in a root or unit.
    pub const LIST_ACCOUNTS: &str = "organizations:ListAccountsForParent";
    /// Lists the units directly in a root or unit.
    pub const LIST_UNITS: &str = "organizations:ListOrganizationalUnitsForParent";
    /// Lists the roots; AWS knows one.
    pub const LIST_ROOTS: &str = "organizations:ListRoots";

    /// The ARN of its role, if it has one. `account` stands in for the account of the base
    /// credentials.
    pub fn role_arn(&self, account: &str) -> Option<Arn> {
        self.role.as_ref().map(|role| Arn {
            partition: self.partition.clone(),
            service: "iam".to_owned(),
            region: String::new(),
            account: role.account.as_ref().map_or(account, AccountId::as_str).to_owned(),
            resource: role.resource.clone(),
        })
    }

    /// The AssumeRole that it begins with, if it does.
    pub fn hop(&self, base: &AccountId) -> Option<Hop> {
        let external_id = self.role.as_ref().and_then(|role| role.external_id.clone());
        // An hour is what every role allows, also to a session that is a role's itself.
        self.role_arn(base.as_str()).map(|role_arn| Hop {
            role_arn,
            external_id,
            duration_seconds: 3600,
        })
    }
}

/// A root or an organizational unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Its id.
    pub id: UnitId,
    /// Its name.
    pub name: String,
    /// The unit that it is in; absent for a root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<UnitId>,
}

/// An account of the organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its id.
    pub account: AccountId,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// AWS's word for its state: `ACTIVE`, `SUSPENDED`, `PENDING_CLOSURE`, …
    pub state: String,
    /// The unit that it is in.
    pub unit: UnitId,
}

/// A whole organization. What it is made of fits together: every parent exists, nothing stands
/// there twice, the tree is not too deep.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts")]
pub struct Organization {
    units: Vec<Unit>,
    accounts: Vec<Member>,
    /// Of each unit: the names from the root down, and the unit with all those above it.
    #[serde(skip)]
    places: BTreeMap<UnitId, Place>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Place {
    path: String,
    chain: Vec<UnitId>,
}

#[derive(Deserialize)]
struct Parts {
    units: Vec<Unit>,
    accounts: Vec<Member>,
}

impl TryFrom<Parts> for Organization {
    type Error = InvalidOrganization;
    fn try_from(parts: Parts) -> Result<Self, InvalidOrganization> {
        Self::new(parts.units, parts.accounts)
    }
}

/// Units and accounts that are no organization, in words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidOrganization(String);

impl Organization {
    /// The root and five levels of units are what AWS allows.
    pub const MAX_DEPTH: usize = 6;
    /// Five times what AWS allows by default.
    pub const MAX_UNITS: usize = 10_000;
    /// Ten times what AWS names as the highest quota.
    pub const MAX_ACCOUNTS: usize = 100_000;
    const ACTIVE: &str = "ACTIVE";

    /// Puts the parts together, in any order.
    pub fn new(
        mut units: Vec<Unit>,
        mut accounts: Vec<Member>,
    ) -> Result<Self, InvalidOrganization> {
        let invalid = |reason: String| Err(InvalidOrganization(reason));
        if units.len() > Self::MAX_UNITS || accounts.len() > Self::MAX_ACCOUNTS {
            return invalid(format!(
                "it has more than {} units or {} accounts",
                Self::MAX_UNITS,
                Self::MAX_ACCOUNTS
            ));
        }
        units.sort_by(|a, b| a.id.cmp(&b.id));
        accounts.sort_by(|a, b| a.account.cmp(&b.account));
        if let Some(pair) = units.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return invalid(format!(
                "unit {} stands in two places; if it was moved just now, try again",
                pair[0].id
            ));
        }
        if let Some(pair) = accounts.windows(2).find(|pair| pair[0].account == pair[1].account) {
            return invalid(format!(
                "account {} is in two units; if it was moved just now, try again",
                pair[0].account
            ));
        }
        if units.iter().all(|unit| unit.parent.is_some()) {
            return invalid("it has no root".to_owned());
        }
        let by_id: BTreeMap<&UnitId, &Unit> = units.iter().map(|unit| (&unit.id, unit)).collect();
        let mut places = BTreeMap::new();
        for unit in &units {
            let (mut names, mut chain) = (vec![unit.name.as_str()], vec![unit.id.clone()]);
            let mut above = unit.parent.as_ref();
            while let Some(id) = above {
                let Some(parent) = by_id.get(id) else {
                    return invalid(format!("unit {} is in {id}, which is not there", unit.id));
                };
                if chain.len() == Self::MAX_DEPTH {
                    return invalid(format!(
                        "unit {} is more than {} levels below a root",
                        unit.id,
                        Self::MAX_DEPTH - 1
                    ));
                }
                names.push(&parent.name);
                chain.push(parent.id.clone());
                above = parent.parent.as_ref();
            }
            names.reverse();
            places.insert(unit.id.clone(), Place { path: names.join("/"), chain });
        }
        if let Some(lost) = accounts.iter().find(|member| !places.contains_key(&member.unit)) {
            return invalid(format!(
                "account {} is in {}, which is not there",
                lost.account, lost.unit
            ));
        }
        Ok(Self { units, accounts, places })
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

    /// The roots and units, sorted by id.
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// The names of a unit and of those above it: `Root/Workloads/Prod`.
    pub fn path(&self, unit: &UnitId) -> Option<&str> {
        self.places.get(unit).map(|place| place.path.as_str())
    }

    /// The accounts that a filter leaves, and all others with the reason, both sorted by id; or
    /// every pattern that means nothing here, which is most often a typo.
    pub fn select(
        &self,
        filter: &OrganizationFilter,
    ) -> Result<(Vec<Discovered>, Vec<SkippedAccount>), Vec<Unmatched>> {
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
            let Some(place) = self.places.get(&member.unit) else { continue };
            let within =
                |units: &BTreeSet<&UnitId>| place.chain.iter().find(|unit| units.contains(unit));
            let named =
                |patterns: &'_ [Globs]| patterns.iter().position(|globs| member.matches(globs));
            let shown = |globs: Option<&Globs>| {
                globs
                    .and_then(|globs| globs.patterns().first())
                    .map_or("", String::as_str)
                    .to_owned()
            };
            let reason = if member.state != Self::ACTIVE {
                Some(format!("its state is {}", text::one_line(&member.state, 40)))
            } else if let Some(unit) = within(&exclude_units) {
                Some(format!("unit {} is in exclude_units", self.path(unit).unwrap_or_default()))
            } else if let Some(index) = named(&filter.exclude_accounts) {
                Some(format!(
                    "`{}` is in exclude_accounts",
                    shown(filter.exclude_accounts.get(index))
                ))
            } else if !include_units.is_empty() && within(&include_units).is_none() {
                Some(format!("unit {} is not in include_units", place.path))
            } else if !filter.include_accounts.is_empty()
                && named(&filter.include_accounts).is_none()
            {
                Some("it is not in include_accounts".to_owned())
            } else {
                None
            };
            let (account, name) = (member.account.clone(), member.name.clone());
            match reason {
                Some(reason) => skipped.push(SkippedAccount { account, name, reason }),
                None => discovered.push(Discovered { account, name, unit: place.path.clone() }),
            }
        }
        Ok((discovered, skipped))
    }

    fn find_units(
        &self,
        list: &'static str,
        patterns: &[UnitPattern],
        unmatched: &mut Vec<Unmatched>,
    ) -> BTreeSet<&UnitId> {
        let mut found = BTreeSet::new();
        for (index, pattern) in patterns.iter().enumerate() {
            let hits: Vec<&UnitId> = match pattern {
                UnitPattern::Id(id) => {
                    self.places.get_key_value(id).map(|(id, _)| id).into_iter().collect()
                }
                UnitPattern::Path(path) => self
                    .places
                    .iter()
                    .filter(|(_, place)| place.path == *path)
                    .map(|(id, _)| id)
                    .collect(),
            };
            let problem = match hits.as_slice() {
                [one] => {
                    found.insert(*one);
                    continue;
                }
                [] => {
                    let names = self.places.iter().map(|(id, place)| match pattern {
                        UnitPattern::Id(_) => id.as_str(),
                        UnitPattern::Path(_) => place.path.as_str(),
                    });
                    let help = did_you_mean(&pattern.to_string(), names.clone())
                        .map(|meant| format!("did you mean `{meant}`?"));
                    let some: Vec<&str> = names.take(5).collect();
                    let more = if self.places.len() > some.len() { ", …" } else { "" };
                    let help = help.unwrap_or_else(|| {
                        format!("the organization has {}{more}", some.join(", "))
                    });
                    (format!("no unit is `{pattern}`"), help)
                }
                // Names may hold slashes, so two ways down can read alike.
                several => {
                    let ids: Vec<&str> = several.iter().map(|id| id.as_str()).collect();
                    (
                        format!("{} units are `{pattern}`", ids.len()),
                        format!("name one by its id: {}", ids.join(", ")),
                    )
                }
            };
            unmatched.push(Unmatched { list, index, message: problem.0, help: Some(problem.1) });
        }
        found
    }

    fn check_accounts(
        &self,
        list: &'static str,
        patterns: &[Globs],
        unmatched: &mut Vec<Unmatched>,
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
            unmatched.push(Unmatched { list, index, message, help });
        }
    }
}

impl Member {
    fn matches(&self, globs: &Globs) -> bool {
        globs.matches(self.account.as_str())
            || self.name.as_deref().is_some_and(|name| globs.matches(name))
    }
}

/// Which accounts of an organization are meant. An exclusion wins; units stand for all units below
/// them; lists that are empty leave nothing out.
#[derive(Debug, Clone, Default)]
pub struct OrganizationFilter {
    /// Accounts in these units only.
    pub include_units: Vec<UnitPattern>,
    /// No account in these.
    pub exclude_units: Vec<UnitPattern>,
    /// Of those, accounts whose id or name matches one of these only. One pattern each.
    pub include_accounts: Vec<Globs>,
    /// None whose id or name matches one of these. One pattern each.
    pub exclude_accounts: Vec<Globs>,
}

/// A unit as people name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnitPattern {
    /// By its id.
    Id(UnitId),
    /// By its name and those above it: `Root/Workloads/Prod`.
    Path(String),
}

impl fmt::Display for UnitPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Id(id) => id.fmt(f),
            Self::Path(path) => f.write_str(&text::one_line(path, 200)),
        }
    }
}

/// An account of the organization that is to be scanned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovered {
    /// Its id.
    pub account: AccountId,
    /// Its name.
    pub name: Option<String>,
    /// The path of its unit: `Root/Workloads/Prod`.
    pub unit: String,
}

impl Discovered {
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
    /// Why, in words.
    pub reason: String,
}

impl fmt::Display for SkippedAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.account)?;
        if let Some(name) = &self.name {
            write!(f, " ({})", text::one_line(name, 60))?;
        }
        write!(f, " is left out: {}", text::one_line(&self.reason, 200))
    }
}

/// A pattern of a filter that means no unit or account, or more than one unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmatched {
    /// The field of [`OrganizationFilter`].
    pub list: &'static str,
    /// Its place in that list.
    pub index: usize,
    /// What is wrong with it.
    pub message: String,
    /// What may have been meant.
    pub help: Option<String>,
}
