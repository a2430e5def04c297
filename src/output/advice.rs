//! What to do about something that could not be read.

use crate::model::text::one_line;
use crate::model::{Cause, DeniedBy};
use crate::report::advice::remedy;
use crate::report::missing_action;

/// One sentence: what makes the next run read it. Code is in backticks.
pub(super) fn what_to_do(cause: &Cause) -> String {
    match cause.code.as_str() {
        Cause::NOT_COLLECTED => "collect again: the snapshot does not contain this".to_owned(),
        Cause::TRUNCATED => {
            "run `rolecall collect --resume`: the account's file in the snapshot is not complete"
                .to_owned()
        }
        Cause::OUT_OF_TIME => {
            "collect the account again with `--resume --recollect` and a later deadline".to_owned()
        }
        Cause::ACCOUNT_TIMEOUT => {
            "the account took longer than `account` in `[scan.timeouts]`: raise it, and collect the account again with `--resume --recollect`"
                .to_owned()
        }
        Cause::RULE_UNDECIDED => {
            "check the resource by hand: AWS answered, but its answer does not decide the rule"
                .to_owned()
        }
        // Who tried to assume the role, and which role it is, is in the message.
        _ if is_refused(cause) => {
            "check that the role exists in the account, that its trust policy names the identity that runs rolecall, and that this identity is allowed to call `sts:AssumeRole`; `rolecall doctor` tests this"
                .to_owned()
        }
        _ => {
            let call = one_line(&cause.call, 100);
            let action = missing_action(cause).unwrap_or(&call);
            let who = match cause.call.as_str() {
                "sts:AssumeRole" => "the identity that runs rolecall",
                _ => "the scan role",
            };
            match cause.denied_by {
                Some(by) if cause.is_denial() && is_explicit(cause, by) => {
                    exempt(by, action, &call, who)
                }
                _ => remedy(cause, action, who, None),
            }
        }
    }
}

/// Whether a role could not be assumed because its trust policy or the policy of the caller does not
/// allow it.
fn is_refused(cause: &Cause) -> bool {
    let by = matches!(cause.denied_by, None | Some(DeniedBy::IdentityPolicy));
    cause.call == "sts:AssumeRole" && cause.is_denial() && by
}

/// Whether a statement with the effect `Deny` denied a call: AWS says so, or the policy is of a type
/// that allows nearly everything by default.
fn is_explicit(cause: &Cause, by: DeniedBy) -> bool {
    let message = cause.message.to_ascii_lowercase();
    let allows_by_default = match by {
        DeniedBy::ServiceControlPolicy
        | DeniedBy::ResourceControlPolicy
        | DeniedBy::ResourcePolicy
        | DeniedBy::VpcEndpointPolicy => true,
        DeniedBy::PermissionsBoundary | DeniedBy::SessionPolicy | DeniedBy::IdentityPolicy => false,
    };
    message.contains("explicit deny") || (allows_by_default && !message.contains("because no "))
}

/// What to do about a statement that denies an action: an allow statement cannot override it.
fn exempt(by: DeniedBy, action: &str, call: &str, who: &str) -> String {
    let how = match by {
        DeniedBy::IdentityPolicy | DeniedBy::PermissionsBoundary | DeniedBy::SessionPolicy => {
            "remove `ACTION` from this statement"
        }
        DeniedBy::ResourcePolicy => {
            "exempt the scan role from this statement in the policy of the resource that the message names, for example with a condition on `aws:PrincipalArn`"
        }
        DeniedBy::ServiceControlPolicy | DeniedBy::ResourceControlPolicy => {
            "in the management account of the organization, exempt the scan role from this statement, for example with a condition on `aws:PrincipalArn`"
        }
        DeniedBy::VpcEndpointPolicy => {
            "exempt the scan role from this statement, for example with a condition on `aws:PrincipalArn`"
        }
    };
    format!(
        "a statement of {by} denies `{action}`, and an allow statement cannot override it: {}, or accept the gap with an `[[accepted_gap]]` that has `call = \"{call}\"` and names the account",
        how.replace("ACTION", action).replace("the scan role", who)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::DeniedBy;

    #[test]
    fn the_advice_names_the_action_and_the_policy() {
        let advice = |call: &str, code: &str, denied_by| {
            what_to_do(&Cause { denied_by, ..Cause::new(call, code, "") })
        };
        for (call, code, denied_by, part) in [
            (
                "s3:GetBucketEncryption",
                "AccessDenied",
                None,
                "`s3:GetEncryptionConfiguration` in the policy of the scan role",
            ),
            (
                "ec2:DescribeVolumes",
                "UnauthorizedOperation",
                Some(DeniedBy::ServiceControlPolicy),
                "an allow statement cannot override it: in the management account of the organization, exempt the scan role",
            ),
            (
                "ec2:DescribeVolumes",
                "UnauthorizedOperation",
                Some(DeniedBy::SessionPolicy),
                "select fewer rules",
            ),
            ("sts:AssumeRole", "AccessDenied", None, "trust policy"),
            ("sts:AssumeRole", "ExpiredToken", None, "log in again"),
            ("sts:AssumeRole", "ThrottlingException", None, "AWS throttled the call"),
            (
                "sts:AssumeRole",
                "AccessDenied",
                Some(DeniedBy::ServiceControlPolicy),
                "exempt the identity that runs rolecall from this statement",
            ),
            ("ec2:DescribeVolumes", "RequestLimitExceeded", None, "throttled"),
            ("ec2:DescribeVolumes", Cause::NOT_COLLECTED, None, "collect again"),
            ("ec2:DescribeVolumes", "Timeout", None, "AWS did not respond"),
            ("ec2:DescribeVolumes", "InternalError", None, "accept the gap"),
        ] {
            let advice = advice(call, code, denied_by);
            assert!(advice.contains(part), "{advice}");
        }
    }

    #[test]
    fn only_an_explicit_deny_requires_an_exemption() {
        for (message, part) in [
            (
                "with an explicit deny in a service control policy",
                "a statement of a service control policy denies `s3:GetBucketPolicy`",
            ),
            ("with an explicit deny in a resource-based policy", "condition on `aws:PrincipalArn`"),
            (
                "with an explicit deny in an identity-based policy",
                "remove `s3:GetBucketPolicy` from this statement",
            ),
            (
                "because no service control policy allows the s3:GetBucketPolicy action",
                "allow `s3:GetBucketPolicy` for the scan role",
            ),
            (
                "because no identity-based policy allows the s3:GetBucketPolicy action",
                "allow `s3:GetBucketPolicy` in the policy of the scan role",
            ),
        ] {
            let advice =
                what_to_do(&Cause::answered("s3:GetBucketPolicy", "AccessDenied", message));
            assert!(advice.contains(part), "{message}: {advice}");
        }
    }
}
