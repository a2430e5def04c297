//! What to do about something that could not be read.

use crate::model::text::one_line;
use crate::model::{Cause, DeniedBy};
use crate::report::missing_action;

/// One or two sentences: what makes the next run read it.
pub(super) fn what_to_do(cause: &Cause) -> String {
    let call = one_line(&cause.call, 100);
    match cause.code.as_str() {
        Cause::NOT_COLLECTED => {
            return "Collect again: the snapshot is older than the rules that need this."
                .to_owned();
        }
        Cause::TRUNCATED => {
            return "Run `rolecall collect --resume`: the account's file in the snapshot is not complete."
                .to_owned();
        }
        Cause::OUT_OF_TIME => {
            return "Resume the collection, or give the run a later deadline.".to_owned();
        }
        Cause::RULE_UNDECIDED => {
            return "Check the resource by hand: AWS answered, but its answer does not decide the rule."
                .to_owned();
        }
        Cause::INVALID_RESPONSE => {
            return "Run again. If the response stays invalid, check custom endpoints and proxies, and report it."
                .to_owned();
        }
        _ => {}
    }
    if cause.is_denial() {
        return denied(cause, &call);
    }
    if cause.call == "sts:AssumeRole" {
        return "Check that the role exists in the account and that its trust policy names the identity that runs rolecall; `rolecall doctor` tests both.".to_owned();
    }
    let code = cause.code.as_str();
    if ["Throttl", "RequestLimit", "SlowDown", "TooManyRequests"]
        .iter()
        .any(|start| code.starts_with(start))
    {
        return format!("Run again, or lower the concurrency in the config: AWS throttled {call}.");
    }
    match code {
        "Timeout" | "ConnectionFailed" => format!(
            "Check DNS, proxies and firewalls between rolecall and the endpoint of {call}, then run again."
        ),
        "WrongAccount" => {
            "Check the role and the credentials of this account: they belong to another one."
                .to_owned()
        }
        _ => format!(
            "Run again. If {call} keeps failing, look up the error code in the AWS documentation of the call."
        ),
    }
}

/// What to do about a denied call.
fn denied(cause: &Cause, call: &str) -> String {
    let action = missing_action(cause).unwrap_or(call);
    let accept = "or accept the gap with `[[accepted_gap]]`";
    match cause.denied_by {
        Some(DeniedBy::ServiceControlPolicy) => format!(
            "Exempt the scan role from the service control policy that denies {action}, {accept}."
        ),
        Some(DeniedBy::ResourceControlPolicy) => format!(
            "Exempt the scan role from the resource control policy that denies {action}, {accept}."
        ),
        Some(DeniedBy::ResourcePolicy) if cause.call == "sts:AssumeRole" => {
            "Allow the identity that runs rolecall in the role's trust policy, with the configured external id."
                .to_owned()
        }
        Some(DeniedBy::ResourcePolicy) => format!(
            "Allow {action} for the scan role in the resource's own policy, {accept}."
        ),
        Some(DeniedBy::PermissionsBoundary) => {
            format!("Add {action} to the permissions boundary of the scan role.")
        }
        Some(DeniedBy::SessionPolicy) => {
            format!("Allow {action} in the session policy of the scan role.")
        }
        Some(DeniedBy::VpcEndpointPolicy) => {
            format!("Allow {action} in the policy of the VPC endpoint.")
        }
        Some(DeniedBy::IdentityPolicy) | None if cause.call == "sts:AssumeRole" => {
            "Allow sts:AssumeRole for the identity that runs rolecall, and name that identity in the role's trust policy; `rolecall doctor` tests both."
                .to_owned()
        }
        Some(DeniedBy::IdentityPolicy) | None => format!(
            "Allow {action} in the policy of the scan role; `rolecall permissions` prints the complete policy."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
                "s3:GetEncryptionConfiguration in the",
            ),
            (
                "ec2:DescribeVolumes",
                "UnauthorizedOperation",
                Some(DeniedBy::ServiceControlPolicy),
                "service control policy that denies ec2:DescribeVolumes",
            ),
            ("sts:AssumeRole", "AccessDenied", None, "trust policy"),
            ("ec2:DescribeVolumes", "RequestLimitExceeded", None, "throttled"),
            ("ec2:DescribeVolumes", Cause::NOT_COLLECTED, None, "Collect again"),
            ("ec2:DescribeVolumes", "Timeout", None, "endpoint of ec2:DescribeVolumes"),
            ("ec2:DescribeVolumes", "InternalError", None, "keeps failing"),
        ] {
            let advice = advice(call, code, denied_by);
            assert!(advice.contains(part), "{advice}");
        }
    }
}
