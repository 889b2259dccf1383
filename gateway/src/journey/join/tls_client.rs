//! What a client shows a peer that asks for its TLS certificate: `peer.tls.clientAuthRequired`.
//!
//! Any certificate that the peer's TLS library takes: other curves and RSA too, so it is read more
//! loosely than an identity's.

use crate::classify::{Classify, Kind, kind_of_io};
use crate::infile;
use medveil_fabric_client::TlsClient;
use rcgen::KeyPair;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use x509_parser::asn1_rs::FromDer;
use x509_parser::certificate::X509Certificate;
use zeroize::Zeroizing;

/// Why a client's TLS certificate and key cannot be used. Never holds a key.
#[derive(Debug, thiserror::Error)]
pub enum TlsClientError {
    #[error("{}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    /// Only what was expected is told: a library's words could repeat what it read.
    #[error("client's TLS certificate {}: expected {expected}", path.display())]
    Form {
        path: PathBuf,
        expected: &'static str,
    },
}

impl Classify for TlsClientError {
    fn kind(&self) -> Kind {
        match self {
            TlsClientError::File { source, .. } => kind_of_io(source),
            TlsClientError::Form { .. } => Kind::Input,
        }
    }
}

/// Where the client's TLS certificate and key are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsClientFiles {
    /// The certificate (PEM), and below it the intermediate authorities that the peer does not
    /// know.
    pub certificate: PathBuf,
    /// Its key (PKCS#8 in PEM).
    pub key: PathBuf,
}

impl TlsClientFiles {
    /// Reads both and checks them.
    ///
    /// **Units**: milliseconds since 1970. **Errors**: a file is missing or of another form; the
    /// key is another certificate's; the certificate is expired.
    pub(super) fn load(&self, dir: &Path, now_ms: u64) -> Result<TlsClient, TlsClientError> {
        let path = dir.join(&self.certificate);
        let certificate = text(&path)?;
        let key = Zeroizing::new(text(&dir.join(&self.key))?);
        let expected = |expected| TlsClientError::Form {
            path: path.clone(),
            expected,
        };
        let client = TlsClient::new(certificate, key).map_err(|_| expected("one in PEM"))?;
        let parsed = X509Certificate::from_der(client.der());
        let (_, parsed) = parsed.map_err(|_| expected("DER of X.509"))?;
        let key = KeyPair::from_pem(client.key()).map_err(|_| expected("a key in PKCS#8"))?;
        if key.public_key_raw() != parsed.public_key().subject_public_key.data.as_ref() {
            return Err(expected("the key that belongs to it"));
        }
        let now_s = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
        let validity = parsed.validity();
        let (first, last) = (validity.not_before, validity.not_after);
        if (first.timestamp()..=last.timestamp()).contains(&now_s) {
            Ok(client)
        } else {
            Err(expected("one that is valid today"))
        }
    }
}

fn text(path: &Path) -> Result<String, TlsClientError> {
    infile::text(path).map_err(|source| TlsClientError::File {
        path: path.to_owned(),
        source,
    })
}
