//! Who has access: what the principal of a statement is, and whom conditions leave of it.

use std::fmt;

use super::conditions::{ACCESS_POINT_KEYS, KeyState, Keys, is_met, whole};
use crate::model::series;
use crate::policy::{
    ANONYMOUS, ANONYMOUS_KEYS, Condition, KMS_KEY, RESOURCE_ACCOUNT, RESOURCE_ORGANIZATION,
    account_of, is_account_id, is_everybody, is_limit, keeps_everyone_out, key_name,
    origin_access_identity, public_provider, unique_id, without_variables,
};

/// What somebody who has access is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WhoKind {
    /// Anyone, also without signing in.
    Everyone,
    /// Anyone with an AWS account.
    AnyAwsAccount,
    /// The users of an identity provider.
    Federated,
    /// An organization, or a part of one.
    Organization,
    /// Every principal of an account to which the account gives the permission.
    Account,
    /// A user or role.
    Principal,
    /// A canonical user, whose account is not known.
    CanonicalUser,
    /// Anyone in a network: addresses, VPCs or VPC endpoints.
    Network,
    /// Anyone who has access through the access points of another account.
    AccessPoints,
    /// An AWS service, on behalf of somebody.
    Service,
    /// A CloudFront origin access identity.
    OriginAccessIdentity,
    /// Something else.
    Other,
}

impl WhoKind {
    /// Its name in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Everyone => "everyone",
            Self::AnyAwsAccount => "any_aws_account",
            Self::Federated => "federated",
            Self::Organization => "organization",
            Self::Account => "account",
            Self::Principal => "principal",
            Self::CanonicalUser => "canonical_user",
            Self::Network => "network",
            Self::AccessPoints => "access_points",
            Self::Service => "service",
            Self::OriginAccessIdentity => "origin_access_identity",
            Self::Other => "other",
        }
    }
}

/// Between the name of a service and whom it acts for.
pub(super) const FOR: &str = " for ";

pub(super) const ANY_SERVICE: &str = "any AWS service";

/// What the name of a principal starts with that a condition on `aws:userid` leaves.
pub(super) const USER_ID: &str = "user id ";

/// Who remains under conditions.
pub(super) struct Remaining {
    pub(super) who: Who,
    /// The conditions that are still to be named.
    pub(super) conditions: Vec<Condition>,
    /// Those that the name of `who` expresses.
    pub(super) given: Vec<Condition>,
}

/// Somebody who has access.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Who {
    /// What it is.
    pub kind: WhoKind,
    /// Its id or name; empty for everyone and any AWS account.
    pub name: String,
    /// Its account, if it is one or belongs to one.
    pub account: Option<String>,
    /// Whether anyone can become it: everyone, any AWS account, and users of a public identity
    /// provider.
    pub is_public: bool,
}

impl Who {
    pub(super) fn new(kind: WhoKind, name: &str) -> Self {
        let is_public = matches!(kind, WhoKind::Everyone | WhoKind::AnyAwsAccount);
        let account = (kind == WhoKind::Account).then(|| name.to_owned());
        Self { kind, name: name.to_owned(), account, is_public }
    }

    /// Everyone.
    pub fn everyone() -> Self {
        Self::new(WhoKind::Everyone, "")
    }

    pub(super) fn principal(arn: &str, account: Option<&str>) -> Self {
        let account = account.map(str::to_owned);
        Self { account, ..Self::new(WhoKind::Principal, arn) }
    }

    /// The root user of an account.
    pub(super) fn root_user(partition: &str, account: &str) -> Self {
        Self::principal(&format!("arn:{partition}:iam::{account}:root"), Some(account))
    }

    /// Whether it is a service that nothing limits to what it does for some accounts. S3 delivers access
    /// logs only within an account.
    pub fn acts_for_anyone(&self) -> bool {
        let is_named = self.name.contains('.') || self.name == ANY_SERVICE;
        self.kind == WhoKind::Service && is_named && !self.name.contains(FOR)
    }

    /// Whether it is the account, or belongs to it.
    pub fn is_of(&self, account: &str) -> bool {
        self.account.as_deref() == Some(account)
    }

