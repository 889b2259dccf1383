//! The service's side of TLS: its certificate, whose certificates get in, and which of them are the
//! organisation's own peers'.

use std::sync::Arc;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::{VerifierBuilderError, WebPkiClientVerifier};
use tokio_rustls::rustls::{self, RootCertStore, ServerConfig};

/// Certificates of a service, each PEM.
pub struct Tls {
    /// The service's certificate chain.
    pub certificate: Vec<u8>,
    /// Its private key.
    pub key: Vec<u8>,
    /// The authority whose certificates peers must show.
    pub client_authority: Vec<u8>,
    /// What the organisation's own peers show: for each, places that nobody else can take. Without
    /// them all certificates of the authority are alike.
    pub own_peers: Option<Vec<u8>>,
}

/// Why certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("{what}: expected PEM")]
    Pem {
        what: &'static str,
        source: pem::Error,
    },
    #[error("{what}: expected at least one certificate")]
    None { what: &'static str },
    #[error("authority of the peers")]
    Authority(#[from] VerifierBuilderError),
    #[error("certificates")]
    Rustls(#[from] rustls::Error),
}

fn certificates(pem: &[u8], what: &'static str) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let read = CertificateDer::pem_slice_iter(pem).collect::<Result<Vec<_>, _>>();
    let read = read.map_err(|source| TlsError::Pem { what, source })?;
    if read.is_empty() {
        return Err(TlsError::None { what });
    }
    Ok(read)
}

impl Tls {
    /// What makes a connection one of TLS.
    pub(crate) fn acceptor(&self) -> Result<TlsAcceptor, TlsError> {
        let mut roots = RootCertStore::empty();
        for authority in certificates(&self.client_authority, "authority of the peers")? {
            roots.add(authority)?;
        }
        let provider = Arc::new(ring::default_provider());
        let roots = Arc::new(roots);
        let peers = WebPkiClientVerifier::builder_with_provider(roots, provider.clone()).build()?;
        let key = PrivateKeyDer::from_pem_slice(&self.key);
        let key = key.map_err(|source| TlsError::Pem {
            what: "private key",
            source,
        })?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(peers)
            .with_single_cert(certificates(&self.certificate, "certificate")?, key)?;
        config.alpn_protocols = vec![b"h2".to_vec()];
        Ok(TlsAcceptor::from(Arc::new(config)))
    }

    /// The certificates of the organisation's own peers.
    pub(crate) fn own(&self) -> Result<Vec<CertificateDer<'static>>, TlsError> {
        let pem = self.own_peers.as_deref();
        pem.map_or(Ok(Vec::new()), |pem| {
            certificates(pem, "certificates of own peers")
        })
    }
}
