//! Version 1 of the JSON format of `rolecall who-can`. `v1.schema.json` next to this file is generated
//! from these types.
//!
//! Within version 1, fields and enum values may be added; none is removed or changes its meaning.

use schemars::JsonSchema;
use serde::Serialize;

use crate::access::{self, BucketAccess, Source, Who as AccessWho};
use crate::model::{Cause, DeniedBy};
use crate::output::json::v1::Version;
use crate::who_can::{AccountBuckets, BucketGap, BucketResult};

/// Who can do what with buckets.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "rolecall who-can, version 1")]
#[allow(dead_code, reason = "written account by account; the schema needs the whole")]
pub struct WhoCan {
    /// Format version.
    pub version: Version,
    /// The accounts, sorted by id.
    pub accounts: Vec<Account>,
    /// What can grant or restrict access, and is never read.
    pub not_evaluated: Vec<NotEvaluated>,
    /// Whether something that matters could not be read: exit code 3.
    pub incomplete: bool,
}

/// Something that can grant or restrict access, and is never read.
#[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotEvaluated {
    /// ACLs of single objects.
    ObjectAcls,
    /// IAM policies of users and roles, service control policies and resource control policies.
    IdentityPolicies,
    /// Policies of access points that belong to other accounts.
    AccessPointsOfOtherAccounts,
}

impl NotEvaluated {
    /// All.
    pub const ALL: [Self; 3] =
        [Self::ObjectAcls, Self::IdentityPolicies, Self::AccessPointsOfOtherAccounts];
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
    /// The buckets, sorted by name.
    pub buckets: Vec<Bucket>,
    /// Lists that could not be read, so that there may be more buckets.
    pub gaps: Vec<Gap>,
}

/// A bucket.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Bucket {
    /// Name.
    pub name: String,
    /// Region.
    pub region: String,
    /// Whether everyone, any AWS account or all users of a public identity provider have access:
    /// `yes`, `no` or `unknown`.
    pub public: &'static str,
    /// Everyone, and each other principal that has access.
    pub rows: Vec<Row>,
    /// Grants that are blocked and have no effect.
    pub blocked: Vec<Blocked>,
    /// Sources that could not be read, and may grant more.
    pub unread: Vec<Unread>,
    /// Whether ACLs of single objects can grant access. They are never read.
    pub object_acls_enabled: bool,
}

/// Somebody who has access.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Row {
    /// Who.
    pub who: Who,
    /// One for each source.
    pub cells: Vec<Cell>,
}

/// A principal, or a group of principals.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Who {
    /// `everyone`, `any_aws_account`, `federated`, `organization`, `account`, `principal`,
    /// `canonical_user`, `network`, `access_points` (anyone who has access through access points of that
    /// account), `service`, `origin_access_identity` or `other`.
    pub kind: &'static str,
    /// Id or name; empty for `everyone` and `any_aws_account`.
    pub name: String,
    /// Account id, if it is an account or belongs to one.
    pub account: Option<String>,
    /// Whether anyone can become it.
    pub public: bool,
}

/// What a source grants to somebody.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Cell {
    /// `bucket_policy`, `acl`, `access_point` or `multi_region_access_point`.
    pub through: &'static str,
    /// `granted`, `none`, or `unknown` if it is not known whether there is a grant.
    pub state: &'static str,
    /// The grants. If the state is `unknown`, they may be in effect.
    pub grants: Vec<Grant>,
    /// Why the source may grant more.
    pub cause: Option<Unknown>,
}

/// What somebody can do.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Grant {
    /// `list`, `read`, `write` and `delete` (objects), `read_permissions`, `change_permissions`,
    /// `read_settings` or `change_settings`.
    pub ability: &'static str,
    /// IAM actions, sorted.
    pub actions: Vec<String>,
    /// Patterns of object keys; empty for all objects.
    pub objects: Vec<String>,
    /// Conditions that requests must meet, in words.
    pub conditions: Vec<String>,
    /// Who and what is excluded, in words.
    pub exceptions: Vec<String>,
    /// The statements and ACL grants that together allow it.
    pub granted_by: Vec<Step>,
    /// Why it is not known whether the grant is in effect.
    pub unknown: Option<Unknown>,
}

/// A policy statement or an ACL grant.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Step {
    /// `bucket_policy`, `acl`, `access_point` or `multi_region_access_point`.
    pub source: &'static str,
    /// Name of the access point, or permission of the ACL.
    pub name: Option<String>,
    /// 1-based position of the statement.
    pub statement: Option<usize>,
    /// `Sid` of the statement.
    pub sid: Option<String>,
}

