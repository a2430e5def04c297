//! The HTTP client of the process: TLS, proxies and certificates. [`super::connections`] manages its
//! connections.

use std::path::{Path, PathBuf};

use aws_smithy_http_client::pool::ConnectionPool;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::connections::{Connections, IDLE_TIMEOUT};
use super::descriptors::Budget;

/// Why there is no HTTP client.
#[derive(Debug, thiserror::Error)]
pub enum HttpClientError {
    /// The file of additional certificates is unusable.
    #[error("cannot use the CA bundle `{path}` (AWS_CA_BUNDLE): {reason}; it must be a PEM file with certificates", path = path.display())]
    CaBundle {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// TLS could not be set up.
    #[error("cannot set up TLS: {reason}")]
    Tls {
        /// The TLS library's reason.
        reason: String,
    },
}

/// Connections to AWS within a budget: TLS by rustls; `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` are
/// honored; the certificates of `ca_bundle` are trusted in addition to the system's.
pub(super) fn client(
    ca_bundle: Option<&Path>,
    budget: Budget,
) -> Result<SharedHttpClient, HttpClientError> {
    let mut trust = TrustStore::default();
    if let Some(path) = ca_bundle {
        trust.add_pem_certificate(read_bundle(path)?);
    }
    let unusable = |reason: String| HttpClientError::Tls { reason };
    let tls = TlsContext::builder()
        .with_trust_store(trust)
        .build()
        .map_err(|error| unusable(error.to_string()))?;
    let connections = Connections::new(budget, |listener| {
        ConnectionPool::builder()
            .idle_timeout(IDLE_TIMEOUT)
            .proxy_config(ProxyConfig::from_env())
            .event_listener(listener)
            .tls_provider(Provider::rustls(CryptoMode::AwsLc))
            .tls_context(tls)
            .build_https()
    });
    Ok(SharedHttpClient::new(connections.map_err(unusable)?))
}

/// The SDK panics on an invalid certificate, so certificates are parsed here first.
fn read_bundle(path: &Path) -> Result<Vec<u8>, HttpClientError> {
    let invalid = |reason: String| HttpClientError::CaBundle { path: path.to_owned(), reason };
    let pem = std::fs::read(path).map_err(|error| invalid(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| invalid(error.to_string()))?;
        roots.add(certificate).map_err(|error| invalid(error.to_string()))?;
    }
    if roots.is_empty() { Err(invalid("it contains no certificate".to_owned())) } else { Ok(pem) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_ca_bundle_is_an_error_and_does_not_panic() {
        let dir = tempfile::tempdir().unwrap();
        let bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (name, content) in [("empty", ""), ("text", "hello"), ("bad", bad)] {
            let path = dir.path().join(name);
            std::fs::write(&path, content).unwrap();
            let error = client(Some(&path), Budget::UNLIMITED).unwrap_err().to_string();
            assert!(error.contains("AWS_CA_BUNDLE") && error.contains(name), "{error}");
        }
        assert!(client(Some(&dir.path().join("missing")), Budget::UNLIMITED).is_err());
        assert!(client(None, Budget::UNLIMITED).is_ok());
    }
}
