//! What must happen after a write that failed.

use std::error::Error;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use crate::aws::failure::{Failure, is_throttle};
use crate::fixes::{WriteError, WriteErrorKind};
use crate::model::Cause;

/// Codes of changes that AWS did not begin because another one is in progress.
const BUSY: [&str; 2] = ["OperationAborted", "ConcurrentTagAccess"];

/// Codes of rolecall for requests that were not sent.
const NOT_SENT: [&str; 2] = ["InvalidRequest", "NoCredentials"];

/// The error of a write, and the failure for the statistics.
pub(super) fn of_sdk<E>(call: &str, error: &SdkError<E, HttpResponse>) -> (WriteError, Failure)
where
    E: ProvideErrorMetadata + Error + 'static,
{
    let failure = Failure::of(call, error);
    let status = error.raw_response().map(|response| response.status().as_u16());
    let answered = matches!(error, SdkError::ServiceError(_));
    let error = WriteError {
        kind: kind(&failure.cause, call, answered, status),
        cause: failure.cause.clone(),
        request_id: failure.request_id.as_deref().map(str::to_owned),
    };
    (error, failure)
}

/// The error of a call that answered with success, and with a failure for the resource.
pub(super) fn of_item(
    call: &str,
    code: &str,
    message: &str,
    request_id: Option<&str>,
) -> WriteError {
    let cause = Cause::answered(call, code, message);
    // Only a server that failed can have carried it out.
    let status = if code == "InternalError" { 500 } else { 400 };
    WriteError {
        kind: kind(&cause, call, true, Some(status)),
        cause,
        request_id: request_id.map(str::to_owned),
    }
}

/// What must happen after a failure. What was not answered, or by a server that failed, may have been
/// carried out.
fn kind(cause: &Cause, call: &str, answered: bool, status: Option<u16>) -> WriteErrorKind {
    // The credentials for it could not be had, so it was not sent.
    let not_sent = cause.call != call || NOT_SENT.contains(&cause.code.as_str());
    if cause.is_denial() && (answered || not_sent) {
        WriteErrorKind::Denied
    } else if not_sent {
        WriteErrorKind::Refused
    } else if answered && (BUSY.contains(&cause.code.as_str()) || is_throttle(&cause.code)) {
        WriteErrorKind::Busy
    } else if answered && status.is_some_and(|status| (300..500).contains(&status)) {
        WriteErrorKind::Refused
    } else {
        WriteErrorKind::Unanswered
    }
}

/// The error for a change that cannot be expressed as a request.
pub(super) fn invalid(call: &str, reason: &str) -> WriteError {
    WriteError {
        kind: WriteErrorKind::Refused,
        cause: Cause::new(call, "InvalidRequest", reason),
        request_id: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_depends_on_whether_aws_refused() {
        const CALL: &str = "s3:PutPublicAccessBlock";
        let kind = |call: &str, code: &str, status: Option<u16>| {
            let message = match code {
                "Blocked" => "with an explicit deny in a service control policy",
                _ => "",
            };
            super::kind(&Cause::answered(call, code, message), CALL, status.is_some(), status)
        };
        use WriteErrorKind::{Busy, Denied, Refused, Unanswered};
        let table = [
            ("AccessDenied", Some(403), Denied),
            ("UnauthorizedOperation", Some(403), Denied),
            ("Blocked", Some(400), Denied),
            ("OperationAborted", Some(409), Busy),
            ("SlowDown", Some(503), Busy),
            ("RequestLimitExceeded", Some(503), Busy),
            ("MalformedPolicy", Some(400), Refused),
            ("PermanentRedirect", Some(301), Refused),
            ("InternalError", Some(500), Unanswered),
            ("ServiceUnavailable", Some(503), Unanswered),
            ("Timeout", None, Unanswered),
            ("ConnectionFailed", None, Unanswered),
            ("InvalidResponse", None, Unanswered),
            ("InvalidRequest", None, Refused),
            ("NoCredentials", None, Refused),
        ];
        for (code, status, expected) in table {
            assert_eq!(kind(CALL, code, status), expected, "{code}");
        }
        assert_eq!(kind("sts:AssumeRole", "AccessDenied", None), Denied);
        assert_eq!(kind("sts:AssumeRole", "Timeout", None), Refused);
    }
}
