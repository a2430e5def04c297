//! What to do about failed calls, in one sentence. AWS returns the same code for many causes, so
//! these texts list what to check, in the order of likelihood.

use crate::model::text::one_line;
use crate::model::{Arn, Cause, DeniedBy, Hop};

/// From how many seconds on AWS rejects signatures.
pub const CLOCK_FAILS: u64 = 300;

/// Why a role could not be assumed. `caller` is the ARN of the identity that tried.
pub fn role(cause: &Cause, hop: &Hop, caller: &str) -> String {
    let (role, caller) = (&hop.role_arn, principal(caller));
    let denied = format!("{caller} could not assume {role}");
    let advice = match kind(cause) {
        Kind::Denied(Some(DeniedBy::IdentityPolicy)) => format!(
            "{caller} is not allowed to assume {role}: in the IAM policy of {caller}, allow `sts:AssumeRole` on the role (`rolecall permissions central` prints the policy)"
        ),
        Kind::Denied(Some(DeniedBy::ResourcePolicy)) => format!(
            "the trust policy of {role} does not allow {caller}: check that {}",
            trust_policy(hop, &caller)
        ),
        Kind::Denied(Some(by)) => {
            format!(
                "{by} denies {caller} `sts:AssumeRole` on {role}: allow the action in this policy, or remove the statement that denies it"
            )
        }
        Kind::Denied(None) => format!(
            "{denied}, and AWS does not report why: check that the role exists with this name and path, that {}, and that {caller} is allowed to assume it (`rolecall permissions central` prints the policy)",
            trust_policy(hop, &caller)
        ),
        Kind::TooLarge => format!(
            "{denied}, because the session policy for the selected rules is too large: select fewer rules, or split the scan in two"
        ),
        Kind::Duration => format!(
            "{denied}, because the session duration ({} s) exceeds the maximum of the role: lower `duration` in [role], or raise the maximum session duration of the role",
            hop.duration_seconds
        ),
        Kind::RegionDisabled => format!(
            "{denied}, because STS is not active in this region in the account of {caller}: activate it there, or set AWS_REGION to an active region"
        ),
        Kind::Expired | Kind::UnknownKey | Kind::Signature | Kind::Clock => {
            return format!("{denied}: {}", credentials(cause, None));
        }
        Kind::Throttled => format!(
            "AWS throttled `sts:AssumeRole` on {role}: run again later, lower `accounts` in [scan.concurrency], or raise `max_attempts` in [scan]"
        ),
        Kind::NoAnswer => format!(
            "STS did not respond when {caller} tried to assume {role}: check the network, the proxy (HTTPS_PROXY) and the VPC endpoint for STS"
        ),
        Kind::WrongAccount => {
            format!(
                "assuming {role} returned credentials for another account: check the STS endpoint (AWS_ENDPOINT_URL)"
            )
        }
        Kind::InvalidResponse | Kind::Other => denied.clone(),
    };
    with_reason(&advice, cause)
}

/// The line of a trust policy that must exist.
fn trust_policy(hop: &Hop, caller: &str) -> String {
    let external_id = match hop.external_id {
        Some(_) => {
            "expects the configured external id in its condition `sts:ExternalId`, if it has one"
        }
        None => "has no condition `sts:ExternalId` (the config sets no external id for this role)",
    };
    format!("its trust policy allows `sts:AssumeRole` for {caller} and {external_id}")
}

/// Why the base credentials are not in the account of a target without a role.
pub fn own_account(cause: &Cause) -> String {
    match kind(cause) {
        Kind::WrongAccount => with_reason(
            "role = \"none\" is only for the account of the base credentials: set `role` in this [[account]], or use other credentials",
            cause,
        ),
        _ => credentials(cause, None),
    }
}

/// Why STS rejected the base credentials. `ahead`: by how many seconds the clock is ahead.
pub fn credentials(cause: &Cause, ahead: Option<i64>) -> String {
    with_reason(rejected(cause, ahead), cause)
}

fn rejected(cause: &Cause, ahead: Option<i64>) -> &'static str {
    let wrong_clock = ahead.is_some_and(|ahead| ahead.unsigned_abs() >= CLOCK_FAILS);
    match kind(cause) {
        Kind::Expired => "the credentials have expired: log in again, or renew them",
        Kind::UnknownKey => {
            "AWS does not know the access key, which may be deleted, inactive or from another partition: use other credentials, or set AWS_REGION to a region that is enabled in its account"
        }
        Kind::Signature if wrong_clock => {
            "AWS rejected the signature, because the clock of this machine is wrong: correct the clock"
        }
        Kind::Signature => {
            "AWS rejected the signature: check that the secret access key belongs to the access key, and that no proxy changes requests"
        }
        Kind::Clock => {
            "AWS rejected the signature, because the clock of this machine is wrong: correct the clock"
        }
        Kind::RegionDisabled => {
            "STS is not active in this region in the account of the credentials: activate it there, or set AWS_REGION to an active region"
        }
        Kind::Denied(_) => {
            "the call was denied, and only a VPC endpoint policy can deny it: allow `sts:GetCallerIdentity` and `sts:AssumeRole` in the policy of the VPC endpoint for STS"
        }
        Kind::Throttled => "AWS throttled the call: run again later",
        Kind::NoAnswer => {
            "STS did not respond: check the network, the proxy (HTTPS_PROXY) and the VPC endpoint for STS"
        }
        _ => "STS did not accept the credentials",
    }
}

