//! Gaps: what could not be read, and why.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::text;
use crate::model::globs::Globs;
use crate::model::ids::{AccountId, Region};

/// The type of policy that denied a call, according to AWS's message.
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
    /// The session policy that scopes down the session.
    SessionPolicy,
    /// The policy of a VPC endpoint.
    VpcEndpointPolicy,
    /// The role's own policies, which do not allow it or deny it.
    IdentityPolicy,
}

impl DeniedBy {
    /// The name of the policy type, with its article.
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
        let prefixes = ["explicit deny in a ", "explicit deny in an ", "because no "];
        prefixes.iter().filter_map(|prefix| message.split_once(prefix)).find_map(|(_, rest)| {
            POLICIES.iter().find_map(|(name, by)| rest.starts_with(name).then_some(*by))
        })
    }
}

impl fmt::Display for DeniedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Why something could not be read. It has no request id and no time, so that the same failure is the
/// same in every run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cause {
    /// The API call, `s3:GetBucketPolicy`; `rule` if the rule itself could not decide; the name of
    /// the file if a snapshot lacks that of an account.
    pub call: String,
    /// AWS's error code, or a code of rolecall in CamelCase if AWS returned none: `Timeout`,
    /// `ConnectionFailed`, `NotCollected`, `WrongAccount`, `InvalidResponse`, `RuleUndecided`.
    pub code: String,
    /// The message of AWS, without request ids, or of rolecall. Untrusted text.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// Which type of policy denied it, if the message says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied_by: Option<DeniedBy>,
}

impl Cause {
    /// The code of facts that were not requested, for example if a rule is newer than the snapshot.
    pub const NOT_COLLECTED: &'static str = "NotCollected";
    /// The code of a rule's own verdict `unknown`: AWS answered, but did not say what the rule needs.
    pub const RULE_UNDECIDED: &'static str = "RuleUndecided";
    /// The code of an account whose file in the snapshot is truncated.
    pub const TRUNCATED: &'static str = "CutOff";
    /// The code of what was not read because the deadline of the run was reached.
    pub const OUT_OF_TIME: &'static str = "OutOfTime";
    /// The code of what was not read because the time limit of the account was reached.
    pub const ACCOUNT_TIMEOUT: &'static str = "AccountTimeout";
    /// The code of what a planned change makes known only after it is applied.
    pub const NOT_KNOWN_UNTIL_APPLY: &'static str = "NotKnownUntilApply";
    /// The code of a list that can have other resources than those that are known: a planned change adds
    /// some, or only what is planned is known. Those that are known are in it.
    pub const MORE_NOT_KNOWN: &'static str = "MoreNotKnown";
    /// The code of what a planned change leaves to AWS's default.
    pub const LEFT_TO_DEFAULT: &'static str = "LeftToDefault";
    /// The code of what has more items than rolecall evaluates, which is more than AWS allows.
    pub const NOT_EVALUATED: &'static str = "NotEvaluated";
    /// The code of responses that AWS does not send.
    pub const INVALID_RESPONSE: &'static str = "InvalidResponse";
    /// The maximum length of a message in characters.
    pub const MAX_MESSAGE: usize = 500;

    /// Creates a cause, and removes from its message what differs between runs.
    pub fn new(call: &str, code: &str, message: &str) -> Self {
        Self {
            call: call.to_owned(),
            code: code.to_owned(),
            message: clean(message),
            denied_by: None,
        }
    }

    /// The cause for a call to which AWS responded with an error.
    pub fn answered(call: &str, code: &str, message: &str) -> Self {
        Self {
            denied_by: DeniedBy::of_message(message),
            ..Self::new(call, &text::one_line(code, 100), message)
        }
    }

    /// The same for a list that has what is known of it, if the cause is that of a plan.
    pub fn of_others(self) -> Self {
        let code = if self.is_of_plan() { Self::MORE_NOT_KNOWN.to_owned() } else { self.code };
        Self { code, ..self }
    }

    /// The cause for a rule that could not decide.
    pub fn by_rule(reason: &str) -> Self {
        Self {
            call: "rule".to_owned(),
            code: Self::RULE_UNDECIDED.to_owned(),
            message: text::one_line(reason, Self::MAX_MESSAGE),
            denied_by: None,
        }
    }

    /// Whether `[[accepted_gap]]` may accept it: only what could not be read. Collecting again reads
    /// what was never requested, and more time reads what is missing at a deadline.
    pub fn is_acceptable(&self) -> bool {
        ![Self::RULE_UNDECIDED, Self::NOT_COLLECTED, Self::OUT_OF_TIME, Self::ACCOUNT_TIMEOUT]
            .contains(&self.code.as_str())
            && !self.is_of_plan()
    }

    /// Whether it is known, or decided by AWS, only after a planned change is applied.
    pub fn is_of_plan(&self) -> bool {
        [Self::NOT_KNOWN_UNTIL_APPLY, Self::MORE_NOT_KNOWN, Self::LEFT_TO_DEFAULT]
            .contains(&self.code.as_str())
    }

    /// Whether only others of a list are not known: the resources that are known are in it.
    pub fn is_of_others(&self) -> bool {
        self.code == Self::MORE_NOT_KNOWN
    }

