//! Converts SDK errors of all services to a [`Cause`]: which call failed, with which code, and who
//! denied it, in words that do not change from run to run.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

pub(super) use crate::facts::is_absent;
use crate::facts::s3::bucket::region_of_location;
use crate::model::{Arn, Cause, DeniedBy, Region, text};

/// A call without a usable response.
#[derive(Debug, Clone)]
pub(super) struct Failure {
    /// What snapshots and reports keep.
    pub(super) cause: Cause,
    /// The bucket's region according to AWS, when the call went to a different one.
    pub(super) redirect: Option<Region>,
    /// For `run.json`, since AWS support asks for it.
    pub(super) request_id: Option<Box<str>>,
}

impl From<Cause> for Failure {
    fn from(cause: Cause) -> Self {
        Self { cause, redirect: None, request_id: None }
    }
}

impl Failure {
    /// A response that violates the API.
    pub(super) fn invalid(call: &str, reason: &str) -> Self {
        cause(call, Cause::INVALID_RESPONSE, reason).into()
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
                        Cause::answered(call, code, message)
                    }
                    // The SDK could not parse the body: not XML, or not the document that the API
                    // defines.
                    None => {
                        let status = answer.raw().status().as_u16();
                        let reason = words(chain(answer.err().source()));
                        let message = format!(
                            "HTTP status {status} without an error code, and the body is not the expected response: {reason}"
                        );
                        cause(call, Cause::INVALID_RESPONSE, message.trim_end_matches(": "))
                    }
                }
            }
            other => unanswered(call, other),
        };
        let redirect = is_redirect(&cause.code)
            .then(|| error.raw_response().and_then(|raw| region_of(raw, &cause.message)));
        Self { cause, redirect: redirect.flatten(), request_id }
    }
}

/// A cause with a cleaned message.
pub(super) fn cause(call: &str, code: &str, message: &str) -> Cause {
    Cause::new(call, code, message)
}

/// A failed AssumeRole, passed through the SDK's credential chain to the call that needed the
/// credentials.
#[derive(Debug, thiserror::Error)]
#[error("{0}: {message}", message = .0.message)]
pub(super) struct AssumeRoleError(pub(super) Cause);

/// The cause of a call without a response, or whose response could not be parsed.
fn unanswered<E>(call: &str, error: &SdkError<E, HttpResponse>) -> Cause
where
    E: Error + 'static,
{
    for link in chain(error.source()) {
        if let Some(AssumeRoleError(cause)) = link.downcast_ref::<AssumeRoleError>() {
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
        _ => Cause::INVALID_RESPONSE,
    };
    let mut message = words(chain(error.source()));
    if let Some(setting) = expired_timeout(&message) {
        message = format!("{message}; `{setting}` in [scan.timeouts] sets this timeout");
    }
    cause(call, code, &message)
}

/// The setting of the timeout that the SDK's message is about.
fn expired_timeout(message: &str) -> Option<&'static str> {
    const SETTINGS: [(&str, &str); 3] = [
        ("operation timeout (all attempts", "call"),
        ("operation attempt timeout", "attempt"),
        ("connect timeout", "connect"),
    ];
    SETTINGS.into_iter().find(|(words, _)| message.contains(words)).map(|(_, setting)| setting)
}

/// The cause of a call for which there are no credentials. If AssumeRole failed, its own cause is
/// kept.
pub(super) fn no_credentials(call: &str, error: &CredentialsError) -> Cause {
    if let Some(AssumeRoleError(cause)) =
        chain(Some(error)).find_map(|link| link.downcast_ref::<AssumeRoleError>())
    {
        return cause.clone();
    }
    cause(call, "NoCredentials", &words(chain(Some(error))))
}

/// An error and the errors behind it.
fn chain<'a>(
    first: Option<&'a (dyn Error + 'static)>,
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(first, |error| (*error).source())
}