/// Why an action failed, with AWS's code and message. `role` has the permissions; `resource` is what the
/// call was about.
pub fn action(cause: &Cause, action: &str, role: &str, resource: Option<&str>) -> String {
    with_reason(&remedy(cause, action, role, resource), cause)
}

/// The same without AWS's code and message.
pub fn remedy(cause: &Cause, action: &str, role: &str, resource: Option<&str>) -> String {
    let accept = format!(
        "accept the gap with an `[[accepted_gap]]` that has `call = \"{}\"`",
        one_line(&cause.call, 100)
    );
    let on = resource.map(|id| format!(" for `{}`", one_line(id, 100))).unwrap_or_default();
    match kind(cause) {
        Kind::Denied(Some(DeniedBy::IdentityPolicy)) => format!(
            "denied{on}: allow `{action}` in the policy of {role} (`rolecall permissions target` prints the policy)"
        ),
        Kind::Denied(Some(DeniedBy::SessionPolicy)) => format!(
            "denied{on} by the session policy: the policy for the selected rules is too large, so the AWS managed policy SecurityAudit, which does not allow `{action}`, is used instead; select fewer rules, or split the scan in two"
        ),
        Kind::Denied(Some(DeniedBy::PermissionsBoundary)) => {
            format!("denied{on} by the permissions boundary of {role}: allow `{action}` in the boundary, remove the statement that denies the action, or {accept}")
        }
        Kind::Denied(Some(by)) => {
            format!("denied{on} by {by}: allow `{action}` for {role} in this policy, remove the statement that denies the action, or {accept}")
        }
        Kind::Denied(None) => format!(
            "denied{on}, and AWS does not report which policy denied it: allow `{action}` in the policy of {role} (`rolecall permissions target` prints the policy), and check its permissions boundary, the service control policies{}",
            if resource.is_some() { " and the resource-based policy" } else { " and VPC endpoint policies" }
        ),
        Kind::UnknownKey | Kind::Signature if cause.call.starts_with("ec2:") => {
            "AWS did not accept the credentials in this region: check that the region is enabled in the account".to_owned()
        }
        Kind::RegionDisabled => {
            "the service is not available to the account in this region: enable the region, or complete the registration of the account".to_owned()
        }
        Kind::Throttled => {
            "AWS throttled the call: other programs may be using up the rate limit of the account; run at another time, or raise `max_attempts` in [scan]".to_owned()
        }
        Kind::NoAnswer => {
            "AWS did not respond: check the network, the proxy (HTTPS_PROXY) and VPC endpoints, or raise --timeout or [scan.timeouts]".to_owned()
        }
        Kind::InvalidResponse => {
            "the response is not a valid AWS response: check proxies and custom endpoints (AWS_ENDPOINT_URL)"
                .to_owned()
        }
        Kind::Expired | Kind::UnknownKey | Kind::Signature | Kind::Clock => {
            rejected(cause, None).to_owned()
        }
        _ => format!("the call failed{on}: a scan reports a gap; resolve the error, or {accept}"),
    }
}

/// What a failure is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Denied(Option<DeniedBy>),
    Expired,
    UnknownKey,
    Signature,
    Clock,
    RegionDisabled,
    TooLarge,
    Duration,
    Throttled,
    NoAnswer,
    WrongAccount,
    InvalidResponse,
    Other,
}

fn kind(cause: &Cause) -> Kind {
    if cause.is_denial() {
        return Kind::Denied(cause.denied_by);
    }
    let message = &cause.message;
    match cause.code.trim_end_matches("Exception") {
        "ExpiredToken" => Kind::Expired,
        "InvalidClientTokenId" | "UnrecognizedClient" | "InvalidAccessKeyId" | "AuthFailure" => {
            Kind::UnknownKey
        }
        "RequestExpired" | "RequestTimeTooSkewed" | "RequestInTheFuture" => Kind::Clock,
        "SignatureDoesNotMatch" | "InvalidSignature" => {
            if message.contains("Signature expired") || message.contains("not yet current") {
                Kind::Clock
            } else {
                Kind::Signature
            }
        }
        "RegionDisabled" | "OptInRequired" => Kind::RegionDisabled,
        "PackedPolicyTooLarge" => Kind::TooLarge,
        "ValidationError" if message.contains("DurationSeconds") => Kind::Duration,
        "Timeout" | "ConnectionFailed" => Kind::NoAnswer,
        "WrongAccount" => Kind::WrongAccount,
        Cause::INVALID_RESPONSE => Kind::InvalidResponse,
        _ if is_throttle(cause) => Kind::Throttled,
        _ => Kind::Other,
    }
}

