//! Owns the certificate authority of the fake and the certificates that it issues: one for each
//! parent domain, as on AWS.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert, ServerSessionMemoryCache};
use rustls::sign::{CertifiedKey, SigningKey};

use super::hosts::Host;

/// A certificate authority made for this process. It issues a certificate for the host that a
/// client names.
pub struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
    /// One key pair for all hosts: making keys takes time.
    key: KeyPair,
    signing_key: Arc<dyn SigningKey>,
    issued: Mutex<HashMap<String, Arc<CertifiedKey>>>,
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl Authority {
    pub fn new() -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "fake AWS, for tests only");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca_key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&ca_key).unwrap().pem();
        let key = KeyPair::generate().unwrap();
        let der = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let signing_key = aws_lc_rs::sign::any_supported_type(&der).unwrap();
        Self {
            pem,
            issuer: Issuer::new(params, ca_key),
            key,
            signing_key,
            issued: Mutex::default(),
        }
    }

    pub fn pem(&self) -> &str {
        &self.pem
    }

    /// The certificate for a name, `*.s3.us-east-1.amazonaws.com` or an exact one.
    fn certificate(&self, name: &str) -> Arc<CertifiedKey> {
        let mut issued = self.issued.lock().unwrap();
        if let Some(certificate) = issued.get(name) {
            return certificate.clone();
        }
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "fake AWS");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        params.use_authority_key_identifier_extension = true;
        let certificate: CertificateDer<'static> =
            params.signed_by(&self.key, &self.issuer).unwrap().into();
        let certified = Arc::new(CertifiedKey::new(vec![certificate], self.signing_key.clone()));
        issued.insert(name.to_owned(), certified.clone());
        certified
    }

    /// The TLS configuration of a server with these certificates. Sessions can be resumed.
    pub fn server_config(self: &Arc<Self>) -> Arc<ServerConfig> {
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        config.session_storage = ServerSessionMemoryCache::new(4096);
        Arc::new(config)
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let host = Host::parse(hello.server_name()?)?;
        Some(self.certificate(&host.certificate_name()))
    }
}
