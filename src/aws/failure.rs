//! From an SDK error of any service to a [`Cause`]: which call, which code, who denied it, in words
//! that read the same in every run.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::ErrorMetadata;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_types::request_id::RequestId;

pub(super) use crate::facts::is_absent;
use crate::facts::s3::bucket::region_of_location;
use crate::model::{Arn, Cause, DeniedBy, Region, text};

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
                        Cause::answered(call, code, message)
                    }
                    // The SDK could not make sense of the body: not XML, or another document than
                    // the API's.
                    None => {
                        let status = answer.raw().status().as_u16();
                        let reason = words(chain(answer.err().source()));
                        let message = format!(
                            "HTTP status {status} without an error code, and not the expected answer: {reason}"
                        );
                        cause(call, "InvalidResponse", message.trim_end_matches(": "))
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

/// The cause of a failed AssumeRole, carried through the SDK's credential chain to the call that
/// needed the credentials.
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

/// The cause of a call for which there are no credentials. A refused AssumeRole behind it keeps its
/// own cause.
pub(super) fn no_credentials(call: &str, error: &CredentialsError) -> Cause {
    if let Some(NotEntered(cause)) =
        chain(Some(error)).find_map(|link| link.downcast_ref::<NotEntered>())
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

/// Whether a resource that was listed does not exist any more.
pub(super) fn is_gone(code: &str) -> bool {
    const CODES: [&str; 4] = [
        "AccessGrantsInstanceNotExistsError",
        "NoSuchAccessPoint",
        "NoSuchBucket",
        "NoSuchMultiRegionAccessPoint",
    ];
    CODES.contains(&code) || code.ends_with(".NotFound")
}

/// Whether a bucket call went to another region than the bucket's.
fn is_redirect(code: &str) -> bool {
    matches!(
        code,
        "PermanentRedirect" | "AuthorizationHeaderMalformed" | "IllegalLocationConstraintException"
    )
}

/// The region that an S3 answer names: in a header, in the error's body, or in its message.
pub(super) fn region_of(raw: &HttpResponse, message: &str) -> Option<Region> {
    let body = raw.body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok());
    raw.headers()
        .get("x-amz-bucket-region")
        .and_then(region)
        .or_else(|| body.and_then(|body| element(body, "Region")).and_then(region))
        // A bucket in the oldest region has no location constraint to name.
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

fn region(name: &str) -> Option<Region> {
    name.parse().ok().filter(|region: &Region| !region.is_global())
}

/// The text of the first element of that name.
pub(super) fn element<'a>(xml: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once('<').map(|(value, _)| value.trim())
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
    fn an_assume_role_failure_says_what_to_look_at() {
        let role: Arn = "arn:aws:iam::111122223333:role/audit".parse().unwrap();
        let table = [
            ("AccessDenied", "not authorized to perform: sts:AssumeRole", "another external id"),
            (
                "AccessDenied",
                "x with an explicit deny in a service control policy",
                "a service control policy forbids",
            ),
            (
                "AccessDenied",
                "x because no identity-based policy allows the sts:AssumeRole action",
                "the caller has no permission",
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
                "lower its duration",
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
    fn codes_are_sorted_into_what_follows_from_them() {
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
