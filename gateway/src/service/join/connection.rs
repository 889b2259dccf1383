//! Where an organisation's peers are: as a join file says, or as a common connection profile does.
//!
//! Source: the connection profiles (JSON or YAML) of Fabric's application kits: `organizations`,
//! `peers`, `tlsCACerts`, `grpcOptions`.

use super::{STAGE, text};
use crate::backend::fabric::PeerEndpoint;
use crate::error::{Context, GatewayError};
use collections_config::MspId;
use serde::Deserialize;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// Largest connection profile.
///
/// **Units**: bytes.
const MAX_PROFILE: usize = 1 << 20;

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
    fn endpoint(&self, name: &str) -> Result<PeerEndpoint, GatewayError> {
        let address = self
            .url
            .strip_prefix("grpcs://")
            .map(|a| a.trim_end_matches('/'));
        let address = address.filter(|a| {
            a.rsplit_once(':')
                .is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
        });
        let address = address.ok_or_else(|| {
            GatewayError::input(
                STAGE,
                format!(
                    "connection profile, peer {name}: expected grpcs://HOST:PORT, got {}",
                    self.url
                ),
            )
        })?;
        let option = |key: &str| {
            self.options
                .get(key)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let tls_name = option("ssl-target-name-override").or_else(|| option("hostnameOverride"));
        Ok(PeerEndpoint {
            address: address.to_owned(),
            tls_name,
        })
    }

    fn authorities(&self, dir: &Path) -> Result<String, GatewayError> {
        match &self.tls_authorities {
            TlsAuthorities::Pem(OneOrMany::One(pem)) => Ok(pem.clone()),
            TlsAuthorities::Pem(OneOrMany::Many(pems)) => Ok(pems.join("\n")),
            TlsAuthorities::Path(path) => text(&dir.join(path)),
        }
    }
}

/// The peers of an organisation in a connection profile, and the authorities of their TLS
/// certificates.
///
/// **Errors**: no such file, another form, or no peers of this organisation.
pub(super) fn connection_profile(
    path: &Path,
    msp_id: &MspId,
) -> Result<(Vec<PeerEndpoint>, String), GatewayError> {
    let text = text(path)?;
    let at = |what: &dyn std::fmt::Display| {
        GatewayError::input(STAGE, format!("{}: {what}", path.display()))
    };
    if text.len() > MAX_PROFILE {
        return Err(at(&format_args!(
            "expected at most {MAX_PROFILE} bytes, got {}",
            text.len()
        )));
    }
    let profile: ConnectionProfile = serde_saphyr::from_str(&text).map_err(|e| at(&e))?;
    let org = profile
        .organizations
        .values()
        .find(|o| o.mspid == msp_id.as_str());
    let org = org.ok_or_else(|| {
        at(&format_args!(
            "expected an organization with mspid {msp_id}"
        ))
    })?;
    let (mut endpoints, mut authorities) = (Vec::new(), Vec::new());
    for name in &org.peers {
        let peer = profile.peers.get(name).ok_or_else(|| {
            at(&format_args!(
                "expected the peer {name} that {msp_id} names"
            ))
        })?;
        endpoints.push(peer.endpoint(name)?);
        let pem = peer.authorities(path.parent().unwrap_or(Path::new(".")))?;
        if !authorities.contains(&pem) {
            authorities.push(pem);
        }
    }
    if endpoints.is_empty() {
        Err(at(&format_args!("expected peers of {msp_id}")))
    } else {
        Ok((endpoints, authorities.join("\n")))
    }
}

/// Checks that text holds certificates.
///
/// **Errors**: it holds none, or one that is not PEM.
pub(super) fn check_authorities(pem: &str) -> Result<(), GatewayError> {
    let mut n = 0;
    for block in x509_parser::pem::Pem::iter_from_buffer(pem.as_bytes()) {
        block.input("tls authority")?;
        n += 1;
    }
    if n == 0 {
        Err(GatewayError::input(
            "tls authority",
            "expected certificates in PEM, got none",
        ))
    } else {
        Ok(())
    }
}
