//! Encryption of the connection, as `sslmode` asks for it.

use super::address::{Encryption, PostgresAddress};
use crate::error::TableError;
use std::path::Path;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::{
    ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// **Errors**: there are no authorities to check a certificate with.
pub(super) fn connector(address: &PostgresAddress) -> Result<MakeRustlsConnect, TableError> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone());
    let builder = builder
        .with_safe_default_protocol_versions()
        .map_err(|source| TableError::Format {
            place: address.place(),
            source: Box::new(source),
        })?;
    let config = match &address.encryption {
        Encryption::Full(root) => {
            builder.with_root_certificates(authorities(root.as_deref(), address)?)
        }
        _ => builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(AnyServer(provider))),
    };
    Ok(MakeRustlsConnect::new(config.with_no_client_auth()))
}

fn authorities(
    file: Option<&Path>,
    address: &PostgresAddress,
) -> Result<RootCertStore, TableError> {
    let mut store = RootCertStore::empty();
    match file {
        Some(path) => {
            let refuse = || TableError::Malformed {
                place: path.display().to_string(),
                what: "expected certificates of authorities, as PEM".to_owned(),
            };
            for one in CertificateDer::pem_file_iter(path).map_err(|_| refuse())? {
                store
                    .add(one.map_err(|_| refuse())?)
                    .map_err(|_| refuse())?;
            }
        }
        None => {
            let found = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(found.certs);
        }
    }
    if store.is_empty() {
        return Err(TableError::Settings(vec![format!(
            "{}: no authority to check the server's certificate with: give sslrootcert",
            address.place()
        )]));
    }
    Ok(store)
}

/// Takes any certificate, as `prefer` and `require` say: what is sent cannot be listened to, but
/// who stands between is not found out. Signatures of the handshake are still checked.
#[derive(Debug)]
struct AnyServer(Arc<CryptoProvider>);

impl ServerCertVerifier for AnyServer {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
