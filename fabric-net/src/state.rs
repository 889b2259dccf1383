//! Ports and processes of a network, kept in its folder so that any later command finds them.

use crate::error::{At, InputError, Missing, NetError};
use crate::install::Binaries;
use crate::layout::Layout;
use crate::ports;
use crate::process::Running;
use crate::topology::Topology;
use medveil_collections_config::MspId;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Ports and peer of one organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrgState {
    pub msp_id: String,
    /// Where everybody finds the peer.
    pub peer_port: u16,
    /// Where the peer itself listens, where a relay stands at the other port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen_port: Option<u16>,
    /// The peer's health and metrics.
    pub operations_port: u16,
    pub peer: Option<Running>,
}

/// Ports and process of one orderer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrdererState {
    /// Where everybody finds it.
    pub port: u16,
    /// Where it listens itself, where a relay stands at the other port.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listen_port: Option<u16>,
    /// Where `osnadmin` joins it to channels.
    pub admin_port: u16,
    /// Its health and metrics.
    pub operations_port: u16,
    pub orderer: Option<Running>,
}

impl OrgState {
    /// The port that the peer's own process has.
    pub fn own_port(&self) -> u16 {
        self.listen_port.unwrap_or(self.peer_port)
    }
}

impl OrdererState {
    /// The port that its own process has.
    pub fn own_port(&self) -> u16 {
        self.listen_port.unwrap_or(self.port)
    }
}

/// A contract's process of one organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    pub port: u16,
    /// Its health and metrics.
    pub operations_port: u16,
    pub process: Option<Running>,
}

/// A contract: its program, its definition on the channel, and its processes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contract {
    /// The program: the network's own copy.
    pub program: PathBuf,
    /// Its name on the channel.
    pub chaincode: String,
    pub package_id: String,
    /// Sequence of its definition.
    pub sequence: u64,
    /// SHA-256 of the consortium file, in hex.
    pub consortium: String,
    /// Whether it takes keys of a single-party set-up.
    pub allow_insecure_dev_keys: bool,
    /// A process for each organisation, in their order.
    pub services: Vec<Service>,
}

/// A network as its file `net.json` describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NetState {
    pub channel: String,
    /// The release of Fabric that it was made with.
    pub fabric: String,
    pub orgs: Vec<OrgState>,
    pub orderers: Vec<OrdererState>,
    /// Whether everybody joined the channel: making the network came to its end.
    pub is_joined: bool,
    /// Whether a proposal whose time is far from its peers' clocks is refused.
    pub is_time_checked: bool,
    /// What runs the contract that the channel knows, once it is deployed.
    pub contract: Option<Contract>,
    /// What is to replace it and was not seen committed yet: a deployment that goes on, was
    /// interrupted or failed.
    pub pending: Option<Contract>,
}

impl NetState {
    /// A network with ports of its own, none of which is in use now. A contract gets its own when
    /// it is deployed.
    ///
    /// **Errors**: the system has no ports.
    pub(crate) fn new(topology: &Topology, fabric: &str, root: &Path) -> Result<Self, InputError> {
        let n = topology.orgs.len() * 3 + topology.orderers * 4;
        let mut ports = ports::free(n, root, &[])?.into_iter();
        let mut next = || ports.next().unwrap_or_default();
        let behind = |port: u16| topology.is_relayed.then_some(port);
        let org = |msp: &MspId, next: &mut dyn FnMut() -> u16| OrgState {
            msp_id: msp.as_str().to_owned(),
            peer_port: next(),
            listen_port: behind(next()),
            operations_port: next(),
            peer: None,
        };
        let orgs = topology.orgs.iter().map(|m| org(m, &mut next)).collect();
        let orderers = (0..topology.orderers)
            .map(|_| OrdererState {
                port: next(),
                listen_port: behind(next()),
                admin_port: next(),
                operations_port: next(),
                orderer: None,
            })
            .collect();
        Ok(NetState {
            channel: topology.channel.clone(),
            fabric: fabric.to_owned(),
            orgs,
            orderers,
            is_joined: false,
            is_time_checked: topology.is_time_checked,
            contract: None,
            pending: None,
        })
    }

