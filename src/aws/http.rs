//! The HTTP client of the process: TLS, proxies and certificates. [`super::connections`] manages its
//! connections.

use std::path::Path;

use aws_smithy_http_client::pool::ConnectionPool;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use super::connections::{Connections, IDLE_TIMEOUT};
use super::descriptors::Budget;
use crate::http::{TlsError, tls_context};

/// Connections to AWS within a budget: TLS by rustls; `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are
/// honored; the certificates of `ca_bundle` are trusted in addition to the system's.
pub(super) fn client(
    ca_bundle: Option<&Path>,
    budget: Budget,
) -> Result<SharedHttpClient, TlsError> {
    let tls = tls_context(ca_bundle)?;
    let connections = Connections::new(budget, |listener| {
        ConnectionPool::builder()
            .idle_timeout(IDLE_TIMEOUT)
            .proxy_config(ProxyConfig::from_env())
            .event_listener(listener)
            .tls_provider(Provider::rustls(CryptoMode::AwsLc))
            .tls_context(tls)
            .build_https()
    });
    let connections = connections.map_err(|reason| TlsError::Setup { reason })?;
    Ok(SharedHttpClient::new(connections))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unusable_ca_bundle_is_an_error() {
        assert!(client(Some(Path::new("missing.pem")), Budget::UNLIMITED).is_err());
        assert!(client(None, Budget::UNLIMITED).is_ok());
    }
}
