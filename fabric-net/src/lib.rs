//! Real Hyperledger Fabric networks on one machine: binaries, certificates, processes, chaincode
//! deployment.
//!
//! The only crate that spawns processes. Everything of a network lies under one folder and listens
//! on loopback with ports of its own, so that networks stand side by side. Fabric's own tools make
//! certificates, channels and lifecycle transactions; what is decided here is topology,
//! configuration, and when something is ready: always polled, never slept for. Sources: Fabric's
//! sample configuration and its documentation of the channel participation API, the chaincode
//! lifecycle and external builders.

mod commands;
mod config;
mod contract;
mod deploy;
mod end;
mod error;
mod held;
mod install;
mod layout;
mod lifecycle;
mod package;
mod ports;
mod process;
mod ready;
mod state;
mod topology;
mod up;

pub use commands::environment;
pub use deploy::{Deployed, Deployment};
pub use end::{clean, down};
pub use error::NetError;
pub use held::Held;
pub use install::{Binaries, FABRIC_VERSION, install};
pub use layout::Layout;
pub use package::{Package, package};
pub use process::Running;
pub use state::{Contract, NetState, OrdererState, OrgState, Service};
pub use topology::Topology;
pub use up::{Standing, leader, restart, status};

/// Tells people what is going on.
pub type Say<'a> = &'a mut dyn FnMut(&str);

/// Brings a network up: makes it where the folder holds none, starts what does not run otherwise.
///
/// **Errors**: the folder holds another network; another command works on it; a program fails;
/// something is not ready in time.
///
/// **Cost**: some seconds.
pub fn up(
    layout: &Layout,
    topology: &Topology,
    binaries: &Binaries,
    say: Say<'_>,
) -> Result<NetState, NetError> {
    Held::take(layout)?.up(topology, binaries, say)
}

/// Deploys the contract to every organisation, or upgrades it to the next sequence. The contract
/// that is deployed serves until the next one does.
///
/// **Errors**: the network is not up; another command works on it; the collections cannot replace
/// those that are deployed; a program fails. Then the contract that was deployed serves on, and the
/// next deployment goes on where this one stopped.
///
/// **Cost**: some seconds.
pub fn deploy(
    layout: &Layout,
    binaries: &Binaries,
    deployment: &Deployment<'_>,
    say: Say<'_>,
) -> Result<Deployed, NetError> {
    Held::take(layout)?.deploy(binaries, deployment, say)
}