    /// The principal of an Allow statement.
    pub(super) fn of_principal(principal: &str) -> Self {
        if is_everybody(principal) {
            return Self::everyone();
        }
        let (kind, name) = principal.split_once(':').unwrap_or(("", principal));
        let account = account_of(principal);
        if let Some(provider) = public_provider(principal) {
            return Self { is_public: true, ..Self::new(WhoKind::Federated, provider) };
        }
        match (kind, account) {
            ("Service", _) => Self::new(WhoKind::Service, name),
            ("CanonicalUser", _) => Self::new(WhoKind::CanonicalUser, name),
            ("Federated", account) => {
                let account = account.map(str::to_owned);
                Self { account, ..Self::new(WhoKind::Federated, name) }
            }
            (_, Some(account)) if name == account || name.ends_with(":root") => {
                Self::new(WhoKind::Account, account)
            }
            (_, Some(account)) => Self::principal(name, Some(account)),
            _ => match origin_access_identity(principal) {
                Some(id) => Self::new(WhoKind::OriginAccessIdentity, id),
                None => Self::new(WhoKind::Other, name),
            },
        }
    }

    /// What remains of it under conditions, which all have to be met: a condition on an organization
    /// leaves the organization of everyone.
    pub(super) fn under(&self, conditions: &[Condition], own_account: &str) -> Vec<Remaining> {
        let unchanged =
            |who: Self| vec![Remaining { who, conditions: conditions.to_vec(), given: Vec::new() }];
        let all = whole(conditions);
        if self.kind == WhoKind::Service && !self.name.contains(FOR) {
            let names_source =
                |condition: &&Condition| is_source(&condition.key) && is_limit(&all, condition);
            let sources: Vec<&Condition> = conditions.iter().filter(names_source).collect();
            if sources.is_empty() {
                return unchanged(self.clone());
            }
            let sources_named: Vec<String> =
                sources.iter().map(|one| any_of(&values(one, own_account))).collect();
            let sources_named = sources_named.join(" and ");
            let who = Self::new(WhoKind::Service, &format!("{}{FOR}{sources_named}", self.name));
            let (given, conditions) =
                conditions.iter().cloned().partition(|one| sources.contains(&one));
            return vec![Remaining { who, conditions, given }];
        }
        if !self.is_public {
            return unchanged(self.clone());
        }
        // Conditions on access points say through what they have access.
        let limits = conditions.iter().filter(|condition| {
            keeps_everyone_out(&all, condition)
                && !ACCESS_POINT_KEYS.contains(&condition.key.as_str())
        });
        let Some(best) = limits.min_by_key(|condition| rank(&condition.key)) else {
            return unchanged(self.signed(conditions, own_account));
        };
        let left: Vec<Condition> = conditions.iter().filter(|one| *one != best).cloned().collect();
        let found = limited(best, own_account);
        let is_each = found.len() == best.values.len();
        let remaining = |(at, who): (usize, Self)| {
            let mut given = best.clone();
            if is_each {
                given.values = best.values.get(at).cloned().into_iter().collect();
            }
            Remaining { who, conditions: left.clone(), given: vec![given] }
        };
        found.into_iter().enumerate().map(remaining).collect()
    }

    /// Any AWS account, if a condition requires a key that only signed requests have, or rejects the
    /// account or the user id of those that are not.
    fn signed(&self, conditions: &[Condition], own_account: &str) -> Self {
        const SIGNED: [&str; 4] =
            ["aws:principalarn", "aws:principalorgid", "aws:principalorgpaths", "aws:username"];
        let all = whole(conditions);
        let requires = |condition: &Condition| {
            let key = condition.key.as_str();
            let test = all.demands(condition).unwrap_or_default();
            let is_key = SIGNED.contains(&key) || key.starts_with("aws:principaltag/");
            let is_positive = !test.is_empty() && !test.contains("not") && test != "null";
            is_key && (is_positive || condition.asks_for(key))
        };
        let anonymous: Keys = ANONYMOUS_KEYS.map(|key| (key, KeyState::is(ANONYMOUS))).into();
        let rejects =
            |condition: &Condition| is_met(condition, &anonymous, own_account) == Some(false);
        if self.kind == WhoKind::Everyone
            && conditions.iter().any(|one| requires(one) || rejects(one))
        {
            return Self::new(WhoKind::AnyAwsAccount, "");
        }
        self.clone()
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = &self.name;
        match self.kind {
            WhoKind::Everyone => f.write_str("everyone"),
            WhoKind::AnyAwsAccount => f.write_str("any AWS account"),
            WhoKind::Organization => write!(f, "organization {name}"),
            WhoKind::Account => write!(f, "account {name}"),
            WhoKind::CanonicalUser => write!(f, "canonical user {name}"),
            WhoKind::Federated => write!(f, "users of {name}"),
            WhoKind::AccessPoints => write!(f, "access points of account {name}"),
            WhoKind::OriginAccessIdentity => {
                write!(f, "CloudFront origin access identity {name}")
            }
            WhoKind::Principal | WhoKind::Network | WhoKind::Service | WhoKind::Other => {
                f.write_str(name)
            }
        }
    }
}