    /// Reads a network's state.
    ///
    /// **Errors**: no network there, or a file of another form.
    pub fn read(layout: &Layout) -> Result<Self, NetError> {
        let path = layout.state();
        if !path.is_file() {
            return Err(Missing::network(layout.root()).into());
        }
        let text = std::fs::read_to_string(&path).at(&path)?;
        serde_json::from_str(&text).map_err(|source| InputError::Damaged { path, source }.into())
    }

    /// Refuses programs of another release than the network was made with: its configuration and
    /// its ledgers are of that one.
    ///
    /// **Errors**: they are of another release.
    pub(crate) fn check_release(&self, binaries: &Binaries) -> Result<(), InputError> {
        if self.fabric == binaries.version {
            return Ok(());
        }
        let (made, got) = (self.fabric.clone(), binaries.version.clone());
        Err(InputError::AnotherRelease { made, got })
    }

    /// The contracts of which processes may run.
    pub(crate) fn contracts(&self) -> impl Iterator<Item = &Contract> {
        self.contract.iter().chain(&self.pending)
    }

    /// Every port that is given out.
    pub(crate) fn ports(&self) -> Vec<u16> {
        let orgs = self
            .orgs
            .iter()
            .flat_map(|o| [o.peer_port, o.own_port(), o.operations_port]);
        let orderers = self
            .orderers
            .iter()
            .flat_map(|o| [o.port, o.own_port(), o.admin_port, o.operations_port]);
        let services = self
            .contracts()
            .flat_map(|c| &c.services)
            .flat_map(|s| [s.port, s.operations_port]);
        orgs.chain(orderers).chain(services).collect()
    }

    /// Forgets the processes that have ended.
    pub(crate) fn forget_dead(&mut self) {
        let orgs = self.orgs.iter_mut().map(|o| &mut o.peer);
        let orderers = self.orderers.iter_mut().map(|o| &mut o.orderer);
        let services = self
            .contract
            .iter_mut()
            .chain(&mut self.pending)
            .flat_map(|c| &mut c.services)
            .map(|s| &mut s.process);
        for process in orgs.chain(orderers).chain(services) {
            *process = process.filter(|p| p.is_alive());
        }
    }

    pub(crate) fn write(&self, layout: &Layout) -> Result<(), NetError> {
        let path = layout.state();
        let text = serde_json::to_string_pretty(self).map_err(InputError::Unprintable)?;
        let partial = path.with_extension("partial");
        std::fs::write(&partial, text).at(&partial)?;
        std::fs::rename(&partial, &path).at(&path)
    }

    /// Every process with its name and the port where it listens.
    pub fn processes(&self) -> Vec<(String, Option<Running>, u16)> {
        let orderers = self
            .orderers
            .iter()
            .enumerate()
            .map(|(i, o)| (format!("orderer{i}"), o.orderer, o.port));
        let peers = self
            .orgs
            .iter()
            .map(|o| (format!("peer-{}", o.msp_id), o.peer, o.peer_port));
        let of = |kind: &'static str, contract: &Option<Contract>| -> Vec<_> {
            let services = contract
                .iter()
                .flat_map(|c| self.orgs.iter().zip(&c.services));
            services
                .map(|(o, s)| (format!("{kind}-{}", o.msp_id), s.process, s.port))
                .collect()
        };
        let contracts = of("chaincode", &self.contract)
            .into_iter()
            .chain(of("next-chaincode", &self.pending));
        orderers.chain(peers).chain(contracts).collect()
    }

    pub(crate) fn msp_ids(&self) -> Result<Vec<MspId>, InputError> {
        self.orgs
            .iter()
            .map(|o| MspId::new(&o.msp_id).map_err(InputError::from))
            .collect()
    }
}
