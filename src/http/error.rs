//! Why a request got no response.

use std::error::Error;

use super::tls::TlsError;
use crate::model::text::one_line;

/// Why a request got no response. It contains neither the address nor headers.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// TLS could not be set up.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The client could not be started.
    #[error("cannot start the HTTP client: {reason}")]
    Start {
        /// The reason.
        reason: String,
    },
    /// The request cannot be sent as it is.
    #[error("the request is not valid: {reason}")]
    Request {
        /// The reason.
        reason: String,
    },
    /// The service did not respond.
    #[error(
        "no response: {reason}; check the network, the proxy (HTTPS_PROXY) and the certificates (AWS_CA_BUNDLE)"
    )]
    NoResponse {
        /// The reason.
        reason: String,
    },
    /// The certificate of the service is not valid, or not trusted.
    #[error(
        "the certificate of the service was not accepted: {reason}; if it has a private certificate authority, set AWS_CA_BUNDLE to a PEM file with its certificate"
    )]
    Certificate {
        /// The reason.
        reason: String,
    },
    /// The service was too slow.
    #[error("no response within {seconds} seconds; check the network and the proxy (HTTPS_PROXY)")]
    TimedOut {
        /// The limit.
        seconds: u64,
    },
}

impl HttpError {
    /// The error for a request without a response.
    pub(super) fn without_response(error: &(dyn Error + 'static)) -> Self {
        let reason = reason(error);
        match reason.contains("invalid peer certificate") {
            true => Self::Certificate { reason },
            false => Self::NoResponse { reason },
        }
    }
}

/// The innermost reasons of an error, in one line.
fn reason(error: &(dyn Error + 'static)) -> String {
    let mut texts: Vec<String> = Vec::new();
    let mut next = Some(error);
    while let Some(error) = next {
        let text = error.to_string();
        // Many errors repeat the one inside.
        texts.retain(|outer| !outer.ends_with(&text));
        texts.push(text);
        next = error.source();
    }
    let from = texts.len().saturating_sub(2);
    one_line(&texts.get(from..).unwrap_or_default().join(": "), 300)
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{text}")]
    struct Outer {
        text: &'static str,
        source: io::Error,
    }

    #[test]
    fn the_reason_is_the_innermost_error() {
        let error = |text| Outer { text, source: io::Error::other("connection refused") };
        assert_eq!(reason(&error("tcp")), "tcp: connection refused");
        assert_eq!(reason(&error("tcp: connection refused")), "connection refused");
        let refused = HttpError::without_response(&error("tcp"));
        assert!(matches!(refused, HttpError::NoResponse { .. }));
        let untrusted = io::Error::other("invalid peer certificate: UnknownIssuer");
        let refused = HttpError::without_response(&untrusted);
        assert!(matches!(refused, HttpError::Certificate { .. }), "it does not pass by itself");
    }
}