/// Whether AWS throttled the call. Such a failure does not show whether the call is allowed.
pub fn is_throttle(cause: &Cause) -> bool {
    const CODES: [&str; 5] =
        ["Throttl", "RequestLimitExceeded", "TooManyRequests", "SlowDown", "BandwidthLimit"];
    CODES.iter().any(|code| cause.code.contains(code))
}

/// The time of AWS in a rejected signature, by how many seconds the local clock is ahead of it:
/// "Signature expired: 20261126T120000Z is now earlier than 20261126T121500Z (20261126T123000Z - 15
/// min.)".
pub fn clock_ahead(cause: &Cause) -> Option<i64> {
    if kind(cause) != Kind::Clock {
        return None;
    }
    let times: Vec<i64> = cause
        .message
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter_map(|word| {
            let time = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", word).ok()?;
            Some(time.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second())
        })
        .collect();
    match times.as_slice() {
        [ours, .., theirs] => Some(ours - theirs),
        _ => None,
    }
}

/// An identity as a trust policy names it: the role instead of its session.
pub fn principal(arn: &str) -> String {
    let of_session = || {
        let arn: Arn = arn.parse().ok()?;
        let (name, _) = arn.resource.strip_prefix("assumed-role/")?.split_once('/')?;
        Some(format!("arn:{}:iam::{}:role/{name}", arn.partition, arn.account))
    };
    one_line(&of_session().unwrap_or_else(|| arn.to_owned()), 300)
}

