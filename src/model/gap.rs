//! What could not be read, and why.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{AccountId, Globs, Region};

/// The kind of policy that denied a call, as far as AWS's message says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum DeniedBy {
    /// A service control policy of the organization.
    ServiceControlPolicy,
    /// A resource control policy of the organization.
    ResourceControlPolicy,
    /// The policy of the resource itself (bucket policy, role trust policy).
    ResourcePolicy,
    /// The permissions boundary of the role.
    PermissionsBoundary,
    /// The session policy that scopes the session down.
    SessionPolicy,
    /// A VPC endpoint policy on the way.
    VpcEndpointPolicy,
    /// The role's own policies do not allow it, or deny it.
    IdentityPolicy,
}

impl DeniedBy {
    /// In words, with its article.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ServiceControlPolicy => "a service control policy",
            Self::ResourceControlPolicy => "a resource control policy",
            Self::ResourcePolicy => "a resource policy",
            Self::PermissionsBoundary => "a permissions boundary",
            Self::SessionPolicy => "a session policy",
            Self::VpcEndpointPolicy => "a VPC endpoint policy",
            Self::IdentityPolicy => "an identity policy",
        }
    }
}

impl fmt::Display for DeniedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why one thing could not be read. It carries no request id and no time, so that the same failure reads the same in every run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cause {
    /// The API call, `s3:GetBucketPolicy`.
    pub call: String,
    /// AWS's error code, or one of ours in brackets-free CamelCase where no answer came: `Timeout`, `ConnectionFailed`, `NotCollected`,
    /// `WrongAccount`, `InvalidResponse`.
    pub code: String,
    /// AWS's message without request ids, or ours. Untrusted text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Who denied it, when the message says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied_by: Option<DeniedBy>,
}

impl Cause {
    /// The code of facts that were never asked for, as when a rule is newer than the snapshot.
    pub const NOT_COLLECTED: &'static str = "NotCollected";

    /// Whether AWS said that it may not be read, and not that something went wrong.
    pub fn is_denial(&self) -> bool {
        const CODES: [&str; 4] = ["AccessDenied", "AllAccessDisabled", "Forbidden", "UnauthorizedOperation"];
        self.denied_by.is_some() || CODES.iter().any(|code| self.code.starts_with(code))
    }

    /// The cause of a fact that `call` would have supplied, had it been asked for.
    pub fn not_collected(call: &str) -> Self {
        Self {
            call: call.to_owned(),
            code: Self::NOT_COLLECTED.to_owned(),
            message: "the snapshot was not asked for it; collect again for the rules of today".to_owned(),
            denied_by: None,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.code == Self::NOT_COLLECTED {
            return write!(f, "not collected ({})", self.call);
        }
        write!(f, "{}: {}", self.call, self.code)?;
        if let Some(by) = self.denied_by {
            write!(f, " (denied by {by})")?;
        }
        Ok(())
    }
}

/// How much is unknown because of a gap.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum Extent {
    /// The account could not be entered: nothing of it is known.
    Account,
    /// The account's regions could not be listed: regional resources outside the regions scanned are not known.
    Regions,
    /// A list failed: no resource of the kind is known in the region.
    List {
        /// The kind whose list failed.
        kind: String,
    },
    /// Facts of single resources are unreadable.
    Facts {
        /// The kind of those resources.
        kind: String,
        /// The fact that is unreadable.
        fact: String,
        /// Ids of the resources.
        resources: BTreeSet<String>,
    },
}

/// Something that could not be read, recorded once for (account, region, call, code, who denied it, extent).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// Where it happened; [`Region::global`] for account-wide calls.
    pub region: Region,
    /// Why.
    #[serde(flatten)]
    pub cause: Cause,
    /// What is unknown because of it.
    pub extent: Extent,
}

/// A gap that the site knows of and accepts: it stays visible, but neither changes the exit code nor counts as incomplete.
#[derive(Debug, Clone)]
pub struct AcceptedGap {
    /// Accounts it covers.
    pub account: Globs,
    /// Regions it covers.
    pub region: Globs,
    /// API calls it covers, `ec2:Describe*`.
    pub call: Globs,
    /// Ids of the resources it covers. What concerns a whole list or account has no id, and is covered by `*` alone.
    pub resource: Globs,
    /// Why it is accepted; shown in reports.
    pub reason: String,
}

impl AcceptedGap {
    /// Whether a failure of `call` in that place is accepted; `resource` is the id of the resource that is unknown because of it, if it is
    /// one.
    pub fn covers(&self, account: &AccountId, region: &Region, call: &str, resource: Option<&str>) -> bool {
        self.account.matches(account.as_str())
            && self.region.matches(region.as_str())
            && self.call.matches(call)
            && match resource {
                Some(id) => self.resource.matches(id),
                None => self.resource.patterns() == ["*"],
            }
    }

    /// Whether a gap as a whole is accepted: each of its resources, where it is about resources.
    pub fn covers_gap(&self, account: &AccountId, gap: &Gap) -> bool {
        let covers = |resource: Option<&str>| self.covers(account, &gap.region, &gap.cause.call, resource);
        match &gap.extent {
            Extent::Facts { resources, .. } => resources.iter().all(|id| covers(Some(id))),
            _ => covers(None),
        }
    }
}
