//! Owns what AWS checks before a service answers: whether the request was signed for this host, and
//! whether a bucket is asked at its own region's host and in a style that is allowed.

use super::hosts::Service;
use super::request::{Request, Style};
use super::response::Response;
use super::server::State;

/// How S3 refuses a request for a bucket of another region. Which one AWS sends depends on the
/// regions and on the style of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Redirect {
    /// 301 `PermanentRedirect`. The region is in the header `x-amz-bucket-region`.
    #[default]
    Permanent,
    /// 400 `AuthorizationHeaderMalformed`. The region is in the header and in `<Region>`.
    Malformed,
    /// 400 `IllegalLocationConstraintException`, as between regions that must be enabled first. The
    /// region is only in the message, where `us-east-1` is called `unspecified`.
    IllegalLocation,
}

/// The refusal of a request, or `None` if the service answers it.
pub(super) fn refusal(state: &State, request: &Request) -> Option<Response> {
    wrong_signature(request)
        .or_else(|| wrong_style(state, request))
        .or_else(|| wrong_region(state, request))
}

/// Refuses a request that was signed for another service or region. Requests without a signature
/// pass.
fn wrong_signature(request: &Request) -> Option<Response> {
    let host = &request.host;
    if request.signed_for.is_empty() {
        return None;
    }
    let service = host.service.signing_name();
    if request.signed_for != service {
        let message = format!("Credential should be scoped to correct service: '{service}'.");
        return Some(Response::error(request, 403, "SignatureDoesNotMatch", &message, &[]));
    }
    if request.region == host.region {
        return None;
    }
    let message = "Credential should be scoped to a valid region.";
    Some(match host.service {
        Service::Ec2 => Response::error(request, 401, "AuthFailure", message, &[]),
        Service::Sts => Response::error(request, 403, "SignatureDoesNotMatch", message, &[]),
        Service::Organizations => {
            Response::error(request, 400, "InvalidSignatureException", message, &[])
        }
        Service::S3 | Service::S3Control | Service::S3ExpressControl | Service::S3ExpressZonal => {
            malformed(request, &host.region)
        }
    })
}

pub(super) fn malformed(request: &Request, expected: &str) -> Response {
    let message = format!(
        "The authorization header is malformed; the region '{}' is wrong; expecting '{expected}'",
        request.region
    );
    let response = Response::error(
        request,
        400,
        "AuthorizationHeaderMalformed",
        &message,
        &[("Region", expected)],
    );
    response.with_header("x-amz-bucket-region", expected)
}

fn wrong_style(state: &State, request: &Request) -> Option<Response> {
    if request.host.service != Service::S3 {
        return None;
    }
    match request.style {
        Style::Path if state.options.refuse_path_style => {
            let region = state.options.backend.bucket_region(request);
            Some(permanent_redirect(request, region.as_deref().unwrap_or(&request.host.region)))
        }
        Style::Virtual if state.options.refuse_virtual_hosted => {
            state
                .counters
                .violation(format!("{} was virtual-hosted: {}", request.call, request.host));
            Some(Response::error(
                request,
                400,
                "InvalidRequest",
                "Virtual-hosted requests are refused by this fake.",
                &[],
            ))
        }
        _ => None,
    }
}

fn wrong_region(state: &State, request: &Request) -> Option<Response> {
    if !matches!(request.host.service, Service::S3 | Service::S3ExpressControl)
        || request.bucket.is_none()
    {
        return None;
    }
    let region = state.options.backend.bucket_region(request)?;
    if region == request.host.region {
        return None;
    }
    Some(match state.options.redirect {
        Redirect::Permanent => permanent_redirect(request, &region),
        Redirect::Malformed => malformed(request, &region),
        Redirect::IllegalLocation => {
            let constraint = if region == "us-east-1" { "unspecified" } else { &region };
            let message = format!(
                "The {constraint} location constraint is incompatible for the region specific endpoint this request was sent to."
            );
            Response::error(request, 400, "IllegalLocationConstraintException", &message, &[])
        }
    })
}

pub(super) fn permanent_redirect(request: &Request, region: &str) -> Response {
    let bucket = request.bucket.as_deref().unwrap_or_default();
    let endpoint = format!("{bucket}.{}", request.host.s3_endpoint(region));
    let message = "The bucket you are attempting to access must be addressed using the specified endpoint. \
                   Please send all future requests to this endpoint.";
    let extra = [("Endpoint", endpoint.as_str()), ("Bucket", bucket)];
    Response::error(request, 301, "PermanentRedirect", message, &extra)
        .with_header("x-amz-bucket-region", region)
}
