//! From an SDK error of any service to a [`Cause`]: which call, which code, who denied it, in words that read the same in every run.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

use crate::model::{Arn, Cause, DeniedBy, Region, text};

/// Messages are cut to this many characters.
const MAX_MESSAGE: usize = 500;

/// A call that gave no usable answer.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// What snapshots and reports keep.
    pub(super) cause: Cause,
    /// The region in which AWS says the bucket is, when the call went to another one.
    pub(super) redirect: Option<Region>,
    /// For `run.json`; AWS support asks for it.
    pub(super) request_id: Option<Box<str>>,
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self { cause, redirect: None, request_id: None }
    }
}

impl Failure {
    /// An answer that is not what the API promises.
    pub(super) fn invalid(call: &str, reason: &str) -> Self {
        cause(call, "InvalidResponse", reason).into()
    }

    /// The failure behind an SDK error.
    pub(super) fn of<E>(call: &str, error: &SdkError<E, HttpResponse>) -> Self
    where
        E: ProvideErrorMetadata + Error + 'static,
    {
        let request_id = error.request_id().map(|id| text::one_line(id, 100).into_boxed_str());
        let cause = match error {
            SdkError::ServiceError(answer) => {
                let meta = answer.err().meta();
                match meta.code() {
                    Some(code) => {
                        let message = meta.message().unwrap_or_default();
                        Cause { denied_by: denied_by(message), ..cause(call, &text::one_line(code, 100), message) }
                    }
                    // The SDK could not make sense of the body: not XML, or another document than the API's.
                    None => {
                        let status = answer.raw().status().as_u16();
                        let reason = words(chain(answer.err().source()));
                        let message =
                            format!("HTTP status {status} without an error code, and not the expected answer: {reason}");
                        cause(call, "InvalidResponse", message.trim_end_matches(": "))
                    }
                }
            }
            other => unanswered(call, other),
        };
        let redirect = is_redirect(&cause.code).then(|| error.raw_response().and_then(|raw| region_of(raw, &cause.message)));
        Self { cause, redirect: redirect.flatten(), request_id }
    }
}

/// A cause with a cleaned message.
pub(super) fn cause(call: &str, code: &str, message: &str) -> Cause {
    Cause { call: call.to_owned(), code: code.to_owned(), message: clean(message), denied_by: None }
}

/// The cause of a failed AssumeRole, carried through the SDK's credential chain to the call that needed the credentials.
#[derive(Debug, thiserror::Error)]
#[error("{0}: {message}", message = .0.message)]
pub(super) struct NotEntered(pub(super) Cause);

/// The cause of a call that got no answer, or none that could be read.
fn unanswered<E>(call: &str, error: &SdkError<E, HttpResponse>) -> Cause
where
    E: Error + 'static,
{
    for link in chain(error.source()) {
        if let Some(NotEntered(cause)) = link.downcast_ref::<NotEntered>() {
            return cause.clone();
        }
        if let Some(error) = link.downcast_ref::<CredentialsError>() {
            return no_credentials(call, error);
        }
    }
    let code = match error {
        SdkError::TimeoutError(_) => "Timeout",
        SdkError::DispatchFailure(failure) if failure.is_timeout() => "Timeout",
        SdkError::DispatchFailure(_) => "ConnectionFailed",
        SdkError::ConstructionFailure(_) => "InvalidRequest",
        _ => "InvalidResponse",
    };
    cause(call, code, &words(chain(error.source())))
}

/// The cause of a call for which there are no credentials. A refused AssumeRole behind it keeps its own cause.
pub(super) fn no_credentials(call: &str, error: &CredentialsError) -> Cause {
    if let Some(NotEntered(cause)) = chain(Some(error)).find_map(|link| link.downcast_ref::<NotEntered>()) {
        return cause.clone();
    }
    cause(call, "NoCredentials", &words(chain(Some(error))))
}

/// An error and the errors behind it.
fn chain<'a>(first: Option<&'a (dyn Error + 'static)>) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(first, |error| (*error).source())
}

/// A chain of errors in one sentence, without the repetitions that wrapping brings.
fn words<'a>(chain: impl Iterator<Item = &'a (dyn Error + 'static)>) -> String {
    let mut out = String::new();
    for link in chain {
        // It prints its request id, and all else that it knows was looked at before.
        if link.is::<ErrorMetadata>() {
            continue;
        }
        let link = link.to_string();
        if !out.contains(&link) {
            out.push_str(if out.is_empty() { "" } else { ": " });
            out.push_str(&link);
        }
    }
    out
}

/// Whether AWS asks to be called less often.
pub(super) fn is_throttle(code: &str) -> bool {
    matches!(
        code,
        "Throttling"
            | "ThrottlingException"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "TooManyRequestsException"
            | "RequestLimitExceeded"
            | "BandwidthLimitExceeded"
            | "SlowDown"
            | "PriorRequestNotComplete"
            | "EC2ThrottledException"
    )
}

