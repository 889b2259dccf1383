//! Real Hyperledger Fabric networks on one machine: binaries, certificates, processes, chaincode deployment.
//!
//! The only crate that spawns processes. Everything of a network lies under one folder and listens on loopback with ports of its own, so that
//! networks stand side by side. Fabric's own tools make certificates, channels and lifecycle transactions; what is decided here is topology,
//! configuration, and when something is ready: always polled, never slept for. Sources: Fabric's sample configuration and its documentation of the
//! channel participation API, the chaincode lifecycle and external builders.

mod commands;
mod config;
mod deploy;
mod error;
mod install;
mod layout;
mod lifecycle;
mod package;
mod process;
mod ready;
mod state;
mod topology;
mod up;

pub use commands::environment;
pub use deploy::{Deployed, Deployment, deploy};
pub use error::NetError;
pub use install::{Binaries, FABRIC_VERSION, install};
pub use layout::Layout;
pub use package::{Package, package};
pub use process::Running;
pub use state::{Contract, NetState, OrdererState, OrgState};
pub use topology::Topology;
pub use up::{Standing, clean, down, leader, restart, status, up};

/// Tells people what is going on.
pub type Say<'a> = &'a mut dyn FnMut(&str);
