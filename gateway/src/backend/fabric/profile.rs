//! Where an organisation's peers are and how to know them: the part of a home that makes it a Fabric client.

use crate::error::{Context, GatewayError};
use collections_config::MspId;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The value of `format`.
pub const FORMAT: &str = "medveil-fabric-1";
const STAGE: &str = "fabric profile";

/// The organisations that this home acts for, and their peers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    format: String,
    /// Channel name.
    pub channel: String,
    /// Name of the contract on the channel.
    pub chaincode: String,
    /// Hash of the header of the channel's first block, in hex: says which network this is.
    pub genesis: String,
    /// Organisations that act here.
    pub organisations: Vec<OrgPeers>,
}

/// One organisation's peers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrgPeers {
    /// The organisation.
    pub msp_id: String,
    /// Its peers; the first that answers is used.
    pub peers: Vec<PeerEndpoint>,
    /// The authorities of their TLS certificates, PEM.
    pub tls_authority: String,
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

    /// An organisation's peers.
    pub fn org(&self, msp_id: &MspId) -> Option<&OrgPeers> {
        self.organisations.iter().find(|o| o.msp_id == msp_id.as_str())
    }

    /// Reads a profile.
    ///
    /// **Errors**: no such file, or another format.
    pub fn read(path: &Path) -> Result<Self, GatewayError> {
        let at = |e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
        let text = std::fs::read_to_string(path).map_err(|e| GatewayError::not_found(STAGE, at(&e)))?;
        let profile: Profile = serde_json::from_str(&text).map_err(|e| GatewayError::input(STAGE, at(&e)))?;
        if profile.format == FORMAT { Ok(profile) } else { Err(GatewayError::input(STAGE, at(&format!("expected format {FORMAT}")))) }
    }

    /// Its bytes.
    ///
    /// **Errors**: none in practice.
    pub fn to_json(&self) -> Result<Vec<u8>, GatewayError> {
        serde_json::to_vec_pretty(self).internal(STAGE)
    }
}