/// Whether the code says "not configured" for that call. S3 has used some of these codes with and without `Error` at the end.
pub(super) fn is_absent(absent: &[&str], code: &str) -> bool {
    absent.iter().any(|known| code == *known || code.trim_end_matches("Error") == known.trim_end_matches("Error"))
}

/// Whether a resource that was listed does not exist any more.
pub(super) fn is_gone(code: &str) -> bool {
    const CODES: [&str; 4] =
        ["AccessGrantsInstanceNotExistsError", "NoSuchAccessPoint", "NoSuchBucket", "NoSuchMultiRegionAccessPoint"];
    CODES.contains(&code) || code.ends_with(".NotFound")
}

/// Whether a bucket call went to another region than the bucket's.
fn is_redirect(code: &str) -> bool {
    matches!(code, "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException")
}

/// The region that an S3 answer names: in a header, in the error's body, or in its message.
pub(super) fn region_of(raw: &HttpResponse, message: &str) -> Option<Region> {
    let body = raw.body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok());
    raw.headers()
        .get("x-amz-bucket-region")
        .and_then(region)
        .or_else(|| body.and_then(|body| element(body, "Region")).and_then(region))
        .or_else(|| message.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').rev().find_map(region))
}

fn region(name: &str) -> Option<Region> {
    name.parse().ok().filter(|region: &Region| !region.is_global())
}

/// The text of the first element of that name.
pub(super) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once('<').map(|(value, _)| value.trim())
}

/// The policy that denied a call, from AWS's "… with an explicit deny in a service control policy", "… because no session policy allows
/// the … action".
pub(super) fn denied_by(message: &str) -> Option<DeniedBy> {
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
    begins
        .iter()
        .filter_map(|begin| message.split_once(begin))
        .find_map(|(_, rest)| POLICIES.iter().find_map(|(name, by)| rest.starts_with(name).then_some(*by)))
}

/// AWS's message without what differs from run to run or says nothing to a person: request and host ids, the name of our own session,
/// the encoded form of an authorization failure.
fn clean(message: &str) -> String {
    let mut text = message.to_owned();
    for label in
        ["encoded authorization failure message:", "request id:", "requestid:", "extended request id:", "host id:", "hostid:"]
    {
        // ASCII lower case keeps every byte where it is.
        while let Some(start) = text.to_ascii_lowercase().find(label) {
            let rest = &text[start + label.len()..];
            let value = rest.trim_start();
            let length = value.find(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | ')')).unwrap_or(value.len());
            let end = text.len() - value.len() + length;
            text.replace_range(start..end, "");
        }
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    // arn:aws:sts::111122223333:assumed-role/<role>/<session>
    while let Some(at) = rest.find("assumed-role/") {
        let role = at + "assumed-role/".len();
        let end = |text: &str| text.find(|c: char| !(c.is_ascii_alphanumeric() || "_+=,.@-".contains(c))).unwrap_or(text.len());
        let role_end = role + end(&rest[role..]);
        out.push_str(&rest[..role_end]);
        rest = &rest[role_end..];
        if let Some(session) = rest.strip_prefix('/') {
            rest = &session[end(session)..];
        }
    }
    out.push_str(rest);
    text::one_line(out.replace("()", "").trim(), MAX_MESSAGE)
}

