//! What could not be read, and why.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::text;
use crate::model::globs::Globs;
use crate::model::ids::{AccountId, Region};

/// The kind of policy that denied a call, as far as AWS's message says.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
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

    /// The policy that denied a call, from AWS's "… with an explicit deny in a service control
    /// policy", "… because no session policy allows the … action".
    pub fn of_message(message: &str) -> Option<Self> {
        const POLICIES: [(&str, DeniedBy); 8] = [
            ("service control policy", DeniedBy::ServiceControlPolicy),
            ("resource control policy", DeniedBy::ResourceControlPolicy),
            ("permissions boundary", DeniedBy::PermissionsBoundary),
            ("session policy", DeniedBy::SessionPolicy),
            ("vpc endpoint policy", DeniedBy::VpcEndpointPolicy),
            ("resource-based policy", DeniedBy::ResourcePolicy),
            ("role trust policy", DeniedBy::ResourcePolicy),
            ("identity-based policy", DeniedBy::IdentityPolicy),
        ];
        let message = message.to_ascii_lowercase();
        let begins = ["explicit deny in a ", "explicit deny in an ", "because no "];
        begins.iter().filter_map(|begin| message.split_once(begin)).find_map(|(_, rest)| {
            POLICIES.iter().find_map(|(name, by)| rest.starts_with(name).then_some(*by))
        })
    }
}