/// A grant that is blocked.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Blocked {
    /// To whom.
    pub who: Who,
    /// The source of the grant.
    pub through: &'static str,
    /// What blocks it, in words.
    pub by: String,
    /// The grant.
    pub grant: Grant,
}

/// A source that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unread {
    /// `bucket_policy`, `acl`, `access_point` or `multi_region_access_point`.
    pub source: &'static str,
    /// Whether it may grant access to everyone.
    pub may_be_public: bool,
    /// Why.
    pub cause: Unknown,
}

/// Something that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Unknown {
    /// API call.
    pub call: String,
    /// Error code.
    pub code: String,
    /// Error message.
    pub message: String,
    /// Type of policy that denied the call, if known.
    pub denied_by: Option<DeniedBy>,
}

/// A list that could not be read.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// Region, or `global` for the whole account.
    pub region: String,
    /// Why it could not be read.
    pub cause: Unknown,
}

impl From<&Cause> for Unknown {
    fn from(cause: &Cause) -> Self {
        let Cause { call, code, message, denied_by } = cause.clone();
        Self { call, code, message, denied_by }
    }
}

impl From<&AccessWho> for Who {
    fn from(who: &AccessWho) -> Self {
        Self {
            kind: who.kind.as_str(),
            name: who.name.clone(),
            account: who.account.clone(),
            public: who.is_public,
        }
    }
}

impl From<&access::Grant> for Grant {
    fn from(grant: &access::Grant) -> Self {
        let step = |step: &access::Step| Step {
            source: step.source.as_str(),
            name: step.name.clone(),
            statement: step.statement,
            sid: step.sid.clone(),
        };
        Self {
            ability: grant.ability.as_str(),
            actions: grant.actions.iter().cloned().collect(),
            objects: grant.objects.clone(),
            conditions: grant.conditions.clone(),
            exceptions: grant.exceptions.clone(),
            granted_by: grant.steps.iter().map(step).collect(),
            unknown: grant.unknown.as_ref().map(Unknown::from),
        }
    }
}

fn cell(access: &BucketAccess, who: &AccessWho, source: Source) -> Cell {
    let grants: Vec<&access::Grant> = access.grants_of(who, source).collect();
    let cause = access.unread_of(source, who);
    let state = if grants.iter().any(|grant| grant.unknown.is_none()) {
        "granted"
    } else if cause.is_some() || !grants.is_empty() {
        "unknown"
    } else {
        "none"
    };
    Cell {
        through: source.as_str(),
        state,
        grants: grants.into_iter().map(Grant::from).collect(),
        cause: cause.map(Unknown::from),
    }
}

impl From<&BucketResult> for Bucket {
    fn from(bucket: &BucketResult) -> Self {
        let access = &bucket.access;
        let row = |who: &AccessWho| Row {
            who: Who::from(who),
            cells: Source::ALL.iter().map(|source| cell(access, who, *source)).collect(),
        };
        let blocked = |one: &access::BlockedGrant| Blocked {
            who: Who::from(&one.grant.who),
            through: one.grant.source.as_str(),
            by: one.by.clone(),
            grant: Grant::from(&one.grant),
        };
        let unread = |one: &access::Unread| Unread {
            source: one.source.as_str(),
            may_be_public: one.may_be_public,
            cause: Unknown::from(&one.cause),
        };
        Self {
            name: bucket.name.clone(),
            region: bucket.region.to_string(),
            public: access.public.as_str(),
            rows: access.rows().iter().map(row).collect(),
            blocked: access.blocked.iter().map(blocked).collect(),
            unread: access.unread.iter().map(unread).collect(),
            object_acls_enabled: access.has_object_acls,
        }
    }
}

impl From<&AccountBuckets> for Account {
    fn from(account: &AccountBuckets) -> Self {
        let gap = |gap: &BucketGap| Gap {
            region: gap.region.to_string(),
            cause: Unknown::from(&gap.cause),
        };
        Self {
            id: account.id.to_string(),
            name: account.name.clone(),
            status: account.status.as_str(),
            collected_at: account.collected_at.clone(),
            buckets: account.buckets.iter().map(Bucket::from).collect(),
            gaps: account.gaps.iter().map(gap).collect(),
        }
    }
}
