//! What a client shows a peer that asks for its TLS certificate: `peer.tls.clientAuthRequired`.
//!
//! Any certificate that the peer's TLS library takes: other curves and RSA too, so it is read more
//! loosely than an identity's.

use super::{STAGE, text};
use crate::backend::fabric::TlsClient;
use crate::error::{Context, GatewayError};
use rcgen::KeyPair;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use x509_parser::asn1_rs::FromDer;
use x509_parser::certificate::X509Certificate;
use zeroize::Zeroizing;

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
    pub(super) fn load(&self, dir: &Path, now_ms: u64) -> Result<TlsClient, GatewayError> {
        let path = dir.join(&self.certificate);
        let certificate = text(&path)?;
        let key = Zeroizing::new(text(&dir.join(&self.key))?);
        let expected = |what: &str| {
            GatewayError::input(
                STAGE,
                format!(
                    "client's TLS certificate {}: expected {what}",
                    path.display()
                ),
            )
        };
        let client = TlsClient::new(certificate, key).map_err(|_| expected("one in PEM"))?;
        let (_, parsed) =
            X509Certificate::from_der(client.der()).map_err(|_| expected("DER of X.509"))?;
        // The library's own words could repeat what it read: only the place is told.
        let key = KeyPair::from_pem(client.key()).map_err(|_| expected("a key in PKCS#8"))?;
        if key.public_key_raw() != parsed.public_key().subject_public_key.data.as_ref() {
            return Err(expected("the key that belongs to it"));
        }
        let now_s = i64::try_from(now_ms / 1000).internal(STAGE)?;
        let (first, last) = (
            parsed.validity().not_before.timestamp(),
            parsed.validity().not_after.timestamp(),
        );
        if (first..=last).contains(&now_s) {
            Ok(client)
        } else {
            Err(expected("one that is valid today"))
        }
    }
}