fn with_reason(advice: &str, cause: &Cause) -> String {
    // The explanation of a failed AssumeRole is followed by the message of AWS.
    let message = cause
        .message
        .rsplit_once("(AWS: ")
        .map_or(cause.message.as_str(), |(_, aws)| aws.strip_suffix(')').unwrap_or(aws));
    let code = one_line(&cause.code, 100);
    if message.is_empty() {
        format!("{advice} ({code})")
    } else {
        format!("{advice} ({code}: {})", one_line(message, 300))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ExternalId;

    const CALLER: &str = "arn:aws:sts::777788889999:assumed-role/central/nightly";
    const USER: &str = "User: x is not authorized to perform: sts:AssumeRole on resource: y";

    fn hop(external_id: bool) -> Hop {
        Hop {
            role_arn: "arn:aws:iam::111122223333:role/audit".parse().unwrap(),
            external_id: external_id.then(|| ExternalId::new("hunter2".to_owned())),
            duration_seconds: 7200,
            source_identity: None,
        }
    }

    #[test]
    fn a_role_that_cannot_be_assumed_says_what_to_check() {
        let central = "arn:aws:iam::777788889999:role/central";
        let table: &[(&str, &str, bool, &[&str])] = &[
            (
                "AccessDenied",
                USER,
                true,
                &["the role exists", central, "the configured external id", "permissions central"],
            ),
            ("AccessDenied", USER, false, &["no condition `sts:ExternalId`"]),
            (
                "AccessDenied",
                "x because no identity-based policy allows the sts:AssumeRole action",
                true,
                &["in the IAM policy of", central, "allow `sts:AssumeRole` on the role"],
            ),
            (
                "AccessDenied",
                "x because no role trust policy allows the sts:AssumeRole action",
                true,
                &[
                    "the trust policy of arn:aws:iam::111122223333:role/audit does not allow",
                    central,
                ],
            ),
            (
                "AccessDenied",
                "x with an explicit deny in a service control policy",
                true,
                &["a service control policy denies"],
            ),
            ("PackedPolicyTooLarge", "Packed size 120%", true, &["select fewer rules"]),
            (
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                true,
                &["7200 s", "lower `duration` in [role]"],
            ),
            (
                "RegionDisabledException",
                "STS is not activated",
                true,
                &["activate it", "AWS_REGION"],
            ),
            ("ExpiredToken", "expired", true, &["log in again"]),
            ("Throttling", "Rate exceeded", true, &["throttled", "max_attempts"]),
            ("Timeout", "", true, &["STS did not respond", "HTTPS_PROXY", "(Timeout)"]),
            ("WrongAccount", "account 1, not 2", true, &["another account", "AWS_ENDPOINT_URL"]),
            ("Strange", "try later", true, &["could not assume", "(Strange: try later)"]),
        ];
        for (code, message, external_id, expected) in table {
            let cause = Cause::answered("sts:AssumeRole", code, message);
            let text = role(&cause, &hop(*external_id), CALLER);
            for words in *expected {
                assert!(text.contains(words), "{code}: missing {words} in\n{text}");
            }
            assert!(!text.contains("hunter2") && !text.contains("nightly"), "{text}");
        }
    }

    #[test]
    fn a_failed_action_names_the_policy_to_change() {
        /// Call, code, message, resource, and what the text says.
        type Row<'a> = (&'a str, &'a str, &'a str, Option<&'a str>, &'a [&'a str]);
        let (volumes, policy) = ("ec2:DescribeVolumes", "s3:GetBucketPolicy");
        let table: &[Row<'_>] = &[
            (
                volumes,
                "UnauthorizedOperation",
                "",
                None,
                &["allow `ec2:DescribeVolumes` in the policy of ROLE", "VPC endpoint"],
            ),
            (
                volumes,
                "UnauthorizedOperation",
                "because no identity-based policy allows the ec2:DescribeVolumes action",
                None,
                &["denied: allow `ec2:DescribeVolumes` in the policy of ROLE"],
            ),
            (
                volumes,
                "UnauthorizedOperation",
                "with an explicit deny in a service control policy",
                None,
                &["a service control policy", "[[accepted_gap]]", "call = \"ec2:DescribeVolumes\""],
            ),
            (
                policy,
                "AccessDenied",
                "because no session policy allows it",
                None,
                &["SecurityAudit"],
            ),
            (
                policy,
                "AccessDenied",
                "because no permissions boundary allows it",
                None,
                &["permissions boundary of ROLE"],
            ),
            (
                policy,
                "AccessDenied",
                "with an explicit deny in a resource-based policy",
                Some("ledger"),
                &["for `ledger`", "a resource policy"],
            ),
            (volumes, "AuthFailure", "", None, &["region is enabled"]),
            (volumes, "OptInRequired", "", None, &["enable the region"]),
            (volumes, "RequestLimitExceeded", "", None, &["throttled"]),
            (volumes, "Timeout", "", None, &["--timeout"]),
            (volumes, "InvalidResponse", "not XML", None, &["custom endpoints", "not XML"]),
            (volumes, "InternalError", "oops", None, &["a scan reports a gap", "oops"]),
        ];
        for (name, code, message, resource, expected) in table {
            let text = action(&Cause::answered(name, code, message), name, "ROLE", *resource);
            for words in *expected {
                assert!(text.contains(words), "{code}: missing {words} in\n{text}");
            }
        }
    }

    #[test]
    fn rejected_credentials_say_why() {
        let table: &[(&str, &str, Option<i64>, &str)] = &[
            ("ExpiredToken", "", None, "log in again"),
            ("InvalidClientTokenId", "", None, "does not know the access key"),
            (
                "SignatureDoesNotMatch",
                "The request signature we calculated",
                None,
                "secret access key",
            ),
            (
                "SignatureDoesNotMatch",
                "The request signature we calculated",
                Some(400),
                "correct the clock",
            ),
            (
                "SignatureDoesNotMatch",
                "Signature expired: 1 is now earlier than 2",
                None,
                "correct the clock",
            ),
            ("RequestTimeTooSkewed", "", None, "correct the clock"),
            ("ConnectionFailed", "", None, "HTTPS_PROXY"),
            ("AccessDenied", "", None, "endpoint policy"),
        ];
        for (code, message, ahead, expected) in table {
            let cause = Cause::answered("sts:GetCallerIdentity", code, message);
            let text = credentials(&cause, *ahead);
            assert!(text.contains(expected), "{code}: {text}");
        }
    }

    #[test]
    fn the_time_in_a_rejected_signature_is_read() {
        let table = [
            (
                "Signature expired: 20261126T120000Z is now earlier than 20261126T121500Z (20261126T123000Z - 15 min.)",
                Some(-1_800),
            ),
            (
                "Signature not yet current: 20261126T130000Z is still later than 20261126T121500Z (20261126T120000Z + 15 min.)",
                Some(3_600),
            ),
            ("Signature expired: soon", None),
            ("The request signature we calculated does not match", None),
        ];
        for (message, ahead) in table {
            let cause = Cause::answered("sts:GetCallerIdentity", "SignatureDoesNotMatch", message);
            assert_eq!(clock_ahead(&cause), ahead, "{message}");
        }
    }

    #[test]
    fn a_trust_policy_names_the_role_and_not_its_session() {
        for (arn, shown) in [
            (CALLER, "arn:aws:iam::777788889999:role/central"),
            ("arn:aws:iam::1:user/ci", "arn:aws:iam::1:user/ci"),
            ("arn:aws:iam::777788889999:root", "arn:aws:iam::777788889999:root"),
            ("", ""),
        ] {
            assert_eq!(principal(arn), shown);
        }
    }
}