impl fmt::Display for DeniedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why one thing could not be read. It carries no request id and no time, so that the same failure
/// reads the same in every run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cause {
    /// The API call, `s3:GetBucketPolicy`.
    pub call: String,
    /// AWS's error code, or one of ours in brackets-free CamelCase where no answer came: `Timeout`,
    /// `ConnectionFailed`, `NotCollected`, `WrongAccount`, `InvalidResponse`.
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
    /// Messages are cut to this many characters.
    pub const MAX_MESSAGE: usize = 500;

    /// A cause with its message in the form that reads the same in every run.
    pub fn new(call: &str, code: &str, message: &str) -> Self {
        Self {
            call: call.to_owned(),
            code: code.to_owned(),
            message: clean(message),
            denied_by: None,
        }
    }

    /// The cause of a call that AWS answered by an error.
    pub fn answered(call: &str, code: &str, message: &str) -> Self {
        Self {
            denied_by: DeniedBy::of_message(message),
            ..Self::new(call, &text::one_line(code, 100), message)
        }
    }

    /// Whether AWS said that it may not be read, and not that something went wrong.
    pub fn is_denial(&self) -> bool {
        const CODES: [&str; 4] =
            ["AccessDenied", "AllAccessDisabled", "Forbidden", "UnauthorizedOperation"];
        self.denied_by.is_some() || CODES.iter().any(|code| self.code.starts_with(code))
    }

    /// The cause of a fact that `call` would have supplied, had it been asked for.
    pub fn not_collected(call: &str) -> Self {
        Self {
            call: call.to_owned(),
            code: Self::NOT_COLLECTED.to_owned(),
            message: "the snapshot was not asked for it; collect again for the rules of today"
                .to_owned(),
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

/// AWS's message without what differs from run to run or says nothing to a person: request and host
/// ids, the name of our own session, the encoded form of an authorization failure.
fn clean(message: &str) -> String {
    let mut text = message.to_owned();
    for label in [
        "encoded authorization failure message:",
        "request id:",
        "requestid:",
        "extended request id:",
        "host id:",
        "hostid:",
    ] {
        // ASCII lower case keeps every byte where it is.
        while let Some(start) = text.to_ascii_lowercase().find(label) {
            let rest = &text[start + label.len()..];
            let value = rest.trim_start();
            let length = value
                .find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ')'))
                .unwrap_or(value.len());
            let end = text.len() - value.len() + length;
            text.replace_range(start..end, "");
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    // arn:aws:sts::111122223333:assumed-role/<role>/<session>
    while let Some(at) = rest.find("assumed-role/") {
        let role = at + "assumed-role/".len();
        let end = |text: &str| {
            text.find(|c: char| !(c.is_ascii_alphanumeric() || "_+=,.@-".contains(c)))
                .unwrap_or(text.len())
        };
        let role_end = role + end(&rest[role..]);
        out.push_str(&rest[..role_end]);
        rest = &rest[role_end..];
        if let Some(session) = rest.strip_prefix('/') {
            rest = &session[end(session)..];
        }
    }
    out.push_str(rest);
    text::one_line(out.replace("()", "").trim(), Cause::MAX_MESSAGE)
}

/// How much is unknown because of a gap.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum Extent {
    /// The account could not be entered: nothing of it is known.
    Account,
    /// The account's regions could not be listed: regional resources outside the regions scanned
    /// are not known.
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

/// Something that could not be read, recorded once for (account, region, call, code, who denied it,
/// extent).
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

/// A gap that the site knows of and accepts: it stays visible, but neither changes the exit code
/// nor counts as incomplete.
#[derive(Debug, Clone)]
pub struct AcceptedGap {
    /// Accounts it covers.
    pub account: Globs,
    /// Regions it covers.
    pub region: Globs,
    /// API calls it covers, `ec2:Describe*`.
    pub call: Globs,
    /// Ids of the resources it covers. What concerns a whole list or account has no id, and is
    /// covered by `*` alone.
    pub resource: Globs,
    /// Why it is accepted; shown in reports.
    pub reason: String,
}

impl AcceptedGap {
    /// Whether a failure of `call` in that place is accepted; `resource` is the id of the resource
    /// that is unknown because of it, if it is one.
    pub fn covers(
        &self,
        account: &AccountId,
        region: &Region,
        call: &str,
        resource: Option<&str>,
    ) -> bool {
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
        let covers =
            |resource: Option<&str>| self.covers(account, &gap.region, &gap.cause.call, resource);
        match &gap.extent {
            Extent::Facts { resources, .. } => resources.iter().all(|id| covers(Some(id))),
            _ => covers(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_denied_it_is_read_from_awss_words() {
        let user = "User: arn:aws:sts::111122223333:assumed-role/audit/x is not authorized to perform: s3:GetBucketPolicy on resource: \
                    \"arn:aws:s3:::b\"";
        let table = [
            (
                "with an explicit deny in a service control policy",
                Some(DeniedBy::ServiceControlPolicy),
            ),
            (
                "because no service control policy allows the s3:GetBucketPolicy action",
                Some(DeniedBy::ServiceControlPolicy),
            ),
            (
                "with an explicit deny in a resource control policy",
                Some(DeniedBy::ResourceControlPolicy),
            ),
            (
                "because no permissions boundary allows the s3:GetBucketPolicy action",
                Some(DeniedBy::PermissionsBoundary),
            ),
            (
                "with an explicit deny in a permissions boundary",
                Some(DeniedBy::PermissionsBoundary),
            ),
            (
                "because no session policy allows the s3:GetBucketPolicy action",
                Some(DeniedBy::SessionPolicy),
            ),
            ("with an explicit deny in a resource-based policy", Some(DeniedBy::ResourcePolicy)),
            (
                "because no role trust policy allows the sts:AssumeRole action",
                Some(DeniedBy::ResourcePolicy),
            ),
            ("with an explicit deny in a VPC endpoint policy", Some(DeniedBy::VpcEndpointPolicy)),
            (
                "because no VPC endpoint policy allows the s3:GetBucketPolicy action",
                Some(DeniedBy::VpcEndpointPolicy),
            ),
            (
                "because no identity-based policy allows the s3:GetBucketPolicy action",
                Some(DeniedBy::IdentityPolicy),
            ),
            ("with an explicit deny in an identity-based policy", Some(DeniedBy::IdentityPolicy)),
            ("", None),
            ("a session policy is mentioned, but denied nothing", None),
        ];
        for (end, expected) in table {
            assert_eq!(DeniedBy::of_message(&format!("{user} {end}")), expected, "{end}");
        }
    }

    #[test]
    fn messages_read_the_same_in_every_run() {
        let table = [
            (
                "User: arn:aws:sts::111122223333:assumed-role/audit/rolecall-7f3a is not authorized to perform: s3:GetBucketAcl",
                "User: arn:aws:sts::111122223333:assumed-role/audit is not authorized to perform: s3:GetBucketAcl",
            ),
            (
                "You are not authorized to perform this operation. Encoded authorization failure message: Abc-_9 ",
                "You are not authorized to perform this operation.",
            ),
            (
                "Slow down (Request ID: ABC123; Host ID: x/y=) please, RequestId: 7",
                "Slow down (; ) please,",
            ),
            ("two\nlines\u{1b}[31m", "two lines\u{fffd}[31m"),
        ];
        for (raw, expected) in table {
            assert_eq!(clean(raw), expected);
        }
        assert_eq!(clean(&"x".repeat(10_000)).chars().count(), Cause::MAX_MESSAGE);
    }
}
