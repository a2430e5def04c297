//! TLS: which certificates are trusted.

use std::path::{Path, PathBuf};

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Why TLS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
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
    Setup {
        /// The TLS library's reason.
        reason: String,
    },
}

/// Trusts the certificates of `ca_bundle` in addition to the system's.
pub fn tls_context(ca_bundle: Option<&Path>) -> Result<TlsContext, TlsError> {
    let mut trust = TrustStore::default();
    if let Some(path) = ca_bundle {
        trust.add_pem_certificate(read_bundle(path)?);
    }
    let unusable = |error: aws_smithy_http_client::HttpClientError| TlsError::Setup {
        reason: error.to_string(),
    };
    TlsContext::builder().with_trust_store(trust).build().map_err(unusable)
}

/// The SDK panics on an invalid certificate, so certificates are parsed here first.
fn read_bundle(path: &Path) -> Result<Vec<u8>, TlsError> {
    let invalid = |reason: String| TlsError::CaBundle { path: path.to_owned(), reason };
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
            let error = tls_context(Some(&path)).unwrap_err().to_string();
            assert!(error.contains("AWS_CA_BUNDLE") && error.contains(name), "{error}");
        }
        assert!(tls_context(Some(&dir.path().join("missing"))).is_err());
        assert!(tls_context(None).is_ok());
    }
}