/// A chain of errors as one sentence, without the repetitions of wrapped errors.
fn words<'a>(chain: impl Iterator<Item = &'a (dyn Error + 'static)>) -> String {
    let mut out = String::new();
    for link in chain {
        // It prints its request id; its code and message are already in the cause.
        if link.is::<ErrorMetadata>() {
            continue;
        }
        // Of which sort a failed connection is: what is behind it says more.
        if link.is::<ConnectorError>() && link.source().is_some() {
            continue;
        }
        let link = without_request(link.to_string());
        if !out.contains(&link) {
            out.push_str(if out.is_empty() { "" } else { ": " });
            out.push_str(&link);
        }
    }
    out
}

/// A message of the SDK without the request that it shows: its body can have an external id or a token.
fn without_request(mut message: String) -> String {
    if let Some(at) = message.find("`Request {") {
        message.truncate(at);
        message.push_str("(not shown)");
    }
    message
}

/// Whether a code means that the call was throttled.
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

/// Whether a code means that a listed resource no longer exists.
pub(super) fn is_gone(code: &str) -> bool {
    const CODES: [&str; 4] = [
        "AccessGrantsInstanceNotExistsError",
        "NoSuchAccessPoint",
        "NoSuchBucket",
        "NoSuchMultiRegionAccessPoint",
    ];
    CODES.contains(&code) || code.ends_with(".NotFound")
}

/// Whether a code means that the bucket is in a different region than the one that was called.
fn is_redirect(code: &str) -> bool {
    matches!(
        code,
        "PermanentRedirect"
            | "TemporaryRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException"
    )
}

/// The region that an S3 response names: in a header, in the error's body, or in its message.
pub(super) fn region_of(raw: &HttpResponse, message: &str) -> Option<Region> {
    let body = raw.body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok());
    raw.headers()
        .get("x-amz-bucket-region")
        .and_then(region)
        .or_else(|| body.and_then(|body| element(body, "Region")).and_then(region))
        // While the name of a new bucket spreads, S3 names only the host to call.
        .or_else(|| body.and_then(|body| element(body, "Endpoint")).and_then(region_of_host))
        // A bucket in the oldest region, us-east-1, has no location constraint.
        .or_else(|| {
            message
                .contains("unspecified location constraint")
                .then(|| region(region_of_location(None)))
                .flatten()
        })
        .or_else(|| {
            message.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').rev().find_map(region)
        })
}

/// The region in `bucket.s3.eu-west-1.amazonaws.com`, or in `bucket.s3-eu-west-1.amazonaws.com`.
/// What comes before is the bucket, in whose name a region means nothing.
fn region_of_host(host: &str) -> Option<Region> {
    let mut labels = host.rsplit('.').take_while(|label| *label != "s3");
    labels.find_map(|label| region(label.strip_prefix("s3-").unwrap_or(label)))
}

fn region(name: &str) -> Option<Region> {
    name.parse().ok().filter(|region: &Region| !region.is_global())
}

/// The error code in the body of a response. Each operation has its own error type, but the errors of
/// XML services have a `<Code>`, and those of JSON services, such as Organizations, a `__type`.
pub(super) fn error_code(body: &str) -> Option<String> {
    if let Some(code) = element(body, "Code") {
        return Some(code.to_owned());
    }
    let error: serde_json::Value = serde_json::from_str(body).ok()?;
    let code = error.get("__type")?.as_str()?;
    // It can be an absolute name: `com.amazonaws.organizations#ExpiredTokenException`.
    Some(code.rsplit('#').next().unwrap_or(code).to_owned())
}

/// The text of the first element with this name.
pub(super) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once('<').map(|(value, _)| value.trim())
}