/// Puts the reason of a failed AssumeRole in words, before what AWS says.
pub(super) fn explain_assume_role(mut cause: Cause, role: &Arn) -> Cause {
    let reason = match (cause.code.as_str(), cause.denied_by) {
        ("AccessDenied" | "AccessDeniedException", Some(DeniedBy::IdentityPolicy)) => {
            format!("the caller has no permission for sts:AssumeRole on {role}")
        }
        ("AccessDenied" | "AccessDeniedException", Some(by)) => format!("{by} forbids to assume {role}"),
        // AWS does not tell these apart, so that nobody can find out which roles exist.
        ("AccessDenied" | "AccessDeniedException", None) => format!(
            "the role {role} does not exist, does not trust the caller, or asks for another external id; or the caller has no \
             permission for sts:AssumeRole on it"
        ),
        ("ExpiredToken" | "ExpiredTokenException", _) => "the caller's credentials have expired: log in again".to_owned(),
        ("InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch", _) => {
            "AWS does not accept the caller's credentials".to_owned()
        }
        ("RegionDisabledException", _) => {
            "STS is not active in this region for the caller's account: activate it there, or name another region".to_owned()
        }
        ("PackedPolicyTooLarge" | "PackedPolicyTooLargeException", _) => {
            "the session policy is too large for AWS: select fewer rules".to_owned()
        }
        ("MalformedPolicyDocument" | "MalformedPolicyDocumentException", _) => {
            "AWS does not accept the session policy, which is a defect of rolecall".to_owned()
        }
        ("ValidationError", _) if cause.message.contains("DurationSeconds") => {
            "the session would last longer than the role permits: lower its duration".to_owned()
        }
        _ => return cause,
    };
    let message = if cause.message.is_empty() { reason } else { format!("{reason} (AWS: {})", cause.message) };
    cause.message = text::one_line(&message, MAX_MESSAGE);
    cause
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_denied_it_is_read_from_awss_words() {
        let user = "User: arn:aws:sts::111122223333:assumed-role/audit/x is not authorized to perform: s3:GetBucketPolicy on resource: \
                    \"arn:aws:s3:::b\"";
        let table = [
            ("with an explicit deny in a service control policy", Some(DeniedBy::ServiceControlPolicy)),
            ("because no service control policy allows the s3:GetBucketPolicy action", Some(DeniedBy::ServiceControlPolicy)),
            ("with an explicit deny in a resource control policy", Some(DeniedBy::ResourceControlPolicy)),
            ("because no permissions boundary allows the s3:GetBucketPolicy action", Some(DeniedBy::PermissionsBoundary)),
            ("with an explicit deny in a permissions boundary", Some(DeniedBy::PermissionsBoundary)),
            ("because no session policy allows the s3:GetBucketPolicy action", Some(DeniedBy::SessionPolicy)),
            ("with an explicit deny in a resource-based policy", Some(DeniedBy::ResourcePolicy)),
            ("because no role trust policy allows the sts:AssumeRole action", Some(DeniedBy::ResourcePolicy)),
            ("with an explicit deny in a VPC endpoint policy", Some(DeniedBy::VpcEndpointPolicy)),
            ("because no VPC endpoint policy allows the s3:GetBucketPolicy action", Some(DeniedBy::VpcEndpointPolicy)),
            ("because no identity-based policy allows the s3:GetBucketPolicy action", Some(DeniedBy::IdentityPolicy)),
            ("with an explicit deny in an identity-based policy", Some(DeniedBy::IdentityPolicy)),
            ("", None),
            ("a session policy is mentioned, but denied nothing", None),
        ];
        for (end, expected) in table {
            assert_eq!(denied_by(&format!("{user} {end}")), expected, "{end}");
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
            ("Slow down (Request ID: ABC123; Host ID: x/y=) please, RequestId: 7", "Slow down (; ) please,"),
            ("two\nlines\u{1b}[31m", "two lines\u{fffd}[31m"),
        ];
        for (raw, expected) in table {
            assert_eq!(clean(raw), expected);
        }
        assert_eq!(clean(&"x".repeat(10_000)).chars().count(), MAX_MESSAGE);
    }

    #[test]
    fn an_assume_role_failure_says_what_to_look_at() {
        let role: Arn = "arn:aws:iam::111122223333:role/audit".parse().unwrap();
        let table = [
            ("AccessDenied", "not authorized to perform: sts:AssumeRole", "another external id"),
            ("AccessDenied", "x with an explicit deny in a service control policy", "a service control policy forbids"),
            (
                "AccessDenied",
                "x because no identity-based policy allows the sts:AssumeRole action",
                "the caller has no permission",
            ),
            ("ExpiredToken", "The security token included in the request is expired", "log in again"),
            ("RegionDisabledException", "STS is not activated in this region", "activate it there"),
            ("PackedPolicyTooLarge", "Packed size 120%", "select fewer rules"),
            (
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                "lower its duration",
            ),
            ("ServiceUnavailable", "try later", "try later"),
        ];
        for (code, message, expected) in table {
            let raw = Cause { denied_by: denied_by(message), ..cause("sts:AssumeRole", code, message) };
            let explained = explain_assume_role(raw, &role);
            assert!(explained.message.contains(expected) && explained.message.contains(message), "{code}: {}", explained.message);
        }
    }

    #[test]
    fn codes_are_sorted_into_what_follows_from_them() {
        assert!(is_absent(&["ObjectLockConfigurationNotFoundError"], "ObjectLockConfigurationNotFound"));
        assert!(is_absent(&["NoSuchTagSet"], "NoSuchTagSet") && !is_absent(&["NoSuchTagSet"], "NoSuchBucket"));
        assert!(!is_absent(&[], "AccessDenied") && !is_absent(&["NoSuchBucketPolicy"], "Error"));
        assert!(is_gone("NoSuchBucket") && is_gone("InvalidInstanceID.NotFound") && !is_gone("NoSuchBucketPolicy"));
        assert!(is_throttle("SlowDown") && is_throttle("RequestLimitExceeded") && !is_throttle("AccessDenied"));
    }
}
