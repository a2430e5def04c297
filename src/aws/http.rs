//! The one HTTP connector of the process. SDK clients that bring their own each open their own connections.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use aws_smithy_http_client::Connector;
use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::{HttpClient, HttpConnectorSettings, SharedHttpClient, SharedHttpConnector};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::session::SessionError;

/// Connections to AWS: TLS by rustls; `HTTP_PROXY`, `HTTPS_PROXY`, `NO_PROXY` as everywhere; the certificates of `ca_bundle` are
/// trusted beside the system's.
pub(super) fn client(ca_bundle: Option<&Path>) -> Result<SharedHttpClient, SessionError> {
    let mut trust = TrustStore::default();
    if let Some(path) = ca_bundle {
        trust.add_pem_certificate(read_bundle(path)?);
    }
    let tls = TlsContext::builder()
        .with_trust_store(trust)
        .build()
        .map_err(|error| SessionError::Http { reason: error.to_string() })?;
    Ok(SharedHttpClient::new(OneClient { tls, connectors: Mutex::default() }))
}

/// The SDK panics over a certificate that it cannot read, so they are read here first.
fn read_bundle(path: &Path) -> Result<Vec<u8>, SessionError> {
    let invalid = |reason: String| SessionError::CaBundle { path: path.to_owned(), reason };
    let pem = std::fs::read(path).map_err(|error| invalid(error.to_string()))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| invalid(error.to_string()))?;
        roots.add(certificate).map_err(|error| invalid(error.to_string()))?;
    }
    if roots.is_empty() { Err(invalid("no certificate in it".to_owned())) } else { Ok(pem) }
}

/// One connector, and so one pool of connections, for each pair of time-outs: one for AWS itself, one or two for the provider chain
/// (instance metadata must answer faster). The SDK's own client would make a connector with all its certificates for every client made.
#[derive(Debug)]
struct OneClient {
    tls: TlsContext,
    connectors: Mutex<HashMap<Timeouts, SharedHttpConnector>>,
}

type Timeouts = (Option<Duration>, Option<Duration>);

impl HttpClient for OneClient {
    fn http_connector(&self, settings: &HttpConnectorSettings, components: &RuntimeComponents) -> SharedHttpConnector {
        let key = (settings.connect_timeout(), settings.read_timeout());
        let mut connectors = self.connectors.lock().unwrap_or_else(PoisonError::into_inner);
        let make = || {
            let mut builder = Connector::builder().connector_settings(settings.clone()).proxy_config(ProxyConfig::from_env());
            builder.set_sleep_impl(components.sleep_impl());
            let builder = builder.tls_provider(Provider::rustls(CryptoMode::AwsLc)).tls_context(self.tls.clone());
            SharedHttpConnector::new(builder.build())
        };
        connectors.entry(key).or_insert_with(make).clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ca_bundle_that_cannot_be_used_is_an_error_not_a_panic() {
        let dir = tempfile::tempdir().unwrap();
        let bad = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        for (name, content) in [("empty", ""), ("text", "hello"), ("bad", bad)] {
            let path = dir.path().join(name);
            std::fs::write(&path, content).unwrap();
            let error = client(Some(&path)).unwrap_err().to_string();
            assert!(error.contains("AWS_CA_BUNDLE") && error.contains(name), "{error}");
        }
        assert!(client(Some(&dir.path().join("missing"))).is_err());
        assert!(client(None).is_ok());
    }
}