/// Explains a failed AssumeRole, in front of the message of AWS.
pub(super) fn explain_assume_role(mut cause: Cause, role: &Arn) -> Cause {
    let reason = match (cause.code.as_str(), cause.denied_by) {
        ("AccessDenied" | "AccessDeniedException", _) if cause.message.contains("sts:SetSourceIdentity") => format!(
            "a source identity needs sts:SetSourceIdentity on {role}: allow it in the caller's IAM policy and in the trust policy of the \
             role, or leave out the source identity"
        ),
        ("AccessDenied" | "AccessDeniedException", Some(DeniedBy::IdentityPolicy)) => {
            format!("the caller is not allowed to call sts:AssumeRole on {role}: allow the action in the caller's IAM policy")
        }
        ("AccessDenied" | "AccessDeniedException", Some(by)) => format!("{by} denies sts:AssumeRole on {role}"),
        // AWS does not distinguish these, so that nobody can find out which roles exist.
        ("AccessDenied" | "AccessDeniedException", None) => format!(
            "the role {role} does not exist, does not trust the caller, or requires a different external id; or the caller is not \
             allowed to call sts:AssumeRole on it"
        ),
        ("ExpiredToken" | "ExpiredTokenException", _) => "the caller's credentials have expired: log in again".to_owned(),
        ("InvalidClientTokenId" | "UnrecognizedClientException" | "SignatureDoesNotMatch", _) => {
            "AWS rejected the caller's credentials".to_owned()
        }
        ("RegionDisabledException", _) => {
            "STS is not activated in this region for the caller's account: activate it there, or set a different region".to_owned()
        }
        ("PackedPolicyTooLarge" | "PackedPolicyTooLargeException", _) => {
            "the session policy is too large for STS: select fewer rules".to_owned()
        }
        ("MalformedPolicyDocument" | "MalformedPolicyDocumentException", _) => {
            "AWS rejected the session policy. This is a bug in rolecall; please report it".to_owned()
        }
        ("ValidationError", _) if cause.message.contains("DurationSeconds") => {
            "the session duration exceeds the maximum of the role: lower the configured duration".to_owned()
        }
        _ => return cause,
    };
    let message = if cause.message.is_empty() {
        reason
    } else {
        format!("{reason} (AWS: {})", cause.message)
    };
    cause.message = text::one_line(&message, Cause::MAX_MESSAGE);
    cause
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_assume_role_failure_says_what_to_do() {
        let role: Arn = "arn:aws:iam::111122223333:role/audit".parse().unwrap();
        let table = [
            (
                "AccessDenied",
                "not authorized to perform: sts:AssumeRole",
                "a different external id",
            ),
            (
                "AccessDenied",
                "x with an explicit deny in a service control policy",
                "a service control policy denies sts:AssumeRole on",
            ),
            (
                "AccessDenied",
                "x because no identity-based policy allows the sts:AssumeRole action",
                "the caller is not allowed",
            ),
            (
                "AccessDenied",
                "not authorized to perform: sts:SetSourceIdentity",
                "or leave out the source identity",
            ),
            (
                "ExpiredToken",
                "The security token included in the request is expired",
                "log in again",
            ),
            ("RegionDisabledException", "STS is not activated in this region", "activate it there"),
            ("PackedPolicyTooLarge", "Packed size 120%", "select fewer rules"),
            (
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                "lower the configured duration",
            ),
            ("ServiceUnavailable", "try later", "try later"),
        ];
        for (code, message, expected) in table {
            let raw = Cause::answered("sts:AssumeRole", code, message);
            let explained = explain_assume_role(raw, &role);
            assert!(
                explained.message.contains(expected) && explained.message.contains(message),
                "{code}: {}",
                explained.message
            );
        }
    }

    #[test]
    fn requests_in_messages_are_not_shown() {
        let inner =
            "failed to apply endpoint `x` to request `Request { body: \"ExternalId=s3cret\" }`";
        let error = std::io::Error::other(inner);
        let shown = words(chain(Some(&error)));
        assert_eq!(shown, "failed to apply endpoint `x` to request (not shown)");
    }

    #[test]
    fn codes_are_classified() {
        assert!(is_absent(
            &["ObjectLockConfigurationNotFoundError"],
            "ObjectLockConfigurationNotFound"
        ));
        assert!(
            is_absent(&["NoSuchTagSet"], "NoSuchTagSet")
                && !is_absent(&["NoSuchTagSet"], "NoSuchBucket")
        );
        assert!(!is_absent(&[], "AccessDenied") && !is_absent(&["NoSuchBucketPolicy"], "Error"));
        assert!(
            is_gone("NoSuchBucket")
                && is_gone("InvalidInstanceID.NotFound")
                && !is_gone("NoSuchBucketPolicy")
        );
        assert!(
            is_throttle("SlowDown")
                && is_throttle("RequestLimitExceeded")
                && !is_throttle("AccessDenied")
        );
    }
}
