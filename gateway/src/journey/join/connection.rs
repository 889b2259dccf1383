//! Where an organisation's peers are: as a join file says, or as a common connection profile does.
//!
//! Source: the connection profiles (JSON or YAML) of Fabric's application kits: `organizations`,
//! `peers`, `tlsCACerts`, `grpcOptions`.

use crate::classify::{Classify, Kind, kind_of_io};
use crate::infile;
use medveil_collections_config::MspId;
use medveil_fabric_client::PeerEndpoint;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use x509_parser::error::PEMError;

/// Largest connection profile.
///
/// **Units**: bytes.
const MAX_PROFILE: usize = 1 << 20;

/// Why it is not known where an organisation's peers are.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    #[error("{}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("{}: expected at most {MAX_PROFILE} bytes, got {got}", path.display())]
    TooLong { path: PathBuf, got: usize },
    #[error("{}: expected a connection profile", path.display())]
    Form {
        path: PathBuf,
        source: Box<serde_saphyr::Error>,
    },
    #[error("{}: expected an organization with mspid {org}", path.display())]
    NoOrganisation { path: PathBuf, org: MspId },
    #[error("{}: expected peers of {org}", path.display())]
    NoPeers { path: PathBuf, org: MspId },
    #[error("{}: expected the peer {peer} that {org} names", path.display())]
    NoPeer {
        path: PathBuf,
        org: MspId,
        peer: String,
    },
    #[error("connection profile, peer {peer}: expected grpcs://HOST:PORT, got \"{got}\"")]
    Address { peer: String, got: String },
    #[error("tls authority")]
    TlsAuthority(#[source] PEMError),
    #[error("tls authority: expected certificates in PEM, got none")]
    NoTlsAuthority,
}

impl Classify for ConnectionError {
    fn kind(&self) -> Kind {
        match self {
            ConnectionError::File { source, .. } => kind_of_io(source),
            ConnectionError::TooLong { .. }
            | ConnectionError::Form { .. }
            | ConnectionError::NoOrganisation { .. }
            | ConnectionError::NoPeers { .. }
            | ConnectionError::NoPeer { .. }
            | ConnectionError::Address { .. }
            | ConnectionError::TlsAuthority(_)
            | ConnectionError::NoTlsAuthority => Kind::Input,
        }
    }
}

/// What is read of a connection profile; the rest is for other clients.
#[derive(Deserialize)]
struct ConnectionProfile {
    organizations: BTreeMap<String, Organization>,
    peers: BTreeMap<String, Peer>,
}

#[derive(Deserialize)]
struct Organization {
    mspid: String,
    #[serde(default)]
    peers: Vec<String>,
}

#[derive(Deserialize)]
struct Peer {
    url: String,
    #[serde(rename = "tlsCACerts")]
    tls_authorities: TlsAuthorities,
    #[serde(rename = "grpcOptions", default)]
    options: BTreeMap<String, Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
enum TlsAuthorities {
    Pem(OneOrMany),
    Path(String),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl Peer {
    /// `grpcs://host:port`, and the name that its certificate is known by.
    fn endpoint(&self, name: &str) -> Result<PeerEndpoint, ConnectionError> {
        let has_host_and_port = |address: &&str| {
            let parts = address.rsplit_once(':');
            parts.is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        };
        let address = self.url.strip_prefix("grpcs://");
        let address = address
            .map(|a| a.trim_end_matches('/'))
            .filter(has_host_and_port);
        let address = address.ok_or_else(|| ConnectionError::Address {
            peer: name.to_owned(),
            got: self.url.clone(),
        })?;
        let option = |key: &str| {
            let value = self.options.get(key).and_then(Value::as_str);
            value.map(str::to_owned)
        };
        Ok(PeerEndpoint {
            address: address.to_owned(),
            tls_name: option("ssl-target-name-override").or_else(|| option("hostnameOverride")),
        })
    }

    fn authorities(&self, dir: &Path) -> Result<String, ConnectionError> {
        match &self.tls_authorities {
            TlsAuthorities::Pem(OneOrMany::One(pem)) => Ok(pem.clone()),
            TlsAuthorities::Pem(OneOrMany::Many(pems)) => Ok(pems.join("\n")),
            TlsAuthorities::Path(path) => text(&dir.join(path)),
        }
    }
}

fn text(path: &Path) -> Result<String, ConnectionError> {
    infile::text(path).map_err(|source| ConnectionError::File {
        path: path.to_owned(),
        source,
    })
}

fn profile(path: &Path) -> Result<ConnectionProfile, ConnectionError> {
    let (path, text) = (path.to_owned(), text(path)?);
    if text.len() > MAX_PROFILE {
        let got = text.len();
        return Err(ConnectionError::TooLong { path, got });
    }
    serde_saphyr::from_str(&text).map_err(|source| ConnectionError::Form {
        path,
        source: Box::new(source),
    })
}

/// The peers of an organisation in a connection profile, and the authorities of their TLS
/// certificates.
///
/// **Errors**: no such file, another form, or no peers of this organisation.
pub(super) fn connection_profile(
    path: &Path,
    msp_id: &MspId,
) -> Result<(Vec<PeerEndpoint>, String), ConnectionError> {
    let profile = profile(path)?;
    let place = || (path.to_owned(), msp_id.clone());
    let mut orgs = profile.organizations.values();
    let Some(org) = orgs.find(|o| o.mspid == msp_id.as_str()) else {
        let (path, org) = place();
        return Err(ConnectionError::NoOrganisation { path, org });
    };
    let dir = path.parent().unwrap_or(Path::new("."));
    let (mut endpoints, mut authorities) = (Vec::new(), Vec::new());
    for name in &org.peers {
        let Some(peer) = profile.peers.get(name) else {
            let ((path, org), peer) = (place(), name.clone());
            return Err(ConnectionError::NoPeer { path, org, peer });
        };
        endpoints.push(peer.endpoint(name)?);
        let pem = peer.authorities(dir)?;
        if !authorities.contains(&pem) {
            authorities.push(pem);
        }
    }
    if endpoints.is_empty() {
        let (path, org) = place();
        return Err(ConnectionError::NoPeers { path, org });
    }
    Ok((endpoints, authorities.join("\n")))
}

/// Checks that text holds certificates.
///
/// **Errors**: it holds none, or one that is not PEM.
pub(super) fn check_authorities(pem: &str) -> Result<(), ConnectionError> {
    let mut n = 0;
    for block in x509_parser::pem::Pem::iter_from_buffer(pem.as_bytes()) {
        block.map_err(ConnectionError::TlsAuthority)?;
        n += 1;
    }
    match n {
        0 => Err(ConnectionError::NoTlsAuthority),
        _ => Ok(()),
    }
}
