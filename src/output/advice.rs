//! What to do about something that could not be read.

use crate::model::Cause;
use crate::model::text::one_line;
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
        Cause::OUT_OF_TIME => "resume the collection, or give the run a later deadline".to_owned(),
        Cause::RULE_UNDECIDED => {
            "check the resource by hand: AWS answered, but its answer does not decide the rule"
                .to_owned()
        }
        // Who tried to assume the role, and which role it is, is in the message.
        _ if cause.call == "sts:AssumeRole" => {
            "check that the role exists in the account, that its trust policy names the identity that runs rolecall, and that this identity is allowed to call `sts:AssumeRole`; `rolecall doctor` tests this"
                .to_owned()
        }
        _ => {
            let call = one_line(&cause.call, 100);
            remedy(cause, missing_action(cause).unwrap_or(&call), "the scan role", None)
        }
    }
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
                "by a service control policy: allow `ec2:DescribeVolumes`",
            ),
            (
                "ec2:DescribeVolumes",
                "UnauthorizedOperation",
                Some(DeniedBy::SessionPolicy),
                "select fewer rules",
            ),
            ("sts:AssumeRole", "AccessDenied", None, "trust policy"),
            ("ec2:DescribeVolumes", "RequestLimitExceeded", None, "throttled"),
            ("ec2:DescribeVolumes", Cause::NOT_COLLECTED, None, "collect again"),
            ("ec2:DescribeVolumes", "Timeout", None, "AWS did not respond"),
            ("ec2:DescribeVolumes", "InternalError", None, "accept the gap"),
        ] {
            let advice = advice(call, code, denied_by);
            assert!(advice.contains(part), "{advice}");
        }
    }
}
