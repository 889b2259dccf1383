//! Ports and processes of a network, kept in its folder so that any later command finds them.

use crate::error::{At, NetError};
use crate::layout::Layout;
use crate::process::Running;
use crate::topology::Topology;
use collections_config::MspId;
use serde::{Deserialize, Serialize};
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;

/// One organisation's processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgState {
    /// MSP id.
    pub msp_id: String,
    /// Where its peer listens.
    pub peer_port: u16,
    /// Where its peer tells how it is.
    pub operations_port: u16,
    /// Where its contract listens.
    pub chaincode_port: u16,
    /// Where its contract tells how it is.
    pub chaincode_operations_port: u16,
    /// Its peer.
    pub peer: Option<Running>,
    /// Its contract.
    pub chaincode: Option<Running>,
}

/// One orderer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrdererState {
    /// Where it listens.
    pub port: u16,
    /// Where it takes channels.
    pub admin_port: u16,
    /// Where it tells how it is.
    pub operations_port: u16,
    /// It.
    pub orderer: Option<Running>,
}

/// What runs the contract.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// The program.
    pub program: PathBuf,
    /// Package id of the deployed contract.
    pub package_id: String,
    /// Sequence of its definition.
    pub sequence: u64,
    /// SHA-256 of the consortium file, in hex.
    pub consortium: String,
    /// Whether it takes keys of a single-party set-up.
    pub allow_insecure_dev_keys: bool,
}

/// A network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetState {
    /// Channel name.
    pub channel: String,
    /// Fabric's release.
    pub fabric: String,
    /// Organisations.
    pub orgs: Vec<OrgState>,
    /// Orderers.
    pub orderers: Vec<OrdererState>,
    /// Whether everybody joined the channel: making the network came to its end.
    pub is_joined: bool,
    /// Whether a proposal whose time is far from its peers' clocks is refused.
    pub is_time_checked: bool,
    /// What runs the contract, once it is deployed.
    pub contract: Option<Contract>,
}

impl NetState {
    /// A network with ports of its own, none of which is in use now.
    ///
    /// **Errors**: the system has no ports.
    pub(crate) fn new(topology: &Topology, fabric: &str) -> Result<Self, NetError> {
        let n = topology.orgs.len() * 4 + topology.orderers * 3;
        let mut ports = free_ports(n)?.into_iter();
        let mut next = || ports.next().unwrap_or_default();
        let org = |msp: &MspId, next: &mut dyn FnMut() -> u16| OrgState {
            msp_id: msp.as_str().to_owned(),
            peer_port: next(),
            operations_port: next(),
            chaincode_port: next(),
            chaincode_operations_port: next(),
            peer: None,
            chaincode: None,
        };
        let orgs = topology.orgs.iter().map(|m| org(m, &mut next)).collect();
        let orderers = (0..topology.orderers)
            .map(|_| OrdererState { port: next(), admin_port: next(), operations_port: next(), orderer: None })
            .collect();
        Ok(NetState {
            channel: topology.channel.clone(),
            fabric: fabric.to_owned(),
            orgs,
            orderers,
            is_joined: false,
            is_time_checked: topology.is_time_checked,
            contract: None,
        })
    }

    /// Reads a network's state.
    ///
    /// **Errors**: no network there, or a file of another form.
    pub fn read(layout: &Layout) -> Result<Self, NetError> {
        let path = layout.state();
        if !path.is_file() {
            let message = format!("{} holds no network: run `medveil net up`", layout.root().display());
            return Err(NetError::Missing(message));
        }
        let text = std::fs::read_to_string(&path).at(&path)?;
        serde_json::from_str(&text).map_err(|e| NetError::Input(format!("{}: {e}", path.display())))
    }

    pub(crate) fn write(&self, layout: &Layout) -> Result<(), NetError> {
        let path = layout.state();
        let text = serde_json::to_string_pretty(self).map_err(|e| NetError::Input(e.to_string()))?;
        let partial = path.with_extension("partial");
        std::fs::write(&partial, text).at(&partial)?;
        std::fs::rename(&partial, &path).at(&path)
    }

    /// Every process with its name and the port where it listens.
    pub fn processes(&self) -> Vec<(String, Option<Running>, u16)> {
        let orderers = self.orderers.iter().enumerate().map(|(i, o)| (format!("orderer{i}"), o.orderer, o.port));
        let peers = self.orgs.iter().map(|o| (format!("peer-{}", o.msp_id), o.peer, o.peer_port));
        let contracts = self.orgs.iter().map(|o| (format!("chaincode-{}", o.msp_id), o.chaincode, o.chaincode_port));
        orderers.chain(peers).chain(contracts).collect()
    }

    pub(crate) fn msp_ids(&self) -> Result<Vec<MspId>, NetError> {
        self.orgs.iter().map(|o| MspId::new(&o.msp_id).map_err(|e| NetError::Input(e.to_string()))).collect()
    }
}

/// Ports that the system gives out now; all are held until all are known, so none is given twice.
fn free_ports(n: usize) -> Result<Vec<u16>, NetError> {
    let listener = |_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(|e| NetError::Input(format!("no free port: {e}")));
    let held = (0..n).map(listener).collect::<Result<Vec<_>, _>>()?;
    held.iter().map(|l| l.local_addr().map(|a| a.port()).map_err(|e| NetError::Input(e.to_string()))).collect()
}