/// Whether a key holds the resource, the account or the organization that a service acts for. Keys
/// of its network, such as `aws:SourceIp`, do not.
fn is_source(key: &str) -> bool {
    matches!(
        key,
        "aws:sourcearn"
            | "aws:sourceaccount"
            | "aws:sourceowner"
            | "aws:sourceorgid"
            | "aws:sourceorgpaths"
    )
}

/// Which of several conditions says best who has access.
fn rank(key: &str) -> u8 {
    match key {
        _ if key.starts_with("aws:principalservicename") => 0,
        "aws:principalisawsservice" => 1,
        "aws:principalarn" | "aws:userid" => 2,
        "aws:principalaccount" => 3,
        "aws:principalorgpaths" => 4,
        "aws:principalorgid" => 5,
        "aws:sourcearn" => 6,
        "aws:sourceaccount" | "aws:sourceowner" | "aws:sourceorgid" | "aws:sourceorgpaths" => 7,
        "aws:sourcevpce" => 8,
        "aws:sourcevpc" | "aws:sourcevpcarn" => 9,
        "aws:sourceip" => 10,
        _ => 11,
    }
}

/// The values, with the account of the bucket for the variable that names it.
fn values(condition: &Condition, own_account: &str) -> Vec<String> {
    let fixed = |value: &String| {
        let value = without_variables(value).replace(RESOURCE_ACCOUNT, own_account);
        value.replace(RESOURCE_ORGANIZATION, "of the bucket")
    };
    condition.values.iter().map(fixed).collect()
}

fn any_of(values: &[String]) -> String {
    series(values, "or")
}

/// Who meets a condition that limits everyone.
fn limited(condition: &Condition, own_account: &str) -> Vec<Who> {
    let key = condition.key.as_str();
    let values = values(condition, own_account);
    let each = |who: &dyn Fn(&str) -> Who| values.iter().map(|value| who(value)).collect();
    let network =
        |noun: &str| vec![Who::new(WhoKind::Network, &format!("{noun} {}", any_of(&values)))];
    match key {
        "aws:principalisawsservice" => vec![Who::new(WhoKind::Service, ANY_SERVICE)],
        _ if key.starts_with("aws:principalservicename") => {
            if condition.asks_for(key) {
                return vec![Who::new(WhoKind::Service, ANY_SERVICE)];
            }
            let is_any = |value: &str| !value.is_empty() && value.chars().all(|one| one == '*');
            each(&|value| {
                Who::new(WhoKind::Service, if is_any(value) { ANY_SERVICE } else { value })
            })
        }
        "aws:principalaccount" => each(&|value| Who::new(WhoKind::Account, value)),
        "aws:principalarn" => each(&|value| {
            let account = value.split(':').nth(4).filter(|account| is_account_id(account));
            Who::principal(value, account)
        }),
        "aws:userid" => each(&|value| match unique_id(value) {
            Some(id) if is_account_id(id) => Who::new(WhoKind::Account, id),
            _ => Who::principal(&format!("{USER_ID}{value}"), None),
        }),
        "aws:principalorgid" | "aws:principalorgpaths" => {
            each(&|value| Who::new(WhoKind::Organization, value))
        }
        "aws:sourcearn" | "aws:sourceaccount" | "aws:sourceowner" | "aws:sourceorgid"
        | "aws:sourceorgpaths" => {
            let name = format!("{ANY_SERVICE}{FOR}{}", any_of(&values));
            vec![Who::new(WhoKind::Service, &name)]
        }
        "aws:sourcevpce" => network("VPC endpoint"),
        "aws:sourcevpc" | "aws:sourcevpcarn" => network("VPC"),
        "aws:vpceaccount" => network("VPC endpoints of account"),
        "aws:vpceorgid" | "aws:vpceorgpaths" => network("VPC endpoints of organization"),
        "aws:sourceip" => network("addresses"),
        KMS_KEY => {
            let name = format!("those who may use KMS key {}", any_of(&values));
            vec![Who::new(WhoKind::Other, &name)]
        }
        _ => match key.rsplit_once(':').filter(|(provider, _)| provider.contains('.')) {
            Some((provider, claim)) => {
                let name = format!("{provider} with {claim} {}", any_of(&values));
                vec![Who::new(WhoKind::Federated, &name)]
            }
            None => {
                let name = format!("{} {}", key_name(key), any_of(&values));
                vec![Who::new(WhoKind::Other, &name)]
            }
        },
    }
}
