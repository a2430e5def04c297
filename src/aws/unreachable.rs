//! Why there is no connection to a host, in words that name the host and say what to do; and whether
//! another attempt can help.

use std::error::Error;
use std::iter::successors;

use aws_smithy_runtime_api::client::result::ConnectorError;

/// There is no connection to a host.
#[derive(Debug, thiserror::Error)]
#[error("no connection to {host}{hint}")]
struct Unreachable {
    host: String,
    hint: &'static str,
    source: Option<ConnectorError>,
}

/// What a step of connecting reports, what to say instead or in addition, and whether that is all.
struct Known {
    words: &'static str,
    hint: &'static str,
    is_all: bool,
}

/// The SDK's proxy client reports its failures by their words only.
const KNOWN: [Known; 7] = [
    Known {
        words: "tunnel error: unsuccessful",
        hint: ": the proxy (HTTPS_PROXY) did not connect to it",
        is_all: true,
    },
    Known {
        words: "tunnel error: unexpected end of file",
        hint: ": the proxy (HTTPS_PROXY) closed the connection",
        is_all: true,
    },
    Known {
        words: "tunnel error: proxy authorization required",
        hint: ": the proxy (HTTPS_PROXY) asks for a user name and password; put them into its URL",
        is_all: true,
    },
    Known {
        words: "invalid peer certificate: UnknownIssuer",
        hint: "; if a proxy inspects TLS, set AWS_CA_BUNDLE to a PEM file with its certificate",
        is_all: false,
    },
    Known { words: "tcp connect error", hint: "", is_all: false },
    Known { words: "dns error", hint: "", is_all: false },
    Known { words: "connect timeout", hint: "", is_all: false },
];

/// An error of connecting to the host of a URL with words of ours. A proxy that does not connect may do
/// so at the next attempt, so that is an I/O error, which is retried.
pub(super) fn explained(error: ConnectorError, url: &str) -> ConnectorError {
    let known = KNOWN.iter().find(|known| says(&error, known.words));
    let Some(Known { hint, is_all, words }) = known else { return error };
    let is_transient = *is_all && !words.contains("authorization");
    let (is_io, is_timeout) = (error.is_io() || is_transient, error.is_timeout());
    let host = host(url).to_owned();
    let source = Some(error).filter(|_| !is_all);
    let error = Box::new(Unreachable { host, hint, source });
    let error = match (is_timeout, is_io) {
        (true, _) => ConnectorError::timeout(error),
        (false, true) => ConnectorError::io(error),
        (false, false) => ConnectorError::other(error, None),
    };
    error.never_connected()
}

/// Whether an error or one behind it says this.
fn says(error: &ConnectorError, words: &str) -> bool {
    let first: &(dyn Error + 'static) = error;
    successors(Some(first), |error| (*error).source()).any(|link| link.to_string().contains(words))
}

/// The host of a URL, with its port if it has one.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn an_unreachable_host_is_named_and_a_proxy_is_asked_again() {
        let other = |words: &str| ConnectorError::other(words.to_owned().into(), None);
        let io = |words: &str| ConnectorError::io(io::Error::other(words.to_owned()).into());
        let timeout = ConnectorError::timeout("connect timeout occurred after 3s".into());
        let table = [
            (other("tunnel error: unsuccessful"), "did not connect", true),
            (other("tunnel error: unexpected end of file"), "closed the connection", true),
            (other("tunnel error: proxy authorization required"), "user name", false),
            (other("TLS: invalid peer certificate: UnknownIssuer"), "AWS_CA_BUNDLE", false),
            (io("tcp connect error: Connection refused"), "sts.eu-west-1.amazonaws.com", true),
            (timeout, "sts.eu-west-1.amazonaws.com", false),
        ];
        for (error, words, is_io) in table {
            let is_timeout = error.is_timeout();
            let error = explained(error, "https://sts.eu-west-1.amazonaws.com/?Action=x");
            let text = error.source().unwrap().to_string();
            assert!(text.starts_with("no connection to sts.eu-west-1.amazonaws.com"), "{text}");
            assert!(text.contains(words), "{text}");
            assert_eq!((error.is_io(), error.is_timeout()), (is_io, is_timeout), "{text}");
        }
        let reset = explained(io("connection reset"), "https://sts.eu-west-1.amazonaws.com/");
        assert_eq!(reset.source().unwrap().to_string(), "connection reset");
    }

    #[test]
    fn the_host_of_a_url_is_without_credentials_and_path() {
        assert_eq!(host("http://user:secret@127.0.0.1:8080/a?b=c"), "127.0.0.1:8080");
        assert_eq!(host("https://s3.amazonaws.com"), "s3.amazonaws.com");
    }
}
