//! Where an organisation's peers are and how to know them: the part of a home that makes it a
//! Fabric client.

use medveil_collections_config::{MspId, NameError};
use medveil_custody::{CustodyError, read_plain, read_secret_file, secret_dir, write_secret_file};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The value of `format`.
pub const FORMAT: &str = "medveil-fabric-1";
/// Longest profile: of a few hundred organisations.
///
/// **Units**: bytes.
const LONGEST: u64 = 16 << 20;
/// Longest private key of a TLS certificate.
///
/// **Units**: bytes.
const MAX_TLS_KEY: u64 = 64 * 1024;

/// Why a profile could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    #[error("fabric profile {}", path.display())]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
    /// It is not the JSON of a profile.
    #[error("fabric profile {}: expected {FORMAT}", path.display())]
    Json {
        path: PathBuf,
        source: serde_json::Error,
    },
    /// It is of another format.
    #[error("fabric profile {}: expected format {FORMAT}, got {got}", path.display())]
    Format { path: PathBuf, got: String },
    /// An organisation's name is not a valid one.
    #[error("fabric profile")]
    Name(#[from] NameError),
    /// A key could not be read or kept.
    #[error("fabric profile")]
    Custody(#[from] CustodyError),
    /// A client's TLS certificate or key.
    #[error("fabric profile: expected {0}")]
    TlsClient(&'static str),
}

/// The organisations that this home acts for, and their peers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    format: String,
    pub channel: String,
    /// Name of the contract on the channel.
    pub chaincode: String,
    /// Hash of the header of the channel's first block, in hex: says which network this is.
    pub genesis: String,
    /// Organisations that act here.
    pub organisations: Vec<OrgPeers>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrgPeers {
    pub msp_id: String,
    /// Its peers; the first that answers is used.
    pub peers: Vec<PeerEndpoint>,
    /// The authorities of their TLS certificates, PEM.
    pub tls_authority: String,
    /// What the client shows them, where they ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_client: Option<TlsClient>,
}

/// A client's TLS certificate and its key. The profile names the certificate; the key lies beside
/// it in a file of its own, mode 0600 and without a passphrase, like a peer's: it opens connections
/// and signs nothing that a ledger records.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TlsClient {
    certificate: String,
    #[serde(skip)]
    key: Zeroizing<String>,
    /// The first certificate, DER.
    #[serde(skip)]
    der: Vec<u8>,
}

/// Never the key.
impl fmt::Debug for TlsClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsClient")
            .field("certificate", &self.certificate)
            .finish_non_exhaustive()
    }
}

impl TlsClient {
    /// Joins a certificate (PEM, with the authorities below it that the peer does not know) and its
    /// key (PEM).
    ///
    /// **Errors**: no certificate in PEM. Whether the key fits is for the caller to know.
    pub fn new(certificate: String, key: Zeroizing<String>) -> Result<Self, ProfileError> {
        let block = x509_parser::pem::parse_x509_pem(certificate.as_bytes())
            .ok()
            .filter(|(_, block)| block.label == "CERTIFICATE");
        let expected = ProfileError::TlsClient("a client's TLS certificate in PEM");
        let (_, block) = block.ok_or(expected)?;
        Ok(TlsClient {
            certificate,
            key,
            der: block.contents,
        })
    }

    /// The certificate, PEM.
    pub fn certificate(&self) -> &str {
        &self.certificate
    }

    /// The certificate, DER.
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The key, PEM.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// SHA-256 of the certificate: what the channel header of a request to a peer that asks for
    /// certificates binds it to (`tls_cert_hash`).
    pub fn certificate_hash(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }
}

impl OrgPeers {
    /// Where the home whose profile lies at `profile` keeps the key of this organisation's TLS
    /// certificate.
    fn tls_key(&self, profile: &Path) -> PathBuf {
        profile
            .with_file_name("msp")
            .join(&self.msp_id)
            .join("tls-client.key")
    }

    /// Puts the key of its TLS certificate beside the profile, where it has one.
    ///
    /// **Errors**: the file system refused.
    pub fn keep_tls_key(&self, profile: &Path) -> Result<(), ProfileError> {
        let Some(client) = &self.tls_client else {
            return Ok(());
        };
        let path = self.tls_key(profile);
        secret_dir(path.parent().unwrap_or(profile))?;
        Ok(write_secret_file(&path, client.key.as_bytes())?)
    }

    fn with_tls_key(mut self, profile: &Path) -> Result<Self, ProfileError> {
        // The name becomes part of a path, and the profile is a file that people may edit.
        MspId::new(&*self.msp_id)?;
        if let Some(client) = self.tls_client.take() {
            let bytes = read_secret_file(&self.tls_key(profile), MAX_TLS_KEY)?;
            let key =
                std::str::from_utf8(&bytes).map_err(|_| ProfileError::TlsClient("a key in PEM"))?;
            self.tls_client = Some(TlsClient::new(
                client.certificate,
                Zeroizing::new(key.to_owned()),
            )?);
        }
        Ok(self)
    }
}

/// Where one peer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PeerEndpoint {
    /// `host:port`.
    pub address: String,
    /// The name in its TLS certificate, where that is not the host of the address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tls_name: Option<String>,
}

impl Profile {
    /// A profile of no organisation yet.
    pub fn new(channel: &str, chaincode: &str, genesis: &str) -> Self {
        let text = str::to_owned;
        Profile {
            format: text(FORMAT),
            channel: text(channel),
            chaincode: text(chaincode),
            genesis: text(genesis),
            organisations: Vec::new(),
        }
    }

    /// Adds an organisation, or replaces what is known of it.
    pub fn put(&mut self, org: OrgPeers) {
        self.organisations.retain(|o| o.msp_id != org.msp_id);
        self.organisations.push(org);
    }

    pub fn org(&self, msp_id: &MspId) -> Option<&OrgPeers> {
        self.organisations
            .iter()
            .find(|o| o.msp_id == msp_id.as_str())
    }

    /// Reads a profile, and the keys of the TLS certificates that it names.
    ///
    /// **Errors**: no such file, or another format; a key that is missing or that others can read.
    pub fn read(path: &Path) -> Result<Self, ProfileError> {
        let owned = || path.to_owned();
        let io = |source| ProfileError::Io {
            path: owned(),
            source,
        };
        let text = read_plain(path, LONGEST).map_err(io)?;
        let mut profile: Profile =
            serde_json::from_slice(&text).map_err(|source| ProfileError::Json {
                path: owned(),
                source,
            })?;
        if profile.format != FORMAT {
            return Err(ProfileError::Format {
                path: owned(),
                got: profile.format,
            });
        }
        profile.organisations = profile
            .organisations
            .into_iter()
            .map(|org| org.with_tls_key(path))
            .collect::<Result<_, _>>()?;
        Ok(profile)
    }

    /// Its bytes, without any key.
    pub fn to_json(&self) -> Vec<u8> {
        // Strings and lists of them always have JSON.
        serde_json::to_vec_pretty(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