    /// The cause for what `call` would have returned if there had been time to make it.
    pub fn out_of_time(call: &str) -> Self {
        Self {
            call: call.to_owned(),
            code: Self::OUT_OF_TIME.to_owned(),
            message: "the deadline of the run was reached; use a later --deadline".to_owned(),
            denied_by: None,
        }
    }

    /// The cause for what `call` would have returned if the account had been given more time.
    pub fn account_timeout(call: &str, limit: Duration) -> Self {
        let limit = text::duration(limit);
        Self {
            call: call.to_owned(),
            code: Self::ACCOUNT_TIMEOUT.to_owned(),
            message: format!(
                "the account took longer than {limit}; raise `account` in [scan.timeouts]"
            ),
            denied_by: None,
        }
    }

    /// Whether AWS denied the call, as opposed to other errors.
    pub fn is_denial(&self) -> bool {
        const CODES: [&str; 4] =
            ["AccessDenied", "AllAccessDisabled", "Forbidden", "UnauthorizedOperation"];
        self.denied_by.is_some() || CODES.iter().any(|code| self.code.starts_with(code))
    }

    /// The cause for a fact that was not requested, and that `call` would have returned.
    pub fn not_collected(call: &str) -> Self {
        Self {
            call: call.to_owned(),
            code: Self::NOT_COLLECTED.to_owned(),
            message: "not in this snapshot; collect again with the current rules".to_owned(),
            denied_by: None,
        }
    }
}

impl Cause {
    /// The cause for a list of what was not read, with the message of rolecall if the code does not say
    /// enough.
    pub fn explained(&self) -> String {
        let Self { call, code, message, .. } = self;
        match code.as_str() {
            _ if message.is_empty() => self.to_string(),
            Self::NOT_COLLECTED | Self::NOT_EVALUATED => format!("{call}: {message}"),
            Self::INVALID_RESPONSE => format!("{call}: {code}: {message}"),
            _ => self.to_string(),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.code == Self::NOT_COLLECTED {
            return write!(f, "not collected ({})", self.call);
        }
        if self.code == Self::RULE_UNDECIDED {
            return f.write_str(&self.message);
        }
        write!(f, "{}: {}", self.call, self.code)?;
        if let Some(by) = self.denied_by {
            write!(f, " (denied by {by})")?;
        }
        Ok(())
    }
}

/// Removes from AWS's message what differs between runs or is of no use to people: request and host
/// ids, the session name of rolecall, and encoded authorization failure messages.
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
        // ASCII lowercasing preserves byte positions.
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

/// What is unknown because of a gap.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "of")]
pub enum Extent {
    /// The account was not accessible: nothing is known about it.
    Account,
    /// The account's regions could not be listed: regional resources outside the scanned regions are
    /// not known.
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
        /// The unreadable fact.
        fact: String,
        /// Ids of the resources.
        resources: BTreeSet<String>,
    },
}

/// Something that could not be read, recorded once per account, region, call, code, type of denying
/// policy, and extent.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Gap {
    /// The region of the call; [`Region::global`] for account-level calls.
    pub region: Region,
    /// The cause.
    #[serde(flatten)]
    pub cause: Cause,
    /// What is unknown because of it.
    pub extent: Extent,
}

/// A known gap that you accept: it stays visible, but neither changes the exit code nor makes the
/// results incomplete.
#[derive(Debug, Clone)]
pub struct AcceptedGap {
    /// Accounts it covers, by id or name.
    pub account: Globs,
    /// Regions it covers.
    pub region: Globs,
    /// API calls it covers, `ec2:Describe*`.
    pub call: Globs,
    /// Ids of the resources it covers. A gap of a whole list or account has no id, and is covered only
    /// by `*`.
    pub resource: Globs,
    /// Why it is accepted; shown in reports.
    pub reason: String,
}

impl AcceptedGap {
    /// Whether a failure in that account and region is accepted; `name` is the name of the account,
    /// and `resource` the id of the affected resource, if there are any.
    pub fn covers(
        &self,
        (account, name): (&AccountId, Option<&str>),
        region: &Region,
        cause: &Cause,
        resource: Option<&str>,
    ) -> bool {
        cause.is_acceptable()
            && (self.account.matches(account.as_str())
                || name.is_some_and(|name| self.account.matches(name)))
            && self.region.matches(region.as_str())
            && self.call.matches(&cause.call)
            && match resource {
                Some(id) => self.resource.matches(id),
                None => self.resource.patterns() == ["*"],
            }
    }

    /// Whether a gap as a whole is accepted: if it is about resources, all of them.
    pub fn covers_gap(&self, account: (&AccountId, Option<&str>), gap: &Gap) -> bool {
        let covers =
            |resource: Option<&str>| self.covers(account, &gap.region, &gap.cause, resource);
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
    fn only_what_aws_did_not_answer_can_be_accepted() {
        for (cause, expected) in [
            (Cause::answered("s3:GetBucketPolicy", "AccessDenied", ""), true),
            (Cause::not_collected("s3:GetBucketPolicy"), false),
            (Cause::out_of_time("s3:GetBucketPolicy"), false),
            (Cause::account_timeout("s3:GetBucketPolicy", Duration::from_secs(60)), false),
            (Cause::by_rule("no answer"), false),
        ] {
            assert_eq!(cause.is_acceptable(), expected, "{cause:?}");
        }
    }

    #[test]
    fn the_denying_policy_type_is_parsed_from_the_message() {
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
    fn messages_are_the_same_in_every_run() {
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
